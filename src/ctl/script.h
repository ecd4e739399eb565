/*
 * Tests as text: what docs/test-format.md says.
 *
 * Reading a script touches no other file: goldens, disks and traces are opened
 * when a test runs.
 */
#ifndef CTL_SCRIPT_H
#define CTL_SCRIPT_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ctl/steps.h"

enum { SCRIPT_MAX = 1 << 20, SCRIPT_WORDS = 64, SCRIPT_MASKS = 8, SCRIPT_LINES = 20000 };

enum script_check_kind {
    CHECK_TEXT, CHECK_REGEX, CHECK_CELL, CHECK_PIXEL, CHECK_SCREEN, CHECK_SCREENSHOT, CHECK_SNAPSHOT
};

struct script_rect {
    unsigned x, y, width, height;
};

struct script_check {
    enum script_check_kind kind;
    bool no;           /* text, regex: holds when it is not there */
    const char *text;  /* what is looked for; name of a file */
    regex_t regex;     /* of CHECK_REGEX */
    unsigned x, y;     /* pixel; cell: column and row */
    int attr;          /* cell; -1: any */
    uint32_t colour;   /* pixel */
    struct script_rect mask[SCRIPT_MASKS];
    unsigned masks;
};

/* Strings lie in the script. */
struct script_test {
    char *title; /* owned */
    unsigned line;
    /* Machine: words of a command line; a file's name is marked. */
    char **arg;     /* owned */
    bool *arg_file;   /* owned */
    unsigned args;
    struct step_list steps;
    unsigned *step_line; /* owned */
    struct script_check *check; /* owned */
    unsigned checks;
    const char *replay; /* a trace instead of steps; disks are in arg */
    bool verify;
};

struct script {
    char *path; /* owned */
    struct script_test *test; /* owned */
    unsigned tests;
    struct buf strings; /* private: char * to free */
    struct buf errors;  /* lines "FILE:LINE: what is wrong"; none: the script is good */
};

/* `text` need not end with a NUL and is not kept. */
void script_parse(struct script *s, const char *path, const void *text, size_t len);
/* -1: the file cannot be read.  Its errors are in s->errors. */
int script_read(struct script *s, const char *path, struct err *err);
void script_free(struct script *s);

/* A file named in the script, as seen from its folder; to be freed. */
char *script_file(const struct script *s, const char *name);

#endif

/*
 * Private to test*.c.
 *
 * Each test runs in a process of its own, forked before any machine exists: a
 * crash ends one test, not all.  A process tells its result through a file in
 * memory.  Tests that begin alike share the state of a machine that has that
 * beginning behind it (a boot), in such a file too.
 */
#ifndef CTL_TEST_PRIV_H
#define CTL_TEST_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "ctl/exit.h"
#include "ctl/judge.h"
#include "ctl/media.h"
#include "ctl/options.h"
#include "ctl/script.h"

enum test_outcome { TEST_PASSED, TEST_FAILED, TEST_SKIPPED };

struct test_result {
    enum test_outcome outcome;
    enum ctl_exit code;
    uint64_t vtime, wall; /* ns */
    unsigned updated;     /* goldens */
    bool shared;          /* began at a boot */
    /* NUL-terminated texts. */
    struct buf message; /* one line: why it failed or was skipped */
    struct buf detail;  /* lines: the screen, what the machine said */
    struct buf html;    /* its part of the report */
};

struct test_boot {
    unsigned steps; /* how many of them are the beginning */
    unsigned tests; /* that are still to be run */
    pid_t pid;      /* 0: not started; -1: over */
    int fd;         /* of the state; -1: there is none, each boots for itself */
};

struct test_case {
    const struct script *script;
    const struct script_test *test;
    char *name; /* owned */
    struct test_boot *boot; /* NULL: none */
    pid_t pid;              /* 0: not started */
    int fd;
    bool over;
    struct test_result result;
};

/* All of it: what was asked for, and what became of it. */
struct test_run {
    const struct options *options;
    const struct media_demo *demo;
    struct script *script; /* owned */
    unsigned scripts;
    struct test_case *test; /* owned */
    unsigned tests;
    struct test_boot *boot; /* owned */
    unsigned boots;
};

/* --- test_plan.c: which tests there are ---------------------------------- */

/* Reads FILE|DIR... of the options.  0, or the exit code; errors of scripts are told. */
enum ctl_exit test_plan(struct test_run *run, struct err *err);
void test_plan_free(struct test_run *run);

/* --- test_job.c: one test, in a process of its own ------------------------ */

/* Writes the result to `fd`; `state` is where the boot is, or -1. */
void test_job(const struct test_run *run, const struct test_case *test, int fd, int state);
/* Writes the state to `fd`; nothing when the boot does not succeed. */
void test_job_boot(const struct test_run *run, const struct test_case *test, int fd);

void test_result_write(const struct test_result *r, int fd);
/* False: the process did not come that far. */
bool test_result_read(struct test_result *r, int fd);
void test_result_free(struct test_result *r);

/* --- reports -------------------------------------------------------------- */

enum { STORY_INPUTS = 24 };

/* What a test did: for its part of the report. */
struct test_story {
    const struct test_case *test;
    const struct test_result *result;
    struct judge *judge;
    vtime *done_at;  /* of each step; VTIME_NEVER: not done, or in the boot */
    struct buf shot; /* struct test_shot */
    char *input[STORY_INPUTS]; /* the last ones, as in a trace; a ring */
    unsigned inputs;           /* all of them */
    unsigned failed; /* number of the step that failed; the number of steps: none */
};

struct test_shot {
    unsigned step;
    struct buf png;
};

void html_case(const struct test_story *story, struct buf *out);

/* Text as XML and HTML take it: what is no text becomes U+FFFD. */
void markup_add(struct buf *out, const char *text);

void junit_make(const struct test_run *run, struct buf *out);
void html_make(const struct test_run *run, struct buf *out);

#endif

/*
 * The journal as text, a trace: how its lines are made and read.
 * docs/trace-format.md is the definition.
 *
 * A trace is a header (lines "KEY VALUE", from "reprise-trace 1" to "begin"),
 * then inputs "@VTIME DEVICE EVENT ARGUMENT...", and checkpoints: "+SECTION
 * ..." lines of what changed and a line that seals all text before.  Times
 * never go back.  A last line without its newline is one that was being
 * written when the machine died: it does not count.
 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "core/clock.h"
#include "core/journal.h"

enum { TRACE_FORMAT = 1, TRACE_WORD = 24, TRACE_SEAL = 32 };

/* --- making ----------------------------------------------------------------
 * Each adds whole lines to `out`; the caller feeds them to `sum` (trace_sealed)
 * in the order in which they are written. */
void trace_put_input(struct buf *out, vtime at, const char *device, const char *event,
                     unsigned args, const struct journal_input *in);
/* `why` NULL: a checkpoint; else the end and its reason. */
void trace_put_check(struct buf *out, const struct sha256 *before, vtime at, const char *why,
                     uint64_t insns, uint64_t hash);
/* A value that may hold anything (a path), as one that has no line breaks; and back, in place. */
void trace_put_text(struct buf *out, const char *text);
bool trace_get_text(char *text);

/* --- reading --------------------------------------------------------------- */

enum trace_kind {
    TRACE_HEADER, /* device: the key; text: the value */
    TRACE_INPUT,  /* at, device, event, args, in */
    TRACE_DETAIL, /* text: the line without its + */
    TRACE_CHECK,  /* at, insns, hash */
    TRACE_FINAL,  /* the same, and why in event */
};

struct trace_line {
    enum trace_kind kind;
    unsigned number; /* from 1 */
    const char *text;
    size_t len;
    vtime at;
    char device[TRACE_WORD], event[TRACE_WORD];
    unsigned args;
    struct journal_input in; /* data lies in the reader until the next line */
    uint64_t insns, hash;
};

struct trace_reader {
    const char *text; /* not owned */
    size_t len, next;
    unsigned number;
    struct sha256 sum; /* of the lines read */
    vtime last;
    bool started;  /* past "begin" */
    bool finished; /* an end line was read */
    bool torn;     /* the last line was dropped */
    uint8_t data[JOURNAL_DATA_MAX];
};

void trace_read(struct trace_reader *r, const void *text, size_t len);
/* 1: a line; 0: the trace is at its end; -1: it is damaged. */
int trace_next(struct trace_reader *r, struct trace_line *line, struct err *err);

#endif

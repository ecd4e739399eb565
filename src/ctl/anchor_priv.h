/* Private to anchor*.c: a recording while it is seen, and what is made of it. */
#ifndef CTL_ANCHOR_PRIV_H
#define CTL_ANCHOR_PRIV_H

#include <stdbool.h>

#include "base/buf.h"
#include "core/journal.h"
#include "core/trace.h"

/* An input of the recording. */
struct anchor_event {
    vtime at;
    char device[TRACE_WORD], event[TRACE_WORD];
    int64_t arg[JOURNAL_ARGS];
    unsigned args;
    size_t data; /* bytes that no line of a test can hold */
    char *wait;  /* lines that stand before it, or NULL; owned */
};

struct anchor_events {
    struct anchor_event *event; /* owned */
    unsigned n;
};

void anchor_events_free(struct anchor_events *list);

/* Adds the lines of a test. */
void anchor_write(const struct anchor_events *list, struct buf *out);

/* "text" or 'text'; what has both kinds of quotes is cut. */
void anchor_put_quoted(struct buf *out, const char *text);

#endif

/*
 * Messages from the window's thread to the machine's, and the sleep that they
 * end.  The lock is held for the time of a copy only.
 */
#ifndef HOST_INBOX_H
#define HOST_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inbox_item {
    unsigned what; /* the two threads agree on its meaning */
    int64_t arg[3];
    void *data;    /* changes hands with the item */
    uint64_t wall; /* when it came from the host */
};

struct inbox;

struct inbox *inbox_new(void);
void inbox_free(struct inbox *in);

/* Adds an item; `merge`: an item of the same kind that still waits as the last
 * one is added up with it instead (arg[0] and arg[1]). */
void inbox_put(struct inbox *in, const struct inbox_item *item, bool merge);

/* All that waits, in order, valid until the next call. */
size_t inbox_take(struct inbox *in, const struct inbox_item **items);

/* Something waits; costs next to nothing. */
bool inbox_any(struct inbox *in);

/* Sleeps until wall_now() has reached `wall`; true: something waits. */
bool inbox_wait(struct inbox *in, uint64_t wall);

#endif

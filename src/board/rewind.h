/*
 * Back in time: points of a machine's past in memory, and the way from there to
 * any instruction by living through it again.
 *
 * Points lie 0.25 s of virtual time apart for the last two seconds, nearer for the
 * last half second where there are many instructions between them, 1 s for the last
 * minute, and ever farther apart before, within a budget of memory.  What was is
 * then lived through again with the inputs of that time, unseen: nothing goes out of
 * the machine's ports.  Whoever goes back gives up the future, but in a replay, whose
 * trace still has it.
 */
#ifndef BOARD_REWIND_H
#define BOARD_REWIND_H

#include <stddef.h>

#include "base/err.h"
#include "board/machine.h"

struct rewind;

/* `budget`: bytes that points may take.  Free it before the machine. */
struct rewind *rewind_new(struct machine *m, size_t budget);
void rewind_free(struct rewind *r);

/* When the next point is due, and the call for it, between two slices. */
vtime rewind_next_time(const struct rewind *r);
void rewind_look(struct rewind *r);
/* The same, given up for a while as soon as hurry() is true; it is asked every few
 * microseconds.  Or not now at all: the next one a spacing later. */
void rewind_try(struct rewind *r, bool (*hurry)(void *opaque), void *opaque);
void rewind_skip(struct rewind *r);

/* Back to the first instruction at or after `t`, or to where `insns` had
 * retired; farther back than the first point: -1.  From the present on this is
 * for what lies behind. */
int rewind_to_time(struct rewind *r, vtime t, struct err *err);
int rewind_to_insns(struct rewind *r, uint64_t insns, struct err *err);
/* One instruction back. */
int rewind_step(struct rewind *r, struct err *err);

vtime rewind_oldest(const struct rewind *r);
size_t rewind_points(const struct rewind *r);
size_t rewind_bytes(const struct rewind *r);

#endif

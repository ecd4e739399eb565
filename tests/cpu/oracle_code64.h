/*
 * The guest's 16- or 32-bit code as 64-bit code that means the same with flat
 * segments: cpu/oracle_long.c runs it.
 *
 * A prefix 67 makes 32-bit addresses, 66 16-bit operands; an address without a
 * base takes its SIB form, the other is relative to RIP there (SDM vol. 2,
 * 2.2.1.6).  Both sides get as many bytes: the shorter one NOPs behind, or the
 * guest a segment prefix before that changes nothing.
 */
#ifndef CPU_ORACLE_CODE64_H
#define CPU_ORACLE_CODE64_H

#include "cpu/oracle_gen.h"

/* Why 64-bit code cannot stand for it, or NULL. */
const struct exclusion *code64_excluded(const struct insn *in, bool code32);

/* All such reasons. */
const struct exclusion *code64_exclusions(unsigned *n);

/* Makes piece.host of piece.byte, both of piece.len. */
void code64_make(struct rng *r, struct piece *p, const struct stream *st, const struct model *model);

#endif

/* Pseudo-random x87 operands, special ones among them; comparison of results. */
#ifndef TESTS_X87_RANDOM_H
#define TESTS_X87_RANDOM_H

#include "cpu/f80.h"

extern uint64_t x87_seed;

uint64_t x87_next(void);

/* `around`: another operand whose exponent is to be near, or NULL. */
struct f80 x87_random(const struct f80 *around);

/* Ten bytes that are an interesting real or integer of some width. */
void x87_random_memory(uint8_t mem[10]);

bool f80_same(struct f80 a, struct f80 b);
/* Equal, or neighbours of the same sign. */
bool f80_near(struct f80 a, struct f80 b);

#endif

/* The translator's knobs, drawn from a number: no result may depend on them. */
#ifndef SUPPORT_JIT_KNOBS_H
#define SUPPORT_JIT_KNOBS_H

#include <stdio.h>

#include "jit/jit.h"

/* 0: the usual ones. */
struct jit_knobs jit_knobs_draw(unsigned seed);
void jit_knobs_print(const struct jit_knobs *knobs, FILE *to);

#endif

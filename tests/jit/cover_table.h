/*
 * Which rows of the processor's tables translated code has executed: row x form
 * (operand in a register or in memory, sizes of operand and address) x mode x
 * outcome.  A cell is expected where the translator has an
 * emitter for the row and no list says why it cannot be; a guard is expected to fail wherever a block has one.
 */
#ifndef JIT_COVER_TABLE_H
#define JIT_COVER_TABLE_H

#include <stdio.h>

#include "cpu/insn.h"
#include "jit/jit.h"

enum cover_outcome { COVER_INLINE, COVER_GUARD, COVER_OUTCOMES };

struct cover_table {
    struct {
        uint64_t count[COVER_OUTCOMES];
        bool guards;
    } cell[OP_ROWS][JIT_OPERANDS][2][JIT_MODES]; /* as struct jit_form, then the mode */
};

extern const char *const cover_mode_names[JIT_MODES];

/* All forms by number; some do not exist. */
enum { COVER_FORMS = OP_ROWS * JIT_OPERANDS * 2 };
struct jit_form cover_form(unsigned i);

/* Adds what `jit` has counted since it was made. */
void cover_table_add(struct cover_table *t, struct jit *jit);

/* A guard: wherever a block has one. */
bool cover_expected(const struct cover_table *t, struct jit_form f, enum jit_mode mode, enum cover_outcome o);
/* Is it expected and has not run, or has run although it cannot? */
bool cover_wrong(const struct cover_table *t, struct jit_form f, enum jit_mode mode, enum cover_outcome o);

struct cover_sum {
    unsigned cells, expected, wrong;
};

/* Names the cells that are wrong, one a line. */
struct cover_sum cover_check(const struct cover_table *t, FILE *to);
/* How often each has run, by outcome; `-`: it is not expected. */
void cover_table_print(const struct cover_table *t, FILE *to);
/* What cannot be, and why. */
void cover_print_absences(FILE *to);

#endif

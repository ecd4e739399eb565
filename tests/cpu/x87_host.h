/*
 * The host's own x87, for tests: one instruction on one or two operands, or on
 * a whole state.
 *
 * Only where the host is an x86-64; the program asks x87_host_present().
 */
#ifndef TESTS_X87_HOST_H
#define TESTS_X87_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/f80.h"

/* What an instruction did: ST(0) and ST(1) after it, bytes stored, status word. */
struct x87_result {
    struct f80 st0, st1;
    uint8_t mem[10];
    uint16_t sw;
};

struct x87_insn {
    const char *name;
    void (*run)(uint16_t cw, struct f80 a, struct f80 b, const uint8_t *mem, struct x87_result *r);
};

bool x87_host_present(void);

/* --- whole states -------------------------------------------------------- */

enum { X87_STATE = 108, X87_MEMORY = 128, X87_CODE_MAX = 8 };

/* FRSTOR, one instruction, FNSAVE: with EDI at the memory operand. */
struct x87_world {
    uint8_t state[X87_STATE]; /* as FNSAVE of 32-bit protected mode */
    uint8_t mem[X87_MEMORY];
    uint32_t eax, eflags; /* the arithmetic flags */
};

/* False: this host has no x87, or will not run code that is made at run time. */
bool x87_host_run(const uint8_t *code, size_t len, struct x87_world *w);

/* --- values -------------------------------------------------------------- */
const struct x87_insn *x87_host_find(const char *name);

#endif

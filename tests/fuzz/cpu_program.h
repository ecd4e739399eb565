/*
 * Programs for the processor's fuzz targets: bytes become a mode, registers and
 * code in a cpu_rig.
 */
#ifndef FUZZ_CPU_PROGRAM_H
#define FUZZ_CPU_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/cpu_rig.h"

enum { PROGRAM_RAM = 256 << 10 };

struct input {
    const uint8_t *p, *end;
};

/* Bytes past the end are 0. */
uint8_t program_take(struct input *in);
uint32_t program_take32(struct input *in);

/* Writes at most `max` bytes of code; how many it wrote. */
typedef size_t program_code(struct input *in, uint8_t *code, size_t max, bool code16);

/* What the system's rules are about: tables, modes, faults, changing code. */
program_code program_phrases;
/* What the translator has rows for: a loop of instructions that read and write flags, registers and memory. */
program_code program_loop;

/* A loop of short ones, which end in conditional jumps back, before code that asks for flags. */
program_code program_rounds;

/* As program_loop, half of it of one row of the processor's tables, which is drawn. */
program_code program_rows;

/* A loop of instructions, half of them of this form. */
struct jit_form;
size_t program_form(struct input *in, const struct jit_form *form, uint8_t *code, size_t max, bool code16);

void program_set_up(struct cpu_rig *r, struct input in, program_code *put_code);

void program_dump(const char *name, const struct cpu_rig *r);

#endif

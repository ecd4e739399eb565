/*
 * The processor as the board sees it.
 *
 * The engine runs instructions until the scheduler says stop (end of slice,
 * instruction count, sched_stop) or the processor cannot go on.
 */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bus.h"
#include "core/sched.h"
#include "core/state.h"

enum cpu_model {
    CPU_386,
    CPU_486,
    CPU_PENTIUM,
    CPU_PENTIUM_MMX,
    CPU_P2,
    CPU_MODELS,
};

struct cpu_config {
    enum cpu_model model;
    bool fpu; /* an x87: on the chip, or a 387 in the socket */
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    /* Interrupt acknowledge cycle: the vector. */
    uint8_t (*intack)(void *opaque);
    /* Triple fault: the board decides (a PC pulls RESET). May be NULL: reset. */
    void (*shutdown)(void *opaque);
    /* FERR#: an x87 error is to be reported by interrupt.  May be NULL. */
    void (*ferr_changed)(void *opaque, int level);
    void *opaque;
};

struct cpu;

struct cpu *cpu_new(const struct cpu_config *cfg);
void cpu_free(struct cpu *cpu);

/* Pins.  Taken at the next instruction boundary. */
void cpu_set_intr(struct cpu *cpu, int level);
void cpu_set_nmi(struct cpu *cpu, int level); /* an edge */
void cpu_set_a20(struct cpu *cpu, int level); /* 0: address bit 20 is forced low */
void cpu_set_ignne(struct cpu *cpu, int level); /* x87 errors do not stop x87 instructions */
void cpu_reset(struct cpu *cpu);              /* RESET/INIT before the next instruction */

enum cpu_stop {
    CPU_STOP_SCHED,  /* the scheduler said so */
    CPU_STOP_HALTED, /* HLT with interrupts off: only an input can wake it */
};

/* `jit` is accepted once the translator exists. */
enum cpu_stop cpu_run(struct cpu *cpu);

/* It has an x87. */
bool cpu_has_fpu(const struct cpu *cpu);

/* Halted in HLT, waiting for an interrupt. */
bool cpu_halted(const struct cpu *cpu);

#endif

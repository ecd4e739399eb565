/* Control transfers between segments, rings and tasks. */
#ifndef CPU_TRANSFER_H
#define CPU_TRANSFER_H

#include "cpu/segment.h"

bool transfer_jump(struct cpu *cpu, uint16_t sel, uint32_t off);
/* `width`: of what is pushed. */
bool transfer_call(struct cpu *cpu, unsigned width, uint16_t sel, uint32_t off);
bool transfer_return(struct cpu *cpu, unsigned width, uint32_t release);
bool transfer_iret(struct cpu *cpu, unsigned width);
/* INT n, with the rules for virtual-8086 mode. */
bool transfer_int(struct cpu *cpu, unsigned vector);
bool transfer_sysenter(struct cpu *cpu);
bool transfer_sysexit(struct cpu *cpu);

/* CS from a checked code descriptor; RPL becomes `cpl`. */
bool code_enter(struct cpu *cpu, uint16_t sel, struct desc *d, unsigned cpl, uint32_t eip);

/* SS:ESP for ring `dpl` from the TSS; #TS when it does not fit. */
bool tss_stack(struct cpu *cpu, unsigned dpl, uint16_t *ss, uint32_t *esp);

/*
 * A stack that is not SS yet: another ring's.  Pushes move `esp`; a push past
 * its limit is #SS with the new selector.
 */
struct new_stack {
    struct seg seg;
    uint32_t esp;
    bool user; /* privilege of its accesses */
};
bool new_stack_push(struct cpu *cpu, struct new_stack *st, unsigned width, uint32_t val);

#endif

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

/* CS, and CPL, from a checked descriptor. */
bool code_enter(struct cpu *cpu, const struct seg_image *code, struct desc *d, uint32_t eip);

/* After a return to an outer ring: data segments that it may not keep. */
static inline bool return_may_keep(const struct seg *s, unsigned cpl)
{
    return (s->attr & 3 << SEG_DPL_SHIFT) >= (int) cpl << SEG_DPL_SHIFT || !(s->attr & SEG_P)
        || (s->attr & (SEG_CODE | SEG_CONFORMING)) == (SEG_CODE | SEG_CONFORMING);
}

static inline void return_drop_segments(struct cpu *cpu)
{
    static const uint8_t segs[] = { ES, DS, FS, GS };

    for (unsigned i = 0; i < ARRAY_LEN(segs); i++)
        if (UNLIKELY(!return_may_keep(&cpu->seg[segs[i]], cpu->cpl)))
            seg_set_null(cpu, segs[i], 0);
}

/* Flags that IRET may write at this privilege. */
uint32_t iret_mask(const struct cpu *cpu, unsigned cpl, unsigned width);

/* EFLAGS bits that the handler behind an interrupt or trap gate starts without. */
static inline uint32_t gate_clears(const struct desc *gate)
{
    return FLAG_TF | FLAG_NT | FLAG_VM | FLAG_RF | (desc_type(gate) & 1 ? 0 : FLAG_IF);
}

/* Where ESP and, behind it, SS for ring `cpl` lie in a 32-bit TSS, if they can be read there. */
static inline const uint8_t *tss_stack_direct(const struct cpu *cpu, unsigned cpl)
{
    uint32_t at = cpl * 8 + 4;

    return (cpu->tr.attr & 8) && at + 5 <= cpu->tr.limit ? mem_direct(cpu->table[0][0], cpu->tr.base + at, 6) : NULL;
}

/* Reads the descriptor of the code behind a gate. */
bool gate_target(struct cpu *cpu, uint16_t sel, struct desc *code);

/*
 * A stack that is not SS yet: another ring's.  Pushes move `esp`; a push past
 * its limit is #SS with the new selector.
 */
struct new_stack {
    const struct seg_image *image;
    uint8_t *host; /* of its top, where the next `free` bytes of pushes need no check */
    unsigned free, room; /* room: what will be pushed in all */
    uint32_t esp;
    bool user; /* privilege of its accesses */
};
/* The one for ring `cpl`, by the TSS; `room` bytes are going to be pushed. */
bool new_stack_find(struct cpu *cpu, struct new_stack *st, unsigned cpl, unsigned room);
bool new_stack_push_checked(struct cpu *cpu, struct new_stack *st, unsigned width, uint32_t val);

static inline bool new_stack_push(struct cpu *cpu, struct new_stack *st, unsigned width, uint32_t val)
{
    if (UNLIKELY(st->free < width))
        return new_stack_push_checked(cpu, st, width, val);
    st->free -= width;
    st->room -= width;
    st->esp -= width;
    st->host -= width;
    store_le(st->host, width, val);
    return true;
}

/*
 * transfer_simple.c: the same in protected mode where all is plain.  False: it is not,
 * nothing has been done, and cpu->fault may have been lost.
 */

/* CS and EIP by a far jump, call or return that stays at its privilege, without a gate. */
bool code_enter_simple(struct cpu *cpu, enum seg_use use, uint16_t sel, uint32_t eip);
/* Of 32 bits: CALL by a gate, RETF, IRET, INT n. */
bool transfer_call_simple(struct cpu *cpu, uint16_t sel);
bool transfer_return_simple(struct cpu *cpu, uint32_t release);
bool transfer_iret_simple(struct cpu *cpu);
bool transfer_int_simple(struct cpu *cpu, unsigned vector);
/* cpu->fault, which stays, to its handler. */
bool transfer_fault_simple(struct cpu *cpu);
bool transfer_interrupt_simple(struct cpu *cpu, unsigned vector); /* or a trap */

#endif

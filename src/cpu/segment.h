/*
 * Descriptors and segment registers.
 */
#ifndef CPU_SEGMENT_H
#define CPU_SEGMENT_H

#include "cpu/cpu_state.h"

/* A descriptor as it lies in its table. */
struct desc {
    uint32_t lo, hi;
    uint32_t laddr; /* where it was read */
};

enum desc_type { /* system descriptors, SDM vol. 3, table 3-2 */
    DESC_TSS16 = 1,
    DESC_LDT = 2,
    DESC_TSS16_BUSY = 3,
    DESC_CALL16 = 4,
    DESC_TASK_GATE = 5,
    DESC_INT16 = 6,
    DESC_TRAP16 = 7,
    DESC_TSS32 = 9,
    DESC_TSS32_BUSY = 11,
    DESC_CALL32 = 12,
    DESC_INT32 = 14,
    DESC_TRAP32 = 15,
};

static inline unsigned desc_type(const struct desc *d)
{
    return d->hi >> 8 & 15;
}

static inline bool desc_is_system(const struct desc *d)
{
    return !(d->hi >> 12 & 1);
}

static inline unsigned desc_dpl(const struct desc *d)
{
    return d->hi >> 13 & 3;
}

static inline bool desc_present(const struct desc *d)
{
    return d->hi >> 15 & 1;
}

static inline bool desc_is_code(const struct desc *d)
{
    return (d->hi >> 11 & 3) == 3;
}

static inline bool desc_conforming(const struct desc *d)
{
    return d->hi >> 10 & 1;
}

static inline bool desc_is_writable_data(const struct desc *d)
{
    return (d->hi >> 11 & 3) == 2 && (d->hi >> 9 & 1);
}

static inline bool sel_null(uint16_t sel)
{
    return (sel & ~3) == 0;
}

/* Is the descriptor's place inside its table? */
bool desc_in_table(const struct cpu *cpu, uint16_t sel, uint32_t *laddr);

/* Reads it; outside the table: exception `vector` with the selector. */
bool desc_fetch(struct cpu *cpu, struct desc *d); /* at d->laddr */
bool desc_read(struct cpu *cpu, uint16_t sel, unsigned vector, struct desc *d);

/* The register image of a descriptor. */
static inline void seg_from_desc(struct seg *s, uint16_t sel, const struct desc *d)
{
    uint32_t limit = (d->lo & 0xffff) | (d->hi & 0x000f0000);

    s->sel = sel;
    s->base = d->lo >> 16 | (d->hi & 0xff) << 16 | (d->hi & 0xff000000);
    s->limit = d->hi >> 23 & 1 ? limit << 12 | 0xfff : limit;
    s->attr = d->hi >> 8 & 0xf0ff;
}

/* Sets the accessed bit in memory. */
bool desc_set_accessed(struct cpu *cpu, struct desc *d);

void seg_derive(struct cpu *cpu, unsigned seg);

/* Put a register in place and recompute its fast bounds.  Inline, as a copy of what has just
 * been stored in parts waits for the store. */
static inline void seg_set(struct cpu *cpu, unsigned seg, const struct seg *s)
{
    cpu->seg[seg] = *s;
    seg_derive(cpu, seg);
}

void seg_set_null(struct cpu *cpu, unsigned seg, uint16_t sel);
void seg_set_real(struct cpu *cpu, unsigned seg, uint16_t sel);
void seg_set_v86(struct cpu *cpu, unsigned seg, uint16_t sel);

/*
 * Checks a selector for SS at privilege `cpl` and makes its image; accessed bit
 * set.  Faults use `vector` (#GP for loads, #TS from a TSS), #SS if absent.
 */
bool seg_check_stack(struct cpu *cpu, uint16_t sel, unsigned cpl, unsigned vector, struct seg *out);

/* As seg_load in protected mode, if that takes no fault, no store, no device: else false, and
 * nothing is done. */
bool seg_load_simple(struct cpu *cpu, unsigned seg, uint16_t sel);

/* As seg_load for DS, ES, FS, GS in protected mode, faults by `vector` (#GP or #TS). */
bool seg_load_data(struct cpu *cpu, unsigned seg, uint16_t sel, unsigned vector);

#endif

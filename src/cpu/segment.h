/*
 * Descriptors and segment registers.
 */
#ifndef CPU_SEGMENT_H
#define CPU_SEGMENT_H

#include "cpu/cpu_state.h"
#include "cpu/mem.h"

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

/* Where a gate leads. */
static inline uint32_t gate_offset(const struct desc *gate)
{
    return desc_type(gate) & 8 ? (gate->hi & 0xffff0000) | (gate->lo & 0xffff) : gate->lo & 0xffff;
}

static inline bool sel_null(uint16_t sel)
{
    return (sel & ~3) == 0;
}

/* Is the descriptor's place inside its table? */
static inline bool desc_in_table(const struct cpu *cpu, uint16_t sel, uint32_t *laddr)
{
    uint32_t at = sel & ~7u;

    if (sel & 4) {
        *laddr = cpu->ldtr.base + at;
        return (cpu->ldtr.attr & SEG_P) && at + 7 <= cpu->ldtr.limit;
    }
    *laddr = cpu->gdt_base + at;
    return at + 7 <= cpu->gdt_limit;
}

/* Reads what lies at d->laddr, if that takes no fault and no device. */
static inline bool desc_fetch_direct(const struct cpu *cpu, struct desc *d)
{
    const uint8_t *p = mem_direct(cpu->table[0][0], d->laddr, 8);

    if (p == NULL)
        return false;
    d->lo = load_le32(p);
    d->hi = load_le32(p + 4);
    return true;
}

/* Reads one that was accessed before, if that takes no fault and no device. */
static inline bool desc_read_simple(const struct cpu *cpu, uint16_t sel, struct desc *d)
{
    return desc_in_table(cpu, sel, &d->laddr) && desc_fetch_direct(cpu, d) && (d->hi & SEG_ACCESSED << 8);
}

/* Reads it; outside the table: exception `vector` with the selector. */
bool desc_fetch(struct cpu *cpu, struct desc *d); /* at d->laddr */
bool desc_read(struct cpu *cpu, uint16_t sel, unsigned vector, struct desc *d);

/* The register a descriptor makes. */
static inline void seg_from_desc(struct seg *s, uint16_t sel, const struct desc *d)
{
    uint32_t limit = (d->lo & 0xffff) | (d->hi & 0x000f0000);

    s->sel = sel;
    s->base = d->lo >> 16 | (d->hi & 0xff) << 16 | (d->hi & 0xff000000);
    s->limit = d->hi >> 23 & 1 ? limit << 12 | 0xfff : limit;
    s->attr = d->hi >> 8 & 0xf0ff;
}

/* Sets the accessed bit in memory. */
bool desc_mark_accessed(struct cpu *cpu, struct desc *d);

static inline bool desc_set_accessed(struct cpu *cpu, struct desc *d)
{
    return LIKELY(d->hi >> 8 & 1) || desc_mark_accessed(cpu, d);
}

/* What for a descriptor is asked: by this it is checked.  Of code, the selector's RPL
 * becomes the CPL it will be executed at. */
enum seg_use {
    SEG_USE_DATA,
    SEG_USE_STACK,
    SEG_USE_DIRECT, /* JMP, CALL */
    SEG_USE_RETURN, /* RET, IRET, and to a task */
    SEG_USE_GATE,   /* the code behind one */
    SEG_USES,
};

/* What follows from a register's content: read_end and its like of struct cpu. */
struct seg_bounds {
    uint64_t read_end, write_end;
    uint32_t profile; /* enum seg_profile, of this one */
};

/* What a load makes of a descriptor. */
struct seg_image {
    struct seg seg; /* accessed */
    struct seg_bounds bounds;
    uint32_t asked; /* SEG_ASKED | use << 18 | CPL << 16 | selector; 0: this is none */
    uint32_t lo, hi; /* the descriptor */
};

#define SEG_ASKED (UINT32_C(1) << 31)

const struct seg_image *desc_check_anew(struct cpu *cpu, uint32_t asked, struct seg_image *place,
                                       const struct desc *d, unsigned vector);

/*
 * Checks a descriptor for a use at privilege `cpl`: NULL, and a fault, by `vector` (#GP, or
 * #TS from a TSS) if it is of the wrong kind.  Good until another one is checked
 * for this use.  What was checked before is known by all that the
 * answer depends on.
 */
static inline const struct seg_image *desc_check(struct cpu *cpu, enum seg_use use, unsigned cpl, uint16_t sel,
                                                const struct desc *d, unsigned vector)
{
    uint32_t asked = SEG_ASKED | (uint32_t) use << 18 | cpl << 16 | sel;
    struct seg_image *i = &cpu->images[use * SEG_IMAGES + (sel >> 3 ^ sel << 3) % SEG_IMAGES];

    if (LIKELY(i->asked == asked && i->lo == d->lo && i->hi == d->hi))
        return i;
    return desc_check_anew(cpu, asked, i, d, vector);
}

/* Reads the descriptor, accessed before, and checks it: NULL where that takes a fault or a device. */
static inline const struct seg_image *seg_check_simple(struct cpu *cpu, enum seg_use use, unsigned cpl, uint16_t sel)
{
    struct desc d;

    return sel_null(sel) || !desc_read_simple(cpu, sel, &d) ? NULL : desc_check(cpu, use, cpl, sel, &d, EXC_GP);
}

static inline void seg_put_bounds(struct cpu *cpu, unsigned seg, const struct seg_bounds *b)
{
    uint32_t profile = (cpu->profile & ~(3u << (2 * seg))) | b->profile << (2 * seg);

    cpu->read_end[seg] = b->read_end;
    cpu->write_end[seg] = b->write_end;
    if (seg == SS)
        profile = (profile & ~(uint32_t) PROFILE_BIG_STACK) | (cpu->seg[SS].attr & SEG_BIG ? PROFILE_BIG_STACK : 0);
    cpu->profile = profile;
}

static inline void seg_put(struct cpu *cpu, unsigned seg, const struct seg_image *image)
{
    cpu->seg[seg] = image->seg;
    seg_put_bounds(cpu, seg, &image->bounds);
}

void seg_derive(struct cpu *cpu, unsigned seg);

/* Put a register in place and recompute its fast bounds.  Inline, as a copy of what has just
 * been stored in parts waits for the store. */
static inline void seg_set(struct cpu *cpu, unsigned seg, const struct seg *s)
{
    cpu->seg[seg] = *s;
    seg_derive(cpu, seg);
}

void seg_set_null(struct cpu *cpu, unsigned seg, uint16_t sel);
void seg_set_all_null(struct cpu *cpu, const uint16_t *sel); /* with SEGS selectors */
/* What a load of the same selector makes right behind that of another data segment. */
void seg_copy(struct cpu *cpu, unsigned to, unsigned from);
void seg_set_real(struct cpu *cpu, unsigned seg, uint16_t sel);
void seg_set_v86(struct cpu *cpu, unsigned seg, uint16_t sel);

/* Reads and checks a descriptor for SS at privilege `cpl`; accessed bit set. */
const struct seg_image *seg_check_stack(struct cpu *cpu, uint16_t sel, unsigned cpl, unsigned vector);

/* LAR, LSL, VERR, VERW. */
enum seg_question { SEG_LAR, SEG_LSL, SEG_VERR, SEG_VERW };

/* May a program at this privilege know?  Rights or limit for those who ask for them.  False: #PF. */
bool seg_ask(struct cpu *cpu, enum seg_question q, uint16_t sel, bool *yes, uint32_t *val);

/* Does to read the descriptor take no fault and no device? */
bool desc_is_direct(const struct cpu *cpu, uint16_t sel);

/* As seg_load in protected mode, if that takes no fault, no store, no device: else false, and
 * nothing is done. */
bool seg_load_simple(struct cpu *cpu, unsigned seg, uint16_t sel);

/* As seg_load for DS, ES, FS, GS in protected mode, faults by `vector` (#GP or #TS). */
bool seg_load_data(struct cpu *cpu, unsigned seg, uint16_t sel, unsigned vector);

#endif

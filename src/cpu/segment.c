/*
 * Loading segment registers.
 *
 * Source: Intel SDM vol. 3, 3.4.5 "Segment descriptors", 5.5 and 5.6 "Privilege
 *         level checking when accessing data / loading SS", 5.8 (code), 5.10 (LAR
 *         and its like); vol. 2, MOV, POP.
 */
#include "config.h"

#include "cpu/segment.h"

#include "cpu/exec.h"

bool desc_fetch(struct cpu *cpu, struct desc *d)
{
    return desc_fetch_direct(cpu, d)
        || (sys_read(cpu, d->laddr, 4, &d->lo) && sys_read(cpu, d->laddr + 4, 4, &d->hi));
}

bool desc_read(struct cpu *cpu, uint16_t sel, unsigned vector, struct desc *d)
{
    if (!desc_in_table(cpu, sel, &d->laddr))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    return desc_fetch(cpu, d);
}

bool desc_mark_accessed(struct cpu *cpu, struct desc *d)
{
    d->hi |= 1 << 8;
    return sys_write(cpu, d->laddr + 4, 4, d->hi);
}

/* Plain expand-up segments are served by a compare with their end. */
static inline struct seg_bounds seg_bounds(const struct seg *s)
{
    bool code = s->attr & SEG_CODE, down = !code && (s->attr & SEG_EXPAND_DOWN);
    uint64_t end = (s->attr & SEG_P) && !down ? (uint64_t) s->limit + 1 : 0;
    bool readable = !code || (s->attr & SEG_READABLE), writable = !code && (s->attr & SEG_WRITABLE);
    struct seg_bounds b = { readable ? end : 0, writable ? end : 0, PROFILE_OTHER };

    if (!readable || !writable)
        return b;
    if (end == UINT64_C(1) << 32 && s->base == 0)
        b.profile = PROFILE_FLAT;
    else if (end == 0x10000 && s->base == (uint32_t) s->sel << 4)
        b.profile = PROFILE_64K;
    return b;
}

void seg_derive(struct cpu *cpu, unsigned seg)
{
    struct seg_bounds b = seg_bounds(&cpu->seg[seg]);

    seg_put_bounds(cpu, seg, &b);
}

/* Not present until the next load; the limit stays for real mode. */
void seg_set_null(struct cpu *cpu, unsigned seg, uint16_t sel)
{
    static const struct seg_bounds none = { 0, 0, PROFILE_OTHER };

    cpu->seg[seg] = (struct seg){ .sel = sel, .limit = cpu->seg[seg].limit };
    seg_put_bounds(cpu, seg, &none);
}

void seg_set_all_null(struct cpu *cpu, const uint16_t *sel)
{
    for (unsigned i = 0; i < SEGS; i++) {
        cpu->seg[i].base = 0;
        cpu->seg[i].sel = sel[i];
        cpu->seg[i].attr = 0;
        cpu->read_end[i] = cpu->write_end[i] = 0;
    }
    cpu->profile = PROFILE_OTHER;
}

void seg_copy(struct cpu *cpu, unsigned to, unsigned from)
{
    struct seg_bounds b = { cpu->read_end[from], cpu->write_end[from], cpu->profile >> (2 * from) & 3 };

    cpu->seg[to] = cpu->seg[from];
    seg_put_bounds(cpu, to, &b);
}

/*
 * Limit and rights stay as they are ("unreal" mode); CS becomes writable data
 * again, as the first far jump after leaving protected mode shows.  So does a
 * register that held a null selector: loads in real mode make it usable.
 */
void seg_set_real(struct cpu *cpu, unsigned seg, uint16_t sel)
{
    struct seg *s = &cpu->seg[seg];

    s->sel = sel;
    s->base = (uint32_t) sel << 4;
    if (seg == CS || !(s->attr & SEG_P))
        s->attr = SEG_P | SEG_S | SEG_WRITABLE | SEG_ACCESSED;
    seg_derive(cpu, seg);
}

void seg_set_v86(struct cpu *cpu, unsigned seg, uint16_t sel)
{
    seg_set(cpu, seg, &(struct seg){
        .sel = sel,
        .base = (uint32_t) sel << 4,
        .limit = 0xffff,
        .attr = SEG_P | 3 << SEG_DPL_SHIFT | SEG_S | SEG_WRITABLE | SEG_ACCESSED,
    });
}

/* --- checks --------------------------------------------------------------- */

static bool check_data(struct cpu *cpu, unsigned cpl, uint16_t sel, const struct desc *d, unsigned vector)
{
    if (desc_is_system(d) || (desc_is_code(d) && !(d->hi >> 9 & 1)))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    if (!(desc_is_code(d) && desc_conforming(d)) && ((sel & 3u) > desc_dpl(d) || cpl > desc_dpl(d)))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    return true;
}

static bool check_stack(struct cpu *cpu, unsigned cpl, uint16_t sel, const struct desc *d, unsigned vector)
{
    if ((sel & 3u) != cpl || desc_dpl(d) != cpl || !desc_is_writable_data(d))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    return true;
}

/* At the same privilege. */
static bool check_direct(struct cpu *cpu, unsigned cpl, uint16_t sel, const struct desc *d, unsigned vector)
{
    unsigned dpl = desc_dpl(d);

    if (!desc_is_code(d) || (desc_conforming(d) ? dpl > cpl : ((sel & 3u) > cpl || dpl != cpl)))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    return true;
}

static bool check_return(struct cpu *cpu, unsigned cpl, uint16_t sel, const struct desc *d, unsigned vector)
{
    unsigned rpl = sel & 3;

    if (!desc_is_code(d) || rpl < cpl || (desc_conforming(d) ? desc_dpl(d) > rpl : desc_dpl(d) != rpl))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    return true;
}

static bool check_gate(struct cpu *cpu, unsigned cpl, uint16_t sel, const struct desc *d, unsigned vector)
{
    if (!desc_is_code(d) || desc_dpl(d) > cpl)
        return cpu_fault_code(cpu, vector, sel & ~3u);
    return true;
}

/* The selector as the register shows it. */
static uint16_t use_selector(enum seg_use use, unsigned cpl, uint16_t sel, const struct desc *d)
{
    switch (use) {
    case SEG_USE_DIRECT: return (uint16_t) ((sel & ~3u) | cpl);
    case SEG_USE_GATE: return (uint16_t) ((sel & ~3u) | (desc_conforming(d) ? cpl : desc_dpl(d)));
    default: return sel;
    }
}

static bool use_check(struct cpu *cpu, enum seg_use use, unsigned cpl, uint16_t sel, const struct desc *d,
                      unsigned vector)
{
    static bool (*const checks[])(struct cpu *, unsigned, uint16_t, const struct desc *, unsigned) = {
        [SEG_USE_DATA] = check_data,     [SEG_USE_STACK] = check_stack, [SEG_USE_DIRECT] = check_direct,
        [SEG_USE_RETURN] = check_return, [SEG_USE_GATE] = check_gate,
    };

    if (!checks[use](cpu, cpl, sel, d, vector))
        return false;
    if (!desc_present(d))
        return cpu_fault_code(cpu, use == SEG_USE_STACK ? EXC_SS : EXC_NP, sel & ~3u);
    return true;
}

const struct seg_image *desc_check_anew(struct cpu *cpu, uint32_t asked, struct seg_image *place,
                                       const struct desc *d, unsigned vector)
{
    enum seg_use use = asked >> 18 & 7;
    unsigned cpl = asked >> 16 & 3;
    uint16_t sel = (uint16_t) asked;

    if (!use_check(cpu, use, cpl, sel, d, vector))
        return NULL;
    *place = (struct seg_image){ .asked = asked, .lo = d->lo, .hi = d->hi };
    seg_from_desc(&place->seg, use_selector(use, cpl, sel, d), d);
    place->seg.attr |= SEG_ACCESSED;
    place->bounds = seg_bounds(&place->seg);
    return place;
}

const struct seg_image *seg_check_stack(struct cpu *cpu, uint16_t sel, unsigned cpl, unsigned vector)
{
    const struct seg_image *i;
    struct desc d;

    if (sel_null(sel)) {
        cpu_fault_code(cpu, vector, 0);
        return NULL;
    }
    if (!desc_read(cpu, sel, vector, &d))
        return NULL;
    i = desc_check(cpu, SEG_USE_STACK, cpl, sel, &d, vector);
    return i != NULL && desc_set_accessed(cpu, &d) ? i : NULL;
}

/* --- loads ---------------------------------------------------------------- */

static bool seg_set_data(struct cpu *cpu, unsigned seg, uint16_t sel, struct desc *d, unsigned vector)
{
    const struct seg_image *i = desc_check(cpu, SEG_USE_DATA, cpu->cpl, sel, d, vector);

    if (i == NULL || !desc_set_accessed(cpu, d))
        return false;
    seg_put(cpu, seg, i);
    return true;
}

bool seg_load_data(struct cpu *cpu, unsigned seg, uint16_t sel, unsigned vector)
{
    struct desc d;

    if (sel_null(sel)) {
        seg_set_null(cpu, seg, sel);
        return true;
    }
    return desc_read(cpu, sel, vector, &d) && seg_set_data(cpu, seg, sel, &d, vector);
}

static bool seg_load_stack(struct cpu *cpu, uint16_t sel)
{
    const struct seg_image *i = seg_check_stack(cpu, sel, cpu->cpl, EXC_GP);

    if (i != NULL)
        seg_put(cpu, SS, i);
    return i != NULL;
}

bool seg_load(struct cpu *cpu, unsigned seg, uint16_t sel)
{
    if (!cpu_protected(cpu))
        seg_set_real(cpu, seg, sel);
    else if (cpu_v86(cpu))
        seg_set_v86(cpu, seg, sel);
    else
        return seg == SS ? seg_load_stack(cpu, sel) : seg_load_data(cpu, seg, sel, EXC_GP);
    return true;
}

bool desc_is_direct(const struct cpu *cpu, uint16_t sel)
{
    struct desc d;

    return sel_null(sel) || !desc_in_table(cpu, sel, &d.laddr) || desc_fetch_direct(cpu, &d);
}

FLATTEN bool seg_load_simple(struct cpu *cpu, unsigned seg, uint16_t sel)
{
    enum seg_use use = seg == SS ? SEG_USE_STACK : SEG_USE_DATA;
    const struct seg_image *i;

    if (sel_null(sel) && seg != SS) {
        seg_set_null(cpu, seg, sel);
        return true;
    }
    i = seg_check_simple(cpu, use, cpu->cpl, sel);
    if (i != NULL)
        seg_put(cpu, seg, i);
    return i != NULL;
}

/* --- questions ------------------------------------------------------------ */

static bool desc_visible(const struct cpu *cpu, uint16_t sel, const struct desc *d)
{
    if (desc_is_code(d) && desc_conforming(d))
        return true;
    return desc_dpl(d) >= cpu->cpl && desc_dpl(d) >= (sel & 3u);
}

static bool question_fits(enum seg_question q, const struct desc *d)
{
    static const uint16_t types[] = { [SEG_LAR] = 0x1a3e, [SEG_LSL] = 0x0a0e }; /* of the system's */

    if (q == SEG_LAR || q == SEG_LSL)
        return !desc_is_system(d) || types[q] >> desc_type(d) & 1;
    if (desc_is_system(d))
        return false;
    return q == SEG_VERW ? desc_is_writable_data(d) : !desc_is_code(d) || (d->hi >> 9 & 1);
}

FLATTEN bool seg_ask(struct cpu *cpu, enum seg_question q, uint16_t sel, bool *yes, uint32_t *val)
{
    struct desc d;
    struct seg s;

    *yes = !sel_null(sel) && desc_in_table(cpu, sel, &d.laddr);
    if (!*yes)
        return true;
    if (!desc_fetch(cpu, &d))
        return false;
    *yes = question_fits(q, &d) && desc_visible(cpu, sel, &d);
    seg_from_desc(&s, 0, &d);
    *val = q == SEG_LSL ? s.limit : d.hi & 0x00f0ff00;
    return true;
}

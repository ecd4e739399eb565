/*
 * Loading segment registers.
 *
 * Source: Intel SDM vol. 3, 3.4.5 "Segment descriptors", 5.5 and 5.6 "Privilege
 *         level checking when accessing data / loading SS"; vol. 2, MOV, POP.
 */
#include "config.h"

#include "cpu/segment.h"

#include "cpu/exec.h"

bool desc_in_table(const struct cpu *cpu, uint16_t sel, uint32_t *laddr)
{
    uint32_t at = sel & ~7u;

    if (sel & 4) {
        *laddr = cpu->ldtr.base + at;
        return (cpu->ldtr.attr & SEG_P) && at + 7 <= cpu->ldtr.limit;
    }
    *laddr = cpu->gdt_base + at;
    return at + 7 <= cpu->gdt_limit;
}

bool desc_fetch(struct cpu *cpu, struct desc *d)
{
    const uint8_t *p = mem_direct(cpu->table[0][0], d->laddr, 8);

    if (p != NULL) {
        d->lo = load_le32(p);
        d->hi = load_le32(p + 4);
        return true;
    }
    return sys_read(cpu, d->laddr, 4, &d->lo) && sys_read(cpu, d->laddr + 4, 4, &d->hi);
}

bool desc_read(struct cpu *cpu, uint16_t sel, unsigned vector, struct desc *d)
{
    if (!desc_in_table(cpu, sel, &d->laddr))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    return desc_fetch(cpu, d);
}

bool desc_set_accessed(struct cpu *cpu, struct desc *d)
{
    if (d->hi >> 8 & 1)
        return true;
    d->hi |= 1 << 8;
    return sys_write(cpu, d->laddr + 4, 4, d->hi);
}

static void seg_set_profile(struct cpu *cpu, unsigned seg)
{
    uint64_t end = cpu->read_end[seg];
    bool paragraph = cpu->seg[seg].base == (uint32_t) cpu->seg[seg].sel << 4;
    unsigned p = end != cpu->write_end[seg]                             ? PROFILE_OTHER
               : end == UINT64_C(1) << 32 && cpu->seg[seg].base == 0    ? PROFILE_FLAT
               : end == 0x10000 && paragraph                            ? PROFILE_64K
                                                                        : PROFILE_OTHER;

    cpu->profile = (cpu->profile & ~(3u << (2 * seg))) | p << (2 * seg);
    if (seg == SS)
        cpu->profile = (cpu->profile & ~(uint32_t) PROFILE_BIG_STACK)
                     | (cpu->seg[SS].attr & SEG_BIG ? PROFILE_BIG_STACK : 0);
}

/* Plain expand-up segments are served by a compare with their end. */
void seg_derive(struct cpu *cpu, unsigned seg)
{
    const struct seg *s = &cpu->seg[seg];
    bool code = s->attr & SEG_CODE, down = !code && (s->attr & SEG_EXPAND_DOWN);
    uint64_t end = (uint64_t) s->limit + 1;

    cpu->read_end[seg] = cpu->write_end[seg] = 0;
    if ((s->attr & SEG_P) && !down) {
        if (!code || (s->attr & SEG_READABLE))
            cpu->read_end[seg] = end;
        if (!code && (s->attr & SEG_WRITABLE))
            cpu->write_end[seg] = end;
    }
    seg_set_profile(cpu, seg);
}

/* Not present until the next load; the limit stays for real mode. */
void seg_set_null(struct cpu *cpu, unsigned seg, uint16_t sel)
{
    seg_set(cpu, seg, &(struct seg){ .sel = sel, .limit = cpu->seg[seg].limit });
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

bool seg_check_stack(struct cpu *cpu, uint16_t sel, unsigned cpl, unsigned vector, struct seg *out)
{
    struct desc d;

    if (sel_null(sel))
        return cpu_fault_code(cpu, vector, 0);
    if (!desc_read(cpu, sel, vector, &d))
        return false;
    if ((sel & 3u) != cpl || desc_dpl(&d) != cpl || !desc_is_writable_data(&d))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    if (!desc_present(&d))
        return cpu_fault_code(cpu, EXC_SS, sel & ~3u);
    if (!desc_set_accessed(cpu, &d))
        return false;
    seg_from_desc(out, sel, &d);
    return true;
}

/* A descriptor for DS, ES, FS, GS, checked. */
static bool seg_set_data(struct cpu *cpu, unsigned seg, uint16_t sel, struct desc *d, unsigned vector)
{
    struct seg s;

    if (desc_is_system(d) || (desc_is_code(d) && !(d->hi >> 9 & 1)))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    if (!(desc_is_code(d) && desc_conforming(d))
        && ((sel & 3u) > desc_dpl(d) || cpu->cpl > desc_dpl(d)))
        return cpu_fault_code(cpu, vector, sel & ~3u);
    if (!desc_present(d))
        return cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    if (!desc_set_accessed(cpu, d))
        return false;
    seg_from_desc(&s, sel, d);
    seg_set(cpu, seg, &s);
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

bool seg_load(struct cpu *cpu, unsigned seg, uint16_t sel)
{
    struct seg s;

    if (!cpu_protected(cpu)) {
        seg_set_real(cpu, seg, sel);
    } else if (cpu_v86(cpu)) {
        seg_set_v86(cpu, seg, sel);
    } else if (seg != SS) {
        return seg_load_data(cpu, seg, sel, EXC_GP);
    } else {
        if (!seg_check_stack(cpu, sel, cpu->cpl, EXC_GP, &s))
            return false;
        seg_set(cpu, SS, &s);
    }
    return true;
}

bool seg_load_simple(struct cpu *cpu, unsigned seg, uint16_t sel)
{
    struct desc d;

    if (sel_null(sel))
        return seg_load(cpu, seg, sel);
    if (!desc_in_table(cpu, sel, &d.laddr) || mem_direct(cpu->table[0][0], d.laddr, 8) == NULL)
        return false;
    if (!desc_fetch(cpu, &d) || !(d.hi & SEG_ACCESSED << 8))
        return false;
    return seg == SS ? seg_load(cpu, SS, sel) : seg_set_data(cpu, seg, sel, &d, EXC_GP);
}

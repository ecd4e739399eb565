/*
 * Hardware task switches, 16- and 32-bit.
 *
 * Source: Intel SDM vol. 3, 7.2 (layouts) and 7.3 "Task switching", tables 7-1
 *         and 7-2 for the order of steps and what faults in which task.
 */
#include "config.h"

#include "cpu/exec.h"
#include "cpu/transfer.h"

/* Offsets in the two forms; registers and segments lie in a row. */
struct tss_layout {
    unsigned width, min_limit;
    unsigned eip, eflags, regs, segs, nsegs, ldt;
};

static const struct tss_layout tss32 = { 4, 103, 0x20, 0x24, 0x28, 0x48, 6, 0x60 };
static const struct tss_layout tss16 = { 2, 43, 0x0e, 0x10, 0x12, 0x22, 4, 0x2a };

enum { TSS_CR3 = 0x1c, TSS_TRAP = 0x64 };

static const struct tss_layout *tss_layout(unsigned type)
{
    return type & 8 ? &tss32 : &tss16;
}

/* The image read from the new TSS before anything is committed. */
struct task {
    uint32_t cr3, eip, eflags, reg[8], trap;
    uint16_t seg[SEGS], ldt;
};

/* A TSS in memory; `direct`: where it lies, if that is one place. */
struct tss {
    struct cpu *cpu;
    uint32_t base;
    uint8_t *direct;
};

static struct tss tss_at(struct cpu *cpu, uint32_t base, const struct tss_layout *l, bool write)
{
    return (struct tss){ cpu, base, mem_direct(cpu->table[0][write], base, l->min_limit + 1) };
}

static inline bool tss_get(const struct tss *tss, uint32_t at, unsigned size, uint32_t *val)
{
    if (tss->direct == NULL)
        return sys_read(tss->cpu, tss->base + at, size, val);
    *val = load_le(tss->direct + at, size);
    return true;
}

static inline bool tss_put(const struct tss *tss, uint32_t at, unsigned size, uint32_t val)
{
    if (tss->direct == NULL)
        return sys_write(tss->cpu, tss->base + at, size, val);
    store_le(tss->direct + at, size, val);
    return true;
}

/* This and task_save_form() are compiled for each layout: it is known then. */
static inline bool task_read_form(struct cpu *cpu, uint32_t base, const struct tss_layout *l, struct task *t)
{
    struct tss tss = tss_at(cpu, base, l, false);
    uint32_t v;

    *t = (struct task){ 0 };
    if (!tss_get(&tss, l->eip, l->width, &t->eip) || !tss_get(&tss, l->eflags, l->width, &t->eflags))
        return false;
    for (unsigned i = 0; i < 8; i++) {
        if (!tss_get(&tss, l->regs + i * l->width, l->width, &t->reg[i]))
            return false;
        if (l->width == 2)
            t->reg[i] |= 0xffff0000; /* as the 386 leaves them */
    }
    for (unsigned i = 0; i < l->nsegs; i++) {
        if (!tss_get(&tss, l->segs + i * l->width, 2, &v))
            return false;
        t->seg[i] = (uint16_t) v;
    }
    if (!tss_get(&tss, l->ldt, 2, &v))
        return false;
    t->ldt = (uint16_t) v;
    return l->width == 2 || (tss_get(&tss, TSS_CR3, 4, &t->cr3) && tss_get(&tss, TSS_TRAP, 2, &t->trap));
}

static bool task_read(struct cpu *cpu, uint32_t base, const struct tss_layout *l, struct task *t)
{
    return l == &tss32 ? task_read_form(cpu, base, &tss32, t) : task_read_form(cpu, base, &tss16, t);
}

/* Both TSSs are reachable before the first byte is written. */
static bool task_probe(struct cpu *cpu, const struct seg *new_tss, enum task_reason why)
{
    const struct tss_layout *ol = tss_layout(cpu->tr.attr), *nl = tss_layout(new_tss->attr);
    bool link = why == TASK_CALL || why == TASK_INT; /* is written there */

    return (tss_at(cpu, cpu->tr.base, ol, true).direct != NULL
            || mem_probe_linear(cpu, cpu->tr.base, ol->min_limit + 1, false, true))
        && (tss_at(cpu, new_tss->base, nl, link).direct != NULL
            || mem_probe_linear(cpu, new_tss->base, nl->min_limit + 1, false, link));
}

static inline bool task_save_form(struct cpu *cpu, const struct tss_layout *l, uint32_t eflags)
{
    struct tss tss = tss_at(cpu, cpu->tr.base, l, true);
    bool ok = tss_put(&tss, l->eip, l->width, cpu->eip) && tss_put(&tss, l->eflags, l->width, eflags);

    for (unsigned i = 0; ok && i < 8; i++)
        ok = tss_put(&tss, l->regs + i * l->width, l->width, cpu->gpr[i]);
    for (unsigned i = 0; ok && i < l->nsegs; i++)
        ok = tss_put(&tss, l->segs + i * l->width, 2, cpu->seg[i].sel);
    return ok;
}

static bool task_save(struct cpu *cpu, const struct tss_layout *l, uint32_t eflags)
{
    return l == &tss32 ? task_save_form(cpu, &tss32, eflags) : task_save_form(cpu, &tss16, eflags);
}

static bool task_set_busy(struct cpu *cpu, uint16_t sel, bool busy)
{
    uint32_t at = cpu->gdt_base + (sel & ~7u) + 4, hi;

    return sys_read(cpu, at, 4, &hi) && sys_write(cpu, at, 4, busy ? hi | 1 << 9 : hi & ~(1u << 9));
}

static bool task_load_ldt(struct cpu *cpu, uint16_t sel)
{
    struct desc d;

    cpu->ldtr = (struct seg){ .sel = sel };
    if (sel_null(sel))
        return true;
    if (sel & 4)
        return cpu_fault_code(cpu, EXC_TS, sel & ~3u);
    if (!desc_read(cpu, sel, EXC_TS, &d))
        return false;
    if (!desc_is_system(&d) || desc_type(&d) != DESC_LDT || !desc_present(&d))
        return cpu_fault_code(cpu, EXC_TS, sel & ~3u);
    seg_from_desc(&cpu->ldtr, sel, &d);
    return true;
}

/* CPL is the selector's RPL by now. */
static bool task_load_cs(struct cpu *cpu, uint16_t sel)
{
    const struct seg_image *code;
    struct desc d;

    if (sel_null(sel))
        return cpu_fault_code(cpu, EXC_TS, 0);
    if (!desc_read(cpu, sel, EXC_TS, &d))
        return false;
    code = desc_check(cpu, SEG_USE_RETURN, cpu->cpl, sel, &d, EXC_TS);
    if (code == NULL || !desc_set_accessed(cpu, &d))
        return false;
    seg_put(cpu, CS, code);
    return true;
}

static bool task_load_segments(struct cpu *cpu, const struct task *t)
{
    static const uint8_t data[] = { DS, ES, FS, GS };
    const struct seg_image *ss;

    if (cpu_v86(cpu)) {
        for (unsigned i = 0; i < SEGS; i++)
            seg_set_v86(cpu, i, t->seg[i]);
        cpu_set_cpl(cpu, 3);
        return task_load_ldt(cpu, t->ldt);
    }
    seg_set_all_null(cpu, t->seg);
    cpu_set_cpl(cpu, t->seg[CS] & 3);
    if (!task_load_ldt(cpu, t->ldt) || !task_load_cs(cpu, t->seg[CS]))
        return false;
    ss = seg_check_stack(cpu, t->seg[SS], cpu->cpl, EXC_TS);
    if (ss == NULL)
        return false;
    seg_put(cpu, SS, ss);
    for (unsigned i = 0; i < ARRAY_LEN(data); i++) {
        uint16_t sel = t->seg[data[i]];

        if (i != 0 && sel == t->seg[data[i - 1]] && !sel_null(sel))
            seg_copy(cpu, data[i], data[i - 1]);
        else if (!seg_load_data(cpu, data[i], sel, EXC_TS))
            return false;
    }
    return true;
}

/* What is done in the old task's name: memory only, no register yet. */
static bool task_leave(struct cpu *cpu, uint16_t sel, const struct seg *tss, enum task_reason why)
{
    uint32_t eflags = cpu_read_eflags(cpu);
    bool nested = why == TASK_CALL || why == TASK_INT;

    if (why == TASK_IRET)
        eflags &= ~(uint32_t) FLAG_NT;
    if (!nested && !task_set_busy(cpu, cpu->tr.sel, false))
        return false;
    if (!task_save(cpu, tss_layout(cpu->tr.attr & 15), eflags))
        return false;
    if (nested && !sys_write(cpu, tss->base, 2, cpu->tr.sel))
        return false;
    return why == TASK_IRET || task_set_busy(cpu, sel, true);
}

/* Registers of the new task; from here on faults are its own. */
static void task_commit(struct cpu *cpu, const struct seg *tss, const struct task *t, enum task_reason why)
{
    bool wide = tss->attr & 8;
    uint32_t eflags = t->eflags | (why == TASK_CALL || why == TASK_INT ? FLAG_NT : 0);

    cpu->tr = *tss;
    cpu->tr.attr |= 2; /* busy */
    cpu->cr0 |= CR0_TS;
    if (wide && (cpu->cr0 & CR0_PG) && cpu->cr3 != (t->cr3 & CR3_BITS)) {
        paging_switch(cpu, t->cr3);
        cpu->cr3 = t->cr3 & CR3_BITS;
    }
    cpu->dr[7] &= ~0x155u; /* local breakpoints and LE */
    cpu->eip = t->eip;
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[i] = t->reg[i];
    cpu_write_eflags(cpu, eflags, wide ? UINT32_MAX : UINT16_MAX | FLAG_VM);
}

static bool task_enter(struct cpu *cpu, const struct task *t, unsigned width, bool has_code, uint32_t code)
{
    if (!task_load_segments(cpu, t))
        return false;
    if (has_code && !stack_push(cpu, width, code))
        return false;
    if (cpu->eip > cpu->seg[CS].limit)
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (t->trap & 1) {
        cpu->dr6_pending |= DR6_BT;
        cpu->attention |= ATTN_TRAP;
        sched_kick(cpu->sched);
    }
    return true;
}

FLATTEN bool task_switch(struct cpu *cpu, uint16_t sel, uint32_t lo, uint32_t hi, enum task_reason why,
                 bool has_code, uint32_t code)
{
    struct desc d = { .lo = lo, .hi = hi };
    const struct tss_layout *nl, *ol = tss_layout(cpu->tr.attr & 15);
    struct seg tss;
    struct task t;

    seg_from_desc(&tss, sel, &d);
    nl = tss_layout(tss.attr & 15);
    if (tss.limit < nl->min_limit || cpu->tr.limit < ol->min_limit)
        return cpu_fault_code(cpu, EXC_TS, sel & ~3u);
    /* Saved before the new one is read: the two may share their memory. */
    if (!task_probe(cpu, &tss, why) || !task_leave(cpu, sel, &tss, why) || !task_read(cpu, tss.base, nl, &t))
        return false;
    task_commit(cpu, &tss, &t, why);
    if (task_enter(cpu, &t, nl->width, has_code, code))
        return true;
    cpu->fault.committed = true;
    return false;
}

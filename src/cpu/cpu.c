/*
 * The processor as a whole: construction, reset, pins, saved state.
 *
 * Source: Intel SDM vol. 3, 9.1 "Initialization overview", table 9-1.
 * Absent: SMM; PAE; machine checks; IBTS/XBTS of the first 386 stepping.
 */
#include "config.h"

#include "cpu/cpu.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cpu/engine.h"
#include "cpu/exec.h"
#include "cpu/fpu.h"
#include "cpu/model.h"
#include "cpu/segment.h"
#include "cpu/trace.h"

static const struct state_field seg_fields[] = {
    STATE_UINT(struct seg, base),
    STATE_UINT(struct seg, limit),
    STATE_UINT(struct seg, sel),
    STATE_UINT(struct seg, attr),
    STATE_END_ALL(struct seg),
};

static const struct state_field fpu_fields[] = {
    STATE_UINTS(struct fpu, sig),
    STATE_UINTS(struct fpu, se),
    STATE_UINT(struct fpu, fip),
    STATE_UINT(struct fpu, fdp),
    STATE_UINT(struct fpu, sw),
    STATE_UINT(struct fpu, fcs),
    STATE_UINT(struct fpu, fds),
    STATE_UINT(struct fpu, fop),
    STATE_UINT(struct fpu, cw),
    STATE_UINT(struct fpu, top),
    STATE_UINT(struct fpu, used),
    STATE_UINT(struct fpu, ferr),
    STATE_UINT(struct fpu, ignne),
    STATE_END_ALL(struct fpu),
};

const struct state_field cpu_fields[] = {
    STATE_UINT(struct cpu, tsc_offset),
    STATE_UINTS(struct cpu, gpr),
    STATE_UINT(struct cpu, eip),
    STATE_UINT(struct cpu, eflags),
    STATE_STRUCTS(struct cpu, seg, seg_fields),
    STATE_STRUCT(struct cpu, ldtr, seg_fields),
    STATE_STRUCT(struct cpu, tr, seg_fields),
    STATE_UINT(struct cpu, cr0),
    STATE_UINT(struct cpu, cr2),
    STATE_UINT(struct cpu, cr3),
    STATE_UINT(struct cpu, cr4),
    STATE_UINTS(struct cpu, dr),
    STATE_UINT(struct cpu, gdt_base),
    STATE_UINT(struct cpu, idt_base),
    STATE_UINT(struct cpu, dr6_pending),
    STATE_STRUCT(struct cpu, fpu, fpu_fields),
    STATE_UINT(struct cpu, sysenter_cs),
    STATE_UINT(struct cpu, sysenter_esp),
    STATE_UINT(struct cpu, sysenter_eip),
    STATE_UINT(struct cpu, kept_laddr),
    STATE_UINT(struct cpu, kept_addr),
    STATE_UINT(struct cpu, gdt_limit),
    STATE_UINT(struct cpu, idt_limit),
    STATE_UINT(struct cpu, attention),
    STATE_UINT(struct cpu, cpl),
    STATE_UINT(struct cpu, halted),
    STATE_UINT(struct cpu, a20),
    STATE_UINT(struct cpu, nmi_level),
    STATE_END(struct cpu, reserved),
};

/* --- derived state ------------------------------------------------------- */

void cpu_mode_changed(struct cpu *cpu)
{
    cpu->a20_mask = cpu->a20 ? UINT32_MAX : ~(1u << 20);
    paging_select(cpu);
}

void cpu_set_cpl(struct cpu *cpu, unsigned cpl)
{
    cpu->cpl = (uint8_t) cpl;
    paging_select(cpu);
}

uint32_t cpu_read_eflags(const struct cpu *cpu)
{
    return (cpu->eflags & ~(uint32_t) FLAG_ARITH) | flags_get(cpu) | 2;
}

void cpu_write_eflags(struct cpu *cpu, uint32_t val, uint32_t mask)
{
    uint32_t old = cpu->eflags, now;

    mask &= cpu->model->eflags;
    now = (old & ~mask) | (val & mask) | 2;
    cpu->eflags = now;
    if (mask & FLAG_ARITH)
        flags_set(cpu, (flags_get(cpu) & ~mask) | (val & mask));
    if ((old ^ now) & (FLAG_AC | FLAG_VM))
        paging_select(cpu);
    /* TF and RF: every writer ends its run, and the engine then looks. */
    if ((now & FLAG_IF) && cpu->attention != 0)
        sched_kick(cpu->sched);
}

/* Before the state is read: the lazy flags go to their place. */
static void cpu_settle(void *obj)
{
    struct cpu *cpu = obj;

    cpu->eflags = cpu_read_eflags(cpu);
}

static void cpu_loaded(void *obj)
{
    struct cpu *cpu = obj;

    cpu->gpr[8] = 0;
    cpu->cpl &= 3;
    cpu->eflags |= 2; /* as it always is */
    flags_set(cpu, cpu->eflags);
    fpu_loaded(cpu);
    for (unsigned i = 0; i < SEGS; i++)
        seg_derive(cpu, i);
    if (!(cpu->attention & ATTN_KEPT_PAGE))
        paging_release_code(cpu);
    cpu->kept_addr &= ~(PAGE_SIZE - 1u);
    cpu->code_addr = (uint32_t) NOT_EXECUTING;
    paging_forget(cpu);
    trace_flush(cpu);
    cpu_mode_changed(cpu);
}

/* --- construction -------------------------------------------------------- */

/* SDM vol. 3, table 9-1; what RESET leaves alone is set at power-on. */
void cpu_do_reset(struct cpu *cpu)
{
    static const struct seg real = { .limit = 0xffff, .attr = SEG_P | SEG_S | SEG_WRITABLE | SEG_ACCESSED };

    memset(cpu->gpr, 0, sizeof cpu->gpr);
    memset(cpu->dr, 0, sizeof cpu->dr);
    cpu->gpr[EDX] = cpu->model->signature;
    cpu->eip = 0xfff0;
    cpu->eflags = 2;
    flags_set(cpu, 2);
    for (unsigned i = 0; i < SEGS; i++)
        cpu->seg[i] = real;
    cpu->seg[CS].sel = 0xf000;
    cpu->seg[CS].base = 0xffff0000;
    cpu->ldtr = (struct seg){ .limit = 0xffff, .attr = SEG_P | 2 };
    cpu->tr = (struct seg){ .limit = 0xffff, .attr = SEG_P | 11 };
    cpu->cr0 = (model_at_least(cpu, CPU_486) ? CR0_CD | CR0_NW | CR0_ET : 0) | (cpu->has_fpu ? CR0_ET : 0);
    cpu->cr2 = cpu->cr3 = cpu->cr4 = 0;
    cpu->dr[6] = DR6_FIXED;
    cpu->dr[7] = 0x400;
    cpu->gdt_base = cpu->idt_base = 0;
    cpu->gdt_limit = 0xffff;
    cpu->idt_limit = 0x3ff;
    cpu->dr6_pending = 0;
    fpu_reset(cpu);
    cpu->attention &= ATTN_INTR;
    cpu->code_addr = (uint32_t) NOT_EXECUTING;
    cpu->cpl = 0;
    cpu->halted = 0;
    for (unsigned i = 0; i < SEGS; i++)
        seg_derive(cpu, i);
    paging_flush(cpu);
    cpu_mode_changed(cpu);
}

struct cpu *cpu_new(const struct cpu_config *cfg)
{
    struct cpu *cpu = xcalloc(1, sizeof *cpu);

    cpu->model = &cpu_model_table[cfg->model];
    cpu->sched = cfg->sched;
    cpu->bus = cfg->bus;
    cpu->has_fpu = cfg->fpu;
    cpu->intack = cfg->intack;
    cpu->ferr_changed = cfg->ferr_changed;
    cpu->shutdown = cfg->shutdown;
    cpu->opaque = cfg->opaque;
    cpu->a20 = 1;
    paging_init(cpu);
    trace_init(cpu);
    cpu->images = xcalloc(SEG_USES * SEG_IMAGES, sizeof *cpu->images);
    engine_init(cpu);
    cpu_do_reset(cpu);
    cfg->bus->listener = (struct bus_listener){ engine_written, engine_remapped, cpu };
    state_register(cfg->state, "cpu", 2, cpu_fields, cpu);
    state_hooks(cfg->state, cpu_settle, cpu_loaded, cpu);
    return cpu;
}

void cpu_free(struct cpu *cpu)
{
    if (cpu == NULL)
        return;
    trace_free(cpu);
    engine_free(cpu);
    free(cpu->images);
    paging_free(cpu);
    free(cpu);
}

/* --- pins ---------------------------------------------------------------- */

static void cpu_attention(struct cpu *cpu, unsigned bit)
{
    cpu->attention |= (uint16_t) bit;
    sched_kick(cpu->sched);
}

void cpu_set_intr(struct cpu *cpu, int level)
{
    if (level)
        cpu_attention(cpu, ATTN_INTR);
    else
        cpu->attention &= (uint16_t) ~ATTN_INTR;
}

void cpu_set_nmi(struct cpu *cpu, int level)
{
    if (level && !cpu->nmi_level)
        cpu_attention(cpu, ATTN_NMI);
    cpu->nmi_level = level != 0;
}

void cpu_set_a20(struct cpu *cpu, int level)
{
    if (cpu->a20 == (level != 0))
        return;
    cpu->a20 = level != 0;
    paging_flush(cpu);
    cpu_mode_changed(cpu);
    /* The bytes at EIP may be others now. */
    sched_kick(cpu->sched);
}

void cpu_set_ignne(struct cpu *cpu, int level)
{
    cpu->fpu.ignne = level != 0;
}

void cpu_reset(struct cpu *cpu)
{
    cpu_attention(cpu, ATTN_RESET);
}

bool cpu_has_fpu(const struct cpu *cpu)
{
    return cpu->has_fpu;
}

bool cpu_halted(const struct cpu *cpu)
{
    return cpu->halted;
}

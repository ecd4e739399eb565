/*
 * System instructions: tables, control and debug registers, identification.
 *
 * Source: Intel SDM vol. 2, each instruction; vol. 3, 2.5 (control registers),
 *         17.2 (debug registers); 386 LOADALL from measured parts.
 * Absent: the 386's and 486's test registers hold no state (MOV TR reads 0);
 *         nor do the model-specific registers of msr_quiet().
 */
#include "config.h"

#include "cpu/exec.h"
#include "cpu/fpu.h"
#include "cpu/model.h"
#include "cpu/segment.h"

bool priv_check(struct cpu *cpu, const struct insn *in)
{
    if ((in->row->traits & T_PROT) && !cpu_selectors(cpu))
        return cpu_fault(cpu, EXC_UD);
    if ((in->row->traits & T_PRIV) && cpu->cpl != 0)
        return cpu_fault_code(cpu, EXC_GP, 0);
    return true;
}

static enum op_exit fault_gp(struct cpu *cpu)
{
    cpu_fault_code(cpu, EXC_GP, 0);
    return OP_FAULT;
}

OP_FN(op_hlt)
{
    if (!priv_check(cpu, in))
        return OP_FAULT;
    cpu->halted = 1;
    sched_kick(cpu->sched);
    return OP_JUMP;
}

/* --- descriptor table registers ------------------------------------------ */

static bool table_load(struct cpu *cpu, const struct insn *in, uint32_t *base, uint16_t *limit)
{
    uint32_t ea = insn_ea(cpu, in), l, b;

    if (!priv_check(cpu, in) || !mem_read(cpu, in->seg, ea, 2, &l)
        || !mem_read(cpu, in->seg, (ea + 2) & in->ea_mask, 4, &b))
        return false;
    *limit = (uint16_t) l;
    *base = in->width == 2 ? b & 0xffffff : b;
    return true;
}

OP_FN(op_lgdt)
{
    return table_load(cpu, in, &cpu->gdt_base, &cpu->gdt_limit) ? OP_NEXT : OP_FAULT;
}

OP_FN(op_lidt)
{
    return table_load(cpu, in, &cpu->idt_base, &cpu->idt_limit) ? OP_NEXT : OP_FAULT;
}

static enum op_exit table_store(struct cpu *cpu, const struct insn *in, uint32_t base, uint16_t limit)
{
    uint32_t ea = insn_ea(cpu, in);

    if (in->width == 2)
        base &= 0xffffff;
    if (!mem_probe_write(cpu, in->seg, (ea + 2) & in->ea_mask, 4) || !mem_write(cpu, in->seg, ea, 2, limit)
        || !mem_write(cpu, in->seg, (ea + 2) & in->ea_mask, 4, base))
        return OP_FAULT;
    return OP_NEXT;
}

OP_FN(op_sgdt)
{
    return table_store(cpu, in, cpu->gdt_base, cpu->gdt_limit);
}

OP_FN(op_sidt)
{
    return table_store(cpu, in, cpu->idt_base, cpu->idt_limit);
}

OP_FN(op_lldt)
{
    uint32_t sel;
    struct desc d;

    if (!priv_check(cpu, in) || !opnd_load(cpu, in, &in->dst, &sel))
        return OP_FAULT;
    if (sel_null((uint16_t) sel)) {
        cpu->ldtr = (struct seg){ .sel = (uint16_t) sel };
        return OP_NEXT;
    }
    if (sel & 4)
        cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    else if (!desc_read(cpu, (uint16_t) sel, EXC_GP, &d))
        return OP_FAULT;
    else if (!desc_is_system(&d) || desc_type(&d) != DESC_LDT)
        cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    else if (!desc_present(&d))
        cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    else {
        seg_from_desc(&cpu->ldtr, (uint16_t) sel, &d);
        return OP_NEXT;
    }
    return OP_FAULT;
}

OP_FN(op_ltr)
{
    uint32_t sel;
    struct desc d;

    if (!priv_check(cpu, in) || !opnd_load(cpu, in, &in->dst, &sel))
        return OP_FAULT;
    if (sel_null((uint16_t) sel))
        return fault_gp(cpu);
    if (sel & 4)
        cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    else if (!desc_read(cpu, (uint16_t) sel, EXC_GP, &d))
        return OP_FAULT;
    else if (!desc_is_system(&d) || (desc_type(&d) != DESC_TSS16 && desc_type(&d) != DESC_TSS32))
        cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    else if (!desc_present(&d))
        cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    else if (sys_write(cpu, d.laddr + 4, 4, d.hi | 1 << 9)) {
        seg_from_desc(&cpu->tr, (uint16_t) sel, &d);
        cpu->tr.attr |= 2; /* busy */
        return OP_NEXT;
    }
    return OP_FAULT;
}

OP_FN(op_sldt)
{
    return priv_check(cpu, in) && opnd_store(cpu, in, &in->dst, cpu->ldtr.sel) ? OP_NEXT : OP_FAULT;
}

OP_FN(op_str)
{
    return priv_check(cpu, in) && opnd_store(cpu, in, &in->dst, cpu->tr.sel) ? OP_NEXT : OP_FAULT;
}

/* --- control registers --------------------------------------------------- */

static void cr0_write(struct cpu *cpu, uint32_t val)
{
    uint32_t old = cpu->cr0, fixed = cpu->has_fpu || model_at_least(cpu, CPU_486) ? CR0_ET : 0;

    cpu->cr0 = (val & cpu->model->cr0) | fixed;
    if ((old ^ cpu->cr0) & (CR0_PG | CR0_PE | CR0_WP))
        paging_flush(cpu);
    cpu_mode_changed(cpu);
    fpu_drive_ferr(cpu); /* NE decides */
}

OP_FN(op_smsw)
{
    return opnd_store(cpu, in, &in->dst, cpu->cr0) ? OP_NEXT : OP_FAULT;
}

/* PE can be set but not cleared. */
OP_FN(op_lmsw)
{
    uint32_t v;

    if (!priv_check(cpu, in) || !opnd_load(cpu, in, &in->dst, &v))
        return OP_FAULT;
    cr0_write(cpu, (cpu->cr0 & ~0xeu) | (v & 0xf));
    return OP_JUMP;
}

OP_FN(op_clts)
{
    if (!priv_check(cpu, in))
        return OP_FAULT;
    cpu->cr0 &= ~CR0_TS;
    return OP_NEXT;
}

OP_FN(op_invd)
{
    return priv_check(cpu, in) ? OP_NEXT : OP_FAULT;
}

/* Translations follow the tables, but for the page that the code is in. */
OP_FN(op_invlpg)
{
    if (!priv_check(cpu, in))
        return OP_FAULT;
    paging_release_code(cpu);
    return OP_JUMP; /* the next run says anew where its code is */
}

OP_FN(op_mov_from_cr)
{
    static const uint8_t known = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4;
    unsigned n = in->src.reg;
    uint32_t v = n == 0 ? cpu->cr0 : n == 2 ? cpu->cr2 : n == 3 ? cpu->cr3 : cpu->cr4;

    if (!(known >> n & 1) || (n == 4 && !model_at_least(cpu, CPU_PENTIUM)))
        return op_ud(cpu, in);
    if (!priv_check(cpu, in))
        return OP_FAULT;
    reg_set(cpu, in->dst.off, 4, v);
    return OP_NEXT;
}

static enum op_exit cr4_write(struct cpu *cpu, uint32_t val)
{
    if (val & ~cpu->model->cr4)
        return fault_gp(cpu);
    if ((cpu->cr4 ^ val) & (CR4_PSE | CR4_PGE))
        paging_flush(cpu);
    cpu->cr4 = val;
    return OP_JUMP;
}

OP_FN(op_mov_to_cr)
{
    uint32_t v = reg_get(cpu, in->src.off, 4);
    unsigned n = in->dst.reg;

    if (n == 1 || n > 4 || (n == 4 && !model_at_least(cpu, CPU_PENTIUM)))
        return op_ud(cpu, in);
    if (!priv_check(cpu, in))
        return OP_FAULT;
    if (n == 4)
        return cr4_write(cpu, v);
    if (n == 0) {
        if ((v & (CR0_PG | CR0_PE)) == CR0_PG
            || (model_at_least(cpu, CPU_486) && (v & (CR0_NW | CR0_CD)) == CR0_NW))
            return fault_gp(cpu);
        cr0_write(cpu, v);
    } else if (n == 2) {
        cpu->cr2 = v;
    } else {
        paging_release_code(cpu);
        if ((cpu->cr0 & CR0_PG) && (cpu->cr3 ^ v) & 0xfffff000)
            paging_switch(cpu, v);
        cpu->cr3 = v & CR3_BITS;
    }
    return OP_JUMP;
}

/* --- debug and test registers -------------------------------------------- */

/* DR4 and DR5 are DR6 and DR7 unless CR4.DE; DR7.GD guards all. */
static bool dr_number(struct cpu *cpu, const struct insn *in, unsigned *n)
{
    if (*n == 4 || *n == 5) {
        if (cpu->cr4 & CR4_DE)
            return cpu_fault(cpu, EXC_UD);
        *n += 2;
    }
    if (!priv_check(cpu, in))
        return false;
    if (cpu->dr[7] & DR7_GD) {
        cpu->dr[6] |= DR6_BD;
        return cpu_fault(cpu, EXC_DB);
    }
    return true;
}

OP_FN(op_mov_from_dr)
{
    unsigned n = in->src.reg;

    if (!dr_number(cpu, in, &n))
        return OP_FAULT;
    reg_set(cpu, in->dst.off, 4, cpu->dr[n]);
    return OP_NEXT;
}

OP_FN(op_mov_to_dr)
{
    unsigned n = in->dst.reg;
    uint32_t v = reg_get(cpu, in->src.off, 4);

    if (!dr_number(cpu, in, &n))
        return OP_FAULT;
    if (n == 6)
        v = DR6_FIXED | (v & 0xe00f);
    else if (n == 7)
        v = (v & 0xffff2fff) | 0x400;
    cpu->dr[n] = v;
    /* Pages with data breakpoints must take the checked way, others need not. */
    paging_forget(cpu);
    return OP_JUMP;
}

OP_FN(op_mov_tr)
{
    if (!priv_check(cpu, in))
        return OP_FAULT;
    if (in->opcode == 0x24)
        reg_set(cpu, in->dst.off, 4, 0);
    return OP_NEXT;
}

/* --- questions about selectors ------------------------------------------- */

static void set_zf(struct cpu *cpu, bool z)
{
    cpu->f_zero = !z;
}

/* Nothing is written, nor checked for writing, when the RPL is high enough. */
OP_FN(op_arpl)
{
    uint32_t a, b;

    if (!priv_check(cpu, in) || !opnd_load(cpu, in, &in->src, &b) || !opnd_load(cpu, in, &in->dst, &a))
        return OP_FAULT;
    if ((a & 3) < (b & 3) && !opnd_store(cpu, in, &in->dst, (a & ~3u) | (b & 3)))
        return OP_FAULT;
    set_zf(cpu, (a & 3) < (b & 3));
    return OP_NEXT;
}

static enum op_exit ask(struct cpu *cpu, const struct insn *in, enum seg_question q)
{
    const struct opnd *o = q == SEG_LAR || q == SEG_LSL ? &in->src : &in->dst;
    uint32_t sel, val;
    bool yes;

    if (!priv_check(cpu, in) || !opnd_load(cpu, in, o, &sel) || !seg_ask(cpu, q, (uint16_t) sel, &yes, &val))
        return OP_FAULT;
    if (yes && o == &in->src)
        reg_set(cpu, in->dst.off, in->width, val);
    set_zf(cpu, yes);
    return OP_NEXT;
}

OP_FN(op_lar)
{
    return ask(cpu, in, SEG_LAR);
}

OP_FN(op_lsl)
{
    return ask(cpu, in, SEG_LSL);
}

OP_FN(op_verr)
{
    return ask(cpu, in, SEG_VERR);
}

OP_FN(op_verw)
{
    return ask(cpu, in, SEG_VERW);
}

/* --- identification and model-specific registers ------------------------- */

OP_FN(op_cpuid)
{
    uint32_t max = model_at_least(cpu, CPU_P2) ? 2 : 1, leaf = cpu->gpr[EAX];

    if (!cpu->model->cpuid)
        return op_ud(cpu, in);
    if (leaf > max)
        leaf = max;
    cpu->gpr[EAX] = cpu->gpr[EBX] = cpu->gpr[ECX] = cpu->gpr[EDX] = 0;
    if (leaf == 0) {
        cpu->gpr[EAX] = max;
        cpu->gpr[EBX] = load_le32("Genu");
        cpu->gpr[EDX] = load_le32("ineI");
        cpu->gpr[ECX] = load_le32("ntel");
    } else if (leaf == 1) {
        cpu->gpr[EAX] = cpu->model->signature;
        cpu->gpr[EDX] = cpu->model->features & ~(cpu->has_fpu ? 0 : MODEL_FPU_FEATURES);
    } else {
        /* Pentium II, 512 KiB of second-level cache (AP-485, table of descriptors). */
        cpu->gpr[EAX] = 0x03020101;
        cpu->gpr[EDX] = 0x0c040843;
    }
    return OP_NEXT;
}

static uint64_t tsc_read(const struct cpu *cpu)
{
    return cpu->sched->ticks + cpu->tsc_offset;
}

static void set_edx_eax(struct cpu *cpu, uint64_t v)
{
    cpu->gpr[EAX] = (uint32_t) v;
    cpu->gpr[EDX] = (uint32_t) (v >> 32);
}

OP_FN(op_rdtsc)
{
    (void) in;
    if ((cpu->cr4 & CR4_TSD) && cpu->cpl != 0)
        return fault_gp(cpu);
    set_edx_eax(cpu, tsc_read(cpu));
    return OP_NEXT;
}

/* Two counters that count nothing. */
OP_FN(op_rdpmc)
{
    (void) in;
    if ((cpu->cpl != 0 && !(cpu->cr4 & CR4_PCE)) || cpu->gpr[ECX] > 1)
        return fault_gp(cpu);
    set_edx_eax(cpu, 0);
    return OP_NEXT;
}

enum msr { MSR_MC_ADDR = 0, MSR_MC_TYPE = 1, MSR_TSC = 0x10, MSR_SYSENTER_CS = 0x174, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP };

static uint32_t *msr_word(struct cpu *cpu, uint32_t n)
{
    if (!cpu->model->sysenter)
        return NULL;
    switch (n) {
    case MSR_SYSENTER_CS: return &cpu->sysenter_cs;
    case MSR_SYSENTER_ESP: return &cpu->sysenter_esp;
    case MSR_SYSENTER_EIP: return &cpu->sysenter_eip;
    default: return NULL;
    }
}

/*
 * Registers that the parts have and software touches without asking: they read
 * as 0 and take no value.  Pentium: TR12, CESR, CTR0, CTR1.  P6: platform ID,
 * APIC base, power-on straps, microcode update, performance counters, cache
 * control, branch records (SDM vol. 4, "P6 family", "Pentium").
 */
static bool msr_quiet(const struct cpu *cpu, uint32_t n)
{
    static const uint16_t p5[] = { 0x0e, 0x11, 0x12, 0x13 };
    static const uint16_t p6[] = {
        0x17, 0x1b, 0x2a, 0x79, 0x8b, 0xc1, 0xc2, 0x119, 0x11e, 0x186, 0x187, 0x1d9, 0x1db, 0x1dc, 0x1dd, 0x1de,
    };
    bool six = model_at_least(cpu, CPU_P2);
    const uint16_t *known = six ? p6 : p5;

    for (size_t i = 0; i < (six ? ARRAY_LEN(p6) : ARRAY_LEN(p5)); i++)
        if (known[i] == n)
            return true;
    return n == MSR_MC_ADDR || n == MSR_MC_TYPE;
}

OP_FN(op_rdmsr)
{
    uint32_t n = cpu->gpr[ECX];
    const uint32_t *word = msr_word(cpu, n);

    if (!priv_check(cpu, in))
        return OP_FAULT;
    if (word != NULL)
        set_edx_eax(cpu, *word);
    else if (n == MSR_TSC)
        set_edx_eax(cpu, tsc_read(cpu));
    else if (msr_quiet(cpu, n))
        set_edx_eax(cpu, 0);
    else
        return fault_gp(cpu);
    return OP_NEXT;
}

OP_FN(op_wrmsr)
{
    uint32_t n = cpu->gpr[ECX], *word = msr_word(cpu, n);

    if (!priv_check(cpu, in))
        return OP_FAULT;
    if (word != NULL)
        *word = cpu->gpr[EAX];
    else if (n == MSR_TSC) /* the Pentium writes all 64 bits, the P6 the low half */
        cpu->tsc_offset = (model_at_least(cpu, CPU_P2) ? cpu->gpr[EAX]
                                                       : (uint64_t) cpu->gpr[EDX] << 32 | cpu->gpr[EAX])
                        - cpu->sched->ticks;
    else if (!msr_quiet(cpu, n))
        return fault_gp(cpu);
    return OP_NEXT;
}

/* --- LOADALL of the 386 -------------------------------------------------- */

/* Order of its table at ES:EDI; hidden parts follow at 54h: rights, base, limit. */
enum { LOADALL_SEGS = 0x54 };

static bool loadall_seg(struct cpu *cpu, uint32_t base, unsigned slot, uint32_t sel, struct seg *s)
{
    uint32_t at = base + LOADALL_SEGS + slot * 12, attr;

    if (!sys_read(cpu, at, 4, &attr) || !sys_read(cpu, at + 4, 4, &s->base) || !sys_read(cpu, at + 8, 4, &s->limit))
        return false;
    s->sel = (uint16_t) sel;
    s->attr = attr >> 8 & 0xf0ff;
    return true;
}

OP_FN(op_loadall)
{
    static const uint8_t regs[8] = { EDI, ESI, EBP, ESP, EBX, EDX, ECX, EAX };
    static const uint8_t segs[6] = { GS, FS, DS, SS, CS, ES };
    uint32_t base = cpu->seg[ES].base + (cpu->gpr[EDI] & in->ea_mask), w[21];
    struct seg tr, idt, gdt, ldt, s[6];

    if (!priv_check(cpu, in))
        return OP_FAULT;
    for (unsigned i = 0; i < ARRAY_LEN(w); i++)
        if (!sys_read(cpu, base + i * 4, 4, &w[i]))
            return OP_FAULT;
    if (!loadall_seg(cpu, base, 0, w[13], &tr) || !loadall_seg(cpu, base, 1, 0, &idt)
        || !loadall_seg(cpu, base, 2, 0, &gdt) || !loadall_seg(cpu, base, 3, w[14], &ldt))
        return OP_FAULT;
    for (unsigned i = 0; i < 6; i++)
        if (!loadall_seg(cpu, base, 4 + i, w[15 + i], &s[i]))
            return OP_FAULT;
    cr0_write(cpu, w[0]);
    cpu_write_eflags(cpu, w[1], UINT32_MAX);
    cpu->eip = w[2];
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[regs[i]] = w[3 + i];
    cpu->dr[6] = DR6_FIXED | (w[11] & 0xe00f);
    cpu->dr[7] = (w[12] & 0xffff2fff) | 0x400;
    cpu->tr = tr;
    cpu->ldtr = ldt;
    cpu->idt_base = idt.base;
    cpu->idt_limit = (uint16_t) idt.limit;
    cpu->gdt_base = gdt.base;
    cpu->gdt_limit = (uint16_t) gdt.limit;
    for (unsigned i = 0; i < 6; i++)
        seg_set(cpu, segs[i], &s[i]);
    cpu_set_cpl(cpu, cpu_protected(cpu) ? seg_dpl(&cpu->seg[SS]) : 0);
    paging_flush(cpu);
    return OP_JUMP;
}

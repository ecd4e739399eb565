/*
 * Far jumps, calls, returns, IRET, fast system calls.
 *
 * Source: Intel SDM vol. 2, JMP, CALL, RET, IRET, INT n, SYSENTER, SYSEXIT;
 *         vol. 3, 5.8 "Privilege level checking when transferring control",
 *         20.3 (VME interrupt redirection).
 */
#include "config.h"

#include "cpu/transfer.h"

#include "cpu/exec.h"

bool code_enter(struct cpu *cpu, uint16_t sel, struct desc *d, unsigned cpl, uint32_t eip)
{
    struct seg s;

    seg_from_desc(&s, (uint16_t) ((sel & ~3u) | cpl), d);
    if (eip > s.limit)
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!desc_set_accessed(cpu, d))
        return false;
    s.attr |= SEG_ACCESSED;
    seg_set(cpu, CS, &s);
    cpu->eip = eip;
    cpu_set_cpl(cpu, cpl);
    return true;
}

/* Real and virtual-8086 mode: a selector is a paragraph. */
static bool code_enter_real(struct cpu *cpu, uint16_t sel, uint32_t eip)
{
    if (eip > (cpu_v86(cpu) ? 0xffff : cpu->seg[CS].limit))
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (cpu_v86(cpu))
        seg_set_v86(cpu, CS, sel);
    else
        seg_set_real(cpu, CS, sel);
    cpu->eip = eip;
    return true;
}

/* Direct transfer to a code segment at the same privilege. */
static bool code_check_direct(struct cpu *cpu, uint16_t sel, const struct desc *d)
{
    unsigned dpl = desc_dpl(d);

    if (desc_conforming(d) ? dpl > cpu->cpl : ((sel & 3u) > cpu->cpl || dpl != cpu->cpl))
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    if (!desc_present(d))
        return cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    return true;
}

/* A gate or TSS: reachable from here with this selector, and present? */
static bool gate_check(struct cpu *cpu, uint16_t sel, const struct desc *d)
{
    if (desc_dpl(d) < cpu->cpl || desc_dpl(d) < (sel & 3u))
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    if (!desc_present(d))
        return cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    return true;
}

/* A TSS named by itself: only the global table may hold it. */
static bool tss_check(struct cpu *cpu, uint16_t sel, const struct desc *d)
{
    if (sel & 4)
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    return gate_check(cpu, sel, d);
}

static bool task_gate_enter(struct cpu *cpu, uint16_t sel, enum task_reason why)
{
    struct desc d;

    if ((sel & 4) || sel_null(sel))
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    if (!desc_read(cpu, sel, EXC_GP, &d))
        return false;
    if (!desc_is_system(&d) || (desc_type(&d) != DESC_TSS16 && desc_type(&d) != DESC_TSS32))
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    if (!desc_present(&d))
        return cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    return task_switch(cpu, sel, d.lo, d.hi, why, false, 0);
}

/* The code segment behind a call gate. */
static bool gate_target(struct cpu *cpu, const struct desc *gate, struct desc *code)
{
    uint16_t sel = (uint16_t) (gate->lo >> 16);

    if (sel_null(sel))
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!desc_read(cpu, sel, EXC_GP, code))
        return false;
    if (!desc_is_code(code) || desc_dpl(code) > cpu->cpl)
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    return true;
}

static uint32_t gate_offset(const struct desc *gate)
{
    return desc_type(gate) & 8 ? (gate->hi & 0xffff0000) | (gate->lo & 0xffff) : gate->lo & 0xffff;
}

/* --- JMP ----------------------------------------------------------------- */

static bool jump_gate(struct cpu *cpu, const struct desc *gate)
{
    uint16_t sel = (uint16_t) (gate->lo >> 16);
    struct desc code;

    if (!gate_target(cpu, gate, &code))
        return false;
    if (!desc_conforming(&code) && desc_dpl(&code) != cpu->cpl)
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    if (!desc_present(&code))
        return cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    return code_enter(cpu, sel, &code, cpu->cpl, gate_offset(gate));
}

static bool jump_system(struct cpu *cpu, uint16_t sel, const struct desc *d)
{
    switch (desc_type(d)) {
    case DESC_CALL16:
    case DESC_CALL32:
        return gate_check(cpu, sel, d) && jump_gate(cpu, d);
    case DESC_TASK_GATE:
        return gate_check(cpu, sel, d) && task_gate_enter(cpu, (uint16_t) (d->lo >> 16), TASK_JMP);
    case DESC_TSS16:
    case DESC_TSS32:
        return tss_check(cpu, sel, d) && task_switch(cpu, sel, d->lo, d->hi, TASK_JMP, false, 0);
    default:
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    }
}

bool transfer_jump(struct cpu *cpu, uint16_t sel, uint32_t off)
{
    struct desc d;

    if (!cpu_selectors(cpu))
        return code_enter_real(cpu, sel, off);
    if (sel_null(sel))
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!desc_read(cpu, sel, EXC_GP, &d))
        return false;
    if (desc_is_system(&d))
        return jump_system(cpu, sel, &d);
    if (!desc_is_code(&d))
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    return code_check_direct(cpu, sel, &d) && code_enter(cpu, sel, &d, cpu->cpl, off);
}

/* --- CALL ---------------------------------------------------------------- */

/* CS and EIP below the current stack top, both checked before either counts. */
static bool call_push(struct cpu *cpu, unsigned width)
{
    uint32_t esp = cpu->gpr[ESP];

    if (stack_push(cpu, width, cpu->seg[CS].sel) && stack_push(cpu, width, cpu->eip))
        return true;
    cpu->gpr[ESP] = esp;
    return false;
}

/* Push, then enter; a fault in either leaves the old stack top. */
static bool call_code(struct cpu *cpu, unsigned width, uint16_t sel, struct desc *d, uint32_t off)
{
    uint32_t esp = cpu->gpr[ESP];

    if (call_push(cpu, width) && code_enter(cpu, sel, d, cpu->cpl, off))
        return true;
    cpu->gpr[ESP] = esp;
    return false;
}

bool tss_stack(struct cpu *cpu, unsigned dpl, uint16_t *ss, uint32_t *esp)
{
    bool wide = cpu->tr.attr & 8;
    uint32_t at = wide ? dpl * 8 + 4 : dpl * 4 + 2, sel;

    if (at + (wide ? 5 : 3) > cpu->tr.limit)
        return cpu_fault_code(cpu, EXC_TS, cpu->tr.sel & ~3u);
    if (!sys_read(cpu, cpu->tr.base + at, wide ? 4 : 2, esp)
        || !sys_read(cpu, cpu->tr.base + at + (wide ? 4 : 2), 2, &sel))
        return false;
    *ss = (uint16_t) sel;
    return true;
}

bool new_stack_push(struct cpu *cpu, struct new_stack *st, unsigned width, uint32_t val)
{
    bool big = st->seg.attr & SEG_BIG;
    uint32_t off = st->esp - width;
    uint64_t last;
    bool ok;

    if (!big)
        off &= 0xffff;
    last = (uint64_t) off + width - 1;
    if (st->seg.attr & SEG_EXPAND_DOWN)
        ok = off > st->seg.limit && last <= (big ? UINT32_MAX : UINT16_MAX);
    else
        ok = last <= st->seg.limit;
    if (!ok)
        return cpu_fault_code(cpu, EXC_SS, st->seg.sel & ~3u);
    if (!mem_write_linear(cpu, st->seg.base + off, width, st->user, val))
        return false;
    st->esp = big ? off : (st->esp & 0xffff0000) | off;
    return true;
}

/* Parameters of a call gate, from the old stack to the new. */
static bool call_copy(struct cpu *cpu, struct new_stack *st, unsigned width, unsigned count)
{
    uint32_t v;

    while (count-- != 0)
        if (!stack_peek(cpu, width, count, &v) || !new_stack_push(cpu, st, width, v))
            return false;
    return true;
}

/* Through a gate to an inner ring, on that ring's stack. */
static bool call_inner(struct cpu *cpu, const struct desc *gate, uint16_t sel, struct desc *code)
{
    unsigned width = desc_type(gate) & 8 ? 4 : 2, dpl = desc_dpl(code);
    struct new_stack st = { .user = dpl == 3 };
    uint16_t ss, old_ss = cpu->seg[SS].sel;
    uint32_t old_esp = cpu->gpr[ESP];

    if (!tss_stack(cpu, dpl, &ss, &st.esp) || !seg_check_stack(cpu, ss, dpl, EXC_TS, &st.seg))
        return false;
    if (!new_stack_push(cpu, &st, width, old_ss) || !new_stack_push(cpu, &st, width, old_esp)
        || !call_copy(cpu, &st, width, gate->hi & 31) || !new_stack_push(cpu, &st, width, cpu->seg[CS].sel)
        || !new_stack_push(cpu, &st, width, cpu->eip))
        return false;
    if (!code_enter(cpu, sel, code, dpl, gate_offset(gate)))
        return false;
    seg_set(cpu, SS, &st.seg);
    cpu->gpr[ESP] = st.esp;
    return true;
}

static bool call_gate(struct cpu *cpu, const struct desc *gate)
{
    uint16_t sel = (uint16_t) (gate->lo >> 16);
    struct desc code;

    if (!gate_target(cpu, gate, &code))
        return false;
    if (!desc_present(&code))
        return cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    if (!desc_conforming(&code) && desc_dpl(&code) < cpu->cpl)
        return call_inner(cpu, gate, sel, &code);
    return call_code(cpu, desc_type(gate) & 8 ? 4 : 2, sel, &code, gate_offset(gate));
}

static bool call_system(struct cpu *cpu, uint16_t sel, const struct desc *d)
{
    switch (desc_type(d)) {
    case DESC_CALL16:
    case DESC_CALL32:
        return gate_check(cpu, sel, d) && call_gate(cpu, d);
    case DESC_TASK_GATE:
        return gate_check(cpu, sel, d) && task_gate_enter(cpu, (uint16_t) (d->lo >> 16), TASK_CALL);
    case DESC_TSS16:
    case DESC_TSS32:
        return tss_check(cpu, sel, d) && task_switch(cpu, sel, d->lo, d->hi, TASK_CALL, false, 0);
    default:
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    }
}

bool transfer_call(struct cpu *cpu, unsigned width, uint16_t sel, uint32_t off)
{
    uint32_t esp = cpu->gpr[ESP];
    struct desc d;

    if (!cpu_selectors(cpu)) {
        if (call_push(cpu, width) && code_enter_real(cpu, sel, off))
            return true;
        cpu->gpr[ESP] = esp;
        return false;
    }
    if (sel_null(sel))
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!desc_read(cpu, sel, EXC_GP, &d))
        return false;
    if (desc_is_system(&d))
        return call_system(cpu, sel, &d);
    if (!desc_is_code(&d))
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    return code_check_direct(cpu, sel, &d) && call_code(cpu, width, sel, &d, off);
}

/* --- RETF and IRET ------------------------------------------------------- */

/* Data segments that the outer ring may not keep. */
static void return_drop_segments(struct cpu *cpu)
{
    static const uint8_t segs[] = { ES, DS, FS, GS };

    for (unsigned i = 0; i < ARRAY_LEN(segs); i++) {
        const struct seg *s = &cpu->seg[segs[i]];
        bool conforming = (s->attr & (SEG_CODE | SEG_CONFORMING)) == (SEG_CODE | SEG_CONFORMING);

        if ((s->attr & SEG_P) && !conforming && seg_dpl(s) < cpu->cpl)
            seg_set_null(cpu, segs[i], 0);
    }
}

/* The code segment a return goes to. */
static bool return_code(struct cpu *cpu, uint16_t sel, struct desc *d)
{
    unsigned rpl = sel & 3;

    if (sel_null(sel))
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!desc_read(cpu, sel, EXC_GP, d))
        return false;
    if (!desc_is_code(d) || rpl < cpu->cpl
        || (desc_conforming(d) ? desc_dpl(d) > rpl : desc_dpl(d) != rpl))
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    if (!desc_present(d))
        return cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    return true;
}

/* Outer ring: its SS:ESP lie `above` bytes over the stack top. */
static bool return_outer(struct cpu *cpu, unsigned width, uint32_t above, uint32_t release, uint16_t sel,
                         struct desc *d, uint32_t eip)
{
    unsigned rpl = sel & 3;
    uint32_t esp, ss;
    struct seg s;

    if (!mem_read(cpu, SS, stack_at(cpu, above), width, &esp)
        || !mem_read(cpu, SS, stack_at(cpu, above + width), width, &ss)
        || !seg_check_stack(cpu, (uint16_t) ss, rpl, EXC_GP, &s) || !code_enter(cpu, sel, d, rpl, eip))
        return false;
    seg_set(cpu, SS, &s);
    if (width == 2 && !(s.attr & SEG_BIG))
        esp |= cpu->gpr[ESP] & 0xffff0000;
    stack_set(cpu, esp + release);
    if (s.attr & SEG_BIG)
        cpu->gpr[ESP] = esp + release;
    return_drop_segments(cpu);
    return true;
}

bool transfer_return(struct cpu *cpu, unsigned width, uint32_t release)
{
    uint32_t eip, sel;
    struct desc d;

    if (!stack_peek(cpu, width, 0, &eip) || !stack_peek(cpu, width, 1, &sel))
        return false;
    if (!cpu_selectors(cpu)) {
        if (!code_enter_real(cpu, (uint16_t) sel, eip))
            return false;
        stack_move(cpu, 2 * width + release);
        return true;
    }
    if (!return_code(cpu, (uint16_t) sel, &d))
        return false;
    if ((sel & 3) > cpu->cpl)
        return return_outer(cpu, width, 2 * width + release, release, (uint16_t) sel, &d, eip);
    if (!code_enter(cpu, (uint16_t) sel, &d, cpu->cpl, eip))
        return false;
    stack_move(cpu, 2 * width + release);
    return true;
}

/* Flags that IRET may write at this privilege. */
static uint32_t iret_mask(const struct cpu *cpu, unsigned cpl, unsigned width)
{
    uint32_t mask = FLAG_ARITH | FLAG_TF | FLAG_DF | FLAG_NT;

    if (width == 4)
        mask |= FLAG_RF | FLAG_AC | FLAG_ID;
    if (cpl == 0)
        mask |= FLAG_IOPL | (width == 4 ? FLAG_VIF | FLAG_VIP : 0);
    if (cpl <= cpu_iopl(cpu))
        mask |= FLAG_IF;
    return mask;
}

static bool iret_real(struct cpu *cpu, unsigned width)
{
    uint32_t eip, sel, flags, mask = width == 2 ? 0xffff : UINT32_MAX & ~(uint32_t) (FLAG_VM | FLAG_VIF | FLAG_VIP);

    if (!stack_peek(cpu, width, 0, &eip) || !stack_peek(cpu, width, 1, &sel)
        || !stack_peek(cpu, width, 2, &flags))
        return false;
    if (cpu_v86(cpu))
        mask &= ~(uint32_t) FLAG_IOPL;
    if (!code_enter_real(cpu, (uint16_t) sel, eip))
        return false;
    stack_move(cpu, 3 * width);
    cpu_write_eflags(cpu, flags, mask);
    return true;
}

/* V86 with IOPL below 3 and VME: IF of the image goes to VIF. */
static bool iret_vme(struct cpu *cpu, unsigned width)
{
    uint32_t eip, sel, flags;

    if (!(cpu->cr4 & CR4_VME) || width != 2)
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!stack_peek(cpu, 2, 0, &eip) || !stack_peek(cpu, 2, 1, &sel) || !stack_peek(cpu, 2, 2, &flags))
        return false;
    if (((flags & FLAG_IF) && (cpu->eflags & FLAG_VIP)) || (flags & FLAG_TF))
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!code_enter_real(cpu, (uint16_t) sel, eip))
        return false;
    stack_move(cpu, 6);
    flags = (flags & ~(uint32_t) FLAG_VIF) | (flags & FLAG_IF ? FLAG_VIF : 0);
    cpu_write_eflags(cpu, flags, FLAG_VIF | (0xffff & ~(uint32_t) (FLAG_IF | FLAG_IOPL)));
    return true;
}

/* From ring 0 into virtual-8086 mode: nine dwords on the stack. */
static bool iret_to_v86(struct cpu *cpu, uint32_t eip, uint32_t cs, uint32_t flags)
{
    static const uint8_t segs[] = { SS, ES, DS, FS, GS };
    uint32_t esp, sel[ARRAY_LEN(segs)];

    if (!stack_peek(cpu, 4, 3, &esp))
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(segs); i++)
        if (!stack_peek(cpu, 4, 4 + i, &sel[i]))
            return false;
    if (eip > 0xffff)
        return cpu_fault_code(cpu, EXC_GP, 0);
    cpu_write_eflags(cpu, flags, UINT32_MAX);
    seg_set_v86(cpu, CS, (uint16_t) cs);
    for (unsigned i = 0; i < ARRAY_LEN(segs); i++)
        seg_set_v86(cpu, segs[i], (uint16_t) sel[i]);
    cpu->eip = eip;
    cpu->gpr[ESP] = esp;
    cpu_set_cpl(cpu, 3);
    return true;
}

/* NT: back to the task that called. */
static bool iret_task(struct cpu *cpu)
{
    struct desc d;
    uint32_t sel;

    if (!sys_read(cpu, cpu->tr.base, 2, &sel))
        return false;
    if ((sel & 4) || sel_null((uint16_t) sel))
        return cpu_fault_code(cpu, EXC_TS, sel & ~3u);
    if (!desc_read(cpu, (uint16_t) sel, EXC_TS, &d))
        return false;
    if (!desc_is_system(&d) || (desc_type(&d) != DESC_TSS16_BUSY && desc_type(&d) != DESC_TSS32_BUSY))
        return cpu_fault_code(cpu, EXC_TS, sel & ~3u);
    if (!desc_present(&d))
        return cpu_fault_code(cpu, EXC_NP, sel & ~3u);
    return task_switch(cpu, (uint16_t) sel, d.lo, d.hi, TASK_IRET, false, 0);
}

static bool iret_protected(struct cpu *cpu, unsigned width)
{
    uint32_t eip, sel, flags, mask = iret_mask(cpu, cpu->cpl, width);
    struct desc d;

    if (!stack_peek(cpu, width, 0, &eip) || !stack_peek(cpu, width, 1, &sel)
        || !stack_peek(cpu, width, 2, &flags))
        return false;
    if (width == 4 && (flags & FLAG_VM) && cpu->cpl == 0)
        return iret_to_v86(cpu, eip, sel, flags);
    if (!return_code(cpu, (uint16_t) sel, &d))
        return false;
    if ((sel & 3) > cpu->cpl) {
        if (!return_outer(cpu, width, 3 * width, 0, (uint16_t) sel, &d, eip))
            return false;
    } else {
        if (!code_enter(cpu, (uint16_t) sel, &d, cpu->cpl, eip))
            return false;
        stack_move(cpu, 3 * width);
    }
    cpu_write_eflags(cpu, flags, mask);
    return true;
}

bool transfer_iret(struct cpu *cpu, unsigned width)
{
    bool ok;

    if (!cpu_protected(cpu))
        ok = iret_real(cpu, width);
    else if (cpu_v86(cpu))
        ok = cpu_iopl(cpu) == 3 ? iret_real(cpu, width) : iret_vme(cpu, width);
    else if (cpu->eflags & FLAG_NT)
        ok = iret_task(cpu);
    else
        ok = iret_protected(cpu, width);
    if (ok && (cpu->attention & ATTN_NMI_BLOCKED)) {
        cpu->attention &= (uint16_t) ~ATTN_NMI_BLOCKED;
        sched_kick(cpu->sched);
    }
    return ok;
}

/* --- INT n --------------------------------------------------------------- */

/* VME: does the TSS send this interrupt to the 8086 program's own handler? */
static bool vme_redirects(struct cpu *cpu, unsigned vector, bool *redirect)
{
    uint32_t base, bits;

    *redirect = false;
    if (!(cpu->cr4 & CR4_VME) || (cpu->tr.attr & 9) != 9 || cpu->tr.limit < 103)
        return true;
    if (!sys_read(cpu, cpu->tr.base + 102, 2, &base))
        return false;
    if (base < 32 || base - 32 + vector / 8 > cpu->tr.limit)
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!sys_read(cpu, cpu->tr.base + base - 32 + vector / 8, 1, &bits))
        return false;
    *redirect = !(bits >> (vector & 7) & 1);
    return true;
}

/* As in real mode, through the 8086 vector table; IOPL below 3 uses VIF. */
static bool vme_int(struct cpu *cpu, unsigned vector)
{
    bool virtual_if = cpu_iopl(cpu) < 3;
    uint32_t v = cpu_read_eflags(cpu), off, sel, esp = cpu->gpr[ESP];

    if (virtual_if)
        v = (v & ~(uint32_t) FLAG_IF) | FLAG_IOPL | (v & FLAG_VIF ? FLAG_IF : 0);
    if (!mem_read_linear(cpu, vector * 4, 2, true, &off) || !mem_read_linear(cpu, vector * 4 + 2, 2, true, &sel))
        return false;
    if (!stack_push(cpu, 2, v) || !stack_push(cpu, 2, cpu->seg[CS].sel) || !stack_push(cpu, 2, cpu->eip)) {
        cpu->gpr[ESP] = esp;
        return false;
    }
    seg_set_v86(cpu, CS, (uint16_t) sel);
    cpu->eip = off;
    cpu_write_eflags(cpu, 0, FLAG_TF | FLAG_NT | (virtual_if ? FLAG_VIF : FLAG_IF));
    return true;
}

bool transfer_int(struct cpu *cpu, unsigned vector)
{
    bool redirect = false;

    if (cpu_v86(cpu)) {
        if (!vme_redirects(cpu, vector, &redirect))
            return false;
        if (redirect)
            return vme_int(cpu, vector);
        if (cpu_iopl(cpu) < 3)
            return cpu_fault_code(cpu, EXC_GP, 0);
    }
    return interrupt_enter(cpu, vector, INT_SOFT, false, 0);
}

/* --- fast system calls --------------------------------------------------- */

static void flat_segments(struct cpu *cpu, uint16_t cs, unsigned cpl)
{
    uint16_t common = (uint16_t) (SEG_P | cpl << SEG_DPL_SHIFT | SEG_S | SEG_ACCESSED | SEG_BIG | SEG_GRANULAR);

    seg_set(cpu, CS, &(struct seg){
        .sel = cs, .limit = UINT32_MAX, .attr = (uint16_t) (common | SEG_CODE | SEG_READABLE) });
    seg_set(cpu, SS, &(struct seg){
        .sel = (uint16_t) (cs + 8), .limit = UINT32_MAX, .attr = (uint16_t) (common | SEG_WRITABLE) });
    cpu_set_cpl(cpu, cpl);
}

bool transfer_sysenter(struct cpu *cpu)
{
    if (!cpu_protected(cpu) || sel_null((uint16_t) cpu->sysenter_cs))
        return cpu_fault_code(cpu, EXC_GP, 0);
    cpu_write_eflags(cpu, 0, FLAG_VM | FLAG_IF | FLAG_RF);
    flat_segments(cpu, (uint16_t) (cpu->sysenter_cs & ~3u), 0);
    cpu->gpr[ESP] = cpu->sysenter_esp;
    cpu->eip = cpu->sysenter_eip;
    return true;
}

bool transfer_sysexit(struct cpu *cpu)
{
    if (!cpu_protected(cpu) || sel_null((uint16_t) cpu->sysenter_cs))
        return cpu_fault_code(cpu, EXC_GP, 0);
    flat_segments(cpu, (uint16_t) (((cpu->sysenter_cs & ~3u) + 16) | 3), 3);
    cpu->gpr[ESP] = cpu->gpr[ECX];
    cpu->eip = cpu->gpr[EDX];
    return true;
}

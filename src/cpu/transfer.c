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

bool code_enter(struct cpu *cpu, const struct seg_image *code, struct desc *d, uint32_t eip)
{
    if (eip > code->seg.limit)
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!desc_set_accessed(cpu, d))
        return false;
    seg_put(cpu, CS, code);
    cpu->eip = eip;
    cpu_set_cpl(cpu, code->seg.sel & 3);
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

/* The code segment behind a gate: its descriptor. */
bool gate_target(struct cpu *cpu, uint16_t sel, struct desc *code)
{
    if (sel_null(sel))
        return cpu_fault_code(cpu, EXC_GP, 0);
    return desc_read(cpu, sel, EXC_GP, code);
}

/* --- JMP ----------------------------------------------------------------- */

static bool jump_gate(struct cpu *cpu, const struct desc *gate)
{
    uint16_t sel = (uint16_t) (gate->lo >> 16);
    const struct seg_image *code;
    struct desc d;

    if (!gate_target(cpu, sel, &d))
        return false;
    if (desc_is_code(&d) && !desc_conforming(&d) && desc_dpl(&d) != cpu->cpl)
        return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
    code = desc_check(cpu, SEG_USE_GATE, cpu->cpl, sel, &d, EXC_GP);
    return code != NULL && code_enter(cpu, code, &d, gate_offset(gate));
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
    const struct seg_image *code;
    struct desc d;

    if (!cpu_selectors(cpu))
        return code_enter_real(cpu, sel, off);
    if (sel_null(sel))
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!desc_read(cpu, sel, EXC_GP, &d))
        return false;
    if (desc_is_system(&d))
        return jump_system(cpu, sel, &d);
    code = desc_check(cpu, SEG_USE_DIRECT, cpu->cpl, sel, &d, EXC_GP);
    return code != NULL && code_enter(cpu, code, &d, off);
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
static bool call_code(struct cpu *cpu, unsigned width, const struct seg_image *code, struct desc *d, uint32_t off)
{
    uint32_t esp = cpu->gpr[ESP];

    if (call_push(cpu, width) && code_enter(cpu, code, d, off))
        return true;
    cpu->gpr[ESP] = esp;
    return false;
}

/* SS:ESP for ring `dpl` from the TSS; #TS when it does not fit. */
static bool tss_stack(struct cpu *cpu, unsigned dpl, uint16_t *ss, uint32_t *esp)
{
    bool wide = cpu->tr.attr & 8;
    uint32_t at = wide ? dpl * 8 + 4 : dpl * 4 + 2, sel;
    const uint8_t *p = tss_stack_direct(cpu, dpl);

    if (p != NULL) {
        *esp = load_le32(p);
        *ss = load_le16(p + 4);
        return true;
    }
    if (at + (wide ? 5 : 3) > cpu->tr.limit)
        return cpu_fault_code(cpu, EXC_TS, cpu->tr.sel & ~3u);
    if (!sys_read(cpu, cpu->tr.base + at, wide ? 4 : 2, esp)
        || !sys_read(cpu, cpu->tr.base + at + (wide ? 4 : 2), 2, &sel))
        return false;
    *ss = (uint16_t) sel;
    return true;
}

/* How much of what is going to be pushed needs no check? */
static void new_stack_look(const struct cpu *cpu, struct new_stack *st)
{
    const struct seg *seg = &st->image->seg;
    uint32_t top = seg->attr & SEG_BIG ? st->esp : st->esp & 0xffff, in_page = (seg->base + top - 1) % PAGE_SIZE + 1;
    unsigned n = st->room < in_page ? st->room : in_page;
    uint8_t *p;

    st->free = 0;
    if (n == 0 || (seg->attr & SEG_EXPAND_DOWN) || top < n || top - 1 > seg->limit)
        return;
    p = mem_store_linear(cpu, seg->base + top - n, n, st->user);
    if (p == NULL)
        return;
    st->host = p + n;
    st->free = n;
}

bool new_stack_find(struct cpu *cpu, struct new_stack *st, unsigned cpl, unsigned room)
{
    uint16_t ss;

    st->user = cpl == 3;
    if (!tss_stack(cpu, cpl, &ss, &st->esp))
        return false;
    st->image = seg_check_stack(cpu, ss, cpl, EXC_TS);
    if (st->image == NULL)
        return false;
    st->room = room;
    new_stack_look(cpu, st);
    return true;
}

bool new_stack_push_checked(struct cpu *cpu, struct new_stack *st, unsigned width, uint32_t val)
{
    const struct seg *seg = &st->image->seg;
    bool big = seg->attr & SEG_BIG;
    uint32_t off = st->esp - width;
    uint64_t last;
    bool ok;

    new_stack_look(cpu, st);
    if (st->free >= width)
        return new_stack_push(cpu, st, width, val);
    if (!big)
        off &= 0xffff;
    last = (uint64_t) off + width - 1;
    if (seg->attr & SEG_EXPAND_DOWN)
        ok = off > seg->limit && last <= (big ? UINT32_MAX : UINT16_MAX);
    else
        ok = last <= seg->limit;
    if (!ok)
        return cpu_fault_code(cpu, EXC_SS, seg->sel & ~3u);
    if (!mem_write_linear(cpu, seg->base + off, width, st->user, val))
        return false;
    st->esp = big ? off : (st->esp & 0xffff0000) | off;
    st->room -= width;
    return true;
}

/* Parameters of a call gate, from the old stack to the new. */
static bool call_copy(struct cpu *cpu, struct new_stack *st, unsigned width, unsigned count)
{
    uint32_t v;

    while (count-- != 0) {
        if (!stack_peek(cpu, width, count, &v))
            return false;
        st->free = 0; /* a walk may have made tables of where it goes */
        if (!new_stack_push(cpu, st, width, v))
            return false;
    }
    return true;
}

/* Through a gate to an inner ring, on that ring's stack. */
static bool call_inner(struct cpu *cpu, const struct desc *gate, const struct seg_image *code, struct desc *d)
{
    unsigned width = desc_type(gate) & 8 ? 4 : 2, parameters = gate->hi & 31;
    struct new_stack st;

    if (!new_stack_find(cpu, &st, code->seg.sel & 3, (4 + parameters) * width))
        return false;
    if (!new_stack_push(cpu, &st, width, cpu->seg[SS].sel) || !new_stack_push(cpu, &st, width, cpu->gpr[ESP])
        || !call_copy(cpu, &st, width, parameters) || !new_stack_push(cpu, &st, width, cpu->seg[CS].sel)
        || !new_stack_push(cpu, &st, width, cpu->eip))
        return false;
    if (!code_enter(cpu, code, d, gate_offset(gate)))
        return false;
    seg_put(cpu, SS, st.image);
    cpu->gpr[ESP] = st.esp;
    return true;
}

static bool call_gate(struct cpu *cpu, const struct desc *gate)
{
    uint16_t sel = (uint16_t) (gate->lo >> 16);
    const struct seg_image *code;
    struct desc d;

    if (!gate_target(cpu, sel, &d) || (code = desc_check(cpu, SEG_USE_GATE, cpu->cpl, sel, &d, EXC_GP)) == NULL)
        return false;
    if ((code->seg.sel & 3u) < cpu->cpl)
        return call_inner(cpu, gate, code, &d);
    return call_code(cpu, desc_type(gate) & 8 ? 4 : 2, code, &d, gate_offset(gate));
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
    const struct seg_image *code;
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
    code = desc_check(cpu, SEG_USE_DIRECT, cpu->cpl, sel, &d, EXC_GP);
    return code != NULL && call_code(cpu, width, code, &d, off);
}

/* --- RETF and IRET ------------------------------------------------------- */

/* The code segment a return goes to. */
static const struct seg_image *return_code(struct cpu *cpu, uint16_t sel, struct desc *d)
{
    if (sel_null(sel)) {
        cpu_fault_code(cpu, EXC_GP, 0);
        return NULL;
    }
    return desc_read(cpu, sel, EXC_GP, d) ? desc_check(cpu, SEG_USE_RETURN, cpu->cpl, sel, d, EXC_GP) : NULL;
}

/* Outer ring: its SS:ESP lie `above` bytes over the stack top. */
static bool return_outer(struct cpu *cpu, unsigned width, uint32_t above, uint32_t release,
                         const struct seg_image *code, struct desc *d, uint32_t eip)
{
    const struct seg_image *stack;
    uint32_t item[2], esp;

    if (!stack_peek_all(cpu, width, above, 2, item))
        return false;
    esp = item[0];
    stack = seg_check_stack(cpu, (uint16_t) item[1], code->seg.sel & 3, EXC_GP);
    if (stack == NULL || !code_enter(cpu, code, d, eip))
        return false;
    seg_put(cpu, SS, stack);
    if (width == 2 && !(stack->seg.attr & SEG_BIG))
        esp |= cpu->gpr[ESP] & 0xffff0000;
    stack_set(cpu, esp + release);
    if (stack->seg.attr & SEG_BIG)
        cpu->gpr[ESP] = esp + release;
    return_drop_segments(cpu);
    return true;
}

bool transfer_return(struct cpu *cpu, unsigned width, uint32_t release)
{
    const struct seg_image *code;
    uint32_t item[2], eip, sel;
    struct desc d;

    if (!stack_peek_all(cpu, width, 0, 2, item))
        return false;
    eip = item[0];
    sel = item[1];
    if (!cpu_selectors(cpu)) {
        if (!code_enter_real(cpu, (uint16_t) sel, eip))
            return false;
        stack_move(cpu, 2 * width + release);
        return true;
    }
    code = return_code(cpu, (uint16_t) sel, &d);
    if (code == NULL)
        return false;
    if ((sel & 3) > cpu->cpl)
        return return_outer(cpu, width, 2 * width + release, release, code, &d, eip);
    if (!code_enter(cpu, code, &d, eip))
        return false;
    stack_move(cpu, 2 * width + release);
    return true;
}

uint32_t iret_mask(const struct cpu *cpu, unsigned cpl, unsigned width)
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
    uint32_t item[3], eip, sel, flags, mask = iret_mask(cpu, cpu->cpl, width);
    const struct seg_image *code;
    struct desc d;

    if (!stack_peek_all(cpu, width, 0, 3, item))
        return false;
    eip = item[0];
    sel = item[1];
    flags = item[2];
    if (width == 4 && (flags & FLAG_VM) && cpu->cpl == 0)
        return iret_to_v86(cpu, eip, sel, flags);
    code = return_code(cpu, (uint16_t) sel, &d);
    if (code == NULL)
        return false;
    if ((sel & 3) > cpu->cpl) {
        if (!return_outer(cpu, width, 3 * width, 0, code, &d, eip))
            return false;
    } else {
        if (!code_enter(cpu, code, &d, eip))
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

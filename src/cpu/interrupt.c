/*
 * Entering interrupt and exception handlers; double faults.
 *
 * Source: Intel SDM vol. 3, 6.11 to 6.15 and 20.1.4, 20.2 (from virtual-8086
 *         mode); vol. 2, INT n.
 */
#include "config.h"

#include "cpu/exec.h"
#include "cpu/transfer.h"

static bool interrupt_real(struct cpu *cpu, unsigned vector)
{
    uint32_t off, sel, esp = cpu->gpr[ESP];

    if (vector * 4 + 3 > cpu->idt_limit)
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!sys_read(cpu, cpu->idt_base + vector * 4, 2, &off) || !sys_read(cpu, cpu->idt_base + vector * 4 + 2, 2, &sel))
        return false;
    if (!stack_push(cpu, 2, cpu_read_eflags(cpu)) || !stack_push(cpu, 2, cpu->seg[CS].sel)
        || !stack_push(cpu, 2, cpu->eip)) {
        cpu->gpr[ESP] = esp;
        return false;
    }
    seg_set_real(cpu, CS, (uint16_t) sel);
    cpu->eip = off;
    cpu_write_eflags(cpu, 0, FLAG_IF | FLAG_TF | FLAG_RF | FLAG_AC);
    return true;
}

/* What a handler's frame holds. */
struct frame {
    unsigned width; /* of its items: 2 or 4, by the gate */
    uint32_t eflags;
    bool has_code;
    uint32_t code;
};

static bool frame_push(struct cpu *cpu, struct new_stack *st, const struct frame *fr)
{
    return new_stack_push(cpu, st, fr->width, fr->eflags)
        && new_stack_push(cpu, st, fr->width, cpu->seg[CS].sel)
        && new_stack_push(cpu, st, fr->width, cpu->eip)
        && (!fr->has_code || new_stack_push(cpu, st, fr->width, fr->code));
}

static bool interrupt_same_ring(struct cpu *cpu, const struct frame *fr, const struct seg_image *code, struct desc *d,
                                uint32_t off)
{
    unsigned w = fr->width;
    uint32_t esp = cpu->gpr[ESP];

    if (stack_push(cpu, w, fr->eflags) && stack_push(cpu, w, cpu->seg[CS].sel) && stack_push(cpu, w, cpu->eip)
        && (!fr->has_code || stack_push(cpu, w, fr->code)) && code_enter(cpu, code, d, off))
        return true;
    cpu->gpr[ESP] = esp;
    return false;
}

/* Data segments of the 8086 program, below SS:ESP. */
static bool frame_push_v86(struct cpu *cpu, struct new_stack *st, unsigned width)
{
    static const uint8_t segs[] = { GS, FS, DS, ES };

    for (unsigned i = 0; i < ARRAY_LEN(segs); i++)
        if (!new_stack_push(cpu, st, width, cpu->seg[segs[i]].sel))
            return false;
    return true;
}

static bool interrupt_inner_ring(struct cpu *cpu, const struct frame *fr, const struct seg_image *code, struct desc *d,
                                 uint32_t off)
{
    static const uint8_t segs[] = { GS, FS, DS, ES };
    unsigned cpl = code->seg.sel & 3;
    bool v86 = cpu_v86(cpu);
    struct new_stack st;

    if (v86 && cpl != 0)
        return cpu_fault_code(cpu, EXC_GP, code->seg.sel & ~3u);
    if (!new_stack_find(cpu, &st, cpl, fr->width * (5 + fr->has_code + (v86 ? ARRAY_LEN(segs) : 0))))
        return false;
    if ((v86 && !frame_push_v86(cpu, &st, fr->width)) || !new_stack_push(cpu, &st, fr->width, cpu->seg[SS].sel)
        || !new_stack_push(cpu, &st, fr->width, cpu->gpr[ESP]) || !frame_push(cpu, &st, fr))
        return false;
    if (!code_enter(cpu, code, d, off))
        return false;
    seg_put(cpu, SS, st.image);
    cpu->gpr[ESP] = st.esp;
    for (unsigned i = 0; v86 && i < ARRAY_LEN(segs); i++)
        seg_set_null(cpu, segs[i], 0);
    return true;
}

static bool interrupt_gate(struct cpu *cpu, const struct desc *gate, struct frame *fr)
{
    uint16_t sel = (uint16_t) (gate->lo >> 16);
    bool wide = desc_type(gate) & 8;
    uint32_t off = gate_offset(gate);
    const struct seg_image *code;
    struct desc d;

    fr->width = wide ? 4 : 2;
    if (!gate_target(cpu, sel, &d) || (code = desc_check(cpu, SEG_USE_GATE, cpu->cpl, sel, &d, EXC_GP)) == NULL)
        return false;
    if ((code->seg.sel & 3u) < cpu->cpl) {
        if (!interrupt_inner_ring(cpu, fr, code, &d, off))
            return false;
    } else {
        if (cpu_v86(cpu))
            return cpu_fault_code(cpu, EXC_GP, sel & ~3u);
        if (!interrupt_same_ring(cpu, fr, code, &d, off))
            return false;
    }
    cpu_write_eflags(cpu, 0, gate_clears(gate));
    return true;
}

/* The image in the old task's TSS shows RF as a frame would. */
static bool interrupt_switch(struct cpu *cpu, uint16_t sel, const struct desc *d, const struct frame *fr)
{
    uint32_t rf = fr->eflags & ~cpu->eflags & FLAG_RF;
    bool ok;

    cpu->eflags |= rf;
    ok = task_switch(cpu, sel, d->lo, d->hi, TASK_INT, fr->has_code, fr->code);
    if (!ok && !cpu->fault.committed)
        cpu->eflags &= ~rf;
    return ok;
}

static bool interrupt_task(struct cpu *cpu, uint16_t sel, const struct frame *fr)
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
    return interrupt_switch(cpu, sel, &d, fr);
}

static bool interrupt_protected(struct cpu *cpu, unsigned vector, enum int_kind kind, struct frame *fr)
{
    uint32_t at = vector * 8;
    struct desc gate = { .laddr = cpu->idt_base + at };

    if (at + 7 > cpu->idt_limit)
        return cpu_fault_code(cpu, EXC_GP, at | 2);
    if (!desc_fetch(cpu, &gate))
        return false;
    if (!desc_is_system(&gate) || (desc_type(&gate) != DESC_TASK_GATE && (desc_type(&gate) & 6) != 6))
        return cpu_fault_code(cpu, EXC_GP, at | 2);
    if (kind == INT_SOFT && desc_dpl(&gate) < cpu->cpl)
        return cpu_fault_code(cpu, EXC_GP, at | 2);
    if (!desc_present(&gate))
        return cpu_fault_code(cpu, EXC_NP, at | 2);
    if (desc_type(&gate) == DESC_TASK_GATE)
        return interrupt_task(cpu, (uint16_t) (gate.lo >> 16), fr);
    return interrupt_gate(cpu, &gate, fr);
}

bool interrupt_enter(struct cpu *cpu, unsigned vector, enum int_kind kind, bool has_code, uint32_t code)
{
    struct frame fr = { .eflags = cpu_read_eflags(cpu), .has_code = has_code, .code = code };
    bool ok;

    /* A fault is restarted past its own instruction breakpoint (17.3.1.1). */
    if (kind == INT_FAULT && vector != EXC_DB)
        fr.eflags |= FLAG_RF;
    if (vector == EXC_DB && kind != INT_SOFT)
        cpu->dr[7] &= ~DR7_GD; /* the handler may look (17.2.4) */
    cpu->ext = kind != INT_SOFT;
    ok = cpu_protected(cpu) ? interrupt_protected(cpu, vector, kind, &fr) : interrupt_real(cpu, vector);
    cpu->ext = false;
    paging_release_code(cpu);
    return ok;
}

/* SDM vol. 3, table 6-5: which pairs make a double fault. */
static bool fault_contributory(unsigned vector)
{
    return vector == EXC_DE || (vector >= EXC_TS && vector <= EXC_GP);
}

static bool faults_double(unsigned first, unsigned second)
{
    /* A handler of ring 3 on a stack out of line: silicon tries for ever. */
    if (first == EXC_AC && second == EXC_AC)
        return true;
    if (first == EXC_PF)
        return second == EXC_PF || fault_contributory(second);
    return fault_contributory(first) && fault_contributory(second);
}

void interrupt_fault(struct cpu *cpu)
{
    for (;;) {
        struct fault f = cpu->fault;

        if (interrupt_enter(cpu, f.vector, INT_FAULT, f.has_code && cpu_protected(cpu), f.code))
            return;
        if (f.vector == EXC_DF) {
            if (cpu->shutdown != NULL)
                cpu->shutdown(cpu->opaque);
            else
                cpu_reset(cpu);
            return;
        }
        if (faults_double(f.vector, cpu->fault.vector))
            cpu->fault = (struct fault){ .vector = EXC_DF, .has_code = true };
    }
}

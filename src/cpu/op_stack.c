/*
 * The stack: PUSH, POP and their kin, frames, flags.
 *
 * Source: Intel SDM vol. 2, each instruction; vol. 3, 20.2.7 and 20.3 for
 *         PUSHF and POPF in virtual-8086 mode.
 */
#include "config.h"

#include "cpu/exec.h"

/* A 386 onwards pushes the value ESP had before. */
OP_FN(op_push)
{
    uint32_t v;

    if (!opnd_load(cpu, in, &in->dst, &v) || !stack_push(cpu, in->width, v))
        return OP_FAULT;
    return OP_NEXT;
}

/* A destination addressed by ESP sees ESP after the pop. */
OP_FN(op_pop)
{
    uint32_t v, esp = cpu->gpr[ESP];

    if (!stack_peek(cpu, in->width, 0, &v))
        return OP_FAULT;
    stack_move(cpu, in->width);
    if (opnd_store(cpu, in, &in->dst, v))
        return OP_NEXT;
    cpu->gpr[ESP] = esp;
    return OP_FAULT;
}

/* Only the selector's two bytes are written; ESP moves by the operand size. */
OP_FN(op_push_seg)
{
    if (!mem_write(cpu, SS, stack_at(cpu, -(uint32_t) in->width), 2, cpu->seg[in->dst.reg].sel))
        return OP_FAULT;
    stack_move(cpu, -(uint32_t) in->width);
    return OP_NEXT;
}

OP_FN(op_pop_seg)
{
    uint32_t sel, esp = cpu->gpr[ESP], mask = stack_mask(cpu);

    if (!mem_read(cpu, SS, stack_at(cpu, 0), 2, &sel) || !seg_load(cpu, in->dst.reg, (uint16_t) sel))
        return OP_FAULT;
    /* POP SS: the width of the stack that was popped counts. */
    cpu->gpr[ESP] = (esp & ~mask) | ((esp + in->width) & mask);
    stack_shadow(cpu, in->dst.reg);
    return OP_NEXT;
}

OP_FN(op_pusha)
{
    unsigned w = in->width;

    /* All or nothing: the lowest item is checked with the others. */
    for (unsigned i = 8; i-- != 0;)
        if (!mem_probe_write(cpu, SS, stack_at(cpu, -(uint32_t) (w * (i + 1))), w))
            return OP_FAULT;
    for (unsigned i = 0; i < 8; i++)
        if (!mem_write(cpu, SS, stack_at(cpu, -(uint32_t) (w * (i + 1))), w, reg_get(cpu, i * 4, w)))
            return OP_FAULT;
    stack_move(cpu, -(uint32_t) (w * 8));
    return OP_NEXT;
}

/* The saved SP is skipped. */
OP_FN(op_popa)
{
    uint32_t v[8];

    for (unsigned i = 0; i < 8; i++)
        if (!stack_peek(cpu, in->width, i, &v[i]))
            return OP_FAULT;
    stack_move(cpu, in->width * 8);
    for (unsigned i = 0; i < 8; i++)
        if (7 - i != ESP)
            reg_set(cpu, (7 - i) * 4, in->width, v[i]);
    return OP_NEXT;
}

/* Virtual-8086 mode below IOPL 3: the monitor, or VME, looks after IF. */
static bool v86_restricted(const struct cpu *cpu)
{
    return cpu_v86(cpu) && cpu_iopl(cpu) < 3;
}

static bool vme_applies(const struct cpu *cpu, unsigned width)
{
    return (cpu->cr4 & CR4_VME) && width == 2;
}

OP_FN(op_pushf)
{
    uint32_t v = cpu_read_eflags(cpu) & ~(uint32_t) (FLAG_RF | FLAG_VM);

    if (v86_restricted(cpu)) {
        if (!vme_applies(cpu, in->width)) {
            cpu_fault_code(cpu, EXC_GP, 0);
            return OP_FAULT;
        }
        v = (v & ~(uint32_t) FLAG_IF) | FLAG_IOPL | (v & FLAG_VIF ? FLAG_IF : 0);
    }
    return stack_push(cpu, in->width, v) ? OP_NEXT : OP_FAULT;
}

/* VME: IF of the image goes to VIF. */
static enum op_exit popf_vme(struct cpu *cpu, const struct insn *in, uint32_t v)
{
    if (!vme_applies(cpu, in->width) || ((cpu->eflags & FLAG_VIP) && (v & FLAG_IF)) || (v & FLAG_TF)) {
        cpu_fault_code(cpu, EXC_GP, 0);
        return OP_FAULT;
    }
    stack_move(cpu, in->width);
    v = (v & ~(uint32_t) FLAG_VIF) | (v & FLAG_IF ? FLAG_VIF : 0);
    cpu_write_eflags(cpu, v, FLAG_VIF | (0xffff & ~(uint32_t) (FLAG_IF | FLAG_IOPL)));
    return OP_JUMP;
}

OP_FN(op_popf)
{
    uint32_t mask = in->width == 2 ? 0xffff : UINT32_MAX & ~(uint32_t) (FLAG_VM | FLAG_VIF | FLAG_VIP);
    uint32_t v;

    if (!stack_peek(cpu, in->width, 0, &v))
        return OP_FAULT;
    if (v86_restricted(cpu))
        return popf_vme(cpu, in, v);
    if (cpu->cpl > 0)
        mask &= ~(uint32_t) FLAG_IOPL;
    if (cpu->cpl > cpu_iopl(cpu))
        mask &= ~(uint32_t) FLAG_IF;
    stack_move(cpu, in->width);
    cpu_write_eflags(cpu, v & ~(uint32_t) FLAG_RF, mask);
    return OP_JUMP;
}

OP_FN(op_enter)
{
    unsigned w = in->width, level = in->imm2 & 31;
    uint32_t mask = stack_mask(cpu), bp = cpu->gpr[EBP], top, at, v;

    top = (cpu->gpr[ESP] - w) & mask;
    if (!mem_write(cpu, SS, top, w, reg_get(cpu, EBP * 4, w)))
        return OP_FAULT;
    at = top;
    for (unsigned i = 1; i < level; i++) {
        bp -= w;
        at = (at - w) & mask;
        if (!mem_read(cpu, SS, bp & mask, w, &v) || !mem_write(cpu, SS, at, w, v))
            return OP_FAULT;
    }
    v = (cpu->gpr[ESP] & ~mask) | top;
    if (level != 0) {
        at = (at - w) & mask;
        if (!mem_write(cpu, SS, at, w, v))
            return OP_FAULT;
    }
    at = (at - in->imm) & mask;
    /* The new top must be writable although nothing is written there. */
    if (!mem_check_align(cpu, SS, at, w) || !mem_probe_write(cpu, SS, at, w))
        return OP_FAULT;
    reg_set(cpu, EBP * 4, w, v);
    stack_set(cpu, at);
    return OP_NEXT;
}

OP_FN(op_leave)
{
    uint32_t mask = stack_mask(cpu), v;

    if (!mem_read(cpu, SS, cpu->gpr[EBP] & mask, in->width, &v))
        return OP_FAULT;
    stack_set(cpu, cpu->gpr[EBP] + in->width);
    reg_set(cpu, EBP * 4, in->width, v);
    return OP_NEXT;
}

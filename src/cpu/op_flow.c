/*
 * Jumps, calls, returns inside a segment; doors to transfer.c and interrupt.c
 * for the far ones.
 *
 * Source: Intel SDM vol. 2, each instruction.
 */
#include "config.h"

#include "cpu/exec.h"
#include "cpu/transfer.h"

static enum op_exit jump_relative(struct cpu *cpu, const struct insn *in, unsigned width)
{
    return branch_near(cpu, cpu->eip + in->imm, width) ? OP_JUMP : OP_FAULT;
}

/* The operand size, not the width of the displacement, cuts EIP. */
static unsigned branch_width(const struct insn *in)
{
    return in->flags & INSN_OPND16 ? 2 : 4;
}

OP_FN(op_jcc)
{
    return flags_cond(cpu, in->opcode & 15) ? jump_relative(cpu, in, branch_width(in)) : OP_NEXT;
}

OP_FN(op_jmp)
{
    return jump_relative(cpu, in, branch_width(in));
}

OP_FN(op_jmp_abs)
{
    uint32_t v;

    return opnd_load(cpu, in, &in->dst, &v) && branch_near(cpu, v, in->width) ? OP_JUMP : OP_FAULT;
}

static enum op_exit call_near(struct cpu *cpu, const struct insn *in, uint32_t target)
{
    uint32_t back = cpu->eip;

    if (!branch_near(cpu, target, in->width))
        return OP_FAULT;
    if (stack_push(cpu, in->width, back))
        return OP_JUMP;
    cpu->eip = back;
    return OP_FAULT;
}

OP_FN(op_call)
{
    return call_near(cpu, in, cpu->eip + in->imm);
}

OP_FN(op_call_abs)
{
    uint32_t v;

    return opnd_load(cpu, in, &in->dst, &v) ? call_near(cpu, in, v) : OP_FAULT;
}

OP_FN(op_ret)
{
    uint32_t v;

    if (!stack_peek(cpu, in->width, 0, &v) || !branch_near(cpu, v, in->width))
        return OP_FAULT;
    stack_move(cpu, in->width + in->imm);
    return OP_JUMP;
}

OP_FN(op_jcxz)
{
    return (cpu->gpr[ECX] & in->ea_mask) == 0 ? jump_relative(cpu, in, branch_width(in)) : OP_NEXT;
}

static enum op_exit loop_if(struct cpu *cpu, const struct insn *in, bool cond)
{
    uint32_t count = (cpu->gpr[ECX] - 1) & in->ea_mask;

    if (count != 0 && cond) {
        if (!branch_near(cpu, cpu->eip + in->imm, branch_width(in)))
            return OP_FAULT;
        cpu->gpr[ECX] = (cpu->gpr[ECX] & ~in->ea_mask) | count;
        return OP_JUMP;
    }
    cpu->gpr[ECX] = (cpu->gpr[ECX] & ~in->ea_mask) | count;
    return OP_NEXT;
}

OP_FN(op_loop)
{
    return loop_if(cpu, in, true);
}

OP_FN(op_loopz)
{
    return loop_if(cpu, in, flag_z(cpu));
}

OP_FN(op_loopnz)
{
    return loop_if(cpu, in, !flag_z(cpu));
}

/* --- far ----------------------------------------------------------------- */

/* Target of a direct or indirect far jump or call. */
static bool far_target(struct cpu *cpu, const struct insn *in, uint16_t *sel, uint32_t *off)
{
    uint32_t ea, s;

    if (in->dst.kind == OPND_IMM) {
        *sel = in->imm2;
        *off = in->imm;
        return true;
    }
    ea = insn_ea(cpu, in);
    if (!mem_read(cpu, in->seg, ea, in->width, off)
        || !mem_read(cpu, in->seg, (ea + in->width) & in->ea_mask, 2, &s))
        return false;
    *sel = (uint16_t) s;
    return true;
}

OP_FN(op_jmp_far)
{
    uint16_t sel;
    uint32_t off;

    return far_target(cpu, in, &sel, &off) && transfer_jump(cpu, sel, off) ? OP_JUMP : OP_FAULT;
}

OP_FN(op_call_far)
{
    uint16_t sel;
    uint32_t off;

    return far_target(cpu, in, &sel, &off) && transfer_call(cpu, in->width, sel, off) ? OP_JUMP : OP_FAULT;
}

OP_FN(op_ret_far)
{
    return transfer_return(cpu, in->width, in->imm) ? OP_JUMP : OP_FAULT;
}

OP_FN(op_iret)
{
    return transfer_iret(cpu, in->width) ? OP_JUMP : OP_FAULT;
}

/* --- interrupts by instruction ------------------------------------------- */

OP_FN(op_int)
{
    return transfer_int(cpu, in->imm) ? OP_JUMP : OP_FAULT;
}

/* CC is never redirected by VME and needs no IOPL. */
OP_FN(op_int3)
{
    (void) in;
    return interrupt_enter(cpu, EXC_BP, INT_SOFT, false, 0) ? OP_JUMP : OP_FAULT;
}

OP_FN(op_into)
{
    (void) in;
    if (!flag_o(cpu))
        return OP_NEXT;
    return interrupt_enter(cpu, EXC_OF, INT_SOFT, false, 0) ? OP_JUMP : OP_FAULT;
}

/* F1: a debug trap without the privilege check of INT n. */
OP_FN(op_int1)
{
    (void) in;
    return interrupt_enter(cpu, EXC_DB, INT_HARD, false, 0) ? OP_JUMP : OP_FAULT;
}

OP_FN(op_bound)
{
    uint32_t ea = insn_ea(cpu, in), lo, hi;
    int32_t v = (int32_t) sign_extend(reg_get(cpu, in->dst.off, in->width), in->width);

    if (!mem_read(cpu, in->seg, ea, in->width, &lo)
        || !mem_read(cpu, in->seg, (ea + in->width) & in->ea_mask, in->width, &hi))
        return OP_FAULT;
    if (v >= (int32_t) sign_extend(lo, in->width) && v <= (int32_t) sign_extend(hi, in->width))
        return OP_NEXT;
    cpu_fault(cpu, EXC_BR);
    return OP_FAULT;
}

OP_FN(op_ud)
{
    (void) in;
    cpu_fault(cpu, EXC_UD);
    return OP_FAULT;
}

OP_FN(op_too_long)
{
    (void) in;
    cpu_fault_code(cpu, EXC_GP, 0);
    return OP_FAULT;
}

OP_FN(op_sysenter)
{
    (void) in;
    return transfer_sysenter(cpu) ? OP_JUMP : OP_FAULT;
}

OP_FN(op_sysexit)
{
    return priv_check(cpu, in) && transfer_sysexit(cpu) ? OP_JUMP : OP_FAULT;
}

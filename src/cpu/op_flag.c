/*
 * Flag instructions.
 *
 * Source: Intel SDM vol. 2, CLC ... STD, CLI, STI; vol. 3, 20.3 and 20.4 for
 *         VIF in virtual-8086 mode and with PVI.
 */
#include "config.h"

#include "cpu/exec.h"

OP_FN(op_clc)
{
    (void) in;
    cpu->f_carry = 0;
    return OP_NEXT;
}

OP_FN(op_stc)
{
    (void) in;
    cpu->f_carry = 1;
    return OP_NEXT;
}

OP_FN(op_cmc)
{
    (void) in;
    cpu->f_carry ^= 1;
    return OP_NEXT;
}

OP_FN(op_cld)
{
    (void) in;
    cpu->eflags &= ~(uint32_t) FLAG_DF;
    return OP_NEXT;
}

OP_FN(op_std)
{
    (void) in;
    cpu->eflags |= FLAG_DF;
    return OP_NEXT;
}

enum if_rule { IF_REAL, IF_VIRTUAL, IF_DENIED };

/* Which interrupt flag CLI and STI reach. */
static enum if_rule if_rule(const struct cpu *cpu)
{
    if (!cpu_protected(cpu) || cpu->cpl <= cpu_iopl(cpu))
        return IF_REAL;
    if (cpu_v86(cpu) ? cpu->cr4 & CR4_VME : cpu->cpl == 3 && (cpu->cr4 & CR4_PVI))
        return IF_VIRTUAL;
    return IF_DENIED;
}

OP_FN(op_cli)
{
    enum if_rule rule = if_rule(cpu);

    (void) in;
    if (rule == IF_DENIED) {
        cpu_fault_code(cpu, EXC_GP, 0);
        return OP_FAULT;
    }
    cpu->eflags &= ~(uint32_t) (rule == IF_REAL ? FLAG_IF : FLAG_VIF);
    return OP_NEXT;
}

/* Interrupts wait for the end of the next instruction, if they were off. */
OP_FN(op_sti)
{
    enum if_rule rule = if_rule(cpu);

    (void) in;
    if (rule == IF_DENIED || (rule == IF_VIRTUAL && (cpu->eflags & FLAG_VIP))) {
        cpu_fault_code(cpu, EXC_GP, 0);
        return OP_FAULT;
    }
    if (rule == IF_VIRTUAL) {
        cpu->eflags |= FLAG_VIF;
    } else if (!(cpu->eflags & FLAG_IF)) {
        cpu->eflags |= FLAG_IF;
        cpu->attention |= ATTN_SHADOW;
        sched_kick(cpu->sched);
    }
    return OP_NEXT;
}

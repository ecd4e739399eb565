/*
 * Bit test and bit scan, byte swap.
 *
 * Source: Intel SDM vol. 2, BT, BTS, BTR, BTC, BSF, BSR, BSWAP.  Of the
 * arithmetic flags BT writes CF only; BSF and BSR write ZF only, and leave the
 * destination alone for a source of 0 (undefined in the manual).
 */
#include "config.h"

#include "cpu/exec.h"

enum bit_op { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT };

static enum op_exit bit_op(struct cpu *cpu, const struct insn *in, enum bit_op op)
{
    unsigned w = in->width;
    uint32_t ea = 0, a, bit, old;
    bool memory = in->dst.kind == OPND_MEM;

    bit = in->src.kind == OPND_IMM ? in->imm : sign_extend(reg_get(cpu, in->src.off, w), w);
    if (memory) {
        ea = insn_ea(cpu, in);
        /* A bit offset in a register reaches words beside the operand. */
        if (in->src.kind == OPND_REG)
            ea = (ea + (uint32_t) ((int32_t) bit >> (w == 2 ? 4 : 5)) * w) & in->ea_mask;
    }
    bit &= 8 * w - 1;
    if (!memory)
        a = reg_get(cpu, in->dst.off, w);
    else if (op == BIT_TEST ? !mem_read(cpu, in->seg, ea, w, &a) : !mem_rmw(cpu, in->seg, ea, w, &a))
        return OP_FAULT;
    old = a >> bit & 1;
    switch (op) {
    case BIT_TEST: break;
    case BIT_SET: a |= 1u << bit; break;
    case BIT_RESET: a &= ~(1u << bit); break;
    case BIT_COMPLEMENT: a ^= 1u << bit; break;
    }
    if (op != BIT_TEST)
        opnd_store_rmw(cpu, &in->dst, a);
    cpu->f_carry = old;
    return OP_NEXT;
}

OP_FN(op_bt)
{
    return bit_op(cpu, in, BIT_TEST);
}

OP_FN(op_bts)
{
    return bit_op(cpu, in, BIT_SET);
}

OP_FN(op_btr)
{
    return bit_op(cpu, in, BIT_RESET);
}

OP_FN(op_btc)
{
    return bit_op(cpu, in, BIT_COMPLEMENT);
}

static void bit_set_zero(struct cpu *cpu, bool zero)
{
    flags_set(cpu, (flags_get(cpu) & ~(uint32_t) FLAG_ZF) | (zero ? FLAG_ZF : 0));
}

OP_FN(op_bsf)
{
    uint32_t v;

    if (!opnd_load(cpu, in, &in->src, &v))
        return OP_FAULT;
    bit_set_zero(cpu, v == 0);
    if (v != 0)
        reg_set(cpu, in->dst.off, in->width, (uint32_t) __builtin_ctz(v));
    return OP_NEXT;
}

OP_FN(op_bsr)
{
    uint32_t v;

    if (!opnd_load(cpu, in, &in->src, &v))
        return OP_FAULT;
    bit_set_zero(cpu, v == 0);
    if (v != 0)
        reg_set(cpu, in->dst.off, in->width, 31 - (uint32_t) __builtin_clz(v));
    return OP_NEXT;
}

/* With a 16-bit operand the result is undefined; silicon gives 0. */
OP_FN(op_bswap)
{
    uint32_t v = __builtin_bswap32(cpu->gpr[in->dst.reg]);

    reg_set(cpu, in->dst.off, in->width, in->width == 4 ? v : 0);
    return OP_NEXT;
}

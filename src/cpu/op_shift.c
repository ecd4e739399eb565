/*
 * Shifts and rotates.
 *
 * Source: Intel SDM vol. 2, RCL/RCR/ROL/ROR, SAL/SAR/SHL/SHR, SHLD, SHRD.
 * OF after counts other than 1 is undefined there; here it is computed by the
 * rule for count 1 on the result.  AF after shifts is clear.  SHLD and SHRD of
 * 16-bit operands by more than 16 go on with the destination's own bits.
 */
#include "config.h"

#include "cpu/exec.h"

static bool shift_count(struct cpu *cpu, const struct insn *in, uint32_t *count)
{
    if (in->src.kind == OPND_IMM)
        *count = in->imm & 31;
    else
        *count = cpu->gpr[ECX] & 31;
    return *count != 0;
}

/* A count of 0 leaves everything, but a write fault is still raised. */
static enum op_exit shift_none(struct cpu *cpu, const struct insn *in)
{
    uint32_t a;

    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    opnd_store_rmw(cpu, &in->dst, a);
    return OP_NEXT;
}

static void rot_flags(struct cpu *cpu, bool carry, bool over)
{
    cpu->f_carry = carry;
    cpu->f_over = over ? 0x80000000u : 0;
}

static void shift_flags(struct cpu *cpu, unsigned width, uint32_t r, bool carry, bool over)
{
    flags_szp(cpu, width, r);
    cpu->f_aux = 0;
    rot_flags(cpu, carry, over);
}

OP_FN(op_rol)
{
    unsigned bits = 8 * in->width;
    uint32_t a, r, n;

    if (!shift_count(cpu, in, &n))
        return shift_none(cpu, in);
    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    n %= bits;
    r = n != 0 ? (a << n | a >> (bits - n)) & width_mask(in->width) : a;
    opnd_store_rmw(cpu, &in->dst, r);
    rot_flags(cpu, r & 1, (r >> (bits - 1) ^ r) & 1);
    return OP_NEXT;
}

OP_FN(op_ror)
{
    unsigned bits = 8 * in->width;
    uint32_t a, r, n;

    if (!shift_count(cpu, in, &n))
        return shift_none(cpu, in);
    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    n %= bits;
    r = n != 0 ? (a >> n | a << (bits - n)) & width_mask(in->width) : a;
    opnd_store_rmw(cpu, &in->dst, r);
    rot_flags(cpu, r >> (bits - 1), (r >> (bits - 1) ^ r >> (bits - 2)) & 1);
    return OP_NEXT;
}

/* Rotation of bits + 1 bits: the carry is the topmost. */
OP_FN(op_rcl)
{
    unsigned bits = 8 * in->width;
    uint32_t a, r, n;
    uint64_t v;

    if (!shift_count(cpu, in, &n))
        return shift_none(cpu, in);
    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    n %= bits + 1;
    v = (uint64_t) flag_c(cpu) << bits | a;
    v = v << n | v >> (bits + 1 - n);
    r = (uint32_t) v & width_mask(in->width);
    opnd_store_rmw(cpu, &in->dst, r);
    rot_flags(cpu, v >> bits & 1, (v >> bits ^ r >> (bits - 1)) & 1);
    return OP_NEXT;
}

OP_FN(op_rcr)
{
    unsigned bits = 8 * in->width;
    uint32_t a, r, n;
    uint64_t v;

    if (!shift_count(cpu, in, &n))
        return shift_none(cpu, in);
    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    n %= bits + 1;
    v = (uint64_t) flag_c(cpu) << bits | a;
    v = v >> n | v << (bits + 1 - n);
    r = (uint32_t) v & width_mask(in->width);
    opnd_store_rmw(cpu, &in->dst, r);
    rot_flags(cpu, v >> bits & 1, (r >> (bits - 1) ^ r >> (bits - 2)) & 1);
    return OP_NEXT;
}

OP_FN(op_shl)
{
    unsigned bits = 8 * in->width;
    uint32_t a, r, n;
    uint64_t v;

    if (!shift_count(cpu, in, &n))
        return shift_none(cpu, in);
    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    v = (uint64_t) a << n;
    r = (uint32_t) v & width_mask(in->width);
    opnd_store_rmw(cpu, &in->dst, r);
    shift_flags(cpu, in->width, r, v >> bits & 1, (v >> bits ^ r >> (bits - 1)) & 1);
    return OP_NEXT;
}

OP_FN(op_shr)
{
    unsigned bits = 8 * in->width;
    uint32_t a, r, n;

    if (!shift_count(cpu, in, &n))
        return shift_none(cpu, in);
    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    r = a >> n;
    opnd_store_rmw(cpu, &in->dst, r);
    shift_flags(cpu, in->width, r, a >> (n - 1) & 1, (r >> (bits - 1) ^ r >> (bits - 2)) & 1);
    return OP_NEXT;
}

OP_FN(op_sar)
{
    int32_t a;
    uint32_t v, n;

    if (!shift_count(cpu, in, &n))
        return shift_none(cpu, in);
    if (!opnd_load_rmw(cpu, in, &in->dst, &v))
        return OP_FAULT;
    a = (int32_t) sign_extend(v, in->width);
    v = (uint32_t) (a >> n) & width_mask(in->width);
    opnd_store_rmw(cpu, &in->dst, v);
    shift_flags(cpu, in->width, v, a >> (n - 1) & 1, false);
    return OP_NEXT;
}

static uint32_t double_count(const struct cpu *cpu, const struct insn *in)
{
    return (in->third == A_CL ? cpu->gpr[ECX] : in->imm) & 31;
}

OP_FN(op_shld)
{
    unsigned bits = 8 * in->width;
    uint32_t a, b, r, n = double_count(cpu, in);
    uint64_t v;

    if (!opnd_load(cpu, in, &in->src, &b) || !opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    if (n == 0) {
        opnd_store_rmw(cpu, &in->dst, a);
        return OP_NEXT;
    }
    /* The wanted word ends up in bits 32 and up. */
    v = in->width == 2 ? ((uint64_t) a << 32 | (uint64_t) b << 16 | a) << n
                       : ((uint64_t) a << 32 | b) << n;
    r = (uint32_t) (v >> 32) & width_mask(in->width);
    opnd_store_rmw(cpu, &in->dst, r);
    if (in->width == 2)
        shift_flags(cpu, 2, r, v >> 48 & 1, (r ^ a) >> (bits - 1) & 1);
    else
        shift_flags(cpu, 4, r, a >> (32 - n) & 1, (r ^ a) >> 31);
    return OP_NEXT;
}

OP_FN(op_shrd)
{
    unsigned bits = 8 * in->width;
    uint32_t a, b, r, n = double_count(cpu, in);
    uint64_t v;

    if (!opnd_load(cpu, in, &in->src, &b) || !opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    if (n == 0) {
        opnd_store_rmw(cpu, &in->dst, a);
        return OP_NEXT;
    }
    v = in->width == 2 ? (uint64_t) a << 32 | (uint64_t) b << 16 | a : (uint64_t) b << 32 | a;
    r = (uint32_t) (v >> n) & width_mask(in->width);
    opnd_store_rmw(cpu, &in->dst, r);
    shift_flags(cpu, in->width, r, v >> (n - 1) & 1, (r ^ a) >> (bits - 1) & 1);
    return OP_NEXT;
}

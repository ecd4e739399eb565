/*
 * Multiplication and division.
 *
 * Source: Intel SDM vol. 2, MUL, IMUL, DIV, IDIV.  SF, ZF, PF after a multiply
 * are undefined there; here they follow the low half, AF is clear.  Flags after
 * a division are undefined; here they stay.
 */
#include "config.h"

#include "cpu/exec.h"

static void mul_flags(struct cpu *cpu, unsigned width, uint32_t low, bool overflow)
{
    flags_szp(cpu, width, low);
    cpu->f_aux = 0;
    cpu->f_carry = overflow;
    cpu->f_over = overflow ? 0x80000000u : 0;
}

/* Product in AX, DX:AX or EDX:EAX. */
static void mul_store(struct cpu *cpu, unsigned width, uint64_t r)
{
    if (width == 1) {
        reg_set(cpu, EAX * 4, 2, (uint32_t) r);
        return;
    }
    reg_set(cpu, EAX * 4, width, (uint32_t) r);
    reg_set(cpu, EDX * 4, width, (uint32_t) (r >> (8 * width)));
}

OP_FN(op_mul)
{
    uint32_t b;
    uint64_t r;

    if (!opnd_load(cpu, in, &in->dst, &b))
        return OP_FAULT;
    r = (uint64_t) reg_get(cpu, EAX * 4, in->width) * b;
    mul_store(cpu, in->width, r);
    mul_flags(cpu, in->width, (uint32_t) r, r >> (8 * in->width) != 0);
    return OP_NEXT;
}

static int64_t signed_of(uint32_t v, unsigned width)
{
    return (int32_t) sign_extend(v, width);
}

OP_FN(op_imul1)
{
    uint32_t b;
    int64_t r;

    if (!opnd_load(cpu, in, &in->dst, &b))
        return OP_FAULT;
    r = signed_of(reg_get(cpu, EAX * 4, in->width), in->width) * signed_of(b, in->width);
    mul_store(cpu, in->width, (uint64_t) r);
    mul_flags(cpu, in->width, (uint32_t) r, r != signed_of((uint32_t) r, in->width));
    return OP_NEXT;
}

/* Two operands, or three with an immediate. */
OP_FN(op_imul2)
{
    uint32_t a, b;
    int64_t r;

    if (!opnd_load(cpu, in, &in->src, &b))
        return OP_FAULT;
    a = in->third == A___ ? reg_get(cpu, in->dst.off, in->width) : in->imm;
    r = signed_of(a, in->width) * signed_of(b, in->width);
    reg_set(cpu, in->dst.off, in->width, (uint32_t) r);
    mul_flags(cpu, in->width, (uint32_t) r, r != signed_of((uint32_t) r, in->width));
    return OP_NEXT;
}

static uint64_t dividend(const struct cpu *cpu, unsigned width)
{
    if (width == 1)
        return cpu->gpr[EAX] & 0xffff;
    return (uint64_t) reg_get(cpu, EDX * 4, width) << (8 * width) | reg_get(cpu, EAX * 4, width);
}

static void div_store(struct cpu *cpu, unsigned width, uint32_t quot, uint32_t rem)
{
    if (width == 1) {
        reg_set(cpu, EAX * 4, 2, (rem & 0xff) << 8 | (quot & 0xff));
        return;
    }
    reg_set(cpu, EAX * 4, width, quot);
    reg_set(cpu, EDX * 4, width, rem);
}

OP_FN(op_div)
{
    uint64_t a = dividend(cpu, in->width);
    uint32_t b;

    if (!opnd_load(cpu, in, &in->dst, &b))
        return OP_FAULT;
    if (b == 0 || a / b > width_mask(in->width)) {
        cpu_fault(cpu, EXC_DE);
        return OP_FAULT;
    }
    div_store(cpu, in->width, (uint32_t) (a / b), (uint32_t) (a % b));
    return OP_NEXT;
}

OP_FN(op_idiv)
{
    unsigned bits = 8 * in->width;
    uint64_t raw = dividend(cpu, in->width);
    int64_t a = (int64_t) (raw << (64 - 2 * bits)) >> (64 - 2 * bits), d, q;
    uint32_t b;

    if (!opnd_load(cpu, in, &in->dst, &b))
        return OP_FAULT;
    d = signed_of(b, in->width);
    /* INT64_MIN / -1 is the one quotient that C cannot express. */
    if (d == 0 || (d == -1 && a == INT64_MIN)) {
        cpu_fault(cpu, EXC_DE);
        return OP_FAULT;
    }
    q = a / d;
    if (q != signed_of((uint32_t) q, in->width)) {
        cpu_fault(cpu, EXC_DE);
        return OP_FAULT;
    }
    div_store(cpu, in->width, (uint32_t) q, (uint32_t) (a % d));
    return OP_NEXT;
}

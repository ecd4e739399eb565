/*
 * Arithmetic and logic on integers, binary-coded decimals, exchange-and-add.
 *
 * Source: Intel SDM vol. 2, each instruction; undefined flags as noted.
 */
#include "config.h"

#include "cpu/exec.h"

enum alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };

/* Result and flags of one of the eight. */
static inline __attribute__((always_inline)) uint32_t alu(struct cpu *cpu, enum alu op, unsigned w,
                                                          uint32_t a, uint32_t b)
{
    uint32_t mask = width_mask(w), c = cpu->f_carry, r;

    switch (op) {
    case ALU_ADC:
        r = (a + b + c) & mask;
        flags_add(cpu, w, a, b, r);
        cpu->f_carry = r < a || (c && r == a);
        return r;
    case ALU_ADD:
        r = (a + b) & mask;
        flags_add(cpu, w, a, b, r);
        cpu->f_carry = r < a;
        return r;
    case ALU_SBB:
        r = (a - b - c) & mask;
        flags_sub(cpu, w, a, b, r);
        cpu->f_carry = a < b || (c && a == b);
        return r;
    case ALU_SUB:
    case ALU_CMP:
        r = (a - b) & mask;
        flags_sub(cpu, w, a, b, r);
        cpu->f_carry = a < b;
        return r;
    case ALU_OR: r = a | b; break;
    case ALU_AND: r = a & b; break;
    default: r = a ^ b; break;
    }
    flags_logic(cpu, w, r);
    return r;
}

static inline __attribute__((always_inline)) enum op_exit alu_op(struct cpu *cpu, const struct insn *in,
                                                                 enum alu op)
{
    uint32_t a, b;

    if (!opnd_load(cpu, in, &in->src, &b) || !opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    opnd_store_rmw(cpu, &in->dst, alu(cpu, op, in->width, a, b));
    return OP_NEXT;
}

OP_FN(op_add)
{
    return alu_op(cpu, in, ALU_ADD);
}

OP_FN(op_or)
{
    return alu_op(cpu, in, ALU_OR);
}

OP_FN(op_adc)
{
    return alu_op(cpu, in, ALU_ADC);
}

OP_FN(op_sbb)
{
    return alu_op(cpu, in, ALU_SBB);
}

OP_FN(op_and)
{
    return alu_op(cpu, in, ALU_AND);
}

OP_FN(op_sub)
{
    return alu_op(cpu, in, ALU_SUB);
}

OP_FN(op_xor)
{
    return alu_op(cpu, in, ALU_XOR);
}

OP_FN(op_cmp)
{
    uint32_t a, b;

    if (!opnd_load(cpu, in, &in->dst, &a) || !opnd_load(cpu, in, &in->src, &b))
        return OP_FAULT;
    alu(cpu, ALU_CMP, in->width, a, b);
    return OP_NEXT;
}

OP_FN(op_test)
{
    uint32_t a, b;

    if (!opnd_load(cpu, in, &in->dst, &a) || !opnd_load(cpu, in, &in->src, &b))
        return OP_FAULT;
    flags_logic(cpu, in->width, a & b);
    return OP_NEXT;
}

/* CF stays. */
OP_FN(op_inc)
{
    uint32_t a, r;

    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    r = (a + 1) & width_mask(in->width);
    opnd_store_rmw(cpu, &in->dst, r);
    flags_add(cpu, in->width, a, 1, r);
    return OP_NEXT;
}

OP_FN(op_dec)
{
    uint32_t a, r;

    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    r = (a - 1) & width_mask(in->width);
    opnd_store_rmw(cpu, &in->dst, r);
    flags_sub(cpu, in->width, a, 1, r);
    return OP_NEXT;
}

OP_FN(op_not)
{
    uint32_t a;

    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    opnd_store_rmw(cpu, &in->dst, ~a);
    return OP_NEXT;
}

OP_FN(op_neg)
{
    uint32_t a;

    if (!opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    opnd_store_rmw(cpu, &in->dst, alu(cpu, ALU_SUB, in->width, 0, a));
    return OP_NEXT;
}

OP_FN(op_xadd)
{
    uint32_t a, b, r;

    if (!opnd_load(cpu, in, &in->src, &b) || !opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    r = alu(cpu, ALU_ADD, in->width, a, b);
    /* With one register in both places the sum wins. */
    reg_set(cpu, in->src.off, in->width, a);
    opnd_store_rmw(cpu, &in->dst, r);
    return OP_NEXT;
}

OP_FN(op_cmpxchg)
{
    uint32_t a, b, acc = reg_get(cpu, EAX * 4, in->width);

    if (!opnd_load(cpu, in, &in->src, &b) || !opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    alu(cpu, ALU_CMP, in->width, acc, a);
    /* The destination is written either way: a write fault comes first. */
    opnd_store_rmw(cpu, &in->dst, acc == a ? b : a);
    if (acc != a)
        reg_set(cpu, EAX * 4, in->width, a);
    return OP_NEXT;
}

OP_FN(op_cmpxchg8b)
{
    uint32_t ea = insn_ea(cpu, in), lo, hi;
    bool same;

    if (!mem_check_align(cpu, in->seg, ea, 8) || !mem_probe_write(cpu, in->seg, ea, 8) || !mem_read(cpu, in->seg, ea, 4, &lo)
        || !mem_read(cpu, in->seg, ea + 4, 4, &hi))
        return OP_FAULT;
    same = lo == cpu->gpr[EAX] && hi == cpu->gpr[EDX];
    if (!mem_write(cpu, in->seg, ea, 4, same ? cpu->gpr[EBX] : lo)
        || !mem_write(cpu, in->seg, ea + 4, 4, same ? cpu->gpr[ECX] : hi))
        return OP_FAULT;
    if (!same) {
        cpu->gpr[EAX] = lo;
        cpu->gpr[EDX] = hi;
    }
    flags_set(cpu, (flags_get(cpu) & ~(uint32_t) FLAG_ZF) | (same ? FLAG_ZF : 0));
    return OP_NEXT;
}

/* --- decimal ------------------------------------------------------------- */

static uint8_t al(const struct cpu *cpu)
{
    return (uint8_t) cpu->gpr[EAX];
}

static void bcd_flags(struct cpu *cpu, uint8_t r, bool cf, bool af)
{
    flags_szp(cpu, 1, r);
    cpu->f_carry = cf;
    cpu->f_aux = af ? FLAG_AF : 0;
    cpu->f_over = 0;
}

uint32_t bcd_adjusted(uint8_t old, uint32_t flags, bool subtract)
{
    bool af = (old & 15) > 9 || (flags & FLAG_AF), high = old > 0x99 || (flags & FLAG_CF);
    uint8_t r = old;

    if (af)
        r = (uint8_t) (subtract ? r - 6 : r + 6);
    if (high)
        r = (uint8_t) (subtract ? r - 0x60 : r + 0x60);
    /* DAS: a borrow out of the first step also counts. */
    high |= subtract && af && old < 6;
    return r | (uint32_t) ((high ? FLAG_CF : 0) | (af ? FLAG_AF : 0)) << 8;
}

static enum op_exit bcd_adjust(struct cpu *cpu, bool subtract)
{
    uint32_t flags = (flag_c(cpu) ? FLAG_CF : 0) | (flag_a(cpu) ? FLAG_AF : 0);
    uint32_t r = bcd_adjusted(al(cpu), flags, subtract);

    bcd_flags(cpu, (uint8_t) r, r >> 8 & FLAG_CF, r >> 8 & FLAG_AF);
    reg_set(cpu, EAX * 4, 1, r & 0xff);
    return OP_NEXT;
}

OP_FN(op_daa)
{
    (void) in;
    return bcd_adjust(cpu, false);
}

OP_FN(op_das)
{
    (void) in;
    return bcd_adjust(cpu, true);
}

static enum op_exit ascii_adjust(struct cpu *cpu, uint32_t step)
{
    bool adjust = (al(cpu) & 15) > 9 || flag_a(cpu);
    uint32_t ax = cpu->gpr[EAX] & 0xffff;

    if (adjust)
        ax += step;
    ax &= 0xff0f;
    bcd_flags(cpu, (uint8_t) ax, adjust, adjust);
    reg_set(cpu, EAX * 4, 2, ax);
    return OP_NEXT;
}

/* From the 286 on AX as a whole is adjusted: a carry out of AL reaches AH. */
OP_FN(op_aaa)
{
    (void) in;
    return ascii_adjust(cpu, 0x106);
}

OP_FN(op_aas)
{
    (void) in;
    return ascii_adjust(cpu, (uint32_t) -0x106);
}

OP_FN(op_aam)
{
    uint8_t base = (uint8_t) in->imm, v = al(cpu);

    if (base == 0) {
        cpu_fault(cpu, EXC_DE);
        return OP_FAULT;
    }
    reg_set(cpu, EAX * 4, 2, (uint32_t) (v / base) << 8 | v % base);
    bcd_flags(cpu, v % base, false, false);
    return OP_NEXT;
}

OP_FN(op_aad)
{
    uint32_t ah = cpu->gpr[EAX] >> 8 & 0xff;
    uint8_t r = (uint8_t) (al(cpu) + ah * in->imm);

    reg_set(cpu, EAX * 4, 2, r);
    bcd_flags(cpu, r, false, false);
    return OP_NEXT;
}

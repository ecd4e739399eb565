/*
 * MMX: eight registers of 64 bits, which are the significands of the x87's.
 *
 * Source: Intel SDM vol. 1, chapter 9 (9.5: compatibility with the x87); vol. 2,
 *         each instruction.
 */
#include "config.h"

#include "cpu/fpu.h"

/* --- beginning and end --------------------------------------------------- */

static bool mmx_begin(struct cpu *cpu, enum op_exit *r)
{
    if ((cpu->cr0 & CR0_EM) || !cpu->has_fpu) {
        cpu_fault(cpu, EXC_UD);
        *r = OP_FAULT;
        return false;
    }
    return fpu_begin(cpu, r);
}

/* Every MMX instruction but EMMS: TOP is 0 and no register is empty. */
static enum op_exit mmx_end(struct cpu *cpu)
{
    cpu->fpu.top = 0;
    cpu->fpu.used = 0xff;
    return OP_NEXT;
}

static enum op_exit mmx_set(struct cpu *cpu, unsigned n, uint64_t v)
{
    cpu->fpu.sig[n] = v;
    cpu->fpu.se[n] = 0xffff;
    return mmx_end(cpu);
}

/* An MMX register, a general one, or memory, by its width. */
static bool mmx_operand(struct cpu *cpu, const struct insn *in, const struct opnd *o, uint64_t *v)
{
    uint8_t buf[8] = { 0 };

    if (o->kind == OPND_MEM) {
        if (!fpu_read(cpu, in, buf, o->width))
            return false;
        *v = load_le64(buf);
    } else {
        *v = o->width == 8 ? cpu->fpu.sig[o->reg] : reg_get(cpu, o->off, 4);
    }
    return true;
}

/* --- elements ------------------------------------------------------------ */

static uint64_t element(uint64_t v, unsigned bits, unsigned i)
{
    return v >> (bits * i) & (UINT64_MAX >> (64 - bits));
}

static int64_t element_signed(uint64_t v, unsigned bits, unsigned i)
{
    return (int64_t) (v << (64 - bits * (i + 1))) >> (64 - bits);
}

static uint64_t place(int64_t v, unsigned bits, unsigned i)
{
    return ((uint64_t) v & (UINT64_MAX >> (64 - bits))) << (bits * i);
}

static int64_t saturate(int64_t v, int64_t min, int64_t max)
{
    return v < min ? min : v > max ? max : v;
}

enum sat { WRAP, SIGNED, UNSIGNED };

static uint64_t add_sub(uint64_t a, uint64_t b, unsigned bits, enum sat sat, int sign)
{
    int64_t half = INT64_C(1) << (bits - 1);
    uint64_t r = 0;

    for (unsigned i = 0; i < 64 / bits; i++) {
        int64_t x, y;

        if (sat == UNSIGNED) {
            x = (int64_t) element(a, bits, i) + sign * (int64_t) element(b, bits, i);
            y = saturate(x, 0, 2 * half - 1);
        } else {
            x = element_signed(a, bits, i) + sign * element_signed(b, bits, i);
            y = sat == SIGNED ? saturate(x, -half, half - 1) : x;
        }
        r |= place(y, bits, i);
    }
    return r;
}

static uint64_t compare(uint64_t a, uint64_t b, unsigned bits, bool greater)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 64 / bits; i++) {
        int64_t x = element_signed(a, bits, i), y = element_signed(b, bits, i);

        r |= place((greater ? x > y : x == y) ? -1 : 0, bits, i);
    }
    return r;
}

/* Elements of a and b in turns, from the lower or upper half. */
static uint64_t interleave(uint64_t a, uint64_t b, unsigned bits, unsigned first)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 32 / bits; i++) {
        r |= place((int64_t) element(a, bits, first + i), bits, 2 * i);
        r |= place((int64_t) element(b, bits, first + i), bits, 2 * i + 1);
    }
    return r;
}

/* Elements of `bits` to half as many bits: a below, b above. */
static uint64_t pack(uint64_t a, uint64_t b, unsigned bits, bool is_unsigned)
{
    unsigned half = bits / 2, n = 64 / bits;
    int64_t max = is_unsigned ? (INT64_C(1) << half) - 1 : (INT64_C(1) << (half - 1)) - 1;
    int64_t min = is_unsigned ? 0 : -max - 1;
    uint64_t r = 0;

    for (unsigned i = 0; i < n; i++) {
        r |= place(saturate(element_signed(a, bits, i), min, max), half, i);
        r |= place(saturate(element_signed(b, bits, i), min, max), half, n + i);
    }
    return r;
}

/* Products of words: their low or high half. */
static uint64_t multiply(uint64_t a, uint64_t b, unsigned shift)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 4; i++)
        r |= place(element_signed(a, 16, i) * element_signed(b, 16, i) >> shift, 16, i);
    return r;
}

static uint64_t multiply_add(uint64_t a, uint64_t b)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 2; i++)
        r |= place(element_signed(a, 16, 2 * i) * element_signed(b, 16, 2 * i)
                   + element_signed(a, 16, 2 * i + 1) * element_signed(b, 16, 2 * i + 1), 32, i);
    return r;
}

/* --- operations by opcode ------------------------------------------------ */

static uint64_t mmx_compute(unsigned opcode, uint64_t a, uint64_t b)
{
    switch (opcode) {
    case 0x60: case 0x61: case 0x62: return interleave(a, b, 8u << (opcode & 3), 0);
    case 0x68: case 0x69: case 0x6a: return interleave(a, b, 8u << (opcode & 3), 4u >> (opcode & 3));
    case 0x63: return pack(a, b, 16, false);
    case 0x67: return pack(a, b, 16, true);
    case 0x6b: return pack(a, b, 32, false);
    case 0x64: case 0x65: case 0x66: return compare(a, b, 8u << (opcode & 3), true);
    case 0x74: case 0x75: case 0x76: return compare(a, b, 8u << (opcode & 3), false);
    case 0xd5: return multiply(a, b, 0);
    case 0xe5: return multiply(a, b, 16);
    case 0xf5: return multiply_add(a, b);
    case 0xd8: case 0xd9: return add_sub(a, b, 8u << (opcode & 1), UNSIGNED, -1);
    case 0xdc: case 0xdd: return add_sub(a, b, 8u << (opcode & 1), UNSIGNED, 1);
    case 0xe8: case 0xe9: return add_sub(a, b, 8u << (opcode & 1), SIGNED, -1);
    case 0xec: case 0xed: return add_sub(a, b, 8u << (opcode & 1), SIGNED, 1);
    case 0xf8: case 0xf9: case 0xfa: return add_sub(a, b, 8u << (opcode & 3), WRAP, -1);
    case 0xfc: case 0xfd: case 0xfe: return add_sub(a, b, 8u << (opcode & 3), WRAP, 1);
    case 0xdb: return a & b;
    case 0xdf: return ~a & b;
    case 0xeb: return a | b;
    default: return a ^ b; /* EF */
    }
}

OP_FN(op_mmx)
{
    uint64_t b;
    enum op_exit r;

    if (!mmx_begin(cpu, &r))
        return r;
    if (!mmx_operand(cpu, in, &in->src, &b))
        return OP_FAULT;
    return mmx_set(cpu, in->dst.reg, mmx_compute(in->opcode, cpu->fpu.sig[in->dst.reg], b));
}

/* --- shifts -------------------------------------------------------------- */

enum shift { SHIFT_RIGHT, SHIFT_ARITH, SHIFT_LEFT };

static uint64_t shift(uint64_t v, unsigned bits, enum shift how, uint64_t count)
{
    uint64_t r = 0;

    if (count >= bits && how != SHIFT_ARITH)
        return 0;
    if (count >= bits)
        count = bits - 1;
    for (unsigned i = 0; i < 64 / bits; i++) {
        int64_t e = how == SHIFT_ARITH ? element_signed(v, bits, i) >> count
                  : how == SHIFT_LEFT ? (int64_t) (element(v, bits, i) << count)
                                      : (int64_t) (element(v, bits, i) >> count);

        r |= place(e, bits, i);
    }
    return r;
}

/* 71 to 73 by an immediate, Dx, Ex, Fx by an operand; the low bits name the width. */
OP_FN(op_mmx_shift)
{
    unsigned bits = 8u << (in->opcode & 3), kind = in->opcode < 0x80 ? in->modrm >> 4 & 3 : in->opcode >> 4 & 3;
    uint64_t count = in->imm;
    enum op_exit r;

    if (!mmx_begin(cpu, &r))
        return r;
    if (in->src.kind != OPND_IMM && !mmx_operand(cpu, in, &in->src, &count))
        return OP_FAULT;
    return mmx_set(cpu, in->dst.reg, shift(cpu->fpu.sig[in->dst.reg], bits, (enum shift) (kind - 1), count));
}

/* --- moves --------------------------------------------------------------- */

OP_FN(op_mmx_load)
{
    enum op_exit r;
    uint64_t v;

    if (!mmx_begin(cpu, &r))
        return r;
    if (!mmx_operand(cpu, in, &in->src, &v))
        return OP_FAULT;
    return mmx_set(cpu, in->dst.reg, v);
}

OP_FN(op_mmx_store)
{
    uint64_t v = cpu->fpu.sig[in->src.reg];
    uint8_t buf[8];
    enum op_exit r;

    if (!mmx_begin(cpu, &r))
        return r;
    if (in->dst.kind == OPND_MEM) {
        store_le64(buf, v);
        if (!fpu_write(cpu, in, buf, in->dst.width))
            return OP_FAULT;
        return mmx_end(cpu);
    }
    if (in->dst.width == 8)
        return mmx_set(cpu, in->dst.reg, v);
    reg_set(cpu, in->dst.off, 4, (uint32_t) v);
    return mmx_end(cpu);
}

OP_FN(op_emms)
{
    enum op_exit r;

    (void) in;
    if (!mmx_begin(cpu, &r))
        return r;
    cpu->fpu.top = 0;
    cpu->fpu.used = 0;
    return OP_NEXT;
}

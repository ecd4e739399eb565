/*
 * Arithmetic flags, kept as what they are computed from.
 *
 *   f_carry  CF, 0 or 1
 *   f_zero   ZF is (f_zero == 0)
 *   f_sign   SF is bit 31; PF is the parity of bits 0-7
 *   f_aux    AF is bit 4
 *   f_over   OF is bit 31
 *
 * An instruction that writes all six stores five words and branches nowhere;
 * one that leaves some alone (INC, ROL) simply does not store theirs.
 * Source: Intel SDM vol. 1, 3.4.3.1; vol. 2 for each instruction.
 */
#ifndef CPU_FLAGS_H
#define CPU_FLAGS_H

#include "cpu/cpu_state.h"

/* Value of `width` bytes, sign-extended. */
static inline uint32_t sign_extend(uint32_t v, unsigned width)
{
    return width == 1 ? (uint32_t) (int8_t) v : width == 2 ? (uint32_t) (int16_t) v : v;
}

static inline uint32_t width_mask(unsigned width)
{
    return UINT32_MAX >> (32 - 8 * width);
}

static inline uint32_t width_msb(unsigned width)
{
    return 1u << (8 * width - 1);
}

static inline bool flag_c(const struct cpu *cpu)
{
    return cpu->f_carry != 0;
}

static inline bool flag_z(const struct cpu *cpu)
{
    return cpu->f_zero == 0;
}

static inline bool flag_s(const struct cpu *cpu)
{
    return cpu->f_sign >> 31 != 0;
}

static inline bool flag_o(const struct cpu *cpu)
{
    return cpu->f_over >> 31 != 0;
}

static inline bool flag_p(const struct cpu *cpu)
{
    return !__builtin_parity(cpu->f_sign & 0xff);
}

static inline bool flag_a(const struct cpu *cpu)
{
    return (cpu->f_aux & 0x10) != 0;
}

/* SF, ZF, PF of a result. */
static inline void flags_szp(struct cpu *cpu, unsigned width, uint32_t r)
{
    cpu->f_zero = cpu->f_sign = sign_extend(r, width);
}

static inline void flags_logic(struct cpu *cpu, unsigned width, uint32_t r)
{
    flags_szp(cpu, width, r);
    cpu->f_carry = 0;
    cpu->f_aux = 0; /* undefined by the manual; silicon clears it */
    cpu->f_over = 0;
}

/* r is a + b (+ carry), cut to width; the carry out is given. */
static inline void flags_add(struct cpu *cpu, unsigned width, uint32_t a, uint32_t b, uint32_t r)
{
    flags_szp(cpu, width, r);
    cpu->f_aux = a ^ b ^ r;
    cpu->f_over = ((a ^ r) & (b ^ r)) << (32 - 8 * width);
}

static inline void flags_sub(struct cpu *cpu, unsigned width, uint32_t a, uint32_t b, uint32_t r)
{
    flags_szp(cpu, width, r);
    cpu->f_aux = a ^ b ^ r;
    cpu->f_over = ((a ^ b) & (a ^ r)) << (32 - 8 * width);
}

static inline uint32_t flags_get(const struct cpu *cpu)
{
    return (flag_c(cpu) ? FLAG_CF : 0) | (flag_p(cpu) ? FLAG_PF : 0) | (flag_a(cpu) ? FLAG_AF : 0)
         | (flag_z(cpu) ? FLAG_ZF : 0) | (flag_s(cpu) ? FLAG_SF : 0) | (flag_o(cpu) ? FLAG_OF : 0);
}

static inline void flags_set(struct cpu *cpu, uint32_t v)
{
    cpu->f_carry = v & FLAG_CF;
    cpu->f_zero = !(v & FLAG_ZF);
    cpu->f_sign = (v & FLAG_SF ? 0x80000000u : 0) | !(v & FLAG_PF);
    cpu->f_aux = v & FLAG_AF;
    cpu->f_over = v & FLAG_OF ? 0x80000000u : 0;
}

/* Condition code of Jcc, SETcc, CMOVcc (SDM vol. 2, appendix B.1.4.7). */
static inline bool flags_cond(const struct cpu *cpu, unsigned cc)
{
    bool v;

    switch (cc >> 1) {
    case 0: v = flag_o(cpu); break;
    case 1: v = flag_c(cpu); break;
    case 2: v = flag_z(cpu); break;
    case 3: v = flag_c(cpu) || flag_z(cpu); break;
    case 4: v = flag_s(cpu); break;
    case 5: v = flag_p(cpu); break;
    case 6: v = flag_s(cpu) != flag_o(cpu); break;
    default: v = flag_z(cpu) || flag_s(cpu) != flag_o(cpu); break;
    }
    return v != (cc & 1);
}

#endif

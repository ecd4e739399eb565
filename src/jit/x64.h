/*
 * The x86-64 encoder: one function an instruction form, no policy.  Only this
 * writes bytes of host code.
 *
 * Source: Intel SDM vol. 2, 2.1 and 2.2 (ModRM, SIB, REX), each instruction.
 */
#ifndef JIT_X64_H
#define JIT_X64_H

#include "base/bits.h"

/* Registers by their number; the second bytes of the first four are 16 to 19. */
enum hreg {
    RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
    HIGH_BYTE = 16,
    NO_HREG = -1,
};

/*
 * [base + index * 2^scale + disp]; base or index may be NO_HREG.  `guest`: the
 * sum is cut to 32 bits and counts from the window's start (GS).
 */
struct xmem {
    int base, index;
    unsigned scale;
    int32_t disp;
    bool guest;
};

/* Where code is written; `full` is set, and nothing written, past the end. */
struct code {
    uint8_t *p, *end;
    bool full;
};

enum { X64_ROOM = 32 }; /* bytes that have to be there before an instruction is put, which takes less */

/* The eight of 80/81/83, by their reg field. */
enum x64_alu { X_ADD, X_OR, X_ADC, X_SBB, X_AND, X_SUB, X_XOR, X_CMP };
/* The eight of C0/D0/D2. */
enum x64_shift { X_ROL, X_ROR, X_RCL, X_RCR, X_SHL, X_SHR, X_SAL, X_SAR };
/* The four of 0F BA, from BT. */
enum x64_bit { X_BT = 4, X_BTS, X_BTR, X_BTC };
/* The reg field of F6/F7. */
enum x64_unary { X_NOT = 2, X_NEG, X_MUL, X_IMUL, X_DIV, X_IDIV };
/* Condition codes of Jcc, SETcc, CMOVcc. */
enum x64_cc { CC_O, CC_NO, CC_C, CC_NC, CC_Z, CC_NZ, CC_BE, CC_A, CC_S, CC_NS, CC_P, CC_NP };

static inline struct xmem x64_at(int base, int32_t disp)
{
    return (struct xmem){ base, NO_HREG, 0, disp, false };
}

/* Widths are 1, 2, 4, 8 bytes. */
void x64_mov_rr(struct code *c, unsigned w, int dst, int src);
void x64_mov_rm(struct code *c, unsigned w, int dst, struct xmem m);
void x64_mov_mr(struct code *c, unsigned w, struct xmem m, int src);
void x64_mov_ri(struct code *c, int dst, uint32_t imm); /* 32 bits, upper half cleared */
void x64_mov_ri64(struct code *c, int dst, uint64_t imm);
void x64_mov_r8i(struct code *c, int dst, uint8_t imm);
void x64_mov_r16i(struct code *c, int dst, uint16_t imm);
void x64_mov_mi(struct code *c, unsigned w, struct xmem m, uint32_t imm);
void x64_movx_rr(struct code *c, bool sign, unsigned from, int dst, unsigned w, int src);
void x64_movx_rm(struct code *c, bool sign, unsigned from, int dst, unsigned w, struct xmem m);
void x64_lea(struct code *c, unsigned w, int dst, struct xmem m);
void x64_alu_rr(struct code *c, enum x64_alu op, unsigned w, int dst, int src);
void x64_alu_rm(struct code *c, enum x64_alu op, unsigned w, int dst, struct xmem m);
/* With 64 bits at a place to be given by x64_patch: where its displacement lies. */
uint8_t *x64_alu_rip(struct code *c, enum x64_alu op, int dst);
void x64_alu_ri(struct code *c, enum x64_alu op, unsigned w, int dst, uint32_t imm);
void x64_alu_mi(struct code *c, enum x64_alu op, unsigned w, struct xmem m, uint32_t imm);
void x64_test_mi8(struct code *c, struct xmem m, uint8_t imm);
void x64_test_rr(struct code *c, unsigned w, int a, int b);
void x64_test_ri(struct code *c, unsigned w, int a, uint32_t imm);
void x64_inc_dec(struct code *c, bool dec, unsigned w, int dst);
void x64_unary(struct code *c, enum x64_unary op, unsigned w, int dst);
void x64_shift_ri(struct code *c, enum x64_shift op, unsigned w, int dst, uint8_t count);
void x64_shift_cl(struct code *c, enum x64_shift op, unsigned w, int dst);
void x64_shd_ri(struct code *c, bool right, unsigned w, int dst, int src, uint8_t count); /* SHLD, SHRD */
void x64_shd_cl(struct code *c, bool right, unsigned w, int dst, int src);
void x64_bscan(struct code *c, bool reverse, int dst, int src); /* BSF, BSR of 32 bits */
void x64_bit_rr(struct code *c, enum x64_bit op, unsigned w, int dst, int bit);
void x64_bit_ri(struct code *c, enum x64_bit op, unsigned w, int dst, uint8_t bit);
/* CF: bit r (64 bits) of the bits from m on. */
void x64_bt_mr(struct code *c, struct xmem m, int r);
void x64_imul_rr(struct code *c, unsigned w, int dst, int src);
void x64_imul_rri(struct code *c, unsigned w, int dst, int src, uint32_t imm);
void x64_bswap(struct code *c, int dst);
void x64_xchg_rr(struct code *c, unsigned w, int a, int b);
void x64_cbw(struct code *c, unsigned w); /* to w bytes */
void x64_cwd(struct code *c, unsigned w);
void x64_setcc_r(struct code *c, unsigned cc, int dst);
void x64_setcc_m(struct code *c, unsigned cc, struct xmem m);
void x64_cmov_rr(struct code *c, unsigned cc, unsigned w, int dst, int src);
/* The guest's own instructions: opcode D8 to DF; 0F and an opcode of MMX. */
void x64_fpu_r(struct code *c, unsigned op, unsigned modrm);
void x64_fpu_m(struct code *c, unsigned op, unsigned reg, struct xmem m);
void x64_mmx_r(struct code *c, unsigned op, unsigned reg, int rm);
void x64_mmx_m(struct code *c, unsigned op, unsigned reg, struct xmem m);
void x64_emms(struct code *c);
/* Not code: at a multiple of `to` bytes in the mapping. */
void x64_align(struct code *c, unsigned to);
void x64_data64(struct code *c, uint64_t v);
void x64_imm8(struct code *c, uint8_t imm); /* behind one of those */
void x64_push(struct code *c, int r);
void x64_pop(struct code *c, int r);
void x64_sahf(struct code *c);
void x64_pushf(struct code *c); /* 64 bits, on the host's stack */
void x64_lahf(struct code *c);
void x64_ret(struct code *c);
void x64_jmp_r(struct code *c, int r);
void x64_jmp_m(struct code *c, struct xmem m);
void x64_call_m(struct code *c, struct xmem m);
/* Jumps with a 32-bit displacement: each gives where it lies, for x64_patch. */
uint8_t *x64_jmp(struct code *c);
uint8_t *x64_jcc(struct code *c, unsigned cc);
uint8_t *x64_call(struct code *c);
/* `at` as x64_jmp gave it; `target` in the same mapping. */
void x64_patch(uint8_t *at, const uint8_t *target);
/* The same for one that may come to lead to right behind itself, being no conditional one: it is a NOP then. */
void x64_patch_jmp(uint8_t *at, const uint8_t *target);

#endif

/*
 * x87 and MMX: the host's own, with the guest's registers in it.
 *
 * While `fpu_live` is set, the host's x87 holds the guest's registers, control
 * and status words (fpu.c), and the guest's instructions are executed as they
 * are, their memory operands where emit_access() found them.  Only with all
 * exceptions masked, so none is ever raised.  Instruction and operand pointers
 * are kept in struct cpu.  What is defined by our own arithmetic (FSIN and its
 * like, FPREM, FSCALE, decimals), what undocumented opcodes do, and
 * environments go by the interpreter.
 * Source: Intel SDM vol. 1, 8.1 and 9.2; vol. 2, each instruction.
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

static unsigned mod_reg(const struct insn *in)
{
    return in->modrm >> 3 & 7;
}

static bool is_mem(const struct insn *in)
{
    return in->modrm < 0xc0;
}

/* The host's x87 holds the guest's state, or the step sees to that and starts anew. */
static void fpu_ready(struct emit *e)
{
    struct step *s = emit_native_step(e);

    if (!e->fpu_live) {
        x64_alu_mi(e->c, X_CMP, 4, emit_jit(offsetof(struct jit, fpu_live)), 0);
        emit_step_if(e, CC_Z);
        e->fpu_live = true;
    }
    e->host = 0;
    s->start = jit_rx(e->jit, e->c->p);
}

/* --- FIP, FDP, FOP ------------------------------------------------------- */

static bool fpu_notes(const struct insn *in);

/* The next instruction cannot leave, and writes them too. */
static bool next_notes(const struct emit *e)
{
    const struct insn *in = &e->insns[e->k + 1];

    return e->k + 1 < e->count && !is_mem(in) && fpu_notes(in);
}

/* With a memory operand, its offset is in TMP2. */
static void fpu_note_insn(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    size_t fpu = offsetof(struct cpu, fpu);

    if (is_mem(in)) {
        x64_mov_mr(c, 4, emit_cpu(fpu + offsetof(struct fpu, fdp)), TMP2);
        x64_movx_rm(c, false, 2, TMP3, 4, emit_seg(in->seg, offsetof(struct seg, sel)));
        x64_mov_mr(c, 2, emit_cpu(fpu + offsetof(struct fpu, fds)), TMP3);
    }
    if (next_notes(e))
        return;
    x64_mov_mi(c, 4, emit_cpu(fpu + offsetof(struct fpu, fip)), e->eip - in->len);
    x64_mov_mi(c, 2, emit_cpu(fpu + offsetof(struct fpu, fop)), (in->opcode & 7u) << 8 | in->modrm);
    x64_movx_rm(c, false, 2, TMP3, 4, emit_seg(CS, offsetof(struct seg, sel)));
    x64_mov_mr(c, 2, emit_cpu(fpu + offsetof(struct fpu, fcs)), TMP3);
}

/* --- x87 ----------------------------------------------------------------- */

static void emit_fpu_reg(struct emit *e, const struct insn *in)
{
    fpu_ready(e);
    x64_fpu_r(e->c, in->opcode, in->modrm);
    fpu_note_insn(e, in);
}

/* C1 becomes 0 in the manual, but is left alone by AMD: FINCSTP and FDECSTP clear it. */
void emit_host_comi(struct code *c, const struct insn *in)
{
    x64_fpu_r(c, 0xd9, 0xf7);
    x64_fpu_r(c, 0xd9, 0xf6);
    x64_fpu_r(c, in->opcode, in->modrm);
}

/* FCOMI and its like: the flags that they clear are clear in the host's too. */
static void emit_fpu_comi(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    static const size_t clear[] = {
        offsetof(struct cpu, f_zero), offsetof(struct cpu, f_sign),
        offsetof(struct cpu, f_aux), offsetof(struct cpu, f_over),
    };

    fpu_ready(e);
    emit_host_comi(c, in);
    for (size_t i = 0; i < ARRAY_LEN(clear); i++)
        x64_mov_mi(c, 4, emit_cpu(clear[i]), 0);
    x64_setcc_m(c, CC_C, emit_cpu(offsetof(struct cpu, f_carry)));
    x64_setcc_m(c, CC_NZ, emit_cpu(offsetof(struct cpu, f_zero)));
    x64_setcc_m(c, CC_NP, emit_cpu(offsetof(struct cpu, f_sign)));
    x64_mov_mi(c, 4, emit_jit(offsetof(struct jit, f_op)), FK_SETTLED);
    fpu_note_insn(e, in);
    e->host = HF_ALL | HF_NO_A;
}

static void emit_fpu_cmov(struct emit *e, const struct insn *in)
{
    static const uint8_t codes[4] = { CC_C, CC_Z, CC_BE, CC_P };
    unsigned host = e->fpu_live ? e->host : 0; /* looking whether it is costs them */

    fpu_ready(e);
    e->host = host;
    emit_need_cc(e, codes[in->modrm >> 3 & 3] | (in->opcode & 1));
    x64_fpu_r(e->c, in->opcode, in->modrm);
    fpu_note_insn(e, in);
}

/* The operand's host address in TMP, its offset in TMP2. */
static void fpu_operand(struct emit *e, const struct insn *in, unsigned size, bool write)
{
    emit_ea(e, in, TMP2);
    x64_mov_rr(e->c, 4, TMP, TMP2);
    emit_access(e, in->seg, size, write, emit_room(e, in));
}

static void emit_fpu_mem(struct emit *e, const struct insn *in)
{
    fpu_ready(e);
    fpu_operand(e, in, in->dst.width, in->fn == op_fpu_st_mem);
    x64_fpu_m(e->c, in->opcode, mod_reg(in), e->at);
    fpu_note_insn(e, in);
}

/* FNSTCW, FNSTSW: they note nothing. */
static void emit_fpu_store_word(struct emit *e, const struct insn *in)
{
    fpu_ready(e);
    if (is_mem(in)) {
        fpu_operand(e, in, 2, true);
        x64_fpu_m(e->c, in->opcode, mod_reg(in), e->at);
    } else {
        x64_fpu_r(e->c, in->opcode, in->modrm);
    }
}

/* Unmasking an exception is left to the interpreter. */
static void emit_fpu_ldcw(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    struct xmem word = emit_jit(offsetof(struct jit, fpu_word));

    fpu_ready(e);
    fpu_operand(e, in, 2, false);
    x64_movx_rm(c, false, 2, TMP2, 4, e->at);
    x64_alu_ri(c, X_AND, 4, TMP2, FPU_CW_BITS);
    x64_alu_ri(c, X_OR, 4, TMP2, 0x40);
    x64_mov_rr(c, 4, TMP3, TMP2);
    x64_alu_ri(c, X_AND, 4, TMP3, F80_EXCEPTIONS);
    x64_alu_ri(c, X_CMP, 4, TMP3, F80_EXCEPTIONS);
    emit_step_if(e, CC_NZ);
    x64_mov_mr(c, 4, word, TMP2);
    x64_fpu_m(c, 0xd9, 5, word);
}

/* FNOP, WAIT: no error waits. */
static void emit_fpu_wait(struct emit *e, const struct insn *in)
{
    (void) in;
    fpu_ready(e);
}

/* Not the second encodings of some: parts differ about them. */
static bool com_can(const struct insn *in)
{
    return in->opcode != 0xdc && (in->opcode != 0xde || in->modrm == 0xd9);
}

static bool st_can(const struct insn *in)
{
    return in->opcode == 0xdd;
}

static bool xch_can(const struct insn *in)
{
    return in->opcode == 0xd9;
}

static bool unary_can(const struct insn *in)
{
    return in->modrm == 0xfa || in->modrm == 0xfc; /* FSQRT, FRNDINT */
}

static bool not_bcd_can(const struct insn *in)
{
    return in->row->a != A_Mbcd;
}

/* --- MMX ----------------------------------------------------------------- */

/* MMX register and r/m: another one, memory, a general register. */
static void mmx_do(struct emit *e, const struct insn *in, const struct opnd *rm, bool write)
{
    fpu_ready(e);
    if (is_mem(in)) {
        emit_operand(e, in, rm->width, write);
        x64_mmx_m(e->c, in->opcode, mod_reg(in), e->at);
    } else {
        bool general = in->opcode == 0x6e || in->opcode == 0x7e; /* MOVD */

        x64_mmx_r(e->c, in->opcode, mod_reg(in), general ? emit_home[rm->off / 4] : in->modrm & 7);
    }
}

static void emit_mmx(struct emit *e, const struct insn *in)
{
    mmx_do(e, in, &in->src, false);
    if (in->src.kind == OPND_IMM)
        x64_imm8(e->c, (uint8_t) in->imm);
}

static void emit_mmx_store(struct emit *e, const struct insn *in)
{
    mmx_do(e, in, &in->dst, true);
}

static void emit_emms(struct emit *e, const struct insn *in)
{
    (void) in;
    fpu_ready(e);
    x64_emms(e->c);
}

const struct emit_row emit_fpu_rows[] = {
    { op_fpu_arith, emit_fpu_reg, NULL, EMIT_LEAVES },
    { op_fpu_arith_mem, emit_fpu_mem, NULL, EMIT_LEAVES },
    { op_fpu_com, emit_fpu_reg, com_can, EMIT_LEAVES },
    { op_fpu_com_mem, emit_fpu_mem, NULL, EMIT_LEAVES },
    { op_fpu_comi, emit_fpu_comi, NULL, EMIT_LEAVES },
    { op_fpu_cmov, emit_fpu_cmov, NULL, EMIT_LEAVES },
    { op_fpu_tst, emit_fpu_reg, NULL, EMIT_LEAVES },
    { op_fpu_xam, emit_fpu_reg, NULL, EMIT_LEAVES },
    { op_fpu_chs, emit_fpu_reg, NULL, EMIT_LEAVES },
    { op_fpu_abs, emit_fpu_reg, NULL, EMIT_LEAVES },
    { op_fpu_unary, emit_fpu_reg, unary_can, EMIT_LEAVES },
    { op_fpu_ld, emit_fpu_reg, NULL, EMIT_LEAVES },
    { op_fpu_ld_const, emit_fpu_reg, NULL, EMIT_LEAVES },
    { op_fpu_ld_mem, emit_fpu_mem, not_bcd_can, EMIT_LEAVES },
    { op_fpu_st, emit_fpu_reg, st_can, EMIT_LEAVES },
    { op_fpu_st_mem, emit_fpu_mem, not_bcd_can, EMIT_LEAVES },
    { op_fpu_xch, emit_fpu_reg, xch_can, EMIT_LEAVES },
    { op_fpu_nstcw, emit_fpu_store_word, NULL, EMIT_LEAVES },
    { op_fpu_nstsw, emit_fpu_store_word, NULL, EMIT_LEAVES },
    { op_fpu_ldcw, emit_fpu_ldcw, NULL, EMIT_LEAVES },
    { op_fpu_nop, emit_fpu_wait, NULL, EMIT_LEAVES },
    { op_wait, emit_fpu_wait, NULL, EMIT_LEAVES },
    { op_mmx, emit_mmx, NULL, EMIT_LEAVES },
    { op_mmx_shift, emit_mmx, NULL, EMIT_LEAVES },
    { op_mmx_load, emit_mmx, NULL, EMIT_LEAVES },
    { op_mmx_store, emit_mmx_store, NULL, EMIT_LEAVES },
    { op_emms, emit_emms, NULL, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

static const struct emit_row *fpu_find(const struct insn *in)
{
    const struct emit_row *row = emit_fpu_rows;

    while (row->fn != NULL && (row->fn != in->fn || (row->can != NULL && !row->can(in))))
        row++;
    return row;
}

static bool fpu_notes(const struct insn *in)
{
    return fpu_find(in)->emit == emit_fpu_reg;
}

bool emit_is_native(const struct insn *in)
{
    return fpu_find(in)->fn != NULL;
}

/* Shifts and rotations, of one operand and of two. */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

/* The register that it is in; it goes back to memory from there. */
static int shifted_operand(struct emit *e, const struct insn *in)
{
    if (in->dst.kind != OPND_MEM)
        return emit_reg(&in->dst);
    emit_operand(e, in, in->width, true);
    emit_load_operand(e, in->width);
    return TMP2;
}

/* --- shifts -------------------------------------------------------------- */

static unsigned shift_imm(const struct insn *in)
{
    return in->imm & 31;
}

/* Counts that leave everything, or shift out more than there is: seldom. */
static bool shift_imm_can(const struct insn *in)
{
    return in->src.kind == OPND_IMM && shift_imm(in) != 0 && shift_imm(in) < 8u * in->width;
}

static bool shift_cl_can(const struct insn *in)
{
    return in->src.kind != OPND_IMM;
}

static enum x64_shift shift_op(const struct insn *in)
{
    return in->fn == op_shl ? X_SHL : in->fn == op_shr ? X_SHR : X_SAR;
}

static void shift_keep(struct emit *e, const struct insn *in, int r)
{
    emit_keep_carry(e);
    if (in->fn == op_shl) {
        x64_mov_mi(e->c, 4, emit_jit(offsetof(struct jit, f_src)), 0);
        x64_setcc_m(e->c, CC_C, emit_jit(offsetof(struct jit, f_src)));
    }
    emit_keep_result(e, in->fn == op_shl ? FK_SHL : in->fn == op_shr ? FK_SHR : FK_SAR, in->width, r);
}

/* By CL: a count of 0 leaves all, flags too; one past the width steps. */
static void shift_by_cl(struct emit *e, const struct insn *in, int r, bool memory)
{
    struct code *c = e->c;
    uint8_t *skip;

    if (in->width != 4) {
        x64_test_ri(c, 1, RCX, 32 - 8 * in->width);
        emit_step_if(e, CC_NZ);
    }
    x64_test_ri(c, 1, RCX, 31);
    skip = x64_jcc(c, CC_Z);
    x64_shift_cl(c, shift_op(in), in->width, r);
    if (memory)
        x64_mov_mr(c, in->width, e->at, r);
    shift_keep(e, in, r);
    x64_patch(skip, c->p);
    e->host = 0;
}

static void emit_shift(struct emit *e, const struct insn *in)
{
    bool memory = in->dst.kind == OPND_MEM;
    int r = shifted_operand(e, in);

    if (in->src.kind != OPND_IMM) {
        shift_by_cl(e, in, r, memory);
        return;
    }
    x64_shift_ri(e->c, shift_op(in), in->width, r, (uint8_t) shift_imm(in));
    if (memory)
        x64_mov_mr(e->c, in->width, e->at, r);
    e->host = HF_C | HF_SZP | HF_NO_A | (shift_imm(in) == 1 ? HF_O : 0);
    if (emit_keeps(e, e->host))
        shift_keep(e, in, r);
}

/* --- rotations, double shifts -------------------------------------------- */

static enum x64_shift rotate_op(const struct insn *in)
{
    return in->fn == op_rol ? X_ROL : in->fn == op_ror ? X_ROR : in->fn == op_rcl ? X_RCL : X_RCR;
}

static void rotate_keep(struct emit *e, const struct insn *in, int r)
{
    enum rot_kind kind = in->fn == op_rol ? ROT_LEFT : in->fn == op_rcl ? ROT_CARRY_LEFT : ROT_RIGHT;

    emit_keep_rotation(e, kind, in->width, r);
}

static bool rotates_through_carry(const struct insn *in)
{
    return in->fn == op_rcl || in->fn == op_rcr;
}

/* A count of 0 leaves all. */
static void rotate_by_cl(struct emit *e, const struct insn *in, int r, bool memory)
{
    struct code *c = e->c;
    uint8_t *skip;

    x64_test_ri(c, 1, RCX, 31);
    skip = x64_jcc(c, CC_Z);
    e->host = 0;
    if (rotates_through_carry(in))
        emit_need_carry(e);
    x64_shift_cl(c, rotate_op(in), in->width, r);
    if (memory)
        x64_mov_mr(c, in->width, e->at, r);
    rotate_keep(e, in, r);
    x64_patch(skip, c->p);
    e->host = 0;
}

/* The last step is one by 1, whose OF is the rule for every count. */
static void emit_rotate(struct emit *e, const struct insn *in)
{
    bool memory = in->dst.kind == OPND_MEM;
    int r = shifted_operand(e, in);

    if (in->src.kind != OPND_IMM) {
        rotate_by_cl(e, in, r, memory);
        return;
    }
    if (rotates_through_carry(in))
        emit_need_carry(e);
    if (shift_imm(in) != 1)
        x64_shift_ri(e->c, rotate_op(in), in->width, r, (uint8_t) (shift_imm(in) - 1));
    x64_shift_ri(e->c, rotate_op(in), in->width, r, 1);
    if (memory)
        x64_mov_mr(e->c, in->width, e->at, r);
    e->host = (e->host & (HF_SZP | HF_A | HF_NO_A)) | HF_C | HF_O;
    if (emit_keeps(e, e->host))
        rotate_keep(e, in, r);
}

/* RCL and RCR may have to fetch CF, which costs the other flags. */
static bool rotate_imm_can(const struct insn *in)
{
    return in->src.kind == OPND_IMM && shift_imm(in) != 0 && !rotates_through_carry(in);
}

static bool rotate_carry_imm_can(const struct insn *in)
{
    return in->src.kind == OPND_IMM && shift_imm(in) != 0;
}

static bool shd_can(const struct insn *in)
{
    return in->width == 4;
}

static void emit_shd(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    bool memory = in->dst.kind == OPND_MEM, right = in->fn == op_shrd, by_cl = in->third == A_CL;
    int r, src = emit_reg(&in->src);
    uint8_t *skip = NULL;

    if (!by_cl && shift_imm(in) == 0) {
        emit_interp(e);
        return;
    }
    r = shifted_operand(e, in);
    if (by_cl) {
        x64_test_ri(c, 1, RCX, 31);
        skip = x64_jcc(c, CC_Z);
    }
    emit_keep_src(e, r);
    if (by_cl)
        x64_shd_cl(c, right, 4, r, src);
    else
        x64_shd_ri(c, right, 4, r, src, (uint8_t) shift_imm(in));
    if (memory)
        x64_mov_mr(c, 4, e->at, r);
    emit_keep_carry(e);
    emit_keep_result(e, FK_SHD, 4, r);
    if (by_cl)
        x64_patch(skip, c->p);
    e->host = by_cl ? 0 : HF_C | HF_SZP;
}

const struct emit_row emit_shift_rows[] = {
    { op_shl, emit_shift, shift_imm_can, EMIT_TRAPS },
    { op_shr, emit_shift, shift_imm_can, EMIT_TRAPS },
    { op_sar, emit_shift, shift_imm_can, EMIT_TRAPS },
    { op_shl, emit_shift, shift_cl_can, EMIT_LEAVES },
    { op_shr, emit_shift, shift_cl_can, EMIT_LEAVES },
    { op_sar, emit_shift, shift_cl_can, EMIT_LEAVES },
    { op_rol, emit_rotate, rotate_imm_can, 0 },
    { op_ror, emit_rotate, rotate_imm_can, 0 },
    { op_rol, emit_rotate, shift_cl_can, EMIT_LEAVES },
    { op_ror, emit_rotate, shift_cl_can, EMIT_LEAVES },
    { op_rcl, emit_rotate, rotate_carry_imm_can, EMIT_LEAVES },
    { op_rcr, emit_rotate, rotate_carry_imm_can, EMIT_LEAVES },
    { op_rcl, emit_rotate, shift_cl_can, EMIT_LEAVES },
    { op_rcr, emit_rotate, shift_cl_can, EMIT_LEAVES },
    { op_shld, emit_shd, shd_can, EMIT_LEAVES },
    { op_shrd, emit_shd, shd_can, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

/*
 * Instructions whose immediate is patched again and again: it is read when they
 * are executed, and then they are like the form with a register, or CL.
 */
#include "config.h"

#include "cpu/ops.h"
#include "jit/jit_priv.h"

/* The operand is read to TMP2, which other forms than these use for what is in memory. */
static bool soft_register_can(const struct insn *in)
{
    return in->fn == op_mov || (in->dst.kind == OPND_REG && !emit_is_high(emit_reg(&in->dst)));
}

static void emit_soft_register(struct emit *e, const struct insn *in)
{
    struct insn like = *in;

    if (in->dst.kind == OPND_REG && emit_is_high(emit_reg(&in->dst))) { /* MOV AH: no TMP2 beside it */
        x64_mov_ri64(e->c, TMP, (uintptr_t) &in->imm);
        x64_mov_rm(e->c, 1, emit_reg(&in->dst), x64_at(TMP, 0));
        return;
    }
    like.src.kind = OPND_REG;
    like.src.off = EMIT_SOFT_REG * 4;
    like.src.width = in->width;
    emit_load_soft(e, TMP2, &in->imm);
    emit_as(e, &like);
}

static bool soft_cl_can(const struct insn *in)
{
    return in->width == 4 && in->dst.kind == OPND_REG && emit_reg(&in->dst) != RCX;
}

static void emit_soft_cl(struct emit *e, const struct insn *in)
{
    struct insn like = *in;

    like.src.kind = OPND_REG;
    like.src.off = ECX * 4;
    like.src.width = 1;
    x64_mov_rr(e->c, 8, TMP3, RCX);
    emit_load_soft(e, RCX, &in->imm);
    emit_as(e, &like);
    x64_mov_rr(e->c, 8, RCX, TMP3);
}

static const struct emit_row emit_soft_rows[] = {
    { op_mov, emit_soft_register, soft_register_can, EMIT_TRAPS },
    { op_add, emit_soft_register, soft_register_can, 0 },
    { op_or, emit_soft_register, soft_register_can, 0 },
    { op_adc, emit_soft_register, soft_register_can, 0 },
    { op_sbb, emit_soft_register, soft_register_can, 0 },
    { op_and, emit_soft_register, soft_register_can, 0 },
    { op_sub, emit_soft_register, soft_register_can, 0 },
    { op_xor, emit_soft_register, soft_register_can, 0 },
    { op_cmp, emit_soft_register, soft_register_can, 0 },
    { op_test, emit_soft_register, soft_register_can, 0 },
    { op_shl, emit_soft_cl, soft_cl_can, EMIT_LEAVES },
    { op_shr, emit_soft_cl, soft_cl_can, EMIT_LEAVES },
    { op_sar, emit_soft_cl, soft_cl_can, EMIT_LEAVES },
    { op_rol, emit_soft_cl, soft_cl_can, EMIT_LEAVES },
    { op_ror, emit_soft_cl, soft_cl_can, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

const struct emit_row *emit_find_soft(const struct insn *in)
{
    for (const struct emit_row *row = emit_soft_rows; row->fn != NULL; row++)
        if (row->fn == in->fn && row->can(in))
            return row;
    return NULL;
}

bool emit_soft_disp_can(const struct insn *in)
{
    static op_fn *const fns[] = { op_mov, op_movzx, op_movsx, op_lea, op_add, op_or, op_adc, op_sbb,
                                  op_and, op_sub, op_xor, op_cmp, op_test, op_inc, op_dec };

    return op_is_one_of(in->fn, fns, ARRAY_LEN(fns));
}

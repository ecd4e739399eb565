/* Jumps, calls and returns inside the code segment. */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

static uint32_t branch_mask(unsigned width)
{
    return width == 2 ? 0xffff : UINT32_MAX;
}

uint32_t insn_target(const struct insn *in, uint32_t eip)
{
    return (eip + in->imm) & branch_mask(in->flags & INSN_OPND16 ? 2 : 4);
}

static uint32_t relative_target(const struct emit *e, const struct insn *in)
{
    return insn_target(in, e->eip);
}

/* A target past the limit faults: by the interpreter. */
static bool in_segment(const struct emit *e, uint32_t eip)
{
    return eip <= e->block->key.cs_limit;
}

/* The target in `r` is inside the segment, or the instruction steps. */
static void check_limit(struct emit *e, unsigned width, int r)
{
    uint32_t limit = e->block->key.cs_limit;

    if (limit >= branch_mask(width))
        return;
    x64_alu_ri(e->c, X_CMP, 4, r, limit);
    emit_step_if(e, CC_A);
}

static void emit_jcc(struct emit *e, const struct insn *in)
{
    uint32_t target = relative_target(e, in);

    if (!in_segment(e, target)) {
        emit_interp(e);
        return;
    }
    emit_need_cc(e, in->opcode & 15);
    emit_exit_if(e, in->opcode & 15, target);
}

static void emit_jmp(struct emit *e, const struct insn *in)
{
    uint32_t target = relative_target(e, in);

    if (in_segment(e, target))
        emit_goto(e, target);
    else
        emit_interp(e);
}

static void emit_jcxz(struct emit *e, const struct insn *in)
{
    unsigned w = in->ea_mask == 0xffff ? 2 : 4;
    uint32_t target = relative_target(e, in);

    if (!in_segment(e, target)) {
        emit_interp(e);
        return;
    }
    x64_test_rr(e->c, w, RCX, RCX);
    emit_exit_if(e, CC_Z, target);
    e->host = 0;
}

static void emit_loop(struct emit *e, const struct insn *in)
{
    unsigned w = in->ea_mask == 0xffff ? 2 : 4;
    uint32_t target = relative_target(e, in);

    if (!in_segment(e, target)) {
        emit_interp(e);
        return;
    }
    x64_alu_ri(e->c, X_SUB, w, RCX, 1);
    emit_exit_if(e, CC_NZ, target);
    e->host = 0;
}

/* LOOPZ, LOOPNZ: ECX goes down without the flags, which decide too. */
static void emit_loop_if(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned w = in->ea_mask == 0xffff ? 2 : 4;
    uint32_t target = relative_target(e, in);
    uint8_t *out;

    if (!in_segment(e, target)) {
        emit_interp(e);
        return;
    }
    emit_need_cc(e, CC_Z);
    x64_lea(c, 4, TMP, x64_at(RCX, -1));
    x64_mov_rr(c, w, RCX, TMP);
    out = x64_jcc(c, in->fn == op_loopz ? CC_NZ : CC_Z);
    x64_test_rr(c, w, RCX, RCX);
    emit_exit_if(e, CC_NZ, target);
    x64_patch(out, c->p);
    e->host = 0;
}

/* Operand of an indirect jump, zero-extended, in TMP2. */
static void load_target(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned w = in->width;

    if (in->dst.kind == OPND_MEM) {
        emit_operand(e, in, w, false);
        if (w == 4)
            x64_mov_rm(c, 4, TMP2, e->at);
        else
            x64_movx_rm(c, false, w, TMP2, 4, e->at);
    } else if (w == 4) {
        x64_mov_rr(c, 4, TMP2, emit_reg(&in->dst));
    } else {
        x64_movx_rr(c, false, w, TMP2, 4, emit_reg(&in->dst));
    }
    check_limit(e, w, TMP2);
}

/* To the address in TMP2. */
static void go_to_target(struct emit *e)
{
    if (e->flags != NULL)
        emit_keep_again(e, e->flags);
    x64_mov_rr(e->c, 4, TMP, TMP2);
    emit_goto_tmp(e);
}

static void push_return(struct emit *e, unsigned w)
{
    emit_stack(e, -(int32_t) w, w, true);
    x64_mov_mi(e->c, w, e->at, e->eip);
    emit_move_esp(e, -(int32_t) w);
}

static void emit_call(struct emit *e, const struct insn *in)
{
    uint32_t target = (e->eip + in->imm) & branch_mask(in->width);

    if (!in_segment(e, target)) {
        emit_interp(e);
        return;
    }
    push_return(e, in->width);
    emit_goto(e, target);
}

static void emit_call_abs(struct emit *e, const struct insn *in)
{
    load_target(e, in);
    push_return(e, in->width);
    go_to_target(e);
}

static void emit_jmp_abs(struct emit *e, const struct insn *in)
{
    load_target(e, in);
    go_to_target(e);
}

static void emit_ret(struct emit *e, const struct insn *in)
{
    unsigned w = in->width;

    emit_stack(e, 0, w, false);
    if (w == 4)
        x64_mov_rm(e->c, 4, TMP2, e->at);
    else
        x64_movx_rm(e->c, false, w, TMP2, 4, e->at);
    check_limit(e, w, TMP2);
    emit_move_esp(e, (int32_t) (w + in->imm));
    go_to_target(e);
}

const struct emit_row emit_flow_rows[] = {
    { op_jcc, emit_jcc, NULL, EMIT_LEAVES },
    { op_jmp, emit_jmp, NULL, EMIT_LEAVES },
    { op_jmp_abs, emit_jmp_abs, NULL, EMIT_LEAVES },
    { op_call, emit_call, NULL, EMIT_LEAVES },
    { op_call_abs, emit_call_abs, NULL, EMIT_LEAVES },
    { op_ret, emit_ret, NULL, EMIT_LEAVES },
    { op_jcxz, emit_jcxz, NULL, EMIT_LEAVES },
    { op_loop, emit_loop, NULL, EMIT_LEAVES },
    { op_loopz, emit_loop_if, NULL, EMIT_LEAVES },
    { op_loopnz, emit_loop_if, NULL, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

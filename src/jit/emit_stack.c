/*
 * The stack: PUSH, POP, LEAVE, PUSHA, POPA.
 *
 * Source: Intel SDM vol. 2, each instruction.
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

static void emit_push(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned w = in->width;

    if (in->dst.kind == OPND_MEM) {
        emit_operand(e, in, w, false);
        x64_mov_rm(c, w, TMP2, e->at);
    }
    emit_stack(e, -(int32_t) w, w, true);
    if (in->dst.kind == OPND_IMM)
        x64_mov_mi(c, w, e->at, in->imm);
    else
        x64_mov_mr(c, w, e->at, in->dst.kind == OPND_MEM ? (int) TMP2 : emit_reg(&in->dst));
    if (e->even[e->k] != EVEN_NOT) /* it is the new SP, and nothing else */
        x64_mov_rr(c, 2, emit_home[ESP], TMP);
    else
        emit_move_esp(e, -(int32_t) w);
}

/* An address with SP, which may go round between the two. */
bool emit_pop_steps(const struct emit *e, const struct insn *in)
{
    return in->dst.kind == OPND_MEM && in->base == ESP && !emit_big_stack(e);
}

/* An address with ESP sees it after the pop. */
static void emit_pop_mem(struct emit *e, const struct insn *in)
{
    struct insn after = *in;

    if (emit_pop_steps(e, in)) {
        emit_interp(e);
        return;
    }
    if (in->base == ESP)
        after.disp += in->width;
    emit_stack(e, 0, in->width, false);
    x64_mov_rm(e->c, in->width, TMP2, e->at);
    emit_operand(e, &after, in->width, true);
    x64_mov_mr(e->c, in->width, e->at, TMP2);
    emit_move_esp(e, in->width);
}

static void emit_pop(struct emit *e, const struct insn *in)
{
    int dst = emit_reg(&in->dst);

    if (in->dst.kind == OPND_MEM) {
        emit_pop_mem(e, in);
        return;
    }
    emit_stack(e, 0, in->width, false);
    if (dst != emit_home[ESP]) {
        x64_mov_rm(e->c, in->width, dst, e->at);
        emit_move_esp(e, in->width);
        return;
    }
    x64_mov_rm(e->c, in->width, TMP2, e->at);
    emit_move_esp(e, in->width);
    x64_mov_rr(e->c, in->width, dst, TMP2);
}

static void emit_leave_frame(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    bool big = e->block->key.profile & PROFILE_BIG_STACK;
    int esp = emit_home[ESP], ebp = emit_home[EBP];

    if (!emit_near(e, NEAR_STACK, in->width, false)) {
        if (big)
            x64_mov_rr(c, 4, TMP, ebp);
        else
            x64_movx_rr(c, false, 2, TMP, 4, ebp);
        emit_access(e, SS, in->width, false, !big);
    }
    x64_mov_rm(c, in->width, TMP2, e->at);
    x64_lea(c, 4, TMP, x64_at(ebp, in->width));
    x64_mov_rr(c, big ? 4 : 2, esp, TMP);
    x64_mov_rr(c, in->width, ebp, TMP2);
}

/* --- all registers -------------------------------------------------------- */

/*
 * Eight operands.  None of them faults once this is past, so what steps in the
 * middle, and begins again, has changed nothing that counts: ESP comes last.
 * Over the end of 4 GiB one might, and a stack of 64 KiB goes round.
 */
static void stack_eight(struct emit *e, int32_t delta, unsigned width, bool write)
{
    bool big = emit_big_stack(e);

    if (!big || emit_profile(e, SS) == PROFILE_FLAT) {
        x64_lea(e->c, 4, TMP, x64_at(emit_home[ESP], delta));
        if (!big)
            x64_movx_rr(e->c, false, 2, TMP, 4, TMP);
        x64_alu_ri(e->c, X_CMP, 4, TMP, (big ? 0 : 0x10000) - 8 * width);
        emit_step_if(e, CC_A);
    }
    emit_stack(e, delta, 8 * width, write);
    e->host = 0;
}

static void emit_pusha(struct emit *e, const struct insn *in)
{
    int32_t w = (int32_t) in->width;

    stack_eight(e, -8 * w, in->width, true);
    for (int32_t i = 0; i < 8; i++)
        x64_mov_mr(e->c, in->width, emit_at(e, (7 - i) * w), emit_home[i]);
    emit_move_esp(e, -8 * w);
}

static void emit_popa(struct emit *e, const struct insn *in)
{
    int32_t w = (int32_t) in->width;

    stack_eight(e, 0, in->width, false);
    for (int32_t i = 0; i < 8; i++)
        if (i != ESP)
            x64_mov_rm(e->c, in->width, emit_home[i], emit_at(e, (7 - i) * w));
    emit_move_esp(e, 8 * w);
}

const struct emit_row emit_stack_rows[] = {
    { op_push, emit_push, NULL, EMIT_LEAVES | EMIT_TRAPS },
    { op_pop, emit_pop, NULL, EMIT_LEAVES | EMIT_TRAPS },
    { op_leave, emit_leave_frame, NULL, EMIT_LEAVES },
    { op_pusha, emit_pusha, NULL, EMIT_LEAVES },
    { op_popa, emit_popa, NULL, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

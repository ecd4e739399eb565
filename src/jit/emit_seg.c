/*
 * Segment registers: loads, stores, far pointers; questions about selectors.
 *
 * Source: Intel SDM vol. 2, MOV, PUSH, POP, LDS, LAR, LSL, VERR; vol. 3, 3.4.5 and 20.1.1.
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "cpu/segment.h"
#include "jit/jit_priv.h"

/*
 * A load in real or V86 mode changes selector and base, no more, where the
 * segment has been made usable; with another limit ("unreal" mode) also the
 * profile, when the base becomes 0.  In protected mode C loads, if it can without
 * a fault or a store; another profile leaves the block.  What holds interrupts back after a load of
 * SS is that the next instruction is of the same block.
 */
static bool load_is_plain(const struct emit *e, unsigned seg)
{
    if (seg == CS || seg >= SEGS)
        return false;
    if (!(e->block->key.profile & KEY_PARAGRAPHS))
        return seg != SS || e->k + 1 < e->count;
    if (seg == SS)
        return emit_profile(e, SS) == PROFILE_64K && e->k + 1 < e->count;
    return emit_profile(e, seg) != PROFILE_FLAT;
}

bool emit_is_paragraph_load(const struct emit *e, const struct insn *in)
{
    unsigned seg = in->dst.reg;

    return (e->block->key.profile & KEY_PARAGRAPHS) && seg != SS && seg != CS && seg < SEGS
        && emit_profile(e, seg) == PROFILE_64K && in->src.kind != OPND_MEM;
}

/* In real mode.  The selector is in TMP2; nothing is changed yet. */
static void check_load(struct emit *e, unsigned seg)
{
    if (!(e->block->key.profile & KEY_PARAGRAPHS) || emit_profile(e, seg) == PROFILE_64K)
        return;
    x64_test_rr(e->c, 4, TMP2, TMP2);
    emit_step_if(e, CC_Z);
    x64_test_mi8(e->c, emit_seg(seg, offsetof(struct seg, attr)), SEG_P);
    emit_step_if(e, CC_Z);
    e->host = 0;
}

static void load_paragraph(struct emit *e, unsigned seg)
{
    struct code *c = e->c;

    x64_mov_mr(c, 2, emit_seg(seg, offsetof(struct seg, sel)), TMP2);
    x64_lea(c, 4, TMP2, (struct xmem){ NO_HREG, TMP2, 3, 0, false });
    x64_lea(c, 4, TMP2, (struct xmem){ TMP2, TMP2, 0, 0, false });
    x64_mov_mr(c, 4, emit_seg(seg, offsetof(struct seg, base)), TMP2);
}

/* From TMP2.  It may step: nothing of the instruction is done before. */
static void load_segment(struct emit *e, unsigned seg)
{
    struct code *c = e->c;

    if (e->block->key.profile & KEY_PARAGRAPHS) {
        load_paragraph(e, seg);
        return;
    }
    x64_alu_ri(c, X_OR, 4, TMP2, seg << 16);
    x64_patch(x64_call(c), e->jit->shared.load_segment);
    x64_test_rr(c, 4, TMP2, TMP2);
    emit_step_if(e, CC_Z);
    e->host = 0;
}

/* The instruction is done.  Does the rest of the block hold for the segment as it is now? */
static void leave_if_moved(struct emit *e, unsigned seg)
{
    struct patch *p;

    if ((e->block->key.profile & KEY_PARAGRAPHS) || seg == SS)
        return;
    x64_alu_mi(e->c, X_CMP, 4, emit_jit(offsetof(struct jit, moved)), 0);
    p = emit_patch(e, PATCH_MOVED, x64_jcc(e->c, CC_NZ));
    p->eip = e->eip;
    p->after = e->k + 1;
}

void emit_moved_piece(struct emit *e, const struct patch *p)
{
    emit_count_back(e, p->after);
    x64_patch(x64_call(e->c), e->jit->shared.new_context);
    x64_mov_ri(e->c, TMP, p->eip);
    emit_goto_tmp(e);
}

static void emit_mov_to_seg(struct emit *e, const struct insn *in)
{
    if (!load_is_plain(e, in->dst.reg)) {
        emit_interp(e);
        return;
    }
    if (in->src.kind == OPND_MEM) {
        emit_operand(e, in, 2, false);
        x64_movx_rm(e->c, false, 2, TMP2, 4, e->at);
    } else {
        x64_movx_rr(e->c, false, 2, TMP2, 4, emit_reg(&in->src));
    }
    check_load(e, in->dst.reg);
    load_segment(e, in->dst.reg);
    leave_if_moved(e, in->dst.reg);
}

static void emit_pop_seg(struct emit *e, const struct insn *in)
{
    if (!load_is_plain(e, in->dst.reg)) {
        emit_interp(e);
        return;
    }
    emit_stack(e, 0, 2, false);
    x64_movx_rm(e->c, false, 2, TMP2, 4, e->at);
    check_load(e, in->dst.reg);
    load_segment(e, in->dst.reg);
    emit_move_esp(e, in->width);
    leave_if_moved(e, in->dst.reg);
}

/* LES, LDS, LFS, LGS: the selector lies behind the offset. */
static void emit_lfar(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned seg = in->opcode == 0xc4 ? ES : in->opcode == 0xc5 ? DS : in->opcode == 0xb2 ? SS
                 : in->opcode == 0xb4 ? FS : GS;

    if (!load_is_plain(e, seg)) {
        emit_interp(e);
        return;
    }
    emit_far_operand(e, in);
    x64_movx_rm(c, false, 2, TMP2, 4, emit_at(e, (int32_t) in->width));
    x64_mov_rm(c, in->width, TMP3, e->at);
    check_load(e, seg);
    load_segment(e, seg);
    x64_mov_rr(c, in->width, emit_reg(&in->dst), TMP3);
    leave_if_moved(e, seg);
}

static void emit_push_seg(struct emit *e, const struct insn *in)
{
    emit_stack(e, -(int32_t) in->width, 2, true);
    x64_movx_rm(e->c, false, 2, TMP2, 4, emit_seg(in->dst.reg, offsetof(struct seg, sel)));
    x64_mov_mr(e->c, 2, e->at, TMP2);
    emit_move_esp(e, -(int32_t) in->width);
}

static bool from_seg_can(const struct insn *in)
{
    return in->src.reg < SEGS;
}

static void emit_mov_from_seg(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;

    if (in->dst.kind == OPND_MEM)
        emit_operand(e, in, 2, true);
    x64_movx_rm(c, false, 2, TMP2, 4, emit_seg(in->src.reg, offsetof(struct seg, sel)));
    if (in->dst.kind == OPND_MEM)
        x64_mov_mr(c, 2, e->at, TMP2);
    else
        x64_mov_rr(c, in->dst.width, emit_reg(&in->dst), TMP2);
}

/* --- questions ------------------------------------------------------------ */

/* The selector is in TMP2.  The answer is too, with ZF in struct cpu. */
static void ask(struct emit *e, const struct insn *in, enum seg_question q)
{
    struct code *c = e->c;
    const struct opnd *o = q == SEG_LAR || q == SEG_LSL ? &in->src : &in->dst;

    if (o->kind == OPND_MEM) {
        emit_operand(e, in, 2, false);
        x64_movx_rm(c, false, 2, TMP2, 4, e->at);
    } else {
        x64_movx_rr(c, false, 2, TMP2, 4, emit_reg(o));
    }
    x64_alu_ri(c, X_OR, 4, TMP2, (uint32_t) q << 16);
    x64_patch(x64_call(c), e->jit->shared.ask_segment);
    x64_test_rr(c, 8, TMP2, TMP2);
    emit_step_if(e, CC_S);
    e->host = 0;
}

static void emit_lar_lsl(struct emit *e, const struct insn *in)
{
    uint8_t *no;

    if (e->block->key.profile & KEY_PARAGRAPHS) {
        emit_interp(e);
        return;
    }
    ask(e, in, in->fn == op_lar ? SEG_LAR : SEG_LSL);
    no = x64_jcc(e->c, CC_Z);
    x64_mov_rr(e->c, in->width, emit_reg(&in->dst), TMP2);
    x64_patch(no, e->c->p);
}

static void emit_verify(struct emit *e, const struct insn *in)
{
    if (e->block->key.profile & KEY_PARAGRAPHS)
        emit_interp(e);
    else
        ask(e, in, in->fn == op_verr ? SEG_VERR : SEG_VERW);
}

const struct emit_row emit_seg_rows[] = {
    { op_mov_to_seg, emit_mov_to_seg, NULL, EMIT_LEAVES },
    { op_mov_from_seg, emit_mov_from_seg, from_seg_can, EMIT_LEAVES },
    { op_push_seg, emit_push_seg, NULL, EMIT_LEAVES | EMIT_TRAPS },
    { op_pop_seg, emit_pop_seg, NULL, EMIT_LEAVES | EMIT_TRAPS },
    { op_lfar, emit_lfar, NULL, EMIT_LEAVES },
    { op_lar, emit_lar_lsl, NULL, EMIT_LEAVES },
    { op_lsl, emit_lar_lsl, NULL, EMIT_LEAVES },
    { op_verr, emit_verify, NULL, EMIT_LEAVES },
    { op_verw, emit_verify, NULL, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

/* Moves, conversions, the stack. */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

static void emit_mov(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned w = in->dst.width;

    if (in->dst.kind == OPND_MEM) {
        emit_operand(e, in, w, true);
        if (in->src.kind == OPND_IMM)
            x64_mov_mi(c, w, e->at, in->imm);
        else
            x64_mov_mr(c, w, e->at, emit_reg(&in->src));
    } else if (in->src.kind == OPND_MEM) {
        emit_operand(e, in, w, false);
        x64_mov_rm(c, w, emit_reg(&in->dst), e->at);
    } else if (in->src.kind == OPND_REG) {
        x64_mov_rr(c, w, emit_reg(&in->dst), emit_reg(&in->src));
    } else if (w == 4) {
        x64_mov_ri(c, emit_reg(&in->dst), in->imm);
    } else if (w == 2) {
        x64_mov_r16i(c, emit_reg(&in->dst), (uint16_t) in->imm);
    } else {
        x64_mov_r8i(c, emit_reg(&in->dst), (uint8_t) in->imm);
    }
}

/* MOVZX, MOVSX: through TMP, which can take AH and a 16-bit result's upper half. */
static void emit_movx(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    bool sign = in->fn == op_movsx;
    int dst = emit_reg(&in->dst);

    if (in->src.kind == OPND_MEM) {
        emit_operand(e, in, in->src.width, false);
        x64_movx_rm(c, sign, in->src.width, TMP, 4, e->at);
    } else {
        x64_movx_rr(c, sign, in->src.width, TMP, 4, emit_reg(&in->src));
    }
    x64_mov_rr(c, in->width, dst, TMP);
}

static void emit_lea(struct emit *e, const struct insn *in)
{
    int dst = emit_reg(&in->dst);

    if (in->width == 4) {
        emit_ea(e, in, dst);
        return;
    }
    emit_ea(e, in, TMP);
    x64_mov_rr(e->c, 2, dst, TMP);
}

static bool xchg_can(const struct insn *in)
{
    return in->dst.kind == OPND_REG || !emit_is_high(emit_reg(&in->src));
}

static void emit_xchg(struct emit *e, const struct insn *in)
{
    int src = emit_reg(&in->src);

    if (in->dst.kind == OPND_REG) {
        x64_xchg_rr(e->c, in->width, emit_reg(&in->dst), src);
        return;
    }
    emit_operand(e, in, in->width, true);
    x64_mov_rm(e->c, in->width, TMP2, e->at);
    x64_mov_mr(e->c, in->width, e->at, src);
    x64_mov_rr(e->c, in->width, src, TMP2);
}

static void emit_cbw(struct emit *e, const struct insn *in)
{
    x64_cbw(e->c, in->width);
}

static void emit_cwd(struct emit *e, const struct insn *in)
{
    x64_cwd(e->c, in->width);
}

static void emit_nop(struct emit *e, const struct insn *in)
{
    (void) e;
    (void) in;
}

/* The condition is taken before the operand is looked at: that costs the host's flags. */
static void emit_setcc(struct emit *e, const struct insn *in)
{
    emit_need_cc(e, in->opcode & 15);
    if (in->dst.kind == OPND_REG) {
        x64_setcc_r(e->c, in->opcode & 15, emit_reg(&in->dst));
        return;
    }
    x64_setcc_r(e->c, in->opcode & 15, TMP2);
    emit_operand(e, in, 1, true);
    x64_mov_mr(e->c, 1, e->at, TMP2);
}

static void emit_cmov(struct emit *e, const struct insn *in)
{
    int src = TMP2;

    if (in->src.kind == OPND_MEM) {
        emit_operand(e, in, in->width, false);
        x64_mov_rm(e->c, in->width, TMP2, e->at);
    } else {
        src = emit_reg(&in->src);
    }
    emit_need_cc(e, in->opcode & 15);
    x64_cmov_rr(e->c, in->opcode & 15, in->width, emit_reg(&in->dst), src);
}

/* --- the stack ----------------------------------------------------------- */

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
    emit_move_esp(e, -(int32_t) w);
}

/* An address with ESP sees it after the pop. */
static void emit_pop_mem(struct emit *e, const struct insn *in)
{
    struct insn after = *in;

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

    if (big)
        x64_mov_rr(c, 4, TMP, ebp);
    else
        x64_movx_rr(c, false, 2, TMP, 4, ebp);
    emit_access(e, SS, in->width, false, !big);
    x64_mov_rm(c, in->width, TMP2, e->at);
    x64_lea(c, 4, TMP, x64_at(ebp, in->width));
    x64_mov_rr(c, big ? 4 : 2, esp, TMP);
    x64_mov_rr(c, in->width, ebp, TMP2);
}

/* --- segment registers ---------------------------------------------------- */

/*
 * A load in real or V86 mode changes selector and base, no more, where the
 * segment has been made usable; with another limit ("unreal" mode) also the
 * profile, when the base becomes 0.  What holds interrupts back after a load of
 * SS is that the next instruction is of the same block.
 */
static bool load_is_plain(const struct emit *e, unsigned seg)
{
    if (!(e->block->key.profile & KEY_PARAGRAPHS) || seg == CS || seg >= SEGS)
        return false;
    if (seg == SS)
        return emit_profile(e, SS) == PROFILE_64K && e->k + 1 < e->count;
    return emit_profile(e, seg) != PROFILE_FLAT;
}

/* The selector is in TMP2; nothing is changed yet. */
static void check_load(struct emit *e, unsigned seg)
{
    size_t attr = offsetof(struct cpu, seg) + seg * sizeof(struct seg) + offsetof(struct seg, attr);

    if (emit_profile(e, seg) == PROFILE_64K)
        return;
    x64_test_rr(e->c, 4, TMP2, TMP2);
    emit_step_if(e, CC_Z);
    x64_test_mi8(e->c, emit_cpu(attr), SEG_P);
    emit_step_if(e, CC_Z);
    e->host = 0;
}

/* The selector is in TMP2. */
static void load_segment(struct emit *e, unsigned seg)
{
    struct code *c = e->c;
    size_t base = offsetof(struct cpu, seg) + seg * sizeof(struct seg) + offsetof(struct seg, base);

    x64_mov_mr(c, 2, emit_cpu(emit_selector(seg)), TMP2);
    x64_lea(c, 4, TMP2, (struct xmem){ NO_HREG, TMP2, 3, 0, false });
    x64_lea(c, 4, TMP2, (struct xmem){ TMP2, TMP2, 0, 0, false });
    x64_mov_mr(c, 4, emit_cpu(base), TMP2);
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
    emit_move_esp(e, in->width);
    load_segment(e, in->dst.reg);
}

/* LES, LDS, LFS, LGS: the selector lies behind the offset. */
static void emit_lfar(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned seg = in->opcode == 0xc4 ? ES : in->opcode == 0xc5 ? DS : in->opcode == 0xb2 ? SS : in->opcode == 0xb4 ? FS : GS;

    if (!load_is_plain(e, seg) || in->width != 2) {
        emit_interp(e);
        return;
    }
    emit_far_operand(e, in);
    x64_movx_rm(c, false, 2, TMP2, 4, emit_at(e, 2));
    check_load(e, seg);
    x64_mov_rm(c, 2, emit_reg(&in->dst), e->at);
    load_segment(e, seg);
}

static void emit_push_seg(struct emit *e, const struct insn *in)
{
    emit_stack(e, -(int32_t) in->width, 2, true);
    x64_movx_rm(e->c, false, 2, TMP2, 4, emit_cpu(emit_selector(in->dst.reg)));
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
    x64_movx_rm(c, false, 2, TMP2, 4, emit_cpu(emit_selector(in->src.reg)));
    if (in->dst.kind == OPND_MEM)
        x64_mov_mr(c, 2, e->at, TMP2);
    else
        x64_mov_rr(c, in->dst.width, emit_reg(&in->dst), TMP2);
}

/* --- the rest -------------------------------------------------------------- */

static void emit_xlat(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;

    x64_movx_rr(c, false, 1, TMP, 4, RAX);
    x64_lea(c, 4, TMP, (struct xmem){ TMP, RBX, 0, 0, false });
    if (in->ea_mask == 0xffff)
        x64_movx_rr(c, false, 2, TMP, 4, TMP);
    emit_access(e, in->seg, 1, false, in->ea_mask == 0xffff);
    x64_mov_rm(c, 1, RAX, e->at);
}

static void emit_direction(struct emit *e, const struct insn *in)
{
    struct xmem eflags = emit_cpu(offsetof(struct cpu, eflags));

    if (in->fn == op_std)
        x64_alu_mi(e->c, X_OR, 4, eflags, FLAG_DF);
    else
        x64_alu_mi(e->c, X_AND, 4, eflags, ~(uint32_t) FLAG_DF);
    e->host = 0;
}

/* At CPL 0, and so in real mode; elsewhere it is a matter of IOPL. */
static void emit_cli(struct emit *e, const struct insn *in)
{
    (void) in;
    x64_test_mi8(e->c, emit_cpu(offsetof(struct cpu, cpl)), 3);
    emit_step_if(e, CC_NZ);
    x64_alu_mi(e->c, X_AND, 4, emit_cpu(offsetof(struct cpu, eflags)), ~(uint32_t) FLAG_IF);
    e->host = 0;
}

/* The ticks when it begins: what is left of the budget is that of the block's end. */
static void emit_rdtsc(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;

    (void) in;
    x64_test_mi8(c, emit_cpu(offsetof(struct cpu, cr4)), CR4_TSD);
    emit_step_if(e, CC_NZ);
    x64_mov_rr(c, 8, TMP2, BUDGET);
    x64_shift_ri(c, X_SAR, 8, TMP2, 32);
    x64_unary(c, X_NEG, 8, TMP2);
    x64_alu_rm(c, X_ADD, 8, TMP2, emit_jit(offsetof(struct jit, end)));
    x64_alu_rm(c, X_ADD, 8, TMP2, emit_cpu(offsetof(struct cpu, tsc_offset)));
    x64_alu_ri(c, X_SUB, 8, TMP2, e->cost_from[e->k]);
    x64_mov_rr(c, 4, RAX, TMP2);
    x64_shift_ri(c, X_SHR, 8, TMP2, 32);
    x64_mov_rr(c, 4, RDX, TMP2);
    e->host = 0;
}

const struct emit_row emit_move_rows[] = {
    { op_mov, emit_mov, NULL, EMIT_TRAPS },
    { op_movzx, emit_movx, NULL, EMIT_TRAPS },
    { op_movsx, emit_movx, NULL, EMIT_TRAPS },
    { op_lea, emit_lea, NULL, 0 },
    { op_xchg, emit_xchg, xchg_can, EMIT_TRAPS },
    { op_cbw, emit_cbw, NULL, 0 },
    { op_cwd, emit_cwd, NULL, 0 },
    { op_nop, emit_nop, NULL, 0 },
    { op_setcc, emit_setcc, NULL, 0 },
    { op_cmov, emit_cmov, NULL, 0 },
    { op_push, emit_push, NULL, EMIT_LEAVES | EMIT_TRAPS },
    { op_pop, emit_pop, NULL, EMIT_LEAVES | EMIT_TRAPS },
    { op_leave, emit_leave_frame, NULL, EMIT_LEAVES },
    { op_mov_to_seg, emit_mov_to_seg, NULL, EMIT_LEAVES },
    { op_mov_from_seg, emit_mov_from_seg, from_seg_can, EMIT_LEAVES },
    { op_push_seg, emit_push_seg, NULL, EMIT_LEAVES },
    { op_pop_seg, emit_pop_seg, NULL, EMIT_LEAVES },
    { op_lfar, emit_lfar, NULL, EMIT_LEAVES },
    { op_xlat, emit_xlat, NULL, EMIT_LEAVES },
    { op_cli, emit_cli, NULL, EMIT_LEAVES },
    { op_rdtsc, emit_rdtsc, NULL, EMIT_LEAVES },
    { op_cld, emit_direction, NULL, EMIT_LEAVES },
    { op_std, emit_direction, NULL, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

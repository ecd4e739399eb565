/* Moves and conversions; what sets one bit of EFLAGS, or looks at control registers. */
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

bool emit_keeps_direction(const struct emit *e, const struct insn *in)
{
    return in->fn == (e->block->key.profile & KEY_DOWN ? op_std : op_cld);
}

/* The host's flags stay. */
static void add_to(struct emit *e, struct xmem m, int32_t delta)
{
    x64_mov_rm(e->c, 4, TMP, m);
    x64_lea(e->c, 4, TMP, x64_at(TMP, delta));
    x64_mov_mr(e->c, 4, m, TMP);
}

/* What follows a change is for another block. */
static void emit_direction(struct emit *e, const struct insn *in)
{
    int32_t sign = in->fn == op_std ? 1 : -1;

    if (emit_keeps_direction(e, in))
        return;
    add_to(e, emit_cpu(offsetof(struct cpu, eflags)), sign * FLAG_DF);
    add_to(e, emit_jit(offsetof(struct jit, context) + 4), sign * CONTEXT_DOWN);
    emit_goto(e, e->eip);
}

static void step_unless_cpl_0(struct emit *e)
{
    x64_test_mi8(e->c, emit_cpu(offsetof(struct cpu, cpl)), 3);
    emit_step_if(e, CC_NZ);
    e->host = 0;
}

/* At CPL 0, and so in real mode; elsewhere it is a matter of IOPL. */
static void emit_cli(struct emit *e, const struct insn *in)
{
    (void) in;
    step_unless_cpl_0(e);
    x64_alu_mi(e->c, X_AND, 4, emit_cpu(offsetof(struct cpu, eflags)), ~(uint32_t) FLAG_IF);
}

/*
 * As CLI.  What holds interrupts back for one instruction more is that the next
 * one is of this block; an interrupt that waits already is for the interpreter.
 */
static void emit_sti(struct emit *e, const struct insn *in)
{
    if (e->k + 1 == e->count) {
        emit_interp(e);
        return;
    }
    (void) in;
    step_unless_cpl_0(e);
    x64_alu_mi(e->c, X_CMP, 2, emit_cpu(offsetof(struct cpu, attention)), 0);
    emit_step_if(e, CC_NZ);
    x64_alu_mi(e->c, X_OR, 4, emit_cpu(offsetof(struct cpu, eflags)), FLAG_IF);
}

static bool from_cr_can(const struct insn *in)
{
    return in->src.reg == 0 || in->src.reg == 2 || in->src.reg == 3;
}

static void emit_mov_from_cr(struct emit *e, const struct insn *in)
{
    static const size_t at[4] = { offsetof(struct cpu, cr0), 0, offsetof(struct cpu, cr2), offsetof(struct cpu, cr3) };

    step_unless_cpl_0(e);
    x64_mov_rm(e->c, 4, emit_reg(&in->dst), emit_cpu(at[in->src.reg]));
}

/* Tables are always looked at anew: it ends the block, as it ends a run. */
static void emit_invlpg(struct emit *e, const struct insn *in)
{
    (void) in;
    step_unless_cpl_0(e);
    emit_goto(e, e->eip);
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
    { op_xlat, emit_xlat, NULL, EMIT_LEAVES },
    { op_cli, emit_cli, NULL, EMIT_LEAVES },
    { op_sti, emit_sti, NULL, EMIT_LEAVES },
    { op_rdtsc, emit_rdtsc, NULL, EMIT_LEAVES },
    { op_mov_from_cr, emit_mov_from_cr, from_cr_can, EMIT_LEAVES },
    { op_invlpg, emit_invlpg, NULL, EMIT_LEAVES },
    { op_cld, emit_direction, NULL, EMIT_LEAVES },
    { op_std, emit_direction, NULL, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

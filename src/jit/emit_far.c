/*
 * Far jumps, calls and returns, interrupts by instruction, and flags on the
 * stack, in real mode with code segments of 64 KiB; jumps, calls and returns
 * also between code of one privilege in protected mode.  Elsewhere they step,
 * between rings the short way (jit_transfer()).
 *
 * Source: Intel SDM vol. 2, JMP, CALL, RET, INT n, IRET, PUSHF, POPF;
 *         vol. 3, 20.1.4 "Interrupt and exception handling" (real mode).
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "cpu/segment.h"
#include "jit/jit_priv.h"

/* Is the block in real mode, with a stack that ends where it goes round?  False: the instruction
 * has been left to the interpreter. */
static bool real_can(struct emit *e, const struct insn *in)
{
    if ((e->block->key.profile & KEY_REAL) && in->width == 2 && emit_profile(e, CS) == PROFILE_64K
        && emit_profile(e, SS) == PROFILE_64K && e->block->key.cs_limit == 0xffff)
        return true;
    emit_interp(e);
    return false;
}

/* TMP2: selector << 16 | IP. */
static void enter_paragraph(struct emit *e)
{
    struct code *c = e->c;

    x64_movx_rr(c, false, 2, TMP, 4, TMP2);
    x64_shift_ri(c, X_SHR, 4, TMP2, 16);
    x64_mov_mr(c, 2, emit_seg(CS, offsetof(struct seg, sel)), TMP2);
    x64_mov_mr(c, 2, emit_jit(offsetof(struct jit, context) + 2), TMP2);
    x64_shift_ri(c, X_SHL, 4, TMP2, 4);
    x64_mov_mr(c, 4, emit_seg(CS, offsetof(struct seg, base)), TMP2);
    emit_goto_tmp(e);
}

/* CS and the address of the next instruction, in TMP2. */
static void return_address(struct emit *e)
{
    x64_movx_rm(e->c, false, 2, TMP2, 4, emit_seg(CS, offsetof(struct seg, sel)));
    x64_shift_ri(e->c, X_SHL, 4, TMP2, 16);
    x64_alu_ri(e->c, X_OR, 4, TMP2, e->eip & 0xffff);
}

/* --- JMP, CALL, RET of protected mode -------------------------------------- */

/* Selector in TMP2, offset in struct jit.  CS is another one then, the old one in TMP2; or
 * the instruction steps: nothing is done before. */
static void enter_code(struct emit *e, enum seg_use use)
{
    struct code *c = e->c;

    x64_alu_ri(c, X_OR, 4, TMP2, (uint32_t) use << 16);
    x64_patch(x64_call(c), e->jit->shared.enter_code);
    x64_test_rr(c, 4, TMP2, TMP2);
    emit_step_if(e, CC_Z);
    e->host = 0;
}

/* The operand: a selector behind an offset. */
static void load_far(struct emit *e, unsigned width)
{
    struct code *c = e->c;

    if (width == 4)
        x64_mov_rm(c, 4, TMP2, e->at);
    else
        x64_movx_rm(c, false, 2, TMP2, 4, e->at);
    x64_mov_mr(c, 4, emit_jit(offsetof(struct jit, far_eip)), TMP2);
    x64_movx_rm(c, false, 2, TMP2, 4, emit_at(e, (int32_t) width));
}

/* Its two items are one operand: where SP goes round between them, they step. */
static void frame_in_one(struct emit *e, int32_t delta, unsigned size)
{
    struct code *c = e->c;

    if (emit_big_stack(e) || emit_profile(e, SS) == PROFILE_64K)
        return;
    x64_lea(c, 4, TMP, x64_at(emit_home[ESP], delta));
    x64_movx_rr(c, false, 2, TMP, 4, TMP);
    x64_alu_ri(c, X_CMP, 4, TMP, 0x10000 - size);
    emit_step_if(e, CC_A);
    e->host = 0;
}

static void protected_target(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;

    if (in->dst.kind != OPND_IMM) {
        emit_far_operand(e, in);
        load_far(e, in->width);
        x64_mov_mr(c, 4, emit_jit(offsetof(struct jit, far_target)), TMP2);
    } else {
        x64_mov_mi(c, 4, emit_jit(offsetof(struct jit, far_eip)), in->imm);
    }
}

static void protected_enter(struct emit *e, const struct insn *in)
{
    if (in->dst.kind != OPND_IMM)
        x64_mov_rm(e->c, 4, TMP2, emit_jit(offsetof(struct jit, far_target)));
    else
        x64_mov_ri(e->c, TMP2, in->imm2);
    enter_code(e, SEG_USE_DIRECT);
}

static void protected_go(struct emit *e)
{
    x64_mov_rm(e->c, 4, TMP, emit_jit(offsetof(struct jit, far_eip)));
    emit_goto_tmp(e);
}

static void protected_jmp(struct emit *e, const struct insn *in)
{
    protected_target(e, in);
    protected_enter(e, in);
    protected_go(e);
}

static void protected_call(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned w = in->width;

    protected_target(e, in);
    frame_in_one(e, -(int32_t) (2 * w), 2 * w);
    emit_stack(e, -(int32_t) (2 * w), 2 * w, true);
    if (emit_in_window(e)) { /* what traps does so before CS is another one */
        x64_alu_mi(c, X_OR, w, e->at, 0);
        x64_alu_mi(c, X_OR, w, emit_at(e, (int32_t) w), 0);
    }
    protected_enter(e, in);
    x64_movx_rr(c, false, 2, TMP2, 4, TMP2);
    x64_mov_mr(c, w, emit_at(e, (int32_t) w), TMP2);
    x64_mov_mi(c, w, e->at, w == 2 ? e->eip & 0xffff : e->eip);
    emit_move_esp(e, -(int32_t) (2 * w));
    protected_go(e);
}

static void protected_ret(struct emit *e, const struct insn *in)
{
    unsigned w = in->width;

    frame_in_one(e, 0, 2 * w);
    emit_stack(e, 0, 2 * w, false);
    load_far(e, w);
    enter_code(e, SEG_USE_RETURN);
    emit_move_esp(e, (int32_t) (2 * w + in->imm));
    protected_go(e);
}

/* By a gate or to another ring, the last time: the step does that. */
static bool to_other_ring(const struct emit *e)
{
    return e->block->trace->rings >> e->k & 1;
}

/* --- JMP, CALL, RET ------------------------------------------------------ */

static bool in_protected(const struct emit *e)
{
    return !(e->block->key.profile & KEY_PARAGRAPHS);
}

/* In struct jit, if it is an operand in memory. */
static void far_target(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;

    if (in->dst.kind == OPND_IMM)
        return;
    emit_far_operand(e, in);
    x64_mov_rm(c, 4, TMP2, e->at);
    x64_mov_mr(c, 4, emit_jit(offsetof(struct jit, far_target)), TMP2);
}

/* A target that is known, where linear addresses stay what they are: a jump like others, of a
 * block that is known by its place and IP. */
static void far_go_known(struct emit *e, uint16_t sel, uint32_t ip)
{
    struct code *c = e->c;

    x64_mov_mi(c, 2, emit_seg(CS, offsetof(struct seg, sel)), sel);
    x64_mov_mi(c, 2, emit_jit(offsetof(struct jit, context) + 2), sel);
    x64_mov_mi(c, 4, emit_seg(CS, offsetof(struct seg, base)), (uint32_t) sel << 4);
    emit_goto(e, ip);
}

static void far_go(struct emit *e, const struct insn *in)
{
    if (in->dst.kind == OPND_IMM && !(e->block->key.profile & KEY_MOVES)) {
        far_go_known(e, in->imm2, in->imm & 0xffff);
        return;
    }
    if (in->dst.kind == OPND_IMM)
        x64_mov_ri(e->c, TMP2, (uint32_t) in->imm2 << 16 | (in->imm & 0xffff));
    else
        x64_mov_rm(e->c, 4, TMP2, emit_jit(offsetof(struct jit, far_target)));
    enter_paragraph(e);
}

static void emit_jmp_far(struct emit *e, const struct insn *in)
{
    if (in_protected(e)) {
        protected_jmp(e, in);
        return;
    }
    if (!real_can(e, in))
        return;
    far_target(e, in);
    far_go(e, in);
}

static void emit_call_far(struct emit *e, const struct insn *in)
{
    if (in_protected(e)) {
        if (to_other_ring(e))
            emit_interp(e);
        else
            protected_call(e, in);
        return;
    }
    if (!real_can(e, in))
        return;
    far_target(e, in);
    emit_stack(e, -4, 4, true);
    return_address(e);
    x64_mov_mr(e->c, 4, e->at, TMP2);
    emit_move_esp(e, -4);
    far_go(e, in);
}

static void emit_ret_far(struct emit *e, const struct insn *in)
{
    if (in_protected(e)) {
        if (to_other_ring(e))
            emit_interp(e);
        else
            protected_ret(e, in);
        return;
    }
    if (!real_can(e, in))
        return;
    emit_stack(e, 0, 4, false);
    x64_mov_rm(e->c, 4, TMP2, e->at);
    emit_move_esp(e, (int32_t) (4 + in->imm));
    enter_paragraph(e);
}

/* --- PUSHF, POPF --------------------------------------------------------- */

/* FLAG_ARITH in TMP2 from the host's, the rest from struct cpu. */
static void flags_of_host(struct emit *e)
{
    struct code *c = e->c;

    x64_pushf(c);
    x64_pop(c, TMP2);
    x64_alu_ri(c, X_AND, 4, TMP2, e->host & HF_A ? FLAG_ARITH : FLAG_ARITH & ~FLAG_AF);
    x64_mov_rm(c, 4, TMP, emit_cpu(offsetof(struct cpu, eflags)));
    x64_alu_ri(c, X_AND, 4, TMP, ~(uint32_t) (FLAG_ARITH | FLAG_RF | FLAG_VM));
    x64_lea(c, 4, TMP2, (struct xmem){ TMP2, TMP, 0, 0, false });
}

/* In TMP2, but for RF and VM.  What V86 mode changes about it steps. */
static void read_flags(struct emit *e)
{
    bool has = emit_has_flags(e);

    if (has)
        flags_of_host(e);
    if (e->block->key.profile & KEY_PARAGRAPHS) {
        x64_test_mi8(e->c, emit_cpu(offsetof(struct cpu, cr0)), CR0_PE);
        emit_step_if(e, CC_NZ);
    }
    if (!has)
        x64_patch(x64_call(e->c), e->jit->shared.read_flags);
    e->host = 0;
}

/* From TMP2; what is not plain steps, so nothing may have changed yet. */
static void write_flags(struct emit *e)
{
    struct code *c = e->c;

    x64_patch(x64_call(c), e->jit->shared.write_flags);
    x64_test_rr(c, 4, TMP2, TMP2);
    emit_step_if(e, CC_Z);
    e->host = 0;
}

static void emit_pushf(struct emit *e, const struct insn *in)
{
    read_flags(e);
    emit_stack(e, -(int32_t) in->width, in->width, true);
    x64_mov_mr(e->c, in->width, e->at, TMP2);
    emit_move_esp(e, -(int32_t) in->width);
}

static void emit_popf(struct emit *e, const struct insn *in)
{
    if (!real_can(e, in))
        return;
    emit_stack(e, 0, 2, false);
    x64_movx_rm(e->c, false, 2, TMP2, 4, e->at);
    write_flags(e);
    emit_move_esp(e, 2);
}

/* --- INT n, IRET --------------------------------------------------------- */

/* A vector's entry of a table at 0, in TMP2. */
static void read_vector(struct emit *e, unsigned vector)
{
    struct code *c = e->c;

    x64_alu_mi(c, X_CMP, 4, emit_cpu(offsetof(struct cpu, idt_base)), 0);
    emit_step_if(e, CC_NZ);
    x64_alu_mi(c, X_CMP, 2, emit_cpu(offsetof(struct cpu, idt_limit)), vector * 4 + 3);
    emit_step_if(e, CC_C);
    x64_mov_ri(c, TMP, vector * 4);
    emit_linear(e, 4, false);
    x64_mov_rm(c, 4, TMP2, e->at);
    e->host = 0;
}

/* The frame may be stored in part when the rest steps: the step stores the same again. */
static void emit_int(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    struct xmem target = emit_jit(offsetof(struct jit, far_target));

    if (!real_can(e, in))
        return;
    read_vector(e, in->imm & 0xff);
    x64_mov_mr(c, 4, target, TMP2);
    read_flags(e);
    emit_stack(e, -2, 2, true);
    x64_mov_mr(c, 2, e->at, TMP2);
    emit_stack(e, -6, 4, true);
    return_address(e);
    x64_mov_mr(c, 4, e->at, TMP2);
    emit_move_esp(e, -6);
    x64_alu_mi(c, X_AND, 4, emit_cpu(offsetof(struct cpu, eflags)),
               ~(uint32_t) (FLAG_IF | FLAG_TF | FLAG_RF | FLAG_AC));
    x64_mov_rm(c, 4, TMP2, target);
    enter_paragraph(e);
}

static void emit_iret(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    struct xmem target = emit_jit(offsetof(struct jit, far_target));

    if (!real_can(e, in))
        return;
    emit_stack(e, 0, 4, false);
    x64_mov_rm(c, 4, TMP2, e->at);
    x64_mov_mr(c, 4, target, TMP2);
    emit_stack(e, 4, 2, false);
    x64_movx_rm(c, false, 2, TMP2, 4, e->at);
    write_flags(e);
    emit_move_esp(e, 6);
    x64_mov_rm(c, 4, TMP2, target);
    enter_paragraph(e);
}

const struct emit_row emit_far_rows[] = {
    { op_jmp_far, emit_jmp_far, NULL, EMIT_LEAVES },
    { op_call_far, emit_call_far, NULL, EMIT_LEAVES },
    { op_ret_far, emit_ret_far, NULL, EMIT_LEAVES },
    { op_pushf, emit_pushf, NULL, EMIT_LEAVES },
    { op_popf, emit_popf, NULL, EMIT_LEAVES },
    { op_int, emit_int, NULL, EMIT_LEAVES },
    { op_iret, emit_iret, NULL, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

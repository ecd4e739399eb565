/*
 * String instructions; what is long goes by a step.
 *
 * One iteration is a load and a store like any other.  With REP all iterations
 * are done here if they are few, lie in one page on either side and fit into
 * the time left: then nothing can come in between (cpu/op_string.c).
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

enum { REP_MOST = 64 }; /* iterations */

static bool once_can(const struct insn *in)
{
    return in->rep == REP_NONE;
}

static bool rep_can(const struct insn *in)
{
    return in->rep != REP_NONE;
}

static bool is_16(const struct insn *in)
{
    return in->ea_mask == 0xffff;
}

static bool goes_down(const struct emit *e)
{
    return e->block->key.profile & KEY_DOWN;
}

/* Host address of the element at ESI or EDI in TMP. */
static void string_at(struct emit *e, const struct insn *in, unsigned reg, bool write)
{
    if (is_16(in))
        x64_movx_rr(e->c, false, 2, TMP, 4, emit_home[reg]);
    else
        x64_mov_rr(e->c, 4, TMP, emit_home[reg]);
    emit_access(e, reg == EDI ? (unsigned) ES : in->seg, in->width, write, is_16(in));
}

/* ESI or EDI moves on; the host's flags stay. */
static void string_move(struct emit *e, const struct insn *in, unsigned reg)
{
    struct xmem next = x64_at(emit_home[reg], goes_down(e) ? -(int32_t) in->width : (int32_t) in->width);

    if (is_16(in)) {
        x64_lea(e->c, 4, TMP, next);
        x64_mov_rr(e->c, 2, emit_home[reg], TMP);
    } else {
        x64_lea(e->c, 4, emit_home[reg], next);
    }
}

static void load_to(struct emit *e, unsigned w, int dst)
{
    if (w == 4)
        x64_mov_rm(e->c, 4, dst, e->at);
    else
        x64_movx_rm(e->c, false, w, dst, 4, e->at);
}

/* --- all iterations ------------------------------------------------------- */

/* TMP2: bytes.  Host address of all of them, from ESI or EDI up, or down, in TMP. */
static void string_range(struct emit *e, const struct insn *in, unsigned reg, bool write)
{
    struct code *c = e->c;
    unsigned seg = reg == EDI ? (unsigned) ES : in->seg;

    if (goes_down(e)) {
        x64_lea(c, 4, TMP, x64_at(emit_home[reg], in->width));
        x64_alu_rr(c, X_SUB, 4, TMP, TMP2);
    } else if (is_16(in)) {
        x64_movx_rr(c, false, 2, TMP, 4, emit_home[reg]);
    } else {
        x64_mov_rr(c, 4, TMP, emit_home[reg]);
    }
    emit_range(e, seg, TMP2, write, is_16(in));
}

/* ECX iterations, at least 1, few enough: their bytes in TMP2, their time taken. */
static void rep_take(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;

    if (is_16(in))
        x64_movx_rr(c, false, 2, TMP2, 4, RCX);
    else
        x64_mov_rr(c, 4, TMP2, RCX);
    x64_lea(c, 4, TMP3, x64_at(TMP2, -1));
    x64_alu_ri(c, X_CMP, 4, TMP3, REP_MOST - 1);
    emit_step_if(e, CC_A); /* none, too */
    x64_imul_rri(c, 4, TMP3, TMP3, in->cost);
    x64_shift_ri(c, X_SHL, 8, TMP3, 32);
    x64_alu_rr(c, X_CMP, 8, BUDGET, TMP3);
    emit_step_if(e, CC_C);
    x64_mov_mr(c, 8, emit_jit(offsetof(struct jit, rep_time)), TMP3);
    if (in->width != 1)
        x64_shift_ri(c, X_SHL, 4, TMP2, in->width / 2);
}

static void rep_move(struct emit *e, const struct insn *in, unsigned reg)
{
    x64_alu_rr(e->c, goes_down(e) ? X_SUB : X_ADD, is_16(in) ? 2 : 4, emit_home[reg], TMP2);
}

/* An offset below the segment's start would not fault: it is looked at by a step. */
static bool rep_steps(const struct emit *e, const struct insn *in)
{
    bool flat = emit_profile(e, ES) == PROFILE_FLAT && (in->fn == op_stos || emit_profile(e, in->seg) == PROFILE_FLAT);

    return goes_down(e) && (is_16(in) || !flat);
}

/* The loop: element by element, as an overlap in the direction of the moves repeats a pattern. */
static void emit_rep(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    struct xmem kept = emit_jit(offsetof(struct jit, kept));
    bool move = in->fn == op_movs, down = goes_down(e);
    int32_t at = down ? -(int32_t) in->width : 0;
    const uint8_t *again;
    int data = move ? (int) RCX : (int) RAX;

    if (rep_steps(e, in)) {
        emit_interp(e);
        return;
    }
    rep_take(e, in);
    if (move) {
        string_range(e, in, ESI, false);
        x64_mov_mr(c, 8, kept, TMP);
    }
    string_range(e, in, EDI, true);
    /* Nothing can go wrong any more. */
    x64_alu_rm(c, X_SUB, 8, BUDGET, emit_jit(offsetof(struct jit, rep_time)));
    rep_move(e, in, EDI);
    if (move) {
        rep_move(e, in, ESI);
        x64_mov_rm(c, 8, TMP3, kept);
        x64_mov_mr(c, 8, kept, RCX);
    }
    if (!down) { /* from the ends, upward to 0 */
        x64_lea(c, 8, TMP, (struct xmem){ TMP, TMP2, 0, 0, false });
        if (move)
            x64_lea(c, 8, TMP3, (struct xmem){ TMP3, TMP2, 0, 0, false });
        x64_unary(c, X_NEG, 8, TMP2);
    }
    again = c->p;
    if (move)
        x64_mov_rm(c, in->width, data, (struct xmem){ TMP3, TMP2, 0, at, false });
    x64_mov_mr(c, in->width, (struct xmem){ TMP, TMP2, 0, at, false }, data);
    x64_alu_ri(c, down ? X_SUB : X_ADD, 8, TMP2, in->width);
    x64_patch(x64_jcc(c, CC_NZ), again);
    if (is_16(in)) {
        if (move)
            x64_mov_rm(c, 4, RCX, kept);
        x64_mov_r16i(c, RCX, 0);
    } else {
        x64_mov_ri(c, RCX, 0);
    }
    e->host = 0;
}

/* --- one ------------------------------------------------------------------ */

static void emit_movs(struct emit *e, const struct insn *in)
{
    if (in->rep != REP_NONE) {
        emit_rep(e, in);
        return;
    }
    string_at(e, in, ESI, false);
    load_to(e, in->width, TMP2);
    string_at(e, in, EDI, true);
    x64_mov_mr(e->c, in->width, e->at, TMP2);
    string_move(e, in, ESI);
    string_move(e, in, EDI);
}

static void emit_stos(struct emit *e, const struct insn *in)
{
    if (in->rep != REP_NONE) {
        emit_rep(e, in);
        return;
    }
    string_at(e, in, EDI, true);
    x64_mov_mr(e->c, in->width, e->at, RAX);
    string_move(e, in, EDI);
}

static void emit_lods(struct emit *e, const struct insn *in)
{
    string_at(e, in, ESI, false);
    x64_mov_rm(e->c, in->width, RAX, e->at);
    string_move(e, in, ESI);
}

/* The flags of TMP2 - r, once and for all: they are kept whoever asks. */
static void string_compare(struct emit *e, const struct insn *in, int r)
{
    emit_keep_src(e, r);
    x64_alu_rr(e->c, X_SUB, in->width, TMP2, r);
    emit_keep_carry(e);
    emit_keep_result(e, FK_SUB, in->width, TMP2);
    e->host = HF_ALL | HF_A;
}

static void emit_scas(struct emit *e, const struct insn *in)
{
    string_at(e, in, EDI, false);
    load_to(e, in->width, TMP3);
    x64_mov_rr(e->c, 4, TMP2, RAX);
    string_compare(e, in, TMP3);
    string_move(e, in, EDI);
}

static void emit_cmps(struct emit *e, const struct insn *in)
{
    string_at(e, in, ESI, false);
    load_to(e, in->width, TMP2);
    string_at(e, in, EDI, false);
    load_to(e, in->width, TMP3);
    string_compare(e, in, TMP3);
    string_move(e, in, ESI);
    string_move(e, in, EDI);
}

const struct emit_row emit_string_rows[] = {
    { op_movs, emit_movs, once_can, EMIT_LEAVES | EMIT_TRAPS },
    { op_stos, emit_stos, once_can, EMIT_LEAVES | EMIT_TRAPS },
    { op_lods, emit_lods, once_can, EMIT_LEAVES | EMIT_TRAPS },
    { op_movs, emit_movs, rep_can, EMIT_LEAVES },
    { op_stos, emit_stos, rep_can, EMIT_LEAVES },
    { op_scas, emit_scas, once_can, EMIT_LEAVES },
    { op_cmps, emit_cmps, once_can, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

/*
 * From a run of instructions to a block: rows, order, time, steps, pieces.
 *
 * A block starts by taking its ticks from the budget; if they are not there it
 * is left, and the interpreter goes on to the very instruction.  What is seldom
 * needed lies elsewhere, in pieces: steps by the interpreter, checks of unaligned
 * operands, side exits.  Flags: emit_flags.c; ways out: emit_exit.c; operands in
 * memory: emit_mem.c and emit_near.c.
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

const uint8_t emit_home[9] = { RAX, RCX, RDX, RBX, R8, R9, RSI, RDI, TMP2 };

/* --- rows ---------------------------------------------------------------- */

static const struct emit_row no_rows[] = { { NULL, NULL, NULL, 0 } };

const struct emit_row *emit_first_row(op_fn *fn)
{
    static const struct emit_row *const tables[] = {
        emit_alu_rows, emit_shift_rows, emit_move_rows, emit_stack_rows, emit_seg_rows,
        emit_flow_rows, emit_string_rows, emit_far_rows, emit_fpu_rows, no_rows,
    };
    const struct emit_row *row = NULL;

    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (row = tables[i]; row->fn != NULL; row++)
            if (row->fn == fn)
                return row;
    return row;
}

/* What a row of the processor's begins with: looked for once. */
static const struct emit_row *emit_find_hard(struct jit *jit, const struct insn *in)
{
    const struct emit_row **first = &jit->first_row[op_row_number(in->row)], *row;

    if (in->fn != in->row->interp) /* an opcode that this model lacks */
        return NULL;
    if (*first == NULL)
        *first = emit_first_row(in->fn);
    for (row = *first; row->fn != NULL; row++)
        if (row->fn == in->fn && (row->can == NULL || row->can(in)))
            return row;
    return NULL;
}

bool emit_is_soft(const struct emit *e)
{
    return e->soft >> e->k & 1;
}

const struct emit_row *emit_find(const struct emit *e, const struct insn *in)
{
    if (e->jit->knobs.step_all)
        return NULL;
    if (emit_is_soft(e) && in->src.kind == OPND_IMM)
        return emit_find_soft(in);
    return emit_is_soft(e) && !emit_soft_disp_can(in) ? NULL : emit_find_hard(e->jit, in);
}

void emit_as(struct emit *e, const struct insn *in)
{
    emit_find_hard(e->jit, in)->emit(e, in);
}

void emit_load_soft(struct emit *e, int dst, const uint32_t *from)
{
    x64_mov_ri64(e->c, dst, (uintptr_t) from);
    x64_mov_rm(e->c, 4, dst, x64_at(dst, 0));
}

static bool insn_uses_fpu(const struct insn *in)
{
    op_fn *fn = in->fn;

    return op_row_number(in->row) >= 2 * 256 * 8 || fn == op_mmx || fn == op_mmx_shift || fn == op_mmx_load
        || fn == op_mmx_store || fn == op_emms || fn == op_wait || fn == op_fxsave || fn == op_fxrstor;
}

/* What the interpreter may look at, or change, for an instruction; a fault is another matter. */
static void step_look(struct step *s, const struct insn *in)
{
    static op_fn *const steady[] = {
        op_mov, op_push, op_pop, op_movzx, op_movsx, op_movs, op_stos, op_lods, op_mov_from_seg, op_push_seg,
        op_in, op_out, /* a device that changes modes kicks the schedule */
    };
    static op_fn *const plain[] = { op_ins, op_outs, op_mov_to_seg, op_pop_seg };
    unsigned flags = in->row->reads | in->row->writes | in->row->undef;

    s->steady = op_is_one_of(in->fn, steady, ARRAY_LEN(steady));
    s->asks = (flags & OSZAPC) != 0 || (!s->steady && !op_is_one_of(in->fn, plain, ARRAY_LEN(plain)));
}

static bool step_transfers(const struct emit *e, const struct insn *in)
{
    if ((e->block->key.profile & KEY_PARAGRAPHS) || e->jit->knobs.no_links || e->jit->knobs.step_all)
        return false;
    if (in->fn == op_int)
        return true;
    return in->width == 4 && (in->fn == op_iret || in->fn == op_ret_far
                              || (in->fn == op_call_far && in->dst.kind == OPND_IMM));
}

bool insn_touches_memory(const struct insn *in)
{
    return (in->dst.kind == OPND_MEM || in->src.kind == OPND_MEM) && in->fn != op_lea;
}

/* --- what the block knows ------------------------------------------------ */

unsigned emit_profile(const struct emit *e, unsigned seg)
{
    return e->block->key.profile >> (2 * seg) & 3;
}

bool emit_big_stack(const struct emit *e)
{
    return e->block->key.profile & PROFILE_BIG_STACK;
}

/* The instruction's operands are where they are in the window, until one is found not to be. */
bool emit_in_window(const struct emit *e)
{
    const struct block *b = e->block;

    return e->jit->stats.window && !e->jit->knobs.no_window && (b->key.profile & KEY_PLAIN)
        && !(b->trace->caught >> e->k & 1);
}

/* --- pieces behind the main line ----------------------------------------- */

struct patch *emit_patch(struct emit *e, enum patch_kind kind, uint8_t *at)
{
    struct patch *p = &e->patch[e->patches];

    assert(e->patches < EMIT_PATCHES);
    e->patches++;
    *p = (struct patch){ .at = at, .kind = (uint8_t) kind };
    return p;
}

struct step *emit_step(struct emit *e)
{
    const struct insn *in = &e->insns[e->k];
    struct step *s = e->step[e->k];

    if (s != NULL)
        return s;
    s = e->step[e->k] = &e->jit->steps[e->jit->steps_used++];
    *s = (struct step){
        .in = in,
        .block = e->block,
        .eip = e->eip - in->len,
        .rest_cost = e->cost_from[e->k],
        .after_cost = e->cost_from[e->k + 1],
        .rest_insns = (uint16_t) (e->count - e->k),
        .after_insns = (uint16_t) (e->count - e->k - 1),
        .why = JIT_WHY_GUARD,
        .number = (uint16_t) op_row_number(in->row),
        .fpu = insn_uses_fpu(in),
        .ends = in->row->traits & T_END,
        .transfers = step_transfers(e, in),
    };
    step_look(s, in);
    return s;
}

struct step *emit_native_step(struct emit *e)
{
    struct step *s = emit_step(e);

    s->native = true;
    return s;
}

void emit_jump_to_step(struct emit *e, const struct step *s, uint8_t *at)
{
    struct patch *p = emit_patch(e, PATCH_STEP, at);
    unsigned k = e->count - s->rest_insns;

    p->next = e->jumps[k];
    e->jumps[k] = (uint16_t) (p - e->patch + 1);
}

void emit_jump_to_fill(struct emit *e, const struct step *s, uint8_t *at, const uint8_t *back, bool write)
{
    unsigned k = e->count - s->rest_insns;

    if (!(e->block->key.profile & KEY_PAGED) || e->fill[k].at != NULL) {
        emit_jump_to_step(e, s, at);
        return;
    }
    e->fill[k] = (struct emit_fill){
        at, back, (uint8_t) ((write ? FILL_STORE : 0) | (emit_is_one_access(e, k) ? FILL_MARKS : 0))
    };
}

void emit_step_if(struct emit *e, unsigned cc)
{
    uint8_t *at = x64_jcc(e->c, cc);

    emit_jump_to_step(e, emit_step(e), at);
}

void emit_step_away(struct emit *e, const struct step *s)
{
    emit_jump_to_step(e, s, x64_jmp(e->c));
}

static void emit_step_code(struct emit *e, const struct step *s)
{
    x64_mov_ri64(e->c, TMP, (uintptr_t) s);
    x64_patch(x64_call(e->c), s->flags ? e->jit->shared.step_flags : e->jit->shared.step);
}

void emit_resume_if(struct emit *e, unsigned cc, const struct step *s)
{
    assert(!s->flags);
    x64_patch(x64_jcc(e->c, cc), e->jit->rw + (s->resume - e->jit->rx));
}

void emit_interp(struct emit *e)
{
    struct step *s = emit_step(e);

    s->why = JIT_WHY_ROW;
    emit_step_code(e, s);
    e->host = 0;
    if (s->fpu)
        e->fpu_live = false;
    e->ended = s->ends;
}

struct constant *emit_constant(struct emit *e, enum x64_alu op, int dst, uint64_t value)
{
    struct constant *k = &e->constant[e->constants];

    assert(e->constants < EMIT_CONSTANTS);
    e->constants++;
    *k = (struct constant){ .at = x64_alu_rip(e->c, op, dst), .value = value };
    return k;
}

struct constant *emit_add_budget(struct emit *e, uint64_t value)
{
    return emit_constant(e, X_ADD, BUDGET, value);
}

/* NULL: there is nothing to give back. */
struct constant *emit_count_back(struct emit *e, unsigned after)
{
    if (after == e->count)
        return NULL;
    return emit_add_budget(e, ((uint64_t) e->cost_from[after] << 32) - (e->count - after));
}

/* --- the block ----------------------------------------------------------- */

static void emit_enter(struct emit *e)
{
    e->block->takes = e->count - ((uint64_t) e->cost_from[0] << 32);
    emit_add_budget(e, e->block->takes);
    assert(e->c->full || jit_rx(e->jit, e->c->p) == e->block->code + BLOCK_ENTRY);
    emit_patch(e, PATCH_BUDGET, x64_jcc(e->c, CC_S));
}

/* Whose flags the exits and steps behind an instruction have to keep. */
static void emit_pass_flags(struct emit *e, const struct insn *in)
{
    bool writes = ((in->row->writes | in->row->undef) & OSZAPC) != 0;

    if (writes)
        e->unkept = !emit_keeps(e, e->host);
    if (e->defers[e->k] != DEFERS_NOT) {
        e->flags = in;
        e->lasting = e->defers[e->k] == DEFERS_TO_ALL;
        e->behind = e->defers[e->k] == DEFERS_BEHIND;
    } else if (writes || (in->fn != op_jcc && !e->lasting)) {
        e->flags = NULL;
        e->lasting = false;
    }
}

/* The exits are passed. */
static void emit_keep_behind(struct emit *e)
{
    emit_keep_again(e, e->flags);
    if (e->flags->fn != op_inc && e->flags->fn != op_dec)
        e->host = 0;
    e->flags = NULL;
    e->behind = e->unkept = false;
}

static void emit_insn(struct emit *e, const struct insn *in)
{
    const struct emit_row *row = e->row[e->k];
    bool host_flags, no_aux;

    if (e->behind && in->fn != op_jcc)
        emit_keep_behind(e);
    host_flags = e->unkept && !e->lasting;
    no_aux = e->host & HF_NO_A;
    if (row != NULL)
        row->emit(e, in);
    else
        emit_interp(e);
    assert(e->leaves[e->k] != STAYS || e->step[e->k] == NULL || emit_keeps_direction(e, in));
    assert(e->even[e->k] != EVEN_ASKED || e->ended || e->step[e->k]->odd); /* it was looked at */
    if (e->step[e->k] != NULL) {
        struct step *s = e->step[e->k];

        s->again = e->lasting ? e->flags : NULL;
        s->host_flags = s->traps && host_flags;
        s->no_aux = no_aux;
        s->rare = s->native || s->fpu || s->odd || s->again != NULL;
        emit_near_after(e, s);
        /* It has no operand for the exits to keep flags from. */
        if (e->defers[e->k] != DEFERS_NOT && insn_touches_memory(in))
            s->ends = true;
    }
    emit_pass_flags(e, in);
}

/* One piece serves all jumps to a step, and its traps: then the next instruction. */
static void emit_step_piece(struct emit *e, unsigned k)
{
    struct step *s = e->step[k];
    const struct emit_fill *fill = &e->fill[k];
    const uint8_t *start;

    if (!s->traps && e->jumps[k] == 0 && fill->at == NULL)
        return;
    if (fill->at != NULL) {
        x64_patch(fill->at, e->c->p);
        x64_patch(x64_call(e->c), e->jit->shared.fill[fill->what]);
        x64_patch(x64_jcc(e->c, CC_NZ), fill->back);
    }
    start = e->c->p;
    for (unsigned i = e->jumps[k]; i != 0; i = e->patch[i - 1].next)
        x64_patch(e->patch[i - 1].at, start);
    s->piece = jit_rx(e->jit, start);
    emit_step_code(e, s);
    x64_patch(x64_jmp(e->c), e->jit->rw + (s->resume - e->jit->rx));
}

static void emit_piece(struct emit *e, struct patch *p)
{
    if (p->kind == PATCH_STEP)
        return;
    if (p->kind == PATCH_LINK) {
        emit_link_piece(e, p->link);
        return;
    }
    x64_patch(p->at, e->c->p);
    if (p->kind == PATCH_ALIGN) {
        emit_align_piece(e, p);
    } else if (p->kind == PATCH_CODE) {
        emit_code_piece(e, p);
    } else if (p->kind == PATCH_APART) {
        emit_apart_piece(e, p);
    } else if (p->kind == PATCH_MOVED) {
        emit_moved_piece(e, p);
    } else if (p->kind == PATCH_BACK) {
        emit_back_piece(e, p);
    } else if (p->kind == PATCH_DEVICE) {
        emit_device(e, p->step);
        emit_step_away(e, p->step);
    } else if (p->kind == PATCH_EXIT) {
        if (p->flags != NULL)
            emit_jump_out_of(e, p->flags, p->at, p->eip, p->after);
        else
            emit_jump_out(e, p->eip, p->after);
    } else {
        emit_count_back(e, 0);
        e->block->refusal = e->c->p;
        x64_mov_mi(e->c, 4, emit_cpu(offsetof(struct cpu, eip)), e->block->key.eip);
        x64_lea(e->c, 8, TMP, emit_jit(offsetof(struct jit, refused)));
        emit_leave(e);
    }
}

/* The code that a step comes back to counts on what the main line left in the host's flags. */
static void emit_resume(struct emit *e)
{
    e->step[e->k]->resume = jit_rx(e->jit, e->c->p);
    e->step[e->k]->flags = e->host != 0;
}

static void emit_constants(struct emit *e)
{
    struct code *c = e->c;

    for (struct constant *k = e->constant; k < e->constant + e->constants; k++) {
        x64_patch(k->at, c->p);
        if (k->again != NULL)
            x64_patch(k->again, c->p);
        if (k->told != NULL)
            *k->told = c->p;
        x64_data64(c, k->value);
    }
}

/* For a listing. */
static void emit_mark(struct emit *e, const uint8_t *start)
{
    const struct jit *jit = e->jit;

    if (jit->marks != NULL)
        jit->marks[e->block - jit->block][e->k] = (uint16_t) (e->c->p - start);
}

static void emit_count(struct emit *e)
{
    if (e->jit->marks == NULL)
        return;
    x64_mov_ri64(e->c, TMP2, (uintptr_t) &e->block->count);
    x64_alu_mi(e->c, X_ADD, 8, x64_at(TMP2, 0), 1);
}

/* Pieces may have others. */
static void emit_pieces(struct emit *e)
{
    struct code *c = e->c;
    const uint8_t *start = c->p;

    for (unsigned i = 0; i < e->patches; i++)
        emit_piece(e, &e->patch[i]);
    for (unsigned k = 0; k < e->count; k++)
        if (e->step[k] != NULL)
            emit_step_piece(e, k);
    x64_align(c, 8);
    e->block->cold = jit_rx(e->jit, start);
    e->block->cold_bytes = (uint32_t) (c->p - start);
    emit_constants(e);
    assert(!c->full && c->p - start <= JIT_BLOCK_ROOM); /* block_make left room */
}

bool emit_block(struct emit *e)
{
    struct code *c = e->c;
    const uint8_t *start = c->p;

    e->eip = e->block->key.eip;
    emit_analyse(e);
    emit_enter(e);
    emit_count(e);
    for (e->k = 0; e->k < e->count; e->k++) {
        emit_mark(e, start);
        e->eip += e->insns[e->k].len;
        cover_begin(e);
        emit_insn(e, &e->insns[e->k]);
        if (e->step[e->k] != NULL)
            emit_resume(e);
        cover_end(e);
    }
    if (!e->ended) {
        e->k = e->count - 1;
        emit_goto(e, e->eip);
    }
    e->k = e->count;
    emit_mark(e, start);
    assert(!c->full && c->p - start <= JIT_BLOCK_ROOM); /* block_make left room */
    e->c = &e->jit->cold;
    emit_pieces(e);
    return true;
}

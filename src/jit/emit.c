/*
 * From a run of instructions to a block: order, time, flags, memory, exits.
 *
 * A block starts by taking its ticks from the budget; if they are not there it
 * is left, and the interpreter goes on to the very instruction.  The main line
 * is followed by the pieces that are seldom needed: steps by the interpreter,
 * checks of unaligned operands, side exits.
 *
 * The guest's status flags are in the host's right after an instruction wrote
 * them.  Where an exit may ask for them later, what they follow from is kept in
 * struct jit; so every exit finds them, whatever the code after did.
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

const uint8_t emit_home[9] = { RAX, RCX, RDX, RBX, R8, R9, RSI, RDI, TMP2 };

enum { OSZAPC = FLAG_ARITH, WR_OFFSET = PAGE_COUNT * sizeof(uintptr_t) };


/* --- rows ---------------------------------------------------------------- */

static const struct emit_row *emit_find_in(const struct emit_row *rows, const struct insn *in)
{
    for (; rows->fn != NULL; rows++)
        if (rows->fn == in->fn && (rows->can == NULL || rows->can(in)))
            return rows;
    return NULL;
}

static const struct emit_row *emit_find_hard(const struct insn *in)
{
    const struct emit_row *row;

    row = emit_find_in(emit_alu_rows, in);
    if (row == NULL)
        row = emit_find_in(emit_move_rows, in);
    if (row == NULL)
        row = emit_find_in(emit_stack_rows, in);
    if (row == NULL)
        row = emit_find_in(emit_seg_rows, in);
    if (row == NULL)
        row = emit_find_in(emit_flow_rows, in);
    if (row == NULL)
        row = emit_find_in(emit_string_rows, in);
    if (row == NULL)
        row = emit_find_in(emit_far_rows, in);
    return row != NULL ? row : emit_find_in(emit_fpu_rows, in);
}

bool emit_is_soft(const struct emit *e)
{
    return e->soft >> e->k & 1;
}

static const struct emit_row *emit_find(const struct emit *e, const struct insn *in)
{
    if (e->jit->knobs.step_all)
        return NULL;
    if (emit_is_soft(e) && in->src.kind == OPND_IMM)
        return emit_find_soft(in);
    return emit_is_soft(e) && !emit_soft_disp_can(in) ? NULL : emit_find_hard(in);
}

void emit_as(struct emit *e, const struct insn *in)
{
    emit_find_hard(in)->emit(e, in);
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

static bool insn_touches_memory(const struct insn *in)
{
    return (in->dst.kind == OPND_MEM || in->src.kind == OPND_MEM) && in->fn != op_lea;
}

/* --- what the block knows ------------------------------------------------ */

unsigned emit_profile(const struct emit *e, unsigned seg)
{
    return e->block->key.profile >> (2 * seg) & 3;
}

static bool emit_big_stack(const struct emit *e)
{
    return e->block->key.profile & PROFILE_BIG_STACK;
}

/* The instruction's operands are where they are in the window, until one is found not to be. */
static bool emit_in_window(const struct emit *e)
{
    const struct block *b = e->block;

    return e->jit->stats.window && !e->jit->knobs.no_window && (b->key.profile & KEY_PLAIN)
        && !(b->trace->caught >> e->k & 1);
}

/* --- what is asked of flags ---------------------------------------------- */

static bool insn_writes_all_flags(const struct insn *in)
{
    return ((in->row->writes | in->row->undef) & OSZAPC) == OSZAPC;
}

/* MOVS, STOS, LODS by flat segments: nothing is compared on the way. */
static bool string_is_flat(const struct emit *e, const struct insn *in)
{
    if (e->block->key.profile & KEY_DOWN)
        return false;
    return (in->fn == op_lods || emit_profile(e, ES) == PROFILE_FLAT)
        && (in->fn == op_stos || emit_profile(e, in->seg) == PROFILE_FLAT);
}

/* Nothing but its own result comes into the host's flags, and no check of an operand. */
static bool insn_traps_only(const struct emit *e, const struct insn *in, const struct emit_row *row)
{
    bool stack = in->fn == op_push || in->fn == op_pop;
    bool string = in->fn == op_movs || in->fn == op_stos || in->fn == op_lods;

    if (!(row->traits & EMIT_TRAPS) || !emit_in_window(e))
        return false;
    if (stack && (!emit_big_stack(e) || emit_profile(e, SS) != PROFILE_FLAT))
        return false;
    if (string && !string_is_flat(e, in))
        return false;
    if (insn_touches_memory(in) && emit_profile(e, in->seg) != PROFILE_FLAT)
        return false;
    /* The trap may come at the store: the host's flags are the new ones by then. */
    return in->dst.kind != OPND_MEM || stack || !(in->row->reads & OSZAPC);
}

enum leaving { STAYS, TRAPS, LEAVES };

static enum leaving insn_leaves(const struct emit *e, const struct insn *in, const struct emit_row *row)
{
    if (row == NULL)
        return LEAVES;
    if (emit_keeps_direction(e, in))
        return STAYS;
    if (!insn_touches_memory(in) && !(row->traits & EMIT_LEAVES))
        return STAYS;
    return insn_traps_only(e, in, row) ? TRAPS : LEAVES;
}

/* Wherever a relative jump leads, it is inside the code segment. */
static bool insn_jumps_inside(const struct emit *e, const struct insn *in)
{
    return e->block->key.cs_limit >= (in->flags & INSN_OPND16 ? 0xffff : UINT32_MAX);
}

static bool jcc_reads_carry(const struct insn *in)
{
    return (in->opcode & 15) >> 1 == CC_C >> 1 || (in->opcode & 15) >> 1 == CC_BE >> 1;
}

/*
 * May the exits right behind the instruction, conditional jumps and the block's
 * end, keep its flags?  Only if nobody else asks that has to find them kept.
 */
static bool insn_defers(const struct emit *e, const struct insn *in)
{
    bool some = in->fn == op_inc || in->fn == op_dec;
    unsigned k = e->k + 1;

    if (e->jit->knobs.no_links || e->jit->knobs.step_all || !e->exit_asks[e->k] || emit_is_soft(e) || !emit_can_keep_again(in))
        return false;
    if (insn_touches_memory(in) && (e->block->trace->caught >> e->k & 1)) /* it steps each time */
        return false;
    for (; k < e->count && e->insns[k].fn == op_jcc && insn_jumps_inside(e, &e->insns[k]); k++)
        if (some && jcc_reads_carry(&e->insns[k]))
            return false;
    if (k == e->k + 1)
        return false;
    if (k == e->count || (e->insns[k].fn == op_jmp && insn_jumps_inside(e, &e->insns[k])))
        return true;
    return !e->exit_asks[k - 1] && !(some && (e->insn_asks[k - 1] || e->trap_asks[k - 1]));
}

/* Registers that a plain instruction changes, a bit each; EARLY_NOT: who knows. */
static uint32_t insn_changes(const struct insn *in)
{
    op_fn *fn = in->fn;
    uint32_t reg = in->dst.kind == OPND_REG ? 1u << in->dst.off / 4 : 0;

    if (fn == op_nop)
        return 0;
    if (fn == op_mov || fn == op_movzx || fn == op_movsx || fn == op_lea)
        return reg;
    if (fn == op_push)
        return 1u << ESP;
    if (fn == op_pop)
        return 1u << ESP | reg;
    return EARLY_NOT;
}

/* Up to the first instruction that writes all flags, whoever asks for those before is a step. */
static uint32_t emit_early(struct emit *e)
{
    uint32_t early = 0;

    for (e->k = 0; e->k < e->count; e->k++) {
        const struct insn *in = &e->insns[e->k];
        const struct emit_row *row = emit_find(e, in);

        if (in->row->traits & T_END)
            break;
        if (insn_writes_all_flags(in) && (in->row->reads & OSZAPC) == 0 && row != NULL && !(row->traits & EMIT_LEAVES))
            return early;
        early |= insn_changes(in);
        if (early & EARLY_NOT)
            break;
    }
    return EARLY_NOT;
}

/*
 * Backward.  A trap finds all flags in the host's, if nothing came between
 * them and the instruction that wrote them: what writes only some does.
 */
static void emit_analyse(struct emit *e)
{
    bool exit_asks = true, insn_asks = false, trap_asks = false;

    e->cost_from[e->count] = 0;
    for (e->k = e->count; e->k-- != 0;) {
        const struct insn *in = &e->insns[e->k];
        enum leaving leaves = insn_leaves(e, in, emit_find(e, in));
        bool all = insn_writes_all_flags(in), some = (in->row->writes | in->row->undef) & OSZAPC;

        e->exit_asks[e->k] = exit_asks;
        e->insn_asks[e->k] = insn_asks;
        e->trap_asks[e->k] = trap_asks;
        e->defers[e->k] = insn_defers(e, in);
        exit_asks = leaves == LEAVES || (!all && (exit_asks || (some && trap_asks)));
        insn_asks = (in->row->reads & OSZAPC) != 0 || (insn_asks && !all);
        trap_asks = leaves == TRAPS || (!some && trap_asks);
        /* Of REP, the first iteration: it may only start before the horizon. */
        e->cost_from[e->k] = e->cost_from[e->k + 1] + in->cost;
    }
    e->block->flag_free = !exit_asks && !insn_asks && !trap_asks;
    e->block->early = insn_asks ? EARLY_NOT : emit_early(e);
}

bool emit_keeps(const struct emit *e, unsigned host_after)
{
    if (e->defers[e->k])
        return false;
    return e->exit_asks[e->k] || ((e->insn_asks[e->k] || e->trap_asks[e->k]) && host_after != HF_ALL);
}

void emit_keep_src(struct emit *e, int src)
{
    if (emit_is_high(src)) {
        x64_movx_rr(e->c, false, 1, TMP, 4, src);
        src = TMP;
    }
    x64_mov_mr(e->c, 4, emit_jit(offsetof(struct jit, f_src)), src);
}

void emit_keep_dst(struct emit *e, int dst)
{
    if (emit_is_high(dst)) {
        x64_movx_rr(e->c, false, 1, TMP, 4, dst);
        dst = TMP;
    }
    x64_mov_mr(e->c, 4, emit_jit(offsetof(struct jit, f_dst)), dst);
}

void emit_keep_carry(struct emit *e)
{
    x64_setcc_m(e->c, CC_C, emit_cpu(offsetof(struct cpu, f_carry)));
}

void emit_keep_result(struct emit *e, enum flag_kind kind, unsigned width, int r)
{
    if (width != 4) {
        x64_movx_rr(e->c, true, width, TMP, 4, r);
        r = TMP;
    }
    x64_mov_mr(e->c, 4, emit_cpu(offsetof(struct cpu, f_zero)), r);
    x64_mov_mi(e->c, 4, emit_jit(offsetof(struct jit, f_op)), (uint32_t) kind << 4 | width);
}

void emit_keep_rotation(struct emit *e, enum rot_kind kind, unsigned width, int r)
{
    emit_keep_carry(e);
    if (kind == ROT_CARRY_LEFT)
        x64_setcc_m(e->c, CC_C, emit_jit(offsetof(struct jit, f_rot_carry)));
    if (width != 4) {
        x64_movx_rr(e->c, false, width, TMP, 4, r);
        r = TMP;
    }
    x64_mov_mr(e->c, 4, emit_jit(offsetof(struct jit, f_rot)), r);
    x64_mov_mi(e->c, 1, emit_jit(offsetof(struct jit, f_op) + 1), (uint32_t) kind << 4 | width);
}

void emit_need_carry(struct emit *e)
{
    if (e->host & HF_C)
        return;
    x64_bit_mi(e->c, X_BT, emit_cpu(offsetof(struct cpu, f_carry)), 0);
    e->host = HF_C;
}

void emit_load_flags(struct emit *e)
{
    x64_patch(x64_call(e->c), e->jit->shared.load_flags);
    e->host = HF_ALL;
}

void emit_need_cc(struct emit *e, unsigned cc)
{
    static const uint8_t reads[8] = { HF_O, HF_C, HF_SZP, HF_C | HF_SZP, HF_SZP, HF_SZP, HF_O | HF_SZP,
                                      HF_O | HF_SZP };
    unsigned need = reads[cc >> 1];

    if ((e->host & need) == need)
        return;
    if (need == HF_C) {
        emit_need_carry(e);
    } else if (cc >> 1 == CC_Z >> 1) {
        x64_alu_mi(e->c, X_CMP, 4, emit_cpu(offsetof(struct cpu, f_zero)), 0);
        e->host = 0;
    } else {
        emit_load_flags(e);
    }
}

/* --- pieces behind the main line ----------------------------------------- */

static struct patch *emit_patch(struct emit *e, enum patch_kind kind, uint8_t *at)
{
    struct patch *p = &e->patch[e->patches];

    assert(e->patches < EMIT_PATCHES);
    e->patches++;
    *p = (struct patch){ .at = at, .kind = (uint8_t) kind };
    return p;
}

static struct step *emit_step(struct emit *e)
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
    };
    return s;
}

struct step *emit_native_step(struct emit *e)
{
    struct step *s = emit_step(e);

    s->native = true;
    return s;
}

void emit_step_if(struct emit *e, unsigned cc)
{
    emit_patch(e, PATCH_STEP, x64_jcc(e->c, cc))->step = emit_step(e);
}

static void emit_step_code(struct emit *e, const struct step *s)
{
    x64_mov_ri64(e->c, TMP, (uintptr_t) s);
    x64_patch(x64_call(e->c), s->flags ? e->jit->shared.step_flags : e->jit->shared.step);
}

/* Behind the main line: then the next instruction. */
static void emit_step_away(struct emit *e, const struct step *s)
{
    emit_step_code(e, s);
    x64_patch(x64_jmp(e->c), e->jit->rw + (s->resume - e->jit->rx));
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

static struct constant *emit_constant(struct emit *e, enum x64_alu op, int dst, uint64_t value)
{
    struct constant *k = &e->constant[e->constants];

    assert(e->constants < EMIT_CONSTANTS);
    e->constants++;
    *k = (struct constant){ .at = x64_alu_rip(e->c, op, dst), .value = value };
    return k;
}

static struct constant *emit_add_budget(struct emit *e, uint64_t value)
{
    return emit_constant(e, X_ADD, BUDGET, value);
}

/* NULL: there is nothing to give back. */
static struct constant *emit_count_back(struct emit *e, unsigned after)
{
    if (after == e->count)
        return NULL;
    return emit_add_budget(e, ((uint64_t) e->cost_from[after] << 32) - (e->count - after));
}

/* --- ways out ------------------------------------------------------------ */

static void emit_leave(struct emit *e)
{
    x64_patch(x64_jmp(e->c), e->jit->shared.leave);
}

/* How a jump leads there, for as long as both blocks live. */
enum way { DIRECT, CHECKED, LOOKED_UP };

static enum way emit_way(const struct emit *e, uint32_t eip)
{
    const struct block *b = e->block;
    uint32_t in_page = b->addr % PAGE_SIZE + (eip - b->key.eip);

    if (!(b->key.profile & KEY_MOVES) || in_page < PAGE_SIZE)
        return DIRECT;
    return b->key.profile & KEY_CODE_AT_0 ? CHECKED : LOOKED_UP;
}

static struct link *emit_link(struct emit *e, uint32_t eip)
{
    struct link *l = &e->jit->link[e->jit->links++];

    *l = (struct link){ .eip = eip, .from = e->block };
    return l;
}

static void emit_stub(struct emit *e, struct link *l)
{
    struct code *c = e->c;

    l->stub = c->p;
    if (!c->full)
        x64_patch(l->at, l->stub);
    x64_mov_mi(c, 4, emit_cpu(offsetof(struct cpu, eip)), l->eip);
    x64_mov_ri64(c, TMP, (uintptr_t) l);
    emit_leave(e);
}

/* To another page: while the page-pointer table has the entry that it had when the link was
 * made; else the target is looked up. */
static void emit_jump_checked(struct emit *e, uint32_t eip)
{
    struct code *c = e->c;
    struct link *l = emit_link(e, eip);
    struct constant *entry;

    x64_mov_rm(c, 8, TMP3, x64_at(TABLE, (int32_t) (eip >> PAGE_SHIFT) * 8));
    entry = emit_constant(e, X_CMP, TMP3, LINK_NO_ENTRY);
    entry->told = &l->entry;
    l->enter = x64_jcc(c, CC_NZ);
    l->at = x64_jmp(c);
    l->fast = c->p;
    x64_mov_ri(c, TMP, eip);
    emit_goto_tmp(e);
    emit_stub(e, l);
    l->slow = l->stub;
    x64_patch(l->enter, l->slow);
}

/* Instructions from `after` on are not done.  NULL: there is no way that is linked directly. */
static struct link *emit_jump_out(struct emit *e, uint32_t eip, unsigned after)
{
    struct code *c = e->c;
    struct constant *back = emit_count_back(e, after);
    struct link *l;

    switch (emit_way(e, eip)) {
    case CHECKED:
        emit_jump_checked(e, eip);
        return NULL;
    case LOOKED_UP:
        x64_mov_ri(c, TMP, eip);
        emit_goto_tmp(e);
        return NULL;
    case DIRECT: break;
    }
    l = emit_link(e, eip);
    l->at = x64_jmp(c);
    if (back != NULL) {
        l->back = back->value;
        back->told = &l->budget;
    }
    emit_stub(e, l);
    return l;
}

/* `enter`, a jump to here: the flags of `in` are in the host's only.  They are kept, but
 * for a target that does not ask for them and has its time. */
static void emit_jump_out_of(struct emit *e, const struct insn *in, uint8_t *enter, uint32_t eip, unsigned after)
{
    struct code *c = e->c;
    const uint8_t *slow = c->p;
    struct constant *takes;
    struct link *l;
    uint8_t *refused;

    emit_keep_again(e, in);
    l = emit_jump_out(e, eip, after);
    if (l == NULL)
        return;
    l->enter = enter;
    l->slow = slow;
    l->regs = emit_again_regs(in);
    l->flags = in;
    l->again = c->p;
    if (l->regs != 0)
        x64_mov_mi(c, 4, emit_jit(offsetof(struct jit, f_op)), FK_AGAIN << 4 | (uint32_t) (l - e->jit->link) << 8);
    l->fast = c->p;
    takes = emit_add_budget(e, 0);
    takes->told = &l->fast_budget;
    refused = x64_jcc(c, CC_S);
    l->fast_at = x64_jmp(c);
    x64_patch(refused, c->p);
    takes->again = x64_alu_rip(c, X_SUB, BUDGET);
    x64_patch(x64_jmp(c), slow);
}

void emit_goto(struct emit *e, uint32_t eip)
{
    if (e->flags != NULL) {
        uint8_t *enter = x64_jmp(e->c);

        x64_patch(enter, e->c->p);
        emit_jump_out_of(e, e->flags, enter, eip, e->k + 1);
    } else {
        emit_jump_out(e, eip, e->k + 1);
    }
    e->ended = true;
}

void emit_exit_if(struct emit *e, unsigned cc, uint32_t eip)
{
    struct patch *p = emit_patch(e, PATCH_EXIT, x64_jcc(e->c, cc));

    p->eip = eip;
    p->after = e->k + 1;
    p->flags = e->flags;
}

/* A member of the lookup whose offset in jit->lookup is in TMP3. */
static struct xmem emit_lookup(size_t member)
{
    return (struct xmem){ JIT, TMP3, 0, (int32_t) (offsetof(struct jit, lookup) + member), false };
}

void emit_goto_tmp(struct emit *e)
{
    struct code *c = e->c;
    uint8_t *miss, *moved = NULL;

    static_assert(sizeof(struct lookup) == 1 << LOOKUP_SHIFT, "");
    x64_mov_rm(c, 8, TMP2, emit_jit(offsetof(struct jit, context)));
    x64_alu_rr(c, X_OR, 8, TMP2, TMP);
    x64_mov_rr(c, 4, TMP3, TMP2); /* jit_lookup() */
    x64_shift_ri(c, X_SHR, 4, TMP3, 16);
    x64_alu_rr(c, X_XOR, 4, TMP3, TMP2);
    x64_alu_ri(c, X_AND, 4, TMP3, LOOKUPS - 1);
    x64_shift_ri(c, X_SHL, 4, TMP3, LOOKUP_SHIFT);
    x64_alu_rm(c, X_CMP, 8, TMP2, emit_lookup(offsetof(struct lookup, key)));
    miss = x64_jcc(c, CC_NZ);
    if (e->block->key.profile & KEY_MOVES) {
        x64_mov_rm(c, 8, TMP2, emit_lookup(offsetof(struct lookup, page)));
        x64_mov_rm(c, 8, TMP2, (struct xmem){ TABLE, TMP2, 0, 0, false });
        x64_alu_rm(c, X_CMP, 8, TMP2, emit_lookup(offsetof(struct lookup, entry)));
        moved = x64_jcc(c, CC_NZ);
    }
    x64_jmp_m(c, emit_lookup(offsetof(struct lookup, code)));
    x64_patch(miss, c->p);
    if (moved != NULL)
        x64_patch(moved, c->p);
    x64_mov_mr(c, 4, emit_cpu(offsetof(struct cpu, eip)), TMP);
    x64_mov_ri(c, TMP, 0);
    emit_leave(e);
    e->ended = true;
}

/* --- memory -------------------------------------------------------------- */

static struct xmem emit_sum(const struct insn *in)
{
    struct xmem m = { NO_HREG, NO_HREG, in->scale, (int32_t) in->disp, false };

    if (in->base < 8)
        m.base = emit_home[in->base];
    if (in->index < 8)
        m.index = emit_home[in->index];
    return m;
}

/* The displacement is an addend like others, in TMP3. */
static void emit_soft_ea(struct emit *e, const struct insn *in, int dst)
{
    struct xmem m = emit_sum(in);

    m.disp = 0;
    emit_load_soft(e, TMP3, &e->insns[e->k].disp);
    if (m.index >= 0) {
        x64_lea(e->c, 4, TMP3, (struct xmem){ TMP3, m.index, m.scale, 0, false });
        m.index = NO_HREG;
    }
    if (m.base >= 0)
        x64_lea(e->c, 4, dst, (struct xmem){ TMP3, m.base, 0, 0, false });
    else
        x64_mov_rr(e->c, 4, dst, TMP3);
    if (in->ea_mask == 0xffff)
        x64_movx_rr(e->c, false, 2, dst, 4, dst);
}

void emit_ea(struct emit *e, const struct insn *in, int dst)
{
    struct xmem m = emit_sum(in);

    if (emit_is_soft(e)) {
        emit_soft_ea(e, in, dst);
        return;
    }
    if (m.base < 0 && m.index < 0) {
        x64_mov_ri(e->c, dst, in->disp & in->ea_mask);
        return;
    }
    x64_lea(e->c, 4, dst, m);
    if (in->ea_mask == 0xffff)
        x64_movx_rr(e->c, false, 2, dst, 4, dst);
}

static struct xmem emit_segment_end(unsigned seg, bool write)
{
    return emit_cpu((write ? offsetof(struct cpu, write_end) : offsetof(struct cpu, read_end)) + 8 * seg);
}

static void emit_add_base(struct emit *e, unsigned seg)
{
    x64_alu_rm(e->c, X_ADD, 4, TMP, emit_cpu(offsetof(struct cpu, seg) + seg * sizeof(struct seg)
                                             + offsetof(struct seg, base)));
}

static void emit_limit(struct emit *e, unsigned seg, unsigned size, bool write, bool fits)
{
    struct code *c = e->c;

    switch (emit_profile(e, seg)) {
    case PROFILE_FLAT:
        return;
    case PROFILE_64K:
        if (fits && size == 1)
            break;
        x64_alu_ri(c, X_CMP, 4, TMP, 0x10000 - size);
        emit_step_if(e, CC_A);
        break;
    default:
        x64_lea(c, 8, TMP3, x64_at(TMP, (int32_t) size));
        x64_alu_rm(c, X_CMP, 8, TMP3, emit_segment_end(seg, write));
        emit_step_if(e, CC_A);
        break;
    }
    emit_add_base(e, seg);
    e->host = 0;
}

/* An operand in the window: what is not plain memory traps there, and steps. */
static void emit_found(struct emit *e, struct xmem at)
{
    e->at = at;
    e->at.guest = true;
    emit_step(e)->traps = true;
}

struct xmem emit_at(const struct emit *e, int32_t delta)
{
    struct xmem m = e->at;

    m.disp += delta;
    return m;
}

/* An unaligned operand: does it lie in one page? */
static void emit_alignment(struct emit *e, unsigned size)
{
    unsigned aligned = 1;
    struct patch *p;

    if (size == 1)
        return;
    while (aligned < size)
        aligned *= 2;
    x64_test_ri(e->c, 4, TMP, aligned - 1);
    p = emit_patch(e, PATCH_ALIGN, x64_jcc(e->c, CC_NZ));
    p->back = e->c->p;
    p->size = size;
    p->step = emit_step(e);
}

/* TMP: a linear address, in the end a host address.  Stores of a known size also
 * go between the code of a page. */
static void emit_page(struct emit *e, unsigned size, bool write)
{
    struct code *c = e->c;
    struct xmem entry = { TABLE, TMP3, 3, write ? WR_OFFSET : 0, false };
    struct patch *p = NULL;

    x64_mov_rr(c, 4, TMP3, TMP);
    x64_shift_ri(c, X_SHR, 4, TMP3, PAGE_SHIFT);
    x64_mov_rm(c, 8, TMP3, entry);
    x64_test_rr(c, 8, TMP3, TMP3);
    if (write && size != 0) {
        p = emit_patch(e, PATCH_CODE, x64_jcc(c, CC_Z));
        p->size = size;
        p->step = emit_step(e);
        p->device = emit_device_can(e);
    } else if (size != 0 && emit_device_can(e)) {
        emit_patch(e, PATCH_DEVICE, x64_jcc(c, CC_Z))->step = emit_step(e);
    } else {
        emit_step_if(e, CC_Z);
    }
    x64_alu_rr(c, X_ADD, 8, TMP, TMP3);
    if (p != NULL)
        p->back = c->p;
    e->host = 0;
}

void emit_linear(struct emit *e, unsigned size, bool write)
{
    if (emit_in_window(e)) {
        emit_found(e, x64_at(TMP, 0));
        return;
    }
    emit_alignment(e, size);
    emit_page(e, size, write);
    e->at = x64_at(TMP, 0);
}

void emit_access(struct emit *e, unsigned seg, unsigned size, bool write, bool fits)
{
    emit_limit(e, seg, size, write, fits);
    emit_linear(e, size, write);
}

void emit_range(struct emit *e, unsigned seg, int len, bool write, bool is_16)
{
    struct code *c = e->c;
    struct xmem end = { TMP, len, 0, 0, false }, last = { TMP, len, 0, -1, false };

    if (emit_profile(e, seg) != PROFILE_FLAT) {
        x64_lea(c, 8, TMP3, end);
        if (emit_profile(e, seg) == PROFILE_64K)
            x64_alu_ri(c, X_CMP, 8, TMP3, 0x10000);
        else
            x64_alu_rm(c, X_CMP, 8, TMP3, emit_segment_end(seg, write));
        emit_step_if(e, CC_A);
        if (is_16 && emit_profile(e, seg) != PROFILE_64K) { /* it wraps before the segment ends */
            x64_alu_ri(c, X_CMP, 8, TMP3, 0x10000);
            emit_step_if(e, CC_A);
        }
        emit_add_base(e, seg);
    }
    x64_lea(c, 4, TMP3, last);
    x64_alu_rr(c, X_XOR, 4, TMP3, TMP);
    x64_shift_ri(c, X_SHR, 4, TMP3, PAGE_SHIFT);
    emit_step_if(e, CC_NZ);
    emit_page(e, 0, write);
}

bool emit_fits(const struct emit *e, const struct insn *in)
{
    return in->ea_mask == 0xffff || (in->base > 7 && in->index > 7 && in->disp < 0x10000 && !emit_is_soft(e));
}

size_t emit_selector(unsigned seg)
{
    return offsetof(struct cpu, seg) + seg * sizeof(struct seg) + offsetof(struct seg, sel);
}

/* R8 and R9 need a prefix with which AH and its like have no name. */
static bool emit_can_stand(const struct insn *in)
{
    const struct opnd *o = in->src.kind == OPND_REG ? &in->src : &in->dst;
    struct xmem m = emit_sum(in);

    return o->kind != OPND_REG || o->width != 1 || !emit_is_high(emit_reg(o)) || (m.base < R8 && m.index < R8);
}

/* Does the host's own addressing find the operand? */
static bool emit_is_direct(const struct emit *e, const struct insn *in)
{
    return emit_in_window(e) && emit_profile(e, in->seg) == PROFILE_FLAT && in->ea_mask != 0xffff
        && !emit_is_soft(e) && emit_can_stand(in);
}

void emit_operand(struct emit *e, const struct insn *in, unsigned size, bool write)
{
    if (emit_is_direct(e, in)) {
        emit_found(e, emit_sum(in));
        return;
    }
    emit_ea(e, in, TMP);
    emit_access(e, in->seg, size, write, emit_fits(e, in));
}

void emit_far_operand(struct emit *e, const struct insn *in)
{
    unsigned size = in->width + 2;

    emit_ea(e, in, TMP);
    if (in->ea_mask == 0xffff && emit_profile(e, in->seg) != PROFILE_64K) { /* the selector's offset wraps */
        x64_alu_ri(e->c, X_CMP, 4, TMP, 0x10000 - size);
        emit_step_if(e, CC_A);
    }
    emit_access(e, in->seg, size, false, emit_fits(e, in));
}

void emit_stack(struct emit *e, int32_t delta, unsigned size, bool write)
{
    if (emit_in_window(e) && emit_big_stack(e) && emit_profile(e, SS) == PROFILE_FLAT) {
        emit_found(e, x64_at(emit_home[ESP], delta));
        return;
    }
    x64_lea(e->c, 4, TMP, x64_at(emit_home[ESP], delta));
    if (!emit_big_stack(e))
        x64_movx_rr(e->c, false, 2, TMP, 4, TMP);
    emit_access(e, SS, size, write, !emit_big_stack(e));
}

void emit_move_esp(struct emit *e, int32_t delta)
{
    int esp = emit_home[ESP];

    if (emit_big_stack(e)) {
        x64_lea(e->c, 4, esp, x64_at(esp, delta));
        return;
    }
    x64_lea(e->c, 4, TMP, x64_at(esp, delta));
    x64_mov_rr(e->c, 2, esp, TMP);
}

/* --- the block ----------------------------------------------------------- */

static void emit_enter(struct emit *e)
{
    e->block->takes = e->count - ((uint64_t) e->cost_from[0] << 32);
    emit_add_budget(e, e->block->takes);
    assert(e->c->full || jit_rx(e->jit, e->c->p) == e->block->code + BLOCK_ENTRY);
    emit_patch(e, PATCH_BUDGET, x64_jcc(e->c, CC_S));
}

static void emit_insn(struct emit *e, const struct insn *in)
{
    const struct emit_row *row = emit_find(e, in);
    bool host_flags = e->unkept;

    if (row != NULL)
        row->emit(e, in);
    else
        emit_interp(e);
    if (e->step[e->k] != NULL && e->step[e->k]->traps)
        e->step[e->k]->host_flags = host_flags;
    /* A step has no operand for the exits to keep flags from. */
    if (e->step[e->k] != NULL && e->defers[e->k] && insn_touches_memory(in))
        e->step[e->k]->ends = true;
    if ((in->row->writes | in->row->undef) & OSZAPC)
        e->unkept = !emit_keeps(e, e->host);
    if (e->defers[e->k])
        e->flags = in;
    else if (in->fn != op_jcc)
        e->flags = NULL;
}

static void emit_align_piece(struct emit *e, const struct patch *p)
{
    struct code *c = e->c;

    x64_lea(c, 4, TMP3, x64_at(TMP, (int32_t) p->size - 1));
    x64_alu_rr(c, X_XOR, 4, TMP3, TMP);
    x64_shift_ri(c, X_SHR, 4, TMP3, PAGE_SHIFT);
    x64_patch(x64_jcc(c, CC_Z), p->back);
    emit_step_away(e, p->step);
}

/* CF: may there be code in the granule of host address TMP + delta?  Their bits are at RCX. */
static void emit_granule(struct emit *e, int32_t delta)
{
    x64_lea(e->c, 8, TMP3, x64_at(TMP, delta));
    x64_alu_rm(e->c, X_SUB, 8, TMP3, emit_cpu(offsetof(struct cpu, ram_host)));
    x64_shift_ri(e->c, X_SHR, 8, TMP3, GRANULE_SHIFT);
    x64_bt_mr(e->c, x64_at(RCX, 0), TMP3);
}

/* A store to a page with code: is there code where it goes? */
static void emit_code_piece(struct emit *e, const struct patch *p)
{
    struct code *c = e->c;
    struct xmem kept = emit_jit(offsetof(struct jit, kept));
    struct xmem entry = { TABLE, TMP3, 3, TABLE_CODE * WR_OFFSET, false };
    uint8_t *first = NULL, *none;

    if (p->size > 1 << GRANULE_SHIFT) {
        emit_step_away(e, p->step);
        return;
    }
    x64_mov_rr(c, 4, TMP3, TMP);
    x64_shift_ri(c, X_SHR, 4, TMP3, PAGE_SHIFT);
    x64_mov_rm(c, 8, TMP3, entry);
    x64_test_rr(c, 8, TMP3, TMP3);
    none = x64_jcc(c, CC_Z);
    x64_alu_rr(c, X_ADD, 8, TMP, TMP3);
    x64_mov_mr(c, 8, kept, RCX);
    x64_mov_rm(c, 8, RCX, emit_cpu(offsetof(struct cpu, code_granules)));
    if (p->size != 1) { /* it may have a part in the next granule, of the same page */
        emit_granule(e, 0);
        first = x64_jcc(c, CC_C);
    }
    emit_granule(e, (int32_t) p->size - 1);
    if (first != NULL)
        x64_patch(first, c->p);
    x64_mov_rm(c, 8, RCX, kept);
    x64_patch(x64_jcc(c, CC_NC), p->back);
    if (p->device)
        emit_step_away(e, p->step);
    x64_patch(none, c->p);
    if (p->device)
        emit_device(e, p->step);
    emit_step_away(e, p->step);
}

/* One piece serves all jumps to a step, and its traps. */
static void emit_step_piece(struct emit *e, struct step *s)
{
    const uint8_t *start = e->c->p;
    bool wanted = s->traps;

    for (struct patch *p = e->patch; p < e->patch + e->patches; p++)
        if (p->kind == PATCH_STEP && p->step == s) {
            x64_patch(p->at, start);
            wanted = true;
        }
    if (wanted) {
        s->piece = jit_rx(e->jit, start);
        emit_step_away(e, s);
    }
}

static void emit_piece(struct emit *e, struct patch *p)
{
    if (p->kind == PATCH_STEP)
        return;
    x64_patch(p->at, e->c->p);
    if (p->kind == PATCH_ALIGN) {
        emit_align_piece(e, p);
    } else if (p->kind == PATCH_CODE) {
        emit_code_piece(e, p);
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
        x64_mov_ri(e->c, TMP, 0);
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
        emit_insn(e, &e->insns[e->k]);
        if (e->step[e->k] != NULL)
            emit_resume(e);
    }
    emit_mark(e, start);
    if (!e->ended) {
        e->k = e->count - 1;
        emit_goto(e, e->eip);
    }
    for (unsigned i = 0; i < e->patches; i++)
        emit_piece(e, &e->patch[i]);
    for (unsigned k = 0; k < e->count; k++)
        if (e->step[k] != NULL)
            emit_step_piece(e, e->step[k]);
    x64_align(c, 8);
    e->block->code_bytes = (uint32_t) (c->p - start);
    emit_constants(e);
    assert(!c->full && c->p - start <= JIT_BLOCK_ROOM); /* block_make left room */
    return true;
}

/*
 * Flags: who asks for them, and what is kept for whom.
 *
 * They are in the host's flags right behind the instruction that wrote them.
 * Where an exit may ask for them later, what they follow from is kept in struct
 * jit; so every exit finds them, whatever the code after did.  Where registers still
 * hold that until the last who may ask, those keep it (enum deferral).
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

static bool insn_writes_all_flags(const struct insn *in)
{
    return ((in->row->writes | in->row->undef) & OSZAPC) == OSZAPC;
}

/* MOVS, STOS, LODS by flat segments: nothing is compared on the way. */
static bool string_is_flat(const struct emit *e, const struct insn *in)
{
    return (in->fn == op_lods || emit_profile(e, ES) == PROFILE_FLAT)
        && (in->fn == op_stos || emit_profile(e, in->seg) == PROFILE_FLAT);
}

/* Nothing but its own result comes into the host's flags, and no check of an operand. */
static bool insn_traps_only(const struct emit *e, const struct insn *in, const struct emit_row *row)
{
    bool stack = in->fn == op_push || in->fn == op_pop || in->fn == op_push_seg || in->fn == op_pop_seg;
    bool string = in->fn == op_movs || in->fn == op_stos || in->fn == op_lods;

    if (!(row->traits & EMIT_TRAPS) || !emit_in_window(e))
        return false;
    if (in->fn == op_pop_seg && !emit_is_paragraph_load(e, in))
        return false;
    if (in->fn == op_pop && emit_pop_steps(e, in))
        return false;
    if (stack && e->even[e->k] != EVEN_KNOWN && (!emit_big_stack(e) || emit_profile(e, SS) != PROFILE_FLAT))
        return false;
    if (string && !string_is_flat(e, in))
        return false;
    if (insn_touches_memory(in) && emit_profile(e, in->seg) != PROFILE_FLAT)
        return false;
    /* The trap may come at the store: the host's flags are the new ones by then. */
    return in->dst.kind != OPND_MEM || stack || !(in->row->reads & OSZAPC);
}

static enum leaving insn_leaves(const struct emit *e, const struct insn *in, const struct emit_row *row)
{
    if (row == NULL)
        return LEAVES;
    if (emit_keeps_direction(e, in) || (in->fn == op_mov_to_seg && emit_is_paragraph_load(e, in)))
        return STAYS;
    if ((!insn_touches_memory(in) || emit_goes_near(e)) && !(row->traits & EMIT_LEAVES))
        return STAYS;
    if ((in->fn == op_push || in->fn == op_pop) && emit_goes_near(e))
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

/* Wherever that is, it keeps flags that registers hold until then. */
static bool insn_goes_anywhere(const struct insn *in)
{
    return in->fn == op_ret || in->fn == op_call_abs || in->fn == op_jmp_abs;
}

/*
 * Do the registers that the flags follow from stay as they are for all who ask: conditional
 * jumps right behind, steps, and the end of the block?
 */
static bool insn_lasts(const struct emit *e, const struct insn *in)
{
    bool some = in->fn == op_inc || in->fn == op_dec, behind = true;
    uint32_t regs = emit_again_regs(in), changed = 0;

    for (unsigned k = e->k + 1; regs != 0 && k < e->count; k++) {
        const struct insn *next = &e->insns[k];
        uint32_t changes = e->changes[k];
        bool goes = next->fn == op_jmp || next->fn == op_call, stack = next->fn == op_push || next->fn == op_pop;

        if (next->fn == op_jcc) {
            if (!behind || !insn_jumps_inside(e, next) || (some && jcc_reads_carry(next)))
                return false;
            continue;
        }
        behind = false;
        if (insn_goes_anywhere(next)) /* it moves ESP first */
            return e->row[k] != NULL && ((changed | 1u << ESP) & regs) == 0;
        if ((next->row->reads & OSZAPC) || (changes & EARLY_NOT))
            return false;
        if (e->row[k] != NULL && (e->row[k]->traits & EMIT_LEAVES) && !goes && !stack) /* it wants the flags kept */
            return false;
        if ((changed & regs) && e->leaves[k] != STAYS)
            return false;
        if (insn_writes_all_flags(next))
            return true;
        if ((next->row->writes | next->row->undef) & OSZAPC)
            return false;
        if ((next->row->traits & T_END) && !(goes && insn_jumps_inside(e, next)))
            return false;
        changed |= changes;
    }
    return (changed & regs) == 0 && regs != 0;
}

/* Jumps right behind e->k back to the block's beginning, a bit each. */
static uint32_t loops_behind(const struct emit *e)
{
    uint32_t loops = 0;

    for (unsigned k = e->k + 1; k < e->count && e->insns[k].fn == op_jcc; k++)
        loops |= e->loops & 1u << k;
    return loops;
}

/* Does such a jump need to keep nothing for the next round? */
static bool loop_is_free(const struct emit *e, const struct insn *in)
{
    uint32_t regs = emit_again_regs(in);

    return e->block->flag_free || (regs != 0 && !(e->block->early & (regs | EARLY_NOT)));
}

/* ... or may the exits right behind it keep them, as nobody else asks that has to find them kept?
 * A loop's exits may, whoever asks behind the loop. */
static enum deferral insn_defers(const struct emit *e, const struct insn *in)
{
    bool some = in->fn == op_inc || in->fn == op_dec;
    unsigned k = e->k + 1;

    for (; k < e->count && e->insns[k].fn == op_jcc && insn_jumps_inside(e, &e->insns[k]); k++)
        if (some && jcc_reads_carry(&e->insns[k]))
            return DEFERS_NOT;
    if (k == e->k + 1)
        return DEFERS_NOT;
    if (k == e->count || (e->insns[k].fn == op_jmp && insn_jumps_inside(e, &e->insns[k])))
        return DEFERS_TO_EXITS;
    if (!e->exit_asks[k - 1] && !(some && (e->insn_asks[k - 1] || e->trap_asks[k - 1])))
        return DEFERS_TO_EXITS;
    /* Another jump, which may lead out of the segment, is no code to keep them before. */
    return e->insns[k].fn != op_jcc && (e->loops >> (k - 1) & 1) ? DEFERS_BEHIND : DEFERS_NOT;
}

static enum deferral insn_deferral(const struct emit *e, const struct insn *in)
{
    if (e->jit->knobs.no_links || e->jit->knobs.step_all || !e->exit_asks[e->k])
        return DEFERS_NOT;
    if (emit_is_soft(e) || !emit_can_keep_again(in))
        return DEFERS_NOT;
    if (insn_touches_memory(in) && (e->block->trace->caught >> e->k & 1)) /* it steps each time */
        return DEFERS_NOT;
    if (loops_behind(e) != 0 && !loop_is_free(e, in))
        return DEFERS_NOT;
    if (insn_lasts(e, in))
        return DEFERS_TO_ALL;
    return insn_defers(e, in);
}

uint32_t emit_changes(const struct insn *in)
{
    static op_fn *const none[] = { op_nop, op_cmp, op_test, op_bt, op_jcc, op_jmp };
    static op_fn *const first[] = {
        op_mov, op_movzx, op_movsx, op_lea, op_add, op_or, op_adc, op_sbb, op_and, op_sub, op_xor, op_inc, op_dec,
        op_neg, op_not, op_shl, op_shr, op_sar, op_rol, op_ror, op_shld, op_shrd, op_imul2, op_setcc, op_cmov,
    };
    static op_fn *const both[] = { op_mul, op_imul1, op_div, op_idiv, op_cbw, op_cwd };
    uint32_t reg = in->dst.kind == OPND_REG ? 1u << in->dst.off / 4 : 0;

    if (op_is_one_of(in->fn, none, ARRAY_LEN(none)))
        return 0;
    if (op_is_one_of(in->fn, first, ARRAY_LEN(first)))
        return reg;
    if (op_is_one_of(in->fn, both, ARRAY_LEN(both)))
        return 1u << EAX | 1u << EDX;
    if (in->fn == op_push || in->fn == op_call)
        return 1u << ESP;
    if (in->fn == op_pop)
        return 1u << ESP | reg;
    return EARLY_NOT;
}

/* Up to the first instruction that writes all flags, whoever asks for those before is a step. */
static uint32_t emit_early(struct emit *e)
{
    uint32_t early = 0;

    for (e->k = 0; e->k < e->count; e->k++) {
        const struct insn *in = &e->insns[e->k];
        const struct emit_row *row = e->row[e->k];

        if (in->row->traits & T_END)
            break;
        if (emit_begins_near(e))
            break;
        if (insn_writes_all_flags(in) && (in->row->reads & OSZAPC) == 0 && row != NULL && !(row->traits & EMIT_LEAVES))
            return early;
        early |= e->changes[e->k];
        if ((early & EARLY_NOT) || in->fn == op_jcc || ((in->row->writes | in->row->undef) & OSZAPC) != 0)
            break;
    }
    return EARLY_NOT;
}

/* Does SP stay even, or odd? */
static bool insn_keeps_parity(const struct insn *in)
{
    static op_fn *const fns[] = { op_push_seg, op_pop_seg, op_mov_to_seg, op_call, op_call_abs, op_ret };
    bool is_sp = in->dst.kind == OPND_REG && in->dst.off == ESP * 4;

    if (in->fn == op_push || (in->fn == op_pop && !is_sp) || op_is_one_of(in->fn, fns, ARRAY_LEN(fns)))
        return true;
    if (is_sp && (in->fn == op_add || in->fn == op_sub))
        return in->src.kind == OPND_IMM && !(in->imm & 1);
    return !(emit_changes(in) & (1u << ESP | EARLY_NOT));
}

static void emit_analyse_parity(struct emit *e)
{
    bool known = false;

    if (e->jit->knobs.step_all)
        return;
    for (e->k = 0; e->k < e->count; e->k++) {
        const struct insn *in = &e->insns[e->k];

        e->even[e->k] = (uint8_t) (!emit_even_can(e, in) ? EVEN_NOT : known ? EVEN_KNOWN : EVEN_ASKED);
        known = (known || e->even[e->k] == EVEN_ASKED) && insn_keeps_parity(in) && !emit_is_soft(e);
    }
}

/* Where somebody asks, traps find the flags where exits do, not in the host's. */
static enum asking asking_before(const struct insn *in, enum leaving leaves, enum asking after, bool trap_asks)
{
    bool some = (in->row->writes | in->row->undef) & OSZAPC;

    if (leaves == LEAVES)
        return ASKS_ALL;
    if (insn_writes_all_flags(in))
        return ASKS_NOT;
    if (after == ASKS_NOT)
        return some && trap_asks ? ASKS_ALL : ASKS_NOT;
    if (leaves == TRAPS)
        return ASKS_ALL;
    return in->fn == op_inc || in->fn == op_dec ? ASKS_CARRY : after;
}

static void emit_look(struct emit *e)
{
    uint32_t eip = e->block->key.eip;

    e->loops = 0;
    for (e->k = 0; e->k < e->count; e->k++) {
        const struct insn *in = &e->insns[e->k];

        eip += in->len;
        e->row[e->k] = emit_find(e, in);
        e->changes[e->k] = emit_changes(in);
        if (in->fn == op_jcc && insn_target(in, eip) == e->block->key.eip)
            e->loops |= 1u << e->k;
    }
}

/*
 * Who asks, backward.  A trap finds all flags in the host's, if nothing came between
 * them and the instruction that wrote them: what writes only some does.
 */
static void emit_analyse_flags(struct emit *e)
{
    enum asking exit_asks = ASKS_ALL;
    bool insn_asks = false, trap_asks = false;

    e->cost_from[e->count] = 0;
    for (e->k = e->count; e->k-- != 0;) {
        const struct insn *in = &e->insns[e->k];
        const struct emit_row *row = e->row[e->k];
        enum leaving leaves = insn_leaves(e, in, row);
        bool all = insn_writes_all_flags(in), some = (in->row->writes | in->row->undef) & OSZAPC;

        e->leaves[e->k] = (uint8_t) leaves;
        e->exit_asks[e->k] = (uint8_t) exit_asks;
        e->insn_asks[e->k] = insn_asks;
        e->trap_asks[e->k] = trap_asks;
        exit_asks = asking_before(in, leaves, exit_asks, trap_asks);
        insn_asks = (in->row->reads & OSZAPC) != 0 || (insn_asks && !all);
        trap_asks = leaves == TRAPS || (!some && trap_asks);
        /* Of REP, the first iteration: it may only start before the horizon. */
        e->cost_from[e->k] = e->cost_from[e->k + 1] + in->cost;
    }
    e->block->flag_free = !exit_asks && !insn_asks && !trap_asks;
    e->block->early = insn_asks ? EARLY_NOT : emit_early(e);
}

void emit_analyse(struct emit *e)
{
    emit_analyse_parity(e);
    emit_look(e);
    emit_plan_near(e);
    emit_analyse_flags(e);
    for (e->k = 0; e->k < e->count; e->k++)
        e->defers[e->k] = (uint8_t) insn_deferral(e, &e->insns[e->k]);
}

bool emit_keeps(const struct emit *e, unsigned host_after)
{
    if (e->defers[e->k] != DEFERS_NOT)
        return false;
    return e->exit_asks[e->k] || ((e->insn_asks[e->k] || e->trap_asks[e->k]) && (host_after & HF_ALL) != HF_ALL);
}

bool emit_keeps_carry_only(const struct emit *e)
{
    return e->exit_asks[e->k] == ASKS_CARRY; /* such flags are not deferred: INC or DEC comes before a jump */
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
    /* Is 0 below it?  A byte, as it was stored: else the host waits until it is in its cache. */
    x64_alu_rm(e->c, X_CMP, 1, JIT, emit_cpu(offsetof(struct cpu, f_carry)));
    e->host = HF_C;
}

bool emit_has_flags(const struct emit *e)
{
    return (e->host & HF_ALL) == HF_ALL && (e->host & (HF_A | HF_NO_A)) != 0;
}

void emit_load_flags(struct emit *e)
{
    x64_patch(x64_call(e->c), e->jit->shared.load_flags);
    e->host = HF_ALL | HF_A;
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

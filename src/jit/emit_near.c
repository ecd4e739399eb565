/*
 * Operands near each other in paged code: several that follow registers of which it
 * is known how far they are from each other, as those of a stack frame do.
 *
 * The first of a group is found like any other, and if all of them lie in its page,
 * its host address is kept in struct jit, and the others go from there: nothing is
 * checked, so nothing of theirs leaves the block, and the host's flags stay.  If they
 * do not lie in one page, or are not found there, the block is left for one without
 * groups (KEY_APART).  A step may change where pages lie: behind it, the addresses
 * are found anew, or the block is left (jit_find_near()).
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

enum { NEAR_SPAN = 512, NEAR_LEAST = 2 }; /* bytes; operands for which it pays */

static struct xmem near_slot(unsigned slot)
{
    return emit_jit(offsetof(struct jit, near) + 8 * slot);
}

/* --- accesses ------------------------------------------------------------- */

static bool operand_stores(const struct insn *in)
{
    static op_fn *const reads[] = { op_cmp,   op_test, op_push, op_mul,      op_imul1,
                                    op_div,   op_idiv, op_call_abs, op_jmp_abs };

    return in->dst.kind == OPND_MEM && !op_is_one_of(in->fn, reads, ARRAY_LEN(reads));
}

/* Is it one whose operand emit_operand() finds, and how large is that? */
static unsigned operand_size(const struct insn *in)
{
    static op_fn *const fns[] = {
        op_add, op_or, op_adc, op_sbb, op_and, op_sub, op_xor, op_cmp, op_test, op_inc, op_dec, op_neg, op_not, op_mul,
        op_imul1, op_imul2, op_div, op_idiv, op_shl, op_shr, op_sar, op_cmov, op_push, op_call_abs, op_jmp_abs,
    };

    if (in->fn == op_mov)
        return in->dst.width;
    if (in->fn == op_movzx || in->fn == op_movsx)
        return in->src.width;
    return op_is_one_of(in->fn, fns, ARRAY_LEN(fns)) ? in->width : 0;
}

/* By one register and a displacement; the size is 0 else. */
static struct emit_access operand_access(const struct emit *e, unsigned k)
{
    const struct insn *in = &e->insns[k];
    struct emit_access none = { 0 };

    if (!insn_touches_memory(in) || in->base > 7 || in->index < 8 || in->ea_mask == 0xffff || (e->soft >> k & 1)
        || emit_profile(e, in->seg) != PROFILE_FLAT)
        return none;
    return (struct emit_access){ in->base, (uint8_t) operand_size(in), operand_stores(in), (int32_t) in->disp };
}

static struct emit_access stack_access(const struct emit *e, unsigned k)
{
    const struct insn *in = &e->insns[k];
    bool pushes = in->fn == op_push || in->fn == op_call || in->fn == op_call_abs;
    struct emit_access none = { 0 };

    if (!pushes && in->fn != op_pop && in->fn != op_ret && in->fn != op_leave)
        return none;
    if (!emit_big_stack(e) || emit_profile(e, SS) != PROFILE_FLAT || (e->soft >> k & 1))
        return none;
    return (struct emit_access){ in->fn == op_leave ? EBP : ESP, in->width, pushes, pushes ? -(int32_t) in->width : 0 };
}

/* --- where registers point to ----------------------------------------------- */

static void follow_none(struct emit_follow *f)
{
    memset(f, 0, sizeof *f);
}

static bool follows_some(const struct emit_follow *f)
{
    return load_le64(f->group) != 0;
}

/* `dst` becomes `src` + `by`. */
static void follow_copy(struct emit_follow *f, unsigned dst, unsigned src, uint32_t by)
{
    f->group[dst] = f->group[src];
    f->off[dst] = f->off[src] + by;
}

/* What an instruction that is no copy or sum does to the registers. */
static void follow_changes(struct emit_follow *f, uint32_t changes)
{
    if (changes & EARLY_NOT)
        follow_none(f);
    for (unsigned reg = 0; reg < 8; reg++)
        if (changes >> reg & 1)
            f->group[reg] = 0;
}

static void follow_stack(const struct emit *e, struct emit_follow *f, const struct insn *in)
{
    if (!emit_big_stack(e)) {
        follow_changes(f, emit_changes(in) | 1u << ESP);
        return;
    }
    if (in->fn == op_push) {
        follow_copy(f, ESP, ESP, 0u - in->width);
        return;
    }
    follow_copy(f, ESP, ESP, in->width);
    if (in->dst.kind == OPND_REG)
        f->group[in->dst.off / 4] = 0;
}

/* Behind the instruction k. */
static void follow(const struct emit *e, struct emit_follow *f, unsigned k)
{
    const struct insn *in = &e->insns[k];
    bool whole = in->width == 4 && in->dst.kind == OPND_REG && !(e->soft >> k & 1);
    unsigned dst = in->dst.off / 4;

    if (e->row[k] == NULL)
        follow_none(f);
    else if (in->fn == op_push || in->fn == op_pop)
        follow_stack(e, f, in);
    else if (in->fn == op_leave && in->width == 4 && emit_big_stack(e)) {
        follow_copy(f, ESP, EBP, 4);
        f->group[EBP] = 0;
    } else if (whole && in->fn == op_mov && in->src.kind == OPND_REG)
        follow_copy(f, dst, in->src.off / 4, 0);
    else if (whole && in->fn == op_lea && in->base < 8 && in->index > 7 && in->ea_mask != 0xffff)
        follow_copy(f, dst, in->base, in->disp);
    else if (whole && in->fn == op_add && in->src.kind == OPND_IMM)
        follow_copy(f, dst, dst, in->imm);
    else if (whole && in->fn == op_sub && in->src.kind == OPND_IMM)
        follow_copy(f, dst, dst, 0u - in->imm);
    else
        follow_changes(f, e->changes[k]);
}

/* --- the plan --------------------------------------------------------------- */

static bool group_takes(struct emit_group *g, int32_t at, unsigned size)
{
    int32_t end, low, high;

    if (at < -NEAR_SPAN || at > NEAR_SPAN)
        return false;
    end = at + (int32_t) size;
    low = at < g->low ? at : g->low;
    high = end > g->high ? end : g->high;
    if (high - low > NEAR_SPAN)
        return false;
    g->low = (int16_t) low;
    g->high = (int16_t) high;
    return true;
}

/* All that follow this first one. */
static unsigned group_collect(const struct emit *e, struct emit_group *g, const struct emit_access *first,
                              unsigned which)
{
    struct emit_follow f = { 0 };
    unsigned count = 1;

    f.group[first->base] = 1;
    f.off[first->base] = 0u - (uint32_t) first->disp;
    for (unsigned k = g->first; k < e->count && e->row[k] != NULL && follows_some(&f); k++) {
        for (which = k == g->first ? which + 1 : 0; which < NEAR_KINDS; which++) {
            const struct emit_access *a = &e->access[k][which];

            if (a->size == 0 || !f.group[a->base]
                || !group_takes(g, (int32_t) (f.off[a->base] + (uint32_t) a->disp), a->size))
                continue;
            g->write |= a->write;
            count++;
        }
        if (e->insns[k].row->traits & T_END)
            break;
        follow(e, &f, k);
    }
    return count;
}

static bool near_goes(struct emit *e, const struct emit_follow *f, const struct emit_access *a, struct emit_use *use)
{
    struct emit_group *g = &e->group[f->group[a->base]];
    int32_t at = (int32_t) (f->off[a->base] + (uint32_t) a->disp);

    if (f->group[a->base] == 0)
        return false;
    if (at < g->low || at > g->high - (int32_t) a->size || (a->write && !g->write))
        return false;
    *use = (struct emit_use){ NEAR_GOES, f->group[a->base], (int16_t) at };
    g->last = (uint8_t) e->k;
    return true;
}

static void near_begin(struct emit *e, struct emit_follow *f, const struct emit_access *a, unsigned which)
{
    unsigned slot = a->base == ESP ? 0 : a->base == EBP ? 1 : 2;
    struct emit_group *g = &e->group[e->groups + 1];

    *g = (struct emit_group){ .high = (int16_t) a->size, .write = a->write, .slot = (uint8_t) slot };
    g->first = g->last = (uint8_t) e->k;
    if (group_collect(e, g, a, which) < NEAR_LEAST)
        return;
    e->groups++;
    for (unsigned reg = 0; reg < 8; reg++) /* the slot is another one's now */
        if (f->group[reg] != 0 && e->group[f->group[reg]].slot == slot)
            f->group[reg] = 0;
    f->group[a->base] = (uint8_t) e->groups;
    f->off[a->base] = 0u - (uint32_t) a->disp;
    e->use[e->k][which] = (struct emit_use){ NEAR_BEGINS, (uint8_t) e->groups, 0 };
}

void emit_plan_near(struct emit *e)
{
    struct emit_follow f = { 0 };

    if (!(e->block->key.profile & KEY_PAGED) || (e->block->key.profile & KEY_APART) || e->jit->knobs.step_all)
        return;
    for (unsigned k = 0; k < e->count; k++) {
        e->access[k][NEAR_OPERAND] = operand_access(e, k);
        e->access[k][NEAR_STACK] = stack_access(e, k);
    }
    for (e->k = 0; e->k < e->count; e->k++) {
        for (unsigned which = 0; which < NEAR_KINDS && e->row[e->k] != NULL; which++) {
            const struct emit_access *a = &e->access[e->k][which];

            if (a->size != 0 && !near_goes(e, &f, a, &e->use[e->k][which]))
                near_begin(e, &f, a, which);
        }
        follow(e, &f, e->k);
        e->follow[e->k] = f;
    }
}

static bool insn_uses_stack(const struct insn *in)
{
    static op_fn *const fns[] = { op_push, op_pop, op_call, op_call_abs, op_ret, op_leave };

    return op_is_one_of(in->fn, fns, ARRAY_LEN(fns));
}

bool emit_goes_near(const struct emit *e)
{
    bool operand = insn_touches_memory(&e->insns[e->k]), stack = insn_uses_stack(&e->insns[e->k]);
    const struct emit_use *use = e->use[e->k];

    return (operand || stack) && (!operand || use[NEAR_OPERAND].what == NEAR_GOES)
        && (!stack || use[NEAR_STACK].what == NEAR_GOES);
}

bool emit_begins_near(const struct emit *e)
{
    return e->use[e->k][NEAR_OPERAND].what == NEAR_BEGINS || e->use[e->k][NEAR_STACK].what == NEAR_BEGINS;
}

bool emit_is_one_access(const struct emit *e, unsigned k)
{
    static op_fn *const two[] = { op_push, op_pop, op_call_abs };
    const struct insn *in = &e->insns[k];

    if (insn_touches_memory(in))
        return operand_size(in) != 0 && !op_is_one_of(in->fn, two, ARRAY_LEN(two));
    return (in->fn == op_push || in->fn == op_pop) && stack_access(e, k).size != 0;
}

/* --- the operand ------------------------------------------------------------ */

static void near_find(struct emit *e, const struct emit_group *g, const struct emit_access *a)
{
    struct code *c = e->c;
    struct patch *p;

    x64_lea(c, 4, TMP, x64_at(emit_home[a->base], a->disp));
    x64_lea(c, 4, TMP3, x64_at(TMP, g->low));
    x64_alu_ri(c, X_AND, 4, TMP3, PAGE_SIZE - 1);
    x64_alu_ri(c, X_CMP, 4, TMP3, PAGE_SIZE - (uint32_t) (g->high - g->low));
    p = emit_patch(e, PATCH_APART, x64_jcc(c, CC_A));
    p->eip = e->eip - e->insns[e->k].len;
    p->after = e->k;
    p->flags = e->flags;
    p->fill = (g->write ? FILL_STORE : 0) | (g->write == a->write && emit_is_one_access(e, e->k) ? FILL_MARKS : 0);
    p->none = emit_entry(c, g->write ? WR_OFFSET : 0);
    p->back = c->p;
    x64_mov_mr(c, 8, near_slot(g->slot), TMP);
    e->at = x64_at(TMP, 0);
    e->host = 0;
}

bool emit_near(struct emit *e, enum near_kind which, unsigned size, bool write)
{
    const struct emit_use *use = &e->use[e->k][which];
    const struct emit_group *g = &e->group[use->group];
    const struct emit_access *a = &e->access[e->k][which];

    if (use->what == NEAR_NOT)
        return false;
    assert(a->size == size && a->write == write);
    if (use->what == NEAR_BEGINS) {
        near_find(e, g, a);
        return true;
    }
    assert(use->at >= g->low && use->at + (int) size <= g->high);
    x64_mov_rm(e->c, 8, TMP, near_slot(g->slot));
    e->at = x64_at(TMP, use->at);
    return true;
}

/* Behind the instruction, where its step comes back: addresses that others still go by. */
void emit_near_after(const struct emit *e, struct step *s)
{
    const struct emit_follow *f = &e->follow[e->k];

    for (unsigned reg = 0; e->groups != 0 && reg < 8; reg++) {
        const struct emit_group *g = &e->group[f->group[reg]];

        if (f->group[reg] == 0 || g->last <= e->k)
            continue;
        s->nears = true;
        s->near[g->slot] = (struct near){
            .is = true, .reg = (uint8_t) reg, .write = g->write, .off = 0u - f->off[reg], .low = g->low,
            .span = (uint16_t) (g->high - g->low),
        };
    }
}

/* --- its piece --------------------------------------------------------------- */

/* What the tables do not know yet may be known when it is looked for; else to a block without groups. */
void emit_apart_piece(struct emit *e, const struct patch *p)
{
    struct code *c = e->c;

    x64_patch(p->none, c->p);
    x64_patch(x64_call(c), e->jit->shared.fill[p->fill]);
    x64_patch(x64_jcc(c, CC_NZ), p->back);
    x64_patch(p->at, c->p);
    emit_jump_apart(e, p);
}

/* Ways out of a block: linked, checked, looked up. */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

void emit_leave(struct emit *e)
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

/* Its stub is a piece. */
static void emit_link_jump(struct emit *e, struct link *l)
{
    l->at = x64_jmp(e->c);
    emit_patch(e, PATCH_LINK, NULL)->link = l;
}

void emit_link_piece(struct emit *e, struct link *l)
{
    struct code *c = e->c;

    if (l->checked) {
        l->fast = c->p;
        x64_mov_ri(c, TMP, l->eip);
        emit_goto_tmp(e);
    }
    l->stub = c->p;
    x64_patch(l->at, l->stub);
    if (l->checked) {
        l->slow = l->stub;
        x64_patch(l->enter, l->slow);
    }
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
    l->checked = true;
    l->enter = x64_jcc(c, CC_NZ);
    emit_link_jump(e, l);
}

/* Instructions from `after` on are not done. */
static void emit_jump_direct(struct emit *e, struct link *l, unsigned after)
{
    struct constant *back = emit_count_back(e, after);

    if (back != NULL) {
        l->back = back->value;
        back->told = &l->budget;
    }
    emit_link_jump(e, l);
}

void emit_jump_out(struct emit *e, uint32_t eip, unsigned after)
{
    enum way way = emit_way(e, eip);

    if (way == DIRECT) {
        emit_jump_direct(e, emit_link(e, eip), after);
        return;
    }
    emit_count_back(e, after);
    if (way == CHECKED) {
        emit_jump_checked(e, eip);
    } else {
        x64_mov_ri(e->c, TMP, eip);
        emit_goto_tmp(e);
    }
}

/* The ways past `slow`: falls through where the target's time is not there; the constant that is
 * to be given back then. */
static struct constant *emit_fast_ways(struct emit *e, struct link *l, const struct insn *in)
{
    struct code *c = e->c;
    struct constant *takes;

    l->regs = emit_again_regs(in);
    l->flags = in;
    l->again = c->p;
    if (l->regs != 0)
        x64_mov_mi(c, 4, emit_jit(offsetof(struct jit, f_op)), FK_AGAIN << 4 | (uint32_t) (l - e->jit->link) << 8);
    l->fast = c->p;
    takes = emit_add_budget(e, 0);
    takes->told = &l->fast_budget;
    l->fast_at = x64_jcc(c, CC_NS);
    return takes;
}

void emit_jump_out_of(struct emit *e, const struct insn *in, uint8_t *enter, uint32_t eip, unsigned after)
{
    const uint8_t *slow = e->c->p;
    struct constant *takes;
    struct link *l;

    emit_keep_again(e, in);
    if (emit_way(e, eip) != DIRECT) {
        emit_jump_out(e, eip, after);
        return;
    }
    l = emit_link(e, eip);
    emit_jump_direct(e, l, after);
    l->enter = enter;
    l->slow = slow;
    takes = emit_fast_ways(e, l, in);
    takes->again = x64_alu_rip(e->c, X_SUB, BUDGET);
    x64_patch(x64_jmp(e->c), slow);
}

void emit_jump_apart(struct emit *e, const struct patch *p)
{
    struct jit *jit = e->jit;
    struct link *l = &jit->link[jit->links];

    assert(emit_way(e, p->eip) == DIRECT); /* it is in the run, which lies in one page */
    if (p->flags != NULL) {
        uint8_t *enter = x64_jmp(e->c);

        x64_patch(enter, e->c->p);
        emit_jump_out_of(e, p->flags, enter, p->eip, p->after);
    } else {
        emit_jump_out(e, p->eip, p->after);
    }
    l->apart = true;
}

/* A loop's jump back stands in the main line: the less it takes, the better. */
static void emit_jump_back(struct emit *e, uint32_t eip)
{
    struct patch *p;

    if (e->flags == NULL) {
        emit_jump_out(e, eip, e->k + 1);
        return;
    }
    p = emit_patch(e, PATCH_BACK, x64_jmp(e->c));
    p->link = emit_link(e, eip);
    p->link->enter = p->at;
    p->flags = e->flags;
    p->after = e->k + 1;
    p->takes = emit_fast_ways(e, p->link, e->flags);
    p->link->fast = p->link->again; /* behind `enter`, which is none then */
    p->refused = x64_jmp(e->c);
}

void emit_back_piece(struct emit *e, const struct patch *p)
{
    x64_patch(p->refused, e->c->p);
    p->takes->again = x64_alu_rip(e->c, X_SUB, BUDGET);
    p->link->slow = e->c->p;
    x64_patch(p->link->enter, p->link->slow);
    emit_keep_again(e, p->flags);
    emit_jump_direct(e, p->link, p->after);
}

static void emit_exit(struct emit *e, uint8_t *at, uint32_t eip)
{
    struct patch *p = emit_patch(e, PATCH_EXIT, at);

    p->eip = eip;
    p->after = e->k + 1;
    p->flags = e->flags;
}

void emit_goto(struct emit *e, uint32_t eip)
{
    e->ended = true;
    if (e->flags != NULL && emit_way(e, eip) == DIRECT) {
        emit_exit(e, x64_jmp(e->c), eip);
        return;
    }
    if (e->flags != NULL)
        emit_keep_again(e, e->flags);
    emit_jump_out(e, eip, e->k + 1);
}

void emit_exit_if(struct emit *e, unsigned cc, uint32_t eip)
{
    uint8_t *at;

    if (eip >= e->eip || emit_way(e, eip) != DIRECT) {
        emit_exit(e, x64_jcc(e->c, cc), eip);
        return;
    }
    at = x64_jcc(e->c, cc ^ 1);
    emit_jump_back(e, eip);
    x64_patch(at, e->c->p);
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

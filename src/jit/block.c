/* Blocks: made from runs, found again, joined by jumps, dropped. */
#include "config.h"

#include "cpu/ops.h"
#include "jit/jit_priv.h"

struct block_key block_key_now(const struct cpu *cpu)
{
    return (struct block_key){ cpu->eip, cpu->seg[CS].limit, block_profile_now(cpu) };
}

static bool block_key_same(const struct block_key *a, const struct block_key *b)
{
    return a->eip == b->eip && a->cs_limit == b->cs_limit && a->profile == b->profile;
}

/* The writable place of its first byte. */
static uint8_t *block_entry(const struct jit *jit, const struct block *b)
{
    return jit->rw + (b->code - jit->rx);
}

static void block_shut(struct jit *jit, struct block *b)
{
    struct code c = { block_entry(jit, b), block_entry(jit, b) + X64_ROOM, false }; /* for one instruction */

    if (b->shut)
        return;
    b->shut = true;
    memcpy(b->entry, c.p, sizeof b->entry);
    x64_patch(x64_jmp(&c), b->refusal);
}

struct block *block_find(struct jit *jit, struct trace *t, const struct block_key *key)
{
    struct block *b = t->blocks;

    while (b != NULL && !block_key_same(&b->key, key))
        b = b->next;
    if (b != NULL && b->shut) {
        memcpy(block_entry(jit, b), b->entry, sizeof b->entry);
        b->shut = false;
    }
    return b;
}

/* The instructions of a block: up to a change of DF, which is part of its key. */
static unsigned run_length(const struct insn *in, unsigned max, bool down)
{
    op_fn *change = down ? op_cld : op_std;
    unsigned n = 0;

    while (n < max && in[n].row != NULL)
        if (in[n++].fn == change)
            break;
    return n;
}

struct block *block_make(struct jit *jit, struct trace *t, const struct block_key *key)
{
    struct block *b = &jit->block[jit->blocks];
    struct emit *e = jit->emit;

    if (jit->blocks == JIT_BLOCKS || jit->links + 4 * JIT_INSNS > JIT_LINKS
        || jit->steps_used + JIT_INSNS > JIT_STEPS || jit->code.end - jit->code.p < JIT_BLOCK_ROOM + BLOCK_ALIGN
        || jit->cold.end - jit->cold.p < JIT_BLOCK_ROOM)
        return NULL;
    x64_align(&jit->code, BLOCK_ALIGN);
    *b = (struct block){
        .trace = t,
        .key = *key,
        .code = jit_rx(jit, jit->code.p),
        .addr = t->addr,
        .first_step = (uint32_t) jit->steps_used,
    };
    cache_touch(jit);
    memset(e, 0, offsetof(struct emit, patch));
    e->jit = jit;
    e->cpu = jit->cpu;
    e->c = &jit->code;
    e->block = b;
    e->insns = t->first;
    e->count = run_length(t->first, jit->knobs.max_insns, key->profile & KEY_DOWN);
    e->soft = t->soft;
    if (!emit_block(e))
        return NULL;
    jit->blocks++;
    b->next = t->blocks;
    t->blocks = b;
    jit->stats.blocks++;
    b->insns = (uint8_t) e->count;
    jit->stats.insns += e->count;
    return b;
}

/* --- links --------------------------------------------------------------- */

void block_link(struct jit *jit, struct link *l, struct block *to)
{
    if (l->to != NULL || l->from->trace == NULL || jit->knobs.no_links)
        return;
    l->to = to;
    l->next = to->in;
    to->in = l;
    if (l->checked) {
        store_le64(l->entry, jit_code_entry(jit->cpu));
        x64_patch(l->at, block_entry(jit, to));
        x64_patch_jmp(l->enter, l->fast);
        return;
    }
    if (l->enter != NULL && (to->flag_free || (l->regs != 0 && !(to->early & (l->regs | EARLY_NOT))))) {
        store_le64(l->fast_budget, l->back + to->takes);
        x64_patch(l->fast_at, block_entry(jit, to) + BLOCK_CHECKED);
        x64_patch_jmp(l->enter, to->flag_free ? l->fast : l->again);
        return;
    }
    if (l->budget == NULL) {
        x64_patch(l->at, block_entry(jit, to));
        return;
    }
    /* Given back and taken at once. */
    store_le64(l->budget, l->back + to->takes);
    x64_patch(l->at, block_entry(jit, to) + BLOCK_ENTRY);
}

static void block_unlink(struct block *b)
{
    for (struct link *l = b->in; l != NULL; l = l->next) {
        x64_patch(l->at, l->stub);
        if (l->enter != NULL)
            x64_patch_jmp(l->enter, l->slow);
        if (l->budget != NULL)
            store_le64(l->budget, l->back);
        if (l->checked)
            store_le64(l->entry, LINK_NO_ENTRY);
        l->to = NULL;
    }
    b->in = NULL;
}

void block_park_all(struct jit *jit, struct trace *t)
{
    for (struct block *b = t->blocks; b != NULL; b = b->next) {
        block_unlink(b);
        block_shut(jit, b);
    }
}

void block_drop_all(struct jit *jit, struct trace *t)
{
    block_park_all(jit, t);
    for (struct block *b = t->blocks; b != NULL; b = b->next)
        b->trace = NULL;
    t->blocks = NULL;
}

/* Main lines of blocks, where traps are, lie in code memory in the order of their numbers. */
static struct block *block_at(struct jit *jit, const uint8_t *at)
{
    size_t low = 0, high = jit->blocks;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (jit->block[middle].code <= at)
            low = middle;
        else
            high = middle;
    }
    return high == 0 || jit->block[low].code > at ? NULL : &jit->block[low];
}

struct step *block_trapped(struct jit *jit, const uint8_t *at)
{
    const struct block *b = block_at(jit, at);
    struct step *s;

    if (b == NULL)
        return NULL;
    for (s = &jit->steps[b->first_step]; s < jit->steps + jit->steps_used && s->block == b; s++)
        if (at < s->resume)
            return s->traps ? s : NULL;
    return NULL;
}

void block_count(struct jit *jit)
{
    for (struct step *s = jit->steps; s < jit->steps + jit->steps_used; s++) {
        jit->steps_of[s->number][s->why] += s->count;
        jit->stats.steps += s->count;
        cover_count(jit, s);
        s->count = 0;
    }
}

/* Everything: never while code is executing. */
void block_flush(struct jit *jit)
{
    for (size_t i = 0; i < jit->blocks; i++)
        if (jit->block[i].trace != NULL)
            jit->block[i].trace->blocks = NULL;
    block_count(jit);
    jit_forget_lookups(jit);
    jit->blocks = jit->links = jit->steps_used = 0;
    jit->since_flush = 0;
    jit->code = (struct code){ jit->code_start, jit->rw + JIT_HOT, false };
    jit->cold = (struct code){ jit->rw + JIT_HOT, jit->rw + JIT_CACHE, false };
    jit->stats.flushes++;
}

/*
 * What an address means, and what is known by it: contexts, which number the state
 * that code is translated for, and the look-up of indirect jumps.
 */
#include "config.h"

#include "jit/jit_priv.h"

/* --- contexts ------------------------------------------------------------ */

/* The first of its set. */
static unsigned context_hash(const struct context *c)
{
    uint64_t mixed = c->code ^ c->code >> 32 ^ c->state << 24 ^ c->mapping << 40;

    return (unsigned) (mixed * UINT64_C(0x9e3779b97f4a7c15) >> (64 - JIT_CONTEXT_BITS)) * JIT_CONTEXT_WAYS;
}

static bool context_same(const struct context *a, const struct context *b)
{
    return a->id != 0 && a->code == b->code && a->state == b->state && a->mapping == b->mapping;
}

void jit_forget_lookups(struct jit *jit)
{
    memset(jit->lookup, 0, sizeof jit->lookup);
    memset(jit->lookup_before, 0, sizeof jit->lookup_before);
}

static const struct context *context_find(struct jit *jit, struct context *now)
{
    struct context *set = &jit->contexts[context_hash(now)];

    for (unsigned i = 0; i < JIT_CONTEXT_WAYS; i++)
        if (context_same(&set[i], now))
            return &set[i];
    if (++jit->context_id == JIT_CONTEXT_IDS) { /* numbers must not come twice */
        jit_forget_lookups(jit);
        memset(jit->contexts, 0, sizeof jit->contexts);
        jit->context_id = 1;
    }
    now->id = jit->context_id;
    set += now->id % JIT_CONTEXT_WAYS;
    *set = *now;
    return set;
}

void jit_set_context(struct jit *jit, uint32_t profile)
{
    const struct cpu *cpu = jit->cpu;
    uint32_t base = cpu->seg[CS].base, limit = cpu->seg[CS].limit, paragraph = 0;
    uint32_t where = (cpu->cpl == 3 ? WHERE_CPL_3 : 0) | (cpu->seg[CS].attr & SEG_BIG ? WHERE_BIG : 0);
    struct context now = { .mapping = profile & KEY_MOVES ? 0 : cpu->mapping };
    uint32_t down = profile & KEY_DOWN ? CONTEXT_DOWN : 0;

    if (limit <= 0xffff && (base & ~UINT32_C(0xffff0)) == 0) {
        paragraph = base >> 4;
        base = 0;
        where |= WHERE_PARAGRAPH;
    }
    now.code = base | (uint64_t) limit << 32;
    now.state = (profile & ~(uint32_t) KEY_DOWN) | (uint64_t) where << 32;
    if (!context_same(jit->last, &now)) {
        const struct context *before = jit->last;

        jit->last = context_same(jit->before_last, &now) ? jit->before_last : context_find(jit, &now);
        jit->before_last = before;
    }
    jit->context = (uint64_t) (jit->last->id * CONTEXT_ID + down) << 32 | paragraph << 16;
}

/* --- look-ups ------------------------------------------------------------- */

/* What was found in that place before comes back, if it has the key. */
static void jit_swap_lookup(struct jit *jit, struct lookup *l, uint64_t key)
{
    struct lookup *before = &jit->lookup_before[l - jit->lookup], now = *l;

    if (before->key != key)
        return;
    *l = *before;
    *before = now;
}

const uint8_t *jit_known(struct jit *jit, uint32_t profile)
{
    struct lookup *l;
    uint64_t key;

    jit_set_context(jit, profile);
    key = jit->context | jit->cpu->eip;
    l = jit_lookup(jit, key);
    if (l->key != key)
        jit_swap_lookup(jit, l, key);
    return l->key == key && l->entry == jit_code_entry(jit->cpu) ? l->code : NULL;
}

void jit_remember(struct jit *jit, struct block *b)
{
    size_t page = jit_code_page(jit->cpu) * sizeof(uintptr_t);
    struct lookup *l;
    uint64_t key;

    jit_set_context(jit, block_profile_now(jit->cpu));
    key = jit->context | b->key.eip;
    l = jit_lookup(jit, key);
    if (l->key != key)
        jit->lookup_before[l - jit->lookup] = *l;
    *l = (struct lookup){ key, b->code, page, jit_code_entry(jit->cpu) };
}

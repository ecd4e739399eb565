/*
 * What an address means, and what is known by it: contexts, which number the state
 * that code is translated for, and the look-up of indirect jumps.
 */
#include "config.h"

#include "jit/jit_priv.h"

/* --- what code is made for ---------------------------------------------- */

/* V86 mode has other rights; behind a reset the base is no paragraph's. */
static bool block_code_is_real(const struct seg *cs)
{
    return cs->attr == (SEG_P | SEG_S | SEG_WRITABLE | SEG_ACCESSED) && (cs->base & ~UINT32_C(0xffff0)) == 0;
}

uint32_t block_profile_now(const struct cpu *cpu)
{
    uint32_t profile = cpu->profile;

    if (cpu->cr0 & CR0_PG)
        profile |= KEY_PAGED;
    if (!cpu_selectors(cpu))
        profile |= KEY_PARAGRAPHS | (block_code_is_real(&cpu->seg[CS]) ? KEY_REAL : 0);
    if (!cpu->a20)
        profile |= KEY_A20_OFF;
    if (cpu->eflags & FLAG_DF)
        profile |= KEY_DOWN;
    if ((profile & KEY_MOVES) && cpu->seg[CS].base == 0)
        profile |= KEY_CODE_AT_0;
    if (!(profile & KEY_MOVES) && !cpu->empty_tables)
        profile |= KEY_PLAIN;
    return profile;
}

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

/* The word that look-ups compare. */
static void context_use(struct jit *jit, const struct context *c, uint32_t profile, uint32_t paragraph)
{
    jit->context = (uint64_t) (c->id * CONTEXT_ID + (profile & KEY_DOWN ? CONTEXT_DOWN : 0)) << 32 | paragraph << 16;
}

static void context_change(struct jit *jit, struct context *now)
{
    const struct context *before = jit->last;

    jit->last = context_same(jit->before_last, now) ? jit->before_last : context_find(jit, now);
    jit->before_last = before;
}

FLATTEN void jit_set_context(struct jit *jit)
{
    const struct cpu *cpu = jit->cpu;
    const struct seg *cs = &cpu->seg[CS];
    uint32_t profile = block_profile_now(cpu), paragraph = 0;
    uint64_t where = (cpu->cpl == 3 ? WHERE_CPL_3 : 0) | (cs->attr & SEG_BIG ? WHERE_BIG : 0);
    struct context now = {
        .code = cs->base | (uint64_t) cs->limit << 32,
        .mapping = profile & KEY_MOVES ? 0 : cpu->mapping,
    };

    if (cs->limit <= 0xffff && (cs->base & ~UINT32_C(0xffff0)) == 0) {
        paragraph = cs->base >> 4;
        now.code = (uint64_t) cs->limit << 32;
        where |= WHERE_PARAGRAPH;
    }
    now.state = (profile & ~(uint32_t) KEY_DOWN) | where << 32;
    if (!context_same(jit->last, &now))
        context_change(jit, &now);
    context_use(jit, jit->last, profile, paragraph);
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

FLATTEN const uint8_t *jit_known(struct jit *jit)
{
    struct lookup *l;
    uint64_t key;

    jit_set_context(jit);
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

    jit_set_context(jit);
    key = jit->context | b->key.eip;
    l = jit_lookup(jit, key);
    if (l->key != key)
        jit->lookup_before[l - jit->lookup] = *l;
    *l = (struct lookup){ key, b->code, page, jit_code_entry(jit->cpu) };
}

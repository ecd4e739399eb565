/* The decoded-instruction cache. */
#include "config.h"

#include "cpu/trace.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cpu/decode.h"
#include "cpu/exec.h"

enum {
    TRACE_BITS = 15,  /* sets of ... */
    TRACE_WAYS_SHIFT = 2,
    TRACE_WAYS = 1 << TRACE_WAYS_SHIFT, /* ... places for a run: programs follow each other at one address */
    TRACES = TRACE_WAYS << TRACE_BITS,
    TRACE_INSNS = 32,      /* instructions in a run */
    TRACE_POOL = 1024 * 1024, /* decoded instructions in all, ... */
    TRACE_BYTES = 4 * TRACE_POOL, /* ... and what they were decoded from */
    PAGE_GRANULES = (PAGE_SIZE >> GRANULE_SHIFT) / 64, /* words of bits */
    NO_TRACE = UINT32_MAX,
    PATCHES = 3, /* of a run, before blocks read what is patched */
};

/* What is known of one physical page that holds runs. */
struct code_page {
    uint32_t head; /* first run, plus 1; 0: none */
};

struct trace_cache {
    struct trace trace[TRACES];
    uint32_t listed[TRACES]; /* those that have been in use since the last flush */
    unsigned listed_count;
    struct insn *pool;
    uint8_t *copies;
    size_t used, copied;
    struct code_page *page; /* one for each physical page; untouched ones take no memory */
};

void trace_init(struct cpu *cpu)
{
    struct trace_cache *c = cpu->cache = xmap_dense(sizeof *c);

    c->pool = xmap_dense(TRACE_POOL * sizeof *c->pool);
    c->copies = xmap_dense(TRACE_BYTES);
    c->page = xmap(PAGE_COUNT * sizeof *c->page);
    cpu->code_granules = xmap(PAGE_COUNT * PAGE_GRANULES * sizeof *cpu->code_granules);
}

void trace_free(struct cpu *cpu)
{
    struct trace_cache *c = cpu->cache;

    xunmap(c->page, PAGE_COUNT * sizeof *c->page);
    xunmap(cpu->code_granules, PAGE_COUNT * PAGE_GRANULES * sizeof *cpu->code_granules);
    xunmap(c->pool, TRACE_POOL * sizeof *c->pool);
    xunmap(c->copies, TRACE_BYTES);
    xunmap(c, sizeof *c);
}

/* --- lists by page ------------------------------------------------------- */

bool trace_covers(const struct cpu *cpu, paddr addr, unsigned len)
{
    for (uint32_t g = addr >> GRANULE_SHIFT; g <= (addr + len - 1) >> GRANULE_SHIFT; g++)
        if (cpu->code_granules[g / 64] >> g % 64 & 1)
            return true;
    return false;
}

static void trace_granules(struct cpu *cpu, paddr addr, uint32_t len, bool set)
{
    uint32_t first = addr >> GRANULE_SHIFT, last = (addr + len - 1) >> GRANULE_SHIFT;

    for (uint32_t word = first / 64; word <= last / 64; word++) {
        uint64_t *bits = &cpu->code_granules[word], mask = UINT64_MAX;

        if (word == first / 64)
            mask &= UINT64_MAX << first % 64;
        if (word == last / 64)
            mask &= UINT64_MAX >> (63 - last % 64);
        *bits = set ? *bits | mask : *bits & ~mask;
    }
}

/* Runs overlap: one that goes clears bits of others. */
static void trace_mark_page(struct cpu *cpu, paddr addr)
{
    const struct trace_cache *c = cpu->cache;
    uint32_t head = c->page[addr >> PAGE_SHIFT].head;

    for (uint32_t i = head == 0 ? NO_TRACE : head - 1; i != NO_TRACE; i = c->trace[i].next)
        trace_granules(cpu, c->trace[i].addr, c->trace[i].bytes, true);
}

static void trace_link(struct cpu *cpu, struct trace *t)
{
    struct trace_cache *c = cpu->cache;
    struct code_page *cp = &c->page[t->addr >> PAGE_SHIFT];
    struct page *pg = bus_page(cpu->bus, t->addr);
    uint32_t self = (uint32_t) (t - c->trace);

    trace_granules(cpu, t->addr, t->bytes, true);
    t->prev = NO_TRACE;
    t->next = cp->head == 0 ? NO_TRACE : cp->head - 1;
    if (t->next != NO_TRACE)
        c->trace[t->next].prev = self;
    cp->head = self + 1;
    if (!(pg->cls & PAGE_CODE)) {
        pg->cls |= PAGE_CODE;
        paging_protect(cpu, t->addr);
    }
}

/* Out of its page: not found any more. */
static void trace_unlink(struct cpu *cpu, struct trace *t)
{
    struct trace_cache *c = cpu->cache;
    struct code_page *cp = &c->page[t->addr >> PAGE_SHIFT];

    if (t->prev != NO_TRACE)
        c->trace[t->prev].next = t->next;
    else
        cp->head = t->next == NO_TRACE ? 0 : t->next + 1;
    if (t->next != NO_TRACE)
        c->trace[t->next].prev = t->prev;
    t->key = 0;
    trace_granules(cpu, t->addr, t->bytes, false);
    if (cp->head == 0)
        bus_page(cpu->bus, t->addr)->cls &= (uint8_t) ~PAGE_CODE;
}

static void trace_drop(struct cpu *cpu, struct trace *t)
{
    if (t->key != 0)
        trace_unlink(cpu, t);
    t->parked = 0;
    if (t->blocks != NULL)
        cpu->translator->dropped(cpu->translation, t);
}

static void trace_park(struct cpu *cpu, struct trace *t)
{
    t->parked = t->key;
    trace_unlink(cpu, t);
    if (t->blocks != NULL)
        cpu->translator->parked(cpu->translation, t);
}

void trace_flush(struct cpu *cpu)
{
    struct trace_cache *c = cpu->cache;

    for (unsigned i = 0; i < c->listed_count; i++) {
        struct trace *t = &c->trace[c->listed[i]];

        trace_drop(cpu, t);
        t->listed = false;
    }
    c->listed_count = 0;
    c->used = c->copied = 0;
    sched_kick(cpu->sched);
}

/* --- patches -------------------------------------------------------------- */

static bool insn_jumps(const struct insn *in)
{
    uint8_t a = in->row->a;

    return (in->row->traits & T_END) || a == A_Jb || a == A_Jz || a == A_Ap;
}

/* An opcode without a ModRM byte has eight rows of one kind. */
static bool row_same_kind(const struct op_row *a, const struct op_row *b)
{
    return a->interp == b->interp && a->a == b->a && a->b == b->b && a->c == b->c && a->traits == b->traits;
}

/* The same, but for immediate and displacement? */
static bool insn_same_kind(const struct insn *a, const struct insn *b)
{
    struct insn like = *b;

    if (!row_same_kind(a->row, b->row))
        return false;
    like.row = a->row;
    like.imm = a->imm;
    like.disp = a->disp;
    return memcmp(a, &like, offsetof(struct insn, third) + 1) == 0;
}

/* Number of the instruction that has all of these bytes, and its place; -1: none. */
static int trace_insn_at(const struct trace *t, paddr addr, unsigned len, uint32_t *place)
{
    uint32_t first = addr - t->addr, at = 0;

    if (addr < t->addr || first + len > t->bytes)
        return -1;
    for (int k = 0; t->first[k].row != NULL; k++) {
        uint32_t next = at + t->first[k].len;

        *place = at;
        if (first < next)
            return first + len <= next ? k : -1;
        at = next;
    }
    return -1;
}

static void trace_soften(struct cpu *cpu, struct trace *t, unsigned k)
{
    if (t->patches < PATCHES)
        t->patches++;
    else
        t->soft |= UINT32_C(1) << k;
    if (t->blocks != NULL) {
        cpu->translator->dropped(cpu->translation, t);
        sched_kick(cpu->sched); /* one may be executing */
    }
}

/* Did the store change nothing but an immediate or a displacement?  Then the run goes on. */
static bool trace_patch(struct cpu *cpu, struct trace *t, paddr addr, unsigned len)
{
    struct trace_cache *c = cpu->cache;
    const uint8_t *host = (const uint8_t *) (t->key >> 1);
    uint32_t place;
    struct insn now, *in;
    int k = trace_insn_at(t, addr, len, &place);

    if (k < 0)
        return false;
    in = &c->pool[t->first - c->pool + k];
    if (insn_jumps(in) || !decode(&now, host + place, t->bytes - place, t->key & 1, cpu->model)
        || !insn_same_kind(in, &now))
        return false;
    in->imm = now.imm;
    in->disp = now.disp;
    memcpy(c->copies + (t->copy - c->copies) + place, host + place, in->len);
    if (!(t->soft >> k & 1))
        trace_soften(cpu, t, (unsigned) k);
    return true;
}

void trace_written(struct cpu *cpu, paddr addr, unsigned len)
{
    struct trace_cache *c = cpu->cache;
    struct code_page *cp = &c->page[addr >> PAGE_SHIFT];
    uint32_t i = cp->head == 0 ? NO_TRACE : cp->head - 1;
    bool parked = false;

    if (!trace_covers(cpu, addr, len))
        return;
    while (i != NO_TRACE) {
        struct trace *t = &c->trace[i];

        i = t->next;
        if (addr >= t->addr + t->bytes || t->addr >= addr + len || trace_patch(cpu, t, addr, len))
            continue;
        trace_park(cpu, t);
        parked = true;
    }
    if (!parked)
        return;
    trace_mark_page(cpu, addr);
    /* The run that is executing may be among them: look again. */
    sched_kick(cpu->sched);
}

/* --- making runs --------------------------------------------------------- */

/* After the last instruction: nothing is executed, the engine looks anew. */
enum op_exit trace_end(struct cpu *cpu, const struct insn *in)
{
    (void) cpu;
    (void) in;
    return OP_END_OF_RUN;
}

/* One that was parked and runs again: its bytes are there. */
static struct trace *trace_revive(struct cpu *cpu, struct trace *set, uintptr_t key, const uint8_t *host, paddr addr)
{
    for (struct trace *t = set; t < set + TRACE_WAYS; t++)
        if (t->parked == key && t->addr == addr && memcmp(host, t->copy, t->bytes) == 0) {
            t->key = key;
            t->parked = 0;
            trace_link(cpu, t);
            return t;
        }
    return NULL;
}

/* A place for a new one: a free one, or that of the run that was made first. */
static struct trace *trace_place(struct trace *set)
{
    struct trace *place = set;

    for (struct trace *t = set; t < set + TRACE_WAYS; t++) {
        if (t->key == 0 && t->parked == 0)
            return t;
        if (t->first < place->first)
            place = t;
    }
    return place;
}

static struct trace *trace_make(struct cpu *cpu, struct trace *set, uintptr_t key, const uint8_t *host,
                                uint32_t laddr, bool code32)
{
    struct trace_cache *c = cpu->cache;
    uint32_t room = PAGE_SIZE - laddr % PAGE_SIZE, n = 0, bytes = 0;
    struct trace *t;
    struct insn *in;
    paddr addr;

    if (!paging_translate(cpu, laddr, ACCESS_FETCH, cpu->cpl == 3, &addr))
        return NULL;
    t = trace_revive(cpu, set, key, host, addr);
    if (t != NULL)
        return t;
    if (c->used + TRACE_INSNS + 1 > TRACE_POOL || c->copied + TRACE_INSNS * INSN_MAX > TRACE_BYTES)
        trace_flush(cpu);
    in = c->pool + c->used;
    while (n < TRACE_INSNS) {
        if (!decode(&in[n], host + bytes, room - bytes, code32, cpu->model))
            break;
        bytes += in[n].len;
        if (in[n++].row->traits & T_END)
            break;
    }
    if (n == 0)
        return NULL;
    in[n] = (struct insn){ .fn = trace_end };
    t = trace_place(set);
    if (t->key != 0) {
        trace_drop(cpu, t);
        trace_mark_page(cpu, t->addr);
    }
    trace_drop(cpu, t);
    if (!t->listed)
        c->listed[c->listed_count++] = (uint32_t) (t - c->trace);
    *t = (struct trace){ .key = key, .first = in, .addr = addr, .bytes = bytes, .listed = true };
    t->copy = memcpy(c->copies + c->copied, host, bytes);
    c->used += n + 1;
    c->copied += bytes;
    trace_link(cpu, t);
    return t;
}

struct trace *trace_find(struct cpu *cpu, const uint8_t *host, uint32_t laddr, uint32_t room, bool code32)
{
    uintptr_t key = (uintptr_t) host << 1 | code32;
    uint64_t hash = (key * 0x9e3779b97f4a7c15u) >> (64 - TRACE_BITS);
    struct trace *set = &cpu->cache->trace[hash << TRACE_WAYS_SHIFT], *t = set;

    while (t < set + TRACE_WAYS && t->key != key)
        t++;
    if (UNLIKELY(t == set + TRACE_WAYS)) {
        t = trace_make(cpu, set, key, host, laddr, code32);
        if (t == NULL)
            return NULL;
    }
    paging_executing(cpu, laddr, t->addr);
    return LIKELY(t->bytes <= room) ? t : NULL;
}

/* The decoded-instruction cache. */
#include "config.h"

#include "cpu/trace.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cpu/decode.h"
#include "cpu/exec.h"

enum {
    TRACE_BITS = 16,
    TRACES = 1 << TRACE_BITS,
    TRACE_INSNS = 32,      /* instructions in a run */
    TRACE_POOL = 256 * 1024, /* decoded instructions in all */
    GRANULE_SHIFT = 6,
    NO_TRACE = UINT32_MAX,
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
    size_t used;
    struct code_page *page; /* one for each physical page; untouched ones take no memory */
};

static enum op_exit trace_end(struct cpu *cpu, const struct insn *in);

void trace_init(struct cpu *cpu)
{
    struct trace_cache *c = cpu->cache = xcalloc(1, sizeof *c);

    c->pool = xmalloc(TRACE_POOL * sizeof *c->pool);
    c->page = xmap(PAGE_COUNT * sizeof *c->page);
    cpu->code_granules = xmap(PAGE_COUNT * sizeof *cpu->code_granules);
}

void trace_free(struct cpu *cpu)
{
    struct trace_cache *c = cpu->cache;

    xunmap(c->page, PAGE_COUNT * sizeof *c->page);
    xunmap(cpu->code_granules, PAGE_COUNT * sizeof *cpu->code_granules);
    free(c->pool);
    free(c);
}

/* --- lists by page ------------------------------------------------------- */

static void trace_link(struct cpu *cpu, struct trace *t)
{
    struct trace_cache *c = cpu->cache;
    struct code_page *cp = &c->page[t->addr >> PAGE_SHIFT];
    struct page *pg = bus_page(cpu->bus, t->addr);
    uint32_t self = (uint32_t) (t - c->trace), first = t->addr % PAGE_SIZE >> GRANULE_SHIFT;
    uint32_t last = (t->addr + t->bytes - 1) % PAGE_SIZE >> GRANULE_SHIFT;

    for (uint32_t g = first; g <= last; g++)
        cpu->code_granules[t->addr >> PAGE_SHIFT] |= UINT64_C(1) << g;
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

static void trace_drop(struct cpu *cpu, struct trace *t)
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
    if (t->blocks != NULL)
        cpu->translator->dropped(cpu->translation, t);
    if (cp->head == 0) {
        cpu->code_granules[t->addr >> PAGE_SHIFT] = 0;
        bus_page(cpu->bus, t->addr)->cls &= (uint8_t) ~PAGE_CODE;
    }
}

void trace_flush(struct cpu *cpu)
{
    struct trace_cache *c = cpu->cache;

    for (unsigned i = 0; i < c->listed_count; i++) {
        struct trace *t = &c->trace[c->listed[i]];

        if (t->key != 0)
            trace_drop(cpu, t);
        t->listed = false;
    }
    c->listed_count = 0;
    c->used = 0;
    sched_kick(cpu->sched);
}

void trace_written(struct cpu *cpu, paddr addr, unsigned len)
{
    struct trace_cache *c = cpu->cache;
    struct code_page *cp = &c->page[addr >> PAGE_SHIFT];
    uint32_t first = addr % PAGE_SIZE >> GRANULE_SHIFT, last = (addr + len - 1) % PAGE_SIZE >> GRANULE_SHIFT;
    uint32_t i = cp->head == 0 ? NO_TRACE : cp->head - 1;
    uint64_t granules = cpu->code_granules[addr >> PAGE_SHIFT];

    if (!((granules >> first | granules >> last) & 1))
        return;
    while (i != NO_TRACE) {
        struct trace *t = &c->trace[i];

        i = t->next;
        if (addr < t->addr + t->bytes && t->addr < addr + len)
            trace_drop(cpu, t);
    }
    /* The run that is executing may be among them: look again. */
    sched_kick(cpu->sched);
}

/* --- making runs --------------------------------------------------------- */

/* After the last instruction: nothing is executed, the engine looks anew. */
static enum op_exit trace_end(struct cpu *cpu, const struct insn *in)
{
    (void) cpu;
    (void) in;
    return OP_END_OF_RUN;
}

static struct trace *trace_make(struct cpu *cpu, struct trace *t, uintptr_t key, const uint8_t *host,
                                uint32_t laddr, bool code32)
{
    struct trace_cache *c = cpu->cache;
    uint32_t room = PAGE_SIZE - laddr % PAGE_SIZE, n = 0, bytes = 0;
    struct insn *in;
    paddr addr;

    if (!paging_translate(cpu, laddr, ACCESS_FETCH, cpu->cpl == 3, &addr))
        return NULL;
    if (c->used + TRACE_INSNS + 1 > TRACE_POOL)
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
    if (t->key != 0)
        trace_drop(cpu, t);
    c->used += n + 1;
    if (!t->listed)
        c->listed[c->listed_count++] = (uint32_t) (t - c->trace);
    *t = (struct trace){ .key = key, .first = in, .addr = addr, .bytes = bytes, .listed = true };
    trace_link(cpu, t);
    return t;
}

struct trace *trace_find(struct cpu *cpu, const uint8_t *host, uint32_t laddr, uint32_t room, bool code32)
{
    uintptr_t key = (uintptr_t) host << 1 | code32;
    struct trace *t = &cpu->cache->trace[(key * 0x9e3779b97f4a7c15u) >> (64 - TRACE_BITS)];

    if (UNLIKELY(t->key != key) && trace_make(cpu, t, key, host, laddr, code32) == NULL)
        return NULL;
    paging_executing(cpu, laddr, t->addr);
    return LIKELY(t->bytes <= room) ? t : NULL;
}

/*
 * Memory accesses that the page-pointer tables do not serve: segment limits and
 * rights, page crossings, devices, alignment checks, data breakpoints.
 *
 * Source: Intel SDM vol. 3, 5.3 "Limit checking", 5.4 "Type checking", 6.15
 *         (#AC), 17.2.4 (data breakpoints); vol. 1, 3.3 for wrap-around.
 */
#include "config.h"

#include "cpu/mem.h"

#include "cpu/trace.h"

/* Offsets that a segment allows, SDM vol. 3, 5.3. */
static bool seg_limit_ok(const struct seg *s, uint32_t off, unsigned size)
{
    uint64_t last = (uint64_t) off + size - 1;

    if ((s->attr & (SEG_CODE | SEG_EXPAND_DOWN)) == SEG_EXPAND_DOWN)
        return off > s->limit && last <= (s->attr & SEG_BIG ? UINT32_MAX : UINT16_MAX);
    return last <= s->limit;
}

/* A register that holds a null selector has no P bit; V86 and real mode set it. */
static bool seg_allows(const struct seg *s, bool write)
{
    if (!(s->attr & SEG_P))
        return false;
    if (s->attr & SEG_CODE)
        return !write && (s->attr & SEG_READABLE);
    return !write || (s->attr & SEG_WRITABLE);
}

static bool seg_check(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, bool write)
{
    const struct seg *s = &cpu->seg[seg];

    if (seg_allows(s, write) && seg_limit_ok(s, off, size))
        return true;
    return cpu_fault_code(cpu, seg == SS ? EXC_SS : EXC_GP, 0);
}

static bool align_check(struct cpu *cpu, uint32_t laddr, unsigned size)
{
    if (!cpu->empty_tables || (laddr & (size - 1)) == 0)
        return true;
    return cpu_fault_code(cpu, EXC_AC, 0);
}

bool mem_check_read(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size)
{
    return seg_check(cpu, seg, off, size, false);
}

bool mem_check_align(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size)
{
    return align_check(cpu, cpu->seg[seg].base + off, size);
}

/* Data breakpoints trap after the instruction: note which were hit. */
static void watch_check(struct cpu *cpu, uint32_t laddr, unsigned size, bool write)
{
    static const uint8_t len_mask[4] = { 0, 1, 7, 3 };

    if ((cpu->dr[7] & 0xff) == 0)
        return;
    for (unsigned i = 0; i < 4; i++) {
        unsigned rw = cpu->dr[7] >> (16 + 4 * i) & 3;
        uint32_t mask = len_mask[cpu->dr[7] >> (18 + 4 * i) & 3];
        uint32_t first = cpu->dr[i] & ~mask;

        if (!(rw == 3 || (rw == 1 && write)) || laddr > first + mask || laddr + size - 1 < first)
            continue;
        /* DR6 also shows hits of breakpoints that are not enabled. */
        cpu->dr6_pending |= 1u << i;
        if (cpu->dr[7] >> (2 * i) & 3)
            cpu->attention |= ATTN_TRAP;
    }
    if (cpu->attention & ATTN_TRAP)
        sched_kick(cpu->sched);
    else
        cpu->dr6_pending = 0;
}

/* One access resolved to one or two runs of physical bytes. */
struct span {
    paddr addr[2];
    unsigned first; /* bytes at addr[0]; the rest is at addr[1] */
};

static bool span_translate(struct cpu *cpu, uint32_t laddr, unsigned size, enum access access, bool user,
                           struct span *sp)
{
    uint32_t left = PAGE_SIZE - laddr % PAGE_SIZE;

    sp->first = size <= left ? size : left;
    if (!paging_fill(cpu, laddr, access, user, &sp->addr[0]))
        return false;
    if (sp->first == size)
        return true;
    return paging_fill(cpu, laddr + sp->first, access, user, &sp->addr[1]);
}

/* The same for a store, of this privilege: no walk where one has been before. */
static bool span_translate_store(struct cpu *cpu, uint32_t laddr, unsigned size, struct span *sp)
{
    const struct checked_page *p = mem_checked_page(cpu, laddr);

    if (p == NULL || laddr % PAGE_SIZE + size > PAGE_SIZE)
        return span_translate(cpu, laddr, size, ACCESS_WRITE, cpu->cpl == 3, sp);
    *sp = (struct span){ { p->addr | laddr % PAGE_SIZE }, size };
    return true;
}

static uint32_t span_read(struct cpu *cpu, const struct span *sp, unsigned size)
{
    uint32_t val = 0;

    if (sp->first == size)
        return bus_read(cpu->bus, sp->addr[0], size);
    for (unsigned i = 0; i < size; i++) {
        paddr at = i < sp->first ? sp->addr[0] + i : sp->addr[1] + i - sp->first;

        val |= bus_read(cpu->bus, at, 1) << (8 * i);
    }
    return val;
}

static void span_write(struct cpu *cpu, const struct span *sp, unsigned size, uint32_t val)
{
    if (sp->first == size) {
        bus_write(cpu->bus, sp->addr[0], size, val);
        return;
    }
    for (unsigned i = 0; i < size; i++) {
        paddr at = i < sp->first ? sp->addr[0] + i : sp->addr[1] + i - sp->first;

        bus_write(cpu->bus, at, 1, val >> (8 * i) & 0xff);
    }
}

bool mem_read_slow(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, uint32_t *val)
{
    uint32_t laddr = cpu->seg[seg].base + off;
    struct span sp;

    if (!seg_check(cpu, seg, off, size, false) || !align_check(cpu, laddr, size)
        || !span_translate(cpu, laddr, size, ACCESS_READ, cpu->cpl == 3, &sp))
        return false;
    *val = span_read(cpu, &sp, size);
    watch_check(cpu, laddr, size, false);
    return true;
}

/* Host address of a store to a page with code, where there is none; or NULL. */
static uint8_t *mem_beside_code(const struct cpu *cpu, const uintptr_t *table, uint32_t laddr, unsigned size)
{
    uint8_t *p = mem_direct(table, laddr, size);

    return p == NULL || trace_covers(cpu, (paddr) (p - cpu->ram_host), size) ? NULL : p;
}

bool mem_write_slow(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, uint32_t val)
{
    uint32_t laddr = cpu->seg[seg].base + off;
    uint8_t *p;
    struct span sp;

    if (!seg_check(cpu, seg, off, size, true) || !align_check(cpu, laddr, size))
        return false;
    p = mem_beside_code(cpu, cpu->rd + TABLE_CODE * (size_t) PAGE_COUNT, laddr, size);
    if (p != NULL) {
        store_le(p, size, val);
        return true;
    }
    if (!span_translate_store(cpu, laddr, size, &sp))
        return false;
    span_write(cpu, &sp, size, val);
    watch_check(cpu, laddr, size, true);
    return true;
}

bool mem_rmw_slow(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, uint32_t *val)
{
    uint32_t laddr = cpu->seg[seg].base + off;
    struct span sp;

    if (!seg_check(cpu, seg, off, size, true) || !seg_check(cpu, seg, off, size, false)
        || !align_check(cpu, laddr, size) || !span_translate_store(cpu, laddr, size, &sp))
        return false;
    *val = span_read(cpu, &sp, size);
    watch_check(cpu, laddr, size, true);
    cpu->rmw.host = NULL;
    cpu->rmw.addr[0] = sp.addr[0];
    cpu->rmw.addr[1] = sp.addr[1];
    cpu->rmw.first = sp.first;
    return true;
}

void mem_rmw_store_slow(struct cpu *cpu, unsigned size, uint32_t val)
{
    struct span sp = { { cpu->rmw.addr[0], cpu->rmw.addr[1] }, cpu->rmw.first };

    span_write(cpu, &sp, size, val);
}

bool mem_probe_write(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size)
{
    uint32_t laddr = cpu->seg[seg].base + off;

    return seg_check(cpu, seg, off, size, true) && align_check(cpu, laddr, size)
        && mem_probe_linear(cpu, laddr, size, cpu->cpl == 3, true);
}

bool mem_probe_linear(struct cpu *cpu, uint32_t laddr, unsigned size, bool user, bool write)
{
    enum access access = write ? ACCESS_WRITE : ACCESS_READ;
    paddr at;

    return paging_translate(cpu, laddr, access, user, &at)
        && (laddr % PAGE_SIZE + size <= PAGE_SIZE
            || paging_translate(cpu, (laddr + size - 1) & ~(PAGE_SIZE - 1u), access, user, &at));
}

bool mem_read_linear(struct cpu *cpu, uint32_t laddr, unsigned size, bool user, uint32_t *val)
{
    const uint8_t *p = mem_direct(cpu->table[user][0], laddr, size);
    struct span sp;

    if (p != NULL) {
        *val = load_le(p, size);
        return true;
    }
    if (!span_translate(cpu, laddr, size, ACCESS_READ, user, &sp))
        return false;
    *val = span_read(cpu, &sp, size);
    watch_check(cpu, laddr, size, false);
    return true;
}

uint8_t *mem_store_linear(const struct cpu *cpu, uint32_t laddr, unsigned size, bool user)
{
    uint8_t *p = mem_direct(cpu->table[user][1], laddr, size);

    return p != NULL ? p : mem_beside_code(cpu, cpu->table[user][TABLE_CODE], laddr, size);
}

bool mem_write_linear(struct cpu *cpu, uint32_t laddr, unsigned size, bool user, uint32_t val)
{
    uint8_t *p = mem_store_linear(cpu, laddr, size, user);
    struct span sp;

    if (p != NULL) {
        store_le(p, size, val);
        return true;
    }
    if (!span_translate(cpu, laddr, size, ACCESS_WRITE, user, &sp))
        return false;
    span_write(cpu, &sp, size, val);
    watch_check(cpu, laddr, size, true);
    return true;
}

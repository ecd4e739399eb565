/* Ring 3, with the tables of Linux as far as ring 3 can tell. */
#include "config.h"

#include "cpu/oracle_guest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/ram.h"
#include "cpu/engine.h"
#include "cpu/exec.h"
#include "cpu/fpu.h"
#include "cpu/segment.h"
#include "jit/jit.h"

enum {
    GUEST_RAM = 2 << 20,
    /* Physical addresses; ring 0 sees them at SYSTEM + address. */
    IDT = 0x1000, GDT = 0x2000, LDT = 0x3000, TSS = 0x4000, STACK = 0x7f00,
    HANDLERS = 0x8000, /* vector v: a HLT at this + v */
    PAGE_DIR = 0x10000, TABLE_LOW = 0x11000, TABLE_PAD = 0x12000, TABLE_SYSTEM = 0x13000,
    PAD = 0x1f0000,
    PTE_P = 1, PTE_W = 2, PTE_U = 4, PTE_A = 32, PTE_D = 64,
};

#define SYSTEM 0xffc00000u

struct oracle_guest {
    struct ram ram;
    struct sched sched;
    struct bus *bus;
    struct state *state;
    struct cpu *cpu;
    struct jit *jit; /* NULL: the interpreter */
};

/* --- tables -------------------------------------------------------------- */

static void put_desc(uint8_t *at, const struct oracle_seg *s, unsigned dpl)
{
    uint32_t limit = s->granular ? s->limit >> 12 : s->limit;
    uint32_t type = (s->code ? 0x18u : 0x10u) | (s->conforming_or_down ? 4u : 0) | (s->writable_or_readable ? 2u : 0)
                  | 1u; /* accessed, as modify_ldt leaves it */

    store_le32(at, (limit & 0xffff) | s->base << 16);
    store_le32(at + 4, (s->base >> 16 & 0xff) | type << 8 | dpl << 13 | (uint32_t) s->present << 15
                           | (limit & 0xf0000) | (uint32_t) s->big << 22 | (uint32_t) s->granular << 23
                           | (s->base & 0xff000000));
}

/* Handlers are HLTs: where it halted tells the vector. */
static void make_idt(uint8_t *p)
{
    for (unsigned v = 0; v < 256; v++) {
        bool user = v == 3 || v == 4; /* as Linux has them */

        store_le32(p + IDT + v * 8, 0x00080000 | ((SYSTEM + HANDLERS + v) & 0xffff));
        store_le32(p + IDT + v * 8 + 4, (SYSTEM & 0xffff0000) | (user ? 0xee00 : 0x8e00));
        p[HANDLERS + v] = 0xf4;
    }
}

/* Entries 4 and 5 are those of Linux for 32-bit programs, 6 is its 64-bit code,
 * where the jump that ends a stream goes, 15 tells the CPU and the node. */
static void make_gdt(uint8_t *p)
{
    static const struct oracle_seg code = { 0, UINT32_MAX, true, false, true, true, true, true };
    static const struct oracle_seg data = { 0, UINT32_MAX, false, false, true, true, true, true };

    put_desc(p + GDT + 8, &code, 0);
    put_desc(p + GDT + 16, &data, 0);
    put_desc(p + GDT + 32, &code, 3);
    put_desc(p + GDT + 40, &data, 3);
    store_le32(p + GDT + 48, 0xffff);
    store_le32(p + GDT + 52, 0x00affb00);
    store_le32(p + GDT + 124, 0x0040f500); /* its limit is the number of the CPU */
    store_le32(p + TSS + 4, SYSTEM + STACK);
    store_le32(p + TSS + 8, 0x10);
    store_le32(p + TSS + 100, 104u << 16);
}

static void put_pte(uint8_t *p, uint32_t table, uint32_t laddr, uint32_t addr, uint32_t bits)
{
    store_le32(p + table + (laddr >> 12 & 1023) * 4, addr | bits | PTE_P | PTE_A | PTE_D);
}

/* Accessed and dirty everywhere: nothing is written to them. */
static void make_pages(uint8_t *p)
{
    store_le32(p + PAGE_DIR, TABLE_LOW | PTE_P | PTE_W | PTE_U | PTE_A);
    store_le32(p + PAGE_DIR + (PAD_BASE >> 22) * 4, TABLE_PAD | PTE_P | PTE_W | PTE_U | PTE_A);
    store_le32(p + PAGE_DIR + (SYSTEM >> 22) * 4, TABLE_SYSTEM | PTE_P | PTE_W | PTE_U | PTE_A);
    for (unsigned i = 0; i < DATA_PAGES; i++)
        if (i != PAGE_MISSING)
            put_pte(p, TABLE_LOW, DATA_BASE + i * PAGE_SIZE, DATA_BASE + i * PAGE_SIZE,
                    PTE_U | (i == PAGE_READ_ONLY ? 0 : PTE_W));
    for (unsigned i = 0; i < CODE_SIZE; i += PAGE_SIZE)
        put_pte(p, TABLE_LOW, CODE_BASE + i, CODE_BASE + i, PTE_U);
    put_pte(p, TABLE_PAD, PAD_BASE, PAD, PTE_U);
    for (unsigned i = 0; i < PAGE_DIR; i += PAGE_SIZE)
        put_pte(p, TABLE_SYSTEM, SYSTEM + i, i, PTE_W);
}

/* --- construction -------------------------------------------------------- */

static uint8_t no_ack(void *opaque)
{
    (void) opaque;
    return 0xff;
}

static void on_shutdown(void *opaque)
{
    struct oracle_guest *g = opaque;

    sched_stop(&g->sched);
}

static void processor_setup(struct cpu *cpu)
{
    cpu_do_reset(cpu);
    cpu->cr0 = CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE;
    cpu->cr3 = PAGE_DIR;
    cpu->cr4 = CR4_PSE | CR4_PGE | CR4_OSFXSR;
    cpu->gdt_base = SYSTEM + GDT;
    cpu->gdt_limit = 127; /* Linux: 16 entries */
    cpu->idt_base = SYSTEM + IDT;
    cpu->idt_limit = 0x7ff;
    cpu->ldtr = (struct seg){ .base = SYSTEM + LDT, .limit = ORACLE_SEGS * 8 - 1, .sel = 0x50, .attr = SEG_P | 2 };
    cpu->tr = (struct seg){ .base = SYSTEM + TSS, .limit = 103, .sel = 0x40, .attr = SEG_P | 11 };
    paging_flush(cpu);
    cpu_mode_changed(cpu);
}

/* No window: the signals are the judge's. */
static bool translator_setup(struct oracle_guest *g)
{
    struct jit_knobs knobs = jit_default_knobs;
    struct err err;

    knobs.threshold = 0;
    g->jit = jit_new(g->cpu, NULL, &knobs, &err);
    return g->jit != NULL;
}

struct oracle_guest *oracle_guest_new(bool translate)
{
    static const struct clock clk = { .num = 100000000, .den = 1 };
    struct oracle_guest *g;
    struct err err;

    if (translate && !jit_available())
        return NULL;
    g = xcalloc(1, sizeof *g);
    if (ram_init(&g->ram, GUEST_RAM, &err) < 0)
        abort();
    sched_init(&g->sched, &clk);
    g->bus = bus_new();
    g->state = state_new(&g->sched);
    bus_map_memory(g->bus, 0, GUEST_RAM, g->ram.host, 0);
    make_idt(g->ram.host);
    make_gdt(g->ram.host);
    make_pages(g->ram.host);
    memset(g->ram.host + CODE_BASE, 0xcc, CODE_SIZE);
    g->cpu = cpu_new(&(struct cpu_config){
        .model = CPU_P2, .fpu = true, .sched = &g->sched, .bus = g->bus, .state = g->state,
        .intack = no_ack, .shutdown = on_shutdown, .opaque = g });
    processor_setup(g->cpu);
    if (!translate || translator_setup(g))
        return g;
    oracle_guest_free(g);
    return NULL;
}

void oracle_guest_free(struct oracle_guest *g)
{
    if (g == NULL)
        return;
    jit_free(g->jit);
    cpu_free(g->cpu);
    state_free(g->state);
    bus_free(g->bus);
    ram_close(&g->ram);
    free(g);
}

const struct model *oracle_guest_model(const struct oracle_guest *g)
{
    return g->cpu->model;
}

void oracle_guest_segments(struct oracle_guest *g, const struct oracle_seg *seg)
{
    for (unsigned i = 0; i < ORACLE_SEGS; i++) {
        uint8_t *p = g->ram.host + LDT + i * 8;

        put_desc(p, &seg[i], 3);
        p[6] |= 0x10; /* AVL: "useable" of modify_ldt */
    }
}

const uint8_t *oracle_guest_data(const struct oracle_guest *g)
{
    return g->ram.host + DATA_BASE;
}

void oracle_guest_set_data(struct oracle_guest *g, const uint8_t *data)
{
    bus_write_block(g->bus, DATA_BASE, data, DATA_SIZE);
}

void oracle_guest_code(struct oracle_guest *g, unsigned off, const uint8_t *bytes, unsigned len)
{
    bus_write_block(g->bus, CODE_BASE + off, bytes, len);
}

void oracle_guest_pad(struct oracle_guest *g, const uint8_t *bytes)
{
    memcpy(g->ram.host + PAD, bytes, PAGE_SIZE);
    g->ram.host[PAD] = 0xcc; /* it stops there */
}

/* --- running ------------------------------------------------------------- */

static void load_segment(struct oracle_guest *g, unsigned n, uint16_t sel)
{
    struct desc d;
    struct seg s;

    if (sel_null(sel)) {
        seg_set_null(g->cpu, n, sel);
        return;
    }
    d.lo = load_le32(g->ram.host + LDT + (sel & ~7u));
    d.hi = load_le32(g->ram.host + LDT + (sel & ~7u) + 4);
    seg_from_desc(&s, sel, &d);
    seg_set(g->cpu, n, &s);
}

static void load_fx(struct cpu *cpu, const uint8_t *fx)
{
    struct fpu *f = &cpu->fpu;

    f->cw = load_le16(fx);
    f->sw = load_le16(fx + 2) & FPU_SW_BITS;
    f->top = fx[3] >> 3 & 7;
    f->used = fx[4];
    for (unsigned i = 0; i < 8; i++) {
        f->sig[fpu_number(f, i)] = load_le64(fx + 32 + 16 * i);
        f->se[fpu_number(f, i)] = load_le16(fx + 40 + 16 * i);
    }
    fpu_loaded(cpu);
}

static void store_fx(const struct cpu *cpu, uint8_t *fx)
{
    const struct fpu *f = &cpu->fpu;

    memset(fx, 0, FX_BYTES);
    store_le16(fx, f->cw);
    store_le16(fx + 2, fpu_status(f));
    fx[4] = f->used;
    for (unsigned i = 0; i < 8; i++) {
        store_le64(fx + 32 + 16 * i, fpu_get(f, i).sig);
        store_le16(fx + 40 + 16 * i, fpu_get(f, i).se);
    }
}

static void guest_enter(struct oracle_guest *g, const struct oracle_state *in)
{
    struct cpu *cpu = g->cpu;

    cpu->halted = 0;
    cpu->attention = 0;
    cpu->dr6_pending = 0;
    cpu->dr[6] = DR6_FIXED;
    cpu->cr2 = 0;
    cpu->tsc_offset = -g->sched.ticks; /* streams that go astray read it */
    cpu->code_addr = (uint32_t) NOT_EXECUTING;
    for (unsigned i = 0; i < SEGS; i++)
        load_segment(g, i, in->seg[i]);
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[i] = in->gpr[i];
    cpu->eip = in->eip;
    cpu_write_eflags(cpu, in->eflags, UINT32_MAX);
    load_fx(cpu, in->fx);
    cpu_set_cpl(cpu, 3);
    cpu_mode_changed(cpu);
    g->sched.stop_requested = false;
    g->sched.stop_at = sched_now(&g->sched) + 60 * VTIME_SECOND;
}

/* The frame of the handler that was entered. */
static void guest_frame(struct oracle_guest *g, struct oracle_state *r)
{
    static const uint32_t with_code = 1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 17;
    struct cpu *cpu = g->cpu;
    uint32_t vector = cpu->eip - 1 - (SYSTEM + HANDLERS);
    const uint8_t *sp = g->ram.host + (cpu->gpr[ESP] - SYSTEM);

    for (unsigned i = 0; i < 8; i++)
        r->gpr[i] = cpu->gpr[i];
    for (unsigned i = 0; i < SEGS; i++)
        r->seg[i] = cpu->seg[i].sel;
    store_fx(cpu, r->fx);
    r->error = r->cr2 = 0;
    r->vector = VEC_ENDLESS;
    if (!cpu->halted || vector > 255 || cpu->cpl != 0)
        return;
    if (vector < 32 && (with_code >> vector & 1)) {
        r->error = load_le32(sp);
        sp += 4;
    }
    if (vector == EXC_PF)
        r->cr2 = cpu->cr2;
    r->eip = load_le32(sp);
    r->seg[CS] = load_le16(sp + 4);
    r->eflags = load_le32(sp + 8);
    r->gpr[ESP] = load_le32(sp + 12);
    r->seg[SS] = load_le16(sp + 16);
    r->vector = (uint16_t) vector;
}

unsigned long oracle_guest_run(struct oracle_guest *g, const struct oracle_state *in, struct oracle_state *out)
{
    uint64_t insns = g->sched.insns;

    guest_enter(g, in);
    g->sched.stop_insns = insns + 100000;
    cpu_run(g->cpu);
    guest_frame(g, out);
    return (unsigned long) (g->sched.insns - insns);
}

void oracle_guest_watch(struct oracle_guest *g, const struct oracle_state *in, oracle_watch *watch, void *opaque)
{
    guest_enter(g, in);
    while (g->cpu->cpl == 3
           && watch(opaque, g->cpu->seg[CS].sel, g->cpu->eip, g->cpu->gpr, cpu_read_eflags(g->cpu))) {
        g->sched.stop_requested = false;
        g->sched.stop_insns = g->sched.insns + 1;
        cpu_run(g->cpu);
    }
}

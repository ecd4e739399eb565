/* A bench for the processor alone. */
#include "config.h"

#include "support/cpu_rig.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "base/xxh64.h"
#include "cpu/engine.h"
#include "cpu/mem.h"
#include "cpu/segment.h"
#include "cpu/trace.h"

static const struct clock rig_clock = { .num = 10000000, .den = 1 };

/* --- what surrounds the processor ---------------------------------------- */

static uint8_t rig_ack(void *opaque)
{
    struct cpu_rig *r = opaque;

    cpu_set_intr(r->cpu, 0);
    return r->irq_vector;
}

static void rig_shutdown(void *opaque)
{
    struct cpu_rig *r = opaque;

    r->shutdowns++;
    cpu_reset(r->cpu);
    sched_stop(&r->sched);
}

static uint32_t rig_mmio_read(void *opaque, paddr addr, unsigned size)
{
    struct cpu_rig *r = opaque;

    (void) addr;
    return (0x90909090 + r->mmio_reads++) & UINT32_MAX >> (32 - 8 * size);
}

static void rig_mmio_write(void *opaque, paddr addr, unsigned size, uint32_t val)
{
    struct cpu_rig *r = opaque;

    (void) addr;
    (void) size;
    r->mmio_writes++;
    r->mmio_written = r->mmio_written * 31 + val;
}

static void rig_irq_fire(void *opaque)
{
    struct cpu_rig *r = opaque;

    cpu_set_intr(r->cpu, 1);
    event_at(&r->sched, &r->irq, sched_now(&r->sched) + r->irq_period);
}

void cpu_rig_irq(struct cpu_rig *r, uint64_t period)
{
    r->irq_period = period;
    event_at(&r->sched, &r->irq, period != 0 ? sched_now(&r->sched) + period : VTIME_NEVER);
}

static const struct state_field rig_fields[] = {
    STATE_EVENT(struct cpu_rig, irq),
    STATE_END_ALL(struct event),
};

static const struct mmio_ops rig_mmio = { .timeless = true, .read = rig_mmio_read, .write = rig_mmio_write };

static uint8_t rig_port_in(void *opaque, uint16_t port)
{
    struct cpu_rig *r = opaque;

    (void) port;
    r->port_reads++;
    return r->port_in;
}

static void rig_port_out(void *opaque, uint16_t port, uint8_t val)
{
    struct cpu_rig *r = opaque;

    r->port_writes++;
    r->port_out = val;
    if (port == 0x92)
        cpu_set_a20(r->cpu, val >> 1 & 1);
    if (port == 0x93) {
        cpu_set_nmi(r->cpu, 1);
        cpu_set_nmi(r->cpu, 0);
    }
    if (port == 0x94)
        bus_write(r->bus, AT_CODE + val, 1, 0x90);
}

static const struct port_range rig_ports[] = {
    { .first = 0, .count = CPU_RIG_PORTS, .in = rig_port_in, .out = rig_port_out },
};

void cpu_rig_devices(struct cpu_rig *r)
{
    bus_map_ports(r->bus, rig_ports, ARRAY_LEN(rig_ports), r);
    bus_map_mmio(r->bus, AT_MMIO, PAGE_SIZE, &rig_mmio, r);
}

struct cpu_rig *cpu_rig_new(enum cpu_model model, uint32_t ram_bytes)
{
    struct cpu_rig *r = xcalloc(1, sizeof *r);
    struct err err;

    if (ram_init(&r->ram, ram_bytes, &err) < 0)
        abort();
    sched_init(&r->sched, &rig_clock);
    r->bus = bus_new();
    r->state = state_new(&r->sched);
    bus_map_memory(r->bus, 0, ram_bytes, r->ram.host, 0);
    event_init(&r->irq, "rig irq", 0, rig_irq_fire, r);
    state_register(r->state, "rig", 1, rig_fields, r);
    r->cpu = cpu_new(&(struct cpu_config){
        .fpu = model != CPU_386,
        .model = model,
        .sched = &r->sched,
        .bus = r->bus,
        .state = r->state,
        .intack = rig_ack,
        .shutdown = rig_shutdown,
        .opaque = r,
    });
    if (r->cpu == NULL)
        abort();
    return r;
}

void cpu_rig_free(struct cpu_rig *r)
{
    if (r == NULL)
        return;
    cpu_free(r->cpu);
    state_free(r->state);
    bus_free(r->bus);
    ram_close(&r->ram);
    free(r);
}

void cpu_rig_flush(struct cpu_rig *r)
{
    trace_flush(r->cpu);
    paging_forget(r->cpu);
}

void cpu_rig_power(struct cpu_rig *r)
{
    sched_clear(&r->sched);
    r->sched.ticks = r->sched.insns = r->sched.next_seq = 0;
    r->sched.stop_at = VTIME_NEVER;
    r->sched.stop_insns = UINT64_MAX;
    r->sched.stop_requested = false;
    r->shutdowns = 0;
    r->irq_vector = VEC_IRQ;
    r->mmio_reads = r->mmio_writes = r->mmio_written = 0;
    r->port_reads = r->port_writes = 0;
    r->port_in = r->port_out = 0;
    r->cpu->tsc_offset = 0;
    r->cpu->attention = 0;
    r->cpu->nmi_level = 0;
    r->cpu->fpu.ignne = 0;
    r->cpu->a20 = 1;
    r->cpu->sysenter_cs = r->cpu->sysenter_esp = r->cpu->sysenter_eip = 0;
    cpu_do_reset(r->cpu);
}

void cpu_rig_reset(struct cpu_rig *r)
{
    cpu_rig_flush(r);
    memset(r->ram.host, 0, r->ram.size);
    cpu_rig_power(r);
}

/* --- memory -------------------------------------------------------------- */

void cpu_rig_code(struct cpu_rig *r, uint32_t addr, const void *bytes, size_t len)
{
    bus_write_block(r->bus, addr, bytes, len);
}

void cpu_rig_poke(struct cpu_rig *r, uint32_t addr, unsigned size, uint32_t val)
{
    bus_write(r->bus, addr, size, val);
}

uint32_t cpu_rig_peek(struct cpu_rig *r, uint32_t addr, unsigned size)
{
    return bus_read(r->bus, addr, size);
}

/* --- modes --------------------------------------------------------------- */

static void rig_handlers(struct cpu_rig *r)
{
    for (unsigned v = 0; v < 256; v++) {
        cpu_rig_poke(r, AT_HANDLERS + v * 16, 1, 0xf4); /* HLT */
        cpu_rig_poke(r, AT_IVT + v * 4, 4, AT_HANDLERS + v * 16);
    }
}

void cpu_rig_real(struct cpu_rig *r)
{
    cpu_rig_reset(r);
    rig_handlers(r);
    for (unsigned i = 0; i < SEGS; i++)
        seg_set_real(r->cpu, i, 0);
    r->cpu->eip = AT_CODE;
    r->cpu->gpr[ESP] = AT_STACK0;
}

uint64_t desc_make(uint32_t base, uint32_t limit, unsigned attr)
{
    uint64_t d = (uint64_t) (attr & 0xff) << 40 | (uint64_t) (attr & 0x7000) << 40;

    if (limit > 0xfffff) {
        limit >>= 12;
        d |= UINT64_C(1) << 55;
    }
    return d | (limit & 0xffff) | (uint64_t) (limit & 0xf0000) << 32 | (uint64_t) (base & 0xffffff) << 16
         | (uint64_t) (base >> 24) << 56;
}

uint64_t gate_make(uint16_t sel, uint32_t off, unsigned type, unsigned ring, unsigned params)
{
    return (off & 0xffff) | (uint64_t) sel << 16 | (uint64_t) params << 32
         | (uint64_t) (type | ring * D_DPL) << 40 | (uint64_t) (off >> 16) << 48;
}

static void rig_poke64(struct cpu_rig *r, uint32_t addr, uint64_t val)
{
    cpu_rig_poke(r, addr, 4, (uint32_t) val);
    cpu_rig_poke(r, addr + 4, 4, (uint32_t) (val >> 32));
}

void cpu_rig_gdt(struct cpu_rig *r, uint16_t sel, uint64_t desc)
{
    rig_poke64(r, AT_GDT + (sel & ~7u), desc);
}

void cpu_rig_idt(struct cpu_rig *r, unsigned vector, uint64_t gate)
{
    rig_poke64(r, AT_IDT + vector * 8, gate);
}

void cpu_rig_load(struct cpu_rig *r, unsigned seg, uint16_t sel)
{
    uint32_t at = AT_GDT + (sel & ~7u);
    struct desc d = { cpu_rig_peek(r, at, 4), cpu_rig_peek(r, at + 4, 4), at };
    struct seg s;

    seg_from_desc(&s, sel, &d);
    s.attr |= SEG_ACCESSED;
    seg_set(r->cpu, seg, &s);
}

static void rig_tables(struct cpu_rig *r)
{
    cpu_rig_gdt(r, SEL_CODE0, desc_make(0, UINT32_MAX, D_CODE | D_BIG));
    cpu_rig_gdt(r, SEL_DATA0, desc_make(0, UINT32_MAX, D_DATA | D_BIG));
    cpu_rig_gdt(r, SEL_CODE3, desc_make(0, UINT32_MAX, D_CODE | 3 * D_DPL | D_BIG));
    cpu_rig_gdt(r, SEL_DATA3, desc_make(0, UINT32_MAX, D_DATA | 3 * D_DPL | D_BIG));
    cpu_rig_gdt(r, SEL_TSS, desc_make(AT_TSS, 0x67, D_TSS32 | 2));
    cpu_rig_gdt(r, SEL_CODE16, desc_make(0, 0xffff, D_CODE));
    cpu_rig_gdt(r, SEL_DATA16, desc_make(0, 0xffff, D_DATA));
    cpu_rig_gdt(r, SEL_LDT, desc_make(AT_LDT, 0x3f, D_LDT));
    cpu_rig_gdt(r, SEL_TSS2, desc_make(AT_TSS2, 0x67, D_TSS32));
    cpu_rig_gdt(r, SEL_CODE1, desc_make(0, UINT32_MAX, D_CODE | D_DPL | D_BIG));
    cpu_rig_gdt(r, SEL_DATA1, desc_make(0, UINT32_MAX, D_DATA | D_DPL | D_BIG));
    for (unsigned v = 0; v < 256; v++)
        cpu_rig_idt(r, v, gate_make(SEL_CODE0, AT_HANDLERS + v * 16, D_INT32, v == VEC_DONE ? 3 : 0, 0));
    cpu_rig_poke(r, AT_TSS + 0x66, 2, 0x68); /* no I/O bitmap */
    cpu_rig_poke(r, AT_TSS + 4, 4, AT_STACK0);
    cpu_rig_poke(r, AT_TSS + 8, 2, SEL_DATA0);
    cpu_rig_poke(r, AT_TSS + 12, 4, AT_STACK1);
    cpu_rig_poke(r, AT_TSS + 16, 2, SEL_DATA1);
}

void cpu_rig_protected(struct cpu_rig *r, unsigned ring)
{
    struct cpu *cpu = r->cpu;

    cpu_rig_reset(r);
    rig_handlers(r);
    rig_tables(r);
    cpu->cr0 |= CR0_PE;
    cpu->gdt_base = AT_GDT;
    cpu->gdt_limit = 0x1ff;
    cpu->idt_base = AT_IDT;
    cpu->idt_limit = 0x7ff;
    cpu->tr = (struct seg){ .base = AT_TSS, .limit = 0x67, .sel = SEL_TSS, .attr = D_TSS32 | 2 };
    cpu->ldtr = (struct seg){ .base = AT_LDT, .limit = 0x3f, .sel = SEL_LDT, .attr = D_LDT };
    for (unsigned i = 0; i < SEGS; i++)
        cpu_rig_load(r, i, ring == 3 ? SEL_DATA3 : SEL_DATA0);
    cpu_rig_load(r, CS, ring == 3 ? SEL_CODE3 : SEL_CODE0);
    cpu->eip = AT_CODE;
    cpu->gpr[ESP] = ring == 3 ? AT_STACK3 : AT_STACK0;
    cpu_set_cpl(cpu, ring);
    cpu_mode_changed(cpu);
}

void cpu_rig_v86(struct cpu_rig *r, unsigned iopl)
{
    cpu_rig_protected(r, 3);
    cpu_write_eflags(r->cpu, FLAG_VM | iopl << 12 | FLAG_IF, UINT32_MAX);
    for (unsigned i = 0; i < SEGS; i++)
        seg_set_v86(r->cpu, i, 0);
}

void cpu_rig_paging(struct cpu_rig *r)
{
    cpu_rig_poke(r, AT_PAGES, 4, (AT_PAGES + 0x1000) | 7);
    for (uint32_t i = 0; i < 1024; i++)
        cpu_rig_poke(r, AT_PAGES + 0x1000 + i * 4, 4, i << 12 | 7);
    r->cpu->cr3 = AT_PAGES;
    r->cpu->cr0 |= CR0_PG;
    paging_flush(r->cpu);
    cpu_mode_changed(r->cpu);
}

uint32_t *cpu_rig_pte(struct cpu_rig *r, uint32_t laddr)
{
    return (uint32_t *) (void *) (r->ram.host + AT_PAGES + 0x1000 + (laddr >> 12) * 4);
}

/* --- running ------------------------------------------------------------- */

void cpu_rig_step(struct cpu_rig *r, uint64_t n)
{
    r->sched.stop_requested = false;
    r->sched.stop_insns = r->sched.insns + n;
    cpu_run(r->cpu);
}

bool cpu_rig_run(struct cpu_rig *r, uint64_t insns)
{
    cpu_rig_step(r, insns);
    return cpu_halted(r->cpu);
}

int cpu_rig_vector(const struct cpu_rig *r)
{
    uint32_t at = r->cpu->seg[CS].base + r->cpu->eip - 1 - AT_HANDLERS;

    return r->cpu->halted && at % 16 == 0 && at / 16 < 256 ? (int) (at / 16) : -1;
}

uint32_t cpu_rig_frame(struct cpu_rig *r, unsigned n)
{
    return cpu_rig_peek(r, r->cpu->seg[SS].base + r->cpu->gpr[ESP] + n * 4, 4);
}

uint64_t cpu_rig_hash(struct cpu_rig *r)
{
    struct xxh64 h;
    uint64_t own[] = {
        state_hash(r->state), r->sched.ticks, r->sched.insns, r->shutdowns, r->mmio_reads, r->mmio_writes,
        r->mmio_written, r->port_reads, r->port_writes, r->port_out,
    };

    xxh64_init(&h, 0);
    xxh64_update(&h, own, sizeof own);
    xxh64_update(&h, r->ram.host, r->ram.size);
    return xxh64_digest(&h);
}

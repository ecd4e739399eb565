/*
 * A bench for the processor alone: RAM, a page of device memory, one latch of
 * ports, an interrupt line, and builders for the tables of protected mode.
 *
 * Handlers of all vectors are a HLT each: a test runs to the first exception
 * and looks at where the processor stopped and at the frame it pushed.
 */
#ifndef SUPPORT_CPU_RIG_H
#define SUPPORT_CPU_RIG_H

#include "core/bus.h"
#include "core/ram.h"
#include "core/sched.h"
#include "core/state.h"
#include "cpu/cpu_state.h"

/* Where things lie in the memory of a protected-mode test. */
enum {
    AT_IVT = 0x0000, /* of virtual-8086 and real-mode tests */
    AT_GDT = 0x1000,
    AT_IDT = 0x2000,
    AT_HANDLERS = 0x3000, /* 16 bytes a vector; 16-bit code too */
    AT_TSS = 0x4000,
    AT_TSS2 = 0x4800,
    AT_LDT = 0x5000,
    AT_STACK3 = 0x6000, /* tops, growing down */
    AT_STACK1 = 0x6800,
    AT_STACK0 = 0x7000,
    AT_CODE = 0x8000,
    AT_DATA = 0xa000,
    AT_PAGES = 0x10000, /* directory, then tables */
    AT_FREE = 0x20000,
    AT_MMIO = 0xa0000, /* a device page: a byte counter, see cpu_rig.mmio */
};

/* Selectors of cpu_rig_protected(); from SEL_FREE on the table is empty. */
enum {
    SEL_CODE0 = 0x08,
    SEL_DATA0 = 0x10,
    SEL_CODE3 = 0x18 | 3,
    SEL_DATA3 = 0x20 | 3,
    SEL_TSS = 0x28,
    SEL_CODE16 = 0x30,
    SEL_DATA16 = 0x38,
    SEL_LDT = 0x40,
    SEL_TSS2 = 0x48,
    SEL_CODE1 = 0x50 | 1,
    SEL_DATA1 = 0x58 | 1,
    SEL_FREE = 0x60,
};

/* The vector whose gate ring 3 may use: how a test program ends well. */
enum { VEC_DONE = 0x30, VEC_IRQ = 0x20 };

/* Access bytes and flags for desc_make(). */
enum {
    D_DATA = 0x92, /* present, writable */
    D_CODE = 0x9a, /* present, readable */
    D_DPL = 0x20,  /* times the ring */
    D_BIG = 0x4000,
    D_TSS16 = 0x81, D_LDT = 0x82, D_CALL16 = 0x84, D_TASK = 0x85, D_INT16 = 0x86, D_TRAP16 = 0x87,
    D_TSS32 = 0x89, D_CALL32 = 0x8c, D_INT32 = 0x8e, D_TRAP32 = 0x8f,
    D_PRESENT = 0x80,
};

enum { CPU_RIG_PORTS = 0x400 };

struct cpu_rig {
    struct sched sched;
    struct bus *bus;
    struct state *state;
    struct ram ram;
    struct cpu *cpu;
    unsigned shutdowns;
    uint8_t irq_vector;
    struct event irq; /* saved */
    uint64_t irq_period;
    /* The device page: reads count, writes too, and mix into one number. */
    uint32_t mmio_reads, mmio_writes, mmio_written;
    /* The ports: reads give `port_in`, counted; writes are kept. */
    uint32_t port_reads, port_writes;
    uint8_t port_in, port_out;
};

struct cpu_rig *cpu_rig_new(enum cpu_model model, uint32_t ram_bytes);
void cpu_rig_free(struct cpu_rig *r);

/*
 * Ports below CPU_RIG_PORTS and the device page; else both float.  Writes to
 * 92h: bit 1 is A20; 93h: an NMI; 94h: a device stores 90h at AT_CODE + value.
 */
void cpu_rig_devices(struct cpu_rig *r);

/* Power-on state of processor and time; cpu_rig_reset() clears memory and
 * caches too. */
void cpu_rig_power(struct cpu_rig *r);
void cpu_rig_reset(struct cpu_rig *r);

/* Real mode: CS:IP at AT_CODE, other segments 0, SS:SP at AT_STACK0, vectors
 * to handlers. */
void cpu_rig_real(struct cpu_rig *r);

/* Flat 32-bit protected mode at ring 0 or 3, tables built as above. */
void cpu_rig_protected(struct cpu_rig *r, unsigned ring);

/* Virtual-8086 mode under the tables of cpu_rig_protected(): CS 0, EIP at
 * AT_CODE, SS:SP 0:AT_STACK3. */
void cpu_rig_v86(struct cpu_rig *r, unsigned iopl);

/* Identity page tables for the first 4 MiB, all present, writable, user. */
void cpu_rig_paging(struct cpu_rig *r);
uint32_t *cpu_rig_pte(struct cpu_rig *r, uint32_t laddr); /* host pointer: before the run only */

void cpu_rig_code(struct cpu_rig *r, uint32_t addr, const void *bytes, size_t len);
void cpu_rig_poke(struct cpu_rig *r, uint32_t addr, unsigned size, uint32_t val);
uint32_t cpu_rig_peek(struct cpu_rig *r, uint32_t addr, unsigned size);

/* attr: access byte | D_BIG; granularity follows from the limit. */
uint64_t desc_make(uint32_t base, uint32_t limit, unsigned attr);
uint64_t gate_make(uint16_t sel, uint32_t off, unsigned type, unsigned ring, unsigned params);
void cpu_rig_gdt(struct cpu_rig *r, uint16_t sel, uint64_t desc);
void cpu_rig_idt(struct cpu_rig *r, unsigned vector, uint64_t gate);
/* Loads the register from the table without checks. */
void cpu_rig_load(struct cpu_rig *r, unsigned seg, uint16_t sel);

/* Runs to a HLT that nothing ends, at most `insns` instructions: halted? */
bool cpu_rig_run(struct cpu_rig *r, uint64_t insns);
/* Exactly n instructions, fewer if the processor halts. */
void cpu_rig_step(struct cpu_rig *r, uint64_t n);

/* The vector whose handler the processor stands in, -1: in none. */
int cpu_rig_vector(const struct cpu_rig *r);
/* Item n of the frame at SS:ESP in a 32-bit handler. */
uint32_t cpu_rig_frame(struct cpu_rig *r, unsigned n);

/* Raises the interrupt line every `period` ns from now on; 0: never. */
void cpu_rig_irq(struct cpu_rig *r, uint64_t period);

/* Forget decoded instructions and table entries: nothing may change. */
void cpu_rig_flush(struct cpu_rig *r);
/* Everything a guest can see. */
uint64_t cpu_rig_hash(struct cpu_rig *r);

#endif

/*
 * The interpreter's loop: events, interrupts, instructions.
 *
 * Before each instruction: what is due runs, then interrupts are recognised,
 * then the whole instruction; then the ticks grow by its cost (design,
 * "Time").  Runs of decoded instructions are executed without looking up
 * anything until the horizon; whatever needs care takes the single step.
 * Source: Intel SDM vol. 3, 6.9 (priority among events), 17.3 (debug), 20.3.2 (VIP).
 */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cpu/decode.h"
#include "cpu/engine.h"
#include "cpu/exec.h"
#include "cpu/trace.h"
#include "cpu/transfer.h"

/* --- events at the boundary ---------------------------------------------- */

static void engine_enter(struct cpu *cpu, unsigned vector)
{
    cpu->halted = 0;
    cpu->sched->ticks += cpu->model->cost[C_INT];
    if (!(cpu->translator != NULL && transfer_interrupt_simple(cpu, vector))
        && !interrupt_enter(cpu, vector, INT_HARD, false, 0))
        interrupt_fault(cpu);
    sched_kick(cpu->sched);
}

static void engine_debug_trap(struct cpu *cpu)
{
    cpu->attention &= (uint16_t) ~ATTN_TRAP;
    cpu->dr[6] |= cpu->dr6_pending;
    cpu->dr6_pending = 0;
    engine_enter(cpu, EXC_DB);
}

/* One of: reset, debug trap, NMI, interrupt.  True: something was taken. */
static bool engine_attend(struct cpu *cpu)
{
    unsigned a = cpu->attention;

    if (a & ATTN_RESET) {
        cpu_do_reset(cpu);
        return true;
    }
    if (a & ATTN_SHADOW_SS)
        return false;
    if (a & ATTN_TRAP) {
        engine_debug_trap(cpu);
        return true;
    }
    if ((a & ATTN_NMI) && !(a & ATTN_NMI_BLOCKED)) {
        cpu->attention = (uint16_t) ((a & ~(unsigned) ATTN_NMI) | ATTN_NMI_BLOCKED);
        engine_enter(cpu, EXC_NMI);
        return true;
    }
    if ((a & ATTN_INTR) && (cpu->eflags & FLAG_IF) && !(a & ATTN_SHADOW)) {
        engine_enter(cpu, cpu->intack(cpu->opaque));
        return true;
    }
    return false;
}

/* --- one instruction ----------------------------------------------------- */

void engine_fault(struct cpu *cpu, const struct insn *in)
{
    if (!cpu->fault.committed)
        cpu->eip -= in->len;
    cpu->sched->ticks += cpu->model->cost[C_INT];
    interrupt_fault(cpu);
    if (cpu->attention != 0)
        sched_kick(cpu->sched);
}

/*
 * Bytes at EIP for the decoder: those of the first page, then, if it asks for
 * more, of the second.  A device's bytes are read one by one, as needed.
 */
static bool engine_fetch(struct cpu *cpu, uint8_t *buf, unsigned *avail)
{
    uint64_t left = (uint64_t) cpu->seg[CS].limit + 1 - cpu->eip;
    uint32_t laddr = cpu->seg[CS].base + cpu->eip + *avail, n;
    const struct page *pg;
    paddr addr;

    if (cpu->eip > cpu->seg[CS].limit || *avail >= left)
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (*avail != 0 || !paging_kept_code(cpu, laddr, &addr)) {
        if (!paging_fill(cpu, laddr, ACCESS_FETCH, cpu->cpl == 3, &addr))
            return false;
    }
    if (*avail == 0)
        paging_executing(cpu, laddr, addr);
    pg = bus_page(cpu->bus, addr);
    n = pg->host != NULL ? PAGE_SIZE - addr % PAGE_SIZE : 1;
    if (n > INSN_MAX - *avail)
        n = INSN_MAX - *avail;
    if (n > left - *avail)
        n = (uint32_t) (left - *avail);
    bus_read_block(cpu->bus, addr, buf + *avail, n);
    *avail += n;
    return true;
}

static bool engine_decode(struct cpu *cpu, struct insn *in)
{
    uint8_t buf[INSN_MAX];
    unsigned avail = 0;

    do {
        if (!engine_fetch(cpu, buf, &avail))
            return false;
    } while (!decode(in, buf, avail, cpu->seg[CS].attr & SEG_BIG, cpu->model));
    return true;
}

/* An instruction breakpoint faults before the instruction, unless RF. */
static bool engine_breakpoint(struct cpu *cpu)
{
    uint32_t laddr = cpu->seg[CS].base + cpu->eip, hit = 0;

    for (unsigned i = 0; i < 4; i++)
        if ((cpu->dr[7] >> (2 * i) & 3) && (cpu->dr[7] >> (16 + 4 * i) & 3) == 0 && cpu->dr[i] == laddr)
            hit |= 1u << i;
    if (hit == 0 || (cpu->eflags & FLAG_RF))
        return false;
    cpu->dr[6] |= hit;
    cpu_fault(cpu, EXC_DB);
    return true;
}

/*
 * VIF and VIP both set when an instruction begins: #GP leads to the monitor, who
 * delivers the interrupt (SDM vol. 3, 20.3.2; 2.3 for when VIF counts).  IRET or a
 * task switch brings that about.
 */
static bool engine_virtual_pending(struct cpu *cpu)
{
    if ((~cpu->eflags & (FLAG_VIF | FLAG_VIP)) || cpu->cpl != 3 || cpu_iopl(cpu) == 3)
        return false;
    if (!(cpu->cr4 & (cpu_v86(cpu) ? CR4_VME : CR4_PVI)))
        return false;
    cpu_fault_code(cpu, EXC_GP, 0);
    return true;
}

static bool insn_is_int(const struct insn *in)
{
    return in->fn == op_int || in->fn == op_int3 || in->fn == op_int1 || in->fn == op_into;
}

/* TF was set when the instruction began: trap after it. */
static void engine_single_step(struct cpu *cpu, const struct insn *in, enum op_exit r)
{
    /* INT n enters its handler with TF clear, MOV SS holds traps back. */
    if ((r == OP_JUMP && insn_is_int(in)) || (cpu->attention & ATTN_SHADOW_SS))
        return;
    cpu->dr6_pending |= DR6_BS;
    cpu->attention |= ATTN_TRAP;
}

/* --- instructions over the end of a page ---------------------------------- */

/* They are in no run: one that was decoded is kept, and good while its bytes are there. */
struct crossing {
    uint32_t laddr;
    bool code32;
    paddr addr;
    uint8_t bytes[INSN_MAX];
    struct insn run[2]; /* it, and the end */
};

void engine_init(struct cpu *cpu)
{
    cpu->crossings = xcalloc(CROSSINGS, sizeof *cpu->crossings);
}

void engine_free(struct cpu *cpu)
{
    free(cpu->crossings);
}

static struct crossing *crossing_at(const struct cpu *cpu, uint32_t laddr)
{
    return &cpu->crossings[laddr / PAGE_SIZE % CROSSINGS];
}

static void crossing_keep(struct cpu *cpu, const struct insn *in)
{
    uint32_t laddr = cpu->seg[CS].base + cpu->eip, room = PAGE_SIZE - laddr % PAGE_SIZE;
    const uintptr_t *table = cpu->table[cpu->cpl == 3][0];
    const uint8_t *first = mem_direct(table, laddr, room), *rest = mem_direct(table, laddr + room, INSN_MAX);
    struct crossing *x = crossing_at(cpu, laddr);

    if (in->len <= room || first == NULL || rest == NULL || cpu->code_addr == (uint32_t) NOT_EXECUTING)
        return;
    x->laddr = laddr;
    x->code32 = cpu->seg[CS].attr & SEG_BIG;
    x->addr = cpu->code_addr;
    memcpy(x->bytes, first, room);
    memcpy(x->bytes + room, rest, in->len - room);
    x->run[0] = *in;
    x->run[1] = (struct insn){ .fn = trace_end };
}

const struct insn *engine_crossing_found(struct cpu *cpu)
{
    uint32_t laddr = cpu->seg[CS].base + cpu->eip, room = PAGE_SIZE - laddr % PAGE_SIZE;
    const uintptr_t *table = cpu->table[cpu->cpl == 3][0];
    const struct crossing *x = crossing_at(cpu, laddr);
    const uint8_t *first, *rest;

    if (x->laddr != laddr || x->run[0].len <= room || x->code32 != !!(cpu->seg[CS].attr & SEG_BIG)
        || (uint64_t) cpu->eip + x->run[0].len > (uint64_t) cpu->seg[CS].limit + 1)
        return NULL;
    first = mem_direct(table, laddr, room);
    rest = mem_direct(table, laddr + room, INSN_MAX);
    if (first == NULL || rest == NULL || memcmp(first, x->bytes, room) != 0
        || memcmp(rest, x->bytes + room, x->run[0].len - room) != 0)
        return NULL;
    if (bus_page(cpu->bus, x->addr)->host != first - laddr % PAGE_SIZE)
        return NULL;
    paging_executing(cpu, laddr, x->addr);
    return x->run;
}

static void engine_step(struct cpu *cpu)
{
    struct sched *s = cpu->sched;
    uint32_t rf = cpu->eflags & FLAG_RF, tf = cpu->eflags & FLAG_TF, dr6_pending = cpu->dr6_pending;
    unsigned trap = cpu->attention & ATTN_TRAP;
    struct insn in = { 0 };
    enum op_exit r;

    cpu->attention &= (uint16_t) ~(ATTN_SHADOW | ATTN_SHADOW_SS);
    sched_kick(s);
    if (((cpu->dr[7] & 0xff) && engine_breakpoint(cpu)) || engine_virtual_pending(cpu)
        || !engine_decode(cpu, &in)) {
        engine_fault(cpu, &in);
        return;
    }
    crossing_keep(cpu, &in);
    cpu->eflags &= ~(uint32_t) FLAG_RF;
    cpu->eip += in.len;
    cpu->single = true;
    r = in.fn(cpu, &in);
    cpu->single = false;
    if (r == OP_FAULT) {
        if (!cpu->fault.committed) {
            /* It will run again, and meet its data breakpoints again. */
            cpu->eflags |= rf;
            cpu->dr6_pending = dr6_pending;
            cpu->attention = (uint16_t) ((cpu->attention & ~(unsigned) ATTN_TRAP) | trap);
        }
        engine_fault(cpu, &in);
        return;
    }
    if (r == OP_REPEAT) {
        cpu->eflags |= rf;
        cpu->eip -= in.len;
    } else {
        s->insns++;
        if (r != OP_COSTED)
            s->ticks += in.cost;
    }
    if (tf)
        engine_single_step(cpu, &in, r);
}

/* --- runs ---------------------------------------------------------------- */


void engine_run(struct cpu *cpu, const struct insn *in)
{
    struct sched *s = cpu->sched;

    for (;; in++) {
        enum op_exit r;

        cpu->eip += in->len;
        r = in->fn(cpu, in);
        if (LIKELY(r <= OP_JUMP)) {
            s->ticks += in->cost;
            s->insns++;
            if (UNLIKELY(s->ticks >= s->horizon) || r == OP_JUMP)
                return;
            continue;
        }
        if (r == OP_COSTED) {
            s->insns++;
            if (s->ticks >= s->horizon)
                return;
            continue;
        }
        if (r == OP_REPEAT)
            cpu->eip -= in->len;
        else if (r == OP_FAULT)
            engine_fault(cpu, in);
        return;
    }
}


struct trace *engine_find(struct cpu *cpu)
{
    uint32_t laddr = cpu->seg[CS].base + cpu->eip, limit = cpu->seg[CS].limit;
    uintptr_t *table = cpu->table[cpu->cpl == 3][0];
    uintptr_t entry = table[laddr >> PAGE_SHIFT];
    uint32_t room;
    paddr addr;

    if (UNLIKELY(cpu->eip > limit))
        return NULL;
    if (UNLIKELY(entry == 0)) {
        if (!paging_fill(cpu, laddr, ACCESS_FETCH, cpu->cpl == 3, &addr))
            return NULL;
        entry = table[laddr >> PAGE_SHIFT];
        if (entry == 0)
            return NULL;
    }
    room = limit - cpu->eip;
    return trace_find(cpu, table_host(entry, laddr), laddr, room == UINT32_MAX ? room : room + 1,
                      cpu->seg[CS].attr & SEG_BIG);
}

/* HLT: time goes on to the next event; false when nothing will come. */
static bool engine_idle(struct cpu *cpu)
{
    struct sched *s = cpu->sched;
    vtime next = sched_next(s);

    if (next == VTIME_NEVER)
        return false;
    if (next != 0) {
        uint64_t tick = clock_ticks(&s->cpu_clock, next - 1) + 1;

        if (tick > s->ticks)
            s->ticks = tick;
    }
    sched_kick(s);
    return true;
}

static enum cpu_stop engine_stopped(const struct cpu *cpu)
{
    return cpu->halted && !(cpu->eflags & FLAG_IF) ? CPU_STOP_HALTED : CPU_STOP_SCHED;
}

enum cpu_stop cpu_run(struct cpu *cpu)
{
    struct sched *s = cpu->sched;

    sched_kick(s);
    for (;;) {
        const struct insn *in;
        struct trace *t;

        if (s->ticks >= s->horizon) {
            cpu->code_addr = (uint32_t) NOT_EXECUTING;
            if (sched_service(s))
                return engine_stopped(cpu);
            if (engine_attend(cpu))
                continue;
            if (cpu->halted) {
                if (!engine_idle(cpu))
                    return engine_stopped(cpu);
                continue;
            }
        }
        if (UNLIKELY(engine_careful(cpu)))
            engine_step(cpu);
        else if (UNLIKELY((in = engine_crossing(cpu)) != NULL))
            engine_run(cpu, in);
        else if (cpu->translator != NULL && cpu->translator->run_known(cpu->translation))
            continue;
        else if ((t = engine_find(cpu)) == NULL)
            engine_step(cpu);
        else if (cpu->translator != NULL)
            cpu->translator->run(cpu->translation, t);
        else
            engine_run(cpu, t->first);
    }
}

/* Pages become memory or cease to be: no run lies there, no table entry leads there. */
void engine_remapped(void *opaque, paddr base, uint32_t len)
{
    struct cpu *cpu = opaque;
    unsigned cls = 0;

    for (uint32_t at = 0; at < len; at += PAGE_SIZE) {
        cls |= bus_page(cpu->bus, base + at)->cls;
        if (cpu->translator != NULL)
            cpu->translator->closed(cpu->translation, base + at, true);
    }
    if (cls & PAGE_CODE)
        trace_flush(cpu);
    cpu->mapping++;
    paging_forget(cpu);
}

/* A store that the bus reports: code, page tables, or both. */
void engine_written(void *opaque, paddr addr, unsigned len)
{
    struct cpu *cpu = opaque;
    unsigned cls = bus_page(cpu->bus, addr)->cls;

    if (cls & PAGE_CODE)
        trace_written(cpu, addr, len);
    if (cls & PAGE_PT)
        paging_table_written(cpu, addr, len);
}

/*
 * IN and OUT, and the checks they share with INS and OUTS.
 *
 * Source: Intel SDM vol. 1, 18.5 "Protected-mode I/O"; vol. 3, 17.2.4 for I/O
 *         breakpoints.
 */
#include "config.h"

#include "cpu/io.h"

#include "cpu/exec.h"

/* The bitmap of a 32-bit TSS: a set bit denies its port. */
static bool io_bitmap_allows(struct cpu *cpu, uint16_t port, unsigned size)
{
    unsigned type = cpu->tr.attr & 15;
    uint32_t base, bits, at;

    if (!(cpu->tr.attr & SEG_P) || (type & 9) != 9 || cpu->tr.limit < 103)
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!sys_read(cpu, cpu->tr.base + 102, 2, &base))
        return false;
    at = base + port / 8;
    /* Two bytes are read: the map ends with a byte of ones. */
    if (at + 1 > cpu->tr.limit)
        return cpu_fault_code(cpu, EXC_GP, 0);
    if (!sys_read(cpu, cpu->tr.base + at, 2, &bits))
        return false;
    if (bits >> (port & 7) & ((1u << size) - 1))
        return cpu_fault_code(cpu, EXC_GP, 0);
    return true;
}

bool io_allowed(struct cpu *cpu, uint16_t port, unsigned size)
{
    if (!cpu_protected(cpu) || (!cpu_v86(cpu) && cpu->cpl <= cpu_iopl(cpu)))
        return true;
    return io_bitmap_allows(cpu, port, size);
}

static void io_breakpoint(struct cpu *cpu, uint16_t port, unsigned size)
{
    if (!(cpu->cr4 & CR4_DE) || (cpu->dr[7] & 0xff) == 0)
        return;
    for (unsigned i = 0; i < 4; i++) {
        unsigned len = (cpu->dr[7] >> (18 + 4 * i) & 3) + 1;

        if ((cpu->dr[7] >> (2 * i) & 3) && (cpu->dr[7] >> (16 + 4 * i) & 3) == 2
            && port + size > cpu->dr[i] && port < cpu->dr[i] + len) {
            cpu->dr6_pending |= 1u << i;
            cpu->attention |= ATTN_TRAP;
            sched_kick(cpu->sched);
        }
    }
}

uint32_t io_in(struct cpu *cpu, uint16_t port, unsigned size)
{
    uint32_t ticks = 0, val = bus_in(cpu->bus, port, size, &ticks);

    cpu->sched->ticks += ticks;
    io_breakpoint(cpu, port, size);
    return val;
}

void io_out(struct cpu *cpu, uint16_t port, unsigned size, uint32_t val)
{
    uint32_t ticks = 0;

    bus_out(cpu->bus, port, size, val, &ticks);
    cpu->sched->ticks += ticks;
    io_breakpoint(cpu, port, size);
}

FLATTEN OP_FN(op_in)
{
    uint16_t port = (uint16_t) (in->src.kind == OPND_IMM ? in->imm : cpu->gpr[EDX]);

    if (!io_allowed(cpu, port, in->width))
        return OP_FAULT;
    reg_set(cpu, EAX * 4, in->width, io_in(cpu, port, in->width));
    return OP_NEXT;
}

FLATTEN OP_FN(op_out)
{
    uint16_t port = (uint16_t) (in->dst.kind == OPND_IMM ? in->imm : cpu->gpr[EDX]);

    if (!io_allowed(cpu, port, in->width))
        return OP_FAULT;
    io_out(cpu, port, in->width, reg_get(cpu, EAX * 4, in->width));
    return OP_NEXT;
}

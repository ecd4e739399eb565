/*
 * The decoded-instruction cache: runs of instructions that follow each other in
 * one page, up to a jump.
 *
 * A run is found by the host address of its first byte and the default operand
 * size.  The page it lies in has PAGE_CODE; a store that changes its bytes
 * parks it: it is not found until its place holds the same bytes again, as when
 * a program is loaded a second time.  A store to an immediate or displacement
 * only changes the instruction.  Nothing the guest can see depends on what
 * is cached.
 */
#ifndef CPU_TRACE_H
#define CPU_TRACE_H

#include "cpu/insn.h"

enum { GRANULE_SHIFT = 2 }; /* of struct cpu, code_granules */

struct trace {
    uintptr_t key;    /* 0: free, or ... */
    uintptr_t parked; /* ... this is its key, and these its bytes */
    const uint8_t *copy;
    const struct insn *first; /* the last one, which ends the run, has no row */
    uint32_t prev, next; /* others of the same page */
    paddr addr;
    uint32_t bytes;
    uint32_t heat; /* for the translator: how often it was asked for, ... */
    void *blocks;  /* ... and what it made of it */
    uint32_t caught; /* ... and of which instructions an operand was not plain memory */
    uint32_t rings;  /* ... and which went to another ring */
    uint32_t soft;   /* instructions whose immediate and displacement are patched again and again: blocks read them */
    uint8_t patches; /* of those that are not yet */
    bool listed;   /* the next flush looks at it */
};

/* What stands behind the last instruction of a run. */
op_fn trace_end;

void trace_init(struct cpu *cpu);
void trace_free(struct cpu *cpu);

/*
 * The instructions from `laddr`, whose byte is at `host`; `room` bytes from
 * there on lie inside the code segment.  NULL when the run does not fit into
 * them, or no whole instruction into the page.  The last one's fn ends the run.
 */
struct trace *trace_find(struct cpu *cpu, const uint8_t *host, uint32_t laddr, uint32_t room, bool code32);

/* May one of these bytes, in one page, belong to a run? */
bool trace_covers(const struct cpu *cpu, paddr addr, unsigned len);

/* Bytes of a page with PAGE_CODE changed. */
void trace_written(struct cpu *cpu, paddr addr, unsigned len);

/* Forget everything. */
void trace_flush(struct cpu *cpu);

#endif

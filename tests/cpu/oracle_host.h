/*
 * The host's own processor as a judge: 16- and 32-bit code in segments made
 * with modify_ldt(), run in a child that is stopped by ptrace().
 *
 * Needs an x86-64 Linux that allows modify_ldt; oracle_host_new() says why not.
 */
#ifndef CPU_ORACLE_HOST_H
#define CPU_ORACLE_HOST_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ARENA_BASE = 0x100000, /* linear address, the same for host and guest */
    ARENA_SIZE = 0x40000,
    CODE_OFFSET = 0x30000, /* the code segments' base inside the arena */
    CODE_SIZE = 0x1000,
};

/* Registers as both sides show them: eax ecx edx ebx esp ebp esi edi. */
struct oracle_regs {
    uint32_t gpr[8];
    uint32_t eip, eflags;
    uint16_t seg[6]; /* es cs ss ds fs gs */
};

/* A segment of the LDT; entry number i has selector i * 8 + 7. */
struct oracle_seg {
    uint32_t base, limit; /* limit in bytes */
    bool code, conforming_or_down, writable_or_readable, big, granular, present;
};

enum { ORACLE_SEGS = 256 };

struct oracle_host;

/* NULL and a reason when this host cannot do it.  `segs` outlives the result. */
struct oracle_host *oracle_host_new(const struct oracle_seg *segs, const char **why);
void oracle_host_free(struct oracle_host *h);

/* EFLAGS bits of the child that ptrace cannot set: ID. */
uint32_t oracle_host_eflags(const struct oracle_host *h);

/* The arena, shared with the child. */
uint8_t *oracle_host_arena(struct oracle_host *h);

/*
 * Runs from *regs until an exception; returns its vector (13 for #GP ...), and
 * the registers at that point.  -1: the child is gone or hung.
 */
int oracle_host_run(struct oracle_host *h, struct oracle_regs *regs);

#endif

/*
 * What the silicon oracle runs: segments, memory, registers, and what came out.
 * Everything follows from seeds, so that one line of text is a whole case.
 *
 * Linear addresses are the same for host and guest:
 *
 *   DATA_BASE   ten pages: the fourth may only be read, the seventh is missing
 *   CODE_BASE   two pages of code, read-only, CCh where no stream lies; the third
 *               is missing
 *   PAD_BASE    the way back to 64-bit code on the host (cpu/oracle_host.c), a
 *               read-only page with the same bytes in the guest
 *
 * and nothing else below 4 GiB.
 */
#ifndef CPU_ORACLE_WORLD_H
#define CPU_ORACLE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DATA_BASE = 0x100000, DATA_PAGES = 10, DATA_SIZE = DATA_PAGES * 4096,
    PAGE_READ_ONLY = 3, PAGE_MISSING = 6,
    CODE_BASE = 0x110000, CODE_SIZE = 0x2000,
    ORACLE_SEGS = 256,
    CODE_SEGS = 32,       /* entries before hold code; even ones 32-bit */
    CODE_PLAIN = 8,       /* of these: the first reach past all of the code */
    LDT_DATA = CODE_SEGS, /* the rest may hold anything */
    VEC_OUT = 256,        /* in place of a vector: the end of the stream was reached */
    VEC_ENDLESS = 257,
    SEL_OUT = 0x33,       /* the far jump at the end; 64-bit code on the host */
    FX_BYTES = 512,
};

#define PAD_BASE 0xf0000000u

struct rng {
    uint64_t s;
};

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->s += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Below `below`, which is not 0. */
static inline uint32_t rnd(struct rng *r, uint32_t below)
{
    return (uint32_t) ((rng_next(r) >> 32) * below >> 32);
}

static inline bool chance(struct rng *r, unsigned percent)
{
    return rnd(r, 100) < percent;
}

/* A segment of the LDT; entry number i has selector i * 8 + 7. */
struct oracle_seg {
    uint32_t base, limit; /* limit in bytes */
    bool code, conforming_or_down, writable_or_readable, big, granular, present;
};

/* Registers before, registers and exception after: eax ecx edx ebx esp ebp esi edi. */
struct oracle_state {
    uint32_t gpr[8];
    uint32_t eip, eflags;
    uint16_t seg[6]; /* es cs ss ds fs gs */
    uint16_t vector; /* or VEC_* */
    uint32_t error;  /* code, 0 where there is none */
    uint32_t cr2;    /* of #PF, else 0 */
    _Alignas(16) uint8_t fx[FX_BYTES]; /* as FXSAVE; pointers are not compared */
};

/* 0: flat ones, as 64-bit code has them. */
void world_segments(struct oracle_seg *seg, uint64_t seed);
/* DATA_SIZE bytes. */
void world_content(uint8_t *data, uint64_t seed);
/* x87 and MMX; 0: as FNINIT leaves it. */
void world_fx(uint8_t *fx, uint64_t seed);

/* INT3 in the guest's pad, or a trap there because TF was set just before the
 * jump: that is VEC_OUT, with the EIP of the jump. */
void oracle_arrived(struct oracle_state *s, uint32_t end);

/* Lowest and highest offset that the segment allows and that lies in the data. */
void seg_window(const struct oracle_seg *s, uint32_t *lo, uint32_t *hi);

#endif

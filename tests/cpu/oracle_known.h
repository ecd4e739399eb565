/*
 * Where the silicon oracle's two sides may differ: between makers, or because
 * the stream was left.
 */
#ifndef CPU_ORACLE_KNOWN_H
#define CPU_ORACLE_KNOWN_H

#include "cpu/oracle_gen.h"
#include "cpu/oracle_guest.h"

enum known {
    NOT_KNOWN, K_WILD, K_ENDLESS, K_ORDER, K_PUSHA, K_IRET_NT, K_KERNEL_SEL, K_POP_SEG, K_ALIGN_F80, K_LOCK, K_ENV,
    K_ROUND, K_CODE, K_GATE, K_ONCE, KNOWN_KINDS,
};

extern const struct exclusion known_table[KNOWN_KINDS];

/* Where a stream runs. */
struct oracle_place {
    struct oracle_seg seg[ORACLE_SEGS];
    struct oracle_guest *guest;
    uint8_t before[DATA_SIZE]; /* the data */
    uint8_t code[CODE_SIZE];   /* the guest's */
};

/* Why they differ; changes the guest's memory. */
enum known known_difference(const struct oracle_place *o, const struct stream *st, const struct oracle_state *guest,
                            const struct oracle_state *host);

#endif

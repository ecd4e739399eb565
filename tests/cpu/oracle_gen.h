/*
 * Random instruction streams for the silicon oracle.
 *
 * An instruction's undefined flags never reach one that reads them: another
 * that defines all six stands between.
 */
#ifndef CPU_ORACLE_GEN_H
#define CPU_ORACLE_GEN_H

#include "cpu/decode.h"
#include "cpu/oracle_world.h"

enum {
    STREAM_INSNS = 40,
    PIECE_MAX = INSN_MAX,
    OUT_BYTES = 8, /* the far jump at the end */
    UNDEFINED_C1 = 0x8000, /* with the flags: C1 of the x87 */
    STREAM_BYTES = STREAM_INSNS * PIECE_MAX + OUT_BYTES,
};

/* Where the bytes of an instruction name a later one. */
enum fix { FIX_NONE, FIX_REL8, FIX_REL16, FIX_REL32, FIX_ABS16, FIX_ABS32 };

struct piece {
    uint8_t byte[PIECE_MAX]; /* the guest's */
    uint8_t host[PIECE_MAX]; /* with stream.code64: the host's, as many */
    uint8_t len;
    uint8_t pad;    /* NOPs at the end, of the guest's bytes or of the host's */
    bool pad_guest;
    uint8_t fix;    /* of the last bytes, but for ABS: those at fix_at */
    uint8_t fix_at;
    uint8_t skip;   /* it names the piece after the next `skip` */
    uint16_t reads, undef, clears; /* flags */
    uint16_t undefined; /* flags undefined before it: stream_flow_undefined() */
    uint16_t at;        /* offset in the stream: stream_lay() */
};

struct stream {
    struct piece piece[STREAM_INSNS + 1]; /* the last: only `undefined`, at the end */
    unsigned n;
    bool code32;
    bool code64; /* the host runs piece.host (cpu/oracle_code64.h) */
    bool at_end; /* of the code: what does not fit is not there */
    struct oracle_state regs; /* before */
    uint64_t fx_seed;
};

/* Why an instruction is not judged here: cpu/oracle_gen.c has the table. */
struct exclusion {
    const char *what, *why;
};

const struct exclusion *stream_excluded(const struct insn *in, const uint8_t *bytes);

/* What kind of code a stream shall be. */
struct stream_kind {
    bool code32, code64;
};

void stream_random(struct rng *r, struct stream *st, struct stream_kind kind, const struct oracle_seg *seg,
                   const struct model *model);

/* One instruction alone, of the row at `opcode` (0F00h + for two bytes). */
bool stream_single(struct rng *r, struct stream *st, bool code32, unsigned opcode, const struct oracle_seg *seg,
                   const struct model *model);

/* Computes piece.undefined: flags that may be undefined before each. */
void stream_flow_undefined(struct stream *st);

/*
 * The bytes at their place in the code, from *first on; returns how many fit.
 * Computes piece.undefined; *end is the EIP of the far jump.
 */
unsigned stream_lay(struct stream *st, const struct oracle_seg *seg, uint8_t *code, unsigned *first, uint32_t *end);

/* The same for the host, once laid: `code` holds `len` of the guest's bytes. */
void stream_lay_host(const struct stream *st, uint8_t *code, unsigned len);

/* Flags undefined at this EIP, and whether a piece starts there, or its padding. */
bool stream_at(const struct stream *st, uint32_t eip, uint32_t *undefined);

/* EIP, or behind the padding where that begins. */
uint32_t stream_behind_pad(const struct stream *st, uint32_t eip);

/* At most so many of the instructions executed before EIP are padding of the guest's. */
unsigned stream_pads(const struct stream *st, uint32_t eip);

#endif

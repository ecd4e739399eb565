/*
 * Arithmetic on 80-bit extended reals, as an x87 does it, in integers only:
 * the same bits on every host.
 *
 * Source: Intel SDM vol. 1, 4.8 (formats, NaN), 4.9 (exceptions), 8.3 to 8.5;
 *         vol. 2, each instruction; IEEE 754-1985.  What the manual leaves
 *         open was measured on parts of today.
 *
 * Each function reads the control word of its context and adds to its flags.
 * When an exception that stops an instruction before it begins (invalid
 * operation, denormal operand, division by zero) is unmasked, the value that is
 * returned has no meaning: f80_stopped() says so, and nothing is to be stored.
 */
#ifndef CPU_F80_H
#define CPU_F80_H

#include <stdbool.h>
#include <stdint.h>

struct f80 {
    uint64_t sig; /* bit 63: the integer bit */
    uint16_t se;  /* sign, biased exponent */
};

/* Bits of the status word; the masks of the control word lie at the same places. */
enum f80_flag {
    F80_IE = 1 << 0, /* invalid operation */
    F80_DE = 1 << 1, /* denormal operand */
    F80_ZE = 1 << 2, /* division by zero */
    F80_OE = 1 << 3, /* overflow */
    F80_UE = 1 << 4, /* underflow */
    F80_PE = 1 << 5, /* inexact */
    F80_EXCEPTIONS = 0x3f,
    F80_C0 = 1 << 8,
    F80_C1 = 1 << 9, /* of a result: it was rounded away from zero */
    F80_C2 = 1 << 10,
    F80_C3 = 1 << 14,
};

enum f80_rounding { F80_NEAREST, F80_DOWN, F80_UP, F80_TO_ZERO };

struct f80_ctx {
    uint16_t cw;    /* the control word: masks, precision, rounding */
    uint16_t flags; /* enum f80_flag: what was raised, how it was rounded */
};

static inline enum f80_rounding f80_rounding(const struct f80_ctx *c)
{
    return (enum f80_rounding) (c->cw >> 10 & 3);
}

/* An unmasked exception that leaves operands and destination alone. */
static inline bool f80_stopped(const struct f80_ctx *c)
{
    return (c->flags & ~c->cw & (F80_IE | F80_DE | F80_ZE)) != 0;
}

/* One that keeps a result out of memory. */
static inline bool f80_not_stored(const struct f80_ctx *c)
{
    return (c->flags & ~c->cw & (F80_IE | F80_DE | F80_ZE | F80_OE | F80_UE)) != 0;
}

static inline bool f80_is_nan(struct f80 a)
{
    return (a.se & 0x7fff) == 0x7fff && (a.sig >> 63) && (a.sig << 1) != 0;
}

static inline bool f80_sign(struct f80 a)
{
    return a.se >> 15;
}

extern const struct f80 f80_indefinite, f80_one;

/* --- f80_arith.c: rounded by precision control ----------------------------- */

struct f80 f80_add(struct f80_ctx *c, struct f80 a, struct f80 b);
struct f80 f80_sub(struct f80_ctx *c, struct f80 a, struct f80 b);
struct f80 f80_mul(struct f80_ctx *c, struct f80 a, struct f80 b);
struct f80 f80_div(struct f80_ctx *c, struct f80 a, struct f80 b);
struct f80 f80_sqrt(struct f80_ctx *c, struct f80 a);

/* --- f80_round.c: always 64 bits ------------------------------------------- */

struct f80 f80_round_int(struct f80_ctx *c, struct f80 a);
struct f80 f80_scale(struct f80_ctx *c, struct f80 a, struct f80 b);
/* The exponent as a number; *sig is the significand. */
struct f80 f80_extract(struct f80_ctx *c, struct f80 a, struct f80 *sig);
/*
 * One step of the remainder, quotient truncated or (`nearest`) rounded.  Sets
 * C2 when the reduction is not complete, else C0, C3, C1 to the low three bits
 * of the quotient.
 */
struct f80 f80_rem(struct f80_ctx *c, struct f80 a, struct f80 b, bool nearest);

enum f80_order { F80_LESS, F80_EQUAL, F80_GREATER, F80_UNORDERED };

/* `quiet`: a quiet NaN is no invalid operation. */
enum f80_order f80_compare(struct f80_ctx *c, struct f80 a, struct f80 b, bool quiet);
/* C3, C2, C0, C1 of FXAM for a register that is not empty. */
uint16_t f80_examine(struct f80 a);

/* --- f80_convert.c --------------------------------------------------------- */

struct f80 f80_from_i64(int64_t v);
struct f80 f80_from_f32(struct f80_ctx *c, uint32_t v);
struct f80 f80_from_f64(struct f80_ctx *c, uint64_t v);
/* The same, but a signaling NaN stays one and nothing is raised: an operand of
 * arithmetic, where what comes first depends on the other one. */
struct f80 f80_widen_f32(uint32_t v, bool *denormal);
struct f80 f80_widen_f64(uint64_t v, bool *denormal);
struct f80 f80_from_bcd(const uint8_t bcd[10]);

/* An integer of 16, 32 or 64 bits; invalid: only its sign bit is set. */
int64_t f80_to_int(struct f80_ctx *c, struct f80 a, unsigned bits);
uint32_t f80_to_f32(struct f80_ctx *c, struct f80 a);
uint64_t f80_to_f64(struct f80_ctx *c, struct f80 a);
void f80_to_bcd(struct f80_ctx *c, struct f80 a, uint8_t bcd[10]);

/* --- f80_trans.c: 64 bits, correct but for a few rounding cases in 2^50 ------ */

enum f80_constant { F80_ONE, F80_L2T, F80_L2E, F80_PI, F80_LG2, F80_LN2, F80_ZERO };

/* Constants of FLD1 to FLDZ, rounded by the rounding control. */
struct f80 f80_load_constant(const struct f80_ctx *c, enum f80_constant which);

/* Sine, cosine; false: |a| is 2^63 or more, C2 is to be set, nothing changes. */
bool f80_sincos(struct f80_ctx *c, struct f80 a, struct f80 *sin, struct f80 *cos);
bool f80_tan(struct f80_ctx *c, struct f80 a, struct f80 *tan);
struct f80 f80_atan(struct f80_ctx *c, struct f80 y, struct f80 x); /* angle of (x, y) */
struct f80 f80_2xm1(struct f80_ctx *c, struct f80 a);
struct f80 f80_yl2x(struct f80_ctx *c, struct f80 x, struct f80 y);
struct f80 f80_yl2xp1(struct f80_ctx *c, struct f80 x, struct f80 y);

#endif

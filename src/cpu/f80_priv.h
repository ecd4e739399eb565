/*
 * What the parts of f80_*.c share: operands taken apart, NaN rules, rounding.
 */
#ifndef CPU_F80_PRIV_H
#define CPU_F80_PRIV_H

#include "base/bits.h"
#include "cpu/f80.h"

typedef unsigned __int128 u128;

enum {
    F80_BIAS = 16383,
    F80_EXP_MAX = 0x7fff,
    F80_WRAP = 24576, /* bias adjustment of unmasked overflow and underflow, SDM vol. 1, 8.5.4 */
};

#define F80_INT_BIT (UINT64_C(1) << 63)
#define F80_QUIET   (UINT64_C(1) << 62)

enum f80_class {
    CLS_ZERO,
    CLS_FINITE,
    CLS_INF,
    CLS_NAN,
    CLS_BAD, /* unnormal, pseudo-infinity, pseudo-NaN: not supported since the 387 */
};

/* An operand taken apart.  Finite: `sig` is normalized, `exp` is the biased exponent, also below 1. */
struct f80_parts {
    enum f80_class cls;
    bool sign, denormal;
    int32_t exp;
    uint64_t sig;
};

static inline struct f80 f80_make(bool sign, int32_t exp, uint64_t sig)
{
    return (struct f80){ .sig = sig, .se = (uint16_t) (sign << 15 | exp) };
}

static inline struct f80 f80_zero(bool sign)
{
    return f80_make(sign, 0, 0);
}

static inline struct f80 f80_inf(bool sign)
{
    return f80_make(sign, F80_EXP_MAX, F80_INT_BIT);
}

static inline struct f80 f80_negate(struct f80 a)
{
    a.se ^= 0x8000;
    return a;
}

static inline bool f80_is_signaling(struct f80 a)
{
    return f80_is_nan(a) && !(a.sig & F80_QUIET);
}

struct f80_parts f80_take(struct f80 a);

/* Invalid operation: the indefinite NaN is the answer. */
static inline struct f80 f80_invalid(struct f80_ctx *c)
{
    c->flags |= F80_IE;
    return f80_indefinite;
}

/*
 * Operands that decide alone: what is not supported, and NaN.  True: *r is the
 * result.  Nothing else is looked at then (SDM vol. 1, 4.9.2).
 */
bool f80_special1(struct f80_ctx *c, const struct f80_parts *p, struct f80 a, struct f80 *r);
bool f80_special2(struct f80_ctx *c, const struct f80_parts *p, struct f80 a, const struct f80_parts *q,
                  struct f80 b, struct f80 *r);

static inline void f80_note_denormal(struct f80_ctx *c, const struct f80_parts *p)
{
    if (p->denormal)
        c->flags |= F80_DE;
}

/*
 * Rounds hi.lo * 2^(exp - bias - 63) to `prec` bits (24, 53, 64); bit 63 of hi
 * is set; any bit of lo below its top ones only says "more than that".
 */
struct f80 f80_round(struct f80_ctx *c, bool sign, int32_t exp, uint64_t hi, uint64_t lo, unsigned prec);

/* Would hi be incremented?  `lo` is the fraction that is cut off, in units of 2^-64. */
static inline bool f80_rounds_up(const struct f80_ctx *c, bool sign, bool odd, uint64_t lo)
{
    switch (f80_rounding(c)) {
    case F80_NEAREST: return lo > F80_INT_BIT || (lo == F80_INT_BIT && odd);
    case F80_DOWN: return sign && lo != 0;
    case F80_UP: return !sign && lo != 0;
    case F80_TO_ZERO: return false;
    }
    return false;
}

/* A shift to the right that keeps "something was lost" in the lowest bit. */
static inline u128 shift_jam(u128 v, uint32_t n)
{
    if (n == 0)
        return v;
    if (n >= 128)
        return v != 0;
    return v >> n | ((v << (128 - n)) != 0);
}

#endif

/*
 * Between extended reals and integers, short and long reals, packed decimals.
 *
 * Source: cpu/f80.h; SDM vol. 1, 4.2, 8.2; vol. 2, FLD, FST, FIST, FBLD, FBSTP.
 */
#include "config.h"

#include "cpu/f80.h"

#include "cpu/f80_priv.h"

/* --- to extended --------------------------------------------------------- */

struct f80 f80_from_i64(int64_t v)
{
    uint64_t mag = v < 0 ? (uint64_t) 0 - (uint64_t) v : (uint64_t) v;
    unsigned zeros;

    if (mag == 0)
        return f80_zero(false);
    zeros = (unsigned) __builtin_clzll(mag);
    return f80_make(v < 0, F80_BIAS + 63 - (int32_t) zeros, mag << zeros);
}

/* A narrower format: width of its fraction, its exponent's bias. */
struct narrow {
    unsigned frac, bias, exp_max;
};

static const struct narrow narrow32 = { 23, 127, 255 }, narrow64 = { 52, 1023, 2047 };

static struct f80 widen(const struct narrow *n, uint64_t v, bool *denormal)
{
    uint32_t exp = (uint32_t) (v >> n->frac) & n->exp_max;
    uint64_t frac = v << (63 - n->frac) & (F80_INT_BIT - 1);
    bool sign = v >> (n->frac == 23 ? 31 : 63) & 1;
    unsigned zeros;

    *denormal = false;
    if (exp == n->exp_max)
        return f80_make(sign, F80_EXP_MAX, F80_INT_BIT | frac);
    if (exp != 0)
        return f80_make(sign, (int32_t) exp - (int32_t) n->bias + F80_BIAS, F80_INT_BIT | frac);
    if (frac == 0)
        return f80_zero(sign);
    *denormal = true;
    zeros = (unsigned) __builtin_clzll(frac);
    return f80_make(sign, 1 - (int32_t) n->bias + F80_BIAS - (int32_t) zeros, frac << zeros);
}

/* A load: what a NaN or denormal raises by itself. */
static struct f80 load(struct f80_ctx *c, struct f80 a, bool denormal)
{
    if (denormal)
        c->flags |= F80_DE;
    if (f80_is_signaling(a)) {
        c->flags |= F80_IE;
        a.sig |= F80_QUIET;
    }
    return a;
}

struct f80 f80_widen_f32(uint32_t v, bool *denormal)
{
    return widen(&narrow32, v, denormal);
}

struct f80 f80_widen_f64(uint64_t v, bool *denormal)
{
    return widen(&narrow64, v, denormal);
}

struct f80 f80_from_f32(struct f80_ctx *c, uint32_t v)
{
    bool denormal;
    struct f80 a = widen(&narrow32, v, &denormal);

    return load(c, a, denormal);
}

struct f80 f80_from_f64(struct f80_ctx *c, uint64_t v)
{
    bool denormal;
    struct f80 a = widen(&narrow64, v, &denormal);

    return load(c, a, denormal);
}

/* Digits above 9 count as what they are (not defined). */
struct f80 f80_from_bcd(const uint8_t bcd[10])
{
    uint64_t v = 0;
    struct f80 r;

    for (int i = 8; i >= 0; i--)
        v = v * 100 + (bcd[i] >> 4) * 10u + (bcd[i] & 15);
    r = f80_from_i64((int64_t) v);
    r.se |= (uint16_t) ((bcd[9] & 0x80) << 8);
    return r;
}

/* --- to integers --------------------------------------------------------- */

/* Magnitude, rounded; false: 2^64 or more, or no number.  Flags are for the caller. */
static bool to_magnitude(const struct f80_ctx *c, struct f80 a, uint64_t *mag, uint16_t *flags)
{
    struct f80_parts p = f80_take(a);
    int32_t e = p.exp - F80_BIAS;
    bool up;
    u128 v;

    *mag = 0;
    *flags = 0;
    if (p.cls == CLS_ZERO)
        return true;
    if (p.cls != CLS_FINITE || e > 63)
        return false;
    v = shift_jam((u128) p.sig << 64, (uint32_t) (63 - e));
    *mag = (uint64_t) (v >> 64);
    if ((uint64_t) v == 0)
        return true;
    up = f80_rounds_up(c, p.sign, *mag & 1, (uint64_t) v);
    *flags = (uint16_t) (F80_PE | (up ? F80_C1 : 0));
    *mag += up; /* a fraction means that at most 63 bits are whole: no carry */
    return true;
}

int64_t f80_to_int(struct f80_ctx *c, struct f80 a, unsigned bits)
{
    uint64_t mag, limit = UINT64_C(1) << (bits - 1);
    bool sign = f80_sign(a);
    uint16_t flags;

    if (!to_magnitude(c, a, &mag, &flags) || mag > limit || (mag == limit && !sign)) {
        c->flags |= F80_IE;
        return (int64_t) ((uint64_t) 0 - limit);
    }
    c->flags |= flags;
    return (int64_t) (sign ? (uint64_t) 0 - mag : mag);
}

void f80_to_bcd(struct f80_ctx *c, struct f80 a, uint8_t bcd[10])
{
    static const uint8_t indefinite[10] = { [7] = 0xc0, [8] = 0xff, [9] = 0xff };
    uint64_t mag;
    uint16_t flags;

    if (!to_magnitude(c, a, &mag, &flags) || mag > UINT64_C(999999999999999999)) {
        c->flags |= F80_IE;
        memcpy(bcd, indefinite, 10);
        return;
    }
    c->flags |= flags;
    for (unsigned i = 0; i < 9; i++, mag /= 100)
        bcd[i] = (uint8_t) (mag / 10 % 10 << 4 | mag % 10);
    bcd[9] = f80_sign(a) ? 0x80 : 0;
}

/* --- to narrower reals --------------------------------------------------- */

static uint64_t narrow_special(struct f80_ctx *c, const struct narrow *n, struct f80 a, const struct f80_parts *p)
{
    uint64_t inf = (uint64_t) n->exp_max << n->frac;

    if (p->cls == CLS_ZERO)
        return 0;
    if (p->cls == CLS_INF)
        return inf;
    if (p->cls == CLS_BAD || f80_is_signaling(a))
        c->flags |= F80_IE;
    if (p->cls == CLS_BAD)
        return inf | UINT64_C(1) << (n->frac - 1);
    return inf | ((a.sig | F80_QUIET) << 1 >> (64 - n->frac));
}

/* Unmasked, nothing will be stored and the lost bits do not count (SDM vol. 1, 8.5.6). */
static uint64_t narrow_overflow(struct f80_ctx *c, const struct narrow *n, bool sign)
{
    enum f80_rounding rc = f80_rounding(c);
    uint64_t inf = (uint64_t) n->exp_max << n->frac;

    c->flags |= F80_OE;
    if (!(c->cw & F80_OE))
        return inf;
    c->flags |= F80_PE;
    if (rc == F80_TO_ZERO || (rc == F80_DOWN && !sign) || (rc == F80_UP && sign))
        return inf - 1;
    c->flags |= F80_C1;
    return inf;
}

/* The significand cut to the bits that the format has at this exponent. */
static uint64_t narrow_bits(struct f80_ctx *c, bool sign, uint64_t sig, unsigned drop, bool *up, bool *inexact)
{
    u128 v = shift_jam((u128) sig << 64, drop);
    uint64_t whole = (uint64_t) (v >> 64);

    *up = f80_rounds_up(c, sign, whole & 1, (uint64_t) v);
    *inexact = (uint64_t) v != 0;
    return whole + *up;
}

static uint64_t narrow_finite(struct f80_ctx *c, const struct narrow *n, const struct f80_parts *p)
{
    int32_t exp = p->exp - F80_BIAS + (int32_t) n->bias; /* biased, of the narrow format */
    unsigned drop = 63 - n->frac;
    bool up, inexact, tiny = false;
    uint64_t whole = narrow_bits(c, p->sign, p->sig, drop, &up, &inexact);

    if (exp <= 0) {
        /* Tiny unless rounding to full width would reach the smallest normal number. */
        tiny = exp < 0 || whole >> (n->frac + 1) == 0;
        whole = narrow_bits(c, p->sign, p->sig, drop + (unsigned) (1 - exp), &up, &inexact);
        exp = 1;
        if (tiny && !(c->cw & F80_UE)) {
            c->flags |= F80_UE;
            return 0;
        }
        if (tiny && inexact)
            c->flags |= F80_UE;
    }
    if (exp >= (int32_t) n->exp_max || (exp == (int32_t) n->exp_max - 1 && whole >> (n->frac + 1)))
        return narrow_overflow(c, n, p->sign);
    if (inexact)
        c->flags |= (uint16_t) (F80_PE | (up ? F80_C1 : 0));
    /* The integer bit adds one to the exponent field; so does a carry out of the fraction. */
    return ((uint64_t) (exp - 1) << n->frac) + whole;
}

static uint64_t narrow_to(struct f80_ctx *c, const struct narrow *n, struct f80 a)
{
    struct f80_parts p = f80_take(a);
    uint64_t v = p.cls == CLS_FINITE ? narrow_finite(c, n, &p) : narrow_special(c, n, a, &p);
    bool sign = p.cls == CLS_BAD || p.sign;

    return v | (uint64_t) sign << (n->frac == 23 ? 31 : 63);
}

uint32_t f80_to_f32(struct f80_ctx *c, struct f80 a)
{
    return (uint32_t) narrow_to(c, &narrow32, a);
}

uint64_t f80_to_f64(struct f80_ctx *c, struct f80 a)
{
    return narrow_to(c, &narrow64, a);
}

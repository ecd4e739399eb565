/*
 * Add, subtract, multiply, divide, square root; operands and rounding.
 *
 * Source: cpu/f80.h.
 */
#include "config.h"

#include "cpu/f80.h"

#include "cpu/f80_priv.h"

const struct f80 f80_indefinite = { .sig = UINT64_C(3) << 62, .se = 0xffff };
const struct f80 f80_one = { .sig = F80_INT_BIT, .se = F80_BIAS };

/* --- operands ------------------------------------------------------------ */

struct f80_parts f80_take(struct f80 a)
{
    struct f80_parts p = { .sign = f80_sign(a), .exp = a.se & 0x7fff, .sig = a.sig };

    if (p.exp == 0) {
        if (p.sig == 0) {
            p.cls = CLS_ZERO;
            return p;
        }
        /* A pseudo-denormal, with the integer bit, is worth the same as with exponent 1. */
        unsigned shift = (unsigned) __builtin_clzll(p.sig);

        p.cls = CLS_FINITE;
        p.denormal = true;
        p.sig <<= shift;
        p.exp = 1 - (int32_t) shift;
        return p;
    }
    if (!(p.sig & F80_INT_BIT))
        p.cls = CLS_BAD;
    else if (p.exp != F80_EXP_MAX)
        p.cls = CLS_FINITE;
    else
        p.cls = p.sig << 1 == 0 ? CLS_INF : CLS_NAN;
    return p;
}

bool f80_special1(struct f80_ctx *c, const struct f80_parts *p, struct f80 a, struct f80 *r)
{
    if (p->cls < CLS_NAN)
        return false;
    if (p->cls == CLS_BAD) {
        *r = f80_invalid(c);
        return true;
    }
    if (f80_is_signaling(a))
        c->flags |= F80_IE;
    a.sig |= F80_QUIET;
    *r = a;
    return true;
}

/* SDM vol. 1, table 4-7: the larger significand, of two equal ones the positive. */
static struct f80 nan_choose(struct f80 a, struct f80 b)
{
    if (!f80_is_nan(a))
        return b;
    if (!f80_is_nan(b))
        return a;
    if (a.sig != b.sig)
        return a.sig > b.sig ? a : b;
    return f80_sign(a) ? b : a;
}

bool f80_special2(struct f80_ctx *c, const struct f80_parts *p, struct f80 a, const struct f80_parts *q,
                  struct f80 b, struct f80 *r)
{
    if (LIKELY(p->cls < CLS_NAN && q->cls < CLS_NAN))
        return false;
    if (p->cls == CLS_BAD || q->cls == CLS_BAD) {
        *r = f80_invalid(c);
        return true;
    }
    if (f80_is_signaling(a) || f80_is_signaling(b))
        c->flags |= F80_IE;
    *r = nan_choose(a, b);
    r->sig |= F80_QUIET;
    return true;
}

/* --- rounding ------------------------------------------------------------ */

/* Masked overflow: infinity, or the largest number, by direction. */
static struct f80 round_overflow(struct f80_ctx *c, bool sign, uint64_t max)
{
    enum f80_rounding rc = f80_rounding(c);

    c->flags |= F80_OE | F80_PE;
    if (rc == F80_TO_ZERO || (rc == F80_DOWN && !sign) || (rc == F80_UP && sign))
        return f80_make(sign, F80_EXP_MAX - 1, max);
    c->flags |= F80_C1;
    return f80_inf(sign);
}

struct rounding {
    unsigned prec;
    uint64_t unit; /* the last bit that is kept */
};

/* hi and lo to `prec` bits; true: hi was incremented (and may have become 0). */
static bool round_bits(struct f80_ctx *c, bool sign, const struct rounding *rd, uint64_t *hi, uint64_t *lo)
{
    bool up;

    if (rd->prec < 64) {
        uint64_t rest = *hi & (rd->unit - 1);

        *lo = rest << rd->prec | (*lo != 0);
        *hi -= rest;
    }
    up = f80_rounds_up(c, sign, (*hi & rd->unit) != 0, *lo);
    if (up)
        *hi += rd->unit;
    return up;
}

/* The result is tiny (SDM vol. 1, 4.9.1.5) and underflow is masked. */
static struct f80 round_denormal(struct f80_ctx *c, bool sign, int32_t exp, uint64_t hi, uint64_t lo, bool tiny,
                                 const struct rounding *rd)
{
    u128 v = shift_jam((u128) hi << 64 | lo, (uint32_t) (1 - exp));
    bool up;

    hi = (uint64_t) (v >> 64);
    lo = (uint64_t) v;
    up = round_bits(c, sign, rd, &hi, &lo);
    if (lo != 0)
        c->flags |= (uint16_t) (F80_PE | (tiny ? F80_UE : 0) | (up ? F80_C1 : 0));
    return f80_make(sign, hi >> 63, hi);
}

struct f80 f80_round(struct f80_ctx *c, bool sign, int32_t exp, uint64_t hi, uint64_t lo, unsigned prec)
{
    struct rounding rd = { prec, prec == 64 ? 1 : UINT64_C(1) << (64 - prec) };
    uint64_t whole = hi, rest = lo;
    bool up = round_bits(c, sign, &rd, &whole, &rest);
    int32_t e = exp;

    if (whole < hi && up) { /* all ones became 2 */
        whole = F80_INT_BIT;
        e++;
    }
    if (UNLIKELY(e <= 0 || exp <= 0)) {
        /* Tiny is what would be so after rounding without a bound to the exponent. */
        if ((c->cw & F80_UE) || e > 0)
            return round_denormal(c, sign, exp, hi, lo, e <= 0, &rd);
        c->flags |= F80_UE;
        e += F80_WRAP;
        if (e <= 0) { /* FSCALE can go beyond */
            c->flags |= F80_PE;
            return f80_zero(sign);
        }
    } else if (UNLIKELY(e >= F80_EXP_MAX)) {
        if (c->cw & F80_OE)
            return round_overflow(c, sign, (uint64_t) 0 - rd.unit);
        c->flags |= F80_OE;
        e -= F80_WRAP;
        if (e >= F80_EXP_MAX) {
            c->flags |= F80_PE | F80_C1;
            return f80_inf(sign);
        }
    }
    if (rest != 0)
        c->flags |= (uint16_t) (F80_PE | (up ? F80_C1 : 0));
    return f80_make(sign, e, whole);
}

/* Precision control; 01 is reserved and acts as 11 (measured). */
static unsigned ctx_precision(const struct f80_ctx *c)
{
    static const uint8_t bits[4] = { 24, 64, 53, 64 };

    return bits[c->cw >> 8 & 3];
}

/* --- add and subtract ---------------------------------------------------- */

static struct f80 round_u128(struct f80_ctx *c, bool sign, int32_t exp, u128 v)
{
    return f80_round(c, sign, exp, (uint64_t) (v >> 64), (uint64_t) v, ctx_precision(c));
}

/* Both finite, p at least as large in exponent. */
static struct f80 add_finite(struct f80_ctx *c, const struct f80_parts *p, const struct f80_parts *q)
{
    u128 a = (u128) p->sig << 64, b = shift_jam((u128) q->sig << 64, (uint32_t) (p->exp - q->exp)), r;
    int32_t exp = p->exp;
    bool sign = p->sign;
    unsigned zeros;

    if (p->sign == q->sign) {
        r = a + b;
        if (r < a) {
            r = (r >> 1) | (r & 1) | (u128) 1 << 127;
            exp++;
        }
        return round_u128(c, sign, exp, r);
    }
    if (a == b)
        return f80_zero(f80_rounding(c) == F80_DOWN);
    if (a < b) {
        r = b - a;
        sign = q->sign;
    } else {
        r = a - b;
    }
    zeros = (uint64_t) (r >> 64) != 0 ? (unsigned) __builtin_clzll((uint64_t) (r >> 64))
                                      : 64 + (unsigned) __builtin_clzll((uint64_t) r);
    return round_u128(c, sign, exp - (int32_t) zeros, r << zeros);
}

/* One is zero: the other is rounded all the same. */
static struct f80 add_zero(struct f80_ctx *c, const struct f80_parts *p, const struct f80_parts *q)
{
    if (p->cls == CLS_FINITE)
        return f80_round(c, p->sign, p->exp, p->sig, 0, ctx_precision(c));
    if (q->cls == CLS_FINITE)
        return f80_round(c, q->sign, q->exp, q->sig, 0, ctx_precision(c));
    return f80_zero(p->sign == q->sign ? p->sign : f80_rounding(c) == F80_DOWN);
}

static struct f80 add_signed(struct f80_ctx *c, struct f80 a, struct f80 b, bool negate)
{
    struct f80_parts p = f80_take(a), q = f80_take(b);
    struct f80 r;

    if (f80_special2(c, &p, a, &q, b, &r))
        return r;
    q.sign ^= negate;
    if (p.cls == CLS_INF && q.cls == CLS_INF && p.sign != q.sign)
        return f80_invalid(c);
    f80_note_denormal(c, &p);
    f80_note_denormal(c, &q);
    if (f80_stopped(c))
        return a;
    if (p.cls == CLS_INF || q.cls == CLS_INF)
        return f80_inf(p.cls == CLS_INF ? p.sign : q.sign);
    if (p.cls == CLS_ZERO || q.cls == CLS_ZERO)
        return add_zero(c, &p, &q);
    return p.exp >= q.exp ? add_finite(c, &p, &q) : add_finite(c, &q, &p);
}

struct f80 f80_add(struct f80_ctx *c, struct f80 a, struct f80 b)
{
    return add_signed(c, a, b, false);
}

struct f80 f80_sub(struct f80_ctx *c, struct f80 a, struct f80 b)
{
    return add_signed(c, a, b, true);
}

/* --- multiply and divide ------------------------------------------------- */

struct f80 f80_mul(struct f80_ctx *c, struct f80 a, struct f80 b)
{
    struct f80_parts p = f80_take(a), q = f80_take(b);
    bool sign = p.sign != q.sign;
    int32_t exp = p.exp + q.exp - F80_BIAS;
    struct f80 r;
    u128 v;

    if (f80_special2(c, &p, a, &q, b, &r))
        return r;
    if ((p.cls == CLS_INF && q.cls == CLS_ZERO) || (p.cls == CLS_ZERO && q.cls == CLS_INF))
        return f80_invalid(c);
    f80_note_denormal(c, &p);
    f80_note_denormal(c, &q);
    if (f80_stopped(c))
        return a;
    if (p.cls == CLS_INF || q.cls == CLS_INF)
        return f80_inf(sign);
    if (p.cls == CLS_ZERO || q.cls == CLS_ZERO)
        return f80_zero(sign);
    v = (u128) p.sig * q.sig;
    if (v >> 127)
        exp++;
    else
        v <<= 1;
    return round_u128(c, sign, exp, v);
}

static struct f80 div_finite(struct f80_ctx *c, const struct f80_parts *p, const struct f80_parts *q)
{
    bool less = p->sig < q->sig;
    u128 num = (u128) p->sig << (less ? 64 : 63);
    uint64_t quot = (uint64_t) (num / q->sig), rem = (uint64_t) (num % q->sig), half = q->sig - rem;
    /* Exactly half, less or more than half of the last place. */
    uint64_t lo = rem == 0 ? 0 : rem == half ? F80_INT_BIT : rem > half ? F80_INT_BIT | 1 : 1;

    return f80_round(c, p->sign != q->sign, p->exp - q->exp + F80_BIAS - less, quot, lo, ctx_precision(c));
}

struct f80 f80_div(struct f80_ctx *c, struct f80 a, struct f80 b)
{
    struct f80_parts p = f80_take(a), q = f80_take(b);
    bool sign = p.sign != q.sign;
    struct f80 r;

    if (f80_special2(c, &p, a, &q, b, &r))
        return r;
    if (p.cls == q.cls && p.cls != CLS_FINITE)
        return f80_invalid(c); /* 0/0, infinity/infinity */
    if (q.cls == CLS_ZERO && p.cls == CLS_FINITE) {
        c->flags |= F80_ZE;
        return f80_inf(sign);
    }
    f80_note_denormal(c, &p);
    f80_note_denormal(c, &q);
    if (f80_stopped(c))
        return a;
    if (p.cls == CLS_INF)
        return f80_inf(sign);
    if (q.cls == CLS_INF || p.cls == CLS_ZERO)
        return f80_zero(sign);
    return div_finite(c, &p, &q);
}

/* --- square root --------------------------------------------------------- */

/* Root of v (at least 2^62) and what is left. */
static uint32_t root64(uint64_t v, uint64_t *rem)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1) {
        uint64_t t = root + bit;

        if (t * t <= v)
            root = t;
    }
    *rem = v - root * root;
    return (uint32_t) root;
}

/* Root of v (at least 2^126): the half root, then a division (P. Zimmermann, "Karatsuba square root"). */
static uint64_t root128(u128 v, bool *exact, bool *above_half)
{
    uint64_t rest, lo = (uint64_t) v, half = root64((uint64_t) (v >> 64), &rest);
    u128 num = (u128) rest << 32 | lo >> 32, q = num / (2 * half), u = num % (2 * half), root, sq, rem;

    root = ((u128) half << 32) + q;
    rem = u << 32 | (lo & 0xffffffff);
    sq = q * q;
    if (rem < sq) {
        root--;
        rem += 2 * root + 1;
    }
    rem -= sq;
    *exact = rem == 0;
    *above_half = rem > root;
    return (uint64_t) root;
}

struct f80 f80_sqrt(struct f80_ctx *c, struct f80 a)
{
    struct f80_parts p = f80_take(a);
    bool exact, above;
    struct f80 r;
    int32_t e;
    uint64_t root;

    if (f80_special1(c, &p, a, &r))
        return r;
    if (p.cls == CLS_ZERO)
        return a;
    if (p.sign)
        return f80_invalid(c);
    f80_note_denormal(c, &p);
    if (f80_stopped(c) || p.cls == CLS_INF)
        return a;
    e = p.exp - F80_BIAS;
    root = root128((u128) p.sig << (e & 1 ? 64 : 63), &exact, &above);
    e = (e - (e & 1)) / 2 + F80_BIAS;
    return f80_round(c, false, e, root, exact ? 0 : above ? F80_INT_BIT | 1 : 1, ctx_precision(c));
}

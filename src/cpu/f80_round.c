/*
 * Integral parts, scaling, remainders, comparison.
 *
 * Source: cpu/f80.h; SDM vol. 2, FRNDINT, FSCALE, FXTRACT, FPREM, FPREM1, FCOM,
 *         FXAM.  The size of a partial FPREM step was measured.
 */
#include "config.h"

#include "cpu/f80.h"

#include "cpu/f80_priv.h"

/* --- integral part ------------------------------------------------------- */

struct f80 f80_round_int(struct f80_ctx *c, struct f80 a)
{
    struct f80_parts p = f80_take(a);
    uint64_t whole, rest;
    int32_t e = p.exp - F80_BIAS; /* bits before the point, less one */
    struct f80 r;
    bool up;
    u128 v;

    if (f80_special1(c, &p, a, &r))
        return r;
    f80_note_denormal(c, &p);
    if (f80_stopped(c) || p.cls != CLS_FINITE || e >= 63)
        return a;
    v = shift_jam((u128) p.sig << 64, (uint32_t) (63 - e));
    whole = (uint64_t) (v >> 64);
    rest = (uint64_t) v;
    if (rest == 0)
        return a;
    up = f80_rounds_up(c, p.sign, whole & 1, rest);
    c->flags |= (uint16_t) (F80_PE | (up ? F80_C1 : 0));
    whole += up;
    if (whole == 0)
        return f80_zero(p.sign);
    r = f80_from_i64((int64_t) whole); /* at most 2^63 */
    r.se = (uint16_t) ((r.se & 0x7fff) | p.sign << 15);
    return r;
}

/* --- scale, extract ------------------------------------------------------ */

/* b without its fraction, bounded: nothing beyond makes a difference. */
static int32_t scale_count(const struct f80_parts *q)
{
    int32_t e = q->exp - F80_BIAS, n;

    if (q->cls == CLS_ZERO || e < 0)
        return 0;
    n = e > 16 ? 1 << 17 : (int32_t) (q->sig >> (63 - e));
    return q->sign ? -n : n;
}

struct f80 f80_scale(struct f80_ctx *c, struct f80 a, struct f80 b)
{
    struct f80_parts p = f80_take(a), q = f80_take(b);
    struct f80 r;

    if (f80_special2(c, &p, a, &q, b, &r))
        return r;
    if (q.cls == CLS_INF && (q.sign ? p.cls == CLS_INF : p.cls == CLS_ZERO))
        return f80_invalid(c);
    f80_note_denormal(c, &p);
    f80_note_denormal(c, &q);
    if (f80_stopped(c) || p.cls != CLS_FINITE)
        return a;
    if (q.cls == CLS_INF)
        return q.sign ? f80_zero(p.sign) : f80_inf(p.sign);
    return f80_round(c, p.sign, p.exp + scale_count(&q), p.sig, 0, 64);
}

struct f80 f80_extract(struct f80_ctx *c, struct f80 a, struct f80 *sig)
{
    struct f80_parts p = f80_take(a);
    struct f80 r;

    *sig = a;
    if (f80_special1(c, &p, a, &r)) {
        *sig = r;
        return r;
    }
    if (p.cls == CLS_ZERO) {
        c->flags |= F80_ZE;
        return f80_inf(true);
    }
    if (p.cls == CLS_INF)
        return f80_inf(false);
    f80_note_denormal(c, &p);
    *sig = f80_make(p.sign, F80_BIAS, p.sig);
    return f80_from_i64(p.exp - F80_BIAS);
}

/* --- remainder ----------------------------------------------------------- */

static struct f80 rem_pack(struct f80_ctx *c, bool sign, int32_t exp, uint64_t sig)
{
    unsigned zeros;

    if (sig == 0)
        return f80_zero(sign);
    zeros = (unsigned) __builtin_clzll(sig);
    return f80_round(c, sign, exp - (int32_t) zeros, sig << zeros, 0, 64);
}

static void rem_set_quotient(struct f80_ctx *c, uint64_t q)
{
    c->flags |= (uint16_t) ((q & 4 ? F80_C0 : 0) | (q & 2 ? F80_C3 : 0) | (q & 1 ? F80_C1 : 0));
}

/* Exponents 64 or more apart: 32 to 63 bits of the quotient at a time. */
static struct f80 rem_partial(struct f80_ctx *c, const struct f80_parts *p, const struct f80_parts *q)
{
    int32_t d = p->exp - q->exp, n = (d & 31) | 32;
    u128 num = (u128) p->sig << n;

    c->flags |= F80_C2;
    return rem_pack(c, p->sign, q->exp + d - n, (uint64_t) (num % q->sig));
}

static struct f80 rem_last(struct f80_ctx *c, const struct f80_parts *p, const struct f80_parts *q, bool nearest)
{
    int32_t d = p->exp - q->exp;
    u128 num = (u128) p->sig << (d < 0 ? 0 : d), den = (u128) q->sig << (d < 0 ? 1 : 0), rem = num % den;
    uint64_t quot = (uint64_t) (num / den);
    bool sign = p->sign;

    if (nearest && (2 * rem > den || (2 * rem == den && (quot & 1)))) {
        rem = den - rem;
        sign = !sign;
        quot++;
    }
    if (rem == 0)
        sign = p->sign;
    rem_set_quotient(c, quot);
    return rem_pack(c, sign, d < 0 ? p->exp : q->exp, (uint64_t) rem);
}

struct f80 f80_rem(struct f80_ctx *c, struct f80 a, struct f80 b, bool nearest)
{
    struct f80_parts p = f80_take(a), q = f80_take(b);
    int32_t d = p.exp - q.exp;
    struct f80 r;

    if (f80_special2(c, &p, a, &q, b, &r))
        return r;
    if (p.cls == CLS_INF || q.cls == CLS_ZERO)
        return f80_invalid(c);
    f80_note_denormal(c, &p);
    f80_note_denormal(c, &q);
    if (f80_stopped(c) || p.cls == CLS_ZERO)
        return a;
    if (q.cls == CLS_INF || d < -1 || (d < 0 && !nearest))
        r = f80_round(c, p.sign, p.exp, p.sig, 0, 64);
    else
        r = d < 64 ? rem_last(c, &p, &q, nearest) : rem_partial(c, &p, &q);
    return r;
}

/* --- comparison ---------------------------------------------------------- */

static enum f80_order order_of(bool less)
{
    return less ? F80_LESS : F80_GREATER;
}

enum f80_order f80_compare(struct f80_ctx *c, struct f80 a, struct f80 b, bool quiet)
{
    struct f80_parts p = f80_take(a), q = f80_take(b);

    if (p.cls >= CLS_NAN || q.cls >= CLS_NAN) {
        if (!quiet || p.cls == CLS_BAD || q.cls == CLS_BAD || f80_is_signaling(a) || f80_is_signaling(b))
            c->flags |= F80_IE;
        return F80_UNORDERED;
    }
    f80_note_denormal(c, &p);
    f80_note_denormal(c, &q);
    if (p.cls == CLS_ZERO && q.cls == CLS_ZERO)
        return F80_EQUAL;
    if (p.cls == CLS_ZERO || q.cls == CLS_ZERO)
        return order_of(p.cls == CLS_ZERO ? !q.sign : p.sign);
    if (p.sign != q.sign)
        return order_of(p.sign);
    if (p.exp != q.exp)
        return order_of((p.exp < q.exp) != p.sign);
    if (p.sig == q.sig)
        return F80_EQUAL;
    return order_of((p.sig < q.sig) != p.sign);
}

uint16_t f80_examine(struct f80 a)
{
    static const uint16_t code[] = {
        [CLS_ZERO] = F80_C3, [CLS_FINITE] = F80_C2, [CLS_INF] = F80_C2 | F80_C0,
        [CLS_NAN] = F80_C0, [CLS_BAD] = 0,
    };
    struct f80_parts p = f80_take(a);

    return (uint16_t) (code[p.cls] | (p.denormal ? F80_C3 : 0) | (p.sign ? F80_C1 : 0));
}

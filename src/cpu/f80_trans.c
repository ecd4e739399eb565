/*
 * Transcendental functions and constants.
 *
 * Every value is computed to about 120 bits in integers and then rounded once,
 * so that the result is the correctly rounded one but for a rare tie.  Sines
 * reduce their argument by the 66 bits of pi that the chips have, which shows
 * near its multiples: the sine of FLDPI is -5.42e-20.
 *
 * Source: SDM vol. 1, 8.3.8 (pi), 8.3.10 (accuracy); vol. 2, FSIN, FCOS, FPTAN,
 *         FPATAN, F2XM1, FYL2X, FYL2XP1 (tables of special operands).
 */
#include "config.h"

#include "cpu/f80.h"

#include "cpu/f80_priv.h"
#include "cpu/f80_tables.h"

/* --- wide numbers -------------------------------------------------------- */

/* sig * 2^(exp - 127), bit 127 set; zero is sig 0. */
struct wide {
    bool neg;
    int32_t exp;
    u128 sig;
};

#define ONE_127 ((u128) 1 << 127) /* 1 in units of 2^-127 */

static u128 wide_bits(struct f80_wide w)
{
    return (u128) w.hi << 64 | w.lo;
}

static struct wide wide_norm(bool neg, int32_t exp, u128 sig)
{
    uint64_t hi = (uint64_t) (sig >> 64);
    unsigned zeros;

    if (sig == 0)
        return (struct wide){ false, 0, 0 };
    zeros = hi != 0 ? (unsigned) __builtin_clzll(hi) : 64 + (unsigned) __builtin_clzll((uint64_t) sig);
    return (struct wide){ neg, exp - (int32_t) zeros, sig << zeros };
}

static struct wide wide_from(const struct f80_parts *p)
{
    return (struct wide){ p->sign, p->exp - F80_BIAS, (u128) p->sig << 64 };
}

static struct wide wide_from_int(int32_t v)
{
    return wide_norm(v < 0, 127, v < 0 ? (u128) -(int64_t) v : (u128) v);
}

/* The upper half of the product. */
static u128 mul_high(u128 a, u128 b)
{
    uint64_t a1 = (uint64_t) (a >> 64), a0 = (uint64_t) a, b1 = (uint64_t) (b >> 64), b0 = (uint64_t) b;
    u128 p00 = (u128) a0 * b0, p01 = (u128) a0 * b1, p10 = (u128) a1 * b0;
    u128 mid = (p00 >> 64) + (uint64_t) p01 + (uint64_t) p10;

    return (u128) a1 * b1 + (p01 >> 64) + (p10 >> 64) + (mid >> 64);
}

static struct wide wide_mul(struct wide a, struct wide b)
{
    return wide_norm(a.neg != b.neg, a.exp + b.exp + 1, mul_high(a.sig, b.sig));
}

/* (n1, n0) / d for n1 < d, bit 127 of d set; by digits of 64 bits (Knuth, 4.3.1 D). */
static u128 div_wide(u128 n1, u128 n0, u128 d)
{
    uint64_t d1 = (uint64_t) (d >> 64), d0 = (uint64_t) d;
    u128 q = 0;

    for (unsigned i = 0; i < 2; i++) {
        uint64_t next = (uint64_t) (i == 0 ? n0 >> 64 : n0);
        u128 digit = n1 / d1, rem = n1 % d1;

        /* An estimate that is at most two too large. */
        while (digit >> 64 || digit * d0 > (rem << 64 | next)) {
            digit--;
            rem += d1;
            if (rem >> 64)
                break;
        }
        n1 = (n1 << 64 | next) - digit * d;
        q = q << 64 | digit;
    }
    return q;
}

static struct wide wide_div(struct wide a, struct wide b)
{
    bool less = a.sig < b.sig;

    if (a.sig == 0)
        return a;
    return (struct wide){
        a.neg != b.neg, a.exp - b.exp - less,
        less ? div_wide(a.sig, 0, b.sig) : div_wide(a.sig >> 1, a.sig << 127, b.sig),
    };
}

/* Sum; what lies below the last bit of the larger one is lost. */
static struct wide wide_add(struct wide a, struct wide b)
{
    uint32_t shift;
    u128 s;

    if (a.sig == 0 || (b.sig != 0 && (a.exp < b.exp || (a.exp == b.exp && a.sig < b.sig)))) {
        struct wide t = a;

        a = b;
        b = t;
    }
    shift = (uint32_t) (a.exp - b.exp);
    if (b.sig == 0 || shift >= 128)
        return a;
    s = b.sig >> shift;
    if (a.neg != b.neg)
        return wide_norm(a.neg, a.exp, a.sig - s);
    s += a.sig;
    if (s < a.sig)
        return (struct wide){ a.neg, a.exp + 1, s >> 1 | ONE_127 };
    return (struct wide){ a.neg, a.exp, s };
}

/* As a fixed-point number in units of 2^-128; |a| < 1. */
static u128 wide_fraction(struct wide a)
{
    int32_t shift = -1 - a.exp;

    return a.sig == 0 || shift >= 128 ? 0 : a.sig >> shift;
}

/* The one rounding.  The value is never exact; `exp` may lie far outside. */
static struct f80 wide_round(struct f80_ctx *c, struct wide a)
{
    struct f80 r = f80_round(c, a.neg, a.exp + F80_BIAS, (uint64_t) (a.sig >> 64), (uint64_t) a.sig | 1, 64);

    c->flags |= F80_PE;
    return r;
}

/* An exact value (powers of 2), which the chips call inexact nevertheless (measured). */
static struct f80 wide_round_exact(struct f80_ctx *c, struct wide a)
{
    struct f80 r = f80_round(c, a.neg, a.exp + F80_BIAS, (uint64_t) (a.sig >> 64), (uint64_t) a.sig, 64);

    c->flags |= (uint16_t) (F80_PE | ((r.se & 0x7fff) == 0 ? F80_UE : 0));
    return r;
}

/* --- series -------------------------------------------------------------- */

enum series_sign { PLUS, ALTERNATING };

/*
 * t[0] +- t[step] z + t[2 step] z^2 ..., t in units of 2^-127, z of 2^-128.
 * Where z vanishes the value still lies on the right side of t[0].
 */
static u128 series(const struct f80_wide *t, unsigned terms, unsigned step, u128 z, enum series_sign sign)
{
    u128 sum = wide_bits(t[(terms - 1) * step]), part;

    for (unsigned i = terms - 1; i-- != 0;) {
        part = mul_high(sum, z);
        if (i == 0 && part == 0)
            part = 1;
        sum = sign == PLUS ? wide_bits(t[i * step]) + part : wide_bits(t[i * step]) - part;
    }
    return sum;
}

/* x times the series in x^2: the shape of sine and arc tangent. */
static struct wide odd_series(struct wide x, const struct f80_wide *t, unsigned terms, unsigned step,
                              enum series_sign sign)
{
    u128 f = wide_fraction(x);

    return wide_mul(x, wide_norm(false, 0, series(t, terms, step, mul_high(f, f), sign)));
}

/* --- sine, cosine, tangent ----------------------------------------------- */

/* pi/2 in units of 2^-65, as the chips have it. */
#define HALF_PI ((u128) 3 << 64 | UINT64_C(0x243f6a8885a308d3))

/* |a| to its distance from the next multiple of pi/2; the number of that. */
static struct wide trig_reduce(const struct f80_parts *p, unsigned *quadrant)
{
    int32_t shift = p->exp - F80_BIAS - 63 + 65; /* the last bit of sig, in units of 2^-65 */
    u128 v, q, r;

    *quadrant = 0;
    if (shift < 0) /* below 1/4 */
        return (struct wide){ false, p->exp - F80_BIAS, (u128) p->sig << 64 };
    v = (u128) p->sig << shift;
    q = v / HALF_PI;
    r = v % HALF_PI;
    if (r > HALF_PI / 2) {
        q++;
        r = HALF_PI - r;
        *quadrant = (unsigned) q & 3;
        return wide_norm(true, 62, r);
    }
    *quadrant = (unsigned) q & 3;
    return wide_norm(false, 62, r);
}

/* Sine and cosine of the reduced angle. */
static struct wide sin_wide(struct wide r)
{
    return odd_series(r, f80_inverse_factorial + 1, 17, 2, ALTERNATING);
}

static struct wide cos_wide(struct wide r)
{
    u128 f = wide_fraction(r);

    return wide_norm(false, 0, series(f80_inverse_factorial, 18, 2, mul_high(f, f), ALTERNATING));
}

/* What the three functions do alike; false: out of range.  *done: *r is the answer. */
static bool trig_begin(struct f80_ctx *c, struct f80 a, struct f80_parts *p, bool *done, struct f80 *r)
{
    *p = f80_take(a);
    *done = true;
    *r = a;
    if (f80_special1(c, p, a, r))
        return true;
    if (p->cls == CLS_INF) {
        *r = f80_invalid(c);
        return true;
    }
    if (p->cls == CLS_FINITE && p->exp - F80_BIAS >= 63)
        return false;
    f80_note_denormal(c, p);
    *done = p->cls == CLS_ZERO || f80_stopped(c);
    return true;
}

bool f80_sincos(struct f80_ctx *c, struct f80 a, struct f80 *sin, struct f80 *cos)
{
    struct f80_ctx of_sin = *c, of_cos = *c;
    struct f80_parts p;
    struct wide r, s, t;
    unsigned quadrant;
    struct f80 result;
    bool done;

    if (!trig_begin(c, a, &p, &done, &result))
        return false;
    if (done) {
        if (sin != NULL)
            *sin = result;
        if (cos != NULL)
            *cos = p.cls == CLS_ZERO ? f80_one : result;
        return true;
    }
    r = trig_reduce(&p, &quadrant);
    if (sin != NULL) {
        s = quadrant & 1 ? cos_wide(r) : sin_wide(r);
        s.neg ^= p.sign ^ (quadrant >> 1);
        *sin = wide_round(&of_sin, s);
        c->flags |= of_sin.flags;
    }
    if (cos != NULL) {
        t = quadrant & 1 ? sin_wide(r) : cos_wide(r);
        t.neg ^= (quadrant + 1) >> 1 & 1;
        *cos = wide_round(&of_cos, t);
        c->flags |= of_cos.flags;
    }
    return true;
}

bool f80_tan(struct f80_ctx *c, struct f80 a, struct f80 *tan)
{
    struct f80_parts p;
    struct wide r, t;
    unsigned quadrant;
    bool done;

    if (!trig_begin(c, a, &p, &done, tan))
        return false;
    if (done)
        return true;
    r = trig_reduce(&p, &quadrant);
    if (r.exp < -64) { /* a hair more than the angle */
        t = r;
        t.sig |= 1;
        if (quadrant & 1)
            t = wide_div((struct wide){ false, 0, ONE_127 }, t);
    } else {
        t = quadrant & 1 ? wide_div(cos_wide(r), sin_wide(r)) : wide_div(sin_wide(r), cos_wide(r));
    }
    t.neg ^= p.sign ^ (quadrant & 1);
    *tan = wide_round(c, t);
    return true;
}

/* --- arc tangent --------------------------------------------------------- */

static struct wide wide_pi(int32_t scale)
{
    return (struct wide){ false, 1 + scale, wide_bits(f80_pi) };
}

/*
 * Arc tangent of lo/hi, 0 < lo <= hi: with k/16 near the quotient, that of
 * (lo - hi k/16) / (hi + lo k/16) and a table's value.
 */
static struct wide atan_ratio(const struct f80_parts *lo, const struct f80_parts *hi)
{
    int32_t apart = hi->exp - lo->exp;
    /* Integers in the same unit; 6 places apart k is 0 already. */
    u128 n = lo->sig, d = (u128) hi->sig << (apart < 6 ? apart : 6), num, den;
    unsigned k = (unsigned) ((32 * n + d) / (2 * d));
    struct wide a = wide_from(lo), b = wide_from(hi), base, u;

    a.neg = b.neg = false;
    if (k == 0)
        return odd_series(wide_div(a, b), f80_inverse_odd, 14, 1, ALTERNATING);
    num = 16 * n;
    den = k * d;
    u = num >= den ? wide_norm(false, 127, num - den) : wide_norm(true, 127, den - num);
    u = wide_div(u, wide_norm(false, 127, 16 * d + k * n));
    base = wide_norm(false, 0, wide_bits(f80_arctan[k]));
    if (u.sig == 0)
        return base;
    return wide_add(base, odd_series(u, f80_inverse_odd, 14, 1, ALTERNATING));
}

/* Zeros and infinities, SDM vol. 2, FPATAN, table 3-30: an angle of n eighths of a turn. */
static struct f80 atan_eighths(struct f80_ctx *c, const struct f80_parts *y, const struct f80_parts *x)
{
    bool steep = y->cls == CLS_INF || (y->cls == CLS_FINITE && x->cls == CLS_ZERO);
    struct wide angle;

    if (y->cls == CLS_INF && x->cls == CLS_INF) {
        angle = wide_pi(-2);
        if (x->sign) /* 3/4 pi */
            angle = wide_add(angle, wide_pi(-1));
    } else if (steep) {
        angle = wide_pi(-1);
    } else if (x->sign) {
        angle = wide_pi(0);
    } else {
        return f80_zero(y->sign);
    }
    angle.neg = y->sign;
    return wide_round(c, angle);
}

struct f80 f80_atan(struct f80_ctx *c, struct f80 y, struct f80 x)
{
    struct f80_parts p = f80_take(y), q = f80_take(x);
    struct wide angle;
    struct f80 r;
    bool steep;

    if (f80_special2(c, &p, y, &q, x, &r))
        return r;
    f80_note_denormal(c, &p);
    f80_note_denormal(c, &q);
    if (f80_stopped(c))
        return y;
    if (p.cls != CLS_FINITE || q.cls != CLS_FINITE)
        return atan_eighths(c, &p, &q);
    steep = p.exp > q.exp || (p.exp == q.exp && p.sig > q.sig);
    angle = steep ? atan_ratio(&q, &p) : atan_ratio(&p, &q);
    if (steep) {
        angle.neg = !q.sign; /* from pi/2, away from the sign of x */
        angle = wide_add(wide_pi(-1), angle);
    } else if (q.sign) {
        angle.neg = true;
        angle = wide_add(wide_pi(0), angle);
    }
    angle.neg = p.sign;
    return wide_round(c, angle);
}

/* --- powers and logarithms of 2 ------------------------------------------ */

struct f80 f80_2xm1(struct f80_ctx *c, struct f80 a)
{
    struct f80_parts p = f80_take(a);
    struct wide z;
    struct f80 r;
    u128 sum;

    if (f80_special1(c, &p, a, &r))
        return r;
    f80_note_denormal(c, &p);
    if (f80_stopped(c) || p.cls == CLS_ZERO)
        return a;
    if (p.cls == CLS_INF)
        return p.sign ? f80_make(true, F80_BIAS, F80_INT_BIT) : a;
    if (p.exp >= F80_BIAS) {
        /* 1, -1; what lies beyond is not defined and stays (measured). */
        c->flags |= F80_PE;
        return p.exp == F80_BIAS && p.sig == F80_INT_BIT && p.sign ? f80_make(true, F80_BIAS - 1, p.sig) : a;
    }
    z = wide_mul(wide_from(&p), (struct wide){ false, -1, wide_bits(f80_ln2) });
    sum = series(f80_inverse_factorial + 1, 34, 1, wide_fraction(z), p.sign ? ALTERNATING : PLUS);
    return wide_round(c, wide_mul(z, wide_norm(false, 0, sum)));
}

/* atanh(num/den) * 2/ln 2 = log2((den + num)/(den - num)). */
static struct wide log2_ratio(struct wide num, struct wide den)
{
    struct wide s = wide_div(num, den);

    if (s.sig == 0)
        return s;
    s = odd_series(s, f80_inverse_odd, F80_ODDS, 1, PLUS);
    return wide_mul(s, (struct wide){ false, 1, wide_bits(f80_two_by_ln2) });
}

/* x > 0: the power of 2 next to it, and the rest near 1. */
static struct wide log2_wide(struct wide x)
{
    static const struct wide one = { false, 0, ONE_127 }, minus_one = { true, 0, ONE_127 };
    struct wide m = { false, 0, x.sig };
    int32_t e = x.exp;

    if (x.sig >= (u128) UINT64_C(0xb504f333f9de6484) << 64) { /* the square root of 2 */
        m.exp = -1;
        e++;
    }
    return wide_add(wide_from_int(e), log2_ratio(wide_add(m, minus_one), wide_add(m, one)));
}

/* y times a logarithm of the given sign (0: it is zero) that is not finite, or y is not. */
static struct f80 log_special(struct f80_ctx *c, int sign, bool infinite, const struct f80_parts *y)
{
    if ((sign == 0 && y->cls == CLS_INF) || (infinite && y->cls == CLS_ZERO))
        return f80_invalid(c);
    if (infinite || y->cls == CLS_INF)
        return f80_inf((sign < 0) != y->sign);
    return f80_zero((sign < 0) != y->sign);
}

static struct f80 log_zero(struct f80_ctx *c, const struct f80_parts *y)
{
    if (y->cls == CLS_ZERO)
        return f80_invalid(c);
    if (y->cls == CLS_FINITE)
        c->flags |= F80_ZE;
    else
        f80_note_denormal(c, y);
    return f80_inf(!y->sign);
}

struct f80 f80_yl2x(struct f80_ctx *c, struct f80 x, struct f80 y)
{
    struct f80_parts p = f80_take(x), q = f80_take(y);
    int sign = p.exp < F80_BIAS ? -1 : p.exp == F80_BIAS && p.sig == F80_INT_BIT ? 0 : 1;
    struct f80 r;

    if (f80_special2(c, &p, x, &q, y, &r))
        return r;
    if (p.cls == CLS_ZERO)
        return log_zero(c, &q);
    if (p.sign || (sign == 0 && q.cls == CLS_INF) || (p.cls == CLS_INF && q.cls == CLS_ZERO))
        return f80_invalid(c);
    f80_note_denormal(c, &p);
    f80_note_denormal(c, &q);
    if (f80_stopped(c))
        return y;
    if (p.cls == CLS_INF || q.cls != CLS_FINITE || sign == 0)
        return log_special(c, sign, p.cls == CLS_INF, &q);
    if (p.sig == F80_INT_BIT)
        return wide_round_exact(c, wide_mul(wide_from_int(p.exp - F80_BIAS), wide_from(&q)));
    return wide_round(c, wide_mul(log2_wide(wide_from(&p)), wide_from(&q)));
}

struct f80 f80_yl2xp1(struct f80_ctx *c, struct f80 x, struct f80 y)
{
    static const struct wide one = { false, 0, ONE_127 }, two = { false, 1, ONE_127 };
    struct f80_parts p = f80_take(x), q = f80_take(y);
    int sign = p.cls == CLS_ZERO ? 0 : p.sign ? -1 : 1;
    struct wide w = wide_from(&p), l;
    struct f80 r;

    if (f80_special2(c, &p, x, &q, y, &r))
        return r;
    if ((p.cls == CLS_INF && (p.sign || q.cls == CLS_ZERO)) || (sign == 0 && q.cls == CLS_INF))
        return f80_invalid(c);
    f80_note_denormal(c, &p);
    f80_note_denormal(c, &q);
    if (f80_stopped(c))
        return y;
    if (sign == 0) /* a zero of either sign times y */
        return q.cls == CLS_ZERO || q.cls == CLS_FINITE ? f80_zero(p.sign != q.sign) : f80_invalid(c);
    if (p.cls == CLS_INF || q.cls != CLS_FINITE)
        return log_special(c, sign, p.cls == CLS_INF, &q);
    if (p.exp < F80_BIAS - 2) { /* |x| < 1/4: 1 + x would lose bits of x */
        l = log2_ratio(w, wide_add(two, w));
    } else if (p.sign && p.exp >= F80_BIAS) {
        c->flags |= F80_PE; /* x <= -1: not defined; x itself (measured) */
        return x;
    } else {
        l = log2_wide(wide_add(one, w));
    }
    return wide_round(c, wide_mul(l, wide_from(&q)));
}

/* --- constants ----------------------------------------------------------- */

/* Cut to 64 bits; `more`: the first bit that is lost (no constant is exact, but 0 and 1). */
static const struct {
    uint64_t sig;
    uint16_t exp;
    bool exact, more;
} constants[] = {
    [F80_ONE] = { F80_INT_BIT, F80_BIAS, true, false },
    [F80_L2T] = { UINT64_C(0xd49a784bcd1b8afe), F80_BIAS + 1, false, false },
    [F80_L2E] = { UINT64_C(0xb8aa3b295c17f0bb), F80_BIAS, false, true },
    [F80_PI] = { UINT64_C(0xc90fdaa22168c234), F80_BIAS + 1, false, true },
    [F80_LG2] = { UINT64_C(0x9a209a84fbcff798), F80_BIAS - 2, false, true },
    [F80_LN2] = { UINT64_C(0xb17217f7d1cf79ab), F80_BIAS - 1, false, true },
    [F80_ZERO] = { 0, 0, true, false },
};

struct f80 f80_load_constant(const struct f80_ctx *c, enum f80_constant which)
{
    uint64_t lo = constants[which].exact ? 0 : constants[which].more ? F80_INT_BIT | 1 : 1;
    uint64_t sig = constants[which].sig;

    return f80_make(false, constants[which].exp, sig + f80_rounds_up(c, false, sig & 1, lo));
}

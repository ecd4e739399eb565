/*
 * The transcendental instructions against 113-bit arithmetic (libquadmath): no
 * result may be off by more than an ulp (SDM vol. 1, 8.3.10), to nearest by less.
 *
 *   x87_trans [--count N] [--seed N]
 *
 * Sines are those of the argument reduced by the 66-bit pi (8.3.8): the
 * remainder is exact in 113 bits.  Then monotonicity between neighbours, and
 * values known from the manual.  Prints the worst error of each.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <quadmath.h>

#include "base/bits.h"
#include "cpu/f80.h"
#include "cpu/x87_random.h"

typedef __float128 real;

#define J (UINT64_C(1) << 63)

enum { BIAS = 16383 };

static real real_of(struct f80 v)
{
    unsigned exp = v.se & 0x7fff;
    real r = ldexpq((real) v.sig, (int) (exp == 0 ? 1 : exp) - BIAS - 63);

    return v.se & 0x8000 ? -r : r;
}

/* In units of the last of 64 bits of `want`. */
static double ulps(struct f80 got, real want)
{
    int exp;

    if (want == 0)
        return real_of(got) == 0 ? 0 : 1e9;
    frexpq(want, &exp);
    if (exp < 2 - BIAS)
        exp = 2 - BIAS; /* denormals keep the last place of the smallest normal one */
    return (double) fabsq(ldexpq(real_of(got) - want, 64 - exp));
}

/* --- operands ------------------------------------------------------------ */

static uint64_t random_sig(void)
{
    uint64_t r = x87_next(), v = x87_next();

    switch (r & 7) {
    case 0: return J | v >> (r >> 8 & 63);
    case 1: return J | v << (r >> 8 & 63);
    case 2: return UINT64_MAX << (r >> 8 & 63) | J;
    default: return J | v;
    }
}

/* An exponent from `low` to `high`, either sign. */
static struct f80 spread(int low, int high)
{
    uint64_t r = x87_next();
    int exp = low + (int) (r % (unsigned) (high - low + 1));

    return (struct f80){ random_sig(), (uint16_t) ((BIAS + exp) | (r >> 63) << 15) };
}

/* Near a multiple of pi / 2, where reduction shows. */
static struct f80 near_half_pi(void)
{
    uint64_t k = x87_next() >> (1 + x87_next() % 62);
    real x = (real) k * M_PI_2q;
    int exp;
    struct f80 v;

    if (k == 0)
        return spread(-70, 2);
    x = frexpq(x, &exp);
    v.sig = (uint64_t) ldexpq(x, 64) + x87_next() % 5 - 2;
    v.se = (uint16_t) (BIAS + exp - 1);
    if (!(v.sig & J))
        v.sig |= J;
    return exp - 1 < 63 ? v : spread(-70, 62);
}

static struct f80 angle(void)
{
    switch (x87_next() & 3) {
    case 0: return near_half_pi();
    case 1: return spread(-68, 62);
    case 2: return spread(-16000, -60);
    default: return spread(-8, 8);
    }
}

/* --- references ---------------------------------------------------------- */

/* pi / 2 with the 66 bits of the chips: C90FDAA2 2168C234 C, in units of 2^-65. */
static real half_pi66(void)
{
    return ldexpq((real) UINT64_C(0xc90fdaa22168c234) * 4 + 3, -65);
}

static real reduced(real x, int *quadrant)
{
    return remquoq(x, half_pi66(), quadrant);
}

/* --- the functions ------------------------------------------------------- */

struct sample {
    struct f80 a, b; /* ST(0), ST(1) */
};

static void sample_angle(struct sample *s)
{
    s->a = angle();
}

static void sample_2xm1(struct sample *s)
{
    s->a = spread(x87_next() & 1 ? -4 : -70, -1);
    if (x87_next() % 64 == 0)
        s->a = spread(-16000, -60);
}

static void sample_any2(struct sample *s)
{
    s->a = spread(-60, 60);
    s->b = x87_next() & 1 ? spread(-60, 60) : spread((s->a.se & 0x7fff) - BIAS - 3, (s->a.se & 0x7fff) - BIAS + 3);
}

static void sample_log(struct sample *s)
{
    s->a = x87_next() & 1 ? spread(-1, 0) : spread(-16000, 16000);
    s->a.se &= 0x7fff;
    s->b = spread(-60, 60);
}

/* |x| below 1 - sqrt(2) / 2. */
static void sample_log1p(struct sample *s)
{
    s->a = spread(-70, -3);
    s->b = spread(-60, 60);
}

static real ref_2xm1(real x, real y)
{
    (void) y;
    return expm1q(x * M_LN2q);
}

static real ref_sin(real x, real y)
{
    int q;
    real r = reduced(x, &q);

    (void) y;
    switch (q & 3) {
    case 0: return sinq(r);
    case 1: return cosq(r);
    case 2: return -sinq(r);
    default: return -cosq(r);
    }
}

static real ref_cos(real x, real y)
{
    int q;
    real r = reduced(x, &q);

    (void) y;
    switch (q & 3) {
    case 0: return cosq(r);
    case 1: return -sinq(r);
    case 2: return -cosq(r);
    default: return sinq(r);
    }
}

static real ref_tan(real x, real y)
{
    int q;
    real r = reduced(x, &q);

    (void) y;
    return q & 1 ? -1 / tanq(r) : tanq(r);
}

static real ref_atan(real x, real y)
{
    return atan2q(y, x);
}

/* Near 1 the logarithm loses bits: by log1p of the difference, which is exact. */
static real ref_yl2x(real x, real y)
{
    return y * (x > (real) 0.5 && x < 2 ? log1pq(x - 1) : logq(x)) * M_LOG2Eq;
}

static real ref_yl2xp1(real x, real y)
{
    return y * log1pq(x) * M_LOG2Eq;
}

static struct f80 run_sin(struct f80_ctx *c, const struct sample *s)
{
    struct f80 sin, cos;

    f80_sincos(c, s->a, &sin, &cos);
    return sin;
}

static struct f80 run_cos(struct f80_ctx *c, const struct sample *s)
{
    struct f80 sin, cos;

    f80_sincos(c, s->a, &sin, &cos);
    return cos;
}

static struct f80 run_tan(struct f80_ctx *c, const struct sample *s)
{
    struct f80 tan;

    f80_tan(c, s->a, &tan);
    return tan;
}

static struct f80 run_atan(struct f80_ctx *c, const struct sample *s)
{
    return f80_atan(c, s->b, s->a);
}

static struct f80 run_2xm1(struct f80_ctx *c, const struct sample *s)
{
    return f80_2xm1(c, s->a);
}

static struct f80 run_yl2x(struct f80_ctx *c, const struct sample *s)
{
    return f80_yl2x(c, s->a, s->b);
}

static struct f80 run_yl2xp1(struct f80_ctx *c, const struct sample *s)
{
    return f80_yl2xp1(c, s->a, s->b);
}

static const struct function {
    const char *name;
    void (*sample)(struct sample *s);
    struct f80 (*run)(struct f80_ctx *c, const struct sample *s);
    real (*want)(real x, real y);
    bool grows; /* with its first operand, everywhere it is sampled, for a positive second */
} functions[] = {
    { "fsin", sample_angle, run_sin, ref_sin, false },
    { "fcos", sample_angle, run_cos, ref_cos, false },
    { "fptan", sample_angle, run_tan, ref_tan, false },
    { "fpatan", sample_any2, run_atan, ref_atan, false },
    { "f2xm1", sample_2xm1, run_2xm1, ref_2xm1, true },
    { "fyl2x", sample_log, run_yl2x, ref_yl2x, true },
    { "fyl2xp1", sample_log1p, run_yl2xp1, ref_yl2xp1, true },
};

/* --- judging ------------------------------------------------------------- */

/* The next number is not mapped below this one. */
static bool grows_here(const struct function *f, const struct sample *s)
{
    struct f80_ctx c = { .cw = 0x37f };
    struct sample here = *s, next = *s;

    here.b.se &= 0x7fff;
    next.b = here.b;
    here.a.se &= 0x7fff;
    next.a.se = here.a.se;
    if (++next.a.sig == 0)
        return true;
    return real_of(f->run(&c, &here)) <= real_of(f->run(&c, &next));
}

/* Every fourth time a directed rounding; precision control is for the basic operations only (SDM vol. 1, 8.1.5.2). */
static uint16_t control_word(unsigned long i)
{
    static const uint16_t precision[3] = { 0x300, 0x200, 0x000 };

    return (uint16_t) (0x7f | precision[i / 12 % 3] | (i % 4 == 3 ? 1 + i / 4 % 3 : 0) << 10);
}

static bool judge(const struct function *f, unsigned long count)
{
    double worst[2] = { 0 };
    struct sample at = { 0 };
    unsigned long falls = 0;

    for (unsigned long i = 0; i < count; i++) {
        struct f80_ctx c = { .cw = control_word(i) };
        bool directed = f80_rounding(&c) != F80_NEAREST;
        struct sample s = { 0 };
        double err;

        f->sample(&s);
        err = ulps(f->run(&c, &s), f->want(real_of(s.a), real_of(s.b)));
        if (err > worst[directed]) {
            worst[directed] = err;
            if (!directed)
                at = s;
        }
        falls += f->grows && i % 4 == 0 && !grows_here(f, &s);
    }
    printf("# %-8s %lu operands, worst %.4f ulp to nearest, %.4f directed; at %04x.%016llx %04x.%016llx%s\n", f->name,
           count, worst[0], worst[1], at.a.se, (unsigned long long) at.a.sig, at.b.se, (unsigned long long) at.b.sig,
           falls == 0 ? "" : "; not monotonic");
    return worst[0] < 1 && worst[1] <= 1 && falls == 0; /* 1: of a tiny x, x less its last place */
}

/* SDM vol. 1, 8.3.8: what is left of pi in 66 bits. */
static bool known_values(void)
{
    static const struct {
        struct f80 x, sin;
    } rows[] = {
        { { UINT64_C(0xc90fdaa22168c235), 0x4000 }, { UINT64_C(0x8000000000000000), 0xbfbf } }, /* FLDPI: -5.42e-20 */
        { { UINT64_C(0xc90fdaa22168c235), 0xc000 }, { UINT64_C(0x8000000000000000), 0x3fbf } },
        { { 0, 0x8000 }, { 0, 0x8000 } },
    };
    bool good = true;

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        struct f80_ctx c = { .cw = 0x37f };
        struct f80 sin, cos;

        f80_sincos(&c, rows[i].x, &sin, &cos);
        if (f80_same(sin, rows[i].sin))
            continue;
        good = false;
        printf("# fsin %04x.%016llx is %04x.%016llx\n", rows[i].x.se, (unsigned long long) rows[i].x.sig, sin.se,
               (unsigned long long) sin.sig);
    }
    return good;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "count", required_argument, NULL, 'n' }, { "seed", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 },
    };
    unsigned long count = 4000;
    unsigned failed = 0;
    bool good;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'n': count = strtoul(optarg, NULL, 0); break;
        case 's': x87_seed = strtoull(optarg, NULL, 0); break;
        default: return 2;
        }
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%zu\n", ARRAY_LEN(functions) + 1);
    for (unsigned i = 0; i < ARRAY_LEN(functions); i++) {
        good = judge(&functions[i], count);
        failed += !good;
        printf("%sok %u - %s within an ulp\n", good ? "" : "not ", i + 1, functions[i].name);
    }
    good = known_values();
    failed += !good;
    printf("%sok %zu - values at multiples of pi\n", good ? "" : "not ", ARRAY_LEN(functions) + 1);
    return failed != 0;
}

/*
 * The judge: C's library and long double, as compilers use them.  Only
 * functions of libm whose results IEEE 754 defines, or that are plain
 * arithmetic: others use instructions that differ by chip, or code that
 * glibc chooses by CPUID.
 */
#include <ctype.h>
#include <fenv.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

/* --- sorting, searching, jumping, hashing --- */

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

    return x < y ? -1 : x > y;
}

static int compare_double_down(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return x > y ? -1 : x < y;
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void sort_all(void)
{
    static uint32_t words[5000];
    static double doubles[3000];
    static char texts[1500][20];
    uint64_t sum = 0;

    for (int i = 0; i < 5000; i++)
        words[i] = random_edge();
    qsort(words, 5000, sizeof *words, compare_u32);
    for (int i = 0; i < 5000; i += 50)
        printf("word %d: %u\n", i, words[i]);
    for (int i = 0; i < 100; i++) {
        uint32_t key = i % 2 ? words[random_u64() % 5000] : (uint32_t) random_u64();

        sum = mix(sum, bsearch(&key, words, 5000, sizeof *words, compare_u32) != NULL);
    }
    for (int i = 0; i < 3000; i++)
        doubles[i] = (double) (int64_t) random_u64() / ((double) (random_u64() % 100000) + 0.5);
    qsort(doubles, 3000, sizeof *doubles, compare_double_down);
    for (int i = 0; i < 3000; i += 30)
        printf("double %d: %.17g %a\n", i, doubles[i], doubles[i]);
    for (int i = 0; i < 1500; i++)
        snprintf(texts[i], sizeof texts[i], "%" PRIx64, random_edge());
    qsort(texts, 1500, sizeof *texts, compare_text);
    for (int i = 0; i < 1500; i += 15)
        printf("text %d: %s\n", i, texts[i]);
    printf("sum %016" PRIx64 "\n", sum);
}

static jmp_buf jump;

static int jump_deep(int depth)
{
    volatile char filler[64];

    filler[depth % 64] = depth;
    if (depth <= 0)
        longjmp(jump, 7);
    return depth > 1000 ? 0 : jump_deep(depth - 1) + filler[0];
}

static void jump_all(void)
{
    volatile int n = 0;
    volatile long double kept = 1;

    for (volatile int i = 0; i < 50; i++) {
        int val = setjmp(jump);

        if (val == 0)
            jump_deep(i * 3);
        n += val;
        kept = kept * 1.01L + n;
    }
    printf("setjmp: %d %La\n", n, kept);
}

static uint32_t rotr(uint32_t val, int n)
{
    return val >> n | val << (32 - n);
}

/* FIPS 180-4, one block; the constants are made from primes as it says. */
static uint32_t sha_k[64], sha_h[8];

static void sha_make_constants(void)
{
    int n = 0;

    for (int p = 2; n < 64; p++) {
        bool prime = true;

        for (int d = 2; d * d <= p; d++)
            prime = prime && p % d != 0;
        if (!prime)
            continue;
        /* Cube root, 32 bits of the fraction, in integers: x^3 <= p * 2^96 with x in 2^32. */
        uint64_t x = 0;
        for (int bit = 35; bit >= 0; bit--) {
            uint64_t t = x | (uint64_t) 1 << bit;
            long double cube = (long double) t * t * t;
            long double want = ldexpl(p, 96);

            if (cube <= want)
                x = t;
        }
        sha_k[n] = x;
        if (n < 8)
            sha_h[n] = (uint32_t) (int64_t) floorl(ldexpl(sqrtl(p) - floorl(sqrtl(p)), 32));
        n++;
    }
}

static void sha_block(uint32_t h[8], const uint8_t *data)
{
    uint32_t w[64], s[8];

    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t) data[4 * i] << 24 | data[4 * i + 1] << 16 | data[4 * i + 2] << 8 | data[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;

        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = s[7] + (rotr(s[4], 6) ^ rotr(s[4], 11) ^ rotr(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + sha_k[i] + w[i];
        uint32_t t2 = (rotr(s[0], 2) ^ rotr(s[0], 13) ^ rotr(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        h[i] += s[i];
}

static void hash_all(void)
{
    static uint8_t data[64];

    sha_make_constants();
    memcpy(data, "abc\200", 4);
    data[63] = 24;
    for (int round = 0; round < 2000; round++) {
        uint32_t h[8];

        memcpy(h, sha_h, sizeof h);
        sha_block(h, data);
        if (round % 50 == 0)
            printf("sha256 %d: %08x%08x%08x%08x%08x%08x%08x%08x\n", round, h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]);
        memcpy(data, h, sizeof h);
    }
}

static void text_all(void)
{
    static char a[400], b[400], c[900];
    char *save;

    for (int i = 0; i < 400; i++) {
        size_t len = random_u64() % 300, off = random_u64() % 16;
        uint64_t sum = 0;

        for (size_t k = 0; k < len; k++)
            a[off + k] = "abcdefg XYZ,.;"[random_u64() % 14];
        a[off + len] = 0;
        memset(b, 0, sizeof b);
        strcpy(b, a + off);
        if (len > 3)
            b[random_u64() % len] ^= 2;
        snprintf(c, sizeof c, "%s|%-20.7s|%c", a + off, b, (int) ('a' + i % 26));
        for (char *p = c; *p; p++)
            sum = mix(sum, toupper(*p));
        printf("text %zu: %d %d %zu %zu %td %016" PRIx64, len, (strcmp(a + off, b) > 0) - (strcmp(a + off, b) < 0),
               (memcmp(a + off, b, len) > 0) - (memcmp(a + off, b, len) < 0), strlen(c), strspn(a + off, "abc"),
               strchr(c, 'X') ? strchr(c, 'X') - c : -1, sum);
        memmove(a + 5, a + off, len + 1);
        save = strtok(a + 5, " ,");
        printf(" %zu\n", save ? strlen(save) : 0);
    }
    for (int i = 0; i < 300; i++) {
        uint64_t val = random_edge();

        snprintf(a, sizeof a, "%" PRIu64, val);
        snprintf(b, sizeof b, "%" PRId64, (int64_t) val);
        snprintf(c, sizeof c, "0x%" PRIx64, val);
        printf("%s %s %s %" PRIo64 " %d\n", a, b, c, val,
               strtoull(a, NULL, 10) == val && strtoll(b, NULL, 10) == (int64_t) val && strtoull(c, NULL, 0) == val);
    }
}

void judge_library(void)
{
    sort_all();
    jump_all();
    hash_all();
    text_all();
}

/* --- long double in C --- */

static long double random_long_double(int range)
{
    return ldexpl((long double) (int64_t) random_u64(), (int) (random_u64() % (2 * range + 1)) - range - 63);
}

/* Series: plain arithmetic, so the same bits everywhere. */
static long double series_exp(long double x)
{
    long double term = 1, sum = 1;

    for (int k = 1; k < 60; k++)
        sum += term *= x / k;
    return sum;
}

static long double series_sin(long double x)
{
    long double term = x, sum = x;

    for (int k = 1; k < 30; k++)
        sum += term *= -x * x / (2 * k * (2 * k + 1));
    return sum;
}

static long double series_log(long double x)
{
    long double y = (x - 1) / (x + 1), power = y, sum = y;

    for (int k = 3; k < 200; k += 2)
        sum += (power *= y * y) / k;
    return 2 * sum;
}

static const char *const numbers[] = {
    "0", "-0", "1", "0.1", "1e-4951", "3.6451995318824746025e-4951", "1.8e-4951", "1.189731495357231765e4932", "1.2e4932",
    "-1e-4940", "3.36210314311209350626e-4932", "3.362103143112093506e-4932", "123456789012345678901234567890",
    "0x1.fffffffffffffffep+16383", "0x1p-16445", "0x1.8p-16446", "0x.0000000000000001p-16382", "inf", "-infinity", "nan",
    "9007199254740993", "9007199254740992.5", "18446744073709551615.5", "18446744073709551614.5", "1e23", "8.5e-1", "6.0221e23",
    "2.2250738585072011e-308", "2.2250738585072014e-308", "4.9406564584124654e-324", "2.4703282292062327e-324", "3.4028236e38",
    "1.17549435e-38", "7.006492321624085e-46", "0.3", "1e4000", "1e-4000", "1e", "0x", "+5.", ".5e+3",
};
static const int rounding[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };

static void print_all_ways(long double x)
{
    printf("%La %.20Le %Lf %.7Lg %a %.17g %.9g %a\n", x, x, fabsl(x) < 1e15L ? x : 0, x, (double) x, (double) x, (double) (float) x,
           (double) (float) x);
}

static void read_numbers(void)
{
    char text[80];

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        for (int r = 0; r < 4; r++) {
            char *end;

            fesetround(rounding[r]);
            printf("strtold %s: %La", numbers[i], strtold(numbers[i], &end));
            printf(" %a %a, %td read\n", strtod(numbers[i], NULL), (double) strtof(numbers[i], NULL), end - numbers[i]);
        }
    }
    fesetround(FE_TONEAREST);
    for (int i = 0; i < 400; i++) {
        long double x = random_long_double(i % 2 ? 100 : 16300);

        print_all_ways(x);
        snprintf(text, sizeof text, "%.21Lg", x);
        printf("  back %d, ", strtold(text, NULL) == x);
        snprintf(text, sizeof text, "%.*Lg", (int) (random_u64() % 20 + 1), x);
        printf("%s is %La, %a\n", text, strtold(text, NULL), strtod(text, NULL));
    }
}

static void compute(void)
{
    for (int i = 0; i < 1500; i++) {
        volatile long double a = random_long_double(i % 3 ? 20 : 8000), b = random_long_double(i % 5 ? 20 : 8000);
        volatile double c = a, d = b;
        volatile float e = a, f = b;
        int r = i % 4;

        fesetround(rounding[r]);
        feclearexcept(FE_ALL_EXCEPT);
        printf("%d %La %La: %La %La %La %La %La", r, a, b, a + b, a - b, a * b, a / b, sqrtl(fabsl(a)));
        volatile double p = c * d, q = c / d, s = c + d;
        volatile float u = e * f, v = e / f, w = e - f;
        printf(" | %a %a %a %a | %a %a %a | %x", s, p, q, sqrt(fabs(c)), (double) u, (double) v, (double) w, fetestexcept(FE_ALL_EXCEPT));
        printf(" | %d%d%d%d%d%d\n", a < b, a <= b, a == b, a != b, isunordered(a, b), isgreater(a, b));
    }
    fesetround(FE_TONEAREST);
}

static void convert(void)
{
    for (int i = 0; i < 800; i++) {
        volatile int64_t n = random_edge();
        volatile uint64_t u = random_edge();
        volatile long double x = random_long_double(10) * (i % 2 ? 1000 : 1000000);
        volatile long double y = fabsl(x);

        printf("%" PRId64 ": %La %a %a, %" PRIu64 ": %La %a %a\n", n, (long double) n, (double) n, (double) (float) n, u,
               (long double) u, (double) u, (double) (float) u);
        printf("  %La: %d %d %d %" PRId64 " %u %" PRIu64 "\n", x, (int8_t) fmodl(x, 100), (int16_t) fmodl(x, 30000), (int) x, (int64_t) x,
               (unsigned) y, (uint64_t) (y * 1e9L));
    }
}

void judge_long_double(void)
{
    read_numbers();
    compute();
    convert();
    for (int i = 1; i < 400; i++) {
        long double x = i / 128.0L;

        printf("series %Lg: exp %La sin %La log %La\n", x, series_exp(x), series_sin(x), series_log(x));
    }
}

/* --- libm's exact functions --- */

#define ROUNDERS(x, l) \
    printf(" %La %La %La %La %La %La", (long double) rint##l(x), (long double) nearbyint##l(x), (long double) floor##l(x), \
           (long double) ceil##l(x), (long double) trunc##l(x), (long double) round##l(x))
#define PARTS(x, y, l, type) \
    { \
        type part; \
        int exponent, quotient; \
        type mant = frexp##l(x, &exponent); \
        type rem = remquo##l(x, y, &quotient); \
        printf(" %La %d %La %d", (long double) mant, exponent, (long double) rem, quotient & 7); \
        mant = modf##l(x, &part); \
        printf(" %La %La %La %La %La %d", (long double) mant, (long double) part, (long double) fmod##l(x, y), \
               (long double) remainder##l(x, y), (long double) logb##l(x), ilogb##l(x)); \
        printf(" %La %La %La %La %La", (long double) nextafter##l(x, y), (long double) fdim##l(x, y), (long double) fmax##l(x, y), \
               (long double) fmin##l(x, y), (long double) copysign##l(x, y)); \
        printf(" %La %La\n", (long double) ldexp##l(x, quotient % 40), (long double) fma##l(x, y, x)); \
    }

void judge_libm_exact(void)
{
    for (int i = 0; i < 700; i++) {
        volatile long double a = random_long_double(i % 2 ? 4 : 60), b = random_long_double(4);
        volatile double c = a, d = b;
        volatile float e = a, f = b;

        printf("%La %La:", a, b);
        for (int r = 0; r < 4; r++) {
            fesetround(rounding[r]);
            ROUNDERS(a, l);
            ROUNDERS(c, );
            ROUNDERS(e, f);
            if (fabsl(a) < 1e18L)
                printf(" %lld", llrintl(a));
            if (fabs(c) < 1e9)
                printf(" %ld", lrint(c));
        }
        fesetround(FE_TONEAREST);
        puts("");
        PARTS(a, b, l, long double)
        PARTS(c, d, , double)
        PARTS(e, f, f, float)
        printf("%La %La\n", hypotl(a, b), cbrtl(a));
    }
}

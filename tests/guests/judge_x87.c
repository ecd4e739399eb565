/*
 * The judge: x87 instructions, under each rounding and precision control.
 * Results and exceptions are defined exactly by the SDM, vol. 1, chapter 8;
 * transcendental functions are not: judge_near.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

enum {
    CW_MASKED = 0x3f,
    CW_EXTENDED = 0x300,
    SW_EXCEPTIONS = 0x7f,
    SW_C0 = 0x100,
    SW_C1 = 0x200,
    SW_C2 = 0x400,
    SW_C3 = 0x4000,
};

struct f80 {
    uint64_t mant;
    uint16_t se;
} __attribute__((packed));

/* Zeros, ones, subnormals, infinities, NaNs, and what the 387 no longer knows. */
static const struct f80 edges[] = {
    { 0, 0x0000 },
    { 0, 0x8000 },
    { 1, 0x0000 },
    { 0x7fffffffffffffff, 0x8000 },
    { 0x8000000000000000, 0x0000 }, /* pseudo-denormal */
    { 0x8000000000000000, 0x0001 },
    { 0xffffffffffffffff, 0x8001 },
    { 0x8000000000000000, 0x3fff },
    { 0x8000000000000000, 0xbfff },
    { 0x8000000000000001, 0x3fff },
    { 0xffffffffffffffff, 0x3ffe },
    { 0xc90fdaa22168c235, 0x4000 },
    { 0xaaaaaaaaaaaaaaab, 0xbffd },
    { 0x8000008000000000, 0x3fff }, /* between two singles */
    { 0x8000000000000400, 0x3fff }, /* between two doubles */
    { 0xffffff0000000000, 0x407e }, /* largest single */
    { 0xfffffffffffff800, 0xc3fe }, /* largest double */
    { 0x8000000000000000, 0x403e }, /* 2^63 */
    { 0xffffffffffffffff, 0x7ffe },
    { 0xffffffffffffffff, 0xfffe },
    { 0x8000000000000000, 0x7fff }, /* infinity */
    { 0x8000000000000000, 0xffff },
    { 0xc000000000000001, 0x7fff }, /* quiet NaN */
    { 0xa000000000000000, 0xffff }, /* signalling NaN */
    { 0x4000000000000000, 0x3fff }, /* unnormal */
    { 0x0000000000000001, 0x7fff }, /* pseudo-NaN */
};
enum { EDGES = sizeof edges / sizeof *edges };

static struct f80 random_f80(void)
{
    uint64_t r = random_u64();
    struct f80 val = { random_u64(), r };

    switch (r >> 16 & 15) {
    case 0: return edges[r >> 20 & 15];
    case 1: return edges[(r >> 20) % EDGES];
    case 2: val.mant <<= r >> 20 & 63; break;
    case 3: val.se = (val.se & 0x8000) | (r >> 20 & 63); return val; /* subnormals and their neighbours */
    case 4: val.se |= 0x7f00; break;
    case 5:
    case 6: val.se = (val.se & 0x8000) | (0x3fff + (int) (r >> 20 & 7) - 3); break;
    case 7: val.se = (val.se & 0x8000) | (0x3fff + (int) (r >> 20 & 127) - 63); break;
    default: break;
    }
    val.mant |= 0x8000000000000000;
    return val;
}

#define F80_OP2(name, text) \
    static uint16_t op_##name(struct f80 *a, const struct f80 *b, uint16_t cw) \
    { \
        uint16_t sw; \
        asm volatile("fninit\n\tfldcw %3\n\tfldt %2\n\tfldt %0\n\t" text "\n\tfnstsw %1\n\tfstpt %0\n\tfninit" \
                     : "+m"(*a), "=a"(sw) \
                     : "m"(*b), "m"(cw) \
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)"); \
        return sw; \
    }

/* Repeated until C2 says that the reduction is complete: how far one step goes is the chip's choice. */
#define UNTIL_C2_CLEAR(op) "1:\t" op "\n\tfnstsw %%ax\n\ttestb $4, %%ah\n\tjnz 1b"
/* clang-format off */
F80_OP2(fadd, "fadd %%st(1), %%st") F80_OP2(fsub, "fsub %%st(1), %%st") F80_OP2(fsubr, "fsubr %%st(1), %%st")
F80_OP2(fmul, "fmul %%st(1), %%st") F80_OP2(fdiv, "fdiv %%st(1), %%st") F80_OP2(fdivr, "fdivr %%st(1), %%st")
F80_OP2(faddp, "faddp") F80_OP2(fsqrt, "fsqrt") F80_OP2(frndint, "frndint") F80_OP2(fscale, "fscale")
F80_OP2(fxtract, "fxtract\n\tfxch\n\tfmulp") F80_OP2(fxtract_exp, "fxtract\n\tfstp %%st")
F80_OP2(fabs, "fabs") F80_OP2(fchs, "fchs") F80_OP2(fxch, "fxch") F80_OP2(fxam, "fxam")
F80_OP2(ftst, "ftst") F80_OP2(fcom, "fcom") F80_OP2(fucom, "fucom")
F80_OP2(fprem, UNTIL_C2_CLEAR("fprem")) F80_OP2(fprem1, UNTIL_C2_CLEAR("fprem1"))
/* clang-format on */

/* fcomi and fucomi tell by flags: they go where C0, C2 and C3 are for fcom. */
#define F80_COMI(name) \
    static uint16_t op_##name(struct f80 *a, const struct f80 *b, uint16_t cw) \
    { \
        uint32_t flags; \
        uint16_t sw; \
        asm volatile("fninit\n\tfldcw %4\n\tfldt %3\n\tfldt %2\n\t" #name " %%st(1), %%st\n\tpushf\n\tpop %0\n\tfnstsw %1\n\tfninit" \
                     : "=r"(flags), "=a"(sw) \
                     : "m"(*a), "m"(*b), "m"(cw) \
                     : "cc", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)"); \
        return (sw & SW_EXCEPTIONS) | (flags & 0x45) << 8; \
    }
F80_COMI(fcomi)
F80_COMI(fucomi)

static const struct {
    const char *name;
    uint16_t (*run)(struct f80 *a, const struct f80 *b, uint16_t cw);
    uint16_t defined; /* of the status word, besides the exceptions */
} f80_ops[] = {
    { "fadd", op_fadd, SW_C1 },
    { "fsub", op_fsub, SW_C1 },
    { "fsubr", op_fsubr, SW_C1 },
    { "fmul", op_fmul, SW_C1 },
    { "fdiv", op_fdiv, SW_C1 },
    { "fdivr", op_fdivr, SW_C1 },
    { "faddp", op_faddp, SW_C1 },
    { "fsqrt", op_fsqrt, SW_C1 },
    { "frndint", op_frndint, SW_C1 },
    { "fscale", op_fscale, SW_C1 },
    { "fxtract, significand by exponent", op_fxtract, 0 },
    { "fxtract, exponent", op_fxtract_exp, 0 },
    { "fabs", op_fabs, SW_C1 },
    { "fchs", op_fchs, SW_C1 },
    { "fxch", op_fxch, SW_C1 },
    { "fxam", op_fxam, SW_C0 | SW_C1 | SW_C2 | SW_C3 },
    { "ftst", op_ftst, SW_C0 | SW_C2 | SW_C3 },
    { "fcom", op_fcom, SW_C0 | SW_C2 | SW_C3 },
    { "fucom", op_fucom, SW_C0 | SW_C2 | SW_C3 },
    { "fcomi", op_fcomi, 0x4500 },
    { "fucomi", op_fucomi, 0x4500 },
    { "fprem", op_fprem, SW_C0 | SW_C1 | SW_C2 | SW_C3 },
    { "fprem1", op_fprem1, SW_C0 | SW_C1 | SW_C2 | SW_C3 },
};

static const uint16_t precisions[] = { 0x000, 0x200, 0x300 };

static uint64_t f80_run(size_t i, struct f80 a, struct f80 b, uint16_t cw, bool show)
{
    struct f80 res = a;
    uint16_t sw = f80_ops[i].run(&res, &b, cw);
    uint16_t defined = SW_EXCEPTIONS | f80_ops[i].defined;

    /* Quotient bits after an invalid remainder are whatever they were. */
    if (sw & 1 && f80_ops[i].run != op_fxam && strncmp(f80_ops[i].name, "fprem", 5) == 0)
        defined = SW_EXCEPTIONS;
    if (show)
        printf("%s %03x %04x:%016" PRIx64 " %04x:%016" PRIx64 " -> %04x:%016" PRIx64 " %04x\n", f80_ops[i].name, cw, a.se,
               a.mant, b.se, b.mant, res.se, res.mant, sw & defined);
    return mix(mix(res.mant, res.se), sw & defined);
}

/* All pairs of edges to nearest in full precision are shown, the rest summed. */
void judge_x87_arith(void)
{
    for (size_t i = 0; i < sizeof f80_ops / sizeof *f80_ops; i++) {
        for (unsigned mode = 0; mode < 12; mode++) {
            uint16_t cw = CW_MASKED | precisions[mode / 4] | (mode & 3) << 10;
            uint64_t sum = 0;
            bool show = cw == (CW_MASKED | CW_EXTENDED) && i < 6;

            for (int k = 0; k < EDGES * EDGES; k++)
                sum = mix(sum, f80_run(i, edges[k / EDGES], edges[k % EDGES], cw, show || verbose));
            for (int k = 0; k < 500; k++)
                sum = mix(sum, f80_run(i, random_f80(), random_f80(), cw, k < 8 || verbose));
            printf("%s %03x: sum %016" PRIx64 "\n", f80_ops[i].name, cw, sum);
        }
    }
}

/* Stores into smaller formats; 10 bytes back. */
#define F80_STORE(name, text) \
    static uint16_t st_##name(const struct f80 *a, uint8_t *out, uint16_t cw) \
    { \
        uint16_t sw; \
        asm volatile("fninit\n\tfldcw %3\n\tfldt %2\n\t" text " %0\n\tfnstsw %1\n\tfninit" \
                     : "+m"(*(uint8_t(*)[10]) out), "=a"(sw) \
                     : "m"(*a), "m"(cw) \
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)"); \
        return sw; \
    }
#define F80_LOAD(name, text) \
    static uint16_t ld_##name(const uint8_t *in, struct f80 *out) \
    { \
        uint16_t sw; \
        asm volatile("fninit\n\t" text " %2\n\tfnstsw %1\n\tfstpt %0\n\tfninit" \
                     : "=m"(*out), "=a"(sw) \
                     : "m"(*(const uint8_t(*)[10]) in) \
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)"); \
        return sw; \
    }
/* clang-format off */
F80_STORE(fists, "fists") F80_STORE(fistl, "fistl") F80_STORE(fistps, "fistps") F80_STORE(fistpl, "fistpl")
F80_STORE(fistpll, "fistpll") F80_STORE(fbstp, "fbstp") F80_STORE(fsts, "fsts") F80_STORE(fstl, "fstl")
F80_STORE(fstps, "fstps") F80_STORE(fstpl, "fstpl") F80_STORE(fstpt, "fstpt")
F80_LOAD(filds, "filds") F80_LOAD(fildl, "fildl") F80_LOAD(fildll, "fildll") F80_LOAD(flds, "flds") F80_LOAD(fldl, "fldl")
F80_LOAD(fldt, "fldt") F80_LOAD(fbld, "fbld")
/* clang-format on */

static const struct {
    const char *name;
    uint16_t (*run)(const struct f80 *a, uint8_t *out, uint16_t cw);
} stores[] = {
    { "fists", st_fists }, { "fistl", st_fistl }, { "fistps", st_fistps }, { "fistpl", st_fistpl },
    { "fistpll", st_fistpll }, { "fbstp", st_fbstp }, { "fsts", st_fsts }, { "fstl", st_fstl },
    { "fstps", st_fstps }, { "fstpl", st_fstpl }, { "fstpt", st_fstpt },
};
static const struct {
    const char *name;
    uint16_t (*run)(const uint8_t *in, struct f80 *out);
} loads[] = {
    { "filds", ld_filds }, { "fildl", ld_fildl }, { "fildll", ld_fildll }, { "flds", ld_flds },
    { "fldl", ld_fldl }, { "fldt", ld_fldt }, { "fbld", ld_fbld },
};

static void store_all(size_t i, struct f80 a, uint16_t cw, bool show)
{
    uint8_t out[10] = { 0 };
    uint16_t sw = stores[i].run(&a, out, cw) & (SW_EXCEPTIONS | SW_C1);
    static uint64_t sum;

    sum = mix(sum, sw);
    for (int k = 0; k < 10; k++)
        sum = mix(sum, out[k]);
    if (!show)
        return;
    printf("%s %03x %04x:%016" PRIx64 " ->", stores[i].name, cw, a.se, a.mant);
    for (int k = 9; k >= 0; k--)
        printf(" %02x", out[k]);
    printf(" %03x sum %016" PRIx64 "\n", sw, sum);
}

void judge_x87_convert(void)
{
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        for (unsigned rc = 0; rc < 4; rc++) {
            uint16_t cw = CW_MASKED | CW_EXTENDED | rc << 10;

            for (int k = 0; k < EDGES; k++)
                store_all(i, edges[k], cw, true);
            for (int k = 0; k < 1500; k++)
                store_all(i, random_f80(), cw, k % 100 == 0 || verbose);
        }
    }
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        for (int k = 0; k < 300; k++) {
            uint64_t lo = random_edge();
            uint16_t hi = random_u64();
            uint8_t in[10];
            struct f80 out;
            uint16_t sw;

            if (loads[i].run == ld_fbld) { /* other digits than 0 to 9: not defined */
                hi &= 0x8099;
                lo &= 0x7777777777777777;
            }
            memcpy(in, &lo, 8);
            memcpy(in + 8, &hi, 2);
            sw = loads[i].run(in, &out) & (SW_EXCEPTIONS | SW_C1);
            printf("%s %04x%016" PRIx64 " -> %04x:%016" PRIx64 " %03x\n", loads[i].name, hi, lo, out.se, out.mant, sw);
        }
    }
}

#define CONSTANT(op) \
    asm volatile("fninit\n\tfldcw %1\n\t" #op "\n\tfstpt %0\n\tfninit" : "=m"(val) : "m"(cw)); \
    printf(#op " %03x %04x:%016" PRIx64 "\n", cw, val.se, val.mant);

static void constants(void)
{
    for (unsigned mode = 0; mode < 12; mode++) {
        uint16_t cw = CW_MASKED | precisions[mode / 4] | (mode & 3) << 10;
        struct f80 val;

        CONSTANT(fld1)
        CONSTANT(fldz)
        CONSTANT(fldpi)
        CONSTANT(fldl2e)
        CONSTANT(fldl2t)
        CONSTANT(fldlg2)
        CONSTANT(fldln2)
    }
}

/* The state after `text`: words, tags and registers, but no pointers: they differ by vendor. */
#define STACK(text) \
    { \
        asm volatile("fninit\n\tfld1\n\tfldpi\n\tfldl2e\n\t" text "\n\tfnsave %0\n\tfninit" : "=m"(image)::"ax", "cc", "memory"); \
        show_state(text, image); \
    }

static void show_state(const char *title, const uint8_t image[108])
{
    uint16_t word[14];

    memcpy(word, image, sizeof word);
    for (const char *c = title; *c; c++)
        putchar(*c == '\n' ? ';' : *c == '\t' ? ' ' : *c);
    printf(": control %04x status %04x tags %04x\n", word[0], word[2], word[4]);
    for (int i = 0; i < 8; i++) {
        struct f80 val;

        memcpy(&val, image + 28 + 10 * i, 10);
        printf("  st%d %04x:%016" PRIx64 "\n", i, val.se, val.mant);
    }
}

static void fxsave_state(void)
{
    static uint8_t image[512] __attribute__((aligned(16)));
    uint16_t word[3];

    asm volatile("fninit\n\tfld1\n\tfldpi\n\tfldz\n\tfchs\n\tffree %%st(1)\n\tfxsave %0\n\tfninit\n\tfxrstor %0\n\tfxsave %0\n\tfninit" : "+m"(image));
    memcpy(word, image, sizeof word);
    printf("fxsave: control %04x status %04x tags %02x\n", word[0], word[1], word[2] & 0xff);
    for (int i = 0; i < 8; i++) {
        struct f80 val;

        memcpy(&val, image + 32 + 16 * i, 10);
        printf("  st%d %04x:%016" PRIx64 "\n", i, val.se, val.mant);
    }
}

void judge_x87_stack(void)
{
    uint8_t image[108];
    static uint8_t saved[108];

    constants();
    STACK("")
    STACK("fincstp")
    STACK("fdecstp")
    STACK("ffree %%st(1)\n\tfxch")
    STACK("fxch %%st(2)\n\tfst %%st(5)\n\tfstp %%st(6)")
    STACK("fstp %%st\n\tfstp %%st\n\tfstp %%st\n\tfstp %%st") /* underflow */
    STACK("fldz\n\tfldz\n\tfldz\n\tfldz\n\tfldz\n\tfldz") /* overflow */
    STACK("fadd %%st(4), %%st")
    STACK("fadd %%st, %%st(4)")
    STACK("fcompp\n\tfcompp")
    STACK("fucompp")
    STACK("fxam\n\tfincstp\n\tfincstp\n\tfincstp\n\tfxam")
    STACK("fsqrt\n\tfmulp\n\tfdivrp")
    STACK("fstp %%st(3)\n\tfxtract")
    STACK("fldz\n\tfsincos\n\tfcompp")
    STACK("xor %%eax, %%eax\n\tfcmove %%st(1), %%st\n\tfcmovne %%st(2), %%st\n\tfcmovnu %%st(1), %%st")
    STACK("xor %%eax, %%eax\n\tcmp $1, %%eax\n\tfcmovb %%st(2), %%st\n\tfcmovbe %%st(4), %%st")
    STACK("fnstenv -28(%%esp)\n\tfninit\n\tfldenv -28(%%esp)")
    asm volatile("fninit\n\tfldpi\n\tfld1\n\tfld %%st(1)\n\tfnsave %0\n\tfld1\n\tfrstor %0\n\tfmulp\n\tfnsave %0" : "+m"(saved));
    show_state("frstor", saved);
    fxsave_state();
}

/* --- What isn't the same bits on every chip --- */

#define F80_NEAR(name, text) F80_OP2(name, text)
/* clang-format off */
F80_NEAR(fsin, "fsin") F80_NEAR(fcos, "fcos") F80_NEAR(fptan, "fptan\n\tfstp %%st") F80_NEAR(fpatan, "fpatan")
F80_NEAR(f2xm1, "f2xm1") F80_NEAR(fyl2x, "fyl2x") F80_NEAR(fyl2xp1, "fyl2xp1")
/* clang-format on */

static const struct {
    const char *name;
    uint16_t (*run)(struct f80 *a, const struct f80 *b, uint16_t cw);
    int16_t min, max; /* exponents of the first operand */
    bool positive;
} near_ops[] = {
    { "fsin", op_fsin, -30, 20, false }, { "fcos", op_fcos, -30, 20, false }, { "fptan", op_fptan, -30, 20, false },
    { "fpatan", op_fpatan, -40, 40, false }, { "f2xm1", op_f2xm1, -60, -1, false }, { "fyl2x", op_fyl2x, -200, 200, true },
    { "fyl2xp1", op_fyl2xp1, -60, -3, false },
};

void judge_near(void)
{
    uint16_t cw = CW_MASKED | CW_EXTENDED;

    for (size_t i = 0; i < sizeof near_ops / sizeof *near_ops; i++) {
        for (int k = 0; k < 500; k++) {
            unsigned range = near_ops[i].max - near_ops[i].min + 1;
            struct f80 a = { random_u64() | 0x8000000000000000, 0 };
            struct f80 b = { random_u64() | 0x8000000000000000, 0x3fff + random_u64() % 8 };

            a.se = 0x3fff + near_ops[i].min + random_u64() % range;
            if (!near_ops[i].positive)
                a.se |= random_u64() & 0x8000;
            printf("%s %04x:%016" PRIx64 " %04x:%016" PRIx64, near_ops[i].name, a.se, a.mant, b.se, b.mant);
            near_ops[i].run(&a, &b, cw);
            printf(" = %04x %016" PRIx64 "\n", a.se, a.mant);
        }
    }
}

/* Steps between two values of one sign, as numbers in the order of their size. */
static uint64_t f80_steps(struct f80 a, struct f80 b)
{
    unsigned ea = a.se, eb = b.se;

    if (ea == eb)
        return a.mant > b.mant ? a.mant - b.mant : b.mant - a.mant;
    if (ea == eb + 1)
        return (a.mant - 0x8000000000000000) + (0 - b.mant);
    if (eb == ea + 1)
        return (b.mant - 0x8000000000000000) + (0 - a.mant);
    return UINT64_MAX;
}

int judge_compare(const char *expected, const char *got)
{
    FILE *f1 = fopen(expected, "r"), *f2 = fopen(got, "r");
    char line1[160], line2[160], name[16], last[16] = "";
    uint64_t worst = 0, all_worst = 0;
    unsigned count = 0, differ = 0;

    if (!f1 || !f2)
        return 2;
    for (;;) {
        bool more = fgets(line1, sizeof line1, f1) != NULL;
        bool more2 = fgets(line2, sizeof line2, f2) != NULL;
        const char *r1 = more ? strstr(line1, "= ") : NULL, *r2 = more2 ? strstr(line2, "= ") : NULL;
        unsigned se1, se2;
        struct f80 a, b;
        uint64_t steps;

        if (more != more2 || (more && (!r1 || !r2 || r1 - line1 != r2 - line2 || strncmp(line1, line2, r1 - line1) != 0))) {
            puts("not of the same operands");
            return 2;
        }
        if (more)
            sscanf(line1, "%15s", name);
        if (!more || strcmp(name, last) != 0) {
            if (*last)
                printf("%s: %u results, %u differ, by %" PRIu64 " ulp at most\n", last, count, differ, worst);
            count = differ = 0;
            worst = 0;
            strcpy(last, name);
        }
        if (!more)
            break;
        sscanf(r1, "= %x %" SCNx64, &se1, &a.mant);
        sscanf(r2, "= %x %" SCNx64, &se2, &b.mant);
        a.se = se1;
        b.se = se2;
        steps = f80_steps(a, b);
        count++;
        differ += steps != 0;
        worst = steps > worst ? steps : worst;
        all_worst = steps > all_worst ? steps : all_worst;
    }
    return all_worst > 1;
}

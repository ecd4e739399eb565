/* The judge: integer instructions with their flags, C arithmetic, strings. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"

enum {
    CF = 0x001,
    PF = 0x004,
    AF = 0x010,
    ZF = 0x040,
    SF = 0x080,
    OF = 0x800,
    ALL = CF | PF | AF | ZF | SF | OF,
};

struct alu {
    uint32_t a;
    uint32_t b;
    uint32_t flags;
};

/* One instruction with flags as given, at three widths. */
#define WITH_FLAGS(text, ...) \
    asm volatile("push %[f]\n\tpopf\n\t" text "\n\tpushf\n\tpop %[f]" : __VA_ARGS__, [f] "+r"(s->flags)::"cc")

#define TWO(op) \
    static void op##_8(struct alu *s) { uint8_t a = s->a, b = s->b; WITH_FLAGS(#op "b %[b], %[a]", [a] "+q"(a), [b] "+q"(b)); s->a = a; s->b = b; } \
    static void op##_16(struct alu *s) { uint16_t a = s->a, b = s->b; WITH_FLAGS(#op "w %[b], %[a]", [a] "+r"(a), [b] "+r"(b)); s->a = a; s->b = b; } \
    static void op##_32(struct alu *s) { WITH_FLAGS(#op "l %[b], %[a]", [a] "+r"(s->a), [b] "+r"(s->b)); }
#define ONE(op) \
    static void op##_8(struct alu *s) { uint8_t a = s->a; WITH_FLAGS(#op "b %[a]", [a] "+q"(a)); s->a = a; } \
    static void op##_16(struct alu *s) { uint16_t a = s->a; WITH_FLAGS(#op "w %[a]", [a] "+r"(a)); s->a = a; } \
    static void op##_32(struct alu *s) { WITH_FLAGS(#op "l %[a]", [a] "+r"(s->a)); }
/* In memory, by CL. */
#define SHIFT(op) \
    static void op##_8(struct alu *s) { uint8_t a = s->a; WITH_FLAGS(#op "b %%cl, %[a]", [a] "+m"(a), "+c"(s->b)); s->a = a; } \
    static void op##_16(struct alu *s) { uint16_t a = s->a; WITH_FLAGS(#op "w %%cl, %[a]", [a] "+r"(a), "+c"(s->b)); s->a = a; } \
    static void op##_32(struct alu *s) { WITH_FLAGS(#op "l %%cl, %[a]", [a] "+r"(s->a), "+c"(s->b)); }
/* Into DX:AX by BX, the like of it. */
#define WIDE(op) \
    static void op##_8(struct alu *s) { uint16_t a = s->a; WITH_FLAGS(#op "b %b[b]", "+a"(a), [b] "+q"(s->b)); s->a = a; } \
    static void op##_16(struct alu *s) { uint16_t lo = s->a, hi = 0; WITH_FLAGS(#op "w %w[b]", "+a"(lo), "+d"(hi), [b] "+r"(s->b)); s->a = lo; s->b = hi; } \
    static void op##_32(struct alu *s) { uint32_t hi = 0; WITH_FLAGS(#op "l %[b]", "+a"(s->a), "+d"(hi), [b] "+r"(s->b)); s->b = hi; }
/* AL or AX only. */
#define ADJUST(op, text) \
    static void op##_16(struct alu *s) { uint16_t a = s->a; WITH_FLAGS(text, "+a"(a)); s->a = a; }

/* clang-format off */
TWO(add) TWO(adc) TWO(sub) TWO(sbb) TWO(cmp) TWO(and) TWO(or) TWO(xor) TWO(test) TWO(xadd)
ONE(inc) ONE(dec) ONE(neg) ONE(not)
SHIFT(shl) SHIFT(shr) SHIFT(sar) SHIFT(rol) SHIFT(ror) SHIFT(rcl) SHIFT(rcr)
WIDE(mul) WIDE(imul)
ADJUST(daa, "daa") ADJUST(das, "das") ADJUST(aaa, "aaa") ADJUST(aas, "aas")
ADJUST(aam, "aam") ADJUST(aad, "aad") ADJUST(aam7, ".byte 0xd4, 7") ADJUST(aad7, ".byte 0xd5, 7")
/* clang-format on */

static void imul2_16(struct alu *s)
{
    uint16_t a = s->a;

    WITH_FLAGS("imulw %w[b], %[a]", [a] "+r"(a), [b] "+r"(s->b));
    s->a = a;
}

static void imul2_32(struct alu *s)
{
    WITH_FLAGS("imull %[b], %[a]", [a] "+r"(s->a), [b] "+r"(s->b));
}

static void imul3_32(struct alu *s)
{
    WITH_FLAGS("imull $-77, %[b], %[a]", [a] "+r"(s->a), [b] "+r"(s->b));
}

static void shld_32(struct alu *s)
{
    uint32_t count = s->a >> 7;

    WITH_FLAGS("shldl %%cl, %[b], %[a]", [a] "+r"(s->a), [b] "+r"(s->b), "+c"(count));
}

static void shrd_32(struct alu *s)
{
    uint32_t count = s->a >> 7;

    WITH_FLAGS("shrdl %%cl, %[b], %[a]", [a] "+m"(s->a), [b] "+r"(s->b), "+c"(count));
}

static void cmpxchg_32(struct alu *s)
{
    uint32_t mem = s->flags & CF ? s->a : 5;
    uint32_t acc = s->a;

    WITH_FLAGS("lock cmpxchgl %[b], %[a]", [a] "+m"(mem), [b] "+r"(s->b), "+a"(acc));
    s->a = mem;
    s->b = acc;
}

static void bsf_32(struct alu *s)
{
    s->b |= s->a & 0x80; /* sometimes 0: the destination is undefined then */
    WITH_FLAGS("bsfl %[b], %[a]", [a] "+r"(s->a), [b] "+r"(s->b));
    s->a = s->flags & ZF ? 0 : s->a;
}

static void bsr_16(struct alu *s)
{
    uint16_t a = s->a;

    WITH_FLAGS("bsrw %w[b], %[a]", [a] "+r"(a), [b] "+r"(s->b));
    s->a = s->flags & ZF ? 0 : a;
}

static void bts_32(struct alu *s)
{
    uint32_t array[4] = { s->a, ~s->a, s->a * 3, s->a ^ 0x55 };
    uint32_t bit = s->b % 128 - 64; /* negative too: counted from array + 2 */

    WITH_FLAGS("btsl %[b], %[a]", [a] "+m"(array[2]), [b] "+r"(bit), "+m"(array));
    s->a = array[0] + array[1] * 3 + array[2] * 5 + array[3] * 7;
}

static void btr_16(struct alu *s)
{
    uint16_t a = s->a;

    WITH_FLAGS("btrw %w[b], %[a]", [a] "+r"(a), [b] "+r"(s->b));
    s->a = a;
}

static void btc_32(struct alu *s)
{
    WITH_FLAGS("btcl $21, %[a]", [a] "+r"(s->a));
}

static void bswap_32(struct alu *s)
{
    WITH_FLAGS("bswap %[a]", [a] "+r"(s->a));
}

static void lahf_sahf_32(struct alu *s)
{
    WITH_FLAGS("lahf\n\txchg %%ah, %%bl\n\tmov %%bl, %%ah\n\tsahf", "+a"(s->a), "+b"(s->b));
}

static void movsx_32(struct alu *s)
{
    WITH_FLAGS("movsbl %b[b], %[a]\n\tmovzwl %w[b], %[b]\n\tcwtl", [a] "+a"(s->a), [b] "+q"(s->b));
}

static void cltd_32(struct alu *s)
{
    WITH_FLAGS("cltd", "+a"(s->a), "+d"(s->b));
}

static void xlat_32(struct alu *s)
{
    static const uint8_t table[256] = { [7] = 1, [0x55] = 2, [0xff] = 3, [0x80] = 4 };
    const uint8_t *base = table;

    WITH_FLAGS("xlat", "+a"(s->a), "+b"(base), "+m"(*(uint8_t(*)[256]) table));
}

static void lea_32(struct alu *s)
{
    uint32_t sum;

    WITH_FLAGS("leal -13(%[a],%[b],8), %[c]\n\tleaw (%[a],%[b],4), %w[a]", [a] "+r"(s->a), [b] "+r"(s->b), [c] "=&r"(sum));
    s->b = sum;
}

static void cmpxchg8b_32(struct alu *s)
{
    uint64_t mem = s->flags & CF ? (uint64_t) s->a << 32 | s->b : 5;
    uint32_t lo = s->b, hi = s->a;

    asm volatile("push %[f]\n\tpopf\n\tlock cmpxchg8b %[m]\n\tpushf\n\tpop %[f]"
                 : [m] "+m"(mem), "+a"(lo), "+d"(hi), [f] "+S"(s->flags)
                 : "b"(0x11223344), "c"(0x55667788)
                 : "cc");
    s->a = lo ^ (uint32_t) mem;
    s->b = hi ^ (uint32_t) (mem >> 32);
}

#define WIDTHS(op) { op##_8, op##_16, op##_32 }
static const struct alu_op {
    const char *name;
    void (*run[3])(struct alu *s);
    uint32_t defined;
    bool counted; /* a shift by s->b: flags are defined by count */
} alu_ops[] = {
    { "add", WIDTHS(add), ALL, false },
    { "adc", WIDTHS(adc), ALL, false },
    { "sub", WIDTHS(sub), ALL, false },
    { "sbb", WIDTHS(sbb), ALL, false },
    { "cmp", WIDTHS(cmp), ALL, false },
    { "and", WIDTHS(and), ALL & ~AF, false },
    { "or", WIDTHS(or), ALL & ~AF, false },
    { "xor", WIDTHS(xor), ALL & ~AF, false },
    { "test", WIDTHS(test), ALL & ~AF, false },
    { "xadd", WIDTHS(xadd), ALL, false },
    { "inc", WIDTHS(inc), ALL, false },
    { "dec", WIDTHS(dec), ALL, false },
    { "neg", WIDTHS(neg), ALL, false },
    { "not", WIDTHS(not), ALL, false },
    { "shl", WIDTHS(shl), ALL & ~AF, true },
    { "shr", WIDTHS(shr), ALL & ~AF, true },
    { "sar", WIDTHS(sar), ALL & ~AF, true },
    { "rol", WIDTHS(rol), ALL, true },
    { "ror", WIDTHS(ror), ALL, true },
    { "rcl", WIDTHS(rcl), ALL, true },
    { "rcr", WIDTHS(rcr), ALL, true },
    { "mul", WIDTHS(mul), CF | OF, false },
    { "imul", WIDTHS(imul), CF | OF, false },
    { "imul2", { NULL, imul2_16, imul2_32 }, CF | OF, false },
    { "imul3", { NULL, NULL, imul3_32 }, CF | OF, false },
    { "daa", { NULL, daa_16 }, ALL & ~OF, false },
    { "das", { NULL, das_16 }, ALL & ~OF, false },
    { "aaa", { NULL, aaa_16 }, CF | AF, false },
    { "aas", { NULL, aas_16 }, CF | AF, false },
    { "aam", { NULL, aam_16 }, SF | ZF | PF, false },
    { "aad", { NULL, aad_16 }, SF | ZF | PF, false },
    { "aam 7", { NULL, aam7_16 }, SF | ZF | PF, false },
    { "aad 7", { NULL, aad7_16 }, SF | ZF | PF, false },
    { "shld", { NULL, NULL, shld_32 }, SF | ZF | PF | CF, true },
    { "shrd", { NULL, NULL, shrd_32 }, SF | ZF | PF | CF, true },
    { "cmpxchg", { NULL, NULL, cmpxchg_32 }, ALL, false },
    { "cmpxchg8b", { NULL, NULL, cmpxchg8b_32 }, ALL, false },
    { "bsf", { NULL, NULL, bsf_32 }, ZF, false },
    { "bsr", { NULL, bsr_16, NULL }, ZF, false },
    { "bts", { NULL, NULL, bts_32 }, CF | ZF, false },
    { "btr", { NULL, btr_16, NULL }, CF | ZF, false },
    { "btc", { NULL, NULL, btc_32 }, CF | ZF, false },
    { "bswap", { NULL, NULL, bswap_32 }, ALL, false },
    { "lahf, sahf", { NULL, NULL, lahf_sahf_32 }, ALL, false },
    { "movsx, movzx, cwde", { NULL, NULL, movsx_32 }, ALL, false },
    { "cdq", { NULL, NULL, cltd_32 }, ALL, false },
    { "xlat", { NULL, NULL, xlat_32 }, ALL, false },
    { "lea", { NULL, NULL, lea_32 }, ALL, false },
};

static uint32_t alu_defined(const struct alu_op *op, unsigned width, uint32_t count)
{
    uint32_t defined = op->defined;

    count &= 31;
    if (op->counted && count > 1)
        defined &= ~OF;
    if (op->counted && count > width)
        defined &= ~CF;
    return defined;
}

/* The first lines are for reading, the sum is for the rest. */
static void alu_run(const struct alu_op *op, unsigned w)
{
    unsigned width = 8U << w;
    uint64_t sum = 0;

    for (int i = 0; i < 3000; i++) {
        struct alu s = { random_edge(), random_edge(), random_u64() & ALL };
        struct alu in = s;
        uint32_t defined;

        if (op->counted && i % 2)
            in.b = s.b = 1;
        op->run[w](&s);
        defined = alu_defined(op, width, in.b);
        s.flags &= defined;
        if (i < 64 || verbose)
            printf("%s %u: %08x %08x %03x -> %08x %08x %03x\n", op->name, width, in.a, in.b, in.flags, s.a, s.b, s.flags);
        sum = mix(mix(mix(sum, s.a), s.b), s.flags);
    }
    printf("%s %u: sum %016" PRIx64 "\n", op->name, width, sum);
}

void judge_alu(void)
{
    for (size_t i = 0; i < sizeof alu_ops / sizeof *alu_ops; i++) {
        for (unsigned w = 0; w < 3; w++) {
            if (alu_ops[i].run[w])
                alu_run(&alu_ops[i], w);
        }
    }
}

#define ARITH(type, name) \
    static uint64_t name(type a, type b, unsigned shift) \
    { \
        uint64_t sum = 0; \
        type q = b == 0 || (b == (type) -1 && sizeof(type) > 1) ? 1 : b; \
        type results[] = { a + b, a - b, a * b, a / q, a % q, (type) (a << shift), (type) (a >> shift), \
                           a & b, a | b, a ^ b, ~a, -b, a < b, a <= b, a == b, a > b ? a : b, \
                           (type) (float) (a / 2), (type) (double) (a / 2), (type) ((long double) a / 2) }; \
        for (size_t i = 0; i < sizeof results / sizeof *results; i++) { \
            if (verbose) \
                printf("%s %" PRIx64 " %" PRIx64 " %u: result %zu is %" PRIx64 "\n", #name, (uint64_t) a, (uint64_t) b, \
                       shift, i, (uint64_t) results[i]); \
            sum = mix(sum, (uint64_t) results[i]); \
        } \
        return sum; \
    }
/* clang-format off */
ARITH(int8_t, arith_s8) ARITH(uint8_t, arith_u8) ARITH(int16_t, arith_s16) ARITH(uint16_t, arith_u16)
ARITH(int32_t, arith_s32) ARITH(uint32_t, arith_u32) ARITH(int64_t, arith_s64) ARITH(uint64_t, arith_u64)
/* clang-format on */

void judge_int64(void)
{
    for (int i = 0; i < 1500; i++) {
        uint64_t a = random_edge(), b = random_edge();
        unsigned shift = random_u64() & 63;
        uint64_t q = b ? b : 1;

        printf("%016" PRIx64 " %016" PRIx64 ": * %016" PRIx64 " / %" PRIu64 " %% %" PRIu64 " signed / %" PRId64 " %% %" PRId64 "\n",
               a, b, a * b, a / q, a % q, (int64_t) a / ((int64_t) q == -1 ? 7 : (int64_t) q),
               (int64_t) a % ((int64_t) q == -1 ? 7 : (int64_t) q));
        printf("  8: %016" PRIx64 " %016" PRIx64 " 16: %016" PRIx64 " %016" PRIx64 " 32: %016" PRIx64 " %016" PRIx64
               " 64: %016" PRIx64 " %016" PRIx64 "\n",
               arith_s8(a, b, shift & 7), arith_u8(a, b, shift & 7), arith_s16(a, b, shift & 15),
               arith_u16(a, b, shift & 15), arith_s32(a, b, shift & 31), arith_u32(a, b, shift & 31),
               arith_s64(a, b, shift), arith_u64(a, b, shift));
    }
}

#define CC(cc) \
    { \
        uint32_t moved = 1, set = 0, jumped = 0; \
        uint16_t moved16 = 1; \
        asm("push %[f]\n\tpopf\n\tcmov" #cc " %[two], %[m]\n\tcmov" #cc "w %w[two], %[m16]\n\tset" #cc \
            " %b[s]\n\tj" #cc " 1f\n\tjmp 2f\n1:\tincl %[j]\n2:" \
            : [m] "+r"(moved), [m16] "+r"(moved16), [s] "+q"(set), [j] "+r"(jumped) \
            : [two] "m"(two), [f] "m"(flags) \
            : "cc"); \
        printf(" " #cc " %u%u%u%u", moved, moved16, set, jumped); \
    }

/* Every condition under every set of the flags it can look at. */
void judge_conditions(void)
{
    uint32_t two = 2;

    for (int i = 0; i < 64; i++) {
        uint32_t flags = (i & 1 ? CF : 0) | (i & 2 ? PF : 0) | (i & 4 ? AF : 0) | (i & 8 ? ZF : 0) | (i & 16 ? SF : 0) | (i & 32 ? OF : 0);

        printf("flags %03x:", flags);
        CC(o) CC(no) CC(b) CC(ae) CC(e) CC(ne) CC(be) CC(a) CC(s) CC(ns) CC(p) CC(np) CC(l) CC(ge) CC(le) CC(g)
        puts("");
    }
    for (uint32_t count = 0; count < 5; count++) {
        uint32_t c = count, loops = 0, zero = 0;

        asm volatile("1:\tincl %[n]\n\tcmpl $3, %[n]\n\tloopne 1b\n\tsete %b[z]\n\tjecxz 2f\n\taddl $100, %[n]\n2:"
                     : "+c"(c), [n] "+r"(loops), [z] "+q"(zero)::"cc");
        printf("loopne from %u: ecx %x, %u, zf %u\n", count, c, loops, zero);
        if (count == 0)
            count = 1; /* 0 means 2^32: once is enough */
    }
}

struct string_run {
    uint32_t esi, edi, ecx, eax, flags;
};

#define STRING(text) \
    asm volatile("push %%eax\n\tpushl %[f]\n\tpopf\n\tpop %%eax\n\t" text "\n\tpushf\n\tpopl %[f]\n\tcld" \
                 : "+S"(s.esi), "+D"(s.edi), "+c"(s.ecx), "+a"(s.eax), [f] "+r"(s.flags)::"cc", "memory")

/* Forward and backward, overlapping, and 0 repetitions. */
void judge_strings(void)
{
    static uint8_t a[256], b[256];
    static const char *const names[] = { "movsb", "movsw", "movsl", "stosb", "stosw", "stosl", "lodsb", "lodsl",
                                         "scasb", "scasw", "scasl", "cmpsb", "cmpsw", "cmpsl", "movsb alone", "cmpsl alone" };

    for (int i = 0; i < 1600; i++) {
        int op = i % 16;
        bool back = random_u64() & 1;
        struct string_run s = { .ecx = random_u64() % 20, .eax = random_u64(), .flags = back ? 0x400 | ZF : ZF };
        uint64_t sum = 0;

        for (int k = 0; k < 256; k++) {
            a[k] = random_u64() % 3 ? 0x55 : k;
            b[k] = random_u64() % 9 ? a[k] : 0xaa;
        }
        if (op >= 8 && op < 11)
            s.eax = 0x55555555;
        s.esi = (uint32_t) (uintptr_t) (a + 100 + random_u64() % 8);
        s.edi = random_u64() & 1 ? s.esi + random_u64() % 8 : (uint32_t) (uintptr_t) (b + 100);
        switch (op) {
        case 0: STRING("rep movsb"); break;
        case 1: STRING("rep movsw"); break;
        case 2: STRING("rep movsl"); break;
        case 3: STRING("rep stosb"); break;
        case 4: STRING("rep stosw"); break;
        case 5: STRING("rep stosl"); break;
        case 6: STRING("rep lodsb"); break;
        case 7: STRING("rep lodsl"); break;
        case 8: STRING("repe scasb"); break;
        case 9: STRING("repe scasw"); break;
        case 10: STRING("repne scasl"); break;
        case 11: STRING("repe cmpsb"); break;
        case 12: STRING("repe cmpsw"); break;
        case 13: STRING("repne cmpsl"); break;
        case 14: STRING("movsb"); break;
        case 15: STRING("cmpsl"); break;
        }
        for (int k = 0; k < 256; k++)
            sum = mix(sum, a[k] << 8 | b[k]);
        printf("%s%s: si %+d", names[op], back ? " back" : "", (int) (s.esi - (uint32_t) (uintptr_t) a));
        if (s.edi - (uint32_t) (uintptr_t) a < 256)
            printf(" di a%+d", (int) (s.edi - (uint32_t) (uintptr_t) a));
        else
            printf(" di b%+d", (int) (s.edi - (uint32_t) (uintptr_t) b));
        printf(" cx %u ax %08x flags %03x memory %016" PRIx64 "\n", s.ecx, s.eax, s.flags & ALL, sum);
    }
}

/* Instructions of the host's x87.  An unmasked exception stays pending and is cleared unseen. */
#include "config.h"

#include "cpu/x87_host.h"

#include <string.h>
#include <sys/mman.h>

#if defined(__x86_64__)

/* --- whole states -------------------------------------------------------- */

/* FRSTOR [RSI], the instruction, FNSAVE [RSI], RET. */
static void stub_write(uint8_t *page, const uint8_t *code, size_t len)
{
    static const uint8_t before[] = { 0xdd, 0x26 }, after[] = { 0xdd, 0x36, 0xc3 };

    memcpy(page, before, sizeof before);
    memcpy(page + sizeof before, code, len);
    memcpy(page + sizeof before + len, after, sizeof after);
}

bool x87_host_run(const uint8_t *code, size_t len, struct x87_world *w)
{
    enum { PAGE = 4096, ARITH_FLAGS = 0x8d5 };
    static uint8_t *page;
    uint64_t rax = w->eax, flags = (w->eflags & ARITH_FLAGS) | 2;

    if (page == NULL) {
        page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) {
            page = NULL;
            return false;
        }
    }
    stub_write(page, code, len);
    __asm__ volatile("sub $256, %%rsp\n\tpush %1\n\tpopf\n\tcall *%4\n\tpushf\n\tpop %1\n\t"
                     "add $256, %%rsp\n\tfninit"
                     : "+a"(rax), "+r"(flags)
                     : "S"(w->state), "D"(w->mem), "r"(page)
                     : "memory", "cc");
    w->eax = (uint32_t) rax;
    w->eflags = (uint32_t) flags & ARITH_FLAGS;
    return true;
}

/* --- values -------------------------------------------------------------- */

struct __attribute__((packed)) image {
    uint64_t sig;
    uint16_t se;
};

static struct image image_of(struct f80 a)
{
    return (struct image){ a.sig, a.se };
}

static struct f80 f80_of(struct image m)
{
    return (struct f80){ m.sig, m.se };
}

/* ST(0) = a, ST(1) = b, the instruction, then the status word and both registers. */
#define BINARY(fn, text)                                                                          \
    static void fn(uint16_t cw, struct f80 a, struct f80 b, const uint8_t *mem, struct x87_result *r) \
    {                                                                                             \
        struct image x = image_of(a), y = image_of(b), s0, s1;                                    \
        uint16_t sw;                                                                              \
        (void) mem;                                                                               \
        __asm__ volatile("fninit\n\tfldt %4\n\tfldt %3\n\tfldcw %5\n\tfnclex\n\t" text            \
                         "\n\tfnstsw %2\n\tfnclex\n\tfstpt %0\n\tfstpt %1\n\tfninit"              \
                         : "=m"(s0), "=m"(s1), "=m"(sw) : "m"(x), "m"(y), "m"(cw) : "memory");    \
        r->st0 = f80_of(s0);                                                                      \
        r->st1 = f80_of(s1);                                                                      \
        r->sw = sw;                                                                               \
    }
/* One that pops: the result is then the top. */
#define POPPING(fn, text)                                                                         \
    static void fn(uint16_t cw, struct f80 a, struct f80 b, const uint8_t *mem, struct x87_result *r) \
    {                                                                                             \
        struct image x = image_of(a), y = image_of(b), s0;                                        \
        uint16_t sw;                                                                              \
        (void) mem;                                                                               \
        __asm__ volatile("fninit\n\tfldt %3\n\tfldt %2\n\tfldcw %4\n\tfnclex\n\t" text            \
                         "\n\tfnstsw %1\n\tfnclex\n\tfstpt %0\n\tfninit"                          \
                         : "=m"(s0), "=m"(sw) : "m"(x), "m"(y), "m"(cw) : "memory");              \
        r->st0 = f80_of(s0);                                                                      \
        r->sw = sw;                                                                               \
    }
/* One that stores to `m`; the register stays. */
#define STORING(fn, text)                                                                         \
    static void fn(uint16_t cw, struct f80 a, struct f80 b, const uint8_t *mem, struct x87_result *r) \
    {                                                                                             \
        struct image x = image_of(a), out;                                                        \
        uint16_t sw;                                                                              \
        (void) mem;                                                                               \
        (void) b;                                                                                 \
        memset(&out, 0xcc, sizeof out);                                                           \
        __asm__ volatile("fninit\n\tfldt %2\n\tfldcw %3\n\tfnclex\n\t" text                       \
                         "\n\tfnstsw %1\n\tfnclex\n\tfninit"                                      \
                         : "+m"(out), "=m"(sw) : "m"(x), "m"(cw) : "memory");                     \
        memcpy(r->mem, &out, sizeof r->mem);                                                      \
        r->sw = sw;                                                                               \
    }
#define LOADING(fn, text)                                                                         \
    static void fn(uint16_t cw, struct f80 a, struct f80 b, const uint8_t *mem, struct x87_result *r) \
    {                                                                                             \
        struct image in, s0;                                                                      \
        uint16_t sw;                                                                              \
        (void) a;                                                                                 \
        (void) b;                                                                                 \
        memcpy(&in, mem, sizeof in);                                                              \
        __asm__ volatile("fninit\n\tfldcw %3\n\t" text "\n\tfnstsw %1\n\tfnclex\n\t"            \
                         "fstpt %0\n\tfninit"                                                     \
                         : "=m"(s0), "=m"(sw) : "m"(in), "m"(cw) : "memory");                     \
        r->st0 = f80_of(s0);                                                                      \
        r->sw = sw;                                                                               \
    }

BINARY(run_fadd, "fadd %%st(1), %%st")
BINARY(run_fsub, ".byte 0xd8, 0xe1") /* mnemonics of the reversed forms differ by assembler */
BINARY(run_fmul, "fmul %%st(1), %%st")
BINARY(run_fdiv, ".byte 0xd8, 0xf1")
BINARY(run_fsqrt, "fsqrt")
BINARY(run_frndint, "frndint")
BINARY(run_fscale, "fscale")
BINARY(run_fprem, "fprem")
BINARY(run_fprem1, "fprem1")
BINARY(run_fcom, "fcom %%st(1)")
BINARY(run_fucom, "fucom %%st(1)")
BINARY(run_ftst, "ftst")
BINARY(run_fxam, "fxam")
BINARY(run_fxtract, "fxtract")
BINARY(run_fsin, "fsin")
BINARY(run_fcos, "fcos")
BINARY(run_fptan, "fptan")
BINARY(run_f2xm1, "f2xm1")
POPPING(run_fpatan, "fpatan")
POPPING(run_fyl2x, "fyl2x")
POPPING(run_fyl2xp1, "fyl2xp1")
STORING(run_fst32, "fsts %0")
STORING(run_fst64, "fstl %0")
STORING(run_fist16, "fists %0")
STORING(run_fist32, "fistl %0")
STORING(run_fist64, "fistpll %0")
STORING(run_fbstp, "fbstp %0")
LOADING(run_fld32, "flds %2")
LOADING(run_fld64, "fldl %2")
LOADING(run_fild64, "fildll %2")
LOADING(run_fbld, "fbld %2")

static const struct x87_insn insns[] = {
    { "fadd", run_fadd },       { "fsub", run_fsub },     { "fmul", run_fmul },     { "fdiv", run_fdiv },
    { "fsqrt", run_fsqrt },     { "frndint", run_frndint }, { "fscale", run_fscale }, { "fprem", run_fprem },
    { "fprem1", run_fprem1 },   { "fcom", run_fcom },     { "fucom", run_fucom },   { "ftst", run_ftst },
    { "fxam", run_fxam },       { "fxtract", run_fxtract }, { "fsin", run_fsin },   { "fcos", run_fcos },
    { "fptan", run_fptan },     { "f2xm1", run_f2xm1 },   { "fpatan", run_fpatan }, { "fyl2x", run_fyl2x },
    { "fyl2xp1", run_fyl2xp1 }, { "fst32", run_fst32 },   { "fst64", run_fst64 },   { "fist16", run_fist16 },
    { "fist32", run_fist32 },   { "fist64", run_fist64 }, { "fbstp", run_fbstp },   { "fld32", run_fld32 },
    { "fld64", run_fld64 },     { "fild64", run_fild64 }, { "fbld", run_fbld },
};

bool x87_host_present(void)
{
    return true;
}

const struct x87_insn *x87_host_find(const char *name)
{
    for (size_t i = 0; i < sizeof insns / sizeof insns[0]; i++)
        if (strcmp(insns[i].name, name) == 0)
            return &insns[i];
    return NULL;
}

#else

bool x87_host_present(void)
{
    return false;
}

bool x87_host_run(const uint8_t *code, size_t len, struct x87_world *w)
{
    (void) code;
    (void) len;
    (void) w;
    return false;
}

const struct x87_insn *x87_host_find(const char *name)
{
    (void) name;
    return NULL;
}

#endif

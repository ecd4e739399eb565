/*
 * Privileged tests: the frame they stand in.
 *
 * A test sets `T` by setup(mode), changes what matters, and calls go() with a
 * piece of code.  It runs at that privilege until an interrupt of any kind comes
 * through the default IDT; then `T` has the state at that point.  Each piece
 * ends with INT 80h, so DONE means that nothing faulted.
 *
 * Section numbers in the tests are those of the Intel SDM, vol. 3, of the years
 * of these processors (order no. 243192 for the Pentium II; in brackets where
 * today's edition counts differently); "vol. 2" names an instruction's page.
 */
#ifndef PRIV_H
#define PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))

/* Order known to entry.S. */
struct ctx {
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t eip, eflags;
    uint32_t cs, ss, ds, es, fs, gs;
    uint32_t vector; /* as the gate's number says */
    uint32_t h_ss, h_esp, h_eflags; /* of the handler, at its first instruction */
    uint32_t cr0, cr2, cr3, tr;
    uint32_t h_cs;
    /* Made by go() from the handler's frame. */
    bool soft;     /* set before: the vector comes from INT n, without a code */
    bool has_code;
    uint32_t code;
    uint32_t off;  /* EIP counted from the start of the piece of code */
    uint32_t dr6;
    bool main_busy;  /* the main task's descriptor, before go() came back to it */
    uint32_t h_segs; /* DS, ES, FS, GS as the handler had them, or'ed */
};
extern struct ctx T;
extern volatile uint32_t running;

enum vector {
    DE, DB, NMI, BP, OF, BR, UD, NM, DF, TS = 10, NP, SS_, GP, PF, MF = 16, AC, DONE = 0x80
};

/* Where a piece of code runs.  The low two bits are the CPL. */
enum mode {
    R0, R1, R2, R3, /* 32-bit, flat */
    R0_16, R1_16, R2_16, R3_16, /* 16-bit code, data and stack based at SNIP */
    V86 = 11, /* IOPL 3, segments at SNIP */
};

/* GDT.  code(cpl) and data(cpl) are flat, code16 and data16 64 KiB from SNIP. */
enum sel {
    SEL_CODE = 0x08,
    SEL_MAIN_TSS = 0x88, SEL_TSS_B = 0x90, SEL_TSS_C = 0x98, SEL_LDT = 0xa0,
    SEL_X = 0xa8, SEL_Y = 0xb0, SEL_Z = 0xb8, SEL_W = 0xc0, SEL_DF_TSS = 0xc8, /* X to W are for tests */
    GDT_COUNT = 32,
};
static inline uint16_t code(unsigned cpl)
{
    return (uint16_t) (0x08 + 16 * cpl + cpl);
}
static inline uint16_t data(unsigned cpl)
{
    return (uint16_t) (0x10 + 16 * cpl + cpl);
}
static inline uint16_t code16(unsigned cpl)
{
    return (uint16_t) (0x48 + 16 * cpl + cpl);
}
static inline uint16_t data16(unsigned cpl)
{
    return (uint16_t) (0x50 + 16 * cpl + cpl);
}

struct desc {
    uint32_t lo, hi;
};
extern struct desc gdt[GDT_COUNT], ldt[16], idt[256];

/* Access byte; types of system segments are 0 to 15. */
enum {
    A_P = 0x80, A_S = 0x10, A_CODE = A_P | A_S | 0x0b, A_DATA = A_P | A_S | 0x03,
    F_BIG = 0x4, F_GRAN = 0x8, /* the high nibble of byte 6 */
};
static inline struct desc segment(uint32_t base, uint32_t limit, unsigned access, unsigned flags)
{
    return (struct desc){ base << 16 | (limit & 0xffff),
                          (base & 0xff000000) | flags << 20 | (limit & 0xf0000) | access << 8 | (base >> 16 & 0xff) };
}
static inline struct desc gate(unsigned type, unsigned dpl, bool present, uint16_t sel, uint32_t off, unsigned count)
{
    return (struct desc){ (uint32_t) sel << 16 | (off & 0xffff),
                          (off & 0xffff0000) | (present ? 0x8000u : 0) | dpl << 13 | type << 8 | count };
}
void set_desc(uint16_t sel, struct desc d); /* in the GDT or the LDT */
uint32_t base_of(uint16_t sel);
/* The default for a vector, and one that goes to a test's code. */
void idt_default(unsigned vector);

struct tss {
    uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
    uint32_t reg[8];
    uint32_t es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, io_base;
    uint8_t tail[0x2000 + 64];
};
extern struct tss main_tss;
enum { TSS_LIMIT = 103 };

/* Test code is copied to SNIP; the segments of 16-bit and V86 code start there. */
#define SNIP      0x80000u
#define SNIP_TO   0x800u /* what gates and jumps lead to: INT 80h */
#define SCRATCH   0x84000u /* 16 KiB of data, 4000h in those segments */
#define STACK16   0xf000u  /* SP in them */

struct snip {
    uint32_t len;
    uint8_t bytes[];
};
extern const struct snip *volatile snip_current;

/* A piece of code as assembler text, in AT&T order; 16-bit with .code16. */
#define SNIPPET(text)                                                                          \
    ({                                                                                         \
        __asm__ volatile(".pushsection .snip, \"a\"\n.balign 4\n8881: .long 8883f - 8882f\n8882:\n" \
                         text "\n int $0x80\n8883: .code32\n.popsection\n movl $8881b, snip_current"); \
        snip_current;                                                                          \
    })
#define S32(text) SNIPPET(".code32\n" text)
#define S16(text) SNIPPET(".code16\n" text)

void setup(unsigned mode);
void go(const struct snip *s);
void go_bytes(const void *bytes, size_t len);
/* Everything as at the start: tables, control and debug registers. */
void env_reset(void);
void env_init(void);
/* Words that lie on the stack of the code that was interrupted. */
uint32_t stack32(unsigned i);
uint16_t stack16(unsigned i);
extern uint8_t main_stack_top[], user_stack[4][4096], ring_stack[4][4096];
/* The top of the stack that the TSS names for a ring, and setup()'s. */
uint32_t ring_top(unsigned ring);
uint32_t user_top(unsigned ring);

/* --- processor ------------------------------------------------------------ */

struct processor {
    unsigned family; /* 3, 4, 5, 6 and up */
    uint32_t signature, features;
    bool has_cpuid, has_fpu;
};
extern struct processor cpu;
enum { HAS_VME = 1 << 1, HAS_DE = 1 << 2, HAS_PSE = 1 << 3, HAS_TSC = 1 << 4, HAS_MSR = 1 << 5, HAS_CX8 = 1 << 8,
       HAS_SEP = 1 << 11, HAS_PGE = 1 << 13, HAS_CMOV = 1 << 15, HAS_MMX = 1 << 23, HAS_FXSR = 1 << 24 };
static inline bool has(uint32_t feature)
{
    return cpu.features & feature;
}

enum {
    FL_CF = 1, FL_PF = 4, FL_AF = 0x10, FL_ZF = 0x40, FL_SF = 0x80, FL_TF = 0x100, FL_IF = 0x200, FL_DF = 0x400, FL_OF = 0x800,
    FL_IOPL = 0x3000, FL_NT = 0x4000, FL_RF = 0x10000, FL_VM = 0x20000, FL_AC = 0x40000, FL_VIF = 0x80000,
    FL_VIP = 0x100000, FL_ID = 0x200000,
};
#define CR0_PE 1u
#define CR0_MP 2u
#define CR0_EM 4u
#define CR0_TS 8u
#define CR0_ET 0x10u
#define CR0_NE 0x20u
#define CR0_WP 0x10000u
#define CR0_AM 0x40000u
#define CR0_NW 0x20000000u
#define CR0_CD 0x40000000u
#define CR0_PG 0x80000000u
enum { CR4_VME = 1, CR4_PVI = 2, CR4_TSD = 4, CR4_DE = 8, CR4_PSE = 16, CR4_MCE = 64, CR4_PGE = 128, CR4_PCE = 256 };

#define REG_RW(name)                                                          \
    static inline uint32_t get_##name(void)                                   \
    {                                                                         \
        uint32_t v;                                                           \
        __asm__ volatile("movl %%" #name ", %0" : "=r"(v) : : "memory");      \
        return v;                                                             \
    }                                                                         \
    static inline void set_##name(uint32_t v)                                 \
    {                                                                         \
        __asm__ volatile("movl %0, %%" #name : : "r"(v) : "memory");          \
    }
REG_RW(cr0)
REG_RW(cr2)
REG_RW(cr3)
REG_RW(cr4)
REG_RW(dr0)
REG_RW(dr1)
REG_RW(dr2)
REG_RW(dr3)
REG_RW(dr6)
REG_RW(dr7)
static inline void outb(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port) : "memory");
}
static inline void outw(uint16_t port, uint16_t v)
{
    __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port) : "memory");
}
static inline uint8_t inb(uint16_t port)
{
    uint8_t v;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
    return v;
}
/* CR4 exists from the Pentium on (and on late 486s: not asked there). */
static inline void write_cr4(uint32_t v)
{
    if (cpu.family >= 5)
        set_cr4(v);
}

/* --- results -------------------------------------------------------------- */

/* One TAP line a case: the checks between begin and the next. */
void case_begin(const char *section, const char *name);
void case_end(void);
void case_skip(const char *section, const char *name, const char *why);
/* A check; what it was about is told only when it failed. */
bool check(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What the run of a piece of code ended with; -1: no error code. */
bool expect(unsigned vector, int64_t code_wanted, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern unsigned cases, failed_cases, checks;
_Noreturn void power_off(void);
_Noreturn void trap_unexpected(void);

void real_call(void (*fn)(void));
void real_apm_off(void);
void real_unreal(void);
void real_faults(void);
uint32_t triple_fault(void);
extern volatile uint32_t real_result[4], reset_cr0;

void *memset(void *p, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);

/* --- groups --------------------------------------------------------------- */

void test_exceptions(void);
void test_segments(void);
void test_queries(void);
void test_limits(void);
void test_transfers(void);
void test_gates(void);
void test_interrupts(void);
void test_tasks(void);
void test_v86(void);
void test_paging(void);
void test_debug(void);
void test_system(void);
void test_io(void);
void test_fpu(void);
void test_real(void);

#endif

/*
 * Which processor runs this, and how fast.
 *
 * Source: Intel application note AP-485, "Intel Processor Identification and
 *         the CPUID Instruction", sections 1 to 3; Intel 486 manual, section
 *         "FPU detection" (FNINIT, FNSTSW).
 */
#include "demo.h"

enum {
    EFLAGS_AC = 1 << 18, /* cannot be set before the 486 */
    EFLAGS_ID = 1 << 21, /* can be changed where CPUID exists */
    CPUID_TSC = 1 << 4,
    CPUID_MMX = 1 << 23,
    TICKS_MEASURED = 24,
    MEASURED_US = 82388, /* 24 * 4096 / 1.193182 MHz */
    LOOPS = 20000,
};

struct processor processor;

/* True when the bit of EFLAGS can be inverted. */
static bool eflags_toggles(uint32_t bit)
{
    uint32_t before, after;

    __asm__ volatile("pushfl\n\t"
                     "pushfl\n\tpopl %0\n\t"
                     "movl %0, %1\n\txorl %2, %1\n\t"
                     "pushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1\n\t"
                     "popfl"
                     : "=&r"(before), "=&r"(after) : "ri"(bit) : "cc");
    return ((before ^ after) & bit) != 0;
}

/* An x87 answers FNINIT with a status of 0 and a control word of 037Fh. */
static bool fpu_answers(void)
{
    uint16_t status = 0x5a5a, control = 0x5a5a;
    uint32_t cr0;

    __asm__ volatile("movl %%cr0, %0\n\tandl $~0xc, %0\n\tmovl %0, %%cr0" /* no EM, no TS */
                     : "=&r"(cr0));
    __asm__ volatile("fninit\n\tfnstsw %0\n\tfnstcw %1" : "+m"(status), "+m"(control));
    return (status & 0xff) == 0 && (control & 0x103f) == 0x3f;
}

static void cpuid(uint32_t leaf, uint32_t out[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
                     : "a"(leaf), "c"(0));
}

static void copy_text(char *to, uint32_t part)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (char) (part >> (8 * i));
}

static void read_brand(void)
{
    uint32_t out[4];

    cpuid(0x80000000, out);
    if (out[0] < 0x80000004 || out[0] > 0x800000ff)
        return;
    for (unsigned i = 0; i < 12; i++) {
        cpuid(0x80000002 + i / 4, out);
        copy_text(processor.brand + 4 * i, out[i % 4]);
    }
}

void processor_identify(void)
{
    uint32_t out[4];

    processor.family = eflags_toggles(EFLAGS_AC) ? 4 : 3;
    processor.has_fpu = fpu_answers();
    if (!eflags_toggles(EFLAGS_ID))
        return;
    processor.has_cpuid = true;
    cpuid(0, out);
    copy_text(processor.vendor, out[1]);
    copy_text(processor.vendor + 4, out[3]);
    copy_text(processor.vendor + 8, out[2]);
    cpuid(1, out);
    processor.family = out[0] >> 8 & 15;
    processor.model = out[0] >> 4 & 15;
    processor.stepping = out[0] & 15;
    processor.features = out[3];
    processor.has_tsc = (out[3] & CPUID_TSC) != 0;
    processor.has_mmx = (out[3] & CPUID_MMX) != 0;
    read_brand();
}

const char *processor_name(void)
{
    const struct processor *p = &processor;

    switch (p->family) {
    case 3: return p->has_fpu ? "80386 with 80387" : "80386";
    case 4: return p->has_fpu ? "80486" : "80486 SX";
    case 5: return p->has_mmx ? "Pentium with MMX" : "Pentium";
    default: return p->has_mmx ? "Pentium II" : "Pentium Pro";
    }
}

static uint32_t tsc_low(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return low;
}

static uint32_t wait_tick(void)
{
    uint32_t now = ticks;

    while (ticks == now)
        ;
    return now + 1;
}

unsigned processor_mhz(void)
{
    uint32_t start, cycles, until;

    if (!processor.has_tsc)
        return 0;
    until = wait_tick() + TICKS_MEASURED;
    start = tsc_low();
    while (ticks != until)
        ;
    cycles = tsc_low() - start;
    return (cycles + MEASURED_US / 2) / MEASURED_US;
}

uint32_t processor_loops(void)
{
    uint32_t rounds = 0, until = wait_tick() + TICKS_MEASURED;

    while ((int32_t) (ticks - until) < 0) {
        uint32_t n = LOOPS / 100;

        __asm__ volatile("1: decl %0\n\tjnz 1b" : "+r"(n) : : "cc");
        rounds++;
    }
    /* Two instructions a loop; per millisecond. */
    return rounds * (LOOPS / 100 * 2) / (MEASURED_US / 1000);
}

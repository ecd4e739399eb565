/*
 * Which processor runs this.
 *
 * Source: Intel application note AP-485, "Intel Processor Identification and
 *         the CPUID Instruction", sections 1 to 3.
 */
#include "demo.h"

enum {
    EFLAGS_AC = 1 << 18, /* cannot be set before the 486 */
    EFLAGS_ID = 1 << 21, /* can be changed where CPUID exists */
    CPUID_FPU = 1 << 0,
    CPUID_TSC = 1 << 4,
    CPUID_MMX = 1 << 23,
    TICKS_MEASURED = 3,
    MEASURED_US = 164776, /* 3 * 65536 / 1.193182 MHz */
};

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

static void cpuid(uint32_t leaf, uint32_t out[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
                     : "a"(leaf), "c"(0));
}

static void copy_vendor(char *to, uint32_t part)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (char) (part >> (8 * i));
}

void processor_identify(struct processor *p)
{
    uint32_t out[4];

    *p = (struct processor){ .family = eflags_toggles(EFLAGS_AC) ? 4 : 3 };
    if (!eflags_toggles(EFLAGS_ID))
        return;
    p->has_cpuid = true;
    cpuid(0, out);
    copy_vendor(p->vendor, out[1]);
    copy_vendor(p->vendor + 4, out[3]);
    copy_vendor(p->vendor + 8, out[2]);
    cpuid(1, out);
    p->family = out[0] >> 8 & 15;
    p->model = out[0] >> 4 & 15;
    p->stepping = out[0] & 15;
    p->has_fpu = (out[3] & CPUID_FPU) != 0;
    p->has_tsc = (out[3] & CPUID_TSC) != 0;
    p->has_mmx = (out[3] & CPUID_MMX) != 0;
}

static uint32_t tsc_low(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return low;
}

/* The low half of the firmware's tick count, 40:6C. */
static uint16_t ticks(void)
{
    return far_peek16(0x40, 0x6c);
}

static void wait_tick(void)
{
    uint16_t now = ticks();

    while (ticks() == now)
        ;
}

unsigned processor_mhz(const struct processor *p)
{
    uint32_t start, cycles;

    if (!p->has_tsc)
        return 0;
    wait_tick();
    start = tsc_low();
    for (unsigned i = 0; i < TICKS_MEASURED; i++)
        wait_tick();
    cycles = tsc_low() - start;
    return (cycles + MEASURED_US / 2) / MEASURED_US;
}

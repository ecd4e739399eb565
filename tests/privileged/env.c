/*
 * Privileged tests: tables, stacks, the default handlers.
 */
#include "priv.h"

struct ctx T;
struct processor cpu;
const struct snip *volatile snip_current;

struct desc gdt[GDT_COUNT] __attribute__((aligned(4096))), ldt[16], idt[256] __attribute__((aligned(4096)));
struct tss main_tss __attribute__((aligned(4096)));
uint8_t user_stack[4][4096] __attribute__((aligned(4096)));
uint8_t ring_stack[4][4096] __attribute__((aligned(4096)));
extern uint8_t trap_stubs[];
void run(void);

struct table_reg {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

static uint32_t base_cr0;

uint32_t ring_top(unsigned ring)
{
    return (uint32_t) ring_stack[ring] + 4096;
}

uint32_t user_top(unsigned ring)
{
    return (uint32_t) user_stack[ring] + 4096 - 256;
}

void set_desc(uint16_t sel, struct desc d)
{
    (sel & 4 ? ldt : gdt)[sel >> 3] = d;
}

uint32_t base_of(uint16_t sel)
{
    struct desc d = (sel & 4 ? ldt : gdt)[sel >> 3];

    return (d.hi & 0xff000000) | (d.hi & 0xff) << 16 | d.lo >> 16;
}

/* INT 3, INT 4 and 80h up may come from every ring. */
void idt_default(unsigned vector)
{
    idt[vector] = gate(14, vector == 3 || vector == 4 || vector >= 0x80 ? 3 : 0, true, SEL_CODE,
                       (uint32_t) trap_stubs + 16 * vector, 0);
}

void env_reset(void)
{
    struct table_reg g = { sizeof gdt - 1, (uint32_t) gdt }, i = { sizeof idt - 1, (uint32_t) idt };

    for (unsigned cpl = 0; cpl < 4; cpl++) {
        unsigned dpl = cpl << 5;

        set_desc(code(cpl), segment(0, 0xfffff, A_CODE | dpl, F_BIG | F_GRAN));
        set_desc(data(cpl), segment(0, 0xfffff, A_DATA | dpl, F_BIG | F_GRAN));
        set_desc(code16(cpl), segment(SNIP, 0xffff, A_CODE | dpl, 0));
        set_desc(data16(cpl), segment(SNIP, 0xffff, A_DATA | dpl, 0));
    }
    set_desc(SEL_MAIN_TSS, segment((uint32_t) &main_tss, TSS_LIMIT, A_P | 9, 0));
    set_desc(SEL_LDT, segment((uint32_t) ldt, sizeof ldt - 1, A_P | 2, 0));
    for (unsigned s = SEL_X; s < GDT_COUNT * 8; s += 8)
        set_desc((uint16_t) s, (struct desc){ 0, 0 });
    memset(ldt, 0, sizeof ldt);
    for (unsigned v = 0; v < 256; v++)
        idt_default(v);
    memset(&main_tss, 0, sizeof main_tss);
    main_tss.ss0 = data(0);
    main_tss.esp0 = ring_top(0);
    main_tss.ss1 = data(1);
    main_tss.esp1 = ring_top(1);
    main_tss.ss2 = data(2);
    main_tss.esp2 = ring_top(2);
    main_tss.io_base = TSS_LIMIT + 1;
    __asm__ volatile("lgdt %0; lidt %1; ltr %w2; lldt %w3"
                     : : "m"(g), "m"(i), "r"(SEL_MAIN_TSS), "r"(SEL_LDT) : "memory");
    set_dr7(0x400);
    set_dr6(0);
    set_cr0(base_cr0);
    write_cr4(0);
    set_cr3(0);
}

void setup(unsigned mode)
{
    unsigned cpl = mode & 3;
    bool wide = mode < R0_16;

    memset(&T, 0, sizeof T);
    T.cs = wide ? code(cpl) : code16(cpl);
    T.ss = T.ds = T.es = T.fs = T.gs = wide ? data(cpl) : data16(cpl);
    T.esp = wide ? user_top(cpl) : STACK16;
    T.eip = wide ? SNIP : 0;
    T.eflags = 2;
    if (mode == V86) {
        T.cs = T.ss = T.ds = T.es = T.fs = T.gs = SNIP >> 4;
        T.eflags = 2 | FL_VM | FL_IOPL;
    }
}

static uint32_t frame_base(void)
{
    uint16_t ss = (uint16_t) T.h_ss;
    bool big = (ss & 4 ? ldt : gdt)[ss >> 3].hi >> 22 & 1;

    return base_of(ss) + (big ? T.h_esp : T.h_esp & 0xffff);
}

static bool vector_has_code(unsigned v)
{
    return v == DF || (v >= TS && v <= PF) || v == AC;
}

/* The handler's frame, SDM vol. 3, figures 5-4 and 16-4. */
static void read_frame(uint32_t origin)
{
    const uint32_t *f = (const uint32_t *) frame_base();
    uint32_t cut = T.h_esp;

    T.ds &= 0xffff;
    T.es &= 0xffff;
    T.fs &= 0xffff;
    T.gs &= 0xffff;
    T.h_ss &= 0xffff;
    T.h_cs &= 0xffff;
    T.h_segs = T.ds | T.es | T.fs | T.gs;
    T.has_code = !T.soft && vector_has_code(T.vector);
    T.code = 0;
    if (T.has_code) {
        T.code = *f++;
        cut += 4;
    }
    T.eip = f[0];
    T.cs = f[1] & 0xffff;
    T.eflags = f[2];
    if ((T.eflags & FL_VM) || (T.cs & 3) != (T.h_cs & 3)) {
        T.esp = f[3];
        T.ss = f[4] & 0xffff;
        if (T.eflags & FL_VM) {
            T.es = f[5] & 0xffff;
            T.ds = f[6] & 0xffff;
            T.fs = f[7] & 0xffff;
            T.gs = f[8] & 0xffff;
        }
    } else {
        T.esp = cut + 12;
        T.ss = T.h_ss;
    }
    T.off = T.eip - origin;
    T.dr6 = get_dr6();
}

/* Back to the main task's tables whatever the test switched to. */
static void restore_task(void)
{
    if ((T.tr & 0xffff) != SEL_MAIN_TSS) {
        gdt[SEL_MAIN_TSS >> 3].hi &= ~0x200u;
        __asm__ volatile("ltr %w0" : : "r"(SEL_MAIN_TSS) : "memory");
    }
    __asm__ volatile("lldt %w0" : : "r"(SEL_LDT) : "memory");
}

static void go_here(uint32_t origin)
{
    run();
    T.tr &= 0xffff;
    T.main_busy = gdt[SEL_MAIN_TSS >> 3].hi & 0x200;
    restore_task();
    read_frame(origin);
}

void go_bytes(const void *bytes, size_t len)
{
    static const uint8_t end[] = { 0xcd, 0x80 };
    uint8_t *to = (uint8_t *) SNIP;

    memcpy(to, bytes, len);
    memcpy(to + len, end, sizeof end);
    snip_current = NULL;
    go_here(T.eip);
}

void go(const struct snip *s)
{
    static const struct snip *last;
    static const uint8_t end[4] __attribute__((aligned(4))) = { 0xcd, 0x80, 0xcd, 0x80 };
    uint8_t *to = (uint8_t *) SNIP;

    if (s != last) {
        memcpy(to, s->bytes, s->len);
        last = s;
    } else {
        for (unsigned i = 0; i < s->len; i++)
            if (to[i] != s->bytes[i])
                to[i] = s->bytes[i];
    }
    if (*(uint32_t *) (to + SNIP_TO) != *(const uint32_t *) end)
        memcpy(to + SNIP_TO, end, sizeof end);
    go_here(T.eip);
}

uint32_t stack32(unsigned i)
{
    return ((const uint32_t *) ((T.eflags & FL_VM ? T.ss << 4 : base_of((uint16_t) T.ss)) + T.esp))[i];
}

uint16_t stack16(unsigned i)
{
    bool big = !(T.eflags & FL_VM) && ((T.ss & 4 ? ldt : gdt)[T.ss >> 3].hi >> 22 & 1);

    return ((const uint16_t *) ((T.eflags & FL_VM ? T.ss << 4 : base_of((uint16_t) T.ss))
                                + (big ? T.esp : T.esp & 0xffff)))[i];
}

/* --- which processor ------------------------------------------------------ */

static bool flag_toggles(uint32_t bit)
{
    uint32_t a, b;

    __asm__ volatile("pushfl; popl %0; movl %0, %1; xorl %2, %1; pushl %1; popfl; pushfl; popl %1; pushl %0; popfl"
                     : "=&r"(a), "=&r"(b) : "ri"(bit));
    return (a ^ b) & bit;
}

/* AP-485, "Intel Processor Identification". */
static void cpu_detect(void)
{
    uint32_t a = 0, b, c, d;
    uint16_t sw = 0x5a5a;

    cpu.family = flag_toggles(FL_AC) ? 4 : 3;
    cpu.has_cpuid = flag_toggles(FL_ID);
    if (cpu.has_cpuid) {
        __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
        a = 1;
        __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
        cpu.signature = a;
        cpu.features = d;
        cpu.family = a >> 8 & 15;
    }
    __asm__ volatile("fninit; fnstsw %0" : "+m"(sw));
    cpu.has_fpu = sw == 0;
}

void env_init(void)
{
    uint32_t cr0 = get_cr0() & (CR0_PE | CR0_ET);

    cpu_detect();
    base_cr0 = cr0 | CR0_MP | (cpu.family >= 4 ? CR0_NE : 0);
    env_reset();
}

/*
 * What the programs of the system BIOS's test disks share: memory and ports,
 * TAP on COM1, calls of services with every register known.
 */
#ifndef BIOSTEST_GUEST_H
#define BIOSTEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct regs {
    uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
    uint16_t ds, es, fs, gs, flags, esp_high;
};

_Static_assert(offsetof(struct regs, flags) == 36, "boot.S");

void int_call(struct regs *r, uint8_t vector);
void test_main(void);
/* Low memory as bytes: the linker puts it at 0. */
extern volatile uint8_t low[];

enum {
    CF = 0x001,
    ZF = 0x040,
    IF = 0x200,
    DF = 0x400,
    ODD_FLAGS = 0x0a82 & ~0x0880, /* IF and the bit that is always 1 */
    BUFFER_SEG = 0x3000,
    STACK_SEG = 0x2000,
};

static struct regs r;
static int tests, failures;

/* ---- Memory, ports, results ---- */

static inline uint8_t peek(uint16_t seg, uint16_t off)
{
    uint8_t val;

    __asm__ volatile(
        "movw %w1, %%es; movb %%es:(%2), %0; movw %%ds, %w1; movw %w1, %%es"
        : "=&q"(val), "+&r"(seg)
        : "r"((uint32_t) off));
    return val;
}

static inline void poke(uint16_t seg, uint16_t off, uint8_t val)
{
    __asm__ volatile(
        "movw %w0, %%es; movb %1, %%es:(%2); movw %%ds, %w0; movw %w0, %%es"
        : "+&r"(seg)
        : "q"(val), "r"((uint32_t) off)
        : "memory");
}

static inline uint16_t peek16(uint16_t seg, uint16_t off)
{
    return peek(seg, off) | peek(seg, off + 1) << 8;
}

static inline uint32_t peek32(uint16_t seg, uint16_t off)
{
    return peek16(seg, off) | (uint32_t) peek16(seg, off + 2) << 16;
}

static inline void poke32(uint16_t seg, uint16_t off, uint32_t val)
{
    for (unsigned i = 0; i < 4; i++)
        poke(seg, off + i, val >> (8 * i));
}

static inline uint16_t bda16(uint16_t off)
{
    return low[0x400 + off] | low[0x401 + off] << 8;
}

static inline void outb(uint16_t port, uint8_t val)
{
    __asm__ volatile("outb %0, %1" : : "a"(val), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t val;

    __asm__ volatile("inb %1, %0" : "=a"(val) : "Nd"(port));
    return val;
}

static inline void put(char c)
{
    while (!(inb(0x3fd) & 0x20))
        ;
    outb(0x3f8, c);
}

static inline void say(const char *s)
{
    while (*s)
        put(*s++);
}

static inline void say_hex(uint32_t n)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        put("0123456789abcdef"[n >> shift & 15]);
}

static inline void say_number(uint32_t n)
{
    if (n >= 10)
        say_number(n / 10);
    put('0' + n % 10);
}

static inline void check(bool good, const char *what)
{
    tests++;
    if (!good)
        failures++;
    say(good ? "ok " : "not ok ");
    say_number(tests);
    say(" - ");
    say(what);
    put('\n');
    if (good)
        return;
    say("# eax ");
    say_hex(r.eax);
    say(" ebx ");
    say_hex(r.ebx);
    say(" ecx ");
    say_hex(r.ecx);
    say(" edx ");
    say_hex(r.edx);
    say(" flags ");
    say_hex(r.flags);
    put('\n');
}

/* ---- Calls ---- */

static inline void prepare(void)
{
    r = (struct regs){
        .eax = 0xa1a20000,
        .ebx = 0xb1b20000,
        .ecx = 0xc1c20000,
        .edx = 0xd1d20000,
        .esi = 0x51525354,
        .edi = 0x71727374,
        .ebp = 0xe1e2e3e4,
        .ds = 0x1111,
        .es = BUFFER_SEG,
        .fs = 0x3333,
        .gs = 0x4444,
        .flags = ODD_FLAGS,
        .esp_high = 0x1234,
    };
}

static inline void set16(uint32_t *reg, uint16_t val)
{
    *reg = (*reg & 0xffff0000) | val;
}

static inline void call(uint8_t vector, uint16_t ax, uint16_t bx, uint16_t cx,
                 uint16_t dx)
{
    set16(&r.eax, ax);
    set16(&r.ebx, bx);
    set16(&r.ecx, cx);
    set16(&r.edx, dx);
    int_call(&r, vector);
}

static inline void simple(uint8_t vector, uint16_t ax, uint16_t bx, uint16_t cx,
                   uint16_t dx)
{
    prepare();
    call(vector, ax, bx, cx, dx);
}

static inline uint8_t ah(void)
{
    return r.eax >> 8;
}

static inline uint8_t al(void)
{
    return r.eax;
}

static inline bool carry(void)
{
    return r.flags & CF;
}

/* Everything that no service returns is as it was. */
static inline bool kept(void)
{
    return r.eax >> 16 == 0xa1a2 && r.ebx >> 16 == 0xb1b2 &&
           r.ecx >> 16 == 0xc1c2 && r.edx >> 16 == 0xd1d2 &&
           r.esi == 0x51525354 && r.edi >> 16 == 0x7172 &&
           r.ebp == 0xe1e2e3e4 && r.ds == 0x1111 && r.fs == 0x3333 &&
           r.gs == 0x4444 && r.esp_high == 0x1234 &&
           (r.flags & ~(CF | ZF)) == ODD_FLAGS;
}

/* The number of failures, none or one, goes to port 501h; then APM switches off. */
static inline void finish(void)
{
    say("1..");
    say_number(tests);
    put('\n');
    while (!(inb(0x3fd) & 0x40)) /* the end must not overtake the last byte */
        ;
    outb(0x501, failures ? 1 : 0);
    simple(0x15, 0x5307, 1, 3, 0);
}

#endif

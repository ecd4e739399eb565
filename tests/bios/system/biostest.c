/*
 * System BIOS test disk: calls the services from INT 11h to 1Ah and checks what
 * they left in registers, flags, BIOS data, memory and on disk.
 *
 * Boots from a 1.44 MB floppy on any PC; writes to that floppy's last
 * cylinder, and to the first fixed disk if that begins with "REPRISE-SCRATCH".
 * TAP goes to COM1.  At the end the number of failures goes to port 501h, then
 * APM switches the machine off.  Real mode, all segments 0, interrupts on.
 *
 * Source of what is expected: IBM PC AT Technical Reference and IBM PS/2 BIOS
 * Interface Technical Reference, each by interrupt; Phoenix EDD 1.1; APM 1.2.
 */
#include "guest.h"

uint32_t reset_and_return(uint8_t code);
uint32_t protected_and_back(void);
void mouse_driver(void);
void hook_09(void);
void hook_09_look(void);
void hook_1c(void);
void hook_1b(void);
void hook_15(void);

extern uint32_t old_09, old_15;
extern volatile uint16_t hook_09_calls, mouse_calls, mouse_status,
    hook_1c_calls, hook_1b_calls;

enum { RESET_MARK = 0x504 };

/* ---- Tests ---- */

static void test_vectors(void)
{
    check(peek32(0, 0x13 * 4) == 0xf000e3fe, "INT 13h at F000:E3FE");
    check(peek32(0, 0x40 * 4) == 0xf000ec59, "INT 40h at F000:EC59");
    check(peek32(0, 0x1e * 4) == 0xf000efc7, "INT 1Eh at F000:EFC7");
    check(peek(0xf000, 0xfff0) == 0xea, "reset vector is a far jump");
    check(peek(0xf000, 0xfffe) == 0xfc, "model byte FCh");
    check(peek(0xf000, 0xff53) == 0xcf, "IRET at F000:FF53");
    check(peek(0xf000, 0xfa6e) == 0 &&
              peek16(0xf000, 0xfa6e + 'A' * 8 + 2) != 0,
          "8x8 characters at F000:FA6E");
    simple(0x11, 0, 0, 0, 0);
    check((r.eax & 0xffff) == bda16(0x10) && kept(), "INT 11h");
    check(r.eax & 1, "equipment: diskette");
    simple(0x12, 0, 0, 0, 0);
    check((r.eax & 0xffff) == bda16(0x13) && kept(), "INT 12h");
}

static void test_timer(void)
{
    uint16_t before = bda16(0x6c);
    uint32_t vector = peek32(0, 0x1c * 4);

    poke32(0, 0x1c * 4, (uint16_t) (uintptr_t) hook_1c);
    while ((uint16_t) (bda16(0x6c) - before) < 3)
        __asm__ volatile("hlt");
    poke32(0, 0x1c * 4, vector);
    check(hook_1c_calls >= 2, "INT 08h counts and calls INT 1Ch");
    simple(0x1a, 0x0100, 0, 0x0018, 0x00ae);
    check(kept() && bda16(0x6e) == 0x18, "INT 1Ah AH=01h");
    while (bda16(0x6e) != 0)
        __asm__ volatile("hlt");
    simple(0x1a, 0x0000, 0, 0, 0);
    check(al() == 1 && (r.ecx & 0xffff) == 0 && kept(),
          "midnight after 1800B0h ticks");
    simple(0x1a, 0x0000, 0, 0, 0);
    check(al() == 0, "AH=00h clears the midnight flag");
}

static void test_clock(void)
{
    simple(0x1a, 0x0300, 0, 0x2359, 0x5700);
    check(!carry(), "set the time");
    simple(0x1a, 0x0500, 0, 0x1999, 0x1231);
    check(!carry(), "set the date");
    simple(0x1a, 0x0200, 0, 0, 0);
    check(!carry() && (r.ecx & 0xffff) == 0x2359 && kept(), "read the time");
    simple(0x1a, 0x0400, 0, 0, 0);
    check(!carry() && (r.ecx & 0xffff) == 0x1999 &&
              (r.edx & 0xffff) == 0x1231 && kept(),
          "read the date");
    simple(0x1a, 0x0600, 0, 0x1200, 0);
    check(!carry(), "set the alarm");
    simple(0x1a, 0x0600, 0, 0x1200, 0);
    check(carry(), "a second alarm is refused");
    simple(0x1a, 0x0700, 0, 0, 0);
    check(!carry(), "clear the alarm");
    simple(0x1a, 0x7700, 0, 0, 0);
    check(carry(), "INT 1Ah has no AH=77h");
}

static void fill(uint16_t seg, uint8_t seed)
{
    for (unsigned i = 0; i < 512; i++)
        poke(seg, i, seed + i * 7 + (i >> 8));
}

static bool is_filled(uint16_t seg, uint8_t seed)
{
    for (unsigned i = 0; i < 512; i++)
        if (peek(seg, i) != (uint8_t) (seed + i * 7 + (i >> 8)))
            return false;
    return true;
}

static bool is_boot_sector(uint16_t seg)
{
    for (unsigned i = 0; i < 512; i++)
        if (peek(seg, i) != peek(0, 0x7c00 + i) && i != 509)
            return false;
    return true;
}

static void test_floppy(void)
{
    simple(0x13, 0x0000, 0, 0, 0);
    check(!carry() && ah() == 0 && kept(), "reset the diskette");
    simple(0x13, 0x0201, 0, 1, 0);
    check(!carry() && al() == 1 && kept(), "read a sector");
    check(is_boot_sector(BUFFER_SEG), "and it is the first one");
    prepare();
    r.es = 0x2fff;
    call(0x13, 0x0202, 0xfe00, 1, 0);
    check(carry() && ah() == 0x09 && kept(), "DMA over 64 KiB is refused");
    simple(0x13, 0x0212, 0, 1, 0);
    check(!carry() && al() == 18, "read a track");
    simple(0x13, 0x0200, 0, 1, 0);
    check(carry() && ah() == 0x01, "no sectors: bad command");
    simple(0x13, 0x0201, 0, 0x0040, 0);
    check(carry() && ah() != 0 && bda16(0x41) % 256 == ah(), "no sector 64");
    simple(0x13, 0x0800, 0, 0, 0);
    check(!carry() && (r.ecx & 0xffff) == 0x4f12 &&
              (r.edx & 0xffff) == 0x0101 && al() == 0,
          "parameters of drive A");
    check(peek(r.es, r.edi + 4) == 18 && r.esi == 0x51525354,
          "ES:DI shows its table");
    simple(0x13, 0x1500, 0, 0, 0);
    check(!carry() && ah() == 2, "drive type with change line");
    simple(0x13, 0x1600, 0, 0, 0);
    check(!carry() && ah() == 0, "the disk was not changed");
    simple(0x13, 0x7700, 0, 0, 0);
    check(carry() && ah() == 1, "INT 13h has no AH=77h");
    simple(0x13, 0x0201, 0, 1, 1);
    check(carry(), "no drive B");
}

static void test_floppy_write(void)
{
    simple(0x13, 0x1800, 0, 0x4f12, 0);
    check(!carry() && peek(r.es, r.edi + 4) == 18, "18 sectors for formatting");
    simple(0x13, 0x1800, 0, 0x4f33, 0);
    check(carry() && ah() == 0x0c, "no format with 51 sectors");
    for (unsigned i = 0; i < 18; i++)
        poke32(BUFFER_SEG, 4 * i, 79 | 1 << 8 | (i + 1) << 16 | 2u << 24);
    simple(0x13, 0x0512, 0, 0x4f01, 0x0100);
    check(!carry() && kept(), "format the last track");
    simple(0x13, 0x0201, 0, 0x4f05, 0x0100);
    check(!carry() && peek(BUFFER_SEG, 0) == 0xf6 &&
              peek(BUFFER_SEG, 511) == 0xf6,
          "it is full of F6h");
    fill(BUFFER_SEG, 3);
    simple(0x13, 0x0301, 0, 0x4f12, 0x0100);
    check(!carry() && kept(), "write a sector");
    simple(0x13, 0x0201, 0x200, 0x4f12, 0x0100);
    check(!carry() && is_filled(BUFFER_SEG + 0x20, 3), "and read it back");
    simple(0x13, 0x0412, 0, 0x4f01, 0x0100);
    check(!carry(), "verify the track");
}

static void packet(uint16_t count, uint16_t off, uint16_t seg, uint32_t lba)
{
    poke32(0x1111, 0x5354, 0x10 | (uint32_t) count << 16);
    poke32(0x1111, 0x5358, off | (uint32_t) seg << 16);
    poke32(0x1111, 0x535c, lba);
    poke32(0x1111, 0x5360, 0);
}

static void test_disk(void)
{
    uint16_t heads, spt, cyls;

    simple(0x13, 0x0800, 0, 0, 0x80);
    heads = (r.edx >> 8 & 0xff) + 1;
    spt = r.ecx & 63;
    cyls = (r.ecx >> 8 & 0xff) + ((r.ecx & 0xc0) << 2) + 1;
    check(!carry() && al() == 0 && (r.edx & 0xff) == bda16(0x75) % 256 &&
              kept(),
          "parameters of the disk");
    check(peek16(peek16(0, 0x41 * 4 + 2), peek16(0, 0x41 * 4)) == cyls,
          "INT 41h agrees");
    simple(0x13, 0x1500, 0, 0, 0x80);
    check(!carry() && ah() == 3 &&
              ((r.ecx & 0xffff) << 16 | (r.edx & 0xffff)) ==
                  (uint32_t) cyls * heads * spt,
          "its size in sectors");
    fill(BUFFER_SEG, 9);
    simple(0x13, 0x0301, 0, 2, 0x80);
    check(!carry() && kept(), "write a sector");
    simple(0x13, 0x0202, 0x1ff0, 1, 0x80);
    check(!carry() && al() == 2 && is_filled(BUFFER_SEG + 0x21f, 9),
          "read two");
    simple(0x13, 0x0201, 0, spt + 1, 0x80);
    check(carry() && ah() != 0, "no sector beyond the track");
    simple(0x13, 0x0401, 0, 2, 0x80);
    check(!carry() && kept(), "verify");
    simple(0x13, 0x1000, 0, 0, 0x80);
    check(!carry() && ah() == 0, "drive ready");
    simple(0x13, 0x0000, 0, 0, 0x80);
    check(!carry() && kept(), "reset the disk");
    simple(0x13, 0x0d00, 0, 0, 0x80);
    check(!carry(), "reset the disk only");
    simple(0x13, 0x0201, 0, 1, 0x90);
    check(carry() && ah() == 1, "no disk 90h");
}

static void test_edd(void)
{
    simple(0x13, 0x4100, 0x55aa, 0, 0x80);
    check(!carry() && (r.ebx & 0xffff) == 0xaa55 && ah() >= 0x21 &&
              (r.ecx & 1) && r.ebx >> 16 == 0xb1b2,
          "extensions are there");
    simple(0x13, 0x4100, 0x1234, 0, 0x80);
    check(carry(), "but for who asks properly");
    packet(3, 0xfff0, BUFFER_SEG, 0);
    simple(0x13, 0x4200, 0, 0, 0x80);
    check(!carry() && ah() == 0 && kept() && is_filled(BUFFER_SEG + 0x101f, 9),
          "read by number, over a segment's end");
    check(peek16(0x1111, 0x5356) == 3, "three sectors were moved");
    fill(BUFFER_SEG, 77);
    packet(1, 0, BUFFER_SEG, 40);
    simple(0x13, 0x4300, 0, 0, 0x80);
    check(!carry(), "write by number");
    packet(1, 0x400, BUFFER_SEG, 40);
    simple(0x13, 0x4200, 0, 0, 0x80);
    check(!carry() && is_filled(BUFFER_SEG + 0x40, 77), "and read it back");
    packet(1, 0, BUFFER_SEG, 0x0fffffff);
    simple(0x13, 0x4200, 0, 0, 0x80);
    check(carry(), "not beyond the end");
    poke32(0x1111, 0x5354, 0x1e);
    simple(0x13, 0x4800, 0, 0, 0x80);
    check(!carry() && peek16(0x1111, 0x5354) == 0x1e &&
              peek16(0x1111, 0x5354 + 0x18) == 512 &&
              peek16(peek16(0x1111, 0x5354 + 0x1c),
                     peek16(0x1111, 0x5354 + 0x1a)) == 0x1f0,
          "drive parameters with the port");
    poke32(0x1111, 0x5354, 0x42);
    simple(0x13, 0x4800, 0, 0, 0x80);
    check(!carry() && peek16(0x1111, 0x5354 + 0x1e) == 0xbedd, "and its path");
}

static void test_memory(void)
{
    uint32_t kib, next = 0, above = 0;
    unsigned entries = 0;

    simple(0x15, 0x8800, 0, 0, 0);
    kib = r.eax & 0xffff;
    check(!carry() && kept() && kib != 0, "AH=88h");
    simple(0x15, 0xe801, 0, 0, 0);
    above = (r.eax & 0xffff) + (r.ebx & 0xffff) * 64;
    check(!carry() && (above == kib || kib == 0xfc00) &&
              (r.eax & 0xffff) == (r.ecx & 0xffff),
          "E801h agrees");
    kib = 0;
    do {
        prepare();
        r.eax = 0xe820;
        r.ebx = next;
        r.ecx = 20;
        r.edx = 0x534d4150;
        int_call(&r, 0x15);
        next = r.ebx;
        entries++;
        if (!carry() && peek32(BUFFER_SEG, r.edi) == 0x100000 &&
            peek32(BUFFER_SEG, r.edi + 16) == 1)
            kib = peek32(BUFFER_SEG, r.edi + 8) >> 10;
    } while (!carry() && next != 0 && entries < 20);
    check(!carry() && r.eax == 0x534d4150 && entries >= 4 && kib == above,
          "E820h agrees");
    prepare();
    r.eax = 0xe820;
    r.ebx = 0;
    r.ecx = 20;
    r.edx = 0;
    int_call(&r, 0x15);
    check(carry(), "E820h without its signature");
}

static void move(uint32_t src, uint32_t dst, uint16_t words, uint16_t limit)
{
    for (unsigned i = 0; i < 0x30; i++)
        poke(BUFFER_SEG, 0x8000 + i, 0);
    prepare();
    set16(&r.esi, 0x8000);
    poke32(BUFFER_SEG, 0x8010, limit | src << 16);
    poke32(BUFFER_SEG, 0x8014,
           (src >> 16 & 0xff) | 0x9300 | (src & 0xff000000));
    poke32(BUFFER_SEG, 0x8018, limit | dst << 16);
    poke32(BUFFER_SEG, 0x801c,
           (dst >> 16 & 0xff) | 0x9300 | (dst & 0xff000000));
    call(0x15, 0x8700, 0, words, 0);
    r.esi = 0x51525354;
}

static void test_protected(void)
{
    simple(0x15, 0x2402, 0, 0, 0);
    check(!carry() && al() == 0, "A20 is off after the start");
    simple(0x15, 0x2401, 0, 0, 0);
    simple(0x15, 0x2402, 0, 0, 0);
    check(!carry() && al() == 1 && kept(), "A20 on");
    simple(0x15, 0x2400, 0, 0, 0);
    simple(0x15, 0x2402, 0, 0, 0);
    check(!carry() && al() == 0, "A20 off");
    fill(BUFFER_SEG, 123);
    move((uint32_t) BUFFER_SEG << 4, 0x123400, 256, 0xffff);
    check(!carry() && ah() == 0 && kept(), "move above 1 MiB");
    move(0x123400, ((uint32_t) BUFFER_SEG << 4) + 0x1000, 256, 0xffff);
    check(!carry() && is_filled(BUFFER_SEG + 0x100, 123), "and back");
    move(0x123400, (uint32_t) BUFFER_SEG << 4, 256, 0xff);
    check(carry() && ah() != 0, "not beyond a limit");
    simple(0x15, 0x2402, 0, 0, 0);
    check(al() == 0, "A20 is still off");
}

static void test_services(void)
{
    uint16_t before;

    prepare();
    r.flags |= CF;
    call(0x15, 0x4f1e, 0, 0, 0);
    check(carry() && al() == 0x1e && kept(), "AH=4Fh keeps the key");
    simple(0x15, 0x9000, 0, 0, 0);
    check(!carry() && ah() == 0 && kept(), "AH=90h");
    simple(0x15, 0xc000, 0, 0, 0);
    check(!carry() && peek16(r.es, r.ebx) == 8 && peek(r.es, r.ebx + 2) == 0xfc,
          "AH=C0h");
    simple(0x15, 0xc100, 0, 0, 0);
    check(!carry() && r.es == bda16(0x0e) && peek(r.es, 0) == 1, "AH=C1h");
    simple(0x15, 0x7700, 0, 0, 0);
    check(carry() && ah() == 0x86 && kept(), "no AH=77h");
    before = bda16(0x6c);
    simple(0x15, 0x8600, 0, 4, 0x93e0); /* 300 ms */
    before = bda16(0x6c) - before;
    check(!carry() && kept() && before >= 5 && before <= 7,
          "AH=86h waits 0.3 s");
    before = bda16(0x6c);
    simple(0x15, 0x8600, 0, 0, 1000);
    check(!carry() && (uint16_t) (bda16(0x6c) - before) <= 1,
          "AH=86h waits 1 ms");
    poke(BUFFER_SEG, 0x10, 0);
    simple(0x15, 0x8300, 0x10, 1, 0x86a0); /* 100 ms */
    check(!carry() && peek(BUFFER_SEG, 0x10) == 0, "AH=83h starts a wait");
    simple(0x15, 0x8600, 0, 4, 0);
    check(carry(), "which is the only one");
    before = bda16(0x6c);
    while (!(peek(BUFFER_SEG, 0x10) & 0x80) &&
           (uint16_t) (bda16(0x6c) - before) < 9)
        __asm__ volatile("hlt");
    check(peek(BUFFER_SEG, 0x10) & 0x80, "and ends");
}

/* ---- Keyboard: the 8042 lets us say what the keyboard has sent ---- */

static void kbc_wait(void)
{
    while (inb(0x64) & 2)
        ;
}

/* Bytes of scan set 1, as the controller has translated them; 00 ends. */
static void scan(const uint8_t *bytes)
{
    while (*bytes) {
        while (inb(0x64) & 1)
            ;
        kbc_wait();
        outb(0x64, 0xd2);
        kbc_wait();
        outb(0x60, *bytes++);
        for (unsigned i = 0; i < 200; i++)
            inb(0x80);
    }
}

static bool next_is(uint16_t function, uint16_t key)
{
    simple(0x16, function | 0x0100, 0, 0, 0);
    if (r.flags & ZF || (r.eax & 0xffff) != key)
        return false;
    simple(0x16, function, 0, 0, 0);
    return (r.eax & 0xffff) == key && kept();
}

static bool is_empty(void)
{
    simple(0x16, 0x1100, 0, 0, 0);
    return r.flags & ZF;
}

#define SCAN(...) scan((const uint8_t[]){ __VA_ARGS__, 0 })

static void test_keyboard(void)
{
    check(is_empty(), "no key yet");
    SCAN(0x1e, 0x9e);
    check(next_is(0, 0x1e61) && is_empty(), "a");
    SCAN(0x2a, 0x1e, 0x9e, 0xaa, 0x1e, 0x9e);
    check(next_is(0x1000, 0x1e41) && next_is(0, 0x1e61), "Shift+a, a");
    SCAN(0x1d, 0x2e, 0xae, 0x9d);
    check(next_is(0, 0x2e03), "Ctrl+c");
    SCAN(0x38, 0x2d, 0xad, 0xb8);
    check(next_is(0, 0x2d00), "Alt+x");
    SCAN(0x3b, 0xbb, 0x2a, 0x3b, 0xbb, 0xaa);
    check(next_is(0, 0x3b00) && next_is(0, 0x5400), "F1, Shift+F1");
    SCAN(0xe0, 0x48, 0xe0, 0xc8, 0xe0, 0x48, 0xe0, 0xc8);
    check(next_is(0, 0x4800) && next_is(0x1000, 0x48e0),
          "gray up, old and new");
    SCAN(0x57, 0xd7);
    check(next_is(0x1000, 0x8500), "F11 by AH=10h");
    SCAN(0x57, 0xd7, 0x30, 0xb0);
    check(next_is(0, 0x3062), "AH=00h passes over F11");
    SCAN(0x38, 0x4f, 0xcf, 0x52, 0xd2, 0x50, 0xd0, 0xb8);
    check(next_is(0, 0x0066), "Alt+102");
    SCAN(0x45, 0xc5, 0x47, 0xc7, 0x45, 0xc5, 0x47, 0xc7);
    check(next_is(0, 0x4737) && next_is(0, 0x4700), "Num Lock, 7; Home");
    SCAN(0x3a, 0xba, 0x1e, 0x9e, 0x02, 0x82, 0x3a, 0xba);
    check(next_is(0, 0x1e41) && next_is(0, 0x0231), "Caps Lock: A, 1");
    SCAN(0x2a, 0xe0, 0x38);
    simple(0x16, 0x1200, 0, 0, 0);
    check(al() == 0x0a && ah() == 0x08, "Shift and right Alt down");
    SCAN(0xe0, 0xb8, 0xaa);
    simple(0x16, 0x0200, 0, 0, 0);
    check(al() == 0, "all up");
    simple(0x16, 0x0500, 0, 0x1234, 0);
    check(al() == 0 && next_is(0, 0x1234), "AH=05h stores a key");
}

static void test_keyboard_hooks(void)
{
    uint32_t vector = peek32(0, 0x1b * 4);
    unsigned stored = 0;

    poke32(0, 0x1b * 4, (uint16_t) (uintptr_t) hook_1b);
    SCAN(0x1e, 0x9e, 0x1d, 0xe0, 0x46, 0xe0, 0xc6, 0x9d);
    poke32(0, 0x1b * 4, vector);
    check(hook_1b_calls == 1 && low[0x471] & 0x80, "Ctrl+Break calls INT 1Bh");
    check(next_is(0, 0) && is_empty(), "and leaves a 0 alone");
    old_15 = peek32(0, 0x15 * 4);
    poke32(0, 0x15 * 4, (uint16_t) (uintptr_t) hook_15);
    SCAN(0x3a);
    poke32(0, 0x15 * 4, old_15);
    check(next_is(0, 0x2c7a), "a hook of INT 15h AH=4Fh changes keys");
    simple(0x16, 0x0200, 0, 0, 0);
    check(al() == 0, "and Caps Lock stays off");
    old_09 = peek32(0, 0x09 * 4);
    poke32(0, 0x09 * 4, (uint16_t) (uintptr_t) hook_09_look);
    SCAN(0x1e, 0x9e);
    poke32(0, 0x09 * 4, old_09);
    check(next_is(0, 0x1e61) && is_empty(), "a hook of INT 09h may read port 60h");
    do {
        simple(0x16, 0x0500, 0, 0x1e61, 0);
        stored += al() == 0;
    } while (al() == 0 && stored < 20);
    check(stored == 15, "15 keys fit");
    while (!is_empty())
        simple(0x16, 0x1000, 0, 0, 0);
}

/* Systems with an INT 09h of their own let INT 16h set the LEDs (PC-MOS). */
static void test_leds(void)
{
    uint32_t vector = peek32(0, 0x09 * 4);
    uint16_t before = bda16(0x6c);

    poke32(0, 0x09 * 4, (uint16_t) (uintptr_t) hook_09);
    poke(0x40, 0x17, 0x20);
    simple(0x16, 0x0100, 0, 0, 0);
    while ((uint16_t) (bda16(0x6c) - before) < 2)
        __asm__ volatile("hlt");
    check(hook_09_calls == 0 && (low[0x497] & 7) == 2,
          "INT 16h sets the LEDs by itself");
    poke(0x40, 0x17, 0);
    simple(0x16, 0x0100, 0, 0, 0);
    check((low[0x497] & 7) == 0, "and clears them");
    poke32(0, 0x09 * 4, vector);
}

static void test_mouse(void)
{
    uint8_t equipment = bda16(0x10);

    if (!(equipment & 4))
        return;
    simple(0x15, 0xc200, 0x0100, 0, 0);
    check(carry() && ah() == 5, "mouse: no driver yet");
    simple(0x15, 0xc205, 0x0300, 0, 0);
    check(!carry() && ah() == 0 && (r.ebx & 0xffff) == 0x00aa,
          "mouse: start with 3 bytes");
    prepare();
    r.es = 0;
    call(0x15, 0xc207, (uint16_t) (uintptr_t) mouse_driver, 0, 0);
    check(!carry(), "mouse: set the driver");
    simple(0x15, 0xc204, 0, 0, 0);
    check(!carry() && (r.ebx & 0xff00) == 0, "mouse: its type");
    simple(0x15, 0xc202, 0x0600, 0, 0);
    check(!carry(), "mouse: 200 reports");
    simple(0x15, 0xc203, 0x0200, 0, 0);
    check(!carry(), "mouse: resolution");
    simple(0x15, 0xc206, 0x0000, 0, 0);
    check(!carry() && (r.edx & 0xff) == 200 && (r.ecx & 0xff) == 2,
          "mouse: status");
    simple(0x15, 0xc200, 0x0100, 0, 0);
    check(!carry(), "mouse: on");
    for (unsigned i = 0; i < 3; i++) {
        kbc_wait();
        outb(0x64, 0xd3); /* as if the mouse had sent it */
        kbc_wait();
        outb(0x60, i == 0 ? 0x09 : i);
        for (unsigned wait = 0; wait < 200; wait++)
            inb(0x80);
    }
    check(mouse_calls == 1 && mouse_status == 0x09,
          "mouse: a packet reaches the driver");
    simple(0x15, 0xc200, 0x0000, 0, 0);
    check(!carry(), "mouse: off");
    simple(0x15, 0xc209, 0x0000, 0, 0);
    check(carry() && ah() == 1, "mouse: no function 9");
}

static void test_ports(void)
{
    simple(0x14, 0x0300, 0, 0, 0);
    check((ah() & 0x80) == 0 && kept(), "INT 14h: status of COM1");
    simple(0x14, 0x0300, 0, 0, 3);
    check((r.eax & 0xffff) == 0x0300 || bda16(6) != 0,
          "INT 14h: no COM4, nothing happens");
    simple(0x17, 0x0200, 0, 0, 2);
    check(ah() == 1 || bda16(12) != 0, "INT 17h: no LPT3, timeout");
}

static void test_apm(void)
{
    simple(0x15, 0x5300, 0, 0, 0);
    check(!carry() && (r.eax & 0xffff) == 0x0102 && (r.ebx & 0xffff) == 0x504d,
          "APM 1.2");
    simple(0x15, 0x5301, 0, 0, 0);
    check(!carry(), "APM: connect");
    simple(0x15, 0x5301, 0, 0, 0);
    check(carry() && ah() == 2, "APM: only once");
    simple(0x15, 0x530e, 0, 0x0102, 0);
    check(!carry() && (r.eax & 0xffff) == 0x0102, "APM: version");
    simple(0x15, 0x5305, 0, 0, 0);
    check(!carry() && kept(), "APM: CPU idle");
    simple(0x15, 0x530b, 0, 0, 0);
    check(carry() && ah() == 0x80, "APM: no event");
}

/*
 * Last: a machine that resets more than the CPU (QEMU) comes back through the
 * boot sector instead; it finds what it needs to say so in memory.
 */
static void test_resets(void)
{
    poke(0, RESET_MARK, 0xa5);
    poke(0, RESET_MARK + 1, tests + 1);
    check(protected_and_back() == 0x30, "AH=89h goes to protected mode");
    simple(0x15, 0x2400, 0, 0, 0);
    check(reset_and_return(0x0a) == 1, "reset with code 0Ah comes back");
    check(reset_and_return(0x05) == 1, "reset with code 05h comes back");
    check(reset_and_return(0x09) == 1, "reset with code 09h comes back");
    poke(0, RESET_MARK, 0);
}

/* How deep the stack of int_call() was ever used. */
static unsigned stack_used(void)
{
    unsigned off = 0;

    while (off < 0x200 && peek(STACK_SEG, off) == 0x5a)
        off++;
    return 0x200 - off;
}

static bool scratch_disk(void)
{
    static const char mark[] = "REPRISE-SCRATCH";

    if (low[0x475] == 0)
        return false;
    simple(0x13, 0x0201, 0, 1, 0x80);
    for (unsigned i = 0; i < sizeof mark - 1; i++)
        if (peek(BUFFER_SEG, i) != (uint8_t) mark[i])
            return false;
    return !carry();
}

void test_main(void)
{
    tests = failures = 0;
    outb(0x3fb, 0x03);
    if (low[RESET_MARK] == 0xa5) {
        poke(0, RESET_MARK, 0);
        tests = low[RESET_MARK + 1];
        check(false, "a reset with code 0Ah, 05h or 09h comes back");
        finish();
    }
    for (unsigned i = 0; i < 0x200; i++)
        poke(STACK_SEG, i, 0x5a);
    test_vectors();
    test_timer();
    test_clock();
    test_floppy();
    test_floppy_write();
    if (scratch_disk()) {
        test_disk();
        test_edd();
    }
    test_memory();
    test_protected();
    test_services();
    test_keyboard();
    test_keyboard_hooks();
    test_leds();
    test_mouse();
    test_ports();
    test_apm();
    r.eax = stack_used();
    check(r.eax < 160, "160 bytes of the caller's stack are enough");
    say("# stack used: ");
    say_number(stack_used());
    put('\n');
    test_resets();
    finish();
}

/*
 * VGA BIOS test disk: calls every service of INT 10h and checks what it
 * left in registers, BIOS data, VGA registers and video memory.
 *
 * Boots from a floppy on any PC with a VGA; TAP goes to COM1.  At the end the
 * number of failures goes to port 501h, then the machine is powered off by
 * port 8900h.  Runs in real mode with all segments 0, interrupts on.
 *
 * Source of what is expected: IBM PS/2 and PC BIOS Interface Technical
 * Reference, "Interrupt 10h"; IBM Personal System/2 Hardware Interface
 * Technical Reference, "Video subsystem".
 */
#include <stdbool.h>
#include <stdint.h>

struct regs {
    uint32_t eax, ebx, ecx, edx, esi, edi;
    uint16_t esp_high, pad;
    uint16_t ds, es;
    uint32_t ebp;
};

_Static_assert(__builtin_offsetof(struct regs, ebp) == 32, "boot.S");

void int10_call(struct regs *r);
void test_main(void);

static struct regs r;
static int tests, failures;

/* Low memory as bytes and words: BIOS data at 400h, vectors at 0. */
extern volatile uint8_t low[];
#define BDA8(off)     (low[0x400 + (off)])
#define BDA16(off)    ((uint16_t) (BDA8(off) | BDA8((off) + 1) << 8))
#define VECTOR_OFF(n) ((uint16_t) (low[(n) *4] | low[(n) *4 + 1] << 8))
#define VECTOR_SEG(n) ((uint16_t) (low[(n) *4 + 2] | low[(n) *4 + 3] << 8))

static void outb(uint16_t port, uint8_t val)
{
    __asm__ volatile("outb %0, %1" : : "a"(val), "Nd"(port));
}

static uint8_t inb(uint16_t port)
{
    uint8_t val;

    __asm__ volatile("inb %1, %0" : "=a"(val) : "Nd"(port));
    return val;
}

static uint8_t in_indexed(uint16_t port, uint8_t index)
{
    outb(port, index);
    return inb(port + 1);
}

static uint8_t peek(uint16_t seg, uint16_t off)
{
    uint8_t val;

    __asm__ volatile("movw %1, %%fs\n\tmovb %%fs:(%2), %0"
                     : "=q"(val)
                     : "r"(seg), "r"((uint32_t) off)
                     : "memory");
    return val;
}

static void poke(uint16_t seg, uint16_t off, uint8_t val)
{
    __asm__ volatile("movw %0, %%fs\n\tmovb %2, %%fs:(%1)"
                     :
                     : "r"(seg), "r"((uint32_t) off), "q"(val)
                     : "memory");
}

static void store(volatile uint8_t *at, const uint8_t *bytes, int count)
{
    while (count-- != 0)
        *at++ = *bytes++;
}

/* A far pointer to one of our objects. */
static void store_ptr(volatile uint8_t *at, const void *object)
{
    uint16_t off = (uint16_t) (uintptr_t) object;

    at[0] = (uint8_t) off;
    at[1] = (uint8_t) (off >> 8);
    at[2] = at[3] = 0;
}

static void serial_char(char c)
{
    while (!(inb(0x3fd) & 0x20))
        ;
    outb(0x3f8, (uint8_t) c);
}

static void say(const char *s)
{
    for (; *s; s++)
        serial_char(*s);
}

static void say_hex(uint32_t val)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        if (shift <= 12 || val >> 16)
            serial_char("0123456789abcdef"[val >> shift & 15]);
}

static void say_decimal(uint32_t val)
{
    char digits[11];
    char *p = digits + 10;

    *p = 0;
    do {
        *--p = (char) ('0' + val % 10);
        val /= 10;
    } while (val != 0);
    say(p);
}

/* One TAP line; a failure shows what came and what should have. */
static bool check_val(const char *name, uint32_t got, uint32_t want)
{
    bool ok = got == want;

    tests++;
    failures += !ok;
    say(ok ? "ok " : "not ok ");
    say_decimal((uint32_t) tests);
    say(" ");
    say(name);
    if (!ok) {
        say(": got ");
        say_hex(got);
        say(", want ");
        say_hex(want);
    }
    say("\r\n");
    return ok;
}

/* Name and mode of a check. */
static const char *in_mode(const char *what, uint8_t mode)
{
    static char buf[40];
    char *p = buf;

    for (const char *s = "mode "; *s;)
        *p++ = *s++;
    *p++ = "0123456789abcdef"[mode >> 4];
    *p++ = "0123456789abcdef"[mode & 15];
    *p++ = ' ';
    while (*what && p < buf + sizeof buf - 1)
        *p++ = *what++;
    *p = 0;
    return buf;
}

static void video(uint32_t ax, uint32_t bx, uint32_t cx, uint32_t dx)
{
    r.eax = ax;
    r.ebx = bx;
    r.ecx = cx;
    r.edx = dx;
    int10_call(&r);
}

#define AL ((uint8_t) r.eax)
#define AX ((uint16_t) r.eax)
#define BX ((uint16_t) r.ebx)
#define CX ((uint16_t) r.ecx)
#define DX ((uint16_t) r.edx)

static void move_to(uint8_t row, uint8_t col)
{
    video(0x0200, 0, 0, (uint32_t) (row << 8 | col));
}

static uint16_t char_at(uint8_t row, uint8_t col)
{
    move_to(row, col);
    video(0x0800, 0, 0, 0);
    return AX;
}

static void put_at(uint8_t row, uint8_t col, uint8_t ch, uint8_t attr)
{
    move_to(row, col);
    video(0x0900u | ch, attr, 1, 0);
}

static void test_rom(void)
{
    uint8_t sum = 0;

    for (uint32_t i = 0; i < 0x8000; i++)
        sum += peek(0xc000, (uint16_t) i);
    check_val("ROM signature", peek(0xc000, 0) | peek(0xc000, 1) << 8, 0xaa55);
    check_val("ROM length", peek(0xc000, 2), 64);
    check_val("ROM checksum", sum, 0);
    check_val("IBM at 1Eh", peek(0xc000, 0x1e) | peek(0xc000, 0x1f) << 8,
              'I' | 'B' << 8);
    check_val("INT 10h", VECTOR_SEG(0x10), 0xc000);
    check_val("INT 6Dh", VECTOR_SEG(0x6d), 0xc000);
    check_val("INT 1Fh", VECTOR_SEG(0x1f), 0xc000);
    check_val("INT 43h", VECTOR_SEG(0x43), 0xc000);
}

/* What each mode must leave in the BIOS data area. */
static const struct mode_facts {
    uint8_t mode, cols, rows, height, misc;
    uint16_t page_size, crtc;
} modes[] = {
    { 0x00, 40, 25, 16, 0x67, 0x0800, 0x3d4 },
    { 0x01, 40, 25, 16, 0x67, 0x0800, 0x3d4 },
    { 0x02, 80, 25, 16, 0x67, 0x1000, 0x3d4 },
    { 0x03, 80, 25, 16, 0x67, 0x1000, 0x3d4 },
    { 0x04, 40, 25, 8, 0x63, 0x4000, 0x3d4 },
    { 0x05, 40, 25, 8, 0x63, 0x4000, 0x3d4 },
    { 0x06, 80, 25, 8, 0x63, 0x4000, 0x3d4 },
    { 0x07, 80, 25, 16, 0x66, 0x1000, 0x3b4 },
    { 0x0d, 40, 25, 8, 0x63, 0x2000, 0x3d4 },
    { 0x0e, 80, 25, 8, 0x63, 0x4000, 0x3d4 },
    { 0x0f, 80, 25, 14, 0xa2, 0x8000, 0x3b4 },
    { 0x10, 80, 25, 14, 0xa3, 0x8000, 0x3d4 },
    { 0x11, 80, 30, 16, 0xe3, 0xa000, 0x3d4 },
    { 0x12, 80, 30, 16, 0xe3, 0xa000, 0x3d4 },
    { 0x13, 40, 25, 8, 0x63, 0x2000, 0x3d4 },
};

enum { MODES = sizeof modes / sizeof modes[0] };

static bool is_text(uint8_t mode)
{
    return mode <= 3 || mode == 7;
}

static void test_mode_facts(const struct mode_facts *m)
{
    uint8_t mode = m->mode;

    video(mode, 0, 0, 0);
    video(0x0f00, 0, 0, 0);
    check_val(in_mode("AH=0Fh", mode), AX, m->cols << 8 | mode);
    check_val(in_mode("rows", mode), BDA8(0x84) + 1, m->rows);
    check_val(in_mode("height", mode), BDA16(0x85), m->height);
    check_val(in_mode("page size", mode), BDA16(0x4c), m->page_size);
    check_val(in_mode("CRTC", mode), BDA16(0x63), m->crtc);
    check_val(in_mode("misc register", mode), inb(0x3cc), m->misc);
    check_val(in_mode("equipment", mode), BDA8(0x10) & 0x30,
              m->crtc == 0x3b4 ? 0x30 : 0x20);
    check_val(in_mode("cleared", mode),
              char_at((uint8_t) (m->rows - 1), (uint8_t) (m->cols - 1)),
              is_text(mode) ? 0x0720 : 0x0020);
}

/* Characters and scrolling look the same through the BIOS in any mode. */
static void test_window(const struct mode_facts *m)
{
    uint8_t mode = m->mode;
    uint16_t attr = is_text(mode) ? 0x0700 : 0;

    put_at(5, 10, 'A', 7);
    put_at(6, 10, 'B', 7);
    put_at(6, 20, 'C', 7);
    put_at(7, 10, 'D', 7);
    check_val(in_mode("write and read", mode), char_at(6, 10), attr | 'B');
    video(0x0601, 0x0700, 0x0505, 0x070f); /* up, columns 5-15 */
    check_val(in_mode("scroll up", mode), char_at(5, 10), attr | 'B');
    check_val(in_mode("scroll up: next row", mode), char_at(6, 10), attr | 'D');
    check_val(in_mode("scroll up: outside", mode), char_at(6, 20), attr | 'C');
    video(0x0702, 0x0000, 0x0505, 0x070f); /* down by two */
    check_val(in_mode("scroll down", mode), char_at(7, 10), attr | 'B');
    check_val(in_mode("scroll down: freed", mode), char_at(5, 10) & 0xff, ' ');
    video(0x0600, 0x0000, 0x0000, 0x184f); /* all clear */
    check_val(in_mode("clear", mode), char_at(6, 20) & 0xff, ' ');
}

static void test_teletype(const struct mode_facts *m)
{
    uint8_t mode = m->mode;
    uint8_t last = (uint8_t) (m->rows - 1);
    uint16_t attr = is_text(mode) ? 0x0700 : 0;

    video(mode, 0, 0, 0);
    move_to(last, (uint8_t) (m->cols - 1));
    video(0x0e00 | 'x', 7, 0, 0); /* wraps and scrolls */
    video(0x0e00 | 'y', 7, 0, 0);
    video(0x0300, 0, 0, 0);
    check_val(in_mode("teletype cursor", mode), DX, (uint32_t) (last << 8 | 1));
    check_val(in_mode("teletype scrolls", mode),
              char_at(last - 1, (uint8_t) (m->cols - 1)), attr | 'x');
    check_val(in_mode("teletype wraps", mode), char_at(last, 0), attr | 'y');
    move_to(3, 4);
    video(0x0e08, 7, 0, 0);
    video(0x0e0a, 7, 0, 0);
    video(0x0300, 0, 0, 0);
    check_val(in_mode("BS and LF", mode), DX, 0x0403);
    video(0x0e0d, 7, 0, 0);
    video(0x0300, 0, 0, 0);
    check_val(in_mode("CR", mode), DX, 0x0400);
}

/* Each glyph is told from all others, but blanks are all spaces. */
static void test_all_glyphs(uint8_t mode)
{
    uint32_t wrong = 0;

    for (int ch = 0; ch < 256; ch++) {
        uint8_t want = ch == 0 || ch == 0xff ? ' ' : (uint8_t) ch;

        put_at(2, 3, (uint8_t) ch, 1);
        if ((char_at(2, 3) & 0xff) != want)
            wrong = wrong << 8 | (uint32_t) ch;
    }
    check_val(in_mode("all glyphs read back", mode), wrong, 0);
}

static void test_dots(uint8_t mode, uint8_t colours)
{
    uint8_t top = colours - 1;

    video(0x0c00u | top, 0, 13, 101);
    video(0x0d00, 0, 13, 101);
    check_val(in_mode("dot", mode), AL, top);
    video(0x0d00, 0, 12, 101);
    check_val(in_mode("dot left of it", mode), AL, 0);
    video(0x0d00, 0, 14, 101);
    check_val(in_mode("dot right of it", mode), AL, 0);
    if (mode == 0x13)
        return;
    video(0x0c81, 0, 13, 101);
    video(0x0d00, 0, 13, 101);
    check_val(in_mode("dot by XOR", mode), AL, top ^ 1);
    put_at(2, 3, 'Q', 0x81);
    put_at(2, 3, 'Q', 0x81);
    check_val(in_mode("glyph by XOR twice", mode), char_at(2, 3) & 0xff, ' ');
}

static uint8_t colours_of(uint8_t mode)
{
    switch (mode) {
    case 0x04:
    case 0x05: return 4;
    case 0x06: return 2;
    case 0x13: return 0; /* 256 */
    default: return 16;
    }
}

static void test_modes(void)
{
    for (int i = 0; i < MODES; i++) {
        test_mode_facts(&modes[i]);
        test_window(&modes[i]);
        test_teletype(&modes[i]);
        if (!is_text(modes[i].mode)) {
            test_dots(modes[i].mode, colours_of(modes[i].mode));
            test_all_glyphs(modes[i].mode);
        }
    }
}

static uint32_t dac_colour(uint8_t index)
{
    video(0x1015, index, 0, 0);
    return (uint32_t) (DX >> 8) << 16 | CX;
}

static void test_palettes(void)
{
    video(0x0003, 0, 0, 0);
    check_val("EGA colour 3Fh", dac_colour(0x3f), 0x3f3f3f);
    check_val("EGA colour 14h is brown", dac_colour(0x14), 0x2a1500);
    check_val("EGA colour 07h", dac_colour(0x07), 0x2a2a2a);
    video(0x1007, 6, 0, 0);
    check_val("palette register 6", BX >> 8, 0x14);
    video(0x1000, 0x3a02, 0, 0);
    video(0x1007, 2, 0, 0);
    check_val("palette register 2 set", BX >> 8, 0x3a);
    video(0x1001, 0x0500, 0, 0);
    video(0x1008, 0, 0, 0);
    check_val("overscan", BX >> 8, 5);
    video(0x1003, 0, 0, 0);
    video(0x1007, 0x10, 0, 0);
    check_val("no blinking", BX >> 8 & 8, 0);
    video(0x1013, 0x0100, 0, 0);
    video(0x1013, 0x0b01, 0, 0);
    video(0x101a, 0, 0, 0);
    check_val("DAC page", BX, 0x0b01);
    video(0x1010, 0x20, 0x0203, 0x0100);
    check_val("DAC register set", dac_colour(0x20), 0x010203);
    video(0x101b, 0x04, 1, 0);
    check_val("grey of red", dac_colour(0x04), 0x0d0d0d);
    video(0x0013, 0, 0, 0);
    check_val("256: 06h brown", dac_colour(0x06), 0x2a1500);
    check_val("256: 14h grey", dac_colour(0x14), 0x0e0e0e);
    check_val("256: 20h blue", dac_colour(0x20), 0x00003f);
    check_val("256: 28h red", dac_colour(0x28), 0x3f0000);
    check_val("256: 29h", dac_colour(0x29), 0x3f1000);
    check_val("256: 30h green", dac_colour(0x30), 0x003f00);
    check_val("256: F7h", dac_colour(0xf7), 0x0b0c10);
    check_val("256: F8h", dac_colour(0xf8), 0);
    video(0x0004, 0, 0, 0);
    check_val("CGA 16h yellow", dac_colour(0x16), 0x3f3f15);
    video(0x0b00, 0x0100, 0, 0); /* palette 0 */
    video(0x1007, 1, 0, 0);
    check_val("CGA palette 0, bright", BX >> 8, 0x12);
    video(0x0b00, 0x0001, 0, 0); /* background blue, not intense */
    video(0x1007, 3, 0, 0);
    check_val("CGA palette 0, dark", BX >> 8, 0x06);
}

/* Glyph `ch` as the VGA has it: plane 2 of block 0. */
static uint8_t glyph_line(uint8_t block, uint8_t ch, uint8_t line)
{
    uint8_t val;
    uint8_t misc = in_indexed(0x3ce, 6);
    uint8_t mode = in_indexed(0x3ce, 5);
    uint8_t memory = in_indexed(0x3c4, 4);

    outb(0x3c4, 4);
    outb(0x3c5, 6);
    outb(0x3ce, 4);
    outb(0x3cf, 2);
    outb(0x3ce, 5);
    outb(0x3cf, 0);
    outb(0x3ce, 6);
    outb(0x3cf, 4);
    val = peek(0xa000, (uint16_t) (block * 0x4000 + ch * 32 + line));
    outb(0x3cf, misc);
    outb(0x3ce, 5);
    outb(0x3cf, mode);
    outb(0x3ce, 4);
    outb(0x3cf, 0);
    outb(0x3c4, 4);
    outb(0x3c5, memory);
    return val;
}

static uint32_t differing_lines(uint8_t which, uint8_t height)
{
    uint32_t wrong = 0;

    video(0x1130, (uint32_t) which << 8, 0, 0);
    for (int ch = 0; ch < 256; ch++)
        for (uint8_t y = 0; y < height; y++)
            wrong += glyph_line(0, (uint8_t) ch, y) !=
                     peek(r.es, (uint16_t) (r.ebp + ch * height + y));
    return wrong;
}

static void test_row_counts(uint8_t lines, uint32_t rows14, uint32_t rows8)
{
    video(0x1200u | lines, 0x30, 0, 0);
    check_val("AH=12h BL=30h", AL, 0x12);
    video(0x0003, 0, 0, 0);
    video(0x1111, 0, 0, 0);
    check_val("8x14: rows", BDA8(0x84) + 1, rows14);
    check_val("8x14: CRTC height", in_indexed(0x3d4, 9) & 0x1f, 13);
    check_val("8x14: glyphs", differing_lines(2, 14), 0);
    video(0x1112, 0, 0, 0);
    check_val("8x8: rows", BDA8(0x84) + 1, rows8);
    check_val("8x8: glyphs", differing_lines(3, 8), 0);
    check_val("8x8: shown lines", in_indexed(0x3d4, 0x12),
              (uint8_t) (rows8 * 8 * (lines ? 1 : 2) - 1));
    move_to((uint8_t) (rows8 - 1), 79);
    video(0x0e00 | 'z', 0, 0, 0);
    check_val("8x8: last row scrolls",
              char_at((uint8_t) (rows8 - 2), 79) & 0xff, 'z');
}

static void test_fonts(void)
{
    static const uint8_t user[16] = { 1, 2, 4, 8, 16, 32, 64, 128,
                                      9, 8, 7, 6, 5,  4,  3,  0x5a };

    test_row_counts(0, 14, 25);
    test_row_counts(1, 25, 43);
    test_row_counts(2, 28, 50);
    video(0x1114, 0, 0, 0);
    check_val("8x16: rows", BDA8(0x84) + 1, 25);
    check_val("8x16: glyphs", differing_lines(6, 16), 0);
    check_val("8x16: cursor of 6-7",
              in_indexed(0x3d4, 10) << 8 | in_indexed(0x3d4, 11), 0x0d0e);
    r.es = 0;
    r.ebp = (uint32_t) (uintptr_t) user;
    video(0x1100, 0x1001, 1, 0x41);
    check_val("user glyph", glyph_line(1, 0x41, 15), 0x5a);
    check_val("user glyph: neighbour's", glyph_line(0, 0x41, 15), 0);
    video(0x1103, 0x04, 0, 0);
    check_val("block specifier", in_indexed(0x3c4, 3), 4);
    video(0x1103, 0, 0, 0);
    video(0x0012, 0, 0, 0);
    video(0x1123, 0, 0, 60);
    check_val("graphics 8x8: rows", BDA8(0x84) + 1, 60);
    put_at(59, 79, 'E', 15);
    check_val("graphics 8x8: last cell", char_at(59, 79), 'E');
}

/* Fonts that a program names in the save pointer table at 40:A8. */
static void test_save_pointers(void)
{
    static uint8_t save[28];
    static uint8_t glyph[12], text[13], graphics[9], dynamic[17];
    uint16_t old_off = BDA16(0xa8), old_seg = BDA16(0xaa);

    for (uint16_t i = 0; i < 28; i++)
        save[i] = peek(old_seg, (uint16_t) (old_off + i));
    for (uint8_t i = 0; i < 12; i++)
        glyph[i] = 0x30 + i;
    store(text, (const uint8_t[]){ 12, 0, 1, 0, 'A', 0 }, 6);
    store_ptr(text + 6, glyph);
    store(text + 10, (const uint8_t[]){ 0xff, 3, 0xff }, 3);
    store(graphics, (const uint8_t[]){ 40, 12, 0 }, 3);
    store_ptr(graphics + 3, glyph);
    store(graphics + 7, (const uint8_t[]){ 0x12, 0xff }, 2);
    store_ptr(save + 4, dynamic);
    store_ptr(save + 8, text);
    store_ptr(save + 12, graphics);
    store_ptr(&low[0x4a8], save);
    video(0x0003, 0, 0, 0);
    check_val("own text font: rows", BDA8(0x84) + 1, 33);
    check_val("own text font: glyph", glyph_line(0, 'A', 11), 0x3b);
    video(0x0002, 0, 0, 0);
    check_val("other mode: rows", BDA8(0x84) + 1, 25);
    video(0x0012, 0, 0, 0);
    check_val("own graphics font: rows", BDA8(0x84) + 1, 40);
    check_val("dynamic save area: mode", dynamic[6], 0x14);
    video(0x1000, 0x2a06, 0, 0);
    video(0x1001, 0x0300, 0, 0);
    check_val("dynamic save area: palette", dynamic[6], 0x2a);
    check_val("dynamic save area: overscan", dynamic[16], 3);
    check_val("own graphics font", VECTOR_OFF(0x43),
              (uint16_t) (uintptr_t) glyph);
    store(save,
          (const uint8_t[]){ (uint8_t) old_off, (uint8_t) (old_off >> 8),
                             (uint8_t) old_seg, (uint8_t) (old_seg >> 8) },
          4);
    store(&low[0x4a8], save, 4);
    video(0x0003, 0, 0, 0);
    check_val("ROM font again: rows", BDA8(0x84) + 1, 25);
}

static void test_cursor(void)
{
    video(0x0003, 0, 0, 0);
    video(0x0100, 0, 0x0007, 0);
    check_val("block cursor",
              in_indexed(0x3d4, 10) << 8 | in_indexed(0x3d4, 11), 0x000f);
    video(0x0100, 0, 0x2000, 0);
    check_val("hidden cursor", in_indexed(0x3d4, 10), 0x20);
    video(0x0300, 0, 0, 0);
    check_val("AH=03h shape", CX, 0x2000);
    video(0x1201, 0x34, 0, 0);
    video(0x0100, 0, 0x0607, 0);
    check_val("no emulation", in_indexed(0x3d4, 10), 6);
    video(0x1200, 0x34, 0, 0);
    video(0x0200, 0x0300, 0, 0x0102);
    video(0x0503, 0, 0, 0);
    check_val("page 3: start",
              in_indexed(0x3d4, 12) << 8 | in_indexed(0x3d4, 13), 0x1800);
    check_val("page 3: cursor",
              in_indexed(0x3d4, 14) << 8 | in_indexed(0x3d4, 15), 0x1800 + 82);
    video(0x0e00 | '!', 0, 0, 0);
    check_val("page 3: teletype", peek(0xb800, 0x3000 + 164), '!');
}

static void test_string(void)
{
    static const uint8_t plain[] = "ab\r\nc";
    static const uint8_t coloured[] = { 'p', 0x1e, 'q', 0x2f };

    video(0x0003, 0, 0, 0);
    r.es = 0;
    r.ebp = (uint32_t) (uintptr_t) plain;
    video(0x1301, 0x1f, 5, 0x0302);
    video(0x0300, 0, 0, 0);
    check_val("string moves the cursor", DX, 0x0401);
    check_val("string: attribute", char_at(3, 3), 0x1f00 | 'b');
    move_to(9, 9);
    r.ebp = (uint32_t) (uintptr_t) coloured;
    video(0x1302, 0, 2, 0x0505);
    video(0x0300, 0, 0, 0);
    check_val("string leaves the cursor", DX, 0x0909);
    check_val("string: own attributes", char_at(5, 6), 0x2f00 | 'q');
}

static uint8_t buffer[64 * 16];

static void test_info(void)
{
    video(0x0003, 0, 0, 0);
    video(0x1200, 0xff10, 0xffff, 0);
    check_val("EGA information", BX, 0x0003);
    check_val("EGA switches", CX & 0xff, 9);
    video(0x1a00, 0, 0, 0);
    check_val("display combination", AL << 8 | (BX & 0xff), 0x1a08);
    check_val("other display", BX >> 8, 0);
    r.es = 0;
    r.edi = (uint32_t) (uintptr_t) buffer;
    video(0x1b00, 0, 0, 0);
    check_val("state: supported", AL, 0x1b);
    check_val("state: mode, columns", buffer[4] | buffer[5] << 8, 0x5003);
    check_val("state: rows, height", buffer[0x22] << 8 | buffer[0x23], 0x1910);
    check_val("state: colours, pages", buffer[0x27] << 8 | buffer[0x29],
              0x1008);
    check_val("state: lines", buffer[0x2a], 2);
    video(0x4f00, 0, 0, 0);
    check_val("no VESA", AL, 0);
}

static void test_save_restore(void)
{
    video(0x0012, 0, 0, 0);
    video(0x1010, 5, 0x0203, 0x0100);
    video(0x1c00, 0, 7, 0);
    check_val("state size", BX, 16);
    r.es = 0;
    video(0x1c01, (uint32_t) (uintptr_t) buffer, 7, 0);
    video(0x0007, 0, 0, 0);
    r.es = 0;
    video(0x1c02, (uint32_t) (uintptr_t) buffer, 7, 0);
    check_val("restored: mode", BDA8(0x49), 0x12);
    check_val("restored: misc", inb(0x3cc), 0xe3);
    check_val("restored: CRTC 6", in_indexed(0x3d4, 6), 0x0b);
    check_val("restored: DAC", dac_colour(5), 0x010203);
    check_val("restored: map mask", in_indexed(0x3c4, 2), 0x0f);
    put_at(1, 1, 'S', 9);
    check_val("restored: works", char_at(1, 1), 'S');
}

/* All that a caller may hold in 32-bit registers survives. */
static void test_registers(void)
{
    video(0x0003, 0, 0, 0);
    r.esi = 0x12345678;
    r.edi = 0x9abcdef0;
    r.ebp = 0x0fedcba9;
    r.esp_high = 0xbeef;
    video(0xaaaa0e41, 0xbbbb0007, 0xcccc1234, 0xdddd5678);
    check_val("EAX", r.eax, 0xaaaa0e41);
    check_val("EBX", r.ebx, 0xbbbb0007);
    check_val("ECX", r.ecx, 0xcccc1234);
    check_val("EDX", r.edx, 0xdddd5678);
    check_val("ESI", r.esi, 0x12345678);
    check_val("EDI", r.edi, 0x9abcdef0);
    check_val("EBP", r.ebp, 0x0fedcba9);
    check_val("upper half of ESP", r.esp_high, 0xbeef);
    check_val("DS", r.ds, 0);
    r.esp_high = 0;
}

/* Bytes of stack a call may take, with about 60 of ours and an interrupt. */
enum { STACK_FLOOR = 0x6000, STACK_LIMIT = 320 };

static uint16_t stack_lowest(void)
{
    uint16_t at = STACK_FLOOR;

    while (peek(0, at) == 0xa5)
        at++;
    return at;
}

static void test_stack(void)
{
    static const uint32_t calls[][2] = {
        { 0x0003, 0 }, { 0x0e0a, 7 }, { 0x0601, 0x0700 }, { 0x1112, 0 },
        { 0x0012, 0 }, { 0x0e41, 7 }, { 0x0800, 0 },      { 0x0c05, 0 },
        { 0x0013, 0 }, { 0x0e41, 7 }, { 0x0800, 0 },      { 0x1a00, 0 },
        { 0x1003, 0 }, { 0x1b00, 0 }, { 0x1c01, 0 },
    };
    uint32_t most = 0;
    uint32_t here;

    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        uint32_t used;

        __asm__ volatile("movl %%esp, %0" : "=r"(here));
        for (uint16_t at = STACK_FLOOR; at < here; at++)
            poke(0, at, 0xa5);
        r.es = 0x9000;
        video(calls[i][0], calls[i][1], 7, 0x184f);
        used = here - stack_lowest();
        say("# stack of ");
        say_hex(calls[i][0]);
        say(": ");
        say_decimal(used);
        say("\r\n");
        if (used > most)
            most = used;
    }
    check_val("stack is frugal", most < STACK_LIMIT, 1);
}

void test_main(void)
{
    tests = failures = 0;
    r = (struct regs){ 0 };
    outb(0x3fb, 0x03);
    test_rom();
    test_modes();
    test_palettes();
    test_fonts();
    test_save_pointers();
    test_cursor();
    test_string();
    test_info();
    test_save_restore();
    test_registers();
    test_stack();
    video(0x0003, 0, 0, 0);
    say("1..");
    say_decimal((uint32_t) tests);
    say(failures ? "\r\n# FAILED\r\n" : "\r\n# PASSED\r\n");
    while (!(inb(0x3fd) & 0x40)) /* the end must not overtake the last byte */
        ;
    outb(0x501, (uint8_t) failures);
    for (const char *s = "Shutdown"; *s; s++)
        outb(0x8900, (uint8_t) *s);
}

/*
 * Text on the screen, calls through vectors, the EBDA as a whole.
 * Our stack; INT 10h runs on the caller's.
 */
#include <stdarg.h>

#include "bios/bios.h"
#include "bios/port.h"
#include "bios/std/bda.h"

enum {
    DEBUG_PORT = 0xe9, /* reads its own number when it is there */
};

static void put_raw(char c)
{
    struct callout o = { .ax = 0x0e00 | (uint8_t) c, .bx = 0x0007 };

    call_int(&o, 0x10);
}

void put_char(char c)
{
    if (inb(DEBUG_PORT) == DEBUG_PORT)
        outb(DEBUG_PORT, c);
    if (c == '\n')
        put_raw('\r');
    put_raw(c);
}

void put_text(const char *rom)
{
    char c;

    while ((c = rom_u8(rom++)) != 0)
        put_char(c);
}

static void put_local(const char *s)
{
    while (*s)
        put_char(*s++);
}

static void put_number(uint32_t n)
{
    if (n >= 10)
        put_number(n / 10);
    put_char('0' + n % 10);
}

static void put_hex(uint32_t n)
{
    for (int shift = 28; shift >= 0; shift -= 4) {
        uint8_t digit = n >> shift & 15;

        put_char(digit < 10 ? '0' + digit : 'A' - 10 + digit);
    }
}

void put_format(const char *rom, ...)
{
    va_list args;
    char c;

    va_start(args, rom);
    while ((c = rom_u8(rom++)) != 0) {
        if (c != '%') {
            put_char(c);
            continue;
        }
        switch (rom_u8(rom++)) {
        case 's': put_text(va_arg(args, const char *)); break;
        case 'l': put_local(va_arg(args, const char *)); break;
        case 'u': put_number(va_arg(args, uint32_t)); break;
        case 'x': put_hex(va_arg(args, uint32_t)); break;
        case 'c': put_char(va_arg(args, int)); break;
        default: put_char('%'); break;
        }
    }
    va_end(args);
}

void call_int(struct callout *c, uint8_t vector)
{
    c->off = far_u16(0, vector * 4);
    c->seg = far_u16(0, vector * 4 + 2);
    c->pushes = 1;
    c->word[0] = 0x0002; /* FLAGS: IF=0, as after INT */
    call_out(c);
}

void ebda_load(void *dst, uint16_t off, uint32_t len)
{
    far_in(dst, bda.ebda_seg, off, len);
}

void ebda_store(uint16_t off, const void *src, uint32_t len)
{
    far_out(bda.ebda_seg, off, src, len);
}

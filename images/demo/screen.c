/* Text straight into the video memory of mode 3. */
#include "demo.h"

enum { VIDEO_SEGMENT = 0xb800 };

static void far_poke16(uint16_t segment, uint16_t offset, uint16_t val)
{
    __asm__ volatile("movw %0, %%fs\n\tmovw %1, %%fs:(%2)"
                     : : "r"(segment), "r"(val), "r"((uint32_t) offset) : "memory");
}

uint8_t far_peek8(uint16_t segment, uint16_t offset)
{
    uint8_t val;

    __asm__ volatile("movw %1, %%fs\n\tmovb %%fs:(%2), %0"
                     : "=&q"(val) : "r"(segment), "r"((uint32_t) offset));
    return val;
}

uint16_t far_peek16(uint16_t segment, uint16_t offset)
{
    return (uint16_t) (far_peek8(segment, offset) | far_peek8(segment, (uint16_t) (offset + 1)) << 8);
}

void screen_clear(void)
{
    struct registers r = { .eax = 0x0003 };

    firmware(0x10, &r);
    r = (struct registers){ .eax = 0x0100, .ecx = 0x2000 }; /* no cursor */
    firmware(0x10, &r);
}

void screen_put(unsigned row, unsigned column, uint8_t attr, uint8_t ch)
{
    if (row < ROWS && column < COLUMNS)
        far_poke16(VIDEO_SEGMENT, (uint16_t) ((row * COLUMNS + column) * 2), (uint16_t) (attr << 8 | ch));
}

void screen_bar(unsigned row, uint8_t attr)
{
    for (unsigned column = 0; column < COLUMNS; column++)
        screen_put(row, column, attr, ' ');
}

void pen_char(struct pen *pen, uint8_t ch)
{
    screen_put(pen->row, pen->column++, pen->attr, ch);
}

void pen_text(struct pen *pen, const char *text)
{
    for (; *text != '\0'; text++)
        pen_char(pen, (uint8_t) *text);
}

void pen_number(struct pen *pen, uint32_t val)
{
    char digits[11];
    unsigned n = sizeof digits;

    digits[--n] = '\0';
    do
        digits[--n] = (char) ('0' + val % 10);
    while ((val /= 10) != 0);
    pen_text(pen, digits + n);
}

void pen_hex(struct pen *pen, uint32_t val, unsigned digits)
{
    while (digits-- > 0)
        pen_char(pen, (uint8_t) "0123456789ABCDEF"[val >> (4 * digits) & 15]);
}

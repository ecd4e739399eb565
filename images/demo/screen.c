/*
 * Text, straight into the video memory of mode 3.
 *
 * Source: IBM VGA Technical Reference, "Attribute controller", "DAC registers";
 *         IBM PS/2 BIOS Interface Technical Reference, INT 10h 00h, 01h, 10h, 11h.
 */
#include "demo.h"

enum { VIDEO = 0xb8000, DAC_INDEX = 0x3c8, DAC_DATA = 0x3c9 };

const uint8_t ramp_colors[5][3] = {
    { 63, 57, 26 }, { 63, 44, 18 }, { 62, 29, 20 }, { 55, 18, 31 }, { 38, 14, 44 },
};

static const uint8_t colors[16][3] = {
    [NIGHT] = { 2, 3, 9 },     [PANEL] = { 6, 9, 21 },   [GREEN] = { 22, 54, 28 },
    [CYAN] = { 20, 48, 56 },   [RED] = { 58, 16, 18 },   [VIOLET] = { 40, 22, 56 },
    [AMBER] = { 60, 38, 10 },  [TEXT] = { 45, 48, 54 },  [DIM] = { 21, 25, 38 },
    [RAMP] = { 63, 57, 26 },   [RAMP1] = { 63, 44, 18 }, [RAMP2] = { 62, 29, 20 },
    [RAMP3] = { 55, 18, 31 },  [RAMP4] = { 38, 14, 44 }, [YELLOW] = { 63, 56, 24 },
    [WHITE] = { 63, 63, 63 },
};

/* Where the pointer is drawn, and what is under it. */
static struct {
    bool shown;
    uint8_t row, column, attr;
} pointer;

void fill32(void *to, uint32_t val, uint32_t dwords)
{
    __asm__ volatile("rep stosl" : "+D"(to), "+c"(dwords) : "a"(val) : "memory");
}

void copy32(void *to, const void *from, uint32_t dwords)
{
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(dwords) : : "memory");
}

/* The compiler may call these. */
void *memset(void *to, int val, size_t len);
void *memcpy(void *to, const void *from, size_t len);

void *memset(void *to, int val, size_t len)
{
    void *at = to;

    __asm__ volatile("rep stosb" : "+D"(at), "+c"(len) : "a"(val) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t len)
{
    void *at = to;

    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(len) : : "memory");
    return to;
}

void dac_set(unsigned index, unsigned r, unsigned g, unsigned b)
{
    out8(DAC_INDEX, (uint8_t) index);
    out8(DAC_DATA, (uint8_t) r);
    out8(DAC_DATA, (uint8_t) g);
    out8(DAC_DATA, (uint8_t) b);
}

void screen_colors(void)
{
    /* The attribute controller maps 6 to 14h and 8 to 15 to 38h to 3Fh. */
    for (unsigned i = 0; i < 16; i++)
        dac_set(i < 8 ? i == 6 ? 0x14 : i : 0x30 + i, colors[i][0], colors[i][1], colors[i][2]);
}

void screen_start(void)
{
    struct registers r = { .eax = 0x0003 };

    pointer.shown = false;
    firmware(0x10, &r);
    r = (struct registers){ .eax = 0x0100, .ecx = 0x2000 }; /* no cursor */
    firmware(0x10, &r);
    r = (struct registers){ .eax = 0x1003 }; /* backgrounds instead of blinking */
    firmware(0x10, &r);
    screen_colors();
}

void screen_put(unsigned row, unsigned column, uint8_t attr, uint8_t ch)
{
    if (row < ROWS && column < COLUMNS)
        poke16(VIDEO + (row * COLUMNS + column) * 2, (uint16_t) (attr << 8 | ch));
}

uint16_t screen_get(unsigned row, unsigned column)
{
    return peek16(VIDEO + (row * COLUMNS + column) * 2);
}

void screen_fill(unsigned row, unsigned column, unsigned rows, unsigned columns, uint8_t attr, uint8_t ch)
{
    for (unsigned y = row; y < row + rows; y++)
        for (unsigned x = column; x < column + columns; x++)
            screen_put(y, x, attr, ch);
}

void screen_attr(unsigned row, unsigned column, unsigned columns, uint8_t attr)
{
    for (unsigned x = column; x < column + columns; x++)
        screen_put(row, x, attr, (uint8_t) screen_get(row, x));
}

/* A panel with a thin frame and a shadow. */
void screen_box(unsigned row, unsigned column, unsigned rows, unsigned columns, uint8_t attr)
{
    unsigned bottom = row + rows - 1, right = column + columns - 1;

    screen_fill(row, column, rows, columns, attr, ' ');
    for (unsigned x = column + 1; x < right; x++) {
        screen_put(row, x, attr, 0xc4);
        screen_put(bottom, x, attr, 0xc4);
    }
    for (unsigned y = row + 1; y < bottom; y++) {
        screen_put(y, column, attr, 0xb3);
        screen_put(y, right, attr, 0xb3);
    }
    screen_put(row, column, attr, 0xda);
    screen_put(row, right, attr, 0xbf);
    screen_put(bottom, column, attr, 0xc0);
    screen_put(bottom, right, attr, 0xd9);
}

void screen_keys(const char *keys)
{
    struct pen pen = { ROWS - 1, 2, ATTR(PANEL, TEXT) };

    screen_fill(ROWS - 1, 0, 1, COLUMNS, pen.attr, ' ');
    pen_text(&pen, keys);
}

void screen_page(const char *title, const char *keys)
{
    struct pen pen = { 0, 2, ATTR(PANEL, WHITE) };

    screen_pointer_hide();
    screen_fill(0, 0, ROWS, COLUMNS, ATTR(NIGHT, TEXT), ' ');
    screen_fill(0, 0, 1, COLUMNS, ATTR(PANEL, TEXT), ' ');
    pen_text(&pen, title);
    for (unsigned i = 0; i < 5; i++)
        screen_fill(0, COLUMNS - 17 + 3 * i, 1, 3, ATTR(PANEL, RAMP + i), 0xdc);
    screen_keys(keys);
}

void screen_pointer_hide(void)
{
    if (pointer.shown)
        screen_put(pointer.row, pointer.column, pointer.attr,
                   (uint8_t) screen_get(pointer.row, pointer.column));
    pointer.shown = false;
}

void screen_pointer(void)
{
    screen_pointer_hide();
    if (mouse.packets == 0)
        return;
    pointer.row = (uint8_t) (mouse.y / 16);
    pointer.column = (uint8_t) (mouse.x / 9);
    pointer.attr = (uint8_t) (screen_get(pointer.row, pointer.column) >> 8);
    pointer.shown = true;
    screen_attr(pointer.row, pointer.column, 1, ATTR(YELLOW, NIGHT));
}

const uint8_t *font_rows(unsigned height)
{
    static const uint8_t *fonts[2];
    struct registers r = { .eax = 0x1130, .ebx = height == 16 ? 0x0600 : 0x0300 };
    const uint8_t **font = &fonts[height == 16];

    if (*font == NULL) {
        firmware(0x10, &r);
        *font = (const uint8_t *) (r.es * 16u + (r.ebp & 0xffff));
    }
    return *font;
}

void screen_banner(unsigned row, unsigned column, const char *text, unsigned advance)
{
    static const uint8_t shades[8] = { RAMP, RAMP, RAMP1, RAMP1, RAMP2, RAMP3, RAMP4, NIGHT };
    const uint8_t *font = font_rows(8);

    for (; *text != '\0'; text++, column += advance)
        for (unsigned y = 0; y < 4; y++)
            for (unsigned x = 0; x < 8; x++) {
                const uint8_t *rows = font + (uint8_t) *text * 8 + 2 * y;
                unsigned top = rows[0] << x & 0x80, bottom = rows[1] << x & 0x80;

                screen_put(row + y, column + x,
                           ATTR(bottom ? shades[2 * y + 1] : NIGHT, top ? shades[2 * y] : NIGHT), 0xdf);
            }
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

char *number_text(char *end, uint32_t val)
{
    *--end = '\0';
    do
        *--end = (char) ('0' + val % 10);
    while ((val /= 10) != 0);
    return end;
}

void pen_number(struct pen *pen, uint32_t val)
{
    char digits[11];

    pen_text(pen, number_text(digits + sizeof digits, val));
}

void pen_padded(struct pen *pen, uint32_t val, unsigned width)
{
    char digits[11];
    const char *text = number_text(digits + sizeof digits, val);

    for (unsigned n = (unsigned) (digits + sizeof digits - 1 - text); n < width; n++)
        pen_char(pen, ' ');
    pen_text(pen, text);
}

void pen_tenths(struct pen *pen, uint32_t tenths)
{
    pen_number(pen, tenths / 10);
    pen_char(pen, '.');
    pen_number(pen, tenths % 10);
}

void pen_hex(struct pen *pen, uint32_t val, unsigned digits)
{
    while (digits-- > 0)
        pen_char(pen, (uint8_t) "0123456789ABCDEF"[val >> (4 * digits) & 15]);
}

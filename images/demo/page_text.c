/*
 * Text mode: its colours and characters, a plasma made of shades, and a second
 * set of characters that is drawn anew in each frame: a cube that turns.
 *
 * Source: IBM VGA Technical Reference, "Sequencer: character map select, memory
 *         mode, clocking mode", "Graphics controller: miscellaneous".
 */
#include "gfx.h"

enum {
    CANVAS = 128, /* points wide and high: 16 by 8 characters of the second set */
    CANVAS_BYTES = CANVAS / 8,
    FIRST = 128, /* the canvas's first character; below are letters */
    FONT = 0xa0000 + 0x4000, /* the second block of plane 2 */
    ROWS_TOP = 4, TABLE_COLUMN = 3, CANVAS_COLUMN = 56, PLASMA_TOP = 15, PLASMA_ROWS = 8,
};

static uint8_t canvas[CANVAS][CANVAS_BYTES];

/* Plane 2 at A0000h, or the text again. */
static void font_memory(bool open)
{
    out16(0x3c4, open ? 0x0402 : 0x0302);
    out16(0x3c4, open ? 0x0704 : 0x0304);
    out16(0x3ce, open ? 0x0204 : 0x0004);
    out16(0x3ce, open ? 0x0005 : 0x1005);
    out16(0x3ce, open ? 0x0406 : 0x0e06);
}

/* Eight dots a character without a gap, 25 MHz; bit 3 of an attribute chooses
 * the second set. */
static void two_sets(void)
{
    const uint8_t *font = font_rows(16);

    out16(0x3c4, 0x0100);
    out16(0x3c4, 0x0101);
    out8(0x3c2, 0x63);
    out16(0x3c4, 0x0403);
    out16(0x3c4, 0x0300);
    font_memory(true);
    for (uint32_t ch = 0; ch < FIRST; ch++)
        for (uint32_t y = 0; y < 16; y++)
            poke8(FONT + ch * 32 + y, font[ch * 16 + y]);
    font_memory(false);
}

static void canvas_show(void)
{
    font_memory(true);
    for (uint32_t ch = 0; ch < 128; ch++)
        for (uint32_t y = 0; y < 16; y++)
            poke8(FONT + (FIRST + ch) * 32 + y, canvas[ch / 16 * 16 + y][ch % 16]);
    font_memory(false);
}

static void canvas_line(int x0, int y0, int x1, int y1)
{
    int dx = x1 > x0 ? x1 - x0 : x0 - x1, dy = y1 > y0 ? y1 - y0 : y0 - y1;
    int n = dx > dy ? dx : dy;

    for (int i = 0; i <= n; i++) {
        int x = x0 + (n == 0 ? 0 : (x1 - x0) * i / n), y = y0 + (n == 0 ? 0 : (y1 - y0) * i / n);

        if (x >= 0 && x < CANVAS && y >= 0 && y < CANVAS) {
            canvas[y][x / 8] |= (uint8_t) (0x80 >> x % 8);
            canvas[y][(x + 1) / 8 % CANVAS_BYTES] |= (uint8_t) (0x80 >> (x + 1) % 8);
        }
    }
}

static void draw_cube(uint32_t frame)
{
    int px[8], py[8];
    int32_t sa = gfx_sin(frame * 5), ca = gfx_cos(frame * 5), sb = gfx_sin(frame * 3), cb = gfx_cos(frame * 3);

    __builtin_memset(canvas, 0, sizeof canvas);
    for (int i = 0; i < 8; i++) {
        int32_t x = (i & 1) ? 256 : -256, y = (i & 2) ? 256 : -256, z = (i & 4) ? 256 : -256;
        int32_t x1 = (x * ca - z * sa) / 256, z1 = (x * sa + z * ca) / 256;
        int32_t y1 = (y * cb - z1 * sb) / 256, z2 = (y * sb + z1 * cb) / 256 + 1100;

        px[i] = CANVAS / 2 + x1 * 140 / z2;
        py[i] = CANVAS / 2 + y1 * 140 / z2;
    }
    for (int i = 0; i < 8; i++)
        for (int bit = 1; bit < 8; bit <<= 1)
            if ((i & bit) == 0)
                canvas_line(px[i], py[i], px[i | bit], py[i | bit]);
}

static void draw_plasma(uint32_t frame)
{
    /* Shades between neighbours: behind, before, how much of the latter. */
    static const uint8_t behind[4] = { NIGHT, VIOLET, RED, YELLOW }, before[4] = { VIOLET, RED, AMBER, AMBER };
    static const uint8_t shades[2][4] = { { ' ', 0xb0, 0xb1, 0xb2 }, { 0xb2, 0xb1, 0xb0, ' ' } };

    for (unsigned y = 0; y < PLASMA_ROWS; y++)
        for (unsigned x = 0; x < COLUMNS - 6; x++) {
            int32_t v = gfx_sin(x * 19 + frame * 4) + gfx_sin(y * 60 + x * 9 - frame * 6)
                        + gfx_sin((uint32_t) gfx_sin(x * 7 + frame * 3) + y * 34);
            unsigned level = (unsigned) (v + 768) / 97, part = level / 4 & 3;

            screen_put(PLASMA_TOP + y, 3 + x, ATTR(behind[part], before[part]), shades[part == 3][level % 4]);
        }
}

static void heading(unsigned row, unsigned column, const char *text)
{
    struct pen pen = { (uint8_t) row, (uint8_t) column, ATTR(NIGHT, CYAN) };

    pen_text(&pen, text);
}

static void draw_page(void)
{
    screen_page("Text mode", "Text page ready.   Esc back");
    screen_fill(0, COLUMNS - 17, 1, 15, ATTR(PANEL, TEXT), ' ');
    heading(2, TABLE_COLUMN, "256 characters");
    heading(2, 39, "16 colours");
    heading(2, CANVAS_COLUMN, "256 more, drawn now");
    heading(PLASMA_TOP - 2, 3, "Shades");
    for (unsigned i = 0; i < 256; i++)
        screen_put(ROWS_TOP + i / 32, TABLE_COLUMN + i % 32, ATTR(NIGHT, TEXT), (uint8_t) i);
    for (unsigned i = 0; i < 16; i++)
        screen_fill(ROWS_TOP + i % 8, 39 + 6 * (i / 8), 1, 6, ATTR(i, TEXT), ' ');
    for (unsigned i = 0; i < 128; i++)
        screen_put(ROWS_TOP + i / 16, CANVAS_COLUMN + i % 16, ATTR(NIGHT, RAMP + i / 16 * 5 / 8), (uint8_t) (FIRST + i));
}

void page_text(void)
{
    unsigned key;

    two_sets();
    draw_page();
    for (uint32_t frame = 0;; frame++) {
        draw_cube(frame);
        retrace_wait();
        canvas_show();
        draw_plasma(frame);
        input_poll();
        key = input_key();
        if (input_leave(key))
            return;
    }
}

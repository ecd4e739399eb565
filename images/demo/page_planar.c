/*
 * Planar graphics: mode 12h, 640 by 480 in 16 colours.  Lines, curves and fills,
 * drawn while one looks.
 *
 * Source: IBM VGA Technical Reference, "Graphics controller: set/reset, bit
 *         mask"; J. E. Bresenham, "Algorithm for computer control of a digital
 *         plotter", 1965.
 */
#include "gfx.h"

enum {
    LINE = 80, PANEL_W = 296, PANEL_H = 188, COLUMN0 = 16, COLUMN1 = 328, ROW0 = 54, ROW1 = 264,
    STEPS = 96, /* frames in which the panels fill */
};

/* Drawing of `color` in the points of a byte whose bits are set. */
static void set_color(unsigned color)
{
    out16(0x3ce, (uint16_t) (color << 8)); /* set/reset */
}

static void point(int x, int y)
{
    uint32_t addr = GFX_SCREEN + (uint32_t) (y * LINE + x / 8);

    out16(0x3ce, (uint16_t) (0x8000 >> (x & 7)) | 8);
    peek8(addr); /* into the latches */
    poke8(addr, 0);
}

/* From x0 to before x1, where the pattern's bits are set. */
static void span(int x0, int x1, int y, uint8_t pattern)
{
    for (int at = x0 / 8; x0 < x1 && at <= (x1 - 1) / 8; at++) {
        unsigned mask = pattern;
        uint32_t addr = GFX_SCREEN + (uint32_t) (y * LINE + at);

        if (at == x0 / 8)
            mask &= 0xffu >> (x0 & 7);
        if (at == (x1 - 1) / 8)
            mask &= 0xff00u >> (((x1 - 1) & 7) + 1);
        out16(0x3ce, (uint16_t) ((mask & 0xff) << 8 | 8));
        peek8(addr);
        poke8(addr, 0);
    }
}

static void box(int x, int y, int w, int h, unsigned color)
{
    set_color(color);
    for (int i = 0; i < h; i++)
        span(x, x + w, y + i, 0xff);
}

static void line(int x0, int y0, int x1, int y1)
{
    int dx = x1 > x0 ? x1 - x0 : x0 - x1, dy = y1 > y0 ? y0 - y1 : y1 - y0;
    int sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1, error = dx + dy;

    for (;;) {
        int twice = 2 * error;

        point(x0, y0);
        if (x0 == x1 && y0 == y1)
            return;
        if (twice >= dy) {
            error += dy;
            x0 += sx;
        }
        if (twice <= dx) {
            error += dx;
            y0 += sy;
        }
    }
}

/* A filled ellipse in a pattern of two lines. */
static void disc(int cx, int cy, int rx, int ry, uint8_t even, uint8_t odd)
{
    for (int dy = -ry, half = 0; dy <= ry; dy++) {
        int32_t limit = ry * ry - dy * dy;

        while (half * half * ry / rx * ry / rx < limit)
            half++;
        while (half > 0 && half * half * ry / rx * ry / rx > limit)
            half--;
        span(cx - half, cx + half, cy + dy, (cy + dy) & 1 ? odd : even);
    }
}

static void text(int x, int y, const char *s, unsigned color)
{
    set_color(color);
    for (; *s != '\0'; s++, x += 8)
        for (int i = 0; i < 16; i++) {
            uint8_t bits = font_rows(16)[(uint8_t) *s * 16 + i];

            span(x, x + 8, y + i, bits);
        }
}

static void panel(int x, int y, const char *name)
{
    box(x, y, PANEL_W, PANEL_H, PANEL);
    box(x + 1, y + 1, PANEL_W - 2, PANEL_H - 2, NIGHT);
    text(x + 8, y + PANEL_H - 20, name, TEXT);
}

/* Straight lines whose hull is a curve, from two corners. */
static void lines_step(int n)
{
    int x0 = COLUMN0 + 10, x1 = COLUMN0 + PANEL_W - 10, y0 = ROW0 + 10, y1 = ROW0 + PANEL_H - 28;
    int dx = (x1 - x0) * n / STEPS, dy = (y1 - y0) * n / STEPS;

    if (n % 3 != 0)
        return;
    set_color(RAMP + (unsigned) n * 5 / STEPS);
    line(x0, y0 + dy, x0 + dx, y1);
    line(x1, y1 - dy, x1 - dx, y0);
    set_color(n % 2 == 0 ? CYAN : DIM);
    line(x0 + dx, y0, x1, y0 + dy);
    line(x1 - dx, y1, x0, y1 - dy);
}

static void curve_point(uint32_t t, int *x, int *y)
{
    *x = COLUMN1 + PANEL_W / 2 + gfx_sin(t * 3) * 130 / 256;
    *y = ROW0 + (PANEL_H - 20) / 2 + gfx_sin(t * 4 + 128) * 72 / 256;
}

static void curves_step(int n)
{
    int x0, y0, x1, y1;

    for (int i = 0; i < 8; i++) {
        uint32_t t = (uint32_t) (n * 8 + i) * 1024 / (STEPS * 8), r0, r1;

        set_color(AMBER);
        curve_point(t, &x0, &y0);
        curve_point(t + 2, &x1, &y1);
        line(x0, y0, x1, y1);
        /* A rose inside. */
        set_color(GREEN);
        r0 = (uint32_t) gfx_sin(t * 5);
        r1 = (uint32_t) gfx_sin((t + 2) * 5);
        line(COLUMN1 + PANEL_W / 2 + (int32_t) r0 * gfx_cos(t) / 1040, ROW0 + 84 + (int32_t) r0 * gfx_sin(t) / 1040,
             COLUMN1 + PANEL_W / 2 + (int32_t) r1 * gfx_cos(t + 2) / 1040, ROW0 + 84 + (int32_t) r1 * gfx_sin(t + 2) / 1040);
    }
}

static void fills_step(int n)
{
    static const uint8_t patterns[4][2] = { { 0xff, 0xff }, { 0xaa, 0x55 }, { 0x88, 0x22 }, { 0xff, 0x00 } };
    uint32_t r;
    int rx;

    if (n % 4 != 0)
        return;
    r = gfx_random();
    rx = 12 + (int) (r & 31);
    set_color(9 + (r >> 5) % 6);
    disc(COLUMN0 + 50 + (int) ((r >> 8) % (PANEL_W - 100)), ROW1 + 40 + (int) ((r >> 17) % (PANEL_H - 104)), rx,
         rx * 3 / 4, patterns[r >> 28 & 3][0], patterns[r >> 28 & 3][1]);
}

/* A ball: discs, each smaller and lighter, with dither between two colours. */
static void ball_step(int n)
{
    static const uint8_t shade[6] = { VIOLET, RAMP4, RAMP3, RAMP2, RAMP1, RAMP };
    int i = n * 12 / STEPS, r = 74 - i * 6;

    if (n % (STEPS / 12) != 0 || r < 2)
        return;
    if (n == 0) { /* its shadow, and the floor */
        set_color(DIM);
        for (int y = 0; y < 8; y++)
            line(COLUMN1 + 10, ROW1 + 120 + y * y, COLUMN1 + PANEL_W - 10, ROW1 + 120 + y * y);
        for (int x = -8; x <= 8; x++)
            line(COLUMN1 + PANEL_W / 2 + x * 12, ROW1 + 120, COLUMN1 + PANEL_W / 2 + x * 17, ROW1 + 168);
        set_color(NIGHT);
        disc(COLUMN1 + 186, ROW1 + 152, 76, 12, 0xff, 0xff);
    }
    set_color(shade[i / 2]);
    disc(COLUMN1 + PANEL_W / 2 - i * 2, ROW1 + 80 - i * 2, r, r, i % 2 ? 0xff : 0xaa, i % 2 ? 0xff : 0x55);
}

static void draw_start(void)
{
    box(0, 0, 640, 480, NIGHT);
    box(0, 0, 640, 32, PANEL);
    text(16, 8, "Planar graphics: 640 by 480, four planes, sixteen colours", WHITE);
    for (unsigned i = 0; i < 5; i++)
        box(500 + (int) i * 26, 12, 26, 8, RAMP + i);
    panel(COLUMN0, ROW0, "Lines");
    panel(COLUMN1, ROW0, "Curves");
    panel(COLUMN0, ROW1, "Fills");
    panel(COLUMN1, ROW1, "Dither");
    text(16, 460, "Space draws again   Esc back", DIM);
}

void page_planar(void)
{
    unsigned key;
    int step = 0;

    gfx_mode(0x12);
    screen_colors();
    out16(0x3ce, 0x0f01); /* enable set/reset in all planes */
    gfx_seed(362436069u);
    do {
        if (step == 0)
            draw_start();
        if (step < STEPS) {
            lines_step(step);
            curves_step(step);
            fills_step(step);
            ball_step(step);
            step++;
        }
        retrace_wait();
        input_poll();
        key = input_key();
        if (key == KEY_SPACE || (mouse.pressed & 1) != 0)
            step = 0;
    } while (!input_leave(key));
}

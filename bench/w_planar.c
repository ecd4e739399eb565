/* w_planar.c - the 16-colour graphics of mode 12h, as a drawing library does them. */
#include "kit.h"

#define VGA ((volatile u8 *)0xA0000)
enum { ROW = 80, SPARE = 480 * ROW };   /* bytes; behind the picture: 27 KB of each plane */
enum { COPY = 0, XOR = 0x18 };          /* graphics register 3 */

static u8 font[96][16], sprite[4][32][4];

static void gc(u8 i, u8 v) { outw(0x3CE, (u16)(v << 8 | i)); }
static void map_mask(u8 v) { outw(0x3C4, (u16)(v << 8 | 2)); }

void s_planar(void)
{
    u32 s = 77;
    for (int c = 0; c < 96; c++) for (int y = 0; y < 16; y++) font[c][y] = (u8)(xs(&s) & xs(&s));
    for (int p = 0; p < 4; p++) for (int y = 0; y < 32; y++) for (int x = 0; x < 4; x++) sprite[p][y][x] = (u8)xs(&s);
    video_mode(0x12);
}

/* One row of a bar: the colour by set/reset, both ends under the bit mask. */
static NOINLINE void bar_row(int x0, int x1, int y)
{
    volatile u8 *l = VGA + y * ROW + (x0 >> 3), *r = VGA + y * ROW + (x1 >> 3);
    u8 lm = (u8)(0xFF >> (x0 & 7)), rm = (u8)(0xFF << (7 - (x1 & 7)));
    if (l == r) { gc(8, lm & rm); *l |= 1; return; }
    gc(8, lm); *l |= 1;
    gc(8, rm); *r |= 1;
    gc(8, 0xFF);
    void *d = (void *)(l + 1);
    u32 n = (u32)(r - l) - 1;
    __asm__ volatile("cld; rep stosb" : "+D"(d), "+c"(n) : "a"(0) : "memory");
}
static void bar(int x0, int y0, int x1, int y1, u8 colour)
{
    gc(0, colour); gc(1, 0x0F);
    for (int y = y0; y <= y1; y++) bar_row(x0, x1, y);
    gc(1, 0); gc(8, 0xFF);
}
/* Write mode 2: a pixel is its colour, the bit mask its place. */
static NOINLINE void line(int x0, int y0, int x1, int y1, u8 colour, u8 op)
{
    int dx = x1 > x0 ? x1 - x0 : x0 - x1, dy = y1 > y0 ? y1 - y0 : y0 - y1;
    int sx = x1 > x0 ? 1 : -1, sy = y1 > y0 ? 1 : -1, e = dx - dy;
    gc(5, 2); gc(3, op);
    for (;;) {
        volatile u8 *p = VGA + y0 * ROW + (x0 >> 3);
        gc(8, (u8)(0x80 >> (x0 & 7)));
        (void)*p;
        *p = colour;
        if (x0 == x1 && y0 == y1) break;
        int e2 = 2 * e;
        if (e2 > -dy) { e -= dy; x0 += sx; }
        if (e2 < dx) { e += dx; y0 += sy; }
    }
    gc(5, 0); gc(3, COPY); gc(8, 0xFF);
}
/* Write mode 3: the byte is the mask; transparent text. */
static NOINLINE void text(int x, int y, const char *s, u8 colour)
{
    gc(5, 3); gc(0, colour);
    for (; *s; s++, x++)
        for (int i = 0; i < 16; i++) {
            volatile u8 *p = VGA + (y + i) * ROW + x;
            (void)*p;
            *p = font[*s - 32][i];
        }
    gc(5, 0); gc(0, 0);
}
/* Plane by plane from memory, write mode 0. */
static NOINLINE void put_sprite(int x, int y)
{
    for (int p = 0; p < 4; p++) {
        map_mask((u8)(1 << p));
        for (int i = 0; i < 32; i++) {
            void *d = (void *)(VGA + (y + i) * ROW + x);
            const void *s = sprite[p][i];
            u32 n = 2;
            __asm__ volatile("cld; rep movsw" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
        }
    }
    map_mask(0x0F);
}
/* Write mode 1: through the latches, four planes at once. */
static void blit(int from, int to, int bytes, int rows)
{
    gc(5, 1);
    for (int y = 0; y < rows; y++) {
        void *d = (void *)(VGA + to + y * ROW);
        const void *s = (void *)(VGA + from + y * ROW);
        u32 n = (u32)bytes;
        __asm__ volatile("cld; rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
    }
    gc(5, 0);
}
/* Read mode 1: where is this colour? */
static NOINLINE u32 find_colour(u8 colour)
{
    u32 h = 0;
    gc(5, 8); gc(2, colour); gc(7, 0x0F);
    for (int i = 0; i < SPARE; i += 13) h = h * 33 + VGA[i];
    gc(5, 0);
    return h;
}

u32 w_planar(void)
{
    u32 h = 0, s = 4242;
    map_mask(0x0F);
    gc(0, 0); gc(1, 0); gc(3, COPY); gc(4, 0); gc(5, 0); gc(8, 0xFF);
    { void *d = (void *)0xA0000; u32 n = 0x4000;
      __asm__ volatile("cld; rep stosl" : "+D"(d), "+c"(n) : "a"(0) : "memory"); }
    bar(0, 0, 639, 479, 1);
    for (int i = 0; i < 12; i++) {      /* windows with a frame, a title and text */
        int x = (int)(xs(&s) % 400), y = (int)(xs(&s) % 300);
        bar(x, y, x + 201, y + 151, 7);
        bar(x + 3, y + 3, x + 198, y + 20, (u8)(i + 1));
        line(x, y, x + 201, y, 15, COPY); line(x, y, x, y + 151, 15, COPY);
        line(x + 201, y, x + 201, y + 151, 8, COPY); line(x, y + 151, x + 201, y + 151, 8, COPY);
        text((x >> 3) + 2, y + 4, "UNTITLED - WRITE", 14);
        for (int k = 0; k < 6; k++) text((x >> 3) + 2, y + 26 + k * 18, "The quick brown fox", 0);
        put_sprite((x >> 3) + 18, y + 100);
    }
    for (int i = 0; i < 40; i++) {
        u32 a = xs(&s), b = xs(&s);
        line((int)(a % 640), (int)((a >> 16) % 480), (int)(b % 640), (int)((b >> 16) % 480), (u8)(i & 15),
             i & 1 ? XOR : COPY);
    }
    blit(100 * ROW + 10, SPARE, 40, 200);
    for (int i = 0; i < 8; i++) blit(SPARE, (i * 24) * ROW + 30, 40, 60);
    blit(16 * ROW, 0, ROW, 448);        /* scroll */
    for (u8 c = 0; c < 16; c += 5) h = mix(h, find_colour(c));
    for (u8 p = 0; p < 4; p++) {
        gc(4, p);
        for (int i = p; i < 0xD000; i += 29) h = mix(h, VGA[i]);
    }
    gc(4, 0);
    return h;
}

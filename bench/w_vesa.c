/* w_vesa.c - a linear frame buffer of VBE 2.0, 640x480 in 256 colours.  Native, memory. */
#include "kit.h"

enum { WIDTH = 640, HEIGHT = 480, MODE = 0x101, LINEAR = 0x4000, SPRITE = 48 };

static u32 pitch = WIDTH;
static u8 *lfb = (u8 *)SCRATCH;
static u8 sprite[SPRITE * SPRITE], glyphs[64][8];

#ifndef NATIVE
/* The mode's description lies where rm_int() has ES:DI point. */
int able_vesa(void)
{
    volatile u8 *m = (volatile u8 *)BUFFER16;
    if ((rm_int(0x10, 0x4F01, 0, MODE | LINEAR, 0) & 0xFFFF) != 0x004F || (m[0] & 0x81) != 0x81) return 0;
    pitch = *(volatile u16 *)(m + 0x10);
    lfb = *(u8 *volatile *)(m + 0x28);
    return lfb != 0 && pitch >= WIDTH;
}
#endif
void s_vesa(void)
{
    u32 s = 21;
    for (int i = 0; i < SPRITE * SPRITE; i++) { u32 v = xs(&s); sprite[i] = (v >> 8 & 3) ? (u8)v : 0; }
    for (int i = 0; i < 512; i++) glyphs[i >> 3][i & 7] = (u8)xs(&s);
#ifndef NATIVE
    rm_int(0x10, 0x4F02, MODE | LINEAR, 0, 0);
#endif
}

static u8 *at(u32 x, u32 y) { return lfb + y * pitch + x; }
static void fill(u32 x, u32 y, u32 w, u32 h, u32 c)
{
    while (h--) {
        void *d = at(x, y++);
        u32 n = w / 4;
        __asm__ volatile("cld; rep stosl" : "+D"(d), "+c"(n) : "a"(c * 0x01010101u) : "memory");
    }
}
static NOINLINE void copy(u32 x, u32 y, u32 from_x, u32 from_y, u32 w, u32 h)
{
    while (h--) {
        void *d = at(x, y++), *s = at(from_x, from_y++);
        u32 n = w / 4;
        __asm__ volatile("cld; rep movsl" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
    }
}
/* 0 is transparent */
static NOINLINE void draw(u32 x, u32 y)
{
    const u8 *s = sprite;
    for (u32 j = 0; j < SPRITE; j++) {
        volatile u8 *d = at(x, y + j);
        for (u32 i = 0; i < SPRITE; i++, s++) if (*s) d[i] = *s;
    }
}
static NOINLINE void text(u32 x, u32 y, u32 from, u32 n)
{
    for (; n--; x += 8, from++)
        for (u32 j = 0; j < 8; j++) {
            u32 bits = glyphs[from & 63][j];
            volatile u32 *d = (volatile u32 *)at(x, y + j);
            for (u32 k = 0; k < 2; k++, bits <<= 4)
                d[k] = ((bits & 0x80) ? 0x0F : 1) | ((bits & 0x40) ? 0x0F00 : 0x100) |
                       ((bits & 0x20) ? 0x0F0000 : 0x10000) | ((bits & 0x10) ? 0x0F000000 : 0x1000000);
        }
}
/* half of both, as a window's shadow has it: read, change, write */
static NOINLINE void shade(u32 x, u32 y, u32 w, u32 h)
{
    for (; h--; y++) {
        volatile u32 *d = (volatile u32 *)at(x, y);
        for (u32 i = 0; i < w / 4; i++) d[i] = (d[i] >> 1 & 0x7F7F7F7F) ^ 0x40404040;
    }
}
u32 w_vesa(void)
{
    u32 h = 0, s = 77;
    fill(0, 0, WIDTH, HEIGHT, 3);
    for (u32 f = 0; f < 6; f++) {
        copy(0, 0, 0, 8, WIDTH, HEIGHT - 8);                    /* scroll */
        text(0, HEIGHT - 8, f * 80, 80);
        fill(40 + f * 16, 60 + f * 8, 320, 200, 20 + f);        /* a window */
        shade(360 + f * 16, 68 + f * 8, 8, 200);
        for (u32 i = 0; i < 20; i++) { u32 v = xs(&s); draw(v % (WIDTH - SPRITE), (v >> 16) % (HEIGHT - SPRITE)); }
        copy(44 + f * 16, 70 + f * 8, 8 + f * 4, 280, 256, 100);
        for (u32 y = 0; y < HEIGHT; y += 7) h = mix(h, *(volatile u32 *)at(y * 4 % (WIDTH - 4) & ~3u, y));
    }
    return h;
}

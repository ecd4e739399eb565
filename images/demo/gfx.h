/* Graphics for the pages: sines, noise, 256 colours in mode 13h, text in pixels. */
#ifndef DEMO_GFX_H
#define DEMO_GFX_H

#include "demo.h"

enum { GFX_WIDTH = 320, GFX_HEIGHT = 200, GFX_SCREEN = 0xa0000 };

/* Sine of an angle of 1024 to a turn, -256 to 256. */
int32_t gfx_sin(uint32_t angle);
static inline int32_t gfx_cos(uint32_t angle)
{
    return gfx_sin(angle + 256);
}

uint32_t gfx_random(void); /* the same row after gfx_seed */
void gfx_seed(uint32_t seed);

void gfx_mode(uint8_t mode);
/* A piece of 64 KiB of memory for pictures, 0 or 1, or more after them: 2. */
uint8_t *gfx_buffer(unsigned n);
/* The colours from `first` to `last` between two. */
void gfx_ramp(unsigned first, unsigned last, const uint8_t from[3], const uint8_t to[3]);
/* Text of 8 by 8 in a picture 320 wide; scale enlarges. */
void gfx_text(uint8_t *picture, int x, int y, const char *text, uint8_t color, int scale);
void gfx_box(uint8_t *picture, int x, int y, int width, int height, uint8_t color);

#endif

/* Graphics for the pages. */
#include "gfx.h"

#include "demo.inc"

static uint32_t seed = 1;

/* A quarter by Bhaskara's formula, within 0.2 %: no table, no x87. */
int32_t gfx_sin(uint32_t angle)
{
    int32_t x = (int32_t) (angle & 511), p = x * (512 - x);
    int32_t val = (4 * p * 256) / (5 * 65536 - p);

    return (angle & 512) != 0 ? -val : val;
}

uint32_t gfx_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

void gfx_seed(uint32_t val)
{
    seed = val;
}

void gfx_mode(uint8_t mode)
{
    struct registers r = { .eax = mode };

    font_rows(8);
    firmware(0x10, &r);
}

uint8_t *gfx_buffer(unsigned n)
{
    return (uint8_t *) (BUFFERS + 0x10000 * n);
}

void gfx_ramp(unsigned first, unsigned last, const uint8_t from[3], const uint8_t to[3])
{
    int n = (int) (last - first);

    for (int i = 0; i <= n; i++)
        dac_set(first + (unsigned) i, (unsigned) (from[0] + (to[0] - from[0]) * i / n),
                (unsigned) (from[1] + (to[1] - from[1]) * i / n),
                (unsigned) (from[2] + (to[2] - from[2]) * i / n));
}

void gfx_box(uint8_t *picture, int x, int y, int width, int height, uint8_t color)
{
    for (int row = y; row < y + height; row++)
        for (int column = x; column < x + width; column++)
            if (row >= 0 && row < GFX_HEIGHT && column >= 0 && column < GFX_WIDTH)
                picture[row * GFX_WIDTH + column] = color;
}

void gfx_text(uint8_t *picture, int x, int y, const char *text, uint8_t color, int scale)
{
    for (; *text != '\0'; text++, x += 8 * scale) {
        const uint8_t *rows = font_rows(8) + (uint8_t) *text * 8;

        for (int i = 0; i < 64; i++)
            if ((rows[i / 8] << i % 8 & 0x80) != 0)
                gfx_box(picture, x + i % 8 * scale, y + i / 8 * scale, scale, scale, color);
    }
}

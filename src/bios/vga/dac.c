/*
 * VGA BIOS: the DAC and the palettes it starts with, computed by rule.
 *
 * Source: IBM Personal System/2 Hardware Interface Technical Reference,
 *         "Video digital-to-analog converter" and the default palettes;
 *         IBM PS/2 and PC BIOS Interface Technical Reference, (AH)=10H,
 *         (AL)=1BH for the weights of the grey sum.
 */
#include "vga.h"

/* Weights 30 %, 59 %, 11 % of red, green, blue, in 1/256. */
static uint8_t grey_of(uint8_t red, uint8_t green, uint8_t blue)
{
    uint16_t sum = (uint16_t) (red * 77 + green * 151 + blue * 28 + 0x80);

    sum >>= 8;
    return sum > 0x3f ? 0x3f : (uint8_t) sum;
}

/* Write one colour, summed to grey if the user chose so (AH=12h BL=33h). */
void dac_write(uint8_t index, uint8_t red, uint8_t green, uint8_t blue)
{
    if (bda.flags & FLG_GREY)
        red = green = blue = grey_of(red, green, blue);
    outb(PORT_DAC_WRITE, index);
    outb(PORT_DAC_DATA, red);
    outb(PORT_DAC_DATA, green);
    outb(PORT_DAC_DATA, blue);
}

void dac_grey(uint16_t first, uint16_t count)
{
    while (count-- != 0) {
        uint8_t red, green, blue;

        outb(PORT_DAC_READ, (uint8_t) first);
        red = inb(PORT_DAC_DATA);
        green = inb(PORT_DAC_DATA);
        blue = inb(PORT_DAC_DATA);
        red = grey_of(red, green, blue);
        outb(PORT_DAC_WRITE, (uint8_t) first);
        outb(PORT_DAC_DATA, red);
        outb(PORT_DAC_DATA, red);
        outb(PORT_DAC_DATA, red);
        first++;
    }
}

/* EGA colour rgbRGB: capitals weigh two thirds, small letters one third. */
static uint8_t ega_level(uint8_t colour, uint8_t high, uint8_t low)
{
    return (colour & high ? 0x2a : 0) + (colour & low ? 0x15 : 0);
}

static void load_ega(void)
{
    for (uint8_t i = 0; i < 64; i++)
        dac_write(i, ega_level(i, 0x04, 0x20), ega_level(i, 0x02, 0x10),
                  ega_level(i, 0x01, 0x08));
}

/* CGA colour RGB with intensity; dark yellow is brown. */
static void load_cga_colour(uint8_t index, uint8_t rgb, bool bright)
{
    uint8_t base = bright ? 0x15 : 0;
    uint8_t green = rgb & 2 ? 0x2a : 0;

    if (rgb == 6 && !bright)
        green = 0x15;
    dac_write(index, base + (rgb & 4 ? 0x2a : 0), base + green,
              base + (rgb & 1 ? 0x2a : 0));
}

/* 64 colours of the 200-line modes: intensity is bit 4. */
static void load_cga(void)
{
    for (uint8_t i = 0; i < 64; i++)
        load_cga_colour(i, i & 7, i & 0x10);
}

static void load_mono(void)
{
    for (uint8_t i = 0; i < 64; i++) {
        uint8_t level = i & 0x08 ? (i & 0x10 ? 0x3f : 0x2a) : 0;

        dac_write(i, level, level, level);
    }
}

/*
 * A ring of 24 hues, from blue over red and green back to blue.  `level`
 * holds the five steps from the weakest to the strongest component.  Each
 * sixth of the ring, one component walks up or down in four steps.
 */
static uint8_t load_ring(uint8_t index, ROM uint8_t *level)
{
    /* Start and end of the walk of (red, green, blue) along the ring:
       + rises, - falls, H stays high, L stays low. */
    static ROM char walk[6][4] ROM_DATA = { "+LH", "HL-", "H+L",
                                            "-HL", "LH+", "L-H" };

    for (int sixth = 0; sixth < 6; sixth++) {
        for (uint8_t step = 0; step < 4; step++) {
            uint8_t rgb[3];

            for (int c = 0; c < 3; c++) {
                char w = walk[sixth][c];

                rgb[c] = level[w == '+'   ? step
                               : w == '-' ? 4 - step
                               : w == 'H' ? 4
                                          : 0];
            }
            dac_write(index++, rgb[0], rgb[1], rgb[2]);
        }
    }
    return index;
}

/* Mode 13h: 16 CGA colours, 16 greys, then for three intensities three rings
   of falling saturation; the last eight are black. */
static void load_256(void)
{
    static ROM uint8_t grey[16] ROM_DATA = {
        0x00, 0x05, 0x08, 0x0b, 0x0e, 0x11, 0x14, 0x18,
        0x1c, 0x20, 0x24, 0x28, 0x2d, 0x32, 0x38, 0x3f,
    };
    static ROM uint8_t ring[9][5] ROM_DATA = {
        { 0x00, 0x10, 0x1f, 0x2f, 0x3f }, { 0x1f, 0x27, 0x2f, 0x37, 0x3f },
        { 0x2d, 0x31, 0x36, 0x3a, 0x3f }, { 0x00, 0x07, 0x0e, 0x15, 0x1c },
        { 0x0e, 0x11, 0x15, 0x18, 0x1c }, { 0x14, 0x16, 0x18, 0x1a, 0x1c },
        { 0x00, 0x04, 0x08, 0x0c, 0x10 }, { 0x08, 0x0a, 0x0c, 0x0e, 0x10 },
        { 0x0b, 0x0c, 0x0d, 0x0f, 0x10 },
    };
    uint8_t index = 32;

    for (uint8_t i = 0; i < 16; i++) {
        load_cga_colour(i, i & 7, i & 8);
        dac_write(16 + i, grey[i], grey[i], grey[i]);
    }
    for (int i = 0; i < 9; i++)
        index = load_ring(index, ring[i]);
    while (index != 0)
        dac_write(index++, 0, 0, 0);
}

/* The palette of the mode in the BIOS data area. */
void dac_load_default(void)
{
    if (bda.mode == 0x13)
        load_256();
    else if (mode_is_mono())
        load_mono();
    else if (mode_is_200_lines())
        load_cga();
    else
        load_ega();
}

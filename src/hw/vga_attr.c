/*
 * VGA attribute controller: its registers and the way of a pixel through them.
 *
 * Source: IBM "PS/2 Hardware Interface Technical Reference: Video Subsystem",
 *         "Attribute Controller Registers".
 *
 * The palette takes writes also while the palette address source bit is set:
 * the manual asks programs to clear it, clones never cared and programs follow
 * the clones.
 */
#include "config.h"

#include "hw/vga_priv.h"

enum { ATTR_MODE_P54 = 0x80 };

static const uint8_t vga_attr_masks[ATTR_REGS] = {
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0xef, 0xff, 0x3f, 0x0f, 0x0f,
};

/* Port 3C0h: index and data in turn. */
void vga_attr_write(struct vga *vga, uint8_t val)
{
    unsigned index = vga->attr_index & 0x1f;

    if (!vga->attr_toggle)
        vga->attr_index = val & 0x3f;
    else if (index < ATTR_REGS)
        vga->attr[index] = val & vga_attr_masks[index];
    vga->attr_toggle ^= 1;
}

uint8_t vga_attr_read(const struct vga *vga)
{
    unsigned index = vga->attr_index & 0x1f;

    return index < ATTR_REGS ? vga->attr[index] : 0xff;
}

uint8_t vga_attr_index(const struct vga *vga, unsigned pixel)
{
    uint8_t colour = vga->attr[pixel & vga->attr[ATTR_PLANE_ENABLE] & 15];
    uint8_t select = vga->attr[ATTR_COLOUR_SELECT];

    if (vga->attr[ATTR_MODE] & ATTR_MODE_P54)
        colour = (colour & 0x0f) | (select & 3) << 4;
    return colour | (select & 0x0c) << 4;
}

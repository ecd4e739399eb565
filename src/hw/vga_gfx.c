/*
 * VGA graphics controller: its registers.  What they do to the data path is in
 * vga_mem.c, to the serializers in vga_render.c.
 *
 * Source: IBM "PS/2 Hardware Interface Technical Reference: Video Subsystem",
 *         "Graphics Controller Registers".
 */
#include "config.h"

#include "hw/vga_priv.h"

static const uint8_t vga_gfx_masks[GFX_REGS] = {
    0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff,
};

void vga_gfx_write(struct vga *vga, uint8_t val)
{
    unsigned index = vga->gfx_index;

    if (index >= GFX_REGS)
        return;
    vga->gfx[index] = val & vga_gfx_masks[index];
    vga_mem_update(vga);
}

uint8_t vga_gfx_read(const struct vga *vga)
{
    return vga->gfx_index < GFX_REGS ? vga->gfx[vga->gfx_index] : 0xff;
}

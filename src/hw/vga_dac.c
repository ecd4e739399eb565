/*
 * VGA digital-to-analogue converter: 256 colours of 3 x 6 bits.
 *
 * Source: Inmos IMSG171 data sheet, "Writing to the colour palette", "Reading
 *         from the colour palette": one address register serves both; a read
 *         address fetches a colour into the holding register and steps on at
 *         once, so 3C8h then reads one more than was written to 3C7h.
 */
#include "config.h"

#include "hw/vga_priv.h"

enum { DAC_WRITING = 0, DAC_READING = 3 };

static void vga_dac_fetch(struct vga *vga)
{
    memcpy(vga->dac_hold, &vga->dac[vga->dac_index * 3], 3);
    vga->dac_index++;
}

void vga_dac_read_at(struct vga *vga, uint8_t index)
{
    vga->dac_index = index;
    vga->dac_phase = 0;
    vga->dac_state = DAC_READING;
    vga_dac_fetch(vga);
}

void vga_dac_write_at(struct vga *vga, uint8_t index)
{
    vga->dac_index = index;
    vga->dac_phase = 0;
    vga->dac_state = DAC_WRITING;
}

uint8_t vga_dac_read(struct vga *vga)
{
    uint8_t val = vga->dac_hold[vga->dac_phase % 3];

    vga->dac_phase = (vga->dac_phase + 1) % 3;
    if (vga->dac_phase == 0)
        vga_dac_fetch(vga);
    return val;
}

void vga_dac_write(struct vga *vga, uint8_t val)
{
    vga->dac_hold[vga->dac_phase % 3] = val & 0x3f;
    vga->dac_phase = (vga->dac_phase + 1) % 3;
    if (vga->dac_phase != 0)
        return;
    memcpy(&vga->dac[vga->dac_index * 3], vga->dac_hold, 3);
    vga->dac_index++;
}

/* Full scale is full scale: 3Fh becomes FFh. */
static uint32_t vga_dac_component(uint8_t v)
{
    return v << 2 | v >> 4;
}

uint32_t vga_dac_colour(const struct vga *vga, uint8_t index)
{
    const uint8_t *rgb = &vga->dac[(index & vga->dac_mask) * 3];

    return vga_dac_component(rgb[0] & 0x3f) << 16 | vga_dac_component(rgb[1] & 0x3f) << 8 |
           vga_dac_component(rgb[2] & 0x3f);
}

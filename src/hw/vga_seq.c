/*
 * VGA sequencer: its registers.
 *
 * Source: IBM "PS/2 Hardware Interface Technical Reference: Video Subsystem",
 *         "Sequencer Registers".
 * Absent: the screen does not stop while the reset register holds the
 *         sequencer; 16- and 32-bit serializer loads (clocking mode bits 2, 4).
 */
#include "config.h"

#include "hw/vga_priv.h"

static const uint8_t vga_seq_masks[SEQ_REGS] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };

void vga_seq_write(struct vga *vga, uint8_t val)
{
    unsigned index = vga->seq_index;

    if (index >= SEQ_REGS)
        return;
    vga->seq[index] = val & vga_seq_masks[index];
    if (index == SEQ_CLOCKING)
        vga_crtc_retime(vga);
    else if (index == SEQ_MAP_MASK || index == SEQ_MEMORY_MODE)
        vga_mem_update(vga);
}

uint8_t vga_seq_read(const struct vga *vga)
{
    return vga->seq_index < SEQ_REGS ? vga->seq[vga->seq_index] : 0xff;
}

/*
 * IBM VGA with 256 KiB of display memory: ports 3B4h-3DAh, memory A0000h-BFFFFh.
 *
 * Nothing is journalled: a display has no input.  The picture is read through
 * vga_video(), which never changes state.
 */
#ifndef HW_VGA_H
#define HW_VGA_H

#include "core/bus.h"
#include "core/irq.h"
#include "core/sched.h"
#include "core/state.h"
#include "core/video.h"

struct vga;

/* All members outlive the chip. */
struct vga_config {
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct irq_line *irq; /* vertical retrace: IRQ 2/9, level; NULL: not wired */
};

struct vga *vga_new(const struct vga_config *cfg);
void vga_free(struct vga *vga);
void vga_reset(struct vga *vga); /* RESET pin: registers, not display memory */
void vga_clear(struct vga *vga); /* display memory and palette, as after power-on */

/*
 * Valid as long as the chip.  text() gives the characters on the visible page
 * even while the screen is switched off; render() gives the picture without
 * border, in guest pixels: repeated scan lines and pixels appear once.
 */
const struct video_source *vga_video(const struct vga *vga);

extern const struct state_field vga_fields[];

#endif

/* A guest that drives a VGA alone: ports, memory, standard modes. */
#ifndef TESTS_VGA_GUEST_H
#define TESTS_VGA_GUEST_H

#include "hw/vga.h"
#include "support/rig.h"

enum { VGA_GUEST_IRQ = 9 };

struct vga_guest {
    struct rig *rig;
    struct vga *vga;
    const struct video_source *video;
};

enum vga_guest_mode { MODE_03, MODE_04, MODE_06, MODE_07, MODE_0D, MODE_12, MODE_13 };

void vga_guest_open(struct vga_guest *g);
void vga_guest_close(struct vga_guest *g);

/* The register values of IBM's BIOS for a mode; display memory is cleared. */
void vga_guest_set_mode(struct vga_guest *g, enum vga_guest_mode mode);

void vga_guest_indexed(struct vga_guest *g, uint16_t port, uint8_t index, uint8_t val);
uint8_t vga_guest_read_indexed(struct vga_guest *g, uint16_t port, uint8_t index);
void vga_guest_attr(struct vga_guest *g, uint8_t index, uint8_t val);
void vga_guest_colour(struct vga_guest *g, uint8_t index, uint8_t r, uint8_t green, uint8_t b);

static inline void vga_guest_poke(struct vga_guest *g, paddr addr, uint8_t val)
{
    bus_write(g->rig->bus, addr, 1, val);
}

static inline uint8_t vga_guest_peek(struct vga_guest *g, paddr addr)
{
    return (uint8_t) bus_read(g->rig->bus, addr, 1);
}

#endif

/*
 * The board's memory: guest RAM with the hole for adapters, and the ROMs.
 *
 *   00000000  conventional RAM, 640 KiB
 *   000A0000  adapters: video memory is mapped by its chip
 *   000C0000  VGA BIOS, then option ROMs (none); floats where there is none
 *   000F0000  system BIOS, 64 KiB (000E0000 with a ROM of 128 KiB)
 *   00100000  extended RAM
 *   FFFF0000  system BIOS again, for the reset vector
 */
#ifndef BOARD_MEMORY_H
#define BOARD_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/bus.h"
#include "core/ram.h"
#include "core/state.h"

/* A ROM image; not owned. */
struct rom_image {
    const uint8_t *data;
    size_t len;
};

struct memory {
    struct ram ram;
    uint8_t *bios, *vgabios; /* whole pages */
};

/* -1: no memory on the host, or a ROM of a size that cannot be. */
int memory_init(struct memory *mem, struct bus *bus, unsigned mib, const struct rom_image *bios,
                const struct rom_image *vgabios, struct err *err);
void memory_free(struct memory *mem); /* takes one that memory_init failed on, or zeroes */

/* As after power-on.  Whatever keeps anything about its content hears of it. */
void memory_clear(struct memory *mem, struct bus *bus);

/* The section "ram": pages that are not all zero. */
void memory_register_state(struct memory *mem, struct state *state);

#endif

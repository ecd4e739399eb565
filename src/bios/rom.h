/* The firmware as the board loads it: made by src/bios/local.mk. */
#ifndef BIOS_ROM_H
#define BIOS_ROM_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t reprise_rom_bios[];
extern const size_t reprise_rom_bios_size; /* 64 KiB: ends at FFFFFh */
extern const uint8_t reprise_rom_vgabios[];
extern const size_t reprise_rom_vgabios_size; /* at C0000h */

#endif

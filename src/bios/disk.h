/* Fixed disks as the POST found them; index 0 is INT 13h drive 80h. */
#ifndef BIOS_DISK_H
#define BIOS_DISK_H

#include <stdbool.h>

#include "bios/bios.h"
#include "bios/std/ebda.h"

bool disk_get(struct disk_info *d, unsigned index);
void int13_edd(struct frame *f, const struct disk_info *d);
bool int13_is_edd(uint8_t ah);
/* AH, CF, the status byte of the BDA. */
void disk_finish(struct frame *f, uint8_t status);

#endif

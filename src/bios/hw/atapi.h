/* CD-ROM drives: command packets over the ATA task file. */
#ifndef BIOS_HW_ATAPI_H
#define BIOS_HW_ATAPI_H

#include <stdint.h>

#include "bios/std/ebda.h"

enum {
    CD_SECTOR = 2048,
    CD_NO_DISC = 0x3a, /* sense: additional code */
    CD_BECOMING_READY = 0x04,
};

/* A packet, and where the data that it brings go. */
struct atapi_job {
    uint8_t packet[12];
    uint16_t seg, off;
    uint32_t skip; /* bytes to drop first; even */
    uint32_t len;  /* bytes to store after them, the rest is dropped; even */
};

/* All give an INT 13h status. */
uint8_t atapi_run(const struct disk_info *d, struct atapi_job *job);
/* A command without data or buffer: byte 0 and byte 4 of its packet. */
uint8_t atapi_simple(const struct disk_info *d, uint8_t code, uint8_t byte4);
/* Waits for a disc that is being loaded. INT13_NO_MEDIA: there is none. */
uint8_t atapi_wait_ready(const struct disk_info *d);
/* `count` sectors from lba; of them `len` bytes after the first `skip` to seg:off. */
uint8_t atapi_read(const struct disk_info *d, uint32_t lba, uint16_t count,
                   uint32_t skip, uint32_t len, uint16_t seg, uint16_t off);
uint8_t atapi_seek(const struct disk_info *d, uint32_t lba);
/* Sectors of the disc. */
uint8_t atapi_capacity(const struct disk_info *d, uint32_t *sectors);

#endif

/* ATA drives: finding them, and sectors in and out by PIO. */
#ifndef BIOS_HW_ATA_H
#define BIOS_HW_ATA_H

#include <stdbool.h>
#include <stdint.h>

#include "bios/std/ebda.h"

enum ata_command {
    ATA_RECALIBRATE = 0x10,
    ATA_READ = 0x20,
    ATA_READ_EXT = 0x24,
    ATA_WRITE = 0x30,
    ATA_WRITE_EXT = 0x34,
    ATA_VERIFY = 0x40,
    ATA_VERIFY_EXT = 0x42,
    ATA_SEEK = 0x70,
    ATA_DIAGNOSE = 0x90,
    ATA_SET_GEOMETRY = 0x91,
    ATA_FLUSH = 0xe7,
    ATA_IDENTIFY_PACKET = 0xa1,
    ATA_IDENTIFY = 0xec,
};

/* Until BSY goes: without letting anybody run; with interrupts. */
bool ata_poll(const struct disk_info *d, uint32_t us);
bool ata_wait(const struct disk_info *d);
/* Does anybody answer on the channel at all? */
bool ata_is_driven(const struct disk_info *d);
/* Resets the channel if something may still go on there. */
void ata_start_channel(uint16_t port, uint16_t control, bool warm);
/*
 * Fills in *d if a drive answers at d->port, d->select; `model` gets 41 bytes.
 * A packet device answers too, with DISK_ATAPI.
 */
bool ata_identify(struct disk_info *d, char *model);
/* `count` (1 to 256) sectors from lba, to or from seg:off.  INT 13h status. */
uint8_t ata_read(const struct disk_info *d, uint32_t lba, unsigned count,
                 uint16_t seg, uint16_t off);
uint8_t ata_write(const struct disk_info *d, uint32_t lba, unsigned count,
                  uint16_t seg, uint16_t off);
uint8_t ata_verify(const struct disk_info *d, uint32_t lba, unsigned count);
uint8_t ata_seek(const struct disk_info *d, uint32_t lba);
/* A command without data; `count` and `head` go into the task file. */
uint8_t ata_simple(const struct disk_info *d, enum ata_command cmd,
                   uint8_t count, uint8_t head);
bool ata_is_ready(const struct disk_info *d);

#endif

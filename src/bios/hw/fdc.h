/*
 * The floppy disk controller: commands, results, seeks.  Which drive, rate and
 * format to use is int13_floppy.c's.
 */
#ifndef BIOS_HW_FDC_H
#define BIOS_HW_FDC_H

#include <stdbool.h>
#include <stdint.h>

/* Status of INT 13h, also for the fixed disk. */
enum {
    INT13_OK = 0x00,
    INT13_BAD_COMMAND = 0x01,
    INT13_NO_MARK = 0x02,
    INT13_PROTECTED = 0x03,
    INT13_NO_SECTOR = 0x04,
    INT13_RESET_FAILED = 0x05,
    INT13_CHANGED = 0x06,
    INT13_DMA_OVERRUN = 0x08,
    INT13_DMA_BOUNDARY = 0x09,
    INT13_BAD_MARK = 0x0a,
    INT13_NO_MEDIA = 0x0c,
    INT13_CRC = 0x10,
    INT13_CONTROLLER = 0x20,
    INT13_SEEK = 0x40,
    INT13_TIMEOUT = 0x80,
    INT13_NOT_READY = 0xaa,
    INT13_WRITE_FAULT = 0xcc,
};

enum fdc_command {
    FDC_READ = 0xe6, /* multi-track, MFM, skip deleted */
    FDC_WRITE = 0xc5,
    FDC_FORMAT = 0x4d,
    FDC_READ_ID = 0x4a,
};

uint8_t fdc_reset(void);
void fdc_specify(uint8_t byte1, uint8_t byte2);
void fdc_perpendicular(unsigned drive); /* for the 1 Mbit/s of 2.88 MB disks */
void fdc_motor_on(unsigned drive);
void fdc_rate(uint8_t rate); /* bits 7-6 */
bool fdc_disk_changed(unsigned drive);
/* cyl: where the arm goes; false if it did not arrive. */
bool fdc_recalibrate(unsigned drive);
bool fdc_seek(unsigned drive, uint8_t cyl, uint8_t head);
/* Sends a command and waits for its 7 result bytes in bda.floppy_result. */
uint8_t fdc_run(const uint8_t *cmd, unsigned len);

#endif

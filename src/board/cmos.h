/*
 * What the set-up program of an AT would have written into the CMOS memory:
 * drives, memory, boot order.  Firmware reads it, and may rewrite it.
 */
#ifndef BOARD_CMOS_H
#define BOARD_CMOS_H

#include <stdbool.h>
#include <stdint.h>

#include "board/machine.h"
#include "core/disk.h"
#include "hw/rtc.h"

struct cmos_setup {
    unsigned ram_mib;
    const char *boot;         /* letters a, c, d */
    bool fpu;                 /* an x87 is there */
    uint8_t floppy[2];        /* types of the drives as register 10h counts; 0: none */
    struct disk *const *disk; /* the ATA drives, four; NULL: none */
};

void cmos_set_up(struct rtc *rtc, const struct cmos_setup *setup);

#endif

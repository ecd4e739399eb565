/*
 * CMOS memory and the clock in it (MC146818A at ports 70h and 71h).
 *
 * Source: Motorola MC146818A data sheet; IBM PC AT Technical Reference,
 *         "Real-time clock/CMOS RAM information".
 */
#ifndef BIOS_HW_CMOS_H
#define BIOS_HW_CMOS_H

#include <stdint.h>

enum {
    CMOS_SECONDS = 0x00,
    CMOS_SECONDS_ALARM = 0x01,
    CMOS_MINUTES = 0x02,
    CMOS_MINUTES_ALARM = 0x03,
    CMOS_HOURS = 0x04,
    CMOS_HOURS_ALARM = 0x05,
    CMOS_WEEKDAY = 0x06,
    CMOS_DAY = 0x07,
    CMOS_MONTH = 0x08,
    CMOS_YEAR = 0x09,
    CMOS_A = 0x0a,
    CMOS_B = 0x0b,
    CMOS_C = 0x0c,
    CMOS_D = 0x0d,
    CMOS_FLOPPIES = 0x10,
    CMOS_CENTURY = 0x32,
    CMOS_BOOT3 = 0x38,
    CMOS_TRANSLATION = 0x39,
    CMOS_BOOT = 0x3d,
};

enum {
    CMOS_A_UIP = 0x80,
    CMOS_A_NORMAL = 0x26, /* 32.768 kHz, 1024 Hz */
    CMOS_B_SET = 0x80,
    CMOS_B_PIE = 0x40,
    CMOS_B_AIE = 0x20,
    CMOS_B_24H = 0x02,
    CMOS_B_DST = 0x01,
    CMOS_C_PF = 0x40,
    CMOS_C_AF = 0x20,
};

uint8_t cmos_read(uint8_t index);
void cmos_write(uint8_t index, uint8_t val);

#endif

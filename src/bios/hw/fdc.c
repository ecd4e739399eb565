/*
 * 82077AA at 3F0h, IRQ 6.
 *
 * Source: Intel 82077AA data sheet, "Command set/descriptions", "Status
 *         register encoding"; IBM PC AT Technical Reference, INT 13h.
 * Absent: FIFO (CONFIGURE): left as the chip has it after reset.
 */
#include "bios/hw/fdc.h"

#include "bios/bios.h"
#include "bios/hw/timer.h"
#include "bios/port.h"
#include "bios/std/bda.h"

enum {
    FDC_DOR = 0x3f2,
    FDC_MSR = 0x3f4,
    FDC_DATA = 0x3f5,
    FDC_DIR = 0x3f7, /* read: bit 7 disk changed */
    FDC_CCR = 0x3f7, /* write: data rate */

    DOR_RUN = 0x0c, /* not in reset, DMA and IRQ on */
    DOR_DMA = 0x08,
    MSR_RQM = 0x80,
    MSR_DIO = 0x40, /* the next byte comes from the chip */

    CMD_SPECIFY = 0x03,
    CMD_RECALIBRATE = 0x07,
    CMD_SENSE_INTERRUPT = 0x08,
    CMD_SEEK = 0x0f,
    CMD_PERPENDICULAR = 0x12,

    ST0_SEEK_END = 0x20,
    ST0_FAILED = 0xc0,

    FDC_BYTE_US = 5000,
    FDC_IRQ = 6,
    FDC_IRQ_MS = 2000, /* two turns to give up, and a slow motor */
    IRQ_SEEN = 0x80,
};

static bool fdc_ready(uint8_t want)
{
    struct limit l;

    if ((inb(FDC_MSR) & (MSR_RQM | MSR_DIO)) == want)
        return true;
    limit_start(&l, FDC_BYTE_US);
    while (limit_step(&l))
        if ((inb(FDC_MSR) & (MSR_RQM | MSR_DIO)) == want)
            return true;
    return false;
}

static bool fdc_put(uint8_t byte)
{
    if (!fdc_ready(MSR_RQM))
        return false;
    outb(FDC_DATA, byte);
    return true;
}

static bool fdc_get(volatile uint8_t __seg_fs *byte)
{
    if (!fdc_ready(MSR_RQM | MSR_DIO))
        return false;
    *byte = inb(FDC_DATA);
    return true;
}

static bool fdc_wait_irq(void)
{
    struct wait w;
    bool seen;

    if (!(bda.floppy_seek & IRQ_SEEN)) {
        struct callout o = { .ax = 0x9001 };

        call_int(&o, 0x15);
    }
    wait_start(&w, FDC_IRQ, FDC_IRQ_MS);
    while (!(seen = bda.floppy_seek & IRQ_SEEN) && wait_step(&w))
        ;
    bda.floppy_seek &= ~IRQ_SEEN;
    return seen;
}

static bool fdc_sense(void)
{
    return fdc_put(CMD_SENSE_INTERRUPT) && fdc_get(&bda.floppy_result[0]) &&
           fdc_get(&bda.floppy_result[1]);
}

/* Bits 7-4 of the DOR are motors, bits 1-0 the drive. */
static uint8_t fdc_dor(void)
{
    uint8_t motors = bda.floppy_motor & 0x0f;

    return motors << 4 | (bda.floppy_motor >> 4 & 3);
}

uint8_t fdc_reset(void)
{
    bda.floppy_seek = 0; /* no drive is calibrated any more */
    outb(FDC_DOR, fdc_dor() | DOR_DMA);
    timer_delay(20);
    outb(FDC_DOR, fdc_dor() | DOR_RUN);
    if (!fdc_wait_irq())
        return INT13_CONTROLLER;
    /* Polling makes all four drives report once. */
    for (unsigned drive = 0; drive < 4; drive++)
        if (!fdc_sense() || bda.floppy_result[0] != (ST0_FAILED | drive))
            return INT13_CONTROLLER;
    return INT13_OK;
}

void fdc_specify(uint8_t byte1, uint8_t byte2)
{
    if (fdc_put(CMD_SPECIFY) && fdc_put(byte1))
        fdc_put(byte2);
}

/* Bit 7 lets bits 5-2 change: drives that record so at 1 Mbit/s. */
void fdc_perpendicular(unsigned drive)
{
    if (fdc_put(CMD_PERPENDICULAR))
        fdc_put(0x80 | 0x04 << drive);
}

/* floppy_motor: bits 3-0 running, bits 5-4 which drive is selected. */
void fdc_motor_on(unsigned drive)
{
    bda.floppy_timeout = 0xff; /* INT 08h leaves it on meanwhile */
    bda.floppy_motor = (bda.floppy_motor & 0x0f) | 1 << drive | drive << 4;
    outb(FDC_DOR, fdc_dor() | DOR_RUN);
}

void fdc_rate(uint8_t rate)
{
    bda.floppy_rate = rate;
    outb(FDC_CCR, rate >> 6);
}

bool fdc_disk_changed(unsigned drive)
{
    fdc_motor_on(drive); /* DIR shows the selected drive */
    return inb(FDC_DIR) & 0x80;
}

static bool fdc_arm_done(void)
{
    if (!fdc_wait_irq() || !fdc_sense())
        return false;
    return (bda.floppy_result[0] & (ST0_FAILED | ST0_SEEK_END)) == ST0_SEEK_END;
}

/* A recalibrate steps at most 79 times: an arm beyond needs a second one. */
bool fdc_recalibrate(unsigned drive)
{
    for (unsigned tries = 2; tries; tries--) {
        if (!fdc_put(CMD_RECALIBRATE) || !fdc_put(drive))
            return false;
        if (fdc_arm_done()) {
            bda.floppy_seek |= 1 << drive;
            bda.floppy_cyl[drive] = 0;
            return true;
        }
    }
    return false;
}

bool fdc_seek(unsigned drive, uint8_t cyl, uint8_t head)
{
    if (!(bda.floppy_seek & 1 << drive) && !fdc_recalibrate(drive))
        return false;
    if (bda.floppy_cyl[drive] == cyl)
        return true;
    if (!fdc_put(CMD_SEEK) || !fdc_put(head << 2 | drive) || !fdc_put(cyl))
        return false;
    if (!fdc_arm_done()) {
        bda.floppy_seek &= ~(1 << drive);
        return false;
    }
    bda.floppy_cyl[drive] = cyl;
    return true;
}

static uint8_t fdc_status(void)
{
    uint8_t st1 = bda.floppy_result[1];

    if (!(bda.floppy_result[0] & ST0_FAILED))
        return INT13_OK;
    if (st1 & 0x80)
        return INT13_NO_SECTOR; /* beyond the end of the cylinder */
    if (st1 & 0x20)
        return INT13_CRC;
    if (st1 & 0x10)
        return INT13_DMA_OVERRUN;
    if (st1 & 0x04)
        return INT13_NO_SECTOR;
    if (st1 & 0x02)
        return INT13_PROTECTED;
    if (st1 & 0x01)
        return INT13_NO_MARK;
    return INT13_CONTROLLER;
}

uint8_t fdc_run(const uint8_t *cmd, unsigned len)
{
    bda.floppy_seek &= ~IRQ_SEEN;
    while (len--)
        if (!fdc_put(*cmd++))
            return INT13_CONTROLLER;
    if (!fdc_wait_irq())
        return INT13_TIMEOUT;
    for (unsigned i = 0; i < 7; i++)
        if (!fdc_get(&bda.floppy_result[i]))
            return INT13_CONTROLLER;
    return fdc_status();
}

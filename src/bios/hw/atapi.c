/*
 * ATAPI CD-ROM drives by PIO.
 *
 * Source: ATA-4 (T13 1153D), 8.21 PACKET and 9.8; INF-8020i (SFF-8020i)
 *         revision 2.6, section 10 (packets, sense data).
 * Absent: drives that interrupt for the packet (all since 1996 are polled).
 *
 * Our stack, IF=0 but while waiting.
 */
#include "bios/hw/atapi.h"

#include "bios/bios.h"
#include "bios/hw/ata.h"
#include "bios/hw/fdc.h"
#include "bios/hw/timer.h"
#include "bios/port.h"
#include "bios/std/bda.h"

enum {
    R_DATA = 0,
    R_FEATURES = 1,
    R_ERROR = 1,
    R_COUNT_LOW = 4, /* bytes a block */
    R_COUNT_HIGH = 5,
    R_HEAD = 6,
    R_STATUS = 7,
    R_COMMAND = 7,

    ST_ERR = 0x01,
    ST_DRQ = 0x08,
    ST_BSY = 0x80,

    PACKET_US = 500000,
    BLOCK = 0x8000, /* bytes at once */
    READY_TRIES = 100, /* of a tick or more each */

    SENSE_NOT_READY = 2,
    SENSE_MEDIUM = 3,
    SENSE_ILLEGAL = 5,
    SENSE_ATTENTION = 6,
};

static uint8_t atapi_error(uint8_t key)
{
    switch (key) {
    case SENSE_NOT_READY: return INT13_NOT_READY;
    case SENSE_MEDIUM: return INT13_CRC;
    case SENSE_ILLEGAL: return INT13_NO_SECTOR;
    case SENSE_ATTENTION: return INT13_CHANGED;
    default: return INT13_CONTROLLER;
    }
}

static uint8_t atapi_send(const struct disk_info *d, const uint8_t *packet)
{
    uint8_t status;

    if (!ata_poll(d, PACKET_US))
        return INT13_TIMEOUT;
    outb(d->port + R_HEAD, d->select);
    if (!ata_poll(d, PACKET_US))
        return INT13_TIMEOUT;
    outb(d->port + R_FEATURES, 0);
    outb(d->port + R_COUNT_LOW, BLOCK & 0xff);
    outb(d->port + R_COUNT_HIGH, BLOCK >> 8);
    bda.disk_irq = 0;
    outb(d->port + R_COMMAND, 0xa0);
    inb(d->control); /* 400 ns until BSY counts */
    if (!ata_poll(d, PACKET_US))
        return INT13_TIMEOUT;
    status = inb(d->port + R_STATUS);
    if ((status & (ST_ERR | ST_DRQ)) != ST_DRQ)
        return INT13_CONTROLLER;
    port_out_words(d->port + R_DATA, bda.ebda_seg,
                   (uint16_t) (uintptr_t) packet, 6);
    inb(d->control);
    return INT13_OK;
}

static void atapi_drop(const struct disk_info *d, uint32_t bytes)
{
    for (; bytes > 1; bytes -= 2)
        inw(d->port + R_DATA);
    if (bytes != 0)
        inw(d->port + R_DATA);
}

/* A block of `bytes`, each to where it belongs. */
static void atapi_take(const struct disk_info *d, struct atapi_job *job,
                       uint32_t bytes)
{
    while (bytes != 0) {
        uint32_t n = bytes;

        if (job->skip != 0) {
            n = n < job->skip ? n : job->skip;
            atapi_drop(d, n);
            job->skip -= n;
        } else if (job->len != 0) {
            n = n < job->len ? n : job->len;
            n = n < BLOCK ? n : BLOCK;
            job->seg += job->off >> 4;
            job->off &= 15;
            port_in_words(d->port + R_DATA, job->seg, job->off, (n + 1) / 2);
            job->seg += n >> 4;
            job->off += n & 15;
            job->len -= n;
        } else {
            atapi_drop(d, n);
        }
        bytes -= n;
    }
}

uint8_t atapi_run(const struct disk_info *d, struct atapi_job *job)
{
    uint8_t status = atapi_send(d, job->packet);
    uint32_t bytes;

    if (status != INT13_OK)
        return status;
    for (;;) {
        if (!ata_wait(d))
            return INT13_TIMEOUT;
        status = inb(d->port + R_STATUS);
        bda.ata_status = status;
        if (status & ST_ERR) {
            bda.ata_error = inb(d->port + R_ERROR);
            return atapi_error(bda.ata_error >> 4);
        }
        if (!(status & ST_DRQ))
            return INT13_OK;
        bytes = inb(d->port + R_COUNT_LOW);
        bytes |= (uint32_t) inb(d->port + R_COUNT_HIGH) << 8;
        if (bytes == 0)
            return INT13_CONTROLLER;
        atapi_take(d, job, bytes);
        inb(d->control);
    }
}

static void atapi_prepare(struct atapi_job *job, uint8_t code)
{
    memset(job, 0, sizeof *job);
    job->packet[0] = code;
}

static void atapi_put_lba(struct atapi_job *job, uint32_t lba)
{
    job->packet[2] = lba >> 24;
    job->packet[3] = lba >> 16;
    job->packet[4] = lba >> 8;
    job->packet[5] = lba;
}

uint8_t atapi_simple(const struct disk_info *d, uint8_t code, uint8_t byte4)
{
    struct atapi_job job;

    atapi_prepare(&job, code);
    job.packet[4] = byte4;
    return atapi_run(d, &job);
}

/* Sense data: the additional code; what it is about is in the status. */
static uint8_t atapi_sense(const struct disk_info *d)
{
    struct atapi_job job;
    uint8_t data[18];

    atapi_prepare(&job, 0x03);
    memset(data, 0, sizeof data);
    job.packet[4] = sizeof data;
    job.seg = bda.ebda_seg;
    job.off = (uint16_t) (uintptr_t) data;
    job.len = sizeof data;
    atapi_run(d, &job);
    return data[12];
}

/* One tick or more, in which others run. */
static void atapi_nap(void)
{
    struct wait w;

    wait_start(&w, 0, 55);
    while (wait_step(&w))
        ;
}

uint8_t atapi_wait_ready(const struct disk_info *d)
{
    uint8_t status = INT13_OK;

    for (unsigned i = 0; i < READY_TRIES; i++) {
        uint8_t code;

        status = atapi_simple(d, 0x00, 0);
        if (status != INT13_NOT_READY && status != INT13_CHANGED)
            return status;
        code = atapi_sense(d);
        if (status == INT13_CHANGED)
            continue; /* it has told of a reset or of a new disc */
        if (code == CD_NO_DISC)
            return INT13_NO_MEDIA;
        atapi_nap();
    }
    return status;
}

uint8_t atapi_read(const struct disk_info *d, uint32_t lba, uint16_t count,
                   uint32_t skip, uint32_t len, uint16_t seg, uint16_t off)
{
    struct atapi_job job;

    atapi_prepare(&job, 0x28);
    atapi_put_lba(&job, lba);
    job.packet[7] = count >> 8;
    job.packet[8] = count;
    job.seg = seg;
    job.off = off;
    job.skip = skip;
    job.len = len;
    return atapi_run(d, &job);
}

uint8_t atapi_seek(const struct disk_info *d, uint32_t lba)
{
    struct atapi_job job;

    atapi_prepare(&job, 0x2b);
    atapi_put_lba(&job, lba);
    return atapi_run(d, &job);
}

uint8_t atapi_capacity(const struct disk_info *d, uint32_t *sectors)
{
    struct atapi_job job;
    uint8_t data[8];
    const volatile uint8_t *be = data; /* else clang makes one BSWAP of it, for a 386 too */
    uint8_t status;

    atapi_prepare(&job, 0x25);
    memset(data, 0, sizeof data);
    job.seg = bda.ebda_seg;
    job.off = (uint16_t) (uintptr_t) data;
    job.len = sizeof data;
    status = atapi_run(d, &job);
    *sectors = ((uint32_t) be[0] << 24 | (uint32_t) be[1] << 16 | (uint32_t) be[2] << 8 | be[3]) + 1;
    return status;
}

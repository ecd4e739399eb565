/*
 * INT 13h for fixed disks, the functions with cylinder, head and sector.
 *
 * Source: IBM PC AT Technical Reference, BIOS interface, INT 13h (fixed disk);
 *         IBM PS/2 BIOS Interface Technical Reference, INT 13h.
 * Absent: 06h, 07h (format drive), 0Ah, 0Bh (read and write long), 0Eh, 0Fh
 *         (sector buffer), 12h, 13h (controller diagnostics): status 01h.
 *         05h (format track) checks its arguments and writes nothing: ATA
 *         drives come formatted.
 *
 * All functions: our stack, IF=0 but while waiting for the drive.
 */
#include "bios/bios.h"
#include "bios/disk.h"
#include "bios/hw/ata.h"
#include "bios/hw/fdc.h"
#include "bios/services.h"
#include "bios/std/bda.h"

void disk_finish(struct frame *f, uint8_t status)
{
    bda.disk_status = status;
    frame_status(f, status);
}

/* CL bits 7-6 are bits 9-8 of the cylinder. */
static bool disk_lba(const struct frame *f, const struct disk_info *d,
                     uint32_t *lba)
{
    uint32_t cyl = f->ch | (f->cl & 0xc0) << 2;
    uint8_t sector = f->cl & 0x3f;

    if (sector == 0 || sector > d->spt || f->dh >= d->heads || cyl >= d->cyls)
        return false;
    *lba = (cyl * d->heads + f->dh) * d->spt + sector - 1;
    return true;
}

/* AH=02h, 03h, 04h, 0Ch. */
static void int13_transfer(struct frame *f, const struct disk_info *d)
{
    uint32_t lba;
    uint8_t status = INT13_BAD_COMMAND;

    if (!disk_lba(f, d, &lba))
        status = INT13_NO_SECTOR;
    else if (f->ah == 0x0c)
        status = ata_seek(d, lba);
    else if (f->al == 0 || f->al > 128)
        status = INT13_BAD_COMMAND;
    else if (lba + f->al > d->sectors)
        status = INT13_NO_SECTOR;
    else if (f->ah == 0x02)
        status = ata_read(d, lba, f->al, f->es, f->bx);
    else if (f->ah == 0x03)
        status = ata_write(d, lba, f->al, f->es, f->bx);
    else
        status = ata_verify(d, lba, f->al);
    disk_finish(f, status);
}

static void int13_00(struct frame *f, const struct disk_info *d)
{
    uint8_t status =
        ata_simple(d, ATA_SET_GEOMETRY, d->phys_spt, d->phys_heads - 1);

    if (f->ah == 0x00) /* 0Dh leaves diskettes alone */
        fdc_reset();
    disk_finish(f, status == INT13_OK ? INT13_OK : INT13_RESET_FAILED);
}

static void int13_01(struct frame *f)
{
    uint8_t status = bda.disk_status;

    disk_finish(f, INT13_OK);
    f->al = status;
    f->ah = status;
}

static void int13_05(struct frame *f, const struct disk_info *d)
{
    uint32_t lba;
    uint8_t cl = f->cl;
    bool good;

    f->cl = (cl & 0xc0) | 1; /* the sector number does not count */
    good = disk_lba(f, d, &lba);
    f->cl = cl;
    disk_finish(f, good ? INT13_OK : INT13_NO_SECTOR);
}

static void int13_08(struct frame *f, const struct disk_info *d)
{
    uint16_t last = d->cyls - 1;

    f->ax = 0;
    f->ch = last & 0xff;
    f->cl = (last >> 2 & 0xc0) | d->spt;
    f->dh = d->heads - 1;
    f->dl = bda.disks;
    disk_finish(f, INT13_OK);
}

/* Type 3: a fixed disk of CX:DX sectors. */
static void int13_15(struct frame *f, const struct disk_info *d)
{
    uint32_t sectors = (uint32_t) d->cyls * d->heads * d->spt;

    disk_finish(f, INT13_OK);
    f->cx = sectors >> 16;
    f->dx = sectors & 0xffff;
    f->ah = 3;
}

static void int13_missing(struct frame *f)
{
    uint8_t function = f->ah;

    if (function == 0x08) {
        f->cx = 0;
        f->dx = bda.disks;
    }
    disk_finish(f, INT13_BAD_COMMAND);
    if (function == 0x15) {
        f->ah = 0;
        frame_carry(f, false);
    }
}

void int13_disk(struct frame *f)
{
    struct disk_info d;

    if (!disk_get(&d, f->dl & 0x7f)) {
        int13_missing(f);
        return;
    }
    if (int13_is_edd(f->ah)) {
        int13_edd(f, &d);
        return;
    }
    switch (f->ah) {
    case 0x00:
    case 0x09: /* set the geometry that the drive works with */
    case 0x0d: int13_00(f, &d); break;
    case 0x01: int13_01(f); break;
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x0c: int13_transfer(f, &d); break;
    case 0x05: int13_05(f, &d); break;
    case 0x08: int13_08(f, &d); break;
    case 0x10:
        disk_finish(f, ata_is_ready(&d) ? INT13_OK : INT13_NOT_READY);
        break;
    case 0x11: disk_finish(f, ata_simple(&d, ATA_RECALIBRATE, 0, 0)); break;
    case 0x14: disk_finish(f, ata_simple(&d, ATA_DIAGNOSE, 0, 0)); break;
    case 0x15: int13_15(f, &d); break;
    default: disk_finish(f, INT13_BAD_COMMAND); break;
    }
}

/*
 * INT 13h after a start from CD-ROM: the drive itself (E0h), or the diskette
 * or fixed disk that it stands for, with the real ones moved up by one.
 *
 * Source: "El Torito" Bootable CD-ROM Format Specification 1.0, sections 3 and
 *         4 (emulation, functions 4Bh, 4Dh); Phoenix Enhanced Disk Drive
 *         Specification 1.1 (41h to 49h, sectors of 2048 bytes).
 * Absent: 4Ah, 4Ch (to emulate another image); the number of disks in the BIOS
 *         data area does not count an emulated one (function 08h does).
 *
 * All functions: our stack, IF=0 but while waiting for the drive.
 */
#include "bios/bios.h"
#include "bios/disk.h"
#include "bios/hw/atapi.h"
#include "bios/hw/fdc.h"
#include "bios/services.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

enum {
    EDD_VERSION = 0x21,
    EDD_ACCESS = 0x01,
    EDD_LOCKING = 0x02,
    EDD_SIZE = 0x1a,
    EDD_REMOVABLE = 0x0004 | 0x0010 | 0x0020, /* tells of changes, can be locked */
    COUNT_MAX = 320, /* sectors: all of base memory */
    NOT_LOCKED = 0xb0,
    LOCKED = 0xb1,
};

/* ---- 4Bh, 4Dh ---- */

static void cd_tell(struct frame *f, const struct disk_info *d,
                    const struct cd_boot *b)
{
    struct cd_packet p;

    memset(&p, 0, sizeof p);
    p.size = sizeof p;
    p.media = b->media;
    p.drive = b->drive;
    p.controller = d->irq == 15;
    p.lba = b->lba;
    p.device = d->select & 0x10 ? 1 : 0;
    p.load_seg = b->load_seg;
    p.count = b->count;
    if (b->media != CD_NO_EMULATION) {
        p.cyls = b->cyls - 1;
        p.spt = ((b->cyls - 1) >> 2 & 0xc0) | b->spt;
        p.heads = b->heads - 1;
    }
    far_out(f->ds, f->si, &p, sizeof p);
}

static void int13_4b(struct frame *f, const struct disk_info *d,
                     const struct cd_boot *b)
{
    if (f->al > 1) {
        disk_finish(f, INT13_BAD_COMMAND);
        return;
    }
    cd_tell(f, d, b);
    if (f->al == 0)
        cd_release();
    disk_finish(f, INT13_OK);
}

static void int13_4d(struct frame *f, const struct disk_info *d,
                     const struct cd_boot *b)
{
    struct cd_catalog_packet p;

    far_in(&p, f->ds, f->si, sizeof p);
    disk_finish(f, atapi_read(d, b->catalog + p.first, p.count, 0,
                              (uint32_t) p.count * CD_SECTOR, p.seg, p.off));
}

/* ---- The drive itself ---- */

static uint8_t cd_transfer(struct frame *f, const struct disk_info *d)
{
    struct edd_packet p;
    uint32_t sectors, len;
    uint8_t status;

    far_in(&p, f->ds, f->si, sizeof p);
    if (f->ah != 0x47)
        far_put16(f->ds, f->si + 2, 0); /* moved so far */
    if (p.size < sizeof p || p.count > COUNT_MAX ||
        (f->ah == 0x42 && p.seg == 0xffff && p.off == 0xffff))
        return INT13_BAD_COMMAND;
    status = atapi_capacity(d, &sectors);
    if (status != INT13_OK)
        return status;
    if (p.lba_high != 0 || p.lba >= sectors || p.count > sectors - p.lba)
        return INT13_NO_SECTOR;
    if (f->ah == 0x47)
        return atapi_seek(d, p.lba);
    len = f->ah == 0x42 ? (uint32_t) p.count * CD_SECTOR : 0;
    status = atapi_read(d, p.lba, p.count, 0, len, p.seg, p.off);
    if (status == INT13_OK)
        far_put16(f->ds, f->si + 2, p.count);
    return status;
}

static void cd_41(struct frame *f)
{
    if (f->bx != 0x55aa) {
        disk_finish(f, INT13_BAD_COMMAND);
        return;
    }
    disk_finish(f, INT13_OK);
    f->bx = 0xaa55;
    f->ah = EDD_VERSION;
    f->cx = EDD_ACCESS | EDD_LOCKING;
}

/* AL: 0 lock, 1 unlock, 2 tell. */
static void cd_45(struct frame *f, const struct disk_info *d)
{
    uint8_t status = INT13_OK;

    if (f->al > 2)
        status = INT13_BAD_COMMAND;
    else if (f->al < 2)
        status = atapi_simple(d, 0x1e, f->al == 0);
    if (f->al < 2 && status == INT13_OK)
        ebda.cd_boot.locked = f->al == 0;
    f->al = ebda.cd_boot.locked;
    disk_finish(f, status);
}

static uint8_t cd_46(const struct disk_info *d)
{
    if (ebda.cd_boot.locked)
        return LOCKED;
    return atapi_simple(d, 0x1b, 0x02) == INT13_OK ? INT13_OK : NOT_LOCKED;
}

static uint8_t cd_48(struct frame *f, const struct disk_info *d)
{
    struct edd_params r;
    uint32_t sectors;

    if (far_u16(f->ds, f->si) < EDD_SIZE)
        return INT13_BAD_COMMAND;
    memset(&r, 0, sizeof r);
    r.size = EDD_SIZE;
    r.flags = EDD_REMOVABLE;
    r.sectors = r.sectors_high = 0xffffffff; /* no disc: not known */
    if (atapi_capacity(d, &sectors) == INT13_OK) {
        r.sectors = sectors;
        r.sectors_high = 0;
    }
    r.sector_size = CD_SECTOR;
    far_out(f->ds, f->si, &r, EDD_SIZE);
    return INT13_OK;
}

static void cd_plain(struct frame *f, const struct disk_info *d)
{
    uint8_t status = INT13_BAD_COMMAND;

    switch (f->ah) {
    case 0x00:
    case 0x0d: status = INT13_OK; break;
    case 0x01:
        status = bda.disk_status;
        disk_finish(f, INT13_OK);
        f->ax = status << 8 | status;
        return;
    case 0x10: status = atapi_wait_ready(d); break;
    case 0x41: cd_41(f); return;
    case 0x42:
    case 0x44:
    case 0x47: status = cd_transfer(f, d); break;
    case 0x03:
    case 0x43: status = INT13_PROTECTED; break;
    case 0x45: cd_45(f, d); return;
    case 0x46: status = cd_46(d); break;
    case 0x48: status = cd_48(f, d); break;
    case 0x49: status = atapi_simple(d, 0x00, 0); break; /* changed: 06h */
    default: break;
    }
    disk_finish(f, status);
}

/* ---- The drive that it stands for ---- */

static uint8_t cd_read_emulated(const struct frame *f, const struct disk_info *d,
                                const struct cd_boot *b)
{
    uint32_t cyl = f->ch | (f->cl & 0xc0) << 2, lba, len;
    uint8_t sector = f->cl & 0x3f, count = f->al;

    if (count == 0 || count > 128)
        return INT13_BAD_COMMAND;
    if (sector == 0 || sector > b->spt || f->dh >= b->heads || cyl >= b->cyls)
        return INT13_NO_SECTOR;
    lba = (cyl * b->heads + f->dh) * b->spt + sector - 1;
    if (lba + count > (uint32_t) b->cyls * b->heads * b->spt)
        return INT13_NO_SECTOR;
    len = f->ah == 0x02 ? (uint32_t) count * 512 : 0;
    return atapi_read(d, b->lba + lba / 4, (lba % 4 + count + 3) / 4,
                      lba % 4 * 512, len, f->es, f->bx);
}

static void cd_08(struct frame *f, const struct cd_boot *b)
{
    uint16_t last = b->cyls - 1;

    f->ax = 0;
    f->ch = last & 0xff;
    f->cl = (last >> 2 & 0xc0) | b->spt;
    f->dh = b->heads - 1;
    f->dl = (b->drive & 0x80 ? bda.disks : floppy_count()) + 1;
    if (!(b->drive & 0x80)) {
        f->bx = b->media == CD_FLOPPY_1200 ? 2 : b->media == CD_FLOPPY_1440 ? 4 : 6;
        f->es = far_u16(0, 0x1e * 4 + 2);
        f->di = far_u16(0, 0x1e * 4);
    }
    disk_finish(f, INT13_OK);
}

static void cd_15(struct frame *f, const struct cd_boot *b)
{
    uint32_t sectors = (uint32_t) b->cyls * b->heads * b->spt;

    disk_finish(f, INT13_OK);
    f->ah = 1; /* a diskette drive without change line */
    if (b->drive & 0x80) {
        f->ah = 3;
        f->cx = sectors >> 16;
        f->dx = sectors & 0xffff;
    }
}

static void cd_emulated(struct frame *f, const struct disk_info *d,
                        const struct cd_boot *b)
{
    uint8_t status = INT13_BAD_COMMAND;

    switch (f->ah) {
    case 0x00:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x11:
    case 0x16: status = INT13_OK; break;
    case 0x01:
        status = bda.disk_status;
        disk_finish(f, INT13_OK);
        f->ax = status << 8 | status;
        return;
    case 0x02:
    case 0x04: status = cd_read_emulated(f, d, b); break;
    case 0x03:
    case 0x05: status = INT13_PROTECTED; break;
    case 0x08: cd_08(f, b); return;
    case 0x15: cd_15(f, b); return;
    default: break;
    }
    if (status != INT13_OK && (f->ah == 0x02 || f->ah == 0x03))
        f->al = 0;
    disk_finish(f, status);
}

/* A real drive, whose number is one less than the caller's. */
static void cd_pass_on(struct frame *f)
{
    uint8_t function = f->ah, drive = f->dl;

    f->dl--;
    if (drive & 0x80)
        int13_disk(f);
    else
        int13_floppy(f);
    if (function == 0x08)
        f->dl++; /* the number of drives */
    else if (function != 0x15 || !(drive & 0x80))
        f->dl = drive;
}

void int13_cd(struct frame *f)
{
    struct disk_info d;
    struct cd_boot b;

    ebda_load(&d, offsetof(struct ebda, cd), sizeof d);
    ebda_load(&b, offsetof(struct ebda, cd_boot), sizeof b);
    if (f->ah == 0x4b && (f->dl == b.drive || f->dl == 0x7f))
        int13_4b(f, &d, &b);
    else if (f->dl != b.drive)
        cd_pass_on(f);
    else if (f->ah == 0x4d && f->al == 0)
        int13_4d(f, &d, &b);
    else if (b.media == CD_NO_EMULATION)
        cd_plain(f, &d);
    else
        cd_emulated(f, &d, &b);
}

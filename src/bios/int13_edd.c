/*
 * INT 13h extensions: sectors by number.
 *
 * Source: Phoenix Enhanced Disk Drive Specification 1.1; T13 1572D (EDD 3.0),
 *         sections 4 (functions) and 5 (device path).
 * Absent: 45h, 46h (lock, eject: fixed disks have neither), 49h, 4Eh.
 *
 * All functions: our stack, IF=0 but while waiting for the drive.
 */
#include "bios/bios.h"
#include "bios/disk.h"
#include "bios/hw/ata.h"
#include "bios/hw/fdc.h"
#include "bios/std/bda.h"

enum {
    EDD_VERSION = 0x30,
    EDD_ACCESS = 0x01, /* 42h to 44h, 47h, 48h */
    EDD_TABLES = 0x04, /* 48h with the DPTE */
    EDD_SIZE_1X = 0x1a,
    EDD_SIZE_2X = 0x1e,
    EDD_GEOMETRY_VALID = 0x02,
    EDD_KEY = 0xbedd,
    SECTORS_AT_ONCE = 127,
};

bool int13_is_edd(uint8_t ah)
{
    return (ah >= 0x41 && ah <= 0x44) || ah == 0x47 || ah == 0x48;
}

static void int13_41(struct frame *f)
{
    if (f->bx != 0x55aa) {
        disk_finish(f, INT13_BAD_COMMAND);
        return;
    }
    disk_finish(f, INT13_OK);
    f->bx = 0xaa55;
    f->ah = EDD_VERSION;
    f->cx = EDD_ACCESS | EDD_TABLES;
}

static uint8_t edd_chunk(uint8_t ah, const struct disk_info *d,
                         const struct edd_packet *p, unsigned done,
                         unsigned count)
{
    uint16_t seg = p->seg + done * 32;

    if (ah == 0x42)
        return ata_read(d, p->lba + done, count, seg, p->off);
    if (ah == 0x43)
        return ata_write(d, p->lba + done, count, seg, p->off);
    return ata_verify(d, p->lba + done, count);
}

/* 42h read, 43h write, 44h verify: the packet gets the count that was moved. */
static uint8_t edd_transfer(struct frame *f, const struct disk_info *d,
                            struct edd_packet *p)
{
    uint8_t status = INT13_OK;
    unsigned done = 0;

    while (status == INT13_OK && done < p->count) {
        unsigned count = p->count - done;

        if (count > SECTORS_AT_ONCE)
            count = SECTORS_AT_ONCE;
        status = edd_chunk(f->ah, d, p, done, count);
        if (status == INT13_OK)
            done += count;
    }
    far_put16(f->ds, f->si + 2, done);
    return status;
}

static void int13_42(struct frame *f, const struct disk_info *d)
{
    struct edd_packet p;
    uint8_t status;

    far_in(&p, f->ds, f->si, sizeof p);
    if (p.size < sizeof p ||
        (f->ah != 0x47 && p.seg == 0xffff && p.off == 0xffff))
        status = INT13_BAD_COMMAND;
    else if (p.lba_high != 0 || p.lba >= d->sectors ||
             p.count > d->sectors - p.lba)
        status = INT13_NO_SECTOR;
    else if (f->ah == 0x47)
        status = ata_seek(d, p.lba);
    else
        status = edd_transfer(f, d, &p);
    disk_finish(f, status);
}

static void edd_path(struct edd_params *r, const struct disk_info *d)
{
    const uint8_t *byte = (const uint8_t *) &r->key;
    uint8_t sum = 0;

    r->key = EDD_KEY;
    r->path_size = sizeof *r - offsetof(struct edd_params, key);
    rom_copy(r->bus, "ISA ", sizeof r->bus);
    rom_copy(r->interface, "ATA     ", sizeof r->interface);
    r->path_port = d->port;
    r->device = d->select & 0x10 ? 1 : 0;
    for (unsigned i = 0; i < r->path_size; i++)
        sum += byte[i];
    r->checksum = -sum;
}

/* The caller says how much it wants to know by the size of its buffer. */
static void int13_48(struct frame *f, const struct disk_info *d)
{
    struct edd_params r;
    uint16_t size = far_u16(f->ds, f->si);
    unsigned index = f->dl & 0x7f;

    if (size < EDD_SIZE_1X) {
        disk_finish(f, INT13_BAD_COMMAND);
        return;
    }
    memset(&r, 0, sizeof r);
    r.size = size >= sizeof r      ? sizeof r
             : size >= EDD_SIZE_2X ? EDD_SIZE_2X
                                   : EDD_SIZE_1X;
    r.flags = EDD_GEOMETRY_VALID;
    r.cyls = d->phys_cyls;
    r.heads = d->phys_heads;
    r.spt = d->phys_spt;
    r.sectors = d->sectors;
    r.sector_size = 512;
    r.dpte_off = offsetof(struct ebda, dpte) + index * sizeof(struct edd_dpte);
    r.dpte_seg = bda.ebda_seg;
    edd_path(&r, d);
    far_out(f->ds, f->si, &r, r.size);
    disk_finish(f, INT13_OK);
}

void int13_edd(struct frame *f, const struct disk_info *d)
{
    switch (f->ah) {
    case 0x41: int13_41(f); break;
    case 0x48: int13_48(f, d); break;
    default: int13_42(f, d); break;
    }
}

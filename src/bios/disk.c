/*
 * Finding the fixed disks and deciding about their geometry (POST).
 *
 * Source: ATA-4 section 9.1 (which devices answer); IBM PC AT Technical
 *         Reference, "Fixed disk parameter table"; EDD 1.1, "Device parameter
 *         table extension".
 *
 * Our stack, IF=0.
 */
#include "bios/disk.h"
#include "bios/bios.h"
#include "bios/geometry.h"
#include "bios/hw/ata.h"
#include "bios/hw/cmos.h"
#include "bios/hw/fdc.h"
#include "bios/hw/pic.h"
#include "bios/port.h"
#include "bios/services.h"
#include "bios/std/bda.h"

enum {
    SEG_SCRATCH = 0x07c0, /* where boot sectors go: free during POST */
    PARTITION_TABLE = 0x1be,
    BOOT_SIGNATURE = 0x1fe,
    FDPT_TRANSLATED = 0xa0,
};

bool disk_get(struct disk_info *d, unsigned index)
{
    if (index >= bda.disks)
        return false;
    ebda_load(d, offsetof(struct ebda, disk) + index * sizeof *d, sizeof *d);
    return true;
}

/* Two bits for each of the four drives. */
static enum geometry_policy disk_policy(unsigned channel, unsigned slave)
{
    return cmos_read(CMOS_TRANSLATION) >> (4 * channel + 2 * slave) & 3;
}

static void disk_geometry(struct disk_info *d, enum geometry_policy policy)
{
    struct geometry g;
    struct partition p[4];

    geometry_translate(&g, d->phys_cyls, d->phys_heads, d->phys_spt, d->sectors,
                       policy);
    if (ata_read(d, 0, 1, SEG_SCRATCH, 0) == INT13_OK &&
        far_u16(SEG_SCRATCH, BOOT_SIGNATURE) == 0xaa55) {
        far_in(p, SEG_SCRATCH, PARTITION_TABLE, sizeof p);
        geometry_of_partitions(&g, p, d->sectors);
    }
    d->cyls = g.cyls;
    d->heads = g.heads;
    d->spt = g.spt;
}

static uint8_t disk_checksum(const void *p, unsigned len)
{
    const uint8_t *byte = p;
    uint8_t sum = 0;

    while (len--)
        sum += *byte++;
    return -sum;
}

/* The tables of vectors 41h and 46h. */
static void disk_make_fdpt(const struct disk_info *d, unsigned index)
{
    struct disk_params p = {
        .cyls = d->cyls,
        .heads = d->heads,
        .precomp = 0xffff,
        .control = d->phys_heads > 8 ? 8 : 0,
        .landing = d->cyls,
        .spt = d->spt,
    };
    uint16_t off = offsetof(struct ebda, disk_fdpt) + index * sizeof p;
    uint16_t vector = index == 0 ? 0x41 : 0x46;

    if (d->phys_heads != d->heads || d->phys_spt != d->spt ||
        d->phys_cyls != d->cyls) {
        p.signature = FDPT_TRANSLATED;
        p.phys_cyls = d->phys_cyls;
        p.phys_heads = d->phys_heads;
        p.phys_spt = d->phys_spt;
        p.checksum = disk_checksum(&p, sizeof p - 1);
    }
    ebda_store(off, &p, sizeof p);
    far_put16(0, vector * 4, off);
    far_put16(0, vector * 4 + 2, bda.ebda_seg);
}

static void disk_make_dpte(const struct disk_info *d, unsigned index)
{
    struct edd_dpte t = {
        .port = d->port,
        .control = d->control,
        .head = d->select | (d->flags & DISK_LBA ? 0x40 : 0),
        .irq = d->irq,
        .options = (d->flags & DISK_LBA ? 0x10 : 0) |
                   (d->cyls != d->phys_cyls ? 0x08 : 0),
        .revision = 0x11,
    };

    t.checksum = disk_checksum(&t, sizeof t - 1);
    ebda_store(offsetof(struct ebda, dpte) + index * sizeof t, &t, sizeof t);
}

static void disk_print_place(const struct disk_info *d)
{
    put_format("  %s %s  ", d->irq == 14 ? "primary" : "secondary",
               d->select & 0x10 ? "slave" : "master");
}

static void disk_print(const struct disk_info *d, const char *model)
{
    disk_print_place(d);
    put_format("%l  %u MiB, %u/%u/%u\n", model, d->sectors >> 11,
               (uint32_t) d->cyls, (uint32_t) d->heads, (uint32_t) d->spt);
}

static void disk_add(struct disk_info *d, unsigned channel, unsigned slave)
{
    unsigned index = bda.disks;
    char model[41];

    if (!ata_identify(d, model))
        return;
    if (d->flags & DISK_ATAPI) {
        disk_print_place(d);
        put_format("%l\n", model);
        if (ebda.cdroms == 0)
            ebda_store(offsetof(struct ebda, cd), d, sizeof *d);
        ebda.cdroms++;
        return;
    }
    ata_simple(d, ATA_SET_GEOMETRY, d->phys_spt, d->phys_heads - 1);
    disk_geometry(d, disk_policy(channel, slave));
    ebda_store(offsetof(struct ebda, disk) + index * sizeof *d, d, sizeof *d);
    disk_make_dpte(d, index);
    if (index < 2)
        disk_make_fdpt(d, index);
    bda.disks++;
    disk_print(d, model);
}

static void disk_find_channel(unsigned channel)
{
    struct disk_info d;

    for (unsigned slave = 0; slave < 2; slave++) {
        memset(&d, 0, sizeof d);
        d.port = channel == 0 ? 0x1f0 : 0x170;
        d.control = channel == 0 ? 0x3f6 : 0x376;
        d.irq = channel == 0 ? 14 : 15;
        d.select = slave == 0 ? 0xa0 : 0xb0;
        if (slave == 0)
            ata_start_channel(d.port, d.control, bda.warm_boot == 0x1234);
        if (ata_is_driven(&d))
            disk_add(&d, channel, slave);
    }
    pic_unmask(channel == 0 ? 14 : 15);
}

void disk_find_all(void)
{
    bda.disks = 0;
    disk_find_channel(0);
    disk_find_channel(1);
}

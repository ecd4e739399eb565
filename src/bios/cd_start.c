/*
 * What a bootable CD-ROM starts: boot record, boot catalog, image.
 *
 * Source: "El Torito" Bootable CD-ROM Format Specification 1.0, sections 2
 *         (format), 3.1 (INT 19h).
 * Absent: further sections of the catalog (other platforms, a choice of
 *         images): the default entry starts.
 *
 * Our stack, IF=0 but while waiting and calling out.
 */
#include "bios/bios.h"
#include "bios/geometry.h"
#include "bios/hw/atapi.h"
#include "bios/hw/fdc.h"
#include "bios/services.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

enum {
    SEG_SCRATCH = 0x07c0,
    SEG_LOAD_MIN = 0x0060, /* above the vectors and the BIOS data */
    PARTITION_TABLE = 0x1be,
    EQUIP_FLOPPY = 0x01,
    EQUIP_FLOPPIES = 0xc1,
};

static const char id_iso[] = "CD001";
static const char id_torito[] = "EL TORITO SPECIFICATION";

/* INT 11h counts the emulated diskette drive too. */
static void cd_count_floppies(unsigned n)
{
    bda.equipment &= ~EQUIP_FLOPPIES;
    if (n != 0)
        bda.equipment |= EQUIP_FLOPPY | (n - 1) << 6;
}

static bool cd_is_floppy(uint8_t media)
{
    return media >= CD_FLOPPY_1200 && media <= CD_FLOPPY_2880;
}

void cd_release(void)
{
    if (ebda.cd_count != 0 && cd_is_floppy(ebda.cd_boot.media))
        cd_count_floppies(floppy_count());
    ebda.cd_count = 0;
}

static void cd_activate(const struct cd_boot *b)
{
    ebda_store(offsetof(struct ebda, cd_boot), b, sizeof *b);
    ebda.cd_first = b->media == CD_NO_EMULATION ? b->drive : b->drive & 0x80;
    ebda.cd_count = b->media == CD_NO_EMULATION ? 1 : 0x80;
    if (cd_is_floppy(b->media))
        cd_count_floppies(floppy_count() + 1);
}

static bool cd_has(uint16_t off, const char *rom)
{
    for (; rom_u8(rom) != 0; off++, rom++)
        if (far_u8(SEG_SCRATCH, off) != rom_u8(rom))
            return false;
    return true;
}

static bool cd_validates(const struct cd_validation *v)
{
    uint16_t sum = 0;

    for (unsigned i = 0; i < sizeof *v; i += 2)
        sum += far_u16(SEG_SCRATCH, i);
    return v->header == 1 && v->platform == 0 && v->key == 0xaa55 && sum == 0;
}

static const char *cd_read_catalog(const struct disk_info *d, struct cd_boot *b,
                                   struct cd_entry *e)
{
    struct cd_validation v;

    if (atapi_read(d, CD_BOOT_RECORD, 1, 0, CD_SECTOR, SEG_SCRATCH, 0) !=
        INT13_OK)
        return "CD-ROM: the disc cannot be read\n";
    if (far_u8(SEG_SCRATCH, 0) != 0 || !cd_has(1, id_iso) ||
        !cd_has(7, id_torito))
        return "CD-ROM: the disc has no boot record\n";
    b->catalog = far_u32(SEG_SCRATCH, 0x47);
    if (atapi_read(d, b->catalog, 1, 0, CD_SECTOR, SEG_SCRATCH, 0) != INT13_OK)
        return "CD-ROM: the boot catalog cannot be read\n";
    far_in(&v, SEG_SCRATCH, 0, sizeof v);
    far_in(e, SEG_SCRATCH, sizeof v, sizeof *e);
    if (!cd_validates(&v))
        return "CD-ROM: the boot catalog is not valid\n";
    if (e->boot != CD_BOOTABLE)
        return "CD-ROM: the boot catalog has nothing to start\n";
    return NULL;
}

/* The disk's layout is where its first partition ends. */
static bool cd_disk_geometry(const struct disk_info *d, struct cd_boot *b)
{
    struct partition p;

    if (atapi_read(d, b->lba, 1, 0, 512, SEG_SCRATCH, 0) != INT13_OK)
        return false;
    far_in(&p, SEG_SCRATCH, PARTITION_TABLE, sizeof p);
    b->heads = p.end_head + 1;
    b->spt = p.end_sector & 0x3f;
    b->cyls = ((p.end_sector & 0xc0) << 2 | p.end_cyl) + 1;
    return b->spt != 0 && b->heads <= 255;
}

static bool cd_geometry(const struct disk_info *d, struct cd_boot *b)
{
    b->heads = 2;
    b->cyls = 80;
    switch (b->media) {
    case CD_NO_EMULATION: b->drive = CD_PLAIN_DRIVE; return true;
    case CD_FLOPPY_1200: b->spt = 15; return true;
    case CD_FLOPPY_1440: b->spt = 18; return true;
    case CD_FLOPPY_2880: b->spt = 36; return true;
    case CD_HARD_DISK: b->drive = 0x80; return cd_disk_geometry(d, b);
    default: return false;
    }
}

/* An image that would lie on vectors, our stack or the screen is refused. */
static bool cd_fits(const struct cd_boot *b)
{
    uint32_t end = ((uint32_t) b->load_seg << 4) + (uint32_t) b->count * 512;

    return b->count != 0 && b->load_seg >= SEG_LOAD_MIN &&
           end <= (uint32_t) bda.ebda_seg << 4;
}

const char *cd_start(void)
{
    struct disk_info d;
    struct cd_boot b;
    struct cd_entry e;
    const char *why;
    uint8_t status;

    ebda_load(&d, offsetof(struct ebda, cd), sizeof d);
    memset(&b, 0, sizeof b);
    status = atapi_wait_ready(&d);
    if (status == INT13_NO_MEDIA)
        return "CD-ROM: no disc in the drive\n";
    if (status != INT13_OK)
        return "CD-ROM: the drive does not become ready\n";
    why = cd_read_catalog(&d, &b, &e);
    if (why)
        return why;
    b.media = e.media & CD_MEDIA_MASK;
    b.load_seg = e.load_seg != 0 ? e.load_seg : SEG_SCRATCH;
    b.count = e.count;
    b.lba = e.lba;
    if (!cd_geometry(&d, &b))
        return "CD-ROM: the boot image is of no known kind\n";
    if (!cd_fits(&b))
        return "CD-ROM: the boot image does not fit into memory\n";
    if (atapi_read(&d, b.lba, (b.count + 3) / 4, 0, (uint32_t) b.count * 512,
                   b.load_seg, 0) != INT13_OK)
        return "CD-ROM: the boot image cannot be read\n";
    cd_activate(&b);
    return NULL;
}

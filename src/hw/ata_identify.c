/*
 * What an ATA disk says of itself.
 *
 * Source: ATA/ATAPI-6 (NCITS 361-2002), 8.15 IDENTIFY DEVICE, annex C on CHS;
 *         ATA-2 (X3.279-1996), 8.9 for words that later became obsolete.
 * Absent: DMA modes (words 49 bit 8, 63, 88), security, SMART, HPA, media
 *         serial number, integrity word.
 */
#include "config.h"

#include "hw/ata_internal.h"

#include <string.h>

#include "base/bits.h"

enum {
    CHS_HEADS_MAX = 16,
    CHS_SECTORS_MAX = 63,
    CHS_CYLINDERS_MAX = 16383, /* word 1, also for bigger disks: C.3 */
    LBA28_MAX = 0x0fffffff,
    CACHE_SECTORS = 256,
};

static const char ata_model[] = "REPRISE HARDDISK";
static const char ata_firmware[] = "1.0";

struct disk_geometry ata_disk_default_chs(const struct ata_drive *d)
{
    struct disk_geometry g = disk_geometry(d->disk);
    uint64_t fit;

    if (g.heads == 0 || g.heads > CHS_HEADS_MAX || g.sectors == 0 || g.sectors > CHS_SECTORS_MAX) {
        g.heads = CHS_HEADS_MAX;
        g.sectors = CHS_SECTORS_MAX;
        g.cylinders = 0;
    }
    fit = disk_sectors(d->disk) / (g.heads * g.sectors);
    if (g.cylinders == 0 || g.cylinders > fit)
        g.cylinders = fit < CHS_CYLINDERS_MAX ? (uint32_t) fit : CHS_CYLINDERS_MAX;
    if (g.cylinders > CHS_CYLINDERS_MAX)
        g.cylinders = CHS_CYLINDERS_MAX;
    if (g.cylinders == 0)
        g.cylinders = 1;
    return g;
}

static void put_word(uint8_t *out, unsigned word, uint64_t val)
{
    store_le16(out + 2 * (size_t) word, (uint16_t) val);
}

static void put_long(uint8_t *out, unsigned word, uint64_t val)
{
    put_word(out, word, val);
    put_word(out, word + 1, val >> 16);
}

/* Strings have their first character in the high byte, blanks behind: 8.15.x. */
void ata_put_string(uint8_t *out, unsigned word, unsigned words, const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < 2 * (size_t) words; i++)
        out[2 * (size_t) word + (i ^ 1)] = (uint8_t) (i < len ? text[i] : ' ');
}

static void put_chs(const struct ata_drive *d, uint8_t *out)
{
    struct disk_geometry g = ata_disk_default_chs(d);

    put_word(out, 1, g.cylinders);
    put_word(out, 3, g.heads);
    put_word(out, 4, g.sectors * SECTOR_SIZE); /* bytes a track, retired */
    put_word(out, 5, SECTOR_SIZE);
    put_word(out, 6, g.sectors);
    put_word(out, 54, d->cylinders);
    put_word(out, 55, d->heads);
    put_word(out, 56, d->sectors);
    put_long(out, 57, (uint64_t) d->cylinders * d->heads * d->sectors);
}

static void put_features(const struct ata_drive *d, uint8_t *out)
{
    unsigned on = (d->options & DISK_WRITE_CACHE ? 0x20u : 0) | (d->options & DISK_LOOK_AHEAD ? 0x40u : 0);

    put_word(out, 80, 0x007e); /* ATA-1 to ATA/ATAPI-6 */
    put_word(out, 82, 0x4068); /* NOP, look-ahead, write cache, power management */
    put_word(out, 83, 0x7400); /* FLUSH CACHE (EXT), 48-bit addresses; 01 on top: valid */
    put_word(out, 84, 0x4000);
    put_word(out, 85, 0x4008 | on);
    put_word(out, 86, 0x3400);
    put_word(out, 87, 0x4000);
}

void ata_disk_identify(const struct ata_drive *d, uint8_t *out)
{
    uint64_t sectors = disk_sectors(d->disk);

    memset(out, 0, SECTOR_SIZE);
    put_word(out, 0, 0x0040); /* not removable */
    put_chs(d, out);
    ata_put_string(out, 10, 10, d->serial != NULL ? d->serial : "");
    put_word(out, 20, 3); /* dual-ported buffer with read caching */
    put_word(out, 21, CACHE_SECTORS);
    put_word(out, 22, 4); /* ECC bytes */
    ata_put_string(out, 23, 4, ata_firmware);
    ata_put_string(out, 27, 20, ata_model);
    put_word(out, 47, 0x8000 | ATA_BLOCK);
    put_word(out, 49, 0x2e00); /* LBA, IORDY, standard standby timer; no DMA */
    put_word(out, 50, 0x4000);
    put_word(out, 51, 0x0200); /* PIO mode 2 without being asked */
    put_word(out, 53, 0x0003); /* words 54-58 and 64-70 are valid */
    put_word(out, 59, d->multiple != 0 ? 0x0100u | d->multiple : 0);
    put_long(out, 60, sectors < LBA28_MAX ? sectors : LBA28_MAX);
    put_word(out, 64, 0x0003); /* PIO modes 3 and 4 */
    put_word(out, 67, 120);    /* ns a cycle without, */
    put_word(out, 68, 120);    /* and with IORDY */
    put_features(d, out);
    put_long(out, 100, sectors);
    put_long(out, 102, sectors >> 32);
}

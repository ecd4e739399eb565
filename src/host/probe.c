/* What a file is, and how a disk is laid out. */
#include "config.h"

#include "host/probe.h"

#include <string.h>
#include <strings.h>

#include "base/bits.h"

enum { MAX_CYLINDERS = 16383, MAX_HEADS = 16, MAX_SECTORS = 63 };

/* --- floppies ------------------------------------------------------------ */

static const struct probe_format {
    uint32_t kib;
    struct disk_geometry geometry;
} probe_formats[] = {
    { 160, { 40, 1, 8 } },   { 180, { 40, 1, 9 } },   { 320, { 40, 2, 8 } },
    { 360, { 40, 2, 9 } },   { 720, { 80, 2, 9 } },   { 1200, { 80, 2, 15 } },
    { 1440, { 80, 2, 18 } }, { 1680, { 80, 2, 21 } }, /* Microsoft's DMF */
    { 2880, { 80, 2, 36 } },
};

bool probe_floppy(uint64_t size, struct disk_geometry *out)
{
    for (size_t i = 0; i < ARRAY_LEN(probe_formats); i++) {
        if (size == (uint64_t) probe_formats[i].kib * 1024) {
            *out = probe_formats[i].geometry;
            return true;
        }
    }
    return false;
}

/* --- kinds --------------------------------------------------------------- */

static bool probe_boot_signature(const struct probe_file *file)
{
    return file->head_len == SECTOR_SIZE && load_le16(file->head + 510) == 0xaa55;
}

static bool probe_ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n >= m && strcasecmp(name + n - m, end) == 0;
}

static bool probe_program(const struct probe_file *file)
{
    if (file->head_len >= 28 && (memcmp(file->head, "MZ", 2) == 0 || memcmp(file->head, "ZM", 2) == 0))
        return true;
    /* A .COM file has no mark of its own: one segment without the PSP. */
    return file->size != 0 && file->size <= 0xff00 && probe_ends_in(file->name, ".com");
}

enum probe_kind probe_kind(const struct probe_file *file)
{
    struct disk_geometry g;

    if (memcmp(file->iso, "CD001", PROBE_ISO_LEN) == 0)
        return PROBE_ISO;
    if (probe_floppy(file->size, &g))
        return PROBE_FLOPPY;
    if (probe_boot_signature(file) && file->size % SECTOR_SIZE == 0)
        return PROBE_HARD_DISK;
    return probe_program(file) ? PROBE_PROGRAM : PROBE_UNKNOWN;
}

static const struct probe_magic {
    const char *bytes;
    size_t len;
    const char *text;
} probe_magics[] = {
    { "\xfd" "7zXZ", 5, "an xz archive: unpack it first" },
    { "\x1f\x8b", 2, "a gzip archive: unpack it first" },
    { "BZh", 3, "a bzip2 archive: unpack it first" },
    { "PK\3\4", 4, "a ZIP archive: unpack it first" },
    { "7z\xbc\xaf", 4, "a 7z archive: unpack it first" },
    { "\x28\xb5\x2f\xfd", 4, "a zstd archive: unpack it first" },
    { "QFI\xfb", 4, "a qcow2 image: convert it to a raw image first" },
    { "conectix", 8, "a VHD image: convert it to a raw image first" },
    { "KDMV", 4, "a VMDK image: convert it to a raw image first" },
    { "<<< ", 4, "a VDI image: convert it to a raw image first" },
    { "IMD ", 4, "an ImageDisk file: convert it to a raw image first" },
};

void probe_explain_unknown(const struct probe_file *file, struct err *err)
{
    if (file->size == 0) {
        err_set(err, "'%s' is empty", file->name);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(probe_magics); i++) {
        const struct probe_magic *m = &probe_magics[i];

        if (file->head_len >= m->len && memcmp(file->head, m->bytes, m->len) == 0) {
            err_set(err, "'%s' is %s", file->name, m->text);
            return;
        }
    }
    err_set(err,
            "'%s' (%llu bytes) is none of: floppy image (exactly " PROBE_FLOPPY_SIZES
            "), hard disk image (boot signature 55 AA, whole 512-byte sectors), ISO 9660 CD-ROM, "
            "folder, DOS program%s",
            file->name, (unsigned long long) file->size,
            file->size % SECTOR_SIZE == 0 && file->size >= 1 << 20
                ? "; -hda takes it as a hard disk that is still blank"
                : "");
}

/* --- partitions ---------------------------------------------------------- */

enum { TABLE = 0x1be, ENTRY = 16, ENTRIES = 4 };

struct probe_chs {
    unsigned cylinder, head, sector;
};

struct probe_partition {
    struct probe_chs first, last;
    uint64_t lba, count;
};

static struct probe_chs probe_chs(const uint8_t *p)
{
    return (struct probe_chs){ p[2] | (p[1] & 0xc0u) << 2, p[0], p[1] & 0x3fu };
}

/* A boot sector of a file system: jump, 512-byte sectors, sane counts. */
static bool probe_bpb(const struct probe_file *file)
{
    const uint8_t *b = file->head;

    return probe_boot_signature(file) && (b[0] == 0xeb || b[0] == 0xe9) &&
           load_le16(b + 11) == SECTOR_SIZE && b[13] != 0 && (b[13] & (b[13] - 1)) == 0 &&
           load_le16(b + 14) != 0 && (b[16] == 1 || b[16] == 2) && b[21] >= 0xf0;
}

static uint64_t probe_bpb_sectors(const struct probe_file *file)
{
    uint16_t small = load_le16(file->head + 19);

    return small != 0 ? small : load_le32(file->head + 32);
}

static bool probe_table(const struct probe_file *file)
{
    if (!probe_boot_signature(file) || probe_bpb(file))
        return false;
    for (unsigned i = 0; i < ENTRIES; i++)
        if ((file->head[TABLE + i * ENTRY] & 0x7f) != 0)
            return false; /* program code, not a table */
    return true;
}

static bool probe_partition(const struct probe_file *file, unsigned i, struct probe_partition *out)
{
    const uint8_t *e = file->head + TABLE + i * ENTRY;

    *out = (struct probe_partition){
        .first = probe_chs(e + 1),
        .last = probe_chs(e + 5),
        .lba = load_le32(e + 8),
        .count = load_le32(e + 12),
    };
    return e[4] != 0 && out->lba != 0 && out->count != 0;
}

/* Does this address, under H heads and S sectors, lie at that sector?  Above
 * cylinder 1022 the table holds no address. */
static bool probe_at(struct probe_chs a, unsigned heads, unsigned sectors, uint64_t lba)
{
    return a.cylinder < 1023 && a.head < heads && a.sector >= 1 && a.sector <= sectors &&
           ((uint64_t) a.cylinder * heads + a.head) * sectors + a.sector - 1 == lba;
}

/* How many of the table's addresses a layout explains; -1: contradicts one. */
static int probe_votes(const struct probe_file *file, unsigned heads, unsigned sectors)
{
    struct probe_partition p;
    int votes = 0;

    for (unsigned i = 0; i < ENTRIES; i++) {
        if (!probe_partition(file, i, &p))
            continue;
        if (probe_at(p.first, heads, sectors, p.lba))
            votes++;
        else if (p.first.cylinder < 1023)
            return -1;
        if (probe_at(p.last, heads, sectors, p.lba + p.count - 1))
            votes++;
        else if (p.last.cylinder < 1023)
            return -1;
    }
    return votes;
}

/* Partitions end with a cylinder as a rule: their last address is the layout. */
static bool probe_from_ends(const struct probe_file *file, struct disk_geometry *out)
{
    struct probe_partition p;

    for (unsigned i = 0; i < ENTRIES; i++) {
        if (!probe_partition(file, i, &p) || p.last.sector == 0)
            continue;
        if (probe_votes(file, p.last.head + 1, p.last.sector) > 0) {
            out->heads = p.last.head + 1;
            out->sectors = p.last.sector;
            return true;
        }
    }
    return false;
}

/* Else the layout that explains both ends of a partition, if there is one. */
static bool probe_from_search(const struct probe_file *file, struct disk_geometry *out)
{
    for (unsigned sectors = MAX_SECTORS; sectors >= 1; sectors--) {
        for (unsigned heads = MAX_HEADS; heads >= 1; heads--) {
            if (probe_votes(file, heads, sectors) >= 2) {
                out->heads = heads;
                out->sectors = sectors;
                return true;
            }
        }
    }
    return false;
}

static bool probe_layout(const struct probe_file *file, struct disk_geometry *out)
{
    if (probe_bpb(file)) {
        out->sectors = load_le16(file->head + 24);
        out->heads = load_le16(file->head + 26);
    } else if (!probe_table(file) || (!probe_from_ends(file, out) && !probe_from_search(file, out))) {
        return false;
    }
    /* More heads than a drive has: the BIOS translated; the drive is 16x63. */
    return out->heads >= 1 && out->heads <= MAX_HEADS && out->sectors >= 1 &&
           out->sectors <= MAX_SECTORS;
}

struct disk_geometry probe_hard_disk(const struct probe_file *file)
{
    uint64_t total = file->size / SECTOR_SIZE, cylinders;
    struct disk_geometry g = { 0, 0, 0 };

    if (!probe_layout(file, &g) || total < (uint64_t) g.heads * g.sectors) {
        g.sectors = total < MAX_SECTORS ? (uint32_t) total : MAX_SECTORS;
        g.heads = MAX_HEADS;
        while (g.heads > 1 && total < (uint64_t) g.heads * g.sectors)
            g.heads--;
    }
    if (g.sectors == 0)
        return g;
    cylinders = total / ((uint64_t) g.heads * g.sectors);
    g.cylinders = cylinders > MAX_CYLINDERS ? MAX_CYLINDERS : (uint32_t) cylinders;
    return g;
}

/* --- checks -------------------------------------------------------------- */

static int probe_check_length(const struct probe_file *file, const char *what, uint64_t need,
                              struct err *err)
{
    uint64_t have = file->size / SECTOR_SIZE;

    if (need <= have)
        return 0;
    err_set(err, "'%s' is cut off: its %s ends at sector %llu, the file at %llu", file->name, what,
            (unsigned long long) need, (unsigned long long) have);
    return -1;
}

static int probe_check_partitions(const struct probe_file *file, struct err *err)
{
    struct probe_partition p;

    for (unsigned i = 0; i < ENTRIES; i++) {
        if (!probe_partition(file, i, &p))
            continue;
        if (probe_check_length(file, "partition table", p.lba + p.count, err) < 0)
            return -1;
    }
    return 0;
}

int probe_check_hard_disk(const struct probe_file *file, struct err *err)
{
    if (file->size == 0) {
        err_set(err, "'%s' is empty", file->name);
        return -1;
    }
    if (file->size % SECTOR_SIZE != 0) {
        err_set(err, "'%s' (%llu bytes) is not a hard disk image: not whole sectors of 512 bytes",
                file->name, (unsigned long long) file->size);
        return -1;
    }
    if (file->size / SECTOR_SIZE > PROBE_SECTORS_MAX) {
        err_set(err, "'%s' is larger than 2 TiB", file->name);
        return -1;
    }
    if (probe_bpb(file))
        return probe_check_length(file, "file system", probe_bpb_sectors(file), err);
    return probe_table(file) ? probe_check_partitions(file, err) : 0;
}

int probe_check_cd(const struct probe_file *file, struct err *err)
{
    if (file->size == 0) {
        err_set(err, "'%s' is empty", file->name);
        return -1;
    }
    if (file->size % PROBE_CD_SECTOR != 0) {
        err_set(err, "'%s' (%llu bytes) is not a CD-ROM image: not whole sectors of 2048 bytes",
                file->name, (unsigned long long) file->size);
        return -1;
    }
    if (file->size / PROBE_CD_SECTOR > UINT32_MAX) {
        err_set(err, "'%s' is larger than any disc", file->name);
        return -1;
    }
    return 0;
}

int probe_check_geometry(struct disk_geometry g, struct err *err)
{
    if (g.cylinders >= 1 && g.cylinders <= MAX_CYLINDERS && g.heads >= 1 && g.heads <= MAX_HEADS &&
        g.sectors >= 1 && g.sectors <= MAX_SECTORS)
        return 0;
    err_set(err,
            "no drive has %u cylinders, %u heads and %u sectors (1..%d cylinders, 1..%d heads, "
            "1..%d sectors)",
            g.cylinders, g.heads, g.sectors, MAX_CYLINDERS, MAX_HEADS, MAX_SECTORS);
    return -1;
}

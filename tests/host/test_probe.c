/* What a file is, and the layout of a disk. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "base/bits.h"
#include "host/probe.h"

static struct probe_file file;

static void blank(uint64_t size)
{
    memset(&file, 0, sizeof file);
    file.name = "x.img";
    file.size = size;
    file.head_len = size < SECTOR_SIZE ? (size_t) size : SECTOR_SIZE;
}

static void sign(void)
{
    store_le16(file.head + 510, 0xaa55);
}

static void put_chs(uint8_t *p, unsigned c, unsigned h, unsigned s)
{
    p[0] = (uint8_t) h;
    p[1] = (uint8_t) (s | (c >> 2 & 0xc0));
    p[2] = (uint8_t) c;
}

/* A partition from `lba`, `count` long, as a partitioner of that layout writes it. */
static void partition(unsigned i, unsigned heads, unsigned sectors, uint32_t lba, uint32_t count)
{
    uint8_t *e = file.head + 0x1be + i * 16;
    uint32_t end = lba + count - 1;

    e[4] = 6;
    put_chs(e + 1, lba / (heads * sectors), lba / sectors % heads, lba % sectors + 1);
    if (end / (heads * sectors) > 1023)
        put_chs(e + 5, 1023, heads - 1, sectors);
    else
        put_chs(e + 5, end / (heads * sectors), end / sectors % heads, end % sectors + 1);
    store_le32(e + 8, lba);
    store_le32(e + 12, count);
}

/* --- kinds --------------------------------------------------------------- */

START_TEST(exact_sizes_are_floppies)
{
    static const struct {
        unsigned kib, cylinders, heads, sectors;
    } sizes[] = {
        { 160, 40, 1, 8 }, { 180, 40, 1, 9 }, { 320, 40, 2, 8 }, { 360, 40, 2, 9 }, { 720, 80, 2, 9 },
        { 1200, 80, 2, 15 }, { 1440, 80, 2, 18 }, { 1680, 80, 2, 21 }, { 2880, 80, 2, 36 },
    };
    struct disk_geometry g;

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        blank(sizes[i].kib * 1024);
        sign(); /* a boot signature changes nothing */
        ck_assert_int_eq((int) probe_kind(&file), PROBE_FLOPPY);
        ck_assert(probe_floppy(file.size, &g));
        ck_assert_uint_eq(g.cylinders, sizes[i].cylinders);
        ck_assert_uint_eq(g.heads, sizes[i].heads);
        ck_assert_uint_eq(g.sectors, sizes[i].sectors);
        ck_assert_uint_eq((uint64_t) g.cylinders * g.heads * g.sectors * 512, file.size);
        ck_assert(!probe_floppy(file.size - 1, &g) && !probe_floppy(file.size + 512, &g));
    }
}
END_TEST

START_TEST(kinds_follow_content)
{
    blank(1 << 20);
    ck_assert_int_eq((int) probe_kind(&file), PROBE_UNKNOWN);
    sign();
    ck_assert_int_eq((int) probe_kind(&file), PROBE_HARD_DISK);
    file.size++;
    ck_assert_int_eq((int) probe_kind(&file), PROBE_UNKNOWN);
    memcpy(file.iso, "CD001", 5);
    ck_assert_int_eq((int) probe_kind(&file), PROBE_ISO);
    blank(100);
    memcpy(file.head, "MZ", 2);
    ck_assert_int_eq((int) probe_kind(&file), PROBE_PROGRAM);
    blank(100);
    file.name = "A.COM";
    ck_assert_int_eq((int) probe_kind(&file), PROBE_PROGRAM);
    blank(0);
    file.name = "a.com";
    ck_assert_int_eq((int) probe_kind(&file), PROBE_UNKNOWN);
}
END_TEST

/* Sectors of 2048 bytes, as many as READ CAPACITY can name. */
START_TEST(discs_have_whole_sectors)
{
    struct err err;

    blank(2048);
    ck_assert_int_eq(probe_check_cd(&file, &err), 0);
    blank(0);
    ck_assert_int_eq(probe_check_cd(&file, &err), -1);
    ck_assert_str_eq(err.msg, "'x.img' is empty");
    blank(2048 + 512);
    ck_assert_int_eq(probe_check_cd(&file, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.msg, "2048"));
    blank(UINT64_C(2048) * UINT32_MAX);
    ck_assert_int_eq(probe_check_cd(&file, &err), 0);
    file.size += 2048;
    ck_assert_int_eq(probe_check_cd(&file, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.msg, "larger than any disc"));
}
END_TEST

START_TEST(unknown_files_are_explained)
{
    struct err err;

    blank(0);
    probe_explain_unknown(&file, &err);
    ck_assert_str_eq(err.msg, "'x.img' is empty");
    blank(5000);
    memcpy(file.head, "\xfd" "7zXZ", 6);
    probe_explain_unknown(&file, &err);
    ck_assert_ptr_nonnull(strstr(err.msg, "xz"));
}
END_TEST

/* --- geometry ------------------------------------------------------------ */

static const struct {
    unsigned heads, sectors;         /* of the program that made the table */
    uint32_t total, lba, count;      /* sectors */
    unsigned want_heads, want_sectors;
} tables[] = {
    { 16, 63, 129024, 63, 128961, 16, 63 },
    { 4, 17, 41820, 17, 41735, 4, 17 },    /* a 20 MB ST-225 */
    { 15, 26, 100000, 26, 97474, 15, 26 },
    { 16, 63, 30240, 63, 30177, 16, 63 },
    { 255, 63, 2000000, 63, 1992060, 16, 63 }, /* translated by a BIOS */
    { 64, 32, 262144, 32, 262112, 16, 63 },
    { 10, 40, 100000, 2048, 50000, 10, 40 },   /* ends inside a cylinder */
    { 16, 63, 8000000, 63, 7999425, 16, 63 },  /* ends above cylinder 1023 */
};

START_TEST(geometry_comes_from_the_partition_table)
{
    struct disk_geometry g;
    struct err err;

    blank((uint64_t) tables[_i].total * 512);
    sign();
    partition(_i & 3, tables[_i].heads, tables[_i].sectors, tables[_i].lba, tables[_i].count);
    ck_assert_int_eq(probe_check_hard_disk(&file, &err), 0);
    g = probe_hard_disk(&file);
    ck_assert_uint_eq(g.heads, tables[_i].want_heads);
    ck_assert_uint_eq(g.sectors, tables[_i].want_sectors);
    ck_assert_uint_eq(g.cylinders, tables[_i].total / (g.heads * g.sectors));
}
END_TEST

START_TEST(geometry_without_a_table_is_16_by_63)
{
    struct disk_geometry g;

    blank(UINT64_C(100) << 20);
    g = probe_hard_disk(&file);
    ck_assert_uint_eq(g.cylinders, 203);
    ck_assert_uint_eq(g.heads, 16);
    ck_assert_uint_eq(g.sectors, 63);
    blank(UINT64_C(100) << 30); /* more than a drive's cylinders can tell */
    g = probe_hard_disk(&file);
    ck_assert_uint_eq(g.cylinders, 16383);
}
END_TEST

/* Whatever the size, there is a layout that lies inside the file. */
START_TEST(geometry_lies_inside_the_file)
{
    struct err err;

    for (uint64_t sectors = 1; sectors < 5000; sectors++) {
        struct disk_geometry g;

        blank(sectors * 512);
        g = probe_hard_disk(&file);
        ck_assert_int_eq(probe_check_geometry(g, &err), 0);
        ck_assert_uint_le((uint64_t) g.cylinders * g.heads * g.sectors, sectors);
    }
}
END_TEST

START_TEST(a_boot_sector_without_table_tells_its_geometry)
{
    struct disk_geometry g;
    struct err err;

    blank(20000 * 512);
    sign();
    memcpy(file.head, "\xeb\x3c\x90", 3);
    store_le16(file.head + 11, 512);
    file.head[13] = 4;
    store_le16(file.head + 14, 1);
    file.head[16] = 2;
    store_le16(file.head + 19, 20000);
    file.head[21] = 0xf8;
    store_le16(file.head + 24, 25);
    store_le16(file.head + 26, 8);
    ck_assert_int_eq(probe_check_hard_disk(&file, &err), 0);
    g = probe_hard_disk(&file);
    ck_assert_uint_eq(g.heads, 8);
    ck_assert_uint_eq(g.sectors, 25);
    ck_assert_uint_eq(g.cylinders, 100);
    store_le16(file.head + 24, 0); /* nonsense is not believed */
    ck_assert_uint_eq(probe_hard_disk(&file).sectors, 63);
    store_le16(file.head + 19, 20001);
    ck_assert_int_eq(probe_check_hard_disk(&file, &err), -1);
}
END_TEST

START_TEST(disks_that_cannot_be_are_refused)
{
    struct err err;

    blank(0);
    ck_assert_int_eq(probe_check_hard_disk(&file, &err), -1);
    blank(513);
    ck_assert_int_eq(probe_check_hard_disk(&file, &err), -1);
    blank((PROBE_SECTORS_MAX + 1) * 512);
    ck_assert_int_eq(probe_check_hard_disk(&file, &err), -1);
    blank(1000 * 512);
    sign();
    partition(0, 16, 63, 63, 937);
    ck_assert_int_eq(probe_check_hard_disk(&file, &err), 0);
    partition(0, 16, 63, 63, 938);
    ck_assert_int_eq(probe_check_hard_disk(&file, &err), -1);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("probe");
    TCase *tc = tcase_create("probe");

    tcase_add_test(tc, exact_sizes_are_floppies);
    tcase_add_test(tc, kinds_follow_content);
    tcase_add_test(tc, discs_have_whole_sectors);
    tcase_add_test(tc, unknown_files_are_explained);
    tcase_add_loop_test(tc, geometry_comes_from_the_partition_table, 0, (int) ARRAY_LEN(tables));
    tcase_add_test(tc, geometry_without_a_table_is_16_by_63);
    tcase_add_test(tc, geometry_lies_inside_the_file);
    tcase_add_test(tc, a_boot_sector_without_table_tells_its_geometry);
    tcase_add_test(tc, disks_that_cannot_be_are_refused);
    suite_add_tcase(s, tc);
    return s;
}

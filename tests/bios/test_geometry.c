/* Disk geometries that INT 13h shows (src/bios/geometry.c). */
#include <string.h>

#include "bios/geometry.h"
#include "support/suite.h"

static const struct {
    uint16_t cyls;
    uint8_t heads, spt;
    uint32_t sectors;
    enum geometry_policy policy;
    struct geometry want;
} translations[] = {
    /* Small disks stay as they are, whatever the policy. */
    { 615, 4, 17, 41820, GEOMETRY_LBA, { 615, 4, 17 } },
    { 30, 16, 63, 30240, GEOMETRY_NONE, { 30, 16, 63 } },
    { 1024, 16, 63, 1032192, GEOMETRY_LBA, { 1024, 16, 63 } },
    /* WD, "Breaking the 528 MB barrier": LBA assist. */
    { 2000, 16, 63, 2016000, GEOMETRY_LBA, { 1000, 32, 63 } },
    { 2100, 16, 63, 2116800, GEOMETRY_LBA, { 525, 64, 63 } },
    { 4092, 16, 63, 4124736, GEOMETRY_LBA, { 1023, 64, 63 } },
    { 8191, 16, 63, 8256528, GEOMETRY_LBA, { 1023, 128, 63 } },
    { 16383, 16, 63, 16450560, GEOMETRY_LBA, { 1024, 255, 63 } },
    { 16383, 16, 63, 80000000, GEOMETRY_LBA, { 1024, 255, 63 } },
    /* Bit shift. */
    { 2100, 16, 63, 2116800, GEOMETRY_LARGE, { 525, 64, 63 } },
    { 1025, 15, 17, 261375, GEOMETRY_LARGE, { 512, 30, 17 } },
    { 16383, 16, 63, 16514064, GEOMETRY_LARGE, { 1024, 240, 63 } },
    /* Without translation the rest is out of reach. */
    { 2100, 16, 63, 2116800, GEOMETRY_NONE, { 1024, 16, 63 } },
};

START_TEST(a_geometry_is_translated_by_its_policy)
{
    for (size_t i = 0; i < sizeof translations / sizeof *translations; i++) {
        struct geometry g;

        geometry_translate(&g, translations[i].cyls, translations[i].heads,
                           translations[i].spt, translations[i].sectors,
                           translations[i].policy);
        ck_assert_msg(g.cyls == translations[i].want.cyls &&
                          g.heads == translations[i].want.heads &&
                          g.spt == translations[i].want.spt,
                      "row %zu: %u/%u/%u", i, g.cyls, g.heads, g.spt);
        ck_assert_uint_le((uint32_t) g.cyls * g.heads * g.spt,
                          translations[i].sectors);
    }
}
END_TEST

START_TEST(a_partition_tells_its_geometry)
{
    struct partition p[4];
    struct geometry g = { 1, 2, 3 };

    memset(p, 0, sizeof p);
    /* 100 cylinders of 255 * 63, the partition from track 1 to cylinder 49. */
    p[1] = (struct partition){ 0x80, 1,  1,  0,  6,
                               254,  63, 49, 63, 50 * 255 * 63 - 63 };
    ck_assert(geometry_of_partitions(&g, p, 100 * 255 * 63));
    ck_assert_uint_eq(g.cyls, 100);
    ck_assert_uint_eq(g.heads, 255);
    ck_assert_uint_eq(g.spt, 63);
}
END_TEST

START_TEST(partitions_that_disagree_tell_nothing)
{
    struct partition p[4];
    struct geometry g = { 1, 2, 3 };

    memset(p, 0, sizeof p);
    ck_assert(!geometry_of_partitions(&g, p, 30240)); /* none */
    p[0] = (struct partition){ 0x80, 1,  1,  0,  6,
                               15,   63, 29, 63, 30 * 16 * 63 - 63 };
    ck_assert(geometry_of_partitions(&g, p, 30240));
    g = (struct geometry){ 1, 2, 3 };
    p[0].lba = 64; /* not what start_head and start_sector say */
    ck_assert(!geometry_of_partitions(&g, p, 30240));
    p[0].lba = 63;
    p[2] = (struct partition){ 0, 0, 1, 30, 6, 7, 63, 40, 30240, 8 * 63 * 11 };
    ck_assert(!geometry_of_partitions(&g, p, 60480));
    p[2].end_cyl =
        0xff; /* cylinder 1023: means "beyond", so it is no witness */
    p[2].end_sector = 63 | 0xc0;
    ck_assert(geometry_of_partitions(&g, p, 60480));
    ck_assert_uint_eq(g.heads, 16);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("bios geometry");
    TCase *tc = tcase_create("geometry");

    tcase_add_test(tc, a_geometry_is_translated_by_its_policy);
    tcase_add_test(tc, a_partition_tells_its_geometry);
    tcase_add_test(tc, partitions_that_disagree_tell_nothing);
    suite_add_tcase(s, tc);
    return s;
}

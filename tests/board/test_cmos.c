/* What the board writes into CMOS memory before the first power-on. */
#include "config.h"

#include "support/memdisk.h"
#include "support/rig.h"
#include "support/suite.h"

#include <string.h>

#include "board/cmos.h"

struct bench {
    struct rig *rig;
    struct rtc *rtc;
    struct disk *disk[MACHINE_HARD_DISKS];
};

static struct bench bench_new(void)
{
    struct bench b = { .rig = rig_new() };
    struct rtc_config cfg = {
        .sched = &b.rig->sched,
        .bus = b.rig->bus,
        .state = b.rig->state,
        .journal = b.rig->journal,
        .irq = &b.rig->line[8],
    };

    b.rtc = rtc_new(&cfg);
    return b;
}

static void bench_free(struct bench *b)
{
    for (unsigned i = 0; i < MACHINE_HARD_DISKS; i++)
        disk_free(b->disk[i]);
    rtc_free(b->rtc);
    rig_free(b->rig);
}

static void bench_set_up(struct bench *b, unsigned mib, const char *boot, uint8_t a, uint8_t other)
{
    struct cmos_setup setup = { .ram_mib = mib, .boot = boot, .floppy = { a, other }, .disk = b->disk };

    cmos_set_up(b->rtc, &setup);
}

/* As firmware reads: through the ports. */
static uint8_t cmos(struct bench *b, uint8_t index)
{
    rig_out(b->rig, 0x70, index);
    return rig_in(b->rig, 0x71);
}

static unsigned cmos16(struct bench *b, uint8_t index)
{
    return cmos(b, index) | (unsigned) cmos(b, (uint8_t) (index + 1)) << 8;
}

START_TEST(memory_is_told_in_three_ways)
{
    static const struct {
        unsigned mib, extended, above;
    } sizes[] = {
        { 1, 0, 0 },          { 2, 1024, 0 },       { 16, 15360, 0 },          { 17, 16384, 16 },
        { 64, 64512, 768 },   { 65, 65535, 784 },   { 1024, 65535, 1008 * 16 },
    };

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bench b = bench_new();

        bench_set_up(&b, sizes[i].mib, "ac", 4, 0);
        ck_assert_uint_eq(cmos16(&b, 0x15), 640);
        ck_assert_uint_eq(cmos16(&b, 0x17), sizes[i].extended);
        ck_assert_uint_eq(cmos16(&b, 0x30), sizes[i].extended);
        ck_assert_uint_eq(cmos16(&b, 0x34), sizes[i].above);
        bench_free(&b);
    }
}
END_TEST

START_TEST(floppies_and_equipment)
{
    struct bench b = bench_new();

    bench_set_up(&b, 4, "a", 4, 0);
    ck_assert_uint_eq(cmos(&b, 0x10), 0x40);
    ck_assert_uint_eq(cmos(&b, 0x14), 0x05);
    bench_set_up(&b, 4, "a", 2, 3);
    ck_assert_uint_eq(cmos(&b, 0x10), 0x23);
    ck_assert_uint_eq(cmos(&b, 0x14), 0x45);
    bench_free(&b);
}
END_TEST

START_TEST(hard_disks_by_type_47)
{
    struct bench b = bench_new();

    b.disk[0] = memdisk_new("ata0", (struct disk_geometry){ 128, 16, 63 }, 0, false, NULL, NULL)->disk;
    b.disk[3] = memdisk_new("ata3", (struct disk_geometry){ 1025, 4, 10 }, 0, false, NULL, NULL)->disk;
    bench_set_up(&b, 4, "c", 4, 0);
    ck_assert_uint_eq(cmos(&b, 0x12), 0xf0);
    ck_assert_uint_eq(cmos(&b, 0x19), 47);
    ck_assert_uint_eq(cmos(&b, 0x1a), 0);
    ck_assert_uint_eq(cmos16(&b, 0x1b), 128);
    ck_assert_uint_eq(cmos(&b, 0x1d), 16);
    ck_assert_uint_eq(cmos(&b, 0x20), 0x08);
    ck_assert_uint_eq(cmos(&b, 0x23), 63);
    /* Drive 0 as it is, drive 3 has too many cylinders for INT 13h. */
    ck_assert_uint_eq(cmos(&b, 0x39), 0x40);
    bench_free(&b);
}
END_TEST

START_TEST(boot_order)
{
    static const struct {
        const char *order;
        uint8_t first_two, third;
    } orders[] = { { "acd", 0x21, 0x30 }, { "c", 0x02, 0x00 }, { "ca", 0x12, 0x00 }, { "dca", 0x23, 0x10 } };

    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct bench b = bench_new();

        bench_set_up(&b, 4, orders[i].order, 4, 0);
        ck_assert_uint_eq(cmos(&b, 0x3d), orders[i].first_two);
        ck_assert_uint_eq(cmos(&b, 0x38) & 0xf0, orders[i].third);
        bench_free(&b);
    }
}
END_TEST

START_TEST(checksum_holds)
{
    struct bench b = bench_new();
    unsigned sum = 0;

    b.disk[0] = memdisk_new("ata0", (struct disk_geometry){ 900, 15, 17 }, 0, false, NULL, NULL)->disk;
    bench_set_up(&b, 32, "ca", 4, 5);
    for (uint8_t i = 0x10; i < 0x2e; i++)
        sum += cmos(&b, i);
    ck_assert_uint_eq(cmos(&b, 0x2e), sum >> 8);
    ck_assert_uint_eq(cmos(&b, 0x2f), sum & 0xff);
    bench_free(&b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("cmos");
    TCase *tc = tcase_create("cmos");

    tcase_add_test(tc, memory_is_told_in_three_ways);
    tcase_add_test(tc, floppies_and_equipment);
    tcase_add_test(tc, hard_disks_by_type_47);
    tcase_add_test(tc, boot_order);
    tcase_add_test(tc, checksum_holds);
    suite_add_tcase(s, tc);
    return s;
}

/* Disk: overlay over a base, folding, refusal, failure, state. */
#include "config.h"

#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "core/disk.h"
#include "support/rig.h"

enum { SECTORS = 64 };

/* A base in memory that can be told to fail. */
static struct base {
    uint8_t data[SECTORS * SECTOR_SIZE];
    unsigned writes, syncs, closes;
    bool read_fails, sync_fails;
    unsigned writes_left; /* then they fail */
} base;

static int base_read(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err)
{
    struct base *b = opaque;

    if (b->read_fails) {
        err_set(err, "test: read fails");
        return -1;
    }
    memcpy(buf, b->data + lba * SECTOR_SIZE, (size_t) n * SECTOR_SIZE);
    return 0;
}

static int base_write(void *opaque, uint64_t lba, unsigned n, const void *buf, struct err *err)
{
    struct base *b = opaque;

    if (b->writes_left == 0) {
        err_set(err, "test: no space");
        return -1;
    }
    b->writes_left--;
    b->writes++;
    memcpy(b->data + lba * SECTOR_SIZE, buf, (size_t) n * SECTOR_SIZE);
    return 0;
}

static int base_sync(void *opaque, struct err *err)
{
    struct base *b = opaque;

    b->syncs++;
    if (!b->sync_fails)
        return 0;
    err_set(err, "test: sync fails");
    return -1;
}

static void base_close(void *opaque)
{
    struct base *b = opaque;

    b->closes++;
}

static const struct disk_base_ops ops = { base_read, base_write, base_sync, base_close };

static struct rig *rig;
static struct disk *disk;
static struct err err;

static void make(bool read_only, bool discard, bool keeps)
{
    struct disk_config cfg = {
        .name = "hd0", .ops = &ops, .opaque = &base, .sectors = SECTORS,
        .geometry = { 4, 4, 4 }, .read_only = read_only, .discard = discard,
        .keeps = keeps,
    };

    memset(&base, 0, sizeof base);
    base.writes_left = UINT32_MAX;
    for (size_t i = 0; i < sizeof base.data; i++)
        base.data[i] = (uint8_t) (i / SECTOR_SIZE);
    rig = rig_new();
    disk = disk_new(&cfg, rig->journal, rig->state);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    disk_free(disk);
    ck_assert_uint_eq(base.closes, 1);
    rig_free(rig);
}

static void setup(void)
{
    make(false, false, false);
}

static void remake(bool read_only, bool discard)
{
    teardown();
    make(read_only, discard, false);
}

static int put(uint64_t lba, uint8_t val)
{
    uint8_t sector[SECTOR_SIZE];

    memset(sector, val, sizeof sector);
    return disk_write(disk, lba, 1, sector);
}

static int get(uint64_t lba)
{
    uint8_t sector[SECTOR_SIZE];

    if (disk_read(disk, lba, 1, sector) < 0)
        return -1;
    for (size_t i = 1; i < SECTOR_SIZE; i++)
        ck_assert_uint_eq(sector[i], sector[0]);
    return sector[0];
}

START_TEST(writes_stay_in_the_overlay_until_folded)
{
    uint8_t run[4 * SECTOR_SIZE];

    ck_assert_uint_eq(disk_sectors(disk), SECTORS);
    ck_assert_int_eq(get(5), 5);
    ck_assert_int_eq(put(5, 0xaa), 0);
    ck_assert_int_eq(put(7, 0xbb), 0);
    ck_assert_int_eq(disk_read(disk, 4, 4, run), 0);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_uint_eq(run[i * SECTOR_SIZE + 511], ((uint8_t[]){ 4, 0xaa, 6, 0xbb })[i]);
    ck_assert_uint_eq(base.data[5 * SECTOR_SIZE], 5);
    ck_assert(disk_dirty(disk));
    ck_assert_int_eq(disk_fold(disk, &err), 0);
    ck_assert(!disk_dirty(disk));
    ck_assert_uint_eq(base.data[5 * SECTOR_SIZE], 0xaa);
    ck_assert_uint_eq(base.syncs, 1);
    ck_assert_int_eq(get(7), 0xbb);
    ck_assert_int_eq(put(7, 0xcc), 0);
    ck_assert_int_eq(get(7), 0xcc);
    ck_assert_int_eq(disk_flush(disk), 0);
    ck_assert_uint_eq(base.data[7 * SECTOR_SIZE], 0xcc);
    ck_assert_uint_eq(base.writes, 3);
}
END_TEST

/* The hash speaks of what the guest wrote, not of where it is kept. */
START_TEST(folding_is_invisible)
{
    uint64_t hash;

    put(9, 1);
    put(3, 2);
    hash = state_hash(rig->state);
    disk_fold(disk, &err);
    ck_assert_uint_eq(state_hash(rig->state), hash);
    put(3, 3);
    ck_assert_uint_ne(state_hash(rig->state), hash);
    put(3, 2);
    ck_assert_uint_eq(state_hash(rig->state), hash);
}
END_TEST

START_TEST(many_sectors)
{
    for (unsigned i = 0; i < SECTORS; i++)
        ck_assert_int_eq(put(i * 37 % SECTORS, (uint8_t) (i + 100)), 0);
    for (unsigned i = 0; i < SECTORS; i++)
        ck_assert_int_eq(get(i * 37 % SECTORS), (uint8_t) (i + 100));
}
END_TEST

START_TEST(bounds)
{
    static uint8_t buf[(DISK_RUN + 1) * SECTOR_SIZE];

    ck_assert_int_eq(get(SECTORS), -1);
    ck_assert_int_eq(put(SECTORS, 1), -1);
    ck_assert_int_eq(disk_read(disk, SECTORS - 1, 2, buf), -1);
    ck_assert_int_eq(disk_read(disk, UINT64_MAX, 1, buf), -1);
    ck_assert_int_eq(disk_read(disk, 0, DISK_RUN + 1, buf), -1);
    ck_assert_int_eq(disk_write(disk, UINT64_MAX - 1, 2, buf), -1);
    ck_assert_int_eq(disk_read(disk, SECTORS, 0, buf), 0);
}
END_TEST

START_TEST(read_only_and_discard)
{
    remake(true, false);
    ck_assert(disk_read_only(disk));
    ck_assert_int_eq(put(1, 9), -1);
    ck_assert_int_eq(get(1), 1);
    remake(false, true);
    ck_assert_int_eq(put(1, 9), 0);
    ck_assert_int_eq(disk_flush(disk), 0);
    ck_assert_int_eq(disk_fold(disk, &err), 0);
    ck_assert_uint_eq(base.writes, 0);
    ck_assert_int_eq(get(1), 9);
}
END_TEST

/* A full host disk: the guest's writes fail until there is room again, and
 * nothing that it wrote before is lost. */
START_TEST(a_host_that_fails)
{
    put(1, 0x11);
    put(5, 0x22); /* not beside the other: a write of its own */
    base.writes_left = 1;
    ck_assert_int_eq(disk_fold(disk, &err), -1);
    ck_assert_str_eq(err.msg, "test: no space");
    ck_assert_int_eq(put(3, 0x33), 0); /* the guest learns it through the journal */
    rig_run(rig, 1000);
    ck_assert_int_eq(put(4, 0x44), -1);
    ck_assert_int_eq(get(5), 0x22);
    ck_assert(disk_dirty(disk));
    ck_assert_int_eq(disk_flush(disk), -1);
    base.writes_left = UINT32_MAX;
    base.sync_fails = true;
    ck_assert_int_eq(disk_fold(disk, &err), -1);
    ck_assert(disk_dirty(disk));
    base.sync_fails = false;
    ck_assert_int_eq(disk_fold(disk, &err), 0);
    ck_assert(!disk_dirty(disk));
    rig_run(rig, 1000);
    ck_assert_int_eq(put(4, 0x44), 0);
    ck_assert_uint_eq(base.data[3 * SECTOR_SIZE], 0x33);
    base.read_fails = true;
    ck_assert_int_eq(get(2), -1);
    base.read_fails = false;
}
END_TEST

START_TEST(state_holds_what_was_written)
{
    struct buf saved = { 0 };
    uint64_t hash;

    put(1, 0x11);
    disk_fold(disk, &err);
    put(2, 0x22);
    hash = state_hash(rig->state);
    state_save(rig->state, &saved);
    put(1, 0x99);
    put(6, 0x66);
    ck_assert_int_eq(state_load(rig->state, saved.data, saved.len, &err), 0);
    ck_assert_uint_eq(state_hash(rig->state), hash);
    ck_assert_int_eq(get(1), 0x11);
    ck_assert_int_eq(get(2), 0x22);
    ck_assert_int_eq(get(6), 6);
    /* A sector that cannot be: refused, nothing changes. */
    store_le64(saved.data + saved.len - SECTOR_SIZE - 16, SECTORS | UINT64_C(1) << 63);
    ck_assert_int_eq(state_load(rig->state, saved.data, saved.len, &err), -1);
    ck_assert_uint_eq(state_hash(rig->state), hash);
    buf_free(&saved);
}
END_TEST

/* A base that keeps everything: the state names what was folded, and holds the rest. */
START_TEST(a_base_that_keeps)
{
    struct buf saved = { 0 }, lean = { 0 };
    uint64_t hash;

    teardown();
    make(false, false, true);
    put(1, 0x11);
    put(2, 0x22);
    state_save(rig->state, &saved);
    disk_fold(disk, &err);
    hash = state_hash(rig->state);
    state_save(rig->state, &lean);
    ck_assert_uint_eq(saved.len - lean.len, 2 * SECTOR_SIZE);
    put(1, 0x99);
    ck_assert_int_eq(state_load(rig->state, lean.data, lean.len, &err), 0);
    ck_assert_uint_eq(state_hash(rig->state), hash);
    ck_assert_int_eq(get(1), 0x11); /* the base has it */
    put(1, 0x11);
    ck_assert_uint_eq(state_hash(rig->state), hash);
    buf_free(&saved);
    buf_free(&lean);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("disk");
    TCase *tc = tcase_create("disk");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, writes_stay_in_the_overlay_until_folded);
    tcase_add_test(tc, folding_is_invisible);
    tcase_add_test(tc, many_sectors);
    tcase_add_test(tc, bounds);
    tcase_add_test(tc, read_only_and_discard);
    tcase_add_test(tc, a_host_that_fails);
    tcase_add_test(tc, state_holds_what_was_written);
    tcase_add_test(tc, a_base_that_keeps);
    suite_add_tcase(s, tc);
    return s;
}

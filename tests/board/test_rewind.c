/* Going back: the machine is then what it was, bit for bit, wherever it goes. */
#include "config.h"

#include "support/pc.h"
#include "support/suite.h"

#include "board/rewind.h"
#include "images/demo.h"

#define MS UINT64_C(1000000)

enum { BUDGET = 200 << 20, KEY_A = 0x04 };

static struct machine *m;
static struct rewind *r;
static struct err err;

static void set_up(void)
{
    m = pc_new(reprise_demo_disk, reprise_demo_disk_size);
    r = rewind_new(m, BUDGET);
}

static void tear_down(void)
{
    rewind_free(r);
    machine_free(m);
}

/* In slices of a millisecond, with points, and a key down or up each 100. */
static void live_to(vtime end, uint64_t insns)
{
    unsigned n = 0;

    while (machine_now(m) < end && machine_insns(m) < insns) {
        vtime now = machine_now(m), next = now - now % MS + MS;

        machine_run(m, next < end ? next : end, insns);
        rewind_look(r);
        if (++n % 100 == 0 && machine_insns(m) < insns) {
            int64_t key[JOURNAL_ARGS] = { KEY_A + n / 200 % 8, n / 100 % 2 };

            journal_post(machine_journal(m), "kbd", "key", key, NULL, 0);
        }
    }
}

START_TEST(any_earlier_instruction)
{
    enum { STOPS = 12 };
    uint64_t at[STOPS], hash[STOPS];

    for (unsigned i = 0; i < STOPS; i++) {
        at[i] = 3000017 + i * 7654321;
        live_to(VTIME_NEVER - 1, at[i]);
        hash[i] = state_hash(machine_state(m));
    }
    live_to(machine_now(m) + 3000 * MS, UINT64_MAX);
    for (unsigned i = STOPS; i-- != 0;) {
        ck_assert_msg(rewind_to_insns(r, at[i], &err) == 0, "%s", err.msg);
        ck_assert_uint_eq(machine_insns(m), at[i]);
        ck_assert_uint_eq(state_hash(machine_state(m)), hash[i]);
    }
}
END_TEST

START_TEST(step_by_step)
{
    uint64_t hash[50], insns;

    live_to(1500 * MS, UINT64_MAX);
    insns = machine_insns(m);
    for (unsigned i = 1; i < 50; i++) { /* now, it may be halted: some time after the instruction */
        machine_run(m, VTIME_NEVER - 1, insns + i);
        hash[i] = state_hash(machine_state(m));
    }
    for (unsigned i = 49; --i != 0;) {
        ck_assert_int_eq(rewind_step(r, &err), 0);
        ck_assert_uint_eq(machine_insns(m), insns + i);
        ck_assert_uint_eq(state_hash(machine_state(m)), hash[i]);
    }
}
END_TEST

/* Another future: what was posted in the one given up does not come back. */
START_TEST(the_future_is_open)
{
    struct machine *other = pc_new(reprise_demo_disk, reprise_demo_disk_size);

    live_to(900 * MS + 50, UINT64_MAX);
    ck_assert_int_eq(rewind_to_time(r, 99 * MS, &err), 0);
    machine_run(m, 1500 * MS, UINT64_MAX);
    machine_run(other, 1500 * MS, UINT64_MAX);
    pc_assert_same(m, other);
    machine_free(other);
}
END_TEST

START_TEST(disks_go_back_too)
{
    uint8_t sector[SECTOR_SIZE] = { 1 }, is[SECTOR_SIZE];
    struct disk *d = machine_disk(m, 0);
    uint64_t none = state_hash(machine_state(m)), one;

    disk_write(d, 100, 1, sector);
    disk_fold(d, &err);
    live_to(300 * MS, UINT64_MAX);
    one = state_hash(machine_state(m));
    sector[0] = 2;
    disk_write(d, 100, 1, sector);
    disk_write(d, 101, 1, sector);
    disk_fold(d, &err);
    live_to(800 * MS, UINT64_MAX);
    sector[0] = 3;
    disk_write(d, 101, 1, sector);
    /* Points in between are thinned out, what they know is not lost. */
    ck_assert_int_eq(rewind_to_time(r, 300 * MS, &err), 0);
    disk_read(d, 100, 1, is);
    ck_assert_uint_eq(is[0], 1);
    disk_read(d, 101, 1, is);
    ck_assert_uint_ne(is[0], 2);
    ck_assert_uint_eq(state_hash(machine_state(m)), one);
    ck_assert_int_eq(rewind_to_insns(r, 0, &err), 0);
    ck_assert_uint_eq(state_hash(machine_state(m)), none);
    disk_fold(d, &err);
    disk_read(d, 100, 1, is);
    ck_assert_uint_ne(is[0], 1);
}
END_TEST

static bool hurry_after(void *opaque)
{
    unsigned *asked = opaque;

    return (*asked)-- == 0;
}

/* What is given up half-way leaves nothing behind; in the end it has to be. */
START_TEST(points_that_can_wait)
{
    size_t bytes = rewind_bytes(r);
    uint64_t hash;
    vtime at;

    for (unsigned patience = 0; patience < 200; patience++) {
        unsigned asked = patience;

        machine_run(m, machine_now(m) + 5 * MS, UINT64_MAX);
        rewind_try(r, hurry_after, &asked);
        if (rewind_points(r) != 1) {
            ck_assert_uint_gt(patience, 25); /* sections alone are as many */
            break;
        }
        ck_assert_uint_eq(rewind_bytes(r), bytes);
    }
    ck_assert_uint_eq(rewind_points(r), 2);
    ck_assert_uint_ge(machine_now(m), 250 * MS);
    hash = state_hash(machine_state(m));
    at = machine_now(m);
    while (rewind_points(r) == 2) {
        unsigned never = 0;

        ck_assert_uint_lt(machine_now(m), at + 1500 * MS);
        machine_run(m, machine_now(m) + 5 * MS, UINT64_MAX);
        rewind_try(r, hurry_after, &never);
    }
    ck_assert_uint_ge(machine_now(m), at + 1000 * MS);
    ck_assert_int_eq(rewind_to_time(r, at, &err), 0);
    ck_assert_uint_eq(state_hash(machine_state(m)), hash);
}
END_TEST

/* Power off, a day later on: the way back leads through both. */
START_TEST(through_power_off)
{
    enum { KEY_O = 0x12, STOPS = 4 };
    int64_t key[JOURNAL_ARGS] = { KEY_O, 1 }, base[JOURNAL_ARGS] = { 820454400 + 86400 };
    uint64_t at[STOPS], hash[STOPS];
    vtime now;

    ck_assert(pc_wait(m, "Demo disk ready", 2000 * MS));
    journal_post(machine_journal(m), "kbd", "key", key, NULL, 0);
    while (machine_run(m, machine_now(m) + MS, UINT64_MAX) != MACHINE_POWEROFF)
        rewind_look(r);
    now = machine_now(m);
    journal_post(machine_journal(m), "rtc", "base", base, NULL, 0);
    journal_post(machine_journal(m), "machine", "power-on", NULL, NULL, 0);
    for (unsigned i = 0; i < STOPS; i++) {
        at[i] = machine_insns(m) + (i == 0 ? 0 : 100001);
        live_to(VTIME_NEVER - 1, at[i]);
        hash[i] = state_hash(machine_state(m));
    }
    live_to(now + 3000 * MS, UINT64_MAX);
    for (unsigned i = STOPS; i-- != 0;) {
        ck_assert_int_eq(rewind_to_insns(r, at[i], &err), 0);
        ck_assert_uint_eq(machine_insns(m), at[i]);
        if (i != 0) /* of the first there are two: before and after the switch */
            ck_assert_uint_eq(state_hash(machine_state(m)), hash[i]);
    }
    ck_assert(machine_powered_off(m));
}
END_TEST

START_TEST(points_get_rarer)
{
    struct rewind *small;

    live_to(40000 * MS, UINT64_MAX);
    ck_assert_uint_eq(rewind_oldest(r), 0);
    ck_assert_uint_le(rewind_points(r), 56);
    ck_assert_uint_ge(rewind_points(r), 40);
    ck_assert_uint_lt(rewind_bytes(r), BUDGET);
    ck_assert_int_eq(rewind_to_time(r, 10000 * MS, &err), 0);
    /* A small budget: the oldest go. */
    rewind_free(r);
    small = rewind_new(m, 4 << 20);
    r = small;
    live_to(60000 * MS, UINT64_MAX);
    ck_assert_uint_gt(rewind_oldest(r), 10000 * MS);
    ck_assert_int_eq(rewind_to_time(r, 10000 * MS, &err), -1);
    ck_assert_str_eq(err.msg, "so far back nothing is remembered");
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("rewind");
    TCase *tc = tcase_create("rewind");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 300);
    tcase_add_test(tc, any_earlier_instruction);
    tcase_add_test(tc, step_by_step);
    tcase_add_test(tc, the_future_is_open);
    tcase_add_test(tc, disks_go_back_too);
    tcase_add_test(tc, points_that_can_wait);
    tcase_add_test(tc, through_power_off);
    tcase_add_test(tc, points_get_rarer);
    suite_add_tcase(s, tc);
    return s;
}

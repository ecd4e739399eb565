/* Virtual time against the wall clock: design.md, section 3. */
#include "config.h"

#include "ctl/pace.h"
#include "support/suite.h"

#define MINUTE (60 * VTIME_SECOND)

START_TEST(real_time_is_exact_after_a_minute_and_a_year)
{
    struct pace p = { 0 };

    pace_start(&p, PACE_REAL, 1000, 500);
    ck_assert_uint_eq(pace_due(&p, 500), 1000);
    ck_assert_uint_eq(pace_due(&p, 500 + MINUTE), 1000 + MINUTE);
    ck_assert_uint_eq(pace_due(&p, 500 + 525600 * MINUTE), 1000 + 525600 * MINUTE);
    ck_assert_uint_eq(pace_vtime(&p, 1000 + MINUTE), 500 + MINUTE);
}
END_TEST

START_TEST(a_factor_scales_and_max_is_due_at_once)
{
    struct pace p = { 0 };

    pace_start(&p, 2 * PACE_REAL, 0, 0);
    ck_assert_uint_eq(pace_due(&p, MINUTE), MINUTE / 2);
    ck_assert_uint_eq(pace_vtime(&p, MINUTE), 2 * MINUTE);
    pace_start(&p, PACE_REAL / 100, 0, 0);
    ck_assert_uint_eq(pace_due(&p, MINUTE), 100 * MINUTE);
    pace_start(&p, 0, 77, 0);
    ck_assert_uint_eq(pace_due(&p, MINUTE), 0);
}
END_TEST

/* A short lag is made up for; a long one moves the origin by what was lost. */
START_TEST(a_late_host_moves_the_origin)
{
    struct pace p = { 0 };

    pace_start(&p, PACE_REAL, 0, 0);
    pace_check(&p, MINUTE + 50000000, MINUTE);
    ck_assert_uint_eq(pace_due(&p, MINUTE), MINUTE);
    pace_check(&p, MINUTE + 50000001, MINUTE);
    ck_assert_uint_eq(pace_due(&p, MINUTE), MINUTE + 50000001);
    ck_assert_uint_eq(p.lost, 50000001);
    pace_check(&p, MINUTE, MINUTE + VTIME_SECOND); /* early: nothing to do */
    ck_assert_uint_eq(p.lost, 50000001);
}
END_TEST

START_TEST(a_change_of_speed_goes_on_from_now)
{
    struct pace p = { 0 };

    pace_start(&p, PACE_REAL, 0, 0);
    pace_start(&p, PACE_REAL / 2, MINUTE, MINUTE);
    ck_assert_uint_eq(pace_due(&p, MINUTE), MINUTE);
    ck_assert_uint_eq(pace_due(&p, 2 * MINUTE), 3 * MINUTE);
    ck_assert_uint_eq(pace_vtime(&p, 0), MINUTE); /* never backwards */
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("pace");
    TCase *tc = tcase_create("pace");

    tcase_add_test(tc, real_time_is_exact_after_a_minute_and_a_year);
    tcase_add_test(tc, a_factor_scales_and_max_is_due_at_once);
    tcase_add_test(tc, a_late_host_moves_the_origin);
    tcase_add_test(tc, a_change_of_speed_goes_on_from_now);
    suite_add_tcase(s, tc);
    return s;
}

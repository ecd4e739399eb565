/* Virtual time: clocks do not drift, events run at their time and in order. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "core/clock.h"
#include "core/sched.h"

static const struct clock mhz1 = { .num = 1000000, .den = 1 };

static char trace[64];

static void note(void *opaque)
{
    strncat(trace, opaque, sizeof trace - strlen(trace) - 1);
}

START_TEST(time_is_the_first_at_which_the_tick_is_reached)
{
    for (uint64_t k = 0; k < 100000; k += 7) {
        vtime t = clock_time(&clk_pit, k);

        ck_assert_uint_eq(clock_ticks(&clk_pit, t), k);
        if (k != 0)
            ck_assert_uint_eq(clock_ticks(&clk_pit, t - 1), k - 1);
    }
}
END_TEST

START_TEST(a_century_of_ticks_does_not_drift)
{
    vtime century = UINT64_C(3155760000) * VTIME_SECOND;

    ck_assert_uint_eq(clock_ticks(&clk_32768, century), UINT64_C(3155760000) * 32768);
    ck_assert_uint_eq(clock_time(&clk_32768, UINT64_C(3155760000) * 32768), century);
}
END_TEST

/* An engine whose every instruction takes `cost` ticks. */
static void run(struct sched *s, vtime until, uint64_t cost)
{
    s->stop_at = until;
    sched_kick(s);
    for (;;) {
        if (s->ticks >= s->horizon && sched_service(s))
            return;
        s->ticks += cost;
        s->insns++;
    }
}

START_TEST(equal_times_run_by_priority_then_in_order)
{
    struct sched s;
    struct event a, b, c;

    sched_init(&s, &mhz1);
    trace[0] = '\0';
    event_init(&a, "a", 1, note, (char[]){ "a" });
    event_init(&b, "b", 0, note, (char[]){ "b" });
    event_init(&c, "c", 1, note, (char[]){ "c" });
    event_at(&s, &c, 5000);
    event_at(&s, &a, 5000);
    event_at(&s, &b, 5000);
    run(&s, 10000, 1);
    ck_assert_str_eq(trace, "bca");
    ck_assert_uint_eq(s.ticks, 10);
}
END_TEST

START_TEST(events_at_the_end_of_the_slice_wait)
{
    struct sched s;
    struct event a;

    sched_init(&s, &mhz1);
    trace[0] = '\0';
    event_init(&a, "a", 0, note, (char[]){ "a" });
    event_at(&s, &a, 5000);
    run(&s, 5000, 3);
    ck_assert_str_eq(trace, "");
    ck_assert_uint_eq(s.ticks, 6); /* the first boundary at or after 5 us */
    run(&s, 5001, 3);
    ck_assert_str_eq(trace, "a");
}
END_TEST

START_TEST(instruction_limit_stops_exactly)
{
    struct sched s;

    sched_init(&s, &mhz1);
    s.stop_insns = 12345;
    run(&s, VTIME_NEVER, 7);
    ck_assert_uint_eq(s.insns, 12345);
}
END_TEST

START_TEST(a_new_clock_starts_where_the_old_one_was)
{
    struct sched s;

    sched_init(&s, &mhz1);
    run(&s, 1000000, 1);
    sched_set_clock(&s, 2000000, 1);
    ck_assert_uint_eq(sched_now(&s), 1000000);
    run(&s, 2000000, 1);
    ck_assert_uint_eq(s.ticks, 3000);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("sched");
    TCase *tc = tcase_create("sched");

    tcase_add_test(tc, time_is_the_first_at_which_the_tick_is_reached);
    tcase_add_test(tc, a_century_of_ticks_does_not_drift);
    tcase_add_test(tc, equal_times_run_by_priority_then_in_order);
    tcase_add_test(tc, events_at_the_end_of_the_slice_wait);
    tcase_add_test(tc, instruction_limit_stops_exactly);
    tcase_add_test(tc, a_new_clock_starts_where_the_old_one_was);
    suite_add_tcase(s, tc);
    return s;
}

/* The journal: inputs act at the end of the slice, first of their time. */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "core/journal.h"
#include "core/sched.h"

static const struct clock mhz1 = { .num = 1000000, .den = 1 };

static struct sched sched;
static struct journal *journal;
static struct event ev;
static char trace[512], seen[512];

static void add(char *text, size_t size, const char *what, int64_t val)
{
    size_t n = strlen(text);

    snprintf(text + n, size - n, "%s%s=%ld@%lu", n ? " " : "", what, (long) val,
             (unsigned long) sched_now(&sched));
}

static void key(void *opaque, const struct journal_input *in)
{
    (void) opaque;
    add(trace, sizeof trace, "key", in->arg[0] * 10 + in->arg[1]);
}

static void bytes(void *opaque, const struct journal_input *in)
{
    int64_t sum = 0;

    (void) opaque;
    for (size_t i = 0; i < in->len; i++)
        sum += in->data[i];
    add(trace, sizeof trace, "bytes", sum);
}

static void fire(void *opaque)
{
    add(trace, sizeof trace, opaque, 0);
}

static void watch(void *opaque, vtime at, const char *device, const struct journal_kind *kind,
                  const struct journal_input *in)
{
    size_t n = strlen(seen);

    (void) opaque;
    snprintf(seen + n, sizeof seen - n, "%s@%lu %s %s %ld", n ? "; " : "", (unsigned long) at, device,
             kind->event, (long) in->arg[0]);
}

static void watch_failure(void *opaque, vtime at, const char *device, const char *event, int64_t arg)
{
    struct journal_input in = { .arg = { arg } };
    struct journal_kind kind = { .event = event };

    watch(opaque, at, device, &kind, &in);
}

static const struct journal_kind kinds[] = {
    { "key", 2, false, key },
    { "bytes", 0, true, bytes },
};

static char event_name[] = "event";

static void setup(void)
{
    sched_init(&sched, &mhz1);
    journal = journal_new(&sched);
    journal_add(journal, "dev", kinds, 2, NULL);
    journal_watch(journal, &(struct journal_watcher){ .input = watch, .failure = watch_failure });
    event_init(&ev, "event", 0, fire, event_name);
    trace[0] = seen[0] = '\0';
}

static void teardown(void)
{
    journal_free(journal);
}

/* An engine whose instructions take 3 ticks. */
static void run(vtime until)
{
    sched.stop_at = until;
    sched_kick(&sched);
    for (;;) {
        if (sched.ticks >= sched.horizon && sched_service(&sched))
            return;
        sched.ticks += 3;
        sched.insns++;
    }
}

static int post_key(int64_t a, int64_t b)
{
    return journal_post(journal, "dev", "key", (int64_t[]){ a, b }, NULL, 0);
}

START_TEST(inputs_act_at_the_end_of_the_slice)
{
    run(5000);
    ck_assert_int_eq(post_key(1, 2), 0);
    ck_assert_int_eq(post_key(3, 4), 0);
    ck_assert_str_eq(trace, ""); /* not at once */
    run(10000);
    ck_assert_int_eq(journal_post(journal, "dev", "bytes", NULL, (const uint8_t *) "\1\2\3", 3), 0);
    run(20000);
    ck_assert_str_eq(trace, "key=12@5000 key=34@5000 bytes=6@10000");
    ck_assert_str_eq(seen, "@5000 dev key 1; @5000 dev key 3; @10000 dev bytes 0");
}
END_TEST

START_TEST(inputs_come_before_events_of_their_time)
{
    event_at(&sched, &ev, 5000);
    run(5000);
    post_key(1, 0);
    run(9000);
    ck_assert_str_eq(trace, "key=10@5000 event=0@5000");
}
END_TEST

/* Stopped early the machine stands at an instruction, whose events have run: the
 * input acts after them, at once. */
START_TEST(a_slice_cut_short)
{
    event_at(&sched, &ev, 6000);
    sched.stop_insns = 2;
    run(500000);
    ck_assert_uint_eq(sched_now(&sched), 6000);
    post_key(8, 0);
    sched.stop_insns = UINT64_MAX;
    run(600000);
    ck_assert_str_eq(trace, "event=0@6000 key=80@6001");
}
END_TEST

START_TEST(nobody_takes_it)
{
    uint8_t data[8] = { 0 };

    ck_assert_int_eq(journal_post(journal, "dev", "no", (int64_t[]){ 1 }, NULL, 0), -1);
    ck_assert_int_eq(journal_post(journal, "no", "key", (int64_t[]){ 1, 2 }, NULL, 0), -1);
    ck_assert_int_eq(journal_post(journal, "dev", "key", (int64_t[]){ 1, 2 }, data, 8), -1);
    ck_assert_int_eq(journal_post(journal, "dev", "bytes", NULL, data, JOURNAL_DATA_MAX + 1), -1);
    run(1000);
    ck_assert_str_eq(trace, "");
}
END_TEST

START_TEST(only_failures_are_inputs)
{
    ck_assert(journal_outcome(journal, "ata0", "flush", 0, true));
    ck_assert_str_eq(seen, "");
    ck_assert(!journal_outcome(journal, "ata0", "flush", 9, false));
    ck_assert_str_eq(seen, "@0 ata0 flush 9");
}
END_TEST

/* What a recording saw, known beforehand, makes the same; the host is not heard. */
START_TEST(a_replay_repeats_inputs_and_failures)
{
    struct journal_input in = { .arg = { 8, 0 } };

    journal_replay(journal);
    event_at(&sched, &ev, 6000);
    ck_assert_int_eq(journal_replay_input(journal, 6001, "dev", "key", &in), 0);
    ck_assert_int_eq(journal_replay_input(journal, 6001, "dev", "mouse", &in), -1);
    run(5000);
    post_key(1, 0);
    ck_assert(journal_outcome(journal, "ata0", "flush", 9, false));
    run(7000);
    journal_replay_failure(journal, sched_now(&sched), "ata0", "flush", 9);
    ck_assert_str_eq(trace, "event=0@6000 key=80@6001");
    ck_assert(journal_outcome(journal, "ata0", "flush", 8, true));
    ck_assert(!journal_outcome(journal, "ata0", "flush", 9, true));
}
END_TEST

START_TEST(what_waits_is_freed)
{
    run(1000);
    for (int i = 0; i < 100; i++)
        post_key(i, 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("journal");
    TCase *tc = tcase_create("journal");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, inputs_act_at_the_end_of_the_slice);
    tcase_add_test(tc, inputs_come_before_events_of_their_time);
    tcase_add_test(tc, a_slice_cut_short);
    tcase_add_test(tc, nobody_takes_it);
    tcase_add_test(tc, only_failures_are_inputs);
    tcase_add_test(tc, a_replay_repeats_inputs_and_failures);
    tcase_add_test(tc, what_waits_is_freed);
    suite_add_tcase(s, tc);
    return s;
}

/* 8254. Section names are the Intel data sheet's; a tick is one CLK pulse. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "hw/pit8254.h"
#include "support/rig.h"

static struct rig *rig;
static struct pit *pit;

static void setup(void)
{
    struct pit_config cfg;

    rig = rig_new();
    cfg = (struct pit_config){ .sched = &rig->sched, .bus = rig->bus, .state = rig->state };
    cfg.out[0] = &rig->line[0];
    cfg.out[2] = &rig->line[2];
    pit = pit_new(&cfg);
    pit_set_gate(pit, 2, 1);
    rig_run(rig, 1000);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    pit_free(pit);
    rig_free(rig);
}

static uint64_t tick(void)
{
    return clock_ticks(&clk_pit, sched_now(&rig->sched));
}

/* To the first CPU tick at or after CLK pulse `k`, or n pulses from here. */
static void run_to(uint64_t k)
{
    vtime t = (clock_time(&clk_pit, k) + 99) / 100 * 100;

    rig_run(rig, t - sched_now(&rig->sched));
    ck_assert_uint_eq(tick(), k);
}

static void run_ticks(uint64_t n)
{
    run_to(tick() + n);
}

static void program(unsigned n, unsigned mode, uint16_t count)
{
    rig_out(rig, 0x43, (uint8_t) (n << 6 | 0x30 | mode << 1));
    rig_out(rig, (uint16_t) (0x40 + n), (uint8_t) count);
    rig_out(rig, (uint16_t) (0x40 + n), (uint8_t) (count >> 8));
}

static uint16_t read_count(unsigned n)
{
    uint16_t low;

    rig_out(rig, 0x43, (uint8_t) (n << 6));
    low = rig_in(rig, (uint16_t) (0x40 + n));
    return (uint16_t) (low | rig_in(rig, (uint16_t) (0x40 + n)) << 8);
}

/* OUT2 at the next n ticks as a string of '0' and '1'. */
static const char *wave(unsigned n)
{
    static char text[128];

    for (unsigned i = 0; i < n; i++) {
        run_ticks(1);
        text[i] = pit_out(pit, 2) ? '1' : '0';
    }
    text[n] = '\0';
    return text;
}

START_TEST(fields_are_complete)
{
    char text[128];

    ck_assert_msg(state_fields_complete(pit_fields, text, sizeof text), "%s", text);
}
END_TEST

/* The first pulse after the write loads: then N, N-1, ... */
static const struct waveform {
    unsigned mode;
    uint16_t count;
    const char *out; /* from the first pulse after the last write */
} waveforms[] = {
    { 0, 4, "0000111111" },
    { 0, 1, "01111" },
    { 2, 3, "110110110110" },
    { 2, 2, "10101010" },
    { 3, 4, "110011001100" },
    { 3, 5, "111001110011100" },
    { 3, 3, "110110110" },
    { 4, 3, "1110111111" },
    { 1, 3, "1111111" },
    { 5, 3, "1111111" },
};

START_TEST(output_of_each_mode)
{
    const struct waveform *w = &waveforms[_i];

    program(2, w->mode, w->count);
    ck_assert_str_eq(wave((unsigned) strlen(w->out)), w->out);
}
END_TEST

/* "Mode 1", "Mode 5": the gate triggers, also again. */
START_TEST(a_rising_gate_triggers)
{
    program(2, 1, 3);
    pit_set_gate(pit, 2, 0);
    pit_set_gate(pit, 2, 1);
    ck_assert_str_eq(wave(6), "000111");
    pit_set_gate(pit, 2, 0);
    pit_set_gate(pit, 2, 1);
    ck_assert_str_eq(wave(2), "00");
    pit_set_gate(pit, 2, 0);
    pit_set_gate(pit, 2, 1);
    ck_assert_str_eq(wave(5), "00011");
    program(2, 5, 3);
    pit_set_gate(pit, 2, 0);
    pit_set_gate(pit, 2, 1);
    ck_assert_str_eq(wave(7), "1110111");
}
END_TEST

/* "Mode 0": GATE = 0 disables counting and has no effect on OUT. */
START_TEST(gate_holds_mode_0)
{
    program(2, 0, 4);
    ck_assert_str_eq(wave(2), "00");
    ck_assert_uint_eq(read_count(2), 3);
    pit_set_gate(pit, 2, 0);
    ck_assert_str_eq(wave(6), "000000");
    ck_assert_uint_eq(read_count(2), 3);
    pit_set_gate(pit, 2, 1);
    ck_assert_str_eq(wave(4), "0011");
    ck_assert_uint_eq(read_count(2), 0xffff);
}
END_TEST

/* Linux measures the processor so: gate off, mode 0, gate on, wait for OUT. */
START_TEST(mode_0_counts_from_the_gate)
{
    pit_set_gate(pit, 2, 0);
    program(2, 0, 65535);
    run_ticks(100);
    ck_assert_uint_eq(read_count(2), 65535);
    pit_set_gate(pit, 2, 1);
    run_ticks(65534);
    ck_assert_int_eq(pit_out(pit, 2), 0);
    run_ticks(1);
    ck_assert_int_eq(pit_out(pit, 2), 1);
}
END_TEST

/* "Mode 0": the first byte of two stops the count and takes OUT low. */
START_TEST(first_byte_stops_mode_0)
{
    program(2, 0, 2);
    ck_assert_str_eq(wave(4), "0011");
    rig_out(rig, 0x42, 3);
    ck_assert_str_eq(wave(4), "0000");
    rig_out(rig, 0x42, 0);
    ck_assert_str_eq(wave(5), "00011");
}
END_TEST

/* "Mode 2", "Mode 3": a low gate forces OUT high, its rise reloads. */
START_TEST(gate_restarts_the_periodic_modes)
{
    program(2, 3, 6);
    ck_assert_str_eq(wave(5), "11100");
    pit_set_gate(pit, 2, 0);
    ck_assert_int_eq(pit_out(pit, 2), 1);
    ck_assert_str_eq(wave(4), "1111");
    pit_set_gate(pit, 2, 1);
    ck_assert_str_eq(wave(8), "11100011");
}
END_TEST

/* A new count takes over at the end of the period, or half of mode 3. */
START_TEST(new_count_waits)
{
    program(2, 2, 5);
    ck_assert_str_eq(wave(2), "11");
    rig_out(rig, 0x42, 3);
    rig_out(rig, 0x42, 0);
    rig_out(rig, 0x43, 0xe8); /* read back status: null count */
    ck_assert_uint_eq(rig_in(rig, 0x42), 0x80 | 0x40 | 0x34);
    ck_assert_str_eq(wave(9), "110110110");
    rig_out(rig, 0x43, 0xe8);
    ck_assert_uint_eq(rig_in(rig, 0x42) & 0x40, 0);
    program(2, 3, 8);
    ck_assert_str_eq(wave(2), "11");
    rig_out(rig, 0x42, 4);
    rig_out(rig, 0x42, 0);
    ck_assert_str_eq(wave(10), "1100110011");
}
END_TEST

START_TEST(elements_read_as_they_count)
{
    static const uint16_t even[] = { 6, 4, 2, 6, 4, 2, 6 }, odd[] = { 4, 2, 0, 4, 2, 4, 2, 0 };

    program(2, 3, 6);
    for (size_t i = 0; i < 7; i++) {
        run_ticks(1);
        ck_assert_uint_eq(read_count(2), even[i]);
    }
    program(2, 3, 5);
    for (size_t i = 0; i < 8; i++) {
        run_ticks(1);
        ck_assert_uint_eq(read_count(2), odd[i]);
    }
    program(2, 2, 0);
    run_ticks(1);
    ck_assert_uint_eq(read_count(2), 0);
    run_ticks(1);
    ck_assert_uint_eq(read_count(2), 0xffff);
}
END_TEST

START_TEST(bcd_counts_in_decimal)
{
    rig_out(rig, 0x43, 0xb1);
    rig_out(rig, 0x42, 0x00);
    rig_out(rig, 0x42, 0x10); /* 1000 */
    run_ticks(2);
    ck_assert_uint_eq(read_count(2), 0x0999);
    run_ticks(999);
    ck_assert_int_eq(pit_out(pit, 2), 1);
    run_ticks(1);
    ck_assert_uint_eq(read_count(2), 0x9999);
}
END_TEST

/* "Counter latch", "Read-back": latched values keep; status comes first. */
START_TEST(latches_keep_until_read)
{
    program(2, 2, 1000);
    run_ticks(1);
    rig_out(rig, 0x43, 0xc8); /* count and status of channel 2 */
    run_ticks(10);
    rig_out(rig, 0x43, 0x80); /* ignored: latched already */
    ck_assert_uint_eq(rig_in(rig, 0x42), 0x80 | 0x34);
    ck_assert_uint_eq(rig_in(rig, 0x42), 1000 & 0xff);
    ck_assert_uint_eq(rig_in(rig, 0x42), 1000 >> 8);
    ck_assert_uint_eq(rig_in(rig, 0x42), 990 & 0xff);
    ck_assert_uint_eq(rig_in(rig, 0x42), 990 >> 8);
    ck_assert_uint_eq(rig_in(rig, 0x43), 0xff);
}
END_TEST

START_TEST(single_byte_access)
{
    rig_out(rig, 0x43, 0xa4); /* high byte, mode 2 */
    rig_out(rig, 0x42, 0x12);
    run_ticks(1);
    ck_assert_uint_eq(rig_in(rig, 0x42), 0x12);
    run_ticks(1);
    ck_assert_uint_eq(rig_in(rig, 0x42), 0x11);
    rig_out(rig, 0x43, 0x94); /* low byte */
    rig_out(rig, 0x42, 0x34);
    run_ticks(1);
    ck_assert_uint_eq(rig_in(rig, 0x42), 0x34);
}
END_TEST

/* 18.2 Hz over an hour of virtual time: no drift. */
START_TEST(interrupts_keep_time)
{
    uint64_t first;
    unsigned before;

    program(0, 3, 0);
    first = tick() + 1;
    before = rig->edges[0];
    run_to(first + UINT64_C(65536) * 65520);
    ck_assert_uint_eq(rig->edges[0] - before, 65520);
    ck_assert_int_eq(rig_irq(rig, 0), 1);
    run_ticks(32767);
    ck_assert_int_eq(rig_irq(rig, 0), 1);
    run_ticks(1);
    ck_assert_int_eq(rig_irq(rig, 0), 0);
}
END_TEST

START_TEST(a_listened_output_follows)
{
    program(2, 3, 1000);
    run_ticks(5000);
    ck_assert_uint_eq(rig->edges[2], 0);
    pit_listen(pit, 2, 1);
    run_ticks(10000);
    ck_assert_uint_ge(rig->edges[2], 10);
    ck_assert_uint_le(rig->edges[2], 11);
    pit_listen(pit, 2, 0);
    run_ticks(10000);
    ck_assert_uint_le(rig->edges[2], 11);
}
END_TEST

START_TEST(refresh_runs_from_power_on)
{
    uint64_t rises = pit_rises(pit, 1);

    run_ticks(18 * 1000);
    ck_assert_uint_eq(pit_rises(pit, 1) - rises, 1000);
    program(1, 2, 36);
    run_ticks(1 + 36 * 10);
    ck_assert_uint_eq(pit_rises(pit, 1) - rises, 1010);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("pit8254");
    TCase *tc = tcase_create("pit8254");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_are_complete);
    tcase_add_loop_test(tc, output_of_each_mode, 0, sizeof waveforms / sizeof waveforms[0]);
    tcase_add_test(tc, a_rising_gate_triggers);
    tcase_add_test(tc, gate_holds_mode_0);
    tcase_add_test(tc, mode_0_counts_from_the_gate);
    tcase_add_test(tc, first_byte_stops_mode_0);
    tcase_add_test(tc, gate_restarts_the_periodic_modes);
    tcase_add_test(tc, new_count_waits);
    tcase_add_test(tc, elements_read_as_they_count);
    tcase_add_test(tc, bcd_counts_in_decimal);
    tcase_add_test(tc, latches_keep_until_read);
    tcase_add_test(tc, single_byte_access);
    tcase_add_test(tc, interrupts_keep_time);
    tcase_add_test(tc, a_listened_output_follows);
    tcase_add_test(tc, refresh_runs_from_power_on);
    suite_add_tcase(s, tc);
    return s;
}

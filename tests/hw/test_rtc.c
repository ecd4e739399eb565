/* MC146818A. Section names are the Motorola data sheet's. */
#include "config.h"

#include "support/suite.h"

#include "hw/rtc.h"
#include "support/rig.h"

enum { IRQ = 8, NMI = 9 };

static const uint64_t second = UINT64_C(1000000000);

static struct rig *rig;
static struct rtc *rtc;

static void setup(void)
{
    struct rtc_config cfg;

    rig = rig_new();
    cfg = (struct rtc_config){ &rig->sched, rig->bus, rig->state, rig->journal,
                               &rig->line[IRQ], &rig->line[NMI] };
    rtc = rtc_new(&cfg);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    rtc_free(rtc);
    rig_free(rig);
}

static uint8_t get(uint8_t index)
{
    rig_out(rig, 0x70, index);
    return rig_in(rig, 0x71);
}

static void put(uint8_t index, uint8_t val)
{
    rig_out(rig, 0x70, index);
    rig_out(rig, 0x71, val);
}

/* Year (with century) to second, as one number of BCD digits. */
static uint64_t date(void)
{
    static const uint8_t regs[] = { 0x32, 0x09, 0x08, 0x07, 0x04, 0x02, 0x00 };
    uint64_t val = 0;

    for (unsigned i = 0; i < 7; i++)
        val = val << 8 | get(regs[i]);
    return val;
}

START_TEST(fields_are_complete)
{
    char text[128];

    ck_assert_msg(state_fields_complete(rtc_fields, text, sizeof text), "%s", text);
}
END_TEST

static const struct day {
    int64_t seconds;
    uint64_t bcd;
    uint8_t weekday; /* 1: Sunday */
} days[] = {
    { 0, 0x19700101000000, 5 },
    { 820454400, 0x19960101000000, 2 },
    { 951782399, 0x20000228235959, 2 },
    { 951868799, 0x20000229235959, 3 },
    { 4107542399, 0x21000228235959, 1 },
    { -1, 0x19691231235959, 4 },
    { INT64_MAX, 0x99991231235959, 6 },
    { INT64_MIN, 0x00010101000000, 2 },
};

START_TEST(base_is_a_date)
{
    rtc_set_base(rtc, days[_i].seconds);
    ck_assert_uint_eq(date(), days[_i].bcd);
    ck_assert_uint_eq(get(6), days[_i].weekday);
}
END_TEST

START_TEST(base_passes_the_journal)
{
    int64_t base = 820454400;

    ck_assert_int_eq(journal_post(rig->journal, "rtc", "base", &base, NULL, 0), 0);
    rig_run(rig, 1000);
    ck_assert_uint_eq(date(), 0x19960101000000);
}
END_TEST

START_TEST(time_passes)
{
    rtc_set_base(rtc, 951868799);
    rig_run(rig, second - 100);
    ck_assert_uint_eq(date(), 0x20000229235959);
    rig_run(rig, 100);
    ck_assert_uint_eq(date(), 0x20000301000000);
    ck_assert_uint_eq(get(6), 4);
    rig_run(rig, 86400 * second);
    ck_assert_uint_eq(date(), 0x20000302000000);
}
END_TEST

/* "Data mode", "24/12". */
START_TEST(binary_and_12_hour_modes)
{
    put(0x0b, 0x04); /* binary, 12-hour */
    rtc_set_base(rtc, 951782399 + 12 * 3600);
    ck_assert_uint_eq(get(4), 11);
    rig_run(rig, second);
    ck_assert_uint_eq(get(4), 12 | 0x80);
    rig_run(rig, 12 * 3600 * second);
    ck_assert_uint_eq(get(4), 12);
    ck_assert_uint_eq(get(7), 1);
    ck_assert_uint_eq(get(8), 3);
    rig_run(rig, 3600 * second);
    ck_assert_uint_eq(get(4), 1);
}
END_TEST

/* "Update cycle": UIP rises t_BUC before and stays to the end. */
START_TEST(update_in_progress_warns)
{
    rig_run(rig, second - 2229000);
    ck_assert_uint_eq(get(0x0a) & 0x80, 0);
    rig_run(rig, 2000);
    ck_assert_uint_eq(get(0x0a) & 0x80, 0x80);
    rig_run(rig, 2227000);
    ck_assert_uint_eq(get(0x0a) & 0x80, 0);
    ck_assert_uint_eq(get(0), 1);
}
END_TEST

/* "SET": no updates; the divider chain runs on. */
START_TEST(set_stops_updates)
{
    rig_run(rig, second / 4);
    put(0x0b, 0x92);
    ck_assert_uint_eq(get(0x0b), 0x82);
    put(0, 0x30);
    rig_run(rig, 3 * second);
    ck_assert_uint_eq(get(0), 0x30);
    put(0x0b, 0x02);
    rig_run(rig, second * 3 / 4);
    ck_assert_uint_eq(get(0), 0x31);
}
END_TEST

/* "DV": the first update half a second after the reset is removed. */
START_TEST(divider_reset)
{
    put(0x0a, 0x70);
    rig_run(rig, 2 * second);
    ck_assert_uint_eq(get(0), 0);
    put(0x0a, 0x26);
    rig_run(rig, second / 2 - 40000);
    ck_assert_uint_eq(get(0), 0);
    rig_run(rig, 40000);
    ck_assert_uint_eq(get(0), 1);
    rig_run(rig, second);
    ck_assert_uint_eq(get(0), 2);
}
END_TEST

START_TEST(periodic_interrupt_repeats_after_c_is_read)
{
    put(0x0b, 0x42); /* 1024 Hz */
    rig_run(rig, 976500);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_run(rig, 100);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    rig_run(rig, 5000000);
    ck_assert_uint_eq(rig->edges[IRQ], 1);
    ck_assert_uint_eq(get(0x0c), 0xc0);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    for (int i = 0; i < 1024; i++) {
        rig_run(rig, 976600);
        get(0x0c);
    }
    ck_assert_uint_eq(rig->edges[IRQ], 1025);
}
END_TEST

START_TEST(periodic_flag_needs_no_enable)
{
    rig_run(rig, 2000000);
    ck_assert_uint_eq(get(0x0c), 0x40);
    ck_assert_uint_eq(get(0x0c), 0x00);
    put(0x0a, 0x20);
    rig_run(rig, 100000000);
    ck_assert_uint_eq(get(0x0c), 0x00);
}
END_TEST

START_TEST(update_ended_and_alarm)
{
    put(0x0b, 0x12);
    put(0x0a, 0x20);
    rig_run(rig, second);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    ck_assert_uint_eq(get(0x0c) & 0xb0, 0x90);
    put(0x0b, 0x22);
    put(1, 0x05);
    put(3, 0xff);
    put(5, 0xc0);
    rig_run(rig, 3 * second);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_run(rig, second);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    ck_assert_uint_eq(get(0x0c) & 0xb0, 0xb0);
    rig_run(rig, 60 * second);
    ck_assert_uint_eq(rig->edges[IRQ], 3);
}
END_TEST

START_TEST(registers_and_memory)
{
    ck_assert_uint_eq(get(0x0d), 0x80);
    put(0x0d, 0x00);
    put(0x0c, 0xff);
    ck_assert_uint_eq(get(0x0d), 0x80);
    ck_assert_uint_eq(get(0x0c), 0x00);
    for (unsigned i = 0x0e; i < 0x80; i++)
        put((uint8_t) i, (uint8_t) (i * 5));
    for (unsigned i = 0x0e; i < 0x80; i++)
        ck_assert_uint_eq(get((uint8_t) i), (uint8_t) (i * 5));
    rtc_cmos_set(rtc, 0x10, 0x44);
    ck_assert_uint_eq(get(0x90), 0x44); /* bit 7 masks NMI */
    ck_assert_int_eq(rig_irq(rig, NMI), 1);
    ck_assert_uint_eq(rig_in(rig, 0x70), 0xff);
    get(0x10);
    ck_assert_int_eq(rig_irq(rig, NMI), 0);
}
END_TEST

START_TEST(reset_keeps_time_and_memory)
{
    put(0x0b, 0x72);
    put(0x20, 0x99);
    rig_run(rig, 5 * second);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    rtc_reset(rtc);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    ck_assert_uint_eq(get(0x0b), 0x02);
    ck_assert_uint_eq(get(0x20), 0x99);
    ck_assert_uint_eq(get(0), 0x05);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("rtc");
    TCase *tc = tcase_create("rtc");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_are_complete);
    tcase_add_loop_test(tc, base_is_a_date, 0, sizeof days / sizeof days[0]);
    tcase_add_test(tc, base_passes_the_journal);
    tcase_add_test(tc, time_passes);
    tcase_add_test(tc, binary_and_12_hour_modes);
    tcase_add_test(tc, update_in_progress_warns);
    tcase_add_test(tc, set_stops_updates);
    tcase_add_test(tc, divider_reset);
    tcase_add_test(tc, periodic_interrupt_repeats_after_c_is_read);
    tcase_add_test(tc, periodic_flag_needs_no_enable);
    tcase_add_test(tc, update_ended_and_alarm);
    tcase_add_test(tc, registers_and_memory);
    tcase_add_test(tc, reset_keeps_time_and_memory);
    suite_add_tcase(s, tc);
    return s;
}

/* The mouse on a bare wire. Section names are the PS/2 technical reference's. */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>

#include "hw/ps2_mouse.h"
#include "support/rig.h"

static struct rig *rig;
static struct ps2_wire wire;
static struct ps2_mouse *mouse;

static void setup(void)
{
    struct ps2_mouse_config cfg;

    rig = rig_new();
    wire = (struct ps2_wire){ 0 };
    cfg = (struct ps2_mouse_config){ &rig->sched, rig->state, rig->journal, &wire };
    mouse = ps2_mouse_new(&cfg);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    ps2_mouse_free(mouse);
    rig_free(rig);
}

static const char *bytes(void)
{
    static char text[256];
    int n = 0;

    text[0] = '\0';
    while (wire.ready(wire.device))
        n += snprintf(text + n, sizeof text - (size_t) n, n ? " %02x" : "%02x", wire.take(wire.device));
    return text;
}

static const char *command(uint8_t cmd)
{
    wire.put(wire.device, cmd);
    return bytes();
}

static void option(uint8_t cmd, uint8_t val)
{
    ck_assert_str_eq(command(cmd), "fa");
    ck_assert_str_eq(command(val), "fa");
}

static void knock(uint8_t a, uint8_t b, uint8_t c)
{
    option(0xf3, a);
    option(0xf3, b);
    option(0xf3, c);
}

static void move(int64_t dx, int64_t dy, int64_t dz)
{
    int64_t args[3] = { dx, dy, dz };

    ck_assert_int_eq(journal_post(rig->journal, "mouse", "move", args, NULL, 0), 0);
    rig_run(rig, 1000);
}

static void button(int64_t index, int64_t down)
{
    int64_t args[2] = { index, down };

    ck_assert_int_eq(journal_post(rig->journal, "mouse", "button", args, NULL, 0), 0);
    rig_run(rig, 1000);
}

static const char *sample(void)
{
    rig_run(rig, 25000000);
    return bytes();
}

START_TEST(fields_are_complete)
{
    char text[128];

    ck_assert_msg(state_fields_complete(ps2_mouse_fields, text, sizeof text), "%s", text);
}
END_TEST

START_TEST(silent_until_enabled)
{
    move(5, 5, 0);
    button(MOUSE_LEFT, 1);
    ck_assert_str_eq(sample(), "");
    ck_assert_str_eq(command(0xf4), "fa");
    ck_assert_str_eq(sample(), "");
    move(1, -2, 0);
    ck_assert_str_eq(sample(), "29 01 fe");
}
END_TEST

START_TEST(stream_mode_reports_at_the_sample_rate)
{
    option(0xf3, 10);
    ck_assert_str_eq(command(0xf4), "fa");
    move(3, 0, 0);
    move(4, 9, 0);
    rig_run(rig, 90000000);
    ck_assert_str_eq(bytes(), "");
    rig_run(rig, 10000000);
    ck_assert_str_eq(bytes(), "08 07 09");
    button(MOUSE_RIGHT, 1);
    button(MOUSE_MIDDLE, 1);
    rig_run(rig, 100000000);
    ck_assert_str_eq(bytes(), "0e 00 00");
    rig_run(rig, 1000000000);
    ck_assert_str_eq(bytes(), "");
}
END_TEST

START_TEST(long_motion_comes_in_parts)
{
    ck_assert_str_eq(command(0xf4), "fa");
    move(-300, 600, 0);
    ck_assert_str_eq(sample(), "18 01 ff");
    ck_assert_str_eq(sample(), "18 d3 ff");
    ck_assert_str_eq(sample(), "08 00 5a");
    ck_assert_str_eq(sample(), "");
}
END_TEST

START_TEST(scaling_2_to_1)
{
    static const int counts[][2] = { { 1, 1 }, { 2, 1 }, { 3, 3 }, { 4, 6 }, { 5, 9 }, { 6, 12 }, { 7, 14 } };
    char want[16];

    ck_assert_str_eq(command(0xe7), "fa");
    ck_assert_str_eq(command(0xf4), "fa");
    for (unsigned i = 0; i < 7; i++) {
        move(counts[i][0], 0, 0);
        snprintf(want, sizeof want, "08 %02x 00", (unsigned) counts[i][1]);
        ck_assert_str_eq(sample(), want);
    }
}
END_TEST

START_TEST(remote_and_wrap_mode)
{
    ck_assert_str_eq(command(0xf0), "fa");
    move(1, 2, 0);
    ck_assert_str_eq(sample(), "");
    ck_assert_str_eq(command(0xeb), "fa 08 01 02");
    ck_assert_str_eq(command(0xeb), "fa 08 00 00");
    ck_assert_str_eq(command(0xee), "fa");
    ck_assert_str_eq(command(0xf4), "f4");
    ck_assert_str_eq(command(0x55), "55");
    ck_assert_str_eq(command(0xec), "fa");
    ck_assert_str_eq(command(0xe9), "fa 40 02 64");
    ck_assert_str_eq(command(0xea), "fa");
}
END_TEST

START_TEST(status_request)
{
    option(0xe8, 3);
    option(0xf3, 40);
    ck_assert_str_eq(command(0xe7), "fa");
    ck_assert_str_eq(command(0xf4), "fa");
    button(MOUSE_LEFT, 1);
    sample();
    ck_assert_str_eq(command(0xe9), "fa 34 03 28");
    ck_assert_str_eq(command(0xf6), "fa");
    ck_assert_str_eq(command(0xe9), "fa 04 02 64");
}
END_TEST

START_TEST(wheel_after_the_knock)
{
    ck_assert_str_eq(command(0xf2), "fa 00");
    knock(200, 100, 80);
    ck_assert_str_eq(command(0xf2), "fa 03");
    ck_assert_str_eq(command(0xf4), "fa");
    move(0, 0, 1);
    ck_assert_str_eq(sample(), "08 00 00 ff");
    move(0, 0, -1);
    ck_assert_str_eq(sample(), "08 00 00 01");
    button(MOUSE_5, 1);
    ck_assert_str_eq(sample(), "");
    knock(200, 200, 80);
    ck_assert_str_eq(command(0xf2), "fa 04");
    ck_assert_str_eq(sample(), "08 00 00 20");
    button(MOUSE_4, 1);
    move(1, 0, 9);
    ck_assert_str_eq(sample(), "08 01 00 39");
    ck_assert_str_eq(sample(), "08 00 00 3e");
}
END_TEST

START_TEST(reset_and_wrong_bytes)
{
    ck_assert_str_eq(command(0x12), "fe");
    ck_assert_str_eq(command(0x12), "fc");
    ck_assert_str_eq(command(0xf3), "fa");
    ck_assert_str_eq(command(33), "fe");
    ck_assert_str_eq(command(40), "fa");
    ck_assert_str_eq(command(0xfe), "fa");
    ck_assert_str_eq(command(0xff), "fa");
    rig_run(rig, 49000000);
    ck_assert_str_eq(bytes(), "");
    rig_run(rig, 1000000);
    ck_assert_str_eq(bytes(), "aa 00");
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("ps2_mouse");
    TCase *tc = tcase_create("ps2_mouse");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_are_complete);
    tcase_add_test(tc, silent_until_enabled);
    tcase_add_test(tc, stream_mode_reports_at_the_sample_rate);
    tcase_add_test(tc, long_motion_comes_in_parts);
    tcase_add_test(tc, scaling_2_to_1);
    tcase_add_test(tc, remote_and_wrap_mode);
    tcase_add_test(tc, status_request);
    tcase_add_test(tc, wheel_after_the_knock);
    tcase_add_test(tc, reset_and_wrong_bytes);
    suite_add_tcase(s, tc);
    return s;
}

/* The keyboard on a bare wire. Section names are the PS/2 technical reference's. */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>

#include "hw/ps2_keyboard.h"
#include "support/rig.h"

static struct rig *rig;
static struct ps2_wire wire;
static struct ps2_keyboard *kbd;
static unsigned wakes;

static void woken(void *opaque)
{
    (void) opaque;
    wakes++;
}

static void setup(void)
{
    struct ps2_keyboard_config cfg;

    rig = rig_new();
    wakes = 0;
    wire = (struct ps2_wire){ .wake = woken };
    cfg = (struct ps2_keyboard_config){ &rig->sched, rig->state, rig->journal, &wire };
    kbd = ps2_keyboard_new(&cfg);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    ps2_keyboard_free(kbd);
    rig_free(rig);
}

static void key(unsigned code, int down)
{
    int64_t args[2] = { code, down };

    ck_assert_int_eq(journal_post(rig->journal, "kbd", "key", args, NULL, 0), 0);
    rig_run(rig, 1000);
}

/* All bytes that wait, as hexadecimal. */
static const char *bytes(void)
{
    static char text[256];
    int n = 0;

    text[0] = '\0';
    while (wire.ready(wire.device))
        n += snprintf(text + n, sizeof text - (size_t) n, n ? " %02x" : "%02x", wire.take(wire.device));
    return text;
}

static const char *tap(unsigned code)
{
    key(code, 1);
    key(code, 0);
    return bytes();
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

START_TEST(fields_are_complete)
{
    char text[128];

    ck_assert_msg(state_fields_complete(ps2_keyboard_fields, text, sizeof text), "%s", text);
}
END_TEST

static const struct tapped {
    unsigned key;
    const char *set1, *set2, *set3;
} tapped[] = {
    { KEY_A, "1e 9e", "1c f0 1c", "1c" },
    { KEY_Z, "2c ac", "1a f0 1a", "1a" },
    { KEY_F1 + 6, "41 c1", "83 f0 83", "37" }, /* F7 */
    { KEY_ESC, "01 81", "76 f0 76", "08" },
    { KEY_LEFT_SHIFT, "2a aa", "12 f0 12", "12 f0 12" },
    { KEY_RIGHT_CTRL, "e0 1d e0 9d", "e0 14 e0 f0 14", "58" },
    { KEY_UP, "e0 48 e0 c8", "e0 75 e0 f0 75", "63" },
    { KEY_PAD_ENTER, "e0 1c e0 9c", "e0 5a e0 f0 5a", "79" },
    { KEY_PAD_1 + 4, "4c cc", "73 f0 73", "73" }, /* 5 */
    { KEY_PRINT_SCREEN, "e0 2a e0 37 e0 b7 e0 aa", "e0 12 e0 7c e0 f0 7c e0 f0 12", "57" },
    { KEY_PAUSE, "e1 1d 45 e1 9d c5", "e1 14 77 e1 f0 14 f0 77", "62" },
    { KEY_EUROPE_2, "56 d6", "61 f0 61", "13" },
};

START_TEST(codes_of_each_set)
{
    const struct tapped *t = &tapped[_i];

    ck_assert_str_eq(tap(t->key), t->set2);
    option(0xf0, 1);
    ck_assert_str_eq(tap(t->key), t->set1);
    option(0xf0, 3);
    ck_assert_str_eq(tap(t->key), t->set3);
    ck_assert_str_eq(command(0xf0), "fa");
    ck_assert_str_eq(command(0), "fa 03");
}
END_TEST

/* "Scan code set 2": keys 75 to 89, 95, 124 and 126 with Shift, Ctrl, Alt, Num Lock. */
START_TEST(keys_that_depend_on_others)
{
    key(KEY_LEFT_SHIFT, 1);
    ck_assert_str_eq(bytes(), "12");
    ck_assert_str_eq(tap(KEY_LEFT), "e0 f0 12 e0 6b e0 f0 6b e0 12");
    ck_assert_str_eq(tap(KEY_PAD_SLASH), "e0 f0 12 e0 4a e0 f0 4a e0 12");
    ck_assert_str_eq(tap(KEY_PRINT_SCREEN), "e0 7c e0 f0 7c");
    option(0xed, LED_NUM);
    ck_assert_uint_eq(ps2_keyboard_leds(kbd), LED_NUM);
    ck_assert_str_eq(tap(KEY_LEFT), "e0 6b e0 f0 6b");
    key(KEY_LEFT_SHIFT, 0);
    bytes();
    ck_assert_str_eq(tap(KEY_LEFT), "e0 12 e0 6b e0 f0 6b e0 f0 12");
    ck_assert_str_eq(tap(KEY_PAD_SLASH), "e0 4a e0 f0 4a");
    key(KEY_LEFT_ALT, 1);
    bytes();
    ck_assert_str_eq(tap(KEY_PRINT_SCREEN), "84 f0 84");
    key(KEY_LEFT_CTRL, 1);
    bytes();
    ck_assert_str_eq(tap(KEY_PAUSE), "e0 7e e0 f0 7e");
}
END_TEST

/* "Typematic": 500 ms, then 10.9 a second; the last key struck repeats. */
START_TEST(held_keys_repeat)
{
    unsigned n = 0;

    key(KEY_A + 1, 1);
    bytes();
    rig_run(rig, 499000000);
    ck_assert_str_eq(bytes(), "");
    rig_run(rig, 1000000);
    ck_assert_str_eq(bytes(), "32");
    for (int i = 0; i < 1000; i++) {
        rig_run(rig, 10000000);
        while (wire.ready(wire.device)) {
            ck_assert_uint_eq(wire.take(wire.device), 0x32);
            n++;
        }
    }
    ck_assert_uint_eq(n, 109);
    option(0xf3, 0x00); /* 250 ms, 30 a second */
    key(KEY_A, 1);
    bytes();
    rig_run(rig, 251000000);
    ck_assert_str_eq(bytes(), "1c");
    rig_run(rig, 33333334);
    ck_assert_str_eq(bytes(), "1c");
    key(KEY_A, 0);
    bytes();
    rig_run(rig, 2000000000);
    ck_assert_str_eq(bytes(), ""); /* the key before does not go on */
}
END_TEST

/* "If a key is held and the clock is inhibited, only the first make is stored." */
START_TEST(repeats_do_not_fill_the_buffer)
{
    key(KEY_A, 1);
    rig_run(rig, 10000000000u);
    key(KEY_A, 0);
    ck_assert_str_eq(bytes(), "1c f0 1c");
}
END_TEST

START_TEST(the_buffer_overruns)
{
    for (unsigned k = KEY_A; k < KEY_A + 8; k++) {
        key(k, 1);
        key(k, 0);
    }
    ck_assert_uint_eq(ps2_keyboard_pending(kbd), 17);
    ck_assert_str_eq(bytes(), "1c f0 1c 32 f0 32 21 f0 21 23 f0 23 24 f0 24 2b 00");
    ck_assert_str_eq(tap(KEY_A), "1c f0 1c");
}
END_TEST

START_TEST(commands)
{
    ck_assert_str_eq(command(0xee), "ee");
    ck_assert_str_eq(command(0xf2), "fa ab 83");
    ck_assert_str_eq(command(0xfe), "83");
    ck_assert_str_eq(command(0x00), "fe");
    ck_assert_str_eq(command(0xef), "fe");
    ck_assert_str_eq(command(0xf5), "fa");
    ck_assert_str_eq(tap(KEY_A), "");
    ck_assert_str_eq(command(0xf4), "fa");
    ck_assert_str_eq(tap(KEY_A), "1c f0 1c");
    ck_assert_str_eq(command(0xed), "fa");
    key(KEY_A, 1);
    ck_assert_str_eq(bytes(), ""); /* an option byte is due */
    ck_assert_str_eq(command(0x07), "fa 1c");
    ck_assert_uint_eq(ps2_keyboard_leds(kbd), 7);
    ck_assert_str_eq(command(0xed), "fa");
    ck_assert_str_eq(command(0xee), "ee"); /* instead of the option */
    ck_assert_str_eq(command(0xff), "fa");
    ck_assert_uint_eq(ps2_keyboard_leds(kbd), 0);
    wakes = 0;
    rig_run(rig, 49000000);
    ck_assert_uint_eq(wakes, 0);
    rig_run(rig, 1100000);
    ck_assert_uint_eq(wakes, 1);
    ck_assert_str_eq(bytes(), "aa");
}
END_TEST

/* "Set key type": set 3 alone obeys. */
START_TEST(key_types_of_set_3)
{
    option(0xf0, 3);
    ck_assert_str_eq(command(0xf8), "fa");
    ck_assert_str_eq(tap(KEY_A), "1c f0 1c");
    ck_assert_str_eq(command(0xf9), "fa");
    ck_assert_str_eq(tap(KEY_LEFT_SHIFT), "12");
    ck_assert_str_eq(command(0xfc), "fa");
    ck_assert_str_eq(command(0x1c), "fa");
    ck_assert_str_eq(command(0x21), "fa");
    ck_assert_str_eq(command(0xf4), "fa");
    ck_assert_str_eq(tap(KEY_A), "1c f0 1c");
    ck_assert_str_eq(tap(KEY_A + 1), "32");
    ck_assert_str_eq(tap(KEY_A + 2), "21 f0 21");
    ck_assert_str_eq(command(0xfa), "fa");
    key(KEY_A + 1, 1);
    ck_assert_str_eq(bytes(), "32");
    rig_run(rig, 550000000);
    ck_assert_str_eq(bytes(), "32");
}
END_TEST

START_TEST(keys_that_are_none_do_nothing)
{
    int64_t args[2] = { 0, 1 };

    for (int64_t code = -2; code < 300; code++) {
        args[0] = code;
        args[1] = 1;
        journal_post(rig->journal, "kbd", "key", args, NULL, 0);
        args[1] = 0;
        journal_post(rig->journal, "kbd", "key", args, NULL, 0);
        rig_run(rig, 1000);
        bytes();
    }
    ck_assert_uint_eq(ps2_keyboard_pending(kbd), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("ps2_keyboard");
    TCase *tc = tcase_create("ps2_keyboard");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_are_complete);
    tcase_add_loop_test(tc, codes_of_each_set, 0, sizeof tapped / sizeof tapped[0]);
    tcase_add_test(tc, keys_that_depend_on_others);
    tcase_add_test(tc, held_keys_repeat);
    tcase_add_test(tc, repeats_do_not_fill_the_buffer);
    tcase_add_test(tc, the_buffer_overruns);
    tcase_add_test(tc, commands);
    tcase_add_test(tc, key_types_of_set_3);
    tcase_add_test(tc, keys_that_are_none_do_nothing);
    suite_add_tcase(s, tc);
    return s;
}

/* The window's keys: names, chords, changes. */
#include "config.h"

#include "ctl/bindings.h"

#include <stdio.h>
#include <string.h>

#include "ctl/latency.h"
#include "support/suite.h"

enum { KEY_F1 = 0x3a, KEY_PAUSE = 0x48, KEY_ENTER = 0x28 };

static struct bindings b;

static void setup(void)
{
    bindings_init(&b);
}

/* conventions: the keys of DOSBox. */
static const struct {
    struct chord chord;
    enum command command;
} defaults[] = {
    { { CHORD_CTRL, KEY_F1 }, COMMAND_HELP },
    { { CHORD_CTRL, KEY_F1 + 3 }, COMMAND_SWAP_FLOPPY },
    { { CHORD_CTRL, KEY_F1 + 4 }, COMMAND_SCREENSHOT },
    { { CHORD_CTRL | CHORD_SHIFT, KEY_F1 + 4 }, COMMAND_SCREEN_TEXT },
    { { CHORD_CTRL, KEY_F1 + 8 }, COMMAND_QUIT },
    { { CHORD_CTRL, KEY_F1 + 9 }, COMMAND_RELEASE_MOUSE },
    { { CHORD_CTRL, KEY_F1 + 10 }, COMMAND_SLOWER },
    { { CHORD_CTRL, KEY_F1 + 11 }, COMMAND_FASTER },
    { { CHORD_ALT, KEY_F1 + 11 }, COMMAND_FAST_FORWARD },
    { { CHORD_ALT, KEY_ENTER }, COMMAND_FULLSCREEN },
    { { CHORD_ALT, KEY_PAUSE }, COMMAND_PAUSE },
    { { CHORD_CTRL | CHORD_ALT, 0x4a }, COMMAND_RESET },
    { { 0, KEY_F1 }, COMMAND_NONE },
    { { CHORD_CTRL | CHORD_ALT, 0x4c }, COMMAND_NONE }, /* Ctrl+Alt+Del is the guest's */
    { { CHORD_CTRL | CHORD_WIN, KEY_F1 }, COMMAND_NONE },
};

START_TEST(default_keys)
{
    ck_assert_int_eq(bindings_find(&b, defaults[_i].chord), defaults[_i].command);
}
END_TEST

START_TEST(every_command_has_keys_of_its_own)
{
    for (unsigned i = 0; i < COMMANDS; i++) {
        ck_assert_uint_ne(b.chord[i].usage, 0);
        ck_assert_int_eq(bindings_find(&b, b.chord[i]), i);
    }
}
END_TEST

START_TEST(what_is_printed_can_be_read)
{
    for (unsigned i = 0; i < COMMANDS; i++) {
        char keys[CHORD_TEXT], text[128];
        struct chord before = b.chord[i];
        struct err err = { "" };

        chord_print(before, keys);
        snprintf(text, sizeof text, "%s=%s", command_name((enum command) i), keys);
        ck_assert_int_eq(bindings_set(&b, text, &err), 0);
        ck_assert_int_eq(memcmp(&before, &b.chord[i], sizeof before), 0);
    }
}
END_TEST

START_TEST(keys_can_be_changed_and_given_to_the_guest)
{
    struct err err = { "" };
    char keys[CHORD_TEXT];

    ck_assert_int_eq(bindings_set(&b, "pause=shift+ctrl+q", &err), 0);
    ck_assert_int_eq(bindings_find(&b, (struct chord){ CHORD_CTRL | CHORD_SHIFT, 0x14 }), COMMAND_PAUSE);
    ck_assert_int_eq(bindings_find(&b, (struct chord){ CHORD_ALT, KEY_PAUSE }), COMMAND_NONE);
    ck_assert_int_eq(bindings_set(&b, "pause=none", &err), 0);
    ck_assert_int_eq(bindings_find(&b, (struct chord){ 0, 0 }), COMMAND_NONE);
    chord_print(b.chord[COMMAND_PAUSE], keys);
    ck_assert_str_eq(keys, "none");
    ck_assert_int_eq(bindings_set(&b, "screenshot=PrintScreen", &err), 0);
}
END_TEST

static const char *const bad[] = {
    "", "pause", "=", "pauze=F1", "pause=", "pause=Ctrl", "pause=Ctrl+", "pause=F13", "pause=Ctrl+Foo",
    "pause=Ctrl+F9", "pause=Ctrl+F1+F2", "averyveryveryverylongnameofacommand=F1",
};

START_TEST(what_is_no_binding_is_refused)
{
    struct bindings before = b;
    struct err err = { "" };

    ck_assert_int_eq(bindings_set(&b, bad[_i], &err), -1);
    ck_assert_str_ne(err.msg, "");
    ck_assert_int_eq(memcmp(&before, &b, sizeof b), 0);
}
END_TEST

START_TEST(left_and_right_modifiers_count_as_one)
{
    ck_assert_uint_eq(chord_modifier(0xe0), CHORD_CTRL);
    ck_assert_uint_eq(chord_modifier(0xe5), CHORD_SHIFT);
    ck_assert_uint_eq(chord_modifier(0xe6), CHORD_ALT);
    ck_assert_uint_eq(chord_modifier(0xe7), CHORD_WIN);
    ck_assert_uint_eq(chord_modifier(0xe8), 0);
    ck_assert_uint_eq(chord_modifier(0x04), 0);
}
END_TEST

/* --- latency --------------------------------------------------------------- */

START_TEST(one_key_at_a_time_is_measured)
{
    struct latency l = { 0 };
    char text[512];

    latency_irq(&l, 5); /* of nobody's key */
    latency_key(&l, 1000, 1500);
    latency_key(&l, 2000, 2500); /* while the first is under way */
    latency_irq(&l, 301000);
    latency_irq(&l, 302000);
    latency_key(&l, 1000000, 1000000);
    latency_irq(&l, 2100000);
    latency_key(&l, 3000000, 3000000); /* never answered */
    latency_key(&l, 2000000000, 2000000000);
    latency_irq(&l, 2000050000);
    latency_print(&l, text, sizeof text);
    ck_assert_str_eq(text, "host key to guest IRQ 1: 3 keys, 1 unanswered; us: least 50, median 300, "
                           "99 % 300, most 1100; to 100: 1 to 200: 0 to 500: 1 to 1000: 0 to 2000: 1 "
                           "to 5000: 0 to 10000: 0 more: 0");
    sample_free(&l.sample);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("bindings");
    TCase *tc = tcase_create("bindings");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, default_keys, 0, sizeof defaults / sizeof defaults[0]);
    tcase_add_test(tc, every_command_has_keys_of_its_own);
    tcase_add_test(tc, what_is_printed_can_be_read);
    tcase_add_test(tc, keys_can_be_changed_and_given_to_the_guest);
    tcase_add_loop_test(tc, what_is_no_binding_is_refused, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tc, left_and_right_modifiers_count_as_one);
    tcase_add_test(tc, one_key_at_a_time_is_measured);
    suite_add_tcase(s, tc);
    return s;
}

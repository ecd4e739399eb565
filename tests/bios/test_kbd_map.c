/*
 * Key codes (src/bios/kbd_map.c) against IBM PC AT Technical Reference (March
 * 1986), section 4, "Keyboard encoding", and INT 16h functions 00h, 10h.
 */
#include <ctype.h>

#include "bios/kbd_map.h"
#include "support/suite.h"

START_TEST(letters_follow_their_rule)
{
    static const char rows[] = "qwertyuiop";

    for (unsigned i = 0; i < sizeof rows - 1; i++) {
        const uint16_t *key = kbd_map[0x10 + i];
        unsigned scan = (0x10 + i) << 8;

        ck_assert_uint_eq(key[KBD_PLAIN], scan | (unsigned) rows[i]);
        ck_assert_uint_eq(key[KBD_SHIFTED], scan | (unsigned) toupper(rows[i]));
        ck_assert_uint_eq(key[KBD_WITH_CTRL], scan | (rows[i] & 0x1fu));
        ck_assert_uint_eq(key[KBD_WITH_ALT], scan);
    }
}
END_TEST

/* Each printable ASCII character can be typed by exactly one key and column. */
START_TEST(each_character_has_a_key)
{
    for (int c = ' '; c < 0x7f; c++) {
        unsigned found = 0;

        for (unsigned scan = 1; scan < 0x47; scan++) {
            if (scan == 0x37)
                continue; /* the * of the number pad */
            for (unsigned col = KBD_PLAIN; col <= KBD_SHIFTED; col++)
                if (kbd_map[scan][col] == (scan << 8 | (unsigned) c))
                    found++;
        }
        ck_assert_msg(found == (c == ' ' ? 2u : 1u), "character '%c': %u keys",
                      c, found);
    }
}
END_TEST

START_TEST(no_two_keys_with_ctrl_or_alt_are_the_same)
{
    for (unsigned col = KBD_WITH_CTRL; col <= KBD_WITH_ALT; col++)
        for (unsigned a = 1; a < KBD_MAP_KEYS; a++)
            for (unsigned b = a + 1; b < KBD_MAP_KEYS; b++)
                ck_assert_msg(kbd_map[a][col] == 0 ||
                                  kbd_map[a][col] != kbd_map[b][col],
                              "keys %02x and %02x", a, b);
}
END_TEST

static const struct {
    uint16_t ring, old, new;
} shown[] = {
    { 0x1e61, 0x1e61, 0x1e61 },
    { 0x3b00, 0x3b00, 0x3b00 },
    { 0x8400, 0x8400, 0x8400 },
    { 0x8500, 0, 0x8500 }, /* F11 */
    { 0x47e0, 0x4700, 0x47e0 },
    { 0x77e0, 0x7700, 0x77e0 },
    { 0x8de0, 0, 0x8de0 },
    { 0xe00d, 0x1c0d, 0xe00d },
    { 0xe00a, 0x1c0a, 0xe00a },
    { 0xe02f, 0x352f, 0xe02f },
    { 0x01f0, 0, 0x0100 },
    { 0x4cf0, 0, 0x4c00 },
    { 0xa600, 0, 0xa600 },
    /* By Alt and number pad: characters F0h and E0h. */
    { 0x00f0, 0x00f0, 0x00f0 },
    { 0x00e0, 0x00e0, 0x00e0 },
};

START_TEST(old_and_new_functions_show_keys_their_way)
{
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        ck_assert_uint_eq(kbd_old_code(shown[i].ring), shown[i].old);
        ck_assert_uint_eq(kbd_new_code(shown[i].ring), shown[i].new);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("bios kbd_map");
    TCase *tc = tcase_create("kbd_map");

    tcase_add_test(tc, letters_follow_their_rule);
    tcase_add_test(tc, each_character_has_a_key);
    tcase_add_test(tc, no_two_keys_with_ctrl_or_alt_are_the_same);
    tcase_add_test(tc, old_and_new_functions_show_keys_their_way);
    suite_add_tcase(s, tc);
    return s;
}

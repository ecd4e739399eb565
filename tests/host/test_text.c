/* The screen as text. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "host/text.h"

START_TEST(trailing_blanks_of_every_kind_are_cut)
{
    struct video_cell cell[6] = { { ' ', 7 }, { 'A', 7 }, { 0, 7 }, { 'B', 7 }, { 0xff, 7 }, { 0, 7 } };
    char row[TEXT_ROW_MAX];

    ck_assert_uint_eq(text_row(cell, 6, row), 4);
    ck_assert_str_eq(row, " A B");
    ck_assert_uint_eq(text_row(cell, 1, row), 0);
    ck_assert_str_eq(row, "");
}
END_TEST

/* A few of each region of code page 437. */
START_TEST(characters_become_their_pictures)
{
    static const struct {
        uint8_t ch;
        const char *utf8;
    } chars[] = {
        { 0x01, "☺" }, { 0x10, "►" }, { 0x1f, "▼" }, { 0x7e, "~" }, { 0x7f, "⌂" }, { 0x80, "Ç" },
        { 0x9f, "ƒ" }, { 0xb0, "░" }, { 0xc9, "╔" }, { 0xdb, "█" }, { 0xe1, "ß" }, { 0xe3, "π" },
        { 0xf1, "±" }, { 0xfe, "■" },
    };
    char row[TEXT_ROW_MAX];

    for (size_t i = 0; i < sizeof chars / sizeof chars[0]; i++) {
        struct video_cell cell = { chars[i].ch, 7 };

        text_row(&cell, 1, row);
        ck_assert_str_eq(row, chars[i].utf8);
    }
}
END_TEST

/* The longest row fits. */
START_TEST(a_row_of_three_byte_characters_fits)
{
    struct video_cell cell[VIDEO_TEXT_COLUMNS_MAX];
    char row[TEXT_ROW_MAX];

    memset(cell, 0xdb, sizeof cell);
    ck_assert_uint_eq(text_row(cell, VIDEO_TEXT_COLUMNS_MAX, row), TEXT_ROW_MAX - 1);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("text");
    TCase *tc = tcase_create("text");

    tcase_add_test(tc, trailing_blanks_of_every_kind_are_cut);
    tcase_add_test(tc, characters_become_their_pictures);
    tcase_add_test(tc, a_row_of_three_byte_characters_fits);
    suite_add_tcase(s, tc);
    return s;
}

/* Typed text as key strokes: design.md section 7, "--type". */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "ctl/keys.h"

/* Strokes as text: "04+ 04-" is the key A down and up. */
static const struct {
    const char *text, *strokes;
} keys_good[] = {
    { "", "" },
    { "a", "04+ 04- " },
    { "A", "e1+ 04+ 04- e1- " },
    { "z9", "1d+ 1d- 26+ 26- " },
    { "0)", "27+ 27- e1+ 27+ 27- e1- " },
    { "-_=+", "2d+ 2d- e1+ 2d+ 2d- e1- 2e+ 2e- e1+ 2e+ 2e- e1- " },
    { "[}", "2f+ 2f- e1+ 30+ 30- e1- " },
    { ";:'\"", "33+ 33- e1+ 33+ 33- e1- 34+ 34- e1+ 34+ 34- e1- " },
    { "`~,<", "35+ 35- e1+ 35+ 35- e1- 36+ 36- e1+ 36+ 36- e1- " },
    { ".>/?", "37+ 37- e1+ 37+ 37- e1- 38+ 38- e1+ 38+ 38- e1- " },
    { "\\n\\t\\e\\\\", "28+ 28- 2b+ 2b- 29+ 29- 31+ 31- " },
    { "\n\t |", "28+ 28- 2b+ 2b- 2c+ 2c- e1+ 31+ 31- e1- " },
    { "{{", "e1+ 2f+ 2f- e1- " },
    { "{F1}{f12}", "3a+ 3a- 45+ 45- " },
    { "{Ctrl+C}", "e0+ 06+ 06- e0- " },
    { "{Alt+X}", "e2+ 1b+ 1b- e2- " },
    { "{Ctrl+Alt+Del}", "e0+ e2+ 4c+ 4c- e2- e0- " },
    { "{Shift+Tab}", "e1+ 2b+ 2b- e1- " },
    { "{Ctrl++}", "e0+ e1+ 2e+ 2e- e1- e0- " },
    { "{+}", "e1+ 2e+ 2e- e1- " },
    { "{}}", "e1+ 30+ 30- e1- " },
    { "{Alt}", "e2+ e2- " },
    { "{Up}{PgDn}{Pad5}", "52+ 52- 4e+ 4e- 5d+ 5d- " },
    { "{AltGr+q}", "e6+ 14+ 14- e6- " },
};

START_TEST(text_becomes_the_strokes_of_a_us_keyboard)
{
    struct key_list list;
    struct err err;
    char strokes[256] = "";

    ck_assert_int_eq(keys_parse(keys_good[_i].text, &list, &err), 0);
    for (size_t i = 0; i < list.n; i++) {
        size_t used = strlen(strokes);

        snprintf(strokes + used, sizeof strokes - used, "%02x%c ", list.event[i].usage,
                 list.event[i].down ? '+' : '-');
    }
    ck_assert_str_eq(strokes, keys_good[_i].strokes);
    ck_assert(list.n == 0 || list.event[list.last_press - 1].down);
    for (size_t i = list.last_press; i < list.n; i++)
        ck_assert(!list.event[i].down);
    keys_free(&list);
}
END_TEST

static const char *const keys_bad[] = {
    "\\x", "abc\\", "\\N", "{", "{F1", "{}", "{F13}", "{Ctrl+}", "{Ctrl+Ctr}", "{ F1}",
    "\303\244", "\a", "{a+b+c+d+e+f+g}", "{\\}x{",
};

START_TEST(what_no_key_types_is_refused)
{
    struct key_list list;
    struct err err = { "" };

    ck_assert_int_eq(keys_parse(keys_bad[_i], &list, &err), -1);
    ck_assert_str_ne(err.msg, "");
    ck_assert_ptr_null(list.event);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("keys");
    TCase *tc = tcase_create("keys");

    tcase_add_loop_test(tc, text_becomes_the_strokes_of_a_us_keyboard, 0,
                        sizeof keys_good / sizeof keys_good[0]);
    tcase_add_loop_test(tc, what_no_key_types_is_refused, 0, sizeof keys_bad / sizeof keys_bad[0]);
    suite_add_tcase(s, tc);
    return s;
}

/* Recordings as tests: what keys become. */
#include "config.h"

#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/anchor_priv.h"
#include "ctl/script.h"

/* So many presses of F5, on a screen that does not change. */
static void press(struct anchor_events *list, unsigned n)
{
    *list = (struct anchor_events){ xcalloc(2 * n, sizeof *list->event), 2 * n };
    for (unsigned i = 0; i < 2 * n; i++) {
        struct anchor_event *e = &list->event[i];

        *e = (struct anchor_event){ .at = (vtime) i * 20000000, .device = "kbd", .event = "key", .args = 2 };
        e->arg[0] = 0x3e;
        e->arg[1] = i % 2 == 0;
    }
}

/* A line of a script holds so many words: the keys go over several. */
START_TEST(many_keys_in_a_row_are_several_lines)
{
    struct anchor_events list;
    struct script s;
    struct buf text = { 0 };
    unsigned keys = 0;

    press(&list, 200);
    anchor_write(&list, &text);
    script_parse(&s, "keys.test", text.data, text.len);
    ck_assert_uint_eq(s.errors.len, 0);
    buf_add(&text, "", 1);
    for (const char *p = (const char *) text.data; (p = strstr(p, " F5")) != NULL; p++)
        keys++;
    ck_assert_uint_eq(keys, 200);
    script_free(&s);
    buf_free(&text);
    anchor_events_free(&list);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("anchor");
    TCase *tc = tcase_create("anchor");

    tcase_add_test(tc, many_keys_in_a_row_are_several_lines);
    suite_add_tcase(s, tc);
    return s;
}

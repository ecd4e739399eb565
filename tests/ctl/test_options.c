/* Reading the command line: design.md section 7. */
#include "config.h"

#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "ctl/number.h"
#include "ctl/options.h"
#include "ctl/options_table.h"

enum { ARGS_MAX = 16 };

static struct options opts;
static struct err error;

/* Splits `line` at blanks; strings live until the next call. */
static enum ctl_exit parse(const char *line)
{
    static char text[512];
    char *argv[ARGS_MAX + 1] = { text };
    char *save = NULL;
    int argc = 0;

    strcpy(text, "reprise ");
    strncat(text, line, sizeof text - 16);
    for (char *p = strtok_r(text, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save))
        argv[argc++] = p;
    options_free(&opts);
    options_init(&opts);
    error.msg[0] = '\0';
    return options_parse(&opts, argc, argv, NULL, &error);
}

static void teardown(void)
{
    options_free(&opts);
    options_init(&opts);
}

START_TEST(defaults_are_a_pentium_with_32_mib)
{
    ck_assert_int_eq(parse("disk.img"), CTL_OK);
    ck_assert_uint_eq(opts.ram_mib, 32);
    ck_assert_int_eq((int) opts.model.cpu, CPU_PENTIUM);
    ck_assert_uint_eq(opts.model.clock_num, 400000000);
    ck_assert_uint_eq(opts.model.clock_den, 3);
    ck_assert_uint_eq(opts.speed, 1000000);
    ck_assert_int_eq(opts.rtc_base, 820454400);
    ck_assert_uint_eq(opts.paths, 1);
    ck_assert_str_eq(opts.path[0], "disk.img");
}
END_TEST

START_TEST(one_dash_or_two_blank_or_equals_sign)
{
    static const char *const forms[] = { "-m 8", "--m 8", "-m=8", "--m=8" };

    ck_assert_int_eq(parse(forms[_i]), CTL_OK);
    ck_assert_uint_eq(opts.ram_mib, 8);
    ck_assert_uint_eq(opts.paths, 0);
}
END_TEST

START_TEST(a_value_may_begin_with_a_dash)
{
    ck_assert_int_eq(parse("--wait --until --type -x"), CTL_OK);
    ck_assert_uint_eq(opts.steps.n, 2);
    ck_assert_str_eq(opts.steps.step[0].cond[0].text, "--until");
}
END_TEST

START_TEST(after_two_dashes_everything_is_a_path)
{
    ck_assert_int_eq(parse("-m 8 -- -hda test -"), CTL_OK);
    ck_assert_uint_eq(opts.paths, 3);
    ck_assert_str_eq(opts.path[0], "-hda");
    ck_assert_str_eq(opts.path[1], "test");
}
END_TEST

START_TEST(a_subcommand_word_wins_over_a_file)
{
    ck_assert_int_eq(parse("test"), CTL_OK);
    ck_assert_int_eq(opts.subcommand, SUBCOMMAND_TEST);
    ck_assert_int_eq(parse("-m 8 replay"), CTL_USAGE);
    ck_assert_int_eq(parse("snapshot --odd"), CTL_USAGE);
    ck_assert_int_eq(parse("-m 8 test"), CTL_USAGE);
    ck_assert_ptr_nonnull(strstr(error.msg, "stands before the options"));
    ck_assert_int_eq(parse("./test"), CTL_OK);
    ck_assert_int_eq(parse("a.img test"), CTL_OK);
}
END_TEST

START_TEST(several_until_in_a_row_are_one_step)
{
    ck_assert_int_eq(parse("--until text:a --until serial:b --wait c --until time:1.5"), CTL_OK);
    ck_assert_uint_eq(opts.steps.n, 3);
    ck_assert_uint_eq(opts.steps.step[0].conds, 2);
    ck_assert_uint_eq(opts.steps.step[2].cond[0].value, 1500000000);
}
END_TEST

START_TEST(speed_is_exact)
{
    ck_assert_int_eq(parse("--speed max"), CTL_OK);
    ck_assert_uint_eq(opts.speed, 0);
    ck_assert_int_eq(parse("--speed 0.25"), CTL_OK);
    ck_assert_uint_eq(opts.speed, 250000);
    ck_assert_int_eq(parse("--speed 1001"), CTL_USAGE);
    ck_assert_int_eq(parse("--speed 0.001"), CTL_USAGE);
}
END_TEST

START_TEST(the_command_line_wins_over_a_file)
{
    char text[] = "[machine]\n m = 4 \r\n; no\n# no\n\nsnapshot = yes\nhda = \"c d.img\"\nserial=null\nserial=null";
    char hda[] = "-hda=e.img", serial[] = "-serial=stdio";
    char *argv[] = { hda, hda, serial, NULL };

    options_init(&opts);
    opts.source = SOURCE_CONF;
    ck_assert_int_eq(options_parse_conf(&opts, "t", text, &error), CTL_OK);
    ck_assert_uint_eq(opts.ram_mib, 4);
    ck_assert(opts.snapshot);
    ck_assert_str_eq(opts.drive[DRIVE_HDA], "c d.img");
    ck_assert_uint_eq(opts.serials, 2);
    ck_assert_int_eq(options_parse(&opts, 3, argv, NULL, &error), CTL_OK);
    ck_assert_str_eq(opts.drive[DRIVE_HDA], "e.img");
    ck_assert_uint_eq(opts.serials, 1);
    ck_assert_uint_eq(opts.ram_mib, 4);
}
END_TEST

/* One letter wrong in any option still names that option. */
START_TEST(the_nearest_match_is_the_one_meant)
{
    const char *word = option_word(&option_rows[_i]);
    size_t n = strlen(word);
    char *wrong;

    if (n < 5)
        return; /* -hda and -hdb are one letter apart */
    wrong = xstrdup(word);
    wrong[2] = 'q';
    ck_assert_str_eq(option_word(option_nearest(wrong)), word);
    memmove(wrong + 1, word + 2, n - 1); /* a letter dropped */
    wrong[0] = word[0];
    ck_assert_str_eq(option_word(option_nearest(wrong)), word);
    free(wrong);
}
END_TEST

START_TEST(every_option_has_help_and_its_own_name)
{
    const struct option *row = &option_rows[_i];

    ck_assert_ptr_eq(option_find(option_word(row)), row);
    ck_assert_str_ne(row->help, "");
}
END_TEST

/* --- models -------------------------------------------------------------- */

static const struct {
    const char *text;
    enum cpu_model cpu;
    uint64_t num, den;
} models_good[] = {
    { "386", CPU_386, 100000000, 3 },          { "486dx2-66", CPU_486, 200000000, 3 },
    { "386dx-33", CPU_386, 100000000, 3 },     { "pentium-mmx", CPU_PENTIUM_MMX, 200000000, 1 },
    { "p2-133", CPU_P2, 400000000, 3 },        { "pentium-mmx-300", CPU_PENTIUM_MMX, 300000000, 1 },
    { "Pentium-2", CPU_P2, 300000000, 1 },     { "pentium-200", CPU_PENTIUM, 200000000, 1 },
};

START_TEST(models_and_their_aliases)
{
    struct model m;

    ck_assert_int_eq(model_parse(models_good[_i].text, &m, &error), 0);
    ck_assert_int_eq((int) m.cpu, (int) models_good[_i].cpu);
    ck_assert_uint_eq(m.clock_num, models_good[_i].num);
    ck_assert_uint_eq(m.clock_den, models_good[_i].den);
}
END_TEST

START_TEST(models_that_are_none)
{
    static const char *const bad[] = {
        "", "-", "-66", "p2-", "p2-0", "p2-1x", "p2-max", "8086", "486-66-66",
        "a-very-long-name-of-a-processor-that-nobody-made-66",
    };
    struct model m;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(model_parse(bad[i], &m, &error) == -1, "'%s' was taken", bad[i]);
}
END_TEST

/* --- numbers ------------------------------------------------------------- */

START_TEST(decimals_are_exact_and_strict)
{
    static const char *const bad[] = {
        "", ".", "1.", ".5", "-1", "+1", " 1", "1 ", "1e3", "0x10", "1.2.3", "1.0000000001",
        "99999999999999999999",
    };
    uint64_t v;

    ck_assert(number_decimal("12.5", 9, UINT64_MAX, &v) && v == 12500000000);
    ck_assert(number_decimal("0.000000001", 9, UINT64_MAX, &v) && v == 1);
    ck_assert(number_uint("18446744073709551615", UINT64_MAX, &v) && v == UINT64_MAX);
    ck_assert(!number_uint("18446744073709551616", UINT64_MAX, &v));
    ck_assert(!number_uint("11", 10, &v));
    ck_assert(!number_uint("1", 0, &v));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(!number_decimal(bad[i], 9, UINT64_MAX, &v), "'%s' was taken", bad[i]);
}
END_TEST

START_TEST(dates_count_seconds_from_1970)
{
    static const char *const bad[] = {
        "1996-02-30", "1995-02-29", "1996-13-01", "1996-00-10", "1979-12-31", "2100-01-01",
        "1996-01-01T24:00:00", "1996-01-01 00:00:00", "96-01-01", "1996-01-01T00:00", "",
    };
    int64_t t;

    ck_assert(number_date("1996-01-01T00:00:00", &t) && t == 820454400);
    ck_assert(number_date("2000-02-29T23:59:59", &t) && t == 951868799);
    ck_assert(number_date("1980-01-01", &t) && t == 315532800);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(!number_date(bad[i], &t), "'%s' was taken", bad[i]);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("options");
    TCase *tc = tcase_create("options");

    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_test(tc, defaults_are_a_pentium_with_32_mib);
    tcase_add_loop_test(tc, one_dash_or_two_blank_or_equals_sign, 0, 4);
    tcase_add_test(tc, a_value_may_begin_with_a_dash);
    tcase_add_test(tc, after_two_dashes_everything_is_a_path);
    tcase_add_test(tc, a_subcommand_word_wins_over_a_file);
    tcase_add_test(tc, several_until_in_a_row_are_one_step);
    tcase_add_test(tc, speed_is_exact);
    tcase_add_test(tc, the_command_line_wins_over_a_file);
    tcase_add_loop_test(tc, the_nearest_match_is_the_one_meant, 0, (int) option_count);
    tcase_add_loop_test(tc, every_option_has_help_and_its_own_name, 0, (int) option_count);
    tcase_add_loop_test(tc, models_and_their_aliases, 0, (int) ARRAY_LEN(models_good));
    tcase_add_test(tc, models_that_are_none);
    tcase_add_test(tc, decimals_are_exact_and_strict);
    tcase_add_test(tc, dates_count_seconds_from_1970);
    suite_add_tcase(s, tc);
    return s;
}

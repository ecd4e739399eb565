/* Traces: what is made is read again; what was changed is found. */
#include "config.h"

#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/trace.h"

static struct trace_reader reader;

/* As a recording makes it: header, inputs, a checkpoint, an end. */
static void make(struct buf *out)
{
    static const uint8_t bytes[] = { 0x00, 0x0a, 0xff };
    struct journal_input key = { .arg = { 11, 1 } };
    struct journal_input rx = { .arg = { -3 }, .data = bytes, .len = sizeof bytes };
    struct sha256 sum;

    sha256_init(&sum);
    buf_printf(out, "reprise-trace 1\ndisk fd0 x y\nbegin power-on\n");
    trace_put_input(out, 1210000000, "kbd", "key", 2, &key);
    trace_put_input(out, 1210000000, "serial0", "rx", 1, &rx);
    buf_printf(out, "+cpu 0123456789abcdef eip=1\n");
    sha256_update(&sum, out->data, out->len);
    trace_put_check(out, &sum, 2000000000, NULL, 42, 0xfeed);
    sha256_init(&sum);
    sha256_update(&sum, out->data, out->len);
    trace_put_check(out, &sum, 2000000007, "time", 43, 0xbeef);
}

/* Lines read; -1: damaged. */
static int read_all(const void *text, size_t len)
{
    struct trace_line line;
    struct err err = { "" };
    int n = 0, rc;

    trace_read(&reader, text, len);
    while ((rc = trace_next(&reader, &line, &err)) > 0)
        n++;
    ck_assert_int_eq(rc < 0, err.msg[0] != '\0');
    return rc < 0 ? -1 : n;
}

START_TEST(what_is_made_is_read)
{
    struct buf text = { 0 };
    struct trace_line line;
    struct err err;

    make(&text);
    trace_read(&reader, text.data, text.len);
    ck_assert_int_eq(trace_next(&reader, &line, &err), 1);
    ck_assert_int_eq(line.kind, TRACE_HEADER);
    ck_assert_int_eq(trace_next(&reader, &line, &err), 1);
    ck_assert_str_eq(line.device, "disk");
    ck_assert_int_eq(memcmp(line.text, "fd0 x y", line.len), 0);
    ck_assert_int_eq(trace_next(&reader, &line, &err), 1);
    ck_assert_int_eq(trace_next(&reader, &line, &err), 1);
    ck_assert_int_eq(line.kind, TRACE_INPUT);
    ck_assert_uint_eq(line.at, 1210000000);
    ck_assert_str_eq(line.device, "kbd");
    ck_assert_str_eq(line.event, "key");
    ck_assert_uint_eq(line.args, 2);
    ck_assert_int_eq(line.in.arg[0], 11);
    ck_assert_int_eq(trace_next(&reader, &line, &err), 1);
    ck_assert_int_eq(line.in.arg[0], -3);
    ck_assert_uint_eq(line.in.len, 3);
    ck_assert_uint_eq(line.in.data[2], 0xff);
    ck_assert_int_eq(trace_next(&reader, &line, &err), 1);
    ck_assert_int_eq(line.kind, TRACE_DETAIL);
    ck_assert_int_eq(trace_next(&reader, &line, &err), 1);
    ck_assert_int_eq(line.kind, TRACE_CHECK);
    ck_assert_uint_eq(line.insns, 42);
    ck_assert_uint_eq(line.hash, 0xfeed);
    ck_assert_int_eq(trace_next(&reader, &line, &err), 1);
    ck_assert_int_eq(line.kind, TRACE_FINAL);
    ck_assert_str_eq(line.event, "time");
    ck_assert_int_eq(trace_next(&reader, &line, &err), 0);
    ck_assert(reader.finished && !reader.torn);
    buf_free(&text);
}
END_TEST

/* Every bit of every byte: the seals cover all, themselves too. */
START_TEST(every_changed_bit_is_found)
{
    struct buf text = { 0 };

    make(&text);
    for (size_t i = 0; i < text.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text.data[i] ^= (uint8_t) (1 << bit);
            /* The last LF: then the last line is torn, and there is no end. */
            if (read_all(text.data, text.len) >= 0)
                ck_assert(i == text.len - 1 && reader.torn && !reader.finished);
            text.data[i] ^= (uint8_t) (1 << bit);
        }
    }
    buf_free(&text);
}
END_TEST

/* A process may die after any byte. */
START_TEST(every_prefix_reads_up_to_its_last_line)
{
    struct buf text = { 0 };
    int lines = 0;

    make(&text);
    for (size_t len = 0; len < text.len; len++) {
        int n = read_all(text.data, len);

        if (len > 0 && text.data[len - 1] == '\n')
            lines++;
        ck_assert_int_eq(n, lines >= 3 ? lines : -1);
    }
    buf_free(&text);
}
END_TEST

/* As an empty file comes: no bytes, and nowhere for them to be. */
START_TEST(nothing_is_no_trace)
{
    ck_assert_int_eq(read_all(NULL, 0), -1);
}
END_TEST

START_TEST(names_survive)
{
    char text[] = "a b%41%\n\x7f";
    struct buf out = { 0 };

    trace_put_text(&out, text);
    buf_add(&out, "", 1);
    ck_assert_str_eq((char *) out.data, "a b%2541%25%0a%7f");
    ck_assert(trace_get_text((char *) out.data));
    ck_assert_str_eq((char *) out.data, text);
    buf_free(&out);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("trace");
    TCase *tc = tcase_create("lines");

    tcase_add_test(tc, what_is_made_is_read);
    tcase_add_test(tc, every_changed_bit_is_found);
    tcase_add_test(tc, every_prefix_reads_up_to_its_last_line);
    tcase_add_test(tc, nothing_is_no_trace);
    tcase_add_test(tc, names_survive);
    suite_add_tcase(s, tc);
    return s;
}

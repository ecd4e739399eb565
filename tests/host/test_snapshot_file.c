/* Snapshots as files: what was written is read; whatever changed is refused and named. */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "host/file.h"
#include "host/snapshot_file.h"

enum { HEAD = 32, SECTION = 64 }; /* docs/snapshot-format.md */

static const char *const names[] = { "about", "small", "ram", "disk" };

static struct buf about, state, whole;

/* As state_save: name, version, length, bytes. */
static void add_section(const char *name, size_t len)
{
    buf_add(&state, name, strlen(name) + 1);
    buf_add_le(&state, 3, 4);
    buf_add_le(&state, len, 8);
    for (size_t i = 0; i < len; i++)
        buf_add_le(&state, i / 16 % 251, 1); /* packs well */
}

static void set_up(void)
{
    char path[] = "snapshot-XXXXXX";
    int fd = mkstemp(path);
    struct err err;

    ck_assert_int_ge(fd, 0);
    close(fd);
    about = state = whole = (struct buf){ 0 };
    buf_printf(&about, "machine at\nmemory 8\n");
    add_section("small", 20);
    add_section("ram", 9000);
    add_section("disk", 0);
    ck_assert_msg(snapshot_write(path, &about, &state, &err) == 0, "%s", err.msg);
    ck_assert_int_eq(file_read(path, 1 << 20, &whole, &err), 0);
    unlink(path);
}

static void tear_down(void)
{
    buf_free(&about);
    buf_free(&state);
    buf_free(&whole);
}

/* The section that byte `at` belongs to, 0 about; -1: the file's head. */
static int section_at(size_t at)
{
    size_t end = HEAD;
    int i = -1;

    while (at >= end) {
        end += SECTION + (size_t) load_le64(whole.data + end + 40);
        i++;
    }
    return i;
}

static bool names_it(const char *msg, int section)
{
    char head[40];

    if (section < 0)
        return strstr(msg, "the head of the snapshot") != NULL || strstr(msg, "not a snapshot") != NULL;
    snprintf(head, sizeof head, "the head of section %d", section);
    return strstr(msg, head) != NULL || strstr(msg, names[section]) != NULL;
}

START_TEST(what_is_written_is_read)
{
    struct snapshot s;
    struct err err;

    ck_assert_msg(snapshot_parse(whole.data, whole.len, &s, &err) == 0, "%s", err.msg);
    ck_assert_uint_eq(s.about.len, about.len);
    ck_assert_mem_eq(s.about.data, about.data, about.len);
    ck_assert_uint_eq(s.state.len, state.len);
    ck_assert_mem_eq(s.state.data, state.data, state.len);
    snapshot_free(&s);
}
END_TEST

START_TEST(every_changed_bit_is_found_and_named)
{
    for (size_t at = 0; at < whole.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct snapshot s;
            struct err err = { "" };

            whole.data[at] ^= (uint8_t) (1 << bit);
            ck_assert_msg(snapshot_parse(whole.data, whole.len, &s, &err) < 0, "byte %zu, bit %u", at, bit);
            whole.data[at] ^= (uint8_t) (1 << bit);
            ck_assert_msg(names_it(err.msg, section_at(at)), "byte %zu, bit %u: %s", at, bit, err.msg);
        }
    }
}
END_TEST

START_TEST(every_prefix_is_refused)
{
    for (size_t len = 0; len < whole.len; len++) {
        struct snapshot s;
        struct err err = { "" };

        ck_assert_int_lt(snapshot_parse(whole.data, len, &s, &err), 0);
        ck_assert_ptr_nonnull(strstr(err.msg, len < HEAD ? "not a snapshot" : "cut off"));
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("snapshot files");
    TCase *tc = tcase_create("snapshot files");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, what_is_written_is_read);
    tcase_add_test(tc, every_changed_bit_is_found_and_named);
    tcase_add_test(tc, every_prefix_is_refused);
    suite_add_tcase(s, tc);
    return s;
}

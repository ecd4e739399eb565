/* Guest RAM in pages of the host's, small and large: what is in it stays. */
#include "config.h"

#include "support/suite.h"

#include <sys/mman.h>

#include "base/bits.h"
#include "core/bus.h"
#include "core/ram.h"

enum { SIZE = 3 * RAM_REGION + 5 * PAGE_SIZE };

static struct ram ram;
static const uint8_t *alias; /* another mapping, as a window has one */

static void setup(void)
{
    struct err err;

    ck_assert_int_eq(ram_init(&ram, SIZE, &err), 0);
    alias = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, ram.fd, 0);
    ck_assert(alias != MAP_FAILED);
}

static void teardown(void)
{
    munmap((void *) (uintptr_t) alias, SIZE);
    ram_close(&ram);
}

static uint32_t mark_of(size_t page)
{
    return (uint32_t) page * 2654435761u + 1;
}

/* A mark in each page, each of which is used. */
START_TEST(used_pages_keep_what_they_hold)
{
    for (size_t at = 0; at < SIZE; at += PAGE_SIZE) {
        store_le32(ram.host + at + 8, mark_of(at / PAGE_SIZE));
        ram_use(&ram, ram.host + at, 1);
    }
    for (size_t at = 0; at < SIZE; at += PAGE_SIZE) {
        ck_assert_uint_eq(load_le32(alias + at + 8), mark_of(at / PAGE_SIZE));
        ck_assert_uint_eq(load_le32(ram.host + at + 8), mark_of(at / PAGE_SIZE));
    }
}
END_TEST

START_TEST(a_region_is_large_when_many_of_its_pages_are_used)
{
    bool many = ram_use(&ram, ram.host + RAM_REGION, 1);

    ck_assert(!many);
    ck_assert(!ram_is_large(&ram, ram.host + RAM_REGION));
    store_le32(ram.host + 2 * RAM_REGION - 4, 0x12345678);
    for (unsigned page = 1; page < RAM_REGION / PAGE_SIZE; page++)
        many = ram_use(&ram, ram.host + RAM_REGION + page * PAGE_SIZE, 1);
    ck_assert(many);
    ck_assert_uint_eq(load_le32(alias + 2 * RAM_REGION - 4), 0x12345678);
    for (size_t at = RAM_REGION; at < 2 * RAM_REGION - 4; at += 4)
        ck_assert_uint_eq(load_le32(alias + at), 0);
    /* Its neighbours have nothing of that. */
    ck_assert(!ram_is_large(&ram, ram.host));
    ck_assert(!ram_is_large(&ram, ram.host + 2 * RAM_REGION));
}
END_TEST

/* The last pages are no whole region; nor are a ROM's in any. */
START_TEST(what_is_no_region_is_never_large)
{
    static uint8_t rom[PAGE_SIZE];

    for (unsigned i = 0; i < 600; i++) {
        ck_assert(!ram_use(&ram, ram.host + 3 * RAM_REGION, RAM_USE));
        ck_assert(!ram_use(&ram, rom, RAM_USE));
        ck_assert(!ram_use(NULL, rom, RAM_USE));
    }
    ck_assert(!ram_is_large(&ram, ram.host + 3 * RAM_REGION));
    ck_assert(!ram_is_large(&ram, rom));
}
END_TEST

Suite *test_suite(void)
{
    TCase *tc = tcase_create("ram");
    Suite *s = suite_create("ram");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, used_pages_keep_what_they_hold);
    tcase_add_test(tc, a_region_is_large_when_many_of_its_pages_are_used);
    tcase_add_test(tc, what_is_no_region_is_never_large);
    suite_add_tcase(s, tc);
    return s;
}

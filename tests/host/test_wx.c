/* No memory is writable and executable at once, whoever asks. */
#include "config.h"

#include "support/suite.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "host/wx.h"

enum { BYTES = 1 << 16 };

static void *map(int prot)
{
    return mmap(NULL, BYTES, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Each test is a process of its own. */
START_TEST(both_at_once)
{
    void *p;

    if (!wx_refuse()) {
        puts("# skipped: nobody here who would refuse");
        return;
    }
    ck_assert_ptr_eq(map(PROT_READ | PROT_WRITE | PROT_EXEC), MAP_FAILED);
    ck_assert_int_eq(errno, EACCES);
    ck_assert_ptr_eq(map(PROT_WRITE | PROT_EXEC), MAP_FAILED);
    p = map(PROT_READ | PROT_WRITE);
    ck_assert_ptr_ne(p, MAP_FAILED);
    ck_assert_int_eq(mprotect(p, BYTES, PROT_READ | PROT_WRITE | PROT_EXEC), -1);
    ck_assert_int_eq(errno, EACCES);
}
END_TEST

START_TEST(one_after_the_other)
{
    void *p;

    wx_refuse();
    p = map(PROT_READ | PROT_WRITE);
    ck_assert_ptr_ne(p, MAP_FAILED);
    ck_assert_int_eq(mprotect(p, BYTES, PROT_READ | PROT_EXEC), 0);
    ck_assert_int_eq(mprotect(p, BYTES, PROT_READ | PROT_WRITE), 0);
    ck_assert_ptr_ne(map(PROT_READ | PROT_EXEC), MAP_FAILED);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("host/wx");
    TCase *tc = tcase_create("wx");

    tcase_add_test(tc, both_at_once);
    tcase_add_test(tc, one_after_the_other);
    suite_add_tcase(s, tc);
    return s;
}

/* CRC-32C against RFC 3720, appendix B.4. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "base/crc32c.h"

START_TEST(published_values)
{
    uint8_t data[32];

    memset(data, 0, sizeof data);
    ck_assert_uint_eq(crc32c(0, data, sizeof data), 0x8a9136aa);
    memset(data, 0xff, sizeof data);
    ck_assert_uint_eq(crc32c(0, data, sizeof data), 0x62a8ab43);
    for (uint8_t i = 0; i < 32; i++)
        data[i] = i;
    ck_assert_uint_eq(crc32c(0, data, sizeof data), 0x46dd794e);
    ck_assert_uint_eq(crc32c(crc32c(0, data, 7), data + 7, 25), 0x46dd794e);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("crc32c");
    TCase *tc = tcase_create("crc32c");

    tcase_add_test(tc, published_values);
    suite_add_tcase(s, tc);
    return s;
}

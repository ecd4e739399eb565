/* CRC-32C against RFC 3720, appendix B.4. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "base/crc32c.h"
#include "base/crc32c_priv.h"

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

START_TEST(the_instruction_does_the_same)
{
    uint8_t data[67];

    if (!crc32c_x86_available())
        return;
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t) (i * 37 + 11);
    for (size_t at = 0; at < 9; at++)
        for (size_t len = 0; len <= sizeof data - at; len++)
            ck_assert_uint_eq(crc32c_portable(0x12345678, data + at, len),
                              crc32c_x86(0x12345678, data + at, len));
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("crc32c");
    TCase *tc = tcase_create("crc32c");

    tcase_add_test(tc, published_values);
    tcase_add_test(tc, the_instruction_does_the_same);
    suite_add_tcase(s, tc);
    return s;
}

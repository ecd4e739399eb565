/* SHA-256 against the published examples, in pieces of every size. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "base/bits.h"
#include "base/sha256.h"
#include "base/sha256_priv.h"

/* NIST, "Examples with intermediate values", SHA256; the last is FIPS 180-2, appendix B.3. */
static const struct {
    const char *text;
    unsigned times;
    const char *sum;
} cases[] = {
    { "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { "aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

START_TEST(published_sums)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sha256 s;
        char text[SHA256_TEXT];

        sha256_init(&s);
        for (unsigned n = 0; n < cases[i].times; n++)
            sha256_update(&s, cases[i].text, strlen(cases[i].text));
        sha256_text(&s, text);
        ck_assert_str_eq(text, cases[i].sum);
    }
}
END_TEST

/* A digest on the way changes nothing; every length passes every padding. */
START_TEST(pieces_make_the_same_sum)
{
    uint8_t data[300];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t) (i * 7);
    for (size_t len = 0; len <= sizeof data; len++) {
        struct sha256 whole, parts;
        char a[SHA256_TEXT], b[SHA256_TEXT];

        sha256_init(&whole);
        sha256_update(&whole, data, len);
        sha256_init(&parts);
        for (size_t at = 0; at < len; at++) {
            sha256_update(&parts, data + at, 1);
            sha256_text(&parts, b);
        }
        sha256_text(&whole, a);
        sha256_text(&parts, b);
        ck_assert_str_eq(a, b);
    }
}
END_TEST

/* The host's instructions against the portable code, block by block. */
START_TEST(the_hosts_instructions_do_the_same)
{
    uint8_t data[64 * 9 + 1];
    uint32_t seed = 1, a[8], b[8];

    if (!sha256_x86_available())
        return;
    for (unsigned round = 0; round < 1000; round++) {
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = (uint8_t) ((seed = seed * 1664525 + 1013904223) >> 24);
        for (unsigned i = 0; i < 8; i++)
            a[i] = b[i] = seed = seed * 1664525 + 1013904223;
        sha256_blocks(a, data + round % 2, round % 10);
        sha256_x86_blocks(b, data + round % 2, round % 10);
        ck_assert_mem_eq(a, b, sizeof a);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("sha256");
    TCase *tc = tcase_create("sums");

    tcase_add_test(tc, published_sums);
    tcase_add_test(tc, pieces_make_the_same_sum);
    tcase_add_test(tc, the_hosts_instructions_do_the_same);
    suite_add_tcase(s, tc);
    return s;
}

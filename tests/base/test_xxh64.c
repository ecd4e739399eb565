/* XXH64 against published digests (xxHash specification's reference values). */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "base/xxh64.h"

static const struct {
    const char *text;
    uint64_t seed;
    uint64_t digest;
} xxh64_vectors[] = {
    { "", 0, 0xef46db3751d8e999 },
    { "a", 0, 0xd24ec4f1a98c6e5b },
    { "abc", 0, 0x44bc2cf5ad770999 },
    { "Nobody inspects the spammish repetition", 0, 0xfbcea83c8a378bf1 },
};

START_TEST(digest_equals_the_published_one)
{
    const char *text = xxh64_vectors[_i].text;

    ck_assert_uint_eq(xxh64(text, strlen(text), xxh64_vectors[_i].seed),
                      xxh64_vectors[_i].digest);
}
END_TEST

START_TEST(pieces_give_the_digest_of_the_whole)
{
    uint8_t data[200];
    uint64_t whole;

    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t) (i * 7 + 1);
    whole = xxh64(data, sizeof data, 5);
    for (unsigned cut = 0; cut <= sizeof data; cut++) {
        struct xxh64 h;

        xxh64_init(&h, 5);
        xxh64_update(&h, data, cut);
        xxh64_update(&h, data + cut, sizeof data - cut);
        ck_assert_uint_eq(xxh64_digest(&h), whole);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("xxh64");
    TCase *tc = tcase_create("xxh64");

    tcase_add_loop_test(tc, digest_equals_the_published_one, 0,
                        sizeof xxh64_vectors / sizeof xxh64_vectors[0]);
    tcase_add_test(tc, pieces_give_the_digest_of_the_whole);
    suite_add_tcase(s, tc);
    return s;
}

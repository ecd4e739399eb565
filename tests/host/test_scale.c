/* Scaled pictures: each dot is the mean of what it covers. */
#include "config.h"

#include "support/suite.h"

#include <stdlib.h>

#include "base/bits.h"
#include "host/scale.h"

enum { MOST = 64 };

static uint32_t in[MOST * MOST], out[MOST * MOST];

static void picture(unsigned w, unsigned h)
{
    uint32_t seed = 1;

    for (unsigned i = 0; i < w * h; i++) {
        seed = seed * 1664525 + 1013904223;
        in[i] = seed >> 8;
    }
}

/* Of one colour: red, green and blue from `shift` on. */
static unsigned colour(uint32_t dot, unsigned shift)
{
    return dot >> shift & 0xff;
}

/* What the result dot (x, y) covers, in doubles. */
static double mean(unsigned w, unsigned h, unsigned to_w, unsigned to_h, unsigned x, unsigned y,
                   unsigned shift)
{
    double sum = 0, dot_w = (double) w / to_w, dot_h = (double) h / to_h;

    for (unsigned j = 0; j < h; j++) {
        for (unsigned i = 0; i < w; i++) {
            double left = x * dot_w > i ? x * dot_w : i, top = y * dot_h > j ? y * dot_h : j;
            double right = (x + 1) * dot_w < i + 1 ? (x + 1) * dot_w : i + 1;
            double bottom = (y + 1) * dot_h < j + 1 ? (y + 1) * dot_h : j + 1;

            if (right > left && bottom > top)
                sum += (right - left) * (bottom - top) * colour(in[j * w + i], shift);
        }
    }
    return sum / (dot_w * dot_h);
}

static void check_size(unsigned w, unsigned h, unsigned to_w, unsigned to_h)
{
    struct scale *s = scale_new();
    double worst = 0;

    picture(w, h);
    scale_set(s, w, h, to_w, to_h);
    for (unsigned y = 0; y < to_h; y++)
        scale_row(s, in, y, out + y * to_w);
    for (unsigned y = 0; y < to_h; y++) {
        for (unsigned x = 0; x < to_w; x++) {
            for (unsigned shift = 0; shift < 24; shift += 8) {
                double off = colour(out[y * to_w + x], shift) - mean(w, h, to_w, to_h, x, y, shift);

                worst = off > worst ? off : -off > worst ? -off : worst;
            }
        }
    }
    /* Weights are of 8 bits, and both directions round down. */
    ck_assert_msg(worst < 4, "%ux%u to %ux%u: off by %f", w, h, to_w, to_h, worst);
    scale_free(s);
}

START_TEST(each_dot_is_the_mean_of_what_it_covers)
{
    static const unsigned size[][4] = {
        { 32, 20, 32, 20 }, { 32, 20, 64, 60 }, { 36, 20, 48, 36 }, { 32, 20, 60, 45 }, { 36, 20, 17, 13 },
        { 36, 40, 12, 10 }, { 1, 1, 7, 5 },     { 5, 3, 1, 1 },     { 2, 2, 3, 3 },     { 40, 1, 1, 40 },
    };

    for (size_t i = 0; i < ARRAY_LEN(size); i++)
        check_size(size[i][0], size[i][1], size[i][2], size[i][3]);
}
END_TEST

START_TEST(the_same_size_is_the_same_picture)
{
    struct scale *s = scale_new();

    picture(MOST, MOST);
    scale_set(s, MOST, MOST, MOST, MOST);
    for (unsigned y = 0; y < MOST; y++)
        scale_row(s, in, y, out + y * MOST);
    ck_assert_mem_eq(in, out, sizeof in);
    /* Another picture of that size. */
    in[5] ^= 0xffffff;
    scale_begin(s);
    scale_row(s, in, 0, out);
    ck_assert_mem_eq(in, out, MOST * sizeof in[0]);
    scale_free(s);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("scale");
    TCase *tc = tcase_create("scale");

    tcase_add_test(tc, each_dot_is_the_mean_of_what_it_covers);
    tcase_add_test(tc, the_same_size_is_the_same_picture);
    suite_add_tcase(s, tc);
    return s;
}

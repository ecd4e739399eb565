/* Pictures scaled by the area that a dot covers. */
#include "config.h"

#include "host/scale.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SCALE_ONE = 256 };

/* One direction: result dot i is made of `taps` dots from first[i] on. */
struct scale_axis {
    unsigned in, out, taps;
    uint32_t *first;  /* owned */
    uint16_t *weight; /* owned; `taps` for each dot of the result, SCALE_ONE in all */
};

struct scale {
    struct scale_axis across, down;
    uint32_t *row;  /* owned; rows of the picture, scaled across: row y at y % taps */
    unsigned *held; /* owned; which row that is */
};

enum { SCALE_NOTHING = -1u };

struct scale *scale_new(void)
{
    return xcalloc(1, sizeof(struct scale));
}

static void scale_axis_free(struct scale_axis *a)
{
    free(a->first);
    free(a->weight);
}

void scale_free(struct scale *s)
{
    if (s == NULL)
        return;
    scale_axis_free(&s->across);
    scale_axis_free(&s->down);
    free(s->row);
    free(s->held);
    free(s);
}

/* --- tables ---------------------------------------------------------------- */

/* In units of 1 / out of a dot, result dot i covers [i * in, (i + 1) * in). */
static void scale_axis_dot(struct scale_axis *a, unsigned i)
{
    uint64_t from = (uint64_t) i * a->in, to = from + a->in;
    uint64_t first = from / a->out;
    uint16_t *weight = &a->weight[(size_t) i * a->taps];
    unsigned so_far = 0;

    if (first + a->taps > a->in)
        first = a->in - a->taps;
    a->first[i] = (uint32_t) first;
    /* Sums are rounded, not weights: the last sum is the whole. */
    for (unsigned t = 0; t < a->taps; t++) {
        uint64_t end = (first + t + 1) * a->out;
        uint64_t covered = end <= from ? 0 : (end < to ? end : to) - from;
        unsigned sum = (unsigned) ((covered * SCALE_ONE + a->in / 2) / a->in);

        weight[t] = (uint16_t) (sum - so_far);
        so_far = sum;
    }
}

static void scale_axis_set(struct scale_axis *a, unsigned in, unsigned out)
{
    if (a->in == in && a->out == out)
        return;
    scale_axis_free(a);
    a->in = in;
    a->out = out;
    /* As many as it can touch. */
    a->taps = in > out ? in / out + 2 : out % in == 0 ? 1 : 2;
    if (a->taps > in)
        a->taps = in;
    a->first = xmalloc(out * sizeof *a->first);
    a->weight = xmalloc((size_t) out * a->taps * sizeof *a->weight);
    for (unsigned i = 0; i < out; i++)
        scale_axis_dot(a, i);
}

void scale_set(struct scale *s, unsigned in_width, unsigned in_height, unsigned out_width,
               unsigned out_height)
{
    scale_axis_set(&s->across, in_width, out_width);
    scale_axis_set(&s->down, in_height, out_height);
    s->row = xrealloc(s->row, (size_t) s->down.taps * out_width * sizeof *s->row);
    s->held = xrealloc(s->held, s->down.taps * sizeof *s->held);
    scale_begin(s);
}

void scale_begin(struct scale *s)
{
    for (unsigned t = 0; t < s->down.taps; t++)
        s->held[t] = SCALE_NOTHING;
}

/* --- dots ------------------------------------------------------------------ */

static inline uint32_t scale_mix(uint32_t a, uint32_t b, uint32_t wa, uint32_t wb)
{
    uint32_t red_blue = (a & 0xff00ff) * wa + (b & 0xff00ff) * wb;
    uint32_t green = (a & 0x00ff00) * wa + (b & 0x00ff00) * wb;

    return (red_blue >> 8 & 0xff00ff) | (green >> 8 & 0x00ff00);
}

/* The mean of `taps` dots that lie `step` apart. */
static uint32_t scale_mean(const uint32_t *in, size_t step, const uint16_t *weight, unsigned taps)
{
    uint32_t red_blue = 0, green = 0;

    for (unsigned t = 0; t < taps; t++, in += step) {
        red_blue += (*in & 0xff00ff) * weight[t];
        green += (*in & 0x00ff00) * weight[t];
    }
    return (red_blue >> 8 & 0xff00ff) | (green >> 8 & 0x00ff00);
}

static void scale_across(const struct scale_axis *a, const uint32_t *in, uint32_t *out)
{
    const uint16_t *weight = a->weight;

    switch (a->taps) {
    case 1:
        for (unsigned x = 0; x < a->out; x++)
            out[x] = in[a->first[x]];
        return;
    case 2:
        for (unsigned x = 0; x < a->out; x++, weight += 2)
            out[x] = scale_mix(in[a->first[x]], in[a->first[x] + 1], weight[0], weight[1]);
        return;
    default:
        for (unsigned x = 0; x < a->out; x++, weight += a->taps)
            out[x] = scale_mean(in + a->first[x], 1, weight, a->taps);
    }
}

static const uint32_t *scale_source(struct scale *s, const uint32_t *in, unsigned y)
{
    unsigned slot = y % s->down.taps;
    uint32_t *row = s->row + (size_t) slot * s->across.out;

    if (s->held[slot] != y)
        scale_across(&s->across, in + (size_t) y * s->across.in, row);
    s->held[slot] = y;
    return row;
}

/* The only row with a weight, as a number of a tap; taps: there are several. */
static unsigned scale_only(const uint16_t *weight, unsigned taps)
{
    for (unsigned t = 0; t < taps; t++)
        if (weight[t] == SCALE_ONE)
            return t;
    return taps;
}

/* Rows first on; what each dot takes from them is the same for all. */
static void scale_down(struct scale *s, unsigned first, const uint16_t *weight, uint32_t *out)
{
    unsigned taps = s->down.taps, n = s->across.out;

    for (unsigned x = 0; x < n; x++) {
        uint32_t red_blue = 0, green = 0;

        for (unsigned t = 0; t < taps; t++) {
            uint32_t dot = s->row[(size_t) ((first + t) % taps) * n + x];

            red_blue += (dot & 0xff00ff) * weight[t];
            green += (dot & 0x00ff00) * weight[t];
        }
        out[x] = (red_blue >> 8 & 0xff00ff) | (green >> 8 & 0x00ff00);
    }
}

void scale_row(struct scale *s, const uint32_t *in, unsigned y, uint32_t *out)
{
    const struct scale_axis *down = &s->down;
    const uint16_t *weight = &down->weight[(size_t) y * down->taps];
    unsigned first = down->first[y], n = s->across.out, only = scale_only(weight, down->taps);
    const uint32_t *a, *b;

    if (only != down->taps) {
        memcpy(out, scale_source(s, in, first + only), n * sizeof *out);
    } else if (down->taps == 2) {
        a = scale_source(s, in, first);
        b = scale_source(s, in, first + 1);
        for (unsigned x = 0; x < n; x++)
            out[x] = scale_mix(a[x], b[x], weight[0], weight[1]);
    } else {
        for (unsigned t = 0; t < down->taps; t++)
            scale_source(s, in, first + t);
        scale_down(s, first, weight, out);
    }
}

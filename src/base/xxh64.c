/* XXH64; see the header for the specification followed. */
#include "config.h"

#include "base/xxh64.h"

#include "base/bits.h"

#define P1 0x9e3779b185ebca87u
#define P2 0xc2b2ae3d27d4eb4fu
#define P3 0x165667b19e3779f9u
#define P4 0x85ebca77c2b2ae63u
#define P5 0x27d4eb2f165667c5u

static inline uint64_t rotl64(uint64_t v, unsigned n)
{
    return v << n | v >> (64 - n);
}

static inline uint64_t xxh64_round(uint64_t acc, uint64_t lane)
{
    return rotl64(acc + lane * P2, 31) * P1;
}

static inline uint64_t xxh64_merge(uint64_t acc, uint64_t lane)
{
    return (acc ^ xxh64_round(0, lane)) * P1 + P4;
}

static const uint8_t *xxh64_stripes(uint64_t acc[4], const uint8_t *p, size_t n)
{
    /* Not in acc: bytes might be a part of it, and each round would store. */
    uint64_t a = acc[0], b = acc[1], c = acc[2], d = acc[3];

    for (; n != 0; n--, p += 32) {
        a = xxh64_round(a, load_le64(p));
        b = xxh64_round(b, load_le64(p + 8));
        c = xxh64_round(c, load_le64(p + 16));
        d = xxh64_round(d, load_le64(p + 24));
    }
    acc[0] = a;
    acc[1] = b;
    acc[2] = c;
    acc[3] = d;
    return p;
}

void xxh64_init(struct xxh64 *h, uint64_t seed)
{
    h->acc[0] = seed + P1 + P2;
    h->acc[1] = seed + P2;
    h->acc[2] = seed;
    h->acc[3] = seed - P1;
    h->total = 0;
    h->seed = seed;
    h->used = 0;
}

void xxh64_update(struct xxh64 *h, const void *data, size_t len)
{
    const uint8_t *p = data;

    if (len == 0)
        return;
    h->total += len;
    if (h->used != 0) {
        size_t n = sizeof h->buf - h->used;

        n = n < len ? n : len;
        memcpy(h->buf + h->used, p, n);
        h->used += n;
        p += n;
        len -= n;
        if (h->used < sizeof h->buf)
            return;
        xxh64_stripes(h->acc, h->buf, 1);
        h->used = 0;
    }
    p = xxh64_stripes(h->acc, p, len / 32);
    h->used = len % 32;
    memcpy(h->buf, p, h->used);
}

void xxh64_update_both(struct xxh64 *a, struct xxh64 *b, const void *data, size_t len)
{
    xxh64_update(a, data, len);
    if (b != NULL)
        xxh64_update(b, data, len);
}

static uint64_t xxh64_tail(uint64_t acc, const uint8_t *p, size_t len)
{
    for (; len >= 8; p += 8, len -= 8)
        acc = rotl64(acc ^ xxh64_round(0, load_le64(p)), 27) * P1 + P4;
    if (len >= 4) {
        acc = rotl64(acc ^ load_le32(p) * P1, 23) * P2 + P3;
        p += 4;
        len -= 4;
    }
    for (; len != 0; p++, len--)
        acc = rotl64(acc ^ *p * P5, 11) * P1;
    return acc;
}

uint64_t xxh64_digest(const struct xxh64 *h)
{
    uint64_t acc = h->seed + P5;

    if (h->total >= 32) {
        acc = rotl64(h->acc[0], 1) + rotl64(h->acc[1], 7)
            + rotl64(h->acc[2], 12) + rotl64(h->acc[3], 18);
        for (unsigned i = 0; i < 4; i++)
            acc = xxh64_merge(acc, h->acc[i]);
    }
    acc = xxh64_tail(acc + h->total, h->buf, h->used);
    acc = (acc ^ acc >> 33) * P2;
    acc = (acc ^ acc >> 29) * P3;
    return acc ^ acc >> 32;
}

uint64_t xxh64(const void *data, size_t len, uint64_t seed)
{
    struct xxh64 h;

    xxh64_init(&h, seed);
    xxh64_update(&h, data, len);
    return xxh64_digest(&h);
}

/*
 * Small integer helpers: array length, bounds, little-endian loads and stores.
 * Everything here is pure and total; shifts by the operand's width are not used.
 */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Of a hot function: what it calls of its file becomes part of it. */
#define FLATTEN __attribute__((flatten))

/* Guest memory is read through these; the host is little-endian (see below). */
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "big-endian hosts need swapping loads");

static inline uint16_t load_le16(const void *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t load_le32(const void *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t load_le64(const void *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store_le16(void *p, uint16_t v)
{
    memcpy(p, &v, sizeof v);
}

static inline void store_le32(void *p, uint32_t v)
{
    memcpy(p, &v, sizeof v);
}

static inline void store_le64(void *p, uint64_t v)
{
    memcpy(p, &v, sizeof v);
}

/* Value of `size` bytes (1, 2 or 4) at `p`. */
static inline uint32_t load_le(const void *p, unsigned size)
{
    return size == 1 ? *(const uint8_t *) p
         : size == 2 ? load_le16(p) : load_le32(p);
}

static inline void store_le(void *p, unsigned size, uint32_t v)
{
    if (size == 1)
        *(uint8_t *) p = (uint8_t) v;
    else if (size == 2)
        store_le16(p, (uint16_t) v);
    else
        store_le32(p, v);
}

static inline uint32_t bcd_from_bin(uint32_t v)
{
    return (v / 10 % 10) << 4 | v % 10;
}

static inline uint32_t bin_from_bcd(uint32_t v)
{
    return (v >> 4 & 15) * 10 + (v & 15);
}

#endif

/*
 * XXH64, the 64-bit xxHash: fast, not cryptographic.
 *
 * Source: "xxHash fast digest algorithm", specification by Y. Collet, v0.1.1,
 *         section "XXH64 algorithm description".
 */
#ifndef BASE_XXH64_H
#define BASE_XXH64_H

#include <stddef.h>
#include <stdint.h>

struct xxh64 {
    uint64_t acc[4];
    uint64_t total; /* bytes so far */
    uint64_t seed;
    uint8_t buf[32];
    size_t used; /* bytes in buf */
};

void xxh64_init(struct xxh64 *h, uint64_t seed);
void xxh64_update(struct xxh64 *h, const void *data, size_t len);
/* Into two hashes at once, while the bytes are at hand; `b` may be NULL. */
void xxh64_update_both(struct xxh64 *a, struct xxh64 *b, const void *data, size_t len);
uint64_t xxh64_digest(const struct xxh64 *h);

/* One call for one buffer. */
uint64_t xxh64(const void *data, size_t len, uint64_t seed);

#endif

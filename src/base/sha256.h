/*
 * SHA-256: what names a file's content in traces and snapshots, the same that
 * sha256sum prints.
 *
 * Source: FIPS 180-4, sections 4.1.2, 5.1.1 and 6.2.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_TEXT = 2 * SHA256_SIZE + 1 };

struct sha256 {
    uint32_t h[8];
    uint64_t total; /* bytes so far */
    uint8_t block[64];
    void (*blocks)(uint32_t h[8], const uint8_t *p, size_t n);
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *data, size_t len);
/* Leaves `s` as it is: more bytes may follow. */
void sha256_digest(const struct sha256 *s, uint8_t out[SHA256_SIZE]);
void sha256_hex(const uint8_t sum[SHA256_SIZE], char out[SHA256_TEXT]);
/* As hexadecimal digits and a NUL. */
void sha256_text(const struct sha256 *s, char out[SHA256_TEXT]);

#endif

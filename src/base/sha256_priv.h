/* Private to sha256*.c and their test: the two ways through a block. */
#ifndef BASE_SHA256_PRIV_H
#define BASE_SHA256_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FIPS 180-4, section 4.2.2. */
extern const uint32_t sha256_k[64];

/* `n` blocks of 64 bytes. */
void sha256_blocks(uint32_t h[8], const uint8_t *p, size_t n);

/* The same by SHA instructions, only where they are available. */
bool sha256_x86_available(void);
void sha256_x86_blocks(uint32_t h[8], const uint8_t *p, size_t n);

#endif

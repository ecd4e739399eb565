/*
 * CRC-32C (Castagnoli): finds damage in files, is no proof against intent.
 *
 * Source: RFC 3720, appendix B.4 (test values); polynomial 1EDC6F41h, reflected.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* `crc` is 0 for the first piece, then the result for the pieces before. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

#endif

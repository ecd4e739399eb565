/* Private to crc32c*.c and their test: the two ways, without the inversions. */
#ifndef BASE_CRC32C_PRIV_H
#define BASE_CRC32C_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint32_t crc32c_portable(uint32_t crc, const uint8_t *p, size_t len);

/* By the CRC32 instruction, only where it is available. */
bool crc32c_x86_available(void);
uint32_t crc32c_x86(uint32_t crc, const uint8_t *p, size_t len);

#endif

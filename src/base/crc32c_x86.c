/* CRC-32C by the instruction of SSE4.2 (Intel SDM vol. 2, CRC32). */
#include "config.h"

#include "base/crc32c_priv.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "base/bits.h"

bool crc32c_x86_available(void)
{
    return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) uint32_t crc32c_x86(uint32_t crc, const uint8_t *p, size_t len)
{
    uint64_t sum = crc;

    for (; len >= 8; len -= 8, p += 8)
        sum = _mm_crc32_u64(sum, load_le64(p));
    crc = (uint32_t) sum;
    for (; len != 0; len--)
        crc = _mm_crc32_u8(crc, *p++);
    return crc;
}

#else

bool crc32c_x86_available(void)
{
    return false;
}

uint32_t crc32c_x86(uint32_t crc, const uint8_t *p, size_t len)
{
    return crc32c_portable(crc, p, len);
}

#endif

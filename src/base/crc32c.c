/* CRC-32C, half a byte at a time where the processor has no instruction for it. */
#include "config.h"

#include "base/crc32c.h"
#include "base/crc32c_priv.h"

uint32_t crc32c_portable(uint32_t crc, const uint8_t *p, size_t len)
{
    /* Remainders of the polynomial 82F63B78h, bits reversed. */
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
        0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };

    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return crc;
}

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
    return ~(crc32c_x86_available() ? crc32c_x86(~crc, data, len) : crc32c_portable(~crc, data, len));
}

/* 8237A pair: any programming, devices that ask at any time. */
#include "config.h"

#include "fuzz/fuzz_ops.h"

#include "hw/dma8237.h"

static const uint16_t ports[] = { 0x04, 0x05, 0x08, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x81,
                                  0x8b, 0xc4, 0xc6, 0xd0, 0xd4, 0xd6, 0xd8, 0xde, 0x00, 0xc1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t buf[65536 * 2 + 2];
    struct fuzz f = { data, data + size, ports, 20, false };
    struct rig *rig = rig_new();
    struct dma_config cfg = { rig->bus, rig->state };
    struct dma *dma = dma_new(&cfg);
    struct dma_line line[2] = { dma_connect(dma, 2), dma_connect(dma, 5) };
    unsigned own;

    while (f.p < f.end) {
        size_t len;
        bool tc;

        if (fuzz_step(&f, rig, &own))
            continue;
        len = (size_t) fuzz_u8(&f) << (own & 3) * 3;
        if (own == 63)
            dma_reset(dma);
        else if ((own & 32 ? dma_read(&line[own >> 4 & 1], buf, len, &tc)
                           : dma_write(&line[own >> 4 & 1], buf, len, &tc)) > len)
            abort();
    }
    fuzz_roundtrip(rig);
    dma_free(dma);
    rig_free(rig);
    return 0;
}

/* 8259A pair: any port traffic, input edges and acknowledges. */
#include "config.h"

#include "fuzz/fuzz_ops.h"

#include "hw/pic8259.h"

static const uint16_t ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = { data, data + size, ports, 6, false };
    struct rig *rig = rig_new();
    struct pic_config cfg = { rig->bus, rig->state, &rig->line[0], 2 };
    struct pic *pic = pic_new(&cfg);
    unsigned own;

    while (f.p < f.end) {
        if (fuzz_step(&f, rig, &own))
            continue;
        if (own < 32)
            pic_set_input(pic, own & 15, own >> 4);
        else if (own == 63)
            pic_reset(pic);
        else
            pic_ack(pic);
    }
    fuzz_roundtrip(rig);
    pic_free(pic);
    rig_free(rig);
    return 0;
}

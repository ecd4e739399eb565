/* 8254: any programming, gates, listening; the outputs must follow themselves. */
#include "config.h"

#include "fuzz/fuzz_ops.h"

#include "hw/pit8254.h"

static const uint16_t ports[] = { 0x40, 0x41, 0x42, 0x43, 0x43 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = { data, data + (size < 2048 ? size : 2048), ports, 5, false };
    struct rig *rig = rig_new();
    struct pit_config cfg = { &rig->sched, rig->bus, rig->state,
                              { &rig->line[0], &rig->line[1], &rig->line[2] } };
    struct pit *pit = pit_new(&cfg);
    unsigned own;

    while (f.p < f.end) {
        if (fuzz_step(&f, rig, &own)) {
            if (!f.forged && rig_irq(rig, 0) != pit_out(pit, 0))
                abort(); /* an edge of OUT0 was missed */
            continue;
        }
        if (own < 32)
            pit_set_gate(pit, own % 3, own >> 4);
        else if (own == 63)
            pit_reset(pit);
        else if (own < 48)
            pit_listen(pit, own % 3 == 0 ? 2 : own % 3, own & 1);
        else
            pit_rises(pit, own % 3);
    }
    fuzz_roundtrip(rig);
    pit_free(pit);
    rig_free(rig);
    return 0;
}

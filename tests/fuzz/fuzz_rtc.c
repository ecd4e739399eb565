/* MC146818A: any register traffic, dates and time steps. */
#include "config.h"

#include "fuzz/fuzz_ops.h"

#include "hw/rtc.h"

static const uint16_t ports[] = { 0x70, 0x71 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = { data, data + size, ports, 2, false };
    struct rig *rig = rig_new();
    struct rtc_config cfg = { &rig->sched, rig->bus, rig->state, rig->journal, &rig->line[0], NULL };
    struct rtc *rtc = rtc_new(&cfg);
    unsigned own;

    while (f.p < f.end) {
        if (fuzz_step(&f, rig, &own))
            continue;
        if (own < 16)
            rig_run(rig, fuzz_u16(&f) * UINT64_C(100000));
        else if (own < 32)
            rtc_set_base(rtc, (int64_t) fuzz_u16(&f) << own);
        else if (own == 63)
            rtc_reset(rtc);
        else
            rig_out(rig, 0x70, own & 15);
    }
    fuzz_roundtrip(rig);
    rtc_free(rtc);
    rig_free(rig);
    return 0;
}

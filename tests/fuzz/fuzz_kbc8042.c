/* Controller, keyboard and mouse: any port traffic and any inputs. */
#include "config.h"

#include "fuzz/fuzz_ops.h"

#include "hw/kbc8042.h"
#include "hw/ps2_keyboard.h"
#include "hw/ps2_mouse.h"

static const uint16_t ports[] = { 0x60, 0x64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = { data, data + size, ports, 2, false };
    struct rig *rig = rig_new();
    struct ps2_wire wire[2] = { 0 };
    struct kbc_config cfg = {
        .sched = &rig->sched, .bus = rig->bus, .state = rig->state,
        .irq_kbd = &rig->line[0], .irq_aux = &rig->line[1], .a20 = &rig->line[2], .reset = &rig->line[3],
        .kbd = &wire[0], .aux = &wire[1],
    };
    struct kbc *kbc = kbc_new(&cfg);
    struct ps2_keyboard_config kc = { &rig->sched, rig->state, rig->journal, &wire[0] };
    struct ps2_keyboard *kbd = ps2_keyboard_new(&kc);
    struct ps2_mouse_config mc = { &rig->sched, rig->state, rig->journal, &wire[1] };
    struct ps2_mouse *mouse = ps2_mouse_new(&mc);
    unsigned own;

    while (f.p < f.end) {
        int64_t args[3];

        if (fuzz_step(&f, rig, &own))
            continue;
        args[0] = fuzz_u8(&f);
        args[1] = own & 1;
        args[2] = own & 7;
        if (own < 24) {
            journal_post(rig->journal, "kbd", "key", args, NULL, 0);
        } else if (own < 40) {
            args[1] = (int64_t) fuzz_u16(&f) * (own & 1 ? -1 : 1);
            journal_post(rig->journal, "mouse", "move", args, NULL, 0);
        } else if (own < 48) {
            args[0] &= 7;
            journal_post(rig->journal, "mouse", "button", args, NULL, 0);
        } else if (own < 60) {
            rig_run(rig, (uint64_t) args[0] * 1000000);
        } else if (own == 63) {
            kbc_reset(kbc);
            ps2_keyboard_reset(kbd);
            ps2_mouse_reset(mouse);
        }
    }
    rig_run(rig, 1000);
    fuzz_roundtrip(rig);
    ps2_mouse_free(mouse);
    ps2_keyboard_free(kbd);
    kbc_free(kbc);
    rig_free(rig);
    return 0;
}

/*
 * Serial and parallel port, test ports, power-off port: any port traffic, any
 * bytes from outside, any saved state.
 */
#include "config.h"

#include "fuzz/fuzz_ops.h"

#include "hw/parport.h"
#include "hw/poweroff.h"
#include "hw/testports.h"
#include "hw/uart16550.h"

static const uint16_t ports[] = { 0x3f8, 0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x3fd, 0x3fe, 0x3ff, 0x3f8,
                                  0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x378, 0x379, 0x37a, 0xe9,  0x501,
                                  0x8900 };

static vtime last;

/* Bytes leave in order of time. */
static void take(void *opaque, uint8_t byte, vtime at)
{
    (void) opaque;
    (void) byte;
    if (at < last)
        abort();
    last = at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = { data, data + size, ports, sizeof ports / sizeof ports[0], false };
    struct rig *rig = rig_new();
    struct uart_config ucfg = { &rig->sched, rig->bus, rig->state, rig->journal, &rig->line[4],
                                { take, NULL }, "serial0", 0x3f8 };
    struct parport_config pcfg = { &rig->sched, rig->bus, rig->state, &rig->line[7],
                                   { NULL, NULL }, "parallel0", 0x378 };
    struct testports_config tcfg = { &rig->sched, rig->bus, rig->state, { NULL, NULL },
                                     &rig->line[8] };
    struct poweroff_config ocfg = { rig->bus, rig->state, &rig->line[9] };
    struct uart *uart = uart_new(&ucfg);
    struct parport *pp = parport_new(&pcfg);
    struct testports *tp = testports_new(&tcfg);
    struct poweroff *po = poweroff_new(&ocfg);
    unsigned own;

    last = 0;
    while (f.p < f.end) {
        size_t left;

        if (fuzz_step(&f, rig, &own))
            continue;
        left = (size_t) (f.end - f.p);
        switch (own & 7) {
        case 0: uart_reset(uart); break;
        case 1: parport_reset(pp); break;
        case 2: poweroff_reset(po); break;
        case 3: testports_reset(tp); break;
        case 4: fuzz_forge(&f, rig); break;
        default:
            journal_post(rig->journal, "serial0", "rx", NULL, f.p, own < left ? own : left);
            break;
        }
    }
    fuzz_roundtrip(rig);
    uart_free(uart);
    parport_free(pp);
    testports_free(tp);
    poweroff_free(po);
    rig_free(rig);
    return 0;
}

/* Ports 61h and 92h with the timer: the sound follows the wires. */
#include "config.h"

#include "fuzz/fuzz_ops.h"

#include "hw/pit8254.h"
#include "hw/port92.h"
#include "hw/portb.h"

static const uint16_t ports[] = { 0x61, 0x61, 0x42, 0x43, 0x92 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = { data, data + (size < 2048 ? size : 2048), ports, 5, false };
    struct rig *rig = rig_new();
    struct pit_config tc = { &rig->sched, rig->bus, rig->state, { NULL, NULL, &rig->line[0] } };
    struct pit *pit = pit_new(&tc);
    struct portb_config bc = { &rig->sched, rig->bus, rig->state, &rig->line[1], &rig->line[2],
                               { pit_out, pit_rises, pit }, NULL };
    struct portb *portb = portb_new(&bc);
    struct port92_config pc = { rig->bus, rig->state, &rig->line[3], &rig->line[4] };
    struct port92 *port92 = port92_new(&pc);
    unsigned own;

    rig->line[0] = (struct irq_line){ 0, portb_set_out2, portb, 0 };
    rig->line[1] = (struct irq_line){ 0, pit_set_gate, pit, 2 };
    rig->line[2] = (struct irq_line){ 0, pit_listen, pit, 2 };
    while (f.p < f.end) {
        if (fuzz_step(&f, rig, &own) || own != 63)
            continue;
        portb_reset(portb);
        port92_reset(port92);
    }
    port92_free(port92);
    portb_free(portb);
    pit_free(pit);
    rig_free(rig);
    return 0;
}

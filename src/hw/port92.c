/*
 * System control port A: A20 and the processor's reset without the 8042.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "System control
 *         port A (92h)": a change of bit 0 from 0 to 1 resets the processor.
 * Absent: security lock (bit 3), fixed disk activity lights (bits 6 and 7):
 *         the bits are kept; watchdog (bit 4).
 */
#include "config.h"

#include "hw/port92.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"

enum {
    PORT_A = 0x92,
    PORT92_RESET = 0x01,
    PORT92_A20 = 0x02,
    PORT92_KEPT = 0xcb,
};

struct port92 {
    uint8_t latch;
    /* Wiring. */
    struct irq_line *a20, *reset;
};

const struct state_field port92_fields[] = {
    STATE_UINT(struct port92, latch),
    { NULL, STATE_KIND_END, sizeof(uint8_t), 0, 0, NULL },
};

static void port92_write(void *opaque, uint16_t port, uint8_t val)
{
    struct port92 *p = opaque;
    bool edge = (val & ~p->latch & PORT92_RESET) != 0;

    (void) port;
    p->latch = val & PORT92_KEPT;
    irq_set(p->a20, (val & PORT92_A20) != 0);
    if (edge) {
        irq_raise(p->reset);
        irq_lower(p->reset);
    }
}

static uint8_t port92_read(void *opaque, uint16_t port)
{
    const struct port92 *p = opaque;

    (void) port;
    return p->latch;
}

static const struct port_range port92_ports[] = {
    { .first = PORT_A, .count = 1, .in = port92_read, .out = port92_write },
};

void port92_reset(struct port92 *p)
{
    p->latch = 0;
    irq_lower(p->a20);
}

struct port92 *port92_new(const struct port92_config *cfg)
{
    struct port92 *p = xcalloc(1, sizeof *p);

    p->a20 = cfg->a20;
    p->reset = cfg->reset;
    bus_map_ports(cfg->bus, port92_ports, ARRAY_LEN(port92_ports), p);
    state_register(cfg->state, "port92", 1, port92_fields, p);
    return p;
}

void port92_free(struct port92 *p)
{
    free(p);
}

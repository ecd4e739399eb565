/*
 * Standard parallel port and its printer.
 *
 * Source: IBM PC AT Technical Reference, "Serial/Parallel Adapter", printer
 *         port; IBM "PC Graphics Printer" manual, interface timing.
 * Absent: bidirectional data, EPP, ECP; printer states other than ready.
 */
#include "config.h"

#include "hw/parport.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
    CONTROL_STROBE = 0x01,
    CONTROL_INIT = 0x04, /* 0 resets the printer */
    CONTROL_IRQ = 0x10,
    CONTROL_MASK = 0x1f,
    CONTROL_FLOAT = 0xe0, /* no such bits: read as ones */
    STATUS_READY = 0x80,
    STATUS_NO_ACK = 0x40,
    STATUS_REST = 0x1f, /* selected, no error, paper; unused bits read as ones */
    BUSY_NS = 10000,
    ACK_NS = 5000,
};

enum printer_phase {
    PRINTER_READY,
    PRINTER_BUSY,
    PRINTER_ACK, /* -ACK is low */
};

struct parport {
    /* Saved: parport_fields. */
    struct event event; /* end of the phase */
    uint8_t data;
    uint8_t control;
    uint8_t phase;
    uint8_t acked; /* -ACK has risen since the last strobe or read of status */
    /* Wiring. */
    uint8_t unused; /* ends the saved part without a gap */
    struct sched *sched;
    struct irq_line *irq;
    struct serial_sink sink;
    struct port_range ports;
};

const struct state_field parport_fields[] = {
    STATE_EVENT(struct parport, event),
    STATE_UINT(struct parport, data),
    STATE_UINT(struct parport, control),
    STATE_UINT(struct parport, phase),
    STATE_UINT(struct parport, acked),
    STATE_END(struct parport, unused),
};

static void parport_update_irq(struct parport *pp)
{
    irq_set(pp->irq, pp->acked && pp->control & CONTROL_IRQ);
}

static void parport_phase(struct parport *pp, enum printer_phase phase, uint64_t ns)
{
    pp->phase = (uint8_t) phase;
    event_at(pp->sched, &pp->event, sched_now(pp->sched) + ns);
}

static void parport_event(void *opaque)
{
    struct parport *pp = opaque;

    if (pp->phase == PRINTER_BUSY) {
        parport_phase(pp, PRINTER_ACK, ACK_NS);
        return;
    }
    pp->phase = PRINTER_READY;
    pp->acked = 1; /* the trailing edge asks for the interrupt */
    parport_update_irq(pp);
}

/* The printer takes the byte at the leading edge, if it is not busy. */
static void parport_strobe(struct parport *pp)
{
    if (pp->phase != PRINTER_READY || !(pp->control & CONTROL_INIT))
        return;
    serial_send(&pp->sink, pp->data, sched_now(pp->sched));
    pp->acked = 0;
    parport_phase(pp, PRINTER_BUSY, BUSY_NS);
}

static uint8_t parport_status(struct parport *pp)
{
    uint8_t status = STATUS_REST;

    if (pp->phase == PRINTER_READY)
        status |= STATUS_READY;
    if (pp->phase != PRINTER_ACK)
        status |= STATUS_NO_ACK;
    pp->acked = 0;
    parport_update_irq(pp);
    return status;
}

static uint8_t parport_in(void *opaque, uint16_t port)
{
    struct parport *pp = opaque;

    switch (port - pp->ports.first) {
    case 0: return pp->data;
    case 1: return parport_status(pp);
    default: return pp->control | CONTROL_FLOAT;
    }
}

static void parport_out(void *opaque, uint16_t port, uint8_t val)
{
    struct parport *pp = opaque;
    uint8_t risen = val & ~pp->control;

    switch (port - pp->ports.first) {
    case 0: pp->data = val; break;
    case 1: break; /* status is read-only */
    default:
        pp->control = val & CONTROL_MASK;
        if (risen & CONTROL_IRQ)
            pp->acked = 0; /* only an edge after enabling counts */
        if (risen & CONTROL_STROBE)
            parport_strobe(pp);
        parport_update_irq(pp);
        break;
    }
}

void parport_reset(struct parport *pp)
{
    pp->data = 0;
    pp->control = 0;
    pp->phase = PRINTER_READY;
    pp->acked = 0;
    event_cancel(pp->sched, &pp->event);
    parport_update_irq(pp);
}

struct parport *parport_new(const struct parport_config *cfg)
{
    struct parport *pp = xcalloc(1, sizeof *pp);

    pp->sched = cfg->sched;
    pp->irq = cfg->irq;
    pp->sink = cfg->sink;
    event_init(&pp->event, "printer", 0, parport_event, pp);
    parport_reset(pp);
    pp->ports = (struct port_range){
        .first = cfg->base, .count = 3, .in = parport_in, .out = parport_out
    };
    bus_map_ports(cfg->bus, &pp->ports, 1, pp);
    state_register(cfg->state, cfg->name, 1, parport_fields, pp);
    return pp;
}

void parport_free(struct parport *pp)
{
    free(pp);
}

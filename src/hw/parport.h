/*
 * Standard parallel port with a printer that is always ready.
 *
 * Each byte strobed out goes to the sink.
 */
#ifndef HW_PARPORT_H
#define HW_PARPORT_H

#include "core/bus.h"
#include "core/irq.h"
#include "core/sched.h"
#include "core/serial.h"
#include "core/state.h"

struct parport;

/* All that is pointed to outlives the chip. */
struct parport_config {
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct irq_line *irq; /* IRQ 7 */
    struct serial_sink sink;
    const char *name; /* of the state section: "parallel0" */
    uint16_t base;    /* 378h */
};

struct parport *parport_new(const struct parport_config *cfg);
void parport_free(struct parport *pp);
void parport_reset(struct parport *pp);

extern const struct state_field parport_fields[];

#endif

/*
 * System control port A of the PS/2: port 92h, fast A20 and fast reset.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "System control port A".
 */
#ifndef HW_PORT92_H
#define HW_PORT92_H

#include "core/bus.h"
#include "core/irq.h"
#include "core/state.h"

struct port92_config {
    struct bus *bus;
    struct state *state;
    struct irq_line *a20;   /* high: address line 20 is open */
    struct irq_line *reset; /* pulsed: the processor alone is reset */
};

struct port92;

extern const struct state_field port92_fields[];

struct port92 *port92_new(const struct port92_config *cfg);
void port92_free(struct port92 *p);
void port92_reset(struct port92 *p); /* A20 closed as far as this port decides */

#endif

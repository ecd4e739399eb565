/*
 * Ports for tests (--test-ports): a debug console at E9h, an end of the run at
 * 501h.  No PC has them.
 */
#ifndef HW_TESTPORTS_H
#define HW_TESTPORTS_H

#include "core/bus.h"
#include "core/irq.h"
#include "core/sched.h"
#include "core/serial.h"
#include "core/state.h"

struct testports;

/* All that is pointed to outlives the chip. */
struct testports_config {
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct serial_sink console;
    struct irq_line *exit; /* raised by a write to 501h */
};

struct testports *testports_new(const struct testports_config *cfg);
void testports_free(struct testports *tp);
void testports_reset(struct testports *tp); /* lowers `exit` */

/* The byte last written to 501h. */
uint8_t testports_exit_value(const struct testports *tp);

extern const struct state_field testports_fields[];

#endif

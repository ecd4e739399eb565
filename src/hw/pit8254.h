/*
 * The 8254 programmable interval timer of a PC: ports 40h to 43h.
 *
 * Source: Intel 8254 data sheet.
 */
#ifndef HW_PIT8254_H
#define HW_PIT8254_H

#include <stdint.h>

#include "core/bus.h"
#include "core/irq.h"
#include "core/sched.h"
#include "core/state.h"

enum { PIT_CHANNELS = 3 };

struct pit_config {
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    /* OUT of each channel; NULL: not connected.  Channel 0 is followed always,
     * the others while pit_listen() says so. */
    struct irq_line *out[PIT_CHANNELS];
};

struct pit;

extern const struct state_field pit_fields[];

struct pit *pit_new(const struct pit_config *cfg);
void pit_free(struct pit *pit);

/* The chip has no RESET pin: this is power-on.  Channel 1 runs at the refresh
 * rate, the others wait to be programmed.  Gates keep their level. */
void pit_reset(struct pit *pit);

/* irq_line.changed of the gates: n is the channel.  Gates 0 and 1 of a PC are
 * tied high, gate 2 starts low. */
void pit_set_gate(void *pit, unsigned n, int level);

/* irq_line.changed too: follow the edges of OUT n on its line from now on.
 * Outputs above 37 kHz are not followed. */
void pit_listen(void *pit, unsigned n, int on);

/* OUT n now; number of times that it rose in a periodic mode (RAM refresh). */
int pit_out(void *pit, unsigned n);
uint64_t pit_rises(void *pit, unsigned n);

#endif

/* The power-off port of board `at`: "Shutdown" written to 8900h, byte by byte. */
#ifndef HW_POWEROFF_H
#define HW_POWEROFF_H

#include "core/bus.h"
#include "core/irq.h"
#include "core/state.h"

struct poweroff;

/* All that is pointed to outlives the chip. */
struct poweroff_config {
    struct bus *bus;
    struct state *state;
    struct irq_line *off; /* raised when the word is complete */
};

struct poweroff *poweroff_new(const struct poweroff_config *cfg);
void poweroff_free(struct poweroff *po);
void poweroff_reset(struct poweroff *po); /* forgets a begun word, lowers `off` */

extern const struct state_field poweroff_fields[];

#endif

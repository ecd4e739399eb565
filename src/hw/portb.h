/*
 * System control port B of the AT: port 61h, and the speaker behind it.
 *
 * Source: IBM PC AT Technical Reference, "System board", "Port B".
 */
#ifndef HW_PORTB_H
#define HW_PORTB_H

#include "core/audio.h"
#include "core/bus.h"
#include "core/irq.h"
#include "core/sched.h"
#include "core/state.h"

/* What port B sees of the timer. */
struct portb_timer {
    int (*out)(void *opaque, unsigned n);        /* level of OUT n now */
    uint64_t (*rises)(void *opaque, unsigned n); /* how often OUT n rose */
    void *opaque;
};

struct portb_config {
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct irq_line *gate2;  /* to the timer's gate 2 */
    struct irq_line *listen; /* high while OUT2's edges can be heard */
    struct portb_timer timer;
    const struct audio_sink *audio; /* may be NULL */
};

struct portb;

extern const struct state_field portb_fields[];

struct portb *portb_new(const struct portb_config *cfg);
void portb_free(struct portb *pb);
void portb_reset(struct portb *pb);

/* irq_line.changed of OUT2; n is not used. */
void portb_set_out2(void *pb, unsigned n, int level);

#endif

/*
 * A bench for one chip: bus, time, interrupt lines, state and journal, moved
 * by hand.  The CPU clock is 10 MHz; an I/O access takes no time here.
 */
#ifndef SUPPORT_RIG_H
#define SUPPORT_RIG_H

#include "core/bus.h"
#include "core/irq.h"
#include "core/journal.h"
#include "core/ram.h"
#include "core/sched.h"
#include "core/state.h"

enum { RIG_LINES = 24, RIG_RAM = 1 << 20 };

struct rig {
    struct sched sched;
    struct bus *bus;
    struct state *state;
    struct journal *journal;
    struct ram ram; /* 1 MiB at address 0 */
    struct irq_line line[RIG_LINES];
    unsigned edges[RIG_LINES]; /* how often each line rose */
};

struct rig *rig_new(void);
void rig_free(struct rig *rig);

uint8_t rig_in(struct rig *rig, uint16_t port);
uint16_t rig_in16(struct rig *rig, uint16_t port);
void rig_out(struct rig *rig, uint16_t port, uint8_t val);
void rig_out16(struct rig *rig, uint16_t port, uint16_t val);
int rig_irq(const struct rig *rig, unsigned n); /* level of line n */

/* Let ns pass; events due up to and at the new time have run. */
void rig_run(struct rig *rig, uint64_t ns);

/*
 * Saves the whole state, loads it again, and compares hash and bytes; NULL, or
 * a text that says what is wrong.  A chip's test calls it at odd moments.
 */
const char *rig_roundtrip(struct rig *rig);

#endif

/*
 * The 8042 keyboard and mouse controller of a PS/2: ports 60h and 64h.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and
 *         auxiliary device controller"; IBM PC AT Technical Reference.
 */
#ifndef HW_KBC8042_H
#define HW_KBC8042_H

#include <stdbool.h>

#include "core/bus.h"
#include "core/irq.h"
#include "core/sched.h"
#include "core/state.h"
#include "hw/ps2_wire.h"

struct kbc_config {
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct irq_line *irq_kbd; /* IRQ 1: high while the output buffer holds a byte */
    struct irq_line *irq_aux; /* IRQ 12 */
    struct irq_line *a20;     /* high: address line 20 is open; high at reset */
    struct irq_line *reset;   /* pulsed: the processor alone is reset */
    struct ps2_wire *kbd, *aux;
};

struct kbc;

extern const struct state_field kbc_fields[];

struct kbc *kbc_new(const struct kbc_config *cfg);
void kbc_free(struct kbc *kbc);

/* Both interfaces off and without interrupts, as before the self-test. */
void kbc_reset(struct kbc *kbc);

/* The guest listens: keyboard interface and its interrupt are on. */
bool kbc_ready(const struct kbc *kbc);

#endif

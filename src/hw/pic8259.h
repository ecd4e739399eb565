/*
 * The 8259A interrupt controllers of a PC: one, or the cascaded pair of an AT
 * with the edge/level registers of later boards.
 *
 * Source: Intel 8259A data sheet; Intel 82371AB (PIIX4) data sheet, ELCR1/2.
 */
#ifndef HW_PIC8259_H
#define HW_PIC8259_H

#include <stdint.h>

#include "core/bus.h"
#include "core/irq.h"
#include "core/state.h"

struct pic_config {
    struct bus *bus;
    struct state *state;
    struct irq_line *intr; /* to the CPU: high while an interrupt waits */
    unsigned chips;        /* 1: ports 20h-21h; 2: also A0h-A1h and 4D0h-4D1h */
};

struct pic;

extern const struct state_field pic_fields[];

struct pic *pic_new(const struct pic_config *cfg);
void pic_free(struct pic *pic);

/* As after power-on: silent until it is initialised.  Input levels stay. */
void pic_reset(struct pic *pic);

/* irq_line.changed of the interrupt lines: n is 0 to 15 (2 is the cascade). */
void pic_set_input(void *pic, unsigned n, int level);

/* The CPU's acknowledge cycle: the vector.  A request that went away in the
 * meantime yields the spurious vector (IRQ 7 or 15), as does calling without one. */
uint8_t pic_ack(struct pic *pic);
/* What pic_ack gives for `irq` (0 to 15) as the chips are programmed now. */
uint8_t pic_vector(const struct pic *pic, unsigned irq);

/* True when IRQ n is not masked (its master's cascade included). */
bool pic_unmasked(const struct pic *pic, unsigned n);

#endif

/*
 * A wire between chips: an interrupt request, a gate, a reset line.
 *
 * The owner (the board) keeps the struct and saves `level`; the source raises
 * and lowers it; the sink is called once for each change of level.
 */
#ifndef CORE_IRQ_H
#define CORE_IRQ_H

#include <stddef.h>
#include <stdint.h>

struct irq_line {
    uint8_t level; /* 0 or 1: saved state, in the table of the line's owner */
    /* Wiring: set once by the owner, never saved. */
    void (*changed)(void *opaque, unsigned input, int level); /* may be NULL */
    void *opaque;
    unsigned input; /* which input of the sink */
};

static inline void irq_set(struct irq_line *line, int level)
{
    if (line->level == level)
        return;
    line->level = (uint8_t) level;
    if (line->changed != NULL)
        line->changed(line->opaque, line->input, level);
}

static inline void irq_raise(struct irq_line *line)
{
    irq_set(line, 1);
}

static inline void irq_lower(struct irq_line *line)
{
    irq_set(line, 0);
}

#endif

/*
 * The 8254 and the ways to wait.
 *
 * Two clocks: the ticks of INT 08h, for waits that others may run in, and the
 * refresh request at port 61h bit 4, which toggles each 15.085 us, for waits
 * that keep interrupts off and for times when IRQ 0 does not come.
 */
#ifndef BIOS_HW_TIMER_H
#define BIOS_HW_TIMER_H

#include <stdbool.h>
#include <stdint.h>

void timer_init(void);
void timer_delay(uint32_t us); /* interrupts stay off */

/* A time limit with interrupts off: while (... && limit_step(&l)) */
struct limit {
    uint32_t toggles;
    uint8_t last;
};

void limit_start(struct limit *l, uint32_t us);
bool limit_step(struct limit *l);

/* A time limit for something that ends with an IRQ; waits on each step. */
struct wait {
    struct limit limit;
    uint32_t tick;
    uint16_t ticks;
    bool halt;
};

void wait_start(struct wait *w, unsigned irq, uint16_t ms);
bool wait_step(struct wait *w);

#endif

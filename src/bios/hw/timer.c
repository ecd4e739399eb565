/*
 * 8254 at 40h, port 61h.
 *
 * Source: Intel 8254 data sheet, "Control word format"; IBM PC AT Technical
 *         Reference, "System timers" (channel 1: refresh, 15 us).
 */
#include "bios/hw/timer.h"

#include "bios/bios.h"
#include "bios/hw/pic.h"
#include "bios/port.h"
#include "bios/std/bda.h"

enum {
    PORT_B = 0x61,
    PORT_B_REFRESH = 0x10,
};

void timer_init(void)
{
    outb(0x43, 0x36); /* channel 0: mode 3, 65536 */
    outb(0x40, 0);
    outb(0x40, 0);
    outb(0x43, 0x54); /* channel 1: mode 2, 18 */
    outb(0x41, 18);
    outb(0x43, 0xb6); /* channel 2: mode 3, 896 Hz beep, not yet heard */
    outb(0x42, 0x33);
    outb(0x42, 0x05);
    outb(PORT_B, 0);
}

void limit_start(struct limit *l, uint32_t us)
{
    l->toggles = us / 15 + 1;
    l->last = inb(PORT_B) & PORT_B_REFRESH;
}

bool limit_step(struct limit *l)
{
    uint8_t now = inb(PORT_B) & PORT_B_REFRESH;

    if (now != l->last) {
        l->last = now;
        l->toggles--;
    }
    return l->toggles != 0;
}

void timer_delay(uint32_t us)
{
    struct limit l;

    limit_start(&l, us);
    while (limit_step(&l))
        ;
}

/*
 * HLT is only for real mode, where it is ours, and if both the interrupt and
 * the clock that ends the wait without it can come.
 */
void wait_start(struct wait *w, unsigned irq, uint16_t ms)
{
    w->halt = !(cpu_msw() & 1) && !pic_is_masked(irq) && !pic_is_masked(0);
    w->tick = bda.ticks;
    w->ticks = ms / 55 + 2;
    limit_start(&w->limit, (uint32_t) ms * 1000);
}

bool wait_step(struct wait *w)
{
    if (!w->halt) {
        wait_window();
        return limit_step(&w->limit);
    }
    wait_halt();
    if (bda.ticks != w->tick) {
        w->tick = bda.ticks;
        w->ticks--;
    }
    return w->ticks != 0;
}

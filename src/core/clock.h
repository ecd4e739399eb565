/*
 * Virtual time and the clocks in it.
 *
 * vtime counts nanoseconds since power-on.  A clock is a frequency as a
 * fraction with an origin: tick numbers and times are computed from the
 * origin with integers, so nothing drifts however long the machine runs.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

typedef uint64_t vtime;

/* Raised with every change of an instruction's cost, of a bus time or of a
 * device's timing: a trace made under another number does not replay. */
enum { TIMING = 1 };

#define VTIME_NEVER  UINT64_MAX
#define VTIME_SECOND UINT64_C(1000000000)

struct clock {
    uint64_t num; /* frequency in Hz is num / den; num <= 2^34, den <= 2^16 */
    uint64_t den;
    vtime vtime0;   /* origin: at vtime0 the tick number is tick0 */
    uint64_t tick0;
};

/* Crystals of the PC: 14.31818 MHz / 12 for the timer, 32.768 kHz. */
extern const struct clock clk_pit;
extern const struct clock clk_32768;

/*
 * Tick number of `clk` at or before `t` >= vtime0.  Exact for all t below 2^63.
 * Inverse: clock_time(clk, k), the first vtime at which clock_ticks() has
 * reached k >= tick0 (VTIME_NEVER when that lies beyond 2^64).
 */
uint64_t clock_ticks(const struct clock *clk, vtime t);
vtime clock_time(const struct clock *clk, uint64_t k);

/* Ticks needed to cover `ns`, rounded up. */
uint64_t clock_span(const struct clock *clk, uint64_t ns);

#endif

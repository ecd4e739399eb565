/* Clocks as integer fractions of virtual time. */
#include "config.h"

#include "core/clock.h"

typedef unsigned __int128 u128;

/* 315/88 MHz is the colour subcarrier, x4 the crystal, /12 the timer input. */
const struct clock clk_pit = { .num = 13125000, .den = 11 };
const struct clock clk_32768 = { .num = 32768, .den = 1 };

uint64_t clock_ticks(const struct clock *clk, vtime t)
{
    u128 n = (u128) (t - clk->vtime0) * clk->num;

    return clk->tick0 + (uint64_t) (n / (clk->den * VTIME_SECOND));
}

vtime clock_time(const struct clock *clk, uint64_t k)
{
    u128 n = (u128) (k - clk->tick0) * (clk->den * VTIME_SECOND);
    u128 t = (n + clk->num - 1) / clk->num + clk->vtime0;

    return t < VTIME_NEVER ? (vtime) t : VTIME_NEVER;
}

uint64_t clock_span(const struct clock *clk, uint64_t ns)
{
    u128 n = (u128) ns * clk->num;
    u128 d = (u128) clk->den * VTIME_SECOND;

    return (uint64_t) ((n + d - 1) / d);
}

/*
 * The host's clocks.  Host time lives in src/host and in the pacing of ctl's
 * run loop; nothing here reaches the guest, except the date at power-on.
 */
#ifndef HOST_WALL_H
#define HOST_WALL_H

#include <stdint.h>

/* Monotonic nanoseconds from an arbitrary origin. */
uint64_t wall_now(void);

/* Processor time this process has used, in nanoseconds. */
uint64_t wall_cpu(void);

/* Sleeps until wall_now() has reached `at`; a signal may end it early. */
void wall_sleep_until(uint64_t at);

/* The host's local date and time as seconds since 1970-01-01T00:00:00, as if
 * local time were UTC: what a PC's clock holds. */
int64_t wall_local_time(void);

#endif

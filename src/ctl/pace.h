/*
 * Wall time for virtual time: an origin and a speed.
 *
 * Every due time is computed from the origin, so nothing drifts.  A host that
 * is late moves the origin; virtual time never knows.
 */
#ifndef CTL_PACE_H
#define CTL_PACE_H

#include <stdint.h>

#include "core/clock.h"

enum { PACE_REAL = 1000000 /* speed: millionths of real time */ };

struct pace {
    uint64_t speed;  /* 0: as fast as the host can */
    uint64_t wall0;  /* at this wall time ... */
    vtime vtime0;    /* ... this virtual time is due */
    uint64_t lost;   /* ns by which the origin has moved because the host was late */
};

/* From here on `now` is due at `wall`, and time goes on at `speed`. */
void pace_start(struct pace *p, uint64_t speed, uint64_t wall, vtime now);

/* Wall time at which `t` is due; 0 (at once) without a speed. */
uint64_t pace_due(const struct pace *p, vtime t);

/* Virtual time that is due at `wall`: the inverse, rounded down. */
vtime pace_vtime(const struct pace *p, uint64_t wall);

/* The machine stands at `now`: a lag that is too long to be made up for moves the origin. */
void pace_check(struct pace *p, uint64_t wall, vtime now);

#endif

/* Wall time for virtual time. */
#include "config.h"

#include "ctl/pace.h"

enum { PACE_LAG = 50000000 /* ns: a shorter lag is made up for */ };

void pace_start(struct pace *p, uint64_t speed, uint64_t wall, vtime now)
{
    p->speed = speed;
    p->wall0 = wall;
    p->vtime0 = now;
}

static uint64_t pace_scale(uint64_t span, uint64_t num, uint64_t den)
{
    return (uint64_t) ((unsigned __int128) span * num / den);
}

uint64_t pace_due(const struct pace *p, vtime t)
{
    if (p->speed == 0)
        return 0;
    if (t < p->vtime0)
        return p->wall0;
    return p->wall0 + pace_scale(t - p->vtime0, PACE_REAL, p->speed);
}

vtime pace_vtime(const struct pace *p, uint64_t wall)
{
    if (wall < p->wall0)
        return p->vtime0;
    return p->vtime0 + pace_scale(wall - p->wall0, p->speed, PACE_REAL);
}

void pace_check(struct pace *p, uint64_t wall, vtime now)
{
    uint64_t due = pace_due(p, now);

    if (p->speed == 0 || wall < due || wall - due <= PACE_LAG)
        return;
    p->lost += wall - due;
    p->wall0 += wall - due;
}

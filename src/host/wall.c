/* The host's clocks: clock_gettime(2), clock_nanosleep(2). */
#include "config.h"

#include "host/wall.h"

#include <time.h>

static uint64_t wall_read(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (uint64_t) ts.tv_sec * 1000000000u + (uint64_t) ts.tv_nsec;
}

uint64_t wall_now(void)
{
    return wall_read(CLOCK_MONOTONIC);
}

uint64_t wall_cpu(void)
{
    return wall_read(CLOCK_PROCESS_CPUTIME_ID);
}

void wall_sleep_until(uint64_t at)
{
    struct timespec ts = {
        .tv_sec = (time_t) (at / 1000000000u),
        .tv_nsec = (long) (at % 1000000000u),
    };

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

int64_t wall_local_time(void)
{
    time_t now = time(NULL);
    struct tm tm;

    if (localtime_r(&now, &tm) == NULL)
        return now;
    return timegm(&tm);
}

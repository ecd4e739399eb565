/*
 * Requests to end from outside: SIGINT, SIGTERM, SIGHUP.  They are blocked and
 * read from a descriptor between slices, so no handler and no global exists.
 */
#ifndef HOST_SIGNALS_H
#define HOST_SIGNALS_H

#include <signal.h>

struct signals {
    int fd; /* -1: none */
    sigset_t before;
};

void signals_open(struct signals *s);
void signals_close(struct signals *s); /* restores the mask */

/* Number of the first signal that waits, or 0. */
int signals_take(struct signals *s);

#endif

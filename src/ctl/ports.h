/* Serial and parallel ports of a machine, and their ends on the host. */
#ifndef CTL_PORTS_H
#define CTL_PORTS_H

#include <stdbool.h>

#include "base/err.h"
#include "board/machine.h"
#include "ctl/options.h"
#include "ctl/steps.h"
#include "host/sink.h"

struct ports_serial {
    struct sink *sink;   /* NULL: not connected */
    struct steps *steps; /* listens too; COM1 only, NULL else */
    vtime received;      /* when bytes came in last */
};

struct ports {
    struct ports_serial serial[MACHINE_SERIALS];
    struct sink *parallel, *debug;
};

/* Opens what the options name; `p` stays where it is. */
int ports_open(struct ports *p, const struct options *o, struct machine_config *cfg,
               struct err *err);
void ports_close(struct ports *p);

/* Between two slices: bytes that came in go to the guest, waiting ones out. */
void ports_poll(struct ports *p, struct journal *journal, vtime now);

/* Something may come in at any time. */
bool ports_have_input(const struct ports *p);

/* A reader lags far behind: the run should wait. */
bool ports_stalled(const struct ports *p);

#endif

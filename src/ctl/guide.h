/* Runs of a machine that something else than the command line leads: a test. */
#ifndef CTL_GUIDE_H
#define CTL_GUIDE_H

#include "base/err.h"
#include "ctl/exit.h"
#include "ctl/media.h"
#include "ctl/options.h"
#include "ctl/run.h"

struct guide {
    /* The machine is made, the steps have not begun.  -1: it cannot go on. */
    int (*start)(void *opaque, struct run *run, struct err *err);
    /* The run is over, the machine still there. */
    void (*end)(void *opaque, struct run *run, enum ctl_exit code);
    void *opaque;
};

/* From options to the exit code; `guide` may be NULL. */
enum ctl_exit guide_run(const struct guide *guide, struct options *o, const struct media_demo *demo,
                        struct err *err);

#endif

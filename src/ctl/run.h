/* The run: slices of virtual time, paced to the wall clock or not. */
#ifndef CTL_RUN_H
#define CTL_RUN_H

#include "base/err.h"
#include "board/machine.h"
#include "ctl/exit.h"
#include "ctl/options.h"
#include "ctl/ports.h"
#include "ctl/steps.h"

enum { RUN_STOPS = MACHINE_TEST_EXIT + 1 };

struct run_stats {
    uint64_t exits[RUN_STOPS]; /* how often machine_run came back, by reason */
    uint64_t wall, cpu;        /* ns */
};

struct run {
    const struct options *options;
    struct machine *machine;
    struct steps *steps;
    struct ports *ports;
    struct run_stats stats;
};

/* Runs to the end, folds the disks, returns the exit code.  Says on standard
 * error why it ended, unless it ended as asked. */
enum ctl_exit run_machine(struct run *run);

#endif

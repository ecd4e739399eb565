/* What is written at the end, on every exit of a run. */
#ifndef CTL_REPORT_H
#define CTL_REPORT_H

#include "ctl/exit.h"
#include "ctl/run.h"

/* Screen, then hash, then statistics; `code`, or CTL_HOST if one cannot be written. */
enum ctl_exit report_write(const struct run *run, enum ctl_exit code);

#endif

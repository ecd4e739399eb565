/* reprise bisect: the instruction at which something became so. */
#ifndef CTL_BISECT_H
#define CTL_BISECT_H

#include <stdbool.h>

#include "base/err.h"
#include "ctl/exit.h"
#include "ctl/media.h"
#include "ctl/options.h"
#include "ctl/run.h"

/* -1: there is nothing to look for. */
int bisect_check(const struct options *o, struct err *err);

/* Is the second path a trace, too?  Then: the instruction after which the two
 * machines are not the same, and what differs, on standard output. */
bool bisect_is_two(const struct options *o);
enum ctl_exit bisect_two(const struct options *o, const struct media_demo *demo, struct err *err);

/* The replay ended at the first look at which the last --until was met: finds
 * the instruction before which it was not, and prints it. */
enum ctl_exit bisect_run(struct run *run);

#endif

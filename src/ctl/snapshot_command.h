/* reprise snapshot info, list, delete, clone. */
#ifndef CTL_SNAPSHOT_COMMAND_H
#define CTL_SNAPSHOT_COMMAND_H

#include "base/err.h"
#include "ctl/exit.h"
#include "ctl/options.h"

enum ctl_exit snapshot_command(const struct options *o, struct err *err);

#endif

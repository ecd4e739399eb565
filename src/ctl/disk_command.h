/* Commands about files, without a machine: reprise disk, and what is like it. */
#ifndef CTL_DISK_COMMAND_H
#define CTL_DISK_COMMAND_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "ctl/exit.h"
#include "ctl/options.h"

enum ctl_exit disk_command(const struct options *o, struct err *err);

/* reprise COMMAND NAME PATH... */
struct command_verb {
    const char *name, *args;
    unsigned paths; /* how many `run` takes */
    bool many;      /* again for each path that follows */
    /* Adds what is to be printed to `out`. */
    int (*run)(const char *const *path, struct buf *out, struct err *err);
};
enum ctl_exit verb_run(const char *command, const struct command_verb *verb, unsigned n,
                       const struct options *o, struct err *err);

#endif

#include "config.h"

#include "ctl/anchor.h"

enum ctl_exit anchor_main(struct options *o, const struct media_demo *demo, struct err *err)
{
    (void) o;
    (void) demo;
    err_set(err, "--from-trace: not in this build");
    return CTL_USAGE;
}

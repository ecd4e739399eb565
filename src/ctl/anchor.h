/* reprise test --from-trace: a recording as a test whose inputs hang on what is seen. */
#ifndef CTL_ANCHOR_H
#define CTL_ANCHOR_H

#include "base/err.h"
#include "ctl/exit.h"
#include "ctl/media.h"
#include "ctl/options.h"

enum ctl_exit anchor_main(struct options *o, const struct media_demo *demo, struct err *err);

#endif

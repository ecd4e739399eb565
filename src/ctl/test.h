/* reprise test: tests of docs/test-format.md, each on a machine of its own. */
#ifndef CTL_TEST_H
#define CTL_TEST_H

#include "base/err.h"
#include "ctl/exit.h"
#include "ctl/media.h"
#include "ctl/options.h"

enum ctl_exit test_main(struct options *o, const struct media_demo *demo, struct err *err);

#endif

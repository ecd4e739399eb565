/* Processor models and clocks, with the names people know them by. */
#ifndef CTL_MODEL_H
#define CTL_MODEL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "board/machine.h"

struct model {
    enum cpu_model cpu;
    uint64_t clock_num, clock_den; /* Hz */
};

/* "pentium", "p2-300", "486dx2-66".  -1: err names what there is. */
int model_parse(const char *text, struct model *out, struct err *err);

/* The i-th name, NULL after the last; the first CPU_MODELS are the models' own,
 * in the order of enum cpu_model. */
const char *model_name(unsigned i);

/* Lines for --help. */
void model_list(struct buf *out);

#endif

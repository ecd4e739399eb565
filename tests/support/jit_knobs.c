/* The translator's knobs, drawn from a number. */
#include "config.h"

#include "support/jit_knobs.h"

#include <stdlib.h>

struct jit_knobs jit_knobs_draw(unsigned seed)
{
    if (seed == 0)
        return jit_default_knobs;
    srand(seed);
    return (struct jit_knobs){
        .threshold = (unsigned) rand() % 64,
        .max_insns = 1 + (unsigned) rand() % 32,
        .evict_every = rand() % 2 ? 0 : 100 + (unsigned) rand() % 1000, /* of fewer blocks nothing is done but making them */
        .no_links = rand() % 4 == 0,
        .no_window = rand() % 4 == 0,
        .no_fpu = rand() % 8 == 0,
        .step_all = rand() % 16 == 0,
    };
}

void jit_knobs_print(const struct jit_knobs *knobs, FILE *to)
{
    fprintf(to, "threshold %u, blocks of %u, ", knobs->threshold, knobs->max_insns);
    if (knobs->evict_every != 0)
        fprintf(to, "all evicted every %u blocks", knobs->evict_every);
    else
        fprintf(to, "evicted when full");
    fprintf(to, "%s%s%s%s", knobs->no_links ? ", no links" : "", knobs->no_window ? ", no window" : "",
            knobs->no_fpu ? ", no x87" : "", knobs->step_all ? ", all stepped" : "");
}

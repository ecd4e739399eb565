/*
 * Two rigs of one content, one interpreted, one translated: they do the same.
 */
#ifndef SUPPORT_JIT_PAIR_H
#define SUPPORT_JIT_PAIR_H

#include "jit/jit.h"
#include "support/cpu_rig.h"

/* Default knobs, but everything is translated at once. */
struct jit_knobs jit_pair_knobs(void);

/* Runs both, `times` times `steps` ticks, and asserts equal hashes each time.  Frees them. */
void jit_pair_run(struct cpu_rig *interpreted, struct cpu_rig *translated, const struct jit_knobs *knobs, unsigned steps,
                  unsigned times);

/* The same on machines that `make` makes of `what`: with the window, without it, and paged. */
void jit_pair_run_each(struct cpu_rig *(*make)(const void *what, bool paged), const void *what, unsigned steps,
                       unsigned times);

/* The same on machines with devices, in protected mode with paging, that `set_up` makes the rest of. */
void jit_pair_run_paged(void (*set_up)(struct cpu_rig *), unsigned steps, unsigned times);

#endif

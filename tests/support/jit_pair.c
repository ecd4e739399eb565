#include "config.h"

#include "support/jit_pair.h"

#include "support/suite.h"

struct jit_knobs jit_pair_knobs(void)
{
    struct jit_knobs knobs = jit_default_knobs;

    knobs.threshold = 1;
    return knobs;
}

void jit_pair_run(struct cpu_rig *interpreted, struct cpu_rig *translated, const struct jit_knobs *knobs, unsigned steps,
                  unsigned times)
{
    struct err err;
    struct jit *jit = jit_new(translated->cpu, &translated->ram, knobs, &err);

    ck_assert_ptr_nonnull(jit);
    while (times-- != 0) {
        cpu_rig_step(interpreted, steps);
        cpu_rig_step(translated, steps);
        ck_assert_uint_eq(cpu_rig_hash(interpreted), cpu_rig_hash(translated));
    }
    ck_assert_uint_gt(jit_stats(jit)->blocks, 0);
    jit_free(jit);
    cpu_rig_free(interpreted);
    cpu_rig_free(translated);
}

void jit_pair_run_each(struct cpu_rig *(*make)(const void *what, bool paged), const void *what, unsigned steps,
                       unsigned times)
{
    for (unsigned k = 0; k < 3; k++) {
        struct jit_knobs knobs = jit_pair_knobs();

        knobs.no_window = k == 1;
        jit_pair_run(make(what, k == 2), make(what, k == 2), &knobs, steps, times);
    }
}

void jit_pair_run_paged(void (*set_up)(struct cpu_rig *), unsigned steps, unsigned times)
{
    struct cpu_rig *r[2];
    struct jit_knobs knobs = jit_pair_knobs();

    if (!jit_available())
        return;
    for (unsigned i = 0; i < 2; i++) {
        r[i] = cpu_rig_new(CPU_P2, 2 << 20);
        cpu_rig_devices(r[i]);
        cpu_rig_protected(r[i], 0);
        cpu_rig_paging(r[i]);
        set_up(r[i]);
    }
    jit_pair_run(r[0], r[1], &knobs, steps, times);
}

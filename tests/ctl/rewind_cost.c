/*
 * What going back costs: a run with points of the past, as a window keeps them;
 * at its end 100 instructions back, one by one.  Says how much memory the points
 * took at most and at the end, how long one took, how long a step back.
 *
 *   rewind_cost OPTION... [DISK]...     options of reprise
 *
 * Part of `make soak`.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "board/rewind.h"
#include "ctl/guide.h"
#include "host/wall.h"
#include "images/demo.h"

enum { STEPS = 100 };

static int cost_start(void *opaque, struct run *run, struct err *err)
{
    (void) opaque;
    (void) err;
    run->wants_past = true;
    return 0;
}

static void cost_end(void *opaque, struct run *run, enum ctl_exit code)
{
    double sum = 0, most = 0;
    size_t bytes = rewind_bytes(run->rewind), points = rewind_points(run->rewind);
    vtime now = machine_now(run->machine);
    struct err err;

    (void) opaque;
    if (code != CTL_OK)
        return;
    for (unsigned i = 0; i < STEPS; i++) {
        uint64_t start = wall_cpu(), took;
        uint64_t insns = machine_insns(run->machine);

        if (rewind_step(run->rewind, &err) < 0 || machine_insns(run->machine) != insns - 1) {
            log_warn("a step back failed");
            exit(CTL_MISMATCH);
        }
        took = wall_cpu() - start;
        sum += (double) took;
        if ((double) took > most)
            most = (double) took;
    }
    printf("%.3f s, %zu points, %.1f MiB, back to %.3f s; a step back: %.1f ms, at most %.1f\n",
           (double) now / 1e9, points, (double) bytes / 1048576, (double) rewind_oldest(run->rewind) / 1e9,
           sum / STEPS / 1e6, most / 1e6);
}

int main(int argc, char **argv)
{
    struct media_demo demo = { reprise_demo_disk, reprise_demo_disk_size };
    struct options_places nowhere = { NULL, NULL };
    struct guide guide = { cost_start, cost_end, NULL };
    struct options o;
    struct err err = { "" };
    enum ctl_exit code;

    options_init(&o);
    code = options_parse(&o, argc, argv, &nowhere, &err);
    if (code == CTL_OK)
        code = guide_run(&guide, &o, &demo, &err);
    if (err.msg[0] != '\0')
        log_warn("%s", err.msg);
    options_free(&o);
    return (int) code;
}

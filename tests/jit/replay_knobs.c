/*
 * Replays a trace with the translator's knobs and the length of slices drawn
 * from a number (0: the usual ones), and compares at all checkpoints.
 *
 *   replay_knobs SEED [OPTION]... TRACE [DISK]...    options of reprise replay
 *
 * Part of `make soak`.  The exit code is that of reprise replay --verify.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "ctl/guide.h"
#include "images/demo.h"
#include "support/jit_knobs.h"

struct drawn {
    struct jit_knobs knobs;
    vtime slice;
};

static int drawn_start(void *opaque, struct run *run, struct err *err)
{
    const struct drawn *d = opaque;

    (void) err;
    machine_set_knobs(run->machine, &d->knobs);
    run->slice = d->slice;
    return 0;
}

static void drawn_end(void *opaque, struct run *run, enum ctl_exit code)
{
    (void) opaque;
    (void) run;
    (void) code;
}

static struct drawn draw(unsigned seed)
{
    struct drawn d = { .knobs = jit_knobs_draw(seed), .slice = 0 };

    if (seed == 0)
        return d;
    /* From a few instructions to 0.2 s; not a round number. */
    d.slice = 1000;
    for (unsigned power = (unsigned) rand() % 6; power != 0; power--)
        d.slice *= 10;
    d.slice += (vtime) rand() % d.slice;
    return d;
}

int main(int argc, char **argv)
{
    struct media_demo demo = { reprise_demo_disk, reprise_demo_disk_size };
    struct options_places nowhere = { NULL, NULL };
    struct drawn d;
    struct guide guide = { drawn_start, drawn_end, &d };
    struct options o;
    struct err err = { "" };
    enum ctl_exit code;
    char **args;
    int n = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: replay_knobs SEED [OPTION]... TRACE [DISK]...\n");
        return CTL_USAGE;
    }
    d = draw((unsigned) atoi(argv[1]));
    fprintf(stderr, "replay_knobs: ");
    jit_knobs_print(&d.knobs, stderr);
    fprintf(stderr, ", slices of %llu ns\n", (unsigned long long) d.slice);
    args = xcalloc((size_t) argc + 5, sizeof *args);
    args[n++] = argv[0];
    args[n++] = xstrdup("replay");
    args[n++] = xstrdup("--verify");
    args[n++] = xstrdup("--engine=jit");
    for (int i = 2; i < argc; i++)
        args[n++] = argv[i];
    options_init(&o);
    code = options_parse(&o, n, args, &nowhere, &err);
    if (code == CTL_OK)
        code = guide_run(&guide, &o, &demo, &err);
    if (err.msg[0] != '\0')
        log_warn("%s", err.msg);
    options_free(&o);
    for (int i = 1; i < 4; i++)
        free(args[i]);
    free(args);
    return (int) code;
}

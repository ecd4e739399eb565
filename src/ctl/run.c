/*
 * The run.
 *
 * Slices and pacing cannot be seen by the guest: what happens at a virtual
 * time (steps, --until) follows from that time alone.
 */
#include "config.h"

#include "ctl/run.h"

#include <stdio.h>

#include "base/log.h"
#include "host/signals.h"
#include "host/wall.h"

enum {
    RUN_SLICE_INPUT = 1000000, /* ns of vtime: host input is looked for this often */
    RUN_SLICE = 10000000,
    RUN_FOLD_PERIOD = 1000000000, /* ns of wall time */
    RUN_LAG = 50000000,           /* a shorter lag is made up for */
    RUN_STALL_NAP = 2000000,
};

/* Wall time for vtime, from an origin that moves when the host is late. */
struct run_pace {
    uint64_t speed;  /* millionths; 0: none */
    uint64_t origin; /* wall time of vtime 0 at this speed */
};

struct run_loop {
    struct run *run;
    struct signals signals;
    struct run_pace pace;
    uint64_t deadline; /* wall time; UINT64_MAX: none */
    uint64_t fold_at;
    bool failing[MACHINE_DISKS];
};

/* --- disks --------------------------------------------------------------- */

/* One line when a disk begins to fail, not one a second. */
static int run_fold_disk(struct run_loop *l, unsigned i)
{
    struct disk *d = machine_disk(l->run->machine, i);
    struct err err = { "" };
    bool failed = d != NULL && disk_dirty(d) && disk_fold(d, &err) < 0;

    if (failed && !l->failing[i])
        log_warn("%s", err.msg);
    l->failing[i] = failed;
    return failed ? -1 : 0;
}

static int run_fold(struct run_loop *l)
{
    int rc = 0;

    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        if (run_fold_disk(l, i) < 0)
            rc = -1;
    l->fold_at = wall_now() + RUN_FOLD_PERIOD;
    return rc;
}

/* --- pace ---------------------------------------------------------------- */

static uint64_t pace_wall(const struct run_pace *p, vtime t)
{
    return p->origin + (uint64_t) ((unsigned __int128) t * 1000000 / p->speed);
}

static void pace_wait(struct run_pace *p, vtime now)
{
    uint64_t due, wall;

    if (p->speed == 0)
        return;
    due = pace_wall(p, now);
    wall = wall_now();
    if (wall < due)
        wall_sleep_until(due);
    else if (wall - due > RUN_LAG)
        p->origin += wall - due;
}

/* --- the loop ------------------------------------------------------------ */

/* Ends that come from outside; CTL_OK: none. */
static enum ctl_exit run_check_host(struct run_loop *l)
{
    int sig = signals_take(&l->signals);

    if (sig != 0)
        return CTL_SIGNAL + sig;
    if (wall_now() >= l->deadline) {
        log_warn("--timeout: not done after the time given");
        return CTL_TIMEOUT;
    }
    return CTL_OK;
}

static void run_poll_ports(struct run_loop *l)
{
    struct machine *m = l->run->machine;

    ports_poll(l->run->ports, machine_journal(m), machine_now(m));
}

/* A reader that will come costs wall time, nothing else. */
static enum ctl_exit run_wait_for_readers(struct run_loop *l)
{
    enum ctl_exit rc = CTL_OK;

    while (rc == CTL_OK && ports_stalled(l->run->ports)) {
        wall_sleep_until(wall_now() + RUN_STALL_NAP);
        run_poll_ports(l);
        rc = run_check_host(l);
    }
    return rc;
}

/* Short slices are for the sake of input; without any, longer sleeps cost less. */
static vtime run_slice_end(const struct run_loop *l)
{
    bool input = l->pace.speed != 0 && ports_have_input(l->run->ports);
    vtime now = machine_now(l->run->machine), slice = input ? RUN_SLICE_INPUT : RUN_SLICE;
    vtime end = now - now % slice + slice, look = steps_next_time(l->run->steps);

    return look < end ? look : end;
}

static enum machine_stop run_slice(struct run_loop *l, vtime end)
{
    struct run *r = l->run;
    enum machine_stop stop = machine_run(r->machine, end, steps_next_insns(r->steps));

    r->stats.exits[stop]++;
    return stop;
}

/* What the guest's halt, reset or power-off means for the run; true: it ends. */
static bool run_ends(struct run_loop *l, enum machine_stop stop, enum ctl_exit *code)
{
    struct run *r = l->run;
    const char *pending = steps_pending(r->steps);
    uint8_t val;

    *code = CTL_GUEST;
    switch (stop) {
    case MACHINE_SLICE:
        return false;
    case MACHINE_POWEROFF:
        if (pending != NULL)
            log_warn("the guest switched the power off before %s was done", pending);
        *code = pending != NULL ? CTL_GUEST : CTL_OK;
        return true;
    case MACHINE_RESET:
        if (r->options->no_reboot)
            log_warn("the guest reset the machine");
        return r->options->no_reboot;
    case MACHINE_HALTED:
        log_warn("the guest halted for good: HLT with interrupts off");
        return true;
    case MACHINE_TEST_EXIT:
        val = machine_test_exit(r->machine);
        *code = val == 0 ? CTL_OK : CTL_TEST + (val & 63);
        return true;
    }
    return true;
}

/* True when the run is over. */
static bool run_once(struct run_loop *l, enum ctl_exit *code)
{
    struct run *r = l->run;
    vtime look = steps_next_time(r->steps);
    uint64_t insns = steps_next_insns(r->steps);
    enum machine_stop stop = run_slice(l, run_slice_end(l));

    /* Time stands wherever the slice ended: go to a point that is the same for all slices. */
    if (stop == MACHINE_HALTED && machine_now(r->machine) < look)
        stop = run_slice(l, look);
    pace_wait(&l->pace, machine_now(r->machine));
    run_poll_ports(l);
    if (stop != MACHINE_SLICE || machine_now(r->machine) >= look ||
        machine_insns(r->machine) >= insns) {
        *code = CTL_OK;
        if (steps_look(r->steps, stop) || run_ends(l, stop, code))
            return true;
    }
    if (wall_now() >= l->fold_at)
        run_fold(l);
    *code = run_wait_for_readers(l);
    if (*code == CTL_OK)
        *code = run_check_host(l);
    return *code != CTL_OK;
}

static enum ctl_exit run_all(struct run_loop *l)
{
    enum ctl_exit code = CTL_OK;

    if (steps_look(l->run->steps, MACHINE_SLICE))
        return CTL_OK; /* --until time:0 */
    while (!run_once(l, &code))
        ;
    return code;
}

enum ctl_exit run_machine(struct run *run)
{
    uint64_t start = wall_now(), cpu = wall_cpu();
    struct run_loop loop = {
        .run = run,
        .pace = { run->options->speed, start },
        .deadline = run->options->timeout != 0 ? start + run->options->timeout : UINT64_MAX,
        .fold_at = start + RUN_FOLD_PERIOD,
    };
    enum ctl_exit code;

    signals_open(&loop.signals);
    code = run_all(&loop);
    run->stats.wall = wall_now() - start;
    run->stats.cpu = wall_cpu() - cpu;
    if (run_fold(&loop) < 0) {
        log_warn("what the guest wrote last is not in the image");
        code = CTL_HOST;
    }
    signals_close(&loop.signals);
    return code;
}

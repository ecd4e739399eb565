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
#include "board/rewind.h"
#include "ctl/record.h"
#include "ctl/replay.h"
#include "host/signals.h"
#include "host/wall.h"

enum {
    RUN_SLICE_INPUT = 1000000, /* ns of vtime: host input is looked for this often */
    RUN_SLICE = 10000000,
    RUN_FRAME_LEAST = 5000000,    /* ns of vtime: what nobody programmed yet may be shorter */
    RUN_LEAD = 2500000,           /* ns of wall time: how far an input may take the guest ahead */
    RUN_FOLD_PERIOD = 1000000000, /* ns of wall time */
    RUN_LOOK_PERIOD = 5000000,
    RUN_PICTURE_PERIOD = 33000000,
    RUN_POINT_PERIOD = 20000000, /* of rewind, of a machine that runs as fast as it can */
    RUN_NAP = 2000000,
};

struct run_loop {
    struct run *run;
    struct signals signals;
    uint64_t deadline; /* wall time; UINT64_MAX: none */
    uint64_t fold_at, look_at;
    vtime input_at; /* when the last input from the front acted */
    vtime frame_at; /* VTIME_NEVER: nobody looks at the screen now */
    vtime frame_earliest;
    uint64_t picture_at; /* wall time before which no other picture is wanted */
    uint64_t point_at;   /* the same of a point to go back to */
    bool told; /* the front knows that the guest has stopped */
    bool failing[MACHINE_DISKS];
};

static void run_warn(const struct run_loop *l, const char *line)
{
    const struct run_front *front = l->run->front;

    log_warn("%s", line);
    if (front != NULL && front->warn != NULL)
        front->warn(front->opaque, line);
}

/* --- disks --------------------------------------------------------------- */

/* One line when a disk begins to fail, not one a second. */
static int run_fold_disk(struct run_loop *l, unsigned i)
{
    struct disk *d = machine_disk(l->run->machine, i);
    struct err err = { "" };
    bool failed = d != NULL && disk_dirty(d) && disk_fold(d, &err) < 0;

    if (failed && !l->failing[i])
        run_warn(l, err.msg);
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

/* --- what the front asks for ---------------------------------------------- */

void run_set_speed(struct run *run, uint64_t speed)
{
    pace_start(&run->pace, speed, wall_now(), machine_now(run->machine));
}

void run_pause(struct run *run, bool pause)
{
    run->paused = pause;
    if (!pause)
        run_set_speed(run, run->pace.speed);
}

int run_rewind(struct run *run, vtime span, struct err *err)
{
    vtime now = machine_now(run->machine), oldest, to;

    if (run->rewind == NULL) {
        err_set(err, run->record != NULL && run->options->rewind != 0
                         ? "a recording into a pipe goes forward only"
                         : "the past is not kept (--rewind)");
        return -1;
    }
    oldest = rewind_oldest(run->rewind);
    to = now > span && now - span > oldest ? now - span : oldest;
    if (rewind_to_time(run->rewind, to, err) < 0)
        return -1;
    if (run->replay != NULL)
        replay_went_back(run->replay);
    if (run->record != NULL)
        record_went_back(run->record);
    run->went_back = true;
    run_set_speed(run, run->pace.speed);
    return 0;
}

void run_end(struct run *run, enum ctl_exit code)
{
    run->asked_to_end = true;
    run->end_code = code;
}

/* --- input and time ------------------------------------------------------- */

static void run_poll_front(struct run_loop *l)
{
    const struct run_front *front = l->run->front;

    if (front != NULL && front->poll(front->opaque))
        l->input_at = machine_now(l->run->machine);
}

static bool run_sleep(struct run_loop *l, uint64_t wall)
{
    const struct run_front *front = l->run->front;

    if (front != NULL)
        return front->wait(front->opaque, wall);
    wall_sleep_until(wall);
    return false;
}

/* An input is on its way to the guest: a key is on the keyboard's wire for 1 ms. */
static bool run_hurries(const struct run_loop *l)
{
    return l->input_at != VTIME_NEVER && machine_now(l->run->machine) - l->input_at < RUN_LEAD;
}

/* Wall time at which the machine may go on.  An input lets it go ahead a
 * little, so that the guest hears of it at once. */
static uint64_t run_due(const struct run_loop *l)
{
    uint64_t due = pace_due(&l->run->pace, machine_now(l->run->machine));

    return run_hurries(l) && due > RUN_LEAD ? due - RUN_LEAD : due;
}

static void run_pace(struct run_loop *l)
{
    struct pace *p = &l->run->pace;

    if (p->speed != 0) {
        pace_check(p, wall_now(), machine_now(l->run->machine));
        while (wall_now() < run_due(l) && p->speed != 0 && !l->run->paused && !l->run->asked_to_end)
            if (run_sleep(l, run_due(l)))
                run_poll_front(l);
    }
    run_poll_front(l);
}

/* --- the loop ------------------------------------------------------------ */

/* Ends that come from outside; CTL_OK: none. */
static enum ctl_exit run_check_host(struct run_loop *l)
{
    uint64_t wall = wall_now();
    int sig;

    if (wall < l->look_at)
        return CTL_OK;
    l->look_at = wall + RUN_LOOK_PERIOD;
    sig = signals_take(&l->signals);
    if (sig != 0)
        return CTL_SIGNAL + sig;
    if (wall >= l->deadline) {
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

/* A reader that will come, and a pause, cost wall time, nothing else. */
static enum ctl_exit run_hold(struct run_loop *l)
{
    struct run *r = l->run;
    enum ctl_exit rc = run_check_host(l);

    while (rc == CTL_OK && (r->paused || ports_stalled(r->ports)) && !r->asked_to_end) {
        if (run_sleep(l, wall_now() + RUN_NAP))
            run_poll_front(l);
        run_poll_ports(l);
        rc = run_check_host(l);
    }
    return rc;
}

/* Steps are for what follows the replay. */
static bool run_steps_wait(const struct run *r)
{
    return r->replay != NULL && r->options->then_live;
}

static vtime run_steps_time(const struct run *r)
{
    return run_steps_wait(r) ? VTIME_NEVER : steps_next_time(r->steps);
}

/* Short slices are for the sake of input; without any, longer sleeps cost less.  A
 * machine that runs as fast as it can is through a long one soon. */
static vtime run_slice_end(const struct run_loop *l)
{
    struct run *r = l->run;
    bool input = r->pace.speed != 0 && (r->front != NULL || ports_have_input(r->ports));
    vtime now = machine_now(r->machine);
    vtime slice = r->slice != 0 ? r->slice : input ? RUN_SLICE_INPUT : RUN_SLICE;
    vtime end = now - now % slice + slice, look = run_steps_time(r);

    if (l->frame_at > now && l->frame_at < end)
        end = l->frame_at;
    if (r->record != NULL && record_next_time(r->record) < end)
        end = record_next_time(r->record);
    if (r->replay != NULL && replay_next_time(r->replay) < end)
        end = replay_next_time(r->replay);
    if (r->rewind != NULL && rewind_next_time(r->rewind) < end)
        end = rewind_next_time(r->rewind);
    return look < end ? look : end;
}

static uint64_t run_next_insns(const struct run *r)
{
    uint64_t steps = run_steps_wait(r) ? UINT64_MAX : steps_next_insns(r->steps);
    uint64_t replay = r->replay != NULL ? replay_next_insns(r->replay) : UINT64_MAX;

    return steps < replay ? steps : replay;
}

static enum machine_stop run_slice(struct run_loop *l, vtime end)
{
    struct run *r = l->run;
    enum machine_stop stop = machine_run(r->machine, end, run_next_insns(r));

    r->stats.exits[stop]++;
    r->last_stop = stop;
    if (r->record != NULL)
        record_look(r->record);
    return stop;
}

static bool run_in_hurry(void *opaque)
{
    struct run_loop *l = opaque;
    const struct run_front *front = l->run->front;

    return front != NULL && (run_hurries(l) || front->pending(front->opaque));
}

/* A point to go back to is not worth that somebody waits for it; at full speed much
 * virtual time passes in the wall time that a point may cost. */
static void run_keep_past(struct run_loop *l)
{
    struct run *r = l->run;
    bool fast = r->pace.speed == 0;

    if (r->rewind == NULL || machine_now(r->machine) < rewind_next_time(r->rewind))
        return;
    if (fast && wall_now() < l->point_at) {
        rewind_skip(r->rewind);
        return;
    }
    rewind_try(r->rewind, run_in_hurry, l);
    l->point_at = fast ? wall_now() + RUN_POINT_PERIOD : 0;
}

/* A frame is over: shows it and finds the next one; of a machine that runs as fast
 * as it can, the next one after some wall time. */
static void run_frame(struct run_loop *l)
{
    const struct run_front *front = l->run->front;
    const struct video_source *video = machine_video(l->run->machine);
    vtime now = machine_now(l->run->machine);
    bool fast = l->run->pace.speed == 0;

    if (front == NULL)
        return;
    if (l->frame_at <= now) {
        front->frame(front->opaque);
        l->frame_earliest = now + RUN_FRAME_LEAST;
        l->frame_at = VTIME_NEVER;
        l->picture_at = fast ? wall_now() + RUN_PICTURE_PERIOD : 0;
    }
    if (l->frame_at == VTIME_NEVER && fast && wall_now() < l->picture_at)
        return;
    l->frame_at = video->retrace(video->opaque);
    if (l->frame_at < l->frame_earliest)
        l->frame_at = l->frame_earliest;
}

/* A window stays open when the guest stops. */
static bool run_stays(struct run_loop *l, enum machine_stop stop)
{
    const struct run_front *front = l->run->front;

    if (front == NULL || (stop != MACHINE_POWEROFF && stop != MACHINE_HALTED))
        return false;
    if (!l->told)
        front->stopped(front->opaque, stop);
    l->told = true;
    if (stop == MACHINE_POWEROFF) {
        run_sleep(l, wall_now() + RUN_NAP);
        run_set_speed(l->run, l->run->pace.speed); /* virtual time stands */
    }
    return true;
}

/* What the guest's halt, reset or power-off means for the run; true: it ends. */
static bool run_ends(struct run_loop *l, enum machine_stop stop, enum ctl_exit *code)
{
    struct run *r = l->run;
    const char *pending = steps_pending(r->steps);
    uint8_t val;

    *code = CTL_GUEST;
    if (run_stays(l, stop))
        return false;
    switch (stop) {
    case MACHINE_SLICE:
        return false;
    case MACHINE_POWEROFF:
        if (machine_next_input(r->machine) != VTIME_NEVER)
            return false; /* just posted: perhaps it is switched on */
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

/* The run ends with its steps. */
static enum ctl_exit run_steps_code(const struct run *r)
{
    return steps_failure(r->steps) != NULL ? CTL_MISMATCH : CTL_OK;
}

/* Times that lay ahead do so no longer. */
static void run_notice_rewind(struct run_loop *l)
{
    if (!l->run->went_back)
        return;
    l->run->went_back = false;
    l->input_at = l->frame_at = VTIME_NEVER;
    l->frame_earliest = 0;
    l->told = false;
}

/* The replay is over as it should be: the user takes over.  False: it ends. */
static bool run_go_live(struct run_loop *l, enum ctl_exit code)
{
    struct run *r = l->run;

    if (code != CTL_OK || !r->options->then_live)
        return false;
    replay_finish(r->replay, code);
    r->replay = NULL;
    journal_live(machine_journal(r->machine));
    run_set_speed(r, r->front != NULL ? PACE_REAL : r->pace.speed);
    return true;
}

/* True when the run is over. */
static bool run_once(struct run_loop *l, enum ctl_exit *code)
{
    struct run *r = l->run;
    vtime look = run_steps_time(r);
    uint64_t insns = run_steps_wait(r) ? UINT64_MAX : steps_next_insns(r->steps);
    enum machine_stop stop = run_slice(l, run_slice_end(l));

    /* Time stands wherever the slice ended: go to a point that is the same for all slices. */
    if (stop == MACHINE_HALTED && machine_now(r->machine) < look && r->replay == NULL)
        stop = run_slice(l, look);
    if (stop == MACHINE_SLICE)
        l->told = false;
    if (r->replay != NULL && replay_look(r->replay, stop, code) && !run_go_live(l, *code))
        return true;
    run_notice_rewind(l);
    run_frame(l);
    run_keep_past(l);
    run_pace(l);
    run_poll_ports(l);
    if (!run_steps_wait(r) && (stop != MACHINE_SLICE || machine_now(r->machine) >= look ||
                               machine_insns(r->machine) >= insns)) {
        if (steps_look(r->steps, stop)) {
            *code = run_steps_code(r);
            return true;
        }
        if (run_ends(l, stop, code))
            return true;
    }
    if (wall_now() >= l->fold_at)
        run_fold(l);
    *code = run_hold(l);
    if (*code == CTL_OK && r->asked_to_end) {
        *code = r->end_code;
        return true;
    }
    return *code != CTL_OK;
}

static enum ctl_exit run_all(struct run_loop *l)
{
    enum ctl_exit code = CTL_OK;

    if (!run_steps_wait(l->run) && steps_look(l->run->steps, MACHINE_SLICE))
        return run_steps_code(l->run); /* --until time:0 */
    while (!run_once(l, &code))
        ;
    return code;
}

enum ctl_exit run_machine(struct run *run)
{
    uint64_t start = wall_now(), cpu = wall_cpu();
    struct run_loop loop = {
        .run = run,
        .deadline = run->options->timeout != 0 ? start + run->options->timeout : UINT64_MAX,
        .fold_at = start + RUN_FOLD_PERIOD,
        .input_at = VTIME_NEVER,
        .frame_at = VTIME_NEVER,
    };
    enum ctl_exit code;

    pace_start(&run->pace, run->options->speed, start, machine_now(run->machine));
    signals_open(&loop.signals);
    code = run_all(&loop);
    run->stats.wall = wall_now() - start;
    run->stats.cpu = wall_cpu() - cpu;
    run->stats.lost = run->pace.lost;
    if (run_fold(&loop) < 0) {
        run_warn(&loop, "what the guest wrote last is not in the image");
        code = CTL_HOST;
    }
    signals_close(&loop.signals);
    return code;
}

/*
 * Bisecting a replay.
 *
 * The run looks each 10 ms of virtual time, as every --until does.  What became
 * so between two looks is found by halving: back to a point of the past, and on
 * to the instruction in the middle.  If it came and went several times between
 * two looks, one of its beginnings is found.
 */
#include "config.h"

#include "ctl/bisect.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "board/rewind.h"
#include "host/file.h"

static const struct step *bisect_step(const struct options *o)
{
    return o->steps.n != 0 ? &o->steps.step[o->steps.n - 1] : NULL;
}

int bisect_check(const struct options *o, struct err *err)
{
    const struct step *step = bisect_step(o);

    if (step == NULL || step->kind != STEP_UNTIL) {
        err_set(err, "reprise bisect TRACE --until CONDITION, or TRACE TRACE: what is to be found?");
        return -1;
    }
    for (unsigned i = 0; i < step->conds; i++) {
        if (step->cond[i].kind == COND_TEXT || step->cond[i].kind == COND_MEMORY ||
            step->cond[i].kind == COND_HASH || step->cond[i].kind == COND_TIME)
            continue;
        err_set(err, "--until: 'reprise bisect' finds text:, mem:, hash: and time: only");
        return -1;
    }
    return 0;
}

static bool bisect_holds(const struct run *run)
{
    const struct step *step = bisect_step(run->options);

    assert(step != NULL);
    for (unsigned i = 0; i < step->conds; i++)
        if (condition_holds(&step->cond[i], run->machine))
            return true;
    return false;
}

/* A time at which it did not hold; -1: it always did. */
static int bisect_find_before(struct run *run, vtime now, struct err *err)
{
    vtime oldest = rewind_oldest(run->rewind);

    for (vtime span = STEPS_PERIOD;; span *= 2) {
        vtime to = now - oldest > span ? now - span : oldest;

        if (rewind_to_time(run->rewind, to, err) < 0)
            return -1;
        if (!bisect_holds(run))
            return 0;
        if (to == oldest) {
            err_set(err, "it was so as far back as is remembered (--rewind)");
            return -1;
        }
    }
}

/* To the place where `insns` have retired, forward or back; not beyond `end`. */
static int bisect_go(struct run *run, uint64_t insns, vtime end, struct err *err)
{
    struct machine *m = run->machine;
    enum machine_stop stop = MACHINE_SLICE;

    if (insns < machine_insns(m))
        return rewind_to_insns(run->rewind, insns, err);
    while (machine_insns(m) < insns && machine_now(m) < end &&
           (stop == MACHINE_SLICE || stop == MACHINE_RESET))
        stop = machine_run(m, end, insns);
    return 0;
}

static int bisect_find(struct run *run, uint64_t *found, struct err *err)
{
    struct machine *m = run->machine;
    uint64_t low, high = machine_insns(m);
    vtime end = machine_now(m);

    if (bisect_find_before(run, end, err) < 0)
        return -1;
    low = machine_insns(m);
    while (high > low + 1) {
        uint64_t middle = low + (high - low) / 2;

        if (bisect_go(run, middle, end, err) < 0)
            return -1;
        if (bisect_holds(run))
            high = middle;
        else
            low = middle;
    }
    *found = high;
    return bisect_go(run, high, end, err);
}

enum ctl_exit bisect_run(struct run *run)
{
    struct machine *m = run->machine;
    struct buf text = { 0 };
    struct err err;
    uint64_t insns;
    vtime now;

    machine_set_silent(m, true); /* it has said all this before */
    if (!bisect_holds(run)) {
        log_warn("the trace ended, and it never came to that");
        return CTL_GUEST;
    }
    if (bisect_find(run, &insns, &err) < 0) {
        log_warn("%s", err.msg);
        return CTL_GUEST;
    }
    now = machine_now(m);
    buf_printf(&text, "instruction %" PRIu64 " at %" PRIu64 ".%09" PRIu64 " s\n", insns,
               now / VTIME_SECOND, now % VTIME_SECOND);
    if (file_write_all(STDOUT_FILENO, text.data, text.len) < 0) {
        buf_free(&text);
        return CTL_HOST;
    }
    buf_free(&text);
    return CTL_OK;
}

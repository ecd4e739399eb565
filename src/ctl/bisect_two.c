/*
 * Bisecting two traces.
 *
 * Both machines live in this process, in pieces of a quarter of a virtual
 * second, and are compared by their hashes.  The first piece at whose end they
 * differ is halved, to the nanosecond, from the points of the past before it: so
 * an input that comes while the processor stands still is found, too.
 */
#include "config.h"

#include "ctl/bisect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "board/rewind.h"
#include "ctl/difference.h"
#include "ctl/guide.h"
#include "ctl/replay.h"
#include "ctl/replay_header.h"
#include "host/file.h"
#include "host/wall.h"

enum { TWO_PAST = 64 << 20, TWO_PAGE = 4096 };

struct two {
    const struct options *options;
    const struct media_demo *demo;
    struct side {
        const char *trace;
        struct machine *machine;
        struct replay *replay;
        struct rewind *past;
        struct state_mark *mark;
    } side[2];
    uint64_t deadline; /* wall time */
    bool done;         /* with `code`; else a run could not begin */
    enum ctl_exit code;
};

/* --- going ----------------------------------------------------------------- */

static enum machine_stop side_go(struct side *s, vtime t)
{
    enum machine_stop stop = MACHINE_SLICE;

    while (machine_now(s->machine) < t && (stop == MACHINE_SLICE || stop == MACHINE_RESET))
        stop = machine_run(s->machine, t, UINT64_MAX);
    return stop;
}

/* Both to the first instruction at or after `t`, back or on. */
static int two_find(struct two *t, vtime at, struct err *err)
{
    for (unsigned i = 0; i < 2; i++) {
        struct side *s = &t->side[i];

        if (at < machine_now(s->machine) && rewind_to_time(s->past, at, err) < 0)
            return -1;
        side_go(s, at);
    }
    return 0;
}

static bool two_same(const struct two *t)
{
    struct machine *a = t->side[0].machine, *b = t->side[1].machine;

    return machine_insns(a) == machine_insns(b) && machine_now(a) == machine_now(b) &&
           state_hash(machine_state(a)) == state_hash(machine_state(b));
}

/* --- what differs ---------------------------------------------------------- */

/* RAM has no fields: the first byte. */
static void two_tell_memory(struct two *t, const char *const when[2], struct buf *out)
{
    uint64_t size = (uint64_t) replay_machine(t->side[0].replay)->ram_mib << 20;
    uint8_t a[TWO_PAGE], b[TWO_PAGE];

    for (uint32_t at = 0; at < size; at += TWO_PAGE) {
        machine_peek(t->side[0].machine, at, a, sizeof a);
        machine_peek(t->side[1].machine, at, b, sizeof b);
        for (uint32_t i = 0; i < TWO_PAGE; i++) {
            if (a[i] == b[i])
                continue;
            buf_printf(out, "memory: byte 0x%08" PRIx32 " is 0x%02x %s, 0x%02x %s\n", at + i, a[i],
                       when[0], b[i], when[1]);
            return;
        }
    }
}

/* What each side changed since its mark. */
static int two_tell(struct two *t, struct err *err)
{
    struct buf what[2] = { { 0 }, { 0 } }, out = { 0 };
    char where[2][120];
    const char *const when[2] = { where[0], where[1] };
    struct machine *m = t->side[0].machine;
    vtime now = machine_now(m);
    int rc;

    for (unsigned i = 0; i < 2; i++) {
        snprintf(where[i], sizeof where[i], "in '%.100s'", t->side[i].trace);
        state_describe(machine_state(t->side[i].machine), t->side[i].mark, &what[i]);
    }
    if (strcmp(where[0], where[1]) == 0) {
        strcpy(where[0], "in the first");
        strcpy(where[1], "in the second");
    }
    buf_printf(&out, "instruction %" PRIu64 " at %" PRIu64 ".%09" PRIu64 " s\n", machine_insns(m),
               now / VTIME_SECOND, now % VTIME_SECOND);
    difference_list((struct span){ (const char *) what[0].data, what[0].len },
                    (struct span){ (const char *) what[1].data, what[1].len }, when, &out);
    two_tell_memory(t, when, &out);
    rc = file_write_all(STDOUT_FILENO, out.data, out.len);
    if (rc < 0)
        err_errno(err, "standard output");
    for (unsigned i = 0; i < 2; i++)
        buf_free(&what[i]);
    buf_free(&out);
    return rc;
}

/* They were the same at `low`, and are not at `high`. */
static int two_narrow(struct two *t, vtime low, vtime high, struct err *err)
{
    struct buf none = { 0 };

    while (high - low > 1) {
        vtime middle = low + (high - low) / 2;

        if (two_find(t, middle, err) < 0)
            return -1;
        if (two_same(t))
            low = middle;
        else
            high = middle;
    }
    if (two_find(t, low, err) < 0)
        return -1;
    for (unsigned i = 0; i < 2; i++)
        state_describe(machine_state(t->side[i].machine), t->side[i].mark, &none);
    buf_free(&none);
    return two_find(t, high, err) < 0 ? -1 : two_tell(t, err);
}

/* --- the run --------------------------------------------------------------- */

static enum ctl_exit two_run(struct two *t, struct err *err)
{
    vtime end[2] = { replay_end_time(t->side[0].replay), replay_end_time(t->side[1].replay) };
    vtime last = end[0] < end[1] ? end[0] : end[1];

    if (!two_same(t)) {
        err_set(err, "the machines differ from the beginning");
        return CTL_MISMATCH;
    }
    for (;;) {
        vtime low = machine_now(t->side[0].machine), next = rewind_next_time(t->side[0].past);
        enum machine_stop stop = MACHINE_SLICE;

        if (next > last)
            next = last;
        for (unsigned i = 0; i < 2; i++)
            stop = side_go(&t->side[i], next);
        if (!two_same(t))
            return two_narrow(t, low, next, err) < 0 ? CTL_HOST : CTL_OK;
        if (next == last || stop == MACHINE_POWEROFF || stop == MACHINE_TEST_EXIT) {
            log_warn("the machines are the same up to %" PRIu64 ".%09" PRIu64 " s, the end of %s",
                     last / VTIME_SECOND, last % VTIME_SECOND,
                     end[0] == end[1] ? "both traces" : end[0] < end[1] ? "the first trace" : "the second trace");
            return CTL_GUEST;
        }
        if (wall_now() >= t->deadline) {
            log_warn("--timeout: not done after the time given");
            return CTL_TIMEOUT;
        }
        for (unsigned i = 0; i < 2; i++)
            rewind_look(t->side[i].past);
    }
}

static void side_begin(struct side *s, struct run *run)
{
    s->machine = run->machine;
    s->replay = run->replay;
    machine_set_silent(s->machine, true);
}

/* Both machines stand at their beginning. */
static int two_start_second(void *opaque, struct run *run, struct err *err)
{
    struct two *t = opaque;
    struct side *a = &t->side[0], *b = &t->side[1];

    side_begin(b, run);
    t->done = true;
    if (replay_header_compare(replay_machine(b->replay), replay_machine(a->replay), err) < 0) {
        err_prefix(err, "'%s'", b->trace);
        t->code = CTL_MEDIA;
        return -1;
    }
    /* One may begin at a snapshot. */
    side_go(a, machine_now(b->machine));
    side_go(b, machine_now(a->machine));
    for (unsigned i = 0; i < 2; i++) {
        t->side[i].past = rewind_new(t->side[i].machine, TWO_PAST);
        t->side[i].mark = state_mark_new();
    }
    t->code = two_run(t, err);
    for (unsigned i = 0; i < 2; i++) {
        state_mark_free(t->side[i].mark);
        rewind_free(t->side[i].past);
    }
    return -1; /* there is nothing more to run */
}

static void two_end(void *opaque, struct run *run, enum ctl_exit code)
{
    (void) opaque;
    (void) run;
    (void) code;
}

static enum ctl_exit two_replay(struct two *t, unsigned i, int (*start)(void *, struct run *, struct err *),
                                struct err *err)
{
    struct guide guide = { start, two_end, t };
    struct options o;
    enum ctl_exit code;

    options_init(&o);
    o.subcommand = SUBCOMMAND_REPLAY;
    o.display = DISPLAY_NONE;
    o.speed = 0;
    o.engine = t->options->engine;
    o.path[o.paths++] = t->side[i].trace;
    for (unsigned k = 2; k < t->options->paths; k++)
        o.path[o.paths++] = t->options->path[k];
    code = guide_run(&guide, &o, t->demo, err);
    options_free(&o);
    return code;
}

static int two_start_first(void *opaque, struct run *run, struct err *err)
{
    struct two *t = opaque;
    enum ctl_exit code;

    side_begin(&t->side[0], run);
    code = two_replay(t, 1, two_start_second, err);
    if (!t->done)
        t->code = code;
    t->done = true;
    return -1;
}

bool bisect_is_two(const struct options *o)
{
    return o->paths > 1 && replay_is_trace(o->path[1]);
}

enum ctl_exit bisect_two(const struct options *o, const struct media_demo *demo, struct err *err)
{
    struct two t = {
        .options = o,
        .demo = demo,
        .side = { { .trace = o->path[0] }, { .trace = o->path[1] } },
        .deadline = o->timeout != 0 ? wall_now() + o->timeout : UINT64_MAX,
    };
    enum ctl_exit code;

    if (o->steps.n != 0 || o->load != NULL) {
        err_set(err, "reprise bisect TRACE TRACE finds where they part: it takes no steps and no --load");
        return CTL_USAGE;
    }
    code = two_replay(&t, 0, two_start_first, err);
    return t.done ? t.code : code;
}

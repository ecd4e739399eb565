/*
 * Events in virtual time.  A machine has a few dozen, so they stand in one
 * sorted list.
 */
#include "config.h"

#include "core/sched.h"

#include <assert.h>
#include <stddef.h>

/* No instruction takes as long as this, in ns. */
enum { SCHED_LATE = 1000000 };

void sched_init(struct sched *s, const struct clock *clk)
{
    *s = (struct sched){
        .cpu_clock = *clk,
        .stop_at = VTIME_NEVER,
        .stop_insns = UINT64_MAX,
        .input_due = VTIME_NEVER,
    };
}

vtime sched_now(const struct sched *s)
{
    return s->in_event ? s->event_time : clock_time(&s->cpu_clock, s->ticks);
}

void event_init(struct event *ev, const char *name, int priority,
                void (*fire)(void *opaque), void *opaque)
{
    *ev = (struct event){
        .due = VTIME_NEVER,
        .name = name,
        .priority = priority,
        .fire = fire,
        .opaque = opaque,
    };
}

static bool event_before(const struct event *a, const struct event *b)
{
    if (a->due != b->due)
        return a->due < b->due;
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return a->seq < b->seq;
}

static void sched_insert(struct sched *s, struct event *ev)
{
    struct event **link = &s->first;

    while (*link != NULL && event_before(*link, ev))
        link = &(*link)->next;
    ev->next = *link;
    *link = ev;
    sched_kick(s);
}

void event_at(struct sched *s, struct event *ev, vtime due)
{
    vtime now = sched_now(s);

    event_cancel(s, ev);
    if (due == VTIME_NEVER)
        return;
    ev->due = due > now ? due : now;
    ev->seq = s->next_seq++;
    sched_insert(s, ev);
}

void event_cancel(struct sched *s, struct event *ev)
{
    struct event **link = &s->first;

    if (!event_armed(ev))
        return;
    while (*link != ev) {
        assert(*link != NULL);
        link = &(*link)->next;
    }
    *link = ev->next;
    ev->next = NULL;
    ev->due = VTIME_NEVER;
}

static vtime sched_first_due(const struct sched *s)
{
    vtime due = s->first != NULL ? s->first->due : VTIME_NEVER;

    return s->input_due < due ? s->input_due : due;
}

vtime sched_next(const struct sched *s)
{
    vtime due = sched_first_due(s);

    return s->stop_at < due ? s->stop_at : due;
}

static void sched_set_horizon(struct sched *s)
{
    vtime next = sched_next(s);
    uint64_t left = s->stop_insns - s->insns;

    /* The first tick that lies at or after `next`. */
    s->horizon = next == VTIME_NEVER ? UINT64_MAX
               : next == 0           ? 0
                                     : clock_ticks(&s->cpu_clock, next - 1) + 1;
    /* An instruction costs at least one tick: none is passed over. */
    if (s->horizon > s->ticks && s->horizon - s->ticks > left)
        s->horizon = s->ticks + left;
}

static void sched_fire(struct sched *s, vtime due)
{
    struct event *ev = s->first;

    s->event_time = due;
    s->in_event = true;
    if (s->input_due == due) { /* before events of that time */
        s->input_fire(s->input_opaque);
    } else {
        s->first = ev->next;
        ev->next = NULL;
        ev->due = VTIME_NEVER;
        ev->fire(ev->opaque);
    }
    s->in_event = false;
}

bool sched_service(struct sched *s)
{
    vtime now = clock_time(&s->cpu_clock, s->ticks);

    for (;;) {
        vtime due = sched_first_due(s);

        if (s->stop_at <= now && s->stop_at <= due)
            return true;
        if (due > now)
            break;
        sched_fire(s, due);
    }
    if (s->stop_requested || s->insns >= s->stop_insns)
        return true;
    sched_set_horizon(s);
    return false;
}

void sched_pass(struct sched *s, vtime t)
{
    if (t > clock_time(&s->cpu_clock, s->ticks))
        s->ticks = clock_ticks(&s->cpu_clock, t - 1) + 1;
}

bool sched_take_input(struct sched *s)
{
    vtime due = s->input_due;

    if (due >= s->stop_at)
        return false;
    sched_pass(s, due);
    sched_fire(s, due);
    return true;
}

void sched_stop(struct sched *s)
{
    s->stop_requested = true;
    sched_kick(s);
}

void sched_set_clock(struct sched *s, uint64_t num, uint64_t den)
{
    struct clock *clk = &s->cpu_clock;
    vtime now = clock_time(clk, s->ticks);

    *clk = (struct clock){ .num = num, .den = den, .vtime0 = now, .tick0 = s->ticks };
    sched_kick(s);
}

static void sched_loaded_clock(struct sched *s)
{
    struct clock *clk = &s->cpu_clock;

    if (clk->num == 0 || clk->num > UINT64_C(1) << 34)
        clk->num = 1000000;
    if (clk->den == 0 || clk->den > UINT64_C(1) << 16)
        clk->den = 1;
    if (s->ticks < clk->tick0)
        s->ticks = clk->tick0;
}

void sched_loaded(struct sched *s)
{
    vtime now;

    sched_loaded_clock(s);
    now = clock_time(&s->cpu_clock, s->ticks);
    /* Events between the end of a slice and the boundary after it may wait. */
    while (s->first != NULL && s->first->due < now && now - s->first->due > SCHED_LATE) {
        struct event *ev = s->first;
        uint64_t seq = ev->seq;

        event_cancel(s, ev);
        sched_restore(s, ev, now, seq);
    }
}

void sched_clear(struct sched *s)
{
    while (s->first != NULL)
        event_cancel(s, s->first);
}

void sched_restore(struct sched *s, struct event *ev, vtime due, uint64_t seq)
{
    event_cancel(s, ev);
    if (due == VTIME_NEVER)
        return;
    ev->due = due;
    ev->seq = seq;
    sched_insert(s, ev);
}

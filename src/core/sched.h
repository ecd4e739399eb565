/*
 * Virtual time and the events in it: the only clock below host/.
 *
 * The engine counts CPU ticks here.  Before each instruction it compares
 * `ticks` with `horizon`; from there on it must call sched_service(), which
 * runs every event due at or before now.  In an event handler, now is the
 * event's due time; elsewhere it is the start of the current instruction.
 * Equal times: inputs first, then priority (lower first), then order of
 * scheduling.  Source: ../shared/design.md section 3 says why.
 */
#ifndef CORE_SCHED_H
#define CORE_SCHED_H

#include <stdbool.h>

#include "core/clock.h"

struct event {
    vtime due;    /* VTIME_NEVER: not armed.  Saved with seq by STATE_EVENT. */
    uint64_t seq; /* order among equals */
    /* Wiring and links: never saved. */
    struct event *next;
    const char *name;
    int priority;
    void (*fire)(void *opaque);
    void *opaque;
};

struct sched {
    /* Saved. */
    uint64_t ticks;    /* of cpu_clock: start of the current instruction */
    uint64_t insns;    /* retired instructions since power-on */
    uint64_t next_seq; /* of the next event armed */
    struct clock cpu_clock;
    /* Derived or set by the owner of the run; never saved. */
    uint64_t horizon;    /* tick from which sched_service must be called */
    vtime stop_at;       /* end of the slice */
    uint64_t stop_insns; /* stop when insns has reached this */
    bool stop_requested;
    bool in_event;
    vtime event_time;
    struct event *first; /* sorted */
    vtime input_due;     /* the journal's next input; VTIME_NEVER: none */
    void (*input_fire)(void *opaque);
    void *input_opaque;
};

/* `clk` must start at vtime 0, tick 0. */
void sched_init(struct sched *s, const struct clock *clk);

vtime sched_now(const struct sched *s);

/*
 * An event calls fire(opaque) once at its time and is then unarmed.
 * event_at() moves an armed event; a time in the past means now.
 */
void event_init(struct event *ev, const char *name, int priority,
                void (*fire)(void *opaque), void *opaque);
void event_at(struct sched *s, struct event *ev, vtime due);
void event_cancel(struct sched *s, struct event *ev);

static inline bool event_armed(const struct event *ev)
{
    return ev->due != VTIME_NEVER;
}

/*
 * For the engine: run what is due, then say whether to go on.  False: `horizon`
 * is new and the engine runs instructions.  True: return to the caller (end of
 * the slice, instruction count reached, or sched_stop); events due at or after
 * the end of the slice have not run.
 */
bool sched_service(struct sched *s);

/* vtime of the next thing that ends a HLT: event, input or end of slice. */
vtime sched_next(const struct sched *s);

/* Let the engine look again (interrupt line, stop, new event) before the next
 * instruction.  Cheap; the guest cannot see it. */
static inline void sched_kick(struct sched *s)
{
    s->horizon = 0;
}

/* End the run before the next instruction. */
void sched_stop(struct sched *s);

/*
 * For a machine without power, where nothing happens but inputs: time passes to
 * the first tick at or after `t`; the journal's next input, if there is one before
 * the end of the slice, acts at its time.  False: there is none.
 */
void sched_pass(struct sched *s, vtime t);
bool sched_take_input(struct sched *s);

/* Change of CPU clock: from now on ticks pass at num/den Hz (journalled by the caller). */
void sched_set_clock(struct sched *s, uint64_t num, uint64_t den);

/* For state.c: forget every event; put one back as it was saved. */
void sched_clear(struct sched *s);
void sched_restore(struct sched *s, struct event *ev, vtime due, uint64_t seq);
/* After a load: a clock that cannot be and events long gone, which only a
 * forged state holds, must not divide by zero or run for ever. */
void sched_loaded(struct sched *s);

#endif

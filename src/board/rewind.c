/* Points in the past and the way back to them. */
#include "config.h"

#include "board/rewind.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define REWIND_FINE (VTIME_SECOND / 4)
#define REWIND_PATIENCE VTIME_SECOND     /* so late, a point is taken whatever hurries */
#define REWIND_AGAIN (VTIME_SECOND / 100)

enum {
    REWIND_STRIDE = 4000000, /* instructions between points on the way back */
    REWIND_GAP = 10000000,   /* between those of the present: a tenth of a second of the host */
    REWIND_FINER = 8,        /* so many times, at most, are they nearer for that */
};

struct rewind_point {
    vtime at;
    uint64_t insns;
    uint64_t acted; /* inputs by then */
    struct state_point *state;
};

struct rewind {
    struct machine *machine;
    size_t budget;
    struct rewind_point *point; /* oldest first; there is always one */
    size_t n, room;
    vtime due;  /* of the next point */
    vtime next; /* when to try it */
};

/* As far as many instructions go, by what lay between the last two points. */
static vtime rewind_gap(const struct rewind *r)
{
    const struct rewind_point *last = r->n > 1 ? &r->point[r->n - 1] : NULL;
    vtime gap = REWIND_FINE, span;
    uint64_t insns;

    if (last == NULL || last[0].at == last[-1].at)
        return gap;
    span = last[0].at - last[-1].at;
    insns = last[0].insns - last[-1].insns;
    while (gap > REWIND_FINE / REWIND_FINER && insns / 1000 * gap / span > REWIND_GAP / 1000)
        gap /= 2;
    return gap;
}

static void rewind_set_next(struct rewind *r)
{
    vtime now = machine_now(r->machine), gap = rewind_gap(r);

    r->due = r->next = now - now % gap + gap;
}

/* False: something could not wait. */
static bool rewind_take(struct rewind *r, bool (*hurry)(void *opaque), void *opaque)
{
    struct machine *m = r->machine;
    vtime now = machine_now(m);
    struct state_point *state =
        state_keep(machine_state(m), r->n != 0 ? r->point[r->n - 1].state : NULL, hurry, opaque);

    if (state == NULL)
        return false;

    if (r->n == r->room) {
        r->room += 64;
        r->point = xrealloc(r->point, r->room * sizeof *r->point);
    }
    r->point[r->n] = (struct rewind_point){
        .at = now,
        .insns = machine_insns(m),
        .acted = journal_acted(machine_journal(m)),
        .state = state,
    };
    r->n++;
    rewind_set_next(r);
    return true;
}

struct rewind *rewind_new(struct machine *m, size_t budget)
{
    struct rewind *r = xcalloc(1, sizeof *r);

    r->machine = m;
    r->budget = budget;
    journal_keep(machine_journal(m));
    rewind_take(r, NULL, NULL);
    return r;
}

static void rewind_drop(struct rewind *r, size_t i)
{
    state_drop(machine_state(r->machine), r->point[i].state);
    r->n--;
    memmove(&r->point[i], &r->point[i + 1], (r->n - i) * sizeof *r->point);
}

void rewind_free(struct rewind *r)
{
    if (r == NULL)
        return;
    while (r->n != 0)
        rewind_drop(r, r->n - 1);
    free(r->point);
    free(r);
}

/* How far apart points of this age may lie. */
static vtime rewind_spacing(vtime age)
{
    vtime spacing = VTIME_SECOND;

    if (age < VTIME_SECOND / 2)
        return REWIND_FINE / REWIND_FINER;
    if (age < 2 * VTIME_SECOND)
        return REWIND_FINE;
    for (vtime limit = 64 * VTIME_SECOND; age >= limit && spacing < UINT64_C(1) << 50; limit *= 2)
        spacing *= 2;
    return spacing;
}

static void rewind_thin(struct rewind *r)
{
    vtime now = r->point[r->n - 1].at;

    for (size_t i = 1; i + 1 < r->n;) {
        vtime span = r->point[i + 1].at - r->point[i - 1].at;

        /* Points are late by an instruction, or because something could not wait. */
        if (span <= rewind_spacing(now - r->point[i].at) + REWIND_FINE / 2)
            rewind_drop(r, i);
        else
            i++;
    }
    while (r->n > 1 && rewind_bytes(r) > r->budget)
        rewind_drop(r, 0);
    journal_forget(machine_journal(r->machine), r->point[0].acted);
}

vtime rewind_next_time(const struct rewind *r)
{
    return r->next;
}

void rewind_look(struct rewind *r)
{
    if (machine_now(r->machine) < r->next)
        return;
    rewind_take(r, NULL, NULL);
    rewind_thin(r);
}

void rewind_try(struct rewind *r, bool (*hurry)(void *opaque), void *opaque)
{
    vtime now = machine_now(r->machine);
    bool late = now > r->due && now - r->due >= REWIND_PATIENCE;

    if (now < r->next)
        return;
    if (rewind_take(r, late ? NULL : hurry, opaque))
        rewind_thin(r);
    else
        r->next = now + REWIND_AGAIN;
}

void rewind_skip(struct rewind *r)
{
    if (machine_now(r->machine) >= r->next)
        rewind_set_next(r);
}

/* --- back ------------------------------------------------------------------ */

/* On the way to an instruction there are points: whoever goes to one goes to the
 * ones before it next, and should not have to come all that way again. */
static void rewind_relive(struct rewind *r, vtime t, uint64_t insns)
{
    struct machine *m = r->machine;
    enum machine_stop stop = MACHINE_SLICE;
    uint64_t mark = insns != UINT64_MAX ? machine_insns(m) + REWIND_STRIDE : UINT64_MAX;

    while (machine_now(m) < t && machine_insns(m) < insns &&
           (stop == MACHINE_SLICE || stop == MACHINE_RESET)) {
        stop = machine_run(m, t, mark < insns ? mark : insns);
        if (machine_insns(m) < mark || mark >= insns)
            continue;
        rewind_take(r, NULL, NULL);
        mark += REWIND_STRIDE;
    }
}

/* To a point, and from there on to the first of time and instruction. */
static void rewind_go(struct rewind *r, size_t i, vtime t, uint64_t insns)
{
    struct machine *m = r->machine;

    while (r->n > i + 1)
        rewind_drop(r, r->n - 1);
    journal_relive(machine_journal(m), r->point[i].acted);
    state_back(machine_state(m), r->point[i].state);
    machine_set_silent(m, true);
    rewind_relive(r, t, insns);
    machine_set_silent(m, false);
    journal_arrive(machine_journal(m));
    rewind_set_next(r);
}

static int rewind_too_far(struct err *err)
{
    err_set(err, "so far back nothing is remembered");
    return -1;
}

int rewind_to_time(struct rewind *r, vtime t, struct err *err)
{
    size_t i = r->n;

    while (i != 0 && r->point[i - 1].at > t)
        i--;
    if (i == 0)
        return rewind_too_far(err);
    rewind_go(r, i - 1, t, UINT64_MAX);
    return 0;
}

int rewind_to_insns(struct rewind *r, uint64_t insns, struct err *err)
{
    vtime now = machine_now(r->machine);
    size_t i = r->n;

    while (i != 0 && r->point[i - 1].insns > insns)
        i--;
    if (i == 0)
        return rewind_too_far(err);
    rewind_go(r, i - 1, now + 1, insns);
    return 0;
}

int rewind_step(struct rewind *r, struct err *err)
{
    uint64_t insns = machine_insns(r->machine);

    return insns != 0 ? rewind_to_insns(r, insns - 1, err) : rewind_too_far(err);
}

vtime rewind_oldest(const struct rewind *r)
{
    return r->point[0].at;
}

size_t rewind_points(const struct rewind *r)
{
    return r->n;
}

size_t rewind_bytes(const struct rewind *r)
{
    return state_kept(machine_state(r->machine));
}

/* Points in the past and the way back to them. */
#include "config.h"

#include "board/rewind.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define REWIND_FINE (VTIME_SECOND / 4)

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
    vtime next;
};

static void rewind_take(struct rewind *r)
{
    struct machine *m = r->machine;
    vtime now = machine_now(m);

    if (r->n == r->room) {
        r->room += 64;
        r->point = xrealloc(r->point, r->room * sizeof *r->point);
    }
    r->point[r->n] = (struct rewind_point){
        .at = now,
        .insns = machine_insns(m),
        .acted = journal_acted(machine_journal(m)),
        .state = state_keep(machine_state(m), r->n != 0 ? r->point[r->n - 1].state : NULL),
    };
    r->n++;
    r->next = now - now % REWIND_FINE + REWIND_FINE;
}

struct rewind *rewind_new(struct machine *m, size_t budget)
{
    struct rewind *r = xcalloc(1, sizeof *r);

    r->machine = m;
    r->budget = budget;
    journal_keep(machine_journal(m));
    rewind_take(r);
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
        if (r->point[i + 1].at - r->point[i - 1].at <= rewind_spacing(now - r->point[i].at))
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
    rewind_take(r);
    rewind_thin(r);
}

/* --- back ------------------------------------------------------------------ */

/* To a point, and from there on to the first of time and instruction. */
static void rewind_go(struct rewind *r, size_t i, vtime t, uint64_t insns)
{
    struct machine *m = r->machine;
    enum machine_stop stop = MACHINE_SLICE;

    while (r->n > i + 1)
        rewind_drop(r, r->n - 1);
    journal_relive(machine_journal(m), r->point[i].acted);
    state_back(machine_state(m), r->point[i].state);
    machine_set_silent(m, true);
    while (machine_now(m) < t && machine_insns(m) < insns &&
           (stop == MACHINE_SLICE || stop == MACHINE_RESET))
        stop = machine_run(m, t, insns);
    machine_set_silent(m, false);
    journal_arrive(machine_journal(m));
    r->next = machine_now(m) - machine_now(m) % REWIND_FINE + REWIND_FINE;
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

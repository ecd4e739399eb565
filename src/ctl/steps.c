/*
 * Steps as they run.
 *
 * A --type is done when its last key goes down: what the guest shows from
 * there on is for the next step.  The releases that are left follow at their
 * pace.
 */
#include "config.h"

#include "ctl/steps_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/log.h"
#include "base/mem.h"
#include "ctl/nearest.h"

static void steps_begin(struct steps *s);

struct steps *steps_new(struct step_list *list, struct machine *m)
{
    struct steps *s = xcalloc(1, sizeof *s);

    s->list = list;
    s->m = m;
    s->before = xcalloc(1, sizeof *s->before);
    s->screen = xcalloc(1, sizeof *s->screen);
    s->now = list->first;
    for (unsigned i = 0; i < list->n; i++) {
        s->waited |= i < s->now && list->step[i].kind == STEP_WAIT;
        if (list->step[i].kind == STEP_RUN)
            s->text_to = i + 1;
        for (unsigned k = 0; k < list->step[i].conds; k++)
            if (list->step[i].cond[k].kind == COND_TEXT)
                s->text_to = i + 1;
    }
    if (s->text_to > s->now)
        text_read(s->screen, machine_video(m));
    steps_begin(s);
    return s;
}

void steps_free(struct steps *s)
{
    if (s == NULL)
        return;
    keys_free(&s->run.keys);
    free(s->before);
    free(s->screen);
    free(s);
}

static struct step *steps_current(const struct steps *s)
{
    return s->now < s->list->n ? &s->list->step[s->now] : NULL;
}

/* --- the screen ---------------------------------------------------------- */

/* A row below the last one, or any in a graphics mode, is empty. */
static const char *steps_row(const struct text_screen *screen, unsigned i)
{
    return i < screen->rows ? screen->row[i] : "";
}

static void steps_sample(struct steps *s)
{
    if (s->now >= s->text_to)
        return;
    text_read(s->screen, machine_video(s->m));
    for (unsigned i = 0; i < VIDEO_TEXT_ROWS_MAX; i++)
        if (!s->changed[i])
            s->changed[i] = strcmp(steps_row(s->screen, i), steps_row(s->before, i)) != 0;
}

static bool steps_screen_has(const struct steps *s, const char *text)
{
    for (unsigned i = 0; i < s->screen->rows; i++)
        if (s->changed[i] && strstr(s->screen->row[i], text) != NULL)
            return true;
    return false;
}

/* --- conditions ---------------------------------------------------------- */

void steps_serial(struct steps *s, uint8_t byte)
{
    struct step *step = steps_current(s);

    for (unsigned i = 0; step != NULL && i < step->conds; i++) {
        struct condition *c = &step->cond[i];

        if (c->kind != COND_SERIAL || c->met)
            continue;
        while (c->matched != 0 && (uint8_t) c->text[c->matched] != byte)
            c->matched = c->fallback[c->matched - 1];
        c->matched += (uint8_t) c->text[c->matched] == byte;
        c->met = c->matched == c->len;
    }
}

/* Time and instructions are absolute: they count from power-on. */
static bool condition_expired(const struct steps *s, const struct condition *c)
{
    return (c->kind == COND_TIME && machine_now(s->m) >= c->value) ||
           (c->kind == COND_INSNS && machine_insns(s->m) >= c->value);
}

static bool screen_has(struct machine *m, const char *text)
{
    struct text_screen *screen = xmalloc(sizeof *screen);
    bool found = false;

    text_read(screen, machine_video(m));
    for (unsigned i = 0; i < screen->rows; i++)
        found = found || strstr(screen->row[i], text) != NULL;
    free(screen);
    return found;
}

int condition_section(const struct condition *c, struct machine *m)
{
    const char *name;

    for (unsigned i = 0; (name = state_section_name(machine_state(m), i)) != NULL; i++)
        if (strncmp(name, c->text, c->len) == 0 && name[c->len] == '\0')
            return (int) i;
    return -1;
}

static bool section_has(const struct condition *c, struct machine *m)
{
    int i = condition_section(c, m);

    return i >= 0 && state_section_hash(machine_state(m), (unsigned) i) == c->value;
}

bool condition_holds(const struct condition *c, struct machine *m)
{
    uint8_t byte;

    switch (c->kind) {
    case COND_TEXT: return screen_has(m, c->text);
    case COND_TIME: return machine_now(m) >= c->value;
    case COND_INSNS: return machine_insns(m) >= c->value;
    case COND_MEMORY:
        machine_peek(m, (uint32_t) c->value, &byte, 1);
        return (byte == c->len) != c->differs;
    case COND_HASH: return section_has(c, m) != c->differs;
    default: return false;
    }
}

static const char *steps_section(const void *opaque, unsigned i)
{
    return state_section_name(opaque, i);
}

static int steps_check_section(struct machine *m, const struct condition *c, struct err *err)
{
    struct state *state = machine_state(m);
    char name[48];

    if (condition_section(c, m) >= 0)
        return 0;
    snprintf(name, sizeof name, "%.*s", (int) (c->len < 40 ? c->len : 40), c->text);
    err_set(err, "hash: this machine's state has no section '%s'; the nearest is '%s'", name,
            state_section_name(state, (unsigned) nearest_find(name, steps_section, state)));
    return -1;
}

int steps_check_machine(const struct step_list *list, struct machine *m, struct err *err)
{
    for (unsigned i = 0; i < list->n; i++)
        for (unsigned k = 0; k < list->step[i].conds; k++)
            if (list->step[i].cond[k].kind == COND_HASH &&
                steps_check_section(m, &list->step[i].cond[k], err) < 0)
                return -1;
    return 0;
}

static bool condition_met(const struct steps *s, const struct condition *c, enum machine_stop why)
{
    switch (c->kind) {
    case COND_POWEROFF: return why == MACHINE_POWEROFF;
    case COND_TEXT: return steps_screen_has(s, c->text);
    case COND_SERIAL: return c->met;
    case COND_MEMORY:
    case COND_HASH: return condition_holds(c, s->m);
    case COND_PAUSE: return machine_now(s->m) - s->began >= c->value;
    case COND_TIME:
    case COND_INSNS: break;
    }
    return condition_expired(s, c);
}

static bool steps_any_met(const struct steps *s, const struct step *step, enum machine_stop why)
{
    for (unsigned i = 0; i < step->conds; i++)
        if (condition_met(s, &step->cond[i], why))
            return true;
    return false;
}

/* A time or count in the last --until is armed from the start: it ends the run
 * whatever step is waiting. */
static bool steps_expired(const struct steps *s)
{
    const struct step *last = s->list->n != 0 ? &s->list->step[s->list->n - 1] : NULL;

    for (unsigned i = 0; last != NULL && last->kind == STEP_UNTIL && i < last->conds; i++)
        if (condition_expired(s, &last->cond[i]))
            return true;
    return false;
}

vtime steps_next_time(const struct steps *s)
{
    vtime next = s->look_at;

    for (unsigned i = s->now; i < s->list->n; i++) {
        for (unsigned k = 0; k < s->list->step[i].conds; k++) {
            const struct condition *c = &s->list->step[i].cond[k];

            if (c->kind == COND_TIME && c->value < next && !condition_expired(s, c))
                next = c->value;
        }
    }
    return next;
}

uint64_t steps_next_insns(const struct steps *s)
{
    uint64_t next = UINT64_MAX;

    for (unsigned i = s->now; i < s->list->n; i++) {
        for (unsigned k = 0; k < s->list->step[i].conds; k++) {
            const struct condition *c = &s->list->step[i].cond[k];

            if (c->kind == COND_INSNS && c->value < next && !condition_expired(s, c))
                next = c->value;
        }
    }
    return next;
}

/* --- keys ---------------------------------------------------------------- */

/*
 * Characters in the BIOS's keyboard ring (BIOS data area 40:1Ah head, 40:1Ch
 * tail, 40:80h and 82h its bounds).  A guest that put something else there has
 * no such ring.
 */
static unsigned steps_ring_fill(const struct steps *s)
{
    uint8_t ptr[4], bounds[4];
    unsigned head, tail, start, end;

    machine_peek(s->m, 0x41a, ptr, sizeof ptr);
    machine_peek(s->m, 0x480, bounds, sizeof bounds);
    head = load_le16(ptr);
    tail = load_le16(ptr + 2);
    start = load_le16(bounds);
    end = load_le16(bounds + 2);
    if (start >= end || (end - start) % 2 != 0 || end - start > 0x100) {
        start = 0x1e; /* where the first PCs had it */
        end = 0x3e;
    }
    if (head < start || head >= end || tail < start || tail >= end || (head ^ tail) & 1)
        return 0;
    return (tail >= head ? tail - head : tail + (end - start) - head) / 2;
}

/* An instruction may end a little late: the pace is that of the grid. */
static void steps_sent(struct steps *s)
{
    vtime now = machine_now(s->m);

    s->key_at = now - now % STEPS_PERIOD + STEPS_KEY_PERIOD;
}

static void steps_send_key(struct steps *s, struct key_event key)
{
    int64_t arg[JOURNAL_ARGS] = { key.usage, key.down };

    steps_sent(s);
    if (journal_post(machine_journal(s->m), "kbd", "key", arg, NULL, 0) < 0 && !s->no_keyboard) {
        log_warn("this machine has no keyboard");
        s->no_keyboard = true;
    }
}

/*
 * No event while the ring is full.  A press leaves room for one character, so
 * that its release is not held back: the keyboard would repeat the key.
 */
static bool steps_may_send(struct steps *s, bool down)
{
    return s->on_grid && machine_now(s->m) >= s->key_at &&
           steps_ring_fill(s) + down < STEPS_RING_FULL;
}

static void steps_send_tail(struct steps *s)
{
    if (s->tail_len == 0 || !steps_may_send(s, s->tail[0].down))
        return;
    steps_send_key(s, s->tail[0]);
    s->tail_len--;
    memmove(s->tail, s->tail + 1, s->tail_len * sizeof s->tail[0]);
}

bool steps_type(struct steps *s, const struct key_list *keys)
{
    if (!s->listening)
        s->listening = s->waited || machine_keyboard_ready(s->m);
    if (s->listening && s->tail_len == 0 && s->sent < keys->last_press &&
        steps_may_send(s, keys->event[s->sent].down))
        steps_send_key(s, keys->event[s->sent++]);
    if (s->sent < keys->last_press)
        return false;
    for (size_t i = keys->last_press; i < keys->n && s->tail_len < STEPS_TAIL; i++)
        s->tail[s->tail_len++] = keys->event[i];
    return true;
}

/* --- inputs and checks --------------------------------------------------- */

/* 1: the last one is sent; -1: the machine does not take it.  Without power time stands,
 * and there is nothing to wait for. */
static int steps_input(struct steps *s, const struct step *step, bool off)
{
    const struct step_input *in = &step->input[s->sent];
    struct journal *journal = machine_journal(s->m);
    const struct journal_kind *kind;

    if (!off && (s->tail_len != 0 || !s->on_grid || machine_now(s->m) < s->key_at))
        return 0;
    kind = journal_kind(journal, in->device, in->event);
    if (kind == NULL || kind->args != in->args || kind->data) {
        err_set(&s->why, "this machine takes no such input");
        return -1;
    }
    journal_post(journal, in->device, in->event, in->arg, NULL, 0);
    steps_sent(s);
    return ++s->sent == step->inputs;
}

static int steps_check(struct steps *s, const struct step *step)
{
    const struct step_watcher *w = s->list->watcher;

    /* The guest needs a moment: else the screen of before would do. */
    s->reacting = s->key_at != 0 && machine_now(s->m) < s->key_at + STEPS_REACTION - STEPS_KEY_PERIOD;
    if (s->reacting)
        return 0;
    return w->check(w->opaque, step->number, &s->why);
}

/* --- one after another --------------------------------------------------- */

/* What is on the screen now was there before. */
void steps_forget(struct steps *s)
{
    if (s->now < s->text_to)
        memcpy(s->before, s->screen, sizeof *s->before);
    memset(s->changed, 0, sizeof s->changed);
}

static void steps_begin(struct steps *s)
{
    struct step *step = steps_current(s);

    steps_forget(s);
    s->began = machine_now(s->m);
    s->sent = 0;
    s->listening = false;
    s->why.msg[0] = '\0';
    steps_run_begin(s);
    for (unsigned i = 0; step != NULL && i < step->conds; i++) {
        step->cond[i].matched = 0;
        step->cond[i].met = false;
    }
}

/* 1: done; 0: not yet; -1: it failed, s->why says why. */
static int steps_done(struct steps *s, const struct step *step, enum machine_stop why)
{
    bool off = why == MACHINE_POWEROFF;

    switch (step->kind) {
    case STEP_WAIT:
    case STEP_UNTIL: return steps_any_met(s, step, why);
    case STEP_TYPE: return !off && steps_type(s, &step->keys);
    case STEP_RUN: return off ? 0 : steps_run(s, step);
    case STEP_INPUT: return steps_input(s, step, off);
    case STEP_CHECK: return steps_check(s, step);
    }
    return 0;
}

/* False: the step that waits has failed. */
static bool steps_in_time(struct steps *s, int done)
{
    const struct step *step = steps_current(s);

    if (step == NULL || (step->kind == STEP_CHECK && s->reacting))
        return true;
    if (done >= 0 && (step->limit == VTIME_NEVER || machine_now(s->m) - s->began < step->limit))
        return true;
    if (s->why.msg[0] == '\0')
        err_set(&s->why, "not so within %" PRIu64 " s", step->limit / VTIME_SECOND);
    s->failed = true;
    return false;
}

static void steps_go_on(struct steps *s, const struct step *step)
{
    const struct step_watcher *w = s->list->watcher;

    s->waited |= step->kind == STEP_WAIT;
    if (w != NULL)
        w->done(w->opaque, s->now);
    s->now++;
    steps_begin(s);
}

bool steps_look(struct steps *s, enum machine_stop why)
{
    vtime now = machine_now(s->m);
    const struct step *step;
    int done = 0;

    s->on_grid = now >= s->look_at;
    steps_sample(s);
    if (why != MACHINE_POWEROFF)
        steps_send_tail(s);
    while ((step = steps_current(s)) != NULL && (done = steps_done(s, step, why)) > 0) {
        if (s->now + 1 == s->list->n && step->kind == STEP_UNTIL)
            return true;
        steps_go_on(s, step);
    }
    if (s->on_grid)
        s->look_at = now - now % STEPS_PERIOD + STEPS_PERIOD;
    if (!steps_in_time(s, done) || (step == NULL && s->list->ends))
        return true;
    if (!steps_expired(s))
        return false;
    log_warn("the end came before %s was done", steps_pending(s));
    return true;
}

const char *steps_failure(const struct steps *s)
{
    return s->failed ? s->why.msg : NULL;
}

unsigned steps_number(const struct steps *s)
{
    return s->now;
}

bool steps_settled(const struct steps *s)
{
    return s->tail_len == 0 && machine_now(s->m) >= s->key_at;
}

const char *steps_pending(struct steps *s)
{
    static const char *const names[] = { "--type", "--wait", "--until" };
    const struct step *step = steps_current(s);

    if (step == NULL)
        return NULL;
    if (s->list->ends || step->kind > STEP_UNTIL) /* a line of a test, or of none */
        snprintf(s->pending, sizeof s->pending, "'%.60s'", step->text);
    else
        snprintf(s->pending, sizeof s->pending, "%s '%.60s'", names[step->kind], step->text);
    return s->pending;
}

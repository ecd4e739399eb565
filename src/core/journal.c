/* The queue of inputs that wait for their virtual time. */
#include "config.h"

#include "core/journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { JOURNAL_DEVICES = 32 };

struct journal_device {
    const char *name;
    const struct journal_kind *kinds;
    size_t n;
    void *opaque;
};

struct journal_entry {
    struct journal_entry *next;
    vtime at;
    const struct journal_device *device;
    const struct journal_kind *kind;
    struct journal_input in;
    uint8_t data[];
};

/* The host's refusal of work, out of a trace. */
struct journal_failure {
    vtime at;
    char *device, *event; /* owned */
    int64_t arg;
};

struct journal {
    struct sched *sched;
    struct journal_device device[JOURNAL_DEVICES];
    unsigned devices;
    struct journal_entry *first, **last; /* in order of `at` */
    struct journal_watcher watcher;
    bool replay;
    struct journal_failure *failure; /* owned; in order of `at` */
    size_t failures, failed;         /* how many there are, have been used */
    /* What acted, for going back: number `acted` - `pasts` is past[0]. */
    bool keep, reliving, was_replay;
    struct journal_entry **past; /* owned, and what it points to */
    size_t pasts, past_room;
    uint64_t acted;
};

static void journal_fire(void *opaque);

struct journal *journal_new(struct sched *sched)
{
    struct journal *j = xcalloc(1, sizeof *j);

    j->sched = sched;
    j->last = &j->first;
    sched->input_fire = journal_fire;
    sched->input_opaque = j;
    return j;
}

void journal_free(struct journal *j)
{
    if (j == NULL)
        return;
    for (struct journal_entry *e = j->first, *next; e != NULL; e = next) {
        next = e->next;
        free(e);
    }
    for (size_t i = 0; i < j->pasts; i++)
        free(j->past[i]);
    free(j->past);
    for (size_t i = 0; i < j->failures; i++) {
        free(j->failure[i].device);
        free(j->failure[i].event);
    }
    free(j->failure);
    free(j);
}

void journal_add(struct journal *j, const char *device, const struct journal_kind *kinds, size_t n,
                 void *opaque)
{
    assert(j->devices < JOURNAL_DEVICES);
    j->device[j->devices++] = (struct journal_device){ device, kinds, n, opaque };
}

void journal_watch(struct journal *j, const struct journal_watcher *w)
{
    j->watcher = *w;
}

static const struct journal_kind *journal_find(const struct journal *j, const char *device, const char *event,
                                               const struct journal_device **found)
{
    for (unsigned i = 0; i < j->devices; i++) {
        const struct journal_device *dev = &j->device[i];

        if (strcmp(dev->name, device) != 0)
            continue;
        for (size_t k = 0; k < dev->n; k++) {
            if (strcmp(dev->kinds[k].event, event) == 0) {
                *found = dev;
                return &dev->kinds[k];
            }
        }
    }
    return NULL;
}

static void journal_queue(struct journal *j, struct journal_entry *e)
{
    *j->last = e;
    j->last = &e->next;
    if (j->first == e) {
        j->sched->input_due = e->at;
        sched_kick(j->sched);
    }
}

vtime journal_stamp(const struct journal *j)
{
    vtime now = sched_now(j->sched), end = j->sched->stop_at;

    /* Now itself may have had its events: a replay, which knows the input
     * beforehand, would let it act before them. */
    return end <= now ? end : now + 1;
}

static int journal_enqueue(struct journal *j, vtime at, const char *device, const char *event,
                           const struct journal_input *in)
{
    const struct journal_device *dev = NULL;
    const struct journal_kind *kind = journal_find(j, device, event, &dev);
    struct journal_entry *e;

    if (kind == NULL || in->len > JOURNAL_DATA_MAX || (in->len != 0 && !kind->data))
        return -1;
    e = xcalloc(1, sizeof *e + in->len);
    e->at = at;
    e->device = dev;
    e->kind = kind;
    for (unsigned i = 0; i < kind->args; i++)
        e->in.arg[i] = in->arg[i];
    if (in->len != 0)
        memcpy(e->data, in->data, in->len);
    e->in.data = e->data;
    e->in.len = in->len;
    journal_queue(j, e);
    return 0;
}

int journal_post(struct journal *j, const char *device, const char *event, const int64_t *args,
                 const uint8_t *data, size_t len)
{
    const struct journal_kind *kind = journal_kind(j, device, event);
    struct journal_input in = { .data = data, .len = len };

    if (kind == NULL)
        return -1;
    for (unsigned i = 0; i < kind->args; i++)
        in.arg[i] = args[i];
    return j->replay ? 0 : journal_enqueue(j, journal_stamp(j), device, event, &in);
}

const struct journal_kind *journal_kind(const struct journal *j, const char *device,
                                        const char *event)
{
    const struct journal_device *dev = NULL;

    return journal_find(j, device, event, &dev);
}

/* --- replay -------------------------------------------------------------- */

void journal_replay(struct journal *j)
{
    j->replay = true;
}

int journal_replay_input(struct journal *j, vtime at, const char *device, const char *event,
                         const struct journal_input *in)
{
    return journal_enqueue(j, at, device, event, in);
}

int journal_replay_failure(struct journal *j, vtime at, const char *device, const char *event,
                           int64_t arg)
{
    struct journal_failure *f;

    if (j->failures % 64 == 0)
        j->failure = xrealloc(j->failure, (j->failures + 64) * sizeof *j->failure);
    f = &j->failure[j->failures++];
    *f = (struct journal_failure){ at, xstrdup(device), xstrdup(event), arg };
    return 0;
}

/* True if the trace says that this work failed. */
static bool journal_failed(struct journal *j, const char *device, const char *event, int64_t arg)
{
    vtime now = sched_now(j->sched);

    while (j->failed < j->failures && j->failure[j->failed].at < now)
        j->failed++;
    for (size_t i = j->failed; i < j->failures && j->failure[i].at == now; i++) {
        const struct journal_failure *f = &j->failure[i];

        if (strcmp(f->device, device) == 0 && strcmp(f->event, event) == 0 && f->arg == arg)
            return true;
    }
    return false;
}

/* --- going back ---------------------------------------------------------- */

void journal_keep(struct journal *j)
{
    j->keep = true;
}

uint64_t journal_acted(const struct journal *j)
{
    return j->acted;
}

void journal_forget(struct journal *j, uint64_t acted)
{
    uint64_t first = j->acted - j->pasts;
    size_t n = acted > first ? (size_t) (acted - first) : 0;

    if (n > j->pasts)
        n = j->pasts;
    for (size_t i = 0; i < n; i++)
        free(j->past[i]);
    j->pasts -= n;
    if (n != 0)
        memmove(j->past, j->past + n, j->pasts * sizeof(struct journal_entry *));
}

static void journal_find_first(struct journal *j)
{
    if (j->first == NULL)
        j->last = &j->first;
    j->sched->input_due = j->first != NULL ? j->first->at : VTIME_NEVER;
    sched_kick(j->sched);
}

void journal_relive(struct journal *j, uint64_t acted)
{
    assert(j->keep && acted <= j->acted && j->acted - acted <= j->pasts);
    while (j->acted != acted) {
        struct journal_entry *e = j->past[--j->pasts];

        if (j->first == NULL)
            j->last = &e->next;
        e->next = j->first;
        j->first = e;
        j->acted--;
    }
    journal_find_first(j);
    j->failed = 0;
    j->was_replay = j->replay;
    j->replay = j->reliving = true;
}

void journal_live(struct journal *j)
{
    j->replay = false;
    while (j->first != NULL) {
        struct journal_entry *e = j->first;

        j->first = e->next;
        free(e);
    }
    journal_find_first(j);
}

void journal_arrive(struct journal *j)
{
    j->reliving = false;
    if (!j->was_replay)
        journal_live(j);
}

/* True if it is kept, and so not to be freed. */
static bool journal_file(struct journal *j, struct journal_entry *e)
{
    if (!j->keep)
        return false;
    if (j->pasts == j->past_room) {
        j->past_room = j->past_room != 0 ? j->past_room * 2 : 64;
        j->past = xrealloc(j->past, j->past_room * sizeof(struct journal_entry *));
    }
    j->past[j->pasts++] = e;
    j->acted++;
    return true;
}

/* --- what acts ----------------------------------------------------------- */

static void journal_show(struct journal *j, vtime at, const char *device, const struct journal_kind *kind,
                         const struct journal_input *in)
{
    if (j->watcher.input != NULL && !j->reliving)
        j->watcher.input(j->watcher.opaque, at, device, kind, in);
}

static void journal_fire(void *opaque)
{
    struct journal *j = opaque;
    struct journal_entry *e = j->first;

    j->first = e->next;
    if (j->first == NULL)
        j->last = &j->first;
    j->sched->input_due = j->first != NULL ? j->first->at : VTIME_NEVER;
    journal_show(j, e->at, e->device->name, e->kind, &e->in);
    e->kind->apply(e->device->opaque, &e->in);
    if (!journal_file(j, e))
        free(e);
}

bool journal_outcome(struct journal *j, const char *device, const char *event, int64_t arg, bool ok)
{
    if (j->replay)
        ok = !journal_failed(j, device, event, arg);
    /* Success is what a replay assumes; only failures are inputs. */
    if (!ok && j->keep && !j->replay)
        journal_replay_failure(j, sched_now(j->sched), device, event, arg);
    if (!ok && j->watcher.failure != NULL && !j->reliving)
        j->watcher.failure(j->watcher.opaque, sched_now(j->sched), device, event, arg);
    return ok;
}

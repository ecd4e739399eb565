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

struct journal {
    struct sched *sched;
    struct journal_device device[JOURNAL_DEVICES];
    unsigned devices;
    struct journal_entry *first, **last; /* in order of `at` */
    struct journal_watcher watcher;
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

static const struct journal_kind *journal_find(struct journal *j, const char *device, const char *event,
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

int journal_post(struct journal *j, const char *device, const char *event, const int64_t *args,
                 const uint8_t *data, size_t len)
{
    const struct journal_device *dev = NULL;
    const struct journal_kind *kind = journal_find(j, device, event, &dev);
    vtime now = sched_now(j->sched), end = j->sched->stop_at;
    struct journal_entry *e;

    if (kind == NULL || len > JOURNAL_DATA_MAX || (len != 0 && !kind->data))
        return -1;
    e = xcalloc(1, sizeof *e + len);
    /* The slice's end, or now when a slice was cut short (a stop, a pause). */
    e->at = end <= now ? end : now;
    e->device = dev;
    e->kind = kind;
    for (unsigned i = 0; i < kind->args; i++)
        e->in.arg[i] = args[i];
    if (len != 0)
        memcpy(e->data, data, len);
    e->in.data = e->data;
    e->in.len = len;
    journal_queue(j, e);
    return 0;
}

static void journal_show(struct journal *j, vtime at, const char *device, const struct journal_kind *kind,
                         const struct journal_input *in)
{
    if (j->watcher.input != NULL)
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
    free(e);
}

bool journal_outcome(struct journal *j, const char *device, const char *event, int64_t arg, bool ok)
{
    struct journal_kind kind = { .event = event, .args = 1 };
    struct journal_input in = { .arg = { arg } };

    /* Success is what a replay assumes; only failures are inputs. */
    if (!ok)
        journal_show(j, sched_now(j->sched), device, &kind, &in);
    return ok;
}

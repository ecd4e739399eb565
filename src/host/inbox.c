/* Messages between two threads. */
#include "config.h"

#include "host/inbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

struct inbox_list {
    struct inbox_item *item;
    size_t n, cap;
};

struct inbox {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    atomic_bool any;
    struct inbox_list waiting; /* under lock */
    struct inbox_list taken;   /* the receiver's */
};

struct inbox *inbox_new(void)
{
    struct inbox *in = xcalloc(1, sizeof *in);
    pthread_condattr_t attr;

    pthread_mutex_init(&in->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&in->arrived, &attr);
    pthread_condattr_destroy(&attr);
    atomic_init(&in->any, false);
    return in;
}

void inbox_free(struct inbox *in)
{
    if (in == NULL)
        return;
    pthread_cond_destroy(&in->arrived);
    pthread_mutex_destroy(&in->lock);
    free(in->waiting.item);
    free(in->taken.item);
    free(in);
}

static struct inbox_item *inbox_last(struct inbox_list *l, unsigned what)
{
    return l->n != 0 && l->item[l->n - 1].what == what ? &l->item[l->n - 1] : NULL;
}

static void inbox_add(struct inbox_list *l, const struct inbox_item *item)
{
    if (l->n == l->cap) {
        l->cap = l->cap != 0 ? l->cap * 2 : 64;
        l->item = xrealloc(l->item, l->cap * sizeof *l->item);
    }
    l->item[l->n++] = *item;
}

void inbox_put(struct inbox *in, const struct inbox_item *item, bool merge)
{
    struct inbox_item *last;

    pthread_mutex_lock(&in->lock);
    last = merge ? inbox_last(&in->waiting, item->what) : NULL;
    if (last != NULL) {
        last->arg[0] += item->arg[0];
        last->arg[1] += item->arg[1];
    } else {
        inbox_add(&in->waiting, item);
    }
    atomic_store(&in->any, true);
    pthread_cond_signal(&in->arrived);
    pthread_mutex_unlock(&in->lock);
}

size_t inbox_take(struct inbox *in, const struct inbox_item **items)
{
    struct inbox_list taken;

    if (!atomic_load(&in->any))
        return 0;
    pthread_mutex_lock(&in->lock);
    taken = in->waiting;
    in->waiting = in->taken;
    in->waiting.n = 0;
    in->taken = taken;
    atomic_store(&in->any, false);
    pthread_mutex_unlock(&in->lock);
    *items = in->taken.item;
    return in->taken.n;
}

bool inbox_any(struct inbox *in)
{
    return atomic_load_explicit(&in->any, memory_order_relaxed);
}

bool inbox_wait(struct inbox *in, uint64_t wall)
{
    struct timespec ts = {
        .tv_sec = (time_t) (wall / 1000000000u),
        .tv_nsec = (long) (wall % 1000000000u),
    };
    bool any;

    pthread_mutex_lock(&in->lock);
    while (!atomic_load(&in->any))
        if (pthread_cond_timedwait(&in->arrived, &in->lock, &ts) == ETIMEDOUT)
            break;
    any = atomic_load(&in->any);
    pthread_mutex_unlock(&in->lock);
    return any;
}

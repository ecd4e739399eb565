/*
 * The journal door: every input from outside passes here before a device sees
 * it, with the virtual time at which it acts.  What is not posted here does
 * not reach the guest.  (The text form on disk comes with record and replay;
 * a watcher sees all that it will hold.)
 *
 * Inputs are posted by the thread that runs the machine, between two slices,
 * and are stamped with the end of the slice just run: they act before any
 * event of that time.
 */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sched.h"

enum { JOURNAL_ARGS = 4, JOURNAL_DATA_MAX = 4096 };

struct journal_input {
    int64_t arg[JOURNAL_ARGS];
    const uint8_t *data; /* valid during the call */
    size_t len;
};

/* One kind of input that a device takes: "kbd" "key" code down. */
struct journal_kind {
    const char *event;
    unsigned args; /* number of integers */
    bool data;     /* bytes follow */
    void (*apply)(void *opaque, const struct journal_input *in);
};

struct journal;

struct journal *journal_new(struct sched *sched);
void journal_free(struct journal *j);

/* `device` and `kinds` outlive the journal. */
void journal_add(struct journal *j, const char *device, const struct journal_kind *kinds, size_t n,
                 void *opaque);

/*
 * An input from the host.  `args` holds as many integers as the kind has.
 * -1 when no device takes such an input.
 */
int journal_post(struct journal *j, const char *device, const char *event, const int64_t *args,
                 const uint8_t *data, size_t len);

/*
 * The outcome of host work that the guest waits for (a flush): `ok` as it
 * happened.  Returns the outcome the guest shall see, now.
 */
bool journal_outcome(struct journal *j, const char *device, const char *event, int64_t arg, bool ok);

/* Sees every input in the order in which it acts: what a recording holds. */
struct journal_watcher {
    void (*input)(void *opaque, vtime at, const char *device, const struct journal_kind *kind,
                  const struct journal_input *in);
    void *opaque;
};
void journal_watch(struct journal *j, const struct journal_watcher *w);

#endif

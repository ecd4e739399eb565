/*
 * The journal door: every input from outside passes here before a device sees
 * it, with the virtual time at which it acts.  What is not posted here does
 * not reach the guest.  A watcher sees all of it, as a recording does; a replay
 * fills the queue from a trace and makes the journal deaf to the host.
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

/* The time at which an input posted now acts: the end of the slice just run,
 * or the next instant when a slice was cut short (a stop, a pause). */
vtime journal_stamp(const struct journal *j);

/*
 * Replay.  From here on what the host posts is dropped, and outcomes are those
 * of the trace.  Inputs of the trace are added in order of their time, before
 * that time has come; -1 when no device takes such an input.
 */
void journal_replay(struct journal *j);
int journal_replay_input(struct journal *j, vtime at, const char *device, const char *event,
                         const struct journal_input *in);
/* A failure of host work at this time: the guest shall see it again. */
int journal_replay_failure(struct journal *j, vtime at, const char *device, const char *event,
                           int64_t arg);
/* What is left of the trace is given up: from here on the host is heard again. */
void journal_live(struct journal *j);

/*
 * Going back.  Once told to, the journal keeps what acted.  A machine that was
 * put back to where `acted` inputs had acted lives through the later ones again,
 * deaf to the host and unseen by the watcher, until it has arrived; what it has
 * not met by then is given up, but in a replay.
 */
void journal_keep(struct journal *j);
uint64_t journal_acted(const struct journal *j);
void journal_forget(struct journal *j, uint64_t acted); /* what is older is not needed */
void journal_relive(struct journal *j, uint64_t acted);
void journal_arrive(struct journal *j);

/* The kind of an input by its names, or NULL. */
const struct journal_kind *journal_kind(const struct journal *j, const char *device,
                                        const char *event);

/*
 * The outcome of host work that the guest waits for (a flush): `ok` as it
 * happened.  Returns the outcome the guest shall see, now.
 */
bool journal_outcome(struct journal *j, const char *device, const char *event, int64_t arg, bool ok);

/* Sees every input in the order in which it acts: what a recording holds. */
struct journal_watcher {
    void (*input)(void *opaque, vtime at, const char *device, const struct journal_kind *kind,
                  const struct journal_input *in);
    /* Host work failed, at this very time. */
    void (*failure)(void *opaque, vtime at, const char *device, const char *event, int64_t arg);
    void *opaque;
};
void journal_watch(struct journal *j, const struct journal_watcher *w);

#endif

/* The run: slices of virtual time, paced to the wall clock or not. */
#ifndef CTL_RUN_H
#define CTL_RUN_H

#include "base/err.h"
#include "board/machine.h"
#include "ctl/exit.h"
#include "ctl/options.h"
#include "ctl/pace.h"
#include "ctl/ports.h"
#include "ctl/steps.h"

enum { RUN_STOPS = MACHINE_TEST_EXIT + 1 };

/* What the window showed; times from one changed picture to the next. */
struct run_pictures {
    bool any;
    uint64_t frames;  /* of the guest that went to the window */
    uint64_t shown;   /* times the window was drawn */
    uint64_t same;    /* like the picture before: not drawn again */
    uint64_t dropped; /* a newer one came before it could be shown */
    vtime last_drop;  /* when that happened last; 0: never */
    uint32_t least_us, median_us, late_us, most_us; /* late: 99 % are not later */
};

struct run_stats {
    uint64_t exits[RUN_STOPS]; /* how often machine_run came back, by reason */
    uint64_t wall, cpu;        /* ns */
    uint64_t lost;             /* ns that the host was late: see struct pace */
    struct run_pictures pictures;
};

/*
 * What sits in front of the machine: a window.  Called on the engine's thread,
 * between two slices.  Nothing here can be seen by the guest but the inputs
 * that poll posts.
 */
struct run_front {
    /* Takes what has come: inputs go to the journal, commands to run_*.  True: an input. */
    bool (*poll)(void *opaque);
    /* Something waits for poll. */
    bool (*pending)(void *opaque);
    /* Sleeps until `wall`; true: woken early, something waits for poll. */
    bool (*wait)(void *opaque, uint64_t wall);
    /* The picture is whole: vertical retrace has started.  At --speed max: of some. */
    void (*frame)(void *opaque);
    /* The guest stopped by itself; the run goes on so that the user can look. */
    void (*stopped)(void *opaque, enum machine_stop why);
    /* One line that also went to standard error. */
    void (*warn)(void *opaque, const char *line);
    void *opaque;
};

struct record;
struct replay;
struct save;
struct rewind;

struct run {
    const struct options *options;
    struct machine *machine;
    struct steps *steps;
    struct ports *ports;
    struct record *record; /* NULL: none */
    struct replay *replay; /* NULL: none */
    struct rewind *rewind; /* NULL: none */
    bool wants_past;       /* keep points of the past, so that it can go back */
    struct save *save;     /* NULL: none */
    const struct run_front *front; /* NULL: headless */
    struct pace pace;
    vtime slice; /* for tests: this long; 0: as is best */
    bool paused;
    bool went_back;
    bool asked_to_end; /* with end_code */
    enum ctl_exit end_code;
    enum machine_stop last_stop;
    struct run_stats stats;
};

/* For the front, from within poll. */
void run_set_speed(struct run *run, uint64_t speed); /* millionths; 0: as fast as it goes */
void run_pause(struct run *run, bool pause);
void run_end(struct run *run, enum ctl_exit code);
/* So many ns back in time, or as far as is remembered. */
int run_rewind(struct run *run, vtime span, struct err *err);

/* Runs to the end, folds the disks, returns the exit code.  Says on standard
 * error why it ended, unless it ended as asked. */
enum ctl_exit run_machine(struct run *run);

#endif

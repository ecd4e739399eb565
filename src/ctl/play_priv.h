/*
 * What the files of play share: the machine's thread (play_engine.c) and the
 * window's (play.c, play_input.c, play_say.c).
 */
#ifndef CTL_PLAY_PRIV_H
#define CTL_PLAY_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "ctl/bindings.h"
#include "ctl/latency.h"
#include "ctl/play.h"
#include "host/frames.h"
#include "host/inbox.h"
#include "host/panel.h"
#include "host/signals.h"
#include "host/window.h"

/* Items of the inbox. */
enum play_item {
    ITEM_KEY,    /* usage, down */
    ITEM_MOVE,   /* dots to the right, down */
    ITEM_WHEEL,  /* notches towards the user */
    ITEM_BUTTON, /* number, down */
    ITEM_PAUSE,
    ITEM_FAST_FORWARD,
    ITEM_CLOCK,  /* -1: slower, 1: faster */
    ITEM_RESET,
    ITEM_REWIND,
    ITEM_SNAPSHOT,
    ITEM_INSERT, /* number of the disk */
    ITEM_ADD,    /* number; data: struct disk_config, comes onto the shelf and in */
    ITEM_END,    /* exit code */
};

enum { PLAY_DISKS = MACHINE_FLOPPIES + MACHINE_SHELF, PLAY_KEYS = 256, PLAY_BUTTONS = 3 };
enum { PLAY_TEXT = 1024 };

/* Written by the machine's thread, read by the window's. */
struct play_shared {
    _Atomic uint64_t now;     /* vtime */
    atomic_bool paused, fast;
    atomic_int stopped;       /* enum machine_stop; MACHINE_SLICE: it runs */
    atomic_bool done;         /* run_machine has returned */
    pthread_mutex_t lock;
    char notice[PLAY_TEXT];   /* under lock: the newest line for the user ... */
    unsigned notices;         /* ... and how many there were */
};

/* The machine's thread alone. */
struct play_engine {
    struct run_front front;
    uint64_t speed;     /* to go back to after fast-forward */
    uint64_t clock_num; /* of the processor, Hz */
    uint64_t clock_den;
    uint64_t frames, untaken;
    vtime untaken_at;   /* the last one */
    struct latency latency;
    enum ctl_exit code;
};

/* A line of the list that the floppy key goes through. */
struct play_disk {
    char *path; /* owned; NULL: no such disk */
};

struct play {
    const struct options *options;
    struct run *run;
    struct frames *frames;
    struct inbox *inbox;
    struct play_shared shared;
    struct play_engine engine;
    /* The window's thread. */
    struct window *window;
    struct signals signals;
    struct panel panel;
    char panel_text[PLAY_TEXT * 4]; /* what the panel shows */
    char title[256];
    char name[64]; /* of the first disk */
    struct play_disk disk[PLAY_DISKS];
    unsigned inserted; /* disk in drive A */
    bool held[PLAY_KEYS], button[PLAY_BUTTONS];
    bool help;
    char notice[PLAY_TEXT]; /* shown until notice_until */
    uint64_t notice_until;
    unsigned notices;       /* seen of shared.notices */
    bool dirty;             /* the window must be drawn */
    bool looked_up;         /* events came while it was drawn */
    uint64_t since;         /* of the event that is being taken */
    bool ending;            /* the machine was told to end */
    struct video_frame *shown, *drawn; /* in the window; a newer one is drawn here */
    uint64_t show_at;       /* not before: the screen is not ready */
    bool unshown;           /* a picture waits for that */
    /* Speed, in thousandths of real time. */
    uint64_t speed_wall;
    vtime speed_vtime;
    unsigned speed;
    unsigned slow;          /* looks in a row that were too slow */
    /* Numbers for --stats. */
    uint64_t shows, same, skipped, last_show;
    vtime skipped_at; /* the last one */
    struct sample intervals;
};

/* play_engine.c */
void play_init_engine(struct play *p);
void *play_engine_main(void *opaque);

/* play_input.c */
void play_take_event(struct play *p, struct window_event *ev);
void play_release_all(struct play *p);

/* play_say.c: what the window says by itself.  play_notice: from any thread. */
void play_notice(struct play *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void play_update_text(struct play *p);
void play_list_disks(struct play *p);
void play_measure_speed(struct play *p);

/* play_save.c */
void play_save_picture(struct play *p);
void play_save_text(struct play *p);
void play_save_machine(struct play *p); /* the machine's thread */
void play_drop(struct play *p, const char *path);

#endif

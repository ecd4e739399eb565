/*
 * A recording of somebody who presses keys and goes back in time, both at random:
 * the trace must replay to where the machine ended.
 *
 *   rewind_record SEED --record TRACE [OPTION]... [DISK]...     options of reprise
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "board/rewind.h"
#include "ctl/guide.h"
#include "ctl/record.h"
#include "images/demo.h"

enum { ACTIONS = 120, KEYS = 30, KEY_A = 4, MS = 1000000 };

struct player {
    struct run_front front;
    struct run *run;
    vtime next;
    unsigned actions;
    bool down[KEYS];
    unsigned backs;
};

static void player_key(struct player *p)
{
    unsigned key = (unsigned) rand() % KEYS;
    int64_t arg[JOURNAL_ARGS] = { KEY_A + key, p->down[key] = !p->down[key] };

    journal_post(machine_journal(p->run->machine), "kbd", "key", arg, NULL, 0);
}

/* A key of the menu switches the power off, and time stands. */
static void player_power_on(struct player *p)
{
    journal_post(machine_journal(p->run->machine), "machine", "power-on", (int64_t[JOURNAL_ARGS]){ 0 }, NULL, 0);
}

static void player_back(struct player *p)
{
    vtime span = (vtime) rand() % (1000u * MS);
    struct err err;

    if (run_rewind(p->run, span, &err) < 0) {
        fprintf(stderr, "rewind_record: %s\n", err.msg);
        exit(1);
    }
    p->backs++;
}

static bool player_poll(void *opaque)
{
    struct player *p = opaque;
    bool off = machine_powered_off(p->run->machine);

    if (machine_now(p->run->machine) < p->next && !off)
        return false;
    if (p->actions++ == ACTIONS) {
        run_end(p->run, CTL_OK);
        return false;
    }
    if (rand() % (off ? 2 : 5) == 0)
        player_back(p);
    else if (off)
        player_power_on(p);
    else
        player_key(p);
    p->next = machine_now(p->run->machine) + (vtime) rand() % (400u * MS);
    return true;
}

static bool player_pending(void *opaque)
{
    (void) opaque;
    return false;
}

static bool player_wait(void *opaque, uint64_t wall)
{
    (void) opaque;
    (void) wall;
    return false;
}

static void player_frame(void *opaque)
{
    (void) opaque;
}

static void player_stopped(void *opaque, enum machine_stop why)
{
    (void) opaque;
    (void) why;
}

static int player_start(void *opaque, struct run *run, struct err *err)
{
    struct player *p = opaque;

    (void) err;
    p->run = run;
    p->front = (struct run_front){
        .poll = player_poll,
        .pending = player_pending,
        .wait = player_wait,
        .frame = player_frame,
        .stopped = player_stopped,
        .opaque = p,
    };
    run->front = &p->front;
    run->wants_past = true;
    return 0;
}

static void player_end(void *opaque, struct run *run, enum ctl_exit code)
{
    const struct player *p = opaque;
    vtime now = machine_now(run->machine);

    (void) code;
    fprintf(stderr, "rewind_record: %u times back, ends at %llu.%09llu s\n", p->backs,
            (unsigned long long) (now / VTIME_SECOND), (unsigned long long) (now % VTIME_SECOND));
}

int main(int argc, char **argv)
{
    struct media_demo demo = { reprise_demo_disk, reprise_demo_disk_size };
    struct options_places nowhere = { NULL, NULL };
    struct player player = { .run = NULL };
    struct guide guide = { player_start, player_end, &player };
    struct options o;
    struct err err = { "" };
    enum ctl_exit code;

    if (argc < 2)
        return CTL_USAGE;
    srand((unsigned) atoi(argv[1]));
    options_init(&o);
    code = options_parse(&o, argc - 1, argv + 1, &nowhere, &err);
    if (code == CTL_OK)
        code = guide_run(&guide, &o, &demo, &err);
    if (err.msg[0] != '\0')
        log_warn("%s", err.msg);
    options_free(&o);
    return (int) code;
}

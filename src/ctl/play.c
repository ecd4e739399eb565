/* Play: a machine in a window. */
#include "config.h"

#include "ctl/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "ctl/play_priv.h"
#include "host/wall.h"

enum {
    PLAY_WAIT_MAX = 20,           /* ms between two looks at what the machine says */
    PLAY_TEXT_PERIOD = 100000000, /* ns between two looks at title and panel */
};

/* --- life ------------------------------------------------------------------ */

int play_open(struct play **out, const struct options *o, struct err *err)
{
    struct play *p = xcalloc(1, sizeof *p);

    p->options = o;
    pthread_mutex_init(&p->shared.lock, NULL);
    /* Before the library makes threads: signals are the machine's. */
    signals_open(&p->signals);
    if (window_open(&p->window, "Reprise", err) < 0) {
        play_close(p);
        return -1;
    }
    p->frames = frames_new();
    p->inbox = inbox_new();
    p->shown = xmap(sizeof *p->shown);
    p->drawn = xmap(sizeof *p->drawn);
    snprintf(p->name, sizeof p->name, "demo disk");
    if (o->fullscreen)
        window_set_fullscreen(p->window, true);
    play_init_engine(p);
    *out = p;
    return 0;
}

void play_close(struct play *p)
{
    if (p == NULL)
        return;
    window_close(p->window);
    signals_close(&p->signals);
    panel_free(&p->panel);
    frames_free(p->frames);
    inbox_free(p->inbox);
    if (p->shown != NULL)
        xunmap(p->shown, sizeof *p->shown);
    if (p->drawn != NULL)
        xunmap(p->drawn, sizeof *p->drawn);
    for (unsigned i = 0; i < PLAY_DISKS; i++)
        free(p->disk[i].path);
    sample_free(&p->intervals);
    sample_free(&p->engine.latency.sample);
    pthread_mutex_destroy(&p->shared.lock);
    free(p);
}

static void play_set_name(struct play *p, const char *path)
{
    const char *slash = strrchr(path, '/');

    snprintf(p->name, sizeof p->name, "%.60s", slash != NULL ? slash + 1 : path);
}

void play_name_disks(struct play *p, const struct media *media)
{
    bool named = false;

    if (media->demo != NULL)
        p->disk[0].path = xstrdup("demo disk");
    for (unsigned i = 0; i < MEDIA_IMAGES; i++) {
        const char *path;

        if (media->image[i] == NULL)
            continue;
        path = image_file(media->image[i])->name;
        if (!named)
            play_set_name(p, path);
        named = true;
        if (i <= DRIVE_FDB)
            p->disk[i].path = xstrdup(path);
        else if (i >= MEDIA_SHELF)
            p->disk[MACHINE_FLOPPIES + i - MEDIA_SHELF].path = xstrdup(path);
    }
}

/* --- events ----------------------------------------------------------------- */

/* Keys do not wait for a picture. */
static bool play_take_events(struct play *p, unsigned ms)
{
    bool any = false;

    for (;;) {
        struct window_event ev = window_wait(p->window, ms);

        if (ev.what == WINDOW_NOTHING)
            return any;
        any |= ev.what != WINDOW_MOVE;
        play_take_event(p, &ev);
        ms = 0;
    }
}

static void play_look_up(void *opaque)
{
    struct play *p = opaque;

    p->looked_up |= play_take_events(p, 0);
}

/* --- pictures -------------------------------------------------------------- */

static void play_take_picture(struct play *p)
{
    const struct frame *frame = frames_take(p->frames);
    struct video_frame *swap;

    if (frame == NULL)
        return;
    frame->video.render(frame->video.opaque, p->drawn);
    play_look_up(p);
    if (frame_same_picture(p->drawn, p->shown)) {
        p->same++;
        return;
    }
    play_look_up(p);
    swap = p->shown;
    p->shown = p->drawn;
    p->drawn = swap;
    if (p->unshown) {
        p->skipped++;
        p->skipped_at = frame->at;
    }
    p->unshown = true;
    window_set_picture(p->window, p->shown);
    p->dirty = true;
}

static void play_show(struct play *p)
{
    uint64_t wall = wall_now();
    unsigned hz = window_refresh_hz(p->window);
    struct err err;

    if (!p->dirty || wall < p->show_at)
        return;
    p->dirty = false; /* what comes meanwhile may ask for another */
    if (window_show(p->window, play_look_up, p, &err) < 0)
        log_warn("%s", err.msg);
    p->shows++;
    if (p->unshown && p->last_show != 0)
        sample_add(&p->intervals, wall - p->last_show);
    if (p->unshown)
        p->last_show = wall;
    p->unshown = false;
    /* A second picture within one refresh would wait for the first, and keys with it. */
    p->show_at = hz != 0 ? wall + 1000000000u / hz * 9 / 10 : 0;
}

/* How long there is nothing to do without an event or a picture, in ms. */
static unsigned play_idle(const struct play *p)
{
    uint64_t wall = wall_now();

    if (!p->dirty)
        return PLAY_WAIT_MAX;
    return p->show_at > wall ? (unsigned) ((p->show_at - wall) / 1000000) + 1 : 0;
}

/* --- the loop -------------------------------------------------------------- */

static void play_loop(struct play *p)
{
    uint64_t text_at = 0;

    while (!atomic_load(&p->shared.done)) {
        bool any = play_take_events(p, p->looked_up ? 0 : play_idle(p)) || p->looked_up;

        p->looked_up = false;
        play_take_picture(p);
        if (any || wall_now() >= text_at) {
            play_update_text(p);
            text_at = wall_now() + PLAY_TEXT_PERIOD;
        }
        play_show(p);
    }
}

static void play_report(struct play *p)
{
    struct run_pictures *out = &p->run->stats.pictures;

    *out = (struct run_pictures){
        .any = true,
        .frames = p->engine.frames,
        .shown = p->shows,
        .same = p->same,
        .dropped = p->engine.untaken + p->skipped,
        .last_drop = p->engine.untaken_at > p->skipped_at ? p->engine.untaken_at : p->skipped_at,
    };
    sample_sort(&p->intervals);
    out->least_us = sample_at(&p->intervals, 0);
    out->median_us = sample_at(&p->intervals, 50);
    out->late_us = sample_at(&p->intervals, 99);
    out->most_us = sample_at(&p->intervals, 100);
    if (p->options->latency) {
        char line[512];

        latency_print(&p->engine.latency, line, sizeof line);
        log_warn("%s", line);
    }
}

enum ctl_exit play_run(struct play *p, struct run *run)
{
    pthread_t thread;

    p->run = run;
    run->front = &p->engine.front;
    /* The first picture of a window takes longest: let it be one before the machine's. */
    p->dirty = true;
    play_show(p);
    p->speed_wall = wall_now();
    if (pthread_create(&thread, NULL, play_engine_main, p) != 0) {
        log_warn("no thread for the machine");
        return CTL_HOST;
    }
    play_loop(p);
    pthread_join(thread, NULL);
    play_report(p);
    return p->engine.code;
}

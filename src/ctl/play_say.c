/* Play: what the window says by itself: title, notices, lists. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl/play_priv.h"
#include "host/wall.h"

enum {
    PLAY_NOTICE_TIME = 6, /* seconds */
    PLAY_SPEED_LOOK = 1,
    PLAY_SLOW = 900,      /* thousandths of the speed asked for */
    PLAY_SLOW_LOOKS = 3,
};

#define SECOND UINT64_C(1000000000)

/* --- notices --------------------------------------------------------------- */

void play_notice(struct play *p, const char *fmt, ...)
{
    va_list ap;

    pthread_mutex_lock(&p->shared.lock);
    va_start(ap, fmt);
    vsnprintf(p->shared.notice, sizeof p->shared.notice, fmt, ap);
    va_end(ap);
    p->shared.notices++;
    pthread_mutex_unlock(&p->shared.lock);
}

static void play_take_notice(struct play *p)
{
    pthread_mutex_lock(&p->shared.lock);
    if (p->notices != p->shared.notices) {
        p->notices = p->shared.notices;
        memcpy(p->notice, p->shared.notice, sizeof p->notice);
        p->notice_until = wall_now() + PLAY_NOTICE_TIME * SECOND;
    }
    pthread_mutex_unlock(&p->shared.lock);
}

static const char *play_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

void play_list_disks(struct play *p)
{
    char text[PLAY_TEXT];
    int n = snprintf(text, sizeof text, "Drive A:");

    for (unsigned i = 0; i < PLAY_DISKS; i++)
        if (p->disk[i].path != NULL && i != 1)
            n += snprintf(text + n, sizeof text - (size_t) n, "\n%s %.60s",
                          i == p->inserted ? " \x10" : "  ", play_base_name(p->disk[i].path));
    play_notice(p, "%s", text);
}

/* --- speed ----------------------------------------------------------------- */

/* The guest's time against ours, once a second. */
void play_measure_speed(struct play *p)
{
    uint64_t wall = wall_now(), span = wall - p->speed_wall;
    vtime now = atomic_load_explicit(&p->shared.now, memory_order_relaxed);
    bool steady = !atomic_load(&p->shared.paused) && !atomic_load(&p->shared.fast) &&
                  atomic_load(&p->shared.stopped) == MACHINE_SLICE;

    if (span < PLAY_SPEED_LOOK * SECOND)
        return;
    p->speed = (unsigned) ((now - p->speed_vtime) * 1000 / span);
    p->speed_wall = wall;
    p->speed_vtime = now;
    if (!steady || p->options->speed == 0 ||
        p->speed >= p->options->speed / 1000 * PLAY_SLOW / 1000)
        p->slow = 0;
    else if (++p->slow == PLAY_SLOW_LOOKS)
        play_notice(p, "This computer is too slow for the guest: %u %% of the speed asked for.\n"
                       "A slower processor (-cpu) may run better.",
                    p->speed * 100 / (unsigned) (p->options->speed / 1000));
}

/* --- panel and title ------------------------------------------------------- */

static void play_key_name(const struct play *p, enum command c, char *out)
{
    chord_print(p->options->bindings.chord[c], out);
}

static int play_help_text(const struct play *p, char *out, size_t size)
{
    struct buf list = { 0 };
    int n;

    bindings_print(&p->options->bindings, &list);
    n = snprintf(out, size,
                 "Keys of this window (all others are the guest's)\n\n%.*s\n"
                 "  A click gives the mouse to the guest; the middle button takes it back.\n"
                 "  A floppy image that is dropped here goes into drive A.\n",
                 (int) list.len, (const char *) list.data);
    buf_free(&list);
    return n;
}

/* Why nothing moves. */
static int play_stand_text(const struct play *p, char *out, size_t size)
{
    char key[CHORD_TEXT], quit[CHORD_TEXT];

    play_key_name(p, COMMAND_QUIT, quit);
    play_key_name(p, COMMAND_RESET, key);
    switch (atomic_load(&p->shared.stopped)) {
    case MACHINE_POWEROFF:
        return snprintf(out, size, "The guest switched the power off.\n%s switches it on, %s ends.\n", key,
                        quit);
    case MACHINE_HALTED:
        return snprintf(out, size, "The guest halted for good.  %s resets it, %s ends.\n", key, quit);
    default: break;
    }
    if (!atomic_load(&p->shared.paused))
        return 0;
    play_key_name(p, COMMAND_PAUSE, key);
    return snprintf(out, size, "Paused.  %s goes on.\n", key);
}

static void play_update_panel(struct play *p)
{
    char text[sizeof p->panel_text];
    int n = 0;

    text[0] = '\0';
    if (p->help)
        n += play_help_text(p, text, sizeof text);
    n += play_stand_text(p, text + n, sizeof text - (size_t) n);
    if (wall_now() < p->notice_until)
        snprintf(text + n, sizeof text - (size_t) n, "%s", p->notice);
    if (strcmp(text, p->panel_text) == 0)
        return;
    memcpy(p->panel_text, text, sizeof text);
    panel_draw(&p->panel, text);
    window_set_panel(p->window, &p->panel);
    p->dirty = true;
}

static void play_update_title(struct play *p)
{
    char title[sizeof p->title], key[CHORD_TEXT], mouse[128], speed[32];

    play_key_name(p, COMMAND_RELEASE_MOUSE, key);
    if (window_captured(p->window))
        snprintf(mouse, sizeof mouse, "%s or middle button releases the mouse", key);
    else
        snprintf(mouse, sizeof mouse, "click captures the mouse");
    if (atomic_load(&p->shared.paused))
        snprintf(speed, sizeof speed, "paused");
    else if (atomic_load(&p->shared.stopped) != MACHINE_SLICE)
        snprintf(speed, sizeof speed, "stopped");
    else
        snprintf(speed, sizeof speed, "%u %%", (p->speed + 5) / 10);
    snprintf(title, sizeof title, "%s - Reprise - %s - %s", p->name, speed, mouse);
    if (strcmp(title, p->title) == 0)
        return;
    memcpy(p->title, title, sizeof title);
    window_set_title(p->window, title);
}

void play_update_text(struct play *p)
{
    play_measure_speed(p);
    play_take_notice(p);
    play_update_panel(p);
    play_update_title(p);
}

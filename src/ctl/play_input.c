/* Play: keys, mouse and commands, on the window's thread. */
#include "config.h"

#include <stdlib.h>

#include "ctl/play_priv.h"
#include "base/log.h"
#include "host/wall.h"

enum { USAGE_CTRL = 0xe0, USAGE_ALT = 0xe2, USAGE_DELETE = 0x4c };

static void play_put(struct play *p, enum play_item what, int64_t a, int64_t b)
{
    struct inbox_item item = { .what = what, .arg = { a, b }, .wall = p->since };

    inbox_put(p->inbox, &item, what == ITEM_MOVE || what == ITEM_WHEEL);
}

/* --- commands -------------------------------------------------------------- */

static void play_swap_floppy(struct play *p)
{
    unsigned next = p->inserted;

    do /* the disk in drive B stays there */
        next = (next + 1) % PLAY_DISKS;
    while (next != p->inserted && (p->disk[next].path == NULL || next == 1));
    if (p->disk[next].path == NULL) {
        play_notice(p, "there is no disk to put in: --swap FILE, or drop an image here");
        return;
    }
    p->inserted = next;
    play_put(p, ITEM_INSERT, next, 0);
    play_list_disks(p);
}

static void play_ctrl_alt_del(struct play *p)
{
    static const uint8_t usage[] = { USAGE_CTRL, USAGE_ALT, USAGE_DELETE };

    for (unsigned i = 0; i < 3; i++)
        play_put(p, ITEM_KEY, usage[i], 1);
    for (unsigned i = 3; i-- != 0;)
        play_put(p, ITEM_KEY, usage[i], 0);
    p->held[USAGE_CTRL] = p->held[USAGE_ALT] = false;
}

static void play_end(struct play *p, enum ctl_exit code)
{
    if (!p->ending)
        play_put(p, ITEM_END, code, 0);
    p->ending = true;
}

static void play_capture(struct play *p, bool on)
{
    window_capture(p->window, on);
    p->dirty = true;
}

static void play_command(struct play *p, enum command c)
{
    switch (c) {
    case COMMAND_HELP: p->help = !p->help; break;
    case COMMAND_SWAP_FLOPPY: play_swap_floppy(p); break;
    case COMMAND_SCREENSHOT: play_save_picture(p); break;
    case COMMAND_SCREEN_TEXT: play_save_text(p); break;
    case COMMAND_QUIT: play_end(p, CTL_OK); break;
    case COMMAND_RELEASE_MOUSE: play_capture(p, false); break;
    case COMMAND_SLOWER: play_put(p, ITEM_CLOCK, -1, 0); break;
    case COMMAND_FASTER: play_put(p, ITEM_CLOCK, 1, 0); break;
    case COMMAND_FAST_FORWARD: play_put(p, ITEM_FAST_FORWARD, 0, 0); break;
    case COMMAND_REWIND: play_put(p, ITEM_REWIND, 0, 0); break;
    case COMMAND_SNAPSHOT: play_put(p, ITEM_SNAPSHOT, 0, 0); break;
    case COMMAND_FULLSCREEN: window_set_fullscreen(p->window, !window_fullscreen(p->window)); break;
    case COMMAND_PAUSE: play_put(p, ITEM_PAUSE, 0, 0); break;
    case COMMAND_RESET: play_put(p, ITEM_RESET, 0, 0); break;
    case COMMAND_CTRL_ALT_DEL: play_ctrl_alt_del(p); break;
    case COMMAND_NONE: break;
    }
}

/* --- keys ------------------------------------------------------------------ */

static uint8_t play_modifiers(const struct play *p)
{
    uint8_t mods = 0;

    for (unsigned usage = USAGE_CTRL; usage < USAGE_CTRL + 8; usage++)
        if (p->held[usage])
            mods |= chord_modifier((uint8_t) usage);
    return mods;
}

/* A key that was pressed as a command is not the guest's, nor is its release. */
static void play_key(struct play *p, uint8_t usage, bool down)
{
    enum command c = COMMAND_NONE;

    if (down && chord_modifier(usage) == 0)
        c = bindings_find(&p->options->bindings, (struct chord){ play_modifiers(p), usage });
    if (c != COMMAND_NONE) {
        play_command(p, c);
        return;
    }
    if (p->held[usage] == down)
        return;
    p->held[usage] = down;
    play_put(p, ITEM_KEY, usage, down);
}

static void play_button(struct play *p, unsigned n, bool down)
{
    enum { MIDDLE = 2 };

    if (n >= PLAY_BUTTONS)
        return;
    if (down && n == MIDDLE) {
        play_capture(p, false);
    } else if (down && !window_captured(p->window)) {
        play_capture(p, true);
    } else if (p->button[n] != down && (down || p->button[n])) {
        p->button[n] = down;
        play_put(p, ITEM_BUTTON, n, down);
    }
}

/* What is released elsewhere would stay down here. */
void play_release_all(struct play *p)
{
    for (unsigned i = 0; i < PLAY_KEYS; i++)
        if (p->held[i])
            play_key(p, (uint8_t) i, false);
    for (unsigned i = 0; i < PLAY_BUTTONS; i++)
        if (p->button[i])
            play_button(p, i, false);
    play_capture(p, false);
}

void play_take_event(struct play *p, struct window_event *ev)
{
    p->since = ev->since;
    switch (ev->what) {
    case WINDOW_NOTHING: break;
    case WINDOW_KEY: play_key(p, (uint8_t) ev->code, ev->down); break;
    case WINDOW_MOVE: play_put(p, ITEM_MOVE, ev->x, ev->y); break;
    case WINDOW_BUTTON: play_button(p, ev->code, ev->down); break;
    case WINDOW_WHEEL:
        if (window_captured(p->window))
            play_put(p, ITEM_WHEEL, ev->y, 0);
        break;
    case WINDOW_DROP:
        play_drop(p, ev->path);
        free(ev->path);
        break;
    case WINDOW_FOCUS_LOST: play_release_all(p); break;
    case WINDOW_REDRAW: p->dirty = true; break;
    case WINDOW_CLOSE: play_end(p, CTL_OK); break;
    case WINDOW_GONE:
        if (!p->ending) /* Wayland tells it again */
            log_warn("the display is lost: the run ends");
        play_end(p, CTL_HOST);
        break;
    }
}

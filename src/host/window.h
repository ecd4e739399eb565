/*
 * A window: a picture of 4:3 in it, a panel of text over it, and what the user
 * does.  Everything here belongs to the thread that opened it.  SDL2 stays in
 * window.c; this knows neither a machine nor a register.
 */
#ifndef HOST_WINDOW_H
#define HOST_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/video.h"
#include "host/panel.h"

struct window;

enum window_what {
    WINDOW_NOTHING,
    WINDOW_KEY,        /* code: as the journal counts keys; down */
    WINDOW_MOVE,       /* x, y: while captured; dots to the right and down */
    WINDOW_BUTTON,     /* code: 0 left, 1 right, 2 middle; down */
    WINDOW_WHEEL,      /* y: towards the user is positive */
    WINDOW_DROP,       /* path */
    WINDOW_FOCUS_LOST,
    WINDOW_REDRAW,     /* the window's content is gone, or its size another */
    WINDOW_CLOSE,
    WINDOW_GONE,       /* the display is lost: nothing can be shown any more */
};

struct window_event {
    enum window_what what;
    unsigned code;
    bool down;
    int x, y;
    uint64_t since; /* wall time before which it had not come */
    char *path; /* the receiver frees it */
};

int window_open(struct window **out, const char *title, struct err *err);
void window_close(struct window *w);

/* Waits up to `ms` for an event or a poke.  WINDOW_NOTHING: no event. */
struct window_event window_wait(struct window *w, unsigned ms);
/* From any thread: there is something to look at.  Never waits. */
void window_poke(struct window *w);

/* What is to be seen from the next window_show on; a NULL panel or one without
 * a pixel: none.  They are copied. */
void window_set_picture(struct window *w, const struct video_frame *picture);
void window_set_panel(struct window *w, const struct panel *panel);

/* Puts all on the screen.  -1 when that fails: the display may be lost.  Where the
 * host's processor draws, between() is called several times a millisecond: it may
 * take events and do what they ask for, but not set another picture or panel. */
int window_show(struct window *w, void (*between)(void *opaque), void *opaque, struct err *err);

/* The screen shows a picture at most this often; 0: not known, or show never waits. */
unsigned window_refresh_hz(const struct window *w);

void window_set_title(struct window *w, const char *title);
void window_set_fullscreen(struct window *w, bool on);
bool window_fullscreen(const struct window *w);

/* The mouse is the guest's, and so are keys that the desktop would take. */
void window_capture(struct window *w, bool on);
bool window_captured(const struct window *w);

#endif

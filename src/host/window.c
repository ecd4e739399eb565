/*
 * A window through SDL2.
 *
 * Source: SDL 2.26 API reference; Xlib manual, "Using the default error
 *         handlers", XSetIOErrorExitHandler (libX11 1.7); Wayland client API,
 *         wl_display_get_error.
 * Absent: several windows at once on one X connection that is lost: each would
 *         set the handler for its own connection.
 */
#include "config.h"

#include "host/window.h"

#include <stdlib.h>
#include <string.h>

#if CONFIG_SDL

#include <SDL.h>
#include <SDL_syswm.h>
#include <dlfcn.h>
#include <poll.h>
#include <setjmp.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "host/keymap.h"
#include "host/scale.h"
#include "host/wall.h"

enum {
    WINDOW_WIDTH = 960, WINDOW_HEIGHT = 720, /* 4:3, as the tube was */
    WINDOW_PRESCALE_MAX = 4,
    WINDOW_BLIND = 2, /* ms that the library waits: it cannot be poked */
    WINDOW_BAND = 32, /* rows that the host's processor draws before it looks up */
    WINDOW_PANEL_LINES = 480, /* from twice this height on the panel is twice as big */
};

struct window {
    SDL_Window *window;
    SDL_Renderer *renderer; /* NULL: the host's processor draws, by scale */
    struct scale *scale;
    uint32_t *dots;        /* owned; of the picture, without a renderer */
    SDL_Surface *overlay;  /* the panel, without a renderer */
    SDL_Texture *picture, *scaled, *panel;
    int width, height;             /* of picture */
    int scaled_width, scaled_height;
    int panel_width, panel_height; /* 0: no panel */
    uint64_t empty_at;             /* wall time of the last look that found no event */
    unsigned refresh_hz;
    bool captured, gone, said_gone;
    jmp_buf *lost; /* where to go when the display is lost; NULL: on, with `gone` set */
    unsigned long xid;
    int fd;   /* of the connection to X; -1: the library waits for events */
    int poke; /* eventfd(2): window_poke */
    int (*wayland_error)(void *display);
    void *wayland;
};

/* --- a display that is lost ------------------------------------------------ */

/* Xlib ends the process when its connection breaks, unless told otherwise. */
static void window_x11_lost(Display *display, void *opaque)
{
    struct window *w = opaque;

    (void) display;
    w->gone = true;
}

/* Xlib's handlers of errors know the display alone; they run on the window's thread. */
static _Thread_local struct window *window_x11;

/* Without Xlib's line: ours says it.  Until it knows what to do at its end, Xlib
 * ends the process when this returns. */
static int window_x11_io_error(Display *display)
{
    (void) display;
    if (window_x11 != NULL && window_x11->lost != NULL)
        longjmp(*window_x11->lost, 1);
    return 0;
}

/* Some other client destroyed the window: as bad as a lost display.  What else
 * goes wrong concerns one call, which did not happen. */
static int window_x11_error(Display *display, XErrorEvent *ev)
{
    (void) display;
    if (window_x11 != NULL && ev->error_code == BadWindow && ev->resourceid == window_x11->xid)
        window_x11->gone = true;
    return 0;
}

/* Before the library connects; it would load the same Xlib. */
static void window_prepare_x11(struct window *w)
{
    void *xlib = dlopen("libX11.so.6", RTLD_NOW);
    int (*(*set_io_error)(int (*)(Display *)))(Display *);

    if (xlib == NULL)
        return;
    *(void **) &set_io_error = dlsym(xlib, "XSetIOErrorHandler");
    window_x11 = w;
    if (set_io_error != NULL)
        set_io_error(window_x11_io_error);
    /* Never closed: its handler is ours. */
}

static void window_watch_x11(struct window *w, Display *display, Window xid)
{
    void *xlib = dlopen("libX11.so.6", RTLD_NOW | RTLD_NOLOAD);
    void (*set_exit)(Display *, void (*)(Display *, void *), void *);
    int (*(*set_error)(int (*)(Display *, XErrorEvent *)))(Display *, XErrorEvent *);
    int (*connection)(Display *);

    if (xlib == NULL)
        return;
    *(void **) &set_exit = dlsym(xlib, "XSetIOErrorExitHandler");
    *(void **) &set_error = dlsym(xlib, "XSetErrorHandler");
    *(void **) &connection = dlsym(xlib, "XConnectionNumber");
    w->xid = xid;
    if (set_exit != NULL && set_error != NULL) {
        set_exit(display, window_x11_lost, w);
        set_error(window_x11_error);
    }
    if (connection != NULL)
        w->fd = connection(display);
    dlclose(xlib);
}

static void window_watch_display(struct window *w)
{
    SDL_SysWMinfo info;

    SDL_VERSION(&info.version);
    if (!SDL_GetWindowWMInfo(w->window, &info))
        return;
#if defined(SDL_VIDEO_DRIVER_X11)
    if (info.subsystem == SDL_SYSWM_X11)
        window_watch_x11(w, info.info.x11.display, info.info.x11.window);
#endif
#if defined(SDL_VIDEO_DRIVER_WAYLAND)
    if (info.subsystem == SDL_SYSWM_WAYLAND) {
        void *client = dlopen("libwayland-client.so.0", RTLD_NOW | RTLD_NOLOAD);

        w->wayland = info.info.wl.display;
        if (client != NULL)
            *(void **) &w->wayland_error = dlsym(client, "wl_display_get_error");
    }
#endif
}

static bool window_is_gone(struct window *w)
{
    if (w->wayland_error != NULL && w->wayland_error(w->wayland) != 0)
        w->gone = true;
    return w->gone;
}

/* --- opening --------------------------------------------------------------- */

static void window_hints(void)
{
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_APP_NAME, "Reprise");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_WINDOWS_NO_CLOSE_ON_ALT_F4, "1"); /* a key of the guest */
    SDL_SetHint(SDL_HINT_RENDER_BATCHING, "1");
    /* What the host's processor draws goes to the screen as it is, not through OpenGL,
     * which the same processor would compute; loading that takes seconds on a busy host. */
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
}

static int window_create(struct window *w, const char *title)
{
    w->window = SDL_CreateWindow(title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, WINDOW_WIDTH,
                                 WINDOW_HEIGHT, SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    return w->window != NULL ? 0 : -1;
}

/* OpenGL without a graphics processor. */
static bool window_gl_is_slow(void)
{
    enum { GL_NAME_OF_RENDERER = 0x1f01 };
    const char *(*get)(unsigned name);
    const char *name = NULL;

    *(void **) &get = SDL_GL_GetProcAddress("glGetString");
    if (get != NULL && SDL_GL_GetCurrentContext() != NULL)
        name = get(GL_NAME_OF_RENDERER);
    return name != NULL && (strstr(name, "llvmpipe") != NULL || strstr(name, "softpipe") != NULL ||
                            strstr(name, "Software Rasterizer") != NULL);
}

/* A graphics processor waits for the screen's retrace. */
static void window_open_renderer(struct window *w, bool *slow)
{
    SDL_RendererInfo info = { .name = "" };
    SDL_DisplayMode mode;

    w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC);
    *slow = w->renderer == NULL;
    if (w->renderer == NULL || SDL_GetRendererInfo(w->renderer, &info) < 0)
        return;
    *slow = info.flags & SDL_RENDERER_SOFTWARE || (strncmp(info.name, "opengl", 6) == 0 && window_gl_is_slow());
    if (!*slow && info.flags & SDL_RENDERER_PRESENTVSYNC &&
        SDL_GetWindowDisplayMode(w->window, &mode) == 0 && mode.refresh_rate > 0)
        w->refresh_hz = (unsigned) mode.refresh_rate;
}

/* Dots as we make them, in memory that the display server reads?  With Wayland the
 * library would copy them by OpenGL. */
static bool window_draws_itself(const struct window *w)
{
    const SDL_Surface *surface = SDL_GetWindowSurface(w->window);

    return surface != NULL && surface->format->BytesPerPixel == 4 && surface->format->Rmask == 0xff0000 &&
           surface->format->Gmask == 0x00ff00 && surface->format->Bmask == 0x0000ff;
}

/* Who draws: a graphics processor; this file; where the screen is of an unusual kind,
 * the library. */
static int window_open_drawing(struct window *w, const char *title)
{
    const char *driver = SDL_GetCurrentVideoDriver();
    bool slow, x11 = driver != NULL && strcmp(driver, "x11") == 0;

    window_open_renderer(w, &slow);
    if (w->renderer != NULL && !(slow && x11))
        return 0;
    if (x11) {
        /* OpenGL may have left its marks on the window. */
        if (w->renderer != NULL)
            SDL_DestroyRenderer(w->renderer);
        w->renderer = NULL;
        SDL_DestroyWindow(w->window);
        if (window_create(w, title) < 0)
            return -1;
        if (window_draws_itself(w)) {
            w->scale = scale_new();
            return 0;
        }
    }
    w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    return w->renderer != NULL ? 0 : -1;
}

/* What the library takes when no display answers: windows that nobody can see. */
static bool window_is_unseen(void)
{
    const char *driver = SDL_GetCurrentVideoDriver(), *wanted = getenv("SDL_VIDEODRIVER");

    return (wanted == NULL || wanted[0] == '\0') &&
           (driver == NULL || strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0 ||
            strcmp(driver, "evdev") == 0);
}

static int window_set_up(struct window *w, const char *title)
{
    window_hints();
#if defined(SDL_VIDEO_DRIVER_X11)
    window_prepare_x11(w);
#endif
    if (SDL_Init(SDL_INIT_VIDEO) < 0)
        return -1;
    if (window_is_unseen())
        return SDL_SetError("no display answers");
    SDL_StopTextInput(); /* input methods would eat keys */
    SDL_EventState(SDL_DROPFILE, SDL_ENABLE);
    if (window_create(w, title) < 0 || window_open_drawing(w, title) < 0)
        return -1;
    SDL_SetWindowMinimumSize(w->window, 320, 240);
    window_watch_display(w);
    return 0;
}

int window_open(struct window **out, const char *title, struct err *err)
{
    struct window *w = xcalloc(1, sizeof *w);
    jmp_buf lost;

    w->fd = -1;
    w->poke = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->lost = &lost;
    if (setjmp(lost) != 0) {
        w->gone = true; /* and the library in the middle of something: it is not called again */
        err_set(err, "no window: the display was lost while it opened (--headless runs without one)");
    } else if (window_set_up(w, title) < 0) {
        err_set(err, "no window: %s (--headless runs without one)", SDL_GetError());
    } else {
        w->lost = NULL;
        *out = w;
        return 0;
    }
    w->lost = NULL;
    window_close(w);
    return -1;
}

void window_close(struct window *w)
{
    jmp_buf lost;

    if (w == NULL)
        return;
    /* Nothing can be given back to a display that is lost; SDL would wait for its answer. */
    w->lost = &lost;
    if (!window_is_gone(w) && setjmp(lost) == 0) {
        if (w->renderer != NULL)
            SDL_DestroyRenderer(w->renderer); /* and its textures */
        SDL_FreeSurface(w->overlay);
        if (w->window != NULL)
            SDL_DestroyWindow(w->window);
        SDL_Quit();
    }
    window_x11 = NULL;
    scale_free(w->scale);
    free(w->dots);
    if (w->poke >= 0)
        close(w->poke);
    free(w);
}

/* --- events ---------------------------------------------------------------- */

static bool window_take_key(const SDL_KeyboardEvent *key, struct window_event *out)
{
    out->what = WINDOW_KEY;
    out->code = keymap_usage((unsigned) key->keysym.scancode);
    out->down = key->state == SDL_PRESSED;
    return out->code != 0 && key->repeat == 0; /* the guest's keyboard repeats by itself */
}

static bool window_take_button(const SDL_MouseButtonEvent *button, struct window_event *out)
{
    out->what = WINDOW_BUTTON;
    out->down = button->state == SDL_PRESSED;
    switch (button->button) {
    case SDL_BUTTON_LEFT: out->code = 0; return true;
    case SDL_BUTTON_RIGHT: out->code = 1; return true;
    case SDL_BUTTON_MIDDLE: out->code = 2; return true;
    default: return false;
    }
}

static bool window_take_wheel(const SDL_MouseWheelEvent *wheel, struct window_event *out)
{
    out->what = WINDOW_WHEEL;
    out->y = wheel->direction == SDL_MOUSEWHEEL_FLIPPED ? wheel->y : -wheel->y;
    return out->y != 0;
}

static bool window_take_state(uint8_t what, struct window_event *out)
{
    switch (what) {
    case SDL_WINDOWEVENT_EXPOSED:
    case SDL_WINDOWEVENT_SIZE_CHANGED: out->what = WINDOW_REDRAW; return true;
    case SDL_WINDOWEVENT_FOCUS_LOST: out->what = WINDOW_FOCUS_LOST; return true;
    default: return false;
    }
}

static bool window_take_drop(char *file, struct window_event *out)
{
    if (file == NULL)
        return false;
    out->what = WINDOW_DROP;
    out->path = xstrdup(file);
    SDL_free(file);
    return true;
}

/* False: of no interest. */
static bool window_take(struct window *w, const SDL_Event *ev, struct window_event *out)
{
    *out = (struct window_event){ .what = WINDOW_NOTHING };
    switch (ev->type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP: return window_take_key(&ev->key, out);
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP: return window_take_button(&ev->button, out);
    case SDL_MOUSEWHEEL: return window_take_wheel(&ev->wheel, out);
    case SDL_MOUSEMOTION:
        out->what = WINDOW_MOVE;
        out->x = ev->motion.xrel;
        out->y = ev->motion.yrel;
        return w->captured;
    case SDL_DROPFILE: return window_take_drop(ev->drop.file, out);
    case SDL_WINDOWEVENT: return window_take_state(ev->window.event, out);
    case SDL_RENDER_TARGETS_RESET:
    case SDL_RENDER_DEVICE_RESET: out->what = WINDOW_REDRAW; return true;
    case SDL_QUIT:
        out->what = window_is_gone(w) ? WINDOW_GONE : WINDOW_CLOSE;
        return true;
    default: return false;
    }
}

/*
 * Until something comes.  While SDL itself waits, it sends a message for each event,
 * through a connection of its own to X.  When that one breaks first, Xlib ends the
 * process.
 */
static bool window_sleep(struct window *w, SDL_Event *ev, unsigned ms)
{
    struct pollfd fd[] = { { .fd = w->fd, .events = POLLIN }, { .fd = w->poke, .events = POLLIN } };
    uint64_t pokes;

    if (w->fd < 0)
        return SDL_WaitEventTimeout(ev, (int) (ms < WINDOW_BLIND ? ms : WINDOW_BLIND)) != 0;
    if (poll(fd, 2, (int) ms) <= 0)
        return false;
    if (fd[1].revents != 0 && read(w->poke, &pokes, sizeof pokes) < 0)
        return false;
    return fd[0].revents != 0 && SDL_PollEvent(ev) != 0;
}

/* An event, and when it came: one that is found at once came after the last look that
 * found none. */
static bool window_next(struct window *w, SDL_Event *ev, unsigned ms, uint64_t *since)
{
    bool any;

    *since = w->empty_at;
    if (SDL_PollEvent(ev) != 0)
        return true;
    w->empty_at = wall_now();
    if (ms == 0)
        return false;
    any = window_sleep(w, ev, ms);
    *since = w->empty_at = wall_now();
    return any;
}

void window_poke(struct window *w)
{
    uint64_t one = 1;

    if (write(w->poke, &one, sizeof one) < 0)
        return; /* as many as it can count wait already */
}

struct window_event window_wait(struct window *w, unsigned ms)
{
    struct window_event out = { .what = WINDOW_NOTHING };
    uint64_t since;
    SDL_Event ev;

    if (w->gone) {
        if (w->said_gone)
            SDL_Delay(ms);
        else
            out.what = WINDOW_GONE;
        w->said_gone = true;
        return out;
    }
    while (window_next(w, &ev, ms, &since)) {
        if (window_take(w, &ev, &out)) {
            out.since = since;
            return out;
        }
        ms = 0;
    }
    return window_is_gone(w) ? window_wait(w, ms) : (struct window_event){ .what = WINDOW_NOTHING };
}

/* --- drawing --------------------------------------------------------------- */

static SDL_Texture *window_texture(struct window *w, SDL_Texture *old, Uint32 format, int access,
                                   int width, int height)
{
    if (old != NULL)
        SDL_DestroyTexture(old);
    return SDL_CreateTexture(w->renderer, format, access, width, height);
}

static void window_keep_dots(struct window *w, const struct video_frame *picture)
{
    size_t n = (size_t) picture->width * picture->height;

    if (w->width != (int) picture->width || w->height != (int) picture->height)
        w->dots = xrealloc(w->dots, n * sizeof *w->dots);
    w->width = (int) picture->width;
    w->height = (int) picture->height;
    memcpy(w->dots, picture->pixel, n * sizeof *w->dots);
}

void window_set_picture(struct window *w, const struct video_frame *picture)
{
    int width = (int) picture->width, height = (int) picture->height;

    if (w->gone || width == 0 || height == 0)
        return;
    if (w->renderer == NULL) {
        window_keep_dots(w, picture);
        return;
    }
    if (w->picture == NULL || w->width != width || w->height != height) {
        w->picture = window_texture(w, w->picture, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING,
                                    width, height);
        w->width = width;
        w->height = height;
    }
    if (w->picture != NULL)
        SDL_UpdateTexture(w->picture, NULL, picture->pixel, width * (int) sizeof picture->pixel[0]);
}

static void window_keep_panel(struct window *w, const struct panel *panel, int width, int height)
{
    SDL_FreeSurface(w->overlay);
    w->overlay = width != 0 ? SDL_CreateRGBSurfaceWithFormat(0, width, height, 32, SDL_PIXELFORMAT_ARGB8888)
                            : NULL;
    w->panel_width = w->overlay != NULL ? width : 0;
    w->panel_height = height;
    if (w->overlay == NULL)
        return;
    for (int y = 0; y < height; y++)
        memcpy((uint8_t *) w->overlay->pixels + (size_t) y * (size_t) w->overlay->pitch,
               panel->pixel + (size_t) y * panel->width, panel->width * sizeof panel->pixel[0]);
}

void window_set_panel(struct window *w, const struct panel *panel)
{
    int width = panel != NULL ? (int) panel->width : 0, height = panel != NULL ? (int) panel->height : 0;

    if (w->gone)
        return;
    if (w->renderer == NULL) {
        window_keep_panel(w, panel, width, height);
        return;
    }
    if (width != 0 && (width != w->panel_width || height != w->panel_height || w->panel == NULL))
        w->panel = window_texture(w, w->panel, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STATIC,
                                  width, height);
    w->panel_width = width;
    w->panel_height = height;
    if (width == 0 || w->panel == NULL)
        return;
    SDL_SetTextureBlendMode(w->panel, SDL_BLENDMODE_BLEND);
    SDL_UpdateTexture(w->panel, NULL, panel->pixel, width * (int) sizeof panel->pixel[0]);
}

/* The biggest 4:3 in the middle. */
static SDL_Rect window_place(int width, int height)
{
    SDL_Rect r = { 0, 0, width, height };

    if (width * 3 > height * 4)
        r.w = height * 4 / 3;
    else
        r.h = width * 3 / 4;
    r.x = (width - r.w) / 2;
    r.y = (height - r.h) / 2;
    return r;
}

/* Whole multiple that is at least as big as the place. */
static int window_factor(int have, int want)
{
    int k = (want + have - 1) / have;

    return k < 1 ? 1 : k > WINDOW_PRESCALE_MAX ? WINDOW_PRESCALE_MAX : k;
}

/*
 * Dots become sharp squares of a whole number of pixels; only the rest of the
 * scaling, below one such dot, is smooth.
 */
static SDL_Texture *window_prescale(struct window *w, const SDL_Rect *place)
{
    int width = w->width * window_factor(w->width, place->w);
    int height = w->height * window_factor(w->height, place->h);

    if (width == place->w && height == place->h)
        return w->picture;
    if (w->scaled == NULL || width != w->scaled_width || height != w->scaled_height) {
        w->scaled = window_texture(w, w->scaled, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_TARGET,
                                   width, height);
        w->scaled_width = width;
        w->scaled_height = height;
    }
    if (w->scaled == NULL || SDL_SetRenderTarget(w->renderer, w->scaled) < 0)
        return w->picture;
    SDL_RenderCopy(w->renderer, w->picture, NULL, NULL);
    SDL_SetRenderTarget(w->renderer, NULL);
    SDL_SetTextureScaleMode(w->scaled, SDL_ScaleModeLinear);
    return w->scaled;
}

static SDL_Rect window_panel_place(const struct window *w, int width, int height)
{
    int k = height / WINDOW_PANEL_LINES;
    SDL_Rect r;

    while (k > 1 && (w->panel_width * k > width || w->panel_height * k > height))
        k--;
    if (k < 1)
        k = 1;
    r = (SDL_Rect){ 0, 8 * k, w->panel_width * k, w->panel_height * k };
    r.x = (width - r.w) / 2;
    return r;
}

static int window_render(struct window *w)
{
    SDL_Rect place;
    int width, height;

    if (SDL_GetRendererOutputSize(w->renderer, &width, &height) < 0)
        return -1;
    place = window_place(width, height);
    SDL_SetRenderDrawColor(w->renderer, 0, 0, 0, 255);
    if (w->picture != NULL) {
        SDL_Texture *picture = window_prescale(w, &place);

        SDL_RenderClear(w->renderer);
        SDL_RenderCopy(w->renderer, picture, NULL, &place);
    } else {
        SDL_RenderClear(w->renderer);
    }
    if (w->panel_width != 0 && w->panel != NULL) {
        SDL_Rect r = window_panel_place(w, width, height);

        SDL_RenderCopy(w->renderer, w->panel, NULL, &r);
    }
    SDL_RenderPresent(w->renderer);
    return 0;
}

/* What is beside the picture. */
static void window_clear_rest(SDL_Surface *s, const SDL_Rect *place)
{
    SDL_Rect rest[] = {
        { 0, 0, s->w, place->y },
        { 0, place->y + place->h, s->w, s->h },
        { 0, place->y, place->x, place->h },
        { place->x + place->w, place->y, s->w, place->h },
    };

    SDL_FillRects(s, rest, 4, 0);
}

/* In bands.  What comes in between may change the window's size or its panel, but
 * not the surface, which lives until it is asked for again. */
static int window_paint(struct window *w, void (*between)(void *opaque), void *opaque)
{
    SDL_Surface *s = SDL_GetWindowSurface(w->window);
    SDL_Rect place;

    if (s == NULL)
        return -1;
    place = w->dots != NULL ? window_place(s->w, s->h) : (SDL_Rect){ 0, 0, 0, 0 };
    window_clear_rest(s, &place);
    if (place.w > 0 && place.h > 0)
        scale_set(w->scale, (unsigned) w->width, (unsigned) w->height, (unsigned) place.w, (unsigned) place.h);
    for (int y = 0; y < place.h && place.w > 0; y++) {
        uint8_t *row = (uint8_t *) s->pixels + (size_t) (place.y + y) * (size_t) s->pitch;

        scale_row(w->scale, w->dots, (unsigned) y, (uint32_t *) (void *) row + place.x);
        if (y % WINDOW_BAND == WINDOW_BAND - 1)
            between(opaque);
    }
    if (w->overlay != NULL) {
        SDL_Rect r = window_panel_place(w, s->w, s->h);

        SDL_BlitScaled(w->overlay, NULL, s, &r);
    }
    /* It has another size by now: a picture of that is due, and comes. */
    SDL_UpdateWindowSurface(w->window);
    return 0;
}

int window_show(struct window *w, void (*between)(void *opaque), void *opaque, struct err *err)
{
    if (w->gone)
        return 0;
    if ((w->renderer != NULL ? window_render(w) : window_paint(w, between, opaque)) == 0)
        return 0;
    err_set(err, "the window cannot be drawn: %s", SDL_GetError());
    return -1;
}

unsigned window_refresh_hz(const struct window *w)
{
    return w->refresh_hz;
}

/* --- the frame around it --------------------------------------------------- */

void window_set_title(struct window *w, const char *title)
{
    if (!w->gone)
        SDL_SetWindowTitle(w->window, title);
}

void window_set_fullscreen(struct window *w, bool on)
{
    if (!w->gone)
        SDL_SetWindowFullscreen(w->window, on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
}

bool window_fullscreen(const struct window *w)
{
    return !w->gone && (SDL_GetWindowFlags(w->window) & SDL_WINDOW_FULLSCREEN) != 0;
}

void window_capture(struct window *w, bool on)
{
    if (w->gone || w->captured == on)
        return;
    w->captured = on;
    SDL_SetRelativeMouseMode(on ? SDL_TRUE : SDL_FALSE);
    SDL_SetWindowKeyboardGrab(w->window, on ? SDL_TRUE : SDL_FALSE);
}

bool window_captured(const struct window *w)
{
    return w->captured;
}

#else

int window_open(struct window **out, const char *title, struct err *err)
{
    (void) out;
    (void) title;
    err_set(err, "windows are not in this build (SDL2 was missing)");
    return -1;
}

/* No window was ever made: nothing below is reached. */
void window_close(struct window *w)
{
    (void) w;
}

struct window_event window_wait(struct window *w, unsigned ms)
{
    (void) w;
    (void) ms;
    return (struct window_event){ .what = WINDOW_CLOSE };
}

void window_poke(struct window *w)
{
    (void) w;
}

void window_set_picture(struct window *w, const struct video_frame *picture)
{
    (void) w;
    (void) picture;
}

void window_set_panel(struct window *w, const struct panel *panel)
{
    (void) w;
    (void) panel;
}

int window_show(struct window *w, void (*between)(void *opaque), void *opaque, struct err *err)
{
    (void) w;
    (void) between;
    (void) opaque;
    (void) err;
    return 0;
}

unsigned window_refresh_hz(const struct window *w)
{
    (void) w;
    return 0;
}

void window_set_title(struct window *w, const char *title)
{
    (void) w;
    (void) title;
}

void window_set_fullscreen(struct window *w, bool on)
{
    (void) w;
    (void) on;
}

bool window_fullscreen(const struct window *w)
{
    (void) w;
    return false;
}

void window_capture(struct window *w, bool on)
{
    (void) w;
    (void) on;
}

bool window_captured(const struct window *w)
{
    (void) w;
    return false;
}

#endif

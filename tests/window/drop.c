/*
 * Drops a file on a window as a file manager does.  Usage: drop WINDOW FILE
 *
 * Source: "Drag-and-Drop Protocol for the X Window System", version 5.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <X11/Xatom.h>
#include <X11/Xlib.h>

enum { DROP_PATIENCE = 500 /* polls of 10 ms */ };

struct drop {
    Display *display;
    Window from, to;
    char uri[4096];
};

static Atom drop_atom(const struct drop *d, const char *name)
{
    return XInternAtom(d->display, name, False);
}

static void drop_send(const struct drop *d, const char *type, long a, long b, long c, long e)
{
    XEvent ev = { .xclient = {
        .type = ClientMessage,
        .window = d->to,
        .message_type = drop_atom(d, type),
        .format = 32,
        .data.l = { (long) d->from, a, b, c, e },
    } };

    XSendEvent(d->display, d->to, False, NoEventMask, &ev);
    XFlush(d->display);
}

/* The window asks for the list of files. */
static void drop_answer(const struct drop *d, const XSelectionRequestEvent *ask)
{
    XEvent ev = { .xselection = {
        .type = SelectionNotify,
        .requestor = ask->requestor,
        .selection = ask->selection,
        .target = ask->target,
        .property = ask->property,
        .time = ask->time,
    } };

    XChangeProperty(d->display, ask->requestor, ask->property, ask->target, 8, PropModeReplace,
                    (const unsigned char *) d->uri, (int) strlen(d->uri));
    XSendEvent(d->display, ask->requestor, False, NoEventMask, &ev);
    XFlush(d->display);
}

/* Waits for a message of that type, serving requests meanwhile. */
static int drop_wait(const struct drop *d, const char *type)
{
    Atom want = drop_atom(d, type);

    for (int i = 0; i < DROP_PATIENCE; i++) {
        while (XPending(d->display) != 0) {
            XEvent ev;

            XNextEvent(d->display, &ev);
            if (ev.type == SelectionRequest)
                drop_answer(d, &ev.xselectionrequest);
            if (ev.type == ClientMessage && ev.xclient.message_type == want)
                return 0;
        }
        usleep(10000);
    }
    fprintf(stderr, "drop: no %s\n", type);
    return -1;
}

int main(int argc, char **argv)
{
    struct drop d = { .display = XOpenDisplay(NULL) };

    if (argc != 3 || d.display == NULL)
        return 2;
    d.to = strtoul(argv[1], NULL, 0);
    snprintf(d.uri, sizeof d.uri, "file://%s\r\n", argv[2]);
    d.from = XCreateSimpleWindow(d.display, DefaultRootWindow(d.display), 0, 0, 1, 1, 0, 0, 0);
    XSetSelectionOwner(d.display, drop_atom(&d, "XdndSelection"), d.from, CurrentTime);
    drop_send(&d, "XdndEnter", 5L << 24, (long) drop_atom(&d, "text/uri-list"), 0, 0);
    drop_send(&d, "XdndPosition", 0, 100L << 16 | 100, CurrentTime,
              (long) drop_atom(&d, "XdndActionCopy"));
    if (drop_wait(&d, "XdndStatus") < 0)
        return 1;
    drop_send(&d, "XdndDrop", 0, CurrentTime, 0, 0);
    return drop_wait(&d, "XdndFinished") < 0 ? 1 : 0;
}

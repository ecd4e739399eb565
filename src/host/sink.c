/*
 * Byte streams of serial and parallel ports.
 *
 * Standard output is shared with the shell, so it is not made non-blocking:
 * poll(2) promises PIPE_BUF bytes.  Other descriptors are ours.
 */
#include "config.h"

#include "host/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

enum {
    SINK_STALL = 64 << 10, /* standard output: wait for the reader from here on */
    SINK_DROP = 1 << 20,   /* FIFO, socket: the oldest bytes go */
    SINK_LINGER_MS = 1000,
};

struct sink {
    char *what; /* for messages */
    int out, in, listener;
    bool waits; /* the reader will come: stall, never drop */
    bool warned;
    char *made; /* socket file to remove */
    struct buf backlog;
};

/* --- specs --------------------------------------------------------------- */

const char *sink_path(const char *spec)
{
    if (strncmp(spec, "file:", 5) == 0 || strncmp(spec, "unix:", 5) == 0)
        return spec + 5;
    return NULL;
}

int sink_check(const char *spec, struct err *err)
{
    const char *path = sink_path(spec);

    if (strcmp(spec, "stdio") == 0 || strcmp(spec, "null") == 0)
        return 0;
    if (path == NULL || *path == '\0') {
        err_set(err, "'%s' is none of stdio, file:F, unix:F, null", spec);
        return -1;
    }
    if (spec[0] == 'u' && strlen(path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path) {
        err_set(err, "'%s': the path is too long for a socket", path);
        return -1;
    }
    return 0;
}

/* --- opening ------------------------------------------------------------- */

static struct sink *sink_new(const char *what)
{
    struct sink *s = xcalloc(1, sizeof *s);

    s->what = xstrdup(what);
    s->out = s->in = s->listener = -1;
    return s;
}

static int sink_open_file(struct sink *s, const char *path, struct err *err)
{
    const int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    struct stat st;
    bool special = stat(path, &st) == 0 && !S_ISREG(st.st_mode);

    if (!special)
        s->out = open(path, flags | O_WRONLY | O_CREAT | O_TRUNC, 0666);
    else if (S_ISFIFO(st.st_mode))
        s->out = open(path, flags | O_RDWR); /* does not wait for a reader */
    else
        s->out = open(path, flags | O_WRONLY);
    if (s->out >= 0)
        return 0;
    err_errno(err, "'%s'", path);
    return -1;
}

static int sink_listen(struct sink *s, const struct sockaddr_un *addr)
{
    struct stat st;

    /* A socket that nobody serves any more is left over from an earlier run. */
    if (lstat(addr->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(addr->sun_path);
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->listener < 0 || bind(s->listener, (const struct sockaddr *) addr, sizeof *addr) < 0)
        return -1;
    s->made = xstrdup(addr->sun_path);
    return listen(s->listener, 1);
}

static int sink_open_socket(struct sink *s, const char *path, struct err *err)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    memcpy(addr.sun_path, path, strlen(path));
    if (fd >= 0 && connect(fd, (struct sockaddr *) &addr, sizeof addr) == 0) {
        s->in = s->out = fd;
        return 0;
    }
    if (fd >= 0)
        close(fd);
    if ((errno == ENOENT || errno == ECONNREFUSED) && sink_listen(s, &addr) == 0)
        return 0;
    err_errno(err, "'%s'", path);
    return -1;
}

int sink_open(struct sink **out, const char *spec, struct err *err)
{
    const char *path = sink_path(spec);
    struct sink *s;
    int rc = 0;

    if (sink_check(spec, err) < 0)
        return -1;
    s = sink_new(path != NULL ? path : spec);
    if (path != NULL) {
        rc = spec[0] == 'f' ? sink_open_file(s, path, err) : sink_open_socket(s, path, err);
    } else if (strcmp(spec, "stdio") == 0) {
        s->out = STDOUT_FILENO;
        s->in = STDIN_FILENO;
        s->waits = true;
    }
    if (rc < 0) {
        sink_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

struct sink *sink_stderr(void)
{
    struct sink *s = sink_new("standard error");

    s->out = STDERR_FILENO;
    s->waits = true;
    return s;
}

/* --- out ----------------------------------------------------------------- */

static void sink_disconnect(struct sink *s)
{
    if (s->out > STDERR_FILENO)
        close(s->out);
    s->out = s->in = -1;
}

static void sink_break(struct sink *s)
{
    if (s->listener < 0)
        log_warn("'%s': %s; what the guest sends there is lost", s->what, strerror(errno));
    sink_disconnect(s);
}

static bool sink_writable(const struct sink *s, int ms)
{
    struct pollfd p = { .fd = s->out, .events = POLLOUT };

    return poll(&p, 1, ms) > 0;
}

static void sink_drain(struct sink *s, int ms)
{
    size_t done = 0;

    while (s->out >= 0 && done < s->backlog.len && sink_writable(s, ms)) {
        size_t left = s->backlog.len - done;
        ssize_t n = write(s->out, s->backlog.data + done, left < PIPE_BUF ? left : PIPE_BUF);

        if (n > 0)
            done += (size_t) n;
        else if (n < 0 && errno != EINTR && errno != EAGAIN)
            sink_break(s);
        else if (n < 0 && errno == EAGAIN && ms == 0)
            break;
    }
    if (s->out < 0 && s->listener < 0)
        done = s->backlog.len;
    s->backlog.len -= done;
    if (done != 0 && s->backlog.len != 0)
        memmove(s->backlog.data, s->backlog.data + done, s->backlog.len);
}

/* Nobody may ever read this: keep the newest half. */
static void sink_shed(struct sink *s)
{
    size_t keep = SINK_DROP / 2;

    if (s->waits || s->backlog.len <= SINK_DROP)
        return;
    memmove(s->backlog.data, s->backlog.data + s->backlog.len - keep, keep);
    s->backlog.len = keep;
    if (!s->warned)
        log_warn("'%s': nobody reads; older bytes are dropped", s->what);
    s->warned = true;
}

void sink_tx(void *opaque, uint8_t byte, vtime at)
{
    struct sink *s = opaque;
    bool waiting = s->backlog.len != 0;

    (void) at;
    if (s->out < 0 && s->listener < 0)
        return;
    buf_add(&s->backlog, &byte, 1);
    /* With a backlog the next poll is soon enough. */
    if (!waiting && s->out >= 0)
        sink_drain(s, 0);
    sink_shed(s);
}

bool sink_stalled(const struct sink *s)
{
    return s->waits && s->backlog.len >= SINK_STALL;
}

void sink_poll(struct sink *s)
{
    if (s->listener >= 0 && s->out < 0) {
        s->in = s->out = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    }
    if (s->backlog.len != 0)
        sink_drain(s, 0);
}

/* --- in ------------------------------------------------------------------ */

bool sink_has_input(const struct sink *s)
{
    return s->in >= 0 || s->listener >= 0;
}

size_t sink_receive(struct sink *s, void *buf, size_t max)
{
    struct pollfd p = { .fd = s->in, .events = POLLIN };
    ssize_t n;

    if (s->in < 0 || max == 0 || poll(&p, 1, 0) <= 0)
        return 0;
    n = read(s->in, buf, max);
    if (n > 0)
        return (size_t) n;
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (s->in == s->out)
        sink_disconnect(s); /* the client left; a listener waits for the next */
    s->in = -1;
    return 0;
}

void sink_close(struct sink *s)
{
    if (s == NULL)
        return;
    if (s->out >= 0)
        sink_drain(s, s->waits ? -1 : SINK_LINGER_MS);
    sink_disconnect(s);
    if (s->listener >= 0)
        close(s->listener);
    if (s->made != NULL)
        unlink(s->made);
    free(s->made);
    buf_free(&s->backlog);
    free(s->what);
    free(s);
}

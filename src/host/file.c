/* Whole files. */
#include "config.h"

#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static int file_read_fd(int fd, const char *path, size_t max, struct buf *out, struct err *err)
{
    for (;;) {
        uint8_t piece[8192];
        ssize_t n = read(fd, piece, sizeof piece);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            err_errno(err, "'%s'", path);
            return -1;
        }
        if (n == 0)
            return 0;
        if (out->len + (size_t) n > max) {
            err_set(err, "'%s' is larger than %zu KiB", path, max >> 10);
            return -1;
        }
        buf_add(out, piece, (size_t) n);
    }
}

int file_read(const char *path, size_t max, struct buf *out, struct err *err)
{
    /* O_NONBLOCK: a FIFO must not hang us before we have seen what it is. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    int rc = -1;

    if (fd < 0) {
        err_errno(err, "'%s'", path);
        return -1;
    }
    if (fstat(fd, &st) < 0)
        err_errno(err, "'%s'", path);
    else if (!S_ISREG(st.st_mode))
        err_set(err, "'%s' is not a file", path);
    else
        rc = file_read_fd(fd, path, max, out, err);
    close(fd);
    if (rc < 0)
        buf_free(out);
    return rc;
}

int file_write_all(int fd, const void *data, size_t len)
{
    const char *p = data;

    while (len != 0) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EAGAIN) {
            struct pollfd wait = { .fd = fd, .events = POLLOUT };

            poll(&wait, 1, -1);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        p += n;
        len -= (size_t) n;
    }
    return 0;
}

int file_create(const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);

    if (fd < 0)
        err_errno(err, "'%s'", path);
    return fd;
}

static int file_write_through(const char *path, const void *data, size_t len, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    int rc;

    if (fd < 0) {
        err_errno(err, "'%s'", path);
        return -1;
    }
    rc = file_write_all(fd, data, len);
    if (rc < 0)
        err_errno(err, "'%s'", path);
    close(fd);
    return rc;
}

/* Data first, then the name: a crash between leaves the old file. */
static int file_write_new(const char *tmp, const char *path, const void *data, size_t len)
{
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int rc;

    if (fd < 0)
        return -1;
    rc = file_write_all(fd, data, len);
    if (rc == 0)
        rc = fsync(fd);
    if (close(fd) < 0)
        rc = -1;
    if (rc == 0)
        rc = rename(tmp, path);
    if (rc < 0) {
        int saved = errno;

        unlink(tmp);
        errno = saved;
    }
    return rc;
}

int file_replace(const char *path, const void *data, size_t len, struct err *err)
{
    struct stat st;
    char *real, *tmp;
    int rc;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return file_write_through(path, data, len, err);
    real = realpath(path, NULL); /* a symbolic link stays one */
    if (real == NULL)
        real = xstrdup(path);
    tmp = xasprintf("%s.%ld.tmp", real, (long) getpid());
    rc = file_write_new(tmp, real, data, len);
    if (rc < 0)
        err_errno(err, "'%s'", path);
    free(tmp);
    free(real);
    return rc;
}

int file_sum(const char *path, char text[SHA256_TEXT], struct err *err)
{
    enum { PIECE = 1 << 18 };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    uint8_t *buf;
    struct sha256 sum;
    ssize_t n;

    if (fd < 0) {
        err_errno(err, "'%s'", path);
        return -1;
    }
    buf = xmalloc(PIECE);
    sha256_init(&sum);
    while ((n = read(fd, buf, PIECE)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            sha256_update(&sum, buf, (size_t) n);
    if (n < 0)
        err_errno(err, "'%s'", path);
    sha256_text(&sum, text);
    free(buf);
    close(fd);
    return n < 0 ? -1 : 0;
}

static char *file_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? xstrdup(".") : xasprintf("%.*s", (int) (slash + 1 - path), path);
}

int file_sync_folder(const char *path, struct err *err)
{
    char *folder = file_folder(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd >= 0 ? fsync(fd) : -1;

    if (rc < 0)
        err_errno(err, "'%s'", folder);
    if (fd >= 0)
        close(fd);
    free(folder);
    return rc;
}

static int file_copy_data(int in, int out)
{
    enum { PIECE = 1 << 18 };
    char *buf;
    ssize_t n = 0;
    int rc = 0;

    if (ioctl(out, FICLONE, in) == 0)
        return 0;
    buf = xmalloc(PIECE);
    while (rc == 0 && ((n = read(in, buf, PIECE)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            rc = file_write_all(out, buf, (size_t) n);
    free(buf);
    return rc == 0 && n == 0 ? 0 : -1;
}

int file_copy(const char *from, const char *to, struct err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    int rc = -1;

    if (out < 0) {
        err_errno(err, "'%s'", in < 0 ? from : to);
    } else if (file_copy_data(in, out) < 0 || fsync(out) < 0) {
        err_errno(err, "'%s'", to);
        unlink(to);
    } else {
        rc = 0;
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return rc == 0 ? file_sync_folder(to, err) : -1;
}

int file_check_output(const char *path, struct err *err)
{
    struct stat st;
    char *folder;
    int rc;

    if (stat(path, &st) == 0 && (S_ISDIR(st.st_mode) || access(path, W_OK) != 0)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : errno;
        err_errno(err, "'%s'", path);
        return -1;
    }
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return 0;
    folder = file_folder(path);
    rc = access(folder, W_OK | X_OK);
    if (rc < 0)
        err_errno(err, "'%s'", path);
    free(folder);
    return rc;
}

bool file_same(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/*
 * Disk images: raw files, and overlays over raw files (host/overlay.h).
 *
 * Locks are flock(2): they belong to the open file, work on read-only files
 * and vanish with the process.  Absent: image files on systems without locks
 * are used unlocked.
 */
#include "config.h"

#include "host/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "host/image_priv.h"

/* --- sectors ------------------------------------------------------------- */

int image_read(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err)
{
    struct image *img = opaque;
    size_t len = (size_t) n * SECTOR_SIZE, done = 0;

    while (done < len) {
        ssize_t got = pread(img->fd, (char *) buf + done, len - done,
                            (off_t) (lba * SECTOR_SIZE + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            err_errno(err, "'%s': reading sector %llu", img->path, (unsigned long long) lba);
            return -1;
        }
        if (got == 0) {
            err_set(err, "'%s' became shorter: sector %llu is gone", img->path,
                    (unsigned long long) lba);
            return -1;
        }
        done += (size_t) got;
    }
    return 0;
}

/* A file that somebody cut while we run must not grow again with a hole. */
static int image_check_length(struct image *img, uint64_t end, struct err *err)
{
    struct stat st;

    if (fstat(img->fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t) st.st_size >= end)
        return 0;
    err_set(err, "'%s' became shorter: what the guest writes has no place", img->path);
    return -1;
}

int image_write(void *opaque, uint64_t lba, unsigned n, const void *buf, struct err *err)
{
    struct image *img = opaque;
    size_t len = (size_t) n * SECTOR_SIZE, done = 0;

    if (image_check_length(img, lba * SECTOR_SIZE + len, err) < 0)
        return -1;
    while (done < len) {
        ssize_t put = pwrite(img->fd, (const char *) buf + done, len - done,
                             (off_t) (lba * SECTOR_SIZE + done));

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            err_errno(err, "'%s': writing sector %llu", img->path, (unsigned long long) lba);
            return -1;
        }
        done += (size_t) put;
    }
    return 0;
}

int image_sync(void *opaque, struct err *err)
{
    struct image *img = opaque;

    if (fdatasync(img->fd) == 0)
        return 0;
    err_errno(err, "'%s': making writes durable", img->path);
    return -1;
}

void image_free(void *opaque)
{
    image_close(opaque);
}

static const struct disk_base_ops image_ops = { image_read, image_write, image_sync, image_free };

/* --- opening ------------------------------------------------------------- */

/*
 * O_NONBLOCK: opening a FIFO or a tape must not hang.  A file without any
 * write permission is meant to stay as it is, also for root.
 */
static int image_open_fd(struct image *img, struct err *err)
{
    const int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    struct stat st;

    img->read_only = !img->discard && stat(img->path, &st) == 0 && (st.st_mode & 0222) == 0;
    img->fd = open(img->path, (img->discard || img->read_only ? O_RDONLY : O_RDWR) | flags);
    if (img->fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM || errno == EISDIR ||
                        errno == ETXTBSY)) {
        img->read_only = !img->discard;
        img->fd = open(img->path, O_RDONLY | flags);
    }
    if (img->fd >= 0)
        return 0;
    err_errno(err, "'%s'", img->path);
    return -1;
}

int image_lock(struct image *img, struct err *err)
{
    bool shared = img->discard || img->read_only;

    if (flock(img->fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return 0;
    err_set(err, "'%s' is in use by another Reprise%s", img->path,
            shared ? "" : " (with -snapshot several can read it)");
    return -1;
}

int image_load_piece(const struct image *img, void *buf, size_t len, uint64_t at, size_t *got,
                     struct err *err)
{
    char *p = buf;

    *got = 0;
    while (*got < len) {
        ssize_t n = pread(img->fd, p + *got, len - *got, (off_t) (at + *got));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            err_errno(err, "'%s'", img->path);
            return -1;
        }
        if (n == 0)
            break;
        *got += (size_t) n;
    }
    return 0;
}

static int image_probe(struct image *img, struct err *err)
{
    struct probe_file *file = &img->file;
    off_t size = lseek(img->fd, 0, SEEK_END);
    size_t got;

    file->name = img->path;
    if (size < 0) {
        err_errno(err, "'%s'", img->path);
        return -1;
    }
    file->size = (uint64_t) size;
    if (image_load_piece(img, file->head, sizeof file->head, 0, &file->head_len, err) < 0 ||
        image_load_piece(img, file->iso, sizeof file->iso, PROBE_ISO_OFFSET, &got, err) < 0)
        return -1;
    img->kind = probe_kind(file);
    return 0;
}

static int image_set_up(struct image *img, struct err *err)
{
    struct stat st;

    if (image_open_fd(img, err) < 0)
        return -1;
    if (img->use == IMAGE_HOLD && image_is_overlay(img)) {
        img->discard = false;
        close(img->fd);
        if (image_open_fd(img, err) < 0)
            return -1;
    }
    if (fstat(img->fd, &st) < 0) {
        err_errno(err, "'%s'", img->path);
        return -1;
    }
    img->dev = st.st_dev;
    img->ino = st.st_ino;
    if (S_ISDIR(st.st_mode)) {
        img->kind = PROBE_FOLDER;
        img->file.name = img->path;
        return 0;
    }
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
        err_set(err, "'%s' is not a disk image: neither a file nor a block device", img->path);
        return -1;
    }
    if (image_is_overlay(img))
        return layered_set_up(img, err);
    if (image_probe(img, err) < 0)
        return -1;
    if (img->any && img->kind == PROBE_ISO)
        img->read_only = !img->discard;
    return image_lock(img, err);
}

int image_open_as(struct image **out, const char *path, enum image_use use, bool any,
                  struct err *err)
{
    struct image *img = xcalloc(1, sizeof *img);

    img->fd = -1;
    img->path = xstrdup(path);
    img->use = use;
    img->discard = use == IMAGE_DISCARD || use == IMAGE_HOLD;
    img->any = any;
    if (image_set_up(img, err) < 0) {
        image_close(img);
        return -1;
    }
    *out = img;
    return 0;
}

int image_open(struct image **out, const char *path, enum image_use use, struct err *err)
{
    return image_open_as(out, path, use, false, err);
}

int image_open_any(struct image **out, const char *path, enum image_use use, struct err *err)
{
    return image_open_as(out, path, use, true, err);
}

void image_close(struct image *img)
{
    if (img == NULL)
        return;
    overlay_close(img->overlay);
    image_close(img->base);
    if (img->fd >= 0)
        close(img->fd);
    free(img->path);
    free(img);
}

enum probe_kind image_kind(const struct image *img)
{
    return img->kind;
}

const struct probe_file *image_file(const struct image *img)
{
    return &img->file;
}

bool image_same(const struct image *a, const struct image *b)
{
    return a->dev == b->dev && a->ino == b->ino;
}

bool image_is(const struct image *img, const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_dev == img->dev && st.st_ino == img->ino;
}

int image_digest(const struct image *img, uint8_t out[SHA256_SIZE], struct err *err)
{
    enum { PIECE = 1 << 17 }; /* stays in the processor's cache */
    uint8_t *buf = xmalloc(PIECE);
    struct sha256 sum;
    size_t got;
    uint64_t at = 0;
    int rc;

    sha256_init(&sum);
    do {
        rc = image_load_piece(img, buf, PIECE, at, &got, err);
        sha256_update(&sum, buf, got);
        at += got;
    } while (rc == 0 && got == PIECE);
    free(buf);
    sha256_digest(&sum, out);
    return rc;
}

int image_sum(struct image *img, char text[SHA256_TEXT], struct err *err)
{
    uint8_t sum[SHA256_SIZE];

    if (img->overlay != NULL)
        return overlay_sum(img->overlay, text, err);
    if (img->sum[0] == '\0') {
        if (image_digest(img, sum, err) < 0)
            return -1;
        sha256_hex(sum, img->sum);
    }
    memcpy(text, img->sum, SHA256_TEXT);
    if (!img->discard && !img->read_only)
        img->sum[0] = '\0'; /* it may change */
    return 0;
}

void image_know_sum(struct image *img, const char sum[SHA256_TEXT])
{
    if (img->overlay == NULL && img->discard)
        memcpy(img->sum, sum, SHA256_TEXT);
}

bool image_keeps(const struct image *img)
{
    return img->discard || img->read_only || img->overlay != NULL;
}

bool image_read_only(const struct image *img)
{
    return img->read_only;
}

void image_attach(struct image *img, const struct disk_geometry *geometry, struct disk_config *cfg)
{
    cfg->ops = img->overlay != NULL ? &layered_ops : &image_ops;
    cfg->opaque = img;
    cfg->sectors = img->file.size / SECTOR_SIZE;
    cfg->geometry = *geometry;
    cfg->read_only = img->read_only;
    cfg->discard = img->discard;
    cfg->keeps = img->overlay != NULL && !img->discard;
}

/* --- disks in memory ----------------------------------------------------- */

static int memory_read(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err)
{
    const struct image *img = opaque;
    size_t at = (size_t) lba * SECTOR_SIZE, len = (size_t) n * SECTOR_SIZE;

    if (at > img->len || len > img->len - at) {
        err_set(err, "sector %llu is past the end", (unsigned long long) lba);
        return -1;
    }
    memcpy(buf, img->data + at, len);
    return 0;
}

static int memory_write(void *opaque, uint64_t lba, unsigned n, const void *buf, struct err *err)
{
    (void) opaque;
    (void) lba;
    (void) n;
    (void) buf;
    err_set(err, "the built-in disk cannot be written");
    return -1;
}

static int memory_sync(void *opaque, struct err *err)
{
    (void) opaque;
    (void) err;
    return 0;
}

static const struct disk_base_ops memory_ops = { memory_read, memory_write, memory_sync, image_free };

void image_memory(const uint8_t *data, size_t len, const struct disk_geometry *geometry,
                  struct disk_config *cfg)
{
    struct image *img = xcalloc(1, sizeof *img);

    img->fd = -1;
    img->data = data;
    img->len = len;
    cfg->ops = &memory_ops;
    cfg->opaque = img;
    cfg->sectors = len / SECTOR_SIZE;
    cfg->geometry = *geometry;
    cfg->discard = true; /* what the guest writes is kept until power-off */
}

/* Images that are overlays over raw images. */
#include "config.h"

#include "host/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "host/file.h"
#include "host/image_priv.h"

/* --- sectors ---------------------------------------------------------- */

static int layered_read(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err)
{
    struct image *img = opaque;
    char *out = buf;

    for (unsigned i = 0; i < n;) {
        bool above = overlay_holds(img->overlay, lba + i);
        unsigned run = 1;
        int rc;

        while (!above && i + run < n && !overlay_holds(img->overlay, lba + i + run))
            run++;
        rc = above ? overlay_read(img->overlay, lba + i, out + (size_t) i * SECTOR_SIZE, err)
                   : image_read(img->base, lba + i, run, out + (size_t) i * SECTOR_SIZE, err);
        if (rc < 0)
            return -1;
        i += run;
    }
    return 0;
}

static int layered_write(void *opaque, uint64_t lba, unsigned n, const void *buf, struct err *err)
{
    struct image *img = opaque;

    return overlay_write(img->overlay, lba, n, buf, err);
}

static int layered_sync(void *opaque, struct err *err)
{
    struct image *img = opaque;

    return overlay_sync(img->overlay, err);
}

const struct disk_base_ops layered_ops = {
    layered_read, layered_write, layered_sync, image_free,
};

/* --- opening ------------------------------------------------------------- */

bool image_is_overlay(const struct image *img)
{
    char magic[OVERLAY_MAGIC_LEN];
    struct err err;
    size_t got;

    return image_load_piece(img, magic, sizeof magic, 0, &got, &err) == 0 && got == sizeof magic &&
           memcmp(magic, overlay_magic, sizeof magic) == 0;
}

static int64_t image_mtime(const struct image *img)
{
    struct stat st;

    return fstat(img->fd, &st) == 0 ? st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec : 0;
}

/* The base must be what it was: by size and time, or by content. */
static int layered_check_base(struct image *img, struct err *err)
{
    const struct overlay_base *want = overlay_base(img->overlay);
    char have[SHA256_TEXT], sum[SHA256_TEXT];

    if (img->base->file.size == want->sectors * SECTOR_SIZE) {
        if (image_mtime(img->base) == want->mtime)
            return 0;
        sha256_hex(want->sum, sum);
        if (image_sum(img->base, have, err) < 0)
            return -1;
        if (strcmp(have, sum) == 0)
            return 0;
    }
    err_set(err, "'%s' lies over '%s', whose content is another now", img->path, img->base->path);
    return -1;
}

/* Where it was, or beside the overlay. */
static int layered_open_base(struct image *img, enum image_use use, struct err *err)
{
    const char *path = overlay_base(img->overlay)->path, *slash = strrchr(path, '/');
    const char *own = strrchr(img->path, '/');
    char *beside;
    int rc;

    if (access(path, F_OK) == 0)
        return image_open_as(&img->base, path, use, false, err);
    beside = xasprintf("%.*s%s", own != NULL ? (int) (own + 1 - img->path) : 0, img->path,
                       slash != NULL ? slash + 1 : path);
    if (access(beside, F_OK) == 0) {
        rc = image_open_as(&img->base, beside, use, false, err);
    } else {
        err_set(err, "'%s' lies over '%s', which is neither there nor beside it", img->path, path);
        rc = -1;
    }
    free(beside);
    return rc;
}

int layered_set_up(struct image *img, struct err *err)
{
    uint8_t sum[SHA256_SIZE];
    bool commit = img->use == IMAGE_COMMIT;

    if (image_lock(img, err) < 0 || overlay_open(&img->overlay, img->fd, img->path, err) < 0 ||
        layered_open_base(img, commit ? IMAGE_WRITE : IMAGE_DISCARD, err) < 0)
        return -1;
    if (img->base->overlay != NULL) {
        err_set(err, "'%s' lies over another overlay, '%s'", img->path, img->base->path);
        return -1;
    }
    if (!commit && overlay_committing(img->overlay, sum)) {
        err_set(err, "'%s' was being committed to its base: end that with 'reprise disk commit'",
                img->path);
        return -1;
    }
    if (!overlay_committing(img->overlay, sum) && layered_check_base(img, err) < 0)
        return -1;
    img->file.name = img->path;
    img->file.size = overlay_base(img->overlay)->sectors * SECTOR_SIZE;
    img->file.head_len = sizeof img->file.head;
    if (layered_read(img, 0, 1, img->file.head, err) < 0)
        return -1;
    img->kind = probe_kind(&img->file);
    if (img->kind != PROBE_FLOPPY)
        img->kind = PROBE_HARD_DISK;
    return 0;
}

/* --- making and unmaking --- ------------------------------------------------ */

struct overlay *image_overlay(const struct image *img)
{
    return img->overlay;
}

const struct image *image_base(const struct image *img)
{
    return img->base;
}

int image_make_overlay(const char *path, const char *base_path, struct err *err)
{
    struct overlay_base base = { .sectors = 0 };
    struct image *img = NULL;
    char *real = NULL;
    int fd = -1, rc = -1;

    if (image_open(&img, base_path, IMAGE_DISCARD, err) < 0)
        return -1;
    real = realpath(base_path, NULL);
    if (img->overlay != NULL || img->kind == PROBE_FOLDER || img->kind == PROBE_ISO ||
        img->file.size == 0 || img->file.size % SECTOR_SIZE != 0)
        err_set(err, "'%s' cannot be the base of an overlay: %s", base_path,
                img->overlay != NULL ? "it is one itself ('reprise disk clone' copies it)"
                                     : "neither a floppy nor a hard disk image");
    else if (real == NULL || strlen(real) >= sizeof base.path)
        err_errno(err, "'%s'", base_path);
    else if (image_digest(img, base.sum, err) == 0) {
        strcpy(base.path, real);
        base.sectors = img->file.size / SECTOR_SIZE;
        base.mtime = image_mtime(img);
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0)
            err_errno(err, "'%s'", path);
        else if ((rc = overlay_format(fd, path, &base, err)) < 0 ||
                 (rc = file_sync_folder(path, err)) < 0)
            unlink(path);
    }
    if (fd >= 0)
        close(fd);
    free(real);
    image_close(img);
    return rc;
}

static int commit_sector(void *opaque, uint64_t lba, struct err *err)
{
    struct image *img = opaque;
    uint8_t data[SECTOR_SIZE];

    if (overlay_read(img->overlay, lba, data, err) < 0)
        return -1;
    return image_write(img->base, lba, 1, data, err);
}

/* What the base will hold in the end. */
static int commit_sum(struct image *img, uint8_t sum[SHA256_SIZE], struct err *err)
{
    uint8_t *buf = xmalloc(DISK_RUN * SECTOR_SIZE);
    uint64_t sectors = img->file.size / SECTOR_SIZE;
    struct sha256 s;
    int rc = 0;

    sha256_init(&s);
    for (uint64_t lba = 0; lba < sectors && rc == 0;) {
        unsigned n = sectors - lba < DISK_RUN ? (unsigned) (sectors - lba) : DISK_RUN;

        rc = layered_read(img, lba, n, buf, err);
        sha256_update(&s, buf, (size_t) n * SECTOR_SIZE);
        lba += n;
    }
    free(buf);
    sha256_digest(&s, sum);
    return rc;
}

/* The base is what the log says: an empty log takes the place of the old one. */
static int commit_replace(struct image *img, const uint8_t sum[SHA256_SIZE], struct err *err)
{
    struct overlay_base base = *overlay_base(img->overlay);
    char *tmp = xasprintf("%s.%ld.tmp", img->path, (long) getpid());
    char *real = realpath(img->base->path, NULL);
    int fd, rc = -1;

    if (real != NULL && strlen(real) < sizeof base.path)
        strcpy(base.path, real);
    memcpy(base.sum, sum, SHA256_SIZE);
    base.mtime = image_mtime(img->base);
    fd = open(tmp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        err_errno(err, "'%s'", tmp);
    else if ((rc = overlay_format(fd, tmp, &base, err)) == 0 && (rc = rename(tmp, img->path)) < 0)
        err_errno(err, "'%s'", img->path);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && rc < 0)
        unlink(tmp);
    free(real);
    free(tmp);
    return rc;
}

int image_commit(const char *path, struct err *err)
{
    uint8_t want[SHA256_SIZE], have[SHA256_SIZE];
    struct image *img = NULL;
    int rc = -1;

    if (image_open(&img, path, IMAGE_COMMIT, err) < 0)
        return -1;
    if (img->overlay == NULL)
        err_set(err, "'%s' is no overlay", path);
    else if (img->read_only || img->base->read_only)
        err_set(err, "'%s' cannot be written", img->read_only ? path : img->base->path);
    else
        rc = 0;
    if (rc == 0 && !overlay_committing(img->overlay, want)) {
        rc = commit_sum(img, want, err);
        if (rc == 0)
            rc = overlay_begin_commit(img->overlay, want, err);
    }
    if (rc == 0)
        rc = overlay_each(img->overlay, commit_sector, img, err);
    if (rc == 0)
        rc = image_sync(img->base, err);
    if (rc == 0)
        rc = image_digest(img->base, have, err);
    if (rc == 0 && memcmp(have, want, sizeof have) != 0) {
        err_set(err, "'%s' was changed by somebody else since the commit began", img->base->path);
        rc = -1;
    }
    if (rc == 0)
        rc = commit_replace(img, want, err);
    image_close(img);
    return rc;
}


/* Private to image*.c. */
#ifndef HOST_IMAGE_PRIV_H
#define HOST_IMAGE_PRIV_H

#include <sys/types.h>

#include "host/image.h"
#include "host/overlay.h"

struct image {
    int fd;
    char *path;
    dev_t dev;
    ino_t ino;
    bool read_only;
    enum image_use use;
    bool discard;
    bool any; /* what it is decides about the lock: image_open_any */
    enum probe_kind kind;
    struct probe_file file;
    char sum[SHA256_TEXT]; /* of the content, once it is known; "": it is not */
    /* An overlay has its log in fd, and below it: */
    struct overlay *overlay;
    struct image *base;
    /* A disk in memory has these instead of fd. */
    const uint8_t *data;
    size_t len;
};

/* image.c: the raw file. */
int image_open_as(struct image **out, const char *path, enum image_use use, bool any,
                  struct err *err);
int image_read(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err);
int image_write(void *opaque, uint64_t lba, unsigned n, const void *buf, struct err *err);
int image_sync(void *opaque, struct err *err);
void image_free(void *opaque);
int image_lock(struct image *img, struct err *err);
int image_load_piece(const struct image *img, void *buf, size_t len, uint64_t at, size_t *got,
                     struct err *err);
int image_digest(const struct image *img, uint8_t out[SHA256_SIZE], struct err *err);

/* image_overlay.c */
extern const struct disk_base_ops layered_ops;
bool image_is_overlay(const struct image *img);
int layered_set_up(struct image *img, struct err *err);

#endif

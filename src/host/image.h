/*
 * Disk images: files (or block devices) of 512-byte sectors, overlays over
 * them (host/overlay.h), and disks in memory.  An open image is locked: two writers never share one file, nor a
 * writer and a reader.
 */
#ifndef HOST_IMAGE_H
#define HOST_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/sha256.h"
#include "core/disk.h"
#include "host/probe.h"

struct image;

enum image_use {
    IMAGE_WRITE,
    IMAGE_DISCARD, /* nothing will be written: opened for reading, other readers are welcome */
    IMAGE_HOLD,    /* like IMAGE_DISCARD, but what is written to an overlay goes into it: it
                      keeps what it held before */
    IMAGE_COMMIT,  /* an overlay, whose base will be written */
};

/*
 * Opens and locks `path`.  A file that cannot be written, or has no write
 * permission for anybody, becomes a write-protected disk.  A folder is told by
 * its kind and has no lock.  An overlay opens its base too, for reading.
 */
int image_open(struct image **out, const char *path, enum image_use use, struct err *err);
/* The same for an image that was given without a drive: a CD-ROM is read only,
 * whatever its permissions are, and other readers are welcome. */
int image_open_any(struct image **out, const char *path, enum image_use use, struct err *err);
void image_close(struct image *img);

enum probe_kind image_kind(const struct image *img);
const struct probe_file *image_file(const struct image *img);
bool image_same(const struct image *a, const struct image *b);
/* True if `path` leads to the image's file. */
bool image_is(const struct image *img, const char *path);

/* What names the content: SHA-256 of a raw image, as text; of an overlay, see overlay_sum. */
int image_sum(struct image *img, char text[SHA256_TEXT], struct err *err);
/* It was just read, and this is what image_sum would say: once is enough. */
void image_know_sum(struct image *img, const char sum[SHA256_TEXT]);
/* What it holds now will be there also when the guest has written to it. */
bool image_keeps(const struct image *img);
/* The file cannot or shall not be written: the guest will see write protection. */
bool image_read_only(const struct image *img);

/*
 * Becomes the base of a disk: fills ops, opaque, sectors, read_only, discard.
 * The disk owns the image from here on.
 */
void image_attach(struct image *img, const struct disk_geometry *geometry, struct disk_config *cfg);

/* NULL: a raw image.  Both are the image's. */
struct overlay *image_overlay(const struct image *img);
const struct image *image_base(const struct image *img);

/* A new overlay at `path`, where nothing may be, over the raw image `base`. */
int image_make_overlay(const char *path, const char *base, struct err *err);
/* Writes what an overlay holds into its base and empties it.  After a crash in
 * between, the same call ends it. */
int image_commit(const char *path, struct err *err);

/* A disk in memory that is never written to; `data` outlives the disk. */
void image_memory(const uint8_t *data, size_t len, const struct disk_geometry *geometry,
                  struct disk_config *cfg);

#endif

/*
 * Raw disk images: files (or block devices) of 512-byte sectors, and disks in
 * memory.  An open image is locked: two writers never share one file, nor a
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

/*
 * Opens and locks `path`.  `discard`: nothing will be written, so the file is
 * opened for reading and other readers are welcome.  A file that cannot be
 * written, or has no write permission for anybody, becomes a write-protected
 * disk.  A folder is told by its kind and has no lock.
 */
int image_open(struct image **out, const char *path, bool discard, struct err *err);
/* The same for an image that was given without a drive: a CD-ROM is read only,
 * whatever its permissions are, and other readers are welcome. */
int image_open_any(struct image **out, const char *path, bool discard, struct err *err);
void image_close(struct image *img);

enum probe_kind image_kind(const struct image *img);
const struct probe_file *image_file(const struct image *img);
bool image_same(const struct image *a, const struct image *b);
/* True if `path` leads to the image's file. */
bool image_is(const struct image *img, const char *path);

/* SHA-256 of the whole content, as text. */
int image_sum(const struct image *img, char text[SHA256_TEXT], struct err *err);
/* The file cannot or shall not be written: the guest will see write protection. */
bool image_read_only(const struct image *img);

/*
 * Becomes the base of a disk: fills ops, opaque, sectors, read_only, discard.
 * The disk owns the image from here on.
 */
void image_attach(struct image *img, const struct disk_geometry *geometry, struct disk_config *cfg);

/* A disk in memory that is never written to; `data` outlives the disk. */
void image_memory(const uint8_t *data, size_t len, const struct disk_geometry *geometry,
                  struct disk_config *cfg);

#endif

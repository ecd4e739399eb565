/*
 * The log of an overlay file: what a guest wrote to a disk whose base stays as
 * it is.  docs/overlay-format.md is the definition.
 *
 * Records are only ever added, so every earlier state of the disk is still
 * there: a position is a length of the file.  What was synced survives a crash
 * of the host; what was being written may be torn and is then dropped.
 */
#ifndef HOST_OVERLAY_H
#define HOST_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "core/disk.h"

enum { OVERLAY_MAGIC_LEN = 8, OVERLAY_PATH_MAX = 4096 };
extern const char overlay_magic[OVERLAY_MAGIC_LEN];

/* What the head says of the base. */
struct overlay_base {
    char path[OVERLAY_PATH_MAX]; /* absolute */
    uint64_t sectors;
    int64_t mtime; /* ns; the same time and size: not read again to see that it is the same */
    uint8_t sum[SHA256_SIZE];
};

struct overlay;

/* A new log of no records in `fd`, durable when it returns 0. */
int overlay_format(int fd, const char *path, const struct overlay_base *base, struct err *err);

/*
 * Reads the log in `fd`, which stays the caller's.  -1: damaged, and the record
 * is named; a torn tail is no damage.  Nothing is written.
 */
int overlay_open(struct overlay **out, int fd, const char *path, struct err *err);
void overlay_close(struct overlay *o);

const struct overlay_base *overlay_base(const struct overlay *o);
uint64_t overlay_length(const struct overlay *o); /* of the log, torn tail left out */
uint64_t overlay_torn(const struct overlay *o);   /* bytes of the torn tail */
uint64_t overlay_records(const struct overlay *o);
uint64_t overlay_written(const struct overlay *o); /* sectors that the log holds, now */

/* Where the disk stands: the length of the log at which its content is this. */
uint64_t overlay_position(const struct overlay *o);
/* Back (or on) to a position where a record ends.  The file is told with the
 * first write.  -1: there is no such place. */
int overlay_seek(struct overlay *o, uint64_t position, struct err *err);
/* SHA-256 of the file up to the position: names the base and all that was written. */
int overlay_sum(struct overlay *o, char text[SHA256_TEXT], struct err *err);

/* True if the log holds the sector, and then reads it. */
bool overlay_holds(const struct overlay *o, uint64_t lba);
int overlay_read(const struct overlay *o, uint64_t lba, void *buf, struct err *err);
/* At most DISK_RUN sectors. */
int overlay_write(struct overlay *o, uint64_t lba, unsigned n, const void *buf, struct err *err);
int overlay_sync(struct overlay *o, struct err *err);

/* The sectors that the log holds, in order: calls `each` until it fails. */
int overlay_each(const struct overlay *o, int (*each)(void *opaque, uint64_t lba, struct err *err),
                 void *opaque, struct err *err);

/* Says in the log, durably, that the base is about to be written to, and what
 * it will hold in the end.  Until the log is replaced nobody may use it. */
int overlay_begin_commit(struct overlay *o, const uint8_t sum[SHA256_SIZE], struct err *err);
/* True if that was begun; `sum` is what was said. */
bool overlay_committing(const struct overlay *o, uint8_t sum[SHA256_SIZE]);

#endif

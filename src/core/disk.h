/*
 * A disk as a chip sees it: numbered sectors of 512 bytes, a base that the
 * host provides and an overlay of what the guest wrote.
 *
 * Writes land in the overlay at once.  Folding copies them into the base: at a
 * guest flush, about once a second of wall time, and at the end, unless the
 * disk discards writes or somebody holds it.  Folding cannot be seen by the
 * guest, but for a failure, which passes the journal.
 */
#ifndef CORE_DISK_H
#define CORE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/journal.h"
#include "core/state.h"

enum { SECTOR_SIZE = 512 };

/* What the host gives: an image file, memory.  -1: err says why. */
struct disk_base_ops {
    int (*read)(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err);
    int (*write)(void *opaque, uint64_t lba, unsigned n, const void *buf, struct err *err);
    int (*sync)(void *opaque, struct err *err); /* durable when it returns 0 */
    void (*close)(void *opaque);
};

struct disk_geometry {
    uint32_t cylinders, heads, sectors; /* sectors a track */
};

struct disk_config {
    const char *name; /* for the journal and messages: "fd0", "ata0"; outlives the disk */
    const struct disk_base_ops *ops;
    void *opaque;
    uint64_t sectors;
    struct disk_geometry geometry;
    bool read_only; /* the guest sees write protection */
    bool discard;   /* never fold: -snapshot */
    bool keeps;     /* the base keeps what is folded for ever, also when it is overwritten later:
                       a snapshot needs no content of it */
};

struct disk;

/* The disk owns opaque from here on (ops->close).  Journal and state may be
 * NULL for a disk of no machine. */
struct disk *disk_new(const struct disk_config *cfg, struct journal *journal, struct state *state);
void disk_free(struct disk *d); /* does not fold */

uint64_t disk_sectors(const struct disk *d);
struct disk_geometry disk_geometry(const struct disk *d);
bool disk_read_only(const struct disk *d);

/*
 * For chips; at most DISK_RUN sectors a call, inside the disk.  -1: the guest
 * sees a drive error.  disk_flush: what was written is durable on the host.
 */
enum { DISK_RUN = 256 };
int disk_read(struct disk *d, uint64_t lba, unsigned n, void *buf);
int disk_write(struct disk *d, uint64_t lba, unsigned n, const void *buf);
int disk_flush(struct disk *d);

/* For the host: fold what is not yet in the base.  A failure is remembered:
 * the guest's writes fail until a fold succeeds. */
int disk_fold(struct disk *d, struct err *err);
bool disk_dirty(const struct disk *d);

#endif

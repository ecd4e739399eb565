/*
 * Snapshots as files: what machine it is, and its state (state_save), in
 * sections with checksums.  docs/snapshot-format.md is the definition.
 */
#ifndef HOST_SNAPSHOT_FILE_H
#define HOST_SNAPSHOT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* `about`: lines of text; `state`: as state_save makes it.  The file is there
 * as a whole, durable, or not at all. */
int snapshot_write(const char *path, const struct buf *about, const struct buf *state,
                   struct err *err);

/* One section, for those who want to look. */
struct snapshot_section {
    char name[32];
    uint32_t version;
    uint64_t stored, size; /* bytes in the file, in memory */
};

struct snapshot {
    uint32_t timing; /* core/clock.h */
    struct buf about, state;
    struct buf sections; /* struct snapshot_section */
};

/* By its first bytes. */
bool snapshot_is(const char *path);
/* -1: damaged, of another format, or no snapshot; `out` is empty then. */
int snapshot_parse(const uint8_t *data, size_t len, struct snapshot *out, struct err *err);
int snapshot_read(const char *path, struct snapshot *out, struct err *err);
void snapshot_free(struct snapshot *s);

#endif

/* A disk whose base is memory that the test can see, with errors on demand. */
#ifndef SUPPORT_MEMDISK_H
#define SUPPORT_MEMDISK_H

#include <stdbool.h>

#include "core/disk.h"

struct memdisk {
    struct disk *disk; /* owns this struct: disk_free(m->disk) ends both */
    uint8_t *base;     /* contents before what was not yet folded */
    uint64_t sectors;
    uint64_t bad_lba; /* reads of this sector fail; UINT64_MAX: none */
    bool fail_writes; /* folding and flushing fail */
};

/* Sector n starts with n as 32-bit little-endian and is then filled with the
 * low byte of n; `sectors` 0 takes the size from the geometry. */
struct memdisk *memdisk_new(const char *name, struct disk_geometry g, uint64_t sectors,
                            bool read_only, struct journal *journal, struct state *state);

#endif

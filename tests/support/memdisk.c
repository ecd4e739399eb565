/* A disk in memory. */
#include "config.h"

#include "support/memdisk.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

static int memdisk_read(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err)
{
    const struct memdisk *m = opaque;

    if (m->bad_lba >= lba && m->bad_lba - lba < n) {
        err_set(err, "memory disk: bad sector (as the test wants it)");
        return -1;
    }
    memcpy(buf, m->base + lba * SECTOR_SIZE, (size_t) n * SECTOR_SIZE);
    return 0;
}

static int memdisk_write(void *opaque, uint64_t lba, unsigned n, const void *buf, struct err *err)
{
    struct memdisk *m = opaque;

    if (m->fail_writes) {
        err_set(err, "memory disk: full (as the test wants it)");
        return -1;
    }
    memcpy(m->base + lba * SECTOR_SIZE, buf, (size_t) n * SECTOR_SIZE);
    return 0;
}

static int memdisk_sync(void *opaque, struct err *err)
{
    (void) opaque;
    (void) err;
    return 0;
}

static void memdisk_close(void *opaque)
{
    struct memdisk *m = opaque;

    free(m->base);
    free(m);
}

static const struct disk_base_ops memdisk_ops = {
    .read = memdisk_read,
    .write = memdisk_write,
    .sync = memdisk_sync,
    .close = memdisk_close,
};

struct memdisk *memdisk_new(const char *name, struct disk_geometry g, uint64_t sectors,
                            bool read_only, struct journal *journal, struct state *state)
{
    struct memdisk *m = xcalloc(1, sizeof *m);
    struct disk_config cfg = { .name = name, .ops = &memdisk_ops, .opaque = m, .geometry = g,
                               .read_only = read_only };

    m->sectors = sectors != 0 ? sectors : (uint64_t) g.cylinders * g.heads * g.sectors;
    m->bad_lba = UINT64_MAX;
    m->base = xmalloc(m->sectors * SECTOR_SIZE);
    for (uint64_t i = 0; i < m->sectors; i++) {
        memset(m->base + i * SECTOR_SIZE, (int) (i & 0xff), SECTOR_SIZE);
        store_le32(m->base + i * SECTOR_SIZE, (uint32_t) i);
    }
    cfg.sectors = m->sectors;
    m->disk = disk_new(&cfg, journal, state);
    return m;
}

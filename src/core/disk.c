/*
 * Base and overlay behind one interface.
 *
 * The overlay keeps, for every sector the guest ever wrote, a hash of its
 * content (the machine hash covers it) and, until it is folded, the content.
 */
#include "config.h"

#include "core/disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/log.h"
#include "base/mem.h"

#define OVERLAY_CONTENT (UINT64_C(1) << 63)

struct disk_sector {
    uint64_t lba;
    uint64_t hash;
    uint8_t *data; /* NULL once folded: the base has it */
    uint64_t noted; /* number of the newest point that knows what it held before */
};

/* What a sector held when a point was kept. */
struct disk_undo {
    uint64_t lba, hash;
    uint8_t *data; /* NULL: the base has it, and keeps it */
};

/* A point in the past: what was overwritten since, up to the next point. */
struct disk_point {
    struct disk_point *older;
    uint64_t number;
    struct disk_undo *undo;
    size_t n, room;
};

struct disk {
    /* Saved. */
    uint8_t failing; /* the host refuses writes: an input, see disk_kinds */
    /* Never saved as fields: the overlay is a section of its own. */
    struct disk_config cfg;
    char *overlay_name; /* of the section with the written sectors */
    struct journal *journal;
    struct disk_sector *table; /* open addressing; lba UINT64_MAX: free */
    size_t cap, used, unfolded;
    uint64_t hash; /* sum over the sectors written: order does not matter */
    struct disk_point *point; /* the newest; NULL: none is kept */
    uint64_t points;          /* how many there ever were */
    struct pages_pool *pool;  /* that counts what they take */
};

static const struct state_field disk_fields[] = {
    STATE_UINT(struct disk, failing),
    { NULL, STATE_KIND_END, sizeof(uint8_t), 0, 0, NULL },
};

/* --- the table of written sectors ---------------------------------------- */

static size_t disk_slot(const struct disk *d, uint64_t lba)
{
    size_t i = (size_t) (lba * 0x9e3779b97f4a7c15u >> 32) & (d->cap - 1);

    while (d->table[i].lba != lba && d->table[i].lba != UINT64_MAX)
        i = (i + 1) & (d->cap - 1);
    return i;
}

static void disk_resize(struct disk *d, size_t cap)
{
    struct disk_sector *old = d->table;
    size_t n = d->cap;

    d->cap = cap;
    d->table = xmalloc(cap * sizeof *d->table);
    for (size_t i = 0; i < cap; i++)
        d->table[i] = (struct disk_sector){ .lba = UINT64_MAX };
    for (size_t i = 0; i < n; i++)
        if (old[i].lba != UINT64_MAX)
            d->table[disk_slot(d, old[i].lba)] = old[i];
    free(old);
}

/* The sector's row in the table, a new one where there was none. */
static struct disk_sector *disk_note(struct disk *d, uint64_t lba)
{
    struct disk_sector *s;

    if (d->used * 2 >= d->cap)
        disk_resize(d, d->cap * 2);
    s = &d->table[disk_slot(d, lba)];
    if (s->lba == UINT64_MAX) {
        *s = (struct disk_sector){ .lba = lba };
        d->used++;
    }
    return s;
}

static int disk_fetch(const struct disk *d, uint64_t lba, unsigned n, uint8_t *out, struct err *err);

/* The sector is about to change: the newest point must know what it held.  A
 * base that is never written to has it still. */
static void disk_remember(struct disk *d, struct disk_sector *s)
{
    struct disk_point *p = d->point;
    struct disk_undo *u;
    struct err err;

    if (p == NULL || s->noted == p->number)
        return;
    s->noted = p->number;
    if (p->n == p->room) {
        p->room = p->room != 0 ? p->room * 2 : 16;
        p->undo = xrealloc(p->undo, p->room * sizeof *p->undo);
    }
    u = &p->undo[p->n++];
    *u = (struct disk_undo){ s->lba, s->hash, NULL };
    d->pool->bytes += sizeof *u;
    if (s->data == NULL && d->cfg.discard)
        return;
    u->data = xmalloc(SECTOR_SIZE);
    d->pool->bytes += SECTOR_SIZE;
    if (disk_fetch(d, s->lba, 1, u->data, &err) < 0)
        log_warn("%s", err.msg);
}

static void disk_put(struct disk *d, uint64_t lba, const uint8_t *data)
{
    struct disk_sector *s = disk_note(d, lba);

    disk_remember(d, s);
    d->hash -= s->hash;
    s->hash = xxh64(data, SECTOR_SIZE, lba);
    d->hash += s->hash;
    if (s->data == NULL) {
        s->data = xmalloc(SECTOR_SIZE);
        d->unfolded++;
    }
    memcpy(s->data, data, SECTOR_SIZE);
}

static void disk_forget(struct disk *d)
{
    for (size_t i = 0; i < d->cap; i++)
        free(d->table[i].data);
    free(d->table);
    d->table = NULL;
    d->cap = d->used = d->unfolded = 0;
    d->hash = 0;
    disk_resize(d, 64);
}

static bool disk_inside(const struct disk *d, uint64_t lba, unsigned n)
{
    return n <= DISK_RUN && lba <= d->cfg.sectors && n <= d->cfg.sectors - lba;
}

/* Base with the overlay over it.  A base that fails reads as zeroes. */
static int disk_fetch(const struct disk *d, uint64_t lba, unsigned n, uint8_t *out, struct err *err)
{
    int rc = d->cfg.ops->read(d->cfg.opaque, lba, n, out, err);

    if (rc < 0)
        memset(out, 0, (size_t) n * SECTOR_SIZE);
    for (unsigned i = 0; d->unfolded != 0 && i < n; i++) {
        const struct disk_sector *s = &d->table[disk_slot(d, lba + i)];

        if (s->data != NULL)
            memcpy(out + (size_t) i * SECTOR_SIZE, s->data, SECTOR_SIZE);
    }
    return rc;
}

/* --- state --------------------------------------------------------------- */

static void overlay_hash(void *obj, struct xxh64 *h, struct xxh64 *also)
{
    const struct disk *d = obj;
    uint8_t sum[8];

    store_le64(sum, d->hash);
    xxh64_update_both(h, also, sum, sizeof sum);
}

static int sector_order(const void *a, const void *b)
{
    const struct disk_sector *const *x = a, *const *y = b;

    return (*x)->lba < (*y)->lba ? -1 : (*x)->lba > (*y)->lba;
}

/* For each sector in order: its number, with OVERLAY_CONTENT when its 512 bytes
 * follow the hash; without, the base has them. */
static void overlay_save(void *obj, struct buf *out)
{
    struct disk *d = obj;
    struct disk_sector **all = xmalloc((d->used + 1) * sizeof *all);
    size_t n = 0;

    for (size_t i = 0; i < d->cap; i++)
        if (d->table[i].lba != UINT64_MAX && d->table[i].hash != 0)
            all[n++] = &d->table[i];
    qsort(all, n, sizeof *all, sector_order);
    for (size_t i = 0; i < n; i++) {
        bool content = !d->cfg.keeps || all[i]->data != NULL;
        struct err err;

        buf_add_le(out, all[i]->lba | (content ? OVERLAY_CONTENT : 0), 8);
        buf_add_le(out, all[i]->hash, 8);
        if (content && disk_fetch(d, all[i]->lba, 1, buf_grow(out, SECTOR_SIZE), &err) < 0)
            log_warn("%s", err.msg);
    }
    free(all);
}

static int overlay_check(void *obj, const uint8_t *data, size_t len, struct err *err)
{
    const struct disk *d = obj;
    size_t at = 0;

    while (len - at >= 16) {
        uint64_t lba = load_le64(data + at);

        if ((lba & ~OVERLAY_CONTENT) >= d->cfg.sectors) {
            err_set(err, "overlay of %s has a sector past the disk's end", d->cfg.name);
            return -1;
        }
        at += 16;
        if (lba & OVERLAY_CONTENT && len - at < SECTOR_SIZE)
            break;
        at += lba & OVERLAY_CONTENT ? SECTOR_SIZE : 0;
    }
    if (at == len)
        return 0;
    err_set(err, "overlay of %s is cut off", d->cfg.name);
    return -1;
}

static void overlay_load(void *obj, const uint8_t *data, size_t len)
{
    struct disk *d = obj;

    disk_forget(d);
    for (size_t at = 0; at < len; at += 16) {
        uint64_t lba = load_le64(data + at);

        if (lba & OVERLAY_CONTENT) {
            disk_put(d, lba & ~OVERLAY_CONTENT, data + at + 16);
            at += SECTOR_SIZE;
        } else {
            struct disk_sector *s = disk_note(d, lba);

            d->hash -= s->hash;
            s->hash = load_le64(data + at + 8);
            d->hash += s->hash;
        }
    }
}

static void *overlay_keep(void *obj, struct pages_pool *pool, const void *before)
{
    struct disk *d = obj;
    struct disk_point *p = xcalloc(1, sizeof *p);

    (void) before; /* d->point it is */
    d->pool = pool;
    p->older = d->point;
    p->number = ++d->points;
    d->point = p;
    return p;
}

/* A sector that the guest had not written by then keeps a row with hash 0: the
 * base gets back what it held, and for the guest it was never written. */
static void overlay_back(void *obj, void *point)
{
    struct disk *d = obj;
    struct disk_point *p = point;

    for (size_t i = p->n; i-- != 0;) {
        struct disk_sector *s = &d->table[disk_slot(d, p->undo[i].lba)];

        d->hash += p->undo[i].hash - s->hash;
        s->hash = p->undo[i].hash;
        s->noted = 0;
        if (s->data != NULL)
            d->unfolded--;
        free(s->data);
        s->data = p->undo[i].data;
        if (s->data != NULL)
            d->unfolded++;
    }
    d->pool->bytes -= p->n * (sizeof *p->undo);
    for (size_t i = 0; i < p->n; i++)
        d->pool->bytes -= p->undo[i].data != NULL ? SECTOR_SIZE : 0;
    p->n = 0;
}

static void undo_free(struct disk_point *p, struct pages_pool *pool, size_t i)
{
    pool->bytes -= sizeof p->undo[i] + (p->undo[i].data != NULL ? SECTOR_SIZE : 0);
    free(p->undo[i].data);
}

static int undo_order(const void *a, const void *b)
{
    const struct disk_undo *x = a, *y = b;

    return x->lba < y->lba ? -1 : x->lba > y->lba;
}

/* What `p` knows and `older`, who is to know it too, does not. */
static void point_merge(struct disk_point *older, struct disk_point *p, struct pages_pool *pool)
{
    size_t had = older->n;

    if (had != 0)
        qsort(older->undo, had, sizeof *older->undo, undo_order);
    older->room = had + p->n;
    older->undo = xrealloc(older->undo, (older->room + 1) * sizeof *older->undo);
    for (size_t i = 0; i < p->n; i++) {
        if (had != 0 && bsearch(&p->undo[i], older->undo, had, sizeof *older->undo, undo_order) != NULL)
            undo_free(p, pool, i);
        else
            older->undo[older->n++] = p->undo[i];
    }
    p->n = 0;
}

/* The newest is dropped by going back beyond it; another one is no longer
 * needed, and what it knows goes to the one before. */
static void overlay_drop(void *obj, struct pages_pool *pool, void *point)
{
    struct disk *d = obj;
    struct disk_point *p = point, **link = &d->point;

    while (*link != p)
        link = &(*link)->older;
    if (p->older != NULL)
        point_merge(p->older, p, pool);
    for (size_t i = 0; i < p->n; i++)
        undo_free(p, pool, i);
    *link = p->older;
    free(p->undo);
    free(p);
}

static const struct state_blob_ops overlay_ops = {
    .hash = overlay_hash,
    .save = overlay_save,
    .check = overlay_check,
    .load = overlay_load,
    .keep = overlay_keep,
    .back = overlay_back,
    .drop = overlay_drop,
};

/* The host began (1) or ceased (0) to refuse what the guest writes. */
static void disk_input_failing(void *opaque, const struct journal_input *in)
{
    struct disk *d = opaque;

    d->failing = in->arg[0] != 0;
}

static const struct journal_kind disk_kinds[] = {
    { "write-error", 1, false, disk_input_failing },
};

/* --- the interface ------------------------------------------------------- */

struct disk *disk_new(const struct disk_config *cfg, struct journal *journal, struct state *state)
{
    struct disk *d = xcalloc(1, sizeof *d);

    d->cfg = *cfg;
    d->journal = journal;
    disk_resize(d, 64);
    if (journal != NULL)
        journal_add(journal, cfg->name, disk_kinds, ARRAY_LEN(disk_kinds), d);
    if (state != NULL) {
        d->overlay_name = xasprintf("%s-sectors", cfg->name);
        state_register(state, cfg->name, 1, disk_fields, d);
        state_register_blob(state, d->overlay_name, 2, &overlay_ops, d);
    }
    return d;
}

void disk_free(struct disk *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->cap; i++)
        free(d->table[i].data);
    free(d->table);
    free(d->overlay_name);
    if (d->cfg.ops->close != NULL)
        d->cfg.ops->close(d->cfg.opaque);
    free(d);
}

uint64_t disk_sectors(const struct disk *d)
{
    return d->cfg.sectors;
}

struct disk_geometry disk_geometry(const struct disk *d)
{
    return d->cfg.geometry;
}

bool disk_read_only(const struct disk *d)
{
    return d->cfg.read_only;
}

bool disk_dirty(const struct disk *d)
{
    return d->unfolded != 0;
}

int disk_read(struct disk *d, uint64_t lba, unsigned n, void *buf)
{
    struct err err;
    bool ok;

    if (!disk_inside(d, lba, n))
        return -1;
    ok = disk_fetch(d, lba, n, buf, &err) == 0;
    if (!ok)
        log_warn("%s", err.msg);
    if (d->journal != NULL)
        ok = journal_outcome(d->journal, d->cfg.name, "read-error", (int64_t) lba, ok);
    return ok ? 0 : -1;
}

int disk_write(struct disk *d, uint64_t lba, unsigned n, const void *buf)
{
    const uint8_t *in = buf;

    if (!disk_inside(d, lba, n) || d->cfg.read_only || d->failing)
        return -1;
    for (unsigned i = 0; i < n; i++)
        disk_put(d, lba + i, in + (size_t) i * SECTOR_SIZE);
    return 0;
}

/* Writes sectors from *i on that follow one another. */
static int disk_fold_run(struct disk *d, struct disk_sector **dirty, size_t n, size_t *i,
                         struct err *err)
{
    uint8_t *all = xmalloc(DISK_RUN * SECTOR_SIZE);
    uint64_t first = dirty[*i]->lba;
    unsigned run = 0;
    int rc;

    for (; *i < n && run < DISK_RUN && dirty[*i]->lba == first + run; run++, ++*i)
        memcpy(all + (size_t) run * SECTOR_SIZE, dirty[*i]->data, SECTOR_SIZE);
    rc = d->cfg.ops->write(d->cfg.opaque, first, run, all, err);
    free(all);
    return rc;
}

/* Writes every unfolded sector in order of its number, then makes it durable. */
static int disk_fold_sectors(struct disk *d, struct err *err)
{
    struct disk_sector **dirty = xmalloc(d->unfolded * sizeof *dirty);
    size_t n = 0;
    int rc = 0;

    for (size_t i = 0; i < d->cap; i++)
        if (d->table[i].data != NULL)
            dirty[n++] = &d->table[i];
    qsort(dirty, n, sizeof *dirty, sector_order);
    for (size_t i = 0; rc == 0 && i < n;)
        rc = disk_fold_run(d, dirty, n, &i, err);
    if (rc == 0)
        rc = d->cfg.ops->sync(d->cfg.opaque, err);
    /* Content is dropped only once all of it is safe. */
    for (size_t i = 0; rc == 0 && i < n; i++) {
        free(dirty[i]->data);
        dirty[i]->data = NULL;
        d->unfolded--;
    }
    free(dirty);
    return rc;
}

/* Tell the guest, through the journal, when the host's answer changes. */
static void disk_note_failing(struct disk *d, bool failing)
{
    int64_t arg = failing;

    if (d->journal != NULL && failing != d->failing)
        journal_post(d->journal, d->cfg.name, "write-error", &arg, NULL, 0);
}

int disk_fold(struct disk *d, struct err *err)
{
    int rc = 0;

    if (d->cfg.discard)
        return 0;
    if (d->unfolded != 0)
        rc = disk_fold_sectors(d, err);
    disk_note_failing(d, rc < 0);
    return rc;
}

int disk_flush(struct disk *d)
{
    struct err err;
    bool ok = true;

    if (!d->cfg.discard && d->unfolded != 0 && disk_fold_sectors(d, &err) < 0) {
        log_warn("%s", err.msg);
        ok = false;
    }
    if (d->journal != NULL)
        ok = journal_outcome(d->journal, d->cfg.name, "flush-error", 0, ok);
    return ok ? 0 : -1;
}

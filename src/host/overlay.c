/* The log of an overlay file. */
#include "config.h"

#include "host/overlay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/crc32c.h"
#include "base/mem.h"

enum {
    OVERLAY_FORMAT = 1,
    OVERLAY_ID = 16,
    OVERLAY_HEAD = 96, /* before the path */
    OVERLAY_ALIGN = 8,
    RECORD_HEAD = 32,
    RECORD_MAX = RECORD_HEAD + DISK_RUN * SECTOR_SIZE,
    READER_SIZE = 1 << 20,
};

enum record_type {
    RECORD_WRITE = 1, /* sectors of data; where: number of the first */
    RECORD_SEAL,      /* where: the log is durable up to here */
    RECORD_BACK,      /* where: position at which the disk stands again */
    RECORD_COMMIT,    /* one sector, which starts with what the base will hold */
    RECORD_TYPES,
};

const char overlay_magic[OVERLAY_MAGIC_LEN] = "RPROVER\n";

#define NO_RECORD SIZE_MAX

struct record {
    uint64_t offset, where;
    size_t tip;    /* the newest write that counts after this record; NO_RECORD: none */
    size_t parent; /* of a write: the tip before it */
    uint16_t type, sectors;
};

struct slot {
    uint64_t lba, offset; /* lba UINT64_MAX: free */
};

struct overlay {
    int fd; /* not owned */
    char *path;
    uint8_t id[OVERLAY_ID]; /* what the guest writes cannot pass for a record */
    struct overlay_base base;
    uint64_t start, end, torn;
    uint64_t position;
    struct record *record;
    size_t records, room, tip;
    struct slot *table; /* open addressing */
    size_t cap, used;
    uint8_t commit[SHA256_SIZE];
    bool committing, cut; /* cut: there is no torn tail */
    struct sha256 sum;
    uint64_t summed; /* bytes of the file in `sum` */
};

/* --- the file ------------------------------------------------------------ */

static int overlay_put(const struct overlay *o, const void *data, size_t len, uint64_t at,
                       struct err *err)
{
    const char *p = data;

    while (len != 0) {
        ssize_t n = pwrite(o->fd, p, len, (off_t) at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            err_errno(err, "'%s': adding to the overlay", o->path);
            return -1;
        }
        p += n;
        at += (uint64_t) n;
        len -= (size_t) n;
    }
    return 0;
}

static int overlay_get(const struct overlay *o, void *buf, size_t len, uint64_t at, struct err *err)
{
    char *p = buf;

    while (len != 0) {
        ssize_t n = pread(o->fd, p, len, (off_t) at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            err_errno(err, "'%s': reading the overlay", o->path);
            return -1;
        }
        p += n;
        at += (uint64_t) n;
        len -= (size_t) n;
    }
    return 0;
}

static int overlay_fsync(const struct overlay *o, struct err *err)
{
    if (fdatasync(o->fd) == 0)
        return 0;
    err_errno(err, "'%s': making writes durable", o->path);
    return -1;
}

/* --- the head ------------------------------------------------------------ */

static size_t head_size(size_t path)
{
    return (OVERLAY_HEAD + path + 4 + OVERLAY_ALIGN - 1) / OVERLAY_ALIGN * OVERLAY_ALIGN;
}

int overlay_format(int fd, const char *path, const struct overlay_base *base, struct err *err)
{
    uint8_t head[OVERLAY_HEAD + OVERLAY_PATH_MAX + 16] = { 0 };
    size_t name = strlen(base->path), size = head_size(name);
    struct overlay o = { .fd = fd, .path = xstrdup(path) };
    int rc;

    memcpy(head, overlay_magic, sizeof overlay_magic);
    store_le32(head + 8, OVERLAY_FORMAT);
    store_le32(head + 12, (uint32_t) name);
    store_le64(head + 16, base->sectors);
    store_le64(head + 24, (uint64_t) base->mtime);
    memcpy(head + 32, base->sum, SHA256_SIZE);
    if (getrandom(head + 64, OVERLAY_ID, 0) != OVERLAY_ID) {
        err_errno(err, "'%s': no random number", path);
        free(o.path);
        return -1;
    }
    memcpy(head + OVERLAY_HEAD, base->path, name);
    store_le32(head + size - 4, crc32c(0, head, size - 4));
    rc = overlay_put(&o, head, size, 0, err);
    if (rc == 0)
        rc = overlay_fsync(&o, err);
    free(o.path);
    return rc;
}

static int head_bad(const struct overlay *o, const char *what, struct err *err)
{
    err_set(err, "'%s' is a damaged overlay: %s", o->path, what);
    return -1;
}

static int overlay_read_head(struct overlay *o, uint64_t length, struct err *err)
{
    uint8_t head[OVERLAY_HEAD + OVERLAY_PATH_MAX + 16];
    size_t name, size;

    if (length < head_size(0) || overlay_get(o, head, OVERLAY_HEAD, 0, err) < 0)
        return head_bad(o, "its head is cut off", err);
    if (memcmp(head, overlay_magic, sizeof overlay_magic) != 0)
        return head_bad(o, "its first bytes", err);
    if (load_le32(head + 8) != OVERLAY_FORMAT) {
        err_set(err, "'%s' is an overlay of format %u; this Reprise reads format %d", o->path,
                load_le32(head + 8), OVERLAY_FORMAT);
        return -1;
    }
    name = load_le32(head + 12);
    size = head_size(name);
    if (name == 0 || name >= OVERLAY_PATH_MAX || length < size)
        return head_bad(o, "its head", err);
    if (overlay_get(o, head + OVERLAY_HEAD, size - OVERLAY_HEAD, OVERLAY_HEAD, err) < 0)
        return -1;
    if (load_le32(head + size - 4) != crc32c(0, head, size - 4))
        return head_bad(o, "its head", err);
    o->base.sectors = load_le64(head + 16);
    o->base.mtime = (int64_t) load_le64(head + 24);
    memcpy(o->base.sum, head + 32, SHA256_SIZE);
    memcpy(o->id, head + 64, OVERLAY_ID);
    memcpy(o->base.path, head + OVERLAY_HEAD, name);
    o->base.path[name] = '\0';
    if (o->base.sectors == 0 || o->base.sectors > UINT64_C(1) << 40 || strlen(o->base.path) != name)
        return head_bad(o, "its head", err);
    o->start = size;
    return 0;
}

/* --- the table of sectors -------------------------------------------------- */

static struct slot *overlay_slot(const struct overlay *o, uint64_t lba)
{
    size_t i = (size_t) (lba * 0x9e3779b97f4a7c15u >> 32) & (o->cap - 1);

    while (o->table[i].lba != lba && o->table[i].lba != UINT64_MAX)
        i = (i + 1) & (o->cap - 1);
    return &o->table[i];
}

static void overlay_resize(struct overlay *o, size_t cap)
{
    struct slot *old = o->table;
    size_t n = o->cap;

    o->cap = cap;
    o->table = xmalloc(cap * sizeof *o->table);
    for (size_t i = 0; i < cap; i++)
        o->table[i].lba = UINT64_MAX;
    for (size_t i = 0; i < n; i++)
        if (old[i].lba != UINT64_MAX)
            *overlay_slot(o, old[i].lba) = old[i];
    free(old);
}

/* `newer`: takes the place of what is there. */
static void overlay_place(struct overlay *o, const struct record *r, bool newer)
{
    for (unsigned i = 0; i < r->sectors; i++) {
        struct slot *s;

        if (o->used * 2 >= o->cap)
            overlay_resize(o, o->cap * 2);
        s = overlay_slot(o, r->where + i);
        if (s->lba == UINT64_MAX) {
            o->used++;
            s->lba = r->where + i;
        } else if (!newer) {
            continue;
        }
        s->offset = r->offset + RECORD_HEAD + (uint64_t) i * SECTOR_SIZE;
    }
}

/* From the newest write to the oldest: the first one that has a sector counts. */
static void overlay_rebuild(struct overlay *o)
{
    free(o->table);
    o->table = NULL;
    o->cap = o->used = 0;
    overlay_resize(o, 64);
    for (size_t i = o->tip; i != NO_RECORD; i = o->record[i].parent)
        overlay_place(o, &o->record[i], false);
}

/* --- records --------------------------------------------------------------- */

static uint64_t record_end(const struct record *r)
{
    return r->offset + RECORD_HEAD + (uint64_t) r->sectors * SECTOR_SIZE;
}

/* The record that ends at this position; NO_RECORD: the head does, or none. */
static size_t overlay_record_at(const struct overlay *o, uint64_t position)
{
    size_t low = 0, high = o->records;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (record_end(&o->record[mid]) < position)
            low = mid + 1;
        else
            high = mid;
    }
    return low < o->records && record_end(&o->record[low]) == position ? low : NO_RECORD;
}

static size_t overlay_tip_at(const struct overlay *o, uint64_t position)
{
    size_t i = overlay_record_at(o, position);

    return i != NO_RECORD ? o->record[i].tip : NO_RECORD;
}

static void overlay_add(struct overlay *o, struct record r)
{
    if (o->records == o->room) {
        o->room = o->room != 0 ? o->room * 2 : 64;
        o->record = xrealloc(o->record, o->room * sizeof *o->record);
    }
    r.parent = o->tip;
    if (r.type == RECORD_WRITE)
        o->tip = o->records;
    else if (r.type == RECORD_BACK)
        o->tip = overlay_tip_at(o, r.where);
    r.tip = o->tip;
    o->record[o->records++] = r;
    o->end = o->position = record_end(&r);
}

static uint32_t record_crc(const struct overlay *o, uint64_t offset, const uint8_t *head)
{
    uint8_t at[8];

    store_le64(at, offset);
    return crc32c(crc32c(crc32c(0, o->id, sizeof o->id), at, sizeof at), head, RECORD_HEAD - 4);
}

static void record_make(const struct overlay *o, uint8_t *head, enum record_type type, unsigned n,
                        uint64_t where, uint32_t data)
{
    store_le16(head, (uint16_t) type);
    store_le16(head + 2, (uint16_t) n);
    store_le32(head + 4, data);
    store_le64(head + 8, o->records + 1);
    store_le64(head + 16, where);
    store_le32(head + 24, 0);
    store_le32(head + 28, record_crc(o, o->end, head));
}

/* --- reading it all -------------------------------------------------------- */

struct reader {
    const struct overlay *o;
    uint64_t length; /* of the file */
    uint8_t *data;
    uint64_t at;
    size_t have;
    bool failed;
};

/* `len` bytes of the file, or NULL: it is shorter (or cannot be read: failed). */
static const uint8_t *reader_get(struct reader *r, uint64_t at, size_t len, struct err *err)
{
    if (at > r->length || len > r->length - at)
        return NULL;
    if (at < r->at || at + len > r->at + r->have) {
        r->at = at;
        r->have = r->length - at < READER_SIZE ? (size_t) (r->length - at) : READER_SIZE;
        r->failed = overlay_get(r->o, r->data, r->have, at, err) < 0;
    }
    return r->failed ? NULL : r->data + (at - r->at);
}

/* A record whose checksums are right: made by us. */
static bool reader_record(struct reader *rd, uint64_t at, struct record *out, struct err *err)
{
    const struct overlay *o = rd->o;
    const uint8_t *p = reader_get(rd, at, RECORD_HEAD, err);
    uint32_t data;

    if (p == NULL || load_le16(p + 2) > DISK_RUN || load_le32(p + 28) != record_crc(o, at, p) ||
        load_le64(p + 8) != o->records + 1)
        return false;
    *out = (struct record){ at, load_le64(p + 16), NO_RECORD, NO_RECORD, load_le16(p),
                            load_le16(p + 2) };
    data = load_le32(p + 4);
    p = reader_get(rd, at, (size_t) (record_end(out) - at), err);
    return p != NULL && data == crc32c(0, p + RECORD_HEAD, (size_t) out->sectors * SECTOR_SIZE);
}

/* Does a record that could be written say what can be? */
static bool record_sane(const struct overlay *o, const struct record *r)
{
    switch (r->type) {
    case RECORD_WRITE:
        return r->sectors != 0 && r->where < o->base.sectors &&
               r->sectors <= o->base.sectors - r->where;
    case RECORD_SEAL:
    case RECORD_BACK:
        return r->sectors == 0 && (r->where == o->start || overlay_record_at(o, r->where) != NO_RECORD);
    case RECORD_COMMIT: return r->sectors == 1;
    default: return false;
    }
}

/* A later seal says that what is bad at `at` was durable: damage, no torn tail. */
static bool overlay_was_sealed(struct reader *rd, uint64_t at, struct err *err)
{
    for (uint64_t next = at + OVERLAY_ALIGN; !rd->failed && next <= rd->length; next += OVERLAY_ALIGN) {
        const uint8_t *p = reader_get(rd, next, RECORD_HEAD, err);

        if (p == NULL)
            break;
        if (load_le32(p) == RECORD_SEAL && load_le64(p + 8) > rd->o->records &&
            load_le64(p + 16) > at && load_le64(p + 16) <= next &&
            load_le32(p + 28) == record_crc(rd->o, next, p))
            return true;
    }
    return false;
}

static int overlay_damaged(const struct overlay *o, uint64_t at, struct err *err)
{
    err_set(err, "'%s' is a damaged overlay: record %zu, at byte %llu", o->path, o->records + 1,
            (unsigned long long) at);
    return -1;
}

static int overlay_scan(struct overlay *o, struct reader *rd, struct err *err)
{
    struct record r;

    o->tip = NO_RECORD;
    o->end = o->position = o->start;
    while (o->end < rd->length && reader_record(rd, o->end, &r, err)) {
        if (!record_sane(o, &r))
            return overlay_damaged(o, o->end, err);
        if (r.type == RECORD_COMMIT) {
            memcpy(o->commit, reader_get(rd, r.offset + RECORD_HEAD, SHA256_SIZE, err), SHA256_SIZE);
            o->committing = true;
        }
        overlay_add(o, r);
    }
    if (o->end < rd->length && !rd->failed && overlay_was_sealed(rd, o->end, err))
        return overlay_damaged(o, o->end, err);
    o->torn = rd->length - o->end;
    o->cut = o->torn == 0;
    return rd->failed ? -1 : 0;
}

int overlay_open(struct overlay **out, int fd, const char *path, struct err *err)
{
    struct overlay *o = xcalloc(1, sizeof *o);
    off_t length = lseek(fd, 0, SEEK_END);
    struct reader rd = { .o = o, .length = length > 0 ? (uint64_t) length : 0 };
    int rc;

    o->fd = fd;
    o->path = xstrdup(path);
    sha256_init(&o->sum);
    rc = overlay_read_head(o, rd.length, err);
    if (rc == 0) {
        rd.data = xmalloc(rd.length < READER_SIZE ? (size_t) rd.length : READER_SIZE);
        rc = overlay_scan(o, &rd, err);
        free(rd.data);
    }
    if (rc < 0) {
        overlay_close(o);
        return -1;
    }
    overlay_rebuild(o);
    *out = o;
    return 0;
}

void overlay_close(struct overlay *o)
{
    if (o == NULL)
        return;
    free(o->path);
    free(o->record);
    free(o->table);
    free(o);
}

/* --- looking --------------------------------------------------------------- */

const struct overlay_base *overlay_base(const struct overlay *o)
{
    return &o->base;
}

uint64_t overlay_length(const struct overlay *o)
{
    return o->end;
}

uint64_t overlay_torn(const struct overlay *o)
{
    return o->torn;
}

uint64_t overlay_records(const struct overlay *o)
{
    return o->records;
}

uint64_t overlay_written(const struct overlay *o)
{
    return o->used;
}

uint64_t overlay_position(const struct overlay *o)
{
    return o->position;
}

int overlay_seek(struct overlay *o, uint64_t position, struct err *err)
{
    if (position != o->start && overlay_record_at(o, position) == NO_RECORD) {
        err_set(err, "'%s' has no position %llu: it is another overlay, or was committed", o->path,
                (unsigned long long) position);
        return -1;
    }
    o->position = position;
    o->tip = overlay_tip_at(o, position);
    overlay_rebuild(o);
    return 0;
}

int overlay_sum(struct overlay *o, char text[SHA256_TEXT], struct err *err)
{
    enum { PIECE = 1 << 18 };
    uint8_t *buf = xmalloc(PIECE);
    int rc = 0;

    if (o->summed > o->position) {
        sha256_init(&o->sum);
        o->summed = 0;
    }
    while (rc == 0 && o->summed < o->position) {
        size_t n = o->position - o->summed < PIECE ? (size_t) (o->position - o->summed) : PIECE;

        rc = overlay_get(o, buf, n, o->summed, err);
        if (rc == 0) {
            sha256_update(&o->sum, buf, n);
            o->summed += n;
        }
    }
    free(buf);
    sha256_text(&o->sum, text);
    return rc;
}

bool overlay_holds(const struct overlay *o, uint64_t lba)
{
    return overlay_slot(o, lba)->lba == lba;
}

int overlay_read(const struct overlay *o, uint64_t lba, void *buf, struct err *err)
{
    return overlay_get(o, buf, SECTOR_SIZE, overlay_slot(o, lba)->offset, err);
}

static int lba_order(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

int overlay_each(const struct overlay *o, int (*each)(void *opaque, uint64_t lba, struct err *err),
                 void *opaque, struct err *err)
{
    uint64_t *lba = xmalloc((o->used + 1) * sizeof *lba);
    size_t n = 0;
    int rc = 0;

    for (size_t i = 0; i < o->cap; i++)
        if (o->table[i].lba != UINT64_MAX)
            lba[n++] = o->table[i].lba;
    qsort(lba, n, sizeof *lba, lba_order);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = each(opaque, lba[i], err);
    free(lba);
    return rc;
}

/* --- writing --------------------------------------------------------------- */

/* What lies behind the last good record must never come to life again. */
static int overlay_cut(struct overlay *o, struct err *err)
{
    if (o->cut)
        return 0;
    if (ftruncate(o->fd, (off_t) o->end) < 0 || fsync(o->fd) < 0) {
        err_errno(err, "'%s': cutting off what was torn", o->path);
        return -1;
    }
    o->cut = true;
    o->torn = 0;
    return 0;
}

static int overlay_append(struct overlay *o, enum record_type type, unsigned n, uint64_t where,
                          const void *data, struct err *err)
{
    size_t len = (size_t) n * SECTOR_SIZE;
    struct record r = { o->end, where, NO_RECORD, NO_RECORD, (uint16_t) type, (uint16_t) n };
    uint8_t *all;
    int rc;

    if (overlay_cut(o, err) < 0)
        return -1;
    all = xmalloc(RECORD_HEAD + len);
    record_make(o, all, type, n, where, crc32c(0, data, len));
    if (len != 0)
        memcpy(all + RECORD_HEAD, data, len);
    rc = overlay_put(o, all, RECORD_HEAD + len, o->end, err);
    free(all);
    if (rc < 0)
        o->cut = false; /* a part of it may be there */
    else
        overlay_add(o, r);
    return rc;
}

/* The disk stands at an older place than the file says: tells it. */
static int overlay_settle(struct overlay *o, struct err *err)
{
    return o->position == o->end ? 0 : overlay_append(o, RECORD_BACK, 0, o->position, "", err);
}

int overlay_write(struct overlay *o, uint64_t lba, unsigned n, const void *buf, struct err *err)
{
    if (n == 0 || n > DISK_RUN || lba >= o->base.sectors || n > o->base.sectors - lba) {
        err_set(err, "'%s': sector %llu is past the end", o->path, (unsigned long long) lba);
        return -1;
    }
    if (overlay_settle(o, err) < 0 || overlay_append(o, RECORD_WRITE, n, lba, buf, err) < 0)
        return -1;
    overlay_place(o, &o->record[o->records - 1], true);
    return 0;
}

int overlay_sync(struct overlay *o, struct err *err)
{
    struct err ignored;
    uint64_t end = o->end;

    if (o->position != o->end || (o->records != 0 && o->record[o->records - 1].type == RECORD_SEAL))
        return 0; /* nothing was written */
    if (o->records == 0)
        return 0;
    if (overlay_fsync(o, err) < 0)
        return -1;
    /* Not worth a failure: it serves to tell damage from a torn tail. */
    overlay_append(o, RECORD_SEAL, 0, end, "", &ignored);
    return 0;
}

int overlay_begin_commit(struct overlay *o, const uint8_t sum[SHA256_SIZE], struct err *err)
{
    uint8_t data[SECTOR_SIZE] = { 0 };

    memcpy(data, sum, SHA256_SIZE);
    if (overlay_settle(o, err) < 0 || overlay_append(o, RECORD_COMMIT, 1, 0, data, err) < 0 ||
        overlay_sync(o, err) < 0)
        return -1;
    memcpy(o->commit, sum, SHA256_SIZE);
    o->committing = true;
    return 0;
}

bool overlay_committing(const struct overlay *o, uint8_t sum[SHA256_SIZE])
{
    memcpy(sum, o->commit, SHA256_SIZE);
    return o->committing;
}

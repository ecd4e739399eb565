/* Snapshots as files. */
#include "config.h"

#include "host/snapshot_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if CONFIG_ZSTD
#include <zstd.h>
#endif

#include "base/bits.h"
#include "base/crc32c.h"
#include "core/clock.h"
#include "host/file.h"

enum {
    SNAPSHOT_FORMAT = 1,
    SNAPSHOT_HEAD = 32,
    SNAPSHOT_NAME = 32,
    SNAPSHOT_SECTION = SNAPSHOT_NAME + 32,
    SNAPSHOT_SMALL = 256, /* below, compression is not worth it */
    SNAPSHOT_LEVEL = 1,
};
enum snapshot_codec { CODEC_RAW, CODEC_ZSTD };

#define SNAPSHOT_MAX (UINT64_C(3) << 30)

static const char snapshot_magic[8] = "RPRSNAP\n";

/* --- compression --------------------------------------------------------- */

/* Bytes stored, or 0: stored as they are. */
static size_t snapshot_pack(struct buf *out, const uint8_t *data, size_t len)
{
#if CONFIG_ZSTD
    size_t start = out->len, room = ZSTD_compressBound(len), n;

    if (len < SNAPSHOT_SMALL)
        return 0;
    n = ZSTD_compress(buf_grow(out, room), room, data, len, SNAPSHOT_LEVEL);
    out->len = start;
    if (ZSTD_isError(n) || n >= len)
        return 0;
    out->len += n;
    return n;
#else
    (void) out;
    (void) data;
    (void) len;
    return 0;
#endif
}

static int snapshot_unpack(struct buf *out, const uint8_t *data, size_t stored, size_t size,
                           const char *name, struct err *err)
{
#if CONFIG_ZSTD
    /* The frame says its size too: a forged one must not cost memory. */
    if (ZSTD_getFrameContentSize(data, stored) == size) {
        size_t start = out->len;
        size_t n = ZSTD_decompress(buf_grow(out, size), size, data, stored);

        if (n == size)
            return 0;
        out->len = start;
    }
    err_set(err, "section '%s' does not unpack", name);
#else
    (void) out;
    (void) data;
    (void) stored;
    (void) size;
    err_set(err, "section '%s' is compressed: not in this build (libzstd was missing)", name);
#endif
    return -1;
}

/* --- writing ------------------------------------------------------------- */

static void snapshot_put(struct buf *out, const char *name, uint32_t version, const uint8_t *data,
                         size_t len)
{
    size_t head = out->len, n;
    uint8_t *p;

    memset(buf_grow(out, SNAPSHOT_SECTION), 0, SNAPSHOT_SECTION);
    n = snapshot_pack(out, data, len);
    if (n == 0)
        buf_add(out, data, len);
    p = out->data + head;
    memcpy(p, name, strlen(name));
    p += SNAPSHOT_NAME;
    store_le32(p, version);
    store_le32(p + 4, n != 0 ? CODEC_ZSTD : CODEC_RAW);
    store_le64(p + 8, out->len - head - SNAPSHOT_SECTION);
    store_le64(p + 16, len);
    store_le32(p + 24, crc32c(0, out->data + head + SNAPSHOT_SECTION,
                              out->len - head - SNAPSHOT_SECTION));
    store_le32(p + 28, crc32c(0, out->data + head, SNAPSHOT_SECTION - 4));
}

/* state_save: name with its NUL, version, length, bytes. */
static uint32_t snapshot_put_state(struct buf *out, const struct buf *state)
{
    uint32_t n = 0;

    for (size_t at = 0; at < state->len; n++) {
        const char *name = (const char *) state->data + at;
        const uint8_t *p = state->data + at + strlen(name) + 1;
        size_t len = (size_t) load_le64(p + 4);

        snapshot_put(out, name, load_le32(p), p + 12, len);
        at = (size_t) (p + 12 - state->data) + len;
    }
    return n;
}

int snapshot_write(const char *path, const struct buf *about, const struct buf *state,
                   struct err *err)
{
    struct buf out = { 0 };
    uint32_t sections = 1;
    int rc;

    memset(buf_grow(&out, SNAPSHOT_HEAD), 0, SNAPSHOT_HEAD);
    snapshot_put(&out, "about", 1, about->data, about->len);
    sections += snapshot_put_state(&out, state);
    memcpy(out.data, snapshot_magic, sizeof snapshot_magic);
    store_le32(out.data + 8, SNAPSHOT_FORMAT);
    store_le32(out.data + 12, TIMING);
    store_le64(out.data + 16, out.len);
    store_le32(out.data + 24, sections);
    store_le32(out.data + 28, crc32c(0, out.data, 28));
    rc = file_replace(path, out.data, out.len, err);
    buf_free(&out);
    return rc;
}

/* --- reading ------------------------------------------------------------- */

static int snapshot_check_head(const uint8_t *data, size_t len, struct err *err)
{
    if (len < SNAPSHOT_HEAD || memcmp(data, snapshot_magic, sizeof snapshot_magic) != 0)
        err_set(err, "not a snapshot of Reprise");
    else if (load_le32(data + 28) != crc32c(0, data, 28))
        err_set(err, "the head of the snapshot is damaged");
    else if (load_le32(data + 8) != SNAPSHOT_FORMAT)
        err_set(err, "snapshot format %u; this Reprise reads format %d", load_le32(data + 8),
                SNAPSHOT_FORMAT);
    else if (load_le64(data + 16) != len)
        err_set(err, "the snapshot has %zu bytes, not %llu: it is cut off", len,
                (unsigned long long) load_le64(data + 16));
    else
        return 0;
    return -1;
}

/* One section at *at; adds it to `out`. */
static int snapshot_get(const uint8_t *data, size_t len, size_t *at, struct snapshot *out,
                        struct err *err)
{
    const uint8_t *head = data + *at, *p = head + SNAPSHOT_NAME, *body = head + SNAPSHOT_SECTION;
    struct snapshot_section s = { .version = 0 };
    bool about = out->sections.len == 0;
    struct buf *to = about ? &out->about : &out->state;

    if (len - *at < SNAPSHOT_SECTION || load_le32(p + 28) != crc32c(0, head, SNAPSHOT_SECTION - 4) ||
        head[SNAPSHOT_NAME - 1] != 0 || head[0] == 0) {
        err_set(err, "the head of section %zu is damaged", out->sections.len / sizeof s);
        return -1;
    }
    memcpy(s.name, head, sizeof s.name);
    s.version = load_le32(p);
    s.stored = load_le64(p + 8);
    s.size = load_le64(p + 16);
    if (s.stored > len - *at - SNAPSHOT_SECTION || s.size > SNAPSHOT_MAX - out->state.len ||
        load_le32(p + 24) != crc32c(0, body, (size_t) s.stored) ||
        about != (strcmp(s.name, "about") == 0)) {
        err_set(err, "section '%s' is damaged", s.name);
        return -1;
    }
    buf_add(&out->sections, &s, sizeof s);
    *at += SNAPSHOT_SECTION + (size_t) s.stored;
    if (!about) {
        buf_add(to, s.name, strlen(s.name) + 1);
        buf_add_le(to, s.version, 4);
        buf_add_le(to, s.size, 8);
    }
    if (load_le32(p + 4) == CODEC_ZSTD)
        return snapshot_unpack(to, body, (size_t) s.stored, (size_t) s.size, s.name, err);
    if (load_le32(p + 4) != CODEC_RAW || s.stored != s.size) {
        err_set(err, "section '%s' is packed in an unknown way", s.name);
        return -1;
    }
    buf_add(to, body, (size_t) s.size);
    return 0;
}

int snapshot_parse(const uint8_t *data, size_t len, struct snapshot *out, struct err *err)
{
    size_t at = SNAPSHOT_HEAD;
    int rc = snapshot_check_head(data, len, err);

    *out = (struct snapshot){ 0 };
    if (rc < 0)
        return -1;
    out->timing = load_le32(data + 12);
    for (uint32_t i = 0; rc == 0 && i < load_le32(data + 24); i++)
        rc = snapshot_get(data, len, &at, out, err);
    if (rc == 0 && (at != len || out->sections.len == 0)) {
        err_set(err, "the snapshot has bytes that no section holds");
        rc = -1;
    }
    if (rc < 0)
        snapshot_free(out);
    return rc;
}

bool snapshot_is(const char *path)
{
    char magic[sizeof snapshot_magic];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n = fd >= 0 ? read(fd, magic, sizeof magic) : -1;

    if (fd >= 0)
        close(fd);
    return n == sizeof magic && memcmp(magic, snapshot_magic, sizeof magic) == 0;
}

int snapshot_read(const char *path, struct snapshot *out, struct err *err)
{
    struct buf file = { 0 };
    int rc;

    *out = (struct snapshot){ 0 };
    if (file_read(path, SNAPSHOT_MAX, &file, err) < 0)
        return -1;
    rc = snapshot_parse(file.data, file.len, out, err);
    if (rc < 0)
        err_prefix(err, "'%s'", path);
    buf_free(&file);
    return rc;
}

void snapshot_free(struct snapshot *s)
{
    buf_free(&s->about);
    buf_free(&s->state);
    buf_free(&s->sections);
}

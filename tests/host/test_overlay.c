/*
 * Overlays: what they hold, positions, damage, and crashes.
 *
 * The crash test takes down every write, cut and sync of a run.  Then the host
 * "stops" at some point: all before the last sync is there; of the writes after
 * it any subset is, in torn pieces of 512 bytes.  Whatever is left must open,
 * and each sector must hold what was flushed, or something written later.
 */
#include "config.h"

#include "support/suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/buf.h"
#include "base/mem.h"
#include "host/overlay.h"

enum { SECTORS = 48, PIECE = 512, OPS = 4000 };

/* --- what reaches the file, taken down --------------------------------------- */

struct op {
    enum { OP_WRITE, OP_CUT, OP_SYNC } what;
    uint64_t at; /* of a cut: the new length */
    size_t len;
    uint8_t *data;
};

static struct tape {
    bool on, full;
    struct op op[OPS];
    size_t n;
} tape;

ssize_t __real_pwrite(int fd, const void *buf, size_t len, off_t at);
ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t at);
int __real_ftruncate(int fd, off_t len);
int __wrap_ftruncate(int fd, off_t len);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);

static void tape_add(int what, uint64_t at, const void *data, size_t len)
{
    struct op *op = &tape.op[tape.n];

    if (!tape.on)
        return;
    ck_assert_uint_lt(tape.n++, OPS);
    *op = (struct op){ .what = what, .at = at, .len = len, .data = xmalloc(len + 1) };
    if (len != 0)
        memcpy(op->data, data, len);
}

ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t at)
{
    if (tape.full)
        return 0; /* as a disk without space, to the caller */
    tape_add(OP_WRITE, (uint64_t) at, buf, len);
    return __real_pwrite(fd, buf, len, at);
}

int __wrap_ftruncate(int fd, off_t len)
{
    tape_add(OP_CUT, (uint64_t) len, NULL, 0);
    return __real_ftruncate(fd, len);
}

int __wrap_fdatasync(int fd)
{
    (void) fd;
    tape_add(OP_SYNC, 0, NULL, 0);
    return 0;
}

int __wrap_fsync(int fd)
{
    return __wrap_fdatasync(fd);
}

/* --- a rig --------------------------------------------------------------------- */

static uint32_t seed;

static uint32_t roll(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t) ((uint64_t) seed * n >> 32);
}

static int fd;
static struct err err;

static void set_up(void)
{
    struct overlay_base base = { .path = "/base.img", .sectors = SECTORS, .mtime = 5 };

    tape.on = tape.full = false;
    fd = memfd_create("overlay", 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(overlay_format(fd, "test.ov", &base, &err), 0);
}

static void tear_down(void)
{
    close(fd);
}

static struct overlay *must_open(int file)
{
    struct overlay *o = NULL;

    err.msg[0] = '\0';
    ck_assert_msg(overlay_open(&o, file, "test.ov", &err) == 0, "%s", err.msg);
    return o;
}

static void fill(uint8_t *sector, uint32_t value)
{
    for (unsigned i = 0; i < SECTOR_SIZE; i += 4)
        store_le32(sector + i, value);
}

static void put(struct overlay *o, uint64_t lba, unsigned n, uint32_t value)
{
    uint8_t data[8 * SECTOR_SIZE];

    ck_assert_uint_le(n, 8);
    for (unsigned i = 0; i < n; i++)
        fill(data + i * SECTOR_SIZE, value);
    ck_assert_msg(overlay_write(o, lba, n, data, &err) == 0, "%s", err.msg);
}

/* 0: the log does not hold it; a sector of two values fails. */
static uint32_t get(struct overlay *o, uint64_t lba)
{
    uint8_t data[SECTOR_SIZE], want[SECTOR_SIZE];

    if (!overlay_holds(o, lba))
        return 0;
    ck_assert_int_eq(overlay_read(o, lba, data, &err), 0);
    fill(want, load_le32(data));
    ck_assert_mem_eq(data, want, SECTOR_SIZE);
    return load_le32(data);
}

/* --- tests --------------------------------------------------------------------- */

START_TEST(holds_what_was_written)
{
    struct overlay *o = must_open(fd);

    put(o, 3, 2, 1);
    put(o, 4, 3, 2);
    ck_assert_int_eq(overlay_sync(o, &err), 0);
    for (unsigned again = 0; again < 2; again++) {
        ck_assert_uint_eq(get(o, 2), 0);
        ck_assert_uint_eq(get(o, 3), 1);
        ck_assert_uint_eq(get(o, 4), 2);
        ck_assert_uint_eq(get(o, 6), 2);
        ck_assert_uint_eq(overlay_written(o), 4);
        overlay_close(o);
        o = must_open(fd);
    }
    ck_assert_int_lt(overlay_write(o, SECTORS - 1, 2, "", &err), 0);
    ck_assert_str_eq(overlay_base(o)->path, "/base.img");
    overlay_close(o);
}
END_TEST

/* Back, on another way, and to a place of the way that was left. */
START_TEST(every_position_can_be_reached)
{
    struct overlay *o = must_open(fd);
    uint64_t start = overlay_position(o), one, two, other;
    char sum[SHA256_TEXT], again[SHA256_TEXT];

    put(o, 1, 1, 1);
    one = overlay_position(o);
    overlay_sum(o, sum, &err);
    put(o, 1, 1, 2);
    put(o, 2, 1, 2);
    two = overlay_position(o);
    ck_assert_int_eq(overlay_seek(o, one, &err), 0);
    ck_assert_uint_eq(get(o, 1), 1);
    ck_assert_uint_eq(get(o, 2), 0);
    overlay_sum(o, again, &err);
    ck_assert_str_eq(sum, again);
    ck_assert_uint_eq(overlay_length(o), two); /* looking writes nothing */
    put(o, 3, 1, 3);
    other = overlay_position(o);
    overlay_close(o);
    o = must_open(fd);
    ck_assert_uint_eq(get(o, 1), 1);
    ck_assert_uint_eq(get(o, 2), 0);
    ck_assert_uint_eq(get(o, 3), 3);
    ck_assert_int_eq(overlay_seek(o, two, &err), 0);
    ck_assert_uint_eq(get(o, 1), 2);
    ck_assert_uint_eq(get(o, 3), 0);
    put(o, 4, 1, 4);
    ck_assert_int_eq(overlay_seek(o, start, &err), 0);
    ck_assert_uint_eq(overlay_written(o), 0);
    ck_assert_int_eq(overlay_seek(o, other, &err), 0);
    ck_assert_uint_eq(get(o, 3), 3);
    ck_assert_uint_eq(get(o, 4), 0);
    ck_assert_int_lt(overlay_seek(o, two + 1, &err), 0);
    overlay_close(o);
    o = must_open(fd);
    ck_assert_uint_eq(get(o, 2), 2);
    ck_assert_uint_eq(get(o, 4), 4);
    overlay_close(o);
}
END_TEST

/* Every bit of what was synced: found when the file is opened, and told apart
 * from a torn tail.  The last seal itself guards nothing behind it. */
START_TEST(damage_is_found)
{
    struct overlay *o = must_open(fd);
    uint64_t last, length;

    put(o, 0, 1, 1);
    overlay_sync(o, &err);
    put(o, 7, 2, 2);
    overlay_sync(o, &err);
    length = overlay_length(o);
    last = length - 32;
    overlay_close(o);
    for (uint64_t at = 0; at < length; at++) {
        uint8_t was, is;
        int rc;

        ck_assert_int_eq(pread(fd, &was, 1, (off_t) at), 1);
        is = (uint8_t) (was ^ 1u << at % 8);
        __real_pwrite(fd, &is, 1, (off_t) at);
        o = NULL;
        rc = overlay_open(&o, fd, "test.ov", &err);
        ck_assert_msg(at < last ? rc < 0 : rc == 0, "byte %d", (int) at);
        if (rc == 0)
            ck_assert_uint_eq(overlay_torn(o), 32);
        else
            ck_assert_ptr_nonnull(strstr(err.msg, "overlay")); /* damaged, or of another format */
        overlay_close(o);
        __real_pwrite(fd, &was, 1, (off_t) at);
    }
    __real_pwrite(fd, "x", 1, 300);
    ck_assert_int_lt(overlay_open(&o, fd, "test.ov", &err), 0);
    ck_assert_ptr_nonnull(strstr(err.msg, "record 1, at byte"));
}
END_TEST

/* A full disk: the write fails, what was there stays, and later it goes on. */
START_TEST(no_space)
{
    struct overlay *o = must_open(fd);
    uint8_t data[SECTOR_SIZE] = { 1 };

    put(o, 1, 1, 1);
    tape.full = true;
    ck_assert_int_lt(overlay_write(o, 1, 1, data, &err), 0);
    tape.full = false;
    ck_assert_uint_eq(get(o, 1), 1);
    put(o, 2, 1, 2);
    overlay_close(o);
    o = must_open(fd);
    ck_assert_uint_eq(get(o, 1), 1);
    ck_assert_uint_eq(get(o, 2), 2);
    ck_assert_uint_eq(overlay_torn(o), 0);
    overlay_close(o);
}
END_TEST

/* --- crashes ------------------------------------------------------------------- */

/* What a sector may hold after a crash: values it had since the last flush. */
struct allowed {
    uint32_t value[64];
    unsigned n;
};

struct moment {
    size_t ops;                      /* of the tape, that were done by then */
    struct allowed allowed[SECTORS]; /* for a crash from here to the next moment */
};

static void allow(struct moment *m, unsigned lba, uint32_t value)
{
    struct allowed *a = &m->allowed[lba];

    for (unsigned i = 0; i < a->n; i++)
        if (a->value[i] == value)
            return;
    ck_assert_uint_lt(a->n, 64);
    a->value[a->n++] = value;
}

static void now_only(struct moment *m, struct overlay *o)
{
    for (unsigned lba = 0; lba < SECTORS; lba++) {
        m->allowed[lba].n = 0;
        allow(m, lba, get(o, lba));
    }
}

static void also_now(struct moment *m, struct overlay *o)
{
    for (unsigned lba = 0; lba < SECTORS; lba++)
        allow(m, lba, get(o, lba));
}

/* One step of a run; the moment says what a crash after it may leave.  A flush
 * narrows that down. */
static void step(struct overlay *o, struct moment *m, uint32_t value, uint64_t *place)
{
    unsigned n, lba;

    switch (roll(8)) {
    case 0:
        ck_assert_int_eq(overlay_sync(o, &err), 0);
        if (overlay_position(o) == overlay_length(o))
            now_only(m, o);
        break;
    case 1:
        *place = overlay_position(o);
        break;
    case 2:
        if (*place != 0 && roll(2) == 0)
            ck_assert_int_eq(overlay_seek(o, *place, &err), 0);
        also_now(m, o);
        break;
    default:
        n = 1 + roll(6);
        lba = roll(SECTORS - n);
        put(o, lba, n, value);
        also_now(m, o);
        break;
    }
}

static void image_write(struct buf *img, uint64_t at, const uint8_t *data, size_t len)
{
    if (img->len < at + len) {
        size_t old = img->len;

        buf_grow(img, (size_t) at + len - old);
        memset(img->data + old, 0, img->len - old);
    }
    memcpy(img->data + at, data, len);
}

static void image_apply(struct buf *img, const struct op *op, bool torn)
{
    if (op->what == OP_CUT && op->at <= img->len && (!torn || roll(2)))
        img->len = (size_t) op->at;
    for (size_t i = 0; op->what == OP_WRITE && i < op->len;) {
        size_t piece = PIECE - (op->at + i) % PIECE, n = op->len - i < piece ? op->len - i : piece;

        if (!torn || roll(3) != 0)
            image_write(img, op->at + i, op->data + i, n);
        i += n;
    }
}

/* The file after a stop behind `ops` operations; NULL subset: a clean prefix. */
static int image_after(size_t ops, bool torn)
{
    struct buf img = { 0 };
    size_t synced = ops;
    int file = memfd_create("crash", 0);

    while (synced != 0 && tape.op[synced - 1].what != OP_SYNC)
        synced--;
    for (size_t i = 0; i < ops; i++)
        image_apply(&img, &tape.op[i], torn && i >= synced);
    if (torn && roll(4) == 0 && img.len != 0)
        image_write(&img, img.len, (const uint8_t *) "\0\0\0\0\0\0\0", 1 + roll(7));
    if (img.len != 0)
        __real_pwrite(file, img.data, img.len, 0);
    buf_free(&img);
    return file;
}

static void must_be_allowed(int file, const struct moment *m, size_t ops, bool torn)
{
    struct overlay *o = must_open(file);

    for (unsigned lba = 0; lba < SECTORS; lba++) {
        const struct allowed *a = &m->allowed[lba];
        uint32_t is = get(o, lba);
        unsigned i = 0;

        while (i < a->n && a->value[i] != is)
            i++;
        ck_assert_msg(i < a->n, "sector %u holds %u after a crash behind %zu operations, torn %d",
                      lba, is, ops, torn);
    }
    /* It goes on from there. */
    put(o, 0, 1, 12345);
    overlay_close(o);
    o = must_open(file);
    ck_assert_uint_eq(get(o, 0), 12345);
    ck_assert_uint_eq(overlay_torn(o), 0);
    overlay_close(o);
}

static unsigned crash_run(unsigned torn_each)
{
    enum { STEPS = 60 };
    static struct moment moment[STEPS + 1];
    struct overlay *o;
    uint64_t place = 0;
    unsigned points = 0;
    size_t head;

    tape.n = 0;
    tape.on = true;
    set_up();
    tape.on = true;
    tape.n = 0;
    /* The head, as one write that was synced. */
    tape.op[0] = (struct op){ .what = OP_WRITE, .len = 4096, .data = xmalloc(4096) };
    tape.op[0].len = (size_t) pread(fd, tape.op[0].data, 4096, 0);
    tape.op[1] = (struct op){ .what = OP_SYNC, .data = xmalloc(1) };
    tape.n = head = 2;
    o = must_open(fd);
    memset(&moment[0], 0, sizeof moment[0]);
    moment[0].ops = head;
    now_only(&moment[0], o);
    for (unsigned i = 1; i <= STEPS; i++) {
        moment[i] = moment[i - 1];
        step(o, &moment[i], i, &place);
        moment[i].ops = tape.n;
    }
    tape.on = false;
    for (unsigned i = 0, k = head; k <= tape.n; k++) {
        /* In the middle of a step both what was and what will be count. */
        static struct moment m;

        while (i < STEPS && moment[i + 1].ops <= k)
            i++;
        m = moment[i];
        for (unsigned lba = 0; i < STEPS && lba < SECTORS; lba++)
            for (unsigned v = 0; v < moment[i + 1].allowed[lba].n; v++)
                allow(&m, lba, moment[i + 1].allowed[lba].value[v]);
        for (unsigned t = 0; t <= torn_each; t++, points++) {
            int file = image_after(k, t != 0);

            must_be_allowed(file, &m, k, t != 0);
            close(file);
        }
    }
    for (size_t k = 0; k < tape.n; k++)
        free(tape.op[k].data);
    overlay_close(o);
    tear_down();
    return points;
}

START_TEST(a_crash_loses_nothing_that_was_flushed)
{
    const char *want = getenv("OVERLAY_CRASHES");
    unsigned points = 0, all = want != NULL ? (unsigned) atoi(want) : 1500;

    for (seed = want != NULL ? 77 : 1; points < all;)
        points += crash_run(4);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("overlay");
    TCase *tc = tcase_create("log"), *crash = tcase_create("crashes");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, holds_what_was_written);
    tcase_add_test(tc, every_position_can_be_reached);
    tcase_add_test(tc, damage_is_found);
    tcase_add_test(tc, no_space);
    tcase_set_timeout(crash, 0);
    tcase_add_test(crash, a_crash_loses_nothing_that_was_flushed);
    suite_add_tcase(s, tc);
    suite_add_tcase(s, crash);
    return s;
}

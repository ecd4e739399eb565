/* A whole machine for tests. */
#include "config.h"

#include "support/pc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FLOPPY_SECTORS = 2880 };

static int floppy_read(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err)
{
    const uint8_t *data = opaque;

    (void) err;
    memcpy(buf, data + lba * SECTOR_SIZE, (size_t) n * SECTOR_SIZE);
    return 0;
}

static int floppy_write(void *opaque, uint64_t lba, unsigned n, const void *buf, struct err *err)
{
    uint8_t *data = opaque;

    (void) err;
    memcpy(data + lba * SECTOR_SIZE, buf, (size_t) n * SECTOR_SIZE);
    return 0;
}

static int floppy_sync(void *opaque, struct err *err)
{
    (void) opaque;
    (void) err;
    return 0;
}

static const struct disk_base_ops floppy_ops = {
    .read = floppy_read,
    .write = floppy_write,
    .sync = floppy_sync,
    .close = free,
};

struct machine *pc_new(const uint8_t *image, size_t len)
{
    uint8_t *floppy = xcalloc(FLOPPY_SECTORS, SECTOR_SIZE);
    struct machine_config cfg = {
        .cpu = CPU_PENTIUM,
        .clock_num = 400000000,
        .clock_den = 3,
        .ram_mib = 8,
        .rtc_base = 820454400,
        .boot = "ac",
        .test_ports = true,
        .floppy[0] = {
            .ops = &floppy_ops,
            .opaque = floppy,
            .sectors = FLOPPY_SECTORS,
            .geometry = { 80, 2, 18 },
        },
    };
    struct machine *m;
    struct err err;

    memcpy(floppy, image, len);
    m = machine_new(&cfg, &err);
    ck_assert_msg(m != NULL, "%s", err.msg);
    return m;
}

enum machine_stop pc_run(struct machine *m, uint64_t ns)
{
    return machine_run(m, machine_now(m) + ns, UINT64_MAX);
}

static bool pc_screen_has(struct machine *m, const char *want)
{
    const struct video_source *video = machine_video(m);
    struct video_text *text = xmalloc(sizeof *text);
    bool found = false;

    if (video->text(video->opaque, text)) {
        for (unsigned row = 0; !found && row < text->rows; row++) {
            char line[VIDEO_TEXT_COLUMNS_MAX + 1] = "";

            for (unsigned i = 0; i < text->columns; i++)
                line[i] = (char) text->cell[row * text->columns + i].ch;
            found = strstr(line, want) != NULL;
        }
    }
    free(text);
    return found;
}

bool pc_wait(struct machine *m, const char *text, uint64_t ns)
{
    vtime end = machine_now(m) + ns;

    while (machine_now(m) < end) {
        if (pc_run(m, 10000000) != MACHINE_SLICE)
            return false;
        if (pc_screen_has(m, text))
            return true;
    }
    return false;
}

void pc_key(struct machine *m, int code)
{
    int64_t press[] = { code, 1 }, release[] = { code, 0 };

    ck_assert_int_eq(journal_post(machine_journal(m), "kbd", "key", press, NULL, 0), 0);
    pc_run(m, 20000000);
    ck_assert_int_eq(journal_post(machine_journal(m), "kbd", "key", release, NULL, 0), 0);
}

void pc_copy_state(struct machine *from, struct machine *to)
{
    struct buf saved = { 0 };
    struct err err;

    state_save(machine_state(from), &saved);
    ck_assert_msg(state_load(machine_state(to), saved.data, saved.len, &err) == 0, "%s", err.msg);
    buf_free(&saved);
}

void pc_assert_same(struct machine *a, struct machine *b)
{
    struct buf in_a = { 0 }, in_b = { 0 };
    char text[256];

    if (state_hash(machine_state(a)) == state_hash(machine_state(b)))
        return;
    state_save(machine_state(a), &in_a);
    state_save(machine_state(b), &in_b);
    if (!state_diff(machine_state(a), &in_a, &in_b, text, sizeof text))
        strcpy(text, "hashes differ, saved bytes do not");
    ck_abort_msg("at instruction %llu and %llu: %s", (unsigned long long) machine_insns(a),
                 (unsigned long long) machine_insns(b), text);
}

/*
 * The whole machine as a file.
 *
 * A snapshot says of the machine what a trace says: the disks by content, the
 * ROMs by hash beside it.  What the guest wrote to a raw image is in the
 * snapshot, so the image must stay as it was; an overlay keeps it itself, and
 * the snapshot names the place in its log.
 */
#include "config.h"

#include "ctl/save.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/record.h"
#include "ctl/replay_header.h"
#include "ctl/trace_rom.h"
#include "host/snapshot_file.h"

struct save {
    const struct options *options;
    struct media media; /* images: the machine's */
    struct machine_config cfg;
};

struct load {
    const char *path;
    struct snapshot snapshot;
    struct replay_header header;
};

/* --- saving -------------------------------------------------------------- */

struct save *save_new(const struct options *o, const struct media *media,
                      const struct machine_config *cfg)
{
    struct save *s = xcalloc(1, sizeof *s);

    s->options = o;
    s->media = *media;
    s->cfg = *cfg;
    return s;
}

/* Disks that came while the machine ran are in no command line. */
static int save_check_disks(const struct save *s, struct machine *m, struct err *err)
{
    for (unsigned drive = 0; drive < MEDIA_IMAGES; drive++) {
        unsigned i = media_disk(drive);
        bool named = s->media.image[drive] != NULL || (drive == DRIVE_FDA && s->media.demo != NULL);

        if (machine_disk(m, i) == NULL || named)
            continue;
        err_set(err, "a snapshot knows only disks of the command line: name the dropped one with --swap");
        return -1;
    }
    return 0;
}

/* An overlay gets what it is to keep. */
static int save_fold(struct machine *m, struct err *err)
{
    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        if (machine_disk(m, i) != NULL && disk_fold(machine_disk(m, i), err) < 0)
            return -1;
    return 0;
}

int save_write(const struct save *s, const char *path, struct machine *m, struct err *err)
{
    struct buf about = { 0 }, state = { 0 };
    int rc = -1;

    if (record_check_media("snapshot", &s->media, err) == CTL_OK && save_check_disks(s, m, err) == 0 &&
        save_fold(m, err) == 0 &&
        record_put_header(&about, s->options, &s->media, &s->cfg, err) == 0 &&
        trace_rom_store(path, &s->cfg, err) == 0) {
        buf_printf(&about, "at %" PRIu64 " %" PRIu64 "\n", machine_now(m), machine_insns(m));
        state_save(machine_state(m), &state);
        rc = snapshot_write(path, &about, &state, err);
    }
    buf_free(&about);
    buf_free(&state);
    return rc;
}

void save_free(struct save *s)
{
    free(s);
}

/* --- loading ------------------------------------------------------------- */

static int load_header(const char *path, const struct buf *about, struct replay_header *h,
                       struct err *err)
{
    const char *p = (const char *) about->data, *end = p + about->len;
    int rc = 0;

    while (rc == 0 && p < end) {
        const char *stop = memchr(p, '\n', (size_t) (end - p)), *space;
        char key[24];

        if (stop == NULL)
            stop = end;
        space = memchr(p, ' ', (size_t) (stop - p));
        if (space == NULL || (size_t) (space - p) >= sizeof key) {
            err_set(err, "what it says of the machine is damaged");
            return -1;
        }
        memcpy(key, p, (size_t) (space - p));
        key[space - p] = '\0';
        rc = replay_header_add(h, path, key, space + 1, (size_t) (stop - space - 1), err);
        p = stop + 1;
    }
    return rc;
}

int save_find(const char *path, struct replay_header *h, struct err *err)
{
    static const struct options nowhere = { .paths = 0 };
    struct snapshot s;
    int rc = snapshot_read(path, &s, err);

    if (rc < 0)
        return -1;
    rc = load_header(path, &s.about, h, err);
    if (rc < 0)
        err_prefix(err, "'%s'", path);
    else
        rc = replay_header_find(h, path, &nowhere, 0, err);
    snapshot_free(&s);
    return rc;
}

int load_open(struct load **out, struct options *o, const struct media_demo *demo, struct err *err)
{
    struct load *l = xcalloc(1, sizeof *l);

    l->path = o->load;
    if (snapshot_read(l->path, &l->snapshot, err) < 0)
        goto fail;
    if (load_header(l->path, &l->snapshot.about, &l->header, err) < 0) {
        err_prefix(err, "'%s'", l->path);
        goto fail;
    }
    o->hold = true;
    if (replay_header_apply(&l->header, l->path, o, 0, demo, err) < 0)
        goto fail;
    *out = l;
    return 0;
fail:
    load_free(l);
    return -1;
}

struct replay_header *load_machine(struct load *l)
{
    return &l->header;
}

int load_start(struct load *l, struct machine *m, struct err *err)
{
    const struct buf *state = &l->snapshot.state;

    if (state_load(machine_state(m), state->data, state->len, err) == 0)
        return 0;
    err_prefix(err, "'%s'", l->path);
    return -1;
}

void load_free(struct load *l)
{
    if (l == NULL)
        return;
    snapshot_free(&l->snapshot);
    replay_header_free(&l->header);
    free(l);
}

/* --- looking ------------------------------------------------------------- */

int save_info(const char *path, struct buf *out, struct err *err)
{
    struct snapshot s;
    struct snapshot_section sec;

    if (snapshot_read(path, &s, err) < 0)
        return -1;
    buf_add(out, s.about.data, s.about.len);
    for (size_t at = 0; at < s.sections.len; at += sizeof sec) {
        memcpy(&sec, s.sections.data + at, sizeof sec);
        buf_printf(out, "section %s version %" PRIu32 ": %" PRIu64 " bytes, %" PRIu64 " stored\n",
                   sec.name, sec.version, sec.size, sec.stored);
    }
    snapshot_free(&s);
    return 0;
}

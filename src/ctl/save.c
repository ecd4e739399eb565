/*
 * The whole machine as a file.
 *
 * A snapshot says of the machine what a trace says: the disks by content, the
 * ROMs by hash beside it.  What the guest wrote is in it, so the images must
 * stay as they were: -snapshot, as for recordings.
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
    const char *path;
    struct buf about;
};

struct load {
    const char *path;
    struct snapshot snapshot;
    struct replay_header header;
};

/* --- saving -------------------------------------------------------------- */

enum ctl_exit save_open(struct save **out, const struct options *o, const struct media *media,
                        const struct machine_config *cfg, struct err *err)
{
    struct save *s;
    enum ctl_exit code = record_check_media("--save", o, media, err);

    if (code != CTL_OK)
        return code;
    s = xcalloc(1, sizeof *s);
    s->path = o->save;
    if (record_put_header(&s->about, o, media, cfg, err) < 0 ||
        trace_rom_store(o->save, cfg, err) < 0) {
        save_free(s);
        return CTL_MEDIA;
    }
    *out = s;
    return CTL_OK;
}

int save_write(const struct save *s, const char *path, struct machine *m, struct err *err)
{
    struct buf state = { 0 };
    int rc;

    state_save(machine_state(m), &state);
    rc = snapshot_write(path != NULL ? path : s->path, &s->about, &state, err);
    buf_free(&state);
    return rc;
}

void save_free(struct save *s)
{
    if (s == NULL)
        return;
    buf_free(&s->about);
    free(s);
}

/* --- loading ------------------------------------------------------------- */

static int load_header(struct load *l, struct err *err)
{
    const char *p = (const char *) l->snapshot.about.data, *end = p + l->snapshot.about.len;
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
        rc = replay_header_add(&l->header, l->path, key, space + 1, (size_t) (stop - space - 1), err);
        p = stop + 1;
    }
    return rc;
}

int load_open(struct load **out, struct options *o, const struct media_demo *demo, struct err *err)
{
    struct load *l = xcalloc(1, sizeof *l);

    l->path = o->load;
    if (snapshot_read(l->path, &l->snapshot, err) < 0)
        goto fail;
    if (load_header(l, err) < 0) {
        err_prefix(err, "'%s'", l->path);
        goto fail;
    }
    if (replay_header_apply(&l->header, l->path, o, 0, demo, err) < 0)
        goto fail;
    *out = l;
    return 0;
fail:
    load_free(l);
    return -1;
}

void load_configure(const struct load *l, struct machine_config *cfg)
{
    replay_header_configure(&l->header, cfg);
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

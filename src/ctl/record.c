/*
 * Recording.
 *
 * Each line is written when it is made, whole: a process that is killed leaves
 * a trace that replays up to its end.  Nothing is synced: a trace outlives the
 * process, not the host.
 *
 * When the machine goes back in time, the trace is cut behind the last line that
 * was written by then.
 */
#include "config.h"

#include "ctl/record.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/trace.h"
#include "ctl/trace_rom.h"
#include "host/file.h"
#include "host/overlay.h"

/* Where a line ends, and when it was written. */
enum place_kind { PLACE_HEADER, PLACE_INPUT, PLACE_FAILURE, PLACE_CHECK };
struct record_place {
    enum place_kind kind;
    off_t end;
    vtime now;
    uint64_t acted; /* inputs up to it */
    struct sha256 sum;
};

struct record {
    char *path;
    int fd; /* -1: given up */
    bool failed;
    struct sha256 sum; /* of what was written */
    struct buf line;
    struct machine *machine;
    struct state_mark *mark;
    vtime interval, next; /* next: VTIME_NEVER without checkpoints */
    off_t end;            /* bytes written */
    bool keep;
    struct record_place *place; /* owned; the first one is the header */
    size_t places, place_room;
};

/* --- the header ---------------------------------------------------------- */

static int record_put_disk(struct buf *out, const struct media *media, unsigned i, struct err *err)
{
    struct image *img = media->image[i];
    const struct disk_geometry *g = &media->geometry[i];
    bool demo = img == NULL;
    uint64_t size = demo ? media->demo->len : image_file(img)->size;
    char sum[SHA256_TEXT];

    if (demo) {
        struct sha256 s;

        sha256_init(&s);
        sha256_update(&s, media->demo->data, media->demo->len);
        sha256_text(&s, sum);
    } else if (image_sum(img, sum, err) < 0) {
        return -1;
    }
    buf_printf(out, "disk %s %" PRIu64 " %u,%u,%u %s %s ", machine_disk_name(media_disk(i)),
               size / SECTOR_SIZE, g->cylinders, g->heads, g->sectors,
               !demo && (media_is_cd(i) || image_read_only(img)) ? "ro" : "rw", sum);
    if (demo)
        buf_printf(out, "demo");
    else if (image_overlay(img) != NULL)
        buf_printf(out, "overlay %" PRIu64 " ", overlay_position(image_overlay(img)));
    else
        buf_printf(out, "file ");
    if (!demo)
        trace_put_text(out, image_file(img)->name);
    buf_add(out, "\n", 1);
    return 0;
}

static int record_put_disks(struct buf *out, const struct media *media, struct err *err)
{
    for (unsigned i = 0; i < MEDIA_IMAGES; i++) {
        bool demo = i == DRIVE_FDA && media->demo != NULL;

        if ((media->image[i] != NULL || demo) && record_put_disk(out, media, i, err) < 0)
            return -1;
    }
    return 0;
}

int record_put_header(struct buf *out, const struct options *o, const struct media *media,
                      const struct machine_config *cfg, struct err *err)
{
    buf_printf(out, "reprise-trace %d\n", TRACE_FORMAT);
    buf_printf(out, "made-by %s\n", PACKAGE_STRING);
    buf_printf(out, "timing %d\n", TIMING);
    buf_printf(out, "machine at\n");
    buf_printf(out, "cpu %s %" PRIu64 "/%" PRIu64 " %s\n", model_name(cfg->cpu), cfg->clock_num,
               cfg->clock_den, cfg->fpu ? "fpu" : "no-fpu");
    buf_printf(out, "memory %u\n", cfg->ram_mib);
    buf_printf(out, "rtc %" PRId64 "\n", cfg->rtc_base);
    buf_printf(out, "boot %s\n", media->boot);
    buf_printf(out, "test-ports %s\n", cfg->test_ports ? "yes" : "no");
    for (unsigned i = 0; i < MACHINE_ROMS; i++)
        trace_rom_put(out, cfg, i);
    if (record_put_disks(out, media, err) < 0)
        return -1;
    buf_printf(out, "checkpoints %" PRIu64 "\n", o->checkpoint);
    return 0;
}

static int record_put_begin(struct record *r, const struct options *o, struct err *err)
{
    char sum[SHA256_TEXT];

    if (o->load == NULL) {
        buf_printf(&r->line, "begin power-on\n");
        return 0;
    }
    if (file_sum(o->load, sum, err) < 0)
        return -1;
    buf_printf(&r->line, "begin snapshot %s ", sum);
    trace_put_text(&r->line, o->load);
    buf_printf(&r->line, "\n");
    return 0;
}

/* --- the file ------------------------------------------------------------ */

static void record_give_up(struct record *r)
{
    struct err err;

    err_errno(&err, "recording '%s' ends here", r->path);
    log_warn("%s", err.msg);
    close(r->fd);
    r->fd = -1;
    r->failed = true;
    r->next = VTIME_NEVER;
}

static void record_write(struct record *r)
{
    if (r->fd >= 0 && file_write_all(r->fd, r->line.data, r->line.len) < 0)
        record_give_up(r);
    sha256_update(&r->sum, r->line.data, r->line.len);
    r->end += (off_t) r->line.len;
    r->line.len = 0;
}

/* A line of this kind ends here. */
static void record_note(struct record *r, enum place_kind kind)
{
    struct record_place *p;

    if (!r->keep)
        return;
    if (r->places == r->place_room) {
        r->place_room = r->place_room * 2 + 256;
        r->place = xrealloc(r->place, r->place_room * sizeof *r->place);
    }
    p = &r->place[r->places++];
    *p = (struct record_place){ kind, r->end, machine_now(r->machine), 0, r->sum };
    if (r->places > 1)
        p->acted = r->place[r->places - 2].acted + (kind == PLACE_INPUT);
}

/* What the guest writes stays out of the images: the trace needs them as they were. */
enum ctl_exit record_check_media(const char *option, const struct media *media, struct err *err)
{
    for (unsigned i = 0; i < MEDIA_IMAGES; i++) {
        if (media->image[i] == NULL || media_is_cd(i) || image_keeps(media->image[i]))
            continue;
        err_set(err,
                "%s: '%s' would change, and what is recorded be useless with it: add -snapshot, "
                "or put an overlay over it (reprise disk create)",
                option, image_file(media->image[i])->name);
        return CTL_USAGE;
    }
    return CTL_OK;
}

enum ctl_exit record_open(struct record **out, const struct options *o, const struct media *media,
                          const struct machine_config *cfg, struct err *err)
{
    struct record *r;
    enum ctl_exit code = record_check_media("--record", media, err);

    if (code != CTL_OK)
        return code;
    r = xcalloc(1, sizeof *r);
    r->path = xstrdup(o->record);
    r->fd = -1;
    r->interval = o->checkpoint;
    r->next = VTIME_NEVER;
    r->mark = state_mark_new();
    sha256_init(&r->sum);
    if (record_put_header(&r->line, o, media, cfg, err) < 0 || record_put_begin(r, o, err) < 0 ||
        trace_rom_store(o->record, cfg, err) < 0 || (r->fd = file_create(o->record, err)) < 0) {
        record_free(r);
        return CTL_MEDIA;
    }
    record_write(r);
    *out = r;
    return CTL_OK;
}

/* --- what is recorded ---------------------------------------------------- */

static void record_input(void *opaque, vtime at, const char *device,
                         const struct journal_kind *kind, const struct journal_input *in)
{
    struct record *r = opaque;

    trace_put_input(&r->line, at, device, kind->event, kind->args, in);
    record_write(r);
    record_note(r, PLACE_INPUT);
}

static void record_failure(void *opaque, vtime at, const char *device, const char *event,
                           int64_t arg)
{
    struct record *r = opaque;
    struct journal_input in = { .arg = { arg } };

    trace_put_input(&r->line, at, device, event, 1, &in);
    record_write(r);
    record_note(r, PLACE_FAILURE);
}

static void record_set_next(struct record *r)
{
    vtime now = machine_now(r->machine);

    if (r->interval != 0)
        r->next = now - now % r->interval + r->interval;
}

void record_start(struct record *r, struct machine *m)
{
    struct journal_watcher watcher = {
        .input = record_input, .failure = record_failure, .opaque = r
    };

    r->machine = m;
    record_set_next(r);
    journal_watch(machine_journal(m), &watcher);
}

static void record_check(struct record *r, vtime at, const char *why)
{
    struct state *state = machine_state(r->machine);
    uint64_t hash;

    /* Sealed by the line that follows, so in one piece with it. */
    hash = state_describe(state, r->mark, &r->line);
    record_write(r);
    trace_put_check(&r->line, &r->sum, at, why, machine_insns(r->machine), hash);
    record_write(r);
    record_note(r, PLACE_CHECK);
}

vtime record_next_time(const struct record *r)
{
    return r->next;
}

void record_look(struct record *r)
{
    vtime now = machine_now(r->machine);

    if (now < r->next)
        return;
    /* Slices end at r->next; one that ended elsewhere is no place to come back to. */
    if (journal_stamp(machine_journal(r->machine)) == r->next)
        record_check(r, r->next, NULL);
    record_set_next(r);
}

/* --- back in time -------------------------------------------------------- */

bool record_keep(struct record *r)
{
    struct stat st;

    if (r->fd < 0 || fstat(r->fd, &st) < 0 || !S_ISREG(st.st_mode))
        return false;
    r->keep = true;
    state_mark_keep(r->mark);
    record_note(r, PLACE_HEADER);
    return true;
}

/* Was it written by the time at which the machine stands now? */
static bool record_had(const struct record *r, const struct record_place *p)
{
    switch (p->kind) {
    case PLACE_INPUT: return p->acted <= journal_acted(machine_journal(r->machine));
    case PLACE_FAILURE: return p->now < machine_now(r->machine); /* an instruction that began then */
    case PLACE_CHECK: return p->now <= machine_now(r->machine);
    case PLACE_HEADER: break;
    }
    return true;
}

void record_went_back(struct record *r)
{
    size_t checks = 0, n = 0;

    assert(r->keep);
    while (n < r->places && record_had(r, &r->place[n]))
        n++;
    for (size_t i = n; i < r->places; i++)
        checks += r->place[i].kind == PLACE_CHECK;
    state_mark_back(r->mark, checks);
    r->places = n;
    r->end = r->place[n - 1].end;
    r->sum = r->place[n - 1].sum;
    if (r->fd < 0)
        return;
    record_set_next(r);
    if (ftruncate(r->fd, r->end) < 0 || lseek(r->fd, r->end, SEEK_SET) < 0)
        record_give_up(r);
}

/* --- the end ------------------------------------------------------------- */

int record_finish(struct record *r, enum machine_stop stop)
{
    vtime at = journal_stamp(machine_journal(r->machine));
    bool cut = at > machine_now(r->machine);

    if (r->fd >= 0)
        record_check(r, at, !cut ? "time" : stop == MACHINE_SLICE ? "insns" : "stop");
    return r->failed ? -1 : 0;
}

void record_free(struct record *r)
{
    if (r == NULL)
        return;
    if (r->fd >= 0)
        close(r->fd);
    state_mark_free(r->mark);
    buf_free(&r->line);
    free(r->place);
    free(r->path);
    free(r);
}

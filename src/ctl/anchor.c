/*
 * A recording as a test whose inputs hang on what was seen.
 *
 * The recording is replayed while its screen is looked at.  Before an input
 * for which the user has most likely waited - the screen changed, or a second
 * went by - stands a wait for what changed last.  A row that keeps changing,
 * and digits, are no good for that: clocks and counters show them.
 *
 * Absent: colours and attributes as something to wait for; text that only the
 *         picture of a graphics mode shows (its whole picture is an anchor).
 */
#include "config.h"

#include "ctl/anchor.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "ctl/anchor_priv.h"
#include "ctl/guide.h"
#include "ctl/keys.h"
#include "ctl/test_priv.h"
#include "host/file.h"
#include "host/png.h"
#include "host/text.h"

enum {
    ANCHOR_LATE = 500000000,  /* ns: what was drawn within this time is one drawing */
    ANCHOR_GAP = 1000000000,  /* a user who does nothing for so long waits */
    ANCHOR_STILL = 300000000, /* a picture that can be waited for */
    ANCHOR_PICTURE_PERIOD = 50000000,
    ANCHOR_RESTLESS = 20,     /* changes of a row: it is a clock */
    ANCHOR_REACTION = 250000000, /* who types on faster has not looked */
    ANCHOR_PAGE = 4,          /* rows that change with a letter: more than its echo */
    ANCHOR_TEXT = 60,
    ANCHOR_PICTURES = 1000,
};

struct anchor_row {
    vtime at;       /* of the last change since the last wait; 0: none */
    unsigned times;
};

struct anchor {
    const struct options *options;
    const char *name; /* of pictures: the trace's */
    struct machine *machine;
    struct text_screen *is, *was;
    struct anchor_row row[VIDEO_TEXT_ROWS_MAX];
    struct video_frame *picture, *next;
    vtime picture_at, picture_since; /* looked at; the same since */
    unsigned pictures;
    vtime last;         /* of the last input */
    bool words;         /* ... which was a letter or the like */
    unsigned modifiers; /* that are down: a chord has begun */
    struct anchor_events events;
    struct buf head;
    bool off, failed;
};

/* --- looking ------------------------------------------------------------- */

static void anchor_look_picture(struct anchor *a)
{
    const struct video_source *video = machine_video(a->machine);
    vtime now = machine_now(a->machine);
    size_t size;

    if (a->picture_at != 0 && now - a->picture_at < ANCHOR_PICTURE_PERIOD)
        return;
    a->picture_at = now;
    video->render(video->opaque, a->next);
    size = (size_t) a->next->width * a->next->height * sizeof a->next->pixel[0];
    if (a->next->width == a->picture->width && a->next->height == a->picture->height &&
        memcmp(a->next->pixel, a->picture->pixel, size) == 0)
        return;
    a->picture_since = now;
    a->picture->width = a->next->width;
    a->picture->height = a->next->height;
    memcpy(a->picture->pixel, a->next->pixel, size);
}

/* A step that is never done: called every 10 ms. */
static int anchor_look(void *opaque, unsigned number, struct err *why)
{
    struct anchor *a = opaque;
    struct text_screen *swap = a->was;

    (void) number;
    (void) why;
    a->was = a->is;
    a->is = swap;
    text_read(a->is, machine_video(a->machine));
    if (a->is->rows == 0)
        anchor_look_picture(a);
    for (unsigned i = 0; i < a->is->rows; i++) {
        if (i < a->was->rows && strcmp(a->is->row[i], a->was->row[i]) == 0)
            continue;
        a->row[i].at = machine_now(a->machine);
        a->row[i].times++;
    }
    return 0;
}

/* --- what to wait for ------------------------------------------------------ */

/* Length of what parts words at `p`: digits, frames of boxes, wide gaps; 0: it goes on. */
static size_t anchor_separator(const char *p)
{
    size_t blanks = strspn(p, " ");

    if (isdigit((unsigned char) *p))
        return 1;
    if (blanks >= 3)
        return blanks;
    /* U+2500 to U+25BF */
    return (uint8_t) p[0] == 0xe2 && (uint8_t) p[1] >= 0x94 && (uint8_t) p[1] <= 0x96 && p[2] != '\0' ? 3 : 0;
}

/* Blanks at its ends cut, not too long. */
static size_t anchor_trim(const char **p, size_t n)
{
    for (; n != 0 && **p == ' '; n--)
        (*p)++;
    if (n > ANCHOR_TEXT)
        for (n = ANCHOR_TEXT; n != 0 && ((*p)[n] & 0xc0) == 0x80;)
            n--;
    while (n != 0 && (*p)[n - 1] == ' ')
        n--;
    return n;
}

/* The longest part of a row that has words; 0: none. */
static size_t anchor_part(const char *row, const char **part)
{
    size_t best = 0;

    while (*row != '\0') {
        const char *p = row;
        size_t n = 0;
        bool letter = false;

        while (p[n] != '\0' && anchor_separator(p + n) == 0)
            n++;
        row += n + anchor_separator(p + n);
        n = anchor_trim(&p, n);
        for (size_t i = 0; i < n; i++)
            letter |= isalpha((unsigned char) p[i]) != 0;
        if (letter && n > best) {
            best = n;
            *part = p;
        }
    }
    return best;
}

static vtime anchor_newest(const struct anchor *a)
{
    vtime newest = 0;

    for (unsigned i = 0; i < a->is->rows; i++)
        if (a->row[i].at > newest && a->row[i].times < ANCHOR_RESTLESS)
            newest = a->row[i].at;
    return newest;
}

/* Of the rows of the last drawing: the lowest that was drawn last, if it has
 * words; else the one with most of them. */
static char *anchor_text(const struct anchor *a)
{
    vtime newest = anchor_newest(a);
    const char *best = NULL;
    size_t best_len = 0;
    vtime best_at = 0;

    for (unsigned i = 0; i < a->is->rows; i++) {
        const struct anchor_row *r = &a->row[i];
        const char *part = NULL;
        size_t len;

        if (r->at == 0 || r->times >= ANCHOR_RESTLESS || newest - r->at > ANCHOR_LATE)
            continue;
        len = anchor_part(a->is->row[i], &part);
        if (len == 0 || (best != NULL && (r->at < best_at || (r->at == best_at && len < 4))))
            continue;
        best = part;
        best_len = len;
        best_at = r->at;
    }
    return best != NULL ? xasprintf("%.*s", (int) best_len, best) : NULL;
}

static unsigned anchor_changed(const struct anchor *a)
{
    unsigned n = 0;

    for (unsigned i = 0; i < a->is->rows; i++)
        n += a->row[i].at != 0 && a->row[i].times < ANCHOR_RESTLESS;
    return n;
}

/* Has the user waited for something? */
static bool anchor_wanted(const struct anchor *a, vtime at)
{
    vtime since = at - a->last;
    bool gap = since >= ANCHOR_GAP || a->events.n == 0;
    unsigned changed = anchor_changed(a);

    if (a->is->rows == 0)
        return gap || a->picture_since > a->last;
    if (!a->words)
        return gap || changed != 0;
    return gap || changed >= ANCHOR_PAGE || (changed >= 2 && since >= ANCHOR_REACTION);
}

static void anchor_put_within(struct buf *out, vtime gap)
{
    if (gap > 20 * VTIME_SECOND) /* a slower machine takes longer */
        buf_printf(out, " within %" PRIu64, gap / VTIME_SECOND * 3);
    buf_printf(out, "\n");
}

static bool anchor_put_picture(struct anchor *a, struct buf *out, vtime at)
{
    char *name, *path;
    struct err err;
    bool done;

    if (at - a->picture_since < ANCHOR_STILL || a->pictures == ANCHOR_PICTURES || !CONFIG_PNG)
        return false;
    name = xasprintf("%s-%u.png", a->name, ++a->pictures);
    path = xasprintf("%s/%s", a->options->output, name);
    done = png_save(path, a->picture, &err) == 0;
    if (done)
        buf_printf(out, "wait screen \"%s\"", name);
    else
        log_warn("%s", err.msg);
    a->failed |= !done;
    free(name);
    free(path);
    return done;
}

/* The lines that stand before what happens at `at`. */
static char *anchor_wait(struct anchor *a, vtime at)
{
    struct buf line = { 0 };
    vtime gap = at - a->last;
    char *text = a->is->rows != 0 ? anchor_text(a) : NULL;

    if (text != NULL) {
        buf_printf(&line, "wait text ");
        anchor_put_quoted(&line, text);
        anchor_put_within(&line, gap);
    } else if (a->is->rows == 0 && anchor_put_picture(a, &line, at)) {
        anchor_put_within(&line, gap);
    } else {
        uint64_t tenths = (gap + 99999999) / 100000000; /* never sooner than in the recording */

        buf_printf(&line, "pause %" PRIu64 ".%" PRIu64 " # nothing to hang it on was seen\n", tenths / 10,
                   tenths % 10);
    }
    free(text);
    memset(a->row, 0, sizeof a->row);
    buf_add(&line, "", 1);
    return (char *) line.data;
}

/* --- inputs ---------------------------------------------------------------- */

/* Keys that write: what they change on the screen is their echo. */
static bool anchor_is_word(const struct anchor_event *e)
{
    return strcmp(e->device, "kbd") == 0 && e->arg[0] > 0 && e->arg[0] < 256 &&
           keys_char((uint8_t) e->arg[0], false) != 0;
}

static void anchor_input(void *opaque, vtime at, const char *device, const struct journal_kind *kind,
                         const struct journal_input *in)
{
    struct anchor *a = opaque;
    struct anchor_event e = { .at = at, .args = kind->args, .data = in->len };
    bool key = strcmp(device, "kbd") == 0, release = key && in->arg[1] == 0;
    bool modifier = key && keys_is_modifier((uint8_t) in->arg[0]);

    snprintf(e.device, sizeof e.device, "%s", device);
    snprintf(e.event, sizeof e.event, "%s", kind->event);
    memcpy(e.arg, in->arg, sizeof e.arg);
    if (!release && a->modifiers == 0 && anchor_wanted(a, at))
        e.wait = anchor_wait(a, at);
    if (modifier)
        a->modifiers += release ? (a->modifiers != 0 ? -1u : 0) : 1;
    if (!release) {
        a->words = anchor_is_word(&e) || (a->words && keys_is_modifier((uint8_t) e.arg[0]));
        a->last = at;
        /* The echo of the letter before is no news; what is seen between two modifiers of one
         * key is, for that key. */
        if (e.wait == NULL && !modifier)
            memset(a->row, 0, sizeof a->row);
    }
    a->events.event = xrealloc(a->events.event, (a->events.n + 1) * sizeof *a->events.event);
    a->events.event[a->events.n++] = e;
}

static void anchor_failure(void *opaque, vtime at, const char *device, const char *event, int64_t arg)
{
    (void) opaque;
    (void) at;
    log_warn("the recording has a failure of the host, which no test can have: %s %s %" PRId64, device,
             event, arg);
}

/* --- the machine ------------------------------------------------------------- */

static void anchor_put_file(struct buf *out, const char *option, const char *path)
{
    buf_printf(out, option != NULL ? " %s " : " ", option);
    anchor_put_quoted(out, path);
}

static void anchor_put_machine(const struct options *o, struct buf *out)
{
    static const char *const drives[DRIVES] = { "-fda", "-fdb", "-hda", "-hdb", "-hdc", "-hdd", "-cdrom" };
    time_t base = (time_t) o->rtc_base;
    struct tm tm;
    char date[32];

    buf_printf(out, "machine -cpu %s-%" PRIu64 " -m %u", model_name(o->model.cpu),
               o->model.clock_num / o->model.clock_den / 1000000, o->ram_mib);
    for (unsigned i = 0; i < DRIVES; i++)
        if (o->drive[i] != NULL)
            anchor_put_file(out, drives[i], o->drive[i]);
    for (unsigned i = 0; i < o->paths; i++)
        anchor_put_file(out, "--swap", o->path[i]);
    if (strcmp(o->boot, "acd") != 0)
        buf_printf(out, " -boot %s", o->boot);
    if (o->bios != NULL)
        anchor_put_file(out, "-bios", o->bios);
    if (o->vgabios != NULL)
        anchor_put_file(out, "-vgabios", o->vgabios);
    if (o->test_ports)
        buf_printf(out, " --test-ports");
    if (gmtime_r(&base, &tm) != NULL && strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm) != 0)
        buf_printf(out, " -rtc base=%s", date);
    buf_printf(out, "\n");
}

static int anchor_start(void *opaque, struct run *run, struct err *err)
{
    struct anchor *a = opaque;
    struct journal_watcher watcher = { anchor_input, anchor_failure, a };

    (void) err;
    a->machine = run->machine;
    journal_watch(machine_journal(run->machine), &watcher);
    anchor_put_machine(run->options, &a->head);
    return 0;
}

static void anchor_end(void *opaque, struct run *run, enum ctl_exit code)
{
    struct anchor *a = opaque;

    a->failed |= code != CTL_OK;
    a->off = run->last_stop == MACHINE_POWEROFF;
}

/* --- all of it ----------------------------------------------------------------- */

static void anchor_print(struct anchor *a, struct buf *out)
{
    buf_printf(out, "# Made from the recording '%s' by reprise test --from-trace.\n", a->options->from_trace);
    buf_add(out, a->head.data, a->head.len);
    buf_printf(out, "\n");
    anchor_write(&a->events, out);
    if (a->off) {
        buf_printf(out, "wait poweroff\n");
    } else {
        char *last = anchor_wait(a, machine_now(a->machine));

        buf_printf(out, "%s", last);
        free(last);
    }
}

/* "dir/bug.trace": bug. */
static char *anchor_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    char *copy = xasprintf("%.*s", (int) strcspn(name, "."), name);

    for (char *p = copy; *p != '\0'; p++)
        if (!isalnum((unsigned char) *p) && *p != '-' && *p != '_')
            *p = '-';
    return copy;
}

static void anchor_end_print(void *opaque, struct run *run, enum ctl_exit code)
{
    struct anchor *a = opaque;
    struct buf text = { 0 };

    anchor_end(a, run, code);
    if (!a->failed) {
        anchor_print(a, &text);
        a->failed = file_write_all(STDOUT_FILENO, text.data, text.len) < 0;
    }
    buf_free(&text);
}

enum ctl_exit anchor_main(struct options *o, const struct media_demo *demo, struct err *err)
{
    struct anchor a = { .options = o };
    struct step_watcher watcher = { anchor_look, NULL, &a };
    struct guide guide = { anchor_start, anchor_end_print, &a };
    struct options replay;
    char *name = anchor_name(o->from_trace);
    enum ctl_exit code;

    a.name = name;
    a.is = xcalloc(1, sizeof *a.is);
    a.was = xcalloc(1, sizeof *a.was);
    a.picture = xmap(sizeof *a.picture);
    a.next = xmap(sizeof *a.next);
    options_init(&replay);
    replay.subcommand = SUBCOMMAND_REPLAY;
    replay.speed = 0;
    replay.timeout = o->timeout;
    replay.engine = o->engine;
    replay.path[replay.paths++] = o->from_trace;
    for (unsigned i = 0; i < o->paths && replay.paths < OPTIONS_PATHS; i++)
        replay.path[replay.paths++] = o->path[i];
    steps_add(&replay.steps, STEP_CHECK, "look");
    replay.steps.watcher = &watcher;
    code = guide_run(&guide, &replay, demo, err);
    options_free(&replay);
    anchor_events_free(&a.events);
    buf_free(&a.head);
    free(a.is);
    free(a.was);
    xunmap(a.picture, sizeof *a.picture);
    xunmap(a.next, sizeof *a.next);
    free(name);
    return code == CTL_OK && a.failed ? CTL_HOST : code;
}

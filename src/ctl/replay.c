/*
 * Replay.
 *
 * All inputs of the trace lie in the journal's queue before the first
 * instruction; the host's are dropped.  At a checkpoint the same text is made
 * of this machine as the recording made: the first word that differs names
 * section and field.
 */
#include "config.h"

#include "ctl/replay.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/trace.h"
#include "ctl/difference.h"
#include "ctl/replay_header.h"
#include "host/file.h"

enum { REPLAY_MAX = 1 << 28 };

struct replay_check {
    vtime at;
    const char *detail; /* lines of what changed, in the trace's text */
    size_t len;
    uint64_t insns, hash;
    bool sealed; /* false: the trace was cut off, nothing is known of the machine here */
};

struct replay {
    const char *path;
    struct buf text;
    struct replay_header header;
    char *snapshot; /* where it begins; owned; NULL: power-on, or the user says */
    struct replay_check *check; /* owned; the last one is the end */
    size_t checks, next;
    char why[TRACE_WORD]; /* of the end: time, insns, stop */
    unsigned inputs;
    struct machine *machine;
    struct state_mark *mark;
    bool verify;
    bool resync; /* the mark has not seen what the recording's saw */
    vtime from, to; /* checkpoints outside are not compared; the run ends at `to` */
    unsigned verified;
};

/* --- reading ------------------------------------------------------------- */

static void replay_add_check(struct replay *r, const struct replay_check *check)
{
    if (r->checks % 256 == 0)
        r->check = xrealloc(r->check, (r->checks + 256) * sizeof *r->check);
    r->check[r->checks++] = *check;
}

struct replay_scan {
    const char *detail; /* NULL: no line of details yet */
    vtime last;
};

static int replay_scan_line(struct replay *r, struct replay_scan *scan,
                            const struct trace_line *line, struct err *err)
{
    struct replay_check check = { line->at, NULL, 0, line->insns, line->hash, true };

    switch (line->kind) {
    case TRACE_HEADER:
        return replay_header_add(&r->header, r->path, line->device, line->text, line->len, err);
    case TRACE_INPUT:
        r->inputs++;
        break;
    case TRACE_DETAIL:
        if (scan->detail == NULL)
            scan->detail = line->text;
        return 0;
    case TRACE_FINAL:
        memcpy(r->why, line->event, sizeof r->why);
        __attribute__((fallthrough));
    case TRACE_CHECK:
        if (scan->detail != NULL) {
            check.detail = scan->detail;
            check.len = (size_t) (line->text - scan->detail);
        }
        replay_add_check(r, &check);
        break;
    }
    scan->detail = NULL;
    scan->last = line->at;
    return 0;
}

static int replay_read(struct replay *r, struct err *err)
{
    struct trace_reader *reader = xmalloc(sizeof *reader);
    struct trace_line line;
    struct replay_scan scan = { NULL, 0 };
    int rc;

    if (file_read(r->path, REPLAY_MAX, &r->text, err) < 0) {
        free(reader);
        return -1;
    }
    trace_read(reader, r->text.data, r->text.len);
    while ((rc = trace_next(reader, &line, err)) > 0)
        if ((rc = replay_scan_line(r, &scan, &line, err)) < 0)
            break;
    if (rc < 0)
        err_prefix(err, "'%s'", r->path);
    else if (!reader->finished)
        replay_add_check(r, &(struct replay_check){ .at = scan.last });
    free(reader);
    return rc;
}

enum ctl_exit replay_open(struct replay **out, struct options *o, const struct media_demo *demo,
                          struct err *err)
{
    struct replay *r;

    if (o->paths == 0) {
        err_set(err, "reprise replay TRACE [DISK]...: no trace was named");
        return CTL_USAGE;
    }
    r = xcalloc(1, sizeof *r);
    r->path = o->path[0];
    r->verify = o->verify;
    r->from = o->from;
    r->to = o->to != 0 ? o->to : VTIME_NEVER;
    r->mark = state_mark_new();
    if (replay_read(r, err) < 0 || replay_header_check(&r->header, r->path, err) < 0)
        goto fail;
    o->snapshot = true;
    if (o->load == NULL && r->header.snapshot != NULL) {
        r->snapshot = replay_header_find_snapshot(&r->header, r->path, o, 1, err);
        if (r->snapshot == NULL)
            goto fail;
        o->load = r->snapshot;
    }
    if (o->load == NULL) {
        if (replay_header_apply(&r->header, r->path, o, 1, demo, err) < 0)
            goto fail;
    } else {
        /* The snapshot says what machine it is; what is left are places of its disks. */
        o->paths--;
        memmove(o->path, o->path + 1, o->paths * sizeof o->path[0]);
    }
    if (r->why[0] == '\0')
        log_warn("'%s' was cut off: it replays up to its last line", r->path);
    *out = r;
    return CTL_OK;
fail:
    replay_free(r);
    return CTL_MEDIA;
}

void replay_free(struct replay *r)
{
    if (r == NULL)
        return;
    replay_header_free(&r->header);
    state_mark_free(r->mark);
    buf_free(&r->text);
    free(r->snapshot);
    free(r->check);
    free(r);
}

struct replay_header *replay_machine(struct replay *r)
{
    return &r->header;
}

bool replay_is_trace(const char *path)
{
    static const char word[] = "reprise-trace ";
    char begin[sizeof word - 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n = fd >= 0 ? read(fd, begin, sizeof begin) : -1;

    if (fd >= 0)
        close(fd);
    return n == sizeof begin && memcmp(begin, word, sizeof begin) == 0;
}

/* --- inputs -------------------------------------------------------------- */

static int replay_feed(struct replay *r, const struct trace_line *line, struct err *err)
{
    struct journal *journal = machine_journal(r->machine);
    const struct journal_kind *kind = journal_kind(journal, line->device, line->event);
    const char *end = strstr(line->event, "-error");

    /* Failures of host work are no inputs: the guest asked for it at that time. */
    if (kind == NULL && end != NULL && end[6] == '\0' && line->args == 1)
        return journal_replay_failure(journal, line->at, line->device, line->event,
                                      line->in.arg[0]);
    if (kind != NULL && kind->args == line->args &&
        journal_replay_input(journal, line->at, line->device, line->event, &line->in) == 0)
        return 0;
    err_set(err, "'%s', line %u: this machine has no input '%s %s' of this form", r->path,
            line->number, line->device, line->event);
    return -1;
}

/* A snapshot in the middle: what was before it is not looked at. */
static int replay_skip(struct replay *r, vtime now, struct err *err)
{
    if (now > r->check[r->checks - 1].at) {
        err_set(err, "'%s' ends before the snapshot", r->path);
        return -1;
    }
    r->resync = now != 0 && r->snapshot == NULL;
    while (r->resync && r->next != r->checks - 1 && r->check[r->next].at <= now)
        r->next++;
    return 0;
}

int replay_start(struct replay *r, struct machine *m, struct err *err)
{
    struct trace_reader *reader = xmalloc(sizeof *reader);
    struct trace_line line;
    vtime now = machine_now(m);
    int rc;

    r->machine = m;
    journal_replay(machine_journal(m));
    trace_read(reader, r->text.data, r->text.len);
    while ((rc = trace_next(reader, &line, err)) > 0)
        if (line.kind == TRACE_INPUT && line.at >= now && (rc = replay_feed(r, &line, err)) < 0)
            break;
    free(reader);
    return rc < 0 ? -1 : replay_skip(r, now, err);
}

/* --- what differs -------------------------------------------------------- */

static const char *const replay_when[2] = { "when recorded", "now" };

static void replay_tell(const struct replay *r, const struct replay_check *c, const char *what)
{
    log_warn("replay differs from '%s' at %" PRIu64 ".%09" PRIu64 " s: %s", r->path,
             c->at / VTIME_SECOND, c->at % VTIME_SECOND, what);
}

/* The machine stands at checkpoint `c`: false, and told, when it is not the one recorded. */
static bool replay_compare(struct replay *r, const struct replay_check *c)
{
    struct state *state = machine_state(r->machine);
    bool last = c == &r->check[r->checks - 1];
    struct buf now = { 0 };
    uint64_t hash = 0;
    char text[700] = "";

    if (!c->sealed)
        return true;
    if (r->verify) /* before --from too: the mark must move */
        hash = state_describe(state, r->mark, &now);
    else if (last)
        hash = state_hash(state);
    if (r->verify && !r->resync && (now.len != c->len || (now.len != 0 && memcmp(now.data, c->detail, now.len) != 0)))
        difference_name((struct span){ c->detail, c->len },
                        (struct span){ (const char *) now.data, now.len }, replay_when, text,
                        sizeof text);
    else if (machine_insns(r->machine) != c->insns)
        snprintf(text, sizeof text, "%" PRIu64 " instructions when recorded, now %" PRIu64,
                 c->insns, machine_insns(r->machine));
    else if ((r->verify || last) && hash != c->hash)
        snprintf(text, sizeof text, "the hash of the state%s",
                 r->verify ? "" : " (--verify names the field)");
    buf_free(&now);
    r->resync = false;
    if (c->at < r->from)
        return true;
    if (text[0] != '\0')
        replay_tell(r, c, text);
    else
        r->verified++;
    return text[0] == '\0';
}

/* --- the run ------------------------------------------------------------- */

static const struct replay_check *replay_end(const struct replay *r)
{
    return &r->check[r->checks - 1];
}

vtime replay_end_time(const struct replay *r)
{
    return replay_end(r)->at;
}

vtime replay_next_time(const struct replay *r)
{
    vtime at = r->check[r->next].at;

    return at < r->to ? at : r->to;
}

uint64_t replay_next_insns(const struct replay *r)
{
    return strcmp(r->why, "insns") == 0 ? replay_end(r)->insns : UINT64_MAX;
}

/* Is this the place where the recording stopped, in the way in which it did? */
static bool replay_at_end(const struct replay *r, enum machine_stop stop)
{
    const struct replay_check *end = replay_end(r);
    uint64_t insns = machine_insns(r->machine);

    if (r->next != r->checks - 1)
        return false;
    if (strcmp(r->why, "insns") == 0 && stop == MACHINE_SLICE && insns >= end->insns)
        return true;
    if (strcmp(r->why, "stop") == 0 && stop != MACHINE_SLICE && insns >= end->insns)
        return true;
    return machine_now(r->machine) >= end->at;
}

bool replay_look(struct replay *r, enum machine_stop stop, enum ctl_exit *code)
{
    vtime now = machine_now(r->machine);

    *code = CTL_MISMATCH;
    while (r->next != r->checks - 1 && now >= r->check[r->next].at)
        if (!replay_compare(r, &r->check[r->next++]))
            return true;
    if (replay_at_end(r, stop)) {
        if (replay_compare(r, replay_end(r)))
            *code = CTL_OK;
        return true;
    }
    if (stop == MACHINE_POWEROFF || stop == MACHINE_TEST_EXIT) {
        replay_tell(r, &r->check[r->next], "the guest stopped before");
        return true;
    }
    *code = CTL_OK;
    return now >= r->to;
}

void replay_went_back(struct replay *r)
{
    vtime now = machine_now(r->machine);

    r->next = 0;
    while (r->next != r->checks - 1 && r->check[r->next].at <= now)
        r->next++;
    r->resync = true;
}

enum ctl_exit replay_finish(struct replay *r, enum ctl_exit code)
{
    vtime now = machine_now(r->machine);

    if (code == CTL_OK && r->verify)
        log_warn("replay verified: %u checkpoints and %u inputs up to %" PRIu64 ".%09" PRIu64 " s",
                 r->verified, r->inputs, now / VTIME_SECOND, now % VTIME_SECOND);
    return code;
}

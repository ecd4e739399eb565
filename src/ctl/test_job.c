/* reprise test: one test, in a process of its own. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/trace.h"
#include "ctl/guide.h"
#include "ctl/options_table.h"
#include "ctl/test_priv.h"
#include "host/file.h"
#include "host/png.h"
#include "host/wall.h"

struct job {
    const struct test_run *run;
    const struct test_case *test;
    struct judge judge;
    struct step_watcher watcher;
    struct test_story story;
    struct test_result *result; /* NULL: a boot, whose state goes to `state` */
    int state;                  /* -1: from power-on */
    int log;                    /* what went to standard error */
    struct run *machine_run;
};

/* --- the command line of the machine ---------------------------------------- */

/* Beside the script, else in a folder of --images; to be freed. */
static char *job_find(const struct job *job, const char *name)
{
    const struct options *o = job->run->options;
    char *path = script_file(job->test->script, name);

    for (unsigned i = 0; i < o->images && access(path, F_OK) < 0 && name[0] != '/'; i++) {
        char *other = xasprintf("%s/%s", o->image[i], name);

        if (access(other, F_OK) == 0) {
            free(path);
            return other;
        }
        free(other);
    }
    return path;
}

/* The first file that a test needs and that is not there, or NULL; to be freed. */
static char *job_missing(const struct job *job)
{
    const struct script_test *t = job->test->test;

    for (unsigned i = 0; i <= t->args; i++) {
        const char *name = i < t->args ? (t->arg_file[i] ? t->arg[i] : NULL) : t->replay;
        char *path = name != NULL ? job_find(job, name) : NULL;

        if (path != NULL && access(path, F_OK) < 0)
            return path;
        free(path);
    }
    return NULL;
}

struct job_args {
    char **arg; /* owned, as the strings */
    int n;
};

static void args_add(struct job_args *args, char *arg)
{
    args->arg = xrealloc(args->arg, (size_t) (args->n + 2) * sizeof *args->arg);
    args->arg[args->n++] = arg;
    args->arg[args->n] = NULL;
}

/* Options of the command line win over those of the script. */
static void args_override(struct job_args *args, const struct options *o)
{
    for (size_t at = 0; at < o->given.len; at += sizeof(struct option_given)) {
        struct option_given given;

        memcpy(&given, o->given.data + at, sizeof given);
        if (given.row->section == SECTION_MACHINE || strcmp(option_word(given.row), "engine") == 0)
            args_add(args, given.row->arg == NULL ? xstrdup(given.row->name)
                                                  : xasprintf("%s=%s", given.row->name, given.value));
    }
}

static enum ctl_exit job_options(struct job *job, struct options *o, struct err *err)
{
    const struct script_test *t = job->test->test;
    struct job_args args = { NULL, 0 };
    enum ctl_exit code;

    options_init(o);
    args_add(&args, xstrdup(""));
    if (t->replay != NULL) {
        args_add(&args, xstrdup("replay"));
        if (t->verify)
            args_add(&args, xstrdup("--verify"));
        args_add(&args, job_find(job, t->replay));
    }
    for (unsigned i = 0; i < t->args; i++)
        args_add(&args, t->arg_file[i] ? job_find(job, t->arg[i]) : xstrdup(t->arg[i]));
    if (t->replay == NULL)
        args_override(&args, job->run->options);
    code = options_parse(o, args.n, args.arg, NULL, err);
    o->engine = t->replay == NULL ? o->engine : job->run->options->engine;
    o->speed = 0;
    o->display = DISPLAY_NONE;
    o->snapshot = true;
    o->timeout = job->run->options->timeout;
    if (t->replay == NULL)
        o->steps = t->steps;
    /* The strings are part of the options: the process ends soon. */
    return code;
}

/* The folder's ROMs are put there when the machine is made. */
static void job_prepare_snapshots(const struct job *job, struct options *o)
{
    const struct script_test *t = job->test->test;

    for (unsigned i = 0; i < t->checks; i++)
        if (t->check[i].kind == CHECK_SNAPSHOT)
            o->save = xasprintf("%s/%s", job->run->options->output, t->check[i].text);
}

/* --- while it runs ------------------------------------------------------------ */

static int job_check(void *opaque, unsigned number, struct err *why)
{
    struct job *job = opaque;

    return judge_check(&job->judge, number, why);
}

static void job_done(void *opaque, unsigned i)
{
    struct job *job = opaque;
    const struct step *step = &job->test->test->steps.step[i];
    struct test_shot shot = { .step = i };
    struct err err;

    job->story.done_at[i] = machine_now(job->judge.machine);
    if (step->kind != STEP_CHECK || job->test->test->check[step->number].kind != CHECK_SCREENSHOT)
        return;
    if (png_make(&shot.png, job->judge.frame, &err) == 0)
        buf_add(&job->story.shot, &shot, sizeof shot);
}

static void job_input(void *opaque, vtime at, const char *device, const struct journal_kind *kind,
                      const struct journal_input *in)
{
    struct job *job = opaque;
    char **place = &job->story.input[job->story.inputs++ % STORY_INPUTS];
    struct buf line = { 0 };

    /* An input that acts at once after a boot has no stamp of its own. */
    trace_put_input(&line, at != 0 ? at : machine_now(job->judge.machine), device, kind->event, kind->args, in);
    free(*place);
    *place = xasprintf("%.*s", (int) (line.len < 120 ? line.len - 1 : 120), (const char *) line.data);
    buf_free(&line);
}

static void job_failure(void *opaque, vtime at, const char *device, const char *event, int64_t arg)
{
    (void) opaque;
    (void) at;
    log_warn("%s: %s %" PRId64 " on the host", device, event, arg);
}

static int job_load(const struct job *job, struct machine *m, struct err *err)
{
    off_t size = lseek(job->state, 0, SEEK_END);
    uint8_t *data = size > 0 ? mmap(NULL, (size_t) size, PROT_READ, MAP_SHARED, job->state, 0) : MAP_FAILED;
    int rc;

    if (data == MAP_FAILED) {
        err_errno(err, "the shared beginning of tests");
        return -1;
    }
    rc = state_load(machine_state(m), data, (size_t) size, err);
    munmap(data, (size_t) size);
    return rc;
}

static int job_start(void *opaque, struct run *run, struct err *err)
{
    struct job *job = opaque;
    struct journal_watcher watcher = { .input = job_input, .failure = job_failure, .opaque = job };

    job->judge.machine = run->machine;
    job->judge.save = run->save;
    if (job->test->test->replay == NULL)
        journal_watch(machine_journal(run->machine), &watcher);
    return job->result != NULL && job->state >= 0 ? job_load(job, run->machine, err) : 0;
}

/* --- when it is over ------------------------------------------------------------ */

static void text_set(struct buf *b, const char *text)
{
    b->len = 0;
    buf_add(b, text, strlen(text) + 1);
}

/* What went to standard error; the last line of it. */
static void job_read_log(const struct job *job, struct buf *log)
{
    char piece[4096];
    off_t at = 0;
    ssize_t n;

    while (at < 65536 && (n = pread(job->log, piece, sizeof piece, at)) > 0) {
        buf_add(log, piece, (size_t) n);
        at += n;
    }
    buf_add(log, "", 1);
}

static const char *log_last_line(char *log)
{
    static const char prefix[] = "reprise: ";
    size_t len = strlen(log);
    char *line;

    while (len != 0 && log[len - 1] == '\n')
        log[--len] = '\0';
    line = strrchr(log, '\n');
    line = line != NULL ? line + 1 : log;
    return strncmp(line, prefix, sizeof prefix - 1) == 0 ? line + sizeof prefix - 1 : line;
}

/* Why a run with steps is not what the test wants, or "" if it is. */
static void job_judge_steps(struct job *job, struct run *run, enum ctl_exit code, char *text, size_t size)
{
    const struct script_test *t = job->test->test;
    unsigned step = steps_number(run->steps);
    const char *failure = steps_failure(run->steps);
    struct buf log = { 0 };

    job->story.failed = step < t->steps.n ? step : t->steps.n;
    text[0] = '\0';
    if (step >= t->steps.n && code == CTL_OK)
        return;
    job_read_log(job, &log);
    if (failure == NULL)
        failure = log_last_line((char *) log.data);
    if (failure[0] == '\0')
        failure = "the guest ended the run before";
    if (step < t->steps.n)
        snprintf(text, size, "%s:%u: %s: %s", job->test->script->path, t->step_line[step],
                 t->steps.step[step].text, failure);
    else
        snprintf(text, size, "%s", failure);
    buf_free(&log);
}

static void job_judge_replay(struct job *job, enum ctl_exit code, char *text, size_t size)
{
    struct buf log = { 0 };

    text[0] = '\0';
    if (code != CTL_OK) {
        job_read_log(job, &log);
        snprintf(text, size, "%s", log_last_line((char *) log.data));
        buf_free(&log);
    }
}

/* The screen, without the empty rows at its end. */
static void detail_screen(const struct job *job, struct buf *out)
{
    struct text_screen *screen = job->judge.screen;
    unsigned rows;

    text_read(screen, machine_video(job->judge.machine));
    rows = screen->rows;
    if (rows == 0)
        text_print(screen, out);
    while (rows != 0 && screen->row[rows - 1][0] == '\0')
        rows--;
    for (unsigned i = 0; i < rows; i++)
        buf_printf(out, "| %s\n", screen->row[i]);
}

static void job_end(void *opaque, struct run *run, enum ctl_exit code)
{
    struct job *job = opaque;
    struct test_result *r = job->result;
    char text[1024];

    job->machine_run = run;
    if (r == NULL) {
        struct buf state = { 0 };

        if (code == CTL_OK && steps_failure(run->steps) == NULL && steps_settled(run->steps)) {
            state_save(machine_state(run->machine), &state);
            if (file_write_all(job->state, state.data, state.len) < 0 && ftruncate(job->state, 0) < 0)
                log_warn("the shared beginning of tests is of no use");
        }
        buf_free(&state);
        return;
    }
    if (job->test->test->replay == NULL)
        job_judge_steps(job, run, code, text, sizeof text);
    else
        job_judge_replay(job, code, text, sizeof text);
    r->code = code;
    r->vtime = machine_now(run->machine);
    r->updated = job->judge.updated;
    r->shared = job->state >= 0;
    if (text[0] != '\0') {
        r->outcome = TEST_FAILED;
        text_set(&r->message, text);
        detail_screen(job, &r->detail);
    }
    if (job->run->options->html != NULL) {
        job->story.result = r;
        html_case(&job->story, &r->html);
    }
}

/* --- a job ------------------------------------------------------------------------ */

/* Standard output is the runner's; standard error is kept. */
static void job_redirect(struct job *job)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    fflush(NULL);
    job->log = memfd_create("reprise test log", MFD_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
    }
    if (job->log >= 0)
        dup2(job->log, STDERR_FILENO);
}

static void job_open(struct job *job)
{
    const struct test_case *test = job->test;
    unsigned steps = test->test->steps.n;

    job_redirect(job);
    judge_init(&job->judge);
    job->judge.script = test->script;
    job->judge.test = test->test;
    job->judge.output = job->run->options->output;
    job->judge.update = job->run->options->update;
    job->watcher = (struct step_watcher){ job_check, job_done, job };
    job->story = (struct test_story){ .test = test, .judge = &job->judge, .failed = steps };
    job->story.done_at = xcalloc(steps + 1, sizeof(vtime));
    for (unsigned i = 0; i < steps; i++)
        job->story.done_at[i] = VTIME_NEVER;
}

static enum ctl_exit job_run(struct job *job, struct err *err)
{
    struct options o;
    struct guide guide = { job_start, job_end, job };
    enum ctl_exit code = job_options(job, &o, err);

    if (code != CTL_OK)
        return code;
    o.steps.watcher = &job->watcher;
    if (job->result == NULL)
        o.steps.n = job->test->boot->steps;
    else if (job->state >= 0)
        o.steps.first = job->test->boot->steps;
    if (job->result != NULL)
        job_prepare_snapshots(job, &o);
    return guide_run(&guide, &o, job->run->demo, err);
}

void test_job_boot(const struct test_run *run, const struct test_case *test, int fd)
{
    struct job job = { .run = run, .test = test, .state = fd };
    struct err err;

    job_open(&job);
    job_run(&job, &err);
}

void test_job(const struct test_run *run, const struct test_case *test, int fd, int state)
{
    struct test_result result = { .outcome = TEST_PASSED };
    struct job job = { .run = run, .test = test, .state = state, .result = &result };
    struct err err = { "" };
    uint64_t start = wall_now();
    char *missing;

    job_open(&job);
    missing = job_missing(&job);
    if (missing != NULL && run->options->skip_missing) {
        result.outcome = TEST_SKIPPED;
        text_set(&result.message, xasprintf("there is no '%s'", missing));
    } else {
        enum ctl_exit code = job_run(&job, &err);

        if (job.machine_run == NULL) { /* it did not come to a machine */
            struct buf log = { 0 };

            job_read_log(&job, &log);
            result.outcome = TEST_FAILED;
            result.code = code;
            text_set(&result.message, err.msg[0] != '\0' ? err.msg : log_last_line((char *) log.data));
            buf_free(&log);
        }
    }
    if (result.outcome == TEST_FAILED) {
        struct buf log = { 0 };

        job_read_log(&job, &log);
        buf_add(&result.detail, log.data, strlen((char *) log.data));
        buf_free(&log);
    }
    result.wall = wall_now() - start;
    test_result_write(&result, fd);
}

/* --- results ------------------------------------------------------------------------ */

enum { RESULT_BUFS = 3 };

struct result_head {
    struct test_result result;
    size_t len[RESULT_BUFS];
};

static void result_bufs(struct test_result *r, struct buf *b[RESULT_BUFS])
{
    b[0] = &r->message;
    b[1] = &r->detail;
    b[2] = &r->html;
}

/* Writer and reader are one program, and the head goes last: it is there or not. */
void test_result_write(const struct test_result *r, int fd)
{
    struct result_head head = { .result = *r };
    struct buf *b[RESULT_BUFS];
    int rc = 0;

    result_bufs(&head.result, b);
    for (unsigned i = 0; i < RESULT_BUFS; i++) {
        head.len[i] = b[i]->len;
        if (rc == 0)
            rc = file_write_all(fd, b[i]->data, b[i]->len);
        *b[i] = (struct buf){ 0 };
    }
    if (rc == 0 && file_write_all(fd, &head, sizeof head) < 0)
        log_warn("a result is lost");
}

static bool result_read_buf(struct buf *b, int fd, size_t len, off_t *at)
{
    if (len != 0 && pread(fd, buf_grow(b, len), len, *at) != (ssize_t) len)
        return false;
    *at += (off_t) len;
    return true;
}

bool test_result_read(struct test_result *r, int fd)
{
    struct result_head head;
    struct buf *b[RESULT_BUFS];
    off_t size = lseek(fd, 0, SEEK_END), at = 0;
    bool whole = size >= (off_t) sizeof head &&
                 pread(fd, &head, sizeof head, size - (off_t) sizeof head) == sizeof head;

    if (whole)
        *r = head.result;
    result_bufs(r, b);
    for (unsigned i = 0; i < RESULT_BUFS && whole; i++)
        whole = result_read_buf(b[i], fd, head.len[i], &at);
    if (whole && r->outcome != TEST_PASSED && r->message.len == 0)
        whole = false;
    for (unsigned i = 0; i < 2; i++)
        buf_add(b[i], "", 1);
    return whole;
}

void test_result_free(struct test_result *r)
{
    buf_free(&r->message);
    buf_free(&r->detail);
    buf_free(&r->html);
}

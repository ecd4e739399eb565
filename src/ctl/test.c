/*
 * reprise test: runs the tests side by side and says how they ended.
 *
 * The order of what is printed, and which test is in which shard, follow from
 * the files alone; only times differ from run to run.
 */
#include "config.h"

#include "ctl/test.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "ctl/anchor.h"
#include "ctl/test_priv.h"
#include "host/file.h"
#include "host/wall.h"

/* --- processes ----------------------------------------------------------- */

static int test_memory(void)
{
    int fd = memfd_create("reprise test", MFD_CLOEXEC);

    if (fd < 0)
        log_warn("no memory for a test: %s", strerror(errno));
    return fd;
}

/* 0: this is the child; it goes when its parent goes. */
static pid_t test_fork(void)
{
    pid_t parent = getpid(), pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(CTL_HOST);
    }
    return pid;
}

/* The test has no result of its own. */
static void test_fail(struct test_case *t, const char *why, int number)
{
    test_result_free(&t->result);
    t->result = (struct test_result){ .outcome = TEST_FAILED, .code = CTL_HOST };
    buf_printf(&t->result.message, "%s %d", why, number);
    buf_add(&t->result.message, "", 1);
    buf_add(&t->result.detail, "", 1);
    t->over = true;
}

static bool test_start(struct test_run *run, struct test_case *t)
{
    t->fd = test_memory();
    t->pid = t->fd >= 0 ? test_fork() : -1;
    if (t->pid == 0) {
        test_job(run, t, t->fd, t->boot != NULL ? t->boot->fd : -1);
        _exit(0);
    }
    if (t->pid > 0)
        return true;
    test_fail(t, "no process could be started: error", errno);
    return false;
}

static bool test_start_boot(struct test_run *run, const struct test_case *t)
{
    struct test_boot *boot = t->boot;

    boot->fd = test_memory();
    boot->pid = boot->fd >= 0 ? test_fork() : -1;
    if (boot->pid == 0) {
        test_job_boot(run, t, boot->fd);
        _exit(0);
    }
    return boot->pid > 0;
}

static void test_end_boot(struct test_boot *boot, int status)
{
    boot->pid = -1;
    if (status == 0 && lseek(boot->fd, 0, SEEK_END) > 0)
        return;
    close(boot->fd); /* each test finds out for itself */
    boot->fd = -1;
}

static void test_end(struct test_case *t, int status)
{
    bool whole = test_result_read(&t->result, t->fd);

    close(t->fd);
    t->fd = -1;
    t->over = true;
    if (WIFSIGNALED(status))
        test_fail(t, "the test's process was ended by signal", WTERMSIG(status));
    else if (!whole)
        test_fail(t, "the test's process ended without a result, with code", WEXITSTATUS(status));
    if (t->boot == NULL || --t->boot->tests != 0 || t->boot->fd < 0)
        return;
    close(t->boot->fd);
    t->boot->fd = -1;
}

/* Starts what can be started; how many that is. */
static unsigned test_start_some(struct test_run *run, unsigned most)
{
    unsigned n = 0;

    for (unsigned i = 0; i < run->tests && n < most; i++) {
        struct test_case *t = &run->test[i];

        if (t->over || t->pid != 0)
            continue;
        if (t->boot != NULL && t->boot->pid == 0)
            n += test_start_boot(run, t);
        else if (t->boot == NULL || t->boot->pid < 0)
            n += test_start(run, t);
    }
    return n;
}

static void test_reap(struct test_run *run, pid_t pid, int status)
{
    for (unsigned i = 0; i < run->boots; i++)
        if (run->boot[i].pid == pid)
            test_end_boot(&run->boot[i], status);
    for (unsigned i = 0; i < run->tests; i++)
        if (run->test[i].pid == pid && !run->test[i].over)
            test_end(&run->test[i], status);
}

/* --- TAP ------------------------------------------------------------------ */

static void tap_lines(const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        printf("# %.*s\n", (int) len, text);
        text += len + (text[len] == '\n');
    }
}

/* A name is one line, and # is TAP's own. */
static void tap_name(const char *name)
{
    for (; *name != '\0'; name++) {
        if (*name == '#' || *name == '\\')
            putchar('\\');
        putchar((unsigned char) *name < ' ' || *name == 0x7f ? '?' : *name);
    }
}

/* As one word for a shell. */
static void tap_quoted(const char *word)
{
    putchar('\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            printf("'\\'");
        putchar((unsigned char) *word < ' ' ? '?' : *word);
    }
    putchar('\'');
}

static void tap_put(const struct test_case *t, unsigned number)
{
    const struct test_result *r = &t->result;

    printf("%sok %u - ", r->outcome == TEST_FAILED ? "not " : "", number);
    tap_name(t->name);
    if (r->outcome == TEST_SKIPPED)
        printf(" # SKIP %s", (const char *) r->message.data);
    putchar('\n');
    if (r->updated != 0)
        printf("# %u golden%s updated\n", r->updated, r->updated == 1 ? "" : "s");
    if (r->outcome == TEST_FAILED) {
        tap_lines((const char *) r->message.data);
        tap_lines((const char *) r->detail.data);
        printf("# again: reprise test --only ");
        tap_quoted(t->test->title);
        putchar(' ');
        tap_quoted(t->script->path);
        putchar('\n');
    }
    fflush(stdout);
}

/* --- all of it ------------------------------------------------------------ */

/* What fails first in this order names the exit code. */
static enum ctl_exit test_code(const struct test_run *run)
{
    enum ctl_exit code = CTL_OK;

    for (unsigned i = 0; i < run->tests; i++) {
        const struct test_result *r = &run->test[i].result;

        if (r->code >= CTL_SIGNAL)
            return r->code;
        if (r->outcome == TEST_FAILED)
            code = r->code == CTL_HOST || code == CTL_HOST ? CTL_HOST
                 : r->code != CTL_MEDIA && r->code != CTL_USAGE ? CTL_MISMATCH
                 : code == CTL_OK ? r->code : code;
    }
    return code;
}

static enum ctl_exit test_run_all(struct test_run *run)
{
    unsigned running = 0, told = 0, most = run->options->jobs;

    if (most == 0) {
        long cpus = sysconf(_SC_NPROCESSORS_ONLN);

        most = cpus > 0 ? (unsigned) cpus : 1;
    }
    printf("1..%u\n", run->tests);
    while (told < run->tests) {
        int status;
        pid_t pid;

        running += test_start_some(run, most - running);
        while (told < run->tests && run->test[told].over) {
            tap_put(&run->test[told], told + 1);
            told++;
        }
        if (running == 0)
            continue;
        pid = waitpid(-1, &status, 0);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            return CTL_HOST;
        running--;
        test_reap(run, pid, status);
    }
    return test_code(run);
}

static char *test_html_path(const char *path)
{
    struct stat st;
    bool folder = path[strlen(path) - 1] == '/' || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));

    return folder ? xasprintf("%s/index.html", path) : xstrdup(path);
}

static enum ctl_exit test_report(const struct test_run *run, const char *path,
                                 void (*make)(const struct test_run *, struct buf *), struct err *err)
{
    struct buf text = { 0 };
    int rc;

    make(run, &text);
    rc = file_replace(path, text.data, text.len, err);
    buf_free(&text);
    return rc < 0 ? CTL_HOST : CTL_OK;
}

/* Before hours of tests: could the reports be written? */
static int test_check_outputs(const struct options *o, const char *html, struct err *err)
{
    if (o->junit != NULL && file_check_output(o->junit, err) < 0) {
        err_prefix(err, "--junit");
        return -1;
    }
    if (html != NULL && file_check_output(html, err) < 0) {
        err_prefix(err, "--html");
        return -1;
    }
    return 0;
}

static enum ctl_exit test_all(struct test_run *run, const char *html, struct err *err)
{
    const struct options *o = run->options;
    enum ctl_exit code = test_plan(run, err), report = CTL_OK;

    if (code == CTL_OK)
        code = test_run_all(run);
    else
        return code;
    if (o->junit != NULL)
        report = test_report(run, o->junit, junit_make, err);
    if (html != NULL && report == CTL_OK)
        report = test_report(run, html, html_make, err);
    if (fflush(stdout) != 0 || ferror(stdout))
        report = CTL_HOST;
    return report != CTL_OK ? report : code;
}

enum ctl_exit test_main(struct options *o, const struct media_demo *demo, struct err *err)
{
    struct test_run run = { .options = o, .demo = demo };
    enum ctl_exit code = CTL_MEDIA;
    char *html;

    if (o->output == NULL)
        o->output = ".";
    if (o->from_trace != NULL)
        return anchor_main(o, demo, err);
    html = o->html != NULL ? test_html_path(o->html) : NULL;
    if (test_check_outputs(o, html, err) == 0)
        code = test_all(&run, html, err);
    test_plan_free(&run);
    free(html);
    return code;
}

/* reprise test: which tests there are, and which of them begin alike. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "ctl/hint.h"
#include "ctl/test_priv.h"
#include "host/file.h"

/* --- files --------------------------------------------------------------- */

struct path_list {
    char **path;
    unsigned n;
};

static void paths_add(struct path_list *list, char *path)
{
    list->path = xrealloc(list->path, (list->n + 1) * sizeof *list->path);
    list->path[list->n++] = path;
}

static void paths_free(struct path_list *list)
{
    for (unsigned i = 0; i < list->n; i++)
        free(list->path[i]);
    free(list->path);
}

static int paths_by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static bool is_script_name(const char *name)
{
    size_t n = strlen(name);

    return n > 5 && strcmp(name + n - 5, ".test") == 0;
}

/* All *.test in the folder and below, in the order of their names. */
static int paths_add_folder(struct path_list *list, const char *folder, unsigned depth, struct err *err)
{
    enum { DEPTH = 32 };
    struct path_list here = { NULL, 0 };
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int rc = 0;

    if (dir == NULL || depth == DEPTH) {
        err_errno(err, "'%s'", folder);
        if (dir != NULL)
            closedir(dir);
        return -1;
    }
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            paths_add(&here, xasprintf("%s/%s", folder, entry->d_name));
    closedir(dir);
    if (here.n != 0)
        qsort(here.path, here.n, sizeof here.path[0], paths_by_name);
    for (unsigned i = 0; i < here.n && rc == 0; i++) {
        struct stat st;

        if (lstat(here.path[i], &st) == 0 && S_ISDIR(st.st_mode))
            rc = paths_add_folder(list, here.path[i], depth + 1, err);
        else if (is_script_name(here.path[i]))
            paths_add(list, xstrdup(here.path[i]));
    }
    paths_free(&here);
    return rc;
}

static int paths_find(struct path_list *list, const char *name, struct err *err)
{
    struct stat st;
    unsigned before = list->n;

    if (stat(name, &st) < 0) {
        err_errno(err, "'%s'", name);
        if (errno == ENOENT)
            hint_missing(name, err);
        return -1;
    }
    if (!S_ISDIR(st.st_mode)) {
        paths_add(list, xstrdup(name));
        return 0;
    }
    if (paths_add_folder(list, name, 0, err) < 0)
        return -1;
    if (list->n != before)
        return 0;
    err_set(err, "'%s' has no file whose name ends in .test", name);
    return -1;
}

/* --- tests --------------------------------------------------------------- */

static char *case_name(const struct script *s, const struct script_test *t)
{
    if (s->tests == 1 && t->line != 0 && strchr(t->title, ' ') == NULL)
        return xstrdup(s->path);
    return xasprintf("%s: %s", s->path, t->title);
}

/* The n-th test of all goes to shard n modulo the number of shards. */
static void plan_add_tests(struct test_run *run)
{
    const struct options *o = run->options;
    unsigned number = 0;

    for (unsigned i = 0; i < run->scripts; i++) {
        for (unsigned k = 0; k < run->script[i].tests; k++) {
            char *name = case_name(&run->script[i], &run->script[i].test[k]);

            if ((o->only != NULL && strstr(name, o->only) == NULL) ||
                (o->shards != 0 && number++ % o->shards != o->shard - 1)) {
                free(name);
                continue;
            }
            run->test = xrealloc(run->test, (run->tests + 1) * sizeof *run->test);
            run->test[run->tests++] = (struct test_case){
                .script = &run->script[i], .test = &run->script[i].test[k], .name = name, .fd = -1
            };
        }
    }
}

/* --- boots --------------------------------------------------------------- */

static bool same_folder(const struct script *a, const struct script *b)
{
    char *x = script_file(a, "x"), *y = script_file(b, "x");
    bool same = strcmp(x, y) == 0;

    free(x);
    free(y);
    return same;
}

static bool same_machine(const struct test_case *a, const struct test_case *b)
{
    const struct script_test *s = a->test, *t = b->test;
    bool folder = same_folder(a->script, b->script);

    if (s->args != t->args)
        return false;
    for (unsigned i = 0; i < s->args; i++)
        if (strcmp(s->arg[i], t->arg[i]) != 0 || (s->arg_file[i] && !folder))
            return false;
    return true;
}

/* Steps that only look or act on the guest; files are written by each test. */
static bool same_step(const struct test_case *a, const struct test_case *b, unsigned i)
{
    const struct step *s = &a->test->steps.step[i], *t = &b->test->steps.step[i];

    if (s->kind != t->kind || s->limit != t->limit || strcmp(s->text, t->text) != 0)
        return false;
    return s->kind != STEP_CHECK || (a->test->check[s->number].kind < CHECK_SCREENSHOT &&
                                     same_folder(a->script, b->script));
}

/* Number of steps up to the first wait; 0: none. */
static unsigned first_wait(const struct script_test *t)
{
    for (unsigned i = 0; i + 1 < t->steps.n; i++)
        if (t->steps.step[i].kind == STEP_WAIT)
            return i + 1;
    return 0;
}

/* How many steps both begin with, up to `most`. */
static unsigned common_steps(const struct test_case *a, const struct test_case *b, unsigned most)
{
    unsigned n = 0;

    while (n < most && n + 1 < a->test->steps.n && n + 1 < b->test->steps.n && same_step(a, b, n))
        n++;
    return n;
}

/* Tests with the same machine and the same steps up to the first wait share
 * all that they begin with. */
static void plan_boot(struct test_run *run, struct test_case *first, struct test_boot *boot)
{
    unsigned wait = first_wait(first->test), common = first->test->steps.n - 1;

    if (wait == 0 || first->test->replay != NULL || first->boot != NULL)
        return;
    for (struct test_case *t = first + 1; t < run->test + run->tests; t++) {
        unsigned n = t->boot == NULL && same_machine(first, t) ? common_steps(first, t, common) : 0;

        if (n < wait)
            continue;
        common = n;
        t->boot = boot;
        boot->tests++;
    }
    if (boot->tests == 0)
        return;
    while (first->test->steps.step[common - 1].kind != STEP_WAIT)
        common--; /* there nothing is on its way to the guest, most likely */
    first->boot = boot;
    boot->tests++;
    boot->steps = common;
    run->boots++;
}

static void plan_boots(struct test_run *run)
{
    run->boot = xcalloc(run->tests + 1, sizeof *run->boot);
    for (unsigned i = 0; i < run->tests; i++) {
        run->boot[run->boots] = (struct test_boot){ .fd = -1 };
        plan_boot(run, &run->test[i], &run->boot[run->boots]);
    }
}

/* --- all of it ----------------------------------------------------------- */

static enum ctl_exit plan_read(struct test_run *run, const struct path_list *list, struct err *err)
{
    enum ctl_exit code = CTL_OK;

    run->script = xcalloc(list->n, sizeof *run->script);
    for (unsigned i = 0; i < list->n; i++) {
        struct script *s = &run->script[run->scripts];

        if (script_read(s, list->path[i], err) < 0)
            return CTL_MEDIA;
        run->scripts++;
        for (char *line = (char *) s->errors.data, *end; line != NULL; line = end) {
            end = memchr(line, '\n', (size_t) ((char *) s->errors.data + s->errors.len - line));
            if (end == NULL)
                break;
            log_warn("%.*s", (int) (end - line), line);
            end++;
            if (end == (char *) s->errors.data + s->errors.len)
                end = NULL;
            code = CTL_MEDIA;
        }
    }
    return code;
}

enum ctl_exit test_plan(struct test_run *run, struct err *err)
{
    const struct options *o = run->options;
    struct path_list list = { NULL, 0 };
    enum ctl_exit code = CTL_OK;

    if (o->paths == 0) {
        err_set(err, "reprise test FILE|DIR...: no test was named");
        return CTL_USAGE;
    }
    for (unsigned i = 0; i < o->paths && code == CTL_OK; i++)
        if (paths_find(&list, o->path[i], err) < 0)
            code = CTL_MEDIA;
    if (code == CTL_OK)
        code = plan_read(run, &list, err);
    paths_free(&list);
    if (code != CTL_OK)
        return code;
    plan_add_tests(run);
    if (o->only != NULL && run->tests == 0 && o->shards == 0) {
        err_set(err, "--only: no test has '%.60s' in its name", o->only);
        return CTL_USAGE;
    }
    if (!o->update && !o->boot_each)
        plan_boots(run);
    return CTL_OK;
}

void test_plan_free(struct test_run *run)
{
    for (unsigned i = 0; i < run->tests; i++) {
        free(run->test[i].name);
        test_result_free(&run->test[i].result);
    }
    for (unsigned i = 0; i < run->scripts; i++)
        script_free(&run->script[i]);
    free(run->script);
    free(run->test);
    free(run->boot);
}

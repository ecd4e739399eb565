/* Tests as text: files, lines and words. */
#include "config.h"

#include "ctl/script_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "host/file.h"

enum { SCRIPT_ERRORS = 20 };

static char *script_keep(struct script *s, const char *text, size_t len)
{
    char *copy = xmalloc(len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    buf_add(&s->strings, &copy, sizeof copy);
    return copy;
}

/* --- words --------------------------------------------------------------- */

static bool script_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* A text stands in quotes of either kind and is taken as it is. */
static int script_quoted(struct script *s, const char **at, const char *end,
                         struct script_word *word, struct err *err)
{
    const char *start = *at + 1, *close = memchr(start, **at, (size_t) (end - start));

    if (close == NULL) {
        err_set(err, "a text that begins with %c does not end with one", **at);
        return -1;
    }
    if (close + 1 < end && !script_blank(close[1])) {
        err_set(err, "no blank after the closing %c (a text with a %c in it stands in %s)", **at, **at,
                **at == '"' ? "'...'" : "\"...\"");
        return -1;
    }
    *word = (struct script_word){ script_keep(s, start, (size_t) (close - start)), true };
    *at = close + 1;
    return 0;
}

static int script_word(struct script *s, const char **at, const char *end,
                       struct script_word *word, struct err *err)
{
    const char *start = *at;

    if (*start == '"' || *start == '\'')
        return script_quoted(s, at, end, word, err);
    while (*at < end && !script_blank(**at))
        (*at)++;
    *word = (struct script_word){ script_keep(s, start, (size_t) (*at - start)), false };
    return 0;
}

static int script_split(struct script *s, struct script_line *line, const char *text,
                        const char *end, struct err *err)
{
    const char *at = text;

    if (memchr(text, '\0', (size_t) (end - text)) != NULL) {
        err_set(err, "this is no text: it has a NUL");
        return -1;
    }
    for (;;) {
        while (at < end && script_blank(*at))
            at++;
        if (line->words == 0)
            text = at;
        if (at == end || *at == '#')
            break;
        if (line->words == SCRIPT_WORDS) {
            err_set(err, "more than %d words", SCRIPT_WORDS);
            return -1;
        }
        if (script_word(s, &at, end, &line->word[line->words++], err) < 0)
            return -1;
    }
    while (at > text && script_blank(at[-1]))
        at--;
    line->text = script_keep(s, text, (size_t) (at - text));
    return 0;
}

/* --- lines --------------------------------------------------------------- */

struct script_lines {
    struct script_line *line;
    unsigned n;
};

static void script_tell(struct script *s, struct script_line *line, const struct err *err)
{
    unsigned told = 0;

    if (line->told)
        return;
    line->told = true;
    for (size_t i = 0; i < s->errors.len; i++)
        told += s->errors.data[i] == '\n';
    if (told < SCRIPT_ERRORS)
        buf_printf(&s->errors, "%s:%u: %s\n", s->path, line->number, err->msg);
}

static void script_add_line(struct script *s, struct script_lines *lines, unsigned number,
                            const char *text, const char *end)
{
    struct script_line *line;
    struct err err;

    if (lines->n % 64 == 0)
        lines->line = xrealloc(lines->line, (lines->n + 64) * sizeof *lines->line);
    line = &lines->line[lines->n];
    line->number = number;
    line->words = 0;
    line->told = false;
    line->text = "";
    if (script_split(s, line, text, end, &err) < 0) {
        script_tell(s, line, &err);
        line->words = 0;
    }
    lines->n += line->words != 0;
}

static void script_cut(struct script *s, struct script_lines *lines, const char *text, size_t len)
{
    const char *end = text + len;
    unsigned number = 0;

    /* Editors of other systems put a byte order mark in front. */
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (text < end && number < SCRIPT_LINES) {
        const char *stop = memchr(text, '\n', (size_t) (end - text));

        if (stop == NULL)
            stop = end;
        script_add_line(s, lines, ++number, text, stop);
        text = stop + (stop < end);
    }
    if (text < end)
        buf_printf(&s->errors, "%s: more than %d lines\n", s->path, SCRIPT_LINES);
}

/* --- tests --------------------------------------------------------------- */

static void script_read_lines(struct script *s, struct script_reader *r, struct script_lines *lines,
                              unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        struct err err;

        r->line = &lines->line[i];
        r->next = 1;
        if (script_apply(r, &err) < 0)
            script_tell(s, &lines->line[i], &err);
    }
}

/* "dir/boots.test": boots. */
static char *script_default_title(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');

    return xasprintf("%.*s", (int) (dot != NULL && dot != name ? (size_t) (dot - name) : strlen(name)), name);
}

/* Lines [0, common) begin each test; its own ones follow. */
static void script_add_test(struct script *s, struct script_lines *lines, unsigned common,
                            unsigned from, unsigned to)
{
    struct script_reader r = { .script = s, .limit = 60 * VTIME_SECOND };
    struct script_test *test;

    s->test = xrealloc(s->test, (s->tests + 1) * sizeof *s->test);
    test = &s->test[s->tests++];
    *test = (struct script_test){ .line = from < to ? lines->line[from].number : 1 };
    test->steps.ends = true;
    r.test = test;
    script_read_lines(s, &r, lines, 0, common);
    script_read_lines(s, &r, lines, from, to);
    if (test->title == NULL)
        test->title = script_default_title(s->path);
    if (test->steps.n == 0 && test->replay == NULL && s->errors.len == 0)
        buf_printf(&s->errors, "%s:%u: the test '%s' has no steps\n", s->path, test->line, test->title);
}

static unsigned script_next_test(const struct script_lines *lines, unsigned i)
{
    while (i < lines->n && !script_is_test(&lines->line[i]))
        i++;
    return i;
}

enum { SCRIPT_WORK = 200000 }; /* lines, those before the first test counted for each test */

void script_parse(struct script *s, const char *path, const void *text, size_t len)
{
    struct script_lines lines = { NULL, 0 };
    unsigned common, next;

    *s = (struct script){ .path = xstrdup(path) };
    script_cut(s, &lines, text, len);
    common = script_next_test(&lines, 0);
    if (common == lines.n)
        script_add_test(s, &lines, 0, 0, lines.n);
    for (unsigned at = common; at < lines.n; at = next) {
        next = script_next_test(&lines, at + 1);
        if ((uint64_t) (s->tests + 1) * common > SCRIPT_WORK) {
            buf_printf(&s->errors, "%s:%u: too many tests with so long a beginning\n", s->path,
                       lines.line[at].number);
            break;
        }
        script_add_test(s, &lines, common, at, next);
    }
    free(lines.line);
}

int script_read(struct script *s, const char *path, struct err *err)
{
    struct buf text = { 0 };

    if (file_read(path, SCRIPT_MAX, &text, err) < 0)
        return -1;
    script_parse(s, path, text.data != NULL ? (const char *) text.data : "", text.len);
    buf_free(&text);
    return 0;
}

static void script_free_test(struct script_test *test)
{
    for (unsigned i = 0; i < test->checks; i++)
        if (test->check[i].kind == CHECK_REGEX)
            regfree(&test->check[i].regex);
    steps_list_free(&test->steps);
    free(test->title);
    free(test->arg);
    free(test->arg_file);
    free(test->step_line);
    free(test->check);
}

void script_free(struct script *s)
{
    for (unsigned i = 0; i < s->tests; i++)
        script_free_test(&s->test[i]);
    for (size_t at = 0; at < s->strings.len; at += sizeof(char *)) {
        char *string;

        memcpy(&string, s->strings.data + at, sizeof string);
        free(string);
    }
    buf_free(&s->strings);
    buf_free(&s->errors);
    free(s->test);
    free(s->path);
}

char *script_file(const struct script *s, const char *name)
{
    const char *slash = strrchr(s->path, '/');

    if (name[0] == '/')
        return xstrdup(name);
    if (slash == NULL) /* never taken for an option or a command */
        return xasprintf("./%s", name);
    return xasprintf("%.*s/%s", (int) (slash - s->path), s->path, name);
}

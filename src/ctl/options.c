/* Reading the command line and configuration files. */
#include "config.h"

#include "ctl/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "ctl/options_table.h"
#include "host/file.h"

enum { CONF_MAX = 1 << 20 };

void options_init(struct options *o)
{
    struct err err;

    *o = (struct options){
        .ram_mib = 32,
        .speed = 1000000,
        .rtc_base = 820454400, /* 1996-01-01T00:00:00 */
    };
    model_parse("pentium", &o->model, &err);
}

void options_free(struct options *o)
{
    steps_list_free(&o->steps);
    for (unsigned i = 0; i < o->confs; i++)
        buf_free(&o->conf[i]);
}

/* --- one option ---------------------------------------------------------- */

static int option_apply(struct options *o, const struct option *row, const char *value,
                        struct err *err)
{
    if (value == NULL && row->arg != NULL) {
        err_set(err, "%s needs a value: %s", row->name, row->arg);
        return -1;
    }
    if (row->set(o, row, value, err) == 0)
        return 0;
    err_prefix(err, "%s", row->name);
    return -1;
}

static void option_unknown(const char *kind, const char *name, const char *nearest, struct err *err)
{
    err_set(err, "unknown %s '%.60s'; the nearest is '%s'", kind, name, nearest);
}

/* "key = value" of a file, "key=value" of --set; quotes may stand around the value. */
static int option_apply_pair(struct options *o, char *text, struct err *err)
{
    const struct option *row;
    char *eq = strchr(text, '='), *key = text + strspn(text, "-"), *end;
    size_t len;

    if (eq == NULL) {
        err_set(err, "'%.60s' is not of the form key = value", text);
        return -1;
    }
    for (end = eq; end > key && strchr(" \t", end[-1]) != NULL; end--)
        ;
    *end = '\0';
    eq += 1 + strspn(eq + 1, " \t");
    len = strlen(eq);
    if (len >= 2 && eq[0] == '"' && eq[len - 1] == '"') {
        eq[len - 1] = '\0';
        eq++;
    }
    row = option_find(key);
    if (row == NULL) {
        option_unknown("key", key, option_word(option_nearest(key)), err);
        return -1;
    }
    if (row->section == SECTION_OTHER) {
        err_set(err, "'%s' is for the command line only", key);
        return -1;
    }
    return option_apply(o, row, eq, err);
}

/* The text must stay: strings of options point into it. */
static struct buf *options_keep(struct options *o, struct err *err)
{
    if (o->confs < OPTIONS_CONFS)
        return &o->conf[o->confs++];
    err_set(err, "more than %d of them", OPTIONS_CONFS);
    return NULL;
}

int option_pair(struct options *o, const struct option *row, const char *value, struct err *err)
{
    struct buf *text = options_keep(o, err);

    (void) row;
    if (text == NULL)
        return -1;
    buf_add(text, value, strlen(value) + 1);
    return option_apply_pair(o, (char *) text->data, err);
}

/* --- configuration files ------------------------------------------------- */

static char *conf_trim(char *line)
{
    size_t len = strlen(line);

    while (len != 0 && strchr(" \t\r", line[len - 1]) != NULL)
        line[--len] = '\0';
    return line + strspn(line, " \t");
}

enum ctl_exit options_parse_conf(struct options *o, const char *name, char *text, struct err *err)
{
    unsigned number = 0;
    enum option_source source = o->source;

    o->source = SOURCE_CONF;
    for (char *next; text != NULL; text = next) {
        char *line;

        next = strchr(text, '\n');
        if (next != NULL)
            *next++ = '\0';
        number++;
        line = conf_trim(text);
        /* Headings part a file for its reader; keys are the same everywhere. */
        if (*line == '\0' || strchr("#;[", *line) != NULL)
            continue;
        if (option_apply_pair(o, line, err) < 0) {
            err_prefix(err, "'%.100s', line %u", name, number);
            return CTL_USAGE;
        }
    }
    o->source = source;
    return CTL_OK;
}

/* Read in a first pass (options_parse): the command line wins. */
static enum ctl_exit options_read_conf(struct options *o, const char *path, struct err *err)
{
    struct buf *text = options_keep(o, err);

    if (text == NULL)
        return CTL_USAGE;
    if (file_read(path, CONF_MAX, text, err) < 0)
        return CTL_MEDIA;
    if (text->len != 0 && memchr(text->data, 0, text->len) != NULL) {
        err_set(err, "'%s' is not a text file", path);
        return CTL_MEDIA;
    }
    buf_add(text, "", 1);
    return options_parse_conf(o, path, (char *) text->data, err);
}

int option_conf(struct options *o, const struct option *row, const char *value, struct err *err)
{
    (void) o;
    (void) row;
    (void) value;
    (void) err;
    return 0;
}

/* --- the command line ---------------------------------------------------- */

static const char *const subcommands[] = { "replay", "test", "snapshot" };

/* A subcommand word wins over a file. */
static int options_check_word(const char *word, struct err *err)
{
    for (unsigned i = 0; i < ARRAY_LEN(subcommands); i++) {
        if (strcmp(word, subcommands[i]) == 0) {
            err_set(err, "'reprise %s' is not in this build (a file of that name is './%s')", word,
                    word);
            return -1;
        }
    }
    return 0;
}

static int options_add_path(struct options *o, const char *path, struct err *err)
{
    if (o->paths == OPTIONS_PATHS) {
        err_set(err, "more than %d paths", OPTIONS_PATHS);
        return -1;
    }
    o->path[o->paths++] = path;
    return 0;
}

struct option_use {
    const struct option *row; /* NULL: a path */
    const char *value;
};

/* Takes the argument at *i, and its value when that is the next one. */
static int options_next(struct option_use *use, int *i, int argc, char **argv, struct err *err)
{
    const char *arg = argv[*i], *name = arg + strspn(arg, "-"), *eq = strchr(name, '=');
    char word[64];

    *use = (struct option_use){ NULL, arg };
    (*i)++;
    if (arg[0] != '-' || name[0] == '\0')
        return 0;
    snprintf(word, sizeof word, "%.*s", (int) (eq != NULL ? eq - name : 63), name);
    use->row = name - arg <= 2 ? option_find(word) : NULL;
    if (use->row == NULL) {
        option_unknown("option", arg, option_nearest(word)->name, err);
        return -1;
    }
    use->value = eq != NULL ? eq + 1 : NULL;
    if (eq == NULL && use->row->arg != NULL && *i < argc)
        use->value = argv[(*i)++];
    return 0;
}

/* One of two passes: the files of --conf, then everything else. */
static enum ctl_exit options_take(struct options *o, const struct option_use *use, bool files,
                                  struct err *err)
{
    bool conf = use->row != NULL && use->row->set == option_conf && use->value != NULL;

    if (files)
        return conf ? options_read_conf(o, use->value, err) : CTL_OK;
    if (use->row != NULL)
        return option_apply(o, use->row, use->value, err) < 0 ? CTL_USAGE : CTL_OK;
    return options_add_path(o, use->value, err) < 0 ? CTL_USAGE : CTL_OK;
}

static enum ctl_exit options_pass(struct options *o, int argc, char **argv, bool files,
                                  struct err *err)
{
    bool only_paths = false, first = true;
    enum ctl_exit rc = CTL_OK;

    for (int i = 1; i < argc && rc == CTL_OK && !o->help && !o->version;) {
        struct option_use use = { NULL, argv[i] };

        if (!only_paths && strcmp(argv[i], "--") == 0) {
            only_paths = true;
            i++;
            continue;
        }
        if (only_paths)
            i++;
        else if (options_next(&use, &i, argc, argv, err) < 0)
            return CTL_USAGE;
        if (use.row == NULL && first) {
            first = false;
            if (!only_paths && options_check_word(use.value, err) < 0)
                return CTL_USAGE;
        }
        rc = options_take(o, &use, files, err);
    }
    return rc;
}

/* Files of --conf first, so that the command line has the last word. */
enum ctl_exit options_parse(struct options *o, int argc, char **argv, struct err *err)
{
    enum ctl_exit rc;

    /* A subcommand has options of its own. */
    if (argc > 1 && options_check_word(argv[1], err) < 0)
        return CTL_USAGE;
    o->source = SOURCE_CONF;
    rc = options_pass(o, argc, argv, true, err);
    if (rc != CTL_OK)
        return rc;
    o->source = SOURCE_ARGS;
    return options_pass(o, argc, argv, false, err);
}

/*
 * Configuration files: where they are, what their lines mean, and the file
 * that --print-config prints.  Keys are the options of the one table.
 *
 * Source: XDG Base Directory Specification 0.8, "Environment variables".
 * Absent: system-wide files (XDG_CONFIG_DIRS).
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "ctl/conf.h"
#include "ctl/nearest.h"
#include "ctl/options_table.h"
#include "host/file.h"

enum { CONF_MAX = 1 << 20, CONF_WIDTH = 79 };

/* What a file may say: one that nobody named is not trusted with everything. */
enum conf_trust { TRUST_NAMED, TRUST_USER, TRUST_FOLDER };

/* --- places -------------------------------------------------------------- */

char *options_user_conf(void)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    /* "All paths must be absolute": others are to be ignored. */
    if (config != NULL && config[0] == '/')
        return xasprintf("%s/reprise/reprise.conf", config);
    if (home != NULL && home[0] == '/')
        return xasprintf("%s/.config/reprise/reprise.conf", home);
    return NULL;
}

/* --- one key ------------------------------------------------------------- */

static int conf_find(const char *key, const struct option **row, struct err *err)
{
    key += strspn(key, "-");
    *row = option_find(key);
    if (*row == NULL) {
        err_set(err, "unknown key '%.60s'; the nearest is '%s'", key,
                option_word(option_nearest(key)));
        return -1;
    }
    if (option_sections[(*row)->section] != NULL)
        return 0;
    err_set(err, "'%.60s' is for the command line only", key);
    return -1;
}

/* The text must stay: strings of options point into it. */
static struct buf *conf_keep(struct options *o, struct err *err)
{
    if (o->confs < OPTIONS_CONFS)
        return &o->conf[o->confs++];
    err_set(err, "more than %d of them", OPTIONS_CONFS);
    return NULL;
}

int option_pair(struct options *o, const struct option *row, const char *value, struct err *err)
{
    struct buf *text = conf_keep(o, err);
    struct conf_pair pair;
    const struct option *key;

    (void) row;
    if (text == NULL)
        return -1;
    buf_add(text, value, strlen(value) + 1);
    if (conf_split((char *) text->data, &pair, err) < 0 || conf_find(pair.key, &key, err) < 0)
        return -1;
    return option_apply(o, key, pair.value, err);
}

/* --conf is read before the command line, so that the latter wins. */
int option_conf(struct options *o, const struct option *row, const char *value, struct err *err)
{
    (void) o;
    (void) row;
    (void) value;
    (void) err;
    return 0;
}

/* --- trust --------------------------------------------------------------- */

/* True if `path`, which may not exist, lies in the current folder. */
static bool conf_in_folder(const char *path)
{
    char *here, *real;
    bool in = true;
    size_t len;

    for (const char *p = path; p != NULL; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
            return false;
    }
    if (path[0] == '/')
        return false;
    here = realpath(".", NULL);
    real = realpath(path, NULL);
    if (here != NULL && real != NULL) {
        len = strlen(here);
        in = strncmp(real, here, len) == 0 && (real[len] == '/' || len == 1);
    }
    free(here);
    free(real);
    return in;
}

/*
 * A folder that came from elsewhere must not type for the user, and must not
 * reach the user's other files: its reprise.conf is read without being named.
 */
static int conf_check_trust(enum conf_trust trust, const struct option *row, const char *value,
                            struct err *err)
{
    const char *path = value;

    if (trust == TRUST_NAMED)
        return 0;
    if (row->section == SECTION_STEPS) {
        err_set(err, "%s: steps are for the command line and for files named with --conf",
                row->name);
        return -1;
    }
    for (const char *const *p = (const char *const[]){ "file:", "unix:", NULL }; *p != NULL; p++)
        if (strncmp(path, *p, strlen(*p)) == 0)
            path += strlen(*p);
    if (trust == TRUST_USER || conf_in_folder(path))
        return 0;
    err_set(err, "%s: '%.200s' is outside this folder; 'reprise --conf reprise.conf' allows it",
            row->name, value);
    return -1;
}

/* --- files --------------------------------------------------------------- */

/* Keys of the window: the names under it are commands, not options. */
static const char conf_keys[] = "keys";

static const char *conf_section_word(const void *opaque, unsigned i)
{
    (void) opaque;
    return i == 0 ? conf_keys : i - 1 < SECTIONS ? option_sections[i - 1] : NULL;
}

/* Headings part a file for its reader: keys are the same everywhere. */
static int conf_section(const char *section, struct err *err)
{
    int i = nearest_find(section, conf_section_word, NULL);
    const char *nearest = conf_section_word(NULL, (unsigned) i);

    if (strcmp(section, nearest) == 0)
        return 0;
    err_set(err, "unknown section '[%.60s]'; the nearest is '[%s]'", section, nearest);
    return -1;
}

/* "fullscreen = F11" under [keys] is --bind fullscreen=F11. */
static int conf_bind(struct options *o, const struct conf_pair *pair, struct err *err)
{
    struct buf *text;

    if (command_find(pair->key) == COMMAND_NONE) {
        err_set(err, "unknown key '%.60s'; the nearest is '%s'", pair->key,
                command_name(command_nearest(pair->key)));
        return -1;
    }
    text = conf_keep(o, err);
    if (text == NULL)
        return -1;
    buf_add(text, pair->key, strlen(pair->key));
    buf_add(text, "=", 1);
    buf_add(text, pair->value, strlen(pair->value) + 1);
    return option_apply(o, option_find("bind"), (char *) text->data, err);
}

static int conf_pair(struct options *o, enum conf_trust trust, const struct conf_pair *pair,
                     struct err *err)
{
    const struct option *row;

    if (conf_find(pair->key, &row, err) < 0 || conf_check_trust(trust, row, pair->value, err) < 0)
        return -1;
    return option_apply(o, row, pair->value, err);
}

static int conf_line(struct options *o, enum conf_trust trust, const struct conf_reader *r,
                     enum conf_item item, const struct conf_pair *pair, struct err *err)
{
    switch (item) {
    case CONF_SECTION: return conf_section(r->section, err);
    case CONF_PAIR:
        return strcmp(r->section, conf_keys) == 0 ? conf_bind(o, pair, err)
                                                  : conf_pair(o, trust, pair, err);
    default: return -1; /* the reader has said why */
    }
}

/* Every error is said, each with its line: all but the last one as notes. */
static enum ctl_exit conf_lines(struct options *o, enum conf_trust trust, char *text,
                                struct err *err)
{
    struct err last = { "" };
    struct conf_reader r;
    struct conf_pair pair;
    enum conf_item item;

    conf_open(&r, text);
    while ((item = conf_next(&r, &pair, err)) != CONF_END) {
        o->line = r.line;
        if (conf_line(o, trust, &r, item, &pair, err) == 0)
            continue;
        if (last.msg[0] != '\0')
            options_note(o, "%s", last.msg);
        err_prefix(err, "'%.100s', line %u", o->file, r.line);
        last = *err;
    }
    if (last.msg[0] == '\0')
        return CTL_OK;
    *err = last;
    return CTL_USAGE;
}

static enum ctl_exit conf_text(struct options *o, enum conf_trust trust, const char *name,
                               char *text, struct err *err)
{
    enum ctl_exit rc;

    o->source++; /* checked: there are no more files than texts */
    o->file = name;
    rc = conf_lines(o, trust, text, err);
    o->file = NULL;
    return rc;
}

enum ctl_exit options_parse_conf(struct options *o, const char *name, char *text, struct err *err)
{
    return conf_text(o, TRUST_NAMED, name, text, err);
}

static enum ctl_exit conf_file(struct options *o, enum conf_trust trust, const char *path,
                               struct err *err)
{
    struct buf *text = conf_keep(o, err);
    size_t name;

    if (text == NULL)
        return CTL_USAGE;
    if (file_read(path, CONF_MAX, text, err) < 0)
        return CTL_MEDIA;
    if (text->len != 0 && memchr(text->data, 0, text->len) != NULL) {
        err_set(err, "'%s' is not a text file", path);
        return CTL_MEDIA;
    }
    buf_add(text, "", 1);
    name = text->len;
    buf_add(text, path, strlen(path) + 1); /* the caller's may go */
    return conf_text(o, trust, (char *) text->data + name, (char *) text->data, err);
}

enum ctl_exit options_read_conf(struct options *o, const char *path, struct err *err)
{
    return conf_file(o, TRUST_NAMED, path, err);
}

static bool conf_is_named(const struct options *o, const char *path)
{
    for (unsigned i = 0; i < o->named; i++)
        if (file_same(o->named_conf[i], path))
            return true;
    return false;
}

/* A file that is there but cannot be read is said: it was made for a reason. */
static enum ctl_exit conf_place(struct options *o, enum conf_trust trust, const char *path,
                                struct err *err)
{
    enum ctl_exit rc;

    if (path == NULL || access(path, F_OK) != 0 || conf_is_named(o, path))
        return CTL_OK;
    rc = conf_file(o, trust, path, err);
    if (rc == CTL_MEDIA)
        err_prefix(err, "configuration (--no-conf does without)");
    return rc;
}

enum ctl_exit options_read_places(struct options *o, const struct options_places *places,
                                  struct err *err)
{
    enum ctl_exit rc = conf_place(o, TRUST_USER, places->user, err);

    return rc == CTL_OK ? conf_place(o, TRUST_FOLDER, places->folder, err) : rc;
}

/* --- --print-config ------------------------------------------------------ */

static void conf_add(struct buf *out, const char *text)
{
    buf_add(out, text, strlen(text));
}

/* Broken at blanks, each line behind "# ". */
static void conf_comment(struct buf *out, const char *text)
{
    while (*text != '\0') {
        size_t len = strlen(text), width = CONF_WIDTH - 2;

        if (len > width)
            for (len = width; len > 1 && text[len] != ' ';)
                len--;
        conf_add(out, "# ");
        buf_add(out, text, len);
        conf_add(out, "\n");
        text += len + (text[len] == ' ');
    }
}

static const struct option_given *conf_given(const struct options *o, size_t i)
{
    const struct option_given *given = (const void *) o->given.data;

    return i < o->given.len / sizeof *given ? &given[i] : NULL;
}

/* A later one has taken its place. */
static bool conf_replaced(const struct options *o, size_t i)
{
    const struct option_given *given = conf_given(o, i), *later;

    for (size_t k = i + 1; (later = conf_given(o, k)) != NULL; k++)
        if (given->row->rival != NULL && strcmp(given->row->rival, later->row->name) == 0)
            return true;
        else if (later->row == given->row &&
            (given->row->repeat == REPEAT_LAST ||
             (given->row->repeat == REPEAT_LIST && later->source != given->source)))
            return true;
    return false;
}

static int conf_add_given(struct buf *out, const char *key, const struct option_given *given,
                          struct err *err)
{
    char from[160];

    if (given->file != NULL)
        snprintf(from, sizeof from, "from %.100s, line %u", given->file, given->line);
    else
        snprintf(from, sizeof from, "from the command line");
    for (char *p = from; *p != '\0'; p++)
        if ((unsigned char) *p < ' ')
            *p = '?';
    conf_comment(out, from);
    if (conf_add_pair(out, key, given->value))
        return 0;
    err_set(err, "%s: a value with a line break cannot stand in a file", given->row->name);
    return -1;
}

static int conf_add_option(const struct options *o, const struct option *row, struct buf *out,
                           struct err *err)
{
    const struct option_given *given;
    bool any = false;

    conf_add(out, "\n");
    conf_comment(out, row->help);
    for (size_t i = 0; (given = conf_given(o, i)) != NULL; i++) {
        if (given->row != row || conf_replaced(o, i))
            continue;
        any = true;
        if (conf_add_given(out, option_word(row), given, err) < 0)
            return -1;
    }
    if (any)
        return 0;
    conf_add(out, ";");
    if (row->def != NULL)
        conf_add_pair(out, option_word(row), row->def);
    else
        conf_add_pair(out, option_word(row), row->arg != NULL ? row->arg : "no");
    return 0;
}

/* Steps are in the order in which they are done, whatever their kind. */
static int conf_add_steps(const struct options *o, struct buf *out, struct err *err)
{
    const struct option_given *given;

    for (unsigned i = 0; i < option_count; i++) {
        if (option_rows[i].section != SECTION_STEPS)
            continue;
        conf_add(out, "\n");
        conf_comment(out, option_rows[i].help);
        conf_add(out, ";");
        conf_add_pair(out, option_word(&option_rows[i]), option_rows[i].arg);
    }
    conf_add(out, "\n");
    for (size_t i = 0; (given = conf_given(o, i)) != NULL; i++)
        if (given->row->section == SECTION_STEPS &&
            conf_add_given(out, option_word(given->row), given, err) < 0)
            return -1;
    return 0;
}

/* Keys in the order in which they were given: some are free only after others have moved. */
static int conf_add_keys(const struct options *o, struct buf *out, struct err *err)
{
    const struct option *bind = option_find("bind");
    const struct option_given *given;
    struct bindings defaults;

    bindings_init(&defaults);
    conf_add(out, "\n[");
    conf_add(out, conf_keys);
    conf_add(out, "]\n");
    for (unsigned i = 0; i < COMMANDS; i++) {
        char keys[CHORD_TEXT];

        chord_print(defaults.chord[i], keys);
        conf_add(out, "\n");
        conf_comment(out, command_help((enum command) i));
        conf_add(out, ";");
        conf_add_pair(out, command_name((enum command) i), keys);
    }
    conf_add(out, "\n");
    for (size_t i = 0; (given = conf_given(o, i)) != NULL; i++) {
        struct option_given named = *given;
        char name[32];

        if (given->row != bind)
            continue;
        named.value = strchr(given->value, '=') + 1;
        snprintf(name, sizeof name, "%.*s", (int) (named.value - given->value - 1), given->value);
        if (conf_add_given(out, name, &named, err) < 0)
            return -1;
    }
    return 0;
}

int options_print_config(const struct options *o, struct buf *out, struct err *err)
{
    conf_add(out, "# The configuration of " PACKAGE_STRING ", see reprise.conf(5).\n"
                  "# Lines that begin with ; show what is so when nobody says anything else.\n");
    if (o->paths != 0)
        conf_comment(out, "Disks named without an option are not part of it.");
    for (unsigned s = 0; s < SECTIONS; s++) {
        if (option_sections[s] == NULL)
            continue;
        conf_add(out, "\n[");
        conf_add(out, option_sections[s]);
        conf_add(out, "]\n");
        if (s == SECTION_STEPS && conf_add_steps(o, out, err) < 0)
            return -1;
        for (unsigned i = 0; i < option_count && s != SECTION_STEPS; i++)
            if ((unsigned) option_rows[i].section == s && &option_rows[i] != option_find("bind") &&
                conf_add_option(o, &option_rows[i], out, err) < 0)
                return -1;
    }
    return conf_add_keys(o, out, err);
}

/* Reading the command line. */
#include "config.h"

#include "ctl/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "ctl/hint.h"
#include "ctl/options_table.h"

void options_init(struct options *o)
{
    struct err err;

    *o = (struct options){
        .ram_mib = 32,
        .speed = 1000000,
        .rtc_base = 820454400, /* 1996-01-01T00:00:00 */
        .checkpoint = 10 * VTIME_SECOND,
        .rewind = 100 << 20,
    };
    bindings_init(&o->bindings);
    model_parse("pentium", &o->model, &err);
}

void options_free(struct options *o)
{
    steps_list_free(&o->steps);
    for (unsigned i = 0; i < o->confs; i++)
        buf_free(&o->conf[i]);
    buf_free(&o->given);
    buf_free(&o->notes);
}

void options_note(struct options *o, const char *fmt, ...)
{
    enum { NOTES_MAX = 20 }; /* a file of another kind has thousands */
    char line[512];
    va_list ap;

    if (o->note_count++ >= NOTES_MAX)
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (o->note_count == NOTES_MAX)
        strcpy(line, "more of that is not shown");
    buf_add(&o->notes, line, strlen(line));
    buf_add(&o->notes, "\n", 1);
}

/* --- one option ---------------------------------------------------------- */

static void option_record(struct options *o, const struct option *row, const char *value)
{
    struct option_given given = { row, value, o->source, o->file, o->line };

    buf_add(&o->given, &given, sizeof given);
}

/* A trace says what machine it is for and what is typed on it. */
static bool option_fits_replay(const struct option *row)
{
    static const char *const not[] = { "type", "record" };

    for (unsigned i = 0; i < ARRAY_LEN(not); i++)
        if (strcmp(option_word(row), not[i]) == 0)
            return false;
    return strcmp(option_word(row), "no-reboot") == 0 ||
           (row->section != SECTION_MEDIA && row->section != SECTION_MACHINE);
}

/* Tests say what disks they need and what is done; the machine can be another one. */
static bool option_fits_test(const struct option *row)
{
    return row->section == SECTION_TEST || row->section == SECTION_MACHINE ||
           row->section == SECTION_OTHER || strcmp(option_word(row), "engine") == 0 ||
           strcmp(option_word(row), "timeout") == 0;
}

static int option_check_command(const struct options *o, const struct option *row, struct err *err)
{
    bool replay = o->subcommand == SUBCOMMAND_REPLAY || o->subcommand == SUBCOMMAND_BISECT, test = o->subcommand == SUBCOMMAND_TEST;

    if (replay && row->section != SECTION_TEST && !option_fits_replay(row))
        err_set(err, "%s: not for 'reprise replay': the trace says it", row->name);
    else if (!replay && row->section == SECTION_REPLAY)
        err_set(err, "%s: only for 'reprise replay'", row->name);
    else if (!test && row->section == SECTION_TEST)
        err_set(err, "%s: only for 'reprise test'", row->name);
    else if (test && !option_fits_test(row))
        err_set(err, "%s: not for 'reprise test': each test says it", row->name);
    else
        return 0;
    return -1;
}

int option_apply(struct options *o, const struct option *row, const char *value, struct err *err)
{
    if (option_check_command(o, row, err) < 0)
        return -1;
    if (value == NULL && row->arg != NULL) {
        err_set(err, "%s needs a value: %s", row->name, row->arg);
        return -1;
    }
    if (row->set(o, row, value, err) < 0) {
        err_prefix(err, "%s", row->name);
        return -1;
    }
    option_record(o, row, value != NULL ? value : "yes");
    return 0;
}

/* --- the command line ---------------------------------------------------- */

static const struct {
    const char *word;
    enum subcommand command;
} subcommands[] = {
    { "replay", SUBCOMMAND_REPLAY }, { "test", SUBCOMMAND_TEST }, { "snapshot", SUBCOMMAND_SNAPSHOT },
    { "disk", SUBCOMMAND_DISK }, { "bisect", SUBCOMMAND_BISECT },
};

/* A subcommand word wins over a file. */
static int options_check_word(const char *word, struct err *err)
{
    for (unsigned i = 0; i < ARRAY_LEN(subcommands); i++) {
        if (strcmp(word, subcommands[i].word) == 0) {
            err_set(err, "'reprise %s' stands before the options (a file of that name is './%s')",
                    word, word);
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

static int options_name_conf(struct options *o, const char *path, struct err *err)
{
    if (o->named == OPTIONS_CONFS) {
        err_set(err, "--conf: more than %d files", OPTIONS_CONFS);
        return -1;
    }
    o->named_conf[o->named++] = path;
    return 0;
}

static enum ctl_exit options_read_named(struct options *o, const struct option *row,
                                        const char *path, struct err *err)
{
    enum ctl_exit rc = options_read_conf(o, path, err);

    if (rc != CTL_MEDIA)
        return rc;
    err_prefix(err, "%s", row->name);
    if (access(path, F_OK) != 0 && errno == ENOENT)
        hint_missing(path, err);
    return rc;
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
        err_set(err, "unknown option '%.60s'; the nearest is '%s'", arg, option_nearest(word)->name);
        return -1;
    }
    use->value = eq != NULL ? eq + 1 : NULL;
    if (eq == NULL && use->row->arg != NULL && *i < argc)
        use->value = argv[(*i)++];
    return 0;
}

/* Three passes over the arguments, see options_parse. */
enum options_pass { PASS_SWITCHES, PASS_FILES, PASS_ALL };

static enum ctl_exit options_take(struct options *o, const struct option_use *use,
                                  enum options_pass pass, struct err *err)
{
    const struct option *row = use->row;
    bool about_us = row != NULL && row->section == SECTION_OTHER && row->arg == NULL;

    if (row != NULL && row->set == option_conf && use->value != NULL) {
        if (pass == PASS_SWITCHES)
            return options_name_conf(o, use->value, err) < 0 ? CTL_USAGE : CTL_OK;
        return pass == PASS_FILES ? options_read_named(o, row, use->value, err) : CTL_OK;
    }
    if (pass == PASS_ALL && row == NULL)
        return options_add_path(o, use->value, err) < 0 ? CTL_USAGE : CTL_OK;
    if (pass == PASS_ALL ? !about_us : pass == PASS_SWITCHES && about_us)
        return option_apply(o, row, use->value, err) < 0 ? CTL_USAGE : CTL_OK;
    return CTL_OK;
}

static enum ctl_exit options_pass(struct options *o, int argc, char **argv, enum options_pass pass,
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
            if (!only_paths && o->subcommand == SUBCOMMAND_NONE && options_check_word(use.value, err) < 0)
                return CTL_USAGE;
        }
        rc = options_take(o, &use, pass, err);
    }
    return rc;
}

/* "snapshot save FILE" and "snapshot load FILE": other words for --save and --load. */
static bool options_take_snapshot(struct options *o, char **argv)
{
    if (strcmp(argv[2], "save") == 0)
        o->save = argv[3];
    else if (strcmp(argv[2], "load") == 0)
        o->load = argv[3];
    else
        return false;
    return true;
}

/* Files first, so that the command line has the last word. */
enum ctl_exit options_parse(struct options *o, int argc, char **argv,
                            const struct options_places *places, struct err *err)
{
    enum ctl_exit rc;

    if (argc > 3 && strcmp(argv[1], "snapshot") == 0 && options_take_snapshot(o, argv)) {
        argc -= 3;
        argv += 3;
    }
    for (unsigned i = 0; i < ARRAY_LEN(subcommands) && argc > 1; i++)
        if (strcmp(argv[1], subcommands[i].word) == 0)
            o->subcommand = subcommands[i].command;
    if (o->subcommand != SUBCOMMAND_NONE) {
        /* What a file says of machines is not for a trace or a test. */
        argc--;
        argv++;
        places = NULL;
    }
    if (o->subcommand == SUBCOMMAND_REPLAY || o->subcommand == SUBCOMMAND_BISECT)
        o->speed = 0;
    rc = options_pass(o, argc, argv, PASS_SWITCHES, err);
    if (o->help || o->version)
        return rc; /* whatever the files say */
    if (rc == CTL_OK && places != NULL && !o->no_conf)
        rc = options_read_places(o, places, err);
    if (rc == CTL_OK)
        rc = options_pass(o, argc, argv, PASS_FILES, err);
    if (rc != CTL_OK)
        return rc;
    o->source = SOURCE_ARGS;
    return options_pass(o, argc, argv, PASS_ALL, err);
}

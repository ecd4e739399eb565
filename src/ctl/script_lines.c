/* Tests as text: what each kind of line does. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "ctl/nearest.h"
#include "ctl/number.h"
#include "ctl/options_table.h"
#include "ctl/script_priv.h"

/* --- the rest of the line ------------------------------------------------ */

const char *reader_peek(const struct script_reader *r)
{
    if (r->next >= r->line->words || r->line->word[r->next].quoted)
        return NULL;
    return r->line->word[r->next].text;
}

bool reader_skip(struct script_reader *r, const char *word)
{
    const char *is = reader_peek(r);

    if (is == NULL || strcmp(is, word) != 0)
        return false;
    r->next++;
    return true;
}

/* `what` is for the message: "the text to wait for". */
static const char *reader_take(struct script_reader *r, const char *what, struct err *err)
{
    if (r->next < r->line->words)
        return r->line->word[r->next++].text;
    err_set(err, "%s is missing", what);
    return NULL;
}

/* As reader_take, in quotes: so that a forgotten keyword is found. */
static const char *reader_take_text(struct script_reader *r, const char *what, struct err *err)
{
    const char *bare = reader_peek(r);

    if (bare != NULL) {
        err_set(err, "%s stands in quotes, and here is %.40s", what, bare);
        return NULL;
    }
    return reader_take(r, what, err);
}

static int reader_take_file(struct script_reader *r, const char *what, const char **out,
                            struct err *err)
{
    *out = reader_take(r, what, err);
    if (*out == NULL)
        return -1;
    if (**out != '\0')
        return 0;
    err_set(err, "%s is empty", what);
    return -1;
}

static int reader_take_number(struct script_reader *r, const char *what, uint64_t max, uint64_t *out,
                              struct err *err)
{
    const char *text = reader_take(r, what, err);

    if (text == NULL)
        return -1;
    if (number_uint(text, max, out))
        return 0;
    err_set(err, "%s: '%.40s' is not a number from 0 to %llu", what, text, (unsigned long long) max);
    return -1;
}

static int reader_take_hex(struct script_reader *r, const char *what, unsigned digits, uint32_t *out,
                           struct err *err)
{
    const char *text = reader_take(r, what, err);

    if (text == NULL)
        return -1;
    if (strlen(text) == digits && strspn(text, "0123456789abcdefABCDEF") == digits) {
        *out = (uint32_t) strtoul(text, NULL, 16);
        return 0;
    }
    err_set(err, "%s: '%.40s' is not of %u hexadecimal digits", what, text, digits);
    return -1;
}

static int reader_take_seconds(struct script_reader *r, const char *what, vtime *out, struct err *err)
{
    const char *text = reader_take(r, what, err);

    if (text == NULL)
        return -1;
    if (number_decimal(text, 9, UINT64_C(1) << 50, out))
        return 0;
    err_set(err, "%s: '%.40s' is not a number of seconds", what, text);
    return -1;
}

/* "10,20" or "0,0,320,11". */
static int reader_take_list(struct script_reader *r, const char *what, unsigned n, unsigned *out,
                            struct err *err)
{
    const char *text = reader_take(r, what, err), *p = text;

    if (text == NULL)
        return -1;
    for (unsigned i = 0; i < n; i++) {
        size_t len = strcspn(p, ",");
        char digits[8] = "";
        uint64_t val;

        if (len < sizeof digits)
            memcpy(digits, p, len);
        if (!number_uint(digits, 65535, &val) || (p[len] == ',') != (i + 1 < n)) {
            err_set(err, "%s: '%.40s' is not of the form %s", what, text, n == 2 ? "X,Y" : "X,Y,WIDTH,HEIGHT");
            return -1;
        }
        out[i] = (unsigned) val;
        p += len + 1;
    }
    return 0;
}

/* --- words of a table ---------------------------------------------------- */

struct word_row {
    const char *name;
    int (*read)(struct script_reader *r, struct err *err);
    unsigned param;
};

struct word_table {
    const struct word_row *row;
    unsigned n;
};

static const char *word_nth(const void *opaque, unsigned i)
{
    const struct word_table *table = opaque;

    return i < table->n ? table->row[i].name : NULL;
}

/* NULL: an error that names the nearest. */
static const struct word_row *word_find(const struct word_table *table, const char *kind,
                                        const char *word, struct err *err)
{
    for (unsigned i = 0; i < table->n; i++)
        if (strcmp(table->row[i].name, word) == 0)
            return &table->row[i];
    err_set(err, "unknown %s '%.40s'; the nearest is '%s'", kind, word,
            table->row[nearest_find(word, word_nth, table)].name);
    return NULL;
}

static const struct word_row *reader_take_word(struct script_reader *r, const struct word_table *table,
                                               const char *kind, struct err *err)
{
    const char *word = reader_peek(r);

    if (word == NULL) {
        int n = snprintf(err->msg, sizeof err->msg, "%s is missing here:", kind);

        for (unsigned i = 0; i < table->n; i++)
            n += snprintf(err->msg + n, sizeof err->msg - (size_t) n, "%s %s", i != 0 ? "," : "",
                          table->row[i].name);
        return NULL;
    }
    r->next++;
    return word_find(table, kind, word, err);
}

#define WORD_TABLE(rows) { rows, ARRAY_LEN(rows) }

/* --- steps --------------------------------------------------------------- */

/* Something was added to the list of steps: it is this line's. */
static struct step *reader_step(struct script_reader *r)
{
    struct script_test *t = r->test;
    struct step *step = &t->steps.step[t->steps.n - 1];

    step->text = r->line->text;
    if ((t->steps.n & (t->steps.n - 1)) == 0)
        t->step_line = xrealloc(t->step_line, 2 * t->steps.n * sizeof *t->step_line);
    t->step_line[t->steps.n - 1] = r->line->number;
    return step;
}

/* "within SECONDS" at the end of a line. */
static int reader_within(struct script_reader *r, struct step *step, struct err *err)
{
    step->limit = r->limit;
    if (!reader_skip(r, "within"))
        return 0;
    return reader_take_seconds(r, "within", &step->limit, err);
}

static struct script_check *reader_check(struct script_reader *r, enum script_check_kind kind)
{
    struct script_test *t = r->test;
    struct step *step;

    steps_add(&t->steps, STEP_CHECK, r->line->text);
    step = reader_step(r);
    step->number = t->checks;
    if ((t->checks & (t->checks - 1)) == 0)
        t->check = xrealloc(t->check, (2 * t->checks + 1) * sizeof *t->check);
    t->check[t->checks] = (struct script_check){ .kind = kind == CHECK_REGEX ? CHECK_TEXT : kind };
    return &t->check[t->checks++];
}

/* The step of the check that was added last. */
static struct step *reader_last_step(struct script_reader *r)
{
    return &r->test->steps.step[r->test->steps.n - 1];
}

/* --- checks -------------------------------------------------------------- */

static bool reader_says_no(const struct script_reader *r)
{
    return strcmp(r->line->word[1].text, "no") == 0 && !r->line->word[1].quoted;
}

static int check_text(struct script_reader *r, struct err *err)
{
    const char *text = reader_take_text(r, "the text", err);
    struct script_check *c;

    if (text == NULL)
        return -1;
    if (*text == '\0') {
        err_set(err, "the text is empty");
        return -1;
    }
    c = reader_check(r, CHECK_TEXT);
    c->text = text;
    c->no = reader_says_no(r);
    return reader_within(r, reader_last_step(r), err);
}

/*
 * regcomp(3) takes memory and depth without bounds for some expressions of a
 * few bytes: repetitions of repetitions, parentheses in parentheses.
 */
static int check_regex_size(const char *text, struct err *err)
{
    enum { LENGTH = 200, GROUPS = 16 };
    unsigned groups = 0, counts = 0;

    for (const char *p = text; *p != '\0'; p++) {
        groups += *p == '(';
        counts += *p == '{';
    }
    if (text[0] == '\0' || strlen(text) > LENGTH || groups > GROUPS || counts > 1) {
        err_set(err, "regex: 1 to %d bytes, at most %d groups and one {...}", LENGTH, GROUPS);
        return -1;
    }
    for (const char *p = strchr(text, '\\'); p != NULL && p[1] != '\0'; p = strchr(p + 2, '\\')) {
        if (p[1] >= '0' && p[1] <= '9') {
            err_set(err, "regex: there are no back references (\\%c)", p[1]);
            return -1;
        }
    }
    return 0;
}

static int check_regex(struct script_reader *r, struct err *err)
{
    const char *text = reader_take_text(r, "the regular expression", err);
    struct script_check *c;
    int rc;

    if (text == NULL || check_regex_size(text, err) < 0)
        return -1;
    c = reader_check(r, CHECK_REGEX);
    rc = regcomp(&c->regex, text, REG_EXTENDED | REG_NOSUB);
    if (rc != 0) {
        char why[80];

        regerror(rc, &c->regex, why, sizeof why);
        err_set(err, "regex '%.60s': %s", text, why);
        return -1;
    }
    c->kind = CHECK_REGEX; /* regfree from here on */
    c->text = text;
    c->no = reader_says_no(r);
    return reader_within(r, reader_last_step(r), err);
}

static int check_cell(struct script_reader *r, struct err *err)
{
    struct script_check *c;
    uint64_t row, column;
    uint32_t attr = 0;
    const char *text;
    bool any = true;

    if (!reader_skip(r, "row")) {
        err_set(err, "cell is of the form: cell row R column C \"TEXT\" [attribute HH]");
        return -1;
    }
    if (reader_take_number(r, "row", VIDEO_TEXT_ROWS_MAX - 1, &row, err) < 0)
        return -1;
    if (!reader_skip(r, "column")) {
        err_set(err, "cell: after the row stands: column C");
        return -1;
    }
    if (reader_take_number(r, "column", VIDEO_TEXT_COLUMNS_MAX - 1, &column, err) < 0)
        return -1;
    text = reader_take_text(r, "the text", err);
    if (text == NULL)
        return -1;
    if (reader_skip(r, "attribute")) {
        any = false;
        if (reader_take_hex(r, "attribute", 2, &attr, err) < 0)
            return -1;
    }
    c = reader_check(r, CHECK_CELL);
    c->text = text;
    c->x = (unsigned) column;
    c->y = (unsigned) row;
    c->attr = any ? -1 : (int) attr;
    return reader_within(r, reader_last_step(r), err);
}

static int check_pixel(struct script_reader *r, struct err *err)
{
    struct script_check *c;
    unsigned at[2];
    uint32_t colour;

    if (reader_take_list(r, "pixel", 2, at, err) < 0 ||
        reader_take_hex(r, "the colour, RRGGBB", 6, &colour, err) < 0)
        return -1;
    c = reader_check(r, CHECK_PIXEL);
    c->x = at[0];
    c->y = at[1];
    c->colour = colour;
    return reader_within(r, reader_last_step(r), err);
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);

    return n > m && strcmp(name + n - m, suffix) == 0;
}

static int check_screen(struct script_reader *r, struct err *err)
{
    const char *name;
    struct script_check *c;

    if (reader_take_file(r, "the file", &name, err) < 0)
        return -1;
    if (!has_suffix(name, ".png") && !has_suffix(name, ".txt")) {
        err_set(err, "'%.200s': a screen is a picture, NAME.png, or a text, NAME.txt", name);
        return -1;
    }
    c = reader_check(r, CHECK_SCREEN);
    c->text = name;
    while (reader_skip(r, "mask")) {
        unsigned at[4];

        if (c->masks == SCRIPT_MASKS) {
            err_set(err, "more than %d masks", SCRIPT_MASKS);
            return -1;
        }
        if (reader_take_list(r, "mask", 4, at, err) < 0)
            return -1;
        c->mask[c->masks++] = (struct script_rect){ at[0], at[1], at[2], at[3] };
    }
    return reader_within(r, reader_last_step(r), err);
}

static int line_expect(struct script_reader *r, struct err *err)
{
    static const struct word_row rows[] = {
        { "text", check_text, 0 },   { "regex", check_regex, 0 },   { "cell", check_cell, 0 },
        { "pixel", check_pixel, 0 }, { "screen", check_screen, 0 },
    };
    static const struct word_table all = WORD_TABLE(rows), texts = { rows, 2 };
    const struct word_row *row = reader_take_word(r, reader_skip(r, "no") ? &texts : &all, "expectation", err);

    return row != NULL ? row->read(r, err) : -1;
}

/* --- waits --------------------------------------------------------------- */

static int wait_for(struct script_reader *r, enum condition_kind kind, struct err *err)
{
    const char *text = "";

    if (kind != COND_POWEROFF) {
        text = reader_take_text(r, "the text to wait for", err);
        if (text == NULL)
            return -1;
    }
    if (steps_add_wait_for(&r->test->steps, kind, text, err) < 0)
        return -1;
    return reader_within(r, reader_step(r), err);
}

static int wait_text(struct script_reader *r, struct err *err)
{
    return wait_for(r, COND_TEXT, err);
}

static int wait_serial(struct script_reader *r, struct err *err)
{
    return wait_for(r, COND_SERIAL, err);
}

static int wait_poweroff(struct script_reader *r, struct err *err)
{
    return wait_for(r, COND_POWEROFF, err);
}

static int line_wait(struct script_reader *r, struct err *err)
{
    static const struct word_row rows[] = {
        { "text", wait_text, 0 },         { "serial", wait_serial, 0 },
        { "screen", check_screen, 0 },    { "poweroff", wait_poweroff, 0 },
    };
    static const struct word_table table = WORD_TABLE(rows);
    const struct word_row *row = reader_take_word(r, &table, "thing to wait for", err);

    return row != NULL ? row->read(r, err) : -1;
}

static int line_pause(struct script_reader *r, struct err *err)
{
    vtime pause;

    if (reader_take_seconds(r, "pause", &pause, err) < 0)
        return -1;
    steps_add_pause(&r->test->steps, r->line->text, pause);
    reader_step(r);
    return 0;
}

static int line_limit(struct script_reader *r, struct err *err)
{
    vtime limit;

    if (reader_take_seconds(r, "limit", &limit, err) < 0)
        return -1;
    if (limit == 0) {
        err_set(err, "limit: more than 0 seconds");
        return -1;
    }
    r->limit = limit;
    return 0;
}

/* --- keyboard, mouse, other inputs --------------------------------------- */

static int reader_type(struct script_reader *r, const char *keys, struct err *err)
{
    if (steps_add_type(&r->test->steps, keys, err) < 0)
        return -1;
    reader_step(r);
    if (reader_last_step(r)->keys.last_press != 0)
        return 0;
    err_set(err, "there is nothing to type");
    return -1;
}

static int line_type(struct script_reader *r, struct err *err)
{
    const char *text = reader_take_text(r, "what to type", err);

    return text != NULL ? reader_type(r, text, err) : -1;
}

/* "press Down Ctrl+C": the keys of type, one after another. */
static int line_press(struct script_reader *r, struct err *err)
{
    struct buf keys = { 0 };
    int rc = 0;

    if (reader_peek(r) == NULL) {
        err_set(err, "the key to press is missing, such as Enter or Ctrl+C");
        return -1;
    }
    for (const char *word; rc == 0 && (word = reader_peek(r)) != NULL; r->next++) {
        if (strcspn(word, "{}") < strlen(word) - (strlen(word) != 0 && word[strlen(word) - 1] == '}')) {
            err_set(err, "'%.40s' is not the name of a key", word);
            rc = -1;
        } else {
            buf_printf(&keys, "{%s}", word);
        }
    }
    buf_add(&keys, "", 1);
    if (rc == 0)
        rc = reader_type(r, (const char *) keys.data, err);
    buf_free(&keys);
    return rc;
}

static struct step *reader_inputs(struct script_reader *r)
{
    steps_add(&r->test->steps, STEP_INPUT, r->line->text);
    return reader_step(r);
}

static int reader_take_int(struct script_reader *r, const char *what, int64_t *out, struct err *err)
{
    const char *text = reader_take(r, what, err);
    uint64_t val;
    bool minus;

    if (text == NULL)
        return -1;
    minus = text[0] == '-';
    if (number_uint(text + minus, UINT64_C(1) << 62, &val)) {
        *out = minus ? -(int64_t) val : (int64_t) val;
        return 0;
    }
    err_set(err, "%s: '%.40s' is not a whole number", what, text);
    return -1;
}

static int mouse_move(struct script_reader *r, struct err *err)
{
    struct step_input in = { "mouse", "move", { 0 }, 3 };

    if (reader_take_int(r, "dots to the right", &in.arg[0], err) < 0 ||
        reader_take_int(r, "dots down", &in.arg[1], err) < 0)
        return -1;
    in.arg[1] = -in.arg[1]; /* a mouse counts upwards */
    steps_add_input(reader_inputs(r), &in);
    return 0;
}

static int mouse_wheel(struct script_reader *r, struct err *err)
{
    struct step_input in = { "mouse", "move", { 0 }, 3 };

    if (reader_take_int(r, "notches", &in.arg[2], err) < 0)
        return -1;
    steps_add_input(reader_inputs(r), &in);
    return 0;
}

static int mouse_button(struct script_reader *r, bool down, bool up, struct err *err)
{
    static const struct word_row rows[] = { { "left", NULL, 0 }, { "right", NULL, 1 }, { "middle", NULL, 2 } };
    static const struct word_table table = WORD_TABLE(rows);
    const struct word_row *row = &rows[0];
    struct step *step;

    if (reader_peek(r) != NULL) {
        row = reader_take_word(r, &table, "button", err);
        if (row == NULL)
            return -1;
    }
    step = reader_inputs(r);
    if (down)
        steps_add_input(step, &(struct step_input){ "mouse", "button", { row->param, 1 }, 2 });
    if (up)
        steps_add_input(step, &(struct step_input){ "mouse", "button", { row->param, 0 }, 2 });
    return 0;
}

static int mouse_click(struct script_reader *r, struct err *err)
{
    return mouse_button(r, true, true, err);
}

static int mouse_down(struct script_reader *r, struct err *err)
{
    return mouse_button(r, true, false, err);
}

static int mouse_up(struct script_reader *r, struct err *err)
{
    return mouse_button(r, false, true, err);
}

static int line_mouse(struct script_reader *r, struct err *err)
{
    static const struct word_row rows[] = {
        { "move", mouse_move, 0 }, { "click", mouse_click, 0 }, { "down", mouse_down, 0 },
        { "up", mouse_up, 0 },     { "wheel", mouse_wheel, 0 },
    };
    static const struct word_table table = WORD_TABLE(rows);
    const struct word_row *row = reader_take_word(r, &table, "thing a mouse does", err);

    return row != NULL ? row->read(r, err) : -1;
}

/* "input fd0 insert 2": as in a trace. */
static int line_input(struct script_reader *r, struct err *err)
{
    struct step_input in = { .args = 0 };
    const char *device = reader_take(r, "the device", err);
    const char *event = device != NULL ? reader_take(r, "the event", err) : NULL;

    if (event == NULL)
        return -1;
    if (strlen(device) >= sizeof in.device || strlen(event) >= sizeof in.event) {
        err_set(err, "'%.30s %.30s' is not an input", device, event);
        return -1;
    }
    memcpy(in.device, device, strlen(device));
    memcpy(in.event, event, strlen(event));
    while (r->next < r->line->words) {
        if (in.args == JOURNAL_ARGS) {
            err_set(err, "more than %d numbers", JOURNAL_ARGS);
            return -1;
        }
        if (reader_take_int(r, "a number of the input", &in.arg[in.args++], err) < 0)
            return -1;
    }
    steps_add_input(reader_inputs(r), &in);
    return 0;
}

/* --- commands ------------------------------------------------------------ */

static int line_run(struct script_reader *r, struct err *err)
{
    const char *text = reader_take_text(r, "the command", err);
    struct key_list keys, enter;
    struct step *step;
    uint64_t level = 0;

    if (text == NULL || keys_parse("\\n", &enter, err) < 0)
        return -1;
    if (keys_literal(text, &keys, err) < 0) {
        keys_free(&enter);
        return -1;
    }
    step = steps_add(&r->test->steps, STEP_RUN, text);
    keys_append(&keys, &enter);
    keys_free(&enter);
    step->keys = keys;
    reader_step(r);
    if (reader_skip(r, "errorlevel") && reader_take_number(r, "errorlevel", 255, &level, err) < 0)
        return -1;
    step->number = (unsigned) level;
    return reader_within(r, step, err);
}

/* --- files --------------------------------------------------------------- */

static int reader_output(struct script_reader *r, enum script_check_kind kind, const char *suffix,
                         struct err *err)
{
    const char *name;

    if (reader_take_file(r, "the file", &name, err) < 0)
        return -1;
    if (name[0] == '/' || strstr(name, "..") != NULL || (suffix != NULL && !has_suffix(name, suffix))) {
        err_set(err, "'%.200s': a plain name%s%s (--output says the folder)", name,
                suffix != NULL ? " that ends in " : "", suffix != NULL ? suffix : "");
        return -1;
    }
    reader_check(r, kind)->text = name;
    reader_last_step(r)->limit = 0;
    return 0;
}

static int line_screenshot(struct script_reader *r, struct err *err)
{
    return reader_output(r, CHECK_SCREENSHOT, ".png", err);
}

static int line_snapshot(struct script_reader *r, struct err *err)
{
    return reader_output(r, CHECK_SNAPSHOT, NULL, err);
}

static void script_add_arg(struct script_test *t, char *arg, bool file)
{
    if ((t->args & (t->args - 1)) == 0) {
        t->arg = xrealloc(t->arg, (2 * t->args + 1) * sizeof *t->arg);
        t->arg_file = xrealloc(t->arg_file, (2 * t->args + 1) * sizeof *t->arg_file);
    }
    t->arg[t->args] = arg;
    t->arg_file[t->args++] = file;
}

/* "replay TRACE [DISK]... [verify]": instead of steps. */
static int line_replay(struct script_reader *r, struct err *err)
{
    const char *trace;

    if (r->test->replay != NULL) {
        err_set(err, "a test replays one trace");
        return -1;
    }
    if (reader_take_file(r, "the trace", &trace, err) < 0)
        return -1;
    r->test->replay = trace;
    while (r->next < r->line->words && !reader_skip(r, "verify"))
        script_add_arg(r->test, r->line->word[r->next++].text, true);
    r->test->verify = strcmp(r->line->word[r->line->words - 1].text, "verify") == 0;
    return 0;
}

/* --- the machine --------------------------------------------------------- */

static int machine_option(const char *word, const struct option **row, bool *value_follows, struct err *err)
{
    const char *name = word + strspn(word, "-"), *eq = strchr(name, '=');
    char text[64];

    snprintf(text, sizeof text, "%.*s", (int) (eq != NULL ? eq - name : 63), name);
    *row = option_find(text);
    if (*row == NULL) {
        err_set(err, "unknown option '%.60s'; the nearest is '%s'", word, option_nearest(text)->name);
        return -1;
    }
    *value_follows = eq == NULL && (*row)->arg != NULL;
    if ((*row)->section == SECTION_MEDIA || (*row)->section == SECTION_MACHINE ||
        strcmp(option_word(*row), "load") == 0)
        return 0;
    err_set(err, "%s: a test says disks and machine only", (*row)->name);
    return -1;
}

/* What the values are is checked as on the command line. */
static int machine_check(const struct script_test *t, struct err *err)
{
    struct options o;
    char none[] = "", **argv = xcalloc(t->args + 2, sizeof *argv);
    enum ctl_exit code;

    argv[0] = none;
    for (unsigned i = 0; i < t->args; i++)
        argv[i + 1] = t->arg[i];
    options_init(&o);
    code = options_parse(&o, (int) t->args + 1, argv, NULL, err);
    options_free(&o);
    free(argv);
    return code == CTL_OK ? 0 : -1;
}

static int line_machine(struct script_reader *r, struct err *err)
{
    unsigned before = r->test->args;

    if (r->next == r->line->words) {
        err_set(err, "the options of the machine are missing, such as -cpu 486 -m 8");
        return -1;
    }
    while (r->next < r->line->words) {
        const struct script_word *word = &r->line->word[r->next++];
        const struct option *row;
        bool value;

        if (word->quoted || word->text[0] != '-') {
            script_add_arg(r->test, word->text, true);
            continue;
        }
        if (machine_option(word->text, &row, &value, err) < 0)
            return -1;
        script_add_arg(r->test, word->text, false);
        if (value && r->next < r->line->words)
            script_add_arg(r->test, r->line->word[r->next++].text, strncmp(row->arg, "FILE", 4) == 0);
    }
    if (machine_check(r->test, err) == 0)
        return 0;
    r->test->args = before;
    return -1;
}

/* --- all of them --------------------------------------------------------- */

static int line_test(struct script_reader *r, struct err *err)
{
    const char *title = reader_take_text(r, "the title", err);

    if (title == NULL)
        return -1;
    if (*title == '\0' || strpbrk(title, "#\r\n") != NULL) {
        err_set(err, "a title is not empty and has no '#'");
        return -1;
    }
    r->test->title = xstrdup(title);
    return 0;
}

static const struct word_row script_rows[] = {
    { "machine", line_machine, 0 }, { "test", line_test, 0 },
    { "limit", line_limit, 0 },     { "type", line_type, 0 },
    { "press", line_press, 0 },     { "mouse", line_mouse, 0 },
    { "input", line_input, 0 },     { "wait", line_wait, 0 },
    { "pause", line_pause, 0 },     { "expect", line_expect, 0 },
    { "run", line_run, 0 },         { "replay", line_replay, 0 },
    { "screenshot", line_screenshot, 0 }, { "snapshot", line_snapshot, 0 },
};
static const struct word_table script_table = WORD_TABLE(script_rows);

bool script_is_test(const struct script_line *line)
{
    return !line->word[0].quoted && strcmp(line->word[0].text, "test") == 0;
}

int script_apply(struct script_reader *r, struct err *err)
{
    const struct script_word *first = &r->line->word[0];
    const struct word_row *row;

    if (first->quoted) {
        err_set(err, "a line begins with a word such as wait, type or expect, not with a text");
        return -1;
    }
    row = word_find(&script_table, "word", first->text, err);
    if (row == NULL || row->read(r, err) < 0)
        return -1;
    if (r->next < r->line->words) {
        err_set(err, "'%.40s' is one word too many here", r->line->word[r->next].text);
        return -1;
    }
    if (r->test->replay == NULL || r->test->steps.n == 0)
        return 0;
    err_set(err, "a test replays a trace or has steps, not both");
    return -1;
}

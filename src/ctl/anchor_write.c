/* From inputs to the lines of a test: keys become words again. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/anchor_priv.h"
#include "ctl/keys.h"

enum {
    USAGE_ENTER = 0x28,
    HELD = 500000000,       /* ns: a key that is down for so long repeats */
    CLICK = 300000000,
    PRESS_KEYS = 16,        /* in one line; a script's lines hold SCRIPT_WORDS words */
    SAME_MOVE = 20000000,   /* moves of a mouse that a test would send at once */
};

struct writer {
    const struct anchor_events *list;
    struct buf *out;
    struct buf text;  /* of a line "type" that is not written yet */
    struct buf names; /* the same as names for "press", while all of them have one */
    unsigned named;   /* how many those are */
    bool only_names;
    bool down[256];   /* modifiers, and keys that are held by input lines */
    bool alone[256];  /* a modifier that was pressed for itself, so far */
    vtime last;       /* when the last line was */
};

void anchor_put_quoted(struct buf *out, const char *text)
{
    char quote = strchr(text, '"') == NULL ? '"' : '\'';
    size_t len = strcspn(text, quote == '"' ? "\"\n" : "'\n");

    buf_printf(out, "%c%.*s%c", quote, (int) len, text, quote);
}

/* --- keys ---------------------------------------------------------------- */

static void writer_flush(struct writer *w)
{
    if (w->text.len == 0)
        return;
    buf_add(&w->text, "", 1);
    buf_add(&w->names, "", 1);
    if (w->only_names) {
        buf_printf(w->out, "press%s\n", (const char *) w->names.data);
    } else {
        buf_printf(w->out, "type ");
        anchor_put_quoted(w->out, (const char *) w->text.data);
        buf_printf(w->out, "\n");
    }
    w->text.len = w->names.len = w->named = 0;
}

static void writer_put_char(struct writer *w, char c)
{
    /* A line can hold one kind of quotes only. */
    if ((c == '"' && memchr(w->text.data, '\'', w->text.len) != NULL) ||
        (c == '\'' && w->text.len != 0 && memchr(w->text.data, '"', w->text.len) != NULL))
        writer_flush(w);
    if (w->text.len == 0)
        w->only_names = true;
    if (c == '\\' || c == '{')
        buf_add(&w->text, &c, 1);
    buf_add(&w->text, &c, 1);
    w->only_names = false;
}

static void writer_put_name(struct writer *w, const char *name, const char *text)
{
    if (w->only_names && w->named == PRESS_KEYS)
        writer_flush(w);
    if (w->text.len == 0)
        w->only_names = true;
    w->named++;
    if (text != NULL)
        buf_printf(&w->text, "%s", text);
    else
        buf_printf(&w->text, "{%s}", name);
    buf_printf(&w->names, " %s", name);
    if (strchr(name, '"') != NULL || strchr(name, '\'') != NULL || strchr(name, '#') == name)
        w->only_names = false;
}

/* With the modifiers that are down. */
static void writer_put_key(struct writer *w, uint8_t usage)
{
    static const uint8_t mods[] = { 0xe0, 0xe4, 0xe2, 0xe6, 0xe3, 0xe7, 0xe1, 0xe5 };
    enum { SHIFTS = 6 };
    bool shift = w->down[0xe1] || w->down[0xe5], other = false;
    char chord[128] = "", c;

    for (unsigned i = 0; i < SHIFTS; i++)
        other |= w->down[mods[i]];
    c = keys_char(usage, shift);
    if (!other && c != 0) {
        writer_put_char(w, c);
        return;
    }
    for (unsigned i = 0; i < sizeof mods; i++) {
        w->alone[mods[i]] = false;
        if (w->down[mods[i]])
            snprintf(chord + strlen(chord), sizeof chord - strlen(chord), "%s+", keys_name(mods[i]));
    }
    snprintf(chord + strlen(chord), sizeof chord - strlen(chord), "%s", keys_name(usage));
    writer_put_name(w, chord, strcmp(chord, "Enter") == 0 ? "\\n" : strcmp(chord, "Tab") == 0 ? "\\t" : NULL);
    if (usage == USAGE_ENTER)
        writer_flush(w);
}

/* How long the key of event `i` stays down; 0: to the end. */
static vtime writer_held(const struct writer *w, unsigned i)
{
    const struct anchor_event *press = &w->list->event[i];

    for (unsigned k = i + 1; k < w->list->n; k++) {
        const struct anchor_event *e = &w->list->event[k];

        if (strcmp(e->device, "kbd") == 0 && e->arg[0] == press->arg[0] && e->arg[1] == 0)
            return e->at - press->at;
    }
    return 0;
}

static void writer_pause(struct writer *w, vtime at)
{
    vtime tenths = at > w->last ? (at - w->last + 50000000) / 100000000 : 0;

    if (tenths != 0)
        buf_printf(w->out, "pause %" PRIu64 ".%" PRIu64 "\n", tenths / 10, tenths % 10);
}

static void writer_put_input(struct writer *w, const struct anchor_event *e)
{
    writer_flush(w);
    if (strcmp(e->device, "machine") == 0 && strcmp(e->event, "power-on") == 0)
        buf_printf(w->out, "wait poweroff\n");
    if (e->data != 0) {
        buf_printf(w->out, "# left out: %s %s of %zu bytes\n", e->device, e->event, e->data);
        return;
    }
    buf_printf(w->out, "input %s %s", e->device, e->event);
    for (unsigned i = 0; i < e->args; i++)
        buf_printf(w->out, " %" PRId64, e->arg[i]);
    buf_printf(w->out, "\n");
}

/* Can "press" and "type" say it? */
static bool writer_has_name(const struct writer *w, uint8_t usage)
{
    enum { CHORD = 6 };
    unsigned keys = 1;

    for (unsigned i = 0xe0; i < 0xe8; i++)
        keys += w->down[i];
    return keys <= CHORD && strcmp(keys_name(usage), "?") != 0;
}

static void writer_key_down(struct writer *w, unsigned i, uint8_t usage)
{
    if (keys_is_modifier(usage)) {
        w->down[usage] = w->alone[usage] = true;
    } else if (writer_held(w, i) >= HELD || !writer_has_name(w, usage)) {
        w->down[usage] = true;
        writer_put_input(w, &w->list->event[i]);
    } else {
        writer_put_key(w, usage);
        memset(w->alone, 0, sizeof w->alone);
    }
}

static void writer_key_up(struct writer *w, const struct anchor_event *e, uint8_t usage)
{
    if (!w->down[usage])
        return;
    w->down[usage] = false;
    if (!keys_is_modifier(usage)) {
        writer_flush(w);
        writer_pause(w, e->at);
        writer_put_input(w, e);
    } else if (w->alone[usage]) {
        writer_put_name(w, keys_name(usage), NULL);
    }
}

/* --- mouse --------------------------------------------------------------- */

static bool is_mouse(const struct anchor_event *e, const char *event)
{
    return strcmp(e->device, "mouse") == 0 && strcmp(e->event, event) == 0;
}

/* Moves that come together are one; the number of the last one. */
static unsigned writer_move(struct writer *w, unsigned i)
{
    const struct anchor_event *e = &w->list->event[i];
    int64_t x = 0, y = 0, z = 0;

    for (vtime first = e->at;; i++) {
        x += e->arg[0];
        y += e->arg[1];
        z += e->arg[2];
        e++;
        if (i + 1 == w->list->n || !is_mouse(e, "move") || e->wait != NULL || e->at - first >= SAME_MOVE)
            break;
    }
    writer_flush(w);
    if (x != 0 || y != 0)
        buf_printf(w->out, "mouse move %" PRId64 " %" PRId64 "\n", x, -y);
    if (z != 0)
        buf_printf(w->out, "mouse wheel %" PRId64 "\n", z);
    return i;
}

static unsigned writer_button(struct writer *w, unsigned i)
{
    static const char *const buttons[] = { "left", "right", "middle" };
    const struct anchor_event *e = &w->list->event[i], *next = e + 1;
    bool click = e->arg[1] != 0 && i + 1 < w->list->n && is_mouse(next, "button") && next->wait == NULL &&
                 next->arg[0] == e->arg[0] && next->arg[1] == 0 && next->at - e->at < CLICK;

    if (e->arg[0] < 0 || e->arg[0] > 2) {
        writer_put_input(w, e);
        return i;
    }
    writer_flush(w);
    buf_printf(w->out, "mouse %s %s\n", click ? "click" : e->arg[1] != 0 ? "down" : "up", buttons[e->arg[0]]);
    return i + click;
}

/* --- all of them --------------------------------------------------------- */

static unsigned writer_event(struct writer *w, unsigned i)
{
    const struct anchor_event *e = &w->list->event[i];

    if (e->wait != NULL) {
        writer_flush(w);
        buf_printf(w->out, "%s", e->wait);
    }
    if (is_mouse(e, "move"))
        return writer_move(w, i);
    if (is_mouse(e, "button"))
        return writer_button(w, i);
    if (strcmp(e->device, "kbd") != 0 || e->arg[0] < 0 || e->arg[0] > 255)
        writer_put_input(w, e);
    else if (e->arg[1] != 0)
        writer_key_down(w, i, (uint8_t) e->arg[0]);
    else
        writer_key_up(w, e, (uint8_t) e->arg[0]);
    return i;
}

void anchor_write(const struct anchor_events *list, struct buf *out)
{
    struct writer w = { .list = list, .out = out };

    for (unsigned i = 0; i < list->n; i++) {
        i = writer_event(&w, i);
        w.last = list->event[i].at;
    }
    writer_flush(&w);
    buf_free(&w.text);
    buf_free(&w.names);
}

void anchor_events_free(struct anchor_events *list)
{
    for (unsigned i = 0; i < list->n; i++)
        free(list->event[i].wait);
    free(list->event);
}

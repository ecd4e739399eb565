/* Keys of the window that are commands. */
#include "config.h"

#include "ctl/bindings.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ctl/keys.h"
#include "ctl/nearest.h"

static const struct command_row {
    const char *name;
    const char *keys;
    const char *help;
} command_rows[COMMANDS] = {
    [COMMAND_HELP] = { "help", "Ctrl+F1", "show or hide this list" },
    [COMMAND_SWAP_FLOPPY] = { "swap-floppy", "Ctrl+F4", "put the next disk into drive A" },
    [COMMAND_SCREENSHOT] = { "screenshot", "Ctrl+F5", "save the picture as a PNG file" },
    [COMMAND_SCREEN_TEXT] = { "screen-text", "Ctrl+Shift+F5", "save the screen's text" },
    [COMMAND_QUIT] = { "quit", "Ctrl+F9", "end Reprise" },
    [COMMAND_RELEASE_MOUSE] = { "release-mouse", "Ctrl+F10", "give the mouse back to the desktop" },
    [COMMAND_SLOWER] = { "slower", "Ctrl+F11", "a slower processor" },
    [COMMAND_FASTER] = { "faster", "Ctrl+F12", "a faster processor" },
    [COMMAND_FAST_FORWARD] = { "fast-forward", "Alt+F12", "as fast as the host can, and back" },
    [COMMAND_REWIND] = { "rewind", "Alt+F11", "three seconds back in time" },
    [COMMAND_SNAPSHOT] = { "snapshot", "Ctrl+F6", "save the whole machine, for --load" },
    [COMMAND_FULLSCREEN] = { "fullscreen", "Alt+Enter", "fill the screen, and back" },
    [COMMAND_PAUSE] = { "pause", "Alt+Pause", "stop time, and go on" },
    [COMMAND_RESET] = { "reset", "Ctrl+Alt+Home", "press reset, or switch on what is off" },
    [COMMAND_CTRL_ALT_DEL] = { "ctrl-alt-del", "Ctrl+Alt+End", "type Ctrl+Alt+Del" },
};

static const struct chord_word {
    const char *name;
    uint8_t mod;
} chord_words[] = {
    { "Ctrl", CHORD_CTRL }, { "Alt", CHORD_ALT }, { "Shift", CHORD_SHIFT }, { "Win", CHORD_WIN },
};

enum { CHORD_WORDS = sizeof chord_words / sizeof chord_words[0], USAGE_LEFT_CTRL = 0xe0 };

const char *command_name(enum command c)
{
    return command_rows[c].name;
}

const char *command_help(enum command c)
{
    return command_rows[c].help;
}

enum command command_find(const char *name)
{
    for (unsigned i = 0; i < COMMANDS; i++)
        if (strcmp(command_rows[i].name, name) == 0)
            return (enum command) i;
    return COMMAND_NONE;
}

static const char *command_word(const void *opaque, unsigned i)
{
    (void) opaque;
    return i < COMMANDS ? command_rows[i].name : NULL;
}

enum command command_nearest(const char *name)
{
    return (enum command) nearest_find(name, command_word, NULL);
}

uint8_t chord_modifier(uint8_t usage)
{
    /* Ctrl, Shift, Alt, Win: left, then right. */
    return usage >= USAGE_LEFT_CTRL && usage < USAGE_LEFT_CTRL + 8
               ? (uint8_t) (1u << (usage - USAGE_LEFT_CTRL) % 4) : 0;
}

static uint8_t chord_word(const char *text, size_t len)
{
    for (unsigned i = 0; i < CHORD_WORDS; i++)
        if (strlen(chord_words[i].name) == len && strncasecmp(chord_words[i].name, text, len) == 0)
            return chord_words[i].mod;
    return 0;
}

/* Modifiers and a plus sign each, then the key. */
static int chord_parse(const char *text, struct chord *out, struct err *err)
{
    const char *p = text;
    size_t len;

    *out = (struct chord){ 0, 0 };
    if (strcasecmp(text, "none") == 0)
        return 0;
    for (len = strcspn(p, "+"); p[len] == '+' && chord_word(p, len) != 0; len = strcspn(p, "+")) {
        out->mods |= chord_word(p, len);
        p += len + 1;
    }
    out->usage = keys_find(p, strlen(p));
    if (out->usage != 0 && chord_modifier(out->usage) == 0)
        return 0;
    err_set(err, "'%.60s' is not a key: for example Ctrl+F5, Alt+Enter, none", text);
    return -1;
}

void chord_print(struct chord chord, char *out)
{
    int n = 0;

    if (chord.usage == 0) {
        snprintf(out, CHORD_TEXT, "none");
        return;
    }
    for (unsigned i = 0; i < CHORD_WORDS; i++)
        if (chord.mods & chord_words[i].mod)
            n += snprintf(out + n, CHORD_TEXT - (size_t) n, "%s+", chord_words[i].name);
    snprintf(out + n, CHORD_TEXT - (size_t) n, "%.12s", keys_name(chord.usage));
}

void bindings_init(struct bindings *b)
{
    struct err err;

    for (unsigned i = 0; i < COMMANDS; i++)
        chord_parse(command_rows[i].keys, &b->chord[i], &err);
}

/* Two commands on the same keys: only one of them could ever be reached. */
static int bindings_check_free(const struct bindings *b, unsigned command, struct chord chord,
                               struct err *err)
{
    for (unsigned i = 0; i < COMMANDS; i++) {
        if (i == command || chord.usage == 0 || b->chord[i].usage != chord.usage ||
            b->chord[i].mods != chord.mods)
            continue;
        err_set(err, "these keys are those of '%s' (set it to none first)", command_rows[i].name);
        return -1;
    }
    return 0;
}

int bindings_set(struct bindings *b, const char *text, struct err *err)
{
    const char *eq = strchr(text, '=');
    char name[32];
    struct chord chord;
    enum command c;

    if (eq == NULL || (size_t) (eq - text) >= sizeof name) {
        err_set(err, "'%.60s' is not of the form NAME=KEYS", text);
        return -1;
    }
    snprintf(name, sizeof name, "%.*s", (int) (eq - text), text);
    c = command_find(name);
    if (c == COMMAND_NONE) {
        err_set(err, "unknown command '%s'; the nearest is '%s'", name,
                command_name(command_nearest(name)));
        return -1;
    }
    if (chord_parse(eq + 1, &chord, err) < 0 || bindings_check_free(b, c, chord, err) < 0)
        return -1;
    b->chord[c] = chord;
    return 0;
}

enum command bindings_find(const struct bindings *b, struct chord chord)
{
    for (unsigned i = 0; i < COMMANDS; i++)
        if (chord.usage != 0 && b->chord[i].usage == chord.usage && b->chord[i].mods == chord.mods)
            return (enum command) i;
    return COMMAND_NONE;
}

void bindings_print(const struct bindings *b, struct buf *out)
{
    for (unsigned i = 0; i < COMMANDS; i++) {
        char line[160], keys[CHORD_TEXT];

        chord_print(b->chord[i], keys);
        snprintf(line, sizeof line, "  %-15s %-14s %s\n", keys, command_rows[i].name,
                 command_rows[i].help);
        buf_add(out, line, strlen(line));
    }
}

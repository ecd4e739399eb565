/* Text as key strokes. */
#include "config.h"

#include "ctl/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bits.h"
#include "base/mem.h"
#include "ctl/nearest.h"

enum {
    KEY_A = 0x04, KEY_1 = 0x1e, KEY_0 = 0x27,
    KEY_ENTER = 0x28, KEY_ESC, KEY_BACKSPACE, KEY_TAB, KEY_SPACE,
    KEY_CAPS = 0x39, KEY_F1, KEY_F12 = KEY_F1 + 11,
    KEY_PRINT, KEY_SCROLL, KEY_PAUSE, KEY_INSERT, KEY_HOME, KEY_PAGE_UP, KEY_DELETE, KEY_END,
    KEY_PAGE_DOWN, KEY_RIGHT, KEY_LEFT, KEY_DOWN, KEY_UP,
    KEY_NUM_LOCK, KEY_PAD_SLASH, KEY_PAD_STAR, KEY_PAD_MINUS, KEY_PAD_PLUS, KEY_PAD_ENTER,
    KEY_PAD_1, KEY_PAD_0 = KEY_PAD_1 + 9, KEY_PAD_DOT,
    KEY_102ND, KEY_MENU,
    KEY_CTRL = 0xe0, KEY_SHIFT, KEY_ALT, KEY_WIN, KEY_RIGHT_CTRL, KEY_RIGHT_SHIFT, KEY_RIGHT_ALT,
    KEY_RIGHT_WIN,
};

static const struct key_name {
    const char *name;
    uint8_t usage;
} key_names[] = {
    { "Ctrl", KEY_CTRL }, { "Shift", KEY_SHIFT }, { "Alt", KEY_ALT }, { "Win", KEY_WIN },
    { "RCtrl", KEY_RIGHT_CTRL }, { "RShift", KEY_RIGHT_SHIFT }, { "RAlt", KEY_RIGHT_ALT },
    { "AltGr", KEY_RIGHT_ALT }, { "RWin", KEY_RIGHT_WIN },
    { "Enter", KEY_ENTER }, { "Return", KEY_ENTER }, { "Esc", KEY_ESC }, { "Escape", KEY_ESC },
    { "Backspace", KEY_BACKSPACE }, { "BS", KEY_BACKSPACE }, { "Tab", KEY_TAB },
    { "Space", KEY_SPACE }, { "CapsLock", KEY_CAPS },
    { "F1", KEY_F1 }, { "F2", KEY_F1 + 1 }, { "F3", KEY_F1 + 2 }, { "F4", KEY_F1 + 3 },
    { "F5", KEY_F1 + 4 }, { "F6", KEY_F1 + 5 }, { "F7", KEY_F1 + 6 }, { "F8", KEY_F1 + 7 },
    { "F9", KEY_F1 + 8 }, { "F10", KEY_F1 + 9 }, { "F11", KEY_F1 + 10 }, { "F12", KEY_F12 },
    { "PrintScreen", KEY_PRINT }, { "PrtSc", KEY_PRINT }, { "SysRq", KEY_PRINT },
    { "ScrollLock", KEY_SCROLL }, { "Pause", KEY_PAUSE }, { "Break", KEY_PAUSE },
    { "Insert", KEY_INSERT }, { "Ins", KEY_INSERT }, { "Delete", KEY_DELETE },
    { "Del", KEY_DELETE }, { "Home", KEY_HOME }, { "End", KEY_END },
    { "PageUp", KEY_PAGE_UP }, { "PgUp", KEY_PAGE_UP }, { "PageDown", KEY_PAGE_DOWN },
    { "PgDn", KEY_PAGE_DOWN }, { "Left", KEY_LEFT }, { "Right", KEY_RIGHT }, { "Up", KEY_UP },
    { "Down", KEY_DOWN }, { "NumLock", KEY_NUM_LOCK }, { "Menu", KEY_MENU },
    { "Pad/", KEY_PAD_SLASH }, { "Pad*", KEY_PAD_STAR }, { "Pad-", KEY_PAD_MINUS },
    { "PadPlus", KEY_PAD_PLUS }, { "PadEnter", KEY_PAD_ENTER }, { "Pad.", KEY_PAD_DOT },
    { "Pad0", KEY_PAD_0 }, { "Pad1", KEY_PAD_1 }, { "Pad2", KEY_PAD_1 + 1 },
    { "Pad3", KEY_PAD_1 + 2 }, { "Pad4", KEY_PAD_1 + 3 }, { "Pad5", KEY_PAD_1 + 4 },
    { "Pad6", KEY_PAD_1 + 5 }, { "Pad7", KEY_PAD_1 + 6 }, { "Pad8", KEY_PAD_1 + 7 },
    { "Pad9", KEY_PAD_1 + 8 },
};

/* Keys from 2Dh on that are neither letter nor digit; place 32h is not on a US keyboard. */
enum { KEY_PUNCTUATION = 0x2d };
static const char key_plain[] = "-=[]\\\0;'`,./";
static const char key_shifted[] = "_+{}|\0:\"~<>?";
static const char key_digits_shifted[] = "!@#$%^&*()";

struct key_stroke {
    uint8_t usage;
    bool shift;
};

static bool key_from_table(const char *table, size_t n, char c, uint8_t first, uint8_t *usage)
{
    const char *p = c != '\0' ? memchr(table, c, n) : NULL;

    if (p == NULL)
        return false;
    *usage = (uint8_t) (first + (p - table));
    return true;
}

/* The key, and Shift or not, that types a character. */
static bool key_of_char(char c, struct key_stroke *out)
{
    *out = (struct key_stroke){ 0, false };
    if (c >= 'a' && c <= 'z') {
        out->usage = (uint8_t) (KEY_A + (c - 'a'));
    } else if (c >= 'A' && c <= 'Z') {
        *out = (struct key_stroke){ (uint8_t) (KEY_A + (c - 'A')), true };
    } else if (c == ' ') {
        out->usage = KEY_SPACE;
    } else if (c == '\n') {
        out->usage = KEY_ENTER;
    } else if (c == '\t') {
        out->usage = KEY_TAB;
    } else if (!key_from_table("1234567890", 10, c, KEY_1, &out->usage) &&
               !key_from_table(key_plain, sizeof key_plain - 1, c, KEY_PUNCTUATION, &out->usage)) {
        out->shift = true;
        return key_from_table(key_digits_shifted, 10, c, KEY_1, &out->usage) ||
               key_from_table(key_shifted, sizeof key_shifted - 1, c, KEY_PUNCTUATION, &out->usage);
    }
    return true;
}

static void keys_add(struct key_list *list, uint8_t usage, bool down)
{
    list->event = xrealloc(list->event, (list->n + 1) * sizeof *list->event);
    list->event[list->n++] = (struct key_event){ usage, down };
    if (down)
        list->last_press = list->n;
}

static void keys_add_stroke(struct key_list *list, struct key_stroke k)
{
    if (k.shift)
        keys_add(list, KEY_SHIFT, true);
    keys_add(list, k.usage, true);
    keys_add(list, k.usage, false);
    if (k.shift)
        keys_add(list, KEY_SHIFT, false);
}

/* --- {Ctrl+C} ------------------------------------------------------------ */

static const char *key_word(const void *opaque, unsigned i)
{
    (void) opaque;
    return i < ARRAY_LEN(key_names) ? key_names[i].name : NULL;
}

static bool key_of_name(const char *name, size_t len, struct key_stroke *out)
{
    if (len == 1 && key_of_char(name[0], out)) {
        /* {Ctrl+C} is Ctrl and the key C: Shift is named when it is meant. */
        if ((name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z')
            out->shift = false;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
        if (strlen(key_names[i].name) == len && strncasecmp(key_names[i].name, name, len) == 0) {
            *out = (struct key_stroke){ key_names[i].usage, false };
            return true;
        }
    }
    return false;
}

uint8_t keys_find(const char *name, size_t len)
{
    struct key_stroke k;

    return key_of_name(name, len, &k) && !k.shift ? k.usage : 0;
}

char keys_char(uint8_t usage, bool shift)
{
    for (char c = ' '; c < 0x7f; c++) {
        struct key_stroke k;

        if (key_of_char(c, &k) && k.usage == usage && k.shift == shift)
            return c;
    }
    return 0;
}

bool keys_is_modifier(uint8_t usage)
{
    return usage >= KEY_CTRL && usage <= KEY_RIGHT_WIN;
}

const char *keys_name(uint8_t usage)
{
    static const char letters[][2] = {
        "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R",
        "S", "T", "U", "V", "W", "X", "Y", "Z", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0",
    };

    if (usage >= KEY_A && usage <= KEY_0)
        return letters[usage - KEY_A];
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++)
        if (key_names[i].usage == usage)
            return key_names[i].name;
    return "?";
}

/* Length of the key name at `p`; a plus sign alone is the key '+'. */
static size_t key_name_len(const char *p, const char *end)
{
    const char *plus = p < end ? memchr(p + 1, '+', (size_t) (end - p - 1)) : NULL;

    return (size_t) ((plus != NULL ? plus : end) - p);
}

enum { KEY_CHORD = 6 };

static int keys_add_chord(struct key_list *list, const char *p, const char *end, struct err *err)
{
    struct key_stroke held[KEY_CHORD];
    unsigned n = 0;

    for (;;) {
        size_t len = key_name_len(p, end);

        if (n == KEY_CHORD) {
            err_set(err, "more than %d keys at once", KEY_CHORD);
            return -1;
        }
        if (!key_of_name(p, len, &held[n])) {
            char name[24];

            snprintf(name, sizeof name, "%.*s", (int) (len < 20 ? len : 20), p);
            err_set(err, "unknown key '{%s}'; the nearest is '{%s}'", name,
                    key_names[nearest_find(name, key_word, NULL)].name);
            return -1;
        }
        n++;
        if (p + len == end)
            break;
        p += len + 1;
    }
    for (unsigned i = 0; i + 1 < n; i++)
        keys_add(list, held[i].usage, true);
    keys_add_stroke(list, held[n - 1]);
    for (unsigned i = n - 1; i-- != 0;)
        keys_add(list, held[i].usage, false);
    return 0;
}

/* --- the whole text ------------------------------------------------------ */

static int keys_parse_escape(const char **p, struct key_list *list, struct err *err)
{
    static const struct {
        char c;
        uint8_t usage;
    } escapes[] = { { 'n', KEY_ENTER }, { 't', KEY_TAB }, { 'e', KEY_ESC }, { '\\', 0x31 } };
    char c = (*p)[1];

    for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
        if (escapes[i].c == c) {
            keys_add_stroke(list, (struct key_stroke){ escapes[i].usage, false });
            *p += 2;
            return 0;
        }
    }
    if (c == '\0')
        err_set(err, "ends in a single backslash (write \\\\ for a backslash)");
    else
        err_set(err, "unknown escape '\\%c': \\n Enter, \\t Tab, \\e Esc, \\\\ backslash",
                c > ' ' && c < 0x7f ? c : '?');
    return -1;
}

static int keys_parse_brace(const char **p, struct key_list *list, struct err *err)
{
    const char *start = *p + 1, *end;

    if (*start == '{') {
        keys_add_stroke(list, (struct key_stroke){ 0x2f, true });
        *p += 2;
        return 0;
    }
    end = strchr(start, '}');
    if (end == start && start[1] != '}')
        end = NULL;
    else if (end == start)
        end++; /* the key '}' */
    if (end == NULL || end == start) {
        err_set(err, "'{' without a key and '}' (write {{ for a brace)");
        return -1;
    }
    *p = end + 1;
    return keys_add_chord(list, start, end, err);
}

static int keys_add_char(struct key_list *list, char c, struct err *err)
{
    struct key_stroke k;

    if (!key_of_char(c, &k)) {
        err_set(err, "byte %02Xh is on no key of a US keyboard", (unsigned char) c);
        return -1;
    }
    keys_add_stroke(list, k);
    return 0;
}

static int keys_parse_piece(const char **p, struct key_list *list, struct err *err)
{
    if (**p == '\\')
        return keys_parse_escape(p, list, err);
    if (**p == '{')
        return keys_parse_brace(p, list, err);
    return keys_add_char(list, *(*p)++, err);
}

int keys_parse(const char *text, struct key_list *out, struct err *err)
{
    const char *p = text;

    *out = (struct key_list){ NULL, 0, 0 };
    while (*p != '\0') {
        if (keys_parse_piece(&p, out, err) < 0) {
            keys_free(out);
            return -1;
        }
    }
    return 0;
}

int keys_literal(const char *text, struct key_list *out, struct err *err)
{
    *out = (struct key_list){ NULL, 0, 0 };
    for (; *text != '\0'; text++) {
        if (keys_add_char(out, *text, err) < 0) {
            keys_free(out);
            return -1;
        }
    }
    return 0;
}

void keys_append(struct key_list *list, const struct key_list *more)
{
    for (size_t i = 0; i < more->n; i++)
        keys_add(list, more->event[i].usage, more->event[i].down);
}

void keys_free(struct key_list *list)
{
    free(list->event);
    *list = (struct key_list){ NULL, 0, 0 };
}

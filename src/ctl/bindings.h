/*
 * Keys of the window that are commands, not the guest's.  One table gives each
 * command a name, its default keys and a line for the help; options and the
 * configuration file change the keys by that name.
 */
#ifndef CTL_BINDINGS_H
#define CTL_BINDINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum command {
    COMMAND_HELP,
    COMMAND_SWAP_FLOPPY,
    COMMAND_SCREENSHOT,
    COMMAND_SCREEN_TEXT,
    COMMAND_QUIT,
    COMMAND_RELEASE_MOUSE,
    COMMAND_SLOWER,
    COMMAND_FASTER,
    COMMAND_FAST_FORWARD,
    COMMAND_REWIND,
    COMMAND_SNAPSHOT,
    COMMAND_FULLSCREEN,
    COMMAND_PAUSE,
    COMMAND_RESET,
    COMMAND_CTRL_ALT_DEL,
    COMMANDS,
    COMMAND_NONE = COMMANDS,
};

enum { CHORD_CTRL = 1, CHORD_SHIFT = 2, CHORD_ALT = 4, CHORD_WIN = 8 };

/* Left and right modifiers count as one. */
struct chord {
    uint8_t mods;
    uint8_t usage; /* 0: no key */
};

struct bindings {
    struct chord chord[COMMANDS];
};

void bindings_init(struct bindings *b);

/* "NAME=Ctrl+Shift+F5"; "NAME=none": the guest gets the keys. */
int bindings_set(struct bindings *b, const char *text, struct err *err);

enum command bindings_find(const struct bindings *b, struct chord chord);

/* Bit of enum CHORD_* for a modifier key, 0 for another. */
uint8_t chord_modifier(uint8_t usage);

/* "Ctrl+F5", "none"; `out` has CHORD_TEXT bytes. */
enum { CHORD_TEXT = 48 };
void chord_print(struct chord chord, char *out);

const char *command_name(enum command c);
const char *command_help(enum command c);
/* COMMAND_NONE: no command has this name. */
enum command command_find(const char *name);
/* The one that was probably meant. */
enum command command_nearest(const char *name);

/* All of them as lines for the window and --help. */
void bindings_print(const struct bindings *b, struct buf *out);

#endif

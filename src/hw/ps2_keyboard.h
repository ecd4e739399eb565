/*
 * A PS/2 keyboard of 101 or 102 keys, with the keys that came later.
 *
 * The journal names keys by position: USB HID usage IDs of page 07h.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and
 *         102-key)"; USB HID Usage Tables, "Keyboard/Keypad page (07h)".
 */
#ifndef HW_PS2_KEYBOARD_H
#define HW_PS2_KEYBOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/journal.h"
#include "core/sched.h"
#include "core/state.h"
#include "hw/ps2_wire.h"

/* Key positions: letters, digits and functions follow one another. */
enum key {
    KEY_NONE = 0x00,
    KEY_A = 0x04, /* to KEY_Z */
    KEY_Z = 0x1d,
    KEY_1 = 0x1e, /* to KEY_9, KEY_0 */
    KEY_0 = 0x27,
    KEY_ENTER = 0x28,
    KEY_ESC,
    KEY_BACKSPACE,
    KEY_TAB,
    KEY_SPACE,
    KEY_MINUS,
    KEY_EQUAL,
    KEY_LEFT_BRACKET,
    KEY_RIGHT_BRACKET,
    KEY_BACKSLASH,
    KEY_EUROPE_1, /* beside Enter on 102-key boards: the same switch as backslash */
    KEY_SEMICOLON,
    KEY_APOSTROPHE,
    KEY_GRAVE,
    KEY_COMMA,
    KEY_DOT,
    KEY_SLASH,
    KEY_CAPS_LOCK,
    KEY_F1, /* to KEY_F12 */
    KEY_F12 = 0x45,
    KEY_PRINT_SCREEN,
    KEY_SCROLL_LOCK,
    KEY_PAUSE,
    KEY_INSERT,
    KEY_HOME,
    KEY_PAGE_UP,
    KEY_DELETE,
    KEY_END,
    KEY_PAGE_DOWN,
    KEY_RIGHT,
    KEY_LEFT,
    KEY_DOWN,
    KEY_UP,
    KEY_NUM_LOCK,
    KEY_PAD_SLASH,
    KEY_PAD_STAR,
    KEY_PAD_MINUS,
    KEY_PAD_PLUS,
    KEY_PAD_ENTER,
    KEY_PAD_1, /* to KEY_PAD_9, KEY_PAD_0 */
    KEY_PAD_0 = 0x62,
    KEY_PAD_DOT,
    KEY_EUROPE_2, /* between left Shift and Z on 102-key boards */
    KEY_MENU,
    KEY_POWER,
    KEY_PAD_EQUAL,
    KEY_F13, /* to KEY_F24 */
    KEY_F24 = 0x73,
    KEY_PAD_COMMA = 0x85,
    KEY_INTL_1 = 0x87, /* to KEY_INTL_5 */
    KEY_INTL_5 = 0x8b,
    KEY_LEFT_CTRL = 0xe0,
    KEY_LEFT_SHIFT,
    KEY_LEFT_ALT,
    KEY_LEFT_GUI,
    KEY_RIGHT_CTRL,
    KEY_RIGHT_SHIFT,
    KEY_RIGHT_ALT,
    KEY_RIGHT_GUI,
    KEY_COUNT = 0xe8,
};

enum { LED_SCROLL = 1, LED_NUM = 2, LED_CAPS = 4 };

struct ps2_keyboard_config {
    struct sched *sched;
    struct state *state;
    struct journal *journal; /* "kbd" "key" (enum key, 1 down or 0 up) */
    struct ps2_wire *wire;
};

struct ps2_keyboard;

extern const struct state_field ps2_keyboard_fields[];

struct ps2_keyboard *ps2_keyboard_new(const struct ps2_keyboard_config *cfg);
void ps2_keyboard_free(struct ps2_keyboard *kbd);
void ps2_keyboard_reset(struct ps2_keyboard *kbd); /* power-on; keys held stay held */

uint8_t ps2_keyboard_leds(const struct ps2_keyboard *kbd); /* LED_* bits */

/* Bytes that wait for the controller: a typist that keeps this low overruns nothing. */
unsigned ps2_keyboard_pending(const struct ps2_keyboard *kbd);

#endif

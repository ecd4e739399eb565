/* The keyboard's table of codes: private to the keyboard. */
#ifndef HW_PS2_KEYBOARD_CODES_H
#define HW_PS2_KEYBOARD_CODES_H

#include <stdint.h>

#include "hw/ps2_keyboard.h"

/* How a key behaves in sets 1 and 2. */
enum key_kind {
    KIND_NONE, /* no such key */
    KIND_PLAIN,
    KIND_E0,     /* E0h before each code */
    KIND_CURSOR, /* E0h, with fake shifts */
    KIND_DIVIDE, /* the keypad's: E0h, fake shifts for Shift only */
    KIND_PRINT,
    KIND_PAUSE,
};

/* What a key does in set 3; bits. */
enum { DOES_REPEAT = 1, DOES_BREAK = 2 };

struct key_codes {
    uint8_t kind;             /* enum key_kind */
    uint8_t set1, set2, set3; /* set3 0: none */
    uint8_t does;             /* DOES_*: default of set 3 */
};

extern const struct key_codes key_codes[KEY_COUNT];

#endif

/*
 * Text as key strokes on a US keyboard.
 *
 * Keys are named by their place: usage IDs of the keyboard page (07h) of the
 * "HID Usage Tables", section 10.
 */
#ifndef CTL_KEYS_H
#define CTL_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct key_event {
    uint8_t usage;
    bool down;
};

struct key_list {
    struct key_event *event; /* owned */
    size_t n;
    size_t last_press; /* number of events up to and with the last press */
};

/*
 * Understands \n \t \e \\, {F1} {Ctrl+C} {Alt+X} and {{ (a brace).  -1 and a
 * message that shows the place for anything else a US keyboard cannot type.
 */
int keys_parse(const char *text, struct key_list *out, struct err *err);
/* Each character as it is: no escapes, no names of keys. */
int keys_literal(const char *text, struct key_list *out, struct err *err);
void keys_append(struct key_list *list, const struct key_list *more);
void keys_free(struct key_list *list);

/* The key that stands alone for `name` ("F4", "a", "Pause"), 0: unknown. */
uint8_t keys_find(const char *name, size_t len);

/* What it types, 0: nothing. */
char keys_char(uint8_t usage, bool shift);
/* Ctrl, Shift, Alt, Win, left or right. */
bool keys_is_modifier(uint8_t usage);

/* Its name: the first one that keys_find takes; "?" for a key without. */
const char *keys_name(uint8_t usage);

#endif

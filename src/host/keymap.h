/*
 * Keys of the host by their place.
 *
 * SDL's scancodes are the usage IDs of the keyboard page (07h) of the USB "HID
 * Usage Tables", section 10, as are the journal's key codes: layouts do not
 * matter.  Beyond that page SDL has numbers of its own (media keys).
 */
#ifndef HOST_KEYMAP_H
#define HOST_KEYMAP_H

#include <stdint.h>

/* The key code for the journal, 0: no PC keyboard has such a key. */
uint8_t keymap_usage(unsigned scancode);

#endif

/* Keys of the host by their place. */
#include "config.h"

#include "host/keymap.h"

#include "base/bits.h"

/* Runs of codes that a PC keyboard has; the same number on both sides. */
static const struct keymap_range {
    uint8_t first, last;
} keymap_ranges[] = {
    { 0x04, 0x64 }, /* letters, digits, F1 to F12, cursor block, keypad, 102nd key */
    { 0x65, 0x65 }, /* Menu */
    { 0x67, 0x73 }, /* keypad =, F13 to F24 */
    { 0x85, 0x85 }, /* keypad comma */
    { 0x87, 0x8b }, /* international 1 to 5 */
    { 0xe0, 0xe7 }, /* Ctrl, Shift, Alt and Win, left and right */
};

/* Keys that hosts report under other names than their place. */
static const struct keymap_alias {
    uint16_t from;
    uint8_t to;
} keymap_aliases[] = {
    { 0x9a, 0x46 },  /* SysRq is Print Screen with Alt */
    { 257, 0xe6 },   /* SDL_SCANCODE_MODE: AltGr on some layouts */
    { 0x76, 0x65 },  /* SDL_SCANCODE_MENU */
};

uint8_t keymap_usage(unsigned scancode)
{
    for (unsigned i = 0; i < ARRAY_LEN(keymap_ranges); i++)
        if (scancode >= keymap_ranges[i].first && scancode <= keymap_ranges[i].last)
            return (uint8_t) scancode;
    for (unsigned i = 0; i < ARRAY_LEN(keymap_aliases); i++)
        if (scancode == keymap_aliases[i].from)
            return keymap_aliases[i].to;
    return 0;
}

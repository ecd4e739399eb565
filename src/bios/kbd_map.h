/* What keys mean; kbd_map.c also compiles for a test on the host. */
#ifndef BIOS_KBD_MAP_H
#define BIOS_KBD_MAP_H

#include <stdint.h>

enum kbd_column {
    KBD_PLAIN,
    KBD_SHIFTED,
    KBD_WITH_CTRL,
    KBD_WITH_ALT,
    KBD_COLUMNS,
};

enum {
    KBD_MAP_KEYS = 0x59, /* scan codes of set 1, 00h to 58h */
    KBD_GRAY_KEYS = 12,
    /* Low byte of keys that only functions 10h and 11h of INT 16h tell. */
    KBD_NEW = 0xf0,
    KBD_GRAY = 0xe0,
};

/* Scan code << 8 | character, for the ring; 0: nothing. */
extern const uint16_t kbd_map[KBD_MAP_KEYS][KBD_COLUMNS];

/* Keys with the prefix E0h: the scan code, then as above. */
struct kbd_gray_key {
    uint16_t scan;
    uint16_t code[KBD_COLUMNS];
};

extern const struct kbd_gray_key kbd_gray_map[KBD_GRAY_KEYS];

/* As functions 00h and 01h show a key of the ring; 0: they do not. */
uint16_t kbd_old_code(uint16_t key);
/* As functions 10h and 11h show it. */
uint16_t kbd_new_code(uint16_t key);

#endif

/*
 * Key codes of the US keyboard, and how the two generations of INT 16h
 * functions show them.
 *
 * Source: IBM PC AT Technical Reference (March 1986), section 4, "Keyboard
 *         encoding", and INT 16h functions 00h, 10h.
 */
#include "bios/kbd_map.h"

/* clang-format off */
#define N KBD_NEW
#define KEY(scan, plain, shift, ctrl, alt) \
    [scan] = { (scan) << 8 | (plain), (scan) << 8 | (shift), ctrl, alt }
#define LETTER(scan, c) KEY(scan, c, (c) - 32, (scan) << 8 | ((c) - 96), (scan) << 8)
#define FN(n) \
    [0x3a + (n)] = { (0x3a + (n)) << 8, (0x53 + (n)) << 8, (0x5d + (n)) << 8, (0x67 + (n)) << 8 }
/* Number pad: the digit with Num Lock or Shift. */
#define PAD(scan, c, ctrl) [scan] = { (scan) << 8, (scan) << 8 | (c), ctrl, 0 }

const uint16_t kbd_map[KBD_MAP_KEYS][KBD_COLUMNS] = {
    KEY(0x01, 0x1b, 0x1b, 0x011b, 0x0100 | N),
    KEY(0x02, '1', '!', 0,      0x7800),
    KEY(0x03, '2', '@', 0x0300, 0x7900),
    KEY(0x04, '3', '#', 0,      0x7a00),
    KEY(0x05, '4', '$', 0,      0x7b00),
    KEY(0x06, '5', '%', 0,      0x7c00),
    KEY(0x07, '6', '^', 0x071e, 0x7d00),
    KEY(0x08, '7', '&', 0,      0x7e00),
    KEY(0x09, '8', '*', 0,      0x7f00),
    KEY(0x0a, '9', '(', 0,      0x8000),
    KEY(0x0b, '0', ')', 0,      0x8100),
    KEY(0x0c, '-', '_', 0x0c1f, 0x8200),
    KEY(0x0d, '=', '+', 0,      0x8300),
    KEY(0x0e, 8, 8, 0x0e7f, 0x0e00 | N),
    KEY(0x0f, 9, 0, 0x9400, 0xa500),
    LETTER(0x10, 'q'), LETTER(0x11, 'w'), LETTER(0x12, 'e'), LETTER(0x13, 'r'),
    LETTER(0x14, 't'), LETTER(0x15, 'y'), LETTER(0x16, 'u'), LETTER(0x17, 'i'),
    LETTER(0x18, 'o'), LETTER(0x19, 'p'),
    KEY(0x1a, '[', '{', 0x1a1b, 0x1a00 | N),
    KEY(0x1b, ']', '}', 0x1b1d, 0x1b00 | N),
    KEY(0x1c, 13, 13, 0x1c0a, 0x1c00 | N),
    LETTER(0x1e, 'a'), LETTER(0x1f, 's'), LETTER(0x20, 'd'), LETTER(0x21, 'f'),
    LETTER(0x22, 'g'), LETTER(0x23, 'h'), LETTER(0x24, 'j'), LETTER(0x25, 'k'),
    LETTER(0x26, 'l'),
    KEY(0x27, ';', ':', 0, 0x2700 | N),
    KEY(0x28, '\'', '"', 0, 0x2800 | N),
    KEY(0x29, '`', '~', 0, 0x2900 | N),
    KEY(0x2b, '\\', '|', 0x2b1c, 0x2b00 | N),
    LETTER(0x2c, 'z'), LETTER(0x2d, 'x'), LETTER(0x2e, 'c'), LETTER(0x2f, 'v'),
    LETTER(0x30, 'b'), LETTER(0x31, 'n'), LETTER(0x32, 'm'),
    KEY(0x33, ',', '<', 0, 0x3300 | N),
    KEY(0x34, '.', '>', 0, 0x3400 | N),
    KEY(0x35, '/', '?', 0, 0x3500 | N),
    KEY(0x37, '*', '*', 0x9600, 0x3700 | N),
    KEY(0x39, ' ', ' ', 0x3920, 0x3920),
    FN(1), FN(2), FN(3), FN(4), FN(5), FN(6), FN(7), FN(8), FN(9), FN(10),
    PAD(0x47, '7', 0x7700),
    PAD(0x48, '8', 0x8d00),
    PAD(0x49, '9', 0x8400),
    KEY(0x4a, '-', '-', 0x8e00, 0x4a00 | N),
    PAD(0x4b, '4', 0x7300),
    [0x4c] = { 0x4c00 | N, 0x4c00 | '5', 0x8f00, 0 },
    PAD(0x4d, '6', 0x7400),
    KEY(0x4e, '+', '+', 0x9000, 0x4e00 | N),
    PAD(0x4f, '1', 0x7500),
    PAD(0x50, '2', 0x9100),
    PAD(0x51, '3', 0x7600),
    PAD(0x52, '0', 0x9200),
    PAD(0x53, '.', 0x9300),
    KEY(0x56, '\\', '|', 0, 0),
    [0x57] = { 0x8500, 0x8700, 0x8900, 0x8b00 },
    [0x58] = { 0x8600, 0x8800, 0x8a00, 0x8c00 },
};

#define GRAY(scan, ctrl, alt) \
    { scan, { (scan) << 8 | KBD_GRAY, (scan) << 8 | KBD_GRAY, (ctrl) << 8 | KBD_GRAY, (alt) << 8 } }

const struct kbd_gray_key kbd_gray_map[KBD_GRAY_KEYS] = {
    { 0x1c, { 0xe00d, 0xe00d, 0xe00a, 0xa600 } },
    { 0x35, { 0xe02f, 0xe02f, 0x9500, 0xa400 } },
    GRAY(0x47, 0x77, 0x97), GRAY(0x48, 0x8d, 0x98), GRAY(0x49, 0x84, 0x99),
    GRAY(0x4b, 0x73, 0x9b), GRAY(0x4d, 0x74, 0x9d),
    GRAY(0x4f, 0x75, 0x9f), GRAY(0x50, 0x91, 0xa0), GRAY(0x51, 0x76, 0xa1),
    GRAY(0x52, 0x92, 0xa2), GRAY(0x53, 0x93, 0xa3),
};
/* clang-format on */

uint16_t kbd_old_code(uint16_t key)
{
    uint8_t scan = key >> 8, c = key & 0xff;

    if (scan == 0xe0) /* Enter and / of the number pad */
        return c == '/' ? 0x3500 | c : 0x1c00 | c;
    if (c == KBD_NEW && scan != 0)
        return 0;
    if (c == KBD_GRAY && scan != 0) {
        if (scan > 0x84)
            return 0;
        return scan << 8;
    }
    /* F11 and up; characters by Alt and number pad have scan code 0. */
    return scan > 0x84 ? 0 : key;
}

uint16_t kbd_new_code(uint16_t key)
{
    return (key & 0xff) == KBD_NEW && key >> 8 != 0 ? key & 0xff00 : key;
}

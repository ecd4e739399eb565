/* The characters of the firmware, for what the window says itself. */
#ifndef HOST_FONT_H
#define HOST_FONT_H

#include <stdint.h>

enum { FONT_WIDTH = 8, FONT_HEIGHT = 16 };

/* Code page 437, FONT_HEIGHT bytes a character, bit 7 is the leftmost dot. */
extern const uint8_t font_glyphs[256 * FONT_HEIGHT];

#endif

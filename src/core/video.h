/*
 * What a display adapter shows.  Reading it never changes guest state, so it
 * may be called between any two instructions, or never.  Drawing takes long: a
 * thread that must not wait makes a copy, which another one draws later.
 */
#ifndef CORE_VIDEO_H
#define CORE_VIDEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"

enum {
    VIDEO_TEXT_COLUMNS_MAX = 256,
    VIDEO_TEXT_ROWS_MAX = 128,
    VIDEO_WIDTH_MAX = 2048,
    VIDEO_HEIGHT_MAX = 1536,
};

struct video_mode {
    bool text;
    unsigned columns, rows; /* text: characters on the visible page */
    unsigned width, height; /* pixels of the picture, before aspect correction */
    unsigned bpp;           /* graphics: bits a pixel: 1, 2, 4, 8, 16, 24, 32 */
};

struct video_cell {
    uint8_t ch;   /* code page 437 */
    uint8_t attr; /* VGA attribute byte */
};

/* The visible page, row by row, `columns` cells each. */
struct video_text {
    unsigned columns, rows;
    int cursor_column, cursor_row; /* -1: hidden */
    struct video_cell cell[VIDEO_TEXT_COLUMNS_MAX * VIDEO_TEXT_ROWS_MAX];
};

/* A picture: XRGB8888 (0x00RRGGBB), no padding between rows. */
struct video_frame {
    unsigned width, height;
    uint32_t pixel[VIDEO_WIDTH_MAX * VIDEO_HEIGHT_MAX];
};

struct video_source {
    void (*mode)(void *opaque, struct video_mode *out);
    bool (*text)(void *opaque, struct video_text *out); /* false in graphics modes */
    void (*render)(void *opaque, struct video_frame *out);
    vtime (*retrace)(void *opaque); /* when the next vertical retrace starts: after now */
    /* Puts all that mode, text and render ask for, as it is now, into `size` bytes
     * at `to`: with `to` as their opaque they tell of this moment. */
    void (*copy)(void *opaque, void *to);
    size_t size;
    void *opaque;
};

#endif

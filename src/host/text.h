/*
 * The screen as text: code page 437 as UTF-8, trailing blanks cut.
 *
 * Source: Unicode, "cp437_DOSLatinUS to Unicode table"; the 32 control codes
 *         show the pictures that the PC's character generator has for them.
 */
#ifndef HOST_TEXT_H
#define HOST_TEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "core/video.h"

/* Bytes of a row with its closing NUL: a character takes at most three. */
enum { TEXT_ROW_MAX = VIDEO_TEXT_COLUMNS_MAX * 3 + 1 };

struct text_screen {
    struct video_mode mode;
    unsigned rows; /* 0 in graphics modes */
    char row[VIDEO_TEXT_ROWS_MAX][TEXT_ROW_MAX];
};

/* Returns the length; `out` has TEXT_ROW_MAX bytes, `n` cells at most VIDEO_TEXT_COLUMNS_MAX. */
size_t text_row(const struct video_cell *cell, unsigned n, char *out);

/* Reads the visible page. */
void text_read(struct text_screen *out, const struct video_source *src);

/* What --screen-text prints: all rows, or "[graphics WxHxB]". */
void text_print(const struct text_screen *screen, struct buf *out);

#endif

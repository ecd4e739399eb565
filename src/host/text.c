/* The screen as text. */
#include "config.h"

#include "host/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>

#include "base/bits.h"
#include "base/mem.h"

/* NUL looks like a space; the rest is one picture each. */
static const char16_t text_cp437[] =
    u" ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
    u" !\"#$%&'()*+,-./0123456789:;<=>?"
    u"@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
    u"`abcdefghijklmnopqrstuvwxyz{|}~⌂"
    u"ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ"
    u"áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
    u"└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
    u"αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

static_assert(ARRAY_LEN(text_cp437) == 257, "256 characters and the closing 0");

static char *text_put(char *p, char16_t c)
{
    if (c < 0x80) {
        *p++ = (char) c;
    } else if (c < 0x800) {
        *p++ = (char) (0xc0 | c >> 6);
        *p++ = (char) (0x80 | (c & 0x3f));
    } else {
        *p++ = (char) (0xe0 | c >> 12);
        *p++ = (char) (0x80 | (c >> 6 & 0x3f));
        *p++ = (char) (0x80 | (c & 0x3f));
    }
    return p;
}

static bool text_blank(uint8_t ch)
{
    return ch == 0 || ch == ' ' || ch == 0xff;
}

size_t text_row(const struct video_cell *cell, unsigned n, char *out)
{
    char *p = out;

    while (n != 0 && text_blank(cell[n - 1].ch))
        n--;
    for (unsigned i = 0; i < n; i++)
        p = text_put(p, text_cp437[cell[i].ch]);
    *p = '\0';
    return (size_t) (p - out);
}

void text_read(struct text_screen *out, const struct video_source *src)
{
    struct video_text *text = xmalloc(sizeof *text);

    src->mode(src->opaque, &out->mode);
    out->rows = 0;
    if (src->text(src->opaque, text) && text->columns <= VIDEO_TEXT_COLUMNS_MAX &&
        text->rows <= VIDEO_TEXT_ROWS_MAX) {
        out->rows = text->rows;
        for (unsigned i = 0; i < out->rows; i++)
            text_row(text->cell + (size_t) i * text->columns, text->columns, out->row[i]);
    }
    free(text);
}

void text_print(const struct text_screen *screen, struct buf *out)
{
    if (screen->rows == 0) {
        char line[64];

        snprintf(line, sizeof line, "[graphics %ux%ux%u]\n", screen->mode.width,
                 screen->mode.height, screen->mode.bpp);
        buf_add(out, line, strlen(line));
    }
    for (unsigned i = 0; i < screen->rows; i++) {
        buf_add(out, screen->row[i], strlen(screen->row[i]));
        buf_add(out, "\n", 1);
    }
}

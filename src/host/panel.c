/* Lines of text in a box. */
#include "config.h"

#include "host/panel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "host/font.h"

enum {
    PANEL_BORDER = 8,
};

#define PANEL_PAPER 0xe0101828u
#define PANEL_INK   0xfff0f0f0u
#define PANEL_EDGE  0xff6080c0u

/* Where each line starts and how long it is. */
struct panel_lines {
    unsigned n, columns;
    const char *start[PANEL_LINES];
    unsigned len[PANEL_LINES];
};

/* Length of the first line of `text`; broken at a blank when it is too long. */
static unsigned panel_line(const char *text)
{
    size_t len = strcspn(text, "\n");

    if (len <= PANEL_COLUMNS)
        return (unsigned) len;
    for (len = PANEL_COLUMNS; len != 0 && text[len] != ' ';)
        len--;
    return len != 0 ? (unsigned) len : PANEL_COLUMNS;
}

static void panel_split(struct panel_lines *l, const char *text)
{
    l->n = l->columns = 0;
    while (*text != '\0' && l->n < PANEL_LINES) {
        unsigned len = panel_line(text);

        l->start[l->n] = text;
        l->len[l->n++] = len;
        if (len > l->columns)
            l->columns = len;
        text += len;
        text += *text == '\n' || *text == ' ';
    }
}

static void panel_char(struct panel *p, unsigned x, unsigned y, char c)
{
    const uint8_t *glyph = &font_glyphs[(uint8_t) c * FONT_HEIGHT];

    for (unsigned row = 0; row < FONT_HEIGHT; row++)
        for (unsigned col = 0; col < FONT_WIDTH; col++)
            if (glyph[row] & 0x80 >> col)
                p->pixel[(size_t) (y + row) * p->width + x + col] = PANEL_INK;
}

static void panel_paper(struct panel *p)
{
    for (unsigned y = 0; y < p->height; y++) {
        for (unsigned x = 0; x < p->width; x++) {
            bool edge = x < 2 || y < 2 || x + 2 >= p->width || y + 2 >= p->height;

            p->pixel[(size_t) y * p->width + x] = edge ? PANEL_EDGE : PANEL_PAPER;
        }
    }
}

void panel_draw(struct panel *p, const char *text)
{
    struct panel_lines l;

    panel_free(p);
    panel_split(&l, text);
    if (l.n == 0)
        return;
    p->width = l.columns * FONT_WIDTH + 2 * PANEL_BORDER;
    p->height = l.n * FONT_HEIGHT + 2 * PANEL_BORDER;
    p->pixel = xmalloc((size_t) p->width * p->height * sizeof p->pixel[0]);
    panel_paper(p);
    for (unsigned i = 0; i < l.n; i++)
        for (unsigned k = 0; k < l.len[i]; k++)
            panel_char(p, PANEL_BORDER + k * FONT_WIDTH, PANEL_BORDER + i * FONT_HEIGHT,
                       l.start[i][k]);
}

void panel_free(struct panel *p)
{
    free(p->pixel);
    *p = (struct panel){ 0, 0, NULL };
}

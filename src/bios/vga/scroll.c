/*
 * VGA BIOS: scroll a window up or down in every mode (AH=06h, 07h).
 *
 * A window is a stack of scan lines (text: one line a row), each `width`
 * bytes of a `pitch`.  CGA modes have two such stacks, for even and odd
 * lines.  Scrolling copies lines and fills those that come free.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt
 *         10h, (AH)=06H, (AH)=07H"; IBM Personal System/2 Hardware Interface
 *         Technical Reference, "Graphics controller" (write mode 1).
 */
#include "vga.h"

struct area {
    uint16_t seg;
    uint16_t base;  /* offset of the window's first byte */
    uint16_t pitch; /* bytes from line to line */
    uint16_t width; /* bytes of a line inside the window */
    uint16_t lines; /* lines of the window */
    uint16_t shift; /* lines to scroll */
    uint32_t fill;  /* pattern for the lines that come free */
    bool bytewise;  /* planar: latches carry one byte at a time */
};

static void area_fill(const struct area *a, uint16_t line, uint16_t lines)
{
    uint16_t at = (uint16_t) (a->base + line * a->pitch);
    uint16_t width = a->width;

    if (width == a->pitch) { /* whole lines: one run */
        width = (uint16_t) (width * lines);
        lines = lines != 0;
    }
    for (; lines != 0; lines--, at += a->pitch) {
        far_fill32(a->seg, at, a->fill, width / 4);
        if (width & 2)
            far_write16(a->seg, (uint16_t) (at + (width & ~3)),
                        (uint16_t) a->fill);
        if (width & 1)
            far_write8(a->seg, (uint16_t) (at + width - 1), (uint8_t) a->fill);
    }
}

static void area_move(const struct area *a, uint16_t dst, uint16_t src,
                      uint16_t count)
{
    if (a->bytewise || (count & 3))
        far_move8(a->seg, dst, src, count);
    else
        far_move32(a->seg, dst, src, count / 4);
}

static void area_move_up(const struct area *a)
{
    uint16_t lines = a->lines - a->shift;
    uint16_t dst = a->base;
    uint16_t delta = (uint16_t) (a->shift * a->pitch);

    if (a->width == a->pitch) {
        area_move(a, dst, dst + delta, (uint16_t) (lines * a->width));
        return;
    }
    for (; lines != 0; lines--, dst += a->pitch)
        area_move(a, dst, dst + delta, a->width);
}

static void area_move_down(const struct area *a)
{
    uint16_t lines = a->lines - a->shift;
    uint16_t dst = (uint16_t) (a->base + (a->lines - 1) * a->pitch);
    uint16_t delta = (uint16_t) (a->shift * a->pitch);

    for (; lines != 0; lines--, dst -= a->pitch)
        area_move(a, dst, dst - delta, a->width);
}

static void area_scroll(const struct area *a, bool down)
{
    uint16_t kept = a->lines - a->shift;

    if (a->bytewise) {
        seq_out(2, 0x0f);
        gfx_out(5, 0x01); /* write mode 1: latches to memory */
    }
    if (down)
        area_move_down(a);
    else
        area_move_up(a);
    if (a->bytewise) {
        gfx_out(5, 0x00);
        gfx_out(8, 0xff);
        gfx_out(0, (uint8_t) a->fill); /* set/reset on all planes */
        gfx_out(1, 0x0f);
    }
    area_fill(a, down ? 0 : kept, a->shift);
    if (a->bytewise) {
        gfx_out(1, 0x00);
        gfx_out(0, 0x00);
    }
}

/* Pattern of colour `attr` in four bytes of graphics memory. */
static uint32_t fill_pattern(enum layout layout, uint8_t attr)
{
    switch (layout) {
    case LAYOUT_TEXT:
        return 0x00200020 | (uint32_t) attr << 8 | (uint32_t) attr << 24;
    case LAYOUT_CGA1: return attr & 1 ? 0xffffffff : 0;
    case LAYOUT_CGA2: return (attr & 3) * 0x55555555u;
    case LAYOUT_PLANAR: return attr & 0x0f;
    default: return attr * 0x01010101u;
    }
}

/* Geometry of window `w` in page `page`: lines a row, bytes a column. */
static void area_init(struct area *a, enum layout layout,
                      const struct window *w)
{
    uint8_t cell = (uint8_t) bda.height;
    uint8_t bytes = 1;

    if (layout == LAYOUT_TEXT) {
        cell = 1;
        bytes = 2;
    } else if (layout == LAYOUT_CGA1 || layout == LAYOUT_CGA2) {
        cell /= 2; /* lines of a row in one bank */
        bytes = layout == LAYOUT_CGA2 ? 2 : 1;
    } else if (layout == LAYOUT_BYTE) {
        bytes = 8;
    }
    a->seg = mode_segment();
    a->pitch = (uint16_t) (bda.cols * bytes);
    a->base = (uint16_t) (bda.page_start + w->top * cell * a->pitch +
                          w->left * bytes);
    a->width = (uint16_t) ((w->right - w->left + 1) * bytes);
    a->lines = (uint16_t) ((w->bottom - w->top + 1) * cell);
    a->shift = (uint16_t) (a->shift * cell);
    a->bytewise = layout == LAYOUT_PLANAR;
}

/* Scroll `w` of the page shown by `rows`; 0 rows or too many clear it. */
void scroll(const struct window *w, uint8_t rows, bool down, uint8_t attr)
{
    enum layout layout = mode_layout();
    uint8_t height = w->bottom - w->top + 1;
    struct area a;

    if (rows == 0 || rows > height)
        rows = height;
    a.shift = rows;
    a.fill = fill_pattern(layout, attr);
    area_init(&a, layout, w);
    area_scroll(&a, down);
    if (layout == LAYOUT_CGA1 || layout == LAYOUT_CGA2) {
        a.base += 0x2000;
        area_scroll(&a, down);
    }
}

static void scroll_service(struct regs *r, bool down)
{
    struct window w = { r->ch, r->cl, r->dh, r->dl };

    if (w.right >= bda.cols)
        w.right = (uint8_t) bda.cols - 1;
    if (w.bottom > bda.rows)
        w.bottom = bda.rows;
    if (w.left > w.right || w.top > w.bottom)
        return;
    scroll(&w, r->al, down, r->bh);
}

void int10_06(struct regs *r)
{
    scroll_service(r, false);
}

void int10_07(struct regs *r)
{
    scroll_service(r, true);
}

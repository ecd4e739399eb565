/*
 * VGA BIOS: characters (AH=08h-0Ah), teletype (0Eh), strings (13h).
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt
 *         10h"; IBM PC AT Technical Reference, "Speaker" for the bell.
 */
#include "vga.h"

enum { BEL = 7, BS = 8, LF = 10, CR = 13 };

/* Offset of a character in text memory; high byte of `pos` is the row. */
uint16_t text_offset(uint8_t page, uint16_t pos)
{
    uint16_t start =
        page == bda.page ? bda.page_start : (uint16_t) (page * bda.page_size);

    return (uint16_t) (start + ((pos >> 8) * bda.cols + (uint8_t) pos) * 2);
}

/* The cell after `pos`; the next row follows the last column. */
static uint16_t next_cell(uint16_t pos)
{
    pos++;
    if ((uint8_t) pos >= bda.cols)
        pos = (uint16_t) ((pos & 0xff00) + 0x100);
    return pos;
}

void int10_08(struct regs *r)
{
    uint8_t page = r->bh & 7;
    uint16_t pos = bda.cursor[page];

    if (mode_layout() == LAYOUT_TEXT)
        r->ax = far_read16(mode_segment(), text_offset(page, pos));
    else
        r->ax = gfx_read_char(page, pos); /* IBM leaves AH open: 0 */
}

static void write_gfx_chars(struct regs *r)
{
    uint8_t page = r->bh & 7;
    uint16_t pos = bda.cursor[page];

    for (uint16_t n = r->cx; n != 0; n--) {
        if (pos >> 8 > bda.rows)
            return;
        gfx_write_char(page, pos, r->al, r->bl);
        pos = next_cell(pos);
    }
}

void int10_09(struct regs *r)
{
    uint8_t page = r->bh & 7;

    if (mode_layout() != LAYOUT_TEXT)
        write_gfx_chars(r);
    else
        far_fill16(mode_segment(), text_offset(page, bda.cursor[page]),
                   (uint16_t) (r->bl << 8 | r->al), r->cx);
}

void int10_0a(struct regs *r)
{
    uint8_t page = r->bh & 7;
    uint16_t seg = mode_segment();
    uint16_t at;

    if (mode_layout() != LAYOUT_TEXT) {
        write_gfx_chars(r);
        return;
    }
    at = text_offset(page, bda.cursor[page]);
    for (uint16_t n = r->cx; n != 0; n--, at += 2)
        far_write8(seg, at, r->al);
}

/*
 * A quarter of a second of 896 Hz.  Time is counted in refresh toggles (port
 * 61h bit 4, one each 15 us); the limit on reads lets a board without them
 * go on.
 */
static void beep(void)
{
    enum { DIVISOR = 1193182 / 896, TOGGLES = 16600 };
    uint8_t old = inb(0x61);
    uint8_t last = old;
    uint16_t toggles = 0;

    outb(0x43, 0xb6); /* counter 2: low then high byte, square wave */
    outb(0x42, DIVISOR & 0xff);
    outb(0x42, DIVISOR >> 8);
    outb(0x61, old | 3);
    for (uint32_t reads = 0; toggles < TOGGLES && reads < 400000; reads++) {
        uint8_t now = inb(0x61);

        toggles += (now ^ last) >> 4 & 1;
        last = now;
    }
    outb(0x61, old);
}

/* Row left behind by a scroll: in text the attribute beside the cursor. */
static void scroll_screen(uint8_t page)
{
    struct window w = { 0, 0, bda.rows, (uint8_t) (bda.cols - 1) };
    uint16_t last = (uint16_t) (bda.rows << 8);
    uint8_t attr = 0;

    if (mode_layout() == LAYOUT_TEXT)
        attr = far_read8(mode_segment(), text_offset(page, last) + 1);
    scroll(&w, 1, false, attr);
}

/* What a printable character leaves in its cell; `attr` < 0: keep it. */
static void put_cell(uint8_t page, uint16_t pos, uint8_t ch, int attr,
                     uint8_t colour)
{
    uint16_t at;

    if (mode_layout() != LAYOUT_TEXT) {
        gfx_write_char(page, pos, ch, colour);
        return;
    }
    at = text_offset(page, pos);
    if (attr < 0)
        far_write8(mode_segment(), at, ch);
    else
        far_write16(mode_segment(), at, (uint16_t) (attr << 8 | ch));
}

/* One character at `pos`, controls obeyed; where the cursor goes then. */
static uint16_t type_char(uint8_t page, uint16_t pos, uint8_t ch, int attr,
                          uint8_t colour)
{
    switch (ch) {
    case BEL: beep(); break;
    case BS:
        if ((uint8_t) pos != 0)
            pos--;
        break;
    case LF: pos += 0x100; break;
    case CR: pos &= 0xff00; break;
    default:
        put_cell(page, pos, ch, attr, colour);
        pos = next_cell(pos);
        break;
    }
    if (pos >> 8 > bda.rows) {
        scroll_screen(page);
        pos = (uint16_t) (bda.rows << 8 | (uint8_t) pos);
    }
    return pos;
}

void int10_0e(struct regs *r)
{
    uint8_t page = bda.page;

    cursor_place(page, type_char(page, bda.cursor[page], r->al, -1, r->bl));
}

/* AL bit 0: the cursor moves; bit 1: each character brings its attribute. */
void int10_13(struct regs *r)
{
    uint8_t page = r->bh & 7;
    uint16_t pos = r->dx;
    uint16_t at = r->bp;
    uint16_t saved = bda.cursor[page];

    if (r->al > 3)
        return;
    for (uint16_t n = r->cx; n != 0; n--) {
        uint8_t ch = far_read8(r->es, at++);
        uint8_t attr = r->bl;

        if (r->al & 2)
            attr = far_read8(r->es, at++);
        pos = type_char(page, pos, ch, attr, attr);
    }
    cursor_place(page, r->al & 1 ? pos : saved);
}

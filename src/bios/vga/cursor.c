/*
 * VGA BIOS: cursor, pages, and what mode is set (AH=01h-05h, 0Fh).
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt
 *         10h"; IBM Enhanced Graphics Adapter manual, "CGA cursor
 *         emulation" (a shape given for 8 lines is fitted to the cell).
 * Absent: a light pen, which a VGA does not have.
 */
#include "vga.h"

enum { CRTC_CURSOR_START = 0x0a, CRTC_START = 0x0c, CRTC_CURSOR = 0x0e };

/*
 * Fit a shape meant for an 8-line cell into the present one.  An underline
 * keeps its thickness and stands as far from the top as it may while one
 * line stays free below; a half or full block is scaled.
 */
static void emulate_cga(uint8_t *start, uint8_t *end)
{
    uint8_t height = (uint8_t) bda.height;

    if (*start >= 5) {
        *start += height - 9;
        *end += height - 9;
        return;
    }
    *start = *start * height / 8;
    *end = (*end + 1) * height / 8 - 1;
}

static bool wants_emulation(uint8_t start, uint8_t end)
{
    return !(bda.control & CTL_NO_CURSOR_EMULATION) && bda.height > 8 &&
           start <= end && end <= 7; /* bit 5 of start, no cursor: not <= */
}

/* The shape in the BIOS data area, to the CRTC. */
void cursor_program_shape(void)
{
    uint8_t start = bda.cursor_start;
    uint8_t end = bda.cursor_end;

    if (mode_layout() != LAYOUT_TEXT)
        return;
    if (wants_emulation(start, end))
        emulate_cga(&start, &end);
    crtc_out(CRTC_CURSOR_START, start);
    crtc_out(CRTC_CURSOR_START + 1, end);
}

static void crtc_out_word(uint8_t index, uint16_t val)
{
    crtc_out(index, val >> 8);
    crtc_out(index + 1, (uint8_t) val);
}

/* Remember a page's cursor, and move the real one if the page is shown. */
void cursor_place(uint8_t page, uint16_t pos)
{
    bda.cursor[page] = pos;
    if (page == bda.page && mode_layout() == LAYOUT_TEXT)
        crtc_out_word(CRTC_CURSOR, text_offset(page, pos) / 2);
}

void page_select(uint8_t page)
{
    uint16_t start = (uint16_t) (page * bda.page_size);

    bda.page = page;
    bda.page_start = start;
    /* Text and CGA modes count words, the planar ones bytes. */
    if (mode_layout() != LAYOUT_PLANAR)
        start /= 2;
    crtc_out_word(CRTC_START, start);
    cursor_place(page, bda.cursor[page]);
}

void int10_01(struct regs *r)
{
    bda.cursor_start = r->ch;
    bda.cursor_end = r->cl;
    cursor_program_shape();
}

void int10_02(struct regs *r)
{
    cursor_place(r->bh & 7, r->dx);
}

void int10_03(struct regs *r)
{
    r->dx = bda.cursor[r->bh & 7];
    r->ch = bda.cursor_start;
    r->cl = bda.cursor_end;
}

void int10_04(struct regs *r)
{
    r->ah = 0; /* not triggered */
}

void int10_05(struct regs *r)
{
    if (r->al < 8 && bda.mode != 0x13)
        page_select(r->al);
}

void int10_0f(struct regs *r)
{
    r->al = bda.mode | (bda.control & CTL_NO_CLEAR);
    r->ah = (uint8_t) bda.cols;
    r->bh = bda.page;
}

/*
 * VGA BIOS: print screen for more than 25 rows (INT 05h, once a program asked
 * for it by AH=12h BL=20h).  Runs like INT 10h, on the caller's stack.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt 05h
 *         - Print screen", "Interrupt 17h"; status byte at 50:00.
 */
#include "vga.h"

enum { PRINTER_FAULT = 0x29 }; /* out of paper, I/O error, timeout */

/* INT 17h AH=00h on the first printer; false if it did not print. */
static bool print_char(uint8_t ch)
{
    uint32_t ax = ch;
    uint32_t dx = 0;

    __asm__ volatile("int $0x17" : "+a"(ax), "+d"(dx) : : "cc", "memory");
    return !(ax >> 8 & PRINTER_FAULT);
}

static uint8_t read_char(uint8_t page, uint16_t pos)
{
    uint8_t ch;

    if (mode_layout() == LAYOUT_TEXT)
        ch = far_read8(mode_segment(), text_offset(page, pos));
    else
        ch = gfx_read_char(page, pos);
    return ch ? ch : ' ';
}

static bool print_rows(void)
{
    for (uint8_t row = 0; row <= bda.rows; row++) {
        if (!print_char('\r') || !print_char('\n'))
            return false;
        for (uint8_t col = 0; col < bda.cols; col++)
            if (!print_char(read_char(bda.page, (uint16_t) (row << 8 | col))))
                return false;
    }
    return print_char('\r') && print_char('\n');
}

void int05_print_screen(void)
{
    if (bda.print_screen == 1)
        return;
    bda.print_screen = 1;
    bda.print_screen = print_rows() ? 0 : 0xff;
}

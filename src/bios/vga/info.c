/*
 * VGA BIOS: options and inquiries (INT 10h AH=12h, 1Ah, 1Bh).
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt
 *         10h, (AH)=12H, (AH)=1AH, (AH)=1BH".
 * Absent: AH=12h BL=35h, which switches between a planar and an adapter
 *         VGA: this machine has one.
 */
#include "vga.h"

extern ROM uint8_t vga_dcc_table[];
extern const char vga_functions[];

enum { DCC_HEADER = 4 };

static void int10_12_10(struct regs *r)
{
    r->bh = mode_is_mono();
    r->bl = 3; /* 256 KiB */
    r->ch = bda.switches >> 4;
    r->cl = bda.switches & 0x0f;
}

/* Lines of the next text mode: AL 0 200, 1 350, 2 400. */
static void int10_12_30(struct regs *r)
{
    static ROM uint8_t flag[] ROM_DATA = { FLG_200, 0, FLG_400 };
    uint8_t lines = r->al;

    if (lines > 2)
        return;
    bda.flags = (bda.flags & ~(FLG_200 | FLG_400)) | flag[lines];
    bda.switches = (bda.switches & 0xf0) | (lines == 0 ? 8 : 9);
    r->al = 0x12;
}

/* Options with AL 0 on, 1 off; they answer AL=12h. */
static void set_option(struct regs *r, uint8_t LOW *field, uint8_t bit,
                       bool set)
{
    if (r->al > 1)
        return;
    *field = set ? *field | bit : *field & ~bit;
    r->al = 0x12;
}

/* CPU access to video memory: bit 1 of the miscellaneous register. */
static void int10_12_32(struct regs *r)
{
    uint8_t misc = inb(PORT_MISC_READ);

    if (r->al > 1)
        return;
    outb(PORT_MISC, r->al ? misc & ~0x02 : misc | 0x02);
    r->al = 0x12;
}

static void int10_12_36(struct regs *r)
{
    uint8_t clocking = in_indexed(PORT_SEQ, 1);

    if (r->al > 1)
        return;
    seq_out(1, r->al ? clocking | 0x20 : clocking & ~0x20);
    r->al = 0x12;
}

void int10_12(struct regs *r)
{
    bool off = r->al != 0;

    switch (r->bl) {
    case 0x10: int10_12_10(r); break;
    case 0x20:
        ivt[0x05].off = (uint16_t) (uintptr_t) vga_int05_entry;
        ivt[0x05].seg = ROM_SEG;
        break;
    case 0x30: int10_12_30(r); break;
    case 0x31: set_option(r, &bda.flags, FLG_NO_PALETTE, off); break;
    case 0x32: int10_12_32(r); break;
    case 0x33: set_option(r, &bda.flags, FLG_GREY, !off); break;
    case 0x34: set_option(r, &bda.control, CTL_NO_CURSOR_EMULATION, off); break;
    case 0x36: int10_12_36(r); break;
    default: break;
    }
}

/* Display codes: active in the low byte, the other in the high byte. */
static uint16_t display_codes(void)
{
    uint8_t index = bda.dcc_index;
    uint8_t other, active;

    if (index >= vga_dcc_table[0])
        return 0xffff; /* unknown */
    other = vga_dcc_table[DCC_HEADER + index * 2];
    active = vga_dcc_table[DCC_HEADER + index * 2 + 1];
    if (other != 0 && (bda.equipment & 0x30) == 0x30)
        return (uint16_t) (active << 8 | other);
    return (uint16_t) (other << 8 | active);
}

static void set_display_codes(struct regs *r)
{
    for (uint8_t i = 0; i < vga_dcc_table[0]; i++) {
        uint8_t a = vga_dcc_table[DCC_HEADER + i * 2];
        uint8_t b = vga_dcc_table[DCC_HEADER + i * 2 + 1];

        if ((r->bl == a && r->bh == b) || (r->bl == b && r->bh == a)) {
            bda.dcc_index = i;
            return;
        }
    }
    bda.dcc_index = 0xff;
}

void int10_1a(struct regs *r)
{
    if (r->al > 1)
        return;
    if (r->al == 0)
        r->bx = display_codes();
    else
        set_display_codes(r);
    r->al = 0x1a;
}

/* Colours (0: monochrome, 255: 256) and pages of each mode. */
static ROM uint8_t mode_colours[0x14] ROM_DATA = {
    16, 16, 16, 16, 4, 4, 2, 0, 0, 0, 0, 0, 0, 16, 16, 0, 16, 2, 16, 255,
};
static ROM uint8_t mode_pages[0x14] ROM_DATA = {
    8, 8, 8, 8, 1, 1, 1, 8, 0, 0, 0, 0, 0, 8, 4, 2, 2, 1, 1, 1,
};

static uint8_t scan_lines_code(void)
{
    if (bda.mode == 0x11 || bda.mode == 0x12)
        return 3;
    if (mode_layout() == LAYOUT_TEXT && (bda.flags & FLG_400))
        return 2;
    return mode_is_200_lines() || bda.mode == 0x13 ? 0 : 1;
}

static uint8_t misc_state(void)
{
    uint8_t val = 0x01; /* any mode on any display */

    val |= bda.flags & FLG_GREY;
    val |= bda.flags & FLG_NO_PALETTE;
    if (mode_is_mono())
        val |= 0x04;
    if (!(bda.control & CTL_NO_CURSOR_EMULATION))
        val |= 0x10;
    if (bda.cga_mode & 0x20)
        val |= 0x20; /* blinking */
    return val;
}

/* Fonts shown for attribute bit 3 clear and set, from sequencer 3. */
static void font_blocks(uint8_t *primary, uint8_t *secondary)
{
    uint8_t map = in_indexed(PORT_SEQ, 3);

    *primary = (map & 0x03) | (map >> 2 & 0x04);
    *secondary = (map >> 2 & 0x03) | (map >> 3 & 0x04);
}

static void put16(struct regs *r, uint8_t at, uint16_t val)
{
    far_write16(r->es, (uint16_t) (r->di + at), val);
}

void int10_1b(struct regs *r)
{
    uint8_t mode = bda.mode;
    uint8_t primary, secondary;

    if (r->bx != 0 || mode > 0x13)
        return;
    font_blocks(&primary, &secondary);
    far_fill8(r->es, r->di, 0, 64);
    put16(r, 0x00, (uint16_t) (uintptr_t) vga_functions);
    put16(r, 0x02, ROM_SEG);
    far_copy8(r->es, r->di + 4, 0x40, 0x49, 0x67 - 0x49);
    put16(r, 0x22, (uint16_t) (bda.rows + 1) | (uint16_t) (bda.height << 8));
    put16(r, 0x25, display_codes());
    put16(r, 0x27, mode == 0x13 ? 256 : mode_colours[mode]);
    put16(r, 0x29, mode_pages[mode] | (uint16_t) (scan_lines_code() << 8));
    put16(r, 0x2b, primary | (uint16_t) (secondary << 8));
    put16(r, 0x2d, misc_state());
    put16(r, 0x31, 3); /* 256 KiB; no save pointer overrides */
    r->al = 0x1b;
}

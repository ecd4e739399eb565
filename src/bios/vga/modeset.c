/*
 * VGA BIOS: set mode (INT 10h AH=00h) and power-on set-up.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt
 *         10h, (AH)=00H" and "Save pointer table"; IBM Personal System/2
 *         Hardware Interface Technical Reference, "Programming
 *         considerations" of the video subsystem (order of register loads).
 * Absent: the palette profile and second text font of the save pointers.
 */
#include "vga.h"

enum { DCC_VGA_COLOUR_ALONE = 0x0b };

extern const char vga_save_table[], vga_6845_table[];
extern ROM uint8_t vga_cga_mode[];

static void load_sequencer(struct far_ptr row)
{
    seq_out(0, 1); /* synchronous reset while clocks change */
    seq_out(1, row_read8(row, VPARAM(seq)) | 0x20); /* screen off */
    for (uint8_t i = 1; i < 4; i++)
        seq_out(i + 1, row_read8(row, VPARAM(seq) + i));
    outb(PORT_MISC, row_read8(row, VPARAM(misc)));
    seq_out(0, 3);
}

static void load_crtc(struct far_ptr row)
{
    crtc_out(0x11, 0); /* unlock registers 0-7 */
    for (uint8_t i = 0; i < 25; i++)
        crtc_out(i, row_read8(row, VPARAM(crtc) + i));
}

static void load_attributes(struct far_ptr row)
{
    inb(bda.crtc + 6); /* next write to 3C0 is an index */
    for (uint8_t i = 0; i < 20; i++) {
        uint8_t val = row_read8(row, VPARAM(attr) + i);

        outb(PORT_ATTR, i);
        outb(PORT_ATTR, val);
        palette_note(i, val);
    }
    outb(PORT_ATTR, 0x14); /* colour select */
    outb(PORT_ATTR, 0);
}

static void load_registers(struct far_ptr row)
{
    load_sequencer(row);
    load_crtc(row);
    load_attributes(row);
    for (uint8_t i = 0; i < 9; i++)
        gfx_out(i, row_read8(row, VPARAM(gfx) + i));
    outb(PORT_PEL_MASK, 0xff);
}

/* The screen stays dark until registers, palette and memory are right. */
static void show_screen(struct far_ptr row)
{
    inb(bda.crtc + 6);
    outb(PORT_ATTR, 0x20);
    seq_out(1, row_read8(row, VPARAM(seq)));
}

static void clear_memory(void)
{
    uint16_t seg = mode_segment();

    switch (mode_layout()) {
    case LAYOUT_TEXT: far_fill32(seg, 0, 0x07200720, 0x8000 / 4); break;
    case LAYOUT_CGA1:
    case LAYOUT_CGA2: far_fill32(seg, 0, 0, 0x8000 / 4); break;
    default:
        /* All planes, in mode 13h too: who unchains them expects black. */
        seq_out(4, 0x06);
        seq_out(2, 0x0f);
        far_fill32(seg, 0, 0, 0x10000 / 4);
        if (bda.mode == 0x13)
            seq_out(4, 0x0e);
        break;
    }
}

/* What a CGA's mode and colour registers would hold; mode 7: an MDA's. */
static void set_cga_shadow(uint8_t mode)
{
    if (mode > 7)
        return;
    bda.cga_mode = vga_cga_mode[mode];
    bda.cga_colour = mode == 6 ? 0x3f : 0x30;
}

static void set_bda(struct far_ptr row, uint8_t mode, bool keep)
{
    bool mono = mode == 7 || mode == 0x0f;

    bda.mode = mode;
    bda.cols = row_read8(row, VPARAM(cols));
    bda.page_size = row_read8(row, VPARAM(page_size)) |
                    (uint16_t) (row_read8(row, VPARAM(page_size) + 1) << 8);
    bda.page_start = 0;
    for (int i = 0; i < 8; i++)
        bda.cursor[i] = 0;
    bda.page = 0;
    bda.crtc = mono ? 0x3b4 : 0x3d4;
    bda.rows = row_read8(row, VPARAM(rows));
    bda.height = row_read8(row, VPARAM(height));
    bda.control = CTL_256K | (bda.control & CTL_NO_CURSOR_EMULATION) |
                  (keep ? CTL_NO_CLEAR : 0);
    bda.equipment = (bda.equipment & ~0x30) | (mono ? 0x30 : 0x20);
    bda.cursor_start = 6;
    bda.cursor_end = 7;
    set_cga_shadow(mode);
}

void int10_00(struct regs *r)
{
    uint8_t mode = r->al & 0x7f;
    bool keep = r->al & 0x80;
    int index = mode_param_index(mode);
    struct far_ptr row;

    if (index < 0)
        return;
    row = mode_param_row(index);
    set_bda(row, mode, keep);
    load_registers(row);
    if (!(bda.flags & FLG_NO_PALETTE))
        dac_load_default();
    if (!keep)
        clear_memory();
    font_set_mode();
    cursor_program_shape();
    cursor_place(0, 0);
    show_screen(row);
}

static void set_vector(uint8_t number, const void *entry)
{
    ivt[number].off = (uint16_t) (uintptr_t) entry;
    ivt[number].seg = ROM_SEG;
}

/* Option ROM entry, called once by the system BIOS. */
void vga_post(void)
{
    struct regs r = { .eax = 0x0003 };

    ivt[0x42] = ivt[0x10]; /* what served the display before */
    set_vector(0x10, vga_int10_entry);
    set_vector(0x6d, vga_int10_entry);
    set_vector(0x1d, vga_6845_table);
    font_set_vectors();
    bda.save_ptr.off = (uint16_t) (uintptr_t) vga_save_table;
    bda.save_ptr.seg = ROM_SEG;
    bda.control = CTL_256K;
    bda.switches = 0xf9; /* colour, 400 lines */
    bda.flags = FLG_VGA | FLG_400;
    bda.dcc_index = DCC_VGA_COLOUR_ALONE;
    bda.print_screen = 0;
    int10_00(&r);
}

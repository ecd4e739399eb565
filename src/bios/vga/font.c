/*
 * VGA BIOS: character generator (INT 10h AH=11h) and its vectors.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt
 *         10h, (AH)=11H", "Save pointer table"; IBM Personal System/2 Hardware Interface Technical
 *         Reference, "RAM loadable character generator".
 */
#include "vga.h"

extern const char font_9dots[];

/* Write CPU bytes straight into plane 2 at A000h, and put things back. */
struct plane2 {
    uint8_t map_mask, memory, read_map, mode, misc;
};

static void plane2_open(struct plane2 *p)
{
    p->map_mask = in_indexed(PORT_SEQ, 2);
    p->memory = in_indexed(PORT_SEQ, 4);
    p->read_map = in_indexed(PORT_GFX, 4);
    p->mode = in_indexed(PORT_GFX, 5);
    p->misc = in_indexed(PORT_GFX, 6);
    seq_out(2, 0x04);
    seq_out(4, 0x06); /* 256 KiB, no odd/even */
    gfx_out(4, 0x02);
    gfx_out(5, 0x00);
    gfx_out(6, 0x04); /* A0000h, 64 KiB */
}

static void plane2_close(const struct plane2 *p)
{
    seq_out(2, p->map_mask);
    seq_out(4, p->memory);
    gfx_out(4, p->read_map);
    gfx_out(5, p->mode);
    gfx_out(6, p->misc);
}

/* Blocks 0-3 lie 16 KiB apart, 4-7 in between. */
static uint16_t block_offset(uint8_t block)
{
    return (uint16_t) ((block & 3) << 14 | (block & 4) << 11);
}

/* `count` glyphs from `first` on, each `height` bytes of 32. */
static void load_glyphs(struct far_ptr src, uint16_t first, uint16_t count,
                        uint8_t block, uint8_t height)
{
    uint16_t dst = (uint16_t) (block_offset(block) + first * 32);
    struct plane2 saved;

    plane2_open(&saved);
    for (; count != 0; count--, dst += 32, src.off += height)
        far_copy8(0xa000, dst, src.seg, src.off, height);
    plane2_close(&saved);
}

static struct far_ptr rom_font(uint8_t height)
{
    ROM uint8_t *font = height == 8    ? font_8x8
                        : height == 14 ? font_8x14
                                       : font_8x16;

    return (struct far_ptr){ (uint16_t) (uintptr_t) font, ROM_SEG };
}

static void font_load_rom(uint8_t height, uint8_t block)
{
    load_glyphs(rom_font(height), 0, 256, block, height);
}

static void font_set_graphics(uint8_t height)
{
    ivt[0x43] = rom_font(height);
}

/* At power-on: both point to 8x8 glyphs, INT 1Fh to those from 80h on. */
void font_set_vectors(void)
{
    font_set_graphics(8);
    ivt[0x1f] = rom_font(8);
    ivt[0x1f].off += 128 * 8;
}

static uint16_t text_lines(void)
{
    if (bda.flags & FLG_400)
        return 400;
    return (bda.flags & FLG_200) && bda.mode != 7 ? 200 : 350;
}

/* A new cell height in a text mode: as many rows as the lines allow. */
static void fit_rows(uint8_t height)
{
    uint16_t lines = text_lines();
    uint8_t rows = (uint8_t) (lines / height);
    uint16_t shown = (uint16_t) (rows * height);
    uint16_t bytes = (uint16_t) (rows * bda.cols * 2);

    if (lines == 200)
        shown *= 2; /* each line is shown twice */
    crtc_out(0x09, (in_indexed(bda.crtc, 0x09) & 0xe0) | (height - 1));
    crtc_out(0x12, (uint8_t) (shown - 1)); /* bit 8 is set in each mode */
    if (bda.mode == 7)
        crtc_out(0x14, (in_indexed(bda.crtc, 0x14) & 0xe0) | (height - 1));
    bda.height = height;
    bda.rows = rows - 1;
    bda.page_size = (uint16_t) ((bytes + 0x7ff) & ~0x7ff);
    cursor_program_shape();
}

static bool valid_height(uint8_t height)
{
    return height != 0 && height <= 32;
}

/* Is the mode in the list, ended by FFh, at offset `at` of table `t`? */
static bool lists_mode(struct far_ptr t, uint16_t at)
{
    uint8_t mode;

    if (t.off == 0 && t.seg == 0)
        return false;
    do {
        mode = far_read8(t.seg, (uint16_t) (t.off + at++));
    } while (mode != bda.mode && mode != 0xff && at < 64);
    return mode == bda.mode;
}

static uint8_t table8(struct far_ptr t, uint16_t at)
{
    return far_read8(t.seg, (uint16_t) (t.off + at));
}

static uint16_t table16(struct far_ptr t, uint16_t at)
{
    return far_read16(t.seg, (uint16_t) (t.off + at));
}

/* The text font of the save pointer table, if it is for this mode: height,
   block, count, first, pointer, rows (FFh: as many as fit), modes. */
static void override_text_font(void)
{
    struct far_ptr t = save_entry(8);
    uint8_t height;

    if (!lists_mode(t, 11))
        return;
    height = table8(t, 0);
    if (!valid_height(height))
        return;
    load_glyphs((struct far_ptr){ table16(t, 6), table16(t, 8) }, table16(t, 4),
                table16(t, 2), table8(t, 1), height);
    if (height != bda.height)
        fit_rows(height);
    if (table8(t, 10) != 0xff)
        bda.rows = table8(t, 10) - 1;
}

/* The same for graphics: rows, height (a word), pointer, modes. */
static void override_graphics_font(void)
{
    struct far_ptr t = save_entry(12);

    if (!lists_mode(t, 7))
        return;
    ivt[0x43] = (struct far_ptr){ table16(t, 3), table16(t, 5) };
    bda.height = table16(t, 1);
    bda.rows = table8(t, 0) - 1;
}

/* The font of a mode just set: of the mode's height, unless overridden. */
void font_set_mode(void)
{
    uint8_t height = (uint8_t) bda.height;

    if (mode_layout() == LAYOUT_TEXT) {
        font_load_rom(height, 0);
        override_text_font();
    } else {
        font_set_graphics(height);
        override_graphics_font();
    }
}

/* AL=00h-04h load, 10h-14h load and fit the screen to the new height. */
static void load_text_font(struct regs *r)
{
    static ROM uint8_t heights[] ROM_DATA = { 0, 14, 8, 0, 16 };
    uint8_t which = r->al & 0x0f;
    uint8_t height = heights[which];

    if (which == 0) {
        struct far_ptr src = { r->bp, r->es };

        height = r->bh;
        load_glyphs(src, r->dx, r->cx, r->bl, height);
    } else {
        font_load_rom(height, r->bl);
    }
    if ((r->al & 0x10) && valid_height(height) && mode_layout() == LAYOUT_TEXT)
        fit_rows(height);
}

/* Rows by BL as AL=21h-24h take them: 0 is DL. */
static void set_graphics_rows(struct regs *r, uint8_t height)
{
    static ROM uint8_t rows[] ROM_DATA = { 0, 14, 25, 43 };

    bda.height = height;
    bda.rows = (r->bl != 0 && r->bl <= 3 ? rows[r->bl] : r->dl) - 1;
}

static void int10_1121(struct regs *r)
{
    ivt[0x43].off = r->bp;
    ivt[0x43].seg = r->es;
    set_graphics_rows(r, r->cl);
}

static void set_graphics_rom_font(struct regs *r, uint8_t height)
{
    font_set_graphics(height);
    set_graphics_rows(r, height);
}

/* Where fonts are, and the present height and rows. */
static void int10_1130(struct regs *r)
{
    struct far_ptr font;

    switch (r->bh) {
    case 0: font = ivt[0x1f]; break;
    case 1: font = ivt[0x43]; break;
    case 2: font = rom_font(14); break;
    case 3: font = rom_font(8); break;
    case 4:
        font = rom_font(8);
        font.off += 128 * 8;
        break;
    case 5:
    case 7:
        font.off = (uint16_t) (uintptr_t) font_9dots;
        font.seg = ROM_SEG;
        break;
    case 6: font = rom_font(16); break;
    default: return;
    }
    r->es = font.seg;
    r->bp = font.off;
    r->cx = bda.height;
    r->dl = bda.rows;
}

void int10_11(struct regs *r)
{
    switch (r->al) {
    case 0x00:
    case 0x01:
    case 0x02:
    case 0x04:
    case 0x10:
    case 0x11:
    case 0x12:
    case 0x14: load_text_font(r); break;
    case 0x03: seq_out(3, r->bl); break;
    case 0x20:
        ivt[0x1f].off = r->bp;
        ivt[0x1f].seg = r->es;
        break;
    case 0x21: int10_1121(r); break;
    case 0x22: set_graphics_rom_font(r, 14); break;
    case 0x23: set_graphics_rom_font(r, 8); break;
    case 0x24: set_graphics_rom_font(r, 16); break;
    case 0x30: int10_1130(r); break;
    default: break;
    }
}

/*
 * VGA BIOS: characters and dots in graphics modes (AH=08h-0Eh there).
 *
 * Glyphs come from INT 43h; modes 4-6 take those from 80h on from INT 1Fh.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt
 *         10h"; IBM Personal System/2 Hardware Interface Technical
 *         Reference, "Graphics controller" and memory maps of the modes.
 */
#include "vga.h"

enum {
    GFX_SET_RESET = 0,
    GFX_ENABLE_SET_RESET = 1,
    GFX_COMPARE = 2,
    GFX_FUNCTION = 3,
    GFX_READ_MAP = 4,
    GFX_MODE = 5,
    GFX_CARE = 7,
    GFX_BIT_MASK = 8,

    FUNCTION_XOR = 0x18,
    READ_COMPARE = 0x08, /* read mode 1 */
    XOR_BIT = 0x80,      /* of a colour: exclusive or with what is there */
    CGA_ODD_BANK = 0x2000,
    MAX_HEIGHT = 32,
};

struct far_ptr gfx_glyph(uint8_t ch)
{
    struct far_ptr glyph;

    if (bda.mode < 7 && ch >= 0x80) {
        glyph = ivt[0x1f];
        ch -= 0x80;
    } else {
        glyph = ivt[0x43];
    }
    glyph.off = (uint16_t) (glyph.off + ch * bda.height);
    return glyph;
}

/* Where dots are: offset of the first line of a cell, and of line y. */
static uint16_t cell_offset(enum layout layout, uint8_t page, uint16_t pos)
{
    uint16_t cols = bda.cols;
    uint16_t top = (uint16_t) ((pos >> 8) * bda.height * cols);
    uint8_t col = (uint8_t) pos;

    switch (layout) {
    case LAYOUT_CGA1: return (uint16_t) (top / 2 + col);
    case LAYOUT_CGA2: return (uint16_t) (top + col * 2);
    case LAYOUT_BYTE: return (uint16_t) (top * 8 + col * 8);
    default: return (uint16_t) (page * bda.page_size + top + col);
    }
}

/* Line `y` of a CGA cell at `at`; both CGA layouts have 80-byte lines. */
static uint16_t cga_line(uint16_t at, uint8_t y)
{
    return (uint16_t) (at + (y >> 1) * 80 + (y & 1 ? CGA_ODD_BANK : 0));
}

static void write_cga1(uint16_t at, struct far_ptr glyph, uint8_t colour)
{
    for (uint8_t y = 0; y < bda.height; y++) {
        uint16_t off = cga_line(at, y);
        uint8_t dots = far_read8(glyph.seg, (uint16_t) (glyph.off + y));

        if (!(colour & 1))
            dots = 0;
        if (colour & XOR_BIT)
            dots ^= far_read8(0xb800, off);
        far_write8(0xb800, off, dots);
    }
}

/* Each bit becomes two: 8 dots to 16 bits, leftmost dot highest. */
static uint16_t double_bits(uint8_t dots)
{
    uint16_t wide = 0;

    for (uint8_t bit = 0x80; bit != 0; bit >>= 1)
        wide = (uint16_t) (wide << 2 | (dots & bit ? 3 : 0));
    return wide;
}

static void write_cga2(uint16_t at, struct far_ptr glyph, uint8_t colour)
{
    uint16_t mask = (uint16_t) ((colour & 3) * 0x5555);

    for (uint8_t y = 0; y < bda.height; y++) {
        uint16_t off = cga_line(at, y);
        uint8_t row = far_read8(glyph.seg, (uint16_t) (glyph.off + y));
        uint16_t dots = double_bits(row) & mask;

        dots = (uint16_t) (dots >> 8 | dots << 8); /* memory order */
        if (colour & XOR_BIT)
            dots ^= far_read16(0xb800, off);
        far_write16(0xb800, off, dots);
    }
}

/* Four dots to four bytes, leftmost dot lowest: the product puts bit 3-n of
   `dots` at bit 3 + 8n, and the sum has no carries. */
static uint32_t dots_to_bytes(uint8_t dots, uint8_t colour)
{
    return (dots * 0x08040201u >> 3 & 0x01010101) * colour;
}

static void write_byte(uint16_t at, struct far_ptr glyph, uint8_t colour)
{
    for (uint8_t y = 0; y < bda.height; y++, at += 320) {
        uint8_t dots = far_read8(glyph.seg, (uint16_t) (glyph.off + y));

        far_write32(0xa000, at, dots_to_bytes(dots >> 4, colour));
        far_write32(0xa000, (uint16_t) (at + 4),
                    dots_to_bytes(dots & 0x0f, colour));
    }
}

/*
 * One write a line: planes of the colour take the glyph from the CPU, the
 * others take 0 from set/reset.  XOR needs the latches, so read first.
 */
static void write_planar(uint16_t at, struct far_ptr glyph, uint8_t colour)
{
    bool xor = colour & XOR_BIT;

    seq_out(2, 0x0f);
    gfx_out(GFX_SET_RESET, 0);
    gfx_out(GFX_ENABLE_SET_RESET, ~colour & 0x0f);
    gfx_out(GFX_FUNCTION, xor? FUNCTION_XOR : 0);
    gfx_out(GFX_BIT_MASK, 0xff);
    for (uint8_t y = 0; y < bda.height; y++) {
        uint8_t dots = far_read8(glyph.seg, (uint16_t) (glyph.off + y));

        if (xor)
            far_read8(0xa000, at);
        far_write8(0xa000, at, dots);
        at += bda.cols;
    }
    gfx_out(GFX_FUNCTION, 0);
    gfx_out(GFX_ENABLE_SET_RESET, 0);
}

void gfx_write_char(uint8_t page, uint16_t pos, uint8_t ch, uint8_t colour)
{
    enum layout layout = mode_layout();
    uint16_t at = cell_offset(layout, page, pos);
    struct far_ptr glyph = gfx_glyph(ch);

    switch (layout) {
    case LAYOUT_CGA1: write_cga1(at, glyph, colour); break;
    case LAYOUT_CGA2: write_cga2(at, glyph, colour); break;
    case LAYOUT_BYTE: write_byte(at, glyph, colour); break;
    default: write_planar(at, glyph, colour); break;
    }
}

/* 16 bits of 2-bit dots to 8 bits: set where a dot is not background. */
static uint8_t halve_bits(uint16_t wide)
{
    uint8_t dots = 0;

    for (uint8_t i = 0; i < 8; i++, wide <<= 2)
        dots = (uint8_t) (dots << 1 | ((wide & 0xc000) != 0));
    return dots;
}

static uint8_t read_byte_dots(uint16_t at)
{
    uint8_t dots = 0;

    for (uint8_t x = 0; x < 8; x++)
        dots = (uint8_t) (dots << 1 |
                          (far_read8(0xa000, (uint16_t) (at + x)) != 0));
    return dots;
}

/* Line `y` of a cell as a glyph line: set where it is not colour 0. */
static uint8_t read_dots(enum layout layout, uint16_t at, uint8_t y)
{
    uint16_t val;

    switch (layout) {
    case LAYOUT_CGA1: return far_read8(0xb800, cga_line(at, y));
    case LAYOUT_CGA2:
        val = far_read16(0xb800, cga_line(at, y));
        return halve_bits((uint16_t) (val >> 8 | val << 8));
    case LAYOUT_BYTE: return read_byte_dots((uint16_t) (at + y * 320));
    default: /* read mode 1: a bit is set where all planes are 0 */
        return ~far_read8(0xa000, (uint16_t) (at + y * bda.cols));
    }
}

static bool glyph_matches(uint8_t ch, const uint8_t *cell, uint8_t height)
{
    struct far_ptr glyph = gfx_glyph(ch);

    for (uint8_t y = 0; y < height; y++)
        if (far_read8(glyph.seg, (uint16_t) (glyph.off + y)) != cell[y])
            return false;
    return true;
}

/* The character whose glyph is in the cell, or 0; blank is a space. */
uint8_t gfx_read_char(uint8_t page, uint16_t pos)
{
    enum layout layout = mode_layout();
    uint16_t at = cell_offset(layout, page, pos);
    uint8_t height = (uint8_t) bda.height;
    uint8_t care = in_indexed(PORT_GFX, GFX_CARE);
    uint8_t cell[MAX_HEIGHT];
    uint8_t ch = ' ';

    if (height > MAX_HEIGHT)
        height = MAX_HEIGHT;
    if (layout == LAYOUT_PLANAR) {
        gfx_out(GFX_COMPARE, 0);
        gfx_out(GFX_CARE, 0x0f);
        gfx_out(GFX_MODE, READ_COMPARE);
    }
    for (uint8_t y = 0; y < height; y++)
        cell[y] = read_dots(layout, at, y);
    if (layout == LAYOUT_PLANAR) {
        gfx_out(GFX_MODE, 0);
        gfx_out(GFX_CARE, care);
    }
    do {
        if (glyph_matches(ch, cell, height))
            return ch;
        ch++;
    } while (ch != ' ');
    return 0;
}

/* Dot (x, y): its byte, and its place there counted from the left. */
static uint16_t dot_offset(enum layout layout, const struct regs *r)
{
    uint16_t x = r->cx;
    uint16_t y = r->dx;

    switch (layout) {
    case LAYOUT_CGA1:
    case LAYOUT_CGA2:
        x /= layout == LAYOUT_CGA2 ? 4 : 8;
        return (uint16_t) (cga_line(0, y & 1) + (y >> 1) * 80 + x);
    case LAYOUT_BYTE: return (uint16_t) (y * 320 + x);
    default:
        return (uint16_t) ((r->bh & 7) * bda.page_size + y * bda.cols + x / 8);
    }
}

static void write_dot_planar(uint16_t at, uint8_t mask, uint8_t colour)
{
    seq_out(2, 0x0f);
    gfx_out(GFX_SET_RESET, colour & 0x0f);
    gfx_out(GFX_ENABLE_SET_RESET, 0x0f);
    gfx_out(GFX_FUNCTION, colour & XOR_BIT ? FUNCTION_XOR : 0);
    gfx_out(GFX_BIT_MASK, mask);
    far_read8(0xa000, at); /* fill the latches */
    far_write8(0xa000, at, 0xff);
    gfx_out(GFX_BIT_MASK, 0xff);
    gfx_out(GFX_FUNCTION, 0);
    gfx_out(GFX_ENABLE_SET_RESET, 0);
    gfx_out(GFX_SET_RESET, 0);
}

/* `shift`: of the dot's lowest bit in its byte; `mask`: bits of a dot. */
static void write_dot_cga(uint16_t at, uint8_t shift, uint8_t mask,
                          uint8_t colour)
{
    uint8_t val = far_read8(0xb800, at);
    uint8_t dot = (uint8_t) ((colour & mask) << shift);

    if (!(colour & XOR_BIT))
        val &= (uint8_t) ~(mask << shift);
    far_write8(0xb800, at, val ^ dot);
}

void int10_0c(struct regs *r)
{
    enum layout layout = mode_layout();
    uint16_t at = dot_offset(layout, r);
    uint8_t x = r->cl;

    switch (layout) {
    case LAYOUT_TEXT: break;
    case LAYOUT_CGA1: write_dot_cga(at, 7 - (x & 7), 1, r->al); break;
    case LAYOUT_CGA2: write_dot_cga(at, (3 - (x & 3)) * 2, 3, r->al); break;
    case LAYOUT_BYTE: far_write8(0xa000, at, r->al); break;
    default: write_dot_planar(at, 0x80 >> (x & 7), r->al); break;
    }
}

static uint8_t read_dot_planar(uint16_t at, uint8_t mask)
{
    uint8_t colour = 0;

    for (uint8_t plane = 4; plane-- != 0;) {
        gfx_out(GFX_READ_MAP, plane);
        colour =
            (uint8_t) (colour << 1 | ((far_read8(0xa000, at) & mask) != 0));
    }
    return colour;
}

void int10_0d(struct regs *r)
{
    enum layout layout = mode_layout();
    uint16_t at = dot_offset(layout, r);
    uint8_t x = r->cl;

    switch (layout) {
    case LAYOUT_TEXT: break;
    case LAYOUT_CGA1: r->al = far_read8(0xb800, at) >> (7 - (x & 7)) & 1; break;
    case LAYOUT_CGA2:
        r->al = far_read8(0xb800, at) >> ((3 - (x & 3)) * 2) & 3;
        break;
    case LAYOUT_BYTE: r->al = far_read8(0xa000, at); break;
    default: r->al = read_dot_planar(at, 0x80 >> (x & 7)); break;
    }
}

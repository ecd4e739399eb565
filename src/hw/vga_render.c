/*
 * VGA picture: from display memory and registers to text or pixels.
 *
 * Source: IBM "PS/2 Hardware Interface Technical Reference: Video Subsystem",
 *         "CRT Controller Registers" (row scan, line compare, addressing),
 *         "Attribute Controller Registers", "Character Map Select Register",
 *         "Alphanumeric Modes", "Graphics Modes".
 * Absent: border, interlace, effects in the middle of a frame.
 *
 * A picture is drawn from one moment's registers.  Scan lines that repeat by
 * programming (double scanning, several scan lines a row of graphics) and
 * pixels that repeat in the 256-colour modes appear once.
 */
#include "config.h"

#include "hw/vga_priv.h"

enum {
    CLOCKING_8_DOTS = 0x01,
    CLOCKING_OFF = 0x20,
    GFX_MISC_GRAPHICS = 0x01,
    GFX_MODE_INTERLEAVE = 0x20,
    GFX_MODE_256 = 0x40,
    ATTR_MODE_LINE_GRAPHICS = 0x04,
    ATTR_MODE_BLINK = 0x08,
    ATTR_MODE_SPLIT_PAN = 0x20, /* no panning below line compare */
    ATTR_MODE_8_BIT = 0x40,
    CURSOR_OFF = 0x20,
    SCAN_DOUBLE = 0x80,
    CRTC_MODE_ROW0 = 0x01, /* 0: row scan bit 0 replaces address bit 13 */
    CRTC_MODE_ROW1 = 0x02,
    CRTC_MODE_HALF_LINES = 0x04,
    CRTC_MODE_COUNT2 = 0x08,
    CRTC_MODE_WRAP_64K = 0x20,
    CRTC_MODE_BYTE = 0x40,
    CRTC_MODE_RETRACE = 0x80,
    UNDERLINE_COUNT4 = 0x20,
    UNDERLINE_DOUBLEWORD = 0x40,
    LINE_DOTS = (256 + 1) * 9,
};

/* The CRT controller's counters on one scan line. */
struct scan {
    unsigned line; /* of the displayed area */
    uint16_t addr; /* of the first character */
    uint8_t row;   /* row scan counter */
    bool split;    /* below line compare */
};

struct picture {
    bool text;
    bool wide;         /* 256 colours: half as many pixels as dots */
    unsigned columns;  /* character clocks */
    unsigned dots;     /* pixels a character clock */
    unsigned lines;    /* scan lines */
    unsigned repeat;   /* scan lines a row of the picture */
    unsigned width, height;
};

/* --- counters ------------------------------------------------------------- */

static unsigned scan_byte_pan(const struct vga *vga)
{
    return vga->crtc[CRTC_PRESET_ROW] >> 5 & 3;
}

static void scan_first(const struct vga *vga, struct scan *s)
{
    s->line = 0;
    s->addr = vga_crtc_start(vga) + scan_byte_pan(vga);
    s->row = vga->crtc[CRTC_PRESET_ROW] & 0x1f;
    s->split = false;
}

static unsigned scan_line_compare(const struct vga *vga)
{
    return vga->crtc[CRTC_LINE_COMPARE] | (vga->crtc[CRTC_OVERFLOW] & 0x10) << 4 |
           (vga->crtc[CRTC_MAX_SCAN] & 0x40) << 3;
}

static bool scan_compares(const struct vga *vga, unsigned line)
{
    if (vga->crtc[CRTC_MODE] & CRTC_MODE_HALF_LINES)
        return line % 2 == 1 && line / 2 == scan_line_compare(vga);
    return line == scan_line_compare(vga);
}

/* To the next scan line; true when it starts another row of characters. */
static bool scan_next(const struct vga *vga, struct scan *s)
{
    uint8_t max = vga->crtc[CRTC_MAX_SCAN];
    unsigned line = s->line++;

    if (scan_compares(vga, line)) {
        s->split = true;
        s->addr = vga->attr[ATTR_MODE] & ATTR_MODE_SPLIT_PAN ? 0 : scan_byte_pan(vga);
        s->row = 0;
        return true;
    }
    if (max & SCAN_DOUBLE && line % 2 == 0)
        return false;
    if (s->row != (max & 0x1f)) {
        s->row = (s->row + 1) & 0x1f;
        return false;
    }
    s->row = 0;
    s->addr += vga->crtc[CRTC_OFFSET] * 2;
    return true;
}

/* The address counter after `column` character clocks. */
static uint16_t scan_counter(const struct vga *vga, const struct scan *s, unsigned column)
{
    if (vga->crtc[CRTC_UNDERLINE] & UNDERLINE_COUNT4)
        column /= 4;
    else if (vga->crtc[CRTC_MODE] & CRTC_MODE_COUNT2)
        column /= 2;
    return s->addr + column;
}

/* The four maps at a count: byte, word or doubleword addressing. */
static uint32_t scan_fetch(const struct vga *vga, uint16_t count, unsigned row)
{
    unsigned mode = vga->crtc[CRTC_MODE];
    uint32_t addr = count;

    if (vga->crtc[CRTC_UNDERLINE] & UNDERLINE_DOUBLEWORD)
        addr = addr << 2 | (addr >> 12 & 3);
    else if (!(mode & CRTC_MODE_BYTE))
        addr = addr << 1 | (addr >> (mode & CRTC_MODE_WRAP_64K ? 15 : 13) & 1);
    if (!(mode & CRTC_MODE_ROW0))
        addr = (addr & ~0x2000u) | (row & 1) << 13;
    if (!(mode & CRTC_MODE_ROW1))
        addr = (addr & ~0x4000u) | (row & 2) << 13;
    return load_le32(&vga->mem[vga_cell_at(addr & vga->addr_mask)]);
}

/* --- shape ---------------------------------------------------------------- */

static unsigned picture_repeat(const struct vga *vga, bool text)
{
    uint8_t max = vga->crtc[CRTC_MAX_SCAN];
    unsigned both = CRTC_MODE_ROW0 | CRTC_MODE_ROW1;
    unsigned repeat = max & SCAN_DOUBLE ? 2 : 1;

    /* Scan lines of a graphics row are all the same unless the row scan
     * counter is part of the address. */
    if (!text && (vga->crtc[CRTC_MODE] & both) == both)
        repeat *= (max & 0x1f) + 1;
    return repeat;
}

static struct picture picture_shape(const struct vga *vga)
{
    struct picture p;

    p.text = !(vga->gfx[GFX_MISC] & GFX_MISC_GRAPHICS);
    p.wide = !p.text && vga->attr[ATTR_MODE] & ATTR_MODE_8_BIT;
    p.columns = vga->crtc[CRTC_H_DISPLAY_END] + 1u;
    p.dots = p.wide ? 4 : p.text && !(vga->seq[SEQ_CLOCKING] & CLOCKING_8_DOTS) ? 9 : 8;
    p.lines = vga->timing.lines_shown;
    if (vga->crtc[CRTC_MODE] & CRTC_MODE_HALF_LINES)
        p.lines *= 2;
    p.repeat = picture_repeat(vga, p.text);
    p.width = p.columns * p.dots;
    if (p.width > VIDEO_WIDTH_MAX)
        p.width = VIDEO_WIDTH_MAX;
    p.height = p.lines / p.repeat;
    if (p.height == 0)
        p.height = 1;
    if (p.height > VIDEO_HEIGHT_MAX)
        p.height = VIDEO_HEIGHT_MAX;
    return p;
}

/* Calls row(opaque, scan) for each row of characters whose end is shown; where
 * there is none, for the first. Returns their number. */
static unsigned picture_rows(const struct vga *vga, const struct picture *p,
                             void (*row)(void *opaque, unsigned n, const struct scan *s),
                             void *opaque)
{
    unsigned rows = 0;
    struct scan s;

    scan_first(vga, &s);
    while (s.line < p->lines && rows < VIDEO_TEXT_ROWS_MAX) {
        struct scan here = s;
        bool ended = scan_next(vga, &s);

        if (!ended && !(rows == 0 && s.line == p->lines))
            continue;
        if (row != NULL)
            row(opaque, rows, &here);
        rows++;
    }
    return rows;
}

static unsigned picture_bpp(const struct vga *vga, const struct picture *p)
{
    if (p->wide)
        return 8;
    if (vga->gfx[GFX_MODE] & GFX_MODE_INTERLEAVE)
        return 2;
    switch (vga->attr[ATTR_PLANE_ENABLE] & 15) {
    case 1: case 2: case 4: case 8: return 1;
    case 3: case 5: case 6: case 9: case 10: case 12: return 2;
    default: return 4;
    }
}

void vga_render_mode(void *opaque, struct video_mode *out)
{
    const struct vga *vga = opaque;
    struct picture p = picture_shape(vga);

    *out = (struct video_mode){ .text = p.text, .width = p.width, .height = p.height };
    if (p.text) {
        out->columns = p.columns;
        out->rows = picture_rows(vga, &p, NULL, NULL);
    } else {
        out->bpp = picture_bpp(vga, &p);
    }
}

/* --- text ----------------------------------------------------------------- */

static uint16_t cursor_addr(const struct vga *vga)
{
    return vga->crtc[CRTC_CURSOR_HIGH] << 8 | vga->crtc[CRTC_CURSOR_LOW];
}

static bool cursor_shown(const struct vga *vga)
{
    uint8_t start = vga->crtc[CRTC_CURSOR_START];

    return !(start & CURSOR_OFF) && (start & 0x1f) <= (vga->crtc[CRTC_CURSOR_END] & 0x1f) &&
           (start & 0x1f) <= (vga->crtc[CRTC_MAX_SCAN] & 0x1f);
}

static unsigned cursor_skew(const struct vga *vga)
{
    return vga->crtc[CRTC_CURSOR_END] >> 5 & 3;
}

struct text_job {
    const struct vga *vga;
    struct video_text *out;
    bool cursor_wanted;
    uint16_t cursor;
};

/* Column of the character at the cursor's address, the first if there are more. */
static void text_find_cursor(struct text_job *job, unsigned n, const struct scan *s)
{
    for (unsigned c = 0; c + cursor_skew(job->vga) < job->out->columns; c++) {
        if (scan_counter(job->vga, s, c) != job->cursor)
            continue;
        job->out->cursor_row = (int) n;
        job->out->cursor_column = (int) (c + cursor_skew(job->vga));
        job->cursor_wanted = false;
        return;
    }
}

static void text_row(void *opaque, unsigned n, const struct scan *s)
{
    struct text_job *job = opaque;
    unsigned columns = job->out->columns;
    struct video_cell *cell = &job->out->cell[n * columns];

    for (unsigned c = 0; c < columns; c++) {
        uint32_t maps = scan_fetch(job->vga, scan_counter(job->vga, s, c), 0);

        cell[c].ch = (uint8_t) maps;
        cell[c].attr = (uint8_t) (maps >> 8);
    }
    if (job->cursor_wanted && (uint16_t) (job->cursor - s->addr) < columns)
        text_find_cursor(job, n, s);
}

bool vga_render_text(void *opaque, struct video_text *out)
{
    const struct vga *vga = opaque;
    struct text_job job = { vga, out, cursor_shown(vga), cursor_addr(vga) };
    struct picture p = picture_shape(vga);

    if (!p.text)
        return false;
    out->columns = p.columns;
    out->cursor_row = out->cursor_column = -1;
    out->rows = picture_rows(vga, &p, text_row, &job);
    return true;
}

/* Where the font of characters with attribute bit 3 clear (0) or set (1) lies
 * in map 2: the bits of the select register are not in order. */
static unsigned font_base(const struct vga *vga, unsigned set)
{
    unsigned sel = vga->seq[SEQ_CHAR_MAP];
    unsigned n = set ? (sel >> 2 & 3) | (sel >> 3 & 4) : (sel & 3) | (sel >> 2 & 4);

    return (n & 3) * 0x4000 + (n >> 2) * 0x2000;
}

/* What stays the same over a frame of text. */
struct text_style {
    unsigned font[2];
    unsigned dots;
    uint8_t mode; /* attribute mode control */
    bool blink_off;    /* blinking characters show their background now */
    bool cursor_on;    /* in its visible phase */
    uint8_t underline; /* row scan */
};

static struct text_style text_style(const struct vga *vga, const struct picture *p)
{
    uint64_t frame = vga_crtc_frame(vga);

    return (struct text_style){
        .font = { font_base(vga, 0), font_base(vga, 1) },
        .dots = p->dots,
        .mode = vga->attr[ATTR_MODE],
        .blink_off = frame >> 4 & 1,
        .cursor_on = cursor_shown(vga) && !(frame >> 3 & 1),
        .underline = vga->crtc[CRTC_UNDERLINE] & 0x1f,
    };
}

/* Nine dots of a character's scan line, leftmost in bit 8. */
static unsigned text_dots(const struct vga *vga, const struct text_style *st, uint32_t maps,
                          unsigned row, bool cursor)
{
    unsigned ch = maps & 0xff, attr = maps >> 8 & 0xff, bits;

    if (cursor || (row == st->underline && (attr & 0x77) == 0x01))
        return 0x1ff;
    bits = vga->mem[vga_cell_at(st->font[attr >> 3 & 1] + ch * 32 + row) + 2] << 1;
    /* The ninth dot of the line-drawing characters repeats the eighth. */
    if (st->mode & ATTR_MODE_LINE_GRAPHICS && (ch & 0xe0) == 0xc0)
        bits |= bits >> 1 & 1;
    if (st->mode & ATTR_MODE_BLINK && attr & 0x80 && st->blink_off)
        bits = 0;
    return bits;
}

static void text_line(const struct vga *vga, const struct text_style *st, const struct scan *s,
                      unsigned columns, uint8_t *px)
{
    bool cursor_row = st->cursor_on && s->row >= (vga->crtc[CRTC_CURSOR_START] & 0x1f) &&
                      s->row <= (vga->crtc[CRTC_CURSOR_END] & 0x1f);
    uint16_t cursor = cursor_addr(vga) + cursor_skew(vga);

    for (unsigned c = 0; c < columns; c++) {
        uint16_t count = scan_counter(vga, s, c);
        uint32_t maps = scan_fetch(vga, count, s->row);
        unsigned bits = text_dots(vga, st, maps, s->row, cursor_row && count == cursor);
        unsigned fore = maps >> 8 & 15, back = maps >> 12 & 15;

        if (st->mode & ATTR_MODE_BLINK)
            back &= 7;
        for (unsigned i = 0; i < st->dots; i++)
            *px++ = (uint8_t) (bits >> (8 - i) & 1 ? fore : back);
    }
}

/* --- graphics ------------------------------------------------------------- */

/* The eight bits of a byte as eight bytes, bit 7 first. */
static uint64_t bits_to_bytes(uint64_t b)
{
    return (b * UINT64_C(0x8040201008040201) & UINT64_C(0x8080808080808080)) >> 7;
}

/* Eight 4-bit pixels of one address, by the shift register mode. */
static void graphics_pixels(const struct vga *vga, uint32_t maps, uint8_t *px)
{
    uint8_t mode = vga->gfx[GFX_MODE];

    if (mode & GFX_MODE_256) {
        for (unsigned i = 0; i < 8; i++)
            px[i] = maps >> (i / 2 * 8 + (i % 2 ? 0 : 4)) & 15;
    } else if (mode & GFX_MODE_INTERLEAVE) {
        for (unsigned i = 0; i < 8; i++) {
            uint32_t pair = maps >> (i / 4 * 8) >> (6 - i % 4 * 2);

            px[i] = (pair & 3) | (pair >> 14 & 12);
        }
    } else {
        store_le64(px, bits_to_bytes(maps & 0xff) | bits_to_bytes(maps >> 8 & 0xff) << 1 |
                           bits_to_bytes(maps >> 16 & 0xff) << 2 | bits_to_bytes(maps >> 24) << 3);
    }
}

/* 256 colours: two 4-bit pixels make one of 8 bits. */
static void graphics_pairs(const struct vga *vga, uint32_t maps, uint8_t *px)
{
    uint8_t dots[8];

    if (vga->gfx[GFX_MODE] & GFX_MODE_256) {
        store_le32(px, maps);
        return;
    }
    graphics_pixels(vga, maps, dots);
    for (unsigned i = 0; i < 4; i++)
        px[i] = dots[2 * i] << 4 | dots[2 * i + 1];
}

static void graphics_line(const struct vga *vga, const struct picture *p, const struct scan *s,
                          unsigned columns, uint8_t *px)
{
    for (unsigned c = 0; c < columns; c++, px += p->dots) {
        uint32_t maps = scan_fetch(vga, scan_counter(vga, s, c), s->row);

        if (p->wide)
            graphics_pairs(vga, maps, px);
        else
            graphics_pixels(vga, maps, px);
    }
}

/* --- frame ---------------------------------------------------------------- */

/* Dots that the line is moved to the left. */
static unsigned frame_panning(const struct vga *vga, const struct picture *p, bool split)
{
    unsigned pan = vga->attr[ATTR_PANNING] & 15;

    if (split && vga->attr[ATTR_MODE] & ATTR_MODE_SPLIT_PAN)
        return p->dots == 9 ? 1 : 0; /* as value 0: nine-dot characters rest at 8 */
    if (p->dots == 9)
        return pan >= 8 ? 0 : pan + 1;
    return p->wide ? (pan & 7) / 2 : pan & 7;
}

static void frame_colours(const struct vga *vga, const struct picture *p, uint32_t *colour)
{
    if (p->wide) {
        for (unsigned i = 0; i < 256; i++)
            colour[i] = vga_dac_colour(vga, (uint8_t) i);
        return;
    }
    for (unsigned i = 0; i < 16; i++)
        colour[i] = vga_dac_colour(vga, vga_attr_index(vga, i));
}

/* Screen switched off, or the palette in the CPU's hands. */
static bool frame_blank(const struct vga *vga, uint32_t *colour)
{
    *colour = 0;
    if (vga->seq[SEQ_CLOCKING] & CLOCKING_OFF || !(vga->crtc[CRTC_MODE] & CRTC_MODE_RETRACE))
        return true;
    *colour = vga_dac_colour(vga, vga->attr[ATTR_OVERSCAN]);
    return !(vga->attr_index & ATTR_PAS);
}

static void frame_draw(const struct vga *vga, const struct picture *p, uint32_t *out)
{
    uint32_t colour[256];
    uint8_t px[LINE_DOTS];
    struct text_style style = text_style(vga, p);
    struct scan s;

    frame_colours(vga, p, colour);
    scan_first(vga, &s);
    for (unsigned y = 0; y < p->height; y++, out += p->width) {
        const uint8_t *from;

        while (s.line < y * p->repeat)
            scan_next(vga, &s);
        if (p->text)
            text_line(vga, &style, &s, p->columns + 1, px);
        else
            graphics_line(vga, p, &s, p->columns + 1, px);
        from = px + frame_panning(vga, p, s.split);
        for (unsigned x = 0; x < p->width; x++)
            out[x] = colour[from[x]];
    }
}

void vga_render_frame(void *opaque, struct video_frame *out)
{
    const struct vga *vga = opaque;
    struct picture p = picture_shape(vga);
    uint32_t colour;

    out->width = p.width;
    out->height = p.height;
    if (!frame_blank(vga, &colour)) {
        frame_draw(vga, &p, out->pixel);
        return;
    }
    for (size_t i = 0; i < (size_t) p.width * p.height; i++)
        out->pixel[i] = colour;
}

void vga_render_copy(void *opaque, void *to)
{
    const struct vga *vga = opaque;
    struct vga *copy = to;

    *copy = *vga;
    copy->copied_at = sched_now(vga->sched);
    copy->sched = NULL;
    copy->bus = NULL;
    copy->irq = NULL;
}

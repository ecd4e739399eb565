/*
 * VGA BIOS: palettes (INT 10h AH=0Bh, AH=10h).
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt
 *         10h, (AH)=0BH, (AH)=10H", "Save pointer table"; IBM Personal System/2 Hardware Interface
 *         Technical Reference, "Attribute controller".
 */
#include "vga.h"

enum {
    ATTR_MODE = 0x10,
    ATTR_OVERSCAN = 0x11,
    ATTR_COLOUR_SELECT = 0x14,
    ATTR_SHOW = 0x20, /* of the index: the palette belongs to the display */
    MODE_BLINK = 0x08,
    MODE_PAGE_16 = 0x80, /* DAC pages of 16, not 64 */
    CGA_BLINK = 0x20,    /* 40:65 */
    CGA_INTENSE = 0x10,  /* 40:66 */
    CGA_PALETTE_1 = 0x20,
};

uint8_t attr_read(uint8_t index)
{
    uint8_t val;

    inb(bda.crtc + 6);
    outb(PORT_ATTR, index);
    val = inb(PORT_ATTR_READ);
    inb(bda.crtc + 6);
    outb(PORT_ATTR, ATTR_SHOW);
    return val;
}

void attr_write(uint8_t index, uint8_t val)
{
    inb(bda.crtc + 6);
    outb(PORT_ATTR, index);
    outb(PORT_ATTR, val);
    outb(PORT_ATTR, ATTR_SHOW);
}

/* A program's dynamic save area, if it named one, mirrors the palette: 16
   colours and the overscan. */
void palette_note(uint8_t index, uint8_t val)
{
    struct far_ptr area = save_entry(4);

    if (area.off == 0 && area.seg == 0)
        return;
    if (index < 16)
        far_write8(area.seg, (uint16_t) (area.off + index), val);
    else if (index == ATTR_OVERSCAN)
        far_write8(area.seg, (uint16_t) (area.off + 16), val);
}

static void set_colour(uint8_t index, uint8_t val)
{
    attr_write(index, val);
    palette_note(index, val);
}

/* Modes 4, 5: colours 1-3 of the palette and intensity in 40:66. */
static void set_cga_palette(void)
{
    uint8_t colour = bda.cga_colour & CGA_INTENSE;

    colour |= bda.cga_colour & CGA_PALETTE_1 ? 3 : 2;
    for (uint8_t i = 1; i < 4; i++, colour += 2)
        set_colour(i, colour);
}

static void set_background(uint8_t colour)
{
    uint8_t val = colour & 7;

    bda.cga_colour = (bda.cga_colour & ~0x1f) | (colour & 0x1f);
    if (colour & 8) /* bright: where the mode's DAC table keeps it */
        val |= mode_is_200_lines() ? 0x10 : 0x38;
    if (mode_layout() != LAYOUT_TEXT)
        set_colour(0, val);
    set_colour(ATTR_OVERSCAN, val);
}

void int10_0b(struct regs *r)
{
    if (r->bh == 0) {
        set_background(r->bl);
    } else if (r->bh == 1) {
        bda.cga_colour &= ~CGA_PALETTE_1;
        if (r->bl & 1)
            bda.cga_colour |= CGA_PALETTE_1;
    }
    if (mode_layout() == LAYOUT_CGA2)
        set_cga_palette();
}

static void int10_1002(struct regs *r)
{
    for (uint8_t i = 0; i < 16; i++)
        set_colour(i, far_read8(r->es, (uint16_t) (r->dx + i)));
    set_colour(ATTR_OVERSCAN, far_read8(r->es, (uint16_t) (r->dx + 16)));
}

/* BL=0: background intensity, 1: blinking. */
static void int10_1003(struct regs *r)
{
    uint8_t mode = attr_read(ATTR_MODE) & ~MODE_BLINK;

    bda.cga_mode &= ~CGA_BLINK;
    if (r->bl & 1) {
        mode |= MODE_BLINK;
        bda.cga_mode |= CGA_BLINK;
    }
    attr_write(ATTR_MODE, mode);
}

static void int10_1009(struct regs *r)
{
    for (uint8_t i = 0; i < 16; i++)
        far_write8(r->es, (uint16_t) (r->dx + i), attr_read(i));
    far_write8(r->es, (uint16_t) (r->dx + 16), attr_read(ATTR_OVERSCAN));
}

static void int10_1012(struct regs *r)
{
    uint8_t index = r->bl;
    uint16_t at = r->dx;

    for (uint16_t n = r->cx; n != 0; n--, at += 3)
        dac_write(index++, far_read8(r->es, at),
                  far_read8(r->es, (uint16_t) (at + 1)),
                  far_read8(r->es, (uint16_t) (at + 2)));
}

/* BL=0: pages of 64 or 16 colours by BH; BL=1: show page BH. */
static void int10_1013(struct regs *r)
{
    uint8_t mode = attr_read(ATTR_MODE);
    uint8_t page = r->bh;

    if (r->bl == 0) {
        mode &= ~MODE_PAGE_16;
        attr_write(ATTR_MODE, r->bh & 1 ? mode | MODE_PAGE_16 : mode);
        return;
    }
    if (!(mode & MODE_PAGE_16))
        page = (uint8_t) (page << 2);
    attr_write(ATTR_COLOUR_SELECT, page & 0x0f);
}

static void int10_1015(struct regs *r)
{
    outb(PORT_DAC_READ, r->bl);
    r->dh = inb(PORT_DAC_DATA);
    r->ch = inb(PORT_DAC_DATA);
    r->cl = inb(PORT_DAC_DATA);
}

static void int10_1017(struct regs *r)
{
    uint16_t at = r->dx;

    outb(PORT_DAC_READ, r->bl);
    for (uint16_t n = (uint16_t) (r->cx * 3); n != 0; n--)
        far_write8(r->es, at++, inb(PORT_DAC_DATA));
}

static void int10_101a(struct regs *r)
{
    uint8_t page = attr_read(ATTR_COLOUR_SELECT) & 0x0f;

    r->bl = attr_read(ATTR_MODE) >> 7;
    r->bh = r->bl ? page : page >> 2;
}

void int10_10(struct regs *r)
{
    switch (r->al) {
    case 0x00:
        if (r->bl <= ATTR_COLOUR_SELECT)
            set_colour(r->bl, r->bh);
        break;
    case 0x01: set_colour(ATTR_OVERSCAN, r->bh); break;
    case 0x02: int10_1002(r); break;
    case 0x03: int10_1003(r); break;
    case 0x07:
        if (r->bl <= ATTR_COLOUR_SELECT)
            r->bh = attr_read(r->bl);
        break;
    case 0x08: r->bh = attr_read(ATTR_OVERSCAN); break;
    case 0x09: int10_1009(r); break;
    case 0x10: dac_write(r->bl, r->dh, r->ch, r->cl); break;
    case 0x12: int10_1012(r); break;
    case 0x13: int10_1013(r); break;
    case 0x15: int10_1015(r); break;
    case 0x17: int10_1017(r); break;
    case 0x18: outb(PORT_PEL_MASK, r->bl); break;
    case 0x19: r->bl = inb(PORT_PEL_MASK); break;
    case 0x1a: int10_101a(r); break;
    case 0x1b: dac_grey(r->bx, r->cx); break;
    default: break;
    }
}

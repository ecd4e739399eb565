/*
 * VGA BIOS: save and restore the video state (INT 10h AH=1Ch).
 *
 * The buffer's layout is the BIOS's own business.  Ours, part after part, each
 * only if asked for by CX: registers (2 blocks of 64 bytes), BIOS data and
 * vectors (1 block), DAC (13 blocks).
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Interrupt
 *         10h, (AH)=1CH".
 */
#include "vga.h"

enum {
    PART_REGISTERS = 1,
    PART_BDA = 2,
    PART_DAC = 4,

    BLOCKS_REGISTERS = 2,
    BLOCKS_BDA = 1,
    BLOCKS_DAC = 13,
};

/* A walk through the buffer: each item is saved or restored in turn. */
struct walk {
    uint16_t seg, at;
    bool restore;
};

static uint8_t walk_byte(struct walk *w, uint8_t val)
{
    uint16_t at = w->at++;

    if (w->restore)
        return far_read8(w->seg, at);
    far_write8(w->seg, at, val);
    return val;
}

static void walk_indexed(struct walk *w, uint16_t port, uint8_t first,
                         uint8_t count)
{
    for (uint8_t i = first; count != 0; i++, count--) {
        uint8_t val = walk_byte(w, in_indexed(port, i));

        if (w->restore)
            out_indexed(port, i, val);
    }
}

static void walk_attributes(struct walk *w)
{
    for (uint8_t i = 0; i < 0x15; i++) {
        uint8_t val = walk_byte(w, attr_read(i));

        if (w->restore)
            attr_write(i, val);
    }
}

/* The misc register first: it decides where the CRTC is. */
static void walk_registers(struct walk *w)
{
    uint16_t start = w->at;
    uint8_t misc = walk_byte(w, inb(PORT_MISC_READ));
    uint16_t crtc = misc & 1 ? 0x3d4 : 0x3b4;
    uint8_t seq_index = walk_byte(w, inb(PORT_SEQ));
    uint8_t gfx_index = walk_byte(w, inb(PORT_GFX));
    uint8_t crtc_index;
    uint8_t feature;

    if (w->restore) {
        seq_out(0, 1);
        outb(PORT_MISC, misc);
    }
    crtc_index = walk_byte(w, inb(crtc));
    feature = walk_byte(w, inb(PORT_FEATURE_READ));
    walk_indexed(w, PORT_SEQ, 1, 4);
    if (w->restore) {
        seq_out(0, 3);
        crtc_out(0x11, 0); /* unlock registers 0-7 */
        outb(crtc + 6, feature);
    }
    walk_indexed(w, crtc, 0, 0x19);
    walk_indexed(w, PORT_GFX, 0, 9);
    walk_attributes(w);
    outb(PORT_SEQ, seq_index);
    outb(PORT_GFX, gfx_index);
    outb(crtc, crtc_index);
    w->at = start + BLOCKS_REGISTERS * 64;
}

static void walk_low(struct walk *w, uint16_t addr, uint8_t count)
{
    if (w->restore)
        far_copy8(0, addr, w->seg, w->at, count);
    else
        far_copy8(w->seg, w->at, 0, addr, count);
    w->at += count;
}

static void walk_bda(struct walk *w)
{
    uint16_t start = w->at;

    walk_low(w, 0x449, 0x67 - 0x49);
    walk_low(w, 0x484, 0x8b - 0x84);
    walk_low(w, 0x4a8, 4);
    walk_low(w, 0x05 * 4, 4);
    walk_low(w, 0x1d * 4, 4);
    walk_low(w, 0x1f * 4, 4);
    walk_low(w, 0x43 * 4, 4);
    w->at = start + BLOCKS_BDA * 64;
}

static void walk_dac(struct walk *w)
{
    uint8_t mask = walk_byte(w, inb(PORT_PEL_MASK));

    if (w->restore)
        outb(PORT_PEL_MASK, mask);
    outb(w->restore ? PORT_DAC_WRITE : PORT_DAC_READ, 0);
    for (uint16_t i = 0; i < 768; i++) {
        if (w->restore)
            outb(PORT_DAC_DATA, walk_byte(w, 0));
        else
            walk_byte(w, inb(PORT_DAC_DATA));
    }
}

void int10_1c(struct regs *r)
{
    struct walk w = { r->es, r->bx, r->al == 2 };

    if (r->al > 2)
        return;
    if (r->al == 0) {
        r->bx = (r->cx & PART_REGISTERS ? BLOCKS_REGISTERS : 0) +
                (r->cx & PART_BDA ? BLOCKS_BDA : 0) +
                (r->cx & PART_DAC ? BLOCKS_DAC : 0);
        r->al = 0x1c;
        return;
    }
    /* Registers are written through 40:63: restore it before them. */
    if (w.restore && (r->cx & PART_BDA) && (r->cx & PART_REGISTERS)) {
        struct walk b = w;

        b.at += BLOCKS_REGISTERS * 64;
        walk_bda(&b);
    }
    if (r->cx & PART_REGISTERS)
        walk_registers(&w);
    if (r->cx & PART_BDA)
        walk_bda(&w);
    if (r->cx & PART_DAC)
        walk_dac(&w);
    r->al = 0x1c;
}

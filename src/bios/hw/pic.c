/*
 * 8259A pair at 20h and A0h.
 *
 * Source: Intel 8259A data sheet, "Initialization command words".
 */
#include "bios/hw/pic.h"

#include "bios/port.h"

enum {
    PIC_ICW1 = 0x11, /* edge, cascade, ICW4 follows */
    PIC_ICW4 = 0x01, /* 8086 */
    PIC_EOI = 0x20,
    PIC_CASCADE = 2,
};

void pic_init(uint8_t base0, uint8_t base8)
{
    outb(0x20, PIC_ICW1);
    outb(0x21, base0);
    outb(0x21, 1 << PIC_CASCADE);
    outb(0x21, PIC_ICW4);
    outb(0xa0, PIC_ICW1);
    outb(0xa1, base8);
    outb(0xa1, PIC_CASCADE);
    outb(0xa1, PIC_ICW4);
    outb(0x21, (uint8_t) ~(1 << PIC_CASCADE));
    outb(0xa1, 0xff);
}

static uint16_t pic_mask_port(unsigned irq)
{
    return irq < 8 ? 0x21 : 0xa1;
}

void pic_mask(unsigned irq)
{
    uint16_t port = pic_mask_port(irq);

    outb(port, inb(port) | 1 << (irq & 7));
}

void pic_unmask(unsigned irq)
{
    uint16_t port = pic_mask_port(irq);

    outb(port, inb(port) & ~(1 << (irq & 7)));
}

bool pic_is_masked(unsigned irq)
{
    if (irq >= 8 && pic_is_masked(PIC_CASCADE))
        return true;
    return inb(pic_mask_port(irq)) >> (irq & 7) & 1;
}

void pic_eoi(unsigned irq)
{
    if (irq >= 8)
        outb(0xa0, PIC_EOI);
    outb(0x20, PIC_EOI);
}

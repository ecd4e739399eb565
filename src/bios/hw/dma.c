/*
 * 8237A pair at 00h and C0h, page registers at 80h.
 *
 * Source: Intel 8237A data sheet, "Software commands"; IBM PC AT Technical
 *         Reference, "DMA controller" (page register of channel 2: 81h).
 */
#include "bios/hw/dma.h"

#include "bios/port.h"

void dma_init(void)
{
    outb(0x0d, 0); /* master clear: all masked */
    outb(0xda, 0);
    outb(0x08, 0); /* command: as the AT wires DREQ and DACK */
    outb(0xd0, 0);
    outb(0xd6, 0xc0); /* channel 4: cascade */
    outb(0xd4, 0x00); /* and open */
    outb(0x0b, 0x40);
    outb(0x0b, 0x41);
    outb(0x0b, 0x42);
    outb(0x0b, 0x43);
    outb(0xd6, 0x41);
    outb(0xd6, 0x42);
    outb(0xd6, 0x43);
}

bool dma_floppy(enum dma_mode mode, uint16_t seg, uint16_t off, uint32_t len)
{
    uint32_t addr = ((uint32_t) seg << 4) + off;

    if ((addr & 0xffff) + len > 0x10000)
        return false;
    outb(0x0a, 0x06); /* mask channel 2 */
    outb(0x0c, 0);    /* low byte next */
    outb(0x0b, mode);
    outb(0x04, addr & 0xff);
    outb(0x04, addr >> 8 & 0xff);
    outb(0x81, addr >> 16 & 0xff);
    outb(0x05, (len - 1) & 0xff);
    outb(0x05, (len - 1) >> 8);
    outb(0x0a, 0x02);
    return true;
}

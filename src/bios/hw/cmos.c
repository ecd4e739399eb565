/* CMOS access; the index rests at register D, with NMI on. */
#include "bios/hw/cmos.h"

#include "bios/port.h"

uint8_t cmos_read(uint8_t index)
{
    uint8_t val;

    outb(0x70, index | 0x80);
    val = inb(0x71);
    outb(0x70, CMOS_D);
    return val;
}

void cmos_write(uint8_t index, uint8_t val)
{
    outb(0x70, index | 0x80);
    outb(0x71, val);
    outb(0x70, CMOS_D);
}

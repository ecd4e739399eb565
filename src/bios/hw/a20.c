/*
 * A20: port 92h bit 1, and the output port of the 8042; either opens the gate.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "System control
 *         port A"; IBM PC AT Technical Reference, "Output port".
 */
#include "bios/hw/a20.h"

#include "bios/bios.h"
#include "bios/hw/kbc.h"
#include "bios/port.h"

/* By looking: with the gate shut FFFF:0410 is 0000:0400. */
bool a20_is_on(void)
{
    uint16_t low = far_u16(0, 0x400), other = low ^ 0xffff;
    bool same;

    if (far_u16(0xffff, 0x410) != low)
        return true;
    far_put16(0, 0x400, other);
    same = far_u16(0xffff, 0x410) == other;
    far_put16(0, 0x400, low);
    return !same;
}

void a20_set(bool on)
{
    uint8_t val = inb(0x92) & ~1; /* bit 0 would reset the CPU */

    outb(0x92, on ? val | 2 : val & ~2);
    if (a20_is_on() != on)
        kbc_output_port(on ? 0xdf : 0xdd);
}

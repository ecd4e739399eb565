/*
 * INT 10h: choose the service by AH.  Each runs as vga.h tells.
 *
 * Absent: VESA (AH=4Fh) answers like a BIOS without it, AL stays as it was;
 *         the EGA register interface (AH=F0h-F7h), which belongs to mouse
 *         drivers.
 */
#include "vga.h"

void int10(struct regs *r)
{
    switch (r->ah) {
    case 0x00: int10_00(r); break;
    case 0x01: int10_01(r); break;
    case 0x02: int10_02(r); break;
    case 0x03: int10_03(r); break;
    case 0x04: int10_04(r); break;
    case 0x05: int10_05(r); break;
    case 0x06: int10_06(r); break;
    case 0x07: int10_07(r); break;
    case 0x08: int10_08(r); break;
    case 0x09: int10_09(r); break;
    case 0x0a: int10_0a(r); break;
    case 0x0b: int10_0b(r); break;
    case 0x0c: int10_0c(r); break;
    case 0x0d: int10_0d(r); break;
    case 0x0e: int10_0e(r); break;
    case 0x0f: int10_0f(r); break;
    case 0x10: int10_10(r); break;
    case 0x11: int10_11(r); break;
    case 0x12: int10_12(r); break;
    case 0x13: int10_13(r); break;
    case 0x1a: int10_1a(r); break;
    case 0x1b: int10_1b(r); break;
    case 0x1c: int10_1c(r); break;
    default: break;
    }
}

/*
 * INT 17h: printers; finding their ports; INT 05h: the screen on paper.
 *
 * Source: IBM PC AT Technical Reference, BIOS interface, INT 17h, INT 05h, and
 *         "Printer adapter".
 *
 * All functions: our stack; IF=0, others may run while a printer is busy.
 */
#include "bios/bios.h"
#include "bios/hw/timer.h"
#include "bios/port.h"
#include "bios/services.h"
#include "bios/std/bda.h"

enum {
    LPT_DATA = 0,
    LPT_STATUS = 1,
    LPT_CONTROL = 2,
    CONTROL_STROBE = 0x0d,
    CONTROL_IDLE = 0x0c,
    CONTROL_INIT = 0x08,
    STATUS_FREE = 0x80,
    STATUS_INVERTED = 0x48, /* acknowledge and error are low-active */
    STATUS_TIMEOUT = 0x01,
};

static uint8_t printer_status(uint16_t port)
{
    return (inb(port + LPT_STATUS) & 0xf8) ^ STATUS_INVERTED;
}

static void int17_00(struct frame *f, uint16_t port, uint8_t seconds)
{
    struct limit l;

    outb(port + LPT_DATA, f->al);
    limit_start(&l, (uint32_t) (seconds ? seconds : 1) * 1000000);
    while (!(inb(port + LPT_STATUS) & STATUS_FREE)) {
        if (!limit_step(&l)) {
            f->ah = printer_status(port) | STATUS_TIMEOUT;
            return;
        }
        wait_window();
    }
    outb(port + LPT_CONTROL, CONTROL_STROBE);
    timer_delay(1);
    outb(port + LPT_CONTROL, CONTROL_IDLE);
    f->ah = printer_status(port);
}

static void int17_01(struct frame *f, uint16_t port)
{
    outb(port + LPT_CONTROL, CONTROL_INIT);
    timer_delay(100);
    outb(port + LPT_CONTROL, CONTROL_IDLE);
    f->ah = printer_status(port);
}

void int17(struct frame *f)
{
    uint16_t port = f->dx < 3 ? bda.lpt[f->dx] : 0;

    if (port == 0) {
        f->ah = STATUS_TIMEOUT;
        return;
    }
    switch (f->ah) {
    case 0x00: int17_00(f, port, bda.lpt_timeout[f->dx]); break;
    case 0x01: int17_01(f, port); break;
    case 0x02: f->ah = printer_status(port); break;
    default: break;
    }
}

void printer_find_all(void)
{
    static const uint16_t ports[] = { 0x3bc, 0x378, 0x278 };
    unsigned n = 0;

    for (unsigned i = 0; i < ARRAY_LEN(ports); i++) {
        uint16_t port = rom_u16(&ports[i]);

        outb(port + LPT_DATA, 0xaa);
        inb(0x80); /* something else on the data lines */
        if (inb(port + LPT_DATA) == 0xaa) {
            outb(port + LPT_CONTROL, CONTROL_IDLE);
            bda.lpt[n++] = port;
        }
        bda.lpt_timeout[i] = 20;
    }
    bda.equipment |= n << 14;
}

/* ---- INT 05h ---- */

static bool print_char(uint8_t c)
{
    struct callout o = { .ax = 0 };

    o.al = c;
    call_int(&o, 0x17);
    return !(o.ah & 0x29); /* out of paper, error, timeout */
}

static bool print_new_line(void)
{
    return print_char('\r') && print_char('\n');
}

static uint8_t print_cell(uint8_t page, uint8_t row, uint8_t col)
{
    struct callout o = { .ax = 0x0200 };

    o.bh = page;
    o.dh = row;
    o.dl = col;
    call_int(&o, 0x10);
    o.ax = 0x0800;
    o.bh = page;
    call_int(&o, 0x10);
    return o.al == 0 ? ' ' : o.al;
}

static bool print_rows(uint8_t page, uint8_t cols)
{
    uint8_t rows = far_u8(SEG_BDA, 0x84); /* less one */

    if (rows == 0)
        rows = 24;
    if (!print_new_line())
        return false;
    for (unsigned row = 0; row <= rows; row++) {
        for (unsigned col = 0; col < cols; col++)
            if (!print_char(print_cell(page, row, col)))
                return false;
        if (!print_new_line())
            return false;
    }
    return true;
}

/* 0050:0000: 1 at work, 0 done, FFh failed. */
void int05(struct frame *f)
{
    struct callout mode = { .ax = 0x0f00 }, cursor = { .ax = 0x0300 };

    (void) f;
    if (bda.print_status == 1)
        return;
    bda.print_status = 1;
    call_int(&mode, 0x10);
    cursor.bh = mode.bh;
    call_int(&cursor, 0x10);
    bda.print_status = print_rows(mode.bh, mode.ah) ? 0 : 0xff;
    cursor.ax = 0x0200;
    cursor.bh = mode.bh;
    call_int(&cursor, 0x10);
}

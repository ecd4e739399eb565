/*
 * INT 14h: serial ports; finding them.
 *
 * Source: IBM PC AT Technical Reference, BIOS interface, INT 14h; IBM PS/2 BIOS
 *         Interface Technical Reference, INT 14h AH=04h, 05h; National 16550A
 *         data sheet.
 *
 * All functions: our stack; IF=0, others may run while a port is not ready.
 */
#include "bios/bios.h"
#include "bios/hw/timer.h"
#include "bios/port.h"
#include "bios/services.h"
#include "bios/std/bda.h"

enum {
    UART_DATA = 0,
    UART_IER = 1,
    UART_IIR = 2,
    UART_LCR = 3,
    UART_MCR = 4,
    UART_LSR = 5,
    UART_MSR = 6,
    LCR_DLAB = 0x80,
    MCR_DTR_RTS = 0x03,
    LSR_DATA = 0x01,
    LSR_ROOM = 0x20,
    LSR_TIMEOUT = 0x80, /* as INT 14h reports it */
    MSR_CTS_DSR = 0x30,
};

static void serial_status(struct frame *f, uint16_t port)
{
    f->ah = inb(port + UART_LSR);
    f->al = inb(port + UART_MSR);
}

static void serial_set(uint16_t port, uint16_t divisor, uint8_t lcr)
{
    outb(port + UART_LCR, lcr | LCR_DLAB);
    outb(port + UART_DATA, divisor & 0xff);
    outb(port + UART_IER, divisor >> 8);
    outb(port + UART_LCR, lcr);
    outb(port + UART_IER, 0);
}

/* Until all bits of `want` are set; the unit is about a second. */
static bool serial_wait(uint16_t port, uint8_t want, uint8_t seconds)
{
    struct limit l;

    limit_start(&l, (uint32_t) (seconds ? seconds : 1) * 1000000);
    while ((inb(port) & want) != want) {
        if (!limit_step(&l))
            return false;
        wait_window();
    }
    return true;
}

extern const uint16_t baud_table[8];

/* AL: 7-5 rate, 4-3 parity, 2 stop bits, 1-0 length. */
static void int14_00(struct frame *f, uint16_t port)
{
    serial_set(port, rom_u16(&baud_table[f->al >> 5]), f->al & 0x1f);
    serial_status(f, port);
}

static void int14_01(struct frame *f, uint16_t port, uint8_t seconds)
{
    outb(port + UART_MCR, MCR_DTR_RTS);
    if (serial_wait(port + UART_MSR, MSR_CTS_DSR, seconds) &&
        serial_wait(port + UART_LSR, LSR_ROOM, seconds)) {
        outb(port + UART_DATA, f->al);
        f->ah = inb(port + UART_LSR) & ~LSR_TIMEOUT;
    } else
        f->ah = inb(port + UART_LSR) | LSR_TIMEOUT;
}

static void int14_02(struct frame *f, uint16_t port, uint8_t seconds)
{
    outb(port + UART_MCR, MCR_DTR_RTS & 1);
    if (serial_wait(port + UART_MSR, 0x20, seconds) &&
        serial_wait(port + UART_LSR, LSR_DATA, seconds)) {
        f->ah = inb(port + UART_LSR) & 0x1e;
        f->al = inb(port + UART_DATA);
    } else
        f->ah = inb(port + UART_LSR) | LSR_TIMEOUT;
}

/* AL break, BH parity, BL stop bits, CH length - 5, CL rate. */
static void int14_04(struct frame *f, uint16_t port)
{
    static const uint8_t parity[] = { 0x00, 0x08, 0x18, 0x28, 0x38 };
    uint8_t lcr = (f->ch & 3) | (f->bl & 1) << 2 | (f->al & 1) << 6;
    uint16_t divisor = 6; /* 19200 */

    if (f->bh < ARRAY_LEN(parity))
        lcr |= rom_u8(&parity[f->bh]);
    if (f->cl < 8)
        divisor = rom_u16(&baud_table[f->cl]);
    serial_set(port, divisor, lcr);
    serial_status(f, port);
}

static void int14_05(struct frame *f, uint16_t port)
{
    if (f->al == 1)
        outb(port + UART_MCR, f->bl);
    else
        f->bl = inb(port + UART_MCR);
    serial_status(f, port);
}

void int14(struct frame *f)
{
    uint16_t port = f->dx < 4 ? bda.com[f->dx] : 0;
    uint8_t seconds = f->dx < 4 ? bda.com_timeout[f->dx] : 0;

    if (port == 0)
        return;
    switch (f->ah) {
    case 0x00: int14_00(f, port); break;
    case 0x01: int14_01(f, port, seconds); break;
    case 0x02: int14_02(f, port, seconds); break;
    case 0x03: serial_status(f, port); break;
    case 0x04: int14_04(f, port); break;
    case 0x05: int14_05(f, port); break;
    default: break;
    }
}

/* IER keeps its low four bits and IIR has none of bits 5 and 4. */
static bool serial_is_there(uint16_t port)
{
    outb(port + UART_IER, 0x05);
    if (inb(port + UART_IER) != 0x05 || inb(port + UART_IIR) & 0x30)
        return false;
    outb(port + UART_IER, 0);
    return true;
}

void serial_find_all(void)
{
    static const uint16_t ports[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
    unsigned n = 0;

    for (unsigned i = 0; i < ARRAY_LEN(ports); i++) {
        uint16_t port = rom_u16(&ports[i]);

        if (serial_is_there(port))
            bda.com[n++] = port;
        bda.com_timeout[i] = 1;
    }
    bda.equipment |= n << 9;
}

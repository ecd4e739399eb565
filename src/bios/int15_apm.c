/*
 * INT 15h AH=53h: Advanced Power Management, real-mode interface.
 *
 * Source: Intel/Microsoft, APM BIOS Interface Specification 1.2, section 4.
 * Absent: the protected-mode interfaces (02h, 03h): the installation check says
 *         so; events (the queue is always empty); standby and suspend of the
 *         machine.  A machine on mains without a battery is told.
 *
 * All functions: our stack, IF=0; 05h (CPU idle) is in entry.S.
 */
#include "bios/bios.h"
#include "bios/port.h"
#include "bios/services.h"
#include "bios/std/ebda.h"

enum {
    APM_BIOS = 0x0000,
    APM_ALL = 0x0001,
    APM_ALL_OLD = 0xffff,

    APM_DISABLED = 0x01,
    APM_ALREADY = 0x02,
    APM_NOT_CONNECTED = 0x03,
    APM_NO_16 = 0x06,
    APM_NO_32 = 0x08,
    APM_BAD_DEVICE = 0x09,
    APM_BAD_VALUE = 0x0a,
    APM_NO_STATE = 0x60,
    APM_NO_EVENT = 0x80,
    APM_NO_FUNCTION = 0x86,

    APM_CONNECTED = 0x01, /* ebda.apm_state: kept over calls */
    APM_OFF = 0x02,
    APM_VERSION_SHIFT = 2, /* minor version the driver asked for: 0 to 2 */

    STATE_OFF = 3,
    PORT_POWER = 0x8900,
};

static void power_off(void)
{
    static const char word[] = "Shutdown";

    for (unsigned i = 0; i < sizeof word - 1; i++)
        outb(PORT_POWER, rom_u8(&word[i]));
    /* Still here: a board that lacks the port. */
}

static void apm_error(struct frame *f, uint8_t code)
{
    f->ah = code;
    frame_carry(f, true);
}

static bool apm_is_device(uint16_t id)
{
    uint8_t class = id >> 8;

    return id == APM_ALL || (class >= 1 && class <= 6);
}

static void apm_00(struct frame *f)
{
    f->ax = 0x0102;
    f->bx = 'P' << 8 | 'M';
    f->cx =
        ebda.apm_state & APM_OFF ? 0x08 : 0x00; /* bits 0, 1: no 16, 32 bit */
}

static void apm_01(struct frame *f)
{
    if (f->bx != APM_BIOS)
        apm_error(f, APM_BAD_DEVICE);
    else if (ebda.apm_state & APM_CONNECTED)
        apm_error(f, APM_ALREADY);
    else
        ebda.apm_state |= APM_CONNECTED;
}

static void apm_04(struct frame *f)
{
    if (f->bx != APM_BIOS)
        apm_error(f, APM_BAD_DEVICE);
    else if (!(ebda.apm_state & APM_CONNECTED))
        apm_error(f, APM_NOT_CONNECTED);
    else
        ebda.apm_state = 0;
}

/* Set power state.  Old software switches off without having connected. */
static void apm_07(struct frame *f)
{
    if (!apm_is_device(f->bx))
        apm_error(f, APM_BAD_DEVICE);
    else if (f->cx == STATE_OFF && f->bx == APM_ALL) {
        power_off();
        apm_error(f, APM_NO_STATE);
    } else if (!(ebda.apm_state & APM_CONNECTED))
        apm_error(f, APM_NOT_CONNECTED);
    else
        apm_error(f,
                  f->cx > 4 && f->cx != 0xffff ? APM_BAD_VALUE : APM_NO_STATE);
}

/* CX=1 enable, 0 disable power management. */
static void apm_08(struct frame *f)
{
    if (f->bx != APM_ALL && f->bx != APM_ALL_OLD)
        apm_error(f, APM_BAD_DEVICE);
    else if (f->cx > 1)
        apm_error(f, APM_BAD_VALUE);
    else if (f->cx == 1)
        ebda.apm_state &= ~APM_OFF;
    else
        ebda.apm_state |= APM_OFF;
}

/* Mains on, no battery. */
static void apm_0a(struct frame *f)
{
    if (f->bx != APM_ALL) {
        apm_error(f, APM_BAD_DEVICE);
        return;
    }
    f->bx = 0x01ff; /* on line; battery status unknown */
    f->cx = 0x80ff; /* no system battery; percentage unknown */
    f->dx = 0xffff;
}

static void apm_0c(struct frame *f)
{
    if (!apm_is_device(f->bx))
        apm_error(f, APM_BAD_DEVICE);
    else
        f->cx = 0; /* on */
}

/* CX: the version that the driver speaks. */
static void apm_0e(struct frame *f)
{
    if (f->bx != APM_BIOS)
        apm_error(f, APM_BAD_DEVICE);
    else
        f->ax = f->cx >= 0x0102 ? 0x0102 : f->cx == 0x0101 ? 0x0101 : 0x0100;
}

void int15_apm(struct frame *f)
{
    uint8_t function = f->al;

    frame_carry(f, false);
    switch (function) {
    case 0x00: apm_00(f); break;
    case 0x01: apm_01(f); break;
    case 0x02: apm_error(f, APM_NO_16); break;
    case 0x03: apm_error(f, APM_NO_32); break;
    case 0x04: apm_04(f); break;
    case 0x06: break; /* CPU busy: it never slowed down */
    case 0x07: apm_07(f); break;
    case 0x08: apm_08(f); break;
    case 0x0a: apm_0a(f); break;
    case 0x0b: apm_error(f, APM_NO_EVENT); break;
    case 0x0c: apm_0c(f); break;
    case 0x0d:
    case 0x0f: /* device management, engage: nothing to switch */
        if (!apm_is_device(f->bx))
            apm_error(f, APM_BAD_DEVICE);
        break;
    case 0x0e: apm_0e(f); break;
    default: apm_error(f, APM_NO_FUNCTION); break;
    }
}

/*
 * INT 15h AH=C2h: the PS/2 mouse; INT 74h (IRQ 12): its packets.
 *
 * While a command runs the keyboard is held and IRQ 12 is off in the 8042's
 * command byte, so that answers stay in the output buffer for us.
 *
 * Source: IBM PS/2 BIOS Interface Technical Reference, INT 15h AH=C2h; IBM PS/2
 *         Hardware Interface Technical Reference, "Auxiliary device commands".
 *
 * All functions: our stack, IF=0 but while the driver runs.
 */
#include "bios/bios.h"
#include "bios/hw/kbc.h"
#include "bios/hw/pic.h"
#include "bios/hw/timer.h"
#include "bios/services.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

enum {
    MOUSE_BAD_FUNCTION = 0x01,
    MOUSE_BAD_INPUT = 0x02,
    MOUSE_ERROR = 0x03,
    MOUSE_NO_DRIVER = 0x05,

    MOUSE_SCALE_1 = 0xe6,
    MOUSE_SCALE_2 = 0xe7,
    MOUSE_RESOLUTION = 0xe8,
    MOUSE_STATUS = 0xe9,
    MOUSE_GET_ID = 0xf2,
    MOUSE_RATE = 0xf3,
    MOUSE_ENABLE = 0xf4,
    MOUSE_DISABLE = 0xf5,
    MOUSE_RESET = 0xff,

    MOUSE_HAS_DRIVER = 0x80,
    MOUSE_SIZE = 0x07,
    BYTE_US = 20000,
    RESET_US = 1000000,
};

/* Returns the command byte for mouse_end().  A key that came is INT 09h's. */
static uint8_t mouse_begin(void)
{
    uint8_t config;

    kbc_command(KBC_DISABLE_KBD);
    for (unsigned tries = 4; tries && kbc_status() & KBC_OBF; tries--)
        wait_window();
    kbc_drain();
    kbc_command(KBC_ENABLE_AUX);
    config = kbc_read_config();
    kbc_write_config((config & ~(KBC_IRQ12 | KBC_NO_AUX)) | KBC_NO_KBD);
    return config;
}

static void mouse_end(uint8_t config)
{
    kbc_write_config(config & ~(KBC_NO_KBD | KBC_NO_AUX));
    kbc_command(KBC_ENABLE_KBD);
}

static uint8_t mouse_command(const uint8_t *bytes, unsigned len)
{
    uint8_t config = mouse_begin(), status = 0;

    while (status == 0 && len--)
        if (!aux_send(*bytes++))
            status = MOUSE_ERROR;
    mouse_end(config);
    return status;
}

static uint8_t mouse_command1(uint8_t byte)
{
    return mouse_command(&byte, 1);
}

static uint8_t mouse_command2(uint8_t byte1, uint8_t byte2)
{
    uint8_t bytes[2] = { byte1, byte2 };

    return mouse_command(bytes, 2);
}

static void mouse_irq(bool on)
{
    uint8_t config;

    kbc_command(KBC_DISABLE_KBD);
    config = kbc_read_config();
    kbc_write_config(on ? config | KBC_IRQ12 : config & ~KBC_IRQ12);
    kbc_command(KBC_ENABLE_KBD);
    if (on) {
        pic_unmask(2);
        pic_unmask(12);
    } else
        pic_mask(12);
}

/* 00h: BH=1 on, 0 off. */
static uint8_t mouse_00(struct frame *f)
{
    uint8_t status;

    if (f->bh > 1)
        return MOUSE_BAD_INPUT;
    if (f->bh == 1 && !(ebda.mouse_size & MOUSE_HAS_DRIVER))
        return MOUSE_NO_DRIVER;
    ebda.mouse_index = 0;
    if (f->bh == 0)
        mouse_irq(false);
    status = mouse_command1(f->bh ? MOUSE_ENABLE : MOUSE_DISABLE);
    if (f->bh == 1 && status == 0)
        mouse_irq(true);
    return status;
}

/* The self-test takes 0.3 s or more: others run meanwhile. */
static int mouse_wait_bat(void)
{
    struct limit l;

    limit_start(&l, RESET_US);
    while (!(kbc_status() & KBC_OBF)) {
        if (!limit_step(&l))
            return -1;
        wait_window();
    }
    return aux_receive(BYTE_US);
}

/* 01h: reset; BL=AAh, BH=ID. */
static uint8_t mouse_01(struct frame *f)
{
    uint8_t config = mouse_begin();
    int bat = -1, id = -1;

    if (aux_send(MOUSE_RESET)) {
        bat = mouse_wait_bat();
        id = aux_receive(BYTE_US);
    }
    mouse_end(config);
    ebda.mouse_index = 0;
    if (bat != 0xaa || id < 0)
        return MOUSE_ERROR;
    f->bl = bat;
    f->bh = id;
    return 0;
}

/* 02h: BH = 0 to 6: 10, 20, 40, 60, 80, 100, 200 reports a second. */
static uint8_t mouse_02(struct frame *f)
{
    static const uint8_t rates[] = { 10, 20, 40, 60, 80, 100, 200 };

    if (f->bh >= ARRAY_LEN(rates))
        return MOUSE_BAD_INPUT;
    return mouse_command2(MOUSE_RATE, rom_u8(&rates[f->bh]));
}

static uint8_t mouse_03(struct frame *f)
{
    return f->bh > 3 ? MOUSE_BAD_INPUT
                     : mouse_command2(MOUSE_RESOLUTION, f->bh);
}

static uint8_t mouse_04(struct frame *f)
{
    uint8_t config = mouse_begin();
    int id = aux_send(MOUSE_GET_ID) ? aux_receive(BYTE_US) : -1;

    mouse_end(config);
    if (id < 0)
        return MOUSE_ERROR;
    f->bh = id;
    return 0;
}

/* 05h: BH bytes a packet; the mouse gets its defaults. */
static uint8_t mouse_05(struct frame *f)
{
    uint8_t size = f->bh;

    if (size < 1 || size > 8)
        return MOUSE_BAD_INPUT;
    ebda.mouse_size = (ebda.mouse_size & MOUSE_HAS_DRIVER) | (size - 1);
    mouse_irq(false);
    return mouse_01(f);
}

/* 06h: BH=0 status in BL, CL, DL; 1, 2 scaling 1:1, 2:1. */
static uint8_t mouse_06(struct frame *f)
{
    uint8_t config;
    int bytes[3] = { -1, -1, -1 };

    if (f->bh == 1 || f->bh == 2)
        return mouse_command1(f->bh == 1 ? MOUSE_SCALE_1 : MOUSE_SCALE_2);
    if (f->bh != 0)
        return MOUSE_BAD_INPUT;
    config = mouse_begin();
    if (aux_send(MOUSE_STATUS))
        for (unsigned i = 0; i < 3; i++)
            bytes[i] = aux_receive(BYTE_US);
    mouse_end(config);
    if (bytes[2] < 0)
        return MOUSE_ERROR;
    f->bl = bytes[0];
    f->cl = bytes[1];
    f->dl = bytes[2];
    return 0;
}

/* 07h: ES:BX is called with packets; 0:0 ends it. */
static uint8_t mouse_07(struct frame *f)
{
    ebda.mouse_off = f->bx;
    ebda.mouse_seg = f->es;
    if (f->bx != 0 || f->es != 0)
        ebda.mouse_size |= MOUSE_HAS_DRIVER;
    else
        ebda.mouse_size &= ~MOUSE_HAS_DRIVER;
    return 0;
}

void int15_mouse(struct frame *f)
{
    uint8_t status;

    switch (f->al) {
    case 0x00: status = mouse_00(f); break;
    case 0x01: status = mouse_01(f); break;
    case 0x02: status = mouse_02(f); break;
    case 0x03: status = mouse_03(f); break;
    case 0x04: status = mouse_04(f); break;
    case 0x05: status = mouse_05(f); break;
    case 0x06: status = mouse_06(f); break;
    case 0x07: status = mouse_07(f); break;
    default: status = MOUSE_BAD_FUNCTION; break;
    }
    frame_status(f, status);
}

/* POST: is there one?  It stays held afterwards, until a driver asks for it. */
bool mouse_find(void)
{
    uint8_t config = mouse_begin();
    bool found = aux_send(MOUSE_DISABLE);

    kbc_write_config((config & ~(KBC_NO_KBD | KBC_IRQ12)) | KBC_NO_AUX);
    kbc_command(KBC_ENABLE_KBD);
    ebda.mouse_size = 2;
    return found;
}

/* Status, X, Y and a 0 go to the driver as words, the status pushed first. */
static void mouse_report(void)
{
    struct callout o = { .pushes = 4 };

    o.off = ebda.mouse_off;
    o.seg = ebda.mouse_seg;
    o.word[0] = ebda.mouse_packet[0];
    o.word[1] = ebda.mouse_packet[1];
    o.word[2] = ebda.mouse_packet[2];
    /* A packet of 4 has the wheel where the 0 would be. */
    o.word[3] = (ebda.mouse_size & MOUSE_SIZE) == 3 ? ebda.mouse_packet[3] : 0;
    call_out(&o);
}

void int74(struct frame *f)
{
    uint8_t index = ebda.mouse_index & MOUSE_SIZE;

    (void) f;
    if ((kbc_status() & (KBC_OBF | KBC_AUX)) != (KBC_OBF | KBC_AUX)) {
        pic_eoi(12);
        return;
    }
    ebda.mouse_packet[index] = kbc_data();
    if (index < (ebda.mouse_size & MOUSE_SIZE)) {
        ebda.mouse_index = index + 1;
        pic_eoi(12);
        return;
    }
    ebda.mouse_index = 0;
    pic_eoi(12);
    if (ebda.mouse_size & MOUSE_HAS_DRIVER)
        mouse_report();
}

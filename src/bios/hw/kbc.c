/*
 * 8042 at 60h and 64h.
 *
 * Source: IBM PC AT Technical Reference, "Keyboard controller"; IBM PS/2
 *         Hardware Interface Technical Reference, "Keyboard/auxiliary device
 *         controller".
 */
#include "bios/hw/kbc.h"

#include "bios/hw/timer.h"
#include "bios/port.h"

enum {
    KBC_TIMEOUT = 20000, /* us: far longer than the chip ever takes */
};

uint8_t kbc_status(void)
{
    return inb(0x64);
}

uint8_t kbc_data(void)
{
    return inb(0x60);
}

/* The chip takes the next byte once IBF is clear. */
static void kbc_wait_empty(void)
{
    struct limit l;

    if (!(kbc_status() & KBC_IBF))
        return;
    limit_start(&l, KBC_TIMEOUT);
    while ((kbc_status() & KBC_IBF) && limit_step(&l))
        ;
}

void kbc_command(uint8_t cmd)
{
    kbc_wait_empty();
    outb(0x64, cmd);
}

static void kbc_write(uint8_t cmd, uint8_t val)
{
    kbc_command(cmd);
    kbc_wait_empty();
    outb(0x60, val);
    kbc_wait_empty();
}

/* A byte whose status has `aux` in bit 5; others are lost. */
static int kbc_receive(uint8_t aux, uint32_t us)
{
    struct limit l;

    limit_start(&l, us);
    do {
        uint8_t status = kbc_status();

        if (status & KBC_OBF) {
            uint8_t byte = kbc_data();

            if ((status & KBC_AUX) == aux)
                return byte;
        }
    } while (limit_step(&l));
    return -1;
}

uint8_t kbc_read_config(void)
{
    int val;

    kbc_command(0x20);
    val = kbc_receive(0, KBC_TIMEOUT);
    return val < 0 ? KBC_TRANSLATE | KBC_SYS | KBC_IRQ1 : val;
}

void kbc_write_config(uint8_t val)
{
    kbc_write(0x60, val);
}

void kbc_output_port(uint8_t val)
{
    kbc_write(0xd1, val);
}

void kbc_reset_cpu(void)
{
    kbc_command(0xfe);
}

void kbc_drain(void)
{
    unsigned left = 64;

    while ((kbc_status() & KBC_OBF) && left--)
        kbc_data();
}

void kbd_send(uint8_t byte)
{
    kbc_wait_empty();
    outb(0x60, byte);
}

int kbd_receive(uint32_t us)
{
    return kbc_receive(0, us);
}

int aux_receive(uint32_t us)
{
    return kbc_receive(KBC_AUX, us);
}

bool aux_send(uint8_t byte)
{
    kbc_write(0xd4, byte);
    return aux_receive(KBC_TIMEOUT) == 0xfa;
}

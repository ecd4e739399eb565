/* The 8042 keyboard controller and the devices behind it. */
#ifndef BIOS_HW_KBC_H
#define BIOS_HW_KBC_H

#include <stdbool.h>
#include <stdint.h>

enum {
    KBC_OBF = 0x01,
    KBC_IBF = 0x02,
    KBC_AUX = 0x20, /* the byte is the mouse's */
};

enum {
    KBC_DISABLE_AUX = 0xa7,
    KBC_ENABLE_AUX = 0xa8,
    KBC_DISABLE_KBD = 0xad,
    KBC_ENABLE_KBD = 0xae,
};

/* Command byte */
enum {
    KBC_IRQ1 = 0x01,
    KBC_IRQ12 = 0x02,
    KBC_SYS = 0x04,
    KBC_NO_KBD = 0x10,
    KBC_NO_AUX = 0x20,
    KBC_TRANSLATE = 0x40,
};

uint8_t kbc_status(void);
uint8_t kbc_data(void); /* takes the byte that is there */
void kbc_command(uint8_t cmd);
uint8_t kbc_read_config(void);
void kbc_write_config(uint8_t val);
void kbc_output_port(uint8_t val);
void kbc_reset_cpu(void);
void kbc_drain(void);

/* One byte to a device; does not wait for the answer. */
void kbd_send(uint8_t byte);
/* Waits up to us for a byte of the keyboard, of the mouse; -1: none came. */
int kbd_receive(uint32_t us);
int aux_receive(uint32_t us);
/* One byte to the mouse; true if it said FAh. */
bool aux_send(uint8_t byte);

#endif

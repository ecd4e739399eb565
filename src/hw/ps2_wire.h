/*
 * The two-wire connection between a keyboard controller and one PS/2 device.
 * The controller's clock line decides who may speak and when a byte is over.
 *
 * The board owns the struct; each end fills its part in its constructor.  It
 * holds no state.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and
 *         auxiliary device controller".
 */
#ifndef HW_PS2_WIRE_H
#define HW_PS2_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ps2_wire {
    /* The device: does a byte wait; it has been sent; a byte has come in. */
    bool (*ready)(void *device);
    uint8_t (*take)(void *device);
    void (*put)(void *device, uint8_t val);
    void *device; /* NULL: nothing is plugged in */
    /* The controller: the device now has something to send. */
    void (*wake)(void *controller);
    void *controller;
};

static inline void ps2_wake(const struct ps2_wire *wire)
{
    if (wire->wake != NULL)
        wire->wake(wire->controller);
}

#endif

/*
 * A PS/2 mouse: standard, with wheel (IntelliMouse), with five buttons.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Mouse"; Microsoft,
 *         "IntelliMouse" protocol notes (Windows hardware design archive).
 */
#ifndef HW_PS2_MOUSE_H
#define HW_PS2_MOUSE_H

#include <stdint.h>

#include "core/journal.h"
#include "core/sched.h"
#include "core/state.h"
#include "hw/ps2_wire.h"

enum { MOUSE_LEFT, MOUSE_RIGHT, MOUSE_MIDDLE, MOUSE_4, MOUSE_5, MOUSE_BUTTONS };

struct ps2_mouse_config {
    struct sched *sched;
    struct state *state;
    /* "mouse" "move" (dx to the right, dy away from the user (screen: up),
     * dz wheel away from the user), in counts whatever the resolution is set to;
     * "mouse" "button" (MOUSE_*, 1 down or 0 up). */
    struct journal *journal;
    struct ps2_wire *wire;
};

struct ps2_mouse;

extern const struct state_field ps2_mouse_fields[];

struct ps2_mouse *ps2_mouse_new(const struct ps2_mouse_config *cfg);
void ps2_mouse_free(struct ps2_mouse *mouse);
void ps2_mouse_reset(struct ps2_mouse *mouse); /* power-on; buttons held stay held */

#endif

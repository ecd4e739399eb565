/*
 * INT 16h: keys for programs.  entry.S has waited before 00h and 10h.
 *
 * Source: IBM PC AT Technical Reference (March 1986), BIOS interface, INT 16h;
 *         IBM PS/2 BIOS Interface Technical Reference, INT 16h, AH=03h, 09h.
 * Absent: 04h (keyboard click).
 *
 * All functions: our stack, IF=0.
 */
#include "bios/bios.h"
#include "bios/kbd_map.h"
#include "bios/services.h"
#include "bios/std/bda.h"

/* CF tells entry.S to wait again: the key was not for this function. */
static void int16_00(struct frame *f)
{
    uint16_t key = kbd_next(true);
    uint16_t code = f->ah == 0x00 ? kbd_old_code(key) : kbd_new_code(key);

    frame_carry(f, code == 0 && key != 0);
    f->ax = code;
}

static void int16_01(struct frame *f)
{
    bool old = f->ah == 0x01;

    for (;;) {
        bool empty = bda.kbd_head == bda.kbd_tail;
        uint16_t key = kbd_next(false);
        uint16_t code = old ? kbd_old_code(key) : kbd_new_code(key);

        frame_zero(f, empty);
        if (empty)
            return;
        if (code != 0 || key == 0) {
            f->ax = code;
            return;
        }
        kbd_next(true);
    }
}

/* AL=5: BH delay 0 to 3, BL rate 0 to 31 (0 is fastest). */
static void int16_03(struct frame *f)
{
    if (f->al == 5 && f->bh <= 3 && f->bl <= 31)
        kbd_command(0xf3, f->bh << 5 | f->bl);
}

/* Store CX. */
static void int16_05(struct frame *f)
{
    uint16_t next = bda.kbd_tail + 2;

    if (next >= bda.kbd_ring_end)
        next = bda.kbd_ring_start;
    f->al = next == bda.kbd_head;
    if (f->al)
        return;
    far_put16(SEG_BDA, bda.kbd_tail, f->cx);
    bda.kbd_tail = next;
}

static void int16_12(struct frame *f)
{
    f->al = bda.kbd_flags;
    f->ah = (bda.kbd_flags2 & 0x73) | (bda.kbd_flags2 & KBD2_SYSRQ ? 0x80 : 0) |
            (bda.kbd_flags3 & (KBD3_RCTRL | KBD3_RALT));
}

void int16(struct frame *f)
{
    kbd_update_leds(); /* programs change the lock bits by themselves */
    switch (f->ah) {
    case 0x00:
    case 0x10: int16_00(f); break;
    case 0x01:
    case 0x11: int16_01(f); break;
    case 0x02: f->al = bda.kbd_flags; break;
    case 0x03: int16_03(f); break;
    case 0x05: int16_05(f); break;
    case 0x09: f->al = 0x30; break; /* 05h..., 10h to 12h are there */
    case 0x12: int16_12(f); break;
    default: break;
    }
}

/*
 * INT 15h: system services, but for those that entry.S answers (4Fh, 89h, 90h,
 * 91h, APM's CPU idle and the waiting part of 86h).
 *
 * Source: IBM PC AT Technical Reference, BIOS interface, INT 15h; IBM PS/2
 *         BIOS Interface Technical Reference, INT 15h.
 * Absent: cassette (00h to 03h), 21h (POST error log), C3h to C5h (PS/2 MCA).
 *
 * All functions: our stack, IF=0.
 */
#include "bios/bios.h"
#include "bios/clock.h"
#include "bios/hw/a20.h"
#include "bios/hw/cmos.h"
#include "bios/hw/pic.h"
#include "bios/hw/timer.h"
#include "bios/pm.h"
#include "bios/port.h"
#include "bios/services.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

enum {
    INT15_NO_FUNCTION = 0x86,
    MOVE_BAD = 0x02,
    MOVE_NO_A20 = 0x03,
};

static void int15_none(struct frame *f)
{
    frame_status(f, INT15_NO_FUNCTION);
}

/* A20: AL=0 off, 1 on, 2 state, 3 which ways there are (8042 and port 92h). */
static void int15_24(struct frame *f)
{
    switch (f->al) {
    case 0:
    case 1: a20_set(f->al); break;
    case 2: f->al = a20_is_on(); break;
    case 3: f->bx = 3; break;
    default: int15_none(f); return;
    }
    frame_status(f, 0);
}

/* AL=0: wait CX:DX us, then set bit 7 of ES:BX.  AL=1: cancel. */
static void int15_83(struct frame *f)
{
    if (f->al == 1) {
        clock_wait_stop();
        frame_status(f, 0);
    } else if (f->al == 0) {
        bool ok =
            clock_wait_start(f->es, f->bx, (uint32_t) f->cx << 16 | f->dx);

        frame_status(f, ok ? 0 : 0x83);
    } else
        int15_none(f);
}

/* Joystick: DX=0 buttons, 1 the time that each of four resistors takes. */
static void int15_84(struct frame *f)
{
    uint16_t axis[4] = { 0, 0, 0, 0 };
    struct limit l;
    unsigned turns = 0;

    if (f->dx > 1) {
        int15_none(f);
        return;
    }
    frame_carry(f, false);
    if (f->dx == 0) {
        f->al = inb(0x201) & 0xf0;
        return;
    }
    outb(0x201, 0);
    limit_start(&l, 3000);
    do {
        uint8_t busy = inb(0x201);

        turns++;
        for (unsigned i = 0; i < 4; i++)
            if (!(busy >> i & 1) && axis[i] == 0)
                axis[i] = turns;
    } while (limit_step(&l));
    f->ax = axis[0];
    f->bx = axis[1];
    f->cx = axis[2];
    f->dx = axis[3];
}

/* Descriptor of the caller's GDT at ES:SI; limit in bytes - 1. */
static uint32_t move_base(const struct frame *f, uint16_t off, uint16_t *limit)
{
    *limit = far_u16(f->es, f->si + off);
    return (far_u32(f->es, f->si + off + 2) & 0xffffff) |
           (uint32_t) far_u8(f->es, f->si + off + 7) << 24;
}

/* CX words from descriptor 10h to 18h.  We go with a GDT of our own. */
static void int15_87(struct frame *f)
{
    uint16_t src_limit, dst_limit;
    uint32_t src = move_base(f, 0x10, &src_limit);
    uint32_t dst = move_base(f, 0x18, &dst_limit);
    uint32_t last = (uint32_t) f->cx * 2 - 1;
    bool a20;

    if (cpu_msw() & 1) { /* in V86 mode only the monitor can do it */
        frame_status(f, MOVE_BAD);
        return;
    }
    if (f->cx != 0) {
        if (f->cx > 0x8000 || last > src_limit || last > dst_limit) {
            frame_status(f, MOVE_BAD);
            return;
        }
        a20 = a20_is_on();
        a20_set(true);
        if (!a20_is_on()) {
            frame_status(f, MOVE_NO_A20);
            return;
        }
        pm_copy(dst, src, f->cx);
        a20_set(a20);
    }
    frame_status(f, 0);
    frame_zero(f, true);
}

/* Up to 63 MiB more: what the register can say and old software believes. */
static void int15_88(struct frame *f)
{
    f->ax = ebda.ext_kib > 0xfc00 ? 0xfc00 : ebda.ext_kib;
    frame_carry(f, false);
}

/* AH=89h: BH, BL where IRQ 0 and IRQ 8 go; descriptor 38h is ours. */
void int15_89_prepare(struct frame *f)
{
    if (cpu_msw() & 1) {
        frame_status(f, 0xff);
        return;
    }
    a20_set(true);
    pic_init(f->bh, f->bl);
    outb(0x21, 0xff);
    far_put32(f->es, f->si + 0x38, 0x0000ffff);
    far_put32(f->es, f->si + 0x3c, 0x00009a0f);
    frame_status(f, 0);
}

static void int15_8a(struct frame *f)
{
    f->ax = ebda.ext_kib & 0xffff;
    f->dx = ebda.ext_kib >> 16;
    frame_carry(f, false);
}

static void int15_c0(struct frame *f)
{
    f->es = SEG_BIOS;
    f->bx = 0xe6f5; /* config_table of reset.S */
    frame_status(f, 0);
}

static void int15_c1(struct frame *f)
{
    f->es = bda.ebda_seg;
    frame_carry(f, false);
}

void int15(struct frame *f)
{
    switch (f->ah) {
    case 0x24: int15_24(f); break;
    case 0x53: int15_apm(f); break;
    case 0x80: /* device open, close, program ends: for those who hook them */
    case 0x81:
    case 0x82:
    case 0x85: frame_status(f, 0); break;
    case 0x83: int15_83(f); break;
    case 0x84: int15_84(f); break;
    case 0x87: int15_87(f); break;
    case 0x88: int15_88(f); break;
    case 0x8a: int15_8a(f); break;
    case 0xc0: int15_c0(f); break;
    case 0xc1: int15_c1(f); break;
    case 0xc2: int15_mouse(f); break;
    case 0xe8: int15_memory_map(f); break;
    default: int15_none(f); break;
    }
}

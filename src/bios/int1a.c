/*
 * INT 1Ah: time of day; INT 70h (IRQ 8): alarm and waits.
 *
 * Source: IBM PC AT Technical Reference, BIOS interface, INT 1Ah, INT 15h
 *         AH=83h, 86h; Motorola MC146818A data sheet.
 * Absent: B1h (PCI), B4h (plug and play): this board has neither.
 *
 * All functions: our stack, IF=0 but while calling out.
 */
#include "bios/bios.h"
#include "bios/clock.h"
#include "bios/entry.h"
#include "bios/hw/cmos.h"
#include "bios/hw/pic.h"
#include "bios/hw/timer.h"
#include "bios/services.h"
#include "bios/std/bda.h"

enum {
    UPDATE_US = 5000, /* an update takes 2 ms */
    PERIOD_US = 976,  /* of 1024 Hz */
    SHORT_WAIT_US = 2000,
};

/* Registers must not be read while the clock counts on. */
static bool clock_ready(void)
{
    struct limit l;

    limit_start(&l, UPDATE_US);
    while (cmos_read(CMOS_A) & CMOS_A_UIP)
        if (!limit_step(&l))
            return false;
    return true;
}

static void clock_hold(bool hold)
{
    uint8_t b = cmos_read(CMOS_B);

    cmos_write(CMOS_B, hold ? b | CMOS_B_SET : b & ~CMOS_B_SET);
}

static uint8_t from_bcd(uint8_t bcd)
{
    return (bcd >> 4) * 10 + (bcd & 15);
}

/* Ticks since midnight: 65536 * 20 / 1193182 s, near enough 1573040 / h. */
void timer_set_from_clock(void)
{
    uint32_t s, ticks;

    clock_ready();
    s = from_bcd(cmos_read(CMOS_HOURS)) * 3600u +
        from_bcd(cmos_read(CMOS_MINUTES)) * 60u +
        from_bcd(cmos_read(CMOS_SECONDS));
    /* 1193182 / 65536 = 18 + 13534 / 65536 */
    ticks = s * 18 + (s * 13534 >> 16);
    bda.ticks = ticks < TICKS_A_DAY ? ticks : 0;
    bda.midnight = 0;
}

static void int1a_00(struct frame *f)
{
    f->cx = bda.ticks >> 16;
    f->dx = bda.ticks & 0xffff;
    f->al = bda.midnight;
    bda.midnight = 0;
}

static void int1a_01(struct frame *f)
{
    bda.ticks = (uint32_t) f->cx << 16 | f->dx;
    bda.midnight = 0;
}

static void int1a_02(struct frame *f)
{
    if (!clock_ready()) {
        frame_carry(f, true);
        return;
    }
    f->ch = cmos_read(CMOS_HOURS);
    f->cl = cmos_read(CMOS_MINUTES);
    f->dh = cmos_read(CMOS_SECONDS);
    f->dl = cmos_read(CMOS_B) & CMOS_B_DST;
    frame_carry(f, false);
    f->ah = 0;
}

static void int1a_03(struct frame *f)
{
    uint8_t b =
        (cmos_read(CMOS_B) & ~CMOS_B_DST) | CMOS_B_24H | (f->dl & CMOS_B_DST);

    clock_hold(true);
    cmos_write(CMOS_HOURS, f->ch);
    cmos_write(CMOS_MINUTES, f->cl);
    cmos_write(CMOS_SECONDS, f->dh);
    cmos_write(CMOS_B, b & ~CMOS_B_SET);
    frame_status(f, 0);
}

static void int1a_04(struct frame *f)
{
    if (!clock_ready()) {
        frame_carry(f, true);
        return;
    }
    f->ch = cmos_read(CMOS_CENTURY);
    f->cl = cmos_read(CMOS_YEAR);
    f->dh = cmos_read(CMOS_MONTH);
    f->dl = cmos_read(CMOS_DAY);
    frame_status(f, 0);
}

static void int1a_05(struct frame *f)
{
    clock_hold(true);
    cmos_write(CMOS_CENTURY, f->ch);
    cmos_write(CMOS_YEAR, f->cl);
    cmos_write(CMOS_MONTH, f->dh);
    cmos_write(CMOS_DAY, f->dl);
    clock_hold(false);
    frame_status(f, 0);
}

/* INT 4Ah at CH:CL:DH. */
static void int1a_06(struct frame *f)
{
    uint8_t b = cmos_read(CMOS_B);

    if (b & CMOS_B_AIE || !clock_ready()) {
        frame_carry(f, true);
        return;
    }
    cmos_write(CMOS_HOURS_ALARM, f->ch);
    cmos_write(CMOS_MINUTES_ALARM, f->cl);
    cmos_write(CMOS_SECONDS_ALARM, f->dh);
    cmos_read(CMOS_C);
    cmos_write(CMOS_B, b | CMOS_B_AIE);
    pic_unmask(8);
    frame_status(f, 0);
}

static void int1a_07(struct frame *f)
{
    cmos_write(CMOS_B, cmos_read(CMOS_B) & ~CMOS_B_AIE);
    frame_status(f, 0);
}

void int1a(struct frame *f)
{
    switch (f->ah) {
    case 0x00: int1a_00(f); break;
    case 0x01: int1a_01(f); break;
    case 0x02: int1a_02(f); break;
    case 0x03: int1a_03(f); break;
    case 0x04: int1a_04(f); break;
    case 0x05: int1a_05(f); break;
    case 0x06: int1a_06(f); break;
    case 0x07: int1a_07(f); break;
    default: frame_carry(f, true); break;
    }
}

/* ---- Waits by the periodic interrupt ---- */

bool clock_wait_start(uint16_t seg, uint16_t off, uint32_t us)
{
    if (bda.wait_active & 1)
        return false;
    bda.wait_active = 1;
    bda.wait_flag_seg = seg;
    bda.wait_flag_off = off;
    bda.wait_us = us;
    cmos_write(CMOS_A, CMOS_A_NORMAL);
    cmos_read(CMOS_C);
    cmos_write(CMOS_B, cmos_read(CMOS_B) | CMOS_B_PIE);
    pic_unmask(2);
    pic_unmask(8);
    return true;
}

void clock_wait_stop(void)
{
    cmos_write(CMOS_B, cmos_read(CMOS_B) & ~CMOS_B_PIE);
    bda.wait_active = 0;
}

/* INT 15h AH=86h: CF busy; ZF over already; else entry.S waits for 0040:00A0. */
void int15_86_start(struct frame *f)
{
    uint32_t us = (uint32_t) f->cx << 16 | f->dx;

    frame_carry(f, false);
    frame_zero(f, true);
    if (bda.wait_active & 1) {
        frame_status(f, 0x83);
    } else if (us < SHORT_WAIT_US)
        timer_delay(us);
    else {
        clock_wait_start(SEG_BDA, offsetof(struct bda, wait_active), us);
        frame_zero(f, false);
    }
}

static void clock_period(void)
{
    uint8_t flag;

    if (bda.wait_us > PERIOD_US) {
        bda.wait_us -= PERIOD_US;
        return;
    }
    bda.wait_us = 0;
    clock_wait_stop();
    flag = far_u8(bda.wait_flag_seg, bda.wait_flag_off);
    far_put8(bda.wait_flag_seg, bda.wait_flag_off, flag | 0x80);
}

void int70(struct frame *f)
{
    uint8_t enabled = cmos_read(CMOS_B);
    uint8_t cause = cmos_read(CMOS_C) & enabled;

    (void) f;
    if (cause & CMOS_C_PF)
        clock_period();
    pic_eoi(8);
    if (cause & CMOS_C_AF) {
        struct callout o = { .ax = 0 };

        call_int(&o, 0x4a);
    }
}

/*
 * MC146818A real-time clock with 128 bytes of CMOS memory.
 *
 * The registers are stepped once a second, as in silicon, so that values a
 * guest should not have written behave; the periodic taps of the divider chain
 * are computed.  The century (32h) is plain memory, as on the AT: firmware and
 * systems keep it.
 *
 * Source: Motorola MC146818A data sheet, "Update cycle", "Register A" to "D";
 *         IBM PC AT Technical Reference, "Real-time clock/CMOS RAM".
 * Absent: daylight saving (bit DSE is kept), square wave output, other crystals
 *         than 32.768 kHz (divider settings 0 and 1 stop the clock).
 */
#include "config.h"

#include "hw/rtc.h"

#include <assert.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"

enum { PORT_INDEX = 0x70, PORT_DATA = 0x71, CMOS_SIZE = 128, NMI_MASK = 0x80 };

enum {
    RTC_SECONDS,
    RTC_SECONDS_ALARM,
    RTC_MINUTES,
    RTC_MINUTES_ALARM,
    RTC_HOURS,
    RTC_HOURS_ALARM,
    RTC_WEEKDAY,
    RTC_DAY,
    RTC_MONTH,
    RTC_YEAR,
    RTC_REG_A,
    RTC_REG_B,
    RTC_REG_C,
    RTC_REG_D,
    RTC_CENTURY = 0x32,
};

enum {
    A_UIP = 0x80,
    A_DV = 0x70,
    A_DV_32768 = 0x20,
    A_DV_RESET = 0x60, /* 6 and 7 hold the chain */
    A_RS = 0x0f,
    B_SET = 0x80,
    B_PIE = 0x40,
    B_AIE = 0x20,
    B_UIE = 0x10,
    B_SQWE = 0x08,
    B_DM = 0x04, /* binary */
    B_24 = 0x02,
    C_IRQF = 0x80,
    C_PF = 0x40,
    C_AF = 0x20,
    C_UF = 0x10,
    C_FLAGS = C_PF | C_AF | C_UF,
    D_VRT = 0x80,
    HOURS_PM = 0x80,
    ALARM_ANY = 0xc0,
};

enum {
    SECOND = 32768,               /* ticks */
    UIP_NS = (244 + 1984) * 1000, /* t_BUC and t_UC at 32.768 kHz */
};

struct rtc {
    uint64_t origin; /* tick of clk_32768 at which the divider chain was at 0 */
    uint64_t seen;   /* tick up to which PF has been taken in */
    struct event update;
    struct event periodic;
    uint8_t cmos[CMOS_SIZE];
    uint8_t index; /* 0 to 127 */
    /* Wiring. */
    struct sched *sched;
    struct irq_line *irq, *nmi_mask;
};

const struct state_field rtc_fields[] = {
    STATE_UINT(struct rtc, origin),
    STATE_UINT(struct rtc, seen),
    STATE_EVENT(struct rtc, update),
    STATE_EVENT(struct rtc, periodic),
    STATE_BYTES(struct rtc, cmos),
    STATE_UINT(struct rtc, index),
    { NULL, STATE_KIND_END, offsetof(struct rtc, index) + sizeof(uint8_t), 0, 0, NULL },
};

static uint64_t rtc_now(const struct rtc *rtc)
{
    return clock_ticks(&clk_32768, sched_now(rtc->sched));
}

static bool rtc_running(const struct rtc *rtc)
{
    return (rtc->cmos[RTC_REG_A] & A_DV) == A_DV_32768;
}

/* First tick after `now` that is a multiple of `period` from the origin. */
static uint64_t rtc_next(const struct rtc *rtc, uint64_t period, uint64_t now)
{
    /* Unsigned: the origin may lie ahead by half a second (see rtc_write_a). */
    uint64_t pos = now + SECOND - rtc->origin;

    return now + period - pos % period;
}

/* --- interrupts --------------------------------------------------------------- */

static void rtc_update_irq(struct rtc *rtc)
{
    uint8_t *c = &rtc->cmos[RTC_REG_C];
    bool on = (*c & rtc->cmos[RTC_REG_B] & C_FLAGS) != 0;

    *c = (uint8_t) ((*c & C_FLAGS) | (on ? C_IRQF : 0));
    irq_set(rtc->irq, on);
}

/* Ticks between two edges of the tap that RS selects; 0: none. */
static uint64_t rtc_period(const struct rtc *rtc)
{
    unsigned rs = rtc->cmos[RTC_REG_A] & A_RS;

    if (rs == 0 || !rtc_running(rtc))
        return 0;
    return UINT64_C(1) << (rs < 3 ? rs + 6 : rs - 1);
}

/* "PF is set by an edge of the tap whether or not PIE is." */
static void rtc_take_periodic(struct rtc *rtc)
{
    uint64_t period = rtc_period(rtc), now = rtc_now(rtc);

    if (period != 0 && rtc_next(rtc, period, rtc->seen) <= now)
        rtc->cmos[RTC_REG_C] |= C_PF;
    rtc->seen = now;
}

/* The next edge can be observed only if it would raise the line. */
static void rtc_arm_periodic(struct rtc *rtc)
{
    uint64_t period = rtc_period(rtc);

    if (period != 0 && (rtc->cmos[RTC_REG_B] & B_PIE) != 0 && (rtc->cmos[RTC_REG_C] & C_PF) == 0)
        event_at(rtc->sched, &rtc->periodic,
                 clock_time(&clk_32768, rtc_next(rtc, period, rtc_now(rtc))));
    else
        event_cancel(rtc->sched, &rtc->periodic);
}

static void rtc_periodic(void *opaque)
{
    struct rtc *rtc = opaque;

    rtc_take_periodic(rtc);
    rtc_update_irq(rtc);
    rtc_arm_periodic(rtc);
}

/* --- the update cycle ----------------------------------------------------------- */

static uint8_t rtc_decode(const struct rtc *rtc, uint8_t raw)
{
    return rtc->cmos[RTC_REG_B] & B_DM ? raw : (uint8_t) bin_from_bcd(raw);
}

static uint8_t rtc_encode(const struct rtc *rtc, unsigned val)
{
    return (uint8_t) (rtc->cmos[RTC_REG_B] & B_DM ? val : bcd_from_bin(val));
}

/* Adds one; true when the register went from `last` (or beyond) to `first`. */
static bool rtc_step(struct rtc *rtc, unsigned reg, unsigned first, unsigned last)
{
    unsigned val = rtc_decode(rtc, rtc->cmos[reg]);

    rtc->cmos[reg] = rtc_encode(rtc, val >= last ? first : val + 1);
    return val >= last;
}

/* 12-hour mode counts 12, 1, ... 11 with PM in bit 7. */
static bool rtc_step_hours(struct rtc *rtc)
{
    uint8_t *reg = &rtc->cmos[RTC_HOURS];
    uint8_t pm = *reg & HOURS_PM;
    unsigned hour;

    if (rtc->cmos[RTC_REG_B] & B_24)
        return rtc_step(rtc, RTC_HOURS, 0, 23);
    hour = rtc_decode(rtc, *reg & 0x7f);
    hour = hour >= 12 ? 1 : hour + 1;
    if (hour == 12)
        pm ^= HOURS_PM;
    *reg = (uint8_t) (rtc_encode(rtc, hour) | pm);
    return hour == 12 && pm == 0;
}

static unsigned month_days(unsigned month, bool leap)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    if (month < 1 || month > 12)
        return 31;
    return days[month - 1] + (month == 2 && leap);
}

/* The chip knows two digits of the year: each fourth is a leap year. */
static void rtc_step_date(struct rtc *rtc)
{
    unsigned year = rtc_decode(rtc, rtc->cmos[RTC_YEAR]);
    unsigned month = rtc_decode(rtc, rtc->cmos[RTC_MONTH]);

    rtc_step(rtc, RTC_WEEKDAY, 1, 7);
    if (rtc_step(rtc, RTC_DAY, 1, month_days(month, year % 4 == 0)) && rtc_step(rtc, RTC_MONTH, 1, 12))
        rtc_step(rtc, RTC_YEAR, 0, 99);
}

static bool rtc_alarm_matches(const struct rtc *rtc)
{
    for (unsigned reg = RTC_SECONDS; reg <= RTC_HOURS; reg += 2) {
        uint8_t alarm = rtc->cmos[reg + 1];

        if ((alarm & ALARM_ANY) != ALARM_ANY && alarm != rtc->cmos[reg])
            return false;
    }
    return true;
}

static void rtc_arm_update(struct rtc *rtc)
{
    if (rtc_running(rtc))
        event_at(rtc->sched, &rtc->update,
                 clock_time(&clk_32768, rtc_next(rtc, SECOND, rtc_now(rtc))));
    else
        event_cancel(rtc->sched, &rtc->update);
}

/* The end of an update cycle. */
static void rtc_update(void *opaque)
{
    struct rtc *rtc = opaque;

    rtc_arm_update(rtc);
    if (rtc->cmos[RTC_REG_B] & B_SET)
        return;
    if (rtc_step(rtc, RTC_SECONDS, 0, 59) && rtc_step(rtc, RTC_MINUTES, 0, 59) && rtc_step_hours(rtc))
        rtc_step_date(rtc);
    rtc->cmos[RTC_REG_C] |= rtc_alarm_matches(rtc) ? C_UF | C_AF : C_UF;
    rtc_update_irq(rtc);
}

static bool rtc_updating(const struct rtc *rtc)
{
    return (rtc->cmos[RTC_REG_B] & B_SET) == 0 && event_armed(&rtc->update)
        && rtc->update.due - sched_now(rtc->sched) <= UIP_NS;
}

/* --- registers -------------------------------------------------------------------- */

/* "DV": the first update comes half a second after the chain is let go. */
static void rtc_write_a(struct rtc *rtc, uint8_t val)
{
    bool was = rtc_running(rtc);

    rtc_take_periodic(rtc);
    rtc->cmos[RTC_REG_A] = val & ~A_UIP;
    if (rtc_running(rtc) && !was)
        rtc->origin = rtc_now(rtc) + SECOND / 2;
    if (rtc_running(rtc) != was)
        rtc_arm_update(rtc);
    rtc_update_irq(rtc);
    rtc_arm_periodic(rtc);
}

static void rtc_write_b(struct rtc *rtc, uint8_t val)
{
    rtc_take_periodic(rtc);
    if (val & B_SET)
        val &= ~B_UIE; /* "SET": clears UIE */
    rtc->cmos[RTC_REG_B] = val;
    rtc_update_irq(rtc);
    rtc_arm_periodic(rtc);
}

static uint8_t rtc_read_c(struct rtc *rtc)
{
    uint8_t val;

    rtc_take_periodic(rtc);
    rtc_update_irq(rtc);
    val = rtc->cmos[RTC_REG_C];
    rtc->cmos[RTC_REG_C] = 0; /* reading is the acknowledgement */
    rtc_update_irq(rtc);
    rtc_arm_periodic(rtc);
    return val;
}

static uint8_t rtc_read(void *opaque, uint16_t port)
{
    struct rtc *rtc = opaque;

    if (port == PORT_INDEX)
        return 0xff; /* write-only: the bus floats high */
    switch (rtc->index) {
    case RTC_REG_A: return rtc->cmos[RTC_REG_A] | (rtc_updating(rtc) ? A_UIP : 0);
    case RTC_REG_C: return rtc_read_c(rtc);
    case RTC_REG_D: return D_VRT;
    default: return rtc->cmos[rtc->index & (CMOS_SIZE - 1)];
    }
}

static void rtc_write(void *opaque, uint16_t port, uint8_t val)
{
    struct rtc *rtc = opaque;

    if (port == PORT_INDEX) {
        rtc->index = val & (CMOS_SIZE - 1);
        if (rtc->nmi_mask != NULL)
            irq_set(rtc->nmi_mask, (val & NMI_MASK) != 0);
        return;
    }
    switch (rtc->index) {
    case RTC_REG_A: rtc_write_a(rtc, val); break;
    case RTC_REG_B: rtc_write_b(rtc, val); break;
    case RTC_REG_C:
    case RTC_REG_D: break; /* read-only */
    default: rtc->cmos[rtc->index & (CMOS_SIZE - 1)] = val; break;
    }
}

static const struct port_range rtc_ports[] = {
    { .first = PORT_INDEX, .count = 2, .in = rtc_read, .out = rtc_write },
};

/* --- from outside ------------------------------------------------------------------ */

static bool year_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 0001-01-01 to the first day of `year`, Gregorian. */
static int64_t year_start(int64_t year)
{
    int64_t y = year - 1;

    return y * 365 + y / 4 - y / 100 + y / 400;
}

static void rtc_set_hours(struct rtc *rtc, unsigned hour)
{
    unsigned half = hour % 12;

    if (rtc->cmos[RTC_REG_B] & B_24)
        rtc->cmos[RTC_HOURS] = rtc_encode(rtc, hour);
    else
        rtc->cmos[RTC_HOURS] = (uint8_t) (rtc_encode(rtc, half == 0 ? 12 : half)
                                          | (hour >= 12 ? HOURS_PM : 0));
}

/* `days` since 0001-01-01, a Monday. */
static void rtc_set_date(struct rtc *rtc, int64_t days)
{
    int64_t year = days / 366 + 1; /* at or a little before the right one */
    unsigned month = 1, day;

    while (year_start(year + 1) <= days)
        year++;
    day = (unsigned) (days - year_start(year));
    while (day >= month_days(month, year_is_leap(year)))
        day -= month_days(month++, year_is_leap(year));
    rtc->cmos[RTC_WEEKDAY] = rtc_encode(rtc, (unsigned) ((days + 1) % 7) + 1); /* 1: Sunday */
    rtc->cmos[RTC_DAY] = rtc_encode(rtc, day + 1);
    rtc->cmos[RTC_MONTH] = rtc_encode(rtc, month);
    rtc->cmos[RTC_YEAR] = rtc_encode(rtc, (unsigned) (year % 100));
    rtc->cmos[RTC_CENTURY] = (uint8_t) bcd_from_bin((uint32_t) (year / 100));
}

void rtc_set_base(struct rtc *rtc, int64_t seconds)
{
    const int64_t day = 86400, epoch = year_start(1970) * day, end = year_start(10000) * day;
    int64_t t = seconds < -epoch ? 0 : seconds >= end - epoch ? end - 1 : seconds + epoch;
    unsigned rest = (unsigned) (t % day);

    rtc_take_periodic(rtc);
    rtc->cmos[RTC_SECONDS] = rtc_encode(rtc, rest % 60);
    rtc->cmos[RTC_MINUTES] = rtc_encode(rtc, rest / 60 % 60);
    rtc_set_hours(rtc, rest / 3600);
    rtc_set_date(rtc, t / day);
    rtc->origin = rtc_now(rtc);
    rtc_arm_update(rtc);
    rtc_arm_periodic(rtc);
}

static void rtc_input_base(void *opaque, const struct journal_input *in)
{
    rtc_set_base(opaque, in->arg[0]);
}

static const struct journal_kind rtc_kinds[] = {
    { "base", 1, false, rtc_input_base },
};

void rtc_cmos_set(struct rtc *rtc, unsigned index, uint8_t val)
{
    assert(index > RTC_REG_D && index < CMOS_SIZE);
    rtc->cmos[index] = val;
}

uint8_t rtc_cmos_get(const struct rtc *rtc, unsigned index)
{
    assert(index < CMOS_SIZE);
    return rtc->cmos[index];
}

/* "RESET": interrupts off, flags down; the clock and the memory live on. */
void rtc_reset(struct rtc *rtc)
{
    rtc_take_periodic(rtc);
    rtc->cmos[RTC_REG_B] &= (uint8_t) ~(B_PIE | B_AIE | B_UIE | B_SQWE);
    rtc->cmos[RTC_REG_C] = 0;
    rtc_update_irq(rtc);
    rtc_arm_periodic(rtc);
    if (rtc->nmi_mask != NULL)
        irq_lower(rtc->nmi_mask);
}

static void rtc_loaded(void *opaque)
{
    struct rtc *rtc = opaque;

    rtc->index &= CMOS_SIZE - 1;
}

struct rtc *rtc_new(const struct rtc_config *cfg)
{
    struct rtc *rtc = xcalloc(1, sizeof *rtc);

    rtc->sched = cfg->sched;
    rtc->irq = cfg->irq;
    rtc->nmi_mask = cfg->nmi_mask;
    event_init(&rtc->update, "rtc update", 0, rtc_update, rtc);
    event_init(&rtc->periodic, "rtc periodic", 0, rtc_periodic, rtc);
    rtc->cmos[RTC_REG_A] = A_DV_32768 | 6; /* 1024 Hz */
    rtc->cmos[RTC_REG_B] = B_24;
    bus_map_ports(cfg->bus, rtc_ports, ARRAY_LEN(rtc_ports), rtc);
    journal_add(cfg->journal, "rtc", rtc_kinds, ARRAY_LEN(rtc_kinds), rtc);
    state_register(cfg->state, "mc146818", 1, rtc_fields, rtc);
    state_hooks(cfg->state, NULL, rtc_loaded, rtc);
    rtc_set_base(rtc, INT64_C(315532800));
    return rtc;
}

void rtc_free(struct rtc *rtc)
{
    free(rtc);
}

/*
 * MC146818A real-time clock with 128 bytes of CMOS memory: ports 70h and 71h.
 *
 * Source: Motorola MC146818A data sheet; IBM PC AT Technical Reference.
 */
#ifndef HW_RTC_H
#define HW_RTC_H

#include <stdint.h>

#include "core/bus.h"
#include "core/irq.h"
#include "core/journal.h"
#include "core/sched.h"
#include "core/state.h"

struct rtc_config {
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct journal *journal; /* "rtc" "base" SECONDS */
    struct irq_line *irq;    /* IRQ 8: high until register C is read */
    struct irq_line *nmi_mask; /* high: NMI is masked (bit 7 of port 70h); may be NULL */
};

struct rtc;

extern const struct state_field rtc_fields[];

/* Runs from 1980-01-01T00:00:00, BCD, 24-hour, until it is told the date. */
struct rtc *rtc_new(const struct rtc_config *cfg);
void rtc_free(struct rtc *rtc);
void rtc_reset(struct rtc *rtc); /* RESET: time and memory stay */

/*
 * The date and time of this moment: seconds since 1970-01-01T00:00:00 of the
 * machine's local time; clamped to the years 1 to 9999.  Sets the century
 * byte (32h) too.  The journal's "base" input does the same.
 */
void rtc_set_base(struct rtc *rtc, int64_t seconds);

/* Memory as a set-up program leaves it; index 0Eh to 7Fh. */
void rtc_cmos_set(struct rtc *rtc, unsigned index, uint8_t val);
uint8_t rtc_cmos_get(const struct rtc *rtc, unsigned index);

#endif

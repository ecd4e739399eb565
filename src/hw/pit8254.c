/*
 * 8254 programmable interval timer.
 *
 * Nothing counts here.  What the guest last did to a channel is kept with the
 * number of the CLK pulse at which it takes effect; the counting element and
 * OUT at any other pulse follow from that.  A count takes effect with the CLK
 * pulse after its write; tick k of clk_pit is the falling edge of pulse k.
 * Only accesses and gates change a channel; looking at it never does.
 *
 * Source: Intel 8254 data sheet, "Mode definitions", "Read operations".
 * Absent: nothing known.  A count of 1 in modes 2 and 3, which the data sheet
 *         forbids, leaves OUT high; the state at power-on is a choice.
 */
#include "config.h"

#include "hw/pit8254.h"

#include <assert.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"

enum {
    PORT_BASE = 0x40,
    PORT_CONTROL = 0x43,
    REFRESH_COUNT = 18,
    AUDIBLE_COUNT = 32, /* shorter periods are not followed on OUT1 and OUT2 */
    CW_READ_BACK = 3,
    RB_NO_COUNT = 0x20,
    RB_NO_STATUS = 0x10,
    STATUS_OUT = 0x80,
    STATUS_NULL = 0x40,
};

#define TICK_NEVER UINT64_MAX

enum pit_rw { RW_LATCH, RW_LOW, RW_HIGH, RW_BOTH };

enum pit_run {
    RUN_IDLE,   /* no count, or half of one: the element shows `before` */
    RUN_PAUSED, /* the gate holds it */
    RUN_COUNTING,
};

struct pit_channel {
    uint64_t from;      /* tick at which `value` is in the counting element */
    uint64_t next_from; /* modes 2, 3: tick at which `reload` replaces it */
    uint64_t rises;     /* of OUT, before `from` */
    struct event edge;
    uint32_t value;  /* modes 2, 3: the period; else the element at `from` */
    uint32_t reload; /* the count register, 1 to 65536; 0: none yet */
    uint32_t before; /* the element until `from` */
    uint16_t latch;
    uint16_t write_low; /* first byte of two */
    uint8_t mode, bcd, rw, gate;
    uint8_t run;        /* enum pit_run */
    uint8_t live;       /* one-shot modes: terminal count not yet reached at `from` */
    uint8_t phase;      /* mode 3: `from` begins the low half */
    uint8_t next_phase; /* the same for next_from */
    uint8_t before_out; /* OUT until `from` */
    uint8_t unloaded;   /* the count register waits for a trigger */
    uint8_t write_second, read_second;
    uint8_t count_latched, status_latched, status;
    uint8_t listening;
};

struct pit {
    struct pit_channel ch[PIT_CHANNELS];
    /* Wiring. */
    struct sched *sched;
    struct irq_line *out[PIT_CHANNELS];
    struct pit_edge {
        struct pit *pit;
        unsigned n;
    } edge[PIT_CHANNELS];
};

static const struct state_field pit_channel_fields[] = {
    STATE_UINT(struct pit_channel, from),
    STATE_UINT(struct pit_channel, next_from),
    STATE_UINT(struct pit_channel, rises),
    STATE_EVENT(struct pit_channel, edge),
    STATE_UINT(struct pit_channel, value),
    STATE_UINT(struct pit_channel, reload),
    STATE_UINT(struct pit_channel, before),
    STATE_UINT(struct pit_channel, latch),
    STATE_UINT(struct pit_channel, write_low),
    STATE_UINT(struct pit_channel, mode),
    STATE_UINT(struct pit_channel, bcd),
    STATE_UINT(struct pit_channel, rw),
    STATE_UINT(struct pit_channel, gate),
    STATE_UINT(struct pit_channel, run),
    STATE_UINT(struct pit_channel, live),
    STATE_UINT(struct pit_channel, phase),
    STATE_UINT(struct pit_channel, next_phase),
    STATE_UINT(struct pit_channel, before_out),
    STATE_UINT(struct pit_channel, unloaded),
    STATE_UINT(struct pit_channel, write_second),
    STATE_UINT(struct pit_channel, read_second),
    STATE_UINT(struct pit_channel, count_latched),
    STATE_UINT(struct pit_channel, status_latched),
    STATE_UINT(struct pit_channel, status),
    STATE_UINT(struct pit_channel, listening),
    STATE_END_ALL(struct pit_channel),
};

const struct state_field pit_fields[] = {
    STATE_STRUCTS(struct pit, ch, pit_channel_fields),
    STATE_END(struct pit, sched),
};

static uint64_t pit_now(const struct pit *pit)
{
    return clock_ticks(&clk_pit, sched_now(pit->sched));
}

/* --- what a channel is at a tick ------------------------------------------ */

static bool ch_periodic(const struct pit_channel *c)
{
    return c->mode == 2 || c->mode == 3;
}

static uint32_t ch_modulus(const struct pit_channel *c)
{
    return c->bcd ? 10000 : 65536;
}

/* Length of the first part of a period: OUT high. */
static uint32_t ch_high(const struct pit_channel *c)
{
    return c->mode == 2 ? c->value - 1 : (c->value + 1) / 2;
}

/* Ticks since OUT last began a high part that came after a low one. */
static uint64_t ch_elapsed(const struct pit_channel *c, uint64_t m)
{
    return m - c->from + (c->phase ? ch_high(c) : 0);
}

static uint64_t ch_rises(const struct pit_channel *c, uint64_t m)
{
    if (!ch_periodic(c) || c->run != RUN_COUNTING || m < c->from)
        return c->rises;
    return c->rises + ch_elapsed(c, m) / c->value;
}

/* The channel with a reload that has happened by tick m taken in: itself, or `later`, which it may be. */
static const struct pit_channel *ch_at(const struct pit_channel *c, uint64_t m, struct pit_channel *later)
{
    if (m < c->next_from)
        return c;
    *later = *c;
    later->rises = ch_rises(c, c->next_from);
    later->from = c->next_from;
    later->value = c->reload;
    later->phase = c->next_phase;
    later->next_from = TICK_NEVER;
    return later;
}

static uint32_t ch_element_periodic(const struct pit_channel *c, uint64_t m)
{
    uint32_t pos = (uint32_t) (ch_elapsed(c, m) % c->value);

    if (c->mode == 2)
        return c->value - pos;
    /* "Mode 3": by two; an odd count is loaded less one. */
    if (pos >= ch_high(c))
        pos -= ch_high(c);
    return (c->value & ~1u) - 2 * pos;
}

/* The counting element as a number below the modulus. */
static uint32_t ch_element(const struct pit_channel *ch, uint64_t m)
{
    struct pit_channel later;
    const struct pit_channel *c = ch_at(ch, m, &later);
    uint32_t modulus = ch_modulus(c);

    if (c->run == RUN_IDLE || m < c->from || (c->run == RUN_PAUSED && ch_periodic(c)))
        return c->before % modulus;
    if (c->run == RUN_PAUSED)
        return c->value % modulus;
    if (ch_periodic(c))
        return ch_element_periodic(c, m) % modulus;
    return (uint32_t) ((c->value % modulus + modulus - (m - c->from) % modulus) % modulus);
}

/* Tick of terminal count in the one-shot modes. */
static uint64_t ch_terminal(const struct pit_channel *c)
{
    return c->run == RUN_COUNTING && c->live ? c->from + c->value : TICK_NEVER;
}

static int ch_out(const struct pit_channel *ch, uint64_t m)
{
    struct pit_channel later;
    const struct pit_channel *c = ch_at(ch, m, &later);

    if (c->run == RUN_IDLE || m < c->from)
        return c->before_out;
    switch (c->mode) {
    case 0: return !c->live || m >= ch_terminal(c);
    case 1: return c->run != RUN_COUNTING || !c->live || m >= ch_terminal(c);
    case 2:
    case 3:
        return c->run != RUN_COUNTING || c->value == 1 || ch_elapsed(c, m) % c->value < ch_high(c);
    default: return m != ch_terminal(c);
    }
}

/* First tick after m at which OUT may change. */
static uint64_t ch_next_edge(const struct pit_channel *ch, uint64_t m)
{
    struct pit_channel later;
    const struct pit_channel *c = ch_at(ch, m, &later);
    uint64_t t = ch_terminal(c), pos, edge;

    if (m < c->from)
        return c->from;
    if (!ch_periodic(c))
        return m < t ? t : m == t && c->mode >= 4 ? m + 1 : TICK_NEVER;
    if (c->run != RUN_COUNTING)
        return TICK_NEVER;
    if (c->value == 1)
        return c->next_from;
    pos = ch_elapsed(c, m) % c->value;
    edge = m + (pos < ch_high(c) ? ch_high(c) : c->value) - pos;
    return edge < c->next_from ? edge : c->next_from;
}

/* "Status byte": null count is set until the count register is transferred. */
static bool ch_null_count(const struct pit_channel *ch, uint64_t m)
{
    return ch->unloaded || m < ch->from || (ch->next_from != TICK_NEVER && m < ch->next_from);
}

/* --- edges that somebody observes ----------------------------------------- */

static void pit_follow(struct pit *pit, unsigned n)
{
    struct pit_channel *c = &pit->ch[n];
    uint64_t m = pit_now(pit), edge;
    struct pit_channel later;
    const struct pit_channel *now = ch_at(c, m, &later);

    if (pit->out[n] == NULL || !c->listening) {
        event_cancel(pit->sched, &c->edge);
        return;
    }
    edge = ch_next_edge(c, m);
    if (n != 0 && ch_periodic(now) && now->value < AUDIBLE_COUNT)
        edge = now->next_from;
    event_at(pit->sched, &c->edge, edge == TICK_NEVER ? VTIME_NEVER : clock_time(&clk_pit, edge));
    irq_set(pit->out[n], ch_out(c, m));
}

static void pit_edge(void *opaque)
{
    const struct pit_edge *e = opaque;

    pit_follow(e->pit, e->n);
}

void pit_listen(void *opaque, unsigned n, int on)
{
    struct pit *pit = opaque;

    assert(n < PIT_CHANNELS);
    pit->ch[n].listening = on != 0;
    pit_follow(pit, n);
}

int pit_out(void *opaque, unsigned n)
{
    struct pit *pit = opaque;

    return ch_out(&pit->ch[n], pit_now(pit));
}

uint64_t pit_rises(void *opaque, unsigned n)
{
    struct pit *pit = opaque;
    uint64_t m = pit_now(pit);
    struct pit_channel later;

    return ch_rises(ch_at(&pit->ch[n], m, &later), m);
}

/* --- what changes a channel ------------------------------------------------ */

/* Keep the element and OUT of tick m as what is seen until `from`. */
static void ch_freeze(struct pit_channel *c, uint64_t m)
{
    uint32_t element = ch_element(c, m);
    uint8_t out = (uint8_t) ch_out(c, m);

    ch_at(c, m, c);
    c->rises = ch_rises(c, m);
    c->before = element;
    c->before_out = out;
}

/* The count register goes to the element with the next CLK pulse. */
static void ch_load(struct pit_channel *c, uint64_t m)
{
    ch_freeze(c, m);
    c->from = m + 1;
    c->next_from = TICK_NEVER;
    c->value = c->reload;
    c->phase = 0;
    c->live = 1;
    c->unloaded = 0;
    c->run = RUN_COUNTING;
}

/* Modes 2 and 3: the new count waits for the end of the period or half. */
static void ch_reload_later(struct pit_channel *c, uint32_t count, uint64_t m)
{
    uint64_t pos;

    ch_at(c, m, c);
    c->reload = count;
    if (m < c->from) {
        c->value = count;
        return;
    }
    pos = ch_elapsed(c, m) % c->value;
    c->next_phase = c->mode == 3 && pos < ch_high(c);
    c->next_from = m + (c->next_phase ? ch_high(c) : c->value) - pos;
}

static void ch_written(struct pit_channel *c, uint32_t count, uint64_t m)
{
    if (ch_periodic(c) && c->run == RUN_COUNTING) {
        ch_reload_later(c, count, m);
        return;
    }
    c->reload = count;
    switch (c->mode) {
    case 1:
    case 5: c->unloaded = 1; break; /* for the trigger */
    case 2:
    case 3:
        if (c->gate)
            ch_load(c, m);
        else
            c->run = RUN_PAUSED;
        break;
    default:
        ch_load(c, m);
        c->before_out = c->mode != 0;
        if (!c->gate)
            c->run = RUN_PAUSED;
        break;
    }
}

/* Gate of modes 0 and 4: a level that lets the element count. */
static void ch_gate_level(struct pit_channel *c, int level, uint64_t m)
{
    if (level && c->run == RUN_PAUSED) {
        c->from = c->from > m ? c->from : m;
        c->run = RUN_COUNTING;
    } else if (!level && c->run == RUN_COUNTING) {
        uint32_t element = ch_element(c, m);

        if (m >= c->from) {
            if (m >= ch_terminal(c))
                c->live = 0;
            /* A count of 65536 still stands as such in its first tick. */
            c->value = m == c->from ? c->value : element;
            c->from = m;
        }
        c->run = RUN_PAUSED;
    }
}

/* Gate of modes 2 and 3: low stops and forces OUT high, a rise reloads. */
static void ch_gate_periodic(struct pit_channel *c, int level, uint64_t m)
{
    if (level && c->run == RUN_PAUSED) {
        ch_load(c, m);
    } else if (!level && c->run == RUN_COUNTING) {
        ch_freeze(c, m);
        c->unloaded = (uint8_t) (c->next_from != TICK_NEVER);
        c->next_from = TICK_NEVER;
        c->from = m;
        c->before_out = 1;
        c->run = RUN_PAUSED;
    }
}

void pit_set_gate(void *opaque, unsigned n, int level)
{
    struct pit *pit = opaque;
    struct pit_channel *c = &pit->ch[n];
    uint64_t m = pit_now(pit);

    assert(n < PIT_CHANNELS);
    if (c->gate == (level != 0))
        return;
    c->gate = level != 0;
    if (ch_periodic(c))
        ch_gate_periodic(c, level, m);
    else if (c->mode == 0 || c->mode == 4)
        ch_gate_level(c, level, m);
    else if (level && c->reload != 0)
        ch_load(c, m);
    pit_follow(pit, n);
}

/* --- registers -------------------------------------------------------------- */

/* A digit above 9 counts as its value: the element has no way to refuse it. */
static uint32_t ch_number(const struct pit_channel *c, uint16_t raw)
{
    uint32_t val = raw;

    if (c->bcd)
        val = bin_from_bcd(raw >> 8) * 100 + bin_from_bcd(raw & 0xff);
    return val != 0 ? val : ch_modulus(c);
}

static uint16_t ch_digits(const struct pit_channel *c, uint32_t val)
{
    if (!c->bcd)
        return (uint16_t) val;
    return (uint16_t) (bcd_from_bin(val / 100) << 8 | bcd_from_bin(val % 100));
}

/* Mode 0: the first byte of two stops the count and takes OUT low. */
static void ch_write_first(struct pit_channel *c, uint8_t val, uint64_t m)
{
    c->write_low = val;
    c->write_second = 1;
    if (c->mode == 0) {
        ch_freeze(c, m);
        c->before_out = 0;
        c->run = RUN_IDLE;
        c->from = m;
        c->unloaded = 1;
    }
}

static void ch_write_count(struct pit_channel *c, uint8_t val, uint64_t m)
{
    switch (c->rw) {
    case RW_LOW: ch_written(c, ch_number(c, val), m); break;
    case RW_HIGH: ch_written(c, ch_number(c, (uint16_t) (val << 8)), m); break;
    case RW_BOTH:
        if (!c->write_second) {
            ch_write_first(c, val, m);
        } else {
            c->write_second = 0;
            ch_written(c, ch_number(c, (uint16_t) (val << 8 | c->write_low)), m);
        }
        break;
    default: break; /* never programmed */
    }
}

static void ch_latch_count(struct pit_channel *c, uint64_t m)
{
    if (c->count_latched)
        return;
    c->latch = ch_digits(c, ch_element(c, m));
    c->count_latched = 1;
}

static void ch_latch_status(struct pit_channel *c, uint64_t m)
{
    if (c->status_latched)
        return;
    c->status = (uint8_t) ((ch_out(c, m) ? STATUS_OUT : 0) | (ch_null_count(c, m) ? STATUS_NULL : 0)
                           | c->rw << 4 | c->mode << 1 | c->bcd);
    c->status_latched = 1;
}

static uint8_t ch_read(struct pit_channel *c, uint64_t m)
{
    uint16_t val;
    bool high;

    if (c->status_latched) {
        c->status_latched = 0;
        return c->status;
    }
    val = c->count_latched ? c->latch : ch_digits(c, ch_element(c, m));
    high = c->rw == RW_HIGH || (c->rw == RW_BOTH && c->read_second);
    if (c->rw == RW_BOTH)
        c->read_second ^= 1;
    if (c->rw != RW_BOTH || high)
        c->count_latched = 0;
    return (uint8_t) (high ? val >> 8 : val);
}

static void ch_control(struct pit_channel *c, uint8_t val, uint64_t m)
{
    unsigned mode = val >> 1 & 7;

    ch_freeze(c, m);
    c->mode = (uint8_t) (mode > 5 ? mode - 4 : mode);
    c->bcd = val & 1;
    c->rw = val >> 4 & 3;
    c->run = RUN_IDLE;
    c->from = m;
    c->next_from = TICK_NEVER;
    c->before_out = c->mode != 0;
    c->reload = 0;
    c->live = 0;
    c->unloaded = 1;
    c->write_second = 0;
    c->read_second = 0;
    c->count_latched = 0;
    c->status_latched = 0;
}

static void pit_read_back(struct pit *pit, uint8_t val, uint64_t m)
{
    for (unsigned n = 0; n < PIT_CHANNELS; n++) {
        if ((val >> (n + 1) & 1) == 0)
            continue;
        if ((val & RB_NO_COUNT) == 0)
            ch_latch_count(&pit->ch[n], m);
        if ((val & RB_NO_STATUS) == 0)
            ch_latch_status(&pit->ch[n], m);
    }
}

static void pit_control(struct pit *pit, uint8_t val)
{
    uint64_t m = pit_now(pit);
    unsigned n = val >> 6;

    if (n == CW_READ_BACK) {
        pit_read_back(pit, val, m);
    } else if ((val >> 4 & 3) == RW_LATCH) {
        ch_latch_count(&pit->ch[n], m);
    } else {
        ch_control(&pit->ch[n], val, m);
        pit_follow(pit, n);
    }
}

static void pit_write(void *opaque, uint16_t port, uint8_t val)
{
    struct pit *pit = opaque;

    if (port == PORT_CONTROL) {
        pit_control(pit, val);
        return;
    }
    ch_write_count(&pit->ch[port - PORT_BASE], val, pit_now(pit));
    pit_follow(pit, port - PORT_BASE);
}

static uint8_t pit_read(void *opaque, uint16_t port)
{
    struct pit *pit = opaque;

    if (port == PORT_CONTROL)
        return 0xff; /* "no-operation": the bus floats */
    return ch_read(&pit->ch[port - PORT_BASE], pit_now(pit));
}

static const struct port_range pit_ports[] = {
    { .first = PORT_BASE, .count = 4, .in = pit_read, .out = pit_write },
};

void pit_reset(struct pit *pit)
{
    uint64_t m = pit_now(pit);

    for (unsigned n = 0; n < PIT_CHANNELS; n++) {
        struct pit_channel *c = &pit->ch[n];

        /* Low byte only; mode 2 for the refresh, mode 0 for the others. */
        ch_control(c, n == 1 ? 0x14 : 0x10, m);
        c->rises = 0;
        c->before = 0;
        if (n == 1)
            ch_written(c, REFRESH_COUNT, m);
        pit_follow(pit, n);
    }
}

/* A state from outside may say anything: nothing here may divide by zero. */
static void pit_loaded(void *opaque)
{
    struct pit *pit = opaque;

    for (unsigned n = 0; n < PIT_CHANNELS; n++) {
        struct pit_channel *c = &pit->ch[n];

        c->mode = c->mode <= 5 ? c->mode : 0;
        c->rw &= 3;
        c->run = c->run <= RUN_COUNTING ? c->run : RUN_IDLE;
        if (!ch_periodic(c) || c->run == RUN_IDLE)
            continue;
        if (c->value == 0 && c->run == RUN_COUNTING)
            c->value = 1;
        if (c->reload == 0)
            c->reload = 1;
    }
}

struct pit *pit_new(const struct pit_config *cfg)
{
    struct pit *pit = xcalloc(1, sizeof *pit);

    pit->sched = cfg->sched;
    for (unsigned n = 0; n < PIT_CHANNELS; n++) {
        struct pit_channel *c = &pit->ch[n];

        pit->out[n] = cfg->out[n];
        pit->edge[n] = (struct pit_edge){ pit, n };
        c->next_from = TICK_NEVER;
        c->gate = n != 2;
        c->listening = n == 0;
        event_init(&c->edge, "pit edge", 0, pit_edge, &pit->edge[n]);
    }
    bus_map_ports(cfg->bus, pit_ports, ARRAY_LEN(pit_ports), pit);
    state_register(cfg->state, "i8254", 1, pit_fields, pit);
    state_hooks(cfg->state, NULL, pit_loaded, pit);
    pit_reset(pit);
    return pit;
}

void pit_free(struct pit *pit)
{
    free(pit);
}

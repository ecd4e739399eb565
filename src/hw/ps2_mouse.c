/*
 * PS/2 mouse in stream, remote and wrap mode.
 *
 * Reports are made at the sample rate while there is something to say and the
 * last one has left; motion in between adds up, and what a report cannot hold
 * stays for the next.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Mouse", "Mouse
 *         commands"; Microsoft IntelliMouse and IntelliMouse Explorer: sample
 *         rates 200, 100, 80 and 200, 200, 80 as the knock.
 * Absent: the power-on BAT code (the controller is off then), the overflow bits
 *         (nothing is lost), the effect of the resolution on counts.
 */
#include "config.h"

#include "hw/ps2_mouse.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

enum {
    MOUSE_OUT = 8,
    MOUSE_BAT_NS = 50000000, /* as the keyboard's: see there */
    MOUSE_LIMIT = 32767, /* of motion that waits */
};

enum {
    CMD_SCALE_1 = 0xe6,
    CMD_SCALE_2 = 0xe7,
    CMD_RESOLUTION = 0xe8,
    CMD_STATUS = 0xe9,
    CMD_STREAM = 0xea,
    CMD_READ = 0xeb,
    CMD_WRAP_OFF = 0xec,
    CMD_WRAP = 0xee,
    CMD_REMOTE = 0xf0,
    CMD_ID = 0xf2,
    CMD_RATE = 0xf3,
    CMD_ENABLE = 0xf4,
    CMD_DISABLE = 0xf5,
    CMD_DEFAULT = 0xf6,
    CMD_RESEND = 0xfe,
    CMD_RESET = 0xff,
    ACK = 0xfa,
    RESEND = 0xfe,
    FAILED = 0xfc, /* the second wrong byte in a row */
    BAT_OK = 0xaa,
    ID_STANDARD = 0,
    ID_WHEEL = 3,
    ID_FIVE = 4,
};

struct ps2_mouse {
    struct event sample;
    struct event bat;
    int32_t dx, dy, dz; /* motion not yet reported */
    uint8_t out[MOUSE_OUT];
    uint8_t queued;
    uint8_t id;
    uint8_t buttons;  /* held now: bit MOUSE_* */
    uint8_t reported; /* as the last report said */
    uint8_t enabled, remote, wrap, scaling;
    uint8_t resolution, rate;
    uint8_t pending; /* command that wants a byte; 0: none */
    uint8_t wrong;   /* the last byte was refused */
    uint8_t last;    /* byte sent, for Resend */
    uint8_t knock[2]; /* the two sample rates before the last */
    /* Wiring. */
    struct sched *sched;
    struct ps2_wire *wire;
};

const struct state_field ps2_mouse_fields[] = {
    STATE_EVENT(struct ps2_mouse, sample),
    STATE_EVENT(struct ps2_mouse, bat),
    STATE_UINT(struct ps2_mouse, dx),
    STATE_UINT(struct ps2_mouse, dy),
    STATE_UINT(struct ps2_mouse, dz),
    STATE_BYTES(struct ps2_mouse, out),
    STATE_UINT(struct ps2_mouse, queued),
    STATE_UINT(struct ps2_mouse, id),
    STATE_UINT(struct ps2_mouse, buttons),
    STATE_UINT(struct ps2_mouse, reported),
    STATE_UINT(struct ps2_mouse, enabled),
    STATE_UINT(struct ps2_mouse, remote),
    STATE_UINT(struct ps2_mouse, wrap),
    STATE_UINT(struct ps2_mouse, scaling),
    STATE_UINT(struct ps2_mouse, resolution),
    STATE_UINT(struct ps2_mouse, rate),
    STATE_UINT(struct ps2_mouse, pending),
    STATE_UINT(struct ps2_mouse, wrong),
    STATE_UINT(struct ps2_mouse, last),
    STATE_BYTES(struct ps2_mouse, knock),
    { NULL, STATE_KIND_END, offsetof(struct ps2_mouse, knock) + sizeof(uint8_t[2]), 0, 0, NULL },
};

/* --- reports -------------------------------------------------------------------- */

static void mouse_send(struct ps2_mouse *m, uint8_t val)
{
    if (m->queued < MOUSE_OUT)
        m->out[m->queued++] = val;
}

static int32_t clamp(int64_t val, int32_t low, int32_t high)
{
    return (int32_t) (val < low ? low : val > high ? high : val);
}

/* What the report can hold of a count; the rest waits. */
static int32_t mouse_take_count(int32_t *count, int32_t low, int32_t high)
{
    int32_t part = clamp(*count, low, high);

    *count -= part;
    return part;
}

/* "Set scaling 2:1": slow motion stays as it is. */
static int32_t mouse_scale(int32_t count)
{
    static const uint8_t table[] = { 0, 1, 1, 3, 6, 9 };
    int32_t n = count < 0 ? -count : count;

    n = n < 6 ? table[n] : 2 * n;
    return clamp(count < 0 ? -n : n, -255, 255);
}

static uint8_t mouse_buttons(const struct ps2_mouse *m)
{
    return m->id == ID_FIVE ? m->buttons : m->buttons & 7;
}

static void mouse_report_wheel(struct ps2_mouse *m)
{
    /* On the wire the wheel counts toward the user. */
    int32_t dz = -mouse_take_count(&m->dz, m->id == ID_FIVE ? -7 : -127, m->id == ID_FIVE ? 7 : 127);

    if (m->id == ID_FIVE)
        mouse_send(m, (uint8_t) ((dz & 0x0f) | (m->buttons & 0x18) << 1));
    else
        mouse_send(m, (uint8_t) dz);
}

static void mouse_report(struct ps2_mouse *m)
{
    int32_t dx = mouse_take_count(&m->dx, -255, 255);
    int32_t dy = mouse_take_count(&m->dy, -255, 255);

    if (m->scaling && !m->remote) {
        dx = mouse_scale(dx);
        dy = mouse_scale(dy);
    }
    m->reported = mouse_buttons(m);
    mouse_send(m, (uint8_t) ((m->buttons & 7) | 0x08 | (dx < 0 ? 0x10 : 0) | (dy < 0 ? 0x20 : 0)));
    mouse_send(m, (uint8_t) dx);
    mouse_send(m, (uint8_t) dy);
    if (m->id != ID_STANDARD)
        mouse_report_wheel(m);
    else
        m->dz = 0;
}

static bool mouse_news(const struct ps2_mouse *m)
{
    return m->dx != 0 || m->dy != 0 || (m->dz != 0 && m->id != ID_STANDARD)
        || m->reported != mouse_buttons(m);
}

/* Samples lie on multiples of the period, counted from time zero. */
static void mouse_arm(struct ps2_mouse *m)
{
    const struct clock clk = { .num = m->rate, .den = 1 };

    if (!m->enabled || m->remote || m->wrap || m->queued != 0 || !mouse_news(m) || event_armed(&m->sample))
        return;
    event_at(m->sched, &m->sample, clock_time(&clk, clock_ticks(&clk, sched_now(m->sched)) + 1));
}

static void mouse_sample(void *opaque)
{
    struct ps2_mouse *m = opaque;

    if (!m->enabled || m->remote || m->wrap || m->queued != 0 || !mouse_news(m))
        return;
    mouse_report(m);
    ps2_wake(m->wire);
}

/* --- inputs ----------------------------------------------------------------------- */

static void mouse_add(int32_t *count, int64_t delta)
{
    *count = clamp(*count + (int64_t) clamp(delta, -MOUSE_LIMIT, MOUSE_LIMIT), -MOUSE_LIMIT, MOUSE_LIMIT);
}

static void mouse_input_move(void *opaque, const struct journal_input *in)
{
    struct ps2_mouse *m = opaque;

    if (!m->enabled && !m->remote)
        return; /* counters stand while reporting is off */
    mouse_add(&m->dx, in->arg[0]);
    mouse_add(&m->dy, in->arg[1]);
    mouse_add(&m->dz, in->arg[2]);
    mouse_arm(m);
}

static void mouse_input_button(void *opaque, const struct journal_input *in)
{
    struct ps2_mouse *m = opaque;
    uint8_t bit;

    if (in->arg[0] < 0 || in->arg[0] >= MOUSE_BUTTONS)
        return;
    bit = (uint8_t) (1u << in->arg[0]);
    m->buttons = in->arg[1] ? m->buttons | bit : (uint8_t) (m->buttons & ~bit);
    mouse_arm(m);
}

static const struct journal_kind mouse_kinds[] = {
    { "move", 3, false, mouse_input_move },
    { "button", 2, false, mouse_input_button },
};

/* --- commands ----------------------------------------------------------------------- */

static void mouse_stop(struct ps2_mouse *m)
{
    event_cancel(m->sched, &m->sample);
    m->dx = m->dy = m->dz = 0;
}

static void mouse_defaults(struct ps2_mouse *m)
{
    mouse_stop(m);
    m->enabled = 0;
    m->remote = 0;
    m->wrap = 0;
    m->scaling = 0;
    m->resolution = 2; /* 4 counts a mm */
    m->rate = 100;
}

static void mouse_status(struct ps2_mouse *m)
{
    uint8_t b = m->buttons;

    mouse_send(m, (uint8_t) (m->remote << 6 | m->enabled << 5 | m->scaling << 4 | (b >> MOUSE_LEFT & 1) << 2
                             | (b >> MOUSE_MIDDLE & 1) << 1 | (b >> MOUSE_RIGHT & 1)));
    mouse_send(m, m->resolution);
    mouse_send(m, m->rate);
}

static void mouse_refuse(struct ps2_mouse *m)
{
    mouse_send(m, m->wrong ? FAILED : RESEND);
    m->wrong = !m->wrong;
}

static void mouse_start_reset(struct ps2_mouse *m)
{
    mouse_defaults(m);
    m->id = ID_STANDARD;
    event_at(m->sched, &m->bat, sched_now(m->sched) + MOUSE_BAT_NS);
}

static void mouse_command(struct ps2_mouse *m, uint8_t cmd)
{
    if (cmd == CMD_RESEND) {
        mouse_send(m, m->last);
        return;
    }
    if (cmd < CMD_SCALE_1 || cmd == 0xed || cmd == 0xef || cmd == 0xf1 || (cmd > CMD_DEFAULT && cmd < CMD_RESEND)) {
        mouse_refuse(m);
        return;
    }
    m->wrong = 0;
    mouse_send(m, ACK);
    switch (cmd) {
    case CMD_SCALE_1: m->scaling = 0; break;
    case CMD_SCALE_2: m->scaling = 1; break;
    case CMD_RESOLUTION:
    case CMD_RATE: m->pending = cmd; break;
    case CMD_STATUS: mouse_status(m); break;
    case CMD_STREAM: mouse_stop(m); m->remote = 0; break;
    case CMD_READ: mouse_report(m); break;
    case CMD_WRAP: mouse_stop(m); m->wrap = 1; break;
    case CMD_REMOTE: mouse_stop(m); m->remote = 1; break;
    case CMD_ID: mouse_send(m, m->id); break;
    case CMD_ENABLE: mouse_stop(m); m->enabled = 1; m->reported = mouse_buttons(m); break;
    case CMD_DISABLE: mouse_stop(m); m->enabled = 0; break;
    case CMD_DEFAULT: mouse_defaults(m); break;
    case CMD_RESET: mouse_start_reset(m); break;
    default: break; /* wrap mode is off already */
    }
}

static bool mouse_rate_known(uint8_t rate)
{
    static const uint8_t rates[] = { 10, 20, 40, 60, 80, 100, 200 };

    return memchr(rates, rate, sizeof rates) != NULL;
}

/* The knock: certain rates in a row turn on the wheel, then five buttons. */
static void mouse_set_rate(struct ps2_mouse *m, uint8_t rate)
{
    if (rate == 80 && m->knock[0] == 200 && m->knock[1] == 100)
        m->id = ID_WHEEL;
    else if (rate == 80 && m->knock[0] == 200 && m->knock[1] == 200)
        m->id = ID_FIVE;
    m->knock[0] = m->knock[1];
    m->knock[1] = rate;
    m->rate = rate;
    event_cancel(m->sched, &m->sample);
}

static void mouse_option(struct ps2_mouse *m, uint8_t cmd, uint8_t val)
{
    bool good = cmd == CMD_RATE ? mouse_rate_known(val) : val <= 3;

    if (!good) {
        m->pending = m->wrong ? 0 : cmd; /* it may be sent once more */
        mouse_refuse(m);
        return;
    }
    m->wrong = 0;
    mouse_send(m, ACK);
    if (cmd == CMD_RATE)
        mouse_set_rate(m, val);
    else
        m->resolution = val;
}

/* A byte from the system ends what the mouse was saying. */
static void mouse_put(void *opaque, uint8_t val)
{
    struct ps2_mouse *m = opaque;
    uint8_t pending = m->pending;

    if (event_armed(&m->bat) && val != CMD_RESET)
        return; /* busy with itself */
    m->queued = 0;
    m->pending = 0;
    if (m->wrap && val != CMD_WRAP_OFF && val != CMD_RESET) {
        mouse_send(m, val);
    } else if (pending != 0 && val < CMD_SCALE_1) {
        mouse_option(m, pending, val);
    } else {
        if (val == CMD_WRAP_OFF)
            m->wrap = 0;
        mouse_command(m, val);
    }
    ps2_wake(m->wire);
}

static void mouse_bat(void *opaque)
{
    struct ps2_mouse *m = opaque;

    mouse_send(m, BAT_OK);
    mouse_send(m, m->id);
    ps2_wake(m->wire);
}

static bool mouse_ready(void *opaque)
{
    const struct ps2_mouse *m = opaque;

    return m->queued != 0;
}

static uint8_t mouse_take(void *opaque)
{
    struct ps2_mouse *m = opaque;

    m->last = m->out[0];
    m->queued--;
    memmove(m->out, m->out + 1, m->queued);
    mouse_arm(m);
    return m->last;
}

void ps2_mouse_reset(struct ps2_mouse *m)
{
    event_cancel(m->sched, &m->bat);
    mouse_defaults(m);
    m->id = ID_STANDARD;
    m->queued = 0;
    m->pending = 0;
    m->wrong = 0;
    m->last = 0;
    m->reported = 0;
    m->knock[0] = m->knock[1] = 0;
}

/* A state from outside may say anything. */
static void mouse_loaded(void *opaque)
{
    struct ps2_mouse *m = opaque;

    if (m->queued > MOUSE_OUT)
        m->queued = MOUSE_OUT;
    if (m->rate == 0)
        m->rate = 100;
    m->dx = clamp(m->dx, -MOUSE_LIMIT, MOUSE_LIMIT);
    m->dy = clamp(m->dy, -MOUSE_LIMIT, MOUSE_LIMIT);
    m->dz = clamp(m->dz, -MOUSE_LIMIT, MOUSE_LIMIT);
}

struct ps2_mouse *ps2_mouse_new(const struct ps2_mouse_config *cfg)
{
    struct ps2_mouse *m = xcalloc(1, sizeof *m);

    m->sched = cfg->sched;
    m->wire = cfg->wire;
    m->wire->ready = mouse_ready;
    m->wire->take = mouse_take;
    m->wire->put = mouse_put;
    m->wire->device = m;
    event_init(&m->sample, "mouse sample", 0, mouse_sample, m);
    event_init(&m->bat, "mouse self-test", 0, mouse_bat, m);
    journal_add(cfg->journal, "mouse", mouse_kinds, ARRAY_LEN(mouse_kinds), m);
    state_register(cfg->state, "ps2-mouse", 1, ps2_mouse_fields, m);
    state_hooks(cfg->state, NULL, mouse_loaded, m);
    ps2_mouse_reset(m);
    return m;
}

void ps2_mouse_free(struct ps2_mouse *m)
{
    free(m);
}

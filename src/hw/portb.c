/*
 * System control port B: gate of timer channel 2, speaker, refresh toggle.
 *
 * The refresh bit changes with each refresh request, that is each rise of
 * OUT1: every 15.085 us as the firmware programs it.
 *
 * Source: IBM PC AT Technical Reference, "Port B (61h)".
 * Absent: memory parity and I/O channel check never report; their enable bits
 *         are kept.
 */
#include "config.h"

#include "hw/portb.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"

enum {
    PORT_B = 0x61,
    PORTB_GATE2 = 0x01,
    PORTB_SPEAKER = 0x02,
    PORTB_KEPT = 0x0f,
    PORTB_REFRESH = 0x10,
    PORTB_OUT2 = 0x20,
    SPEAKER_LEVEL = 8192,
};

struct portb {
    uint8_t latch; /* PORTB_KEPT */
    uint8_t sound; /* level that the speaker has now */
    /* Wiring. */
    struct sched *sched;
    struct irq_line *gate2, *listen;
    struct portb_timer timer;
    const struct audio_sink *audio;
};

const struct state_field portb_fields[] = {
    STATE_UINT(struct portb, latch),
    STATE_UINT(struct portb, sound),
    { NULL, STATE_KIND_END, 2 * sizeof(uint8_t), 0, 0, NULL },
};

static void portb_speak(struct portb *pb, int out2)
{
    uint8_t sound = (pb->latch & PORTB_SPEAKER) != 0 && out2;
    int16_t level = sound ? SPEAKER_LEVEL : 0;

    if (sound == pb->sound)
        return;
    pb->sound = sound;
    audio_level(pb->audio, AUDIO_SPEAKER, sched_now(pb->sched), level, level);
}

void portb_set_out2(void *opaque, unsigned n, int level)
{
    (void) n;
    portb_speak(opaque, level);
}

static void portb_set(struct portb *pb, uint8_t val)
{
    pb->latch = val & PORTB_KEPT;
    irq_set(pb->gate2, val & PORTB_GATE2);
    irq_set(pb->listen, (val & PORTB_SPEAKER) != 0);
    portb_speak(pb, pb->timer.out(pb->timer.opaque, 2));
}

static void portb_write(void *opaque, uint16_t port, uint8_t val)
{
    (void) port;
    portb_set(opaque, val);
}

static uint8_t portb_read(void *opaque, uint16_t port)
{
    struct portb *pb = opaque;
    const struct portb_timer *t = &pb->timer;

    (void) port;
    return (uint8_t) (pb->latch | (t->rises(t->opaque, 1) & 1 ? PORTB_REFRESH : 0)
                      | (t->out(t->opaque, 2) ? PORTB_OUT2 : 0));
}

static const struct port_range portb_ports[] = {
    { .first = PORT_B, .count = 1, .in = portb_read, .out = portb_write },
};

void portb_reset(struct portb *pb)
{
    portb_set(pb, 0);
}

struct portb *portb_new(const struct portb_config *cfg)
{
    struct portb *pb = xcalloc(1, sizeof *pb);

    pb->sched = cfg->sched;
    pb->gate2 = cfg->gate2;
    pb->listen = cfg->listen;
    pb->timer = cfg->timer;
    pb->audio = cfg->audio;
    bus_map_ports(cfg->bus, portb_ports, ARRAY_LEN(portb_ports), pb);
    state_register(cfg->state, "portb", 1, portb_fields, pb);
    return pb;
}

void portb_free(struct portb *pb)
{
    free(pb);
}

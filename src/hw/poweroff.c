/*
 * Power-off port.
 *
 * Source: no chip's; the port and the word are a convention among PC
 * emulators' firmware.
 */
#include "config.h"

#include "hw/poweroff.h"

#include <stdlib.h>

#include "base/mem.h"

enum { PORT_POWEROFF = 0x8900 };

static const char poweroff_word[] = "Shutdown";

enum { POWEROFF_LEN = sizeof poweroff_word - 1 };

struct poweroff {
    uint8_t matched; /* saved: bytes of the word seen so far */
    /* Wiring. */
    uint8_t unused; /* ends the saved part without a gap */
    struct irq_line *off;
};

const struct state_field poweroff_fields[] = {
    STATE_UINT(struct poweroff, matched),
    STATE_END(struct poweroff, unused),
};

/* The word's first letter does not occur in it again, so a wrong byte either
 * starts the word anew or leaves nothing. */
static void poweroff_out(void *opaque, uint16_t port, uint8_t val)
{
    struct poweroff *po = opaque;

    (void) port;
    if (val != (uint8_t) poweroff_word[po->matched % POWEROFF_LEN])
        po->matched = 0;
    if (val == (uint8_t) poweroff_word[po->matched % POWEROFF_LEN])
        po->matched++;
    if (po->matched < POWEROFF_LEN)
        return;
    po->matched = 0;
    irq_raise(po->off);
}

static const struct port_range poweroff_ports[] = {
    { .first = PORT_POWEROFF, .count = 1, .out = poweroff_out },
};

void poweroff_reset(struct poweroff *po)
{
    po->matched = 0;
    irq_lower(po->off);
}

struct poweroff *poweroff_new(const struct poweroff_config *cfg)
{
    struct poweroff *po = xcalloc(1, sizeof *po);

    po->off = cfg->off;
    bus_map_ports(cfg->bus, poweroff_ports, 1, po);
    state_register(cfg->state, "poweroff", 1, poweroff_fields, po);
    return po;
}

void poweroff_free(struct poweroff *po)
{
    free(po);
}

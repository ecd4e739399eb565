/*
 * Debug console and exit port.
 *
 * Source: design.md section 5.  E9h reads as E9h where there is a console: so
 * programs find it (a convention among PC emulators).
 */
#include "config.h"

#include "hw/testports.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"

enum { PORT_CONSOLE = 0xe9, PORT_EXIT = 0x501 };

struct testports {
    uint8_t exit_value; /* saved */
    /* Wiring. */
    uint8_t unused; /* ends the saved part without a gap */
    struct sched *sched;
    struct serial_sink console;
    struct irq_line *exit;
};

const struct state_field testports_fields[] = {
    STATE_UINT(struct testports, exit_value),
    STATE_END(struct testports, unused),
};

static uint8_t testports_in(void *opaque, uint16_t port)
{
    (void) opaque;
    return (uint8_t) port;
}

static void testports_print(void *opaque, uint16_t port, uint8_t val)
{
    const struct testports *tp = opaque;

    (void) port;
    serial_send(&tp->console, val, sched_now(tp->sched));
}

static void testports_exit(void *opaque, uint16_t port, uint8_t val)
{
    struct testports *tp = opaque;

    (void) port;
    tp->exit_value = val;
    irq_raise(tp->exit);
}

static const struct port_range testports_ports[] = {
    { .first = PORT_CONSOLE, .count = 1, .in = testports_in, .out = testports_print },
    { .first = PORT_EXIT, .count = 1, .out = testports_exit },
};

void testports_reset(struct testports *tp)
{
    irq_lower(tp->exit);
}

struct testports *testports_new(const struct testports_config *cfg)
{
    struct testports *tp = xcalloc(1, sizeof *tp);

    tp->sched = cfg->sched;
    tp->console = cfg->console;
    tp->exit = cfg->exit;
    bus_map_ports(cfg->bus, testports_ports, ARRAY_LEN(testports_ports), tp);
    state_register(cfg->state, "testports", 1, testports_fields, tp);
    return tp;
}

void testports_free(struct testports *tp)
{
    free(tp);
}

uint8_t testports_exit_value(const struct testports *tp)
{
    return tp->exit_value;
}

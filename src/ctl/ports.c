/* Serial and parallel ports of a machine, and their ends on the host. */
#include "config.h"

#include "ctl/ports.h"

#include <stdio.h>
#include <string.h>

static void ports_serial_tx(void *opaque, uint8_t byte, vtime at)
{
    struct ports_serial *port = opaque;

    if (port->steps != NULL)
        steps_serial(port->steps, byte);
    if (port->sink != NULL)
        sink_tx(port->sink, byte, at);
}

static int ports_open_serials(struct ports *p, const struct options *o, struct machine_config *cfg,
                              struct err *err)
{
    for (unsigned i = 0; i < MACHINE_SERIALS; i++) {
        cfg->serial[i].tx = ports_serial_tx;
        cfg->serial[i].opaque = &p->serial[i];
        if (i < o->serials && strcmp(o->serial[i], "null") != 0 &&
            sink_open(&p->serial[i].sink, o->serial[i], err) < 0)
            return -1;
    }
    return 0;
}

int ports_open(struct ports *p, const struct options *o, struct machine_config *cfg,
               struct err *err)
{
    memset(p, 0, sizeof *p);
    if (ports_open_serials(p, o, cfg, err) < 0)
        return -1;
    if (o->parallel != NULL && strcmp(o->parallel, "null") != 0) {
        if (sink_open(&p->parallel, o->parallel, err) < 0)
            return -1;
        cfg->parallel.tx = sink_tx;
        cfg->parallel.opaque = p->parallel;
    }
    if (o->test_ports) {
        p->debug = sink_stderr();
        cfg->debug_console.tx = sink_tx;
        cfg->debug_console.opaque = p->debug;
    }
    return 0;
}

void ports_close(struct ports *p)
{
    for (unsigned i = 0; i < MACHINE_SERIALS; i++)
        sink_close(p->serial[i].sink);
    sink_close(p->parallel);
    sink_close(p->debug);
    memset(p, 0, sizeof *p);
}

enum { PORTS_BYTE_TIME = 86806, PORTS_RX = 256 }; /* ns: ten bits at 115200 baud */

/* No faster than the fastest line: what the port cannot take would be lost,
 * while here it waits in the host's pipe. */
static void ports_receive(struct ports_serial *port, struct journal *journal, unsigned i, vtime now)
{
    static const char *const devices[MACHINE_SERIALS] = { "serial0", "serial1" };
    int64_t arg[JOURNAL_ARGS] = { 0 };
    uint8_t data[PORTS_RX];
    uint64_t room = (now - port->received) / PORTS_BYTE_TIME;
    size_t n = sink_receive(port->sink, data, room < sizeof data ? (size_t) room : sizeof data);

    if (n == 0)
        return;
    port->received = now;
    journal_post(journal, devices[i], "rx", arg, data, n);
}

void ports_poll(struct ports *p, struct journal *journal, vtime now)
{
    for (unsigned i = 0; i < MACHINE_SERIALS; i++) {
        if (p->serial[i].sink == NULL)
            continue;
        sink_poll(p->serial[i].sink);
        ports_receive(&p->serial[i], journal, i, now);
    }
    if (p->parallel != NULL)
        sink_poll(p->parallel);
    if (p->debug != NULL)
        sink_poll(p->debug);
}

bool ports_stalled(const struct ports *p)
{
    for (unsigned i = 0; i < MACHINE_SERIALS; i++)
        if (p->serial[i].sink != NULL && sink_stalled(p->serial[i].sink))
            return true;
    return p->debug != NULL && sink_stalled(p->debug);
}

bool ports_have_input(const struct ports *p)
{
    for (unsigned i = 0; i < MACHINE_SERIALS; i++)
        if (p->serial[i].sink != NULL && sink_has_input(p->serial[i].sink))
            return true;
    return false;
}

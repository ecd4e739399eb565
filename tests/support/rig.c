/* A bench for one chip. */
#include "config.h"

#include "support/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct clock rig_clock = { .num = 10000000, .den = 1 };

static void rig_line_changed(void *opaque, unsigned input, int level)
{
    struct rig *rig = opaque;

    rig->edges[input] += level != 0;
}

struct rig *rig_new(void)
{
    struct rig *rig = xcalloc(1, sizeof *rig);
    struct err err;

    sched_init(&rig->sched, &rig_clock);
    rig->bus = bus_new();
    bus_set_isa_ticks(rig->bus, 0);
    rig->state = state_new(&rig->sched);
    rig->journal = journal_new(&rig->sched);
    if (ram_init(&rig->ram, RIG_RAM, &err) < 0)
        abort();
    bus_map_memory(rig->bus, 0, RIG_RAM, rig->ram.host, 0);
    for (unsigned i = 0; i < RIG_LINES; i++) {
        rig->line[i].changed = rig_line_changed;
        rig->line[i].opaque = rig;
        rig->line[i].input = i;
    }
    return rig;
}

void rig_free(struct rig *rig)
{
    if (rig == NULL)
        return;
    ram_close(&rig->ram);
    journal_free(rig->journal);
    state_free(rig->state);
    bus_free(rig->bus);
    free(rig);
}

uint8_t rig_in(struct rig *rig, uint16_t port)
{
    uint32_t ticks = 0;

    return (uint8_t) bus_in(rig->bus, port, 1, &ticks);
}

uint16_t rig_in16(struct rig *rig, uint16_t port)
{
    uint32_t ticks = 0;

    return (uint16_t) bus_in(rig->bus, port, 2, &ticks);
}

void rig_out(struct rig *rig, uint16_t port, uint8_t val)
{
    uint32_t ticks = 0;

    bus_out(rig->bus, port, 1, val, &ticks);
}

void rig_out16(struct rig *rig, uint16_t port, uint16_t val)
{
    uint32_t ticks = 0;

    bus_out(rig->bus, port, 2, val, &ticks);
}

int rig_irq(const struct rig *rig, unsigned n)
{
    return rig->line[n].level;
}

void rig_run(struct rig *rig, uint64_t ns)
{
    struct sched *s = &rig->sched;
    vtime end = sched_now(s) + ns;

    /* Event by event, so that each sees exactly its own time. */
    for (;;) {
        vtime next;

        s->stop_at = VTIME_NEVER;
        sched_service(s);
        next = sched_next(s);
        if (next > end)
            break;
        s->ticks = clock_ticks(&s->cpu_clock, next - 1) + 1;
    }
    /* Never back behind the instruction that saw the last event. */
    if (clock_ticks(&s->cpu_clock, end) > s->ticks)
        s->ticks = clock_ticks(&s->cpu_clock, end);
    sched_service(s);
    s->stop_at = end;
}

const char *rig_roundtrip(struct rig *rig)
{
    static char text[1024];
    struct buf before = { 0 }, after = { 0 };
    uint64_t hash = state_hash(rig->state);
    struct err err;
    const char *wrong = NULL;

    state_save(rig->state, &before);
    if (state_load(rig->state, before.data, before.len, &err) < 0) {
        snprintf(text, sizeof text, "%s", err.msg);
        wrong = text;
    } else {
        state_save(rig->state, &after);
        if (state_diff(rig->state, &before, &after, text, sizeof text))
            wrong = text;
        else if (state_hash(rig->state) != hash)
            wrong = "hash differs after a load";
    }
    buf_free(&before);
    buf_free(&after);
    return wrong;
}

/* How long things take. */
#include "config.h"

#include "ctl/latency.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"

void sample_add(struct sample *s, uint64_t ns)
{
    if (s->n == SAMPLE_MAX)
        return;
    if (s->value == NULL)
        s->value = xmap(SAMPLE_MAX * sizeof *s->value);
    s->value[s->n++] = ns / 1000 < UINT32_MAX ? (uint32_t) (ns / 1000) : UINT32_MAX;
}

static int sample_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

    return (x > y) - (x < y);
}

void sample_sort(struct sample *s)
{
    if (s->n != 0)
        qsort(s->value, s->n, sizeof *s->value, sample_order);
}

uint32_t sample_at(const struct sample *s, unsigned percent)
{
    return s->n != 0 ? s->value[(s->n - 1) * percent / 100] : 0;
}

void sample_free(struct sample *s)
{
    if (s->value != NULL)
        xunmap(s->value, SAMPLE_MAX * sizeof *s->value);
    *s = (struct sample){ NULL, 0 };
}

void latency_key(struct latency *l, uint64_t pressed, uint64_t now)
{
    if (l->pressed != 0 && now - l->pressed < LATENCY_GIVE_UP)
        return;
    l->unanswered += l->pressed != 0;
    l->pressed = pressed;
}

void latency_irq(struct latency *l, uint64_t now)
{
    if (l->pressed == 0)
        return;
    sample_add(&l->sample, now - l->pressed);
    l->pressed = 0;
}

void latency_print(struct latency *l, char *out, size_t size)
{
    static const uint32_t bounds[] = { 100, 200, 500, 1000, 2000, 5000, 10000, UINT32_MAX };
    const struct sample *s = &l->sample;
    size_t from = 0;
    int n;

    sample_sort(&l->sample);
    n = snprintf(out, size,
                 "host key to guest IRQ 1: %zu keys, %u unanswered; us: least %" PRIu32
                 ", median %" PRIu32 ", 99 %% %" PRIu32 ", most %" PRIu32 ";",
                 s->n, l->unanswered, sample_at(s, 0), sample_at(s, 50), sample_at(s, 99),
                 sample_at(s, 100));
    for (unsigned i = 0; i < ARRAY_LEN(bounds) && n >= 0 && (size_t) n < size; i++) {
        size_t to = from;

        while (to < s->n && s->value[to] <= bounds[i])
            to++;
        if (bounds[i] != UINT32_MAX)
            n += snprintf(out + n, size - (size_t) n, " to %" PRIu32 ": %zu", bounds[i], to - from);
        else
            n += snprintf(out + n, size - (size_t) n, " more: %zu", to - from);
        from = to;
    }
}

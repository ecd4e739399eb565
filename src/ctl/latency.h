/*
 * How long things take, as a sorted sample: from a key of the host to the
 * guest's IRQ 1, from one picture to the next.
 */
#ifndef CTL_LATENCY_H
#define CTL_LATENCY_H

#include <stddef.h>
#include <stdint.h>

enum { SAMPLE_MAX = 1 << 16 };

/* The first SAMPLE_MAX values. */
struct sample {
    uint32_t *value; /* us; owned */
    size_t n;
};

void sample_add(struct sample *s, uint64_t ns);
void sample_sort(struct sample *s);
/* Of a sorted sample: the value below which `percent` of it lie; 0: empty. */
uint32_t sample_at(const struct sample *s, unsigned percent);
void sample_free(struct sample *s);

/*
 * One key at a time: the first that is posted while none is under way is
 * measured to the next IRQ 1.
 */
struct latency {
    uint64_t pressed;    /* wall time of the key under way; 0: none */
    unsigned unanswered; /* no IRQ within LATENCY_GIVE_UP: the guest does not listen */
    struct sample sample;
};

#define LATENCY_GIVE_UP UINT64_C(1000000000)

void latency_key(struct latency *l, uint64_t pressed, uint64_t now);
void latency_irq(struct latency *l, uint64_t now);

/* Sorts, and writes the summary as lines into `out`. */
void latency_print(struct latency *l, char *out, size_t size);

#endif

/*
 * Code for a guest, drawn from a number: bytes put behind each other.
 */
#ifndef SUPPORT_CODE_WRITER_H
#define SUPPORT_CODE_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/bits.h"
#include "cpu/cpu_state.h"

struct writer {
    uint32_t seed;
    uint8_t code[0x1c00];
    size_t n; /* bytes of `code` */
};

/* A number below `below`. */
static inline unsigned draw(struct writer *w, unsigned below)
{
    w->seed = w->seed * 1664525 + 1013904223;
    return (w->seed >> 16) % below;
}

static inline void put(struct writer *w, unsigned byte)
{
    w->code[w->n++] = (uint8_t) byte;
}

static inline void put32(struct writer *w, uint32_t val)
{
    store_le32(w->code + w->n, val);
    w->n += 4;
}

/* A register for values: the others count or point somewhere. */
static inline unsigned draw_value(struct writer *w)
{
    static const uint8_t values[] = { EAX, ECX, EDX, EDI };

    return values[draw(w, ARRAY_LEN(values))];
}

#endif

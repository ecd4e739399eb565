/*
 * Where bytes that leave a serial or parallel port go.  The sink never pushes
 * back and may be absent (opaque and tx NULL).  Bytes that come in are inputs:
 * they pass the journal (core/journal.h).
 */
#ifndef CORE_SERIAL_H
#define CORE_SERIAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"

struct serial_sink {
    void (*tx)(void *opaque, uint8_t byte, vtime at);
    void *opaque;
};

static inline void serial_send(const struct serial_sink *sink, uint8_t byte, vtime at)
{
    if (sink->tx != NULL)
        sink->tx(sink->opaque, byte, at);
}

#endif

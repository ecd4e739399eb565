/*
 * Where sound leaves: a sink may be slow or absent, the guest cannot tell.
 *
 * A source reports each change of its output level with the vtime of the
 * change; the sink makes samples of it at the rate it likes.
 */
#ifndef CORE_AUDIO_H
#define CORE_AUDIO_H

#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"

enum audio_source {
    AUDIO_SPEAKER,
    AUDIO_SOURCES,
};

struct audio_sink {
    /* Levels are signed 16-bit; left and right. Calls come in order of `at`. */
    void (*level)(void *opaque, enum audio_source src, vtime at, int16_t left, int16_t right);
    void *opaque;
};

static inline void audio_level(const struct audio_sink *sink, enum audio_source src, vtime at,
                               int16_t left, int16_t right)
{
    if (sink != NULL && sink->level != NULL)
        sink->level(sink->opaque, src, at, left, right);
}

#endif

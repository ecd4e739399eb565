/*
 * A device's end of one ISA DMA channel; the board wires it to a controller.
 *
 * The device asks when it has data or room (DREQ with DACK at once): a call
 * moves up to `len` bytes (even on a 16-bit channel) and returns how many the
 * controller took: 0 when the channel is masked, disabled or programmed for
 * the other direction.  *tc becomes true when terminal count was reached.
 * A verify transfer counts and moves nothing.
 *
 * Source: Intel 8237A data sheet, "DMA operation".
 */
#ifndef CORE_DMA_H
#define CORE_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dma_line {
    /* Memory to device. */
    size_t (*read)(void *opaque, unsigned channel, uint8_t *buf, size_t len, bool *tc);
    /* Device to memory. */
    size_t (*write)(void *opaque, unsigned channel, const uint8_t *buf, size_t len, bool *tc);
    void *opaque;
    unsigned channel; /* 0 to 7 */
};

static inline size_t dma_read(const struct dma_line *line, uint8_t *buf, size_t len, bool *tc)
{
    return line->read(line->opaque, line->channel, buf, len, tc);
}

static inline size_t dma_write(const struct dma_line *line, const uint8_t *buf, size_t len, bool *tc)
{
    return line->write(line->opaque, line->channel, buf, len, tc);
}

#endif

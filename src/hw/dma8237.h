/*
 * The two 8237A DMA controllers of an AT with their page registers.
 *
 * Source: Intel 8237A data sheet; IBM PC AT Technical Reference, "DMA".
 */
#ifndef HW_DMA8237_H
#define HW_DMA8237_H

#include "core/bus.h"
#include "core/dma.h"
#include "core/state.h"

struct dma_config {
    struct bus *bus;
    struct state *state;
};

struct dma;

extern const struct state_field dma_fields[];

struct dma *dma_new(const struct dma_config *cfg);
void dma_free(struct dma *dma);
void dma_reset(struct dma *dma); /* RESET: all channels masked */

/* A device's end of channel 0 to 7 (4 is the cascade: it never moves data). */
struct dma_line dma_connect(struct dma *dma, unsigned channel);

#endif

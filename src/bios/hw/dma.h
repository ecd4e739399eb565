/* The two 8237A DMA controllers. */
#ifndef BIOS_HW_DMA_H
#define BIOS_HW_DMA_H

#include <stdbool.h>
#include <stdint.h>

enum dma_mode { /* single transfers, for the diskette's channel 2 */
                DMA_VERIFY = 0x42,
                DMA_TO_MEMORY = 0x46,
                DMA_FROM_MEMORY = 0x4a,
};

void dma_init(void);
/* Channel 2 for len bytes at seg:off; false if they cross 64 KiB. */
bool dma_floppy(enum dma_mode mode, uint16_t seg, uint16_t off, uint32_t len);

#endif

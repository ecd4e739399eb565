/* Waits by the clock's periodic interrupt: bit 7 of seg:off tells the end. */
#ifndef BIOS_CLOCK_H
#define BIOS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

bool clock_wait_start(uint16_t seg, uint16_t off,
                      uint32_t us); /* false: busy */
void clock_wait_stop(void);

#endif

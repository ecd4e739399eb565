/* Excursions into protected mode (pm.S): real mode, IF=0, A20 on. */
#ifndef BIOS_PM_H
#define BIOS_PM_H

#include <stdint.h>

void pm_copy(uint32_t dst, uint32_t src, uint32_t words);
uint32_t pm_find_memory(void); /* KiB of RAM above 1 MiB */

#endif

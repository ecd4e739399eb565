/* The gate of address line 20. */
#ifndef BIOS_HW_A20_H
#define BIOS_HW_A20_H

#include <stdbool.h>

bool a20_is_on(void);
void a20_set(bool on);

#endif

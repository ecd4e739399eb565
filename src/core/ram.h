/*
 * Guest RAM: one memfd, mapped read-write as the physical alias P for C code.
 * Other mappings of the same file (the translator's windows) come later.
 */
#ifndef CORE_RAM_H
#define CORE_RAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct ram {
    uint8_t *host; /* P */
    size_t size;   /* bytes, a multiple of 4096 */
    int fd;
};

int ram_init(struct ram *ram, size_t size, struct err *err);
void ram_close(struct ram *ram); /* takes one that ram_init failed on, or zeroes */

#endif

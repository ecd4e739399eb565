/*
 * Guest RAM: one memfd, mapped read-write as the physical alias P for C code.
 * The translator's windows are other mappings of the same file.
 *
 * Host memory comes page by page, as the guest uses it, until much of a region
 * (RAM_REGION) is used: then all of that is one large page, if the host can.
 */
#ifndef CORE_RAM_H
#define CORE_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { RAM_REGION = 2 << 20, RAM_USE = 128 };

struct ram {
    uint8_t *host; /* P, a multiple of RAM_REGION */
    size_t size;   /* bytes, a multiple of 4096 */
    int fd;
    uint8_t *uses; /* of each whole region: pages, or what came of it (ram.c) */
};

int ram_init(struct ram *ram, size_t size, struct err *err);
void ram_close(struct ram *ram); /* takes one that ram_init failed on, or zeroes */

/* Inaccessible addresses, `size` of them, at a multiple of RAM_REGION; or MAP_FAILED. */
uint8_t *ram_reserve(size_t size);

/* The guest uses so many more pages, at most RAM_USE, about `host`.  True: many of that region are used by now.
 * Not RAM, or `ram` NULL: nothing. */
bool ram_use(struct ram *ram, const uint8_t *host, unsigned pages);
/* Is the region one page of the host's? */
bool ram_is_large(const struct ram *ram, const uint8_t *host);

#endif

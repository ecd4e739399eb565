/*
 * The disk images that are built into the program: sectors as they lie on the
 * medium.  Made from images/; see images/local.mk.
 */
#ifndef IMAGES_DEMO_H
#define IMAGES_DEMO_H

#include <stddef.h>
#include <stdint.h>

/* A bootable 1.44 MB diskette. */
extern const uint8_t reprise_demo_disk[];
extern const size_t reprise_demo_disk_size;

#endif

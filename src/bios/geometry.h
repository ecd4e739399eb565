/*
 * Which cylinders, heads and sectors INT 13h shows for a disk.  Plain
 * arithmetic without the BIOS around it, so that a test on the host runs it.
 */
#ifndef BIOS_GEOMETRY_H
#define BIOS_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

enum geometry_policy { /* as in CMOS 39h and 3Ah */
                       GEOMETRY_NONE,
                       GEOMETRY_LBA,
                       GEOMETRY_LARGE,
};

struct geometry {
    uint16_t cyls;  /* 1 to 1024 */
    uint16_t heads; /* 1 to 255 */
    uint8_t spt;    /* 1 to 63 */
};

/* A line of the partition table at 1BEh of the first sector. */
struct partition {
    uint8_t active;
    uint8_t start_head, start_sector, start_cyl;
    uint8_t type;
    uint8_t end_head, end_sector, end_cyl;
    uint32_t lba;
    uint32_t sectors;
} __attribute__((packed));

/* From what the drive says of itself; `sectors` is its whole size. */
void geometry_translate(struct geometry *g, uint16_t cyls, uint8_t heads,
                        uint8_t spt, uint32_t sectors,
                        enum geometry_policy policy);

/*
 * From partitions (4 of them): the geometry in which all their ends were
 * written, if they agree about one.  Leaves *g alone otherwise.
 */
bool geometry_of_partitions(struct geometry *g, const struct partition *p,
                            uint32_t sectors);

#endif

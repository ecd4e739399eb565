/* From paths to the disks and ROMs of a machine. */
#ifndef CTL_MEDIA_H
#define CTL_MEDIA_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "board/machine.h"
#include "ctl/exit.h"
#include "ctl/options.h"
#include "host/image.h"

/* The disk that boots when none is named; data NULL: none is built in. */
struct media_demo {
    const uint8_t *data;
    size_t len;
};

/* Images by drive, then the floppies beside drive A, then the discs beside the
 * CD-ROM drive. */
enum {
    MEDIA_SHELF = DRIVES,
    MEDIA_DISCS = MEDIA_SHELF + MACHINE_SHELF,
    MEDIA_IMAGES = MEDIA_DISCS + MACHINE_CDS - 1,
};

struct media {
    struct image *image[MEDIA_IMAGES]; /* NULL once the machine has it */
    struct disk_geometry geometry[MEDIA_IMAGES];
    const struct media_demo *demo; /* in drive A; NULL: not used */
    char boot[4];
    unsigned cd_place; /* of the CD-ROM drive among the hard disks */
    struct buf bios, vgabios;
};

/* Number of the machine's disk for an image of this number. */
unsigned media_disk(unsigned drive);
bool media_is_cd(unsigned drive);

/* Opens and locks everything named.  0, or the exit code with a message. */
enum ctl_exit media_open(struct media *media, const struct options *o,
                         const struct media_demo *demo, struct err *err);

/* Boot order and ROMs, which stay in `media` until media_close. */
void media_configure(const struct media *media, struct machine_config *cfg);
/* Hands the disks to `cfg` too. */
void media_attach(struct media *media, struct machine_config *cfg);
void media_close(struct media *media);

/* A floppy that comes while the machine runs. */
int media_open_floppy(const char *path, bool discard, struct disk_config *cfg, struct err *err);

/* True if a file that will be written to is one of the images. */
bool media_holds(const struct media *media, const char *path);

#endif

/*
 * Floppy disk controller 82077AA with two drives: ports 3F0h-3F5h, 3F7h,
 * IRQ 6, DMA channel 2.
 *
 * Source: Intel 82077AA data sheet (order number 290166).
 */
#ifndef HW_FDC82077_H
#define HW_FDC82077_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bus.h"
#include "core/disk.h"
#include "core/dma.h"
#include "core/irq.h"
#include "core/journal.h"
#include "core/sched.h"
#include "core/state.h"

/* As CMOS register 10h counts them. */
enum fdc_drive_type {
    FDC_NO_DRIVE,
    FDC_DRIVE_360K,
    FDC_DRIVE_1200K,
    FDC_DRIVE_720K,
    FDC_DRIVE_1440K,
    FDC_DRIVE_2880K,
};

enum { FDC_DRIVES = 2 };

struct fdc_config {
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct journal *journal; /* devices "fd0", "fd1": "insert" shelf index, "eject" */
    struct irq_line *irq;
    const struct dma_line *dma;
    uint16_t base; /* 3F0h */
    bool ps2;      /* pins strapped for PS/2 mode: SRA, SRB, full DIR */
    enum fdc_drive_type type[FDC_DRIVES];
    /* Disks that can be inserted while the machine runs; not owned.  One that is
     * NULL leaves the drive empty. */
    struct disk *const *shelf;
    unsigned shelf_count; /* at most 254 */
};

struct fdc;

struct fdc *fdc_new(const struct fdc_config *cfg);
void fdc_free(struct fdc *fdc);
void fdc_reset(struct fdc *fdc); /* RESET pin */

/* The disk that is in the drive at power-on (NULL: none); not owned. */
void fdc_set_media(struct fdc *fdc, unsigned drive, struct disk *disk);

/* The disk now in a drive, or NULL. */
struct disk *fdc_media(const struct fdc *fdc, unsigned drive);

/* For tests: the table of saved members. */
extern const struct state_field fdc_fields[];

#endif

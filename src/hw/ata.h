/*
 * One ATA channel with up to two drives: primary 1F0h/3F6h, secondary 170h/376h.
 *
 * Source: ATA-2 (X3.279-1996) and ATA/ATAPI-4, -6 (NCITS 317, 361).
 */
#ifndef HW_ATA_H
#define HW_ATA_H

#include <stdint.h>

#include "core/bus.h"
#include "core/disk.h"
#include "core/irq.h"
#include "core/journal.h"
#include "core/sched.h"
#include "core/state.h"

/* A CD-ROM drive: inputs "insert" N and "eject" of journal device `device`. */
struct ata_cdrom {
    const char *name;   /* of its state section; this and `device` outlive the channel */
    const char *device; /* "cd0" */
    struct journal *journal;
    struct disk *const *disc; /* to insert; the first is in at power-on; not owned, may be NULL */
    unsigned discs;           /* at most 254 */
};

struct ata_config {
    const char *name; /* of the state section: "ata0"; outlives the channel */
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct irq_line *irq; /* INTRQ, high while an interrupt is pending */
    uint16_t base;        /* command block, 8 ports: 1F0h */
    uint16_t control;     /* device control and alternate status: 3F6h */
    struct disk *disk[2]; /* device 0 and 1, not owned; NULL: no drive */
    const struct ata_cdrom *cdrom[2]; /* instead of a disk; used during ata_new only */
    const char *serial[2]; /* serial numbers, up to 20 characters; may be NULL */
};

struct ata_channel;

struct ata_channel *ata_new(const struct ata_config *cfg);
void ata_free(struct ata_channel *ch);
void ata_reset(struct ata_channel *ch); /* RESET- of both drives */

/* For tests: the table of saved members. */
extern const struct state_field ata_fields[];

#endif

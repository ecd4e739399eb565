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
#include "core/sched.h"
#include "core/state.h"

struct ata_config {
    const char *name; /* of the state section: "ata0"; outlives the channel */
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct irq_line *irq; /* INTRQ, high while an interrupt is pending */
    uint16_t base;        /* command block, 8 ports: 1F0h */
    uint16_t control;     /* device control and alternate status: 3F6h */
    struct disk *disk[2]; /* device 0 and 1, not owned; NULL: no drive */
    const char *serial[2]; /* serial numbers, up to 20 characters; may be NULL */
};

struct ata_channel;

struct ata_channel *ata_new(const struct ata_config *cfg);
void ata_free(struct ata_channel *ch);
void ata_reset(struct ata_channel *ch); /* RESET- of both drives */

/* For tests: the table of saved members. */
extern const struct state_field ata_fields[];

#endif

/* Parts of the ATA disk: sectors and their time; settings and power. */
#ifndef HW_ATA_DISK_H
#define HW_ATA_DISK_H

#include "hw/ata_internal.h"

/* What the end of BSY means. */
enum disk_phase {
    PHASE_DONE,     /* the command has no data */
    PHASE_IDENTIFY, /* buf goes to the host */
    PHASE_READ,     /* the next block is in the drive's cache */
    PHASE_ASK,      /* the first block is wanted from the host */
    PHASE_WRITE,    /* buf has reached the medium */
    PHASE_VERIFY,
    PHASE_SEEK,
    PHASE_FLUSH,
};

enum disk_power { POWER_ACTIVE, POWER_IDLE, POWER_STANDBY, POWER_SLEEP };

enum {
    DISK_OVERHEAD_NS = 100000, /* a command without mechanics */
    DISK_SPIN_UP_NS = 1000000000,
};

/* --- ata_disk.c ------------------------------------------------------------ */

/* BSY until `at`, then `phase`; the second one after DISK_OVERHEAD_NS. */
void ata_disk_busy(struct ata_drive *d, enum disk_phase phase, vtime at);
void ata_disk_later(struct ata_drive *d, enum disk_phase phase);
/* Power mode now: the standby timer may have run out. */
enum disk_power ata_disk_power(const struct ata_drive *d);
/* Number of sectors that the command's kind of address can reach. */
uint64_t ata_disk_limit(const struct ata_drive *d);
/* The registers follow the sector last moved, or the one in error. */
void ata_disk_put_address(struct ata_drive *d, uint64_t lba);

/* --- ata_settings.c: commands ------------------------------------------------ */

void ata_disk_start_parameters(struct ata_drive *d);
void ata_disk_start_multiple(struct ata_drive *d);
void ata_disk_start_native_max(struct ata_drive *d);
void ata_disk_start_features(struct ata_drive *d);
void ata_disk_start_idle(struct ata_drive *d);
void ata_disk_start_idle_timed(struct ata_drive *d);
void ata_disk_start_standby(struct ata_drive *d);
void ata_disk_start_standby_timed(struct ata_drive *d);
void ata_disk_start_sleep(struct ata_drive *d);
void ata_disk_start_check_power(struct ata_drive *d);

#endif

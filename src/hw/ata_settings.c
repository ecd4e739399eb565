/*
 * ATA disk: commands that change or tell settings, and power management.
 *
 * Source: ATA/ATAPI-4 (NCITS 317-1998), 8 "Command descriptions", 6.9 "Power
 *         management"; ATA-2 (X3.279-1996) for INITIALIZE DEVICE PARAMETERS.
 * Absent: advanced power and acoustic management, SET MAX.
 */
#include "config.h"

#include "hw/ata_disk.h"

/* ATA-2, 8.10: sectors a track, and heads - 1 in the device register. */
void ata_disk_start_parameters(struct ata_drive *d)
{
    unsigned heads = (d->device & ATA_DEVICE_HEAD) + 1u, sectors = d->count[ATA_CURRENT];
    uint64_t cylinders;

    if (sectors == 0) {
        ata_fail(d, ATA_ABRT);
        return;
    }
    cylinders = disk_sectors(d->disk) / (heads * sectors);
    d->heads = (uint8_t) heads;
    d->sectors = (uint8_t) sectors;
    d->cylinders = cylinders < UINT16_MAX ? (uint16_t) cylinders : UINT16_MAX;
    ata_disk_later(d, PHASE_DONE);
}

/* A power of two up to ATA_BLOCK; 0 disables; anything else disables and aborts: 8.39. */
void ata_disk_start_multiple(struct ata_drive *d)
{
    unsigned n = d->count[ATA_CURRENT];

    d->multiple = 0;
    if (n > ATA_BLOCK || (n & (n - 1)) != 0) {
        ata_fail(d, ATA_ABRT);
        return;
    }
    d->multiple = (uint8_t) n;
    ata_disk_later(d, PHASE_DONE);
}

/* The highest address, as if a read had ended there: ATA-6, 8.32, 8.33. */
void ata_disk_start_native_max(struct ata_drive *d)
{
    if ((d->device & ATA_DEVICE_LBA) == 0) {
        ata_fail(d, ATA_ABRT);
        return;
    }
    ata_disk_put_address(d, ata_disk_limit(d) - 1);
    ata_disk_later(d, PHASE_DONE);
}

/* 8.37, table 29: PIO default with or without IORDY; flow control modes 0 to 4. */
static bool disk_transfer_mode(uint8_t mode)
{
    return mode <= 0x01 || (mode >= 0x08 && mode <= 0x0c);
}

void ata_disk_start_features(struct ata_drive *d)
{
    switch (d->feature[ATA_CURRENT]) {
    case 0x02: d->options |= DISK_WRITE_CACHE; break;
    case 0x82: d->options &= (uint8_t) ~DISK_WRITE_CACHE; break;
    case 0xaa: d->options |= DISK_LOOK_AHEAD; break;
    case 0x55: d->options &= (uint8_t) ~DISK_LOOK_AHEAD; break;
    case 0x66: d->options |= DISK_KEEP; break;
    case 0xcc: d->options &= (uint8_t) ~DISK_KEEP; break;
    case 0x03:
        if (disk_transfer_mode(d->count[ATA_CURRENT]))
            break;
        ata_fail(d, ATA_ABRT);
        return;
    default: ata_fail(d, ATA_ABRT); return;
    }
    ata_disk_later(d, PHASE_DONE);
}

/* --- power: 8.x IDLE, STANDBY, SLEEP, CHECK POWER MODE --------------------------- */

/* 8.14, table 11: the standby timer's period. */
static uint64_t disk_timer_ns(uint8_t count)
{
    if (count == 0)
        return 0;
    if (count <= 240)
        return count * 5 * VTIME_SECOND;
    if (count <= 251)
        return (count - 240u) * 1800 * VTIME_SECOND;
    return count == 252 ? 21 * 60 * VTIME_SECOND
         : count == 255 ? (21 * 60 + 15) * VTIME_SECOND : 8 * 3600 * VTIME_SECOND;
}

static void disk_set_power(struct ata_drive *d, enum disk_power power)
{
    bool spin_up = ata_disk_power(d) >= POWER_STANDBY && power < POWER_STANDBY;

    d->power = (uint8_t) power;
    d->used_at = sched_now(d->sched);
    ata_disk_busy(d, PHASE_DONE, d->used_at + (spin_up ? DISK_SPIN_UP_NS : DISK_OVERHEAD_NS));
}

void ata_disk_start_idle(struct ata_drive *d)
{
    disk_set_power(d, POWER_IDLE);
}

void ata_disk_start_idle_timed(struct ata_drive *d)
{
    disk_set_power(d, POWER_IDLE);
    d->standby_ns = disk_timer_ns(d->count[ATA_CURRENT]);
}

void ata_disk_start_standby(struct ata_drive *d)
{
    disk_set_power(d, POWER_STANDBY);
}

void ata_disk_start_standby_timed(struct ata_drive *d)
{
    disk_set_power(d, POWER_STANDBY);
    d->standby_ns = disk_timer_ns(d->count[ATA_CURRENT]);
}

void ata_disk_start_sleep(struct ata_drive *d)
{
    disk_set_power(d, POWER_SLEEP);
}

void ata_disk_start_check_power(struct ata_drive *d)
{
    static const uint8_t answer[] = { 0xff, 0x80, 0x00, 0x00 };

    d->count[ATA_CURRENT] = answer[ata_disk_power(d)];
    ata_disk_later(d, PHASE_DONE);
}

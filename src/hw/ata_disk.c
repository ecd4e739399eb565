/*
 * An ATA disk: commands, addresses, errors and the time they take.
 *
 * The mechanics are those of a fast desktop drive of 1996: 0.1 ms for a
 * command, 1 to 8 ms for a seek, 5 MB/s from the medium, and no rotational
 * delay (as if the look-ahead cache always caught the start of a track).
 *
 * Source: ATA/ATAPI-4 (NCITS 317-1998), 6.2 "Sector addressing", 8 "Command
 *         descriptions", 9.6 to 9.8 PIO and non-data protocols; ATA-2
 *         (X3.279-1996) for INITIALIZE DEVICE PARAMETERS, RECALIBRATE and the
 *         94h-99h forms of power commands; ATA/ATAPI-6 for 48-bit addresses.
 * Absent: DMA commands, READ/WRITE LONG, READ/WRITE BUFFER, FORMAT TRACK, SMART,
 *         security, SET MAX; all are answered with ABRT.
 */
#include "config.h"

#include "hw/ata_disk.h"

#include "base/bits.h"

enum {
    SETTLE_NS = 1000000,      /* shortest seek */
    STROKE_NS = 7000000,      /* what a full stroke takes beyond that */
    CYLINDER_SECTORS = 1008,  /* no seek within so few sectors */
    SECTOR_NS = 102400,       /* 512 bytes at 5 MB/s */
    GAP_NS = 4000,            /* BSY between two data blocks at the least */
    ASK_NS = 20000,           /* from a write command to the first DRQ */
};

enum {
    C_EXT = 1 << 0,      /* 48-bit address and 16-bit count */
    C_MULTIPLE = 1 << 1, /* blocks of SET MULTIPLE MODE */
    C_WRITE = 1 << 2,
    C_MEDIA = 1 << 3, /* has a sector address; spins the disk up */
};

struct disk_command {
    void (*start)(struct ata_drive *d);
    uint8_t flags;
};

static const struct disk_command disk_commands[256];

static unsigned disk_flags(const struct ata_drive *d)
{
    return disk_commands[d->command].flags;
}

/* --- addresses: 6.2 --------------------------------------------------------- */

static uint64_t disk_chs_limit(const struct ata_drive *d)
{
    return (uint64_t) d->cylinders * d->heads * d->sectors;
}

uint64_t ata_disk_limit(const struct ata_drive *d)
{
    uint64_t limit = disk_sectors(d->disk), reach = limit;

    if (disk_flags(d) & C_EXT)
        return limit;
    reach = d->device & ATA_DEVICE_LBA ? UINT64_C(1) << 28 : disk_chs_limit(d);
    return reach < limit ? reach : limit;
}

static uint64_t disk_chs_address(const struct ata_drive *d)
{
    unsigned cylinder = d->high[ATA_CURRENT] << 8 | d->mid[ATA_CURRENT];
    unsigned head = d->device & ATA_DEVICE_HEAD, sector = d->low[ATA_CURRENT];

    if (cylinder >= d->cylinders || head >= d->heads || sector == 0 || sector > d->sectors)
        return UINT64_MAX;
    return ((uint64_t) cylinder * d->heads + head) * d->sectors + sector - 1;
}

static uint64_t disk_address(const struct ata_drive *d)
{
    uint64_t lba = (uint64_t) d->high[ATA_CURRENT] << 16 | (uint64_t) d->mid[ATA_CURRENT] << 8
                 | d->low[ATA_CURRENT];

    if (disk_flags(d) & C_EXT)
        return (uint64_t) d->high[ATA_PREVIOUS] << 40 | (uint64_t) d->mid[ATA_PREVIOUS] << 32
             | (uint64_t) d->low[ATA_PREVIOUS] << 24 | lba;
    if (d->device & ATA_DEVICE_LBA)
        return (uint64_t) (d->device & ATA_DEVICE_HEAD) << 24 | lba;
    return disk_chs_address(d);
}

static void disk_put_low(struct ata_drive *d, uint32_t low, uint32_t mid, uint32_t high)
{
    d->low[ATA_CURRENT] = (uint8_t) low;
    d->mid[ATA_CURRENT] = (uint8_t) mid;
    d->high[ATA_CURRENT] = (uint8_t) high;
}

void ata_disk_put_address(struct ata_drive *d, uint64_t lba)
{
    uint32_t track = (uint32_t) (lba / d->sectors);

    if (lba == UINT64_MAX)
        return; /* no such sector: they stand as the host wrote them */
    if ((disk_flags(d) & C_EXT) || (d->device & ATA_DEVICE_LBA)) {
        disk_put_low(d, (uint32_t) lba, (uint32_t) lba >> 8, (uint32_t) lba >> 16);
        if (disk_flags(d) & C_EXT) {
            d->low[ATA_PREVIOUS] = (uint8_t) (lba >> 24);
            d->mid[ATA_PREVIOUS] = (uint8_t) (lba >> 32);
            d->high[ATA_PREVIOUS] = (uint8_t) (lba >> 40);
            return;
        }
        d->device = (uint8_t) (ATA_DEVICE_LBA | (lba >> 24 & ATA_DEVICE_HEAD));
        return;
    }
    disk_put_low(d, (uint32_t) (lba % d->sectors) + 1, track / d->heads, track / d->heads >> 8);
    d->device = (uint8_t) (track % d->heads);
}

/* Sectors not yet moved; zero at the end of a good command. */
static void disk_put_count(struct ata_drive *d)
{
    d->count[ATA_CURRENT] = (uint8_t) d->left;
    if (disk_flags(d) & C_EXT)
        d->count[ATA_PREVIOUS] = (uint8_t) (d->left >> 8);
}

static uint32_t disk_count(const struct ata_drive *d)
{
    uint32_t n = d->count[ATA_CURRENT];

    if (disk_flags(d) & C_EXT) {
        n |= (uint32_t) d->count[ATA_PREVIOUS] << 8;
        return n != 0 ? n : 65536;
    }
    return n != 0 ? n : 256;
}

/* --- time ------------------------------------------------------------------- */

void ata_disk_busy(struct ata_drive *d, enum disk_phase phase, vtime at)
{
    d->phase = (uint8_t) phase;
    ata_busy(d, at);
}

static uint64_t disk_seek_ns(const struct ata_drive *d, uint64_t lba)
{
    uint64_t far = lba > d->head_lba ? lba - d->head_lba : d->head_lba - lba;

    if (far < CYLINDER_SECTORS)
        return 0;
    /* In units of 512 KiB, so that 48-bit distances do not overflow. */
    return SETTLE_NS + STROKE_NS * (far >> 10) / ((disk_sectors(d->disk) >> 10) + 1);
}

enum disk_power ata_disk_power(const struct ata_drive *d)
{
    vtime now = sched_now(d->sched);

    if (d->power < POWER_STANDBY && d->standby_ns != 0 && now - d->used_at >= d->standby_ns)
        return POWER_STANDBY;
    return d->power;
}

/* Brings the heads to the command's sector; the medium is ready at media_at. */
static void disk_position(struct ata_drive *d)
{
    vtime now = sched_now(d->sched);
    uint64_t lba = d->lba < disk_sectors(d->disk) ? d->lba : d->head_lba;

    d->media_at = now + DISK_OVERHEAD_NS + disk_seek_ns(d, lba);
    if (ata_disk_power(d) >= POWER_STANDBY)
        d->media_at += DISK_SPIN_UP_NS;
    d->power = POWER_ACTIVE;
    d->used_at = now;
    d->head_lba = lba;
}

/* --- moving sectors ----------------------------------------------------------- */

static void disk_error(struct ata_drive *d, uint8_t error)
{
    ata_disk_put_address(d, d->lba);
    disk_put_count(d);
    ata_fail(d, error);
}

/* Sectors of the next data block. */
static unsigned disk_next_block(const struct ata_drive *d)
{
    unsigned most = disk_flags(d) & C_MULTIPLE ? d->multiple : 1;

    if (disk_flags(d) & C_MEDIA && d->phase == PHASE_VERIFY)
        most = ATA_BLOCK;
    return d->left < most ? (unsigned) d->left : most;
}

/* Of n sectors, how many the command's address can reach. */
static unsigned disk_reachable(const struct ata_drive *d, unsigned n)
{
    uint64_t limit = ata_disk_limit(d);

    if (d->lba >= limit)
        return 0;
    return limit - d->lba < n ? (unsigned) (limit - d->lba) : n;
}

/* n sectors at lba are done; the registers show the last of them. */
static void disk_passed(struct ata_drive *d, unsigned n)
{
    d->lba += n;
    d->left -= n;
    d->head_lba = d->lba - 1;
    d->used_at = sched_now(d->sched);
    ata_disk_put_address(d, d->lba - 1);
    disk_put_count(d);
}

/* The first sector that cannot be read becomes the command's sector. */
static void disk_find_bad(struct ata_drive *d, unsigned n)
{
    unsigned good = 0;

    while (good < n && disk_read(d->disk, d->lba, 1, d->buf) == 0) {
        d->lba++;
        d->left--;
        good++;
    }
}

/* Reads the next block into buf; false: the command has ended with an error. */
static bool disk_read_block(struct ata_drive *d)
{
    unsigned n = disk_next_block(d), ok = disk_reachable(d, n);

    if (ok == n && disk_read(d->disk, d->lba, n, d->buf) == 0) {
        d->block = (uint8_t) n;
        disk_passed(d, n);
        return true;
    }
    disk_find_bad(d, ok);
    disk_error(d, d->lba >= ata_disk_limit(d) ? ATA_IDNF : ATA_UNC);
    return false;
}

static void disk_wait_media(struct ata_drive *d, enum disk_phase phase)
{
    vtime soon = sched_now(d->sched) + GAP_NS;

    d->phase = (uint8_t) phase; /* disk_next_block asks */
    d->media_at += (uint64_t) disk_next_block(d) * SECTOR_NS;
    ata_disk_busy(d, phase, d->media_at > soon ? d->media_at : soon);
}

/* With the write cache off, what is reported as written is durable: 8.37. */
static void disk_written(struct ata_drive *d)
{
    if ((d->options & DISK_WRITE_CACHE) == 0 && disk_flush(d->disk) < 0)
        ata_fault(d);
    else
        ata_done(d);
}

static void disk_write_block(struct ata_drive *d)
{
    unsigned n = d->block, ok = disk_reachable(d, n), done = 0;

    if (ok == n && disk_write(d->disk, d->lba, n, d->buf) == 0) {
        disk_passed(d, n);
        if (d->left == 0) {
            disk_written(d);
            return;
        }
        d->block = (uint8_t) disk_next_block(d);
        ata_ask(d, d->block * SECTOR_SIZE, true);
        return;
    }
    while (done < ok && disk_write(d->disk, d->lba, 1, d->buf + done * SECTOR_SIZE) == 0) {
        d->lba++;
        d->left--;
        done++;
    }
    if (done < ok) {
        disk_error(d, ATA_ABRT);
        d->status |= ATA_DF; /* write fault of ATA-1 */
    } else {
        disk_error(d, ATA_IDNF);
    }
}

/* --- commands with a sector address -------------------------------------------- */

/* Takes address and count; false: the command is refused. */
static bool disk_begin(struct ata_drive *d)
{
    unsigned flags = disk_flags(d);

    if (((flags & C_EXT) && (d->device & ATA_DEVICE_LBA) == 0)
        || ((flags & C_MULTIPLE) && d->multiple == 0)) {
        ata_fail(d, ATA_ABRT);
        return false;
    }
    if ((flags & C_WRITE) && disk_read_only(d->disk)) {
        ata_fail(d, ATA_WP | ATA_ABRT);
        return false;
    }
    d->lba = disk_address(d);
    d->left = disk_count(d);
    disk_position(d);
    return true;
}

static void disk_start_read(struct ata_drive *d)
{
    if (disk_begin(d))
        disk_wait_media(d, PHASE_READ);
}

static void disk_start_verify(struct ata_drive *d)
{
    if (disk_begin(d))
        disk_wait_media(d, PHASE_VERIFY);
}

static void disk_start_write(struct ata_drive *d)
{
    if (disk_begin(d))
        ata_disk_busy(d, PHASE_ASK, sched_now(d->sched) + ASK_NS);
}

static void disk_start_seek(struct ata_drive *d)
{
    if (disk_begin(d))
        ata_disk_busy(d, PHASE_SEEK, d->media_at);
}

static void disk_start_recalibrate(struct ata_drive *d)
{
    d->lba = 0;
    disk_position(d);
    d->mid[ATA_CURRENT] = d->high[ATA_CURRENT] = 0;
    ata_disk_busy(d, PHASE_DONE, d->media_at);
}

static void disk_ready_ask(struct ata_drive *d)
{
    if (d->lba >= ata_disk_limit(d)) {
        disk_error(d, ATA_IDNF);
        return;
    }
    d->block = (uint8_t) disk_next_block(d);
    ata_ask(d, d->block * SECTOR_SIZE, false); /* 9.7: no interrupt yet */
}

static void disk_ready_verify(struct ata_drive *d)
{
    if (!disk_read_block(d))
        return;
    if (d->left == 0)
        ata_done(d);
    else
        disk_wait_media(d, PHASE_VERIFY);
}

/* --- other commands -------------------------------------------------------------- */

void ata_disk_later(struct ata_drive *d, enum disk_phase phase)
{
    ata_disk_busy(d, phase, sched_now(d->sched) + DISK_OVERHEAD_NS);
}

static void disk_start_abort(struct ata_drive *d)
{
    ata_fail(d, ATA_ABRT);
}

static void disk_start_identify(struct ata_drive *d)
{
    ata_disk_later(d, PHASE_IDENTIFY);
}

static void disk_start_flush(struct ata_drive *d)
{
    ata_disk_later(d, PHASE_FLUSH);
}

/* --- the table ------------------------------------------------------------------- */

#define SEEK        { disk_start_seek, C_MEDIA }
#define RECALIBRATE { disk_start_recalibrate, 0 }
#define SIXTEEN(c)  c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c

/* Codes without a row are aborted: 8.1. */
static const struct disk_command disk_commands[256] = {
    /* RECALIBRATE and SEEK take sixteen codes each; 1Fh and 7Fh are last. */
    [0x10] = SIXTEEN(RECALIBRATE),
    [0x20] = { disk_start_read, C_MEDIA },
    [0x21] = { disk_start_read, C_MEDIA },
    [0x24] = { disk_start_read, C_MEDIA | C_EXT },
    [0x27] = { ata_disk_start_native_max, C_EXT },
    [0x29] = { disk_start_read, C_MEDIA | C_EXT | C_MULTIPLE },
    [0x30] = { disk_start_write, C_MEDIA | C_WRITE },
    [0x31] = { disk_start_write, C_MEDIA | C_WRITE },
    [0x34] = { disk_start_write, C_MEDIA | C_WRITE | C_EXT },
    [0x39] = { disk_start_write, C_MEDIA | C_WRITE | C_EXT | C_MULTIPLE },
    [0x3c] = { disk_start_write, C_MEDIA | C_WRITE }, /* WRITE VERIFY of ATA-1 */
    [0x40] = { disk_start_verify, C_MEDIA },
    [0x41] = { disk_start_verify, C_MEDIA },
    [0x42] = { disk_start_verify, C_MEDIA | C_EXT },
    [0x70] = SIXTEEN(SEEK),
    [0x91] = { ata_disk_start_parameters, 0 },
    [0x94] = { ata_disk_start_standby, 0 },
    [0x95] = { ata_disk_start_idle, 0 },
    [0x96] = { ata_disk_start_standby_timed, 0 },
    [0x97] = { ata_disk_start_idle_timed, 0 },
    [0x98] = { ata_disk_start_check_power, 0 },
    [0x99] = { ata_disk_start_sleep, 0 },
    [0xc4] = { disk_start_read, C_MEDIA | C_MULTIPLE },
    [0xc5] = { disk_start_write, C_MEDIA | C_WRITE | C_MULTIPLE },
    [0xc6] = { ata_disk_start_multiple, 0 },
    [0xe0] = { ata_disk_start_standby, 0 },
    [0xe1] = { ata_disk_start_idle, 0 },
    [0xe2] = { ata_disk_start_standby_timed, 0 },
    [0xe3] = { ata_disk_start_idle_timed, 0 },
    [0xe5] = { ata_disk_start_check_power, 0 },
    [0xe6] = { ata_disk_start_sleep, 0 },
    [0xe7] = { disk_start_flush, 0 },
    [0xea] = { disk_start_flush, C_EXT },
    [0xec] = { disk_start_identify, 0 },
    [0xef] = { ata_disk_start_features, 0 },
    [0xf8] = { ata_disk_start_native_max, 0 },
};

/* --- what the channel asks --------------------------------------------------------- */

static void disk_command(struct ata_drive *d)
{
    const struct disk_command *c = &disk_commands[d->command];

    /* 6.9: only a reset wakes a sleeping device. */
    if (d->power == POWER_SLEEP)
        return;
    d->left = 0;
    if (c->start != NULL)
        c->start(d);
    else
        disk_start_abort(d);
}

static void disk_ready_seek(struct ata_drive *d)
{
    if (d->lba >= ata_disk_limit(d))
        ata_fail(d, ATA_IDNF);
    else
        ata_done(d);
}

static void disk_ready_flush(struct ata_drive *d)
{
    if (disk_flush(d->disk) < 0)
        ata_fault(d);
    else
        ata_done(d);
}

static void disk_ready(struct ata_drive *d)
{
    switch (d->phase) {
    case PHASE_IDENTIFY:
        ata_disk_identify(d, d->buf);
        ata_ask(d, SECTOR_SIZE, true);
        break;
    case PHASE_READ:
        if (disk_read_block(d))
            ata_ask(d, d->block * SECTOR_SIZE, true);
        break;
    case PHASE_ASK: disk_ready_ask(d); break;
    case PHASE_WRITE: disk_write_block(d); break;
    case PHASE_VERIFY: disk_ready_verify(d); break;
    case PHASE_SEEK: disk_ready_seek(d); break;
    case PHASE_FLUSH: disk_ready_flush(d); break;
    default: ata_done(d); break;
    }
}

static void disk_moved(struct ata_drive *d)
{
    vtime now = sched_now(d->sched);

    if (disk_flags(d) & C_WRITE) {
        /* The heads were on their way while the host sent the first block. */
        d->media_at = (d->media_at > now ? d->media_at : now) + (uint64_t) d->block * SECTOR_NS;
        ata_disk_busy(d, PHASE_WRITE, d->media_at);
    } else if (d->left != 0) {
        disk_wait_media(d, PHASE_READ);
    } else {
        ata_done_quietly(d);
    }
}

/* 9.1: signature of a device without packets. */
static void disk_signature(struct ata_drive *d)
{
    d->count[ATA_CURRENT] = 1;
    d->device = 0;
    disk_put_low(d, 1, 0, 0);
}

static void disk_defaults(struct ata_drive *d)
{
    struct disk_geometry g = ata_disk_default_chs(d);

    d->cylinders = (uint16_t) g.cylinders;
    d->heads = (uint8_t) g.heads;
    d->sectors = (uint8_t) g.sectors;
    d->multiple = 0;
    d->options = DISK_WRITE_CACHE | DISK_LOOK_AHEAD;
}

static void disk_reset(struct ata_drive *d, bool hard)
{
    if (hard || (!d->diagnosed && (d->options & DISK_KEEP) == 0))
        disk_defaults(d);
    if (hard)
        d->standby_ns = 0;
    if (d->power == POWER_SLEEP || hard)
        d->power = hard ? POWER_IDLE : POWER_STANDBY;
    d->left = 0;
    disk_signature(d);
}

static void disk_loaded(struct ata_drive *d)
{
    if (d->multiple > ATA_BLOCK)
        d->multiple = 0;
    if (d->block > ATA_BLOCK)
        d->block = ATA_BLOCK;
    if (d->power > POWER_SLEEP)
        d->power = POWER_IDLE;
    if (d->heads == 0 || d->sectors == 0)
        disk_defaults(d);
}

const struct ata_ops ata_disk_ops = {
    .idle = ATA_DRDY | ATA_DSC,
    .reset = disk_reset,
    .command = disk_command,
    .ready = disk_ready,
    .moved = disk_moved,
    .loaded = disk_loaded,
};

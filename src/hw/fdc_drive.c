/*
 * Floppy drives and what is recorded on the disks in them.
 *
 * A disk is an image of sectors; tracks are laid out around it as a PC formats
 * them.  5.25-inch 48 tpi disks in a 96 tpi drive have their tracks under every
 * second step.  A disk whose form the drive could not take in reality (a 360K
 * image in a 3.5-inch drive) behaves like a disk of the drive's form that was
 * recorded with that geometry.
 *
 * Source: IBM PC AT Technical Reference, "Diskette drive adapter"; Intel
 *         82077AA data sheet, "Data transfer commands" (track format, gaps);
 *         ECMA-99, -100 and -125 for the recordings.
 * Absent: sectors of other sizes, other IDs and interleave; deleted data marks
 *         of a disk that was taken out; index pulses of a disk that spins down.
 */
#include "config.h"

#include "hw/fdc_internal.h"

#include <string.h>

enum { SPIN_UP_NS = 300000000 };

enum { RATE_500, RATE_300, RATE_250, RATE_1000 };

/* Recording densities: double, high, extra. */
enum density { DENSITY_DD, DENSITY_HD, DENSITY_ED, DENSITIES };

static const struct fdc_drive_kind {
    uint8_t last_track;
    uint8_t steps;   /* a track of a 40-track disk */
    uint8_t densest; /* enum density */
    bool change_line;
    bool rpm360;
} drive_kinds[] = {
    [FDC_NO_DRIVE] = { 0, 1, DENSITY_DD, false, false },
    [FDC_DRIVE_360K] = { 41, 1, DENSITY_DD, false, false },
    [FDC_DRIVE_1200K] = { 83, 2, DENSITY_HD, true, true },
    [FDC_DRIVE_720K] = { 83, 1, DENSITY_DD, true, false },
    [FDC_DRIVE_1440K] = { 83, 1, DENSITY_HD, true, false },
    [FDC_DRIVE_2880K] = { 83, 1, DENSITY_ED, true, false },
};

/* Bytes a second and a revolution, gap after a sector; at 300 and 360 rpm. */
static const struct recording {
    uint32_t bytes, length, gap;
    uint8_t rate;
} recordings[DENSITIES][2] = {
    [DENSITY_DD] = { { 31250, 6250, 80, RATE_250 }, { 37500, 6250, 80, RATE_300 } },
    [DENSITY_HD] = { { 62500, 12500, 108, RATE_500 }, { 62500, 10416, 84, RATE_500 } },
    /* 19 bytes more between ID and data field: perpendicular recording. */
    [DENSITY_ED] = { { 125000, 25000, 83 + 19, RATE_1000 }, { 125000, 20833, 83 + 19, RATE_1000 } },
};

enum { DD_SECTORS_MAX = 10, HD_SECTORS_MAX = 21, TRACKS_48TPI = 42, GAP_MIN = 8 };

const struct state_field fdc_drive_fields[] = {
    STATE_UINT(struct fdc_drive, spin_at),
    STATE_UINT(struct fdc_drive, motor),
    STATE_UINT(struct fdc_drive, track),
    STATE_UINT(struct fdc_drive, changed),
    STATE_UINT(struct fdc_drive, media),
    STATE_BYTES(struct fdc_drive, deleted),
    FDC_STATE_LAST(struct fdc_drive, deleted),
};

struct fdc_drive *fdc_selected(struct fdc *fdc)
{
    unsigned i = fdc->dor & DOR_SELECT;

    return i < FDC_DRIVES && fdc->drive[i].type != FDC_NO_DRIVE ? &fdc->drive[i] : NULL;
}

unsigned fdc_drive_last_track(const struct fdc_drive *d)
{
    return drive_kinds[d->type].last_track;
}

bool fdc_drive_change_line(const struct fdc_drive *d)
{
    return drive_kinds[d->type].change_line && d->changed;
}

void fdc_drive_set_motor(struct fdc_drive *d, bool on)
{
    if (on && !d->motor)
        d->spin_at = sched_now(d->fdc->sched) + SPIN_UP_NS;
    d->motor = on;
}

void fdc_drive_find_media(struct fdc_drive *d)
{
    if (d->media >= 2 + d->fdc->shelf_count)
        d->media = 0;
    d->disk = d->media == 0 ? NULL : d->media == 1 ? d->own : d->fdc->shelf[d->media - 2];
    if (d->type == FDC_NO_DRIVE)
        d->disk = NULL;
}

/* The latch is set by taking a disk out, and only a step clears it. */
void fdc_drive_insert(struct fdc_drive *d, unsigned media)
{
    d->media = (uint8_t) media;
    d->changed = 1;
    memset(d->deleted, 0, sizeof d->deleted);
    fdc_drive_find_media(d);
}

vtime fdc_drive_turns_at(const struct fdc_drive *d)
{
    return d->motor && d->disk != NULL ? d->spin_at : VTIME_NEVER;
}

static enum density fdc_density(const struct disk_geometry *g)
{
    return g->sectors <= DD_SECTORS_MAX ? DENSITY_DD
         : g->sectors <= HD_SECTORS_MAX ? DENSITY_HD : DENSITY_ED;
}

/* Which of the disk's cylinders is under the head; -1: none. */
static int fdc_drive_cylinder(const struct fdc_drive *d, const struct disk_geometry *g)
{
    unsigned steps = g->cylinders <= TRACKS_48TPI ? drive_kinds[d->type].steps : 1;

    if (d->track % steps != 0 || d->track / steps >= g->cylinders)
        return -1;
    return (int) (d->track / steps);
}

void fdc_drive_track(const struct fdc_drive *d, unsigned side, struct fdc_track *t)
{
    struct disk_geometry g = disk_geometry(d->disk);
    enum density density = fdc_density(&g);
    const struct recording *rec = &recordings[density][drive_kinds[d->type].rpm360];
    int cylinder = fdc_drive_cylinder(d, &g);

    *t = (struct fdc_track){
        .clk = { .num = rec->bytes, .den = 1 },
        .length = rec->length,
        .slot = TRACK_END + rec->gap,
        .rate = rec->rate,
        .side = (uint8_t) side,
    };
    if (cylinder < 0 || side >= g.heads || g.sectors == 0 || g.sectors > FDC_SECTORS
        || density > drive_kinds[d->type].densest)
        return;
    if (t->slot > (rec->length - TRACK_LEAD) / g.sectors)
        t->slot = (rec->length - TRACK_LEAD) / g.sectors;
    if (t->slot < TRACK_END + GAP_MIN)
        return; /* so many sectors do not fit on the track */
    t->cylinder = (uint8_t) cylinder;
    t->sectors = (uint8_t) g.sectors;
    if (fdc_track_lba(d, t, t->sectors) >= disk_sectors(d->disk))
        t->sectors = 0;
}

/* `sector` counts from 1. */
uint64_t fdc_track_lba(const struct fdc_drive *d, const struct fdc_track *t, unsigned sector)
{
    struct disk_geometry g = disk_geometry(d->disk);

    return ((uint64_t) t->cylinder * g.heads + t->side) * g.sectors + sector - 1;
}

bool fdc_drive_deleted(const struct fdc_drive *d, uint64_t lba)
{
    return lba / 8 < sizeof d->deleted && (d->deleted[lba / 8] >> lba % 8 & 1);
}

void fdc_drive_mark(struct fdc_drive *d, uint64_t lba, bool deleted)
{
    uint8_t bit = (uint8_t) (1u << lba % 8);

    if (lba / 8 >= sizeof d->deleted)
        return;
    d->deleted[lba / 8] &= (uint8_t) ~bit;
    if (deleted)
        d->deleted[lba / 8] |= bit;
}

/* The index hole is seen for about 2 ms of a revolution. */
bool fdc_drive_index(const struct fdc_drive *d, vtime now)
{
    struct fdc_track t;

    if (fdc_drive_turns_at(d) > now)
        return false;
    fdc_drive_track(d, 0, &t);
    return clock_ticks(&t.clk, now) % t.length < t.length / 100;
}

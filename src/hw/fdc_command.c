/*
 * 82077AA commands: the table, control commands, seeks.
 *
 * Source: Intel 82077AA data sheet (290166), 5.0 "Command set/descriptions"
 *         with table 5-1, 5.2 "Control commands", 6.0 "Status register encoding".
 * Absent: PART ID, SAVE, RESTORE and the other commands of the 82078: they are
 *         invalid here, which is how drivers tell the two apart.
 */
#include "config.h"

#include "hw/fdc_internal.h"

enum { RECALIBRATE_STEPS = 79, VERSION_82077 = 0x90 };

struct fdc_command {
    void (*run)(struct fdc *fdc); /* NULL: invalid, or sectors by kind */
    uint8_t kind;
    uint8_t len;     /* bytes, the first one included */
    uint8_t options; /* bits of the first byte that may be set */
};

static const struct fdc_command fdc_commands[32];

static const struct fdc_command *fdc_command_find(uint8_t first)
{
    const struct fdc_command *c = &fdc_commands[first & 0x1f];

    return c->len != 0 && (first & 0xe0 & ~c->options) == 0 ? c : NULL;
}

unsigned fdc_command_length(uint8_t first)
{
    const struct fdc_command *c = fdc_command_find(first);

    return c != NULL ? c->len : 1;
}

static void fdc_invalid(struct fdc *fdc)
{
    fdc->result[0] = ST0_INVALID;
    fdc_give_result(fdc, 1);
}

static unsigned fdc_unit(const struct fdc *fdc)
{
    return fdc->command[1] & 3;
}

/* --- seeks --------------------------------------------------------------------- */

static uint64_t fdc_step_ns(const struct fdc *fdc)
{
    return fdc_scaled_ns(fdc, 16u - (fdc->specify[0] >> 4));
}

/* The steps reach the drive that DOR selects, whatever unit the command names. */
static void fdc_seek_begin(struct fdc *fdc, unsigned steps, unsigned track, uint8_t st0)
{
    unsigned unit = fdc_unit(fdc);
    uint64_t ns = steps != 0 ? steps * fdc_step_ns(fdc) : 20000;

    fdc->seek_head[unit] = (uint8_t) track;
    fdc->seek_drive[unit] = fdc->dor & DOR_SELECT;
    fdc->seek_st0[unit] = st0;
    fdc->seek_busy |= (uint8_t) (1u << unit);
    fdc->seek_stepped &= (uint8_t) ~(1u << unit);
    fdc->seek_stepped |= (uint8_t) ((steps != 0) << unit);
    fdc->seek_ended &= (uint8_t) ~(1u << unit);
    fdc->polled = 0;
    event_at(fdc->sched, &fdc->seek[unit], sched_now(fdc->sched) + ns);
}

static void fdc_seek_by(struct fdc *fdc, int steps)
{
    const struct fdc_drive *d = fdc_selected(fdc);
    int track = d != NULL ? d->track + steps : 0;
    int last = d != NULL ? (int) fdc_drive_last_track(d) : 0;

    track = track < 0 ? 0 : track > last ? last : track;
    fdc_seek_begin(fdc, (unsigned) (steps < 0 ? -steps : steps), (unsigned) track,
                   (uint8_t) (ST0_SE | fdc_unit(fdc))); /* 5.2.3: H always reads 0 */
}

static void fdc_run_seek(struct fdc *fdc)
{
    unsigned unit = fdc_unit(fdc);
    int rel = fdc->command[2];

    fdc->untold &= (uint8_t) ~UNTOLD_SEEK;
    /* RELATIVE SEEK: bit 7 says so, bit 6 is the direction. */
    if (fdc->command[0] & 0x80)
        rel = fdc->command[0] & 0x40 ? rel : -rel;
    else if (fdc->command[0] & 0x40) {
        fdc_invalid(fdc);
        return;
    } else {
        rel -= fdc->pcn[unit];
    }
    fdc->seek_to[unit] = (uint8_t) (fdc->pcn[unit] + rel);
    fdc_seek_by(fdc, rel);
}

/* 5.2.2: at most 79 steps; without track 0 by then, equipment check. */
static void fdc_run_recalibrate(struct fdc *fdc)
{
    const struct fdc_drive *d = fdc_selected(fdc);
    unsigned track = d != NULL ? d->track : RECALIBRATE_STEPS + 1;
    unsigned steps = track < RECALIBRATE_STEPS ? track : RECALIBRATE_STEPS;
    uint8_t st0 = (uint8_t) (ST0_SE | fdc_unit(fdc));

    if (steps < track)
        st0 |= ST0_ABNORMAL | ST0_EC;
    fdc->pcn[fdc_unit(fdc)] = fdc->seek_to[fdc_unit(fdc)] = 0;
    fdc_seek_begin(fdc, steps, track - steps, st0);
}

static void fdc_seek_arrive(struct fdc *fdc, unsigned unit)
{
    struct fdc_drive *d = &fdc->drive[fdc->seek_drive[unit] % FDC_DRIVES];

    fdc->pcn[unit] = fdc->seek_to[unit];
    if (fdc->seek_drive[unit] >= FDC_DRIVES || d->type == FDC_NO_DRIVE)
        return;
    if ((fdc->seek_stepped >> unit & 1) && d->disk != NULL)
        d->changed = 0;
    d->track = fdc->seek_head[unit];
    if (d->track > fdc_drive_last_track(d))
        d->track = (uint8_t) fdc_drive_last_track(d);
}

void fdc_seek_end(struct fdc *fdc, unsigned unit)
{
    fdc_seek_arrive(fdc, unit);
    fdc->seek_ended |= (uint8_t) (1u << unit);
    fdc_set_interrupt(fdc, true);
}

/* A reset lets the steps begun run out (the drive has them) and tells nothing. */
void fdc_seek_stop(struct fdc *fdc)
{
    for (unsigned i = 0; i < FDC_UNITS; i++) {
        if (!event_armed(&fdc->seek[i]))
            continue;
        event_cancel(fdc->sched, &fdc->seek[i]);
        fdc_seek_arrive(fdc, i);
    }
    fdc->seek_busy = fdc->seek_ended = 0;
}

/* --- status ---------------------------------------------------------------------- */

static unsigned fdc_lowest(unsigned mask)
{
    return (unsigned) __builtin_ctz(mask);
}

/* 5.2.4: one cause a command, ended seeks first; without a cause it is invalid. */
static void fdc_run_sense_interrupt(struct fdc *fdc)
{
    unsigned unit;

    if (fdc->seek_ended != 0) {
        unit = fdc_lowest(fdc->seek_ended);
        fdc->seek_ended &= (uint8_t) ~(1u << unit);
        fdc->seek_busy &= (uint8_t) ~(1u << unit);
        fdc->result[0] = fdc->seek_st0[unit];
    } else if (fdc->polled != 0) {
        unit = fdc_lowest(fdc->polled);
        fdc->polled &= (uint8_t) ~(1u << unit);
        fdc->result[0] = (uint8_t) (ST0_POLLING | unit);
    } else {
        fdc_invalid(fdc);
        return;
    }
    fdc->result[1] = fdc->pcn[unit & 3];
    fdc_ack_interrupt(fdc);
    fdc_give_result(fdc, 2);
}

/* SENSE DRIVE STATUS; ready and two-sided are always reported. */
static void fdc_run_sense_drive(struct fdc *fdc)
{
    const struct fdc_drive *d = fdc_selected(fdc);
    uint8_t st3 = (uint8_t) (0x28 | (fdc->command[1] & 7));

    if (d != NULL && d->disk != NULL && disk_read_only(d->disk))
        st3 |= 0x40;
    if (d != NULL && d->track == 0)
        st3 |= 0x10;
    fdc->result[0] = st3;
    fdc_give_result(fdc, 1);
}

/* DUMPREG */
static void fdc_run_dumpreg(struct fdc *fdc)
{
    for (unsigned i = 0; i < FDC_UNITS; i++)
        fdc->result[i] = fdc->pcn[i];
    fdc->result[4] = fdc->specify[0];
    fdc->result[5] = fdc->specify[1];
    fdc->result[6] = fdc->eot; /* of the last command: sectors a track */
    fdc->result[7] = (uint8_t) (fdc->lock << 7 | (fdc->perpendicular & 0x3f));
    fdc->result[8] = fdc->config;
    fdc->result[9] = fdc->pretrk;
    fdc_give_result(fdc, 10);
}

static void fdc_run_version(struct fdc *fdc)
{
    fdc->result[0] = VERSION_82077;
    fdc_give_result(fdc, 1);
}

/* --- settings ----------------------------------------------------------------------- */

static void fdc_run_specify(struct fdc *fdc)
{
    fdc->specify[0] = fdc->command[1];
    fdc->specify[1] = fdc->command[2];
}

static void fdc_run_configure(struct fdc *fdc)
{
    fdc->untold &= (uint8_t) ~UNTOLD_SEEK;
    fdc->config = fdc->command[2] & (CONFIG_EIS | CONFIG_EFIFO | CONFIG_POLL | CONFIG_FIFOTHR);
    fdc->pretrk = fdc->command[3];
}

/* PERPENDICULAR MODE: the drives' bits change only together with OW. */
static void fdc_run_perpendicular(struct fdc *fdc)
{
    uint8_t keep = fdc->command[1] & 0x80 ? 0 : fdc->perpendicular & 0x3c;
    uint8_t take = fdc->command[1] & (fdc->command[1] & 0x80 ? 0x3f : 0x03);

    fdc->perpendicular = keep | take;
}

static void fdc_run_lock(struct fdc *fdc)
{
    fdc->lock = fdc->command[0] >> 7;
    fdc->result[0] = (uint8_t) (fdc->lock << 4);
    fdc_give_result(fdc, 1);
}

/* --- the table: 5-1 -------------------------------------------------------------------- */

enum { OPT_ALL = COMMAND_MT | COMMAND_MFM | COMMAND_SK, OPT_MT_MFM = COMMAND_MT | COMMAND_MFM };

static const struct fdc_command fdc_commands[32] = {
    [0x02] = { NULL, KIND_READ_TRACK, 9, OPT_ALL },
    [0x03] = { fdc_run_specify, KIND_NONE, 3, 0 },
    [0x04] = { fdc_run_sense_drive, KIND_NONE, 2, 0 },
    [0x05] = { NULL, KIND_WRITE, 9, OPT_ALL },
    [0x06] = { NULL, KIND_READ, 9, OPT_ALL },
    [0x07] = { fdc_run_recalibrate, KIND_NONE, 2, 0 },
    [0x08] = { fdc_run_sense_interrupt, KIND_NONE, 1, 0 },
    [0x09] = { NULL, KIND_WRITE_DELETED, 9, OPT_ALL },
    [0x0a] = { NULL, KIND_READ_ID, 2, COMMAND_MFM },
    [0x0c] = { NULL, KIND_READ_DELETED, 9, OPT_ALL },
    [0x0d] = { NULL, KIND_FORMAT, 6, COMMAND_MFM },
    [0x0e] = { fdc_run_dumpreg, KIND_NONE, 1, 0 },
    [0x0f] = { fdc_run_seek, KIND_NONE, 3, OPT_MT_MFM },
    [0x10] = { fdc_run_version, KIND_NONE, 1, 0 },
    [0x11] = { NULL, KIND_SCAN_EQUAL, 9, OPT_ALL },
    [0x12] = { fdc_run_perpendicular, KIND_NONE, 2, 0 },
    [0x13] = { fdc_run_configure, KIND_NONE, 4, 0 },
    [0x14] = { fdc_run_lock, KIND_NONE, 1, COMMAND_MT },
    [0x16] = { NULL, KIND_VERIFY, 9, OPT_ALL },
    [0x19] = { NULL, KIND_SCAN_LOW, 9, OPT_ALL },
    [0x1d] = { NULL, KIND_SCAN_HIGH, 9, OPT_ALL },
};

void fdc_command_run(struct fdc *fdc)
{
    const struct fdc_command *c = fdc_command_find(fdc->command[0]);

    fdc->kind = KIND_NONE;
    if (c == NULL)
        fdc_invalid(fdc);
    else if (c->run != NULL)
        c->run(fdc);
    else
        fdc_data_begin(fdc, c->kind);
}

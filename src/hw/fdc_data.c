/*
 * 82077AA: commands that wait for the disk to turn.
 *
 * Each looks for its next sector on the track under the head, lets it pass,
 * and then moves its bytes: by DMA all at once when the sector has passed, or
 * one by one through the FIFO (fdc_stream.c).  Without index pulses (motor off, no disk, no
 * drive) a command waits until it is reset, as on the real chip.
 *
 * Source: Intel 82077AA data sheet (290166), 4.0 "Controller phases", 5.1 "Data
 *         transfer commands" with the result phase tables, 5.2 "Control commands"
 *         (READ ID, CONFIGURE), 6.0 "Status register encoding"; NEC uPD765A data
 *         sheet for SCAN.
 * Absent: FM recording (no address mark is found), sector sizes other than 512,
 *         formats that the image cannot hold (they end with missing address
 *         mark), the part of READ TRACK that goes on after a bad sector.
 */
#include "config.h"

#include "hw/fdc_internal.h"

#include <string.h>

enum { SIZE_512 = 2, START_NS = 10000, ID_BYTES = 4 };

bool fdc_kind_to_host(enum fdc_kind kind)
{
    return kind == KIND_READ || kind == KIND_READ_DELETED || kind == KIND_READ_TRACK;
}

static bool fdc_kind_scans(enum fdc_kind kind)
{
    return kind == KIND_SCAN_EQUAL || kind == KIND_SCAN_LOW || kind == KIND_SCAN_HIGH;
}

static bool fdc_kind_writes(enum fdc_kind kind)
{
    return kind == KIND_WRITE || kind == KIND_WRITE_DELETED || kind == KIND_FORMAT;
}

static unsigned fdc_unit(const struct fdc *fdc)
{
    return fdc->command[1] & 3;
}

/* --- end ------------------------------------------------------------------------ */

static void fdc_finish(struct fdc *fdc, uint8_t st0)
{
    uint8_t hut = fdc->specify[0] & 0x0f;

    event_cancel(fdc->sched, &fdc->exec);
    fdc->stream_request = 0;
    fdc->head_until = sched_now(fdc->sched) + fdc_scaled_ns(fdc, (hut != 0 ? hut : 16u) * 16);
    fdc->result[0] = (uint8_t) (fdc->st0 | st0 | fdc->head << 2 | fdc_unit(fdc));
    fdc->result[1] = fdc->st1;
    fdc->result[2] = fdc->st2;
    fdc->result[3] = fdc->c;
    fdc->result[4] = fdc->h;
    fdc->result[5] = fdc->r;
    fdc->result[6] = fdc->n;
    fdc_give_result(fdc, 7);
    fdc_set_interrupt(fdc, true);
}

void fdc_fail(struct fdc *fdc, uint8_t st1, uint8_t st2)
{
    fdc->st1 |= st1;
    fdc->st2 |= st2;
    fdc_finish(fdc, ST0_ABNORMAL);
}

/* --- the track ------------------------------------------------------------------- */

struct fdc_drive *fdc_current(struct fdc *fdc, struct fdc_track *t)
{
    struct fdc_drive *d = fdc_selected(fdc);

    if (d == NULL || d->disk == NULL)
        return NULL;
    fdc_drive_track(d, fdc->head, t);
    return d;
}

uint64_t fdc_tick(const struct fdc *fdc, const struct fdc_track *t)
{
    return clock_ticks(&t->clk, sched_now(fdc->sched));
}

void fdc_arm(struct fdc *fdc, const struct fdc_track *t, uint64_t tick, enum fdc_step step)
{
    fdc->step = (uint8_t) step;
    event_at(fdc->sched, &fdc->exec, clock_time(&t->clk, tick));
}

uint64_t fdc_next_pass(const struct fdc *fdc, const struct fdc_track *t, uint32_t offset)
{
    uint64_t tick = fdc_tick(fdc, t) + 1, turn = tick / t->length;

    if (tick % t->length > offset)
        turn++;
    return turn * t->length + offset;
}

/* Two index pulses without a find end a search: READ DATA, READ ID. */
static void fdc_search_in_vain(struct fdc *fdc, const struct fdc_track *t, uint8_t st1, uint8_t st2)
{
    fdc->st1 |= st1;
    fdc->st2 |= st2;
    fdc_arm(fdc, t, fdc_next_pass(fdc, t, 0) + t->length, STEP_FAIL);
}

/* --- data by DMA ------------------------------------------------------------------- */

static bool fdc_dma_on(const struct fdc *fdc)
{
    return fdc->ps2 || (fdc->dor & DOR_DMAGATE);
}

/* Bytes the host gave, `len` unless TC came; false: the command has ended. */
static bool fdc_take(struct fdc *fdc, size_t len, size_t *got)
{
    bool tc = false;

    *got = len;
    if (fdc_non_dma(fdc))
        return true; /* they are in buf */
    *got = fdc_dma_on(fdc) ? dma_read(fdc->dma, fdc->buf, len, &tc) : 0;
    fdc->tc |= tc;
    if (*got < len && !fdc->tc) {
        fdc_fail(fdc, ST1_OR, 0);
        return false;
    }
    return true;
}

static bool fdc_give(struct fdc *fdc)
{
    bool tc = false;
    size_t got;

    if (fdc_non_dma(fdc))
        return true;
    got = fdc_dma_on(fdc) ? dma_write(fdc->dma, fdc->buf, SECTOR_SIZE, &tc) : 0;
    fdc->tc |= tc;
    if (got < SECTOR_SIZE && !fdc->tc) {
        fdc_fail(fdc, ST1_OR, 0);
        return false;
    }
    return true;
}

/* --- one sector ---------------------------------------------------------------------- */

static bool fdc_load_sector(struct fdc *fdc, const struct fdc_drive *d, uint64_t lba, uint8_t *buf)
{
    if (disk_read(d->disk, lba, 1, buf) == 0)
        return true;
    fdc_fail(fdc, ST1_DE, ST2_DD);
    return false;
}

/* What is short of a sector is filled with zeroes: WRITE DATA. */
static bool fdc_store_sector(struct fdc *fdc, struct fdc_drive *d, uint64_t lba)
{
    size_t got;

    if (!fdc_take(fdc, SECTOR_SIZE, &got))
        return false;
    memset(fdc->buf + got, 0, SECTOR_SIZE - got);
    if (disk_write(d->disk, lba, 1, fdc->buf) < 0) {
        fdc->st0 |= ST0_EC; /* the host cannot keep it: a fault of the drive */
        fdc_fail(fdc, 0, 0);
        return false;
    }
    fdc_drive_mark(d, lba, fdc->kind == KIND_WRITE_DELETED);
    return true;
}

/* uPD765A, SCAN: FFh on either side meets every condition. */
static void fdc_compare(struct fdc *fdc, const uint8_t *host, const uint8_t *disk, size_t len)
{
    bool low = true, high = true;

    for (size_t i = 0; i < len; i++) {
        if (host[i] == 0xff || disk[i] == 0xff)
            continue;
        low &= disk[i] <= host[i];
        high &= disk[i] >= host[i];
    }
    fdc->st2 &= (uint8_t) ~(ST2_SH | ST2_SN);
    if (low && high)
        fdc->st2 |= ST2_SH;
    else if (!(fdc->kind == KIND_SCAN_LOW && low) && !(fdc->kind == KIND_SCAN_HIGH && high))
        fdc->st2 |= ST2_SN;
}

static bool fdc_scan_sector(struct fdc *fdc, const struct fdc_drive *d, uint64_t lba)
{
    size_t got;

    if (!fdc_take(fdc, SECTOR_SIZE, &got))
        return false;
    if (!fdc_load_sector(fdc, d, lba, fdc->buf + SECTOR_SIZE))
        return false;
    fdc_compare(fdc, fdc->buf, fdc->buf + SECTOR_SIZE, got);
    return true;
}

/* Moves the sector that has just passed; false: the command has ended. */
static bool fdc_move_sector(struct fdc *fdc, struct fdc_drive *d, uint64_t lba)
{
    if (fdc_kind_writes(fdc->kind))
        return fdc_store_sector(fdc, d, lba);
    if (fdc_kind_scans(fdc->kind))
        return fdc_scan_sector(fdc, d, lba);
    /* Without DMA the bytes were read when the stream began. */
    if (!(fdc_non_dma(fdc) && fdc_kind_to_host(fdc->kind))
        && !fdc_load_sector(fdc, d, lba, fdc->buf))
        return false;
    return fdc->kind == KIND_VERIFY || fdc_give(fdc);
}

/* --- from sector to sector ------------------------------------------------------------ */

/* The data mark is not of the kind that the command reads. */
static bool fdc_wrong_mark(const struct fdc *fdc, const struct fdc_drive *d, uint64_t lba)
{
    if (fdc_kind_writes(fdc->kind) || fdc->kind == KIND_READ_TRACK)
        return false;
    return fdc_drive_deleted(d, lba) != (fdc->kind == KIND_READ_DELETED);
}

static bool fdc_skips(const struct fdc *fdc, const struct fdc_drive *d, uint64_t lba)
{
    return (fdc->command[0] & COMMAND_SK) && fdc_wrong_mark(fdc, d, lba);
}

/* Sector of the track that the command is at, counted from 0; or -1. */
static int fdc_wanted(const struct fdc *fdc, const struct fdc_track *t)
{
    if (t->sectors == 0)
        return -1;
    if (fdc->kind == KIND_READ_TRACK)
        return fdc->passed % t->sectors;
    if (fdc->c != t->cylinder || fdc->h != t->side || fdc->n != SIZE_512 || fdc->r == 0
        || fdc->r > t->sectors)
        return -1;
    return fdc->r - 1;
}

/*
 * Result phase table: C, H, R of the sector after this one.  True at the end of the
 * cylinder, where a command without TC ends; else `head` is that sector's.
 */
static bool fdc_advance(struct fdc *fdc)
{
    unsigned stride = fdc_kind_scans(fdc->kind) && fdc->command[8] == 2 ? 2 : 1;
    bool multi = fdc->command[0] & COMMAND_MT;

    if (fdc->r != fdc->eot && !(stride == 2 && fdc->r + 1 == fdc->eot)) {
        fdc->r = (uint8_t) (fdc->r + stride);
        return false;
    }
    fdc->r = 1;
    if (multi)
        fdc->h ^= 1;
    if (multi && !fdc->head && !fdc->tc) {
        fdc->head = 1;
        return false;
    }
    if (!multi || fdc->head)
        fdc->c++;
    return true;
}

static void fdc_search(struct fdc *fdc);

static void fdc_next_of_track(struct fdc *fdc)
{
    fdc->passed++;
    fdc->r++;
    if (fdc->tc)
        fdc_finish(fdc, 0);
    else if (fdc->passed == fdc->eot)
        fdc_fail(fdc, ST1_EN, 0);
    else
        fdc_search(fdc);
}

static void fdc_next_sector(struct fdc *fdc)
{
    bool end = fdc_advance(fdc);

    if (fdc->tc || (fdc->sectors_left != 0 && --fdc->sectors_left == 0))
        fdc_finish(fdc, 0);
    else if (!end)
        fdc_search(fdc);
    else if (fdc_kind_scans(fdc->kind) || (fdc->kind == KIND_VERIFY && (fdc->command[1] & 0x80) == 0))
        fdc_finish(fdc, 0);
    else
        fdc_fail(fdc, ST1_EN, 0);
}

static void fdc_sector_end(struct fdc *fdc)
{
    struct fdc_track t;
    struct fdc_drive *d = fdc_current(fdc, &t);
    int wanted = d != NULL ? fdc_wanted(fdc, &t) : -1;
    uint64_t lba;

    if (wanted < 0) {
        fdc_search(fdc);
        return;
    }
    lba = fdc_track_lba(d, &t, (unsigned) wanted + 1);
    if (fdc_wrong_mark(fdc, d, lba))
        fdc->st2 |= ST2_CM;
    if (!fdc_skips(fdc, d, lba)) {
        if (!fdc_move_sector(fdc, d, lba))
            return;
        /* Read although its mark is wrong: the last one. A scan ends with its hit. */
        if (fdc_wrong_mark(fdc, d, lba) || (fdc_kind_scans(fdc->kind) && (fdc->st2 & ST2_SN) == 0)) {
            fdc_finish(fdc, 0);
            return;
        }
    }
    if (fdc->kind == KIND_READ_TRACK)
        fdc_next_of_track(fdc);
    else
        fdc_next_sector(fdc);
}

/* --- searches ---------------------------------------------------------------------------- */

static void fdc_search_id(struct fdc *fdc, const struct fdc_track *t)
{
    uint32_t at = (uint32_t) ((fdc_tick(fdc, t) + 1) % t->length), next;

    if (t->sectors == 0) {
        fdc_search_in_vain(fdc, t, ST1_MA, 0);
        return;
    }
    next = at <= TRACK_LEAD ? 0 : (at - TRACK_LEAD + t->slot - 1) / t->slot;
    if (next >= t->sectors)
        next = 0;
    fdc->c = t->cylinder;
    fdc->h = t->side;
    fdc->r = (uint8_t) (next + 1);
    fdc->n = SIZE_512;
    fdc_arm(fdc, t, fdc_next_pass(fdc, t, TRACK_LEAD + next * t->slot) + TRACK_ID, STEP_ID);
}

static void fdc_search_format(struct fdc *fdc, const struct fdc_track *t)
{
    uint64_t index = fdc_next_pass(fdc, t, 0);
    uint32_t sectors = fdc->eot;
    uint32_t period = sectors != 0 ? (t->length - TRACK_LEAD) / sectors / ID_BYTES : 1;

    if (fdc_non_dma(fdc))
        fdc_stream_open(fdc, index, sectors * ID_BYTES, period);
    else
        fdc_arm(fdc, t, index + t->length, STEP_FORMAT);
}

static void fdc_meet_sector(struct fdc *fdc, const struct fdc_drive *d, const struct fdc_track *t,
                            unsigned wanted)
{
    uint32_t offset = TRACK_LEAD + wanted * t->slot;
    uint64_t lba = fdc_track_lba(d, t, wanted + 1), at = fdc_next_pass(fdc, t, offset);

    /* READ TRACK begins with the first sector after the index hole. */
    if (fdc->kind == KIND_READ_TRACK && fdc->passed == 0)
        at = fdc_next_pass(fdc, t, 0) + offset;
    if (fdc->kind == KIND_READ_TRACK
        && (fdc->c != t->cylinder || fdc->h != t->side || fdc->r != wanted + 1 || fdc->n != SIZE_512))
        fdc->st1 |= ST1_ND;
    if (!fdc_non_dma(fdc) || fdc->kind == KIND_VERIFY || fdc_skips(fdc, d, lba))
        fdc_arm(fdc, t, at + TRACK_END, STEP_SECTOR);
    else if (!fdc_kind_to_host(fdc->kind) || fdc_load_sector(fdc, d, lba, fdc->buf))
        fdc_stream_open(fdc, at + TRACK_DATA, SECTOR_SIZE, 1);
}

static void fdc_search_sector(struct fdc *fdc, const struct fdc_drive *d, const struct fdc_track *t)
{
    int wanted = fdc_wanted(fdc, t);

    if (wanted >= 0)
        fdc_meet_sector(fdc, d, t, (unsigned) wanted);
    else if (t->sectors == 0)
        fdc_search_in_vain(fdc, t, ST1_MA, 0);
    else
        fdc_search_in_vain(fdc, t, ST1_ND, fdc->c != t->cylinder ? ST2_WC : 0);
}

static bool fdc_rate_fits(const struct fdc *fdc, const struct fdc_track *t)
{
    return (fdc->untold & UNTOLD_RATE) != 0 || t->rate == fdc->rate;
}

/* Without index pulses nothing ends the wait but a reset or a change. */
static void fdc_search(struct fdc *fdc)
{
    struct fdc_track t;
    struct fdc_drive *d = fdc_current(fdc, &t);
    vtime at = d != NULL ? fdc_drive_turns_at(d) : VTIME_NEVER;

    fdc->step = STEP_SEARCH;
    if (at == VTIME_NEVER || at > sched_now(fdc->sched)) {
        event_at(fdc->sched, &fdc->exec, at);
        return;
    }
    if (fdc_kind_writes(fdc->kind) && disk_read_only(d->disk)) {
        fdc_fail(fdc, ST1_NW, 0);
        return;
    }
    /* The wrong data rate or FM sees no address mark. */
    if ((fdc->command[0] & COMMAND_MFM) == 0 || !fdc_rate_fits(fdc, &t))
        t.sectors = 0;
    if (fdc->kind == KIND_READ_ID)
        fdc_search_id(fdc, &t);
    else if (fdc->kind == KIND_FORMAT)
        fdc_search_format(fdc, &t);
    else
        fdc_search_sector(fdc, d, &t);
}

/* --- FORMAT TRACK -------------------------------------------------------------------------- */

/* The image keeps the track if it is the one it has already. */
static bool fdc_format_fits(const struct fdc *fdc, const struct fdc_track *t, size_t ids)
{
    if ((fdc->command[0] & COMMAND_MFM) == 0 || !fdc_rate_fits(fdc, t) || fdc->n != SIZE_512
        || t->sectors == 0 || ids != t->sectors)
        return false;
    for (size_t i = 0; i < ids; i++) {
        const uint8_t *id = fdc->buf + i * ID_BYTES;

        if (id[0] != t->cylinder || id[1] != t->side || id[2] == 0 || id[2] > t->sectors
            || id[3] != SIZE_512)
            return false;
    }
    return true;
}

static bool fdc_format_fill(struct fdc *fdc, struct fdc_drive *d, const struct fdc_track *t)
{
    uint8_t sector[SECTOR_SIZE];

    memset(sector, fdc->command[5], sizeof sector);
    for (unsigned i = 0; i < t->sectors; i++) {
        uint64_t lba = fdc_track_lba(d, t, fdc->buf[i * ID_BYTES + 2]);

        if (disk_write(d->disk, lba, 1, sector) < 0) {
            fdc->st0 |= ST0_EC;
            fdc_fail(fdc, 0, 0);
            return false;
        }
        fdc_drive_mark(d, lba, false);
    }
    return true;
}

static void fdc_format_end(struct fdc *fdc)
{
    struct fdc_track t;
    struct fdc_drive *d = fdc_current(fdc, &t);
    size_t len = (size_t) fdc->eot * ID_BYTES, got;

    if (d == NULL || !fdc_take(fdc, len, &got))
        return;
    if (!fdc_format_fits(fdc, &t, got / ID_BYTES))
        fdc_fail(fdc, ST1_MA, 0);
    else if (fdc_format_fill(fdc, d, &t))
        fdc_finish(fdc, 0);
}

/* --- begin, events ------------------------------------------------------------------------- */

/* CONFIGURE, EIS: the command seeks to its cylinder first. */
static uint64_t fdc_implied_seek_ns(struct fdc *fdc)
{
    struct fdc_drive *d = fdc_selected(fdc);
    uint8_t *pcn = &fdc->pcn[fdc_unit(fdc)];
    bool implied = (fdc->config & CONFIG_EIS) != 0 || (fdc->untold & UNTOLD_SEEK) != 0;
    int steps = fdc->c - *pcn, track;

    if (!implied || fdc->command_len != sizeof fdc->command || steps == 0)
        return 0;
    *pcn = fdc->c;
    fdc->st0 |= ST0_SE;
    if (d != NULL) {
        track = d->track + steps;
        d->track = (uint8_t) (track < 0 ? 0
                   : track > (int) fdc_drive_last_track(d) ? (int) fdc_drive_last_track(d) : track);
        d->changed &= d->disk == NULL;
    }
    return (uint64_t) (steps < 0 ? -steps : steps) * fdc_scaled_ns(fdc, 16u - (fdc->specify[0] >> 4));
}

static uint64_t fdc_head_load_ns(const struct fdc *fdc)
{
    uint8_t hlt = fdc->specify[1] >> 1;

    if (sched_now(fdc->sched) < fdc->head_until)
        return 0;
    return fdc_scaled_ns(fdc, (hlt != 0 ? hlt : 128u) * 2);
}

static void fdc_take_parameters(struct fdc *fdc)
{
    const uint8_t *p = fdc->command;

    fdc->head = p[1] >> 2 & 1;
    if (fdc->kind == KIND_FORMAT) {
        fdc->n = p[2];
        fdc->eot = p[3];
    } else if (fdc->kind != KIND_READ_ID) {
        fdc->c = p[2];
        fdc->h = p[3];
        fdc->r = p[4];
        fdc->n = p[5];
        fdc->eot = p[6];
    }
    fdc->sectors_left = 0;
    if (fdc->kind == KIND_VERIFY && (p[1] & 0x80))
        fdc->sectors_left = p[8] != 0 ? p[8] : 256;
}

void fdc_data_begin(struct fdc *fdc, enum fdc_kind kind)
{
    vtime now = sched_now(fdc->sched);

    fdc->phase = PHASE_EXECUTE;
    fdc->step = STEP_SEARCH;
    fdc->kind = (uint8_t) kind;
    fdc->st0 = fdc->st1 = fdc->st2 = 0;
    fdc->tc = fdc->passed = fdc->polled = 0;
    fdc->stream_len = fdc->stream_pos = fdc->stream_request = 0;
    fdc_take_parameters(fdc);
    event_at(fdc->sched, &fdc->exec,
             now + START_NS + fdc_implied_seek_ns(fdc) + fdc_head_load_ns(fdc));
}

void fdc_data_event(struct fdc *fdc)
{
    switch (fdc->step) {
    case STEP_SECTOR: fdc_sector_end(fdc); break;
    case STEP_STREAM: fdc_stream_update(fdc); break;
    case STEP_ID: fdc_finish(fdc, 0); break;
    case STEP_FORMAT: fdc_format_end(fdc); break;
    case STEP_FAIL: fdc_finish(fdc, ST0_ABNORMAL); break;
    default: fdc_search(fdc); break;
    }
}

void fdc_data_restart(struct fdc *fdc)
{
    if (fdc->phase != PHASE_EXECUTE)
        return;
    if (fdc->stream_request)
        fdc_stream_ask(fdc, false);
    fdc->st1 = fdc->st2 = 0;
    fdc->step = STEP_SEARCH;
    event_at(fdc->sched, &fdc->exec, sched_now(fdc->sched));
}

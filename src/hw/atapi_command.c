/*
 * ATAPI CD-ROM drive: the packet commands.
 *
 * Source: INF-8020i (SFF-8020i) revision 2.6, 10 "Packet commands"; MMC-2
 *         (NCITS 333) for GET EVENT STATUS NOTIFICATION and what INF-8020i
 *         leaves open; SPC (X3.301) for sense data.
 * Absent: audio (PLAY and its kin are refused: no disc has audio tracks), raw
 *         sectors of READ CD, GET CONFIGURATION, READ DISC INFORMATION.
 */
#include "config.h"

#include "hw/atapi.h"

#include <string.h>

#include "base/bits.h"

enum {
    C_DISC = 1 << 0,  /* needs a disc that is ready */
    C_QUIET = 1 << 1, /* leaves unit attentions for the next command */
    C_SENSE = 1 << 2, /* leaves the sense data */
};

enum { START = 0x01, LOAD_EJECT = 0x02 };
enum { IMMEDIATE = 0x01 }; /* in byte 1 */

struct atapi_row {
    void (*run)(struct atapi *a, const uint8_t *p);
    uint8_t flags;
};

static void cd_bad_field(struct atapi *a)
{
    atapi_check(a, SENSE_ILLEGAL, ASC_FIELD);
}

static void cd_done(struct atapi *a, const uint8_t *p)
{
    (void) p;
    atapi_good(a);
}

static uint16_t cd_be16(const uint8_t *p)
{
    return (uint16_t) (p[0] << 8 | p[1]);
}

static uint32_t cd_be24(const uint8_t *p)
{
    return (uint32_t) p[0] << 16 | (uint32_t) p[1] << 8 | p[2];
}

static uint32_t cd_be32(const uint8_t *p)
{
    return (uint32_t) p[0] << 24 | cd_be24(p + 1);
}

/* An answer of length 0: there is none to this question. */
static void cd_answer(struct atapi *a, size_t len, size_t room)
{
    if (len == 0)
        cd_bad_field(a);
    else
        atapi_send(a, len, room);
}

/* --- what is there --------------------------------------------------------------- */

static void cd_inquiry(struct atapi *a, const uint8_t *p)
{
    if (p[1] & 1)
        cd_bad_field(a); /* vital product data */
    else
        cd_answer(a, atapi_inquiry(a), p[4]);
}

static void cd_request_sense(struct atapi *a, const uint8_t *p)
{
    cd_answer(a, atapi_sense_data(a), p[4]);
}

static void cd_mode_sense(struct atapi *a, const uint8_t *p)
{
    unsigned control = p[2] >> 6;

    if (control == 3)
        atapi_check(a, SENSE_ILLEGAL, ASC_SAVING);
    else
        cd_answer(a, atapi_mode_pages(a, control, p[2] & 0x3f), cd_be16(p + 7));
}

static void cd_event_status(struct atapi *a, const uint8_t *p)
{
    if ((p[1] & 1) == 0)
        cd_bad_field(a); /* asynchronous */
    else
        cd_answer(a, atapi_event_status(a, p[4]), cd_be16(p + 7));
}

static void cd_mechanism(struct atapi *a, const uint8_t *p)
{
    cd_answer(a, atapi_mechanism(a), cd_be16(p + 8));
}

/* --- the disc ---------------------------------------------------------------------- */

static void cd_capacity(struct atapi *a, const uint8_t *p)
{
    (void) p;
    atapi_put32(a->reply, atapi_sectors(a) - 1);
    atapi_put32(a->reply + 4, ATAPI_BLOCK);
    atapi_send(a, 8, 8);
}

/* INF-8020i has the format in the top bits of byte 9, MMC in byte 2. */
static void cd_toc(struct atapi *a, const uint8_t *p)
{
    unsigned format = p[2] & 0x0f;

    if (format == 0)
        format = p[9] >> 6;
    cd_answer(a, atapi_toc(a, format, p[6], p[1] & 2), cd_be16(p + 7));
}

static void cd_subchannel(struct atapi *a, const uint8_t *p)
{
    cd_answer(a, atapi_subchannel(a, p[3], p[2] & 0x40), cd_be16(p + 7));
}

/* Header of a sector: mode 1, and its address. */
static void cd_header(struct atapi *a, const uint8_t *p)
{
    uint32_t lba = cd_be32(p + 2);

    if (lba >= atapi_sectors(a)) {
        atapi_check(a, SENSE_ILLEGAL, ASC_RANGE);
        return;
    }
    memset(a->reply, 0, 8);
    a->reply[0] = 1;
    if (p[1] & 2) {
        lba += ATAPI_LEAD_IN;
        a->reply[5] = (uint8_t) (lba / 75 / 60);
        a->reply[6] = (uint8_t) (lba / 75 % 60);
        a->reply[7] = (uint8_t) (lba % 75);
    } else {
        atapi_put32(a->reply + 4, lba);
    }
    atapi_send(a, 8, cd_be16(p + 7));
}

/* --- sectors ------------------------------------------------------------------------ */

/* Refused as a whole when a part of it is past the end. */
static bool cd_in_range(struct atapi *a, uint32_t lba, uint32_t count)
{
    uint32_t end = atapi_sectors(a);

    if (lba <= end && count <= end - lba && (count != 0 || lba < end))
        return true;
    a->info = lba < end ? end : lba;
    atapi_check(a, SENSE_ILLEGAL, ASC_RANGE);
    return false;
}

static void cd_read_sectors(struct atapi *a, uint32_t lba, uint32_t count)
{
    if (cd_in_range(a, lba, count))
        atapi_send_sectors(a, lba, count);
}

static void cd_read_10(struct atapi *a, const uint8_t *p)
{
    cd_read_sectors(a, cd_be32(p + 2), cd_be16(p + 7));
}

static void cd_read_12(struct atapi *a, const uint8_t *p)
{
    cd_read_sectors(a, cd_be32(p + 2), cd_be32(p + 6));
}

static void cd_seek(struct atapi *a, const uint8_t *p)
{
    uint32_t lba = cd_be32(p + 2);

    if (!cd_in_range(a, lba, 0))
        return;
    atapi_seek(a, lba);
    atapi_good_at(a, a->media_at > sched_now(a->drive->sched) ? a->media_at : sched_now(a->drive->sched) + 1);
}

/* Byte 1: type of sector expected; byte 9: which of its parts to send. */
static void cd_read_cd_sectors(struct atapi *a, const uint8_t *p, uint32_t lba, uint32_t count)
{
    unsigned type = p[1] >> 2 & 7, parts = p[9];

    if (type != 0 && type != 2) {
        atapi_check(a, SENSE_ILLEGAL, ASC_TRACK_MODE);
        return;
    }
    if ((parts != 0x00 && parts != 0x10) || (p[10] & 7) != 0) {
        cd_bad_field(a);
        return;
    }
    if (!cd_in_range(a, lba, count))
        return;
    if (parts == 0)
        atapi_good(a);
    else
        atapi_send_sectors(a, lba, count);
}

static void cd_read_cd(struct atapi *a, const uint8_t *p)
{
    cd_read_cd_sectors(a, p, cd_be32(p + 2), cd_be24(p + 6));
}

static bool cd_msf(const uint8_t *p, uint32_t *lba)
{
    uint32_t at = (p[0] * 60u + p[1]) * 75u + p[2];

    *lba = at - ATAPI_LEAD_IN;
    return p[1] < 60 && p[2] < 75 && at >= ATAPI_LEAD_IN;
}

static void cd_read_cd_msf(struct atapi *a, const uint8_t *p)
{
    uint32_t first, end;

    if (!cd_msf(p + 3, &first) || !cd_msf(p + 6, &end) || end < first)
        cd_bad_field(a);
    else
        cd_read_cd_sectors(a, p, first, end - first);
}

/* PLAY AUDIO and the like. */
static void cd_play(struct atapi *a, const uint8_t *p)
{
    (void) p;
    atapi_check(a, SENSE_ILLEGAL, ASC_TRACK_MODE);
}

/* --- the tray -------------------------------------------------------------------------- */

/* Unless asked not to, the command waits for a disc that is being loaded. */
static void cd_moved(struct atapi *a, const uint8_t *p)
{
    bool loading = atapi_disc(a) != NULL && sched_now(a->drive->sched) < a->ready_at;

    if (loading && (p[1] & IMMEDIATE) == 0)
        atapi_good_at(a, a->ready_at);
    else
        atapi_good(a);
}

static void cd_start_stop(struct atapi *a, const uint8_t *p)
{
    bool open = (p[4] & START) == 0;

    if ((p[4] & LOAD_EJECT) == 0) {
        if (!open && atapi_disc(a) == NULL)
            atapi_check(a, SENSE_NOT_READY, a->open ? ASC_TRAY_OPEN : ASC_NO_MEDIUM);
        else
            cd_moved(a, p);
        return;
    }
    if (open && a->locked) {
        atapi_check(a, SENSE_ILLEGAL, ASC_LOCKED);
        return;
    }
    atapi_set_open(a, open);
    cd_moved(a, p);
}

static void cd_prevent(struct atapi *a, const uint8_t *p)
{
    a->locked = p[4] & 1;
    atapi_good(a);
}

/* --- mode parameters from the host ------------------------------------------------------- */

static void cd_mode_select(struct atapi *a, const uint8_t *p)
{
    size_t len = cd_be16(p + 7);

    if (p[1] & 1)
        atapi_check(a, SENSE_ILLEGAL, ASC_SAVING);
    else if (len == 0)
        atapi_good(a);
    else if (len < 8 || len > ATAPI_REPLY)
        atapi_check(a, SENSE_ILLEGAL, ASC_LENGTH);
    else
        atapi_receive(a, len);
}

/* A page of n bytes; false: it is not one that can be set. */
static bool cd_take_page(struct atapi *a, const uint8_t *page, size_t n)
{
    switch (page[0] & 0x3f) {
    case 0x01:
        if (n < 8)
            return false;
        a->retries = page[3];
        return true;
    case 0x0d: return n >= 8;
    case 0x0e:
        if (n < 16)
            return false;
        memcpy(a->volume, page + 8, sizeof a->volume);
        return true;
    default: return false;
    }
}

/* The parameter list is in reply, reply_at bytes long. */
void atapi_received(struct atapi *a)
{
    size_t at = 8 + (size_t) cd_be16(a->reply + 6), len = a->reply_at;

    while (at + 2 <= len) {
        size_t n = 2 + (size_t) a->reply[at + 1];

        if (n > len - at || !cd_take_page(a, a->reply + at, n)) {
            atapi_check(a, SENSE_ILLEGAL, ASC_PARAMETER);
            return;
        }
        at += n;
    }
    atapi_good(a);
}

/* --- the table ------------------------------------------------------------------------------ */

static const struct atapi_row atapi_rows[256] = {
    [0x00] = { cd_done, C_DISC }, /* TEST UNIT READY */
    [0x03] = { cd_request_sense, C_QUIET | C_SENSE },
    [0x12] = { cd_inquiry, C_QUIET },
    [0x1b] = { cd_start_stop, 0 },
    [0x1e] = { cd_prevent, 0 },
    [0x25] = { cd_capacity, C_DISC },
    [0x28] = { cd_read_10, C_DISC },
    [0x2b] = { cd_seek, C_DISC },
    [0x42] = { cd_subchannel, C_DISC },
    [0x43] = { cd_toc, C_DISC },
    [0x44] = { cd_header, C_DISC },
    [0x45] = { cd_play, C_DISC },
    [0x47] = { cd_play, C_DISC },
    [0x48] = { cd_play, C_DISC },
    [0x4a] = { cd_event_status, C_QUIET },
    [0x4b] = { cd_play, C_DISC }, /* PAUSE/RESUME */
    [0x4e] = { cd_done, C_DISC }, /* STOP PLAY/SCAN: nothing plays */
    [0x55] = { cd_mode_select, 0 },
    [0x5a] = { cd_mode_sense, 0 },
    [0xa5] = { cd_play, C_DISC },
    [0xa8] = { cd_read_12, C_DISC },
    [0xb9] = { cd_read_cd_msf, C_DISC },
    [0xba] = { cd_play, C_DISC }, /* SCAN */
    [0xbb] = { cd_done, 0 },      /* SET CD SPEED: there is one */
    [0xbd] = { cd_mechanism, 0 },
    [0xbe] = { cd_read_cd, C_DISC },
};

static bool cd_attention(struct atapi *a)
{
    uint16_t asc = a->attention & ATTENTION_RESET ? ASC_RESET : ASC_MEDIUM_CHANGED;

    if (a->attention == 0)
        return false;
    a->attention &= (uint8_t) ~(asc == ASC_RESET ? ATTENTION_RESET : ATTENTION_MEDIUM);
    atapi_check(a, SENSE_ATTENTION, asc);
    return true;
}

static bool cd_not_ready(struct atapi *a)
{
    uint16_t asc = 0;

    if (a->open)
        asc = ASC_TRAY_OPEN;
    else if (atapi_disc(a) == NULL)
        asc = ASC_NO_MEDIUM;
    else if (sched_now(a->drive->sched) < a->ready_at)
        asc = ASC_BECOMING_READY;
    if (asc == 0)
        return false;
    atapi_check(a, SENSE_NOT_READY, asc);
    return true;
}

void atapi_execute(struct atapi *a)
{
    const struct atapi_row *row = &atapi_rows[a->packet[0]];

    if ((row->flags & C_SENSE) == 0) {
        a->key = SENSE_NONE;
        a->sense = 0;
        a->info = 0;
    }
    if (row->run == NULL) {
        atapi_check(a, SENSE_ILLEGAL, ASC_OPCODE);
        return;
    }
    if ((row->flags & C_QUIET) == 0 && cd_attention(a))
        return;
    if ((row->flags & C_DISC) && cd_not_ready(a))
        return;
    row->run(a, a->packet);
}

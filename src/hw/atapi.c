/*
 * ATAPI CD-ROM drive: the packet protocol, the disc and the tray, and the time
 * that things take.
 *
 * The mechanics are those of a 24-speed drive of 1997: 3.6 MB/s at every
 * radius, 20 to 125 ms for a seek, 128 KiB of read-ahead, 1.5 s to load a disc.
 *
 * Source: ATA/ATAPI-4 (NCITS 317-1998), 8.21 PACKET, 8.12 IDENTIFY PACKET
 *         DEVICE, 9.8 packet protocol; INF-8020i (SFF-8020i) revision 2.6, 5.
 * Absent: DMA, overlap and queuing, raw sectors and audio tracks.
 */
#include "config.h"

#include "hw/atapi.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

/* Interrupt reason, in the count register: ATA-4, 8.21.5. */
enum { REASON_COMMAND = 0x01, REASON_TO_HOST = 0x02 };

enum { FEATURE_DMA = 0x01, FEATURE_OVERLAP = 0x02 };

/* What the end of BSY, or of the data block, means. */
enum atapi_phase {
    PHASE_DONE,     /* end of an ATA command without data */
    PHASE_IDENTIFY,
    PHASE_PACKET,   /* the packet comes */
    PHASE_EXECUTE,
    PHASE_SEND,     /* blocks to the host */
    PHASE_RECEIVE,  /* blocks from the host */
    PHASE_RECEIVED,
    PHASE_STATUS,   /* good end of the packet command */
};

enum { POWER_ON, POWER_IDLE, POWER_STANDBY, POWER_SLEEP };

enum {
    ASK_NS = 20000,       /* from the command to the request for its packet */
    OVERHEAD_NS = 200000, /* a packet command without mechanics */
    GAP_NS = 10000,       /* BSY between two data blocks at the least */
    LOAD_NS = 1500000000,
    SEEK_NS = 20000000,   /* shortest seek */
    STROKE_NS = 105000000, /* what a full stroke takes beyond that */
    STROKE_SECTORS = 333000, /* of a disc of 74 minutes */
    SECTOR_NS = 1000000000 / 75 / ATAPI_SPEED,
    LIMIT_MAX = 0xfffe,
};

static const struct state_field atapi_fields[] = {
    STATE_UINT(struct atapi, offset),
    STATE_UINT(struct atapi, left),
    STATE_UINT(struct atapi, media_at),
    STATE_UINT(struct atapi, ready_at),
    STATE_UINT(struct atapi, head),
    STATE_UINT(struct atapi, info),
    STATE_UINT(struct atapi, limit),
    STATE_UINT(struct atapi, reply_at),
    STATE_UINT(struct atapi, sense),
    STATE_UINT(struct atapi, block),
    STATE_UINT(struct atapi, key),
    STATE_UINT(struct atapi, attention),
    STATE_UINT(struct atapi, event),
    STATE_UINT(struct atapi, media),
    STATE_UINT(struct atapi, open),
    STATE_UINT(struct atapi, locked),
    STATE_UINT(struct atapi, from_disc),
    STATE_UINT(struct atapi, retries),
    STATE_BYTES(struct atapi, volume),
    STATE_BYTES(struct atapi, packet),
    STATE_BYTES(struct atapi, reply),
    ATA_STATE_LAST(struct atapi, reply),
};

static vtime atapi_now(const struct atapi *a)
{
    return sched_now(a->drive->sched);
}

static void atapi_busy(struct atapi *a, enum atapi_phase phase, vtime at)
{
    a->drive->phase = (uint8_t) phase;
    ata_busy(a->drive, at);
}

static void atapi_later(struct atapi *a, enum atapi_phase phase, uint64_t ns)
{
    atapi_busy(a, phase, atapi_now(a) + ns);
}

/* --- the disc and the tray ------------------------------------------------------ */

struct disk *atapi_disc(const struct atapi *a)
{
    return a->media != 0 && !a->open ? a->disc[a->media - 1] : NULL;
}

uint32_t atapi_sectors(const struct atapi *a)
{
    const struct disk *disc = atapi_disc(a);
    uint64_t n = disc != NULL ? disk_sectors(disc) / (ATAPI_BLOCK / SECTOR_SIZE) : 0;

    return n < UINT32_MAX ? (uint32_t) n : UINT32_MAX;
}

void atapi_set_open(struct atapi *a, bool open)
{
    bool had = atapi_disc(a) != NULL;

    if (a->open == open)
        return;
    a->open = open;
    if (had)
        a->event = EVENT_REMOVAL;
    if (open || a->media == 0)
        return;
    a->ready_at = atapi_now(a) + LOAD_NS;
    a->head = 0;
    a->event = EVENT_NEW_MEDIUM;
    a->attention |= ATTENTION_MEDIUM;
}

/* From outside: a hand can do nothing at a locked tray but press its button. */
static void atapi_put_disc(struct atapi *a, unsigned media)
{
    if (a->locked) {
        a->event = EVENT_EJECT_REQUEST;
        return;
    }
    atapi_set_open(a, true);
    a->media = (uint8_t) media;
    atapi_set_open(a, false);
}

static void atapi_input_insert(void *opaque, const struct journal_input *in)
{
    struct atapi *a = opaque;

    if (in->arg[0] >= 0 && in->arg[0] < a->discs && a->disc[in->arg[0]] != NULL)
        atapi_put_disc(a, (unsigned) in->arg[0] + 1);
}

static void atapi_input_eject(void *opaque, const struct journal_input *in)
{
    (void) in;
    atapi_put_disc(opaque, 0);
}

static const struct journal_kind atapi_kinds[] = {
    { "insert", 1, false, atapi_input_insert }, /* number of the disc */
    { "eject", 0, false, atapi_input_eject },
};

/* --- time ----------------------------------------------------------------------- */

/* The drive reads on by itself until its cache is full. */
void atapi_seek(struct atapi *a, uint32_t lba)
{
    vtime now = atapi_now(a);
    uint32_t far = lba > a->head ? lba - a->head : a->head - lba;
    uint64_t ahead = (uint64_t) ATAPI_CACHE * SECTOR_NS;

    if (far <= ATAPI_CACHE) {
        if (a->media_at + ahead < now)
            a->media_at = now - ahead;
        return;
    }
    if (far > STROKE_SECTORS)
        far = STROKE_SECTORS;
    a->media_at = now + SEEK_NS + (uint64_t) STROKE_NS * far / STROKE_SECTORS;
    a->head = lba;
}

/* When the sector is in the cache. */
static vtime atapi_passed(const struct atapi *a, uint32_t lba)
{
    return lba < a->head ? a->media_at : a->media_at + (uint64_t) (lba - a->head + 1) * SECTOR_NS;
}

/* --- the end of a packet command ---------------------------------------------------- */

static void atapi_reason(struct atapi *a, uint8_t reason)
{
    a->drive->count[ATA_CURRENT] = reason;
}

static void atapi_no_data(struct atapi *a)
{
    a->left = 0;
    a->block = 0;
}

void atapi_good(struct atapi *a)
{
    atapi_reason(a, REASON_COMMAND | REASON_TO_HOST);
    ata_done(a->drive);
}

void atapi_good_at(struct atapi *a, vtime at)
{
    atapi_busy(a, PHASE_STATUS, at);
}

/* The sense key is in the error register too: ATA-4, 8.21.6. */
void atapi_check(struct atapi *a, uint8_t key, uint16_t sense)
{
    a->key = key;
    a->sense = sense;
    atapi_no_data(a);
    atapi_reason(a, REASON_COMMAND | REASON_TO_HOST);
    ata_fail(a->drive, (uint8_t) (key << 4 | (key == SENSE_ILLEGAL ? ATA_ABRT : 0)));
}

/* --- data blocks -------------------------------------------------------------------- */

/*
 * Bytes of the next block.  Only the last one may be odd; a limit of FFFFh
 * means FFFEh (8.21.4).  Limits of 0 and 1 can move nothing: they count as none.
 */
static uint16_t atapi_next_block(const struct atapi *a)
{
    unsigned limit = a->limit & LIMIT_MAX;

    if (limit == 0)
        limit = LIMIT_MAX;
    if (a->left <= a->limit && a->left <= ATA_BUFFER)
        return (uint16_t) a->left;
    if (limit > ATA_BUFFER)
        limit = ATA_BUFFER;
    return (uint16_t) (a->left < limit ? a->left : limit);
}

static void atapi_wait_block(struct atapi *a)
{
    vtime at = atapi_now(a) + GAP_NS;

    a->block = atapi_next_block(a);
    if (a->from_disc) {
        uint32_t last = (uint32_t) ((a->offset + a->block - 1) / ATAPI_BLOCK);
        vtime passed = atapi_passed(a, last);

        if (last >= a->head) {
            a->media_at = passed;
            a->head = last + 1;
        }
        if (passed > at)
            at = passed;
    }
    atapi_busy(a, PHASE_SEND, at);
}

void atapi_send(struct atapi *a, size_t len, size_t room)
{
    if (len > room)
        len = room;
    if (len == 0) {
        atapi_good(a);
        return;
    }
    a->from_disc = 0;
    a->reply_at = 0;
    a->left = len;
    atapi_wait_block(a);
}

void atapi_send_sectors(struct atapi *a, uint32_t lba, uint32_t count)
{
    if (count == 0) {
        atapi_good(a);
        return;
    }
    a->from_disc = 1;
    a->offset = (uint64_t) lba * ATAPI_BLOCK;
    a->left = (uint64_t) count * ATAPI_BLOCK;
    atapi_seek(a, lba);
    atapi_wait_block(a);
}

static void atapi_ask_block(struct atapi *a)
{
    a->drive->mid[ATA_CURRENT] = (uint8_t) a->block;
    a->drive->high[ATA_CURRENT] = (uint8_t) (a->block >> 8);
    ata_ask(a->drive, (a->block + 1u) & ~1u, true);
}

void atapi_receive(struct atapi *a, size_t len)
{
    memset(a->reply, 0, sizeof a->reply);
    a->from_disc = 0;
    a->reply_at = 0;
    a->left = len;
    atapi_later(a, PHASE_RECEIVE, GAP_NS);
}

/* `len` bytes of the disc from offset on, which need not begin with a sector;
 * how many of them could be read.  A sector of the disc is good or bad as a whole. */
static size_t atapi_read_disc(struct atapi *a, uint8_t *out, size_t len)
{
    struct disk *disc = atapi_disc(a);
    uint64_t at = a->offset;
    uint8_t piece[SECTOR_SIZE];
    size_t all = len;

    while (len != 0) {
        size_t skip = at % SECTOR_SIZE, n = SECTOR_SIZE - skip;

        if (n > len)
            n = len;
        if (disc == NULL || disk_read(disc, at / SECTOR_SIZE, 1, piece) < 0)
            break;
        memcpy(out, piece + skip, n);
        out += n;
        at += n;
        len -= n;
    }
    all -= len;
    if (len != 0)
        all -= at % ATAPI_BLOCK < all ? at % ATAPI_BLOCK : all;
    return all;
}

/* False: the command has ended with an error.  What lies before the sector in
 * error goes to the host first. */
static bool atapi_read_block(struct atapi *a)
{
    size_t good;

    if (a->attention & ATTENTION_MEDIUM) {
        a->attention &= (uint8_t) ~ATTENTION_MEDIUM; /* another disc than the command began with */
        atapi_check(a, SENSE_ATTENTION, ASC_MEDIUM_CHANGED);
        return false;
    }
    good = atapi_read_disc(a, a->drive->buf, a->block);
    if (good != 0) {
        a->block = (uint16_t) good;
        return true;
    }
    a->info = (uint32_t) (a->offset / ATAPI_BLOCK);
    if (atapi_disc(a) == NULL)
        atapi_check(a, SENSE_NOT_READY, ASC_NO_MEDIUM);
    else
        atapi_check(a, SENSE_MEDIUM, ASC_READ_ERROR);
    return false;
}

static void atapi_ready_send(struct atapi *a)
{
    struct ata_drive *d = a->drive;

    memset(d->buf, 0, sizeof d->buf);
    if (!a->from_disc)
        memcpy(d->buf, a->reply + a->reply_at, a->block);
    else if (!atapi_read_block(a))
        return;
    atapi_reason(a, REASON_TO_HOST);
    atapi_ask_block(a);
}

/* The host has read a block. */
static void atapi_sent(struct atapi *a)
{
    a->left -= a->block;
    if (a->from_disc)
        a->offset += a->block;
    else
        a->reply_at = (uint16_t) (a->reply_at + a->block);
    a->block = 0;
    if (a->left != 0)
        atapi_wait_block(a);
    else
        atapi_later(a, PHASE_STATUS, GAP_NS);
}

static void atapi_took(struct atapi *a)
{
    memcpy(a->reply + a->reply_at, a->drive->buf, a->block);
    a->reply_at = (uint16_t) (a->reply_at + a->block);
    a->left -= a->block;
    a->block = 0;
    atapi_later(a, a->left != 0 ? PHASE_RECEIVE : PHASE_RECEIVED, GAP_NS);
}

/* --- ATA commands -------------------------------------------------------------------- */

/* 9.1: what stands in the registers of a packet device that waits. */
static void atapi_signature(struct ata_drive *d)
{
    d->count[ATA_CURRENT] = 1;
    d->low[ATA_CURRENT] = 1;
    d->mid[ATA_CURRENT] = 0x14;
    d->high[ATA_CURRENT] = 0xeb;
    d->device = 0;
}

static void atapi_start_packet(struct ata_drive *d)
{
    struct atapi *a = d->atapi;

    if (d->feature[ATA_CURRENT] & (FEATURE_DMA | FEATURE_OVERLAP)) {
        ata_fail(d, ATA_ABRT);
        return;
    }
    a->limit = (uint16_t) (d->high[ATA_CURRENT] << 8 | d->mid[ATA_CURRENT]);
    atapi_no_data(a);
    atapi_later(a, PHASE_PACKET, ASK_NS);
}

/* 8.37: transfer modes of PIO; the rest has no meaning here. */
static void atapi_set_features(struct ata_drive *d)
{
    uint8_t mode = d->count[ATA_CURRENT];

    switch (d->feature[ATA_CURRENT]) {
    case 0x03:
        if (mode <= 0x01 || (mode >= 0x08 && mode <= 0x0c))
            break;
        ata_fail(d, ATA_ABRT);
        return;
    case 0x66: d->options |= DISK_KEEP; break;
    case 0xcc: d->options &= (uint8_t) ~DISK_KEEP; break;
    default: ata_fail(d, ATA_ABRT); return;
    }
    atapi_later(d->atapi, PHASE_DONE, OVERHEAD_NS);
}

static void atapi_set_power(struct ata_drive *d, uint8_t power)
{
    d->power = power;
    atapi_later(d->atapi, PHASE_DONE, OVERHEAD_NS);
}

static void atapi_check_power(struct ata_drive *d)
{
    static const uint8_t answer[] = { 0xff, 0x80, 0x00, 0x00 };

    d->count[ATA_CURRENT] = answer[d->power];
    atapi_later(d->atapi, PHASE_DONE, OVERHEAD_NS);
}

static void atapi_command(struct ata_drive *d)
{
    if (d->power == POWER_SLEEP)
        return; /* 6.9: only a reset wakes it */
    switch (d->command) {
    case 0xa0: atapi_start_packet(d); break;
    case 0xa1: atapi_later(d->atapi, PHASE_IDENTIFY, OVERHEAD_NS); break;
    case 0xef: atapi_set_features(d); break;
    case 0x94: case 0x96: case 0xe0: case 0xe2: atapi_set_power(d, POWER_STANDBY); break;
    case 0x95: case 0x97: case 0xe1: case 0xe3: atapi_set_power(d, POWER_IDLE); break;
    case 0x98: case 0xe5: atapi_check_power(d); break;
    case 0x99: case 0xe6: atapi_set_power(d, POWER_SLEEP); break;
    case 0x20: case 0x21: case 0xec:
        atapi_signature(d); /* who asks for a disk learns what is here: 8.11, 8.27 */
        ata_fail(d, ATA_ABRT);
        break;
    default: ata_fail(d, ATA_ABRT); break;
    }
}

/* --- what the channel asks --------------------------------------------------------------- */

static void atapi_ready_packet(struct atapi *a)
{
    atapi_reason(a, REASON_COMMAND);
    ata_ask(a->drive, ATAPI_PACKET, false); /* IDENTIFY: DRQ without interrupt */
}

static void atapi_ready(struct ata_drive *d)
{
    struct atapi *a = d->atapi;

    switch (d->phase) {
    case PHASE_IDENTIFY:
        atapi_identify(a, d->buf);
        ata_ask(d, SECTOR_SIZE, true);
        break;
    case PHASE_PACKET: atapi_ready_packet(a); break;
    case PHASE_EXECUTE: atapi_execute(a); break;
    case PHASE_SEND: atapi_ready_send(a); break;
    case PHASE_RECEIVE:
        a->block = atapi_next_block(a);
        atapi_reason(a, 0);
        atapi_ask_block(a);
        break;
    case PHASE_RECEIVED: atapi_received(a); break;
    case PHASE_STATUS: atapi_good(a); break;
    default: ata_done(d); break;
    }
}

static void atapi_moved(struct ata_drive *d)
{
    struct atapi *a = d->atapi;

    switch (d->phase) {
    case PHASE_PACKET:
        memcpy(a->packet, d->buf, sizeof a->packet);
        d->power = POWER_ON;
        atapi_later(a, PHASE_EXECUTE, OVERHEAD_NS);
        break;
    case PHASE_SEND: atapi_sent(a); break;
    case PHASE_RECEIVE: atapi_took(a); break;
    default: ata_done_quietly(d); break;
    }
}

static void atapi_reset(struct ata_drive *d, bool hard)
{
    struct atapi *a = d->atapi;

    atapi_no_data(a);
    a->key = SENSE_NONE;
    a->sense = 0;
    if (hard) {
        a->attention |= ATTENTION_RESET;
        a->locked = 0;
        d->options = 0;
        memcpy(a->volume, "\x01\xff\x02\xff", sizeof a->volume);
        a->retries = 5;
    }
    if (hard || d->power == POWER_SLEEP)
        d->power = POWER_IDLE;
    atapi_signature(d);
}

/* A state from outside may hold anything: keep indices inside their arrays. */
static void atapi_loaded(struct ata_drive *d)
{
    struct atapi *a = d->atapi;

    if (a->media > a->discs || (a->media != 0 && a->disc[a->media - 1] == NULL))
        a->media = 0;
    if (d->power > POWER_SLEEP)
        d->power = POWER_IDLE;
    if (d->phase == PHASE_RECEIVE || d->phase == PHASE_RECEIVED)
        a->from_disc = 0;
    if (a->reply_at > ATAPI_REPLY)
        a->reply_at = ATAPI_REPLY;
    if (!a->from_disc && a->left > (uint64_t) ATAPI_REPLY - a->reply_at)
        a->left = (uint64_t) ATAPI_REPLY - a->reply_at;
    if (a->block > a->left)
        a->block = (uint16_t) a->left;
    if (a->block > ATA_BUFFER)
        a->block = ATA_BUFFER;
}

static void atapi_free(struct ata_drive *d)
{
    free(d->atapi);
}

const struct ata_ops atapi_ops = {
    .idle = 0,
    .packet = true,
    .reset = atapi_reset,
    .command = atapi_command,
    .ready = atapi_ready,
    .moved = atapi_moved,
    .loaded = atapi_loaded,
    .free = atapi_free,
};

struct atapi *atapi_new(struct ata_drive *d, struct state *state, const struct ata_cdrom *cfg)
{
    struct atapi *a = xcalloc(1, sizeof *a);

    a->drive = d;
    a->disc = cfg->disc;
    a->discs = cfg->discs;
    a->media = cfg->discs != 0 && cfg->disc[0] != NULL;
    journal_add(cfg->journal, cfg->device, atapi_kinds, ARRAY_LEN(atapi_kinds), a);
    state_register(state, cfg->name, 1, atapi_fields, a);
    return a;
}

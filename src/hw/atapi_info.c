/*
 * ATAPI CD-ROM drive: what the drive and its disc say of themselves.  Every
 * disc has one session with one data track, as an ISO image has.
 *
 * Source: INF-8020i (SFF-8020i) revision 2.6, 10.8.4 to 10.8.6 INQUIRY, MODE
 *         SENSE pages, MECHANISM STATUS, 10.8.19 and 10.8.20 READ SUB-CHANNEL
 *         and READ TOC; MMC-2 (NCITS 333), 6.1.6 events, 5.2.3.4 page 2Ah;
 *         SPC (X3.301), 8.3 sense data; ATA/ATAPI-4, 8.12.
 * Absent: catalogue number and ISRC (told as not there), CD-TEXT, changers.
 */
#include "config.h"

#include "hw/atapi.h"

#include <string.h>

#include "base/bits.h"

enum {
    TRACK_DATA = 0x14, /* ADR 1: position; control: data track, copying prohibited */
    LEAD_OUT = 0xaa,
    AUDIO_NONE = 0x15, /* no audio status to tell */
    KILOBYTES = ATAPI_SPEED * 75 * 2352 / 1000,
};

static const char cd_model[] = "REPRISE CD-ROM";
static const char cd_firmware[] = "1.0";

static void info_text(uint8_t *p, size_t n, const char *text)
{
    memset(p, ' ', n);
    memcpy(p, text, strlen(text) < n ? strlen(text) : n);
}

/* A unit attention counts as sense data when there is no other. */
size_t atapi_sense_data(struct atapi *a)
{
    uint8_t *r = a->reply;

    if (a->key == SENSE_NONE && a->attention != 0) {
        a->key = SENSE_ATTENTION;
        a->sense = a->attention & ATTENTION_RESET ? ASC_RESET : ASC_MEDIUM_CHANGED;
        a->attention &= (uint8_t) ~(a->sense == ASC_RESET ? ATTENTION_RESET : ATTENTION_MEDIUM);
    }
    memset(r, 0, 18);
    r[0] = 0x70;
    r[2] = a->key;
    if (a->info != 0) {
        r[0] |= 0x80; /* valid */
        atapi_put32(r + 3, a->info);
    }
    r[7] = 10;
    atapi_put16(r + 12, a->sense);
    a->key = SENSE_NONE;
    a->sense = 0;
    a->info = 0;
    return 18;
}

size_t atapi_inquiry(struct atapi *a)
{
    uint8_t *r = a->reply;

    memset(r, 0, 36);
    r[0] = 0x05; /* CD-ROM */
    r[1] = 0x80; /* removable medium */
    r[3] = 0x21; /* ATAPI; format of this data */
    r[4] = 31;
    info_text(r + 8, 8, "REPRISE");
    info_text(r + 16, 16, "CD-ROM");
    info_text(r + 32, 4, cd_firmware);
    return 36;
}

/* --- mode pages ------------------------------------------------------------------- */

static size_t page_recovery(const struct atapi *a, uint8_t *p, unsigned control)
{
    p[0] = 0x01;
    p[1] = 6;
    p[3] = control == 1 ? 0xff : control == 2 ? 5 : a->retries;
    return 8;
}

static size_t page_cdrom(const struct atapi *a, uint8_t *p, unsigned control)
{
    (void) a;
    p[0] = 0x0d;
    p[1] = 6;
    if (control != 1) {
        p[5] = 60; /* seconds a minute */
        p[7] = 75; /* frames a second */
    }
    return 8;
}

static size_t page_audio(const struct atapi *a, uint8_t *p, unsigned control)
{
    p[0] = 0x0e;
    p[1] = 14;
    if (control != 1) {
        p[2] = 0x04; /* immediate */
        p[7] = 75;
    }
    if (control == 1)
        memset(p + 8, 0xff, 4);
    else if (control == 2)
        memcpy(p + 8, "\x01\xff\x02\xff", 4);
    else
        memcpy(p + 8, a->volume, 4);
    return 16;
}

static size_t page_capabilities(const struct atapi *a, uint8_t *p, unsigned control)
{
    p[0] = 0x2a;
    p[1] = 18;
    if (control == 1)
        return 20;
    p[2] = 0x03; /* reads CD-R and CD-RW */
    p[4] = 0x70; /* mode 2 forms 1 and 2, multi-session */
    p[6] = (uint8_t) (0x29 | (a->locked ? 0x02 : 0)); /* tray, eject, lock */
    atapi_put16(p + 8, KILOBYTES);
    atapi_put16(p + 10, 256); /* steps of the volume */
    atapi_put16(p + 12, ATAPI_CACHE * ATAPI_BLOCK / 1024);
    atapi_put16(p + 14, KILOBYTES);
    return 20;
}

static uint8_t info_medium_type(const struct atapi *a)
{
    if (a->open)
        return 0x71;
    return atapi_disc(a) != NULL ? 0x01 : 0x70; /* 120 mm with data; door closed, none */
}

size_t atapi_mode_pages(struct atapi *a, unsigned control, unsigned page)
{
    static const struct {
        uint8_t page;
        size_t (*put)(const struct atapi *a, uint8_t *p, unsigned control);
    } pages[] = {
        { 0x01, page_recovery },
        { 0x0d, page_cdrom },
        { 0x0e, page_audio },
        { 0x2a, page_capabilities },
    };
    size_t len = 8;

    memset(a->reply, 0, sizeof a->reply);
    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        if (page == 0x3f || page == pages[i].page)
            len += pages[i].put(a, a->reply + len, control);
    if (len == 8)
        return 0;
    atapi_put16(a->reply, (unsigned) len - 2);
    a->reply[2] = info_medium_type(a);
    return len;
}

/* --- table of contents ---------------------------------------------------------------- */

static void info_address(uint8_t *p, uint32_t lba, bool msf)
{
    if (!msf) {
        atapi_put32(p, lba);
        return;
    }
    lba += ATAPI_LEAD_IN;
    p[0] = 0;
    p[1] = (uint8_t) (lba / 75 / 60);
    p[2] = (uint8_t) (lba / 75 % 60);
    p[3] = (uint8_t) (lba % 75);
}

static size_t toc_track(uint8_t *p, unsigned track, uint32_t lba, bool msf)
{
    p[1] = TRACK_DATA;
    p[2] = (uint8_t) track;
    info_address(p + 4, lba, msf);
    return 8;
}

static size_t toc_tracks(struct atapi *a, unsigned start, bool msf)
{
    size_t len = 4;

    if (start > 1 && start != LEAD_OUT)
        return 0;
    if (start <= 1)
        len += toc_track(a->reply + len, 1, 0, msf);
    len += toc_track(a->reply + len, LEAD_OUT, atapi_sectors(a), msf);
    return len;
}

/* A line of the table as it lies in the lead-in: point, and its address. */
static size_t toc_point(uint8_t *p, unsigned point, unsigned m, unsigned s, unsigned f)
{
    p[0] = 1; /* session */
    p[1] = TRACK_DATA;
    p[3] = (uint8_t) point;
    p[8] = (uint8_t) m;
    p[9] = (uint8_t) s;
    p[10] = (uint8_t) f;
    return 11;
}

static size_t toc_raw(struct atapi *a)
{
    uint32_t end = atapi_sectors(a) + ATAPI_LEAD_IN;
    uint8_t *r = a->reply;
    size_t len = 4;

    len += toc_point(r + len, 0xa0, 1, 0, 0); /* first track; disc type: CD-ROM */
    len += toc_point(r + len, 0xa1, 1, 0, 0); /* last track */
    len += toc_point(r + len, 0xa2, end / 75 / 60, end / 75 % 60, end % 75);
    len += toc_point(r + len, 1, 0, 2, 0);
    return len;
}

size_t atapi_toc(struct atapi *a, unsigned format, unsigned start, bool msf)
{
    size_t len;

    memset(a->reply, 0, sizeof a->reply);
    a->reply[2] = a->reply[3] = 1; /* first and last track, or session */
    switch (format) {
    case 0: len = toc_tracks(a, start, msf); break;
    case 1: len = 4 + toc_track(a->reply + 4, 1, 0, msf); break;
    case 2: len = start <= 1 ? toc_raw(a) : 0; break;
    default: return 0;
    }
    atapi_put16(a->reply, (unsigned) len - 2);
    return len;
}

/* Format 1: position, 2: catalogue number, 3: ISRC. */
size_t atapi_subchannel(struct atapi *a, unsigned format, bool wanted)
{
    uint8_t *r = a->reply;

    memset(r, 0, 24);
    r[1] = AUDIO_NONE;
    if (!wanted)
        return 4;
    if (format < 1 || format > 3)
        return 0;
    r[4] = (uint8_t) format;
    if (format == 1) {
        r[5] = TRACK_DATA;
        r[6] = 1;
        r[7] = 1;
        atapi_put32(r + 8, a->head != 0 ? a->head - 1 : 0);
        atapi_put32(r + 12, a->head != 0 ? a->head - 1 : 0);
    }
    r[3] = format == 1 ? 12 : 20;
    return 4 + (size_t) r[3];
}

/* --- tray ---------------------------------------------------------------------------------- */

size_t atapi_event_status(struct atapi *a, uint8_t classes)
{
    uint8_t *r = a->reply;

    memset(r, 0, 8);
    r[3] = 0x10; /* media class is the one that there is */
    if ((classes & 0x10) == 0) {
        r[1] = 2;
        r[2] = 0x80; /* no event available */
        return 4;
    }
    r[1] = 6;
    r[2] = 0x04;
    r[4] = a->event & 3;
    r[5] = (uint8_t) ((a->open ? 0x01 : 0) | (atapi_disc(a) != NULL ? 0x02 : 0));
    a->event = EVENT_NONE;
    return 8;
}

size_t atapi_mechanism(struct atapi *a)
{
    memset(a->reply, 0, 8);
    a->reply[1] = a->open ? 0x10 : 0; /* door open */
    a->reply[2] = (uint8_t) (a->head >> 16);
    a->reply[3] = (uint8_t) (a->head >> 8);
    a->reply[4] = (uint8_t) a->head;
    a->reply[5] = 0; /* no changer */
    return 8;
}

/* --- IDENTIFY PACKET DEVICE -------------------------------------------------------------------- */

static void put_word(uint8_t *out, unsigned word, unsigned val)
{
    store_le16(out + 2 * (size_t) word, (uint16_t) val);
}

void atapi_identify(const struct atapi *a, uint8_t *out)
{
    memset(out, 0, SECTOR_SIZE);
    /* Packet device, CD-ROM, removable, DRQ within 50 us, packets of 12 bytes. */
    put_word(out, 0, 0x85c0);
    ata_put_string(out, 10, 10, a->drive->serial != NULL ? a->drive->serial : "");
    ata_put_string(out, 23, 4, cd_firmware);
    ata_put_string(out, 27, 20, cd_model);
    put_word(out, 49, 0x0a00); /* LBA, IORDY; no DMA */
    put_word(out, 51, 0x0200);
    put_word(out, 53, 0x0002); /* words 64 to 70 are valid */
    put_word(out, 64, 0x0003); /* PIO modes 3 and 4 */
    put_word(out, 67, 120);    /* ns a cycle without, */
    put_word(out, 68, 120);    /* and with IORDY */
    put_word(out, 80, 0x001e); /* ATA-1 to ATA/ATAPI-4 */
    put_word(out, 82, 0x0218); /* DEVICE RESET, PACKET, power management */
    put_word(out, 83, 0x4000);
    put_word(out, 85, 0x0218);
}

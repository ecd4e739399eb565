/*
 * Parts of the ATAPI CD-ROM drive: packet protocol and state; commands; what
 * the drive and its disc say of themselves.
 */
#ifndef HW_ATAPI_H
#define HW_ATAPI_H

#include "hw/ata_internal.h"

enum {
    ATAPI_PACKET = 12,    /* bytes of a command packet */
    ATAPI_REPLY = 512,    /* longest answer or parameter list that is not sectors */
    ATAPI_BLOCK = 2048,   /* bytes of a sector on the disc */
    ATAPI_SPEED = 24,     /* times 75 sectors a second */
    ATAPI_CACHE = 64,     /* sectors of read-ahead */
    ATAPI_LEAD_IN = 150,  /* LBA 0 is 00:02:00 */
};

/* Sense keys: SPC, table 70. */
enum {
    SENSE_NONE = 0x0,
    SENSE_NOT_READY = 0x2,
    SENSE_MEDIUM = 0x3,
    SENSE_ILLEGAL = 0x5,
    SENSE_ATTENTION = 0x6,
};

/* Additional sense code and qualifier. */
enum {
    ASC_BECOMING_READY = 0x0401,
    ASC_READ_ERROR = 0x1100,
    ASC_LENGTH = 0x1a00,
    ASC_OPCODE = 0x2000,
    ASC_RANGE = 0x2100,
    ASC_FIELD = 0x2400,
    ASC_PARAMETER = 0x2600,
    ASC_MEDIUM_CHANGED = 0x2800,
    ASC_RESET = 0x2900,
    ASC_SAVING = 0x3900,
    ASC_NO_MEDIUM = 0x3a01,
    ASC_TRAY_OPEN = 0x3a02,
    ASC_LOCKED = 0x5302,
    ASC_TRACK_MODE = 0x6400,
};

/* Unit attentions that wait to be told, each once. */
enum { ATTENTION_RESET = 1 << 0, ATTENTION_MEDIUM = 1 << 1 };

/* Events of GET EVENT STATUS NOTIFICATION, media class: MMC-2, 6.1.6. */
enum { EVENT_NONE, EVENT_EJECT_REQUEST, EVENT_NEW_MEDIUM, EVENT_REMOVAL };

struct atapi {
    /* Guest-visible state: every member is listed in atapi_fields. */
    uint64_t offset;   /* on the disc, of the next byte to move */
    uint64_t left;     /* bytes of the data phase still to move */
    vtime media_at;    /* when the sector before `head` had passed the head */
    vtime ready_at;    /* until then the disc is being loaded */
    uint32_t head;     /* next sector under the head */
    uint32_t info;     /* of the sense data: block in error */
    uint16_t limit;    /* byte count limit of the command */
    uint16_t reply_at; /* next byte of reply to move */
    uint16_t sense;    /* additional sense code and qualifier */
    uint16_t block;    /* bytes of this data block */
    uint8_t key;       /* sense key */
    uint8_t attention; /* ATTENTION_* */
    uint8_t event;     /* EVENT_* */
    uint8_t media;     /* 0: tray empty; 1 + n: disc n */
    uint8_t open;      /* the tray is out */
    uint8_t locked;    /* PREVENT */
    uint8_t from_disc; /* the data phase moves sectors, not reply */
    uint8_t retries;   /* mode page 01h */
    uint8_t volume[4]; /* mode page 0Eh: channel and volume of two ports */
    uint8_t packet[ATAPI_PACKET];
    uint8_t reply[ATAPI_REPLY];
    /* Wiring: set once by atapi_new, never saved. */
    struct ata_drive *drive;
    struct disk *const *disc;
    unsigned discs;
};

/* Packets and their answers are big-endian. */
static inline void atapi_put16(uint8_t *p, unsigned val)
{
    p[0] = (uint8_t) (val >> 8);
    p[1] = (uint8_t) val;
}

static inline void atapi_put32(uint8_t *p, uint32_t val)
{
    atapi_put16(p, val >> 16);
    atapi_put16(p + 2, val & 0xffff);
}

/* Returns the part of `d` that is no disk, which has journal and state of its own. */
struct atapi *atapi_new(struct ata_drive *d, struct state *state, const struct ata_cdrom *cfg);
extern const struct ata_ops atapi_ops;

/* --- atapi.c: how a command goes on ------------------------------------------ */

void atapi_good(struct atapi *a);
void atapi_good_at(struct atapi *a, vtime at); /* BSY until then */
void atapi_check(struct atapi *a, uint8_t key, uint16_t sense);
/* To the host: `len` bytes of reply, but no more than it has room for. */
void atapi_send(struct atapi *a, size_t len, size_t room);
void atapi_send_sectors(struct atapi *a, uint32_t lba, uint32_t count);
/* From the host: `len` bytes into reply; then atapi_received. */
void atapi_receive(struct atapi *a, size_t len);

struct disk *atapi_disc(const struct atapi *a); /* NULL: none in the drive */
uint32_t atapi_sectors(const struct atapi *a);
void atapi_seek(struct atapi *a, uint32_t lba); /* media_at follows */
void atapi_set_open(struct atapi *a, bool open);

/* --- atapi_command.c ---------------------------------------------------------- */

void atapi_execute(struct atapi *a);
void atapi_received(struct atapi *a);

/* --- atapi_info.c: fill reply; the length, 0: no such thing ---------------------- */

size_t atapi_sense_data(struct atapi *a);
size_t atapi_inquiry(struct atapi *a);
size_t atapi_mode_pages(struct atapi *a, unsigned control, unsigned page);
size_t atapi_toc(struct atapi *a, unsigned format, unsigned start, bool msf);
size_t atapi_subchannel(struct atapi *a, unsigned format, bool wanted);
size_t atapi_event_status(struct atapi *a, uint8_t classes);
size_t atapi_mechanism(struct atapi *a);
/* IDENTIFY PACKET DEVICE data, SECTOR_SIZE bytes. */
void atapi_identify(const struct atapi *a, uint8_t *out);

#endif

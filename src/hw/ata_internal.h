/*
 * Between the channel (registers, data port, interrupt) and what is connected
 * to it (a disk; a packet device).  The channel knows no command but
 * EXECUTE DEVICE DIAGNOSTIC; a device knows no port.
 */
#ifndef HW_ATA_INTERNAL_H
#define HW_ATA_INTERNAL_H

#include <stdbool.h>

#include "hw/ata.h"

/* Status register: ATA-4, 7.15. */
enum {
    ATA_BSY = 0x80,
    ATA_DRDY = 0x40,
    ATA_DF = 0x20,
    ATA_DSC = 0x10, /* "seek complete" of ATA-2 */
    ATA_DRQ = 0x08,
    ATA_ERR = 0x01,
};

/* Error register: ATA-4, 7.9. */
enum {
    ATA_UNC = 0x40, /* reads */
    ATA_WP = 0x40,  /* writes */
    ATA_IDNF = 0x10,
    ATA_ABRT = 0x04,
};

/* Device/head register. */
enum {
    ATA_DEVICE_LBA = 0x40,
    ATA_DEVICE_DEV = 0x10,
    ATA_DEVICE_HEAD = 0x0f,
    ATA_DEVICE_FIXED = 0xa0, /* bits 7 and 5 read as ones: ATA-2, 7.2.8 */
};

/* Each register of the command block that LBA48 made two deep. */
enum { ATA_CURRENT, ATA_PREVIOUS, ATA_DEPTH };

enum {
    ATA_BLOCK = 16, /* sectors of the largest READ MULTIPLE block */
    ATA_BUFFER = ATA_BLOCK * SECTOR_SIZE,
};

struct ata_drive;

struct ata_ops {
    /* Status once a reset is over: packet devices have no DRDY before a command. */
    uint8_t idle;
    bool packet; /* obeys DEVICE RESET */
    /* Settings to defaults (all of them when `hard`), registers to the signature. */
    void (*reset)(struct ata_drive *d, bool hard);
    /* The command register was written; ends with ata_busy, ata_fail, ... */
    void (*command)(struct ata_drive *d);
    /* The time asked for with ata_busy has passed. */
    void (*ready)(struct ata_drive *d);
    /* The host has moved all of the data block. */
    void (*moved)(struct ata_drive *d);
    /* A state was loaded: bring its members into their ranges. */
    void (*loaded)(struct ata_drive *d);
    /* NULL: nothing beside struct ata_drive. */
    void (*free)(struct ata_drive *d);
};

struct ata_drive {
    /* Guest-visible state: every member is listed in ata_drive_fields. */
    struct event busy;   /* BSY ends */
    uint64_t lba;        /* next sector of the command; UINT64_MAX: no such sector */
    uint64_t head_lba;   /* where the heads stand */
    vtime media_at;      /* when the sectors asked for so far have passed the heads */
    vtime used_at;       /* of the last access to the medium: standby timer */
    uint64_t standby_ns; /* standby timer, 0: off */
    uint32_t left;       /* sectors of the command still to move */
    uint16_t pos, len;   /* of the data block in buf, in bytes */
    uint16_t cylinders;  /* current translation */
    uint8_t heads, sectors;
    uint8_t command, phase;
    uint8_t status, error;
    uint8_t intrq;   /* interrupt pending */
    uint8_t device;  /* register: head or LBA 24-27, LBA bit */
    uint8_t block;   /* sectors of this data block */
    uint8_t multiple; /* sectors a block set by SET MULTIPLE MODE, 0: disabled */
    uint8_t power;   /* enum disk_power */
    uint8_t options; /* enum disk_option */
    uint8_t feature[ATA_DEPTH], count[ATA_DEPTH];
    uint8_t low[ATA_DEPTH], mid[ATA_DEPTH], high[ATA_DEPTH];
    uint8_t in_reset; /* BSY is that of a reset or a diagnostic */
    uint8_t diagnosed; /* ... of a diagnostic: interrupts at its end */
    uint8_t buf[ATA_BUFFER];
    /* Wiring: set once by ata_new, never saved. */
    const struct ata_ops *ops; /* NULL: nothing connected */
    struct ata_channel *channel;
    struct sched *sched;
    struct disk *disk;   /* of a disk drive */
    struct atapi *atapi; /* of a packet device: what it has beside this struct */
    const char *serial;
};

struct ata_channel {
    /* Guest-visible state: every member is listed in ata_fields. */
    struct ata_drive drive[2];
    uint8_t selected; /* DEV */
    uint8_t control;  /* device control register */
    /* Wiring: set once by ata_new, never saved. */
    struct irq_line *irq;
    uint16_t base;
    struct port_range ports[2];
};

/* BSY until `at`, then ops->ready. */
void ata_busy(struct ata_drive *d, vtime at);
/* DRQ: the host shall read or write `len` bytes of buf (even, not 0); with an
 * interrupt or, for the first block from the host, without. */
void ata_ask(struct ata_drive *d, unsigned len, bool interrupt);
/* End of the command, with an interrupt. */
void ata_done(struct ata_drive *d);
/* End of the command after its last block was read: no interrupt. */
void ata_done_quietly(struct ata_drive *d);
void ata_fail(struct ata_drive *d, uint8_t error);
void ata_fault(struct ata_drive *d); /* device fault: DF, ABRT */
/* Text in IDENTIFY data: the first character in the high byte, blanks behind. */
void ata_put_string(uint8_t *out, unsigned word, unsigned words, const char *text);

/* IDENTIFY DEVICE data, SECTOR_SIZE bytes. */
void ata_disk_identify(const struct ata_drive *d, uint8_t *out);
/* Translation after power-on: words 1, 3 and 6. */
struct disk_geometry ata_disk_default_chs(const struct ata_drive *d);

extern const struct ata_ops ata_disk_ops;

/* Ends a table after its last saved member, whatever alignment follows. */
#define ATA_STATE_LAST(type, m) \
    { NULL, STATE_KIND_END, offsetof(type, m) + sizeof STATE_MEMBER(type, m), 0, 0, NULL }

/* What IDENTIFY tells of the settings. */
enum disk_option {
    DISK_WRITE_CACHE = 1 << 0,
    DISK_LOOK_AHEAD = 1 << 1,
    DISK_KEEP = 1 << 2, /* SET FEATURES 66h: a software reset keeps the settings */
};

#endif

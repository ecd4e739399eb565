/*
 * Starting from CD-ROM.
 *
 * Source: "El Torito" Bootable CD-ROM Format Specification 1.0, figures 2 to 4
 *         (boot catalog), 7 (boot record), INT 13h functions 4Ah to 4Dh.
 */
#ifndef BIOS_STD_ELTORITO_H
#define BIOS_STD_ELTORITO_H

#include <stdint.h>

enum {
    CD_BOOT_RECORD = 17, /* sector of the boot record */
    CD_BOOTABLE = 0x88,
    CD_MEDIA_MASK = 0x0f,
    CD_NO_EMULATION = 0,
    CD_FLOPPY_1200 = 1,
    CD_FLOPPY_1440 = 2,
    CD_FLOPPY_2880 = 3,
    CD_HARD_DISK = 4,
    CD_PLAIN_DRIVE = 0xe0, /* number of the drive without emulation */
};

/* First entry of the catalog. */
struct cd_validation {
    uint8_t header;   /* 00h: 1 */
    uint8_t platform; /* 01h: 0 is the PC */
    uint16_t rsvd;    /* 02h */
    char id[24];      /* 04h */
    uint16_t sum;     /* 1Ch: makes the words of the entry add up to 0 */
    uint16_t key;     /* 1Eh: AA55h */
} __attribute__((packed));

/* Second entry: what to start. */
struct cd_entry {
    uint8_t boot;      /* 00h: 88h */
    uint8_t media;     /* 01h: CD_NO_EMULATION ... */
    uint16_t load_seg; /* 02h: 0 is 07C0h */
    uint8_t type;      /* 04h: of the partition */
    uint8_t rsvd5;     /* 05h */
    uint16_t count;    /* 06h: sectors of 512 bytes to load */
    uint32_t lba;      /* 08h: of the image */
    uint8_t rsvd0c[20];
} __attribute__((packed));

/* What function 4Bh answers. */
struct cd_packet {
    uint8_t size;       /* 00h: 13h */
    uint8_t media;      /* 01h */
    uint8_t drive;      /* 02h */
    uint8_t controller; /* 03h */
    uint32_t lba;       /* 04h */
    uint16_t device;    /* 08h: ATA: bit 0 slave */
    uint16_t cache_seg; /* 0Ah */
    uint16_t load_seg;  /* 0Ch */
    uint16_t count;     /* 0Eh */
    uint8_t cyls;       /* 10h: number of cylinders - 1, low byte; CH of function 08h */
    uint8_t spt;        /* 11h: CL of function 08h */
    uint8_t heads;      /* 12h: DH of function 08h */
} __attribute__((packed));

/* What function 4Dh takes. */
struct cd_catalog_packet {
    uint8_t size;   /* 00h: 8 */
    uint8_t count;  /* 01h: sectors of 2048 bytes */
    uint16_t off;   /* 02h */
    uint16_t seg;   /* 04h */
    uint16_t first; /* 06h: sector of the catalog */
} __attribute__((packed));

/* Ours: what was started, and the drive that it emulates. */
struct cd_boot {
    uint8_t media; /* CD_NO_EMULATION ... */
    uint8_t drive;
    uint16_t load_seg;
    uint16_t count;
    uint32_t lba;
    uint32_t catalog;
    uint16_t cyls;
    uint16_t heads;
    uint8_t spt;
    uint8_t locked; /* by function 45h */
} __attribute__((packed));

_Static_assert(sizeof(struct cd_validation) == 32, "El Torito");
_Static_assert(sizeof(struct cd_entry) == 32, "El Torito");
_Static_assert(sizeof(struct cd_packet) == 0x13, "El Torito");

#endif

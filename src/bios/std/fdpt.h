/*
 * Tables that vectors 1Eh, 41h and 46h point to.
 *
 * Source: IBM PC AT Technical Reference, BIOS listing, "DISK_BASE" and
 *         "FD_TBL"; Phoenix Enhanced Disk Drive Specification 1.1.
 */
#ifndef BIOS_STD_FDPT_H
#define BIOS_STD_FDPT_H

#include <stdint.h>

/* Diskette parameters, by INT 1Eh. */
struct floppy_params {
    uint8_t specify1;    /* 00h: step rate, head unload */
    uint8_t specify2;    /* 01h: head load, DMA */
    uint8_t motor_off;   /* 02h: ticks */
    uint8_t sector_size; /* 03h: 128 << n bytes */
    uint8_t last_sector; /* 04h */
    uint8_t gap;         /* 05h */
    uint8_t data_len;    /* 06h */
    uint8_t format_gap;  /* 07h */
    uint8_t fill;        /* 08h */
    uint8_t settle_ms;   /* 09h */
    uint8_t motor_start; /* 0Ah: 1/8 s */
    /* Below: what newer tables carry too. */
    uint8_t last_cyl; /* 0Bh */
    uint8_t rate;     /* 0Ch: bits 7-6 as in the data rate register */
} __attribute__((packed));

/* Fixed disk parameters, by INT 41h and 46h. */
struct disk_params {
    uint16_t cyls;      /* 00h: logical */
    uint8_t heads;      /* 02h: logical */
    uint8_t signature;  /* 03h: A0h when the geometry is translated */
    uint8_t phys_spt;   /* 04h: meaningful with the signature */
    uint16_t precomp;   /* 05h */
    uint8_t rsvd7;      /* 07h */
    uint8_t control;    /* 08h: bit 3: more than 8 heads */
    uint16_t phys_cyls; /* 09h */
    uint8_t phys_heads; /* 0Bh */
    uint16_t landing;   /* 0Ch */
    uint8_t spt;        /* 0Eh: logical */
    uint8_t checksum;   /* 0Fh */
} __attribute__((packed));

_Static_assert(sizeof(struct floppy_params) == 13, "DPT");
_Static_assert(sizeof(struct disk_params) == 16, "FDPT");

#endif

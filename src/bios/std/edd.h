/*
 * Structures of the INT 13h extensions.
 *
 * Source: Phoenix Enhanced Disk Drive Specification 1.1 and 3.0 (T13 1572D).
 */
#ifndef BIOS_STD_EDD_H
#define BIOS_STD_EDD_H

#include <stdint.h>

/* Disk address packet, DS:SI of functions 42h to 47h. */
struct edd_packet {
    uint8_t size;      /* 00h: 10h, or 18h with flat_addr */
    uint8_t rsvd1;     /* 01h */
    uint16_t count;    /* 02h: sectors; BIOS writes back what it moved */
    uint16_t off;      /* 04h: buffer; FFFF:FFFF: use flat_addr */
    uint16_t seg;      /* 06h */
    uint32_t lba;      /* 08h */
    uint32_t lba_high; /* 0Ch */
} __attribute__((packed));

/* Device parameter table extension. */
struct edd_dpte {
    uint16_t port;    /* 00h */
    uint16_t control; /* 02h */
    uint8_t head;     /* 04h: A0h + drive select, bit 6 LBA */
    uint8_t vendor;   /* 05h */
    uint8_t irq;      /* 06h */
    uint8_t multiple; /* 07h: sectors per interrupt */
    uint8_t dma;      /* 08h */
    uint8_t pio;      /* 09h */
    uint16_t options; /* 0Ah */
    uint16_t rsvd;    /* 0Ch */
    uint8_t revision; /* 0Eh: 11h */
    uint8_t checksum; /* 0Fh */
} __attribute__((packed));

/* Result of function 48h; version 1.x ends after sector_size, 2.x after dpte. */
struct edd_params {
    uint16_t size;          /* 00h */
    uint16_t flags;         /* 02h */
    uint32_t cyls;          /* 04h */
    uint32_t heads;         /* 08h */
    uint32_t spt;           /* 0Ch */
    uint32_t sectors;       /* 10h */
    uint32_t sectors_high;  /* 14h */
    uint16_t sector_size;   /* 18h */
    uint16_t dpte_off;      /* 1Ah */
    uint16_t dpte_seg;      /* 1Ch */
    uint16_t key;           /* 1Eh: BEDDh */
    uint8_t path_size;      /* 20h: 24h, from the key on */
    uint8_t rsvd[3];        /* 21h */
    char bus[4];            /* 24h */
    char interface[8];      /* 28h */
    uint16_t path_port;     /* 30h: ISA: base address */
    uint8_t path_rsvd[6];   /* 32h */
    uint8_t device;         /* 38h: ATA: 0 master, 1 slave */
    uint8_t device_rsvd[7]; /* 39h */
    uint8_t rsvd40;         /* 40h */
    uint8_t checksum;       /* 41h: bytes 1Eh to 41h sum to 0 */
} __attribute__((packed));

_Static_assert(sizeof(struct edd_packet) == 16, "DAP");
_Static_assert(sizeof(struct edd_dpte) == 16, "DPTE");
_Static_assert(sizeof(struct edd_params) == 0x42, "EDD parameters");

#endif

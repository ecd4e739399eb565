/*
 * The extended BIOS data area: 1 KiB at the top of base memory, whose segment
 * is in bda.ebda_seg.  Some memory managers move it, so nothing keeps its
 * address across calls.
 *
 * Source: IBM PS/2 BIOS Interface Technical Reference, "Extended BIOS data
 *         area" (bytes 00h, 22h-2Fh); from 3Dh on the layout is ours.
 * Offsets marked * are known to entry.S.
 */
#ifndef BIOS_STD_EBDA_H
#define BIOS_STD_EBDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bios/std/edd.h"
#include "bios/std/eltorito.h"
#include "bios/std/fdpt.h"

enum {
    EBDA_KIB = 1,
    DISKS_MAX = 4,
};

/* disk_info.flags */
enum {
    DISK_LBA = 0x01,
    DISK_LBA48 = 0x02,
    DISK_ATAPI = 0x04,
};

/* A drive as the POST found it. */
struct disk_info {
    uint16_t port;    /* 1F0h or 170h */
    uint16_t control; /* 3F6h or 376h */
    uint8_t irq;      /* 14 or 15 */
    uint8_t select;   /* A0h or B0h */
    uint8_t flags;
    uint8_t phys_heads;
    uint8_t phys_spt;
    uint8_t spt; /* logical, for INT 13h */
    uint16_t phys_cyls;
    uint16_t cyls;
    uint16_t heads;
    uint32_t sectors; /* in all, at most 2^32 - 1 */
} __attribute__((packed));

struct ebda {
    uint8_t size_kib;        /* 00h */
    uint8_t rsvd01[0x21];    /* 01h */
    uint16_t mouse_off;      /* 22h: driver to call */
    uint16_t mouse_seg;      /* 24h */
    uint8_t mouse_index;     /* 26h: bytes of the packet so far */
    uint8_t mouse_size;      /* 27h: bit 7 driver there, bits 2-0 size - 1 */
    uint8_t mouse_packet[8]; /* 28h */
    uint8_t rsvd30[0x0d];    /* 30h */
    struct disk_params disk_fdpt[2]; /* 3Dh: INT 41h, INT 46h */
    uint8_t cd_first; /* 5Dh *: drive numbers of INT 13h that go to the CD-ROM: */
    uint8_t cd_count; /* 5Eh *: as many from the first on */
    uint8_t rsvd5f;                  /* 5Fh */
    uint32_t stack_free; /* 60h *: first free byte of the stack + 1 */
    struct disk_info disk[DISKS_MAX]; /* 64h */
    struct edd_dpte dpte[DISKS_MAX];
    uint8_t cdroms;
    struct disk_info cd;     /* the first CD-ROM drive */
    struct cd_boot cd_boot;  /* what was started from it */
    uint8_t kbd_ended;   /* INT 09h has sent its EOI */
    uint8_t key_seen;    /* any key since reset: the boot menu looks */
    uint8_t apm_state;   /* APM_* of int15_apm.c */
    bool boot_menu;      /* F12 counts: POST has just ended */
    uint16_t boot_order; /* nibbles, first device lowest */
    uint32_t ext_kib;    /* memory above 1 MiB */
} __attribute__((packed));

_Static_assert(offsetof(struct ebda, mouse_off) == 0x22, "EBDA");
_Static_assert(offsetof(struct ebda, disk_fdpt) == 0x3d, "EBDA");
_Static_assert(offsetof(struct ebda, stack_free) == 0x60, "EBDA");
/* The rest is stack: 600 bytes carry the deepest nesting (docs/bios.md). */
_Static_assert(sizeof(struct ebda) <= EBDA_KIB * 1024 - 600, "EBDA");

extern volatile struct ebda __seg_gs ebda;

#endif

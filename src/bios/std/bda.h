/*
 * The BIOS data area, 0040:0000 to 0040:0100.
 *
 * Source: IBM PC AT Technical Reference (1985), section 5, "BIOS data area";
 *         IBM PS/2 BIOS Interface Technical Reference, section 3.
 * Offsets in comments are from segment 0040h.
 */
#ifndef BIOS_STD_BDA_H
#define BIOS_STD_BDA_H

#include <stdint.h>

enum {
    SEG_BDA = 0x0040,
    KBD_RING_START = 0x1e,
    KBD_RING_END = 0x3e,
};

/* kbd_flags, 17h */
enum {
    KBD_RSHIFT = 0x01,
    KBD_LSHIFT = 0x02,
    KBD_CTRL = 0x04,
    KBD_ALT = 0x08,
    KBD_SCROLL = 0x10,
    KBD_NUM = 0x20,
    KBD_CAPS = 0x40,
    KBD_INS = 0x80,
};

/* kbd_flags2, 18h: which keys are down */
enum {
    KBD2_LCTRL = 0x01,
    KBD2_LALT = 0x02,
    KBD2_SYSRQ = 0x04,
    KBD2_PAUSED = 0x08,
    KBD2_SCROLL = 0x10,
    KBD2_NUM = 0x20,
    KBD2_CAPS = 0x40,
    KBD2_INS = 0x80,
};

/* kbd_flags3, 96h */
enum {
    KBD3_E1 = 0x01, /* last byte was the prefix E1h */
    KBD3_E0 = 0x02,
    KBD3_RCTRL = 0x04,
    KBD3_RALT = 0x08,
    KBD3_101KEYS = 0x10,
};

/* kbd_leds, 97h */
enum {
    KBD_LED_MASK = 0x07, /* scroll, num, caps */
    KBD_LED_ACK = 0x10,
    KBD_LED_RESEND = 0x20,
    KBD_LED_BUSY = 0x40,
    KBD_LED_ERROR = 0x80,
};

/* floppy_state, 90h and 91h */
enum {
    FDST_RATE_SHIFT = 6,
    FDST_RATE_MASK = 0xc0, /* as in the data rate register */
    FDST_DOUBLE_STEP = 0x20,
    FDST_KNOWN = 0x10,
    FDST_MEDIA = 0x07,
};

struct bda {
    uint16_t com[4];          /* 00h */
    uint16_t lpt[3];          /* 08h */
    uint16_t ebda_seg;        /* 0Eh */
    uint16_t equipment;       /* 10h */
    uint8_t post_status;      /* 12h */
    uint16_t base_kib;        /* 13h */
    uint8_t rsvd15[2];        /* 15h */
    uint8_t kbd_flags;        /* 17h */
    uint8_t kbd_flags2;       /* 18h */
    uint8_t alt_number;       /* 19h */
    uint16_t kbd_head;        /* 1Ah */
    uint16_t kbd_tail;        /* 1Ch */
    uint16_t kbd_ring[16];    /* 1Eh */
    uint8_t floppy_seek;      /* 3Eh: bit n calibrated, bit 7 interrupt seen */
    uint8_t floppy_motor;     /* 3Fh: bit n running, bit 7 writing */
    uint8_t floppy_timeout;   /* 40h: ticks until the motor stops */
    uint8_t floppy_status;    /* 41h: of the last operation */
    uint8_t floppy_result[7]; /* 42h: as the controller gave it */
    uint8_t video[30];        /* 49h: the VGA BIOS's */
    uint16_t reset_off;       /* 67h: where shutdown codes 5 and 0Ah jump */
    uint16_t reset_seg;       /* 69h */
    uint8_t stray_irq;        /* 6Bh */
    uint32_t ticks;           /* 6Ch: since midnight */
    uint8_t midnight;         /* 70h */
    uint8_t kbd_break;        /* 71h: bit 7 */
    uint16_t warm_boot;       /* 72h: 1234h */
    uint8_t disk_status;      /* 74h */
    uint8_t disks;            /* 75h */
    uint8_t disk_control;     /* 76h */
    uint8_t disk_port;        /* 77h */
    uint8_t lpt_timeout[4];   /* 78h */
    uint8_t com_timeout[4];   /* 7Ch */
    uint16_t kbd_ring_start;  /* 80h */
    uint16_t kbd_ring_end;    /* 82h */
    uint8_t video2[7];        /* 84h */
    uint8_t floppy_rate;      /* 8Bh: last data rate, bits 7-6 */
    uint8_t ata_status;       /* 8Ch */
    uint8_t ata_error;        /* 8Dh */
    uint8_t disk_irq;         /* 8Eh: FFh once the interrupt came */
    uint8_t floppy_info;      /* 8Fh */
    uint8_t floppy_state[2];  /* 90h */
    uint8_t floppy_start[2];  /* 92h */
    uint8_t floppy_cyl[2];    /* 94h: where the heads are */
    uint8_t kbd_flags3;       /* 96h */
    uint8_t kbd_leds;         /* 97h */
    uint16_t wait_flag_off;   /* 98h: byte whose bit 7 tells a wait is over */
    uint16_t wait_flag_seg;   /* 9Ah */
    uint32_t wait_us;         /* 9Ch */
    uint8_t wait_active;      /* A0h: bit 0 in use, bit 7 over */
    uint8_t rsvda1[7];        /* A1h */
    uint32_t video_save;      /* A8h: the VGA BIOS's */
    uint8_t rsvdac[0x54];     /* ACh */
    uint8_t print_status;     /* 100h: of INT 05h */
} __attribute__((packed));

_Static_assert(sizeof(struct bda) == 0x101, "BDA");

extern volatile struct bda __seg_fs bda;

#endif

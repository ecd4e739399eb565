/*
 * From the reset vector to the C code, and the addresses that old software
 * expects in segment F000h.
 *
 * Source: IBM PC AT Technical Reference, BIOS listing: shutdown codes of CMOS
 *         byte 0Fh, and the fixed entry points.
 */
    .code16

#include "bios/entry.h"

    .text

    .globl reset
reset:
    cli
    cld
    movb $0x8f, %al                 /* NMI off */
    outb %al, $0x70
    inb $0x71, %al
    movb %al, %bl
    movb $0x8f, %al
    outb %al, $0x70
    xorb %al, %al
    outb %al, $0x71                 /* once only */
    movb $0x0d, %al
    outb %al, $0x70
    movw $0x40, %ax
    movw %ax, %ds
    cmpb $0x05, %bl
    je shutdown_05
    cmpb $0x09, %bl
    je shutdown_09
    cmpb $0x0a, %bl
    je shutdown_0a

/* Power on, Ctrl-Alt-Del, or a reset that nobody prepared. */
    movb $0x01, %al
    outb %al, $0x80
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $0x7c00, %esp
    movw $0x40, %ax
    movw %ax, %fs
    movw $EBDA_SEG, %ax
    movw %ax, %gs
    calll post_early
    /* The rest runs like a service, on the stack in the EBDA. */
    pushfw
    pushw %cs
    callw 1f
    int $0x19
1:  jmp post_entry

/* 05h: end of interrupt, empty the keyboard buffer, jump through 0040:0067. */
shutdown_05:
    movb $0x20, %al
    outb %al, $0xa0
    outb %al, $0x20
    inb $0x60, %al
shutdown_0a:
    ljmpw *0x67

/* 09h: back from a block move that reset the CPU: 0040:0067 has its SS:SP. */
shutdown_09:
    movb $0x20, %al
    outb %al, $0xa0
    outb %al, $0x20
    lssw 0x67, %sp
    popw %ds
    popw %es
    popaw
    iretw

/* Which interrupt goes where; post.c copies it: vectors 00h to 1Fh. */
    .section .rodata.vectors, "a"
    .globl rom_vectors
rom_vectors:
    .word iret_entry                /* 00h */
    .word iret_entry
    .word int02_entry
    .word iret_entry
    .word iret_entry
    .word 0xff54                    /* 05h */
    .word iret_entry
    .word iret_entry
/* 08h to 1Fh are at their fixed place below. */

    .section .text.nmi, "ax"
/* NMI: no parity logic here, so it has nothing to tell. */
int02_entry:
    iretw

/*
 * Fixed places.  The section lies at F000:E000.
 */
    .section .fixed, "ax"
    .macro at offset target
    .org \offset - 0xe000, 0xff
    jmp \target
    .endm

    at 0xe05b reset
    at 0xe2c3 int02_entry
    at 0xe3fe int13_entry
    at 0xe6f2 int19_entry

/* INT 15h AH=C0h: what this machine is. */
    .org 0xe6f5 - 0xe000, 0xff
    .globl config_table
config_table:
    .word 8
    .byte 0xfc, 0x01, 0x00          /* AT, submodel, BIOS revision */
    .byte 0x74                      /* 2nd 8259, RTC, 4Fh called, EBDA */
    .byte 0x40                      /* INT 16h AH=09h */
    .byte 0, 0, 0

/* INT 14h: divisors of 115200 for 110 to 9600 bit/s. */
    .org 0xe729 - 0xe000, 0xff
    .globl baud_table
baud_table:
    .word 1047, 768, 384, 192, 96, 48, 24, 12

    at 0xe739 int14_entry
    at 0xe82e int16_entry
    at 0xe987 int09_entry
    at 0xec59 int40_entry
    at 0xef57 int0e_entry

/* INT 1Eh: diskette parameters for 1.44 MB (struct floppy_params, 11 bytes). */
    .org 0xefc7 - 0xe000, 0xff
    .globl floppy_table
floppy_table:
    .byte 0xaf, 0x02, 0x25, 2, 18, 0x1b, 0xff, 0x6c, 0xf6, 15, 8

    at 0xefd2 int17_entry
    at 0xf045 int10_entry
    at 0xf065 int10_entry

/* INT 1Dh: 6845 values, until the VGA BIOS points it elsewhere. */
    .org 0xf0a4 - 0xe000, 0xff
    .globl video_table
video_table:
    .byte 0x38, 0x28, 0x2d, 0x0a, 0x1f, 6, 0x19, 0x1c, 2, 7, 6, 7, 0, 0, 0, 0
    .byte 0x71, 0x50, 0x5a, 0x0a, 0x1f, 6, 0x19, 0x1c, 2, 7, 6, 7, 0, 0, 0, 0
    .byte 0x38, 0x28, 0x2d, 0x0a, 0x7f, 6, 0x64, 0x70, 2, 1, 6, 7, 0, 0, 0, 0
    .byte 0x61, 0x50, 0x52, 0x0f, 0x19, 6, 0x19, 0x19, 2, 13, 11, 12, 0, 0, 0, 0
    .word 2048, 4096, 16384, 16384
    .byte 40, 40, 80, 80, 40, 40, 80, 80
    .byte 0x2c, 0x28, 0x2d, 0x29, 0x2a, 0x2e, 0x1e, 0x29

    at 0xf841 int12_entry
    at 0xf84d int11_entry
    at 0xf859 int15_entry

/* FA6Eh: 8x8 pictures of the characters 00h to 7Fh. */
    .org 0xfa6e - 0xe000, 0xff
    .globl font_8x8
font_8x8:
    .include "src/bios/vga/font8x8lo.inc"

    at 0xfe6e int1a_entry
    at 0xfea5 int08_entry

/* Vectors 08h to 1Fh, offsets in F000h. */
    .org 0xfef3 - 0xe000, 0xff
    .globl rom_vectors_08
rom_vectors_08:
    .word 0xfea5                    /* 08h timer */
    .word 0xe987                    /* 09h keyboard */
    .word irq_entry                 /* 0Ah */
    .word irq_entry                 /* 0Bh COM2 */
    .word irq_entry                 /* 0Ch COM1 */
    .word irq_entry                 /* 0Dh */
    .word 0xef57                    /* 0Eh diskette */
    .word irq_entry                 /* 0Fh LPT1 */
    .word 0xf065                    /* 10h */
    .word 0xf84d                    /* 11h */
    .word 0xf841                    /* 12h */
    .word 0xe3fe                    /* 13h */
    .word 0xe739                    /* 14h */
    .word 0xf859                    /* 15h */
    .word 0xe82e                    /* 16h */
    .word 0xefd2                    /* 17h */
    .word int18_entry               /* 18h */
    .word 0xe6f2                    /* 19h */
    .word 0xfe6e                    /* 1Ah */
    .word 0xff53                    /* 1Bh */
    .word 0xff53                    /* 1Ch */
    .word video_table               /* 1Dh */
    .word floppy_table              /* 1Eh */
    .word font_8x8                  /* 1Fh; the VGA BIOS has its own */

    .org 0xff53 - 0xe000, 0xff
    iretw
    at 0xff54 int05_entry

    .org 0xfff0 - 0xe000, 0xff
    ljmpw $0xf000, $0xe05b
    .ascii "01/15/96"
    .byte 0xff
    .byte 0xfc                      /* FFFFEh: AT */
    .byte 0                         /* checksum, by romsum.sh */

    .text
/* INT 10h without a video BIOS: nothing happens. */
int10_entry:
    iretw

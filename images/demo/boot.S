/*
 * Boot sector of the demo disk: loads the start of the program that lies in the
 * reserved sectors behind it to 0000:8000 and jumps there.
 *
 * Source: Microsoft, "FAT: General Overview of On-Disk Format", version 1.03,
 *         "Boot sector and BPB"; IBM PS/2 and PC BIOS Interface Technical
 *         Reference, INT 13h (02h read, 00h reset), INT 19h (entry: DL drive).
 */
#include "demo.inc"

    .code16
    .section .boot, "ax"
    .global boot_start
boot_start:
    jmp code
    nop
    .ascii "REPRISE "
    .word 512               /* bytes a sector */
    .byte 1                 /* sectors a cluster */
    .word RESERVED_SECTORS
    .byte 2                 /* FATs */
    .word ROOT_ENTRIES
    .word DISK_SECTORS
    .byte 0xf0              /* media: 1.44 MB */
    .word FAT_SECTORS
    .word TRACK_SECTORS
    .word HEADS
    .long 0, 0              /* hidden sectors, large sector count */
    .byte 0, 0, 0x29        /* drive; extended fields follow */
    .long 0x19960101        /* serial number */
    .ascii "REPRISEDEMO"
    .ascii "FAT12   "

code:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $LOAD_STACK, %sp
    sti
    cld
    /* The rest of the first track, then its other side. */
    movw $LOAD_ADDRESS, %bx
    movw $0x0002, %cx       /* cylinder 0, sector 2 */
    movb $0, %dh
    movb $TRACK_SECTORS - 1, %al
    call read
    movw $LOAD_ADDRESS + (TRACK_SECTORS - 1) * 512, %bx
    movw $0x0001, %cx
    movb $1, %dh
    movb $CORE_SECTORS - (TRACK_SECTORS - 1), %al
    call read
    ljmp $0, $LOAD_ADDRESS

/* AL sectors at CX, DH of drive DL to ES:BX; the motor may need some tries. */
read:
    movw $5, %di
1:  pushw %ax
    movb $0x02, %ah
    int $0x13
    popw %ax
    jnc 2f
    pushw %ax
    xorw %ax, %ax
    int $0x13
    popw %ax
    decw %di
    jnz 1b
    movw $message, %si
3:  lodsb
    testb %al, %al
    jz 4f
    movb $0x0e, %ah
    movw $0x0007, %bx
    int $0x10
    jmp 3b
4:  hlt
    jmp 4b
2:  ret

message:
    .asciz "The demo disk cannot be read.\r\n"

    .org 510
    .byte 0x55, 0xaa

    .section .note.GNU-stack, "", @progbits

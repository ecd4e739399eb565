/*
 * VGA BIOS: ROM header and the ways in.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Adapter ROM
 *         modules" (55h AAh, length in 512-byte blocks, entry at +3 by far
 *         call, sum of all bytes 0).
 */
        .code16
        .section .header, "ax"

        .globl  vga_rom
vga_rom:
        .byte   0x55, 0xaa
        .byte   ROM_SIZE / 512
        jmp     post
        .org    0x1e
        /* Programs of the EGA's time look for these three letters here. */
        .asciz  "IBM compatible VGA BIOS"
        .asciz  "Reprise VGA BIOS, GPL-2.0-or-later"

        .text

/*
 * Everything below works on the caller's stack, whose SS:SP may lie anywhere
 * with little room.  The frame is struct regs of vga.h.  PUSHAL keeps the
 * caller's whole ESP; C code needs its upper half zero, because it
 * addresses locals by ESP.
 */
        .macro  enter_c
        cld
        pushal
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        movzwl  %sp, %esp
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %cs, %ax
        movw    %ax, %fs
        xorw    %ax, %ax
        movw    %ax, %gs
        movl    %esp, %eax              /* first argument, by register */
        .endm

        .macro  leave_c
        movl    20(%esp), %eax          /* the caller's upper half of ESP */
        movw    %sp, %ax
        movl    %eax, %esp
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        .endm

/* Far call from the system BIOS: all registers preserved. */
post:
        pushfw
        enter_c
        calll   vga_post
        leave_c
        popfw
        lret

        .globl  vga_int10_entry
vga_int10_entry:
        sti
        enter_c
        calll   int10
        leave_c
        iretw

        .globl  vga_int05_entry
vga_int05_entry:
        sti
        enter_c
        calll   int05_print_screen
        leave_c
        iretw

        .section .note.GNU-stack, "", @progbits

/*
 * The file system behind the program: two FATs, a directory, a text file.
 *
 * Source: Microsoft, "FAT: General Overview of On-Disk Format", version 1.03,
 *         "FAT data structure", "FAT 32 byte directory entry structure".
 */
#include "demo.inc"

    .macro fat
    /* Media byte, end mark, then one file of two clusters: 2 to 3, 3 the end. */
    .byte 0xf0, 0xff, 0xff, 0x03, 0xf0, 0xff
    .fill FAT_SECTORS * 512 - 6, 1, 0
    .endm

    .section .disk, "a"
    fat
    fat
    .ascii "REPRISEDEMO"
    .byte 0x08              /* volume label */
    .fill 10, 1, 0
    .word 0, 0x2021         /* 00:00, 1996-01-01 */
    .word 0
    .long 0
    .ascii "README  TXT"
    .byte 0x01              /* read-only */
    .fill 10, 1, 0
    .word 0, 0x2021
    .word 2                 /* first cluster */
    .long readme_end - readme
    .fill ROOT_ENTRIES * 32 - 64, 1, 0
readme:
    .ascii "This is the demo disk of Reprise, a PC in software.\r\n\r\n"
    .ascii "Its program lies in the reserved sectors behind the boot sector;\r\n"
    .ascii "the rest is an ordinary FAT12 diskette, so a DOS that is given\r\n"
    .ascii "this disk in drive A: or B: can list it, read this file and write\r\n"
    .ascii "to it.\r\n\r\n"
    .ascii "The program is a menu: a system report, tests of keyboard and mouse,\r\n"
    .ascii "text and graphics, a tune, a benchmark and a game.  Esc leads back to\r\n"
    .ascii "the menu, and its last line switches the power off.  What is shown is\r\n"
    .ascii "made while you look: there are no pictures on this disk.\r\n\r\n"
    .ascii "Its sources lie in images/demo of the Reprise sources.\r\n"
readme_end:
    /* It has two clusters, as the FATs say. */
    .if readme_end - readme <= 512 || readme_end - readme > 1024
    .error "README.TXT does not fill two clusters"
    .endif

    .section .note.GNU-stack, "", @progbits

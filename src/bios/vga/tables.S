/*
 * VGA BIOS: tables that hold far pointers, which C cannot lay out, and fonts.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "Save pointer
 *         table", "Secondary save pointer table", "Display combination code
 *         table", "Functionality/State information".
 */
        .section .romdata, "a"

        .macro  far label
        .word   \label, 0xc000
        .endm

/* What 40:A8 points to. */
        .globl  vga_save_table
vga_save_table:
        far     vga_params
        .long   0                       /* dynamic save area: none */
        .long   0                       /* text font override */
        .long   0                       /* graphics font override */
        far     vga_secondary_save
        .long   0, 0

vga_secondary_save:
        .word   26                      /* length of this table */
        far     vga_dcc_table
        .long   0                       /* second text font override */
        .long   0                       /* palette profile */
        .long   0, 0, 0

/* Pairs of display codes (AH=1Ah), found by 40:8A. */
        .globl  vga_dcc_table
vga_dcc_table:
        .byte   16, 1, 8, 0             /* rows, version, highest code */
        .byte   0,0,  0,1,  0,2,  2,1,  0,4,  4,1,  0,5,  2,5
        .byte   0,6,  6,1,  6,5,  0,8,  1,8,  0,7,  2,7,  6,7

/* AH=1Bh leads here: what this VGA can do. */
        .globl  vga_functions
vga_functions:
        .byte   0xff, 0xe0, 0x0f        /* modes 0-7, 0Dh-0Fh, 10h-13h */
        .byte   0, 0, 0, 0
        .byte   0x07                    /* 200, 350, 400 lines in text */
        .byte   8                       /* fonts loaded at a time */
        .byte   2                       /* fonts shown at a time */
        .byte   0xff                    /* modes anywhere, grey sums, fonts,
                                           palette load, cursor emulation,
                                           EGA palette, DAC, DAC paging */
        .byte   0x0e                    /* state save, intensity/blink,
                                           combination code; no light pen */
        .word   0
        .byte   0x2e                    /* save pointers: dynamic area, fonts,
                                           combinations */
        .byte   0

/*
 * INT 1Dh: 6845 values of a CGA and an MDA, for programs that set the mode of
 * one by hand; then page sizes, columns and mode register of modes 0-7.
 * Source: IBM PC Technical Reference, "Video_Parms".
 */
        .globl  vga_6845_table, vga_cga_mode
vga_6845_table:
        .byte   0x38, 0x28, 0x2d, 0x0a, 0x1f, 0x06, 0x19, 0x1c
        .byte   0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0      /* 40x25 */
        .byte   0x71, 0x50, 0x5a, 0x0a, 0x1f, 0x06, 0x19, 0x1c
        .byte   0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0      /* 80x25 */
        .byte   0x38, 0x28, 0x2d, 0x0a, 0x7f, 0x06, 0x64, 0x70
        .byte   0x02, 0x01, 0x06, 0x07, 0, 0, 0, 0      /* graphics */
        .byte   0x61, 0x50, 0x52, 0x0f, 0x19, 0x06, 0x19, 0x19
        .byte   0x02, 0x0d, 0x0b, 0x0c, 0, 0, 0, 0      /* 80x25 MDA */
        .word   0x0800, 0x1000, 0x4000, 0x4000
        .byte   40, 40, 80, 80, 40, 40, 80, 80
vga_cga_mode:
        .byte   0x2c, 0x28, 0x2d, 0x29, 0x2a, 0x2e, 0x1e, 0x29

/* Fonts, drawn in font*.txt. */
        .globl  font_8x8, font_8x14, font_8x16, font_9dots
font_8x16:
        .include "font8x16.inc"
font_8x14:
        .include "font8x14.inc"
font_8x8:
        .include "font8x8.inc"
/* Glyphs to replace in 9-dot cells: none, ours are right in both. */
font_9dots:
        .byte   0

        .section .note.GNU-stack, "", @progbits

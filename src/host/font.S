/* The 8x16 characters of src/bios/vga/font8x16.txt. */
        .section .rodata
        .globl  font_glyphs
font_glyphs:
        .include "font8x16.inc"

        .section .note.GNU-stack, "", %progbits

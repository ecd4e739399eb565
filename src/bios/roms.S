/* The ROM images as constant data of the host program (rom.h). */
    .macro rom name file
    .globl \name, \name\()_size
    .balign 16
    .type \name, @object
\name:
    .incbin "\file"
    .set \name\()_bytes, . - \name
    .size \name, . - \name
    .balign 8
    .type \name\()_size, @object
\name\()_size:
    .quad \name\()_bytes            /* size_t of a 64-bit host */
    .size \name\()_size, 8
    .endm

    .section .rodata
    rom reprise_rom_bios src/bios/bios.bin
    rom reprise_rom_vgabios src/bios/vga/vgabios.bin

    .section .note.GNU-stack, "", %progbits

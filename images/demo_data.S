/* The demo disk as an array: see demo.h. */
    .section .rodata
    .global reprise_demo_disk
    .global reprise_demo_disk_size
    .balign 16
    .type reprise_demo_disk, @object
reprise_demo_disk:
    .incbin "images/demo.img"
1:
    .size reprise_demo_disk, 1b - reprise_demo_disk
    .balign 8
    .type reprise_demo_disk_size, @object
reprise_demo_disk_size:
    .quad 1b - reprise_demo_disk
    .size reprise_demo_disk_size, 8
    .section .note.GNU-stack, "", @progbits

/*
 * VGA BIOS test disk: boot sector, and what C cannot say.
 *
 * Loads the rest of the program behind itself at 7C00h, floppy sector by
 * floppy sector (18 a track, 2 heads), and runs test_main with CS = DS = ES =
 * SS = 0 and the stack below 7C00h.
 */
        .code16
        .section .boot, "ax"
        .globl  start
start:
        cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $0x7c00, %esp
        sti
        cld
        ljmp    $0, $1f
1:      movb    %dl, boot_drive
        movw    $1, %si                 /* sector counted from 0 */
        movw    $0x7e00 / 16, %di       /* where to, as a segment */
load:
        movw    %si, %ax
        movb    $36, %cl
        divb    %cl                     /* al cylinder, ah rest */
        movb    %al, %ch
        movzbw  %ah, %ax
        movb    $18, %cl
        divb    %cl                     /* al head, ah sector */
        movb    %al, %dh
        movb    %ah, %cl
        incb    %cl
        movb    boot_drive, %dl
        movw    %di, %es
        xorw    %bx, %bx
        movw    $0x0201, %ax
        int     $0x13
        jc      load
        addw    $32, %di
        incw    %si
        cmpw    $image_sectors, %si
        jb      load
        xorw    %ax, %ax
        movw    %ax, %es
        calll   test_main
1:      hlt
        jmp     1b
boot_drive:
        .byte   0
        .org    510
        .word   0xaa55

        .text
/*
 * void int10_call(struct regs *r): registers from *r, INT 10h, back to *r.
 * r->esp_high is put into the upper half of ESP around the call.
 */
        .globl  int10_call
int10_call:
        pushal
        movl    %eax, %esi
        movl    %esi, call_regs
        movl    24(%esi), %ebp
        shll    $16, %ebp
        movw    %sp, %bp
        movl    %ebp, %esp              /* upper half as asked for */
        movw    30(%esi), %es
        movl    0(%esi), %eax
        movl    4(%esi), %ebx
        movl    8(%esi), %ecx
        movl    12(%esi), %edx
        movl    20(%esi), %edi
        movl    32(%esi), %ebp
        movl    16(%esi), %esi
        int     $0x10
        pushl   %esi
        movl    call_regs, %esi
        movl    %eax, 0(%esi)
        movl    %ebx, 4(%esi)
        movl    %ecx, 8(%esi)
        movl    %edx, 12(%esi)
        movl    %edi, 20(%esi)
        movl    %ebp, 32(%esi)
        popl    16(%esi)
        movl    %esp, %eax
        shrl    $16, %eax
        movw    %ax, 24(%esi)
        movw    %ds, 28(%esi)
        movw    %es, 30(%esi)
        xorw    %ax, %ax
        movw    %ax, %es
        movw    %ax, %ds
        movzwl  %sp, %esp
        cld
        popal
        retl

        .bss
        .globl  call_regs
call_regs:
        .long   0
        .section .note.GNU-stack, "", @progbits

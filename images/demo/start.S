/*
 * The demo program's way between the processor's modes.  The program is 32-bit
 * code without paging; the firmware is real mode's.
 *
 * Interrupts are the firmware's business: those that come in protected mode are
 * passed on to it.  Three of its entries are watched on the way:
 *  - IRQ 0 comes 16 times as often as the firmware thinks, for sounds;
 *  - INT 15h AH=4Fh (keyboard intercept) gives us each scan code, and the
 *    firmware nothing;
 *  - the mouse's packets go to a driver of INT 15h AX=C207h.
 *
 * Source: Intel 386 DX Programmer's Reference Manual, section 10.4 and 14.5,
 *         "Switching to protected mode", "... real address mode"; IBM PS/2 and
 *         PC BIOS Interface Technical Reference, INT 08h, INT 15h 4Fh and C2h.
 * Absent: the firmware of a machine whose interrupts of protected mode are in
 *         use (vectors 08h to 0Fh are taken as IRQ 0 to 7, 0Dh after a look).
 */
#include "demo.inc"

    .set SEL_CODE, 0x08
    .set SEL_DATA, 0x10
    .set SEL_CODE16, 0x18
    .set SEL_DATA16, 0x20
    .set PIC1, 0x20
    .set PIT_COUNT, 4096    /* 65536 / 16: the firmware's tick is each 16th */
    .set IVT_TIMER, 4 * 0x08
    .set IVT_SYSTEM, 4 * 0x15

/* Entered from the boot sector with 0 in each segment register, DL the drive. */
    .code16
    .section .start, "ax"
    .global start
start:
    cli
    movb %dl, boot_drive
    movl IVT_TIMER, %eax
    movl %eax, old_timer
    movl $timer16, IVT_TIMER
    movl IVT_SYSTEM, %eax
    movl %eax, old_system
    movl $system16, IVT_SYSTEM
    movb $0x34, %al         /* counter 0, both bytes, mode 2 */
    outb %al, $0x43
    movb $PIT_COUNT & 0xff, %al
    outb %al, $0x40
    movb $PIT_COUNT >> 8, %al
    outb %al, $0x40
    calll protect
    .code32
    movl $STACK_TOP, %esp
    movl $bss_start, %edi
    movl $bss_end, %ecx
    subl %edi, %ecx
    xorl %eax, %eax
    cld
    rep stosb
    sti
    call demo_main
1:  hlt
    jmp 1b

/* From real mode to protected mode, IF=0; returns there. */
    .code16
protect:
    lgdtl gdt_pointer
    lidtl idt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $SEL_CODE, $1f
    .code32
1:  movw $SEL_DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    ret

/*
 * Calls the real mode interrupt handler at `target`, IF=0, with the registers
 * of `block`.  Changes EAX.
 */
visit:
    movl %esp, saved_stack
    ljmp $SEL_CODE16, $1f
    .code16
1:  movw $SEL_DATA16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    lidtl idt16_pointer
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmp $0, $2f
2:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    movl $LOAD_STACK, %esp
    movw block + 24, %es
    movl block + 4, %ebx
    movl block + 8, %ecx
    movl block + 12, %edx
    movl block + 16, %esi
    movl block + 20, %edi
    movl block + 28, %ebp
    movl block, %eax
    pushfw
    lcallw *target
    pushw $0
    popw %ds                /* leaves the flags */
    movl %eax, block
    movl %ebx, block + 4
    movl %ecx, block + 8
    movl %edx, block + 12
    movl %esi, block + 16
    movl %edi, block + 20
    movl %ebp, block + 28
    movw %es, block + 24
    pushfw
    popw block + 26
    cli
    cld
    calll protect
    .code32
    movl saved_stack, %esp
    ret

/* void firmware(unsigned vector, struct registers *r) */
    .global firmware
firmware:
    pushfl
    cli
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 24(%esp), %eax
    movl (, %eax, 4), %eax
    movl %eax, target
    movl 28(%esp), %esi
    movl $block, %edi
    movl $8, %ecx
    rep movsl
    call visit
    movl 28(%esp), %edi
    movl $block, %esi
    movl $8, %ecx
    rep movsl
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    popfl
    ret

/* Interrupts of protected mode. */
    .macro irq vector
irq_\vector:
    pushal
    movl 4 * \vector, %eax
    jmp pass_on
    .endm
    irq 0x09
    irq 0x0a
    irq 0x0b
    irq 0x0c
    irq 0x0e
    irq 0x0f
    irq 0x70
    irq 0x71
    irq 0x72
    irq 0x73
    irq 0x74
    irq 0x75
    irq 0x76
    irq 0x77

irq_0x0d:                   /* IRQ 5, unless the controller knows nothing of it */
    pushal
    movb $0x0b, %al
    outb %al, $PIC1
    inb $PIC1, %al
    testb $0x20, %al
    jz stop
    movl 4 * 0x0d, %eax
    jmp pass_on

irq_0x08:
    pushal
    cld
    incl ticks
    call timer_tick
    testb $15, ticks
    movl old_timer, %eax
    jz pass_on
    movb $0x20, %al
    outb %al, $PIC1
    popal
    iretl

pass_on:
    movl %eax, target
    call visit
    popal
    iretl

/* An exception is an error of ours. */
    .global trap
trap:
    pushal
stop:
    cli
    cld
    pushl %esp
    call demo_stopped
1:  hlt
    jmp 1b

/* Real mode: IRQ 0, INT 15h, packets of the mouse. */
    .code16
timer16:
    incl %cs:ticks
    testb $15, %cs:ticks
    jz 1f
    pushw %ax
    movb $0x20, %al
    outb %al, $PIC1
    popw %ax
    iretw
1:  ljmpw *%cs:old_timer

system16:
    cmpb $0x4f, %ah
    je 1f
    ljmpw *%cs:old_system
1:  pushw %bp
    movw %sp, %bp
    andb $0xfe, 6(%bp)      /* CF=0: the firmware drops the code */
    pushw %bx
    movzbw %cs:key_head, %bx
    movb %al, %cs:key_ring(%bx)
    incb %cs:key_head
    popw %bx
    popw %bp
    iretw

    .global mouse16
mouse16:
    pushw %bp
    movw %sp, %bp
    pushw %ax
    pushw %bx
    movzbw %cs:mouse_head, %bx
    movb 12(%bp), %al       /* status, X, Y, wheel */
    movb %al, %cs:mouse_ring(%bx)
    movb 10(%bp), %al
    movb %al, %cs:mouse_ring + 1(%bx)
    movb 8(%bp), %al
    movb %al, %cs:mouse_ring + 2(%bx)
    movb 6(%bp), %al
    movb %al, %cs:mouse_ring + 3(%bx)
    addb $4, %cs:mouse_head
    popw %bx
    popw %ax
    popw %bp
    lretw

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff /* code, 4 GiB */
    .quad 0x00cf93000000ffff /* data, 4 GiB */
    .quad 0x00009b000000ffff /* code as in real mode */
    .quad 0x000093000000ffff /* data as in real mode */
gdt_pointer:
    .word . - gdt - 1
    .long gdt
idt16_pointer:
    .word 0x3ff
    .long 0
idt_pointer:
    .word idt_end - idt - 1
    .long idt

    .macro gate handler
    .word \handler, SEL_CODE, 0x8e00, 0 /* below 64 KiB: start_end, disk.ld */
    .endm
    .balign 8
idt:
    .rept 8
    gate trap
    .endr
    gate irq_0x08
    gate irq_0x09
    gate irq_0x0a
    gate irq_0x0b
    gate irq_0x0c
    gate irq_0x0d
    gate irq_0x0e
    gate irq_0x0f
    .rept 0x70 - 0x10
    gate trap
    .endr
    gate irq_0x70
    gate irq_0x71
    gate irq_0x72
    gate irq_0x73
    gate irq_0x74
    gate irq_0x75
    gate irq_0x76
    gate irq_0x77
idt_end:

    .balign 4
    .global ticks, key_ring, key_head, mouse_ring, mouse_head, boot_drive
ticks:
    .long 0
target:
    .long 0
saved_stack:
    .long 0
old_timer:
    .long 0
old_system:
    .long 0
block:
    .fill 32, 1, 0
key_ring:
    .fill 256, 1, 0
mouse_ring:
    .fill 256, 1, 0
key_head:
    .byte 0
mouse_head:
    .byte 0
boot_drive:
    .byte 0

    .section .note.GNU-stack, "", @progbits

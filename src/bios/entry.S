/*
 * The ways into and out of the BIOS: interrupt entries, waits and call-outs.
 *
 * A service that is written in C enters through `entry`, which saves the
 * caller's registers as a struct frame (bios.h) on our own stack in the EBDA.
 * Interrupts stay off there.  Whoever has to wait or to call out goes back to
 * the caller's stack for that time, and lowers ebda.stack_free so that another
 * entry starts below.  So other people's code never runs on our stack, and our
 * C code needs about 30 bytes of theirs.
 *
 * Source: IBM PC AT Technical Reference, BIOS listing (what each interrupt
 *         leaves in the BDA); Intel 386 manual, "Interrupts in real mode".
 */
    .code16
    .text

#include "bios/entry.h"

/*
 * Real or V86 mode, caller's stack: handler, IP, CS, FLAGS.
 */
    .globl entry
entry:
    cli
    cld
    pushw %ds
    pushl %eax
    pushl %ebx
    movw $0x40, %ax
    movw %ax, %ds
    movw 0x0e, %ax
    movw %ax, %ds                   /* the EBDA */
    movw %ss, %ax
    movl %esp, %ebx
    pushw %ds
    popw %ss                        /* no interrupt before the next insn */
    movl EBDA_STACK_FREE, %esp
    movw %ax, %ds                   /* the caller's stack: DS:BX */
    pushw %ax
    pushw %ax
    pushl %ebx
    pushw 10(%bx)                   /* handler */
    pushw 16(%bx)                   /* FLAGS */
    pushw %gs
    pushw %fs
    pushw %es
    pushw 8(%bx)                    /* DS */
    pushl %ebp
    pushl %edi
    pushl %esi
    pushl %edx
    pushl %ecx
    pushl (%bx)                     /* EBX */
    pushl 4(%bx)                    /* EAX */
    movzwl 10(%bx), %ecx
    movw $0x40, %ax
    movw %ax, %fs
    movw %ss, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %gs
    movl %esp, %eax
    calll *%ecx
    /* The frame is at SS:ESP again. */
    movzwl %sp, %eax
    movl FRAME_ESP(%eax), %ebx
    movw FRAME_SS(%eax), %ds
    popl 4(%bx)
    popl (%bx)
    popl %ecx
    popl %edx
    popl %esi
    popl %edi
    popl %ebp
    popw 8(%bx)
    popw %es
    popw %fs
    popw %gs
    popw 16(%bx)
    addw $2, %sp
    popl %ebx
    popw %ss
    movl %ebx, %esp
    popl %ebx
    popl %eax
    popw %ds
    addw $2, %sp
    iretw

/*
 * void wait_halt(void), void wait_window(void): C, our stack, IF=0.
 * The frame that holds the caller's SS:ESP ends at ebda.stack_free.
 */
    .globl wait_halt
wait_halt:
    movw $1f, %dx
    jmp on_callers_stack
1:  sti
    hlt
    cli
    jmp on_our_stack

    .globl wait_window
wait_window:
    movw $1f, %dx
    jmp on_callers_stack
1:  sti
    nop
    nop
    cli
    /* fall through */

on_our_stack:
    cld
    pushw %gs
    popw %ss
    movl %gs:EBDA_STACK_FREE, %esp
    popl %gs:EBDA_STACK_FREE
    retl

on_callers_stack:                   /* goes on at CS:DX */
    movl %gs:EBDA_STACK_FREE, %ecx
    pushl %ecx
    movl %esp, %gs:EBDA_STACK_FREE
    movl %ss:FRAME_ESP-FRAME_SIZE(%ecx), %eax
    movw %ss:FRAME_SS-FRAME_SIZE(%ecx), %ss
    movl %eax, %esp
    jmpw *%dx

/*
 * void call_out(struct callout *c): C, our stack, IF=0.  The other side may
 * change every register but SS:SP, and need not know FS and GS.
 */
    .globl call_out
call_out:
    pushl %ebx
    pushl %esi
    pushl %edi
    pushl %ebp
    pushw %es
    pushw %fs
    pushw %gs
    pushl %gs:EBDA_STACK_FREE
    pushl %eax                      /* c: where the way back finds it */
    movl %eax, %esi
    movl %gs:EBDA_STACK_FREE, %ecx
    movl %esp, %gs:EBDA_STACK_FREE
    movl %ss:FRAME_ESP-FRAME_SIZE(%ecx), %eax
    movw %ss:FRAME_SS-FRAME_SIZE(%ecx), %ss
    movl %eax, %esp
    movw CALLOUT_PUSHES(%si), %cx
    leaw CALLOUT_WORD(%si), %bx
    jcxz 2f
1:  pushw (%bx)
    addw $2, %bx
    loop 1b
2:  pushw %cs
    pushw $called_out
    pushl CALLOUT_OFF(%si)          /* segment and offset */
    movl (%si), %eax
    movl 4(%si), %ebx
    movl 8(%si), %ecx
    movl 12(%si), %edx
    movw CALLOUT_ES(%si), %es
    pushw %fs
    popw %ds                        /* 0040h */
    lretw                           /* to the target */
called_out:
    cli
    cld
    pushfw
    pushl %eax
    pushl %esi
    movw $0x40, %ax
    movw %ax, %ds
    movw 0x0e, %ax
    movw %ax, %ds
    movl EBDA_STACK_FREE, %esi
    movl (%esi), %esi               /* c */
    movl %ebx, 4(%si)
    movl %ecx, 8(%si)
    movl %edx, 12(%si)
    popl %eax
    popl (%si)
    popw CALLOUT_FLAGS(%si)
    pushw %ds
    popw %ss
    movl EBDA_STACK_FREE, %esp
    addw $4, %sp
    popl EBDA_STACK_FREE
    popw %gs
    popw %fs
    popw %es
    popl %ebp
    popl %edi
    popl %esi
    popl %ebx
    retl

/*
 * Entries of the services in C.
 */
    .macro service name handler
    .globl \name
\name:
    pushw $\handler
    jmp entry
    .endm

    service int05_entry int05
    service int09_entry int09
    service int14_entry int14
    service int17_entry int17
    service int1a_entry int1a
    service int40_entry int13_floppy
    service int70_entry int70
    service int74_entry int74
    service post_entry post_main
    service boot_entry boot_next

/*
 * INT 08h, IRQ 0: 18.2 times a second.  Caller's stack, IF=0.
 */
    .globl int08_entry
int08_entry:
    pushl %eax
    pushw %dx
    pushw %ds
    movw $0x40, %ax
    movw %ax, %ds
    incl 0x6c
    cmpl $TICKS_A_DAY, 0x6c
    jb 1f
    movl $0, 0x6c
    movb $1, 0x70
1:  decb 0x40
    jnz 2f
    andb $0xf0, 0x3f                /* motors off */
    movb $0x0c, %al
    movw $0x3f2, %dx
    outb %al, %dx
2:  int $0x1c
    cli
    movb $0x20, %al
    outb %al, $0x20
    popw %ds
    popw %dx
    popl %eax
    iretw

/*
 * INT 0Eh, IRQ 6: the floppy controller.  Caller's stack, IF=0.
 */
    .globl int0e_entry
int0e_entry:
    pushw %ax
    pushw %ds
    movw $0x40, %ax
    movw %ax, %ds
    orb $0x80, 0x3e
    movb $0x20, %al
    outb %al, $0x20
    movw $0x9101, %ax
    int $0x15
    popw %ds
    popw %ax
    iretw

/*
 * INT 76h and 77h, IRQ 14 and 15: the ATA channels.  Caller's stack, IF=0.
 */
    .globl int76_entry
int76_entry:
    pushw %ax
    pushw %ds
    movw $0x40, %ax
    movw %ax, %ds
    movb $0xff, 0x8e
    movb $0x20, %al
    outb %al, $0xa0
    outb %al, $0x20
    movw $0x9100, %ax
    int $0x15
    popw %ds
    popw %ax
    iretw

/*
 * An IRQ that nobody serves.  Caller's stack, IF=0.  A spurious one is in no
 * in-service register and gets no EOI (8259A data sheet, "Default IR7").
 */
    .globl irq_entry
irq_entry:
    pushw %ax
    pushw %ds
    movw $0x40, %ax
    movw %ax, %ds
    movb $0x0b, %al                 /* OCW3: read in-service next */
    outb %al, $0x20
    outb %al, $0xa0
    inb $0xa0, %al
    testb %al, %al
    jz 1f
    movb $0x20, %al
    outb %al, $0xa0
1:  inb $0x20, %al
    testb %al, %al
    jz 2f
    movb %al, 0x6b
    movb $0x20, %al
    outb %al, $0x20
2:  popw %ds
    popw %ax
    iretw

/* INT 71h, IRQ 9: old software expects it as IRQ 2. */
    .globl int71_entry
int71_entry:
    pushw %ax
    movb $0x20, %al
    outb %al, $0xa0
    popw %ax
    int $0x0a
    iretw

/* INT 75h, IRQ 13: the coprocessor's error, which the PC reports as NMI. */
    .globl int75_entry
int75_entry:
    pushw %ax
    xorb %al, %al
    outb %al, $0xf0
    movb $0x20, %al
    outb %al, $0xa0
    outb %al, $0x20
    popw %ax
    int $0x02
    iretw

    .globl int11_entry
int11_entry:
    pushw %ds
    movw $0x40, %ax
    movw %ax, %ds
    movw 0x10, %ax
    popw %ds
    iretw

    .globl int12_entry
int12_entry:
    pushw %ds
    movw $0x40, %ax
    movw %ax, %ds
    movw 0x13, %ax
    popw %ds
    iretw

    .globl iret_entry
iret_entry:
    iretw

/*
 * INT 13h: the drives that a CD-ROM stands for; diskettes go through vector
 * 40h, so that its owner sees them.
 */
    .globl int13_entry
int13_entry:
    pushw %ax
    pushw %ds
    movw $0x40, %ax
    movw %ax, %ds
    movw 0x0e, %ax
    movw %ax, %ds                   /* the EBDA */
    movb %dl, %al
    subb EBDA_CD_FIRST, %al
    cmpb EBDA_CD_COUNT, %al
    popw %ds
    popw %ax
    jb 2f
    testb %dl, %dl
    js 1f
    pushl %eax                      /* room for the address */
    pushw %bp
    movw %sp, %bp
    pushw %ds
    pushl %eax
    xorw %ax, %ax
    movw %ax, %ds
    movl 0x40 * 4, %eax
    movl %eax, 2(%bp)
    popl %eax
    popw %ds
    popw %bp
    lretw
1:  pushw $int13_disk
    jmp entry
2:  pushw $int13_cd
    jmp entry

/*
 * INT 15h: what is asked often or has to wait stays on the caller's stack.
 */
    .globl int15_entry
int15_entry:
    cmpb $0x4f, %ah                 /* keyboard intercept: keep the key */
    je int15_carry
    cmpb $0x90, %ah                 /* device busy, device ready */
    je int15_good
    cmpb $0x91, %ah
    je int15_good
    cmpb $0x86, %ah
    je int15_86
    cmpb $0x89, %ah
    je int15_89
    cmpw $0x5305, %ax
    je int15_5305
    pushw $int15
    jmp entry

int15_carry:
    pushw %bp
    movw %sp, %bp
    orb $1, 6(%bp)
    popw %bp
    iretw

int15_good:
    xorb %ah, %ah
int15_clear:
    pushw %bp
    movw %sp, %bp
    andb $0xfe, 6(%bp)
    popw %bp
    iretw

/* Wait CX:DX us.  C starts the clock, we sleep here until INT 70h is done. */
int15_86:
    pushfw
    pushw %cs
    callw 3f
    jc int15_carry                  /* somebody else waits already */
    jz int15_clear                  /* it was short: done */
    pushw %ax
    pushw %ds
    movw $0x40, %ax
    movw %ax, %ds
1:  cli
    testb $0x80, 0xa0
    jnz 2f
    sti
    hlt
    jmp 1b
2:  movb $0, 0xa0
    popw %ds
    popw %ax
    jmp int15_clear
3:  pushw $int15_86_start
    jmp entry

/* APM: CPU idle. */
int15_5305:
    sti
    hlt
    jmp int15_good

/*
 * INT 16h: 00h and 10h wait for a key on the caller's stack.
 */
    .globl int16_entry
int16_entry:
    testb $0xef, %ah
    jz 1f
    pushw $int16
    jmp entry
1:  pushw %ax                       /* the function, for each try */
    pushw %ds
    movw $0x40, %ax
    movw %ax, %ds
    cli
    movw 0x1a, %ax
    cmpw 0x1c, %ax
    jne 3f
    movw $0x9002, %ax               /* others may run meanwhile */
    int $0x15
2:  cli
    movw 0x1a, %ax
    cmpw 0x1c, %ax
    jne 3f
    sti
    hlt
    jmp 2b
3:  popw %ds
    popw %ax
    pushw %ax
    pushfw
    pushw %cs
    callw 4f
    jnc 5f
    popw %ax                        /* that key was not for this function */
    jmp 1b
4:  pushw $int16
    jmp entry
5:  addw $2, %sp
    iretw

/*
 * INT 19h: the stack and the registers that a boot sector finds.
 * C answers with the drive in AL and the address in CX:BX, or with carry if
 * there was nothing to boot.
 */
    .globl int19_entry
int19_entry:
    cli
    movw $0x40, %ax
    movw %ax, %ds
    movw 0x0e, %ax
    movw %ax, %ds
    movl $EBDA_SIZE, EBDA_STACK_FREE /* whoever was inside will not return */
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $0x7c00, %esp
    pushfw
    pushw %cs
    callw 1f
    jc 2f
    movzbl %al, %edx                /* the drive */
    movl $0x7c00, %esp
    pushw %cx
    pushw %bx
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %ebp, %ebp
    sti
    lretw
1:  jmp boot_entry
2:  int $0x18                       /* which comes back here by itself */

/*
 * INT 18h: says that there is nothing to start; a key tries again.
 */
    .globl int18_entry
int18_entry:
    pushfw
    pushw %cs
    callw 1f
    jmp int19_entry
1:  pushw $int18
    jmp entry

/*
 * Excursions into protected mode: looking for memory, INT 15h AH=87h (block
 * move) and AH=89h (go there and stay).
 *
 * Source: IBM PC AT Technical Reference, BIOS interface, INT 15h; Intel 386
 *         manual, "Switching to and from protected mode".
 */
    .code16
    .text

#include "bios/entry.h"

    .set SEL_CODE, 0x08
    .set SEL_FLAT, 0x10
    .set SEL_REAL, 0x18

    .balign 8
gdt:
    .quad 0
    .quad 0x00009b0f0000ffff        /* F0000, 64 KiB, code, 16 bit */
    .quad 0x008f93000000ffff        /* 0, 4 GiB, data */
    .quad 0x000093000000ffff        /* 0, 64 KiB, data: limits of real mode */
gdt_ptr:
    .word . - gdt - 1
    .long gdt + 0xf0000

/*
 * In: real mode, IF=0, near return address on the stack (which stays usable:
 * SS keeps its base).  Out: protected mode, DS and ES flat.  Changes AX.
 */
pm_enter:
    lgdtl %cs:gdt_ptr
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpw $SEL_CODE, $1f
1:  movw $SEL_FLAT, %ax
    movw %ax, %ds
    movw %ax, %es
    retw

/* The way back; DS and ES get limits of 64 KiB and the value of SS. */
pm_leave:
    movw $SEL_REAL, %ax
    movw %ax, %ds
    movw %ax, %es
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpw $0xf000, $1f
1:  movw %ss, %ax
    movw %ax, %ds
    movw %ax, %es
    retw

/* void pm_copy(uint32_t dst, uint32_t src, uint32_t words): C, IF=0, A20 on. */
    .globl pm_copy
pm_copy:
    pushl %esi
    pushl %edi
    movl %eax, %edi
    movl %edx, %esi
    callw pm_enter
    rep movsw (%esi), %es:(%edi)
    callw pm_leave
    popl %edi
    popl %esi
    retl

/*
 * uint32_t pm_find_memory(void): KiB of RAM above 1 MiB, by writing and reading
 * back the first word of each MiB; what was there is put back.  C, IF=0, A20 on.
 */
    .globl pm_find_memory
pm_find_memory:
    pushl %esi
    pushl %ebx
    callw pm_enter
    movl $0x100000, %esi
1:  movl (%esi), %ebx
    movl %ebx, %ecx
    notl %ecx
    movl %ecx, (%esi)
    movl $0, %ss:-64(%esp)          /* something else on the data lines */
    movl (%esi), %eax
    movl %ebx, (%esi)
    cmpl %ecx, %eax
    jne 2f
    addl $0x100000, %esi
    cmpl $0xe0000000, %esi
    jb 1b
2:  callw pm_leave
    movl %esi, %eax
    subl $0x100000, %eax
    shrl $10, %eax
    popl %ebx
    popl %esi
    retl

/*
 * INT 15h AH=89h: ES:SI = GDT with descriptors 08h GDT, 10h IDT, 18h DS,
 * 20h ES, 28h SS, 30h CS, 38h for us.  Returns in protected mode, IF=0.
 * int15_89_prepare has put the interrupt controllers right.
 */
    .globl int15_89
int15_89:
    pushfw
    pushw %cs
    callw 2f
    jc 3f
    cli
    lgdtw %es:0x08(%si)
    lidtw %es:0x10(%si)
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpw $0x38, $1f
1:  movw $0x18, %ax
    movw %ax, %ds
    movw $0x20, %ax
    movw %ax, %es
    movw $0x28, %ax
    movw %ax, %ss
    popw %bx                        /* IP */
    addw $4, %sp                    /* CS, FLAGS */
    pushw $0x30
    pushw %bx
    xorw %ax, %ax
    lretw
2:  pushw $int15_89_prepare
    jmp entry
3:  pushw %bp
    movw %sp, %bp
    orb $1, 6(%bp)
    popw %bp
    iretw

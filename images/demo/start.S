/*
 * First instructions of the demo program, and calls to the firmware.
 * Real mode; every segment register is 0; stack below 7C00h; interrupts on.
 */
#include "demo.inc"

    .code16
    .section .start, "ax"
    .global start
start:
    xorl %esp, %esp
    movw $LOAD_STACK, %sp
    xorl %eax, %eax
    movw $bss_start, %di
    movw $bss_end, %cx
    subw %di, %cx
    cld
    rep stosb
    calll demo_main
1:  hlt
    jmp 1b

/*
 * void firmware(unsigned vector, struct registers *r)
 * An INT without its instruction, so that the vector can be a number.
 * Offsets of struct registers: see demo.h.
 */
    .text
    .global firmware
firmware:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 20(%esp), %eax
    shll $2, %eax
    movl %eax, vector
    movl 24(%esp), %ebp
    movl %ebp, block
    movl 0(%ebp), %eax
    movl 4(%ebp), %ebx
    movl 8(%ebp), %ecx
    movl 12(%ebp), %edx
    movl 16(%ebp), %esi
    movl 20(%ebp), %edi
    movw 24(%ebp), %es
    pushw vector
    popw %bp
    pushfw
    cli
    lcallw *%ds:(%bp)
    /* SS is 0 still; DS may not be. */
    pushw $0
    popw %ds
    movl block, %ebp
    movl %eax, 0(%ebp)
    movl %ebx, 4(%ebp)
    movl %ecx, 8(%ebp)
    movl %edx, 12(%ebp)
    movl %esi, 16(%ebp)
    movl %edi, 20(%ebp)
    movw %es, 24(%ebp)
    pushfw
    popw 26(%ebp)
    sti
    cld
    pushw $0
    popw %es
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    retl

    .bss
vector:
    .long 0
block:
    .long 0

    .section .note.GNU-stack, "", @progbits

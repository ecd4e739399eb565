/*
 * Privileged tests: how a piece of test code is entered with a given state, and
 * how every interrupt of it comes back to C.
 *
 * run() takes all registers from `T`, enters by IRET, and returns when any
 * vector's default gate was taken; `T` has the state at that point (priv.h).
 */
#define SEL_DATA 0x10

/* struct ctx, priv.h */
#define T_EAX     T + 0
#define T_ECX     T + 4
#define T_EDX     T + 8
#define T_EBX     T + 12
#define T_ESP     T + 16
#define T_EBP     T + 20
#define T_ESI     T + 24
#define T_EDI     T + 28
#define T_EIP     T + 32
#define T_EFLAGS  T + 36
#define T_CS      T + 40
#define T_SS      T + 44
#define T_DS      T + 48
#define T_ES      T + 52
#define T_FS      T + 56
#define T_GS      T + 60
#define T_VECTOR  T + 64
#define T_HSS     T + 68
#define T_HESP    T + 72
#define T_HFLAGS  T + 76
#define T_CR0     T + 80
#define T_CR2     T + 84
#define T_CR3     T + 88
#define T_TR      T + 92
#define T_HCS     T + 96

    .text
    .globl run
run:
    pushal
    movl %esp, run_esp
    movl $1, running
    testl $0x20000, T_EFLAGS
    jnz run_v86
    testb $3, T_CS
    jz run_ring0
    pushl T_SS
    pushl T_ESP
    jmp run_common
run_ring0:
    movl T_ESP, %esp                /* a stack of the test's own, maybe 16-bit */
    movw T_SS, %ss
    movl T_ESP, %esp
run_common:
    pushl T_EFLAGS
    pushl T_CS
    pushl T_EIP
    movl T_EAX, %eax
    movl T_ECX, %ecx
    movl T_EDX, %edx
    movl T_EBX, %ebx
    movl T_EBP, %ebp
    movl T_ESI, %esi
    movl T_EDI, %edi
    movw T_ES, %es
    movw T_FS, %fs
    movw T_GS, %gs
    movw T_DS, %ds
    iretl
run_v86:
    pushl T_GS
    pushl T_FS
    pushl T_DS
    pushl T_ES
    pushl T_SS
    pushl T_ESP
    pushl T_EFLAGS
    pushl T_CS
    pushl T_EIP
    movl T_EAX, %eax
    movl T_ECX, %ecx
    movl T_EDX, %edx
    movl T_EBX, %ebx
    movl T_EBP, %ebp
    movl T_ESI, %esi
    movl T_EDI, %edi
    iretl

/* The handler's stack may be any; nothing but its top is relied on. */
trap_common:
    pushl %ds
    pushl %eax
    movw $SEL_DATA, %ax
    movw %ax, %ds
    popl T_EAX
    popl T_DS
    popl T_VECTOR
    movl %esp, T_HESP
    movw %ss, T_HSS
    movw %cs, T_HCS
    pushfl
    popl T_HFLAGS
    movl %ecx, T_ECX
    movl %edx, T_EDX
    movl %ebx, T_EBX
    movl %ebp, T_EBP
    movl %esi, T_ESI
    movl %edi, T_EDI
    movw %es, T_ES
    movw %fs, T_FS
    movw %gs, T_GS
    movl %cr0, %eax
    movl %eax, T_CR0
    movl %cr2, %eax
    movl %eax, T_CR2
    movl %cr3, %eax
    movl %eax, T_CR3
    str %ax
    movw %ax, T_TR
    clts                            /* and what a task switch left */
    movw $SEL_DATA, %ax
    movw %ax, %ss
    movw %ax, %es
    cmpl $0, running
    je 1f
    movl $0, running
    movl run_esp, %esp
    xorl %eax, %eax
    movw %ax, %fs
    movw %ax, %gs
    pushl $2
    popfl
    cld
    popal
    ret
1:  movl $main_stack_top, %esp
    pushl $2
    popfl
    cld
    call trap_unexpected

    .balign 16
    .globl trap_stubs
trap_stubs:
    .set n, 0
    .rept 256
    .balign 16
    pushl $n
    jmp trap_common
    .set n, n + 1
    .endr

    .bss
    .globl running
running:
    .long 0
run_esp:
    .long 0
    .section .note.GNU-stack, "", @progbits

/*
 * Privileged tests: boot sector, the way into protected mode and back to real
 * mode, and all that must lie in the first 64 KiB.
 *
 * The whole image is loaded to 0000:7C00 and on; real-mode code keeps CS = DS =
 * SS = 0.  The shutdown code 0Ah in CMOS leads from a reset to `after_reset`.
 */
#define SEL_CODE 0x08
#define SEL_DATA 0x10

    .code16
    .section .boot, "ax"
    .globl start
start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    movw $0x7c00, %sp
    sti
    cld
    ljmp $0, $1f
1:  movb %dl, boot_drive
    movw $1, %si                    /* sector counted from 0 */
    movw $0x7e0, %di                /* where to, as a segment */
load:
    movw %si, %ax
    movb $36, %cl
    divb %cl                        /* AL cylinder, AH rest */
    movb %al, %ch
    movzbw %ah, %ax
    movb $18, %cl
    divb %cl                        /* AL head, AH sector */
    movb %al, %dh
    movb %ah, %cl
    incb %cl
    movb boot_drive, %dl
    movw %di, %es
    xorw %bx, %bx
    movw $0x0201, %ax
    int $0x13
    jc load
    addw $32, %di
    incw %si
    cmpw $image_sectors, %si
    jb load
    cli
    movb $0xff, %al                 /* no interrupt but those a test asks for */
    outb %al, $0xa1
    outb %al, $0x21
    inb $0x92, %al
    orb $2, %al
    andb $0xfe, %al
    outb %al, $0x92
    jmp enter_protected
boot_drive:
    .byte 0
    .org 510
    .word 0xaa55

/* Page 0 has the BIOS's data: nothing of it is touched. */
enter_protected:
    lgdtl boot_gdtr
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
    movl $main_stack_top, %esp
    cld
    movl $bss_start, %edi
    movl $bss_end, %ecx
    subl %edi, %ecx
    xorl %eax, %eax
    rep stosb
    call main
1:  hlt
    jmp 1b

/*
 * void real_call(void (*fn)(void)): runs 16-bit code of this section in real
 * mode with CS = DS = ES = SS = 0 and interrupts off, then comes back with the
 * tables and segments of before.  fn ends with RETW and changes what it likes.
 */
    .globl real_call
real_call:
    pushal
    movl 36(%esp), %ebx
    sgdt real_gdtr
    sidt real_idtr
    movl %esp, real_esp
    lgdt boot_gdtr
    ljmpl $0x18, $1f
    .code16
1:  movw $0x20, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpw $0, $1f
1:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $0x7c00, %esp
    lidtl boot_idtr
    callw *%bx
    .globl real_return
real_return:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    lgdtl real_gdtr
    lidtl real_idtr
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
    movl real_esp, %esp
    cld
    popal
    ret

/*
 * uint32_t triple_fault(void): 1 if a triple fault reset the machine and the
 * firmware came here by the shutdown code; does not return otherwise.
 */
    .globl triple_fault
triple_fault:
    pushal
    sgdt real_gdtr
    sidt real_idtr
    movl %esp, real_esp
    movb $0x8f, %al
    outb %al, $0x70
    movb $0x0a, %al
    outb %al, $0x71
    movb $0x0d, %al
    outb %al, $0x70
    movl $after_reset, 0x467
    lidt no_idtr
    movl $0x12345678, %edx
    int $3
1:  hlt
    jmp 1b
    .code16
after_reset:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movb $0x0f, %al
    outb %al, $0x70
    movb $0, %al
    outb %al, $0x71
    movb $0xff, %al
    outb %al, $0xa1
    outb %al, $0x21
    inb $0x92, %al
    orb $2, %al
    andb $0xfe, %al
    outb %al, $0x92
    movl %cr0, %eax
    movl %eax, reset_cr0
    lgdtl real_gdtr
    lidtl real_idtr
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
    movl real_esp, %esp
    cld
    popal
    movl $1, %eax
    ret
    .code16

/* APM 1.2: connect, enable, then off.  Comes back if there is no such BIOS. */
    .globl real_apm_off
real_apm_off:
    movw $0x5301, %ax
    xorw %bx, %bx
    int $0x15
    movw $0x530e, %ax
    xorw %bx, %bx
    movw $0x0102, %cx
    int $0x15
    movw $0x5307, %ax
    movw $0x0001, %bx
    movw $0x0003, %cx
    int $0x15
    retw

/* --- real-mode cases: results in real_result[] ----------------------------- */

/* FS gets a 4 GiB limit in protected mode and keeps it: SDM vol. 3, 9.9.2. */
    .globl real_unreal
real_unreal:
    movl $0xffffffff, real_result
    movl $0xffffffff, real_result + 4
    movw $bad, 0x0d * 4             /* #GP */
    movw $0, 0x0d * 4 + 2
    movl $2, real_result
    movl $0x100000, %ebx
    movl %fs:(%ebx), %eax           /* limit 64K: #GP, vector 13 */
    jmp 2f
bad:
    movl $13, real_result
    addw $6, %sp
2:  lgdtl boot_gdtr
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    jmp 1f
1:  movw $0x10, %cx                 /* flat, 4 GiB */
    movw %cx, %fs
    andb $0xfe, %al
    movl %eax, %cr0
    jmp 1f
1:  xorw %ax, %ax
    movw %ax, %fs                   /* the base goes, the limit stays */
    movl $0x100000, %ebx
    movl $0xcafe1234, %fs:(%ebx)
    movl %fs:(%ebx), %eax
    movl %eax, real_result + 4
    lgdtl boot_gdtr                 /* and back to 64 KiB */
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    movw $0x20, %cx
    movw %cx, %fs
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpw $0, $1f
1:  xorw %ax, %ax
    movw %ax, %fs
    retw

/*
 * Faults of real mode (SDM vol. 3, 20.1.4; table 20-1): a word over the end of
 * the segment (13; 12 by SS), an instruction over the limit, a vector outside
 * the IDT, #UD for instructions that need protected mode.  One bit each.
 */
    .macro REAL_TRY vector, bit, insn:vararg
    movw $1f, \vector * 4
    movw $0, \vector * 4 + 2
    movw %sp, %bp
    movw $0xffff, %bx
    \insn
    jmp 2f
1:  movw %sp, %dx
    movw %bp, %sp
    subw %dx, %bp                   /* three words were pushed, no code */
    cmpw $6, %bp
    jne 2f
    orl $1 << \bit, real_result
2:
    .endm
    .globl real_faults
real_faults:
    movl $0, real_result
    REAL_TRY 13, 0, movw (%bx), %ax
    REAL_TRY 13, 1, movl -2(%bx), %eax
    movw %sp, %di
    REAL_TRY 12, 2, movw %ss:(%bx), %ax
    REAL_TRY 6, 3, lldt %ax
    REAL_TRY 6, 4, str %ax
    REAL_TRY 6, 5, arpl %ax, %bx
    REAL_TRY 6, 6, verr %ax
    REAL_TRY 0, 7, divb real_zero
    REAL_TRY 6, 8, lar %ax, %ax
    REAL_TRY 13, 9, movw %ax, (%bx)
    REAL_TRY 5, 10, boundw %bx, real_zero
    retw
real_zero:
    .long 0

    .globl real_result, reset_cr0
    .balign 4
real_result:
    .long 0, 0, 0, 0
reset_cr0:
    .long 0
real_esp:
    .long 0
boot_gdt:
    .quad 0
    .quad 0x00cf9b000000ffff        /* 08h: code, 4 GiB */
    .quad 0x00cf93000000ffff        /* 10h: data, 4 GiB */
    .quad 0x00009b000000ffff        /* 18h: code, 64 KiB, base 0 */
    .quad 0x000093000000ffff        /* 20h: data, 64 KiB, base 0 */
boot_gdtr:
    .word . - boot_gdt - 1
    .long boot_gdt
boot_idtr:
    .word 0x3ff
    .long 0
no_idtr:
    .word 0
    .long 0
real_gdtr:
    .word 0, 0, 0, 0
real_idtr:
    .word 0, 0, 0, 0
    .section .note.GNU-stack, "", @progbits

/*
 * System BIOS test disk: boot sector, and what C cannot say.
 *
 * Loads the rest of the program behind itself at 7C00h, sector by sector (18 a
 * track, 2 heads) unless that is done, and runs test_main with CS = DS = ES = SS = 0, the stack
 * below 7C00h and interrupts on.
 */
    .code16
    .section .boot, "ax"
    .globl start
start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    movl $0x7c00, %esp
    sti
    cld
    ljmp $0, $1f
1:  movb %dl, boot_drive
    cmpb $0, loaded
    jne go
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
go: xorw %ax, %ax
    movw %ax, %es
    calll test_main
1:  hlt
    jmp 1b
    .globl boot_drive
boot_drive:
    .byte 0
    .org 445                        /* behind it: room for a partition table */
loaded:
    .byte 0                         /* 1: the firmware has loaded all */
    .org 510
    .word 0xaa55

/*
 * void int_call(struct regs *r, uint8_t vector): registers from *r, the
 * interrupt on a stack of its own (2000:0200, ESP upper half r->esp_high),
 * registers back to *r.
 */
    .text
    .globl int_call
int_call:
    pushal
    movb %dl, 2f + 1
    jmp 1f                          /* the instruction below was changed */
1:  movl %esp, saved_esp
    movl %eax, %esi
    movl %esi, saved_regs
    movw 38(%esi), %bx
    shll $16, %ebx
    movw $0x200, %bx
    movw $0x2000, %cx
    movw %cx, %ss
    movl %ebx, %esp
    pushw 36(%esi)                  /* FLAGS */
    pushw 28(%esi)                  /* DS */
    movw 30(%esi), %es
    movw 32(%esi), %fs
    movw 34(%esi), %gs
    movl 0(%esi), %eax
    movl 4(%esi), %ebx
    movl 8(%esi), %ecx
    movl 12(%esi), %edx
    movl 20(%esi), %edi
    movl 24(%esi), %ebp
    movl 16(%esi), %esi
    popw %ds
    popfw
2:  int $0
    pushfw
    pushw %ds
    pushl %esi
    pushw $0
    popw %ds
    movl saved_regs, %esi
    movl %eax, 0(%esi)
    movl %ebx, 4(%esi)
    movl %ecx, 8(%esi)
    movl %edx, 12(%esi)
    popl 16(%esi)
    movl %edi, 20(%esi)
    movl %ebp, 24(%esi)
    popw 28(%esi)
    movw %es, 30(%esi)
    movw %fs, 32(%esi)
    movw %gs, 34(%esi)
    popw 36(%esi)
    movl %esp, %eax
    shrl $16, %eax
    movw %ax, 38(%esi)
    xorw %ax, %ax
    movw %ax, %ss
    movl saved_esp, %esp
    movw %ax, %es
    cld
    sti
    popal
    retl

/*
 * uint32_t reset_and_return(uint8_t code): resets the CPU with the shutdown
 * code in CMOS 0Fh and comes back through 0040:0067; 1 if it did.
 */
    .globl reset_and_return
reset_and_return:
    pushal
    cli
    movb %al, %bl
    movb $0x8f, %al
    outb %al, $0x70
    movb %bl, %al
    outb %al, $0x71
    movb $0x0d, %al
    outb %al, $0x70
    movl $2f, 0x467
    movl %esp, saved_esp
    cmpb $9, %bl
    jne 1f
    pushfw                          /* for IRET, POPA, ES, DS */
    pushw %cs
    pushw $2f
    pushaw
    pushw %es
    pushw %ds
    movw %sp, 0x467
    movw %ss, 0x469
1:  movb $0xfe, %al
    outb %al, $0x64
    hlt
    jmp 1b
2:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl saved_esp, %esp
    cld
    popal
    movl $1, %eax
    retl

/*
 * uint32_t protected_and_back(void): INT 15h AH=89h, then back to real mode;
 * CS in protected mode.  `gdt` has the descriptors that it asks for.
 */
    .globl protected_and_back
protected_and_back:
    pushl %ebx
    pushl %esi
    pushl %edi
    pushl %ebp
    inb $0x21, %al
    pushw %ax
    inb $0xa1, %al
    pushw %ax
    movl %esp, saved_esp
    movw $gdt, %si
    movw $0x0870, %bx
    movw $0x8900, %ax
    int $0x15
    movw %cs, %bx
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpw $0, $1f
1:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl saved_esp, %esp
    lidtl real_idt
    popw %ax
    outb %al, $0xa1
    popw %ax
    outb %al, $0x21
    sti
    movzwl %bx, %eax
    popl %ebp
    popl %edi
    popl %esi
    popl %ebx
    retl
real_idt:
    .word 0x3ff
    .long 0
    .balign 8
gdt:
    .quad 0
    .word 0x3f, gdt, 0x9300, 0      /* 08h: itself */
    .quad 0x00009300000003ff        /* 10h: IDT */
    .quad 0x000093000000ffff        /* 18h: DS */
    .quad 0x000093000000ffff        /* 20h: ES */
    .quad 0x000093000000ffff        /* 28h: SS */
    .quad 0x00009b000000ffff        /* 30h: CS */
    .quad 0                         /* 38h: the BIOS's */

/* A mouse driver: counts its calls, keeps the first word pushed. */
    .globl mouse_driver, mouse_calls, mouse_status
mouse_driver:
    pushw %bp
    movw %sp, %bp
    pushw %ax
    movw 12(%bp), %ax
    movw %ax, %cs:mouse_status
    incw %cs:mouse_calls
    popw %ax
    popw %bp
    lretw
mouse_calls:
    .word 0
mouse_status:
    .word 0

/* INT 4Fh style hooks: an INT 1Ch that uses registers as the AT lets it. */
    .globl hook_1c, hook_1c_calls
hook_1c:
    incw %cs:hook_1c_calls
    movw $0x5555, %ax
    movw %ax, %dx
    movw %ax, %ds
    iretw
hook_1c_calls:
    .word 0

    .globl hook_1b, hook_1b_calls
hook_1b:
    incw %cs:hook_1b_calls
    iretw
hook_1b_calls:
    .word 0

/* An INT 09h that keeps every byte to itself. */
    .globl hook_09, hook_09_calls
hook_09:
    pushw %ax
    inb $0x60, %al
    incw %cs:hook_09_calls
    movb $0x20, %al
    outb %al, $0x20
    popw %ax
    iretw
hook_09_calls:
    .word 0

/* An INT 09h that looks at the byte first, then lets the firmware have it. */
    .globl hook_09_look, old_09
hook_09_look:
    pushw %ax
    inb $0x60, %al
    popw %ax
    ljmpw *%cs:old_09
old_09:
    .long 0

/* INT 15h: Caps Lock becomes 'z' (AH=4Fh), the rest goes on. */
    .globl hook_15, old_15
hook_15:
    cmpb $0x4f, %ah
    jne 1f
    cmpb $0x3a, %al
    jne 1f
    movb $0x2c, %al
    stc
    lretw $2
1:  ljmpw *%cs:old_15
old_15:
    .long 0

    .bss
saved_esp:
    .long 0
saved_regs:
    .long 0
    .section .note.GNU-stack, "", @progbits

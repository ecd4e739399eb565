/*
 * Small functions for the C code: other segments, strings of port I/O, the
 * kind of CPU, and what compilers call behind our back.
 *
 * Arguments in EAX, EDX, ECX, then on the stack (-mregparm=3); their upper
 * halves may be anything where C passes 16 bits.  EBX, ESI, EDI, EBP and the
 * segment registers are kept.  Our stack, interrupts as they are.
 *
 * Source: Intel 486 manual, "Identifying the processor" (AC, ID flags);
 *         Intel 387 manual, "Recognizing the coprocessor".
 */
    .code16
    .text

    .globl rom_u8
rom_u8:
    movzbl %cs:(%eax), %eax
    retl

    .globl rom_u16
rom_u16:
    movzwl %cs:(%eax), %eax
    retl

    .globl rom_u32
rom_u32:
    movl %cs:(%eax), %eax
    retl

/* rom_copy(dst, src, len), memcpy(dst, src, len) */
    .globl rom_copy
rom_copy:
    pushl %esi
    pushl %edi
    movl %eax, %edi
    movl %edx, %esi
    rep movsb %cs:(%si), %es:(%di)
    popl %edi
    popl %esi
    retl

    .globl memcpy
memcpy:
    pushl %esi
    pushl %edi
    movl %eax, %edi
    movl %edx, %esi
    rep movsb
    popl %edi
    popl %esi
    retl

/* memset(dst, val, len) */
    .globl memset
memset:
    pushl %edi
    pushl %eax
    movl %eax, %edi
    movb %dl, %al
    rep stosb
    popl %eax
    popl %edi
    retl

/* far_uN(seg, off) */
    .macro far_get name insn
    .globl \name
\name:
    pushw %es
    movw %ax, %es
    movzwl %dx, %edx
    \insn %es:(%edx), %eax
    popw %es
    retl
    .endm

    far_get far_u8 movzbl
    far_get far_u16 movzwl
    far_get far_u32 movl

/* far_putN(seg, off, val) */
    .macro far_put name reg
    .globl \name
\name:
    pushw %es
    movw %ax, %es
    movzwl %dx, %edx
    mov \reg, %es:(%edx)
    popw %es
    retl
    .endm

    far_put far_put8 %cl
    far_put far_put16 %cx
    far_put far_put32 %ecx

/* far_in(dst, seg, off, len) */
    .globl far_in
far_in:
    pushl %esi
    pushl %edi
    pushw %ds
    movw %ax, %di
    movw %cx, %si
    movl 14(%esp), %ecx
    movw %dx, %ds
    rep movsb
    popw %ds
    popl %edi
    popl %esi
    retl

/* far_out(seg, off, src, len) */
    .globl far_out
far_out:
    pushl %esi
    pushl %edi
    pushw %es
    movw %dx, %di
    movw %cx, %si
    movl 14(%esp), %ecx
    movw %ax, %es
    rep movsb
    popw %es
    popl %edi
    popl %esi
    retl

/* far_fill(seg, off, val, len) */
    .globl far_fill
far_fill:
    pushl %edi
    pushw %es
    movw %ax, %es
    movw %dx, %di
    movb %cl, %al
    movl 10(%esp), %ecx
    rep stosb
    popw %es
    popl %edi
    retl

/* uint8_t far_sum(seg, off, len): all bytes added up; off + len <= 64 KiB */
    .globl far_sum
far_sum:
    pushl %esi
    pushw %ds
    movw %ax, %ds
    movw %dx, %si
    xorw %dx, %dx
1:  lodsb
    addb %al, %dl
    decl %ecx
    jnz 1b
    movb %dl, %al
    popw %ds
    popl %esi
    retl

/* port_in_words(port, seg, off, words) */
    .globl port_in_words
port_in_words:
    pushl %edi
    pushw %es
    movw %dx, %es
    movw %cx, %di
    movl 10(%esp), %ecx
    movw %ax, %dx
    rep insw
    popw %es
    popl %edi
    retl

/* port_out_words(port, seg, off, words) */
    .globl port_out_words
port_out_words:
    pushl %esi
    pushw %ds
    movw %dx, %ds
    movw %cx, %si
    movl 10(%esp), %ecx
    movw %ax, %dx
    rep outsw
    popw %ds
    popl %esi
    retl

/* uint16_t cpu_msw(void): bit 0 set here means virtual 8086 mode. */
    .globl cpu_msw
cpu_msw:
    smsw %ax
    retl

/* Can the EFLAGS bits of EDX be changed?  ZF = no.  Changes EAX, ECX. */
flags_toggle:
    pushfl
    popl %ecx
    movl %ecx, %eax
    xorl %edx, %eax
    pushl %eax
    popfl
    pushfl
    popl %eax
    pushl %ecx
    popfl
    xorl %ecx, %eax
    testl %edx, %eax
    retl

    .globl cpu_has_cpuid
cpu_has_cpuid:
    movl $0x200000, %edx            /* ID */
    calll flags_toggle
    setnz %al
    retl

    .globl cpu_family
cpu_family:
    movl $0x40000, %edx             /* AC: from the 486 on */
    calll flags_toggle
    movw $3, %ax
    jz 1f
    calll cpu_has_cpuid
    testb %al, %al
    movw $4, %ax
    jz 1f
    pushl %ebx
    movl $1, %eax
    cpuid
    popl %ebx
    shrw $8, %ax
    andw $15, %ax
1:  retl

/* uint32_t cpu_cpuid(leaf, out[4]): EAX, EBX, EDX, ECX; returns EAX */
    .globl cpu_cpuid
cpu_cpuid:
    pushl %ebx
    pushl %esi
    movl %edx, %esi
    cpuid
    movl %eax, (%esi)
    movl %ebx, 4(%esi)
    movl %edx, 8(%esi)
    movl %ecx, 12(%esi)
    popl %esi
    popl %ebx
    retl

/*
 * bool fpu_present(void): without a coprocessor FNSTSW leaves its operand, so
 * memory keeps the pattern.  EM and TS must be clear, as after reset.
 */
    .globl fpu_present
fpu_present:
    pushl $0x5a5a
    fninit
    fnstsw (%esp)
    popl %eax
    testb %al, %al
    setz %al
    retl

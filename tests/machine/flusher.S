/*
 * A disk that counts on itself, for tests of what survives a crash.
 *
 * Says "start NNNNNNNN" on COM1 with the count found in sector 1, then for ever:
 * adds one, writes the count into sectors 1 to 3, asks the drive to flush its
 * cache (ATA E7h), and says "NNNNNNNN": this count is safe.
 */
    .code16
    .globl _start
_start:
    ljmp $0, $1f
1:  xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x7c00, %sp
    mov $0x3fb, %dx             /* COM1: characters of eight bits */
    mov $3, %al
    out %al, %dx
    mov $0x0201, %ax            /* read sector 1 to 8000h */
    call disk
    mov $start, %si
    call say
    call say_count
again:
    incl 0x8000
    mov 0x8000, %eax
    mov $0x8000, %di
    mov $128 * 3, %cx
    rep stosl
    mov $0x0303, %ax
    call disk
    mov $0x1f7, %dx
    mov $0xe7, %al
    out %al, %dx
1:  in %dx, %al
    test $0x80, %al
    jnz 1b
    test $0x01, %al
    jnz failed
    call say_count
    jmp again

disk:                           /* AH function, AL sectors; from CHS 0,0,2 on */
    mov $0x8000, %bx
    mov $2, %cx
    mov $0x80, %dx
    int $0x13
    jc failed
    ret
failed:
    mov $error, %si
    call say
1:  hlt
    jmp 1b

say_count:                      /* eight digits and a line feed */
    mov 0x8000, %ebx
    mov $8, %cx
1:  rol $4, %ebx
    mov %bl, %al
    and $15, %al
    cmp $10, %al
    sbb $0x69, %al
    das
    call put
    loop 1b
    mov $10, %al
put:
    push %ax
    mov $0x3fd, %dx
2:  in %dx, %al
    test $0x20, %al
    jz 2b
    pop %ax
    mov $0x3f8, %dx
    out %al, %dx
    ret
say:
    lodsb
    test %al, %al
    jz 3f
    call put
    jmp say
3:  ret

start:  .asciz "start "
error:  .asciz "failed\n"
    .org 510
    .word 0xaa55

; pm16task.asm - the 16-bit program of workload pm16, in the manner of a Windows
; 3.1 application: two code segments, a data segment that is also the stack, and
; 32 memory objects, each behind a descriptor of its own; Pascal calls, far
; pointers, segment loads all the time.  It runs at ring 3 and ends by INT 83h
; with its result in esi.  Segment .b begins at 1000h of the file (w_pm16.c).
        cpu 386
        bits 16
CODE_B  equ 0x17                        ; selectors in the LDT
DGROUP  equ 0x1f
HANDLES equ 0x100                       ; in DGROUP: 32 far pointers, filled by w_pm16.c
PROCS   equ 0x200                       ; 4 far pointers to procedures
SUM     equ 0x300
ROUNDS  equ 0x304
CALLS   equ 0x306
LOCAL   equ 0x400                       ; 64 words

        section .a start=0 vstart=0
entry:  mov ax, DGROUP
        mov ds, ax
        mov es, ax
        mov [ROUNDS], cx
        mov dword [SUM], 0x13579bdf
        mov word [CALLS], 0
        mov dword [PROCS], procs.add + (CODE_B << 16)
        mov dword [PROCS+4], procs.scan + (CODE_B << 16)
        mov dword [PROCS+8], procs.check + (CODE_B << 16)
        mov dword [PROCS+12], local_a + (0x0f << 16)
round:  xor si, si
.touch: push word [HANDLES+si+2]        ; touch(far pointer, word)
        push word [HANDLES+si]
        push word [SUM]
        call CODE_B:touch
        add [SUM], ax
        adc [SUM+2], dx
        add si, 4
        cmp si, 128
        jb .touch
        mov di, 24                      ; messages, by a table of procedures
.msg:   mov bx, [SUM]
        rol bx, 5
        add bx, di
        mov si, bx
        and si, 0x7c
        and bx, 3
        shl bx, 2
        push word [HANDLES+si+2]
        push word [HANDLES+si]
        call far [PROCS+bx]
        xor [SUM], ax
        rol dword [SUM], 7
        dec di
        jnz .msg
        mov si, [SUM]                   ; move(from, to, count)
        and si, 0x3c
        push word [HANDLES+si+2]
        push word [HANDLES+si]
        push word [HANDLES+si+66]
        push word [HANDLES+si+64]
        push word 61
        call CODE_B:move
        push word 12                    ; a near call with locals
        call near smooth
        add [SUM], ax
        mov ax, [SUM]
        int 0x82                        ; DOS
        add [SUM+2], ax
        dec word [ROUNDS]
        jnz round
        mov esi, [SUM]
        movzx eax, word [CALLS]
        add esi, eax
        int 0x83
local_a:                                ; (far pointer): far, in this segment
        push bp
        mov bp, sp
        push es
        les bx, [bp+6]
        mov ax, [es:bx+6]
        xor al, [es:bx+9]
        inc word [es:bx+6]
        pop es
        pop bp
        retf 4
smooth: enter 32, 0                     ; near, (count): a frame on the stack, arrays in it
        push si
        push di
        push es
        push ss
        pop es
        lea di, [bp-32]
        mov cx, 16
        mov ax, [SUM]
        cld
.fill:  stosw
        add ax, 0x1357
        loop .fill
        mov cx, [bp+4]
        lea si, [bp-32]
        xor dx, dx
.l:     lodsw
        add ax, [si]
        rcr ax, 1
        add dx, ax
        mov bx, si
        and bx, 0x7e
        add [LOCAL+bx], ax
        loop .l
        mov ax, dx
        pop es
        pop di
        pop si
        leave
        ret 2
        times 0x1000-($-$$) db 0xcc

        section .b follows=.a vstart=0
touch:  push bp                         ; (far pointer, word): dx:ax
        mov bp, sp
        push ds
        push si
        mov ax, DGROUP                  ; what the linker's prologue does
        mov ds, ax
        inc word [CALLS]
        les bx, [bp+8]
        mov ax, [es:bx]
        add ax, [bp+6]
        rol ax, 3
        mov [es:bx], ax
        mov cx, [es:bx+2]
        xor cx, ax
        mov [es:bx+2], cx
        lds si, [bp+8]
        lodsw
        mov dx, [si+4]
        mul dx
        add [si+2], ax
        xor bx, bx                      ; leave no selector behind
        mov es, bx
        pop si
        pop ds
        pop bp
        retf 6
procs:
.add:   push bp                         ; (far pointer)
        mov bp, sp
        push ds
        lds bx, [bp+6]
        mov cx, 8
        xor ax, ax
.a:     add ax, [bx]
        add bx, 2
        loop .a
        pop ds
        pop bp
        retf 4
.scan:  push bp
        mov bp, sp
        push di
        les di, [bp+6]
        mov al, [es:di+40]
        mov cx, 41
        cld
        repne scasb
        mov ax, cx
        pop di
        pop bp
        retf 4
.check: push bp                         ; may the object be read, and how long is it?
        mov bp, sp
        mov bx, [bp+8]
        xor ax, ax
        verr bx
        jnz .no
        lsl ax, bx
        lar cx, bx
        and ch, 0xfe                    ; DOSBox does not set "accessed"
        add al, ch
.no:    mov es, bx
        mov bx, ax
        and bx, 0x1fe
        add ax, [es:bx]
        pop bp
        retf 4
move:   push bp                         ; (from, to, count)
        mov bp, sp
        push ds
        push si
        push di
        les di, [bp+8]
        lds si, [bp+12]
        mov cx, [bp+6]
        cld
        shr cx, 1
        rep movsw
        adc cx, cx
        rep movsb
        pop di
        pop si
        pop ds
        pop bp
        retf 10
        times 0x1000-($-$$) db 0xcc

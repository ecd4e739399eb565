; user.asm - way into and out of ring 3, and the services that pm16task.asm calls.
        bits 32
        section .bss align=4
old_esp: resd 1
calls:  resd 1

        section .text
        global asm_user, asm_user_leave, isr82, isr83
; u32 asm_user(u32 cs, u32 eip, u32 ss, u32 esp, u32 eflags, u32 ecx); TSS esp0 = kstack0
asm_user:
        push ebx
        push esi
        push edi
        push ebp
        mov [old_esp], esp
        mov dword [calls], 0x2468
        mov ebp, esp
        mov ecx, [ebp+40]
        push dword [ebp+28]             ; ss
        push dword [ebp+32]             ; esp
        push dword [ebp+36]             ; eflags
        push dword [ebp+20]             ; cs
        push dword [ebp+24]             ; eip
        iretd
isr82:  push ds                         ; a service: ax
        push ebx
        mov ebx, 0x10
        mov ds, ebx
        mov ebx, [calls]
        imul eax, eax, 0x5bd1e995
        xor eax, ebx
        inc dword [calls]
        pop ebx
        pop ds
        iretd
isr83:  mov eax, esi                    ; the end, with the result in esi
        jmp leave_user
asm_user_leave:                         ; void (u32 result): asm_user returns it
        mov eax, [esp+4]
leave_user:
        mov edx, 0x10
        mov ds, edx
        mov es, edx
        mov fs, edx
        mov gs, edx
        mov esp, [old_esp]
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret

        section .rodata
        global pm16_blob, pm16_blob_end
pm16_blob: incbin "pm16task.bin"
pm16_blob_end:
        section .note.GNU-stack noalloc noexec nowrite progbits

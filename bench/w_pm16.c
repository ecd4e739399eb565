/* w_pm16.c - a 16-bit protected-mode program with an LDT, as Windows 3.1 has them. */
#include "kit.h"

enum {
    DATA_GROUP = SCRATCH + 0x10000,
    OBJECTS = SCRATCH + 0x20000,
    OBJECT_SIZE = 0x1010,
    LDT_CODE_A = 1, LDT_CODE_B, LDT_DGROUP, LDT_OBJECT = 8,
    HANDLES = 0x100,
};

extern u8 pm16_blob[], pm16_blob_end[], kstack0[];
extern void isr82(void), isr83(void);
extern u32 asm_user(u32 cs, u32 eip, u32 ss, u32 esp, u32 eflags, u32 ecx);
static u64 ldt[40];

void s_pm16(void)
{
    u8 *d = (u8 *)SCRATCH;
    for (u8 *s = pm16_blob; s < pm16_blob_end; s++) *d++ = *s;
    ldt[LDT_CODE_A] = segment(SCRATCH, 0xFFF, 0xFA, 0);
    ldt[LDT_CODE_B] = segment(SCRATCH + 0x1000, 0xFFF, 0xFA, 0);
    ldt[LDT_DGROUP] = segment(DATA_GROUP, 0xFFFF, 0xF2, 0);
    for (u32 i = 0; i < 32; i++) ldt[LDT_OBJECT + i] = segment(OBJECTS + i * OBJECT_SIZE, 0x2FF + i * 0x20, 0xF2, 0);
    set_seg(SEL_LDT, (u32)ldt, sizeof ldt - 1, 0x82, 0);
    __asm__ volatile("lldt %w0" : : "r"(SEL_LDT));
    tss_main.esp0 = (u32)kstack0;
    set_gate(0x82, (void *)isr82, 3);
    set_gate(0x83, (void *)isr83, 3);
}
void t_pm16(void) { __asm__ volatile("lldt %w0" : : "r"(0)); }
u32 w_pm16(void)
{
    u32 *group = (u32 *)DATA_GROUP, *objects = (u32 *)OBJECTS;
    for (u32 i = 0; i < 0x200; i++) group[i] = 0;
    for (u32 i = 0; i < 32; i++)        /* far pointers: selector, some offset */
        group[HANDLES / 4 + i] = ((LDT_OBJECT + i) * 8 + 7) << 16 | (i * 37 & 0x1FF);
    for (u32 i = 0; i < 32 * OBJECT_SIZE / 4; i++) objects[i] = i * 0x85EBCA6Bu + 11;
    return asm_user(LDT_CODE_A * 8 + 7, 0, LDT_DGROUP * 8 + 7, 0xFFF0, 2, 400) ^
           hash_words(objects, 32 * OBJECT_SIZE / 4);
}

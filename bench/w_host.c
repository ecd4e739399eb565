/* w_host.c - code that is bad for a translator: random bytes, code that is new
   each time, more code than a cache of translations holds. */
#include "kit.h"

static u8 *emit8(u8 *p, u32 v) { *p++ = (u8)v; return p; }
static u8 *emit32(u8 *p, u32 v) { *(u32 *)p = v; return p + 4; }

/* One instruction on eax and ecx; 2 to 6 bytes. */
static u8 *emit_op(u8 *p, u32 r)
{
    switch (r >> 29) {
    case 0: return emit32(emit8(p, 0x05), r);                       /* add eax,imm */
    case 1: return emit32(emit8(p, 0x35), r);                       /* xor eax,imm */
    case 2: return emit8(emit8(emit8(p, 0xC1), 0xC0), r & 31);      /* rol eax,n */
    case 3: return emit8(emit8(p, 0x2B), 0xC1);                     /* sub eax,ecx */
    case 4: return emit32(emit8(emit8(p, 0x69), 0xC9), r | 1);      /* imul ecx,ecx,imm */
    case 5: return emit8(emit8(p, 0x03), 0xC8);                     /* add ecx,eax */
    case 6: return emit8(emit8(p, 0x87), 0xC8);                     /* xchg eax,ecx */
    default: return emit8(emit8(emit8(emit8(p, 0x8D), 0x44), 0x88), r & 127);   /* lea eax,[eax+ecx*4+d] */
    }
}
static inline u32 call_code(const void *code, u32 a)
{
    __asm__ volatile("jmp 1f; 1: call *%1" : "+a"(a) : "r"(code) : "ecx", "edx", "memory", "cc");
    return a;
}

/* ---- hostsmc: code rewritten before each run, or when it has just become worth translating ---- */
static u32 rewritten(u32 count, u32 runs, u32 seed)
{
    u32 h = 0;
    while (count--) {
        u8 *p = (u8 *)SCRATCH;
        p = emit32(emit8(p, 0xB9), seed);                           /* mov ecx,imm */
        for (int k = 0; k < 12; k++) p = emit_op(p, xs(&seed));
        emit8(p, 0xC3);
        for (u32 r = 0; r < runs; r++) h = mix(h, call_code((void *)SCRATCH, h));
    }
    return h;
}
/* Two loops, each of which turns ADD into XOR and back in the other one. */
static u32 each_other(u32 rounds)
{
    u8 *a = (u8 *)SCRATCH + 0x1000, *b = (u8 *)SCRATCH + 0x3000, *p;
    u32 h = 1;
    for (int i = 0; i < 2; i++) {
        u32 other = (u32)(i ? a : b);
        p = i ? b : a;
        p = emit32(emit8(p, 0x05), 0x9E3779B1u + (u32)i);           /* add or xor eax,imm */
        p = emit32(emit8(emit8(p, 0x80), 0x35), other); p = emit8(p, 0x30);     /* xor byte [other],30h */
        p = emit32(emit8(emit8(p, 0x01), 0x05), other + 1);         /* add [other+1],eax */
        p = emit8(emit8(emit8(p, 0xC1), 0xC0), 7);                  /* rol eax,7 */
        emit8(p, 0xC3);
    }
    while (rounds--) h = call_code(b, call_code(a, h));
    return h;
}
u32 w_hostsmc(void)
{
    return rewritten(2000, 1, 0x1234) ^ rewritten(100, 26, 0x777) ^ rewritten(50, 60, 0x999) ^ each_other(1500);
}

/* ---- hostcache: 393,216 short blocks in 12 MB, in a row, again and again ---- */
enum { BLOCKS = 0xC00000 / 32 };
void s_hostcache(void)
{
    u32 seed = 0xCAFE;
    u8 *p = (u8 *)WALK;
    for (u32 i = 0; i < BLOCKS; i++) {
        u8 *end = (u8 *)WALK + (i + 1) * 32;
        for (int k = 0; k < 4; k++) p = emit_op(p, xs(&seed));
        p = emit8(p, i + 1 == BLOCKS ? 0xC3 : 0xEB);
        emit8(p, (u32)(end - (p + 1)));
        p = end;
    }
}
u32 w_hostcache(void)
{
    u32 h = 0x1357;
    __asm__ volatile("mov $99,%%ecx; call *%1" : "+a"(h) : "r"(WALK) : "ecx", "edx", "memory", "cc");
    return h;
}

#ifndef NATIVE
/* ---- hostrnd: random bytes in a ring 3 that sees nothing but 64 KB ----
   A fault is skipped: on with the next byte, and after 16 of them elsewhere.  A
   loop without end is left at the next timer interrupt.  What is undefined goes
   into the results, so the checksum says only that all events came. */
enum { BOX = SCRATCH, BOX_SIZE = 0x10000, EVENTS = 4000, SEL_CODE_BOX = 0x0F, SEL_DATA_BOX = 0x17 };
extern u8 kstack0[];
extern u32 isr_table[256];
extern u32 asm_user(u32 cs, u32 eip, u32 ss, u32 esp, u32 eflags, u32 ecx);
extern void asm_user_leave(u32);
static u64 ldt[4], kept[3];
static u32 events, rnd, loops, faults, seen;

static void box_jump(struct frame *f)
{
    f->eax = xs(&rnd) & 0xFFFF; f->ebx = xs(&rnd) & 0xFFFF; f->ecx = xs(&rnd) & 0xFF; f->edx = xs(&rnd) & 0xFFFF;
    f->esi = xs(&rnd) & 0xFFFF; f->edi = xs(&rnd) & 0xFFFF; f->ebp = xs(&rnd) & 0xFFFF;
    f->esp = 0x8000;
    f->eip = xs(&rnd) & 0xFFFF;
}
static void box_event(struct frame *f)
{
    if (f->vec == 0x20) outb(0x20, 0x20);
    if ((f->cs & 3) != 3 && !(f->eflags & 0x20000)) return; /* a timer interrupt on the way */
    if (++events == EVENTS) asm_user_leave(0);
    if (f->vec == 16 || f->vec == 7) __asm__ volatile("fninit");
    if (f->vec == 0x20) { loops++; box_jump(f); }
    else {
        faults++;
        seen = mix(seen, f->vec << 16 ^ f->eip);
        f->eip = (f->eip + 1) & 0xFFFF;
        f->esp &= 0xFFFC;
        if (faults % 16 == 0) box_jump(f);
    }
    f->cs = SEL_CODE_BOX;
    f->ds = f->es = f->fs = f->gs = f->ss = SEL_DATA_BOX;
    f->eflags = 0x202;
}
void s_hostrnd(void)
{
    static const u8 vectors[] = { 0, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 16, 17, 0x20 };
    static const u8 hidden[] = { SEL_UCODE, SEL_UDATA, SEL_CG };
    ldt[1] = segment(BOX, BOX_SIZE - 1, 0xFA, 4);
    ldt[2] = segment(BOX, BOX_SIZE - 1, 0xF2, 4);
    set_seg(SEL_LDT, (u32)ldt, sizeof ldt - 1, 0x82, 0);
    __asm__ volatile("lldt %w0" : : "r"(SEL_LDT));
    for (u32 i = 0; i < sizeof vectors; i++) handlers[vectors[i]] = box_event;
    set_gate(0x20, (void *)isr_table[0x20], 0);             /* workload "timer" has a handler of its own */
    for (int i = 0x80; i < 0x84; i++) set_gate(i, 0, 0);    /* not for ring 3 */
    for (int i = 0; i < 3; i++) { kept[i] = gdt[hidden[i] >> 3]; gdt[hidden[i] >> 3] = 0; }
    tss_main.esp0 = (u32)kstack0;
    __asm__ volatile("mov %%cr0,%%eax; or $0x20,%%eax; mov %%eax,%%cr0; fninit" : : : "eax");     /* NE */
    loops = faults = seen = 0; rnd = 0xBADC0DE;
    pit(60);                                                /* 20 kHz */
    outb(0x21, 0xFE);
}
void t_hostrnd(void)
{
    static const u8 hidden[] = { SEL_UCODE, SEL_UDATA, SEL_CG };
    outb(0x21, 0xFF);
    pit(0);
    __asm__ volatile("lldt %w0; mov %%cr0,%%eax; and $~0x20,%%eax; mov %%eax,%%cr0; fninit" : : "r"(0) : "eax");
    for (int i = 0; i < 256; i++) handlers[i] = 0;
    for (int i = 0; i < 3; i++) gdt[hidden[i] >> 3] = kept[i];
    info("faults", faults); info("loops", loops); info("seen", seen);
}
u32 w_hostrnd(void)
{
    for (u32 i = 0; i < BOX_SIZE / 4; i++) ((u32 *)BOX)[i] = xs(&rnd);
    /* No IRET: QEMU 7.2 lets it take VM from the stack in ring 3, and ring 3 is out of
       its box.  What is left is code that writes one. */
    for (u32 i = 0; i < BOX_SIZE; i++) if (((u8 *)BOX)[i] == 0xCF) ((u8 *)BOX)[i] = 0x90;
    events = 0;
    asm_user(SEL_CODE_BOX, rnd & 0xFFFF, SEL_DATA_BOX, 0x8000, 0x202, 0);
    return events;
}
#endif

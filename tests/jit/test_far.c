/*
 * Far jumps, interrupts and flags of real mode, far jumps and questions about
 * selectors in protected mode: blocks do as the interpreter.
 */
#include "config.h"

#include "support/suite.h"

#include "base/bits.h"
#include "cpu/segment.h"
#include "support/jit_pair.h"

enum { RAM = 0x120000, STEPS = 3000, VECTOR = 0x60, AT_HANDLER = AT_CODE + 0x400, AT_FAR = AT_CODE + 0x800 };

static const struct {
    const char *bytes;
    size_t len;
} programs[] = {
#define INSN(s) { s, sizeof(s) - 1 }
    INSN("\xcd\x60"),                     /* int 60h */
    INSN("\xfa\xcd\x60"),                 /* cli first */
    INSN("\x01\xd0\xcd\x60\x83\xd1\x01"), /* flags right before, and after */
    INSN("\x9a\x00\x00\x80\x08"),         /* call 0880:0000 */
    INSN("\xff\x1e\x10\xa0"),             /* call far [A010h] */
    INSN("\x9c\x9d"),                     /* pushf; popf */
    INSN("\x66\x9c\x66\x9d"),             /* pushfd; popfd */
    INSN("\x68\xd7\x0a\x9d"),             /* popf of many, IF among them */
    INSN("\x68\x02\x00\x9d"),             /* popf of none */
    INSN("\x9c\x0e\xe8\x00\x00\x83\x04\x24\x90\x5a\x0e\x68\x80\x88\x9d\xfb"), /* odds and ends */
    INSN("\x0e\x17\x16\x17"),             /* loads of SS */
    INSN("\x9c\x58\x80\xcc\x01\x50\x9d\x90\x90"), /* TF: the handler of vector 1 takes it away */
    INSN("\x9c\x0e\x68\x06\x80\xcf"),     /* iret */
    INSN("\x01\xd0\x50\x1e\x57\x83\xd2\x01\x5f\x1f\x58\x83\xd3\x00"), /* words of the stack between flags */
    INSN("\x50\x44\x50\x01\xd0\x58\x83\xd1\x00\x4c\x58"),     /* SP is even, then odd */
    INSN("\x89\xfc\x58\x01\xd6\x67\x3e\x8f\x44\x24\x40\x83\xd1\x00"), /* mov sp, di; pop ds:[esp + 40h] between flags */
    INSN("\x89\xfc\x67\x8f\x44\x24\x40\x58"),                     /* ... that asks first */
    INSN("\x89\xfc\x07\x58"),                                     /* pop es, the same */
#undef INSN
};

/* `wide`: DS and ES are of 4 GiB, as protected mode may have left them. */
static struct cpu_rig *rig_new(enum cpu_model model, unsigned i, uint16_t sp, bool wide)
{
    static const uint8_t handler[] = { 0x43, 0x83, 0xc2, 0x77, 0xcf };             /* inc bx; add dx, 77h; iret */
    static const uint8_t far_code[] = { 0x83, 0xc1, 0x55, 0xcb };                  /* add cx, 55h; retf */
    static const uint8_t no_trap[] = { 0x55, 0x89, 0xe5, 0x80, 0x66, 0x07, 0xfe, 0x5d, 0xcf };
    uint8_t back[] = { 0xe9, 0, 0 };
    struct cpu_rig *r = cpu_rig_new(model, RAM);
    uint32_t at = AT_CODE;

    cpu_rig_devices(r);
    cpu_rig_real(r);
    cpu_rig_code(r, AT_HANDLER, handler, sizeof handler);
    cpu_rig_code(r, AT_HANDLER + 0x40, no_trap, sizeof no_trap);
    cpu_rig_code(r, AT_FAR, far_code, sizeof far_code);
    cpu_rig_poke(r, AT_IVT + VECTOR * 4, 4, (AT_HANDLER >> 4) << 16);
    cpu_rig_poke(r, AT_IVT + 4, 4, AT_HANDLER + 0x40);
    cpu_rig_poke(r, AT_IVT + VEC_IRQ * 4, 4, AT_HANDLER);
    cpu_rig_poke(r, AT_DATA + 0x10, 4, (AT_FAR >> 4) << 16);
    r->cpu->gpr[ESP] = r->cpu->gpr[EDI] = sp;
    r->cpu->gpr[EDX] = 0x7777;
    for (unsigned seg = 0; seg < SEGS && wide; seg++)
        if (seg == ES || seg == DS) {
            r->cpu->seg[seg].limit = UINT32_MAX;
            seg_derive(r->cpu, seg);
        }
    cpu_rig_code(r, at, programs[i].bytes, programs[i].len);
    at += (uint32_t) programs[i].len;
    store_le16(back + 1, (uint16_t) (AT_CODE - (at + sizeof back)));
    cpu_rig_code(r, at, back, sizeof back);
    cpu_rig_irq(r, 9700);
    return r;
}

static void run_both(enum cpu_model model, unsigned i, uint16_t sp, bool wide, bool no_window)
{
    struct jit_knobs knobs = jit_pair_knobs();

    knobs.no_window = no_window;
    jit_pair_run(rig_new(model, i, sp, wide), rig_new(model, i, sp, wide), &knobs, STEPS, 4);
}

START_TEST(far_in_real_mode)
{
    /* The second stack lies in a page with code, the third goes round, SP of the fourth is odd. */
    static const struct {
        uint16_t sp;
        bool wide;
    } stacks[] = { { AT_STACK0, false }, { AT_CODE + 0xf00, false }, { 4, false }, { AT_STACK0 - 1, false },
                   { AT_STACK0, true } };

    if (!jit_available())
        return;
    for (unsigned i = 0; i < ARRAY_LEN(stacks); i++)
        for (unsigned w = 0; w < 2; w++)
            run_both(i % 2 == w ? CPU_386 : CPU_P2, (unsigned) _i, stacks[i].sp, stacks[i].wide, w);
}
END_TEST

/* --- protected mode -------------------------------------------------------- */

enum {
    AT_FAR_CODE = AT_CODE + 0x1800,
    AT_POINTER = AT_DATA + 0x20,
    SEL_NEW = SEL_FREE,         /* code that has not been accessed */
    SEL_ABSENT = SEL_FREE + 8,
    SEL_SMALL = SEL_FREE + 16,  /* code, its limit below what is called */
    SEL_CONFORMING = SEL_FREE + 24,
    SEL_CALL = SEL_FREE + 32,   /* a gate */
    SEL_WIDE = SEL_FREE + 40,   /* a 16-bit stack in a segment of 4 GiB */
};

static const struct {
    const char *bytes;
    size_t len;
} protected_programs[] = {
#define INSN(s) { s, sizeof(s) - 1 }
    INSN("\x9a\x00\x98\x00\x00\x08\x00"),                     /* call 0008:00009800 */
    INSN("\xff\x1d\x20\xa0\x00\x00"),                         /* call far [A020h] */
    INSN("\xea\x07\x80\x00\x00\x08\x00"),                     /* jmp to the next one */
    INSN("\xff\x2d\x28\xa0\x00\x00\x90\x90"),                 /* jmp far [A028h], which is that */
    INSN("\x0e\x68\x08\x80\x00\x00\xcb\x90"),                 /* push cs; push next; retf */
    INSN("\x50\x0e\x68\x0a\x80\x00\x00\xca\x04\x00"),         /* ... retf 4 */
    INSN("\x6a\x0b\x68\x08\x80\x00\x00\xcb"),                 /* to ring 3 by name: #GP */
    INSN("\x9a\x08\x98\x00\x00\x30\x00"),                     /* 16-bit code */
    INSN("\x66\x9a\x08\x98\x30\x00\x90"),                     /* ... with a frame of 16 bits */
    INSN("\x80\x25\x65\x10\x00\x00\xfe\x9a\x00\x98\x00\x00\x60\x00"), /* not accessed, each time */
    INSN("\x9a\x00\x98\x00\x00\x10\x00"),                     /* data: #GP */
    INSN("\x9a\x00\x98\x00\x00\x68\x00"),                     /* absent: #NP */
    INSN("\x9a\x00\x98\x00\x00\x70\x00"),                     /* past the limit: #GP, the frame is stored */
    INSN("\x9a\x00\x98\x00\x00\x78\x00"),                     /* conforming */
    INSN("\x9a\x00\x00\x00\x00\x80\x00"),                     /* by a gate */
    INSN("\x9a\x00\x98\x00\x00\x00\x00"),                     /* null: #GP */
    INSN("\x9a\x00\x98\x00\x00\x00\x08"),                     /* past the table: #GP */
    INSN("\x80\x35\x64\x10\x00\x00\x10\x9a\x00\x98\x00\x00\x60\x00"), /* of another base each time */
    INSN("\x41\x89\xc8\x25\xff\x00\x00\x00\x0f\x03\xd8\x75\x02\x01\xda\x0f\x02\xe8\x74\x02\x01\xea"
         "\x0f\x00\xe0\x0f\x94\xc3\x0f\x00\xe8\x83\xd2\x01"), /* lsl, lar, verr, verw of all; adc */
    INSN("\x0f\x03\x1d\x20\xa0\x00\x00\x66\x0f\x02\x1d\x24\xa0\x00\x00\x0f\x00\x25\x24\xa0\x00\x00"
         "\x9c\x58\x01\xc2"), /* of operands in memory; the flags */
#undef INSN
};

struct machine {
    enum cpu_model model;
    unsigned program;
    uint32_t esp;
    uint16_t ss;
};

static struct cpu_rig *protected_rig(const void *what, bool paged)
{
    const struct machine *m = what;
    static const uint8_t far_code[] = { 0x83, 0xc1, 0x55, 0xcb, 0x90, 0x90, 0x90, 0x90, /* add ecx, 55h; retf */
                                        0x83, 0xc1, 0x55, 0xcb };                       /* of 16 bits */
    static const uint8_t skip[] = { 0x83, 0x44, 0x24, 0x04, 0x07, 0x47, 0x83, 0xc4, 0x04, 0xcf };
    uint8_t back[] = { 0xe9, 0, 0, 0, 0 };
    struct cpu_rig *r = cpu_rig_new(m->model, RAM);
    uint32_t at = AT_CODE;

    cpu_rig_devices(r);
    cpu_rig_protected(r, 0);
    if (paged)
        cpu_rig_paging(r);
    cpu_rig_gdt(r, SEL_NEW, desc_make(0, UINT32_MAX, D_CODE | D_BIG));
    cpu_rig_gdt(r, SEL_ABSENT, desc_make(0, UINT32_MAX, (D_CODE | D_BIG) & ~(unsigned) D_PRESENT));
    cpu_rig_gdt(r, SEL_SMALL, desc_make(0, 0x97ff, D_CODE | D_BIG));
    cpu_rig_gdt(r, SEL_CONFORMING, desc_make(0, UINT32_MAX, D_CODE | 4 | D_BIG));
    cpu_rig_gdt(r, SEL_WIDE, desc_make(0, UINT32_MAX, D_DATA));
    cpu_rig_gdt(r, SEL_CALL, gate_make(SEL_CODE0, AT_FAR_CODE, D_CALL32, 0, 0));
    cpu_rig_code(r, AT_HANDLERS + 13 * 16, skip, sizeof skip);
    cpu_rig_code(r, AT_HANDLERS + 11 * 16, skip, sizeof skip);
    cpu_rig_code(r, AT_FAR_CODE, far_code, sizeof far_code);
    cpu_rig_code(r, AT_FAR_CODE + 0x100000, far_code, sizeof far_code);
    cpu_rig_poke(r, AT_POINTER, 4, AT_FAR_CODE);
    cpu_rig_poke(r, AT_POINTER + 4, 2, SEL_CODE0);
    cpu_rig_poke(r, AT_POINTER + 8, 4, AT_CODE + 7);
    cpu_rig_poke(r, AT_POINTER + 12, 2, SEL_CODE0);
    cpu_rig_load(r, SS, m->ss);
    r->cpu->gpr[ESP] = m->esp;
    cpu_rig_code(r, at, protected_programs[m->program].bytes, protected_programs[m->program].len);
    at += (uint32_t) protected_programs[m->program].len;
    store_le32(back + 1, AT_CODE - (at + (uint32_t) sizeof back));
    cpu_rig_code(r, at, back, sizeof back);
    return r;
}

START_TEST(far_in_protected_mode)
{
    /* The second stack lies in a page with code, the third over the end of a page, the others go round. */
    static const struct {
        uint32_t esp;
        uint16_t ss;
    } stacks[] = { { AT_STACK0, SEL_DATA0 }, { AT_CODE + 0xf00, SEL_DATA0 }, { AT_FREE + 4, SEL_DATA0 },
                   { 4, SEL_DATA16 }, { 4, SEL_WIDE } };

    if (!jit_available())
        return;
    for (unsigned i = 0; i < ARRAY_LEN(stacks); i++)
        jit_pair_run_each(protected_rig, &(struct machine){
            .model = i % 2 ? CPU_386 : CPU_P2,
            .program = (unsigned) _i,
            .esp = stacks[i].esp,
            .ss = stacks[i].ss,
        }, STEPS, 4);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/far");
    TCase *tc = tcase_create("far");

    tcase_set_timeout(tc, 60); /* many machines, beside whatever else the host does */
    tcase_add_loop_test(tc, far_in_real_mode, 0, (int) ARRAY_LEN(programs));
    tcase_add_loop_test(tc, far_in_protected_mode, 0, (int) ARRAY_LEN(protected_programs));
    suite_add_tcase(s, tc);
    return s;
}

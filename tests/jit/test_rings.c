/*
 * Interrupts, faults, gates and returns between rings: blocks, which go the short way
 * where all is plain (cpu/transfer_simple.c), do as the interpreter, which goes the long one.
 */
#include "config.h"

#include "support/suite.h"

#include "base/bits.h"
#include "cpu/segment.h"
#include "support/jit_pair.h"

enum { RAM = 0x120000, STEPS = 3000, AT_FAR = AT_CODE + 0x700, AT_RINGS = AT_CODE + 0x800, AT_SKIP = AT_DATA + 0x200 };

enum {
    SEL_CALL = SEL_FREE,            /* gates: for ring 3, ... */
    SEL_CALL_INNER = SEL_FREE + 8,  /* ... for ring 0, ... */
    SEL_CALL_16 = SEL_FREE + 16,    /* ... of 16 bits, ... */
    SEL_CALL_ITEMS = SEL_FREE + 24, /* ... with two parameters */
    SEL_CHANGES = SEL_FREE + 32,    /* code: a program changes its type */
    SEL_NEW = SEL_FREE + 40,        /* code that is never accessed for long */
    SEL_LOCAL = 4,                  /* the same as SEL_CODE0, of the local table */
};

struct bytes {
    const char *bytes;
    size_t len;
};

#define INSN(s) { s, sizeof(s) - 1 }

/* Of ring 3, again and again. */
static const struct bytes programs[] = {
    INSN("\x01\xd0\xcd\x40\x83\xd1\x01"), /* flags go in and come back */
    INSN("\x39\xc8\xcd\x40\x0f\x94\xc3"), /* by what the registers hold */
    INSN("\x83\xec\x08\xcd\x40\x8d\x64\x24\x08\x83\xd2\x03"), /* by ESP, which is another one there */
    INSN("\x83\xc4\x04\x9a\x00\x00\x00\x00\x63\x00\x83\xec\x04\x83\xd2\x03"), /* a gate */
    INSN("\x9a\x00\x00\x00\x00\x6b\x00"), /* one for ring 0 only: #GP */
    INSN("\x9a\x00\x00\x00\x00\x73\x00"), /* of 16 bits */
    INSN("\x51\x52\x9a\x00\x00\x00\x00\x7b\x00"), /* with parameters */
    INSN("\x31\xdb\x01\xc8\xf7\xf3\x83\xd2\x01"), /* #DE */
    INSN("\x01\xc8\xa1\x00\xf0\x3f\x00\x83\xd2\x01\x90"), /* #PF where there is paging */
    INSN("\x01\xc8\xa3\x00\xf0\x3f\x00\x83\xd2\x01"), /* the same by a store */
    INSN("\xbb\x10\x00\x00\x00\x8e\xdb\x2e\x8e\x1d\xf8\x8f\x00\x00"), /* #GP by a selector */
    /* a handler whose data is ring 0's */
    INSN("\xcd\x41\x66\x8c\xdb\x01\xda\xbb\x23\x00\x00\x00\x8e\xdb\x8e\xc3"),
    INSN("\x01\xd0\xcd\x42\x83\xd1\x01"), /* a trap gate */
    INSN("\x01\xd0\xcd\x43\x83\xd1\x01"), /* of 16 bits */
    INSN("\xcd\x44"), /* for ring 0 only: #GP */
    INSN("\xcd\x45\x83\xd1\x01"), /* to ring 1 */
    INSN("\xcd\x46\x83\xd1\x01"), /* flags of all kinds on the way back */
    INSN("\x9c\x81\x0c\x24\x00\x01\x00\x00\x9d\xcd\x40\x90"), /* single steps */
    INSN("\x9c\x81\x0c\x24\x00\x00\x04\x00\x9d\x50\xa1\x01\xa0\x00\x00\xcd\x40\x58"), /* alignment, checked */
    INSN("\x80\x35\x85\x10\x00\x00\x10\xcd\x47\x90"), /* a descriptor that changes */
    INSN("\xcd\x48\x90"), /* ... that has not been accessed */
    INSN("\x6a\x1b\x68\x08\x80\x00\x00\xcb\x83\xd2\x01"), /* a return to its own ring */
    INSN("\xcd\x49\x83\xc2\x01\xcd\x40"), /* back with RF */
    /* ... to what is interrupted before its end */
    INSN("\xb9\xb8\x0b\x00\x00\xbe\x00\xa0\x00\x00\xcd\x49\xf3\xac\x01\xc2"),
    INSN("\xcd\x4a\x83\xd2\x01"), /* ... which is in another page */
    INSN("\x01\xd0\xcd\x4b\x83\xd2\x01"), /* to ring 3 itself */
    /* ... on an odd stack, with alignment checked */
    INSN("\x9c\x81\x0c\x24\x00\x00\x04\x00\x9d\x83\xc4\xfe\xcd\x4b\x83\xc4\x02"),
    /* flags that follow from ESP, of another block */
    INSN("\x83\xc4\x04\x73\x01\x90\x9a\x00\x00\x00\x00\x63\x00\x8d\x64\x24\xfc\x83\xd2\x03"),
};

static const struct {
    unsigned vector;
    struct bytes code;
} handlers[] = {
    { 0x00, INSN("\x03\x54\x24\x08\x83\x04\x24\x02\xcf") }, /* add edx, [esp + 8]; add dword [esp], 2; iretd */
    { 0x01, INSN("\x81\x64\x24\x08\xff\xfe\xff\xff\xcf") }, /* and dword [esp + 8], ~0x100; iretd */
    /* add esp, 4; push eax; mov eax, [cs:0xa200]; add [esp + 4], eax; add edx, [esp + 12]; pop eax; iretd */
    { 0x0d, INSN("\x83\xc4\x04\x50\x2e\xa1\x00\xa2\x00\x00\x01\x44\x24\x04\x03\x54\x24\x0c\x58\xcf") },
    /* add esp, 4; mov ebx, cr2; mov [0x5ff0], ebx; add edx, [esp + 8]; add dword [esp], 5; iretd */
    { 0x0e, INSN("\x83\xc4\x04\x0f\x20\xd3\x89\x1d\xf0\x5f\x00\x00\x03\x54\x24\x08\x83\x04\x24\x05\xcf") },
    /* and dword [esp + 12], ~0x40000; add esp, 4; iretd */
    { 0x11, INSN("\x81\x64\x24\x0c\xff\xff\xfb\xff\x83\xc4\x04\xcf") },
    { 0x20, INSN("\x03\x54\x24\x08\xcf") }, /* add edx, [esp + 8]; iretd */
    /* push ebx; mov ebx, [0xa100]; inc dword [0xa100]; add edx, ebx; add edx, [esp + 12];
     * xor edx, [esp + 16]; pop ebx; iretd */
    { 0x40, INSN("\x53\x8b\x1d\x00\xa1\x00\x00\xff\x05\x00\xa1\x00"
                 "\x00\x01\xda\x03\x54\x24\x0c\x33\x54\x24\x10\x5b\xcf") },
    /* push 0x10; pop ds; push 0x10; pop es; add dword [0xa104], 1; iretd */
    { 0x41, INSN("\x6a\x10\x1f\x6a\x10\x07\x83\x05\x04\xa1\x00\x00\x01\xcf") },
    { 0x42, INSN("\xfb\x9c\x5b\x01\xda\xcf") }, /* sti; pushfd; pop ebx; add edx, ebx; iretd */
    { 0x43, INSN("\x42\x66\xcf") }, /* inc edx; o16 iret */
    { 0x44, INSN("\xcf") }, /* iretd */
    { 0x45, INSN("\x42\xcf") }, /* inc edx; iretd */
    /* mov ebx, [0xa108]; add dword [0xa108], 0x3a5c7; and ebx, 0x257ed7; xor [esp + 8], ebx; iretd */
    { 0x46, INSN("\x8b\x1d\x08\xa1\x00\x00\x81\x05\x08\xa1\x00\x00\xc7\xa5\x03\x00\x81\xe3\xd7\x7e\x25\x00"
                 "\x31\x5c\x24\x08\xcf") },
    { 0x47, INSN("\x42\xcf") }, /* inc edx; iretd */
    { 0x48, INSN("\x80\x25\x8d\x10\x00\x00\xfe\xcf") }, /* and byte [0x108d], 0xfe; iretd */
    { 0x49, INSN("\x81\x4c\x24\x08\x00\x02\x01\x00\xcf") }, /* or dword [esp + 8], 0x10200; iretd */
    { 0x4a, INSN("\xc7\x04\x24\x00\x90\x00\x00\xcf") }, /* mov dword [esp], 0x9000; iretd */
    { 0x4b, INSN("\x03\x54\x24\x08\xcf") }, /* add edx, [esp + 8]; iretd */
};

static const struct bytes far_code[] = {
    INSN("\x01\xd3\xcb"),         /* add ebx, edx; retf */
    INSN("\x01\xd3\xca\x08\x00"), /* ...; retf 8 */
    INSN("\x43\x66\xcb"),         /* inc ebx; retf of 16 bits */
};

/* Where the stack of ring 0 lies, and what is changed about its segment. */
static const struct stack {
    uint32_t esp;
    uint16_t ss;
} stacks[] = {
    { AT_STACK0, SEL_DATA0 },
    { AT_FREE + 8, SEL_DATA0 },        /* a frame over the end of a page */
    { AT_FREE + 6, SEL_DATA0 },        /* ... and an item */
    { AT_CODE + 0xff0, SEL_DATA0 },    /* in a page with code */
    { AT_PAGES + 0x1ff8, SEL_DATA0 },  /* in a page table, where there is paging */
    { AT_STACK0, SEL_DATA16 },         /* SP */
};

static void rig_gates(struct cpu_rig *r, bool local)
{
    uint16_t code = local ? SEL_LOCAL : SEL_CODE0;

    for (unsigned i = 0; i < ARRAY_LEN(handlers); i++) {
        uint32_t at = AT_RINGS + i * 0x40, v = handlers[i].vector;
        unsigned type = v == 0x42 ? D_TRAP32 : v == 0x43 ? D_INT16 : D_INT32, ring = v == 0x44 || v < 0x30 ? 0 : 3;
        uint16_t sel = v == 0x45 ? SEL_CODE1 : v == 0x4b ? SEL_CODE3 : v == 0x47 ? SEL_CHANGES : v == 0x48 ? SEL_NEW
                                                                                                        : code;

        cpu_rig_code(r, at, handlers[i].code.bytes, handlers[i].code.len);
        cpu_rig_idt(r, v, gate_make(sel, at, type, ring, 0));
    }
    for (unsigned i = 0; i < ARRAY_LEN(far_code); i++)
        cpu_rig_code(r, AT_FAR + i * 0x10, far_code[i].bytes, far_code[i].len);
    cpu_rig_gdt(r, SEL_CALL, gate_make(code, AT_FAR, D_CALL32, 3, 0));
    cpu_rig_gdt(r, SEL_CALL_INNER, gate_make(code, AT_FAR, D_CALL32, 0, 0));
    cpu_rig_gdt(r, SEL_CALL_ITEMS, gate_make(code, AT_FAR + 0x10, D_CALL32, 3, 2));
    cpu_rig_gdt(r, SEL_CALL_16, gate_make(code, AT_FAR + 0x20, D_CALL16, 3, 0));
}

struct machine {
    enum cpu_model model;
    unsigned program, ring;
    const struct stack *stack;
};

static struct cpu_rig *rig_new(const void *what, bool paged)
{
    const struct machine *m = what;
    struct cpu_rig *r = cpu_rig_new(m->model, RAM);
    unsigned i = m->program;
    uint8_t back[] = { 0xe9, 0, 0, 0, 0 };
    uint32_t at = AT_CODE;

    cpu_rig_devices(r);
    cpu_rig_protected(r, m->ring);
    if (paged) {
        cpu_rig_paging(r);
        *cpu_rig_pte(r, 0x3ff000) = 0;
        if (m->ring == 3 && programs[i].len > 3 && programs[i].bytes[3] == 0x4b) {
            *cpu_rig_pte(r, AT_STACK3 - PAGE_SIZE) &= ~4u; /* no place for a frame of ring 3 */
            r->cpu->gpr[ESP] = AT_STACK3 + 4;
        }
    }
    cpu_rig_gdt(r, SEL_CHANGES, desc_make(0, UINT32_MAX, D_CODE | D_BIG));
    cpu_rig_gdt(r, SEL_NEW, desc_make(0, UINT32_MAX, D_CODE | D_BIG));
    for (unsigned k = 0; k < 2; k++)
        cpu_rig_poke(r, AT_LDT + 4 * k, 4, cpu_rig_peek(r, AT_GDT + SEL_CODE0 + 4 * k, 4));
    rig_gates(r, i % 2);
    /* add edx, 1; push AT_CODE + 2; ret */
    cpu_rig_code(r, AT_CODE + PAGE_SIZE, "\x83\xc2\x01\x68\x02\x80\x00\x00\xc3", 9);
    cpu_rig_poke(r, AT_SKIP, 4, (uint8_t) programs[i].bytes[0] == 0x9a ? 7 : 2); /* what faults with a code */
    cpu_rig_poke(r, AT_TSS + 4, 4, m->stack->esp);
    cpu_rig_poke(r, AT_TSS + 8, 2, m->stack->ss);
    r->cpu->gpr[EDX] = 0x7777;
    r->cpu->cr0 |= m->model == CPU_386 ? 0 : CR0_AM;
    cpu_rig_code(r, at, programs[i].bytes, programs[i].len);
    at += (uint32_t) programs[i].len;
    store_le32(back + 1, AT_CODE - (at + (uint32_t) sizeof back));
    cpu_rig_code(r, at, back, sizeof back);
    if (m->stack == stacks) /* what halts for ever on another one would be woken for ever */
        cpu_rig_irq(r, 9700);
    return r;
}

START_TEST(between_rings)
{
    if (!jit_available())
        return;
    for (unsigned i = 0; i < ARRAY_LEN(stacks); i++)
        jit_pair_run_each(rig_new, &(struct machine){
            .model = i % 2 ? CPU_386 : CPU_P2,
            .program = (unsigned) _i,
            .ring = i == 5 ? 0 : 3,
            .stack = &stacks[i],
        }, STEPS, 4);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/rings");
    TCase *tc = tcase_create("rings");

    tcase_set_timeout(tc, 60); /* many machines, beside whatever else the host does */
    tcase_add_loop_test(tc, between_rings, 0, (int) ARRAY_LEN(programs));
    suite_add_tcase(s, tc);
    return s;
}

/*
 * The engine around the instructions: state, code that changes under it, A20,
 * segments and wrap-around of real mode.
 *
 * Source: design, sections 3, 4 and 6; Intel SDM vol. 3, 8.7.5, 20.1.
 */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>

#include "base/bits.h"
#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/mem.h"
#include "cpu/model.h"
#include "cpu/segment.h"
#include "support/cpu_rig.h"

static struct cpu_rig *rig;

static void set_up(void)
{
    rig = cpu_rig_new(CPU_PENTIUM, 2 << 20);
    cpu_rig_devices(rig);
}

static void tear_down(void)
{
    cpu_rig_free(rig);
}

static void run(const char *code, size_t len)
{
    cpu_rig_code(rig, AT_CODE, code, len);
    cpu_rig_run(rig, 10000);
}

#define RUN(s) run(s, sizeof(s) - 1)

/* --- state ------------------------------------------------------------------- */

START_TEST(every_saved_byte_is_in_one_field)
{
    char text[200];

    ck_assert_msg(state_fields_complete(cpu_fields, text, sizeof text), "%s", text);
}
END_TEST

/*
 * Ring 3 under paging with interrupts, a REP, faults and code that patches
 * itself: stopped, saved and loaded at random instructions it ends the same.
 */
static const char busy[] =
    "\xbd\x40\x00\x00\x00"                     /* mov ebp, 64 */
    "\xbe\x00\xa0\x00\x00\xbf\x00\xb0\x00\x00" /* mov esi, data; mov edi, data + 1000h */
    "\xb9\x80\x00\x00\x00\xf3\xa5"             /* mov ecx, 128; rep movsd */
    "\x80\x05\x25\x80\x00\x00\x01"             /* add byte [the second immediate], 1 */
    "\x83\xc0\x00\x90\x90\x90\x83\xc0\x00"     /* add eax, 0; nop; add eax, 0 (at 8023h) */
    "\x11\x05\x00\xa0\x00\x00\x9c\x5b"         /* adc [data], eax; pushf; pop ebx */
    "\x8c\xd8\x8e\xd0\x01\xd8"                 /* mov eax, ds; mov ss, eax; add eax, ebx */
    "\x0f\x31\x31\x15\x04\xa0\x00\x00"         /* rdtsc; xor [data + 4], edx */
    "\x0f\x0b\x90"                             /* ud2, stepped over */
    "\x4d\x75\xc3"                             /* dec ebp; jnz to the second instruction */
    "\xcd\x30";

static void busy_setup(void)
{
    static const char skip[] = "\xff\x04\x24\xff\x04\x24\xcf"; /* inc dword [esp], twice; iret */

    cpu_rig_protected(rig, 3);
    cpu_rig_paging(rig);
    cpu_rig_code(rig, AT_HANDLERS + EXC_UD * 16, skip, sizeof skip - 1);
    cpu_rig_poke(rig, AT_HANDLERS + VEC_IRQ * 16, 1, 0xcf);
    cpu_rig_code(rig, AT_CODE, busy, sizeof busy - 1);
    cpu_write_eflags(rig->cpu, FLAG_IF, FLAG_IF);
    cpu_rig_irq(rig, 7770);
    rig->sched.stop_at = 100 * 1000 * 1000;
}

static uint64_t busy_hash(void)
{
    ck_assert_msg(cpu_rig_vector(rig) == VEC_DONE, "ended in %d at %x", cpu_rig_vector(rig), rig->cpu->eip);
    return cpu_rig_hash(rig);
}

static void reload(void)
{
    struct buf b = { 0 };
    struct err err;

    state_save(rig->state, &b);
    ck_assert_int_eq(state_load(rig->state, b.data, b.len, &err), 0);
    buf_free(&b);
}

START_TEST(saving_and_loading_changes_nothing)
{
    uint32_t seed = 12345;
    uint64_t want;

    busy_setup();
    cpu_rig_run(rig, 100000);
    want = busy_hash();
    for (unsigned round = 0; round < 20; round++) {
        busy_setup();
        while (cpu_rig_vector(rig) != VEC_DONE && rig->sched.insns < 100000) {
            seed = seed * 1664525 + 1013904223;
            cpu_rig_step(rig, 1 + (seed >> 16) % 97);
            reload();
        }
        rig->sched.stop_insns = UINT64_MAX;
        cpu_run(rig->cpu);
        ck_assert_uint_eq(busy_hash(), want);
    }
}
END_TEST

/* --- code that changes ---------------------------------------------------------- */

/* A state that no processor has: bit 1 of EFLAGS is 1. */
START_TEST(loaded_flags_are_a_processors)
{
    static const uint8_t flags[4] = { 0xd7, 0x0c, 0x20, 0x00 };
    struct buf b = { 0 };
    uint8_t *at;
    struct err err;

    cpu_write_eflags(rig->cpu, 0x200cd7, UINT32_MAX);
    state_save(rig->state, &b);
    at = memmem(b.data, b.len, flags, sizeof flags);
    ck_assert_ptr_nonnull(at);
    *at &= (uint8_t) ~2;
    ck_assert_int_eq(state_load(rig->state, b.data, b.len, &err), 0);
    ck_assert_uint_eq(rig->cpu->eflags & 2, 2);
    buf_free(&b);
}
END_TEST

START_TEST(store_into_the_next_instruction)
{
    cpu_rig_protected(rig, 0);
    RUN("\xc6\x05\x08\x80\x00\x00\x42\xb0\x41\xf4"); /* mov byte [its operand], 42h; mov al, 41h */
    ck_assert_uint_eq(rig->cpu->gpr[EAX], 0x42);
}
END_TEST

START_TEST(rep_overwrites_what_follows)
{
    cpu_rig_protected(rig, 0);
    rig->cpu->gpr[EDI] = AT_CODE + 2;
    rig->cpu->gpr[ECX] = 4;
    rig->cpu->gpr[EAX] = 0x40; /* inc eax */
    RUN("\xf3\xaa\xf4\xf4\xf4\xf4\xf4");
    ck_assert_uint_eq(rig->cpu->gpr[EAX], 0x44);
}
END_TEST

/* REP STOS over itself goes on: it is one instruction. */
START_TEST(rep_overwrites_itself)
{
    cpu_rig_protected(rig, 0);
    rig->cpu->gpr[EDI] = AT_CODE;
    rig->cpu->gpr[ECX] = 4;
    rig->cpu->gpr[EAX] = 0xf4;
    RUN("\xf3\xaa\x90\x90\x90");
    ck_assert_uint_eq(rig->cpu->halted, 1);
}
END_TEST

START_TEST(device_overwrites_the_next_instruction)
{
    cpu_rig_protected(rig, 0);
    RUN("\xb0\x04\xe6\x94\xf4\xb3\x01\xf4"); /* port 94h: NOP over the first HLT */
    ck_assert_uint_eq(rig->cpu->gpr[EBX], 1);
}
END_TEST

START_TEST(store_across_two_code_pages)
{
    static const char code[] =
        "\xe8\xf8\x0f\x00\x00"                     /* call 8ffdh: mov eax, imm32 over the edge; ret */
        "\xc7\x05\xfe\x8f\x00\x00\x78\x56\x34\x12" /* another immediate */
        "\xe8\xe9\x0f\x00\x00\xf4";

    cpu_rig_protected(rig, 0);
    cpu_rig_code(rig, AT_CODE + 0xffd, "\xb8\x01\x00\x00\x00\xc3", 6);
    run(code, sizeof code - 1);
    ck_assert_uint_eq(rig->cpu->gpr[EAX], 0x12345678);
}
END_TEST

/* A device that gives code: each byte is read as it is needed, each time. */
START_TEST(code_from_a_device)
{
    cpu_rig_protected(rig, 0);
    RUN("\xb8\x00\x00\x0a\x00\xff\xe0"); /* 90 91 92 ... 97: nop and xchg; 98 cwde; 99 cdq; 9a: a far call */
    ck_assert_uint_eq(rig->mmio_reads, 10 + 7);
}
END_TEST

/* --- A20 -------------------------------------------------------------------------- */

START_TEST(a20_wraps_data_and_code)
{
    static const char code[] =
        "\xb0\x00\xe6\x92"         /* A20 off */
        "\x8b\x1d\x00\xa0\x10\x00" /* mov ebx, [10a000h] */
        "\xb8\x20\x80\x10\x00\xff\xd0"
        "\xb0\x02\xe6\x92"         /* on */
        "\x8b\x0d\x00\xa0\x10\x00" /* mov ecx, [10a000h] */
        "\xb8\x20\x80\x10\x00\xff\xd0\xf4";

    cpu_rig_protected(rig, 0);
    cpu_rig_poke(rig, AT_DATA, 4, 1);
    cpu_rig_poke(rig, 0x100000 + AT_DATA, 4, 2);
    cpu_rig_code(rig, 0x100000 + AT_CODE + 0x20, "\xba\x02\x00\x00\x00\xc3", 6);
    cpu_rig_code(rig, AT_CODE + 0x40, code, sizeof code - 1);
    cpu_rig_code(rig, AT_CODE + 0x20, "\xbe\x01\x00\x00\x00\xc3", 6);
    rig->cpu->eip = AT_CODE + 0x40;
    cpu_rig_run(rig, 100);
    ck_assert_uint_eq(rig->cpu->gpr[EBX], 1);
    ck_assert_uint_eq(rig->cpu->gpr[ESI], 1);
    ck_assert_uint_eq(rig->cpu->gpr[ECX], 2);
    ck_assert_uint_eq(rig->cpu->gpr[EDX], 2);
}
END_TEST

/* The bytes at EIP are others as soon as the OUT is done. */
START_TEST(a20_moves_the_code_itself)
{
    cpu_rig_protected(rig, 0);
    cpu_rig_code(rig, 0x100000 + AT_CODE, "\xb0\x00\xe6\x92\xb3\x02\xf4", 7);
    cpu_rig_code(rig, AT_CODE, "\xb0\x00\xe6\x92\xb3\x01\xf4", 7);
    rig->cpu->eip = 0x100000 + AT_CODE;
    cpu_rig_run(rig, 100);
    ck_assert_uint_eq(rig->cpu->gpr[EBX], 1);
}
END_TEST

/* --- real mode ---------------------------------------------------------------------- */

static const struct {
    const char *name, *code;
    size_t len;
    uint32_t esp, ebx, edi, ecx;
    int vector;          /* -1: the program's own HLT */
    uint32_t ebx_after;
} real_rows[] = {
#define R(s) s, sizeof(s) - 1
    { "word at FFFFh", R("\xa1\xff\xff"), 0x7000, 0, 0, 0, EXC_GP, 0 },
    { "byte at FFFFh", R("\xa0\xff\xff\xf4"), 0x7000, 0, 0, 0, -1, 0 },
    { "dword at FFFDh", R("\x66\xa1\xfd\xff"), 0x7000, 0, 0, 0, EXC_GP, 0 },
    { "EBX above 64K", R("\x67\x8a\x03"), 0x7000, 0x10000, 0, 0, EXC_GP, 0x10000 },
    { "BX alone counts in 16-bit addresses", R("\x8a\x07\xf4"), 0x7000, 0x12340000, 0, 0, -1, 0x12340000 },
    { "push wraps at SP 0", R("\x50\x89\xe3\xf4"), 0x10000, 0, 0, 0, -1, 0xfffe },
    { "pop at SP FFFEh", R("\x58\x89\xe3\xf4"), 0xfffe, 0, 0, 0, -1, 0 },
    { "pop at SP FFFFh", R("\x58"), 0xffff, 0, 0, 0, EXC_SS, 0 },
    { "far pointer: the selector at the end wraps", R("\xc4\x1e\xfe\xff\xf4"), 0x7000, 0, 0, 0, -1, 0x9000 },
    { "far pointer: its offset does not", R("\xc4\x1e\xff\xff"), 0x7000, 0, 0, 0, EXC_GP, 0 },
    { "LOOP keeps the high half", R("\xe2\xfe\x66\x89\xcb\xf4"), 0x7000, 0, 0, 0x50003, -1, 0x50000 },
    { "REP keeps the high halves", R("\xf3\xaa\x66\x89\xfb\xf4"), 0x7000, 0, 0x7fffe000, 0x50003, -1, 0x7fffe003 },
    { "STOSB wraps DI", R("\xaa\x66\x89\xfb\xf4"), 0x7000, 0, 0x1ffff, 0, -1, 0x10000 },
    { "LEA of 16 bits", R("\x66\x8d\x5f\x02\xf4"), 0x7000, 0x1ffff, 0, 0, -1, 1 },
    { "POP SP", R("\x5c\x89\xe3\xf4"), 0xa000, 0, 0, 0, -1, 0x1234 },
    { "SALC", R("\xf9\xd6\x88\xc3\xf4"), 0x7000, 0, 0, 0, -1, 0xff },
    { "jump to FFFFh and past", R("\xe9\xfc\x7f"), 0x7000, 0, 0, 0, EXC_GP, 0 },
};

START_TEST(real_mode)
{
    static char wrong[2000];
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(real_rows); i++) {
        int vector;

        cpu_rig_real(rig);
        cpu_rig_poke(rig, 0xa000, 2, 0x1234);
        cpu_rig_code(rig, 0xffff, "\x90", 1);
        rig->cpu->gpr[ESP] = real_rows[i].esp;
        rig->cpu->gpr[EBX] = real_rows[i].ebx;
        rig->cpu->gpr[EDI] = real_rows[i].edi;
        rig->cpu->gpr[ECX] = real_rows[i].ecx;
        run(real_rows[i].code, real_rows[i].len);
        vector = cpu_rig_vector(rig);
        if (vector != real_rows[i].vector || (vector == -1 && rig->cpu->gpr[EBX] != real_rows[i].ebx_after))
            n += (size_t) snprintf(wrong + n, sizeof wrong - n, "\n%s: vector %d, ebx %x", real_rows[i].name, vector,
                                   rig->cpu->gpr[EBX]);
    }
    ck_assert_msg(n == 0, "%s", wrong);
}
END_TEST

/* DI wraps in the middle of a page when the segment's base is not at one. */
START_TEST(rep_wraps_inside_a_page)
{
    cpu_rig_protected(rig, 0);
    cpu_rig_gdt(rig, SEL_FREE, desc_make(0x30100, UINT32_MAX, D_DATA | D_BIG));
    cpu_rig_load(rig, ES, SEL_FREE);
    rig->cpu->gpr[EAX] = 0x55;
    rig->cpu->gpr[ECX] = 0x20;
    rig->cpu->gpr[EDI] = 0xfff0;
    RUN("\x67\xf3\xaa\xf4");
    ck_assert_uint_eq(rig->cpu->gpr[EDI], 0x10);
    ck_assert_uint_eq(cpu_rig_peek(rig, 0x40100 - 1, 2), 0x0055);
    ck_assert_uint_eq(cpu_rig_peek(rig, 0x30100 - 1, 2), 0x5500);
    ck_assert_uint_eq(cpu_rig_peek(rig, 0x30100 + 0xf, 2), 0x0055);
}
END_TEST

/* Limits loaded in protected mode stay after PE is cleared. */
START_TEST(unreal_mode)
{
    static const char code[] =
        "\x0f\x20\xc0\x0c\x01\x0f\x22\xc0" /* PE */
        "\xbb\x10\x00\x8e\xdb"             /* mov bx, 10h; mov ds, bx */
        "\x31\xdb\x8e\xe3"                 /* xor bx, bx; mov fs, bx */
        "\x24\xfe\x0f\x22\xc0"             /* PE off */
        "\x8e\xdb\x8e\xe3"                 /* mov ds, bx; mov fs, bx */
        "\x67\x66\xa1\x00\x00\x10\x00"     /* mov eax, [100000h] */
        "\x64\x8b\x0e\x00\xa0\xf4";        /* mov cx, fs:[a000h] */

    cpu_rig_real(rig);
    cpu_rig_gdt(rig, 0x10, desc_make(0, UINT32_MAX, D_DATA));
    rig->cpu->gdt_base = AT_GDT;
    cpu_rig_poke(rig, 0x100000, 4, 0xfeedface);
    cpu_rig_poke(rig, AT_DATA, 2, 0xbeef);
    run(code, sizeof code - 1);
    ck_assert_uint_eq(rig->cpu->gpr[EAX], 0xfeedface);
    ck_assert_uint_eq(rig->cpu->gpr[ECX], 0xbeef);
}
END_TEST

/* FLAGS tell the models apart: AC from the 486 on, ID where CPUID is. */
START_TEST(flags_by_model)
{
    static const uint32_t can_change[CPU_MODELS] = {
        [CPU_386] = 0, [CPU_486] = FLAG_AC | FLAG_ID, [CPU_PENTIUM] = FLAG_AC | FLAG_ID,
        [CPU_PENTIUM_MMX] = FLAG_AC | FLAG_ID, [CPU_P2] = FLAG_AC | FLAG_ID,
    };

    for (unsigned m = 0; m < CPU_MODELS; m++) {
        struct cpu_rig *r = cpu_rig_new(m, 1 << 20);

        cpu_rig_protected(r, 0);
        cpu_rig_code(r, AT_CODE, "\x6a\xff\x81\x24\x24\xff\xfe\xff\xff\x9d\x9c\x58\xf4", 13); /* all but TF */
        cpu_rig_run(r, 100);
        ck_assert_uint_eq(r->cpu->gpr[EAX] & (FLAG_AC | FLAG_ID), can_change[m]);
        ck_assert_uint_eq(r->cpu->gpr[EAX] & 0x802a, 2);
        cpu_rig_free(r);
    }
}
END_TEST

/* One that takes no time could start at the tick of an event that comes first. */
START_TEST(every_instruction_takes_time)
{
    for (unsigned m = 0; m < CPU_MODELS; m++)
        for (unsigned i = 0; i < COST_CLASSES; i++)
            ck_assert_uint_gt(cpu_model_table[m].cost[i], 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("cpu/engine");
    TCase *tc = tcase_create("engine");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, every_saved_byte_is_in_one_field);
    tcase_add_test(tc, saving_and_loading_changes_nothing);
    tcase_add_test(tc, loaded_flags_are_a_processors);
    tcase_add_test(tc, store_into_the_next_instruction);
    tcase_add_test(tc, rep_overwrites_what_follows);
    tcase_add_test(tc, rep_overwrites_itself);
    tcase_add_test(tc, device_overwrites_the_next_instruction);
    tcase_add_test(tc, store_across_two_code_pages);
    tcase_add_test(tc, code_from_a_device);
    tcase_add_test(tc, a20_wraps_data_and_code);
    tcase_add_test(tc, a20_moves_the_code_itself);
    tcase_add_test(tc, real_mode);
    tcase_add_test(tc, rep_wraps_inside_a_page);
    tcase_add_test(tc, unreal_mode);
    tcase_add_test(tc, flags_by_model);
    tcase_add_test(tc, every_instruction_takes_time);
    suite_add_tcase(s, tc);
    return s;
}

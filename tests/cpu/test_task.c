/*
 * Task switches between TSSs of both widths, and what faults in which task.
 *
 * Source: Intel SDM vol. 3, 7.2 and 7.3, tables 7-1 and 7-2; 6.13 (error codes).
 */
#include "config.h"

#include "support/suite.h"

#include "base/bits.h"
#include "cpu/flags.h"
#include "cpu/mem.h"
#include "cpu/segment.h"
#include "support/cpu_rig.h"

enum { NEW_EIP = AT_CODE + 0x400, NEW_ESP = AT_STACK1, SEL_BAD = SEL_FREE };

/* Offsets of a 32-bit TSS. */
enum {
    T_LINK = 0, T_CR3 = 0x1c, T_EIP = 0x20, T_EFLAGS = 0x24, T_EAX = 0x28, T_ESP = 0x38, T_ES = 0x48, T_CS = 0x4c,
    T_SS = 0x50, T_DS = 0x54, T_LDT = 0x60, T_TRAP = 0x64,
};

static struct cpu_rig *rig;

static void set_up(void)
{
    rig = cpu_rig_new(CPU_486, 1 << 20);
}

static void tear_down(void)
{
    cpu_rig_free(rig);
}

/* The second task: a HLT on its own stack, EAX marked. */
static void task32(void)
{
    static const uint16_t sel[] = { SEL_DATA0, SEL_CODE0, SEL_DATA0, SEL_DATA0, 0, 0 };

    cpu_rig_poke(rig, AT_TSS2 + T_CR3, 4, AT_PAGES);
    cpu_rig_poke(rig, AT_TSS2 + T_EIP, 4, NEW_EIP);
    cpu_rig_poke(rig, AT_TSS2 + T_EFLAGS, 4, 2 | FLAG_CF);
    cpu_rig_poke(rig, AT_TSS2 + T_EAX, 4, 0xa2a2a2a2);
    cpu_rig_poke(rig, AT_TSS2 + T_ESP, 4, NEW_ESP);
    for (unsigned i = 0; i < ARRAY_LEN(sel); i++)
        cpu_rig_poke(rig, AT_TSS2 + T_ES + i * 4, 2, sel[i]);
    cpu_rig_poke(rig, AT_TSS2 + T_LDT, 2, SEL_LDT);
    cpu_rig_poke(rig, NEW_EIP, 1, 0xf4);
}

static void run(const char *code, size_t len)
{
    cpu_rig_code(rig, AT_CODE, code, len);
    cpu_rig_run(rig, 100);
}

#define RUN(s)   run(s, sizeof(s) - 1)
#define JMP_TSS2 "\xea\x00\x00\x00\x00\x48\x00"
#define CALL_TSS2 "\x9a\x00\x00\x00\x00\x48\x00"

static unsigned tss_type(uint16_t sel)
{
    return cpu_rig_peek(rig, AT_GDT + (sel & ~7u) + 5, 1) & 15;
}

START_TEST(jump_saves_and_loads)
{
    cpu_rig_protected(rig, 0);
    task32();
    rig->cpu->gpr[EAX] = 0x11111111;
    rig->cpu->dr[7] |= 0x155;
    RUN(JMP_TSS2);
    ck_assert_uint_eq(rig->cpu->eip, NEW_EIP + 1);
    ck_assert_uint_eq(rig->cpu->gpr[EAX], 0xa2a2a2a2);
    ck_assert_uint_eq(rig->cpu->gpr[ESP], NEW_ESP);
    ck_assert_uint_eq(rig->cpu->tr.sel, SEL_TSS2);
    ck_assert_uint_eq(rig->cpu->cr0 & CR0_TS, CR0_TS);
    ck_assert_uint_eq(rig->cpu->dr[7] & 0x155, 0);
    ck_assert_uint_eq(cpu_read_eflags(rig->cpu) & (FLAG_CF | FLAG_NT), FLAG_CF);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS + T_EIP, 4), AT_CODE + 7);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS + T_EAX, 4), 0x11111111);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS + T_ESP, 4), AT_STACK0);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS + T_CS, 2), SEL_CODE0);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS2 + T_LINK, 2), 0);
    ck_assert_uint_eq(tss_type(SEL_TSS), 9);
    ck_assert_uint_eq(tss_type(SEL_TSS2), 11);
}
END_TEST

START_TEST(call_nests_and_iret_returns)
{
    cpu_rig_protected(rig, 0);
    task32();
    cpu_rig_code(rig, NEW_EIP, "\xb0\x33\xcf", 3); /* mov al, 33h; iret */
    rig->cpu->gpr[EAX] = 0x11111111;
    RUN(CALL_TSS2 "\xf4");
    ck_assert_uint_eq(rig->cpu->eip, AT_CODE + 8);
    ck_assert_uint_eq(rig->cpu->gpr[EAX], 0x11111111);
    ck_assert_uint_eq(rig->cpu->tr.sel, SEL_TSS);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS2 + T_LINK, 2), SEL_TSS);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS2 + T_EAX, 4), 0xa2a2a233);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS2 + T_EIP, 4), NEW_EIP + 3);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS2 + T_EFLAGS, 4) & FLAG_NT, 0);
    ck_assert_uint_eq(tss_type(SEL_TSS), 11);
    ck_assert_uint_eq(tss_type(SEL_TSS2), 9);
}
END_TEST

START_TEST(task_of_16_bits)
{
    static const uint16_t image[] = { /* 0Eh: IP, FLAGS, AX CX DX BX SP BP SI DI, ES CS SS DS, LDT */
        NEW_EIP, 2, 0xa2a2, 1, 2, 3, NEW_ESP, 4, 5, 6, SEL_DATA16, SEL_CODE16, SEL_DATA16, SEL_DATA16, 0,
    };

    cpu_rig_protected(rig, 0);
    cpu_rig_gdt(rig, SEL_TSS2, desc_make(AT_TSS2, 0x2b, D_TSS16));
    for (unsigned i = 0; i < ARRAY_LEN(image); i++)
        cpu_rig_poke(rig, AT_TSS2 + 0x0e + i * 2, 2, image[i]);
    cpu_rig_code(rig, NEW_EIP, "\xb0\x33\xcf", 3);
    RUN(CALL_TSS2 "\xf4");
    ck_assert_uint_eq(rig->cpu->eip, AT_CODE + 8);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS2 + 0x12, 2), 0xa233);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS2, 2), SEL_TSS);
}
END_TEST

/* --- faults before the switch are the old task's --------------------------- */

static const struct {
    const char *name;
    uint64_t desc;
    int vector;
    uint32_t error;
} old_task[] = {
    { "absent", (uint64_t) AT_TSS2 << 16 | 0x67 | UINT64_C(0x09) << 40, EXC_NP, SEL_TSS2 },
    { "short", (uint64_t) AT_TSS2 << 16 | 0x66 | UINT64_C(0x89) << 40, EXC_TS, SEL_TSS2 },
    { "short, 16 bits", (uint64_t) AT_TSS2 << 16 | 0x2a | UINT64_C(0x81) << 40, EXC_TS, SEL_TSS2 },
    { "busy", (uint64_t) AT_TSS2 << 16 | 0x67 | UINT64_C(0x8b) << 40, EXC_GP, SEL_TSS2 },
};

START_TEST(faults_of_the_old_task)
{
    cpu_rig_protected(rig, 0);
    task32();
    cpu_rig_gdt(rig, SEL_TSS2, old_task[_i].desc);
    RUN(JMP_TSS2);
    ck_assert_msg(cpu_rig_vector(rig) == old_task[_i].vector, "%s: %d", old_task[_i].name, cpu_rig_vector(rig));
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), old_task[_i].error);
    ck_assert_uint_eq(cpu_rig_frame(rig, 1), AT_CODE);
    ck_assert_uint_eq(rig->cpu->tr.sel, SEL_TSS);
    ck_assert_uint_eq(tss_type(SEL_TSS), 11);
}
END_TEST

/* --- and after it the new one's ---------------------------------------------- */

static const struct {
    const char *name;
    uint64_t bad; /* descriptor at SEL_BAD */
    uint16_t at, sel;
    int vector;
    uint32_t error;
    bool ring3; /* nothing is loaded yet: the handler needs a stack of its own */
} new_task[] = {
    { "LDT is data", 0, T_LDT, SEL_DATA0, EXC_TS, SEL_DATA0, true },
    { "CS is data", 0, T_CS, SEL_DATA3, EXC_TS, SEL_DATA3 & ~3, true },
    { "SS null", 0, T_SS, 3, EXC_TS, 0, true },
    { "SS of ring 0", 0, T_SS, SEL_DATA0, EXC_TS, SEL_DATA0, true },
    { "DS past the table", 0, T_DS, 0x200, EXC_TS, 0x200, false },
    { "DS absent", (UINT64_C(0xcf1200) << 32) | 0xffff, T_DS, SEL_BAD, EXC_NP, SEL_BAD, false },
    { "DS system", 0, T_DS, SEL_TSS, EXC_TS, SEL_TSS, false },
    { "ES RPL", 0, T_ES, SEL_DATA0 | 3, EXC_TS, SEL_DATA0, false },
};

START_TEST(faults_of_the_new_task)
{
    cpu_rig_protected(rig, 0);
    task32();
    cpu_rig_gdt(rig, SEL_BAD, new_task[_i].bad);
    if (new_task[_i].ring3) {
        cpu_rig_poke(rig, AT_TSS2 + T_CS, 2, SEL_CODE3);
        cpu_rig_poke(rig, AT_TSS2 + 4, 4, AT_STACK0);
        cpu_rig_poke(rig, AT_TSS2 + 8, 2, SEL_DATA0);
    }
    cpu_rig_poke(rig, AT_TSS2 + new_task[_i].at, 2, new_task[_i].sel);
    RUN(JMP_TSS2);
    ck_assert_msg(cpu_rig_vector(rig) == new_task[_i].vector, "%s: %d", new_task[_i].name, cpu_rig_vector(rig));
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), new_task[_i].error);
    ck_assert_uint_eq(cpu_rig_frame(rig, 1), NEW_EIP);
    ck_assert_uint_eq(rig->cpu->tr.sel, SEL_TSS2);
    ck_assert_uint_eq(tss_type(SEL_TSS), 9);
}
END_TEST

/* An EIP past the limit of the new CS. */
START_TEST(eip_of_the_new_task)
{
    cpu_rig_protected(rig, 0);
    task32();
    cpu_rig_poke(rig, AT_TSS2 + T_CS, 2, SEL_CODE16);
    cpu_rig_poke(rig, AT_TSS2 + T_EIP, 4, 0x12345);
    RUN(JMP_TSS2);
    ck_assert_int_eq(cpu_rig_vector(rig), EXC_GP);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), 0);
    ck_assert_uint_eq(cpu_rig_frame(rig, 1), 0x12345);
}
END_TEST

/* --- interrupts ---------------------------------------------------------------- */

/* #GP through a task gate: the code is on the new stack, RF in the old image. */
START_TEST(fault_through_a_task_gate)
{
    cpu_rig_protected(rig, 3);
    task32();
    cpu_rig_idt(rig, EXC_GP, gate_make(SEL_TSS2, 0, D_TASK, 0, 0));
    RUN("\x66\xb8\x10\x00\x8e\xd8"); /* DS from ring 3 to DPL 0 */
    ck_assert_uint_eq(rig->cpu->eip, NEW_EIP + 1);
    ck_assert_uint_eq(rig->cpu->gpr[ESP], NEW_ESP - 4);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), SEL_DATA0);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS + T_EIP, 4), AT_CODE + 4);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS + T_EFLAGS, 4) & FLAG_RF, FLAG_RF);
    ck_assert_uint_eq(cpu_read_eflags(rig->cpu) & (FLAG_NT | FLAG_RF), FLAG_NT);
    ck_assert_uint_eq(rig->cpu->cpl, 0);
}
END_TEST

/* The ring-0 stack is gone: only a task of its own can take the double fault. */
START_TEST(double_fault_through_a_task_gate)
{
    cpu_rig_protected(rig, 3);
    task32();
    cpu_rig_idt(rig, EXC_DF, gate_make(SEL_TSS2, 0, D_TASK, 0, 0));
    cpu_rig_poke(rig, AT_TSS + 8, 2, SEL_CODE0); /* SS of ring 0 */
    RUN("\xf4");
    ck_assert_uint_eq(rig->cpu->eip, NEW_EIP + 1);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), 0);
    ck_assert_uint_eq(rig->shutdowns, 0);
}
END_TEST

/* A page fault while one is delivered; CR2 is that of the second. */
START_TEST(two_page_faults)
{
    cpu_rig_protected(rig, 3);
    task32();
    cpu_rig_paging(rig);
    cpu_rig_idt(rig, EXC_DF, gate_make(SEL_TSS2, 0, D_TASK, 0, 0));
    cpu_rig_poke(rig, AT_TSS + 4, 4, AT_FREE + 0x100); /* ESP of ring 0 */
    *cpu_rig_pte(rig, AT_FREE) = 0;
    *cpu_rig_pte(rig, AT_DATA) = 0;
    RUN("\xa0\x00\xa0\x00\x00");
    ck_assert_uint_eq(rig->cpu->eip, NEW_EIP + 1);
    ck_assert_uint_eq(rig->cpu->cr2, AT_FREE + 0xfc);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS + T_EIP, 4), AT_CODE);
}
END_TEST

START_TEST(triple_fault_shuts_down)
{
    cpu_rig_protected(rig, 3);
    cpu_rig_poke(rig, AT_TSS + 8, 2, SEL_CODE0);
    RUN("\xf4");
    ck_assert_uint_eq(rig->shutdowns, 1);
}
END_TEST

START_TEST(trap_bit)
{
    cpu_rig_protected(rig, 0);
    task32();
    cpu_rig_poke(rig, AT_TSS2 + T_TRAP, 2, 1);
    RUN(JMP_TSS2);
    ck_assert_int_eq(cpu_rig_vector(rig), EXC_DB);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), NEW_EIP);
    ck_assert_uint_eq(rig->cpu->dr[6] & 0xe00f, DR6_BT);
}
END_TEST

START_TEST(iret_wants_a_busy_task)
{
    cpu_rig_protected(rig, 0);
    task32();
    cpu_rig_poke(rig, AT_TSS + T_LINK, 2, SEL_TSS2);
    rig->cpu->eflags |= FLAG_NT;
    RUN("\xcf");
    ck_assert_int_eq(cpu_rig_vector(rig), EXC_TS);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), SEL_TSS2);
}
END_TEST

/* Two descriptors of one TSS: what is saved is what is loaded. */
START_TEST(two_tasks_in_one_tss)
{
    cpu_rig_protected(rig, 0);
    cpu_rig_gdt(rig, SEL_TSS2, desc_make(AT_TSS, 0x67, D_TSS32));
    rig->cpu->gpr[EBX] = 0x77;
    RUN(JMP_TSS2 "\xf4");
    ck_assert_uint_eq(rig->cpu->eip, AT_CODE + 8);
    ck_assert_uint_eq(rig->cpu->gpr[EBX], 0x77);
    ck_assert_uint_eq(rig->cpu->tr.sel, SEL_TSS2);
}
END_TEST

/* The address space changes with the task, the code goes on in the new one. */
START_TEST(task_brings_its_tables)
{
    enum { OTHER = AT_PAGES + 0x4000 };

    cpu_rig_protected(rig, 0);
    task32();
    cpu_rig_paging(rig);
    for (uint32_t i = 0; i < 0x2000; i += 4)
        cpu_rig_poke(rig, OTHER + i, 4, cpu_rig_peek(rig, AT_PAGES + i, 4));
    cpu_rig_poke(rig, OTHER, 4, (OTHER + 0x1000) | 7);
    cpu_rig_poke(rig, OTHER + 0x1000 + (AT_DATA >> 12) * 4, 4, (AT_DATA + 0x1000) | 7);
    cpu_rig_poke(rig, AT_DATA, 1, 1);
    cpu_rig_poke(rig, AT_DATA + 0x1000, 1, 2);
    cpu_rig_poke(rig, AT_TSS2 + T_CR3, 4, OTHER);
    cpu_rig_code(rig, NEW_EIP, "\xa0\x00\xa0\x00\x00\xf4", 6);
    RUN("\xa0\x00\xa0\x00\x00" JMP_TSS2);
    ck_assert_uint_eq(rig->cpu->gpr[EAX] & 0xff, 2);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_TSS + T_EAX, 1), 1);
    ck_assert_uint_eq(rig->cpu->cr3, OTHER);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("cpu/task");
    TCase *tc = tcase_create("task");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, jump_saves_and_loads);
    tcase_add_test(tc, call_nests_and_iret_returns);
    tcase_add_test(tc, task_of_16_bits);
    tcase_add_loop_test(tc, faults_of_the_old_task, 0, (int) ARRAY_LEN(old_task));
    tcase_add_loop_test(tc, faults_of_the_new_task, 0, (int) ARRAY_LEN(new_task));
    tcase_add_test(tc, eip_of_the_new_task);
    tcase_add_test(tc, fault_through_a_task_gate);
    tcase_add_test(tc, double_fault_through_a_task_gate);
    tcase_add_test(tc, two_page_faults);
    tcase_add_test(tc, triple_fault_shuts_down);
    tcase_add_test(tc, trap_bit);
    tcase_add_test(tc, iret_wants_a_busy_task);
    tcase_add_test(tc, two_tasks_in_one_tss);
    tcase_add_test(tc, task_brings_its_tables);
    suite_add_tcase(s, tc);
    return s;
}

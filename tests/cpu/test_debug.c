/*
 * Single steps, debug registers, shadows, and what comes between instructions.
 *
 * Source: Intel SDM vol. 3, 17.2, 17.3, 6.8.3 (MOV SS, STI), 6.9 (priorities).
 */
#include "config.h"

#include "support/suite.h"

#include "base/bits.h"
#include "cpu/flags.h"
#include "cpu/mem.h"
#include "support/cpu_rig.h"

static struct cpu_rig *rig;

static void set_up(void)
{
    rig = cpu_rig_new(CPU_PENTIUM, 1 << 20);
    cpu_rig_devices(rig);
    cpu_rig_protected(rig, 0);
}

static void tear_down(void)
{
    cpu_rig_free(rig);
}

static void run(const char *code, size_t len)
{
    cpu_rig_code(rig, AT_CODE, code, len);
    cpu_rig_run(rig, 200);
}

#define RUN(s) run(s, sizeof(s) - 1)

/* Stopped in `vector`, pushed EIP `at` bytes into the program. */
static void expect(int vector, uint32_t at)
{
    ck_assert_int_eq(cpu_rig_vector(rig), vector);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0) - AT_CODE, at);
}

static uint32_t dr6(void)
{
    return rig->cpu->dr[6] & 0xe00f;
}

/* --- single step ---------------------------------------------------------- */

static void trap_on(void)
{
    rig->cpu->eflags |= FLAG_TF;
}

START_TEST(step_traps_after_one)
{
    trap_on();
    RUN("\x90\x90\xf4");
    expect(EXC_DB, 1);
    ck_assert_uint_eq(dr6(), DR6_BS);
    ck_assert_uint_eq(cpu_rig_frame(rig, 2) & (FLAG_TF | FLAG_RF), FLAG_TF);
    ck_assert_uint_eq(cpu_read_eflags(rig->cpu) & FLAG_TF, 0);
}
END_TEST

START_TEST(popf_traps_after_the_next)
{
    RUN("\x68\x02\x01\x00\x00\x9d\x90\x90\xf4"); /* push 102h; popf */
    expect(EXC_DB, 7);
}
END_TEST

START_TEST(mov_ss_holds_the_trap)
{
    trap_on();
    rig->cpu->gpr[EAX] = SEL_DATA0;
    RUN("\x8e\xd0\x90\x90\xf4");
    expect(EXC_DB, 3);
}
END_TEST

START_TEST(pop_ss_holds_the_trap)
{
    trap_on();
    rig->cpu->gpr[ESP] -= 4;
    cpu_rig_poke(rig, AT_STACK0 - 4, 4, SEL_DATA0);
    RUN("\x17\x90\x90\xf4");
    expect(EXC_DB, 2);
}
END_TEST

/* LSS sets SS and ESP in one: no shadow. */
START_TEST(lss_does_not)
{
    trap_on();
    cpu_rig_poke(rig, AT_DATA, 4, AT_STACK0);
    cpu_rig_poke(rig, AT_DATA + 4, 2, SEL_DATA0);
    RUN("\x0f\xb2\x25\x00\xa0\x00\x00\x90\xf4");
    expect(EXC_DB, 7);
}
END_TEST

START_TEST(mov_ds_does_not)
{
    trap_on();
    rig->cpu->gpr[EAX] = SEL_DATA0;
    RUN("\x8e\xd8\x90\xf4");
    expect(EXC_DB, 2);
}
END_TEST

START_TEST(rep_traps_after_each_iteration)
{
    trap_on();
    rig->cpu->gpr[ECX] = 3;
    rig->cpu->gpr[EDI] = AT_DATA;
    RUN("\xf3\xaa\xf4");
    expect(EXC_DB, 0);
    ck_assert_uint_eq(rig->cpu->gpr[ECX], 2);
    ck_assert_uint_eq(rig->cpu->gpr[EDI], AT_DATA + 1);
}
END_TEST

/* INT enters its handler with TF clear; the trap comes after IRET's successor. */
START_TEST(int_does_not_trap)
{
    trap_on();
    cpu_rig_poke(rig, AT_HANDLERS + 0x40 * 16, 1, 0xcf);
    RUN("\xcd\x40\x90\x90\xf4");
    expect(EXC_DB, 3);
}
END_TEST

START_TEST(fault_does_not_trap)
{
    trap_on();
    RUN("\x0f\x0b");
    expect(EXC_UD, 0);
    ck_assert_uint_eq(cpu_rig_frame(rig, 2) & (FLAG_TF | FLAG_RF), FLAG_TF | FLAG_RF);
}
END_TEST

/* HLT traps too, and its handler returns behind it. */
START_TEST(hlt_traps)
{
    trap_on();
    RUN("\xf4\x90");
    expect(EXC_DB, 1);
}
END_TEST

/* --- debug registers --------------------------------------------------------- */

enum { BP_CODE = 0, BP_WRITE = 1, BP_IO = 2, BP_ACCESS = 3 };

static void breakpoint(unsigned n, uint32_t at, unsigned kind, unsigned len)
{
    rig->cpu->dr[n] = at;
    rig->cpu->dr[7] |= 2u << 2 * n | kind << (16 + 4 * n) | (len - 1) << (18 + 4 * n);
    paging_flush(rig->cpu);
}

START_TEST(instruction_breakpoint_is_a_fault)
{
    breakpoint(2, AT_CODE + 1, BP_CODE, 1);
    RUN("\x90\x90\xf4");
    expect(EXC_DB, 1);
    ck_assert_uint_eq(dr6(), 1 << 2);
    ck_assert_uint_eq(cpu_rig_frame(rig, 2) & FLAG_RF, 0);
}
END_TEST

/* RF in the frame lets the instruction run, once. */
START_TEST(resume_flag)
{
    breakpoint(0, AT_CODE + 1, BP_CODE, 1);
    /* #DB: or byte [esp + 10], 1 (RF); iret */
    cpu_rig_code(rig, AT_HANDLERS + EXC_DB * 16, "\x80\x4c\x24\x0a\x01\xcf", 6);
    RUN("\x90\x41\xf4");
    ck_assert_uint_eq(rig->cpu->eip, AT_CODE + 3);
    ck_assert_uint_eq(rig->cpu->gpr[ECX], 1);
    ck_assert_uint_eq(rig->cpu->eflags & FLAG_RF, 0);
}
END_TEST

START_TEST(write_breakpoint_is_a_trap)
{
    breakpoint(1, AT_DATA, BP_WRITE, 4);
    RUN("\xa1\x00\xa0\x00\x00\xa2\x03\xa0\x00\x00\x90\xf4"); /* read: no; write of the last byte */
    expect(EXC_DB, 10);
    ck_assert_uint_eq(dr6(), 1 << 1);
}
END_TEST

START_TEST(access_breakpoint)
{
    breakpoint(3, AT_DATA + 2, BP_ACCESS, 2);
    RUN("\xa0\x01\xa0\x00\x00\xa0\x04\xa0\x00\x00\x66\xa1\x01\xa0\x00\x00\x90\xf4");
    expect(EXC_DB, 16);
    ck_assert_uint_eq(dr6(), 1 << 3);
}
END_TEST

START_TEST(breakpoint_and_step_together)
{
    breakpoint(1, AT_DATA, BP_WRITE, 4);
    trap_on();
    RUN("\xa3\x00\xa0\x00\x00\x90\xf4");
    expect(EXC_DB, 5);
    ck_assert_uint_eq(dr6(), DR6_BS | 1 << 1);
}
END_TEST

/* MOVS reads the watched byte, then its store faults: it has not run. */
START_TEST(breakpoint_of_a_faulting_instruction)
{
    breakpoint(0, AT_DATA, BP_ACCESS, 1);
    cpu_rig_gdt(rig, SEL_FREE, desc_make(0, UINT32_MAX, (D_DATA | D_BIG) & ~2));
    cpu_rig_load(rig, ES, SEL_FREE);
    rig->cpu->gpr[ESI] = AT_DATA;
    rig->cpu->gpr[EDI] = AT_DATA;
    cpu_rig_code(rig, AT_HANDLERS + EXC_GP * 16, "\x90\xf4", 2);
    RUN("\xa4");
    ck_assert_uint_eq(rig->cpu->eip, AT_HANDLERS + EXC_GP * 16 + 2);
    ck_assert_uint_eq(dr6(), 0);
}
END_TEST

START_TEST(port_breakpoint)
{
    rig->cpu->cr4 |= CR4_DE;
    breakpoint(0, 0x60, BP_IO, 1);
    RUN("\xe6\x61\xe6\x60\x90\xf4");
    expect(EXC_DB, 4);
    ck_assert_uint_eq(dr6(), 1);
    ck_assert_uint_eq(rig->port_writes, 2);
}
END_TEST

START_TEST(general_detect)
{
    rig->cpu->dr[7] |= 1 << 13;
    RUN("\x0f\x21\xf8\xf4");
    expect(EXC_DB, 0);
    ck_assert_uint_eq(dr6(), DR6_BD);
    ck_assert_uint_eq(rig->cpu->dr[7] & 1 << 13, 0);
}
END_TEST

/* The handler of any #DB may look at the debug registers. */
START_TEST(general_detect_ends_with_a_trap)
{
    rig->cpu->dr[7] |= 1 << 13;
    trap_on();
    RUN("\x90\x90\xf4");
    expect(EXC_DB, 1);
    ck_assert_uint_eq(rig->cpu->dr[7] & 1 << 13, 0);
}
END_TEST

START_TEST(dr4_is_dr6_unless_de)
{
    rig->cpu->cr4 |= CR4_DE;
    RUN("\x0f\x21\xe0");
    expect(EXC_UD, 0);
}
END_TEST

/* --- interrupts between instructions ------------------------------------------ */

START_TEST(sti_shadow)
{
    cpu_set_intr(rig->cpu, 1);
    RUN("\xfb\x90\x90\xf4");
    expect(VEC_IRQ, 2);
}
END_TEST

START_TEST(sti_when_on_has_no_shadow)
{
    cpu_write_eflags(rig->cpu, FLAG_IF, FLAG_IF);
    cpu_rig_irq(rig, 150); /* due while STI runs */
    rig->sched.stop_at = 20000;
    RUN("\x90\xfb\x90\x90\xf4");
    expect(VEC_IRQ, 2);
}
END_TEST

START_TEST(mov_ss_shadow_holds_interrupts_and_nmi)
{
    rig->cpu->gpr[EAX] = SEL_DATA0;
    cpu_write_eflags(rig->cpu, FLAG_IF, FLAG_IF);
    cpu_rig_code(rig, AT_CODE, "\x8e\xd0\x90\x90\xf4", 5);
    cpu_rig_step(rig, 1);
    cpu_set_intr(rig->cpu, 1);
    cpu_set_nmi(rig->cpu, 1);
    cpu_rig_run(rig, 100);
    expect(EXC_NMI, 3);
}
END_TEST

START_TEST(nmi_waits_for_iret)
{
    cpu_rig_code(rig, AT_HANDLERS + EXC_NMI * 16, "\x41\xe6\x93\x83\xf9\x02\x74\x01\xcf\xf4", 10);
    RUN("\xe6\x93\x90\xf4"); /* port 93h: NMI, also in the handler */
    ck_assert_uint_eq(rig->cpu->gpr[ECX], 2);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), AT_CODE + 2); /* after IRET, before the NOP */
}
END_TEST

/* The interrupt comes between two iterations, at the same one always. */
START_TEST(rep_is_interrupted)
{
    cpu_write_eflags(rig->cpu, FLAG_IF, FLAG_IF);
    rig->cpu->gpr[ECX] = 100000;
    rig->cpu->gpr[EDI] = AT_FREE;
    rig->cpu->gpr[EAX] = 0x55;
    cpu_rig_irq(rig, 12345);
    rig->sched.stop_at = 20000;
    RUN("\xf3\xaa\xf4");
    expect(VEC_IRQ, 0);
    ck_assert_uint_eq(rig->cpu->gpr[ECX] + rig->cpu->gpr[EDI] - AT_FREE, 100000);
    /* One tick an iteration; they start while now < 12345 ns, at 100 ns a tick. */
    ck_assert_uint_eq(rig->cpu->gpr[EDI] - AT_FREE, 124);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_FREE + 123, 2), 0x0055);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("cpu/debug");
    TCase *tc = tcase_create("debug");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, step_traps_after_one);
    tcase_add_test(tc, popf_traps_after_the_next);
    tcase_add_test(tc, mov_ss_holds_the_trap);
    tcase_add_test(tc, pop_ss_holds_the_trap);
    tcase_add_test(tc, lss_does_not);
    tcase_add_test(tc, mov_ds_does_not);
    tcase_add_test(tc, rep_traps_after_each_iteration);
    tcase_add_test(tc, int_does_not_trap);
    tcase_add_test(tc, fault_does_not_trap);
    tcase_add_test(tc, hlt_traps);
    tcase_add_test(tc, instruction_breakpoint_is_a_fault);
    tcase_add_test(tc, resume_flag);
    tcase_add_test(tc, write_breakpoint_is_a_trap);
    tcase_add_test(tc, access_breakpoint);
    tcase_add_test(tc, breakpoint_and_step_together);
    tcase_add_test(tc, breakpoint_of_a_faulting_instruction);
    tcase_add_test(tc, port_breakpoint);
    tcase_add_test(tc, general_detect);
    tcase_add_test(tc, general_detect_ends_with_a_trap);
    tcase_add_test(tc, dr4_is_dr6_unless_de);
    tcase_add_test(tc, sti_shadow);
    tcase_add_test(tc, sti_when_on_has_no_shadow);
    tcase_add_test(tc, mov_ss_shadow_holds_interrupts_and_nmi);
    tcase_add_test(tc, nmi_waits_for_iret);
    tcase_add_test(tc, rep_is_interrupted);
    suite_add_tcase(s, tc);
    return s;
}

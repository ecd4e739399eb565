/*
 * Between rings and modes: call gates, returns, interrupts, virtual-8086 mode
 * with and without VME, fast system calls.
 *
 * Source: Intel SDM vol. 3, 5.8, 6.12, 20.1 to 20.4; vol. 2, CALL, RET, IRET.
 */
#include "config.h"

#include "support/suite.h"

#include "cpu/fault_rows.h"

#include "base/bits.h"
#include "cpu/flags.h"
#include "cpu/segment.h"

static struct cpu_rig *rig;

static void set_up(void)
{
    rig = cpu_rig_new(CPU_P2, 1 << 20);
}

static void tear_down(void)
{
    cpu_rig_free(rig);
}

static void run(const char *code, size_t len)
{
    cpu_rig_code(rig, AT_CODE, code, len);
    cpu_rig_run(rig, 100);
}

#define RUN(s) run(s, sizeof(s) - 1)

/* --- call gates -------------------------------------------------------------- */

/* Where gates lead. */
enum { INNER = AT_CODE + 0x400 };

static void gate(uint64_t g)
{
    cpu_rig_gdt(rig, SEL_FREE, g);
    cpu_rig_poke(rig, INNER, 1, 0xf4);
}

START_TEST(gate_copies_parameters)
{
    static const uint32_t want[] = { AT_CODE + 11, SEL_CODE3, 2, 1, AT_STACK3 - 8, SEL_DATA3 };

    cpu_rig_protected(rig, 3);
    gate(gate_make(SEL_CODE0, INNER, D_CALL32, 3, 2));
    RUN("\x6a\x01\x6a\x02\x9a\x00\x00\x00\x00\x63\x00");
    ck_assert_uint_eq(rig->cpu->eip, INNER + 1);
    ck_assert_uint_eq(rig->cpu->cpl, 0);
    ck_assert_uint_eq(rig->cpu->seg[CS].sel, SEL_CODE0);
    for (unsigned i = 0; i < ARRAY_LEN(want); i++)
        ck_assert_uint_eq(cpu_rig_frame(rig, i), want[i]);
    ck_assert_uint_eq(rig->cpu->gpr[ESP], AT_STACK0 - 24);
}
END_TEST

START_TEST(gate_of_16_bits)
{
    static const uint16_t want[] = { AT_CODE + 10, SEL_CODE3, 0x34, AT_STACK3 - 2, SEL_DATA3 };

    cpu_rig_protected(rig, 3);
    gate(gate_make(SEL_CODE0, INNER, D_CALL16, 3, 1));
    RUN("\x66\x6a\x34\x9a\x00\x00\x00\x00\x63\x00");
    ck_assert_uint_eq(rig->cpu->eip, INNER + 1);
    for (unsigned i = 0; i < ARRAY_LEN(want); i++)
        ck_assert_uint_eq(cpu_rig_peek(rig, rig->cpu->gpr[ESP] + i * 2, 2), want[i]);
}
END_TEST

START_TEST(gate_to_conforming_code)
{
    cpu_rig_protected(rig, 3);
    cpu_rig_gdt(rig, SEL_FREE + 8, desc_make(0, UINT32_MAX, D_CODE | 4 | D_BIG));
    gate(gate_make(SEL_FREE + 8, INNER, D_CALL32, 3, 2));
    cpu_rig_poke(rig, INNER, 2, 0x30cd); /* INT 30h */
    RUN("\x9a\x00\x00\x00\x00\x63\x00");
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_DONE);
    ck_assert_uint_eq(cpu_rig_frame(rig, 1), (SEL_FREE + 8) | 3);
    ck_assert_uint_eq(cpu_rig_frame(rig, 3), AT_STACK3 - 8); /* no parameters */
}
END_TEST

START_TEST(gate_there_and_back)
{
    cpu_rig_protected(rig, 3);
    gate(gate_make(SEL_CODE0, INNER, D_CALL32, 3, 2));
    cpu_rig_code(rig, INNER, "\xca\x08\x00", 3); /* retf 8 */
    RUN("\x6a\x01\x6a\x02\x9a\x00\x00\x00\x00\x63\x00\xcd\x30");
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_DONE);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), AT_CODE + 13);
    ck_assert_uint_eq(cpu_rig_frame(rig, 3), AT_STACK3);
    ck_assert_uint_eq(cpu_rig_frame(rig, 4), SEL_DATA3);
}
END_TEST

/* --- rows ----------------------------------------------------------------------- */

static void free_gate(struct cpu_rig *r, uint64_t g)
{
    cpu_rig_gdt(r, SEL_FREE, g);
}

static void gate_ring0(struct cpu_rig *r)
{
    free_gate(r, gate_make(SEL_CODE0, INNER, D_CALL32, 0, 0));
}

static void gate_absent(struct cpu_rig *r)
{
    free_gate(r, gate_make(SEL_CODE0, INNER, D_CALL32 & ~D_PRESENT, 3, 0));
}

static void gate_null(struct cpu_rig *r)
{
    free_gate(r, gate_make(0, INNER, D_CALL32, 3, 0));
}

static void gate_data(struct cpu_rig *r)
{
    free_gate(r, gate_make(SEL_DATA0, INNER, D_CALL32, 3, 0));
}

static void gate_inner(struct cpu_rig *r)
{
    free_gate(r, gate_make(SEL_CODE0, INNER, D_CALL32, 3, 0));
}

static void gate_bad_stack(struct cpu_rig *r)
{
    gate_inner(r);
    cpu_rig_gdt(r, SEL_FREE, gate_make(SEL_CODE1, INNER, D_CALL32, 3, 0));
    cpu_rig_poke(r, AT_TSS + 16, 2, SEL_DATA0); /* SS of ring 1 */
}

static void gate_no_stack(struct cpu_rig *r)
{
    gate_bad_stack(r);
    cpu_rig_poke(r, AT_TSS + 16, 2, 0);
}

static void gate_stack_absent(struct cpu_rig *r)
{
    gate_bad_stack(r);
    cpu_rig_gdt(r, SEL_FREE + 8, desc_make(0, UINT32_MAX, (D_DATA | D_DPL | D_BIG) & ~D_PRESENT));
    cpu_rig_poke(r, AT_TSS + 16, 2, (SEL_FREE + 8) | 1);
}

static void gate_stack_full(struct cpu_rig *r)
{
    gate_bad_stack(r);
    cpu_rig_gdt(r, SEL_FREE + 8, desc_make(0, 0xf, D_DATA | D_DPL | D_BIG));
    cpu_rig_poke(r, AT_TSS + 12, 4, 0x8);
    cpu_rig_poke(r, AT_TSS + 16, 2, (SEL_FREE + 8) | 1);
}

static void short_tss(struct cpu_rig *r)
{
    gate_inner(r);
    cpu_rig_gdt(r, SEL_FREE, gate_make(SEL_CODE1, INNER, D_CALL32, 3, 0));
    r->cpu->tr.limit = 0x10;
}

static void ring3_frame(struct cpu_rig *r)
{
    static const uint32_t frame[] = { AT_CODE, SEL_CODE3, 2, AT_STACK3, SEL_DATA0 | 3 };

    r->cpu->gpr[ESP] -= sizeof frame;
    for (unsigned i = 0; i < ARRAY_LEN(frame); i++)
        cpu_rig_poke(r, r->cpu->gpr[ESP] + i * 4, 4, frame[i]);
}

static void vme(struct cpu_rig *r)
{
    r->cpu->cr4 |= CR4_VME;
    r->cpu->tr.limit = 0x87;
    cpu_rig_poke(r, AT_TSS + 0x66, 2, 0x88); /* map of redirection at 68h: all to the 8086 program */
}

static void vme_pending(struct cpu_rig *r)
{
    vme(r);
    r->cpu->eflags |= FLAG_VIP;
}

static void vme_not_redirected(struct cpu_rig *r)
{
    vme(r);
    cpu_rig_poke(r, AT_TSS + 0x68 + VEC_DONE / 8, 1, 1 << VEC_DONE % 8);
}

/* Both flags in one image: IRET and task switches bring that about. */
static void vme_due(struct cpu_rig *r)
{
    vme_not_redirected(r);
    r->cpu->eflags |= FLAG_VIF | FLAG_VIP;
}

static void pvi(struct cpu_rig *r)
{
    r->cpu->cr4 |= CR4_PVI;
}

static void pvi_due(struct cpu_rig *r)
{
    pvi(r);
    r->cpu->eflags |= FLAG_VIF | FLAG_VIP;
}

static void vif_set(struct cpu_rig *r)
{
    ck_assert_uint_eq(cpu_rig_frame(r, 2) & FLAG_VIF, FLAG_VIF);
}

static void vif_in_frame(struct cpu_rig *r)
{
    ck_assert_uint_eq(cpu_rig_frame(r, 3) & FLAG_VIF, FLAG_VIF); /* above an error code */
}

static void if_clear(struct cpu_rig *r)
{
    ck_assert_uint_eq(cpu_rig_frame(r, 2) & FLAG_IF, 0);
}

static void vif_in_ax(struct cpu_rig *r)
{
    /* IOPL reads 3, IF is VIF (clear). */
    ck_assert_uint_eq(r->cpu->gpr[EAX] & (FLAG_IF | FLAG_IOPL), FLAG_IOPL);
}

#define CALL "\x9a\x00\x00\x00\x00\x63\x00"

static const struct fault_row rows[] = {
    { "gate of ring 0", .ring = 3, .setup = gate_ring0, CODE(CALL), .vector = EXC_GP, .error = SEL_FREE },
    { "gate with RPL 3 from ring 0", .setup = gate_ring0, CODE(CALL), .vector = EXC_GP, .error = SEL_FREE },
    { "gate absent", .ring = 3, .setup = gate_absent, CODE(CALL), .vector = EXC_NP, .error = SEL_FREE },
    { "gate to null", .ring = 3, .setup = gate_null, CODE(CALL), .vector = EXC_GP, .error = 0 },
    { "gate to data", .ring = 3, .setup = gate_data, CODE(CALL), .vector = EXC_GP, .error = SEL_DATA0 },
    { "jump through a gate inwards", .ring = 3, .setup = gate_inner, CODE("\xea\x00\x00\x00\x00\x63\x00"), .vector = EXC_GP, .error = SEL_CODE0 },
    { "inner stack of another ring", .ring = 3, .setup = gate_bad_stack, CODE(CALL), .vector = EXC_TS, .error = SEL_DATA0 },
    { "inner stack null", .ring = 3, .setup = gate_no_stack, CODE(CALL), .vector = EXC_TS, .error = 0 },
    { "inner stack absent", .ring = 3, .setup = gate_stack_absent, CODE(CALL), .vector = EXC_SS, .error = SEL_FREE + 8 },
    { "inner stack full", .ring = 3, .setup = gate_stack_full, CODE(CALL), .vector = EXC_SS, .error = SEL_FREE + 8 },
    { "TSS too short", .ring = 3, .setup = short_tss, CODE(CALL), .vector = EXC_TS, .error = SEL_TSS },
    { "IRET to ring 3 with a stack of ring 0", .setup = ring3_frame, CODE("\xcf"), .vector = EXC_GP, .error = SEL_DATA0 },
    /* Virtual-8086 mode: what IOPL guards. */
    { "V86 CLI", .ring = V86, CODE("\xfa"), .vector = EXC_GP, .error = 0 },
    { "V86 STI", .ring = V86, CODE("\xfb"), .vector = EXC_GP, .error = 0 },
    { "V86 PUSHF", .ring = V86, CODE("\x9c"), .vector = EXC_GP, .error = 0 },
    { "V86 POPF", .ring = V86, CODE("\x9d"), .vector = EXC_GP, .error = 0 },
    { "V86 IRET", .ring = V86, CODE("\xcf"), .vector = EXC_GP, .error = 0 },
    { "V86 INT n", .ring = V86, CODE("\xcd\x30"), .vector = EXC_GP, .error = 0 },
    { "V86 INT3 needs no IOPL, but a gate", .ring = V86, CODE("\xcc"), .vector = EXC_GP, .error = 3 * 8 + 2 },
    { "V86 HLT, IOPL 3", .ring = V86 | 3, CODE("\xf4"), .vector = EXC_GP, .error = 0 },
    { "V86 CLI, IOPL 3", .ring = V86 | 3, CODE("\xfa"), NONE, .after = if_clear },
    { "V86 PUSHF, IOPL 3", .ring = V86 | 3, CODE("\x9c"), NONE },
    { "V86 IN, IOPL 3: the map decides", .ring = V86 | 3, CODE("\xe4\x01"), .vector = EXC_GP, .error = 0 },
    { "V86 SLDT", .ring = V86 | 3, CODE("\x0f\x00\xc0"), .vector = EXC_UD, .error = NO_CODE },
    { "V86 ARPL", .ring = V86 | 3, CODE("\x63\xc0"), .vector = EXC_UD, .error = NO_CODE },
    { "V86 LGDT", .ring = V86 | 3, CODE("\x0f\x01\x16\x00\xa0"), .vector = EXC_GP, .error = 0 },
    { "V86 MOV CR", .ring = V86 | 3, CODE("\x0f\x20\xc0"), .vector = EXC_GP, .error = 0 },
    { "V86 word at FFFFh", .ring = V86 | 3, CODE("\xa1\xff\xff"), .vector = EXC_GP, .error = 0 },
    { "V86 word at SS:FFFFh", .ring = V86 | 3, CODE("\x36\xa1\xff\xff"), .vector = EXC_SS, .error = 0 },
    /* VME (SDM vol. 3, 20.3, 20.4). */
    { "VME STI", CPU_PENTIUM, V86, vme, CODE("\xfa\xfb\xf4"), .vector = EXC_GP, .error = 0, .at = 2, .after = vif_in_frame },
    { "VME STI with VIP", CPU_PENTIUM, V86, vme_pending, CODE("\xfb"), .vector = EXC_GP, .error = 0 },
    { "VME, VIF and VIP", CPU_PENTIUM, V86, vme_due, CODE("\x90"), .vector = EXC_GP, .error = 0 },
    { "VME, VIF and VIP, IOPL 3", CPU_PENTIUM, V86 | 3, vme_due, CODE("\x90"), NONE },
    { "PVI, VIF and VIP", CPU_PENTIUM, 3, pvi_due, CODE("\x90"), .vector = EXC_GP, .error = 0 },
    { "VME POPF sets IF with VIP", CPU_PENTIUM, V86, vme_pending, CODE("\x68\x00\x02\x9d"), .vector = EXC_GP, .error = 0, .at = 3 },
    { "VME POPF sets TF", CPU_PENTIUM, V86, vme, CODE("\x68\x00\x01\x9d"), .vector = EXC_GP, .error = 0, .at = 3 },
    { "VME POPFD", CPU_PENTIUM, V86, vme, CODE("\x66\x9d"), .vector = EXC_GP, .error = 0 },
    { "VME PUSHF", CPU_PENTIUM, V86, vme, CODE("\x9c\x58\xf4"), .vector = EXC_GP, .error = 0, .at = 2, .after = vif_in_ax },
    { "VME INT not redirected, IOPL 0", CPU_PENTIUM, V86, vme_not_redirected, CODE("\xcd\x30"), .vector = EXC_GP, .error = 0 },
    { "VME INT not redirected, IOPL 3", CPU_PENTIUM, V86 | 3, vme_not_redirected, CODE("\xcd\x30"), NONE },
    { "PVI STI", CPU_PENTIUM, 3, pvi, CODE("\xfb"), NONE, .after = vif_set },
};

START_TEST(gates_and_v86)
{
    fault_rows_run(rows, ARRAY_LEN(rows));
}
END_TEST

/* --- frames ------------------------------------------------------------------------ */

START_TEST(interrupt_from_v86)
{
    static const uint16_t sel[] = { 0x111, 0x222, 0x333, 0x444, 0x555 }; /* SS ES DS FS GS */
    static const uint8_t regs[] = { SS, ES, DS, FS, GS };

    cpu_rig_v86(rig, 3);
    for (unsigned i = 0; i < ARRAY_LEN(regs); i++)
        seg_set_v86(rig->cpu, regs[i], sel[i]);
    RUN("\xcd\x30");
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_DONE);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), AT_CODE + 2);
    ck_assert_uint_eq(cpu_rig_frame(rig, 1), 0);
    ck_assert_uint_eq(cpu_rig_frame(rig, 2) & (FLAG_VM | FLAG_IOPL | FLAG_IF), FLAG_VM | FLAG_IOPL | FLAG_IF);
    ck_assert_uint_eq(cpu_rig_frame(rig, 3), AT_STACK3);
    for (unsigned i = 0; i < ARRAY_LEN(sel); i++)
        ck_assert_uint_eq(cpu_rig_frame(rig, 4 + i), sel[i]);
    ck_assert_uint_eq(cpu_read_eflags(rig->cpu) & (FLAG_VM | FLAG_IF), 0);
    ck_assert_uint_eq(rig->cpu->seg[DS].sel, 0);
    ck_assert_uint_eq(rig->cpu->seg[DS].attr & SEG_P, 0);
}
END_TEST

START_TEST(iret_to_v86_and_back)
{
    static const uint32_t frame[] = { 0x10, 0x800, FLAG_VM | FLAG_IOPL | 2, 0x100, 0x600, 0xb00, 0xc00, 0xd00, 0xe00 };

    cpu_rig_protected(rig, 0);
    rig->cpu->gpr[ESP] -= sizeof frame;
    for (unsigned i = 0; i < ARRAY_LEN(frame); i++)
        cpu_rig_poke(rig, rig->cpu->gpr[ESP] + i * 4, 4, frame[i]);
    cpu_rig_code(rig, 0x8010, "\x8c\xd8\xcd\x30", 4); /* mov ax, ds; int 30h */
    rig->cpu->eip = AT_CODE + 0x100;
    cpu_rig_poke(rig, AT_CODE + 0x100, 1, 0xcf);
    cpu_rig_run(rig, 100);
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_DONE);
    ck_assert_uint_eq(rig->cpu->gpr[EAX], 0xc00);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), 0x14);
    ck_assert_uint_eq(cpu_rig_frame(rig, 1), 0x800);
    ck_assert_uint_eq(cpu_rig_frame(rig, 3), 0x100);
}
END_TEST

/* VME: the 8086 program's own vector, flags with VIF in place of IF. */
START_TEST(vme_int_is_redirected)
{
    cpu_rig_v86(rig, 0);
    vme(rig);
    rig->cpu->eflags |= FLAG_VIF;
    cpu_rig_poke(rig, AT_IVT + VEC_DONE * 4, 4, 0x08000020);
    cpu_rig_code(rig, 0x8020, "\xf4", 1);
    RUN("\xcd\x30");
    ck_assert_int_eq(cpu_rig_vector(rig), EXC_GP); /* its HLT */
    ck_assert_uint_eq(cpu_rig_frame(rig, 1), 0x20);
    ck_assert_uint_eq(cpu_rig_frame(rig, 2), 0x800);
    ck_assert_uint_eq(cpu_rig_frame(rig, 3) & FLAG_VIF, 0);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_STACK3 - 6, 2), AT_CODE + 2);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_STACK3 - 2, 2) & (FLAG_IF | FLAG_IOPL), FLAG_IF | FLAG_IOPL);
}
END_TEST

START_TEST(return_drops_segments)
{
    static const uint32_t frame[] = { AT_CODE + 0x200, SEL_CODE3, 2, AT_STACK3, SEL_DATA3 };

    cpu_rig_protected(rig, 0);
    cpu_rig_load(rig, ES, SEL_DATA3);
    rig->cpu->gpr[ESP] -= sizeof frame;
    for (unsigned i = 0; i < ARRAY_LEN(frame); i++)
        cpu_rig_poke(rig, rig->cpu->gpr[ESP] + i * 4, 4, frame[i]);
    cpu_rig_code(rig, AT_CODE + 0x200, "\xcd\x30", 2);
    RUN("\xcf");
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_DONE);
    ck_assert_uint_eq(rig->cpu->seg[DS].sel, 0);
    ck_assert_uint_eq(rig->cpu->seg[ES].sel, SEL_DATA3);
}
END_TEST

/* Only SP comes from the frame where the outer stack is a 16-bit segment. */
START_TEST(return_to_a_small_stack)
{
    static const uint32_t frame[] = { AT_CODE + 0x200, SEL_CODE3, 2, 0x12346000, SEL_FREE | 3 };

    cpu_rig_protected(rig, 0);
    cpu_rig_gdt(rig, SEL_FREE, desc_make(0, 0xffff, D_DATA | 3 * D_DPL));
    rig->cpu->gpr[ESP] -= sizeof frame;
    for (unsigned i = 0; i < ARRAY_LEN(frame); i++)
        cpu_rig_poke(rig, rig->cpu->gpr[ESP] + i * 4, 4, frame[i]);
    cpu_rig_code(rig, AT_CODE + 0x200, "\xcd\x30", 2);
    RUN("\xcf");
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_DONE);
    ck_assert_uint_eq(cpu_rig_frame(rig, 3), 0x6000);
}
END_TEST

START_TEST(sysenter_and_sysexit)
{
    cpu_rig_protected(rig, 3);
    rig->cpu->sysenter_cs = SEL_CODE0;
    rig->cpu->sysenter_esp = AT_STACK0;
    rig->cpu->sysenter_eip = AT_CODE + 0x200;
    rig->cpu->gpr[ECX] = AT_STACK3;
    rig->cpu->gpr[EDX] = AT_CODE + 2;
    cpu_rig_code(rig, AT_CODE + 0x200, "\x0f\x35", 2);
    RUN("\x0f\x34\xcd\x30");
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_DONE);
    ck_assert_uint_eq(cpu_rig_frame(rig, 1), SEL_CODE3);
    ck_assert_uint_eq(cpu_rig_frame(rig, 4), SEL_DATA3);
    ck_assert_uint_eq(cpu_rig_frame(rig, 3), AT_STACK3);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("cpu/transfer");
    TCase *tc = tcase_create("transfer");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, gate_copies_parameters);
    tcase_add_test(tc, gate_of_16_bits);
    tcase_add_test(tc, gate_to_conforming_code);
    tcase_add_test(tc, gate_there_and_back);
    tcase_add_test(tc, gates_and_v86);
    tcase_add_test(tc, interrupt_from_v86);
    tcase_add_test(tc, iret_to_v86_and_back);
    tcase_add_test(tc, vme_int_is_redirected);
    tcase_add_test(tc, return_drops_segments);
    tcase_add_test(tc, return_to_a_small_stack);
    tcase_add_test(tc, sysenter_and_sysexit);
    suite_add_tcase(s, tc);
    return s;
}

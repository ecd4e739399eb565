/*
 * x87 and MMX in guest programs: errors and how they are reported, #NM, faults
 * of operands, layouts in memory, models.
 *
 * Source: Intel SDM vol. 1, 8.1.10, 8.7, 9.5; vol. 3, 2.5, 6.15.
 */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "cpu/flags.h"
#include "cpu/fpu.h"
#include "cpu/segment.h"
#include "support/cpu_rig.h"

static struct cpu_rig *rig;

static void setup_p2(void)
{
    rig = cpu_rig_new(CPU_P2, 1 << 20);
    cpu_rig_protected(rig, 0);
}

static void teardown(void)
{
    cpu_rig_free(rig);
}

/* --- guest programs ------------------------------------------------------ */

/* Bytes of a program that ends in HLT or in an exception's handler. */
#define PROGRAM(text) run_program(text, sizeof(text) - 1)
#define FNINIT "\xdb\xe3"
#define FLD1   "\xd9\xe8"
#define FLDZ   "\xd9\xee"
#define FDIVP  "\xde\xf9" /* ST(1) = ST(1) / ST(0) */
#define HLT    "\xf4"
#define AT(op, addr) op "\x00" addr "\x00\x00" /* [disp32], 0000xx00h */
#define DATA "\xa0" /* AT_DATA */
/* 1/0 with its exception unmasked: an error waits. */
#define ERROR FNINIT AT("\xd9\x2d", DATA) FLD1 FLDZ FDIVP

enum { UNMASK_ZE = 0x037b };

static void new_rig(enum cpu_model model)
{
    cpu_rig_free(rig);
    rig = cpu_rig_new(model, 1 << 20);
    cpu_rig_protected(rig, 0);
}

static bool run_program(const char *code, size_t len)
{
    cpu_rig_poke(rig, AT_DATA, 2, UNMASK_ZE);
    cpu_rig_code(rig, AT_CODE, code, len);
    return cpu_rig_run(rig, 1000);
}

static uint16_t status(void)
{
    return fpu_status(&rig->cpu->fpu);
}

/* SDM vol. 1, 8.7.1: the error is reported by the next instruction that waits. */
START_TEST(error_with_ne_is_exception_16)
{
    rig->cpu->cr0 |= CR0_NE;
    PROGRAM(ERROR "\xdf\xe0" FLD1 HLT); /* FNSTSW AX does not wait */
    ck_assert_int_eq(cpu_rig_vector(rig), EXC_MF);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), AT_CODE + 16);
    ck_assert_uint_eq(rig->cpu->gpr[EAX] & 0xffff, 0xb084); /* B, TOP 6, ES, ZE */
    ck_assert_uint_eq(rig->cpu->fpu.fip, AT_CODE + 12);
    ck_assert_uint_eq(rig->cpu->fpu.fop, 0x6f9);
}
END_TEST

START_TEST(wait_reports_an_error)
{
    rig->cpu->cr0 |= CR0_NE;
    PROGRAM(ERROR "\x9b" HLT);
    ck_assert_int_eq(cpu_rig_vector(rig), EXC_MF);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), AT_CODE + 14);
}
END_TEST

/* FNCLEX takes the error away before anybody sees it. */
START_TEST(fnclex_forgets_an_error)
{
    rig->cpu->cr0 |= CR0_NE;
    PROGRAM(ERROR "\xdb\xe2" FLD1 HLT);
    ck_assert_int_eq(cpu_rig_vector(rig), -1);
    ck_assert_uint_eq(status(), 0x2800);
}
END_TEST

static int ferr_level, ferr_edges;

static void on_ferr(void *opaque, int level)
{
    (void) opaque;
    ferr_level = level;
    ferr_edges++;
    cpu_set_intr(rig->cpu, level);
}

static void set_ferr(bool interrupts)
{
    ferr_level = ferr_edges = 0;
    rig->irq_vector = VEC_IRQ;
    rig->cpu->ferr_changed = on_ferr;
    rig->cpu->cr0 &= ~CR0_NE;
    cpu_write_eflags(rig->cpu, interrupts ? FLAG_IF : 0, FLAG_IF);
}

/* SDM vol. 1, 8.7.2: with NE clear FERR# asks for an interrupt. */
START_TEST(error_without_ne_raises_ferr)
{
    set_ferr(true);
    PROGRAM(ERROR FLD1 HLT);
    ck_assert_int_eq(ferr_level, 1);
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_IRQ);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), AT_CODE + 14);
}
END_TEST

/* Interrupts off: the next instruction that waits does not begin. */
START_TEST(error_without_ne_holds_the_next_instruction)
{
    set_ferr(false);
    ck_assert(PROGRAM(ERROR "\x90" FLD1 HLT));
    ck_assert_int_eq(cpu_rig_vector(rig), -1);
    ck_assert_uint_eq(rig->cpu->eip, AT_CODE + 15);
    ck_assert_uint_eq(status() >> 11 & 7, 6);
    cpu_write_eflags(rig->cpu, FLAG_IF, FLAG_IF);
    cpu_rig_run(rig, 10);
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_IRQ);
    ck_assert_uint_eq(cpu_rig_frame(rig, 0), AT_CODE + 15);
}
END_TEST

START_TEST(ignne_lets_errors_pass)
{
    set_ferr(false);
    cpu_set_ignne(rig->cpu, 1);
    ck_assert(PROGRAM(ERROR FLD1 "\xdb\xe2" HLT));
    ck_assert_uint_eq(rig->cpu->eip, AT_CODE + 19);
    ck_assert_uint_eq(status(), 0x2800);
    ck_assert_int_eq(ferr_level, 0);
    ck_assert_int_eq(ferr_edges, 2);
}
END_TEST

/* SDM vol. 3, table 2-2. */
START_TEST(device_not_available)
{
    static const struct {
        uint32_t cr0;
        const char *code;
        int vector;
    } rows[] = {
        { CR0_EM, FLD1 HLT, EXC_NM },
        { CR0_TS, FLD1 HLT, EXC_NM },
        { CR0_TS, "\x9b" HLT HLT, -1 },
        { CR0_TS | CR0_MP, "\x9b" HLT HLT, EXC_NM },
        { CR0_EM | CR0_MP, "\x9b" HLT HLT, -1 },
        { CR0_TS, FNINIT HLT, EXC_NM },
        { CR0_EM, "\x0f\x77" HLT, EXC_UD }, /* EMMS */
        { CR0_TS, "\x0f\x77" HLT, EXC_NM },
        { CR0_EM, "\xd9\xe2" HLT, EXC_NM }, /* no instruction, but an escape */
        { 0, "\xd9\xe2" HLT, EXC_UD },
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        cpu_rig_protected(rig, 0);
        rig->cpu->cr0 = (rig->cpu->cr0 & ~(CR0_EM | CR0_TS | CR0_MP)) | rows[i].cr0;
        run_program(rows[i].code, 3);
        ck_assert_msg(cpu_rig_vector(rig) == rows[i].vector, "row %u: vector %d", i, cpu_rig_vector(rig));
    }
}
END_TEST

/* A fault of the operand comes before everything: the instruction runs again whole. */
START_TEST(a_memory_fault_changes_nothing)
{
    static const char *const codes[] = {
        "\xdd\x05\xfc\x0f\x02\x00", /* FLD m64, the second half on a page that is absent */
        "\xdd\x1d\xfc\x0f\x02\x00", /* FSTP m64 */
        "\xdb\x3d\xf8\x0f\x02\x00", /* FSTP m80 */
        "\xdc\x35\xfc\x0f\x02\x00", /* FDIV m64 */
        "\xdd\x35\xc0\x0f\x02\x00", /* FNSAVE */
        "\xdd\x25\xc0\x0f\x02\x00", /* FRSTOR */
        "\xd9\x35\xf0\x0f\x02\x00", /* FNSTENV */
        "\xdf\x35\xf8\x0f\x02\x00", /* FBSTP */
        "\x0f\x6f\x05\xfc\x0f\x02", /* MOVQ, cut: its last byte follows */
    };

    for (unsigned i = 0; i < ARRAY_LEN(codes); i++) {
        char code[16] = FNINIT FLD1;
        struct fpu before;
        uint8_t mem[256];

        cpu_rig_protected(rig, 0);
        cpu_rig_paging(rig);
        *cpu_rig_pte(rig, AT_FREE + 0x1000) = 0;
        memcpy(code + 4, codes[i], 6);
        run_program(code, 11);
        ck_assert_int_eq(cpu_rig_vector(rig), EXC_PF);
        ck_assert_uint_eq(rig->cpu->cr2, AT_FREE + 0x1000);
        before = rig->cpu->fpu;
        ck_assert_uint_eq(before.top, 7);
        ck_assert_uint_eq(before.used, 0x80);
        ck_assert_uint_eq(before.fip, AT_CODE + 2);
        ck_assert_uint_eq(before.sw, 0);
        memset(mem, 0, sizeof mem);
        ck_assert_mem_eq(rig->ram.host + AT_FREE + 0xf00, mem, sizeof mem);
    }
}
END_TEST

/* SDM vol. 1, figures 8-9 to 8-12. */
START_TEST(environment_has_four_layouts)
{
    /* FLD of 32 bits at DS:A000, then FNSTENV at 20000 by operand size. */
    static const char wide[] = FNINIT AT("\xd9\x05", DATA) "\xd9\x35\x00\x00\x02\x00" HLT;
    static const char narrow[] = FNINIT AT("\xd9\x05", DATA) "\x66\xd9\x35\x00\x00\x02\x00" HLT;
    /* The same with 16-bit addresses, at A100. */
    static const char real[] = FNINIT "\xd9\x06\x00\xa0\xd9\x36\x00\xa1" HLT;
    static const char real_wide[] = FNINIT "\xd9\x06\x00\xa0\x66\xd9\x36\x00\xa1" HLT;
    static const uint32_t want32[] = { 0xffff037f, 0xffff3802, 0xffff3fff, AT_CODE + 2, 0x01050008, AT_DATA, 0xffff0010 };
    static const uint16_t want16[] = { 0x037f, 0x3802, 0x3fff, AT_CODE + 2, 0x0008, AT_DATA, 0x0010 };
    static const uint16_t want_real[] = { 0x037f, 0x3802, 0x3fff, 0x1002, 0x1106, 0xb000, 0x0000 };
    static const uint32_t want_real32[] = { 0xffff037f, 0xffff3802, 0xffff3fff, 0xffff1002, 0x00001106, 0xffffb000, 0 };

    PROGRAM(wide);
    ck_assert_mem_eq(rig->ram.host + AT_FREE, want32, 28);
    cpu_rig_protected(rig, 0);
    PROGRAM(narrow);
    ck_assert_mem_eq(rig->ram.host + AT_FREE, want16, 14);
    for (unsigned i = 0; i < 2; i++) {
        cpu_rig_real(rig);
        seg_set_real(rig->cpu, CS, 0x0900); /* linear 8000h + 9000h: above 64 KiB */
        seg_set_real(rig->cpu, DS, 0x0100);
        cpu_rig_poke(rig, 0x0100 * 16 + AT_DATA, 4, UNMASK_ZE);
        cpu_rig_code(rig, 0x0900 * 16 + AT_CODE, i ? real_wide : real, i ? sizeof real_wide - 1 : sizeof real - 1);
        cpu_rig_run(rig, 10);
        ck_assert_mem_eq(rig->ram.host + 0x1000 + 0xa100, i ? (const void *) want_real32 : want_real, i ? 28 : 14);
    }
}
END_TEST

/* FNSTENV masks all exceptions, FNSAVE initializes, FRSTOR brings it back. */
START_TEST(save_and_restore)
{
    struct fpu before;

    PROGRAM(ERROR "\xdd\x35\x00\x00\x02\x00" HLT); /* FNSAVE */
    ck_assert_uint_eq(rig->cpu->fpu.cw, FPU_CW_INIT);
    ck_assert_uint_eq(rig->cpu->fpu.used, 0);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_FREE + 4, 2), 0xb084);
    rig->cpu->eip = AT_CODE;
    rig->cpu->halted = 0;
    PROGRAM("\xdd\x25\x00\x00\x02\x00" HLT); /* FRSTOR */
    before = rig->cpu->fpu;
    ck_assert_uint_eq(status(), 0xb084);
    ck_assert_uint_eq(before.cw, UNMASK_ZE | 0x40);
    ck_assert_uint_eq(before.used, 0xc0);
    ck_assert_uint_eq(before.fop, 0x6f9);
    ck_assert_uint_eq(before.se[7], 0x3fff);
}
END_TEST

START_TEST(fxsave_is_of_the_p2)
{
    struct fpu before;

    PROGRAM(FNINIT FLD1 "\xd9\xeb" "\x0f\xae\x05\x00\x00\x02\x00" FNINIT "\x0f\xae\x0d\x00\x00\x02\x00" HLT);
    ck_assert_int_eq(cpu_rig_vector(rig), -1);
    before = rig->cpu->fpu;
    ck_assert_uint_eq(before.used, 0xc0);
    ck_assert_uint_eq(before.top, 6);
    ck_assert_uint_eq(before.sig[6], UINT64_C(0xc90fdaa22168c235));
    ck_assert_uint_eq(before.sig[7], UINT64_C(1) << 63);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_FREE + 4, 1), 0xc0);
    /* Not on a multiple of 16. */
    cpu_rig_protected(rig, 0);
    PROGRAM("\x0f\xae\x05\x08\x00\x02\x00" HLT);
    ck_assert_int_eq(cpu_rig_vector(rig), EXC_GP);
    new_rig(CPU_PENTIUM_MMX);
    PROGRAM("\x0f\xae\x05\x00\x00\x02\x00" HLT);
    ck_assert_int_eq(cpu_rig_vector(rig), EXC_UD);
}
END_TEST

/* Instructions that came with a model are none before it. */
START_TEST(models)
{
    static const struct {
        enum cpu_model model;
        const char *code;
        int vector;
    } rows[] = {
        { CPU_PENTIUM, "\xda\xc1" HLT, EXC_UD }, /* FCMOVB */
        { CPU_P2, "\xda\xc1" HLT, -1 },
        { CPU_PENTIUM_MMX, "\xdb\xf1" HLT, EXC_UD }, /* FCOMI */
        { CPU_P2, "\xdf\xe9" HLT, -1 },
        { CPU_PENTIUM, "\x0f\x77" HLT, EXC_UD }, /* EMMS */
        { CPU_PENTIUM_MMX, "\x0f\x77" HLT, -1 },
        { CPU_386, "\xd9\xe2" HLT, -1 }, /* an empty socket takes anything */
        { CPU_486, "\xdf\xc1" HLT, -1 }, /* FFREEP */
        { CPU_486, "\xdb\xe4" HLT, -1 }, /* FNSETPM */
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        new_rig(rows[i].model);
        run_program(rows[i].code, 3);
        ck_assert_msg(cpu_rig_vector(rig) == rows[i].vector, "row %u: vector %d", i, cpu_rig_vector(rig));
    }
}
END_TEST

/* The usual probe: FNINIT, then FNSTSW leaves AX as it was. */
START_TEST(without_a_387_nothing_happens)
{
    new_rig(CPU_386);
    PROGRAM("\xb8\x5a\x5a\x00\x00" FNINIT "\xdf\xe0" AT("\xd9\x3d", DATA) HLT);
    ck_assert_uint_eq(rig->cpu->gpr[EAX], 0x5a5a);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_DATA, 2), UNMASK_ZE);
    ck_assert(!(rig->cpu->cr0 & CR0_ET));
    new_rig(CPU_486);
    PROGRAM("\xb8\x5a\x5a\x00\x00" FNINIT "\xdf\xe0" AT("\xd9\x3d", DATA) HLT);
    ck_assert_uint_eq(rig->cpu->gpr[EAX], 0);
    ck_assert_uint_eq(cpu_rig_peek(rig, AT_DATA, 2), FPU_CW_INIT);
    ck_assert(rig->cpu->cr0 & CR0_ET);
}
END_TEST

/* SDM vol. 1, 9.5: MMX registers are the significands; TOP goes to 0. */
START_TEST(mmx_registers_alias_the_stack)
{
    PROGRAM(FNINIT FLD1 "\xb8\x78\x56\x34\x12\x0f\x6e\xd0" HLT); /* MOVD MM2, EAX */
    ck_assert_uint_eq(rig->cpu->fpu.sig[2], 0x12345678);
    ck_assert_uint_eq(rig->cpu->fpu.se[2], 0xffff);
    ck_assert_uint_eq(rig->cpu->fpu.sig[7], UINT64_C(1) << 63);
    ck_assert_uint_eq(rig->cpu->fpu.used, 0xff);
    ck_assert_uint_eq(status(), 0);
    rig->cpu->eip = AT_CODE;
    rig->cpu->halted = 0;
    PROGRAM("\x0f\x77" HLT);
    ck_assert_uint_eq(rig->cpu->fpu.used, 0);
}
END_TEST

/* A limit is that of the whole operand: nothing of it is stored. */
START_TEST(operand_across_the_limit)
{
    cpu_rig_real(rig);
    cpu_rig_code(rig, AT_CODE, FNINIT FLD1 "\xdd\x1e\xfc\xff" HLT, 9); /* FSTP m64 at FFFC */
    cpu_rig_run(rig, 20);
    ck_assert_int_eq(cpu_rig_vector(rig), EXC_GP);
    ck_assert_uint_eq(cpu_rig_peek(rig, 0xfffc, 4), 0);
    ck_assert_uint_eq(rig->cpu->fpu.used, 0x80);
}
END_TEST

/* SDM vol. 3, table 6-7: 8 bytes for a double, 2 for an environment of 16 bits. */
START_TEST(alignment_of_operands)
{
    static const struct {
        const char *code;
        size_t len;
        int vector;
    } rows[] = {
        { "\xdd\x05\x04\xa0\x00\x00\xcd\x30", 8, EXC_AC }, /* FLD m64 at A004 */
        { "\xdd\x05\x08\xa0\x00\x00\xcd\x30", 8, VEC_DONE },
        { "\xdb\x2d\x04\xa0\x00\x00\xcd\x30", 8, EXC_AC }, /* FLD m80 */
        { "\x66\xd9\x35\x02\xa0\x00\x00\xcd\x30", 9, VEC_DONE }, /* FNSTENV of 14 bytes */
        { "\xd9\x35\x02\xa0\x00\x00\xcd\x30", 8, EXC_AC }, /* of 28 */
        { "\xd9\x35\x04\xa0\x00\x00\xcd\x30", 8, VEC_DONE },
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        cpu_rig_protected(rig, 3);
        fpu_init(rig->cpu);
        rig->cpu->cr0 |= CR0_AM;
        cpu_write_eflags(rig->cpu, FLAG_AC, FLAG_AC);
        run_program(rows[i].code, rows[i].len);
        ck_assert_msg(cpu_rig_vector(rig) == rows[i].vector, "row %u: vector %d", i, cpu_rig_vector(rig));
    }
}
END_TEST

/* A 387 in the socket: as on a 486, but the error goes to FERR# alone. */
START_TEST(a_387_beside_a_386)
{
    new_rig(CPU_386);
    rig->cpu->has_fpu = true;
    cpu_rig_protected(rig, 0);
    ck_assert(rig->cpu->cr0 & CR0_ET);
    set_ferr(true);
    PROGRAM(ERROR FLD1 HLT);
    ck_assert_int_eq(ferr_level, 1);
    ck_assert_int_eq(cpu_rig_vector(rig), VEC_IRQ);
}
END_TEST

/* Saved, loaded, saved again: the same; and forged bytes do no harm. */
START_TEST(state_survives)
{
    struct buf a = { 0 }, b = { 0 };
    struct err err;
    char text[200];

    PROGRAM(ERROR FLDZ HLT);
    state_save(rig->state, &a);
    PROGRAM(FNINIT HLT);
    ck_assert_int_eq(state_load(rig->state, a.data, a.len, &err), 0);
    state_save(rig->state, &b);
    ck_assert_uint_eq(a.len, b.len);
    ck_assert_mem_eq(a.data, b.data, a.len);
    ck_assert_msg(state_fields_complete(cpu_fields, text, sizeof text), "%s", text);
    buf_free(&a);
    buf_free(&b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("fpu");
    TCase *tc = tcase_create("guest");

    tcase_add_checked_fixture(tc, setup_p2, teardown);
    tcase_add_test(tc, error_with_ne_is_exception_16);
    tcase_add_test(tc, wait_reports_an_error);
    tcase_add_test(tc, fnclex_forgets_an_error);
    tcase_add_test(tc, error_without_ne_raises_ferr);
    tcase_add_test(tc, error_without_ne_holds_the_next_instruction);
    tcase_add_test(tc, ignne_lets_errors_pass);
    tcase_add_test(tc, device_not_available);
    tcase_add_test(tc, a_memory_fault_changes_nothing);
    tcase_add_test(tc, environment_has_four_layouts);
    tcase_add_test(tc, save_and_restore);
    tcase_add_test(tc, fxsave_is_of_the_p2);
    tcase_add_test(tc, models);
    tcase_add_test(tc, without_a_387_nothing_happens);
    tcase_add_test(tc, mmx_registers_alias_the_stack);
    tcase_add_test(tc, operand_across_the_limit);
    tcase_add_test(tc, alignment_of_operands);
    tcase_add_test(tc, a_387_beside_a_386);
    tcase_add_test(tc, state_survives);
    suite_add_tcase(s, tc);
    return s;
}

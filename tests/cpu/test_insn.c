/*
 * Instructions that the silicon vectors and the host's processor cannot judge:
 * questions about descriptors, system registers, models, undocumented ones.
 *
 * Source: Intel SDM vol. 2, each instruction; AP-485 for CPUID.
 */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>

#include "base/bits.h"
#include "cpu/flags.h"
#include "cpu/segment.h"
#include "support/cpu_rig.h"

/* Descriptors for the questions, from SEL_FREE on. */
enum {
    Q_EXEC = SEL_FREE,      /* code, not readable */
    Q_CONF = SEL_FREE + 8,  /* code, conforming, DPL 0 */
    Q_RO = SEL_FREE + 16,   /* data, read-only, DPL 3, limit 0FFFh */
    Q_ABSENT = SEL_FREE + 24,
    Q_GATE = SEL_FREE + 32, /* call gate, DPL 3 */
    Q_INT = SEL_FREE + 40,  /* an interrupt gate has no business in a GDT */
};

static void questions(struct cpu_rig *r)
{
    cpu_rig_gdt(r, Q_EXEC, desc_make(0, UINT32_MAX, 0x98 | 3 * D_DPL | D_BIG));
    cpu_rig_gdt(r, Q_CONF, desc_make(0, 0xffff, D_CODE | 4));
    cpu_rig_gdt(r, Q_RO, desc_make(0, 0xfff, 0x90 | 3 * D_DPL));
    cpu_rig_gdt(r, Q_ABSENT, desc_make(0, 0xfff, 0x12 | 3 * D_DPL));
    cpu_rig_gdt(r, Q_GATE, gate_make(SEL_CODE0, AT_CODE, D_CALL32, 3, 0));
    cpu_rig_gdt(r, Q_INT, gate_make(SEL_CODE0, AT_CODE, D_INT32, 3, 0));
}

#define C(s) s, sizeof(s) - 1
#define LAR  C("\x0f\x02\xd0") /* edx, eax */
#define LSL  C("\x0f\x03\xd0")
#define VERR C("\x0f\x00\xe0")
#define VERW C("\x0f\x00\xe8")

static const struct {
    const char *name;
    enum cpu_model model;
    unsigned ring;
    const char *code;
    size_t len;
    uint32_t eax, edx;             /* before */
    uint32_t eax_after, edx_after;
    int zf; /* 2: not looked at */
} rows[] = {
    { "LAR data", CPU_386, 0, LAR, SEL_DATA0, 9, SEL_DATA0, 0x00c09200, 1 },
    { "LAR of 16 bits", CPU_386, 0, C("\x66\x0f\x02\xd0"), SEL_DATA0, 0x90000, SEL_DATA0, 0x99200, 1 },
    { "LAR null", CPU_386, 0, LAR, 0, 9, 0, 9, 0 },
    { "LAR past the table", CPU_386, 0, LAR, 0x200, 9, 0x200, 9, 0 },
    { "LAR ring 0 from ring 3", CPU_386, 3, LAR, SEL_DATA0, 9, SEL_DATA0, 9, 0 },
    { "LAR RPL", CPU_386, 0, LAR, SEL_DATA0 | 3, 9, SEL_DATA0 | 3, 9, 0 },
    { "LAR conforming from ring 3", CPU_386, 3, LAR, Q_CONF, 9, Q_CONF, 0x9e00, 1 },
    { "LAR absent", CPU_386, 3, LAR, Q_ABSENT, 9, Q_ABSENT, 0x7200, 1 },
    { "LAR gate", CPU_386, 3, LAR, Q_GATE, 9, Q_GATE, 0xec00, 1 },
    { "LAR interrupt gate", CPU_386, 3, LAR, Q_INT, 9, Q_INT, 9, 0 },
    { "LAR busy TSS", CPU_386, 0, LAR, SEL_TSS, 9, SEL_TSS, 0x8b00, 1 },
    { "LSL of pages", CPU_386, 0, LSL, SEL_DATA0, 9, SEL_DATA0, UINT32_MAX, 1 },
    { "LSL of bytes", CPU_386, 3, LSL, Q_RO, 9, Q_RO, 0xfff, 1 },
    { "LSL gate", CPU_386, 3, LSL, Q_GATE, 9, Q_GATE, 9, 0 },
    { "LSL TSS", CPU_386, 0, LSL, SEL_TSS, 9, SEL_TSS, 0x67, 1 },
    { "VERR code readable", CPU_386, 0, VERR, SEL_CODE0, 9, SEL_CODE0, 9, 1 },
    { "VERR code execute-only", CPU_386, 3, VERR, Q_EXEC, 9, Q_EXEC, 9, 0 },
    { "VERR conforming", CPU_386, 3, VERR, Q_CONF, 9, Q_CONF, 9, 1 },
    { "VERR system", CPU_386, 0, VERR, SEL_TSS, 9, SEL_TSS, 9, 0 },
    { "VERW data", CPU_386, 3, VERW, SEL_DATA3, 9, SEL_DATA3, 9, 1 },
    { "VERW read-only", CPU_386, 3, VERW, Q_RO, 9, Q_RO, 9, 0 },
    { "VERW code", CPU_386, 0, VERW, SEL_CODE0, 9, SEL_CODE0, 9, 0 },
    { "ARPL raises", CPU_386, 0, C("\x63\xd0"), 0x70, 0x13, 0x73, 0x13, 1 },
    { "ARPL leaves", CPU_386, 0, C("\x63\xd0"), 0x72, 0x11, 0x72, 0x11, 0 },
    { "SLDT", CPU_386, 3, C("\x0f\x00\xc0"), UINT32_MAX, 9, SEL_LDT, 9, 2 },
    { "STR of 16 bits", CPU_386, 3, C("\x66\x0f\x00\xc8"), UINT32_MAX, 9, 0xffff0000 | SEL_TSS, 9, 2 },
    { "SMSW", CPU_386, 0, C("\x0f\x01\xe0"), UINT32_MAX, 9, CR0_PE, 9, 2 },
    { "LMSW cannot clear PE", CPU_386, 0, C("\x0f\x01\xf0\x0f\x01\xe0"), 0xfffe, 9, 0xf, 9, 2 },
    { "CLTS", CPU_386, 0, C("\x0f\x01\xf0\x0f\x06\x0f\x20\xc0"), 0xfffe, 9, 0x7, 9, 2 },
    { "CR0 of a 386 has no WP", CPU_386, 0, C("\x0f\x22\xc0\x0f\x20\xc0"), 0x50001, 9, 1, 9, 2 },
    { "CR0 of a 486 has ET", CPU_486, 0, C("\x0f\x22\xc0\x0f\x20\xc0"), 0x50001, 9, 0x50011, 9, 2 },
    { "CR3 holds a page, PWT, PCD", CPU_486, 0, C("\x0f\x22\xd8\x0f\x20\xd8"), UINT32_MAX, 9, 0xfffff018, 9, 2 },
    { "DR6 has fixed bits", CPU_386, 0, C("\x0f\x23\xf0\x0f\x21\xf0"), 0, 9, 0xffff0ff0, 9, 2 },
    { "DR7 has fixed bits", CPU_386, 0, C("\x0f\x23\xf8\x0f\x21\xf8"), 0, 9, 0x400, 9, 2 },
    { "UMOV", CPU_386, 0, C("\x0f\x13\xd0"), 7, 9, 7, 7, 2 },
    { "SALC", CPU_386, 0, C("\xf9\xd6"), 0x100, 9, 0x1ff, 9, 2 },
    { "TEST F6 /1", CPU_386, 0, C("\xf6\xc8\x02"), 5, 9, 5, 9, 1 },
    { "82 /0", CPU_386, 0, C("\x82\xc0\x02"), 5, 9, 7, 9, 0 },
    { "SHL D0 /6", CPU_386, 0, C("\xd0\xf0"), 0x41, 9, 0x82, 9, 0 },
    { "AAM 16", CPU_386, 0, C("\xd4\x10"), 0x5a, 9, 0x50a, 9, 0 },
    { "AAD 16", CPU_386, 0, C("\xd5\x10"), 0x50a, 9, 0x5a, 9, 0 },
    { "CPUID 0", CPU_PENTIUM, 3, C("\x0f\xa2"), 0, 9, 1, 0x49656e69, 2 },
    { "CPUID 1, 486", CPU_486, 3, C("\x0f\xa2"), 1, 9, 0x435, 1, 2 },
    { "CPUID 1, Pentium: FPU, CX8", CPU_PENTIUM, 3, C("\x0f\xa2\x81\xe2\x01\x01\x00\x00"), 1, 9, 0x525, 0x101, 2 },
    { "WRMSR TSC", CPU_PENTIUM, 0, C("\xb9\x10\x00\x00\x00\x0f\x30\x0f\x31"), 0x1000, 7, 0x1008, 7, 2 },
    { "BSWAP", CPU_486, 0, C("\x0f\xc8"), 0x11223344, 9, 0x44332211, 9, 2 },
    { "XADD", CPU_486, 0, C("\x0f\xc1\xd0"), 5, 6, 11, 5, 0 },
    { "XADD of one register", CPU_486, 0, C("\x0f\xc1\xc0"), 5, 9, 10, 9, 0 },
    { "CMPXCHG equal", CPU_486, 0, C("\x89\xc3\x0f\xb1\xd3\x89\xda"), 5, 9, 5, 9, 1 },
    { "CMPXCHG not equal", CPU_486, 0, C("\xbb\x07\x00\x00\x00\x0f\xb1\xd3\x89\xda"), 5, 9, 7, 7, 0 },
    { "CMOV, condition false", CPU_P2, 0, C("\xf8\x0f\x42\xd0"), 5, 9, 5, 9, 2 },
    { "CMOV, condition true", CPU_P2, 0, C("\xf9\x0f\x42\xd0"), 5, 9, 5, 5, 2 },
    { "RDPMC in ring 0", CPU_P2, 0, C("\x31\xc9\x0f\x33"), 5, 9, 0, 0, 2 },
    { "ESC without FPU", CPU_386, 3, C("\xdb\xe3\xdf\xe0"), 0x5a5a, 9, 0x5a5a, 9, 2 }, /* FNINIT; FNSTSW AX */
};

static bool row_ok(struct cpu_rig *r, size_t i)
{
    const struct cpu *cpu = r->cpu;

    cpu_rig_protected(r, rows[i].ring);
    questions(r);
    r->cpu->cr0 &= ~(CR0_CD | CR0_NW);
    cpu_rig_code(r, AT_CODE, rows[i].code, rows[i].len);
    cpu_rig_code(r, AT_CODE + (uint32_t) rows[i].len, "\xcd\x30", 2);
    r->cpu->gpr[EAX] = rows[i].eax;
    r->cpu->gpr[EDX] = rows[i].edx;
    cpu_rig_run(r, 100);
    return cpu_rig_vector(r) == VEC_DONE && cpu->gpr[EAX] == rows[i].eax_after && cpu->gpr[EDX] == rows[i].edx_after
        && (rows[i].zf == 2 || rows[i].zf == flag_z(cpu));
}

START_TEST(system_and_undocumented)
{
    static char wrong[4000];
    size_t n = 0;

    for (unsigned m = 0; m < CPU_MODELS; m++) {
        struct cpu_rig *r = cpu_rig_new(m, 1 << 20);

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            if (rows[i].model == m && !row_ok(r, i))
                n += (size_t) snprintf(wrong + n, sizeof wrong - n, "\n%s: vector %d, eax %x, edx %x, ZF %d", rows[i].name,
                                       cpu_rig_vector(r), r->cpu->gpr[EAX], r->cpu->gpr[EDX], flag_z(r->cpu));
        cpu_rig_free(r);
    }
    ck_assert_msg(n == 0, "%s", wrong);
}
END_TEST

/* The 286 form leaves out the fourth byte of the base, both ways. */
START_TEST(tables_of_16_bits)
{
    struct cpu_rig *r = cpu_rig_new(CPU_386, 1 << 20);

    cpu_rig_protected(r, 0);
    cpu_rig_poke(r, AT_DATA, 4, 0x345607ff);
    cpu_rig_poke(r, AT_DATA + 4, 2, 0xff12);
    cpu_rig_code(r, AT_CODE, "\x66\x0f\x01\x15\x00\xa0\x00\x00\x0f\x01\x05\x10\xa0\x00\x00\xf4", 16);
    cpu_rig_run(r, 100);
    ck_assert_uint_eq(r->cpu->gdt_base, 0x123456);
    ck_assert_uint_eq(r->cpu->gdt_limit, 0x7ff);
    ck_assert_uint_eq(cpu_rig_peek(r, AT_DATA + 0x10, 4), 0x345607ff);
    ck_assert_uint_eq(cpu_rig_peek(r, AT_DATA + 0x14, 2), 0x0012);
    cpu_rig_free(r);
}
END_TEST

/* BT with a register reaches beside the operand, up and down. */
START_TEST(bit_strings)
{
    struct cpu_rig *r = cpu_rig_new(CPU_386, 1 << 20);

    cpu_rig_protected(r, 0);
    r->cpu->gpr[EAX] = 100;
    r->cpu->gpr[EDX] = (uint32_t) -1;
    cpu_rig_code(r, AT_CODE, "\x0f\xab\x05\x00\xa0\x00\x00\x0f\xab\x15\x00\xa0\x00\x00\xf4", 15); /* BTS */
    cpu_rig_run(r, 100);
    ck_assert_uint_eq(cpu_rig_peek(r, AT_DATA + 12, 4), 1 << 4);
    ck_assert_uint_eq(cpu_rig_peek(r, AT_DATA - 4, 4), 0x80000000);
    ck_assert_uint_eq(cpu_rig_peek(r, AT_DATA, 4), 0);
    cpu_rig_free(r);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("cpu/insn");
    TCase *tc = tcase_create("insn");

    tcase_add_test(tc, system_and_undocumented);
    tcase_add_test(tc, tables_of_16_bits);
    tcase_add_test(tc, bit_strings);
    suite_add_tcase(s, tc);
    return s;
}

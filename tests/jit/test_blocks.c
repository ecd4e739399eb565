/* Blocks of the longest instructions: what the translator sets aside for one suffices. */
#include "config.h"

#include "support/suite.h"

#include "base/bits.h"
#include "cpu/fpu.h"
#include "cpu/segment.h"
#include "support/jit_pair.h"

enum { INSNS = 40, STEPS = 4000 };

/* Limits that are neither 64 KiB nor 4 GiB, so that each access compares. */
static void set_segments(struct cpu *cpu)
{
    for (unsigned i = 0; i < SEGS; i++) {
        if (i == CS)
            continue;
        cpu->seg[i].base = 0x100 * i;
        cpu->seg[i].limit = 0x2ffff;
        seg_derive(cpu, i);
    }
}

/* INSNS times the same instruction, for ever. */
static void set_up_loop(struct cpu_rig *r, const char *insn, size_t len)
{
    uint32_t at = AT_CODE;
    uint8_t back[3] = { 0xe9 };

    cpu_rig_real(r);
    r->cpu->has_fpu = true;
    r->cpu->fpu.cw = FPU_CW_INIT;
    set_segments(r->cpu);
    for (unsigned i = 0; i < 8; i++)
        r->cpu->gpr[i] = i == ECX ? 3 : i == ESP ? AT_STACK0 : AT_DATA + 0x101 * i;
    for (unsigned i = 0; i < INSNS; i++, at += (uint32_t) len)
        cpu_rig_code(r, at, insn, len);
    store_le16(back + 1, (uint16_t) (AT_CODE - (at + 3)));
    cpu_rig_code(r, at, back, sizeof back);
    r->cpu->eip = AT_CODE;
}

static const struct {
    const char *bytes;
    size_t len;
} insns[] = {
#define INSN(s) { s, sizeof(s) - 1 }
    INSN("\xf3\xa4"), INSN("\xf3\xa5"), INSN("\xf3\x66\xa5"), INSN("\xf3\x67\x66\xa5"), INSN("\xf3\xab"), /* REP */
    INSN("\x66\xa5"), INSN("\x66\xa7"), INSN("\x66\xaf"), INSN("\x66\xad"), INSN("\x66\xab"),
    INSN("\xdb\x3e\x08\xa0"), INSN("\xdb\x2e\x08\xa0"), INSN("\xd9\x2e\x08\xa0"), /* FSTP, FLD of 80 bits, FLDCW */
    INSN("\xdc\x06\x08\xa0"), INSN("\x0f\xfe\x06\x08\xa0"), INSN("\x0f\x7f\x06\x08\xa0"),
    INSN("\x66\xd3\x16\x08\xa0"), INSN("\x66\xd3\x1e\x08\xa0"), INSN("\xd3\x26\x08\xa0"), /* RCL, RCR, SHL */
    INSN("\x66\x0f\xa5\x06\x08\xa0"), INSN("\x66\x11\x06\x08\xa0"), INSN("\x66\x0f\xab\x06\x08\xa0"),
    INSN("\x66\x87\x06\x08\xa0"), INSN("\xc4\x06\x08\xa0"), INSN("\x66\x8f\x06\x08\xa0"), INSN("\x66\xff\x36\x08\xa0"),
    INSN("\x66\x0f\xbd\x06\x08\xa0"), INSN("\x66\xf7\x2e\x08\xa0"), INSN("\x8e\x06\x08\xa0"), INSN("\xd7"), INSN("\x9e"),
    INSN("\xbc\xf8\xff\x61"), INSN("\xbc\x08\x00\x60"), /* mov sp; POPA, PUSHA that go round at 64 KiB */
    /* FNINIT; FLDZ; FCHS; FXAM: C1; FCOMI; FNSTSW AX; ADD [A00Ch], AX */
    INSN("\xdb\xe3\xd9\xee\xd9\xe0\xd9\xe5\xdb\xf0\xdf\xe0\x01\x06\x0c\xa0"),
#undef INSN
};

START_TEST(blocks_of_the_longest)
{
    struct cpu_rig *rig[2];
    struct jit_knobs knobs = jit_pair_knobs();

    if (!jit_available())
        return;
    for (unsigned i = 0; i < 2; i++) {
        rig[i] = cpu_rig_new(CPU_P2, 2 << 20);
        cpu_rig_devices(rig[i]);
        set_up_loop(rig[i], insns[_i].bytes, insns[_i].len);
    }
    jit_pair_run(rig[0], rig[1], &knobs, STEPS, 1);
}
END_TEST

/* Opcodes that are none: their steps are counted like others. */
START_TEST(undefined_opcodes)
{
    static const uint8_t code[] = { 0x0f, 0x04, 0xeb, 0xfc };
    static const uint8_t skip[] = { 0x55, 0x89, 0xe5, 0x83, 0x46, 0x02, 0x02, 0x5d, 0xcf }; /* past two bytes; iret */
    struct cpu_rig *r = cpu_rig_new(CPU_P2, 2 << 20);
    struct jit_knobs knobs = jit_pair_knobs();
    struct jit_slow slow[JIT_SLOW];
    struct err err;
    struct jit *jit;

    if (!jit_available())
        return;
    cpu_rig_devices(r);
    cpu_rig_real(r);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
    cpu_rig_code(r, AT_FREE, skip, sizeof skip);
    cpu_rig_poke(r, AT_IVT + EXC_UD * 4, 4, (AT_FREE >> 4) << 16);
    jit = jit_new(r->cpu, &r->ram, &knobs, &err);
    ck_assert_ptr_nonnull(jit);
    cpu_rig_step(r, STEPS);
    ck_assert_uint_gt(jit_slowest(jit, slow), 0);
    ck_assert_str_eq(slow[0].name, "(undefined)");
    jit_free(jit);
    cpu_rig_free(r);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/blocks");
    TCase *tc = tcase_create("blocks");

    tcase_add_loop_test(tc, blocks_of_the_longest, 0, ARRAY_LEN(insns));
    tcase_add_test(tc, undefined_opcodes);
    suite_add_tcase(s, tc);
    return s;
}

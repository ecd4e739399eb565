/* Far jumps, interrupts and flags of real mode: blocks do as the interpreter. */
#include "config.h"

#include "support/suite.h"

#include "base/bits.h"
#include "cpu/segment.h"
#include "support/jit_pair.h"

enum { STEPS = 3000, VECTOR = 0x60, AT_HANDLER = AT_CODE + 0x400, AT_FAR = AT_CODE + 0x800 };

static const struct {
    const char *bytes;
    size_t len;
} programs[] = {
#define INSN(s) { s, sizeof(s) - 1 }
    INSN("\xcd\x60"),                     /* int 60h */
    INSN("\xfa\xcd\x60"),                 /* cli first */
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
#undef INSN
};

static struct cpu_rig *rig_new(enum cpu_model model, unsigned i, uint16_t sp)
{
    static const uint8_t handler[] = { 0x43, 0x83, 0xc2, 0x77, 0xcf };             /* inc bx; add dx, 77h; iret */
    static const uint8_t far_code[] = { 0x83, 0xc1, 0x55, 0xcb };                  /* add cx, 55h; retf */
    static const uint8_t no_trap[] = { 0x55, 0x89, 0xe5, 0x80, 0x66, 0x07, 0xfe, 0x5d, 0xcf };
    uint8_t back[] = { 0xe9, 0, 0 };
    struct cpu_rig *r = cpu_rig_new(model, 2 << 20);
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
    r->cpu->gpr[ESP] = sp;
    cpu_rig_code(r, at, programs[i].bytes, programs[i].len);
    at += (uint32_t) programs[i].len;
    store_le16(back + 1, (uint16_t) (AT_CODE - (at + sizeof back)));
    cpu_rig_code(r, at, back, sizeof back);
    cpu_rig_irq(r, 9700);
    return r;
}

static void run_both(enum cpu_model model, unsigned i, uint16_t sp, bool no_window)
{
    struct jit_knobs knobs = jit_pair_knobs();

    knobs.no_window = no_window;
    jit_pair_run(rig_new(model, i, sp), rig_new(model, i, sp), &knobs, STEPS, 4);
}

START_TEST(far_in_real_mode)
{
    /* The second stack lies in a page with code, the third wraps. */
    static const uint16_t stacks[] = { AT_STACK0, AT_CODE + 0xf00, 4 };

    if (!jit_available())
        return;
    for (unsigned i = 0; i < ARRAY_LEN(stacks); i++)
        for (unsigned w = 0; w < 2; w++) {
            run_both(CPU_386, (unsigned) _i, stacks[i], w);
            run_both(CPU_P2, (unsigned) _i, stacks[i], w);
        }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/far");
    TCase *tc = tcase_create("far");

    tcase_add_loop_test(tc, far_in_real_mode, 0, (int) ARRAY_LEN(programs));
    suite_add_tcase(s, tc);
    return s;
}

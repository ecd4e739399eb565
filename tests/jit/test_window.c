/* Operands that are not where the window has memory: the guest does not notice. */
#include "config.h"

#include "support/suite.h"

#include <sys/mman.h>

#include "base/bits.h"
#include "cpu/segment.h"
#include "support/jit_pair.h"

enum { RAM = 2 << 20, STEPS = 1000 };

static const struct {
    const char *bytes;
    size_t len;
    bool traps; /* on a host that has a window */
} operands[] = {
#define INSN(s, traps) { s, sizeof(s) - 1, traps }
    INSN("\x90", false),
    INSN("\xa3\x00\xa0\x00\x00", false),        /* plain memory */
    INSN("\xa3\xff\xaf\x00\x00", false),        /* over the end of a page */
    INSN("\xa3\x04\x00\x0a\x00", true),         /* a device: stored, */
    INSN("\x3b\x1d\x04\x00\x0a\x00", true),     /* compared, */
    INSN("\x03\x1d\x04\x00\x0a\x00", true),     /* added, */
    INSN("\xff\x05\x04\x00\x0a\x00", true),     /* incremented, */
    INSN("\x87\x1d\x04\x00\x0a\x00", true),     /* exchanged, */
    INSN("\x01\x1d\x04\x00\x0a\x00", true),     /* added to, */
    INSN("\xff\x35\x04\x00\x0a\x00\x5b", true), /* pushed, popped */
    INSN("\x0f\xb6\x1d\x05\x00\x0a\x00", true),
    INSN("\xa3\xfe\xff\x09\x00", true), /* memory, then a device */
    INSN("\x8b\x1d\xfe\x0f\x0a\x00", true),
    INSN("\xa3\xf0\x8f\x00\x00", true), /* a page with code */
    INSN("\x01\x05\xf0\x8f\x00\x00", true),
    INSN("\x89\x9f\xf0\xff\xff\xff", true), /* up to 4 GiB, then a fault */
    INSN("\x8b\x9f\xf0\xff\xff\xff", true),
    INSN("\x8b\x1d\x00\x00\x40\x00", true), /* nobody's */
    INSN("\x88\x64\x24\xf0", false), /* AH beside a register with a prefix */
    INSN("\x8a\x65\x00", false),
#undef INSN
};

/* Flags before the operand and after it; for ever. */
static struct cpu_rig *rig_new(const char *insn, size_t len)
{
    static const uint8_t before[] = { 0x8d, 0x84, 0x81, 0xb9, 0x79, 0x37, 0x9e, /* lea eax, [ecx+eax*4+9E3779B9h] */
                                      0x83, 0xca, 0xff, 0x83, 0xc2, 0x01 }; /* or edx, -1; add edx, 1: CF, ZF */
    uint8_t after[] = { 0x83, 0xd7, 0x00, 0x9c, 0x5e, /* adc edi, 0; pushf; pop esi */
                        0x01, 0xf1, 0xe9, 0, 0, 0, 0 }; /* add ecx, esi; jmp */
    struct cpu_rig *r = cpu_rig_new(CPU_P2, RAM);
    uint32_t at = AT_CODE;

    cpu_rig_devices(r);
    cpu_rig_protected(r, 0);
    r->cpu->gpr[EBP] = AT_DATA + 0x20;
    cpu_rig_code(r, at, before, sizeof before);
    at += sizeof before;
    cpu_rig_code(r, at, insn, len);
    at += (uint32_t) len;
    store_le32(after + 8, (uint32_t) (AT_CODE - (at + sizeof after)));
    cpu_rig_code(r, at, after, sizeof after);
    return r;
}

static void run_both(unsigned i, bool no_window)
{
    struct cpu_rig *a = rig_new(operands[i].bytes, operands[i].len);
    struct cpu_rig *b = rig_new(operands[i].bytes, operands[i].len);
    struct jit_knobs knobs = jit_default_knobs;
    struct err err;
    struct jit *jit;

    knobs.threshold = 1;
    knobs.no_window = no_window;
    jit = jit_new(b->cpu, &b->ram, &knobs, &err);
    ck_assert_ptr_nonnull(jit);
    cpu_rig_step(a, STEPS);
    cpu_rig_step(b, STEPS);
    ck_assert_uint_gt(jit_stats(jit)->blocks, 0);
    ck_assert_uint_eq(cpu_rig_hash(a), cpu_rig_hash(b));
    if (jit_stats(jit)->window && !no_window)
        ck_assert_uint_eq(jit_stats(jit)->traps != 0, operands[i].traps);
    /* Once for each place, not each time. */
    ck_assert_uint_le(jit_stats(jit)->traps, 2);
    jit_free(jit);
    cpu_rig_free(a);
    cpu_rig_free(b);
}

START_TEST(operands_not_in_the_window)
{
    if (!jit_available())
        return;
    run_both((unsigned) _i, false);
    run_both((unsigned) _i, true);
}
END_TEST

static void run_pair(void (*set_up)(struct cpu_rig *))
{
    struct cpu_rig *r[2];
    struct jit_knobs knobs = jit_pair_knobs();

    if (!jit_available())
        return;
    for (unsigned i = 0; i < 2; i++) {
        r[i] = cpu_rig_new(CPU_P2, RAM);
        set_up(r[i]);
    }
    jit_pair_run(r[0], r[1], &knobs, STEPS, 1);
}

/* SP goes round in the pop, and the operand's address follows ESP after it. */
static void set_up_pop(struct cpu_rig *r)
{
    static const uint8_t code[] = { 0xbc, 0xfe, 0xff, 0x00, 0x00,                   /* mov esp, 0FFFEh */
                                    0x66, 0x8f, 0x84, 0x24, 0x00, 0x60, 0x00, 0x00, /* pop word [esp + 6000h] */
                                    0xff, 0x05, 0xfe, 0xff, 0x00, 0x00, 0xeb, 0xeb }; /* inc [0FFFEh]; jmp */

    cpu_rig_protected(r, 0);
    cpu_rig_gdt(r, SEL_FREE, desc_make(0, 0x3ffff, D_DATA));
    cpu_rig_load(r, SS, SEL_FREE);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(pop_goes_round)
{
    run_pair(set_up_pop);
}
END_TEST

/* Real mode with a data segment of 4 GiB: whether the pointer wraps is compared, between a carry and its reader. */
static void set_up_pointer(struct cpu_rig *r)
{
    static const uint8_t code[] = { 0x04, 0x35, 0xc4, 0x1e, 0x00, 0x60, /* add al, 35h; les bx, [6000h] */
                                    0x11, 0xc2, 0xeb, 0xf6 };           /* adc dx, ax; jmp */

    cpu_rig_real(r);
    r->cpu->seg[DS].limit = UINT32_MAX;
    seg_derive(r->cpu, DS);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(pointer_between_carries)
{
    run_pair(set_up_pointer);
}
END_TEST

/* The fourth address faults; nobody else asks for the flags of SHR, of which the host's AF is not the guest's. */
static void set_up_fault(struct cpu_rig *r)
{
    static const uint8_t code[] = { 0x8b, 0x37, 0x83, 0xc7, 0x04, 0xd1, 0xeb,  /* mov esi, [edi]; add edi, 4; shr ebx, 1 */
                                    0x8b, 0x06, 0x31, 0xd2, 0xeb, 0xf3 };      /* mov eax, [esi]; xor edx, edx; jmp */

    cpu_rig_protected(r, 0);
    r->cpu->gpr[EDI] = AT_DATA;
    for (unsigned k = 0; k < 4; k++)
        cpu_rig_poke(r, AT_DATA + 4 * k, 4, k < 3 ? AT_DATA : 0xfffffffd);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(flags_at_a_fault)
{
    run_pair(set_up_fault);
}
END_TEST

/* A page is code, then plain memory again: stores go there directly again. */
START_TEST(page_that_was_code)
{
    static const uint8_t fill[] = { 0xb9, 0x00, 0x01, 0x00, 0x00,       /* mov ecx, 256 */
                                    0x89, 0x0c, 0x8d, 0x00, 0xa0, 0x00, 0x00, /* mov [ecx*4+AT_DATA], ecx */
                                    0xe2, 0xf7,                         /* loop */
                                    0xe8, 0x00, 0x20, 0x00, 0x00,       /* call AT_DATA + 13h */
                                    0xeb, 0xeb };                       /* again */
    struct cpu_rig *r[2];
    struct jit_knobs knobs = jit_pair_knobs();

    if (!jit_available())
        return;
    for (unsigned i = 0; i < 2; i++) {
        r[i] = rig_new("\x90", 1);
        cpu_rig_code(r[i], AT_CODE, fill, sizeof fill);
        for (unsigned at = 0; at < PAGE_SIZE; at++)
            cpu_rig_code(r[i], AT_DATA + at, "\xc3", 1);
    }
    jit_pair_run(r[0], r[1], &knobs, STEPS, 20);
}
END_TEST

/* Eight operands over the end of 4 GiB, of which one faults: PUSHA and POPA are all or nothing. */
START_TEST(stack_at_the_end)
{
    uint8_t code[] = { 0x8b, 0x0d, 0x00, 0xa1, 0x00, 0x00,       /* mov ecx, [A100h] */
                       0xff, 0x05, 0x00, 0xa1, 0x00, 0x00,       /* inc [A100h] */
                       0x8b, 0x24, 0x8d, 0x00, 0xa0, 0x00, 0x00, /* mov esp, [A000h + ecx*4] */
                       0x60, 0xeb, 0xea };                       /* pusha or popa; jmp */
    static const uint32_t last[2] = { 0x1b, 0xffffffe3 };
    struct jit_knobs knobs = jit_pair_knobs();
    struct cpu_rig *r[2];

    if (!jit_available())
        return;
    for (unsigned i = 0; i < 2; i++) {
        r[i] = rig_new("\x90", 1);
        for (uint32_t at = 0; at < 40; at += 4)
            cpu_rig_poke(r[i], AT_DATA + at, 4, at == 36 ? last[_i] : AT_STACK0);
        code[19] = (uint8_t) (0x60 + _i);
        cpu_rig_code(r[i], AT_CODE, code, sizeof code);
    }
    jit_pair_run(r[0], r[1], &knobs, STEPS, 1);
}
END_TEST

enum { PIECES = 1 << 17 };

/* A host that has no room for one more piece of a mapping: then there is no window. */
START_TEST(too_many_pieces)
{
    struct cpu_rig *a = rig_new(operands[1].bytes, operands[1].len), *b = rig_new(operands[1].bytes, operands[1].len);
    struct jit_knobs knobs = jit_default_knobs;
    size_t bytes = (size_t) PIECES * PAGE_SIZE, at = 0;
    uint8_t *full = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct err err;
    struct jit *jit;

    ck_assert_ptr_ne(full, MAP_FAILED);
    knobs.threshold = 1;
    jit = jit_new(b->cpu, &b->ram, &knobs, &err);
    ck_assert(!jit_available() || jit != NULL);
    while (jit != NULL && at < bytes && mprotect(full + at, PAGE_SIZE, PROT_READ) == 0)
        at += 2 * PAGE_SIZE;
    if (jit != NULL && at < bytes && jit_stats(jit)->window) {
        cpu_rig_step(a, STEPS);
        cpu_rig_step(b, STEPS);
        munmap(full, bytes);
        ck_assert(!jit_stats(jit)->window);
        ck_assert_uint_eq(cpu_rig_hash(a), cpu_rig_hash(b));
        cpu_rig_step(a, STEPS);
        cpu_rig_step(b, STEPS);
        ck_assert_uint_eq(cpu_rig_hash(a), cpu_rig_hash(b));
    }
    jit_free(jit);
    cpu_rig_free(a);
    cpu_rig_free(b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/window");
    TCase *tc = tcase_create("window");

    tcase_add_loop_test(tc, operands_not_in_the_window, 0, (int) ARRAY_LEN(operands));
    tcase_add_test(tc, pop_goes_round);
    tcase_add_test(tc, pointer_between_carries);
    tcase_add_test(tc, flags_at_a_fault);
    tcase_add_test(tc, page_that_was_code);
    tcase_add_loop_test(tc, stack_at_the_end, 0, 2);
    tcase_add_test(tc, too_many_pieces);
    suite_add_tcase(s, tc);
    return s;
}

/* What has been executed is counted exactly, and a cell of the coverage table that has not run is named. */
#include "config.h"

#include "support/suite.h"

#include <stdlib.h>

#include "base/bits.h"
#include "cpu/segment.h"
#include "jit/cover_table.h"
#include "support/cpu_rig.h"

enum { TIMES = 10, SEG_DEVICE = AT_MMIO >> 4 };

/* Rows as the table numbers them. */
enum { ADD_EB_GB = 0x00 * 8, ADD_EV_GV = 0x01 * 8, MOVSB = 0xa4 * 8, SUB_EV_GV = 0x29 * 8, LOOP = 0xe2 * 8, CLI = 0xfa * 8 };

static struct cover_table table;

/* mov cx, TIMES; again: add ax, bx; add [bx], ax; loop again; hlt */
static const uint8_t program[] = { 0xb9, TIMES, 0x00, 0x01, 0xd8, 0x01, 0x07, 0xe2, 0xfa, 0xf4 };

static void run_program(bool cover, uint16_t ds)
{
    struct cpu_rig *r = cpu_rig_new(CPU_P2, 1 << 20);
    struct jit_knobs knobs = { .max_insns = 32, .cover = cover };
    struct jit *jit;
    struct err err;

    cpu_rig_devices(r);
    cpu_rig_real(r);
    seg_set_real(r->cpu, DS, ds);
    cpu_rig_code(r, AT_CODE, program, sizeof program);
    r->cpu->gpr[EBX] = 0x20;
    jit = jit_new(r->cpu, &r->ram, &knobs, &err);
    ck_assert_ptr_nonnull(jit);
    ck_assert(cpu_rig_run(r, 1000));
    memset(&table, 0, sizeof table);
    cover_table_add(&table, jit);
    jit_free(jit);
    cpu_rig_free(r);
}

static uint64_t ran(unsigned row, enum jit_operand operand, enum jit_mode mode, enum cover_outcome o)
{
    return table.cell[row][operand][true][mode].count[o];
}

START_TEST(instructions_are_counted)
{
    if (!jit_available())
        return;
    run_program(true, 0x2000);
    ck_assert_uint_eq(ran(ADD_EV_GV, JIT_REGISTER, JIT_REAL, COVER_INLINE), TIMES);
    ck_assert_uint_eq(ran(ADD_EV_GV, JIT_MEMORY_16, JIT_REAL, COVER_INLINE), TIMES);
    ck_assert_uint_eq(ran(ADD_EV_GV, JIT_MEMORY_16, JIT_REAL, COVER_GUARD), 0);
    ck_assert_uint_eq(ran(LOOP, JIT_REGISTER, JIT_REAL, COVER_INLINE), TIMES);
    ck_assert_uint_eq(ran(ADD_EV_GV, JIT_REGISTER, JIT_V86, COVER_INLINE), 0);
}
END_TEST

START_TEST(failed_guards_are_counted)
{
    if (!jit_available())
        return;
    run_program(true, SEG_DEVICE);
    ck_assert_uint_eq(ran(ADD_EV_GV, JIT_REGISTER, JIT_REAL, COVER_INLINE), TIMES);
    ck_assert_uint_eq(ran(ADD_EV_GV, JIT_MEMORY_16, JIT_REAL, COVER_INLINE), 0);
    ck_assert_uint_eq(ran(ADD_EV_GV, JIT_MEMORY_16, JIT_REAL, COVER_GUARD), TIMES);
}
END_TEST

START_TEST(nothing_is_counted_unasked)
{
    if (!jit_available())
        return;
    run_program(false, 0x2000);
    ck_assert_uint_eq(ran(ADD_EV_GV, JIT_REGISTER, JIT_REAL, COVER_INLINE), 0);
}
END_TEST

START_TEST(missing_cells_are_named)
{
    char *text = NULL;
    size_t size;
    FILE *f;
    struct cover_sum sum;

    if (!jit_available())
        return;
    run_program(true, 0x2000);
    f = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(f);
    sum = cover_check(&table, f);
    fclose(f);
    ck_assert_uint_gt(sum.wrong, 0);
    ck_assert_ptr_null(strstr(text, "missing: 01/0     add       w reg, real, inline\n"));
    ck_assert_ptr_nonnull(strstr(text, "missing: 01/0     add       w m16, real, guard\n"));
    ck_assert_ptr_nonnull(strstr(text, "missing: 01/0     add       w reg, v86, inline\n"));
    ck_assert_ptr_nonnull(strstr(text, "missing: 29/0     sub       w reg, real, inline\n"));
    ck_assert_ptr_null(strstr(text, "add       w reg, real, guard\n")); /* it has none */
    free(text);
}
END_TEST

/* The list of what cannot be is held to it. */
START_TEST(absent_cells_do_not_run)
{
    const struct jit_form cli = { .row = CLI };

    if (!jit_available())
        return;
    memset(&table, 0, sizeof table);
    ck_assert(cover_wrong(&table, cli, JIT_REAL, COVER_INLINE));
    ck_assert(!cover_wrong(&table, cli, JIT_V86, COVER_INLINE));
    table.cell[CLI][JIT_REGISTER][false][JIT_V86].count[COVER_INLINE] = 1;
    ck_assert(cover_wrong(&table, cli, JIT_V86, COVER_INLINE));
}
END_TEST

START_TEST(forms)
{
    if (!jit_available())
        return;
    ck_assert(jit_has_form((struct jit_form){ SUB_EV_GV, JIT_MEMORY_32, true }));
    ck_assert(!jit_has_form((struct jit_form){ SUB_EV_GV + 1, JIT_MEMORY_32, true })); /* counted as the first */
    ck_assert(!jit_has_form((struct jit_form){ ADD_EB_GB, JIT_REGISTER, true }));
    ck_assert(!jit_has_form((struct jit_form){ LOOP, JIT_MEMORY_16, false }));
    ck_assert(!jit_has_form((struct jit_form){ MOVSB, JIT_REGISTER, false }));
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/cover");
    TCase *tc = tcase_create("cover");

    tcase_add_test(tc, instructions_are_counted);
    tcase_add_test(tc, failed_guards_are_counted);
    tcase_add_test(tc, nothing_is_counted_unasked);
    tcase_add_test(tc, missing_cells_are_named);
    tcase_add_test(tc, absent_cells_do_not_run);
    tcase_add_test(tc, forms);
    suite_add_tcase(s, tc);
    return s;
}

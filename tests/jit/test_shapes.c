/*
 * Each operand in memory of translated code has one of a few shapes: the
 * processor's and the translator's own state, the page-pointer tables, an
 * address that was checked, or the guest's memory by GS and 32 bits.
 */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>

#include "fuzz/cpu_program.h"
#include "jit/jit_priv.h"

enum { PROGRAMS = 120, INPUT = 400, STEPS = 1000 };

#if CONFIG_CAPSTONE

#include <capstone/capstone.h>

struct check {
    csh handle;
    cs_insn *insn;
    unsigned long operands;
};

static bool in_state(int64_t disp, unsigned size, size_t bytes)
{
    return disp >= 0 && (uint64_t) disp + size <= bytes;
}

static bool is_table(const x86_op_mem *m)
{
    const int64_t table = (int64_t) PAGE_COUNT * 8;

    if (m->index == X86_REG_INVALID)
        return m->disp >= 0 && m->disp < table && m->disp % 8 == 0;
    if (m->index == X86_REG_R10)
        return m->scale == 1 && m->disp == 0;
    return m->index == X86_REG_R11 && m->scale == 8 && m->disp % table == 0 && m->disp >= 0 && m->disp <= TABLE_CODE * table;
}

static bool is_jit(const x86_op_mem *m, unsigned size)
{
    int64_t lookup = offsetof(struct jit, lookup);

    if (m->index == X86_REG_INVALID)
        return in_state(m->disp, size, (size_t) lookup);
    if (m->index == X86_REG_RBP && m->scale == 2)
        return m->disp == offsetof(struct jit, bcd) || m->disp == offsetof(struct jit, bcd[1]);
    return m->index == X86_REG_R11 && m->scale == 1 && m->disp >= lookup
        && m->disp < lookup + (int64_t) sizeof(struct lookup);
}

/* An address in a scratch register: near it, or of a string, up to its end. */
static bool is_checked(const x86_op_mem *m)
{
    return (m->index == X86_REG_INVALID || (m->index == X86_REG_R10 && m->scale == 1)) && m->disp >= -512 && m->disp <= 512;
}

static bool is_allowed(const cs_insn *in, const cs_x86_op *op)
{
    const x86_op_mem *m = &op->mem;

    if (in->id == X86_INS_LEA || in->id == X86_INS_NOP)
        return true;
    if (m->segment == X86_REG_GS)
        return in->detail->x86.addr_size == 4;
    if (m->segment != X86_REG_INVALID || in->detail->x86.addr_size != 8)
        return false;
    switch (m->base) {
    case X86_REG_RIP: return true;
    case X86_REG_R14: return m->index == X86_REG_INVALID && in_state(m->disp, op->size, sizeof(struct cpu));
    case X86_REG_R12: return is_jit(m, op->size);
    case X86_REG_R15: return is_table(m);
    case X86_REG_RBP: case X86_REG_R11: return is_checked(m);
    case X86_REG_R10: return m->index == X86_REG_INVALID && m->disp == 0;
    case X86_REG_RCX: return in->id == X86_INS_BT || in->id == X86_INS_MOV; /* bits of code; a soft immediate */
    default: return false;
    }
}

static void check_code(struct check *c, const uint8_t *from, const uint8_t *to)
{
    size_t left = (size_t) (to - from);
    uint64_t at = (uintptr_t) from;

    while (left != 0) {
        const cs_x86 *x;

        ck_assert_msg(cs_disasm_iter(c->handle, &from, &left, &at, c->insn), "not an instruction");
        x = &c->insn->detail->x86;
        for (unsigned i = 0; i < x->op_count; i++) {
            if (x->operands[i].type != X86_OP_MEM)
                continue;
            c->operands++;
            ck_assert_msg(is_allowed(c->insn, &x->operands[i]), "%s %s", c->insn->mnemonic, c->insn->op_str);
        }
    }
}

static void check_block(void *opaque, const struct jit_listed *b)
{
    check_code(opaque, b->code, b->code + b->mark[b->insns]);
    check_code(opaque, b->cold, b->cold + b->cold_bytes);
}

static void run_program(struct check *c, struct cpu_rig *r, struct jit *jit, uint32_t *seed, unsigned n)
{
    struct jit_knobs knobs = { .max_insns = JIT_INSNS, .listing = true, .no_window = n % 2 };
    uint8_t bytes[INPUT];
    struct input in = { bytes, bytes + sizeof bytes };

    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t) ((*seed = *seed * 1664525 + 1013904223) >> 24);
    jit_set_knobs(jit, &knobs);
    program_set_up(r, in, n % 4 != 0 ? program_loop : program_phrases);
    r->cpu->has_fpu = true;
    cpu_rig_step(r, STEPS);
    jit_list(jit, check_block, c);
}

START_TEST(operands_of_translated_code)
{
    struct jit_knobs knobs = { .max_insns = JIT_INSNS, .listing = true };
    struct cpu_rig *r;
    struct check c = { 0 };
    uint32_t seed = 20261130;
    struct err err;
    struct jit *jit;

    if (!jit_available())
        return;
    ck_assert_int_eq(cs_open(CS_ARCH_X86, CS_MODE_64, &c.handle), CS_ERR_OK);
    cs_option(c.handle, CS_OPT_DETAIL, CS_OPT_ON);
    c.insn = cs_malloc(c.handle);
    r = cpu_rig_new(CPU_P2, PROGRAM_RAM);
    cpu_rig_devices(r);
    jit = jit_new(r->cpu, &r->ram, &knobs, &err);
    ck_assert_ptr_nonnull(jit);
    for (unsigned n = 0; n < PROGRAMS; n++)
        run_program(&c, r, jit, &seed, n);
    jit_free(jit);
    cpu_rig_free(r);
    ck_assert_uint_gt(c.operands, 10 * PROGRAMS);
    cs_free(c.insn, 1);
    cs_close(&c.handle);
}
END_TEST

#else

START_TEST(operands_of_translated_code)
{
    printf("# without capstone nothing is looked at\n");
}
END_TEST

#endif

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/shapes");
    TCase *tc = tcase_create("shapes");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, operands_of_translated_code);
    suite_add_tcase(s, tc);
    return s;
}

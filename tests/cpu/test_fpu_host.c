/*
 * Every x87 and MMX instruction on random states, with the host's own x87 as
 * the judge: registers, tags, control and status word, memory, AX, EFLAGS.
 *
 *   FPU_COUNT=N   states for each form (default 400)
 *   FPU_SEED=N    where the pseudo-random sequence begins
 */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "cpu/decode.h"
#include "cpu/flags.h"
#include "cpu/fpu.h"
#include "cpu/x87_host.h"
#include "cpu/x87_random.h"
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

static unsigned long env_number(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoul(text, NULL, 0) : otherwise;
}

/* --- one instruction ----------------------------------------------------- */

enum { AT_STATE = AT_FREE, AT_MEM = AT_FREE + 0x100 };

static void put_world(const struct x87_world *w)
{
    memcpy(rig->ram.host + AT_STATE, w->state, X87_STATE);
    memcpy(rig->ram.host + AT_MEM, w->mem, X87_MEMORY);
    rig->cpu->gpr[EAX] = w->eax;
    rig->cpu->gpr[ESI] = AT_STATE;
    rig->cpu->gpr[EDI] = AT_MEM;
    flags_set(rig->cpu, w->eflags);
}

static void get_world(struct x87_world *w)
{
    memcpy(w->state, rig->ram.host + AT_STATE, X87_STATE);
    memcpy(w->mem, rig->ram.host + AT_MEM, X87_MEMORY);
    w->eax = rig->cpu->gpr[EAX];
    w->eflags = flags_get(rig->cpu);
}

static void run_one(const uint8_t *code, size_t len)
{
    struct insn in;

    ck_assert(decode(&in, code, (unsigned) len, true, rig->cpu->model));
    ck_assert_uint_eq(in.len, len);
    ck_assert_int_eq(in.fn(rig->cpu, &in), OP_NEXT);
}

static void run_here(const uint8_t *code, size_t len, struct x87_world *w)
{
    static const uint8_t frstor[] = { 0xdd, 0x26 }, fnsave[] = { 0xdd, 0x36 };

    put_world(w);
    run_one(frstor, 2);
    run_one(code, len);
    run_one(fnsave, 2);
    get_world(w);
}

static void random_world(struct x87_world *w)
{
    uint64_t r = x87_next();
    uint16_t cw = (uint16_t) ((r & 0xf00) | 0x40 | (r >> 16 & 7 ? 0x3f : r >> 24 & 0x3f));
    uint16_t sw = (uint16_t) ((r >> 32 & 0x7f00) | (r >> 48 & 0x3f & cw)), tags = 0;
    struct f80 v = { 0 };

    memset(w, 0, sizeof *w);
    for (unsigned i = 0; i < 8; i++) {
        unsigned chance = x87_next() & 63;

        v = x87_random(i == 0 ? NULL : &v);
        store_le64(w->state + 28 + 10 * i, v.sig);
        store_le16(w->state + 36 + 10 * i, v.se);
        if (chance < (i == 0 || i == 1 ? 3 : 30))
            tags |= (uint16_t) (3 << (2 * ((i + (sw >> 11)) & 7)));
    }
    store_le32(w->state, cw | 0xffff0000);
    store_le32(w->state + 4, sw | 0xffff0000);
    store_le32(w->state + 8, tags | 0xffff0000);
    for (unsigned i = 0; i < X87_MEMORY; i += 8)
        store_le64(w->mem + i, x87_next());
    x87_random_memory(w->mem);
    if (r >> 60 & 1) { /* an extended real */
        store_le64(w->mem, v.sig);
        store_le16(w->mem + 8, v.se);
    }
    w->eax = 0x12345678;
    w->eflags = (uint32_t) x87_next() & FLAG_ARITH;
}

/* Instructions whose last bit may differ, as does the rounding that C1 tells. */
static bool transcendental(const uint8_t *code)
{
    static const char list[] = "\xf0\xf1\xf2\xf3\xf9\xfb\xfe\xff";

    return code[0] == 0xd9 && strchr(list, code[1]) != NULL;
}

/* FSTENV, FSAVE leave pointers that the host may not keep. */
static bool stores_pointers(const uint8_t *code)
{
    unsigned reg = code[1] >> 3 & 7;

    return code[1] < 0xc0 && (code[0] == 0xd9 || code[0] == 0xdd) && reg == 6;
}

/* SDM vol. 2, FCOMI: C1 is cleared; AMD's parts leave it alone. */
static bool compares_into_eflags(const uint8_t *code)
{
    return (code[0] == 0xdb || code[0] == 0xdf) && code[1] >= 0xe8 && code[1] < 0xf8;
}

static bool state_agrees(const uint8_t *code, const struct x87_world *here, const struct x87_world *host)
{
    bool trans = transcendental(code);
    uint16_t sw = (uint16_t) (load_le16(here->state + 4) ^ load_le16(host->state + 4));

    if (trans || compares_into_eflags(code))
        sw &= (uint16_t) ~F80_C1;
    if (sw != 0 || load_le16(here->state) != load_le16(host->state)
        || load_le16(here->state + 8) != load_le16(host->state + 8))
        return false;
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *p = here->state + 28 + 10 * i, *q = host->state + 28 + 10 * i;
        struct f80 a = { load_le64(p), load_le16(p + 8) }, b = { load_le64(q), load_le16(q + 8) };

        if (!(trans ? f80_near(a, b) : f80_same(a, b)))
            return false;
    }
    return true;
}

static bool world_agrees(const uint8_t *code, const struct x87_world *here, const struct x87_world *host)
{
    size_t mem = stores_pointers(code) ? 12 : X87_MEMORY;

    return state_agrees(code, here, host) && memcmp(here->mem, host->mem, mem) == 0 && here->eax == host->eax
        && here->eflags == host->eflags;
}

static void world_print(const char *name, const struct x87_world *w)
{
    fprintf(stderr, "  %s cw=%04x sw=%04x tw=%04x eax=%08x eflags=%04x mem=%04x%016llx\n", name,
            load_le16(w->state), load_le16(w->state + 4), load_le16(w->state + 8), w->eax, w->eflags,
            load_le16(w->mem + 8), (unsigned long long) load_le64(w->mem));
    for (unsigned i = 0; i < 8; i++)
        fprintf(stderr, "%s%04x.%016llx", i % 4 == 0 ? "\n    " : " ", load_le16(w->state + 36 + 10 * i),
                (unsigned long long) load_le64(w->state + 28 + 10 * i));
    fprintf(stderr, "\n");
}

/* The manual leaves the result open. */
static bool undefined_result(const uint8_t *code, const struct x87_world *w)
{
    unsigned exp = load_le16(w->state + 36) & 0x7fff;
    uint64_t sig = load_le64(w->state + 28);

    if (code[0] == 0xd9 && code[1] == 0xf0)
        return exp >= 0x3fff && exp < 0x7fff;
    if (code[0] == 0xd9 && code[1] == 0xf9)
        return exp >= 0x3ffd && (sig >> 63);
    if (code[0] == 0xdf && code[1] < 0xc0 && (code[1] >> 3 & 7) == 4) /* FBLD */
        for (unsigned i = 0; i < 9; i++)
            if ((w->mem[i] & 15) > 9 || w->mem[i] >> 4 > 9)
                return true;
    return false;
}

/* One kind of instruction, `n` times; false: no host that could judge. */
static bool judge(const uint8_t *code, size_t len, unsigned long n, unsigned *wrong)
{
    for (unsigned long i = 0; i < n; i++) {
        struct x87_world before, here, host;

        random_world(&before);
        if (undefined_result(code, &before))
            continue;
        here = host = before;
        if (!x87_host_run(code, len, &host))
            return false;
        run_here(code, len, &here);
        if (world_agrees(code, &here, &host))
            continue;
        if ((*wrong)++ < 4) {
            fprintf(stderr, "%02x %02x\n", code[0], code[1]);
            world_print("before", &before);
            world_print("here", &here);
            world_print("host", &host);
        }
        return true;
    }
    return true;
}

START_TEST(escapes_agree_with_the_host)
{
    uint8_t code[2] = { (uint8_t) (0xd8 + _i), 0 };
    unsigned wrong = 0;

    x87_seed = env_number("FPU_SEED", 1) + (unsigned) _i * 77777;
    for (unsigned modrm = 0; modrm < 256; modrm++) {
        const struct op_row *row = modrm >= 0xc0 ? &op_rows_esc_reg[_i * 64 + (modrm & 63)]
                                                 : &op_rows_esc_mem[_i * 8 + (modrm >> 3 & 7)];

        code[1] = (uint8_t) modrm;
        /* The memory form is [EDI]. */
        if ((modrm < 0xc0 && (modrm & 0xc7) != 7) || row->name == NULL)
            continue;
        if (!judge(code, 2, env_number("FPU_COUNT", 400), &wrong))
            return;
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* MMX with a memory operand, with registers, by an immediate. */
START_TEST(mmx_agrees_with_the_host)
{
    unsigned wrong = 0;

    x87_seed = env_number("FPU_SEED", 1);
    for (unsigned n = 0; n < 256 * 8; n++) {
        const struct op_row *row = &op_rows_0f[n];
        uint8_t op = (uint8_t) (n / 8), code[4] = { 0x0f, op, (uint8_t) (n % 8 << 3 | 7), 0 };
        unsigned long count = env_number("FPU_COUNT", 400) / 8 + 1;

        if (row->name == NULL || row->cost != C_MMX)
            continue;
        if (row->interp == op_emms) {
            judge(code, 2, count, &wrong);
            continue;
        }
        for (unsigned long i = 0; i < count; i++) {
            code[3] = (uint8_t) (x87_next() % 70);
            if (row->b != A_Ib && !judge(code, 3, 1, &wrong))
                return;
            /* A general register is EAX: the host's others are in use. */
            code[2] = (uint8_t) (0xc0 | (n % 8 << 3) | (op == 0x6e || op == 0x7e ? 0 : x87_next() & 7));
            judge(code, row->b == A_Ib ? 4 : 3, 1, &wrong);
            code[2] &= 0x3f;
            code[2] |= 7;
        }
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("fpu");
    TCase *host = tcase_create("host");

    tcase_set_timeout(host, 0);
    tcase_add_checked_fixture(host, setup_p2, teardown);
    tcase_add_loop_test(host, escapes_agree_with_the_host, 0, 8);
    tcase_add_test(host, mmx_agrees_with_the_host);
    suite_add_tcase(s, host);
    return s;
}

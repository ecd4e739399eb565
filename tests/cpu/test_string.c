/* Repeated string instructions: many iterations at once do what one by one does. */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>

#include "base/bits.h"
#include "support/cpu_rig.h"

enum { AREA = AT_FREE, AREA_BYTES = 3 * PAGE_SIZE, AT_FRESH = 0x150000, DRAWS = 120 };

static const struct {
    const char *bytes;
    size_t len;
} ops[] = {
#define INSN(s) { s, sizeof(s) - 1 }
    INSN("\xf3\xa4"), INSN("\xf3\x66\xa5"), INSN("\xf3\xa5"), INSN("\xf3\xaa"), INSN("\xf3\x66\xab"), INSN("\xf3\xab"),
    INSN("\xf3\xa6"), INSN("\xf3\x66\xa7"), INSN("\xf2\xa7"), INSN("\xf2\xa6"), INSN("\xf3\xae"), INSN("\xf2\xae"),
    INSN("\xf2\x66\xaf"), INSN("\xf3\xaf"), INSN("\xf3\xac"), INSN("\xf3\x67\xa4"), INSN("\xf3\x67\xa6"),
#undef INSN
};

static uint32_t draw(uint64_t *seed, uint32_t n)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t) (*seed >> 33) % n;
}

static void set_up(struct cpu_rig *r, unsigned op, uint64_t seed)
{
    bool down;

    cpu_rig_reset(r);
    cpu_rig_protected(r, 0);
    for (uint32_t i = 0; i < AREA_BYTES; i++) /* mostly alike, so that comparisons last */
        r->ram.host[AREA + i] = draw(&seed, 40) == 0 ? (uint8_t) draw(&seed, 3) : 7;
    down = draw(&seed, 2);
    r->cpu->eflags = 2 | (down ? FLAG_DF : 0);
    r->cpu->gpr[EAX] = 0x07070707;
    r->cpu->gpr[ECX] = draw(&seed, 700);
    r->cpu->gpr[ESI] = AREA + PAGE_SIZE - 60 + draw(&seed, 120);
    r->cpu->gpr[EDI] = draw(&seed, 3) != 0 ? r->cpu->gpr[ESI] - 8 + draw(&seed, 17) : AREA + PAGE_SIZE + draw(&seed, 200);
    cpu_rig_code(r, AT_CODE, "\x8b\x15\x00\x10\x01\x00", 6); /* mov edx, [AT_PAGES + PAGE_SIZE] */
    cpu_rig_code(r, AT_CODE + 6, ops[op].bytes, ops[op].len);
    cpu_rig_code(r, AT_CODE + 6 + (uint32_t) ops[op].len, "\xf4", 1);
}

/* About the beginning or the end of a device's page, or in it. */
static uint32_t draw_place(uint64_t *seed)
{
    static const uint32_t from[] = { AT_MMIO - 40, AT_MMIO + PAGE_SIZE - 40, AT_MMIO + PAGE_SIZE, AT_MMIO + 800 };

    return from[draw(seed, ARRAY_LEN(from))] + draw(seed, 80);
}

/* Operands there; with paging or without. */
static void set_up_device(struct cpu_rig *r, uint64_t seed)
{
    uint32_t which = 1 + draw(&seed, 3);

    if (which & 1)
        r->cpu->gpr[EDI] = draw_place(&seed);
    if (which & 2)
        r->cpu->gpr[ESI] = draw(&seed, 2) ? draw_place(&seed) : r->cpu->gpr[EDI] + draw(&seed, 9);
    if (draw(&seed, 4) == 0)
        return;
    cpu_rig_paging(r);
    if (draw(&seed, 2))
        *cpu_rig_pte(r, AT_MMIO + PAGE_SIZE) = 0;
    if (draw(&seed, 3) == 0) /* memory that nobody has used yet */
        r->cpu->gpr[EDI] = AT_FRESH + draw(&seed, 80);
    if (draw(&seed, 3) == 0) /* what is copied is about where it goes: its marks are seen */
        r->cpu->gpr[ESI] = AT_PAGES + PAGE_SIZE + (r->cpu->gpr[EDI] >> PAGE_SHIFT) * 4 - draw(&seed, 3);
}

static void check_at_once(unsigned op, bool device)
{
    struct cpu_rig *many = cpu_rig_new(CPU_P2, 2 << 20), *single = cpu_rig_new(CPU_P2, 2 << 20);

    cpu_rig_devices(many);
    cpu_rig_devices(single);
    for (uint64_t seed = 1; seed <= DRAWS; seed++) {
        set_up(many, op, seed * 0x9e3779b97f4a7c15u);
        set_up(single, op, seed * 0x9e3779b97f4a7c15u);
        if (device) {
            set_up_device(many, seed * 0x9e3779b97f4a7c15u);
            set_up_device(single, seed * 0x9e3779b97f4a7c15u);
        }
        single->cpu->dr[0] = AT_HANDLERS; /* a breakpoint that is never met: one iteration at a time */
        single->cpu->dr[7] |= 1;
        cpu_rig_run(many, 100000);
        cpu_rig_run(single, 100000);
        ck_assert_uint_eq(many->sched.ticks, single->sched.ticks);
        ck_assert_mem_eq(many->cpu->gpr, single->cpu->gpr, sizeof many->cpu->gpr);
        ck_assert_uint_eq(cpu_read_eflags(many->cpu), cpu_read_eflags(single->cpu));
        ck_assert_uint_eq(many->cpu->cr2, single->cpu->cr2);
        ck_assert_uint_eq(many->mmio_reads, single->mmio_reads);
        ck_assert_uint_eq(many->mmio_writes, single->mmio_writes);
        ck_assert_uint_eq(many->mmio_written, single->mmio_written);
        ck_assert_mem_eq(many->ram.host, single->ram.host, many->ram.size);
    }
    cpu_rig_free(many);
    cpu_rig_free(single);
}

START_TEST(all_at_once)
{
    check_at_once((unsigned) _i, false);
}
END_TEST

START_TEST(all_at_once_in_a_device)
{
    check_at_once((unsigned) _i, true);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("cpu/string");
    TCase *tc = tcase_create("string");

    tcase_add_loop_test(tc, all_at_once, 0, (int) ARRAY_LEN(ops));
    tcase_add_loop_test(tc, all_at_once_in_a_device, 0, (int) ARRAY_LEN(ops));
    suite_add_tcase(s, tc);
    return s;
}

/* The memory map of the board, and RAM as saved state. */
#include "config.h"

#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "board/memory.h"
#include "core/sched.h"

enum { MIB = 1 << 20, BIOS_SIZE = 64 * 1024, VGABIOS_SIZE = 41472 };

static const struct clock mhz1 = { .num = 1000000, .den = 1 };

/* One board's memory. */
struct bench {
    struct sched sched;
    struct bus *bus;
    struct state *state;
    struct memory mem;
    uint8_t bios[2 * BIOS_SIZE], vgabios[VGABIOS_SIZE];
};

static struct bench *bench_new(unsigned mib, size_t bios_len)
{
    struct bench *b = xcalloc(1, sizeof *b);
    struct rom_image bios = { b->bios, bios_len }, vgabios = { b->vgabios, VGABIOS_SIZE };
    struct err err;

    for (size_t i = 0; i < sizeof b->bios; i++)
        b->bios[i] = (uint8_t) (i >> 8 ^ i);
    memset(b->vgabios, 0x55, sizeof b->vgabios);
    sched_init(&b->sched, &mhz1);
    b->bus = bus_new();
    b->state = state_new(&b->sched);
    ck_assert_int_eq(memory_init(&b->mem, b->bus, mib, &bios, &vgabios, &err), 0);
    memory_register_state(&b->mem, b->state);
    return b;
}

static void bench_free(struct bench *b)
{
    memory_free(&b->mem);
    state_free(b->state);
    bus_free(b->bus);
    free(b);
}

START_TEST(ram_has_a_hole_for_adapters)
{
    static const struct {
        paddr addr;
        bool ram;
    } places[] = {
        { 0, true }, { 0x9fffc, true }, { 0xa0000, false }, { 0xbfffc, false }, { 0xd0000, false },
        { 0xefffc, false }, { 0x100000, true }, { 4 * MIB - 4, true }, { 4 * MIB, false },
        { 0xfffe0000, false },
    };
    struct bench *b = bench_new(4, BIOS_SIZE);

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        bus_write(b->bus, places[i].addr, 4, 0x12345678);
        ck_assert_msg(bus_read(b->bus, places[i].addr, 4) == (places[i].ram ? 0x12345678 : 0xffffffff),
                      "address %#x", places[i].addr);
    }
    bench_free(b);
}
END_TEST

START_TEST(one_mib_has_no_extended_memory)
{
    struct bench *b = bench_new(1, BIOS_SIZE);

    bus_write(b->bus, 0x9fff0, 2, 0xabcd);
    ck_assert_uint_eq(bus_read(b->bus, 0x9fff0, 2), 0xabcd);
    bus_write(b->bus, MIB, 1, 0);
    ck_assert_uint_eq(bus_read(b->bus, MIB, 1), 0xff);
    bench_free(b);
}
END_TEST

/* 386: the first fetch is at FFFFFFF0h; with A20 masked at FFEFFFF0h. */
START_TEST(bios_ends_at_each_top)
{
    static const paddr last[] = { 0xfffff, 0xffffffff, 0xffefffff };

    for (size_t len = BIOS_SIZE; len <= 2 * BIOS_SIZE; len += BIOS_SIZE) {
        struct bench *b = bench_new(2, len);

        for (size_t i = 0; i < sizeof last / sizeof last[0]; i++) {
            paddr first = (paddr) (last[i] - len + 1);

            ck_assert_uint_eq(bus_read(b->bus, last[i], 1), b->bios[len - 1]);
            ck_assert_uint_eq(bus_read(b->bus, first, 1), b->bios[0]);
            ck_assert_uint_eq(bus_read(b->bus, first - 1, 1), 0xff);
            bus_write(b->bus, last[i], 1, 0x77);
            ck_assert_uint_eq(bus_read(b->bus, last[i], 1), b->bios[len - 1]);
        }
        bench_free(b);
    }
}
END_TEST

START_TEST(vgabios_of_an_odd_size_is_padded)
{
    struct bench *b = bench_new(2, BIOS_SIZE);

    ck_assert_uint_eq(bus_read(b->bus, 0xc0000, 1), 0x55);
    ck_assert_uint_eq(bus_read(b->bus, 0xc0000 + VGABIOS_SIZE - 1, 1), 0x55);
    ck_assert_uint_eq(bus_read(b->bus, 0xc0000 + VGABIOS_SIZE, 1), 0xff);
    bench_free(b);
}
END_TEST

START_TEST(impossible_roms_are_refused)
{
    static uint8_t rom[129 * 1024];
    static const struct {
        size_t bios, vgabios;
    } sizes[] = { { 0, 0 }, { 65535, 0 }, { 96 * 1024, 0 }, { 65536, 128 * 1024 + 1 } };

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bus *bus = bus_new();
        struct rom_image bios = { rom, sizes[i].bios }, vgabios = { rom, sizes[i].vgabios };
        struct memory mem;
        struct err err = { "" };

        ck_assert_int_eq(memory_init(&mem, bus, 1, &bios, &vgabios, &err), -1);
        ck_assert_str_ne(err.msg, "");
        memory_free(&mem);
        bus_free(bus);
    }
}
END_TEST

/* Pages first and last, neighbours, one that is zero again. */
static void scribble(struct bench *b, unsigned seed)
{
    for (paddr addr = seed % 3 * 4096; addr < 0xa0000; addr += 4096 * (1 + (addr >> 12) % 5))
        bus_write(b->bus, addr + seed % 4000, 1, seed + 1);
    bus_write(b->bus, 2 * MIB - 4, 4, seed * 0x01010101);
    bus_write(b->bus, MIB + 0x5000, 4, seed);
    bus_write(b->bus, MIB + 0x5000, 4, 0);
}

START_TEST(ram_comes_back_as_it_was)
{
    struct bench *b = bench_new(2, BIOS_SIZE), *fresh = bench_new(2, BIOS_SIZE);
    struct state_mark *mark = state_mark_new();
    struct buf one = { 0 }, two = { 0 };
    struct err err;
    uint64_t hash;

    scribble(b, 7);
    hash = state_hash(b->state);
    ck_assert_uint_eq(state_describe(b->state, mark, &two), hash);
    state_mark_free(mark);
    two.len = 0;
    state_save(b->state, &one);
    scribble(b, 12);
    ck_assert_uint_ne(state_hash(b->state), hash);

    ck_assert_int_eq(state_load(b->state, one.data, one.len, &err), 0);
    ck_assert_uint_eq(state_hash(b->state), hash);
    ck_assert_int_eq(state_load(fresh->state, one.data, one.len, &err), 0);
    ck_assert_uint_eq(state_hash(fresh->state), hash);
    state_save(fresh->state, &two);
    ck_assert_uint_eq(one.len, two.len);
    ck_assert_mem_eq(one.data, two.data, one.len);
    buf_free(&one);
    buf_free(&two);
    bench_free(b);
    bench_free(fresh);
}
END_TEST

START_TEST(hash_does_not_depend_on_pages_read_or_cleared)
{
    struct bench *b = bench_new(2, BIOS_SIZE), *c = bench_new(2, BIOS_SIZE);

    scribble(b, 3);
    scribble(c, 3);
    for (paddr addr = MIB; addr < 2 * MIB; addr += 4096) {
        bus_read(c->bus, addr, 1);
        if (addr % 8192 == 0 && addr != MIB + 0x5000)
            bus_write(c->bus, addr, 1, 0);
    }
    ck_assert_uint_eq(state_hash(b->state), state_hash(c->state));
    bench_free(b);
    bench_free(c);
}
END_TEST

/* Whatever is cut off or overwritten in the saved bytes, nothing breaks. */
START_TEST(damaged_ram_is_refused_or_harmless)
{
    struct bench *b = bench_new(1, BIOS_SIZE);
    struct buf saved = { 0 };
    struct err err;
    uint64_t hash;

    scribble(b, 5);
    hash = state_hash(b->state);
    state_save(b->state, &saved);
    for (size_t len = 0; len < saved.len; len += len < 64 ? 1 : 1531) {
        ck_assert_int_eq(state_load(b->state, saved.data, len, &err), -1);
        ck_assert_uint_eq(state_hash(b->state), hash);
    }
    /* Name, version and length of the section; size of RAM, first run. */
    for (size_t at = 0; at < 4 + 4 + 8 + 4 + 8; at++) {
        saved.data[at] ^= 0xff;
        ck_assert_int_eq(state_load(b->state, saved.data, saved.len, &err), -1);
        ck_assert_uint_eq(state_hash(b->state), hash);
        saved.data[at] ^= 0xff;
    }
    buf_free(&saved);
    bench_free(b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("memory");
    TCase *tc = tcase_create("memory");

    tcase_add_test(tc, ram_has_a_hole_for_adapters);
    tcase_add_test(tc, one_mib_has_no_extended_memory);
    tcase_add_test(tc, bios_ends_at_each_top);
    tcase_add_test(tc, vgabios_of_an_odd_size_is_padded);
    tcase_add_test(tc, impossible_roms_are_refused);
    tcase_add_test(tc, ram_comes_back_as_it_was);
    tcase_add_test(tc, hash_does_not_depend_on_pages_read_or_cleared);
    tcase_add_test(tc, damaged_ram_is_refused_or_harmless);
    suite_add_tcase(s, tc);
    return s;
}

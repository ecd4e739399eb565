/* The bus: who answers, in which pieces, and what floats. */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "core/bus.h"

static struct bus *bus;
static char trace[256], name_a[] = "a", name_b[] = "b", name_z[] = "z";
static uint8_t ram[4 * PAGE_SIZE];

static void note(const char *what, unsigned where, unsigned val)
{
    size_t n = strlen(trace);

    snprintf(trace + n, sizeof trace - n, "%s%s%x:%x", n ? " " : "", what, where, val);
}

static uint8_t in8(void *opaque, uint16_t port)
{
    (void) opaque;
    return (uint8_t) port;
}

static void out8(void *opaque, uint16_t port, uint8_t val)
{
    note(opaque, port, val);
}

static uint16_t in16(void *opaque, uint16_t port)
{
    (void) opaque;
    return (uint16_t) (0x1600 | (port & 0xff));
}

static void out16(void *opaque, uint16_t port, uint16_t val)
{
    (void) opaque;
    note("w", port, val);
}

static uint32_t in32(void *opaque, uint16_t port)
{
    (void) opaque;
    return 0x32000000u | port;
}

static void out32(void *opaque, uint16_t port, uint32_t val)
{
    (void) opaque;
    note("d", port, val);
}

static uint32_t mmio_read(void *opaque, paddr addr, unsigned size)
{
    (void) opaque;
    note("r", addr, size);
    return 0xa5a5a5a5;
}

static void mmio_write(void *opaque, paddr addr, unsigned size, uint32_t val)
{
    (void) opaque;
    (void) size;
    note("m", addr, val);
}

static void written(void *opaque, paddr addr, unsigned len)
{
    (void) opaque;
    note("c", addr, len);
}

static const struct port_range narrow[] = { { .first = 0x100, .count = 8, .in = in8, .out = out8 } };
static const struct port_range wide[] = {
    { 0x200, 8, in8, out8, in16, out16, in32, out32 },
    { .first = 0x300, .count = 1 }, /* neither way */
    { .first = 0xfffe, .count = 2, .in = in8, .out = out8 },
};
static const struct mmio_ops mmio = { .read = mmio_read, .write = mmio_write };

static void setup(void)
{
    bus = bus_new();
    bus_set_isa_ticks(bus, 10);
    bus_map_ports(bus, narrow, 1, name_a);
    bus_map_ports(bus, wide, 3, name_b);
    bus_map_memory(bus, 0x1000, 3 * PAGE_SIZE, ram, 0);
    bus_map_memory(bus, 0x3000, PAGE_SIZE, ram + 2 * PAGE_SIZE, PAGE_ROM);
    bus_map_mmio(bus, 0x4000, PAGE_SIZE, &mmio, NULL);
    bus->listener = (struct bus_listener){ .written = written };
    memset(ram, 0, sizeof ram);
    trace[0] = '\0';
}

static void teardown(void)
{
    bus_free(bus);
}

static uint32_t in(uint16_t port, unsigned size, uint32_t want_ticks)
{
    uint32_t ticks = 0, val = bus_in(bus, port, size, &ticks);

    ck_assert_uint_eq(ticks, want_ticks);
    return val;
}

static const char *out(uint16_t port, unsigned size, uint32_t val)
{
    uint32_t ticks = 0;

    trace[0] = '\0';
    bus_out(bus, port, size, val, &ticks);
    return trace;
}

START_TEST(wide_reads_of_narrow_ports_are_split)
{
    ck_assert_uint_eq(in(0x100, 1, 10), 0x00);
    ck_assert_uint_eq(in(0x100, 2, 20), 0x0100);
    ck_assert_uint_eq(in(0x100, 4, 40), 0x03020100);
    ck_assert_uint_eq(in(0x106, 4, 40), 0xffff0706);
    ck_assert_uint_eq(in(0x300, 1, 10), 0xff);
    ck_assert_uint_eq(in(0x400, 4, 40), 0xffffffff);
}
END_TEST

START_TEST(wide_registers_take_aligned_accesses_inside_their_range)
{
    ck_assert_uint_eq(in(0x200, 2, 10), 0x1600);
    ck_assert_uint_eq(in(0x201, 2, 20), 0x0201);
    ck_assert_uint_eq(in(0x204, 4, 20), 0x32000204);
    ck_assert_uint_eq(in(0x202, 4, 20), 0x16041602);
    ck_assert_uint_eq(in(0x206, 4, 30), 0xffff1606);
    ck_assert_uint_eq(in(0x207, 2, 20), 0xff07);
    ck_assert_str_eq(out(0x204, 4, 0x12345678), "d204:12345678");
    ck_assert_str_eq(out(0x202, 4, 0x12345678), "w202:5678 w204:1234");
    ck_assert_str_eq(out(0x201, 2, 0x5678), "b201:78 b202:56");
    ck_assert_str_eq(out(0x100, 4, 0x12345678), "a100:78 a101:56 a102:34 a103:12");
    ck_assert_str_eq(out(0x300, 1, 1), "");
}
END_TEST

START_TEST(ports_wrap_at_64_kib)
{
    ck_assert_uint_eq(in(0xfffe, 4, 40), 0xfffffffe | 0xffff0000);
    ck_assert_uint_eq(in(0xffff, 2, 20), 0xffff);
    ck_assert_str_eq(out(0xffff, 4, 0x44332211), "bffff:11");
}
END_TEST

START_TEST(a_later_range_wins)
{
    static const struct port_range over[] = { { .first = 0x102, .count = 1, .out = out8 } };

    bus_map_ports(bus, over, 1, name_z);
    ck_assert_str_eq(out(0x101, 4, 0x04030201), "a101:1 z102:2 a103:3 a104:4");
    ck_assert_uint_eq(in(0x102, 1, 10), 0xff);
}
END_TEST

START_TEST(memory_of_each_kind)
{
    bus_write(bus, 0x1ffe, 4, 0x44332211);
    ck_assert_uint_eq(load_le32(ram + 0xffe), 0x44332211);
    ck_assert_uint_eq(bus_read(bus, 0x1ffd, 4), 0x33221100);
    bus_write(bus, 0x2ffe, 4, 0xddccbbaa); /* half RAM, half ROM */
    ck_assert_uint_eq(bus_read(bus, 0x2ffe, 4), 0x0000bbaa);
    ck_assert_uint_eq(bus_read(bus, 0x4010, 2), 0xa5a5a5a5);
    bus_write(bus, 0x4010, 1, 0x1ff); /* the device sees the byte alone */
    ck_assert_str_eq(trace, "r4010:2 m4010:ff");
    ck_assert_uint_eq(bus_read(bus, 0x8000, 1), 0xff);
    ck_assert_uint_eq(bus_read(bus, 0x8000, 2), 0xffff);
    ck_assert_uint_eq(bus_read(bus, 0xfffffffe, 4), 0xffffffff);
    bus_write(bus, 0xfffffffe, 4, 0);
}
END_TEST

START_TEST(stores_to_watched_pages_are_told)
{
    bus_page(bus, 0x1000)->cls |= PAGE_CODE;
    bus_write(bus, 0x1004, 4, 0x01020304);
    bus_write(bus, 0x1004, 4, 0x01020304); /* nothing changes */
    bus_write(bus, 0x1fff, 2, 0x1122);     /* the second byte is elsewhere */
    ck_assert_str_eq(trace, "c1004:4 c1fff:1");
    ck_assert_uint_eq(ram[0x1000], 0x11);
}
END_TEST

START_TEST(blocks_cross_all_kinds)
{
    static uint8_t buf[3 * PAGE_SIZE], back[3 * PAGE_SIZE];

    for (size_t i = 0; i < sizeof buf; i++)
        buf[i] = (uint8_t) (i * 31 + 1);
    bus_write_block(bus, 0x1800, buf, 2 * PAGE_SIZE);
    ck_assert_mem_eq(ram + 0x800, buf, 0x1800);
    ck_assert_uint_eq(ram[0x2000], 0); /* ROM */
    bus_read_block(bus, 0x0ff0, back, 0x820);
    ck_assert_uint_eq(back[15], 0xff);
    ck_assert_uint_eq(back[16], 0);
    ck_assert_mem_eq(back + 0x810, buf, 16);
    bus_write_block(bus, 0xfffffff0, buf, 32); /* wraps: nobody there */
    bus_page(bus, 0x1000)->cls |= PAGE_PT;
    bus_write_block(bus, 0x1000, (uint8_t[]){ 0, 7, 0 }, 3);
    ck_assert_str_eq(trace, "c1001:1");
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("bus");
    TCase *tc = tcase_create("bus");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, wide_reads_of_narrow_ports_are_split);
    tcase_add_test(tc, wide_registers_take_aligned_accesses_inside_their_range);
    tcase_add_test(tc, ports_wrap_at_64_kib);
    tcase_add_test(tc, a_later_range_wins);
    tcase_add_test(tc, memory_of_each_kind);
    tcase_add_test(tc, stores_to_watched_pages_are_told);
    tcase_add_test(tc, blocks_cross_all_kinds);
    suite_add_tcase(s, tc);
    return s;
}

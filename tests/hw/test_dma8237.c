/* 8237A pair. Section names are the Intel data sheet's. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "hw/dma8237.h"
#include "support/rig.h"

static struct rig *rig;
static struct dma *dma;

static void setup(void)
{
    struct dma_config cfg;

    rig = rig_new();
    cfg = (struct dma_config){ rig->bus, rig->state };
    dma = dma_new(&cfg);
    rig_out(rig, 0xd6, 0xc0); /* channel 4: cascade, open */
    rig_out(rig, 0xd4, 0x00);
    for (unsigned i = 0; i < RIG_RAM; i++)
        rig->ram.host[i] = (uint8_t) (i * 7 + (i >> 8));
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    dma_free(dma);
    rig_free(rig);
}

/* Channel 2 as a floppy driver programs it. */
static void program_2(uint8_t mode, uint8_t page, uint16_t addr, uint16_t count)
{
    rig_out(rig, 0x0a, 0x06);
    rig_out(rig, 0x0c, 0x00);
    rig_out(rig, 0x0b, mode | 2);
    rig_out(rig, 0x81, page);
    rig_out(rig, 0x04, (uint8_t) addr);
    rig_out(rig, 0x04, (uint8_t) (addr >> 8));
    rig_out(rig, 0x05, (uint8_t) count);
    rig_out(rig, 0x05, (uint8_t) (count >> 8));
    rig_out(rig, 0x0a, 0x02);
}

static uint16_t read_word(uint16_t port)
{
    uint16_t low;

    rig_out(rig, 0x0c, 0);
    low = rig_in(rig, port);
    return (uint16_t) (low | rig_in(rig, port) << 8);
}

START_TEST(fields_are_complete)
{
    char text[128];

    ck_assert_msg(state_fields_complete(dma_fields, text, sizeof text), "%s", text);
}
END_TEST

START_TEST(read_transfer_reaches_terminal_count)
{
    struct dma_line line = dma_connect(dma, 2);
    uint8_t buf[1024] = { 0 };
    bool tc = true;

    program_2(0x48, 0x03, 0x1234, 511);
    ck_assert_uint_eq(dma_read(&line, buf, 300, &tc), 300);
    ck_assert(!tc);
    ck_assert_uint_eq(read_word(0x05), 211);
    ck_assert_uint_eq(read_word(0x04), 0x1234 + 300);
    ck_assert_uint_eq(dma_read(&line, buf + 300, 700, &tc), 212);
    ck_assert(tc);
    ck_assert_mem_eq(buf, rig->ram.host + 0x31234, 512);
    ck_assert_uint_eq(read_word(0x05), 0xffff);
    ck_assert_uint_eq(dma_read(&line, buf, 1, &tc), 0); /* masked */
    ck_assert_uint_eq(rig_in(rig, 0x08), 0x04);
    ck_assert_uint_eq(rig_in(rig, 0x08), 0x00);
}
END_TEST

START_TEST(write_transfer_stays_in_its_page)
{
    struct dma_line line = dma_connect(dma, 2);
    uint8_t buf[32], was[16];
    bool tc;

    for (unsigned i = 0; i < 32; i++)
        buf[i] = (uint8_t) (0xa0 + i);
    memcpy(was, rig->ram.host + 0x50000, 16);
    program_2(0x44, 0x04, 0xfff0, 31);
    ck_assert_uint_eq(dma_write(&line, buf, 32, &tc), 32);
    ck_assert(tc);
    ck_assert_mem_eq(rig->ram.host + 0x4fff0, buf, 16);
    ck_assert_mem_eq(rig->ram.host + 0x40000, buf + 16, 16);
    ck_assert_mem_eq(rig->ram.host + 0x50000, was, 16);
}
END_TEST

START_TEST(decrement_moves_down)
{
    struct dma_line line = dma_connect(dma, 2);
    uint8_t buf[4] = { 1, 2, 3, 4 };
    bool tc;

    program_2(0x64, 0x02, 0x0001, 3);
    ck_assert_uint_eq(dma_write(&line, buf, 4, &tc), 4);
    ck_assert_uint_eq(rig->ram.host[0x20001], 1);
    ck_assert_uint_eq(rig->ram.host[0x20000], 2);
    ck_assert_uint_eq(rig->ram.host[0x2ffff], 3);
    ck_assert_uint_eq(rig->ram.host[0x2fffe], 4);
}
END_TEST

START_TEST(autoinitialise_starts_over)
{
    struct dma_line line = dma_connect(dma, 2);
    uint8_t buf[8];
    bool tc;

    program_2(0x58, 0x01, 0x0100, 3);
    ck_assert_uint_eq(dma_read(&line, buf, 8, &tc), 4);
    ck_assert(tc);
    ck_assert_uint_eq(read_word(0x05), 3);
    ck_assert_uint_eq(read_word(0x04), 0x0100);
    ck_assert_uint_eq(dma_read(&line, buf + 4, 4, &tc), 4);
    ck_assert_mem_eq(buf, buf + 4, 4);
}
END_TEST

START_TEST(verify_counts_and_moves_nothing)
{
    struct dma_line line = dma_connect(dma, 2);
    uint8_t buf[4] = { 1, 2, 3, 4 };
    uint8_t was = rig->ram.host[0x10000];
    bool tc;

    program_2(0x40, 0x01, 0x0000, 3);
    ck_assert_uint_eq(dma_write(&line, buf, 4, &tc), 4);
    ck_assert(tc);
    ck_assert_uint_eq(rig->ram.host[0x10000], was);
}
END_TEST

START_TEST(channel_5_moves_words)
{
    struct dma_line line = dma_connect(dma, 5);
    uint8_t buf[64];
    bool tc;

    rig_out(rig, 0xd8, 0);
    rig_out(rig, 0xd6, 0x49);
    rig_out(rig, 0x8b, 0x05); /* bit 0 is not used */
    rig_out(rig, 0xc4, 0x00);
    rig_out(rig, 0xc4, 0xff); /* word FF00h: byte 1FE00h of 128 KiB */
    rig_out(rig, 0xc6, 15);
    rig_out(rig, 0xc6, 0);
    rig_out(rig, 0xd4, 0x01);
    ck_assert_uint_eq(dma_read(&line, buf, 31, &tc), 30);
    ck_assert(!tc);
    ck_assert_uint_eq(dma_read(&line, buf + 30, 34, &tc), 2);
    ck_assert(tc);
    ck_assert_mem_eq(buf, rig->ram.host + 0x5fe00, 32);
}
END_TEST

/* Masked, disabled, wrong direction, no cascade: the device is not answered. */
START_TEST(closed_channels_take_nothing)
{
    struct dma_line line = dma_connect(dma, 2);
    uint8_t buf[4] = { 0 };
    bool tc;

    program_2(0x48, 0x01, 0, 3);
    ck_assert_uint_eq(dma_write(&line, buf, 4, &tc), 0);
    rig_out(rig, 0x08, 0x04);
    ck_assert_uint_eq(dma_read(&line, buf, 4, &tc), 0);
    rig_out(rig, 0x08, 0x00);
    rig_out(rig, 0xd4, 0x04);
    ck_assert_uint_eq(dma_read(&line, buf, 4, &tc), 0);
    rig_out(rig, 0xd4, 0x00);
    rig_out(rig, 0x0f, 0x0f);
    ck_assert_uint_eq(dma_read(&line, buf, 4, &tc), 0);
    rig_out(rig, 0x0e, 0x00);
    ck_assert_uint_eq(dma_read(&line, buf, 4, &tc), 4);
    rig_out(rig, 0x0d, 0x00);
    ck_assert_uint_eq(rig_in(rig, 0x0f), 0xff);
}
END_TEST

START_TEST(page_registers_read_back)
{
    for (uint16_t p = 0x80; p < 0x90; p++)
        rig_out(rig, p, (uint8_t) (p ^ 0x55));
    for (uint16_t p = 0x80; p < 0x90; p++)
        ck_assert_uint_eq(rig_in(rig, p), (uint8_t) (p ^ 0x55));
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("dma8237");
    TCase *tc = tcase_create("dma8237");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_are_complete);
    tcase_add_test(tc, read_transfer_reaches_terminal_count);
    tcase_add_test(tc, write_transfer_stays_in_its_page);
    tcase_add_test(tc, decrement_moves_down);
    tcase_add_test(tc, autoinitialise_starts_over);
    tcase_add_test(tc, verify_counts_and_moves_nothing);
    tcase_add_test(tc, channel_5_moves_words);
    tcase_add_test(tc, closed_channels_take_nothing);
    tcase_add_test(tc, page_registers_read_back);
    suite_add_tcase(s, tc);
    return s;
}

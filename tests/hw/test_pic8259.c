/* 8259A pair. Section names are the Intel data sheet's. */
#include "config.h"

#include "support/suite.h"

#include "hw/pic8259.h"
#include "support/rig.h"

enum { INTR = 0 };

static struct rig *rig;
static struct pic *pic;

static void init_chip(uint16_t port, uint8_t vector, uint8_t cascade, uint8_t icw4)
{
    rig_out(rig, port, 0x11);
    rig_out(rig, port + 1, vector);
    rig_out(rig, port + 1, cascade);
    rig_out(rig, port + 1, icw4);
    rig_out(rig, port + 1, 0);
}

static void setup(void)
{
    struct pic_config cfg;

    rig = rig_new();
    cfg = (struct pic_config){ rig->bus, rig->state, &rig->line[INTR], 2 };
    pic = pic_new(&cfg);
    init_chip(0x20, 0x08, 0x04, 0x01);
    init_chip(0xa0, 0x70, 0x02, 0x01);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    pic_free(pic);
    rig_free(rig);
}

static void raise_irq(unsigned n)
{
    pic_set_input(pic, n, 1);
}

static void pulse(unsigned n)
{
    pic_set_input(pic, n, 0);
    pic_set_input(pic, n, 1);
}

static uint8_t in_service(uint16_t port)
{
    rig_out(rig, port, 0x0b);
    return rig_in(rig, port);
}

static uint8_t requests(uint16_t port)
{
    rig_out(rig, port, 0x0a);
    return rig_in(rig, port);
}

START_TEST(fields_are_complete)
{
    char text[128];

    ck_assert_msg(state_fields_complete(pic_fields, text, sizeof text), "%s", text);
}
END_TEST

START_TEST(fully_nested_mode)
{
    raise_irq(3);
    ck_assert_int_eq(rig_irq(rig, INTR), 1);
    ck_assert_uint_eq(pic_ack(pic), 0x0b);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
    raise_irq(4);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
    raise_irq(1);
    ck_assert_uint_eq(pic_ack(pic), 0x09);
    ck_assert_uint_eq(in_service(0x20), 0x0a);
    ck_assert_uint_eq(requests(0x20), 0x10);
    rig_out(rig, 0x20, 0x20); /* non-specific: IRQ 1 */
    ck_assert_uint_eq(in_service(0x20), 0x08);
    rig_out(rig, 0x20, 0x63); /* specific: IRQ 3 */
    ck_assert_uint_eq(in_service(0x20), 0x00);
    ck_assert_uint_eq(pic_ack(pic), 0x0c);
}
END_TEST

START_TEST(slave_passes_through_the_cascade)
{
    raise_irq(14);
    raise_irq(8);
    ck_assert_uint_eq(pic_ack(pic), 0x70);
    ck_assert_uint_eq(in_service(0x20), 0x04);
    ck_assert_uint_eq(in_service(0xa0), 0x01);
    rig_out(rig, 0xa0, 0x20);
    ck_assert_int_eq(rig_irq(rig, INTR), 0); /* the master has IR2 in service */
    rig_out(rig, 0x20, 0x20);
    ck_assert_uint_eq(pic_ack(pic), 0x76);
}
END_TEST

START_TEST(special_fully_nested_mode_lets_the_slave_nest)
{
    init_chip(0x20, 0x08, 0x04, 0x11);
    raise_irq(14);
    ck_assert_uint_eq(pic_ack(pic), 0x76);
    raise_irq(9);
    ck_assert_int_eq(rig_irq(rig, INTR), 1);
    ck_assert_uint_eq(pic_ack(pic), 0x71);
    raise_irq(15);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
}
END_TEST

START_TEST(edge_mode_wants_a_new_edge)
{
    raise_irq(5);
    ck_assert_uint_eq(pic_ack(pic), 0x0d);
    rig_out(rig, 0x20, 0x20);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
    pulse(5);
    ck_assert_int_eq(rig_irq(rig, INTR), 1);
}
END_TEST

/* Data sheet, "ICW1": the edge sense circuit is reset. */
START_TEST(initialisation_forgets_a_high_input)
{
    raise_irq(5);
    init_chip(0x20, 0x08, 0x04, 0x01);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
    pulse(5);
    ck_assert_uint_eq(pic_ack(pic), 0x0d);
}
END_TEST

START_TEST(level_mode_repeats_until_the_input_falls)
{
    rig_out(rig, 0x4d1, 0xff);
    ck_assert_uint_eq(rig_in(rig, 0x4d1), 0xde);
    raise_irq(11);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(pic_ack(pic), 0x73);
        rig_out(rig, 0xa0, 0x20);
        rig_out(rig, 0x20, 0x20);
        ck_assert_int_eq(rig_irq(rig, INTR), 1);
    }
    pic_set_input(pic, 11, 0);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
}
END_TEST

START_TEST(withdrawn_requests_are_spurious)
{
    raise_irq(3);
    pic_set_input(pic, 3, 0);
    ck_assert_uint_eq(pic_ack(pic), 0x0f);
    ck_assert_uint_eq(in_service(0x20), 0);
}
END_TEST

START_TEST(mask_hides_and_keeps_the_request)
{
    rig_out(rig, 0x21, 0x20);
    ck_assert(!pic_unmasked(pic, 5));
    raise_irq(5);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
    ck_assert_uint_eq(requests(0x20), 0x20);
    rig_out(rig, 0x21, 0);
    ck_assert_uint_eq(pic_ack(pic), 0x0d);
}
END_TEST

START_TEST(special_mask_mode_opens_lower_levels)
{
    raise_irq(1);
    ck_assert_uint_eq(pic_ack(pic), 0x09);
    raise_irq(6);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
    rig_out(rig, 0x21, 0x02);
    rig_out(rig, 0x20, 0x68);
    ck_assert_int_eq(rig_irq(rig, INTR), 1);
    ck_assert_uint_eq(pic_ack(pic), 0x0e);
    rig_out(rig, 0x20, 0x20); /* does not touch the masked level 1 */
    ck_assert_uint_eq(in_service(0x20), 0x02);
    rig_out(rig, 0x20, 0x48);
    ck_assert_uint_eq(in_service(0x20), 0x02);
}
END_TEST

START_TEST(rotation_on_eoi)
{
    raise_irq(4);
    raise_irq(6);
    ck_assert_uint_eq(pic_ack(pic), 0x0c);
    rig_out(rig, 0x20, 0xa0); /* 4 becomes the lowest */
    raise_irq(0);
    raise_irq(3);
    pulse(4);
    ck_assert_uint_eq(pic_ack(pic), 0x0e);
    rig_out(rig, 0x20, 0xe6); /* rotate on specific EOI */
    ck_assert_uint_eq(pic_ack(pic), 0x08);
    rig_out(rig, 0x20, 0x20);
    rig_out(rig, 0x20, 0xc3); /* set priority: 3 lowest, 4 highest */
    ck_assert_uint_eq(pic_ack(pic), 0x0c);
}
END_TEST

START_TEST(automatic_eoi_with_rotation)
{
    init_chip(0x20, 0x08, 0x04, 0x03);
    rig_out(rig, 0x20, 0x80);
    raise_irq(3);
    raise_irq(5);
    ck_assert_uint_eq(pic_ack(pic), 0x0b);
    ck_assert_uint_eq(in_service(0x20), 0);
    pulse(3);
    ck_assert_uint_eq(pic_ack(pic), 0x0d);
    ck_assert_uint_eq(pic_ack(pic), 0x0b);
}
END_TEST

START_TEST(poll_is_an_acknowledge)
{
    rig_out(rig, 0x20, 0x0c);
    ck_assert_uint_eq(rig_in(rig, 0x20), 0);
    raise_irq(12);
    rig_out(rig, 0x20, 0x0c);
    ck_assert_uint_eq(rig_in(rig, 0x20), 0x82);
    rig_out(rig, 0xa0, 0x0c);
    ck_assert_uint_eq(rig_in(rig, 0xa0), 0x84);
    ck_assert_uint_eq(in_service(0xa0), 0x10);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
}
END_TEST

START_TEST(silent_until_initialised)
{
    pic_reset(pic);
    raise_irq(1);
    ck_assert_int_eq(rig_irq(rig, INTR), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("pic8259");
    TCase *tc = tcase_create("pic8259");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_are_complete);
    tcase_add_test(tc, fully_nested_mode);
    tcase_add_test(tc, slave_passes_through_the_cascade);
    tcase_add_test(tc, special_fully_nested_mode_lets_the_slave_nest);
    tcase_add_test(tc, edge_mode_wants_a_new_edge);
    tcase_add_test(tc, initialisation_forgets_a_high_input);
    tcase_add_test(tc, level_mode_repeats_until_the_input_falls);
    tcase_add_test(tc, withdrawn_requests_are_spurious);
    tcase_add_test(tc, mask_hides_and_keeps_the_request);
    tcase_add_test(tc, special_mask_mode_opens_lower_levels);
    tcase_add_test(tc, rotation_on_eoi);
    tcase_add_test(tc, automatic_eoi_with_rotation);
    tcase_add_test(tc, poll_is_an_acknowledge);
    tcase_add_test(tc, silent_until_initialised);
    suite_add_tcase(s, tc);
    return s;
}

/* VGA registers, DAC, timings and interrupt, from a guest's view. */
#include "config.h"

#include "support/suite.h"
#include "vga_guest.h"

#include "base/bits.h"

static struct vga_guest g;

static void setup(void)
{
    vga_guest_open(&g);
    vga_guest_set_mode(&g, MODE_03);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(g.rig));
    vga_guest_close(&g);
}

START_TEST(every_saved_byte_is_in_the_table_once)
{
    char text[128];

    ck_assert_msg(state_fields_complete(vga_fields, text, sizeof text), "%s", text);
}
END_TEST

/* "General Registers": bit 0 of miscellaneous output moves the CRTC. */
START_TEST(misc_output_selects_mono_or_colour_addresses)
{
    rig_out(g.rig, 0x3d4, 0x0f);
    ck_assert_uint_eq(rig_in(g.rig, 0x3d4), 0x0f);
    ck_assert_uint_eq(rig_in(g.rig, 0x3b4), 0xff);
    ck_assert_uint_eq(rig_in(g.rig, 0x3ba), 0xff);
    rig_out(g.rig, 0x3b4, 0x01); /* not decoded */
    rig_out(g.rig, 0x3c2, 0x66);
    ck_assert_uint_eq(rig_in(g.rig, 0x3cc), 0x66);
    ck_assert_uint_eq(rig_in(g.rig, 0x3d4), 0xff);
    ck_assert_uint_eq(rig_in(g.rig, 0x3b4), 0x0f);
    ck_assert_uint_ne(rig_in(g.rig, 0x3ba), 0xff);
}
END_TEST

/* 3BCh belongs to a printer port. */
START_TEST(ports_of_others_are_left_alone)
{
    static const uint16_t ports[] = { 0x3b0, 0x3b8, 0x3bb, 0x3bc, 0x3bd, 0x3bf, 0x3d0, 0x3d8, 0x3d9 };

    for (unsigned i = 0; i < ARRAY_LEN(ports); i++)
        ck_assert_uint_eq(rig_in(g.rig, ports[i]), 0xff);
}
END_TEST

static const struct {
    uint16_t port;
    uint8_t index, mask;
} readback[] = {
    { 0x3c4, 0, 0x03 }, { 0x3c4, 1, 0x3d }, { 0x3c4, 2, 0x0f }, { 0x3c4, 3, 0x3f },
    { 0x3c4, 4, 0x0e }, { 0x3ce, 0, 0x0f }, { 0x3ce, 1, 0x0f }, { 0x3ce, 2, 0x0f },
    { 0x3ce, 3, 0x1f }, { 0x3ce, 4, 0x03 }, { 0x3ce, 5, 0x7b }, { 0x3ce, 6, 0x0f },
    { 0x3ce, 7, 0x0f }, { 0x3ce, 8, 0xff }, { 0x3d4, 0x08, 0x7f }, { 0x3d4, 0x09, 0xff },
    { 0x3d4, 0x0a, 0x3f }, { 0x3d4, 0x0b, 0x7f }, { 0x3d4, 0x0c, 0xff }, { 0x3d4, 0x0f, 0xff },
    { 0x3d4, 0x13, 0xff }, { 0x3d4, 0x14, 0x7f }, { 0x3d4, 0x17, 0xef }, { 0x3d4, 0x18, 0xff },
};

START_TEST(registers_read_back_what_they_hold)
{
    for (unsigned i = 0; i < ARRAY_LEN(readback); i++) {
        static const uint8_t patterns[] = { 0xff, 0x00, 0x55, 0xaa };

        for (unsigned p = 0; p < ARRAY_LEN(patterns); p++) {
            vga_guest_indexed(&g, readback[i].port, readback[i].index, patterns[p]);
            ck_assert_uint_eq(vga_guest_read_indexed(&g, readback[i].port, readback[i].index),
                              patterns[p] & readback[i].mask);
        }
    }
}
END_TEST

/* "Vertical Retrace End Register", bit 7; line compare bit 8 stays open. */
START_TEST(protection_keeps_the_timings)
{
    uint8_t overflow = vga_guest_read_indexed(&g, 0x3d4, 7);

    ck_assert_uint_eq(overflow, 0x1f);
    vga_guest_indexed(&g, 0x3d4, 0, 0x12);
    vga_guest_indexed(&g, 0x3d4, 7, 0xe0);
    ck_assert_uint_eq(vga_guest_read_indexed(&g, 0x3d4, 0), 0x5f);
    ck_assert_uint_eq(vga_guest_read_indexed(&g, 0x3d4, 7), 0x0f);
    vga_guest_indexed(&g, 0x3d4, 0x11, 0x0e);
    vga_guest_indexed(&g, 0x3d4, 0, 0x60);
    ck_assert_uint_eq(vga_guest_read_indexed(&g, 0x3d4, 0), 0x60);
}
END_TEST

/* "Attribute Controller Registers": one port, index and data in turn. */
START_TEST(attribute_port_alternates)
{
    rig_in(g.rig, 0x3da);
    rig_out(g.rig, 0x3c0, 0x31);
    ck_assert_uint_eq(vga_guest_read_indexed(&g, 0x3d4, 0x24), 0x80 | 0x31);
    rig_out(g.rig, 0x3c0, 0x2a);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c0), 0x31);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c1), 0x2a);
    rig_out(g.rig, 0x3c0, 0x32); /* an index again */
    ck_assert_uint_eq(rig_in(g.rig, 0x3c1), 0x0f);
    rig_in(g.rig, 0x3da);
    rig_out(g.rig, 0x3c0, 0x34); /* and again, after the reset */
    ck_assert_uint_eq(rig_in(g.rig, 0x3c0), 0x34);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c1), 0x00);
}
END_TEST

/* Inmos IMSG171: three writes load a colour, three reads give it. */
START_TEST(dac_steps_through_components)
{
    rig_out(g.rig, 0x3c8, 254);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c7), 0);
    for (unsigned i = 0; i < 9; i++)
        rig_out(g.rig, 0x3c9, (uint8_t) (0xc1 + i)); /* only six bits */
    ck_assert_uint_eq(rig_in(g.rig, 0x3c8), 1);
    rig_out(g.rig, 0x3c7, 254);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c7), 3);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c8), 255);
    for (unsigned i = 0; i < 9; i++)
        ck_assert_uint_eq(rig_in(g.rig, 0x3c9), 1 + i);
    rig_out(g.rig, 0x3c6, 0x0f);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c6), 0x0f);
}
END_TEST

/* A colour that was begun and not finished leaves the table alone. */
START_TEST(dac_loads_whole_colours)
{
    vga_guest_colour(&g, 9, 1, 2, 3);
    rig_out(g.rig, 0x3c8, 9);
    rig_out(g.rig, 0x3c9, 60);
    rig_out(g.rig, 0x3c9, 61);
    rig_out(g.rig, 0x3c7, 9);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c9), 1);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c9), 2);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c9), 3);
}
END_TEST

/* "Video Subsystem Enable": a disabled adapter answers only at 3C3h. */
START_TEST(video_subsystem_enable)
{
    vga_guest_poke(&g, 0xb8000, 0x41);
    rig_out(g.rig, 0x3c3, 0);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c3), 0);
    ck_assert_uint_eq(rig_in(g.rig, 0x3cc), 0xff);
    ck_assert_uint_eq(vga_guest_peek(&g, 0xb8000), 0xff);
    rig_out(g.rig, 0x3c3, 1);
    ck_assert_uint_eq(rig_in(g.rig, 0x3cc), 0x67);
    ck_assert_uint_eq(vga_guest_peek(&g, 0xb8000), 0x41);
}
END_TEST

/* Nanoseconds until status bit `bit` is `level`, in steps of 100 ns. */
static unsigned wait_status(uint8_t bit, int level)
{
    unsigned ns = 0;

    while (((rig_in(g.rig, 0x3da) & bit) != 0) != level && ns < 100000000) {
        rig_run(g.rig, 100);
        ns += 100;
    }
    return ns;
}

static void assert_near(unsigned ns, unsigned want)
{
    ck_assert_uint_ge(ns, want - 200);
    ck_assert_uint_le(ns, want + 200);
}

/* Scan lines of 800 dots at 25.175 MHz: 31.778 us each, 449 a frame: 70.09 Hz. */
static unsigned lines_ns(unsigned lines)
{
    return (unsigned) (lines * UINT64_C(800000000000) / 25175000);
}

START_TEST(retrace_and_blanking_follow_the_timings)
{
    vga_guest_set_mode(&g, MODE_13);
    wait_status(8, 1);
    assert_near(wait_status(8, 0), lines_ns(2));
    assert_near(wait_status(8, 1), lines_ns(447));
    /* 37 lines after retrace starts, the display area begins. */
    assert_near(wait_status(1, 0), lines_ns(37));
    assert_near(wait_status(1, 1), 25422); /* 640 dots */
    assert_near(wait_status(1, 0), 6355);  /* 160 dots */
}
END_TEST

/* 28.322 MHz and nine dots: 900 dots a line, 31.777 us. */
START_TEST(text_mode_has_the_same_line_rate)
{
    wait_status(8, 1);
    wait_status(8, 0);
    assert_near(wait_status(8, 1), 447 * 31777);
}
END_TEST

START_TEST(mode_12_has_525_lines)
{
    vga_guest_set_mode(&g, MODE_12);
    wait_status(8, 1);
    wait_status(8, 0);
    assert_near(wait_status(8, 1), lines_ns(523)); /* 59.94 Hz */
}
END_TEST

/* What a window waits for: the time told is the one at which the bit rises. */
START_TEST(next_retrace_is_told)
{
    const struct video_source *video = vga_video(g.vga);
    vtime at;

    vga_guest_set_mode(&g, MODE_13);
    at = video->retrace(video->opaque);
    rig_run(g.rig, at - sched_now(&g.rig->sched) - 100);
    ck_assert_uint_eq(rig_in(g.rig, 0x3da) & 8, 0);
    rig_run(g.rig, 200);
    ck_assert_uint_eq(rig_in(g.rig, 0x3da) & 8, 8);
    at = video->retrace(video->opaque) - at; /* 449 lines: 14268123.1 ns */
    ck_assert_uint_ge(at, 14268123);
    ck_assert_uint_le(at, 14268124);
}
END_TEST

/* Nothing drifts: the 700th frame starts where the sum says. */
START_TEST(frames_do_not_drift)
{
    vga_guest_set_mode(&g, MODE_13);
    wait_status(8, 1);
    /* 70000 frames of 800 x 449 dots; rounded ones would come 9 us short. */
    rig_run(g.rig, UINT64_C(998768619662) - 200);
    ck_assert_uint_eq(rig_in(g.rig, 0x3da) & 8, 0);
    ck_assert_uint_le(wait_status(8, 1), 300);
}
END_TEST

/* A change of timings leaves the beam where it is. */
START_TEST(the_beam_stays_at_a_change_of_timings)
{
    vga_guest_set_mode(&g, MODE_13);
    wait_status(8, 1);
    wait_status(1, 0);
    rig_run(g.rig, lines_ns(100));
    rig_out(g.rig, 0x3c2, 0x67); /* 28.322 MHz */
    assert_near(wait_status(8, 1), (unsigned) (lines_ns(312) * UINT64_C(25175) / 28322));
}
END_TEST

/* "Vertical Retrace End Register", bits 4 and 5. */
START_TEST(vertical_interrupt)
{
    unsigned edges = g.rig->edges[VGA_GUEST_IRQ];

    vga_guest_indexed(&g, 0x3d4, 0x11, 0x1e); /* enabled, not cleared */
    rig_run(g.rig, 15000000);
    ck_assert_int_eq(rig_irq(g.rig, VGA_GUEST_IRQ), 1);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c2) & 0x80, 0x80);
    rig_run(g.rig, 30000000);
    ck_assert_uint_eq(g.rig->edges[VGA_GUEST_IRQ], edges + 1); /* held until cleared */
    ck_assert_ptr_null(rig_roundtrip(g.rig));
    vga_guest_indexed(&g, 0x3d4, 0x11, 0x0e);
    ck_assert_int_eq(rig_irq(g.rig, VGA_GUEST_IRQ), 0);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c2) & 0x80, 0);
    rig_run(g.rig, 30000000);
    ck_assert_int_eq(rig_irq(g.rig, VGA_GUEST_IRQ), 0);
    for (unsigned i = 0; i < 10; i++) {
        vga_guest_indexed(&g, 0x3d4, 0x11, 0x1e);
        wait_status(8, 0);
        wait_status(8, 1);
        ck_assert_int_eq(rig_irq(g.rig, VGA_GUEST_IRQ), 1);
        vga_guest_indexed(&g, 0x3d4, 0x11, 0x0e);
    }
    ck_assert_uint_eq(g.rig->edges[VGA_GUEST_IRQ], edges + 11);
}
END_TEST

/* The latch is set with the line disabled too; enabling then raises it. */
START_TEST(vertical_interrupt_polled)
{
    vga_guest_indexed(&g, 0x3d4, 0x11, 0x2e);
    vga_guest_indexed(&g, 0x3d4, 0x11, 0x3e);
    rig_run(g.rig, 15000000);
    ck_assert_int_eq(rig_irq(g.rig, VGA_GUEST_IRQ), 0);
    ck_assert_uint_eq(rig_in(g.rig, 0x3c2) & 0x80, 0x80);
    vga_guest_indexed(&g, 0x3d4, 0x11, 0x1e);
    ck_assert_int_eq(rig_irq(g.rig, VGA_GUEST_IRQ), 1);
    vga_reset(g.vga);
    ck_assert_int_eq(rig_irq(g.rig, VGA_GUEST_IRQ), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("vga");
    TCase *tc = tcase_create("vga");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, every_saved_byte_is_in_the_table_once);
    tcase_add_test(tc, misc_output_selects_mono_or_colour_addresses);
    tcase_add_test(tc, ports_of_others_are_left_alone);
    tcase_add_test(tc, registers_read_back_what_they_hold);
    tcase_add_test(tc, protection_keeps_the_timings);
    tcase_add_test(tc, attribute_port_alternates);
    tcase_add_test(tc, dac_steps_through_components);
    tcase_add_test(tc, dac_loads_whole_colours);
    tcase_add_test(tc, video_subsystem_enable);
    tcase_add_test(tc, retrace_and_blanking_follow_the_timings);
    tcase_add_test(tc, text_mode_has_the_same_line_rate);
    tcase_add_test(tc, mode_12_has_525_lines);
    tcase_add_test(tc, frames_do_not_drift);
    tcase_add_test(tc, next_retrace_is_told);
    tcase_add_test(tc, the_beam_stays_at_a_change_of_timings);
    tcase_add_test(tc, vertical_interrupt);
    tcase_add_test(tc, vertical_interrupt_polled);
    suite_add_tcase(s, tc);
    return s;
}

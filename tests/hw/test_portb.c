/* Ports 61h and 92h with a timer behind the former. */
#include "config.h"

#include "support/suite.h"

#include "hw/pit8254.h"
#include "hw/port92.h"
#include "hw/portb.h"
#include "support/rig.h"

enum { OUT0, OUT2, GATE2, LISTEN, A20, RESET };

static struct rig *rig;
static struct pit *pit;
static struct portb *portb;
static struct port92 *port92;
static struct audio_sink sink;
static unsigned changes;
static vtime last_change, gap;
static int16_t level;

static void heard(void *opaque, enum audio_source src, vtime at, int16_t left, int16_t right)
{
    (void) opaque;
    ck_assert_int_eq(src, AUDIO_SPEAKER);
    ck_assert_int_eq(left, right);
    ck_assert_int_ne(left, level);
    gap = at - last_change;
    last_change = at;
    level = left;
    changes++;
}

static void wire(unsigned n, void (*changed)(void *, unsigned, int), void *opaque, unsigned input)
{
    rig->line[n].changed = changed;
    rig->line[n].opaque = opaque;
    rig->line[n].input = input;
}

static void setup(void)
{
    struct pit_config tc;
    struct portb_config bc;
    struct port92_config pc;

    rig = rig_new();
    changes = 0;
    level = 0;
    last_change = 0;
    sink = (struct audio_sink){ heard, NULL };
    tc = (struct pit_config){ &rig->sched, rig->bus, rig->state, { &rig->line[OUT0], NULL, &rig->line[OUT2] } };
    pit = pit_new(&tc);
    bc = (struct portb_config){ &rig->sched, rig->bus, rig->state, &rig->line[GATE2], &rig->line[LISTEN],
                                { pit_out, pit_rises, pit }, &sink };
    portb = portb_new(&bc);
    wire(OUT2, portb_set_out2, portb, 0);
    wire(GATE2, pit_set_gate, pit, 2);
    wire(LISTEN, pit_listen, pit, 2);
    pc = (struct port92_config){ rig->bus, rig->state, &rig->line[A20], &rig->line[RESET] };
    port92 = port92_new(&pc);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    port92_free(port92);
    portb_free(portb);
    pit_free(pit);
    rig_free(rig);
}

START_TEST(fields_are_complete)
{
    char text[128];

    ck_assert_msg(state_fields_complete(portb_fields, text, sizeof text), "%s", text);
    ck_assert_msg(state_fields_complete(port92_fields, text, sizeof text), "%s", text);
}
END_TEST

/* 18 ticks of 838 ns a change. */
START_TEST(refresh_bit_toggles)
{
    uint8_t last = rig_in(rig, 0x61) & 0x10;
    unsigned toggles = 0;

    for (int i = 0; i < 15085; i++) {
        uint8_t now;

        rig_run(rig, 1000);
        now = rig_in(rig, 0x61) & 0x10;
        toggles += now != last;
        last = now;
    }
    ck_assert_uint_ge(toggles, 999);
    ck_assert_uint_le(toggles, 1001);
}
END_TEST

START_TEST(gate_and_out2_are_visible)
{
    rig_out(rig, 0x61, 0x01);
    rig_out(rig, 0x43, 0xb0);
    rig_out(rig, 0x42, 100);
    rig_out(rig, 0x42, 0);
    ck_assert_uint_eq(rig_in(rig, 0x61) & 0x2f, 0x01);
    rig_run(rig, 90000);
    ck_assert_uint_eq(rig_in(rig, 0x61) & 0x2f, 0x21);
    rig_out(rig, 0x61, 0xfc);
    ck_assert_uint_eq(rig_in(rig, 0x61) & 0xcf, 0x0c);
}
END_TEST

START_TEST(a_tone_is_heard_with_its_period)
{
    rig_out(rig, 0x43, 0xb6);
    rig_out(rig, 0x42, 0xa9); /* 1193: 1000 Hz */
    rig_out(rig, 0x42, 0x04);
    rig_out(rig, 0x61, 0x03);
    rig_run(rig, 100000000);
    ck_assert_uint_ge(changes, 199);
    ck_assert_uint_le(changes, 202);
    ck_assert_uint_ge(gap, 499000);
    ck_assert_uint_le(gap, 501000);
    rig_out(rig, 0x61, 0x00);
    ck_assert_int_eq(level, 0);
    changes = 0;
    rig_run(rig, 100000000);
    ck_assert_uint_eq(changes, 0);
}
END_TEST

/* With the gate low OUT2 of mode 3 is high: bit 1 is the speaker itself. */
START_TEST(speaker_bit_makes_clicks)
{
    rig_out(rig, 0x43, 0xb6);
    rig_out(rig, 0x42, 0xff);
    rig_out(rig, 0x42, 0xff);
    for (int i = 0; i < 10; i++) {
        rig_out(rig, 0x61, i & 1 ? 0 : 2);
        rig_run(rig, 1000000);
        ck_assert_uint_eq(changes, (unsigned) i + 1);
    }
}
END_TEST

START_TEST(port_92_opens_a20_and_resets)
{
    ck_assert_int_eq(rig_irq(rig, A20), 0);
    rig_out(rig, 0x92, 0x02);
    ck_assert_int_eq(rig_irq(rig, A20), 1);
    ck_assert_uint_eq(rig_in(rig, 0x92), 0x02);
    ck_assert_uint_eq(rig->edges[RESET], 0);
    rig_out(rig, 0x92, 0x03);
    ck_assert_uint_eq(rig->edges[RESET], 1);
    rig_out(rig, 0x92, 0x03); /* no new edge */
    ck_assert_uint_eq(rig->edges[RESET], 1);
    rig_out(rig, 0x92, 0x00);
    ck_assert_int_eq(rig_irq(rig, A20), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("portb");
    TCase *tc = tcase_create("portb");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_are_complete);
    tcase_add_test(tc, refresh_bit_toggles);
    tcase_add_test(tc, gate_and_out2_are_visible);
    tcase_add_test(tc, a_tone_is_heard_with_its_period);
    tcase_add_test(tc, speaker_bit_makes_clicks);
    tcase_add_test(tc, port_92_opens_a20_and_resets);
    suite_add_tcase(s, tc);
    return s;
}

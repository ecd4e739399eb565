/* The controller with keyboard and mouse, as a driver uses it. */
#include "config.h"

#include "support/suite.h"

#include "hw/kbc8042.h"
#include "hw/ps2_keyboard.h"
#include "hw/ps2_mouse.h"
#include "support/rig.h"

enum { IRQ_KBD = 1, IRQ_AUX = 12, A20 = 16, RESET = 17 };

static struct rig *rig;
static struct ps2_wire wire[2];
static struct kbc *kbc;
static struct ps2_keyboard *kbd;
static struct ps2_mouse *mouse;

static void setup_with(bool aux)
{
    struct kbc_config cfg;
    struct ps2_keyboard_config kc;
    struct ps2_mouse_config mc;

    rig = rig_new();
    wire[0] = wire[1] = (struct ps2_wire){ 0 };
    cfg = (struct kbc_config){
        .sched = &rig->sched, .bus = rig->bus, .state = rig->state,
        .irq_kbd = &rig->line[IRQ_KBD], .irq_aux = &rig->line[IRQ_AUX],
        .a20 = &rig->line[A20], .reset = &rig->line[RESET],
        .kbd = &wire[0], .aux = &wire[1],
    };
    kbc = kbc_new(&cfg);
    kc = (struct ps2_keyboard_config){ &rig->sched, rig->state, rig->journal, &wire[0] };
    kbd = ps2_keyboard_new(&kc);
    mc = (struct ps2_mouse_config){ &rig->sched, rig->state, rig->journal, &wire[1] };
    mouse = aux ? ps2_mouse_new(&mc) : NULL;
}

static void setup(void)
{
    setup_with(true);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    ps2_mouse_free(mouse);
    ps2_keyboard_free(kbd);
    kbc_free(kbc);
    rig_free(rig);
}

static uint8_t status(void)
{
    return rig_in(rig, 0x64);
}

/* Write and wait as drivers do: input buffer free, then output buffer full. */
static void send(uint16_t port, uint8_t val)
{
    for (int i = 0; i < 1000 && (status() & 2); i++)
        rig_run(rig, 10000);
    ck_assert_uint_eq(status() & 2, 0);
    rig_out(rig, port, val);
}

static int receive(void)
{
    for (int i = 0; i < 1000; i++) {
        if (status() & 1)
            return rig_in(rig, 0x60);
        rig_run(rig, 10000);
    }
    return -1;
}

static void command_byte(uint8_t val)
{
    send(0x64, 0x60);
    send(0x60, val);
}

static int query(uint8_t cmd)
{
    send(0x64, cmd);
    return receive();
}

static void key(unsigned code, int down)
{
    int64_t args[2] = { code, down };

    journal_post(rig->journal, "kbd", "key", args, NULL, 0);
    rig_run(rig, 100);
}

START_TEST(fields_are_complete)
{
    char text[128];

    ck_assert_msg(state_fields_complete(kbc_fields, text, sizeof text), "%s", text);
}
END_TEST

/* What a BIOS does at power-on. */
START_TEST(power_on_sequence)
{
    ck_assert(!kbc_ready(kbc));
    ck_assert_int_eq(rig_irq(rig, A20), 1);
    ck_assert_uint_eq(status() & 0x05, 0);
    ck_assert_int_eq(query(0xaa), 0x55);
    ck_assert_uint_eq(status() & 0x04, 0x04);
    ck_assert_int_eq(query(0xab), 0x00);
    ck_assert_int_eq(query(0xa9), 0x00);
    send(0x64, 0xae);
    send(0x60, 0xff);
    ck_assert_int_eq(receive(), 0xfa);
    rig_run(rig, 50000000);
    ck_assert_int_eq(receive(), 0xaa);
    command_byte(0x61);
    ck_assert_int_eq(query(0x20), 0x61);
    ck_assert(kbc_ready(kbc));
    send(0x64, 0xad);
    ck_assert(!kbc_ready(kbc));
}
END_TEST

START_TEST(keys_interrupt_and_are_translated)
{
    command_byte(0x45);
    key(KEY_A, 1);
    rig_run(rig, 900000);
    ck_assert_int_eq(rig_irq(rig, IRQ_KBD), 0);
    rig_run(rig, 200000);
    ck_assert_int_eq(rig_irq(rig, IRQ_KBD), 1);
    ck_assert_uint_eq(status() & 0x21, 0x01);
    ck_assert_uint_eq(rig_in(rig, 0x60), 0x1e);
    ck_assert_int_eq(rig_irq(rig, IRQ_KBD), 0);
    ck_assert_uint_eq(rig_in(rig, 0x60), 0x1e); /* the buffer keeps its content */
    key(KEY_A, 0);
    ck_assert_int_eq(receive(), 0x9e);
    key(KEY_F1 + 6, 1);
    ck_assert_int_eq(receive(), 0x41);
    key(KEY_UP, 1);
    ck_assert_int_eq(receive(), 0xe0);
    ck_assert_int_eq(receive(), 0x48);
    key(KEY_UP, 0);
    ck_assert_int_eq(receive(), 0xe0);
    ck_assert_int_eq(receive(), 0xc8);
    key(KEY_PAUSE, 1);
    ck_assert_int_eq(receive(), 0xe1);
    ck_assert_int_eq(receive(), 0x1d);
    ck_assert_int_eq(receive(), 0x45);
    ck_assert_int_eq(receive(), 0xe1);
    ck_assert_int_eq(receive(), 0x9d);
    ck_assert_int_eq(receive(), 0xc5);
    send(0x60, 0xf2);
    ck_assert_int_eq(receive(), 0xfa);
    ck_assert_int_eq(receive(), 0xab);
    ck_assert_int_eq(receive(), 0x41);
}
END_TEST

/* Set 1 of the keyboard itself equals the translation of set 2, key by key. */
START_TEST(translation_agrees_with_set_1)
{
    for (unsigned code = 0; code < KEY_COUNT; code++) {
        uint8_t one[16], two[16];
        unsigned n1 = 0, n2 = 0;
        int val;

        for (int down = 1; down >= 0; down--) {
            command_byte(0x40);
            send(0x60, 0xf0);
            receive();
            send(0x60, 2);
            receive();
            key(code, down);
            while ((val = receive()) >= 0)
                two[n2++] = (uint8_t) val;
            key(code, !down);
            while (receive() >= 0)
                ;
            command_byte(0x00);
            send(0x60, 0xf0);
            receive();
            send(0x60, 1);
            receive();
            key(code, down);
            while ((val = receive()) >= 0)
                one[n1++] = (uint8_t) val;
        }
        ck_assert(code != KEY_A || n1 == 2);
        ck_assert_uint_eq(n1, n2);
        ck_assert_mem_eq(one, two, n1);
    }
}
END_TEST

START_TEST(no_byte_is_lost_while_the_buffer_is_full)
{
    command_byte(0x45);
    for (unsigned k = KEY_A; k < KEY_A + 5; k++) {
        key(k, 1);
        key(k, 0);
    }
    rig_run(rig, 500000000);
    for (unsigned k = 0; k < 5; k++) {
        int make = receive();

        ck_assert_int_gt(make, 0);
        ck_assert_int_eq(receive(), make | 0x80);
    }
    ck_assert_int_eq(receive(), -1);
}
END_TEST

/* A disabled interface keeps what was on the wire. */
START_TEST(disable_and_enable)
{
    command_byte(0x45);
    key(KEY_A, 1);
    rig_run(rig, 500000);
    send(0x64, 0xad);
    rig_run(rig, 50000000);
    ck_assert_uint_eq(status() & 1, 0);
    ck_assert_int_eq(query(0x20), 0x55);
    send(0x64, 0xae);
    ck_assert_int_eq(receive(), 0x1e);
}
END_TEST

START_TEST(input_buffer_waits_while_the_wire_is_busy)
{
    command_byte(0x44);
    send(0x60, 0xed);
    ck_assert_uint_eq(status() & 2, 0);
    rig_out(rig, 0x64, 0x20);
    ck_assert_uint_eq(status() & 0x0a, 0x0a);
    rig_run(rig, 1000100);
    ck_assert_uint_eq(status() & 2, 0);
    ck_assert_int_eq(receive(), 0x44);
    ck_assert_int_eq(receive(), 0xfa);
    send(0x60, 0x02);
    ck_assert_int_eq(receive(), 0xfa);
    ck_assert_uint_eq(ps2_keyboard_leds(kbd), 2);
}
END_TEST

START_TEST(output_port_drives_a20_and_reset)
{
    send(0x64, 0xd1);
    send(0x60, 0xdd);
    ck_assert_int_eq(rig_irq(rig, A20), 0);
    ck_assert_int_eq(query(0xd0) & 0x03, 0x01);
    send(0x64, 0xd1);
    send(0x60, 0xdf);
    ck_assert_int_eq(rig_irq(rig, A20), 1);
    send(0x64, 0xdd);
    ck_assert_int_eq(rig_irq(rig, A20), 0);
    send(0x64, 0xdf);
    ck_assert_int_eq(rig_irq(rig, A20), 1);
    send(0x64, 0xff); /* pulses nothing: HIMEM's way to wait */
    ck_assert_uint_eq(rig->edges[RESET], 0);
    send(0x64, 0xfe);
    ck_assert_uint_eq(rig->edges[RESET], 1);
    send(0x64, 0xd1);
    send(0x60, 0xde);
    ck_assert_uint_eq(rig->edges[RESET], 2);
}
END_TEST

START_TEST(mouse_through_the_auxiliary_port)
{
    int64_t move[3] = { 2, 1, 0 };

    command_byte(0x47);
    send(0x64, 0xd4);
    send(0x60, 0xf4);
    rig_run(rig, 2100000);
    ck_assert_uint_eq(status() & 0x21, 0x21);
    ck_assert_int_eq(rig_irq(rig, IRQ_AUX), 1);
    ck_assert_int_eq(rig_irq(rig, IRQ_KBD), 0);
    ck_assert_int_eq(receive(), 0xfa);
    journal_post(rig->journal, "mouse", "move", move, NULL, 0);
    rig_run(rig, 15000000);
    ck_assert_uint_eq(status() & 0x21, 0x21);
    ck_assert_int_eq(receive(), 0x08);
    ck_assert_int_eq(receive(), 0x02);
    ck_assert_int_eq(receive(), 0x01);
    ck_assert_uint_eq(rig->edges[IRQ_AUX], 4);
}
END_TEST

/* Linux finds the auxiliary port so. */
START_TEST(loopback_and_ram)
{
    command_byte(0x44);
    send(0x64, 0xd3);
    send(0x60, 0x5a);
    rig_run(rig, 100000);
    ck_assert_uint_eq(status() & 0x21, 0x21);
    ck_assert_int_eq(receive(), 0x5a);
    send(0x64, 0xd2);
    send(0x60, 0xa5);
    rig_run(rig, 100000);
    ck_assert_uint_eq(status() & 0x21, 0x01);
    ck_assert_int_eq(receive(), 0xa5);
    send(0x64, 0xa7);
    ck_assert_int_eq(query(0x20), 0x64);
    send(0x64, 0xa8);
    ck_assert_int_eq(query(0x20), 0x44);
    send(0x64, 0x7f);
    send(0x60, 0x99);
    ck_assert_int_eq(query(0x3f), 0x99);
    ck_assert_int_eq(query(0xa4), 0xf1);
}
END_TEST

START_TEST(nothing_plugged_in_times_out)
{
    teardown();
    setup_with(false);
    command_byte(0x44);
    send(0x64, 0xd4);
    send(0x60, 0xff);
    rig_run(rig, 2000000);
    ck_assert_uint_eq(status() & 0x61, 0x61);
    ck_assert_int_eq(receive(), 0xfe);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("kbc8042");
    TCase *tc = tcase_create("kbc8042");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_are_complete);
    tcase_add_test(tc, power_on_sequence);
    tcase_add_test(tc, keys_interrupt_and_are_translated);
    tcase_add_test(tc, translation_agrees_with_set_1);
    tcase_add_test(tc, no_byte_is_lost_while_the_buffer_is_full);
    tcase_add_test(tc, disable_and_enable);
    tcase_add_test(tc, input_buffer_waits_while_the_wire_is_busy);
    tcase_add_test(tc, output_port_drives_a20_and_reset);
    tcase_add_test(tc, mouse_through_the_auxiliary_port);
    tcase_add_test(tc, loopback_and_ram);
    tcase_add_test(tc, nothing_plugged_in_times_out);
    suite_add_tcase(s, tc);
    return s;
}

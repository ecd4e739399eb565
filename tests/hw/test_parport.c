/* Parallel port and its printer; test ports; power-off port. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "hw/parport.h"
#include "hw/poweroff.h"
#include "hw/testports.h"
#include "support/rig.h"

enum { LPT1 = 0x378, DATA = LPT1, STATUS = LPT1 + 1, CONTROL = LPT1 + 2, IRQ = 7, EXIT = 8, OFF = 9 };

static struct rig *rig;
static struct parport *pp;
static struct testports *tp;
static struct poweroff *po;
static char printed[64], console[64];

static void take(void *opaque, uint8_t byte, vtime at)
{
    char *text = opaque;
    size_t n = strlen(text);

    (void) at;
    ck_assert_uint_lt(n, sizeof printed - 1);
    text[n] = (char) byte;
    text[n + 1] = '\0';
}

static void setup(void)
{
    printed[0] = console[0] = '\0';
    rig = rig_new();
    pp = parport_new(&(struct parport_config){
        .sched = &rig->sched, .bus = rig->bus, .state = rig->state, .irq = &rig->line[IRQ],
        .sink = { take, printed }, .name = "parallel0", .base = LPT1,
    });
    tp = testports_new(&(struct testports_config){
        .sched = &rig->sched, .bus = rig->bus, .state = rig->state,
        .console = { take, console }, .exit = &rig->line[EXIT],
    });
    po = poweroff_new(&(struct poweroff_config){
        .bus = rig->bus, .state = rig->state, .off = &rig->line[OFF],
    });
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    parport_free(pp);
    testports_free(tp);
    poweroff_free(po);
    rig_free(rig);
}

START_TEST(every_saved_byte_is_in_the_tables_once)
{
    char text[128];

    ck_assert_msg(state_fields_complete(parport_fields, text, sizeof text), "%s", text);
    ck_assert_msg(state_fields_complete(testports_fields, text, sizeof text), "%s", text);
    ck_assert_msg(state_fields_complete(poweroff_fields, text, sizeof text), "%s", text);
}
END_TEST

/* How BIOSes and Linux find a port: its latches read back. */
START_TEST(latches_read_back)
{
    rig_out(rig, DATA, 0xaa);
    ck_assert_uint_eq(rig_in(rig, DATA), 0xaa);
    rig_out(rig, DATA, 0x55);
    ck_assert_uint_eq(rig_in(rig, DATA), 0x55);
    rig_out(rig, CONTROL, 0x0c);
    ck_assert_uint_eq(rig_in(rig, CONTROL), 0xec);
    rig_out(rig, CONTROL, 0x2e); /* no direction bit */
    ck_assert_uint_eq(rig_in(rig, CONTROL), 0xee);
    ck_assert_uint_eq(rig_in(rig, DATA), 0x55);
    ck_assert_uint_eq(rig_in(rig, STATUS), 0xdf);
    ck_assert_uint_eq(rig_in(rig, LPT1 + 3), 0xff);
}
END_TEST

static void print(const char *text, uint8_t control)
{
    for (; *text != '\0'; text++) {
        while (!(rig_in(rig, STATUS) & 0x80))
            rig_run(rig, 1000);
        rig_out(rig, DATA, (uint8_t) *text);
        rig_out(rig, CONTROL, control | 0x01);
        ck_assert_uint_eq(rig_in(rig, STATUS) & 0x80, 0);
        rig_out(rig, CONTROL, control);
    }
}

START_TEST(strobe_prints)
{
    print("Hello", 0x0c);
    ck_assert_str_eq(printed, "Hello");
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
}
END_TEST

/* -ACK falls 10 us after the strobe and asks for an interrupt as it rises. */
START_TEST(acknowledge_interrupts)
{
    rig_out(rig, CONTROL, 0x1c);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    print("x", 0x1c);
    rig_run(rig, 9000);
    ck_assert_uint_eq(rig_in(rig, STATUS), 0x5f);
    rig_run(rig, 2000);
    ck_assert_uint_eq(rig_in(rig, STATUS), 0x1f);
    ck_assert_ptr_null(rig_roundtrip(rig));
    rig_run(rig, 4000);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    ck_assert_uint_eq(rig_in(rig, STATUS), 0xdf);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    print("y", 0x1c);
    rig_run(rig, 20000);
    ck_assert_uint_eq(rig->edges[IRQ], 2);
    rig_out(rig, CONTROL, 0x0c);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
}
END_TEST

START_TEST(a_printer_in_reset_takes_nothing)
{
    rig_out(rig, CONTROL, 0x08);
    rig_out(rig, DATA, 'x');
    rig_out(rig, CONTROL, 0x09);
    rig_out(rig, CONTROL, 0x08);
    ck_assert_str_eq(printed, "");
}
END_TEST

/* design.md, section 5. */
START_TEST(test_ports)
{
    ck_assert_uint_eq(rig_in(rig, 0xe9), 0xe9);
    rig_out(rig, 0xe9, 'o');
    rig_out(rig, 0xe9, 'k');
    ck_assert_str_eq(console, "ok");
    ck_assert_uint_eq(rig_in(rig, 0x501), 0xff);
    ck_assert_int_eq(rig_irq(rig, EXIT), 0);
    rig_out(rig, 0x501, 7);
    ck_assert_int_eq(rig_irq(rig, EXIT), 1);
    ck_assert_uint_eq(testports_exit_value(tp), 7);
    testports_reset(tp);
    ck_assert_int_eq(rig_irq(rig, EXIT), 0);
}
END_TEST

static const struct {
    const char *bytes;
    int off;
} words[] = {
    { "Shutdown", 1 }, { "xShutdown", 1 }, { "ShutShutdown", 1 }, { "SShutdown", 1 },
    { "shutdown", 0 }, { "Shutdow", 0 },   { "Shutddown", 0 },    { "ShutdowShutdowShutdown", 1 },
    { "Shut down", 0 },
};

START_TEST(power_goes_off_at_the_word)
{
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        poweroff_reset(po);
        for (const char *p = words[i].bytes; *p != '\0'; p++) {
            ck_assert_int_eq(rig_irq(rig, OFF), 0);
            ck_assert_ptr_null(rig_roundtrip(rig));
            rig_out(rig, 0x8900, (uint8_t) *p);
        }
        ck_assert_msg(rig_irq(rig, OFF) == words[i].off, "%s", words[i].bytes);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("parport");
    TCase *tc = tcase_create("parport");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, every_saved_byte_is_in_the_tables_once);
    tcase_add_test(tc, latches_read_back);
    tcase_add_test(tc, strobe_prints);
    tcase_add_test(tc, acknowledge_interrupts);
    tcase_add_test(tc, a_printer_in_reset_takes_nothing);
    tcase_add_test(tc, test_ports);
    tcase_add_test(tc, power_goes_off_at_the_word);
    suite_add_tcase(s, tc);
    return s;
}

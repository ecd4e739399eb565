/* 16550A: registers, timing, interrupts, and how systems recognise it. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "base/bits.h"
#include "hw/uart16550.h"
#include "support/rig.h"

enum {
    COM1 = 0x3f8, RBR = COM1, THR = COM1, IER = COM1 + 1, IIR = COM1 + 2, FCR = COM1 + 2,
    LCR = COM1 + 3, MCR = COM1 + 4, LSR = COM1 + 5, MSR = COM1 + 6, SCR = COM1 + 7,
    IRQ = 4,
    CHAR_9600 = 1041667, /* ns: ten bits, 8N1 */
};

static struct rig *rig;
static struct uart *uart;
static char sent[256];
static vtime sent_at[256];
static unsigned sent_count;

static void take(void *opaque, uint8_t byte, vtime at)
{
    (void) opaque;
    ck_assert_uint_lt(sent_count, sizeof sent - 1);
    sent_at[sent_count] = at;
    sent[sent_count++] = (char) byte;
}

/* 9600 baud, 8N1, DTR, RTS and OUT2. */
static void setup(void)
{
    memset(sent, 0, sizeof sent);
    sent_count = 0;
    rig = rig_new();
    uart = uart_new(&(struct uart_config){
        .sched = &rig->sched, .bus = rig->bus, .state = rig->state, .journal = rig->journal,
        .irq = &rig->line[IRQ], .sink = { .tx = take }, .name = "serial0", .base = COM1,
    });
    rig_out(rig, LCR, 0x80);
    rig_out16(rig, COM1, 12);
    rig_out(rig, LCR, 0x03);
    rig_out(rig, MCR, 0x0b);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    uart_free(uart);
    rig_free(rig);
}

static void post(const char *text)
{
    ck_assert_int_eq(journal_post(rig->journal, "serial0", "rx", NULL, (const uint8_t *) text,
                                  strlen(text)), 0);
    rig_run(rig, 0);
}

START_TEST(every_saved_byte_is_in_the_table_once)
{
    char text[128];

    ck_assert_msg(state_fields_complete(uart_fields, text, sizeof text), "%s", text);
}
END_TEST

/* Table "Register Addresses" and the unused bits of each register. */
START_TEST(registers)
{
    rig_out(rig, SCR, 0x5a);
    ck_assert_uint_eq(rig_in(rig, SCR), 0x5a);
    rig_out(rig, IER, 0xff);
    ck_assert_uint_eq(rig_in(rig, IER), 0x0f);
    rig_out(rig, IER, 0);
    rig_out(rig, LCR, 0x80);
    ck_assert_uint_eq(rig_in(rig, COM1), 12);
    ck_assert_uint_eq(rig_in(rig, COM1 + 1), 0);
    rig_out(rig, LCR, 0x03);
    ck_assert_uint_eq(rig_in(rig, IER), 0);
    ck_assert_uint_eq(rig_in(rig, LSR), 0x60);
    ck_assert_uint_eq(rig_in(rig, MSR), 0xb0);
    ck_assert_uint_eq(rig_in(rig, IIR), 0x01);
}
END_TEST

/* The steps by which Linux (8250_port, autoconfig) names a 16550A. */
START_TEST(linux_autoconfiguration)
{
    rig_out(rig, IER, 0);
    ck_assert_uint_eq(rig_in(rig, IER) & 0x0f, 0);
    rig_out(rig, IER, 0x0f);
    ck_assert_uint_eq(rig_in(rig, IER) & 0x0f, 0x0f);
    rig_out(rig, IER, 0);
    rig_out(rig, MCR, 0x10 | 0x0a);
    ck_assert_uint_eq(rig_in(rig, MSR) & 0xf0, 0x90);
    rig_out(rig, MCR, 0);
    rig_out(rig, LCR, 0xbf);
    rig_out(rig, FCR, 0);
    rig_out(rig, LCR, 0);
    rig_out(rig, FCR, 0x01);
    ck_assert_uint_eq(rig_in(rig, IIR) >> 6, 3);
    rig_out(rig, LCR, 0x80);
    ck_assert_uint_ne(rig_in(rig, IIR), 0); /* not an EFR */
    rig_out(rig, LCR, 0);
    rig_out(rig, FCR, 0x21); /* 64-byte FIFO of a 16750 */
    ck_assert_uint_eq(rig_in(rig, IIR) & 0xe0, 0xc0);
    rig_out(rig, IER, 0x40); /* XScale */
    ck_assert_uint_eq(rig_in(rig, IER), 0);
}
END_TEST

/* serial8250_do_startup: THRE comes when it is enabled, and again. */
START_TEST(enabling_the_empty_transmitter_interrupts)
{
    for (unsigned i = 0; i < 3; i++) {
        rig_out(rig, IER, 0x02);
        ck_assert_int_eq(rig_irq(rig, IRQ), 1);
        ck_assert_uint_eq(rig_in(rig, IIR), 0x02); /* reading it is the acknowledgement */
        ck_assert_int_eq(rig_irq(rig, IRQ), 0);
        ck_assert_uint_eq(rig_in(rig, IIR), 0x01);
        rig_out(rig, IER, 0);
    }
}
END_TEST

START_TEST(bytes_leave_at_the_programmed_speed)
{
    vtime start = sched_now(&rig->sched);

    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(rig_in(rig, LSR) & 0x20, 0x20);
        rig_out(rig, THR, (uint8_t) ('a' + i));
        ck_assert_uint_eq(rig_in(rig, LSR) & 0x60, 0);
        while (!(rig_in(rig, LSR) & 0x20))
            rig_run(rig, 1000);
    }
    rig_run(rig, 2 * CHAR_9600);
    ck_assert_str_eq(sent, "abc");
    ck_assert_uint_eq(rig_in(rig, LSR), 0x60);
    /* One bit until the shift register takes it, then ten bits each. */
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_ge(sent_at[i], start + 104166 + (i + 1) * CHAR_9600 - 1000);
        ck_assert_uint_le(sent_at[i], start + 104166 + (i + 1) * CHAR_9600 + 1000);
    }
}
END_TEST

static const struct {
    uint8_t lcr;
    unsigned half_bits;
} formats[] = {
    { 0x00, 14 }, /* 5N1 */
    { 0x04, 15 }, /* 5N1.5 */
    { 0x02, 18 }, /* 7N1 */
    { 0x0a, 20 }, /* 7O1 */
    { 0x03, 20 }, /* 8N1 */
    { 0x07, 22 }, /* 8N2 */
    { 0x1f, 24 }, /* 8E2 */
};

/* Table "Line Control Register". */
START_TEST(character_length)
{
    for (unsigned i = 0; i < ARRAY_LEN(formats); i++) {
        uint64_t want = formats[i].half_bits * UINT64_C(1000000000) / 19200;

        sent_count = 0;
        rig_out(rig, LCR, formats[i].lcr);
        rig_out(rig, FCR, 0x01);
        rig_out(rig, THR, 0x11);
        rig_out(rig, THR, 0x12);
        rig_run(rig, 4 * CHAR_9600);
        ck_assert_uint_eq(sent_count, 2);
        ck_assert_uint_ge(sent_at[1] - sent_at[0], want - 1);
        ck_assert_uint_le(sent_at[1] - sent_at[0], want + 1);
    }
}
END_TEST

START_TEST(transmit_fifo_holds_sixteen)
{
    rig_out(rig, FCR, 0x07);
    rig_out(rig, IER, 0x02);
    rig_in(rig, IIR);
    for (unsigned i = 0; i < 20; i++)
        rig_out(rig, THR, (uint8_t) ('A' + i));
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_run(rig, 18 * CHAR_9600);
    ck_assert_str_eq(sent, "ABCDEFGHIJKLMNOP");
    ck_assert_uint_eq(rig_in(rig, IIR), 0xc2);
    ck_assert_ptr_null(rig_roundtrip(rig));
}
END_TEST

START_TEST(received_bytes_are_paced)
{
    rig_out(rig, IER, 0x01);
    post("xy");
    rig_run(rig, CHAR_9600 - 1000);
    ck_assert_uint_eq(rig_in(rig, LSR) & 1, 0);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_run(rig, 1100);
    ck_assert_uint_eq(rig_in(rig, LSR) & 1, 1);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    ck_assert_uint_eq(rig_in(rig, IIR), 0x04);
    ck_assert_ptr_null(rig_roundtrip(rig));
    ck_assert_uint_eq(rig_in(rig, RBR), 'x');
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    ck_assert_uint_eq(rig_in(rig, LSR) & 1, 0);
    rig_run(rig, CHAR_9600);
    ck_assert_uint_eq(rig_in(rig, RBR), 'y');
}
END_TEST

/* IBM's INT 14h holds DTR alone while it waits for a byte. */
START_TEST(the_partner_waits_for_dtr_or_rts)
{
    rig_out(rig, MCR, 0x08);
    post("qr");
    rig_run(rig, 10 * CHAR_9600);
    ck_assert_uint_eq(rig_in(rig, LSR) & 1, 0);
    rig_out(rig, MCR, 0x01);
    rig_run(rig, CHAR_9600 + 1000);
    ck_assert_uint_eq(rig_in(rig, RBR), 'q');
    rig_out(rig, MCR, 0x02);
    rig_run(rig, CHAR_9600 + 1000);
    ck_assert_uint_eq(rig_in(rig, RBR), 'r');
}
END_TEST

START_TEST(the_partner_waits_for_room)
{
    post("0123456789abcdefgh");
    rig_run(rig, 10 * CHAR_9600);
    ck_assert_uint_eq(rig_in(rig, LSR), 0x61);
    ck_assert_uint_eq(rig_in(rig, RBR), '0');
    rig_run(rig, CHAR_9600 + 1000);
    ck_assert_uint_eq(rig_in(rig, RBR), '1');
    rig_out(rig, FCR, 0x01);
    rig_run(rig, 20 * CHAR_9600);
    ck_assert_uint_eq(rig_in(rig, LSR), 0x61);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(rig_in(rig, RBR), (uint8_t) "23456789abcdefgh"[i]);
    ck_assert_uint_eq(rig_in(rig, LSR), 0x60);
}
END_TEST

/* Bytes to itself, faster than they are read. */
static void send_in_loopback(const char *bytes)
{
    rig_out(rig, MCR, 0x1b);
    for (; *bytes != '\0'; bytes++) {
        rig_out(rig, THR, (uint8_t) *bytes);
        rig_run(rig, 2 * CHAR_9600);
    }
    rig_out(rig, MCR, 0x0b);
}

START_TEST(overrun_without_fifo_loses_the_older)
{
    rig_out(rig, IER, 0x04);
    send_in_loopback("ab");
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    ck_assert_uint_eq(rig_in(rig, IIR), 0x06);
    ck_assert_uint_eq(rig_in(rig, LSR), 0x63);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    ck_assert_uint_eq(rig_in(rig, LSR), 0x61);
    ck_assert_uint_eq(rig_in(rig, RBR), 'b');
}
END_TEST

START_TEST(overrun_with_fifo_loses_the_newer)
{
    rig_out(rig, FCR, 0x07);
    send_in_loopback("0123456789abcdefXY");
    ck_assert_uint_eq(rig_in(rig, LSR), 0x63);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(rig_in(rig, RBR), (uint8_t) "0123456789abcdef"[i]);
    ck_assert_uint_eq(rig_in(rig, LSR), 0x60);
}
END_TEST

/* "FIFO Interrupt Mode Operation": trigger level, then four character times. */
START_TEST(fifo_trigger_and_timeout)
{
    rig_out(rig, FCR, 0x87); /* eight bytes */
    rig_out(rig, IER, 0x01);
    post("12345678");
    rig_run(rig, 7 * CHAR_9600 + 1000);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_run(rig, CHAR_9600);
    ck_assert_uint_eq(rig_in(rig, IIR), 0xc4);
    rig_in(rig, RBR);
    ck_assert_uint_eq(rig_in(rig, IIR), 0xc1); /* below the level */
    rig_run(rig, 4 * CHAR_9600 - 2000);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_run(rig, 4000);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    ck_assert_uint_eq(rig_in(rig, IIR), 0xcc);
    rig_in(rig, RBR);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_run(rig, 4 * CHAR_9600 + 2000);
    ck_assert_uint_eq(rig_in(rig, IIR), 0xcc); /* five bytes are still there */
    rig_out(rig, FCR, 0x83);
    ck_assert_uint_eq(rig_in(rig, IIR), 0xc1);
    ck_assert_uint_eq(rig_in(rig, LSR), 0x60);
}
END_TEST

/* Table IV: line status, then data, then transmitter, then modem. */
START_TEST(interrupt_priorities)
{
    send_in_loopback("ab");
    rig_in(rig, MSR);
    rig_out(rig, MCR, 0x18);
    rig_out(rig, MCR, 0x0b); /* modem lines changed there and back */
    rig_out(rig, IER, 0x0f);
    ck_assert_uint_eq(rig_in(rig, IIR), 0x06);
    rig_in(rig, LSR);
    ck_assert_uint_eq(rig_in(rig, IIR), 0x04);
    rig_in(rig, RBR);
    ck_assert_uint_eq(rig_in(rig, IIR), 0x02);
    ck_assert_uint_eq(rig_in(rig, IIR), 0x00);
    ck_assert_uint_eq(rig_in(rig, MSR), 0xb3);
    ck_assert_uint_eq(rig_in(rig, IIR), 0x01);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
}
END_TEST

START_TEST(out2_gates_the_interrupt)
{
    rig_out(rig, MCR, 0x03);
    rig_out(rig, IER, 0x02);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    ck_assert_uint_eq(rig_in(rig, LSR) & 0x20, 0x20);
    rig_out(rig, MCR, 0x0b);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
}
END_TEST

/* "Modem Control Register", bit 4. */
START_TEST(loopback)
{
    rig_out(rig, MCR, 0x10);
    rig_in(rig, MSR);
    for (unsigned out = 0; out < 16; out++) {
        uint8_t lines = (uint8_t) ((out & 1) << 5 | (out & 2) << 3 | (out & 12) << 4);

        rig_out(rig, MCR, (uint8_t) (0x10 | out));
        ck_assert_uint_eq(rig_in(rig, MSR) & 0xf0, lines);
    }
    rig_out(rig, MCR, 0x10);
    rig_in(rig, MSR);
    rig_out(rig, MCR, 0x14); /* ring: only its end is a change */
    ck_assert_uint_eq(rig_in(rig, MSR), 0x40);
    rig_out(rig, MCR, 0x10);
    ck_assert_uint_eq(rig_in(rig, MSR), 0x04);
    rig_out(rig, THR, 0xa5);
    rig_run(rig, 2 * CHAR_9600);
    ck_assert_uint_eq(rig_in(rig, RBR), 0xa5);
    ck_assert_uint_eq(sent_count, 0);
}
END_TEST

START_TEST(what_does_not_fit_on_the_wire_is_lost)
{
    static uint8_t block[JOURNAL_DATA_MAX];

    rig_out(rig, MCR, 0);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_int_eq(journal_post(rig->journal, "serial0", "rx", NULL, block, sizeof block), 0);
    rig_run(rig, 0);
    rig_out(rig, MCR, 0x02);
    for (unsigned i = 0; i < UART_WIRE; i++) {
        rig_run(rig, CHAR_9600 + 100);
        ck_assert_uint_eq(rig_in(rig, LSR), 0x61);
        rig_in(rig, RBR);
    }
    rig_run(rig, 2 * CHAR_9600);
    ck_assert_uint_eq(rig_in(rig, LSR) & 1, 0);
}
END_TEST

START_TEST(reset_ends_what_was_going_on)
{
    rig_out(rig, FCR, 0x01);
    rig_out(rig, IER, 0x0f);
    rig_out(rig, THR, 'z');
    rig_out(rig, THR, 'z');
    post("abc");
    rig_run(rig, CHAR_9600 / 2);
    uart_reset(uart);
    rig_run(rig, 10 * CHAR_9600);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    ck_assert_uint_eq(sent_count, 0);
    ck_assert_uint_eq(rig_in(rig, LSR), 0x60);
    ck_assert_uint_eq(rig_in(rig, IIR), 0x01);
    ck_assert_uint_eq(rig_in(rig, MCR), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("uart16550");
    TCase *tc = tcase_create("uart16550");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, every_saved_byte_is_in_the_table_once);
    tcase_add_test(tc, registers);
    tcase_add_test(tc, linux_autoconfiguration);
    tcase_add_test(tc, enabling_the_empty_transmitter_interrupts);
    tcase_add_test(tc, bytes_leave_at_the_programmed_speed);
    tcase_add_test(tc, character_length);
    tcase_add_test(tc, transmit_fifo_holds_sixteen);
    tcase_add_test(tc, received_bytes_are_paced);
    tcase_add_test(tc, the_partner_waits_for_dtr_or_rts);
    tcase_add_test(tc, the_partner_waits_for_room);
    tcase_add_test(tc, overrun_without_fifo_loses_the_older);
    tcase_add_test(tc, overrun_with_fifo_loses_the_newer);
    tcase_add_test(tc, fifo_trigger_and_timeout);
    tcase_add_test(tc, interrupt_priorities);
    tcase_add_test(tc, out2_gates_the_interrupt);
    tcase_add_test(tc, loopback);
    tcase_add_test(tc, what_does_not_fit_on_the_wire_is_lost);
    tcase_add_test(tc, reset_ends_what_was_going_on);
    suite_add_tcase(s, tc);
    return s;
}

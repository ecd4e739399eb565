/*
 * 8042 keyboard and auxiliary device controller.
 *
 * A byte takes KBC_BYTE_NS on the wire, either way.  While the output buffer is
 * full the controller holds both clocks low, so bytes wait in the devices and
 * none is lost.  While it sends to a device it does not look at its input
 * buffer: status bit 1 stays set and the write is served afterwards.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and
 *         auxiliary device controller"; IBM PC AT Technical Reference,
 *         "Keyboard controller"; code translation: "Keyboard", scan code sets.
 * Absent: password security (A4h says none), diagnostic dump, polling of the
 *         input port (C1h, C2h), the effect of pulsing output bits other than
 *         the reset, the keyboard lock.
 */
#include "config.h"

#include "hw/kbc8042.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

enum {
    PORT_DATA = 0x60,
    PORT_COMMAND = 0x64,
    KBC_RAM = 32,
    KBC_QUEUE = 4,
    KBC_BYTE_NS = 1000000, /* 11 bits at 11 kHz */
    KBC_REPLY_NS = 20000,  /* the program's own answers */
};

enum {
    STATUS_OBF = 0x01,
    STATUS_IBF = 0x02,
    STATUS_SYS = 0x04,
    STATUS_COMMAND = 0x08,
    STATUS_UNLOCKED = 0x10,
    STATUS_AUX_OBF = 0x20,
    STATUS_TIMEOUT = 0x40,
};

/* The command byte: RAM 0. */
enum {
    CB_INT = 0x01,
    CB_AUX_INT = 0x02,
    CB_SYS = 0x04,
    CB_KBD_OFF = 0x10,
    CB_AUX_OFF = 0x20,
    CB_TRANSLATE = 0x40,
};

/* The output port. */
enum {
    OUT_NO_RESET = 0x01,
    OUT_A20 = 0x02,
    OUT_KBD_OBF = 0x10,
    OUT_AUX_OBF = 0x20,
    OUT_KBD_CLOCK = 0x40,
    OUT_KBD_DATA = 0x80,
};

enum {
    CMD_READ_RAM = 0x20, /* to 3Fh */
    CMD_WRITE_RAM = 0x60, /* to 7Fh */
    CMD_TEST_PASSWORD = 0xa4,
    CMD_AUX_DISABLE = 0xa7,
    CMD_AUX_ENABLE = 0xa8,
    CMD_AUX_TEST = 0xa9,
    CMD_SELF_TEST = 0xaa,
    CMD_KBD_TEST = 0xab,
    CMD_KBD_DISABLE = 0xad,
    CMD_KBD_ENABLE = 0xae,
    CMD_READ_INPUT = 0xc0,
    CMD_READ_OUTPUT = 0xd0,
    CMD_WRITE_OUTPUT = 0xd1,
    CMD_WRITE_KBD_OBF = 0xd2,
    CMD_WRITE_AUX_OBF = 0xd3,
    CMD_WRITE_AUX = 0xd4,
    CMD_A20_OFF = 0xdd,
    CMD_A20_ON = 0xdf,
    CMD_READ_TEST = 0xe0,
    CMD_PULSE = 0xf0, /* to FFh */
    SELF_TEST_OK = 0x55,
    NO_PASSWORD = 0xf1,
    INPUT_PORT = 0xb0, /* not locked, colour, no jumper, RAM enabled */
    RESEND = 0xfe,
    BREAK_PREFIX = 0xf0,
};

enum kbc_source { FROM_KBD, FROM_AUX };
enum { NO_PORT = 2 };

struct kbc {
    struct event arrive; /* the byte of port `rx` is complete */
    struct event sent;   /* `tx_byte` has reached port `tx` */
    struct event reply;  /* the first of the queue goes to the output buffer */
    uint8_t ram[KBC_RAM];
    uint8_t status;     /* bits but OBF's source and UNLOCKED are kept here */
    uint8_t out;        /* output buffer */
    uint8_t output_port; /* OUT_NO_RESET, OUT_A20 */
    uint8_t pending;    /* command whose data byte is due; 0: none */
    uint8_t input;      /* input buffer, while STATUS_IBF */
    uint8_t rx, tx;     /* enum kbc_source or NO_PORT */
    uint8_t tx_byte;
    uint8_t break_seen; /* translation: F0h came */
    uint8_t queued;
    uint8_t queue[KBC_QUEUE], queue_from[KBC_QUEUE]; /* answers of the program */
    /* Wiring. */
    struct sched *sched;
    struct irq_line *irq_kbd, *irq_aux, *a20, *reset;
    struct ps2_wire *wire[2];
};

const struct state_field kbc_fields[] = {
    STATE_EVENT(struct kbc, arrive),
    STATE_EVENT(struct kbc, sent),
    STATE_EVENT(struct kbc, reply),
    STATE_BYTES(struct kbc, ram),
    STATE_UINT(struct kbc, status),
    STATE_UINT(struct kbc, out),
    STATE_UINT(struct kbc, output_port),
    STATE_UINT(struct kbc, pending),
    STATE_UINT(struct kbc, input),
    STATE_UINT(struct kbc, rx),
    STATE_UINT(struct kbc, tx),
    STATE_UINT(struct kbc, tx_byte),
    STATE_UINT(struct kbc, break_seen),
    STATE_UINT(struct kbc, queued),
    STATE_BYTES(struct kbc, queue),
    STATE_BYTES(struct kbc, queue_from),
    { NULL, STATE_KIND_END, offsetof(struct kbc, queue_from) + sizeof(uint8_t[KBC_QUEUE]), 0, 0, NULL },
};

/*
 * What the controller makes of scan code set 2; 0: passed as it is.  By the
 * rows of the keyboard, then the keys that IBM's boards did not have.
 */
static const uint8_t kbc_set1[0x85] = {
    /* Esc, F1 to F12 */
    [0x76] = 0x01, [0x05] = 0x3b, [0x06] = 0x3c, [0x04] = 0x3d, [0x0c] = 0x3e, [0x03] = 0x3f,
    [0x0b] = 0x40, [0x83] = 0x41, [0x0a] = 0x42, [0x01] = 0x43, [0x09] = 0x44, [0x78] = 0x57,
    [0x07] = 0x58,
    /* ` 1 to 0 - = Backspace */
    [0x0e] = 0x29, [0x16] = 0x02, [0x1e] = 0x03, [0x26] = 0x04, [0x25] = 0x05, [0x2e] = 0x06,
    [0x36] = 0x07, [0x3d] = 0x08, [0x3e] = 0x09, [0x46] = 0x0a, [0x45] = 0x0b, [0x4e] = 0x0c,
    [0x55] = 0x0d, [0x66] = 0x0e,
    /* Tab Q to ] */
    [0x0d] = 0x0f, [0x15] = 0x10, [0x1d] = 0x11, [0x24] = 0x12, [0x2d] = 0x13, [0x2c] = 0x14,
    [0x35] = 0x15, [0x3c] = 0x16, [0x43] = 0x17, [0x44] = 0x18, [0x4d] = 0x19, [0x54] = 0x1a,
    [0x5b] = 0x1b,
    /* Caps Lock A to ' \ Enter */
    [0x58] = 0x3a, [0x1c] = 0x1e, [0x1b] = 0x1f, [0x23] = 0x20, [0x2b] = 0x21, [0x34] = 0x22,
    [0x33] = 0x23, [0x3b] = 0x24, [0x42] = 0x25, [0x4b] = 0x26, [0x4c] = 0x27, [0x52] = 0x28,
    [0x5d] = 0x2b, [0x5a] = 0x1c,
    /* Shift, the key beside it, Z to /, Shift */
    [0x12] = 0x2a, [0x61] = 0x56, [0x1a] = 0x2c, [0x22] = 0x2d, [0x21] = 0x2e, [0x2a] = 0x2f,
    [0x32] = 0x30, [0x31] = 0x31, [0x3a] = 0x32, [0x41] = 0x33, [0x49] = 0x34, [0x4a] = 0x35,
    [0x59] = 0x36,
    /* Ctrl, Alt, space; GUI and menu keys (after E0h) */
    [0x14] = 0x1d, [0x11] = 0x38, [0x29] = 0x39, [0x1f] = 0x5b, [0x27] = 0x5c, [0x2f] = 0x5d,
    /* Num Lock, Scroll Lock, SysRq, keypad */
    [0x77] = 0x45, [0x7e] = 0x46, [0x84] = 0x54, [0x7c] = 0x37, [0x7b] = 0x4a, [0x79] = 0x4e,
    [0x6c] = 0x47, [0x75] = 0x48, [0x7d] = 0x49, [0x6b] = 0x4b, [0x73] = 0x4c, [0x74] = 0x4d,
    [0x69] = 0x4f, [0x72] = 0x50, [0x7a] = 0x51, [0x70] = 0x52, [0x71] = 0x53,
    /* F13 to F24 */
    [0x08] = 0x64, [0x10] = 0x65, [0x18] = 0x66, [0x20] = 0x67, [0x28] = 0x68, [0x30] = 0x69,
    [0x38] = 0x6a, [0x40] = 0x6b, [0x48] = 0x6c, [0x50] = 0x6d, [0x57] = 0x6e, [0x5f] = 0x76,
    /* Japanese and Brazilian keys, power keys, and codes without a key */
    [0x13] = 0x70, [0x51] = 0x73, [0x64] = 0x79, [0x67] = 0x7b, [0x6a] = 0x7d, [0x6d] = 0x7e,
    [0x0f] = 0x59, [0x37] = 0x5e, [0x3f] = 0x5f, [0x5e] = 0x63, [0x47] = 0x60, [0x4f] = 0x61,
    [0x56] = 0x62, [0x02] = 0x41, [0x17] = 0x5a, [0x19] = 0x71, [0x39] = 0x72, [0x53] = 0x74,
    [0x5c] = 0x75, [0x62] = 0x77, [0x63] = 0x78, [0x65] = 0x7a, [0x68] = 0x7c, [0x6e] = 0x7f,
    [0x6f] = 0x6f, [0x60] = 0x55, [0x00] = 0xff, [0x7f] = 0x54,
};

/* --- output buffer and lines ------------------------------------------------ */

static bool kbc_off(const struct kbc *kbc, unsigned port)
{
    return (kbc->ram[0] & (port == FROM_KBD ? CB_KBD_OFF : CB_AUX_OFF)) != 0;
}

static bool kbc_plugged(const struct kbc *kbc, unsigned port)
{
    return kbc->wire[port] != NULL && kbc->wire[port]->device != NULL;
}

bool kbc_ready(const struct kbc *kbc)
{
    return (kbc->ram[0] & (CB_INT | CB_KBD_OFF)) == CB_INT;
}

static void kbc_update_irq(struct kbc *kbc)
{
    uint8_t full = kbc->status & (STATUS_OBF | STATUS_AUX_OBF);

    irq_set(kbc->irq_kbd, full == STATUS_OBF && (kbc->ram[0] & CB_INT));
    irq_set(kbc->irq_aux, full == (STATUS_OBF | STATUS_AUX_OBF) && (kbc->ram[0] & CB_AUX_INT));
}

static void kbc_fill(struct kbc *kbc, uint8_t val, enum kbc_source from)
{
    kbc->out = val;
    kbc->status |= from == FROM_AUX ? STATUS_OBF | STATUS_AUX_OBF : STATUS_OBF;
    kbc_update_irq(kbc);
}

static bool kbc_full(const struct kbc *kbc)
{
    return (kbc->status & STATUS_OBF) != 0;
}

/* --- receiving ---------------------------------------------------------------- */

/* Lets a device send if the clocks may be released. */
static void kbc_listen(struct kbc *kbc)
{
    if (kbc_full(kbc) || kbc->queued != 0 || event_armed(&kbc->sent) || event_armed(&kbc->arrive))
        return;
    for (uint8_t port = FROM_KBD; port <= FROM_AUX; port++) {
        const struct ps2_wire *wire = kbc->wire[port];

        if (!kbc_plugged(kbc, port) || kbc_off(kbc, port) || !wire->ready(wire->device))
            continue;
        kbc->rx = port;
        event_at(kbc->sched, &kbc->arrive, sched_now(kbc->sched) + KBC_BYTE_NS);
        return;
    }
}

/* Clock held low: the device keeps its byte and sends it again later. */
static void kbc_inhibit(struct kbc *kbc)
{
    event_cancel(kbc->sched, &kbc->arrive);
    kbc->rx = NO_PORT;
}

/* Returns false when the byte is swallowed (a break prefix). */
static bool kbc_translate(struct kbc *kbc, uint8_t *val)
{
    uint8_t code = *val < sizeof kbc_set1 ? kbc_set1[*val] : 0;

    if (*val == BREAK_PREFIX) {
        kbc->break_seen = 1;
        return false;
    }
    if (code != 0)
        *val = code;
    if (kbc->break_seen)
        *val |= 0x80;
    kbc->break_seen = 0;
    return true;
}

static void kbc_arrive(void *opaque)
{
    struct kbc *kbc = opaque;
    uint8_t port = kbc->rx, val;

    kbc->rx = NO_PORT;
    if (port > FROM_AUX || !kbc_plugged(kbc, port) || !kbc->wire[port]->ready(kbc->wire[port]->device)) {
        kbc_listen(kbc);
        return;
    }
    val = kbc->wire[port]->take(kbc->wire[port]->device);
    if (port == FROM_KBD && (kbc->ram[0] & CB_TRANSLATE) && !kbc_translate(kbc, &val))
        kbc_listen(kbc);
    else
        kbc_fill(kbc, val, port);
}

static void kbc_wake(void *opaque)
{
    kbc_listen(opaque);
}

/* --- answers of the controller's own program ---------------------------------- */

static void kbc_arm_reply(struct kbc *kbc)
{
    if (kbc->queued != 0 && !kbc_full(kbc) && !event_armed(&kbc->reply))
        event_at(kbc->sched, &kbc->reply, sched_now(kbc->sched) + KBC_REPLY_NS);
}

/* Waits for the output buffer; a guest that never reads loses the oldest wait. */
static void kbc_answer(struct kbc *kbc, uint8_t val, enum kbc_source from)
{
    if (kbc->queued == KBC_QUEUE)
        return;
    kbc_inhibit(kbc);
    kbc->queue[kbc->queued] = val;
    kbc->queue_from[kbc->queued] = (uint8_t) from;
    kbc->queued++;
    kbc_arm_reply(kbc);
}

static void kbc_reply(void *opaque)
{
    struct kbc *kbc = opaque;
    uint8_t val = kbc->queue[0], from = kbc->queue_from[0];

    if (kbc->queued == 0 || kbc_full(kbc))
        return;
    kbc->queued--;
    memmove(kbc->queue, kbc->queue + 1, KBC_QUEUE - 1);
    memmove(kbc->queue_from, kbc->queue_from + 1, KBC_QUEUE - 1);
    kbc_fill(kbc, val, from == FROM_AUX ? FROM_AUX : FROM_KBD);
}

/* --- sending -------------------------------------------------------------------- */

/* Sending to a device turns its interface on. */
static void kbc_send(struct kbc *kbc, unsigned port, uint8_t val)
{
    kbc->ram[0] &= (uint8_t) ~(port == FROM_KBD ? CB_KBD_OFF : CB_AUX_OFF);
    if (port == FROM_KBD)
        kbc->break_seen = 0;
    kbc_inhibit(kbc);
    kbc->tx = (uint8_t) port;
    kbc->tx_byte = val;
    event_at(kbc->sched, &kbc->sent, sched_now(kbc->sched) + KBC_BYTE_NS);
}

static void kbc_serve_input(struct kbc *kbc);

static void kbc_sent(void *opaque)
{
    struct kbc *kbc = opaque;
    unsigned port = kbc->tx;

    kbc->tx = NO_PORT;
    if (port <= FROM_AUX && kbc_plugged(kbc, port)) {
        kbc->status &= (uint8_t) ~STATUS_TIMEOUT;
        kbc->wire[port]->put(kbc->wire[port]->device, kbc->tx_byte);
    } else {
        kbc->status |= STATUS_TIMEOUT; /* no clock came back */
        kbc_answer(kbc, RESEND, port == FROM_AUX ? FROM_AUX : FROM_KBD);
    }
    if (kbc->status & STATUS_IBF)
        kbc_serve_input(kbc);
    kbc_listen(kbc);
}

/* --- commands ------------------------------------------------------------------- */

static void kbc_set_output(struct kbc *kbc, uint8_t val)
{
    bool reset = (kbc->output_port & ~val & OUT_NO_RESET) != 0;

    kbc->output_port = (val & OUT_A20) | OUT_NO_RESET;
    irq_set(kbc->a20, (val & OUT_A20) != 0);
    if (reset) {
        irq_raise(kbc->reset);
        irq_lower(kbc->reset);
    }
}

static uint8_t kbc_output_port(const struct kbc *kbc)
{
    uint8_t val = kbc->output_port | OUT_KBD_DATA | (kbc_off(kbc, FROM_KBD) ? 0 : OUT_KBD_CLOCK);

    if (kbc_full(kbc))
        val |= kbc->status & STATUS_AUX_OBF ? OUT_AUX_OBF : OUT_KBD_OBF;
    return val;
}

/* Command byte: SYS shows in the status, a closed interface falls silent. */
static void kbc_set_command_byte(struct kbc *kbc, uint8_t val)
{
    kbc->ram[0] = val;
    kbc->status = (uint8_t) ((kbc->status & ~STATUS_SYS) | (val & CB_SYS ? STATUS_SYS : 0));
    if (kbc->rx <= FROM_AUX && kbc_off(kbc, kbc->rx))
        kbc_inhibit(kbc);
    kbc_update_irq(kbc);
}

static void kbc_self_test(struct kbc *kbc)
{
    kbc->break_seen = 0;
    kbc_set_command_byte(kbc, CB_SYS | CB_KBD_OFF | CB_AUX_OFF);
    kbc_answer(kbc, SELF_TEST_OK, FROM_KBD);
}

static void kbc_command_other(struct kbc *kbc, uint8_t cmd)
{
    if (cmd >= CMD_READ_RAM && cmd < CMD_READ_RAM + KBC_RAM)
        kbc_answer(kbc, kbc->ram[cmd - CMD_READ_RAM], FROM_KBD);
    else if (cmd >= CMD_WRITE_RAM && cmd < CMD_WRITE_RAM + KBC_RAM)
        kbc->pending = cmd;
    else if (cmd >= CMD_PULSE && (cmd & OUT_NO_RESET) == 0)
        kbc_set_output(kbc, kbc->output_port & (uint8_t) ~OUT_NO_RESET);
}

static void kbc_command(struct kbc *kbc, uint8_t cmd)
{
    uint8_t cb = kbc->ram[0];

    kbc->pending = 0;
    switch (cmd) {
    case CMD_TEST_PASSWORD: kbc_answer(kbc, NO_PASSWORD, FROM_KBD); break;
    case CMD_AUX_DISABLE: kbc_set_command_byte(kbc, cb | CB_AUX_OFF); break;
    case CMD_AUX_ENABLE: kbc_set_command_byte(kbc, cb & ~CB_AUX_OFF); break;
    case CMD_SELF_TEST: kbc_self_test(kbc); break;
    case CMD_AUX_TEST:
    case CMD_KBD_TEST: kbc_answer(kbc, 0x00, FROM_KBD); break; /* no error */
    case CMD_KBD_DISABLE: kbc_set_command_byte(kbc, cb | CB_KBD_OFF); break;
    case CMD_KBD_ENABLE: kbc_set_command_byte(kbc, cb & ~CB_KBD_OFF); break;
    case CMD_READ_INPUT: kbc_answer(kbc, INPUT_PORT, FROM_KBD); break;
    case CMD_READ_OUTPUT: kbc_answer(kbc, kbc_output_port(kbc), FROM_KBD); break;
    case CMD_READ_TEST: kbc_answer(kbc, kbc_off(kbc, FROM_KBD) ? 0 : 1, FROM_KBD); break;
    case CMD_A20_OFF: kbc_set_output(kbc, kbc->output_port & ~OUT_A20); break;
    case CMD_A20_ON: kbc_set_output(kbc, kbc->output_port | OUT_A20); break;
    case CMD_WRITE_OUTPUT:
    case CMD_WRITE_KBD_OBF:
    case CMD_WRITE_AUX_OBF:
    case CMD_WRITE_AUX: kbc->pending = cmd; break;
    default: kbc_command_other(kbc, cmd); break;
    }
}

static void kbc_data(struct kbc *kbc, uint8_t val)
{
    uint8_t cmd = kbc->pending;

    kbc->pending = 0;
    switch (cmd) {
    case 0: kbc_send(kbc, FROM_KBD, val); break;
    case CMD_WRITE_RAM: kbc_set_command_byte(kbc, val & 0x7f); break;
    case CMD_WRITE_OUTPUT: kbc_set_output(kbc, val); break;
    case CMD_WRITE_KBD_OBF: kbc_answer(kbc, val, FROM_KBD); break;
    case CMD_WRITE_AUX_OBF: kbc_answer(kbc, val, FROM_AUX); break;
    case CMD_WRITE_AUX: kbc_send(kbc, FROM_AUX, val); break;
    default: kbc->ram[cmd & (KBC_RAM - 1)] = val; break;
    }
}

static void kbc_serve_input(struct kbc *kbc)
{
    kbc->status &= (uint8_t) ~STATUS_IBF;
    if (kbc->status & STATUS_COMMAND)
        kbc_command(kbc, kbc->input);
    else
        kbc_data(kbc, kbc->input);
    kbc_listen(kbc);
}

/* --- registers ------------------------------------------------------------------ */

static void kbc_write(void *opaque, uint16_t port, uint8_t val)
{
    struct kbc *kbc = opaque;

    kbc->input = val;
    kbc->status = (uint8_t) ((kbc->status & ~STATUS_COMMAND) | STATUS_IBF
                             | (port == PORT_COMMAND ? STATUS_COMMAND : 0));
    if (!event_armed(&kbc->sent))
        kbc_serve_input(kbc);
}

static uint8_t kbc_read_data(void *opaque, uint16_t port)
{
    struct kbc *kbc = opaque;

    (void) port;
    if (kbc_full(kbc)) {
        kbc->status &= (uint8_t) ~(STATUS_OBF | STATUS_AUX_OBF);
        kbc_update_irq(kbc);
        kbc_arm_reply(kbc);
        kbc_listen(kbc);
    }
    return kbc->out;
}

static uint8_t kbc_read_status(void *opaque, uint16_t port)
{
    const struct kbc *kbc = opaque;

    (void) port;
    return kbc->status | STATUS_UNLOCKED;
}

static const struct port_range kbc_ports[] = {
    { .first = PORT_DATA, .count = 1, .in = kbc_read_data, .out = kbc_write },
    { .first = PORT_COMMAND, .count = 1, .in = kbc_read_status, .out = kbc_write },
};

void kbc_reset(struct kbc *kbc)
{
    event_cancel(kbc->sched, &kbc->sent);
    event_cancel(kbc->sched, &kbc->reply);
    kbc_inhibit(kbc);
    memset(kbc->ram, 0, sizeof kbc->ram);
    kbc->ram[0] = CB_KBD_OFF | CB_AUX_OFF;
    kbc->status = 0;
    kbc->pending = 0;
    kbc->tx = NO_PORT;
    kbc->break_seen = 0;
    kbc->queued = 0;
    kbc->output_port = OUT_NO_RESET | OUT_A20;
    irq_raise(kbc->a20);
    kbc_update_irq(kbc);
}

/* A state from outside may say anything. */
static void kbc_loaded(void *opaque)
{
    struct kbc *kbc = opaque;

    kbc->queued = kbc->queued < KBC_QUEUE ? kbc->queued : KBC_QUEUE;
}

struct kbc *kbc_new(const struct kbc_config *cfg)
{
    struct kbc *kbc = xcalloc(1, sizeof *kbc);

    kbc->sched = cfg->sched;
    kbc->irq_kbd = cfg->irq_kbd;
    kbc->irq_aux = cfg->irq_aux;
    kbc->a20 = cfg->a20;
    kbc->reset = cfg->reset;
    kbc->wire[FROM_KBD] = cfg->kbd;
    kbc->wire[FROM_AUX] = cfg->aux;
    for (unsigned i = 0; i < 2; i++) {
        if (kbc->wire[i] != NULL) {
            kbc->wire[i]->wake = kbc_wake;
            kbc->wire[i]->controller = kbc;
        }
    }
    event_init(&kbc->arrive, "kbc arrive", 0, kbc_arrive, kbc);
    event_init(&kbc->sent, "kbc sent", 0, kbc_sent, kbc);
    event_init(&kbc->reply, "kbc reply", 0, kbc_reply, kbc);
    bus_map_ports(cfg->bus, kbc_ports, ARRAY_LEN(kbc_ports), kbc);
    state_register(cfg->state, "i8042", 1, kbc_fields, kbc);
    state_hooks(cfg->state, NULL, kbc_loaded, kbc);
    kbc_reset(kbc);
    return kbc;
}

void kbc_free(struct kbc *kbc)
{
    free(kbc);
}

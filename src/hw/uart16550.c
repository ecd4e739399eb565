/*
 * PC16550D asynchronous receiver/transmitter.
 *
 * Source: National Semiconductor PC16550D data sheet, section 8 "Registers";
 *         IBM PC AT Technical Reference, "Serial/Parallel Adapter" (OUT2 gates
 *         the interrupt).
 * Absent: break, parity and framing errors (nothing outside makes them), sent
 *         break, DMA signals, the one-character delay of a transmitter
 *         interrupt after a single byte in FIFO mode.
 */
#include "config.h"

#include "hw/uart16550.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"

enum uart_reg { REG_DATA, REG_IER, REG_IIR, REG_LCR, REG_MCR, REG_LSR, REG_MSR, REG_SCRATCH };

enum {
    UART_FIFO = 16,
    IER_RDA = 0x01,
    IER_THRE = 0x02,
    IER_LINE = 0x04,
    IER_MODEM = 0x08,
    IIR_NONE = 0x01,
    IIR_MODEM = 0x00,
    IIR_THRE = 0x02,
    IIR_RDA = 0x04,
    IIR_LINE = 0x06,
    IIR_TIMEOUT = 0x0c,
    FCR_ENABLE = 0x01,
    FCR_CLEAR_RX = 0x02,
    FCR_CLEAR_TX = 0x04,
    LCR_STOP = 0x04,
    LCR_PARITY = 0x08,
    LCR_DLAB = 0x80,
    MCR_DTR = 0x01,
    MCR_RTS = 0x02,
    MCR_OUT1 = 0x04,
    MCR_OUT2 = 0x08,
    MCR_LOOP = 0x10,
    LSR_DR = 0x01,
    LSR_OE = 0x02,
    LSR_THRE = 0x20,
    LSR_TEMT = 0x40,
    MSR_RI_DELTA = 0x04, /* trailing edge only */
    MSR_CTS = 0x10,
    MSR_DSR = 0x20,
    MSR_RI = 0x40,
    MSR_DCD = 0x80,
};

enum tx_phase {
    TX_IDLE,
    TX_START, /* a byte waits for the next bit time */
    TX_SHIFT, /* tsr is on its way */
};

struct uart {
    /* Saved: uart_fields. */
    uint64_t tx_tick; /* of the crystal, when the phase ends */
    uint64_t rx_tick; /* when the byte on the wire is complete */
    struct event tx_event;
    struct event rx_event;
    struct event timeout_event;
    uint16_t divisor;
    uint16_t wire_first; /* ring of bytes on their way in */
    uint16_t wire_count;
    uint8_t wire[UART_WIRE];
    uint8_t rx[UART_FIFO]; /* rx[0] is next; one byte when FIFOs are off */
    uint8_t rx_count;
    uint8_t tx[UART_FIFO];
    uint8_t tx_count;
    uint8_t tsr;
    uint8_t tx_phase;
    uint8_t ier, fcr, lcr, mcr, msr, scratch;
    uint8_t overrun;
    uint8_t rx_timeout;  /* the FIFO was left alone for four characters */
    uint8_t thre_raised; /* transmitter interrupt: until IIR is read or a byte written */
    /* Wiring. */
    uint8_t unused; /* ends the saved part without a gap */
    struct sched *sched;
    struct irq_line *irq;
    struct serial_sink sink;
    struct port_range ports;
};

const struct state_field uart_fields[] = {
    STATE_UINT(struct uart, tx_tick),
    STATE_UINT(struct uart, rx_tick),
    STATE_EVENT(struct uart, tx_event),
    STATE_EVENT(struct uart, rx_event),
    STATE_EVENT(struct uart, timeout_event),
    STATE_UINT(struct uart, divisor),
    STATE_UINT(struct uart, wire_first),
    STATE_UINT(struct uart, wire_count),
    STATE_BYTES(struct uart, wire),
    STATE_BYTES(struct uart, rx),
    STATE_UINT(struct uart, rx_count),
    STATE_BYTES(struct uart, tx),
    STATE_UINT(struct uart, tx_count),
    STATE_UINT(struct uart, tsr),
    STATE_UINT(struct uart, tx_phase),
    STATE_UINT(struct uart, ier),
    STATE_UINT(struct uart, fcr),
    STATE_UINT(struct uart, lcr),
    STATE_UINT(struct uart, mcr),
    STATE_UINT(struct uart, msr),
    STATE_UINT(struct uart, scratch),
    STATE_UINT(struct uart, overrun),
    STATE_UINT(struct uart, rx_timeout),
    STATE_UINT(struct uart, thre_raised),
    STATE_END(struct uart, unused),
};

/* --- time ----------------------------------------------------------------- */

static const struct clock uart_clock = { .num = 1843200, .den = 1 };

static uint64_t uart_ticks(const struct uart *uart)
{
    return clock_ticks(&uart_clock, sched_now(uart->sched));
}

static uint32_t uart_bit_ticks(const struct uart *uart)
{
    return 16 * (uart->divisor != 0 ? uart->divisor : 0x10000u);
}

static unsigned uart_data_bits(const struct uart *uart)
{
    return 5 + (uart->lcr & 3);
}

/* Start, data, parity and 1, 1 1/2 (of five data bits) or 2 stop bits. */
static uint64_t uart_char_ticks(const struct uart *uart)
{
    unsigned halves = 2 * (1 + uart_data_bits(uart) + (uart->lcr & LCR_PARITY ? 1 : 0));

    if (!(uart->lcr & LCR_STOP))
        halves += 2;
    else
        halves += uart_data_bits(uart) == 5 ? 3 : 4;
    return (uint64_t) halves * uart_bit_ticks(uart) / 2;
}

static uint8_t uart_char_mask(const struct uart *uart)
{
    return (uint8_t) ((1u << uart_data_bits(uart)) - 1);
}

/* --- interrupts ----------------------------------------------------------- */

static bool uart_fifo_on(const struct uart *uart)
{
    return uart->fcr & FCR_ENABLE;
}

static unsigned uart_fifo_size(const struct uart *uart)
{
    return uart_fifo_on(uart) ? UART_FIFO : 1;
}

static unsigned uart_trigger(const struct uart *uart)
{
    static const uint8_t levels[] = { 1, 4, 8, 14 };

    return uart_fifo_on(uart) ? levels[uart->fcr >> 6] : 1;
}

/* Table IV of the data sheet: the highest request that is enabled. */
static uint8_t uart_request(const struct uart *uart)
{
    if (uart->ier & IER_LINE && uart->overrun)
        return IIR_LINE;
    if (uart->ier & IER_RDA && uart->rx_count >= uart_trigger(uart))
        return IIR_RDA;
    if (uart->ier & IER_RDA && uart->rx_timeout)
        return IIR_TIMEOUT;
    if (uart->ier & IER_THRE && uart->thre_raised)
        return IIR_THRE;
    if (uart->ier & IER_MODEM && uart->msr & 0x0f)
        return IIR_MODEM;
    return IIR_NONE;
}

/* OUT2 gates the interrupt; loopback holds that pin inactive. */
static void uart_update_irq(struct uart *uart)
{
    bool gate = (uart->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;

    irq_set(uart->irq, gate && uart_request(uart) != IIR_NONE);
}

/* --- receiver ------------------------------------------------------------- */

/* Four characters without a byte in or out: "FIFO Interrupt Mode Operation". */
static void uart_arm_timeout(struct uart *uart)
{
    uart->rx_timeout = 0;
    if (uart_fifo_on(uart) && uart->rx_count != 0)
        event_at(uart->sched, &uart->timeout_event,
                 clock_time(&uart_clock, uart_ticks(uart) + 4 * uart_char_ticks(uart)));
    else
        event_cancel(uart->sched, &uart->timeout_event);
}

static void uart_timeout(void *opaque)
{
    struct uart *uart = opaque;

    uart->rx_timeout = 1;
    uart_update_irq(uart);
}

static void uart_receive(struct uart *uart, uint8_t byte)
{
    byte &= uart_char_mask(uart);
    if (uart->rx_count < uart_fifo_size(uart)) {
        uart->rx[uart->rx_count++] = byte;
    } else {
        uart->overrun = 1;
        if (!uart_fifo_on(uart))
            uart->rx[0] = byte; /* the buffer is overwritten, a FIFO is not */
    }
    uart_arm_timeout(uart);
    uart_update_irq(uart);
}

static bool uart_partner_sends(const struct uart *uart)
{
    return uart->wire_count != 0 && uart->mcr & (MCR_DTR | MCR_RTS) && !(uart->mcr & MCR_LOOP) &&
           uart->rx_count < uart_fifo_size(uart);
}

/* Lets the partner begin a byte, unless one is on the wire. */
static void uart_start_rx(struct uart *uart)
{
    if (event_armed(&uart->rx_event) || !uart_partner_sends(uart))
        return;
    uart->rx_tick = uart_ticks(uart) + uart_char_ticks(uart);
    event_at(uart->sched, &uart->rx_event, clock_time(&uart_clock, uart->rx_tick));
}

static void uart_rx_done(void *opaque)
{
    struct uart *uart = opaque;
    uint8_t byte = uart->wire[uart->wire_first % UART_WIRE];

    if (uart->wire_count == 0)
        return;
    uart->wire_first = (uart->wire_first + 1) % UART_WIRE;
    uart->wire_count--;
    if (!(uart->mcr & MCR_LOOP))
        uart_receive(uart, byte);
    if (uart_partner_sends(uart)) {
        uart->rx_tick += uart_char_ticks(uart);
        event_at(uart->sched, &uart->rx_event, clock_time(&uart_clock, uart->rx_tick));
    }
}

static void uart_input_rx(void *opaque, const struct journal_input *in)
{
    struct uart *uart = opaque;

    for (size_t i = 0; i < in->len && uart->wire_count < UART_WIRE; i++)
        uart->wire[(uart->wire_first + uart->wire_count++) % UART_WIRE] = in->data[i];
    uart_start_rx(uart);
}

static const struct journal_kind uart_kinds[] = {
    { "rx", 0, true, uart_input_rx },
};

static uint8_t uart_read_data(struct uart *uart)
{
    uint8_t byte = uart->rx[0];

    if (uart->rx_count != 0) {
        uart->rx_count--;
        /* The last byte stays readable. */
        if (uart->rx_count != 0)
            memmove(uart->rx, uart->rx + 1, uart->rx_count);
        uart_arm_timeout(uart);
        uart_start_rx(uart);
    }
    uart_update_irq(uart);
    return byte;
}

/* --- transmitter ---------------------------------------------------------- */

static void uart_tx_phase(struct uart *uart, enum tx_phase phase, uint64_t ticks)
{
    uart->tx_phase = (uint8_t) phase;
    uart->tx_tick += ticks;
    event_at(uart->sched, &uart->tx_event, clock_time(&uart_clock, uart->tx_tick));
}

static void uart_load_tsr(struct uart *uart)
{
    uart->tsr = uart->tx[0] & uart_char_mask(uart);
    uart->tx_count--;
    memmove(uart->tx, uart->tx + 1, uart->tx_count);
    if (uart->tx_count == 0)
        uart->thre_raised = 1;
    uart_tx_phase(uart, TX_SHIFT, uart_char_ticks(uart));
}

static void uart_tx_event(void *opaque)
{
    struct uart *uart = opaque;

    if (uart->tx_phase == TX_SHIFT) {
        if (uart->mcr & MCR_LOOP)
            uart_receive(uart, uart->tsr);
        else
            serial_send(&uart->sink, uart->tsr, sched_now(uart->sched));
    }
    if (uart->tx_count != 0)
        uart_load_tsr(uart);
    else
        uart->tx_phase = TX_IDLE;
    uart_update_irq(uart);
}

static void uart_write_data(struct uart *uart, uint8_t val)
{
    if (uart->tx_count < uart_fifo_size(uart))
        uart->tx[uart->tx_count++] = val;
    else if (!uart_fifo_on(uart))
        uart->tx[0] = val; /* a full FIFO drops it, the holding register does not */
    uart->thre_raised = 0;
    if (uart->tx_phase == TX_IDLE) {
        /* Data sheet, tSI: the shift register takes it 16 to 24 clocks later. */
        uart->tx_tick = uart_ticks(uart);
        uart_tx_phase(uart, TX_START, uart_bit_ticks(uart));
    }
    uart_update_irq(uart);
}

/* --- modem lines ---------------------------------------------------------- */

static uint8_t uart_modem_lines(const struct uart *uart)
{
    if (!(uart->mcr & MCR_LOOP))
        return MSR_CTS | MSR_DSR | MSR_DCD;
    return (uart->mcr & MCR_RTS ? MSR_CTS : 0) | (uart->mcr & MCR_DTR ? MSR_DSR : 0) |
           (uart->mcr & MCR_OUT1 ? MSR_RI : 0) | (uart->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

/* Changes since the last read stay in the low four bits. */
static void uart_update_msr(struct uart *uart)
{
    uint8_t lines = uart_modem_lines(uart);
    uint8_t delta = (uart->msr ^ lines) >> 4;

    if (lines & MSR_RI)
        delta &= ~MSR_RI_DELTA;
    uart->msr = lines | (uart->msr & 0x0f) | delta;
}

/* --- registers ------------------------------------------------------------ */

static uint8_t uart_lsr(const struct uart *uart)
{
    uint8_t lsr = uart->rx_count != 0 ? LSR_DR : 0;

    if (uart->overrun)
        lsr |= LSR_OE;
    if (uart->tx_count == 0)
        lsr |= LSR_THRE;
    if (uart->tx_count == 0 && uart->tx_phase == TX_IDLE)
        lsr |= LSR_TEMT;
    return lsr;
}

static uint8_t uart_read_iir(struct uart *uart)
{
    uint8_t iir = uart_request(uart);

    if (iir == IIR_THRE) {
        uart->thre_raised = 0;
        uart_update_irq(uart);
    }
    return iir | (uart_fifo_on(uart) ? 0xc0 : 0);
}

static uint8_t uart_read_lsr(struct uart *uart)
{
    uint8_t lsr = uart_lsr(uart);

    uart->overrun = 0;
    uart_update_irq(uart);
    return lsr;
}

static uint8_t uart_read_msr(struct uart *uart)
{
    uint8_t msr = uart->msr;

    uart->msr &= 0xf0;
    uart_update_irq(uart);
    return msr;
}

static uint8_t uart_in(void *opaque, uint16_t port)
{
    struct uart *uart = opaque;
    bool dlab = uart->lcr & LCR_DLAB;

    switch (port & 7) {
    case REG_DATA: return dlab ? uart->divisor & 0xff : uart_read_data(uart);
    case REG_IER: return dlab ? uart->divisor >> 8 : uart->ier;
    case REG_IIR: return uart_read_iir(uart);
    case REG_LCR: return uart->lcr;
    case REG_MCR: return uart->mcr;
    case REG_LSR: return uart_read_lsr(uart);
    case REG_MSR: return uart_read_msr(uart);
    default: return uart->scratch;
    }
}

static void uart_write_ier(struct uart *uart, uint8_t val)
{
    val &= 0x0f;
    /* Enabling it with an empty holding register raises it at once. */
    if (val & ~uart->ier & IER_THRE && uart->tx_count == 0)
        uart->thre_raised = 1;
    uart->ier = val;
    uart_update_irq(uart);
}

static void uart_write_fcr(struct uart *uart, uint8_t val)
{
    bool toggled = (val ^ uart->fcr) & FCR_ENABLE;

    if (toggled || val & FCR_CLEAR_RX) {
        uart->rx_count = 0;
        uart_arm_timeout(uart);
    }
    if ((toggled || val & FCR_CLEAR_TX) && uart->tx_count != 0) {
        uart->tx_count = 0;
        uart->thre_raised = 1;
    }
    uart->fcr = val & FCR_ENABLE ? val & 0xc9 : 0; /* bit 0 must be set to write the rest */
    uart_start_rx(uart);
    uart_update_irq(uart);
}

static void uart_write_mcr(struct uart *uart, uint8_t val)
{
    uart->mcr = val & 0x1f;
    uart_update_msr(uart);
    uart_start_rx(uart);
    uart_update_irq(uart);
}

static void uart_out(void *opaque, uint16_t port, uint8_t val)
{
    struct uart *uart = opaque;
    bool dlab = uart->lcr & LCR_DLAB;

    switch (port & 7) {
    case REG_DATA:
        if (dlab)
            uart->divisor = (uart->divisor & 0xff00) | val;
        else
            uart_write_data(uart, val);
        break;
    case REG_IER:
        if (dlab)
            uart->divisor = (uart->divisor & 0x00ff) | val << 8;
        else
            uart_write_ier(uart, val);
        break;
    case REG_IIR: uart_write_fcr(uart, val); break;
    case REG_LCR: uart->lcr = val; break;
    case REG_MCR: uart_write_mcr(uart, val); break;
    case REG_SCRATCH: uart->scratch = val; break;
    default: break; /* line and modem status: factory test only */
    }
}

/* --- construction --------------------------------------------------------- */

/* A snapshot cannot make the FIFOs longer than they are. */
static void uart_loaded(void *obj)
{
    struct uart *uart = obj;

    if (uart->rx_count > UART_FIFO)
        uart->rx_count = UART_FIFO;
    if (uart->tx_count > UART_FIFO)
        uart->tx_count = UART_FIFO;
    if (uart->wire_count > UART_WIRE)
        uart->wire_count = UART_WIRE;
}

/* Table "Reset Functions": buffers, divisor and scratch keep what they hold. */
void uart_reset(struct uart *uart)
{
    uart->ier = uart->fcr = uart->lcr = uart->mcr = 0;
    uart->rx_count = uart->tx_count = 0;
    uart->overrun = uart->rx_timeout = uart->thre_raised = 0;
    uart->tx_phase = TX_IDLE;
    event_cancel(uart->sched, &uart->tx_event);
    event_cancel(uart->sched, &uart->rx_event);
    event_cancel(uart->sched, &uart->timeout_event);
    uart->msr = uart_modem_lines(uart);
    uart_update_irq(uart);
}

struct uart *uart_new(const struct uart_config *cfg)
{
    struct uart *uart = xcalloc(1, sizeof *uart);

    uart->sched = cfg->sched;
    uart->irq = cfg->irq;
    uart->sink = cfg->sink;
    uart->divisor = 12; /* 9600 baud; the data sheet leaves it open */
    event_init(&uart->tx_event, "uart tx", 0, uart_tx_event, uart);
    event_init(&uart->rx_event, "uart rx", 0, uart_rx_done, uart);
    event_init(&uart->timeout_event, "uart timeout", 0, uart_timeout, uart);
    uart_reset(uart);
    uart->ports =
        (struct port_range){ .first = cfg->base, .count = 8, .in = uart_in, .out = uart_out };
    bus_map_ports(cfg->bus, &uart->ports, 1, uart);
    journal_add(cfg->journal, cfg->name, uart_kinds, ARRAY_LEN(uart_kinds), uart);
    state_register(cfg->state, cfg->name, 1, uart_fields, uart);
    state_hooks(cfg->state, NULL, uart_loaded, uart);
    return uart;
}

void uart_free(struct uart *uart)
{
    free(uart);
}

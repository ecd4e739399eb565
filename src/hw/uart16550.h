/*
 * PC16550D asynchronous receiver/transmitter as a PC's COM port.
 *
 * Inputs (journal): device cfg.name, event "rx" with bytes.  They wait on the
 * wire, at most UART_WIRE of them (what does not fit is lost), and arrive one
 * by one at the programmed speed.  The partner is a patient one: it sends while
 * the guest holds DTR or RTS (IBM's INT 14h receives with DTR alone) and has
 * room for the byte, so nothing typed or piped in is lost.  CTS, DSR and DCD
 * are always on.
 */
#ifndef HW_UART16550_H
#define HW_UART16550_H

#include "core/bus.h"
#include "core/irq.h"
#include "core/journal.h"
#include "core/serial.h"
#include "core/state.h"

enum { UART_WIRE = 8192 };

struct uart;

/* All that is pointed to outlives the chip. */
struct uart_config {
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct journal *journal;
    struct irq_line *irq;
    struct serial_sink sink;
    const char *name; /* of journal device and state section: "serial0" */
    uint16_t base;    /* 3F8h, 2F8h */
};

struct uart *uart_new(const struct uart_config *cfg);
void uart_free(struct uart *uart);
void uart_reset(struct uart *uart);

extern const struct state_field uart_fields[];

#endif

/*
 * Where the bytes of serial and parallel ports go on the host, and where a
 * serial port's input comes from.  Bytes leave at once; a reader that is slow
 * or absent costs wall time or, where it may never come, bytes: the guest
 * cannot tell.
 */
#ifndef HOST_SINK_H
#define HOST_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/serial.h"

struct sink;

/* -1 unless `spec` is stdio, null, file:F or unix:F.  Touches nothing. */
int sink_check(const char *spec, struct err *err);

/*
 * stdio: standard output and input.  file:F: a file made anew, or a FIFO or
 * device as it is.  unix:F: a socket: connects if somebody listens there, else
 * listens itself and serves one client at a time.
 */
int sink_open(struct sink **out, const char *spec, struct err *err);

/* The process's standard error. */
struct sink *sink_stderr(void);

void sink_close(struct sink *sink); /* takes NULL; gives a slow reader a moment */

/* struct serial_sink's function; opaque is the sink. */
void sink_tx(void *opaque, uint8_t byte, vtime at);

/* To be called now and then: sends what could not leave, accepts a client. */
void sink_poll(struct sink *sink);

/* True while much waits for a reader that will come: run no further. */
bool sink_stalled(const struct sink *sink);

/* True while bytes may come in: not for a file, nor after the end of input. */
bool sink_has_input(const struct sink *sink);

/* Bytes that have come in; 0: none now. */
size_t sink_receive(struct sink *sink, void *buf, size_t max);

/* The file behind a spec "file:F" or "unix:F", else NULL. */
const char *sink_path(const char *spec);

#endif

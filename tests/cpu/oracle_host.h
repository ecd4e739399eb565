/*
 * The host's own processor as a judge: 16- and 32-bit code in segments made
 * with modify_ldt(), run in this process; exceptions come back as signals with
 * the vector, error code, CR2 and registers that the kernel saw.
 *
 * Needs an x86-64 Linux that allows modify_ldt, with FSGSBASE and seccomp (code
 * below 4 GiB may make no system call); oracle_host_open() says what is missing.
 * Once open, the process is for this alone.
 */
#ifndef CPU_ORACLE_HOST_H
#define CPU_ORACLE_HOST_H

#include "cpu/oracle_world.h"

/* NULL: ready; else why not.  One a process: signals and low addresses are. */
const char *oracle_host_open(void);

/* False: refused. */
bool oracle_host_segments(const struct oracle_seg *seg);

/* All of the data and code, writable, read-only pages too; what lies at PAD_BASE. */
uint8_t *oracle_host_data(void);
uint8_t *oracle_host_code(void);
const uint8_t *oracle_host_pad(void);

/* Runs from *in until an exception, or to the jump to SEL_OUT:PAD_BASE; `end`
 * is where that stands. */
void oracle_host_run(const struct oracle_state *in, struct oracle_state *out, uint32_t end);

#endif

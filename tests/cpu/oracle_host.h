/*
 * The host's own processor as a judge: code run in this process; exceptions
 * come back as signals with the vector, error code, CR2 and registers that the
 * kernel saw.  Two ways:
 *
 *   LDT   16- and 32-bit code in segments made with modify_ldt(), cpu/oracle_ldt.c:
 *         the same bytes on both sides.  Needs FSGSBASE and a kernel that gives
 *         such segments.
 *   long  64-bit code, cpu/oracle_long.c: flat segments, and bytes that mean there
 *         what the guest's mean (cpu/oracle_code64.h).  Any x86-64 Linux.
 *
 * Both need seccomp: code below 4 GiB may make no system call.  Once open, the
 * process is for this alone.
 */
#ifndef CPU_ORACLE_HOST_H
#define CPU_ORACLE_HOST_H

#include "cpu/oracle_world.h"

/* NULL: ready; else why not.  One a process: signals and low addresses are. */
const char *oracle_ldt_open(void);
const char *oracle_long_open(void);

/* The maker is one whose differences are known: cpu/oracle_known.c. */
bool oracle_host_seen(void);

/* No host: memory only, for what runs without one. */
void oracle_none_open(void);

/* False: refused.  64-bit code has no segments: nothing is done. */
bool oracle_host_segments(const struct oracle_seg *seg);

/* All of the data and code, writable, read-only pages too; what lies at PAD_BASE. */
uint8_t *oracle_host_data(void);
uint8_t *oracle_host_code(void);
const uint8_t *oracle_host_pad(void);

/* Runs from *in until an exception or the end of the stream, which is at `end`:
 * a jump to SEL_OUT:PAD_BASE; in 64-bit code, an INT3. */
void oracle_host_run(const struct oracle_state *in, struct oracle_state *out, uint32_t end);

#endif

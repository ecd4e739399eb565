/*
 * A whole machine for tests: our firmware, a diskette in memory, no host.
 * The date is 1996-01-01, the processor a Pentium of 133 MHz.
 */
#ifndef SUPPORT_PC_H
#define SUPPORT_PC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board/machine.h"

/* Boots a copy of `image`, zero-padded to 1.44 MB, from drive A. */
struct machine *pc_new(const uint8_t *image, size_t len);

/* Runs for `ns`, or until the machine stops for another reason. */
enum machine_stop pc_run(struct machine *m, uint64_t ns);

/* Runs in slices until `text` is in a row of the screen; false after `ns`. */
bool pc_wait(struct machine *m, const char *text, uint64_t ns);

/* Press and release; `code` is a USB HID usage. */
void pc_key(struct machine *m, int code);

/* Saves `from` and loads it into `to`. */
void pc_copy_state(struct machine *from, struct machine *to);

/* Fails the test with the first field that differs. */
void pc_assert_same(struct machine *a, struct machine *b);

#endif

/* x86 instructions as text, by capstone. */
#ifndef HOST_DISASM_H
#define HOST_DISASM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct disasm;

/* bits: 16, 32, 64.  NULL: this build has no capstone, or it fails. */
struct disasm *disasm_new(unsigned bits, struct err *err);
void disasm_free(struct disasm *d); /* takes NULL */

/* The instruction at `code`, at most `len` bytes (at least 1), as if at `addr`: its
 * bytes.  What is none is a byte of data. */
size_t disasm_one(struct disasm *d, const uint8_t *code, size_t len, uint64_t addr, char *text, size_t size);

#endif

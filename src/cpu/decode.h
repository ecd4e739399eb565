/*
 * Bytes to a decoded instruction.  Pure: depends on the bytes, the model and
 * the default operand size only.
 */
#ifndef CPU_DECODE_H
#define CPU_DECODE_H

#include "cpu/insn.h"
#include "cpu/model.h"

enum { INSN_MAX = 15 };

/*
 * Decodes the instruction at `bytes`, of which `avail` are there.  True: *in is
 * complete; an opcode that the model lacks decodes to one that raises #UD, an
 * instruction of more than 15 bytes to one that raises #GP.  False: more
 * bytes are needed (never when avail >= 15).
 */
bool decode(struct insn *in, const uint8_t *bytes, unsigned avail, bool code32, const struct model *model);

#endif

/* ROMs of a trace: named by hash in it, stored beside it. */
#ifndef CTL_TRACE_ROM_H
#define CTL_TRACE_ROM_H

#include "base/buf.h"
#include "base/err.h"
#include "board/machine.h"

/* The header line of ROM number i. */
void trace_rom_put(struct buf *out, const struct machine_config *cfg, unsigned i);

/* Writes the ROMs of `cfg` into the folder of `trace`, unless they are there. */
int trace_rom_store(const char *trace, const struct machine_config *cfg, struct err *err);

/* `value` of such a line: finds the ROM in this build, or beside `trace`.
 * *path becomes NULL for one of this build, else a name to free. */
int trace_rom_find(const char *trace, const char *value, unsigned *i, char **path, struct err *err);

#endif

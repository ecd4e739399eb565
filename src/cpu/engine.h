/* What the engine offers to the rest of src/cpu. */
#ifndef CPU_ENGINE_H
#define CPU_ENGINE_H

#include "cpu/cpu_state.h"
#include "cpu/model.h"

void cpu_do_reset(struct cpu *cpu);
void engine_written(void *opaque, paddr addr, unsigned len);

#endif

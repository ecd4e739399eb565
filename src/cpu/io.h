/* Port access from instructions: permission, bus time, breakpoints. */
#ifndef CPU_IO_H
#define CPU_IO_H

#include "cpu/cpu_state.h"

/* False: #GP (or #PF of the bitmap) is in cpu->fault. */
bool io_allowed(struct cpu *cpu, uint16_t port, unsigned size);

/* The access itself; its bus time is added to the ticks after it. */
uint32_t io_in(struct cpu *cpu, uint16_t port, unsigned size);
void io_out(struct cpu *cpu, uint16_t port, unsigned size, uint32_t val);

#endif

/* What the engine offers to the rest of src/cpu, and to the translator. */
#ifndef CPU_ENGINE_H
#define CPU_ENGINE_H

#include "cpu/decode.h"
#include "cpu/insn.h"
#include "cpu/model.h"

void engine_init(struct cpu *cpu);
void engine_free(struct cpu *cpu);
void cpu_do_reset(struct cpu *cpu);
void engine_written(void *opaque, paddr addr, unsigned len);
void engine_remapped(void *opaque, paddr base, uint32_t len);

/* Single-stepping, a shadow, breakpoints, resume flag, a kept page: one at a time. */
static inline bool engine_careful(const struct cpu *cpu)
{
    /* VIP counts in ring 3 (SDM vol. 3, 20.3.2): a virtual interrupt may be due. */
    return ((cpu->eflags & (FLAG_TF | FLAG_RF | FLAG_VIP))
            && ((cpu->eflags & (FLAG_TF | FLAG_RF)) || cpu->cpl == 3))
        || (cpu->attention & (ATTN_SHADOW | ATTN_SHADOW_SS | ATTN_KEPT_PAGE))
        || (cpu->dr[7] & 0xff);
}

/* Delivers cpu->fault, raised by `in`, behind which EIP stands. */
void engine_fault(struct cpu *cpu, const struct insn *in);

/* Executes decoded instructions until one ends the run or the horizon comes. */
void engine_run(struct cpu *cpu, const struct insn *in);

/* The run of the one instruction at EIP that goes over the end of a page, or NULL: it does
 * not, or it has not been met yet. */
const struct insn *engine_crossing_found(struct cpu *cpu);
static inline const struct insn *engine_crossing(struct cpu *cpu)
{
    return (cpu->seg[CS].base + cpu->eip) % PAGE_SIZE > PAGE_SIZE - INSN_MAX ? engine_crossing_found(cpu) : NULL;
}

/* The run at EIP, or NULL: then the single step does it (and its faults). */
struct trace *engine_find(struct cpu *cpu);

#endif

/*
 * What distinguishes the processor models: features, identification, costs.
 *
 * Source: Intel SDM vol. 2 CPUID; AP-485 "Intel Processor Identification and
 *         the CPUID Instruction"; i486 and Pentium data books for clocks.
 */
#ifndef CPU_MODEL_H
#define CPU_MODEL_H

#include "cpu/insn.h"

struct model {
    const char *name;
    uint32_t signature; /* CPUID 1 EAX, EDX after RESET */
    uint32_t features;  /* CPUID 1 EDX */
    uint32_t eflags;    /* bits that can be changed */
    uint32_t cr0, cr4;  /* bits that can be changed */
    bool cpuid, tsc_msr, sysenter;
    /* Ticks of each cost class; a dword operand on a 16-bit bus is not modelled. */
    uint16_t cost[COST_CLASSES];
};

/* CPUID 1 EDX without an x87: FPU, MMX and FXSR are clear. */
#define MODEL_FPU_FEATURES (1u << 0 | 1u << 23 | 1u << 24)

extern const struct model cpu_model_table[CPU_MODELS];

static inline bool model_at_least(const struct cpu *cpu, enum cpu_model m)
{
    return cpu->model >= &cpu_model_table[m];
}

#endif

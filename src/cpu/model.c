/*
 * The table of processor models.
 *
 * Costs are typical clocks for the class, register and cached memory operands
 * alike: they depend on the opcode's row and the model alone (design, "Time").
 * None is 0: whatever starts before the horizon ends behind its start.
 */
#include "config.h"

#include "cpu/model.h"

enum cpuid_edx {
    CPUID_FPU = 1 << 0,
    CPUID_VME = 1 << 1,
    CPUID_DE = 1 << 2,
    CPUID_PSE = 1 << 3,
    CPUID_TSC = 1 << 4,
    CPUID_MSR = 1 << 5,
    CPUID_CX8 = 1 << 8,
    CPUID_SEP = 1 << 11,
    CPUID_PGE = 1 << 13,
    CPUID_CMOV = 1 << 15,
    CPUID_MMX = 1 << 23,
    CPUID_FXSR = 1 << 24,
};

#define EFLAGS_386 (FLAG_ARITH | FLAG_TF | FLAG_IF | FLAG_DF | FLAG_IOPL | FLAG_NT | FLAG_RF | FLAG_VM)
#define EFLAGS_486 (EFLAGS_386 | FLAG_AC | FLAG_ID)
#define EFLAGS_586 (EFLAGS_486 | FLAG_VIF | FLAG_VIP)

#define CR0_386 (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_PG)
#define CR0_486 (CR0_386 | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD)

#define CR4_586 (CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_MCE)
#define FEATURES_586 (CPUID_FPU | CPUID_VME | CPUID_DE | CPUID_PSE | CPUID_TSC | CPUID_MSR | CPUID_CX8)

/*                 ALU MOV JMP CALL FAR INT STACK STR MUL DIV BCD SHIFT BIT IO SEG SYS PUSHA ESC,
 *                 FLD FADD FMUL FDIV FSQRT FREM FTRANS FBCD FENV MMX */
#define COSTS_386 { 2, 2, 7, 7, 17, 37, 4, 4, 14, 27, 4, 3, 6, 6, 7, 10, 20, 2, \
                    20, 29, 52, 88, 122, 100, 420, 400, 300, 1 }
#define COSTS_486 { 1, 1, 3, 3, 13, 26, 1, 3, 13, 24, 3, 2, 4, 8, 3, 9, 11, 1, \
                    4, 10, 16, 73, 85, 84, 250, 170, 130, 1 }
#define COSTS_586 { 1, 1, 1, 1, 4, 16, 1, 1, 10, 25, 3, 1, 4, 7, 2, 8, 5, 1, \
                    1, 3, 3, 39, 70, 50, 90, 140, 110, 1 }
#define COSTS_686 { 1, 1, 1, 1, 6, 20, 1, 1, 4, 20, 3, 1, 2, 7, 3, 10, 5, 1, \
                    1, 3, 5, 38, 69, 30, 100, 140, 100, 1 }

const struct model cpu_model_table[CPU_MODELS] = {
    [CPU_386] = {
        .name = "386", .signature = 0x0308,
        .eflags = EFLAGS_386, .cr0 = CR0_386, .cost = COSTS_386,
    },
    [CPU_486] = {
        /* An SL-enhanced DX2: the first 486 with CPUID. */
        .name = "486", .signature = 0x0435, .features = CPUID_FPU,
        .eflags = EFLAGS_486, .cr0 = CR0_486, .cost = COSTS_486,
        .cpuid = true,
    },
    [CPU_PENTIUM] = {
        .name = "pentium", .signature = 0x0525, .features = FEATURES_586,
        .eflags = EFLAGS_586, .cr0 = CR0_486, .cr4 = CR4_586, .cost = COSTS_586,
        .cpuid = true, .tsc_msr = true,
    },
    [CPU_PENTIUM_MMX] = {
        .name = "pentium-mmx", .signature = 0x0543, .features = FEATURES_586 | CPUID_MMX,
        .eflags = EFLAGS_586, .cr0 = CR0_486, .cr4 = CR4_586 | CR4_PCE, .cost = COSTS_586,
        .cpuid = true, .tsc_msr = true,
    },
    [CPU_P2] = {
        .name = "p2", .signature = 0x0652,
        .features = FEATURES_586 | CPUID_SEP | CPUID_PGE | CPUID_CMOV | CPUID_MMX | CPUID_FXSR,
        .eflags = EFLAGS_586, .cr0 = CR0_486, .cr4 = CR4_586 | CR4_PCE | CR4_PGE | CR4_OSFXSR, .cost = COSTS_686,
        .cpuid = true, .tsc_msr = true, .sysenter = true,
    },
};

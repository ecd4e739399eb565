/*
 * A row: what a program does in protected or virtual-8086 mode and which
 * exception ends it, if any.  One loop runs all rows of a table.
 */
#ifndef CPU_FAULT_ROWS_H
#define CPU_FAULT_ROWS_H

#include "support/cpu_rig.h"

#define CODE(s) .code = (s), .len = sizeof(s) - 1
#define NONE    .vector = VEC_DONE, .error = NO_CODE

enum { NO_CODE = -1, V86 = 8 }; /* `ring` of a row: V86 | IOPL */

struct fault_row {
    const char *name;
    enum cpu_model model; /* 0: the 386 */
    unsigned ring;
    void (*setup)(struct cpu_rig *r); /* after cpu_rig_protected(), before the run */
    const char *code;
    size_t len;
    int vector;  /* VEC_DONE: the program came to its INT 30h */
    int64_t error; /* pushed code, NO_CODE: none */
    uint32_t at; /* offset of the instruction that faults */
    uint32_t cr2; /* of a page fault */
    void (*after)(struct cpu_rig *r); /* more to check, in the handler */
};

void fault_rows_run(const struct fault_row *rows, size_t n);

#endif

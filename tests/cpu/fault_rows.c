/* Runs a table of programs that end in an exception. */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "cpu/fault_rows.h"

enum { RAM = 1 << 20 };

static char wrong[4000]; /* what did not come out as its row says */

static void note(const char *name, const char *what, uint32_t got, uint32_t want)
{
    size_t n = strlen(wrong);

    snprintf(wrong + n, sizeof wrong - n, "\n%s: %s %x, not %x", name, what, got, want);
}

static void row_run(struct cpu_rig *r, const struct fault_row *row)
{
    static const char done[] = "\xcd\x30"; /* INT 30h */
    unsigned skip = row->error >= 0;

    if (row->ring & V86)
        cpu_rig_v86(r, row->ring & 3);
    else
        cpu_rig_protected(r, row->ring);
    cpu_rig_code(r, AT_CODE, row->code, row->len);
    cpu_rig_code(r, AT_CODE + (uint32_t) row->len, done, 2);
    if (row->setup != NULL)
        row->setup(r);
    cpu_rig_run(r, 1000);
    if (cpu_rig_vector(r) != row->vector) {
        note(row->name, "vector", (uint32_t) cpu_rig_vector(r), (uint32_t) row->vector);
        return;
    }
    if (skip && cpu_rig_frame(r, 0) != row->error)
        note(row->name, "error code", cpu_rig_frame(r, 0), (uint32_t) row->error);
    if (row->vector != VEC_DONE) {
        if (cpu_rig_frame(r, skip) != AT_CODE + row->at)
            note(row->name, "EIP", cpu_rig_frame(r, skip), AT_CODE + row->at);
        if (row->vector != EXC_DB && row->vector != EXC_BP && row->vector != EXC_OF && row->vector < 32
            && !(cpu_rig_frame(r, skip + 2) & FLAG_RF))
            note(row->name, "EFLAGS without RF,", cpu_rig_frame(r, skip + 2), FLAG_RF);
    }
    if (row->vector == EXC_PF && r->cpu->cr2 != row->cr2)
        note(row->name, "CR2", r->cpu->cr2, row->cr2);
    if (row->after != NULL)
        row->after(r);
}

void fault_rows_run(const struct fault_row *rows, size_t n)
{
    struct cpu_rig *r[CPU_MODELS] = { NULL };

    for (size_t i = 0; i < n; i++) {
        enum cpu_model m = rows[i].model;

        if (r[m] == NULL) {
            r[m] = cpu_rig_new(m, RAM);
            cpu_rig_devices(r[m]);
        }
        row_run(r[m], &rows[i]);
    }
    ck_assert_msg(wrong[0] == '\0', "%s", wrong);
    for (unsigned m = 0; m < CPU_MODELS; m++)
        cpu_rig_free(r[m]);
}

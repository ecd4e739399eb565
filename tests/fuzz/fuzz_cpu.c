/*
 * The processor: bytes become a mode, registers and code; the code runs twice,
 * once as it comes and once with every cache dropped, or the state saved and
 * loaded, every few instructions.  Neither may crash, and nothing the guest
 * sees may differ: the decode cache and the page pointers are unobservable.
 * At last it runs on from a forged state.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "cpu/flags.h"
#include "cpu/mem.h"
#include "cpu/model.h"
#include "fuzz/cpu_program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INSNS = 200 };

/* --- two runs ---------------------------------------------------------------- */

static bool over(const struct cpu_rig *r)
{
    return r->sched.insns >= INSNS || r->shutdowns != 0 || sched_now(&r->sched) >= r->sched.stop_at;
}

static void run_plain(struct cpu_rig *r)
{
    cpu_rig_step(r, INSNS);
}

static void reload(struct cpu_rig *r)
{
    struct buf b = { 0 };
    struct err err;

    state_save(r->state, &b);
    if (state_load(r->state, b.data, b.len, &err) < 0)
        abort();
    buf_free(&b);
}

static void run_disturbed(struct cpu_rig *r, uint32_t seed)
{
    while (!over(r)) {
        uint64_t insns = r->sched.insns, ticks = r->sched.ticks, left = INSNS - insns, n;

        seed = seed * 1664525 + 1013904223;
        n = seed >> 28 < 10 ? 1 + (seed >> 24 & 3) : seed >> 28;
        /* Dropping decoded instructions takes long: not every time. */
        switch (seed >> 20 & 7) {
        case 0: reload(r); break;
        case 1: case 2: cpu_rig_flush(r); break;
        default: paging_forget(r->cpu); break;
        }
        cpu_rig_step(r, n < left ? n : left);
        if (r->sched.insns == insns && r->sched.ticks == ticks)
            return; /* halted for good */
    }
}

/* Where do the two part? */
static void explain(struct cpu_rig *a, struct cpu_rig *b, const struct input *in, uint32_t seed)
{
    (void) seed;
    for (unsigned n = 1; n <= INSNS; n++) {
        program_set_up(a, *in, program_phrases);
        program_set_up(b, *in, program_phrases);
        cpu_rig_step(a, n);
        for (unsigned i = 0; i < n && !over(b); i++) {
            cpu_rig_flush(b);
            cpu_rig_step(b, 1);
        }
        program_dump("plain", a);
        if (cpu_rig_hash(a) != cpu_rig_hash(b)) {
            program_dump("disturbed", b);
            for (uint32_t at = 0; at < PROGRAM_RAM; at++)
                if (a->ram.host[at] != b->ram.host[at])
                    fprintf(stderr, "memory %x: %x %x\n", at, a->ram.host[at], b->ram.host[at]);
            return;
        }
    }
}

/* A state with bytes forged is taken or refused, and runs on without harm. */
static void run_forged(struct cpu_rig *r, const struct input *bytes)
{
    struct input in = *bytes;
    struct buf b = { 0 };
    struct err err;

    state_save(r->state, &b);
    for (unsigned n = 1 + (program_take(&in) & 15); n != 0; n--) {
        uint32_t at = program_take32(&in);

        b.data[at % b.len] = (uint8_t) (at >> 24);
    }
    if (state_load(r->state, b.data, b.len, &err) == 0) {
        r->sched.stop_at = sched_now(&r->sched) + 100000;
        cpu_rig_step(r, INSNS);
    }
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cpu_rig *rig[CPU_MODELS][2]; /* kept: making one takes long */
    struct input in = { data, data + size };
    unsigned model = program_take(&in) % CPU_MODELS;
    uint32_t seed = program_take32(&in);
    struct cpu_rig **r = rig[model];

    for (unsigned i = 0; i < 2; i++) {
        if (r[i] == NULL) {
            r[i] = cpu_rig_new(model, PROGRAM_RAM);
            cpu_rig_devices(r[i]);
        }
        program_set_up(r[i], in, program_phrases);
    }
    run_plain(r[0]);
    run_disturbed(r[1], seed);
    if (cpu_rig_hash(r[0]) != cpu_rig_hash(r[1])) {
        explain(r[0], r[1], &in, seed);
        fprintf(stderr, "the caches can be seen\n");
        abort();
    }
    run_forged(r[1], &in);
    return 0;
}

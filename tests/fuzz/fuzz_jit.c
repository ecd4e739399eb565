/*
 * The translator against the interpreter: bytes become a mode, registers and a
 * loop of instructions that read and write flags, registers and memory.  Both
 * engines run it, the translator with knobs from the input; nothing the guest
 * sees may differ, after each piece of the run.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/bits.h"
#include "cpu/fpu.h"
#include "fuzz/cpu_program.h"
#include "jit/jit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INSNS = 3000 };

/* Knobs that say as much about links and evictions as about instructions. */
static struct jit_knobs draw_knobs(uint32_t seed)
{
    return (struct jit_knobs){
        .threshold = seed & 3,
        .max_insns = seed & 4 ? 32 : 1 + (seed >> 3 & 7),
        .evict_every = seed >> 6 & 3 ? 0 : 1 + (seed >> 8 & 7),
        .no_links = (seed >> 11 & 7) == 0,
        .step_all = (seed >> 14 & 15) == 0,
        .no_fpu = (seed >> 22 & 15) == 0,
        .no_window = (seed >> 26 & 3) == 0,
    };
}

/* Registers of an x87 that make sums, denormals, NaNs, pseudo-numbers, nothing. */
static void put_fpu(struct cpu_rig *r, uint32_t seed)
{
    static const struct f80 values[8] = {
        { UINT64_C(0x8000000000000000), 0x3fff }, { UINT64_C(0xc90fdaa22168c235), 0x4000 },
        { UINT64_C(0xaaaaaaaaaaaaaaab), 0xbffd }, { 0, 0 }, { 1, 0 }, { UINT64_C(0xc000000000000001), 0x7fff },
        { UINT64_C(0x4000000000000000), 0x3ff0 }, { UINT64_C(0xffffffffffffffff), 0x401e },
    };
    const uint16_t controls[4] = { 0x37f, 0x27f, 0xf7f, (uint16_t) (0x37f & ~(1 << (seed >> 28) % 6)) };
    struct fpu *f = &r->cpu->fpu;

    r->cpu->has_fpu = true;
    *f = (struct fpu){ .cw = controls[seed & 3], .top = seed >> 2 & 7, .used = (uint8_t) (seed >> 5 | seed >> 13) };
    for (unsigned i = 0; i < 8; i++) {
        f->sig[i] = values[seed >> (2 * i) & 7].sig;
        f->se[i] = values[seed >> (2 * i) & 7].se;
    }
}

/* Where do the two part?  One instruction at a time both interpret; so by pieces. */
static void explain(struct cpu_rig *a, struct cpu_rig *b, const struct input *in, program_code *code,
                    uint32_t seed)
{
    for (unsigned n = 1; n <= INSNS; n++) {
        program_set_up(a, *in, code);
        program_set_up(b, *in, code);
        put_fpu(a, seed);
        put_fpu(b, seed);
        cpu_rig_step(a, n);
        cpu_rig_step(b, n);
        if (cpu_rig_hash(a) == cpu_rig_hash(b))
            continue;
        fprintf(stderr, "after %u instructions\n", n);
        program_dump("interpreter", a);
        program_dump("translator", b);
        for (uint32_t at = 0; at < PROGRAM_RAM; at++)
            if (a->ram.host[at] != b->ram.host[at])
                fprintf(stderr, "memory %x: %x %x\n", at, a->ram.host[at], b->ram.host[at]);
        return;
    }
}

static bool covers; /* tests/jit/coverage.c */

static struct cpu_rig *rig_new(unsigned model, struct jit **jit)
{
    struct cpu_rig *r = cpu_rig_new(model, PROGRAM_RAM);
    struct jit_knobs knobs = jit_default_knobs;
    struct err err;

    knobs.cover = covers;
    cpu_rig_devices(r);
    if (jit != NULL && (*jit = jit_new(r->cpu, &r->ram, &knobs, &err)) == NULL)
        abort();
    return r;
}

static struct cpu_rig *rigs[CPU_MODELS][2]; /* kept: making one takes long */
static struct jit *jits[CPU_MODELS];

static void compare(unsigned model, uint32_t seed, struct input in, program_code *code)
{
    struct cpu_rig **r = rigs[model];
    struct jit_knobs knobs = draw_knobs(seed);
    bool same = true;

    if (r[0] == NULL) {
        r[0] = rig_new(model, NULL);
        r[1] = rig_new(model, &jits[model]);
    }
    program_set_up(r[0], in, code);
    program_set_up(r[1], in, code);
    put_fpu(r[0], seed);
    put_fpu(r[1], seed);
    jit_set_knobs(jits[model], &knobs);
    for (unsigned n = 0; n < INSNS && same; n += INSNS / 3) {
        cpu_rig_step(r[0], INSNS / 3);
        cpu_rig_step(r[1], INSNS / 3);
        same = cpu_rig_hash(r[0]) == cpu_rig_hash(r[1]);
    }
    if (same)
        return;
    explain(r[0], r[1], &in, code, seed);
    fprintf(stderr, "the translator can be seen\n");
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static program_code *const codes[4] = { program_phrases, program_loop, program_rounds, program_rows };
    struct input in = { data, data + size };
    unsigned model = program_take(&in) % CPU_MODELS;
    uint32_t seed = program_take32(&in);

    if (jit_available())
        compare(model, seed, in, codes[seed >> 20 & 3]);
    return 0;
}

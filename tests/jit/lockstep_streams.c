/*
 * Random programs on both engines, side by side, without end in sight: those of
 * tests/fuzz/fuzz_jit.c, of which each fourth runs LONGER times as long.
 *
 *   lockstep_streams SEED FROM INSNS    programs FROM and later, of SEED, until
 *                                       INSNS instructions have been executed
 *   lockstep_streams SEED PROGRAM       that one
 *
 * Part of `make soak`.  The last line says how many programs and instructions it
 * was; a difference is said with the command that shows it again, and the bytes
 * are left as fuzz-input.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/cpu_rig.h"

enum { LONGER = 20, INPUT_MAX = 4096 };

static uint64_t insns; /* of both rigs */
static unsigned factor = 1;

static void stream_step(struct cpu_rig *r, uint64_t n);

#define cpu_rig_step stream_step
#include "fuzz/fuzz_jit.c"
#undef cpu_rig_step

static void stream_step(struct cpu_rig *r, uint64_t n)
{
    uint64_t before = r->sched.insns;

    /* explain() counts one by one. */
    cpu_rig_step(r, n == INSNS / 3 ? n * factor : n);
    insns += r->sched.insns - before;
}

static uint8_t input[INPUT_MAX];
static size_t input_size;
static unsigned long long the_seed, the_run;

static uint64_t stream_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* A program depends on its number only: any one can be run alone. */
static void stream_make(void)
{
    uint64_t x = (the_seed + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ (the_run + 1) * UINT64_C(0xbf58476d1ce4e5b9);

    if (x == 0)
        x = 1;
    for (unsigned i = 0; i < 8; i++)
        stream_random(&x);
    input_size = stream_random(&x) % INPUT_MAX;
    for (size_t i = 0; i < input_size; i++)
        input[i] = (uint8_t) (stream_random(&x) >> 24);
    factor = the_run % 4 == 0 ? LONGER : 1;
}

static void stream_differs(int sig)
{
    FILE *f = fopen("fuzz-input", "wb");

    (void) sig;
    if (f != NULL) {
        fwrite(input, 1, input_size, f);
        fclose(f);
    }
    printf("not ok 1 - lockstep_streams %llu %llu\n", the_seed, the_run);
    fflush(stdout);
    _Exit(1);
}

int main(int argc, char **argv)
{
    uint64_t first, wanted = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;

    if (argc < 3 || !jit_available()) {
        fprintf(stderr, "usage: lockstep_streams SEED PROGRAM [INSNS]\n");
        return 1;
    }
    signal(SIGABRT, stream_differs);
    the_seed = strtoull(argv[1], NULL, 0);
    first = strtoull(argv[2], NULL, 0);
    the_run = first;
    do {
        stream_make();
        LLVMFuzzerTestOneInput(input, input_size);
        the_run++;
    } while (argc > 3 && insns / 2 < wanted);
    printf("ok 1 - seed %llu: programs %llu to %llu, %llu instructions\n", the_seed,
           (unsigned long long) first, the_run - 1, (unsigned long long) insns / 2);
    return 0;
}

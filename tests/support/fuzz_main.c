/*
 * Runs a fuzz target without libFuzzer: over the files named, or over a fixed
 * number of pseudo-random inputs (the same each time).  Prints TAP.
 *   target --runs N [SEED]   as many others; a failing one is left as fuzz-input
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_RUNS = 300, FUZZ_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t fuzz_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static int fuzz_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *f = fopen(path, "rb");
    size_t n;

    if (f == NULL) {
        perror(path);
        return 1;
    }
    n = fread(data, 1, sizeof data, f);
    fclose(f);
    LLVMFuzzerTestOneInput(data, n);
    return 0;
}

/* Written before it runs: what fails does not come back. */
static void fuzz_leave(const uint8_t *data, size_t n)
{
    FILE *f = fopen("fuzz-input", "wb");

    if (f == NULL)
        return;
    fwrite(data, 1, n, f);
    fclose(f);
}

int main(int argc, char **argv)
{
    uint8_t data[FUZZ_MAX];
    uint64_t seed = 88172645463325252u;
    unsigned long runs = FUZZ_RUNS;

    if (argc > 2 && strcmp(argv[1], "--runs") == 0) {
        runs = strtoul(argv[2], NULL, 0);
        seed += argc > 3 ? strtoul(argv[3], NULL, 0) * 0x9e3779b97f4a7c15u : 0;
    } else if (argc > 1) {
        int rc = 0;

        for (int i = 1; i < argc; i++)
            rc |= fuzz_file(argv[i]);
        return rc;
    }
    for (unsigned long run = 0; run < runs; run++) {
        size_t n = fuzz_random(&seed) % FUZZ_MAX;

        for (size_t i = 0; i < n; i++)
            data[i] = (uint8_t) (fuzz_random(&seed) >> 24);
        if (runs != FUZZ_RUNS)
            fuzz_leave(data, n);
        LLVMFuzzerTestOneInput(data, n);
    }
    printf("1..1\nok 1 - %lu pseudo-random inputs\n", runs);
    return 0;
}

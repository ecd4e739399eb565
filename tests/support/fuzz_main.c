/*
 * Runs a fuzz target without libFuzzer: over the files named, or over a fixed
 * number of pseudo-random inputs (the same each time).  Prints TAP.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

int main(int argc, char **argv)
{
    uint8_t data[FUZZ_MAX];
    uint64_t seed = 88172645463325252u;

    if (argc > 1) {
        int rc = 0;

        for (int i = 1; i < argc; i++)
            rc |= fuzz_file(argv[i]);
        return rc;
    }
    for (unsigned run = 0; run < FUZZ_RUNS; run++) {
        size_t n = fuzz_random(&seed) % FUZZ_MAX;

        for (size_t i = 0; i < n; i++)
            data[i] = (uint8_t) (fuzz_random(&seed) >> 24);
        LLVMFuzzerTestOneInput(data, n);
    }
    printf("1..1\nok 1 - %d pseudo-random inputs\n", FUZZ_RUNS);
    return 0;
}

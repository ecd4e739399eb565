/* The judge's command line: judge [-v] SECTION | judge list | judge compare FILE FILE. */
#include <stdio.h>
#include <string.h>

#include "judge.h"

bool verbose;

static uint64_t random_state;

void random_seed(uint64_t seed)
{
    random_state = seed * 2 + 1;
}

/* Marsaglia's xorshift64, multiplied. */
uint64_t random_u64(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1d;
}

uint64_t random_edge(void)
{
    uint64_t r = random_u64();
    uint64_t val = random_u64();

    switch (r & 7) {
    case 0: return (r >> 8 & 7) - 3;
    case 1: return (uint64_t) 1 << (r >> 8 & 63);
    case 2: return ((uint64_t) 1 << (r >> 8 & 63)) - 1;
    case 3: return ~((uint64_t) 1 << (r >> 8 & 63));
    case 4: return val >> (r >> 8 & 63);
    default: return val;
    }
}

uint64_t mix(uint64_t sum, uint64_t val)
{
    sum = (sum ^ val) * 0x9e3779b97f4a7c15;
    return sum ^ sum >> 29;
}

static const struct section {
    const char *name;
    void (*run)(void);
} sections[] = {
    { "alu", judge_alu },
    { "int64", judge_int64 },
    { "conditions", judge_conditions },
    { "strings", judge_strings },
    { "library", judge_library },
    { "mmx", judge_mmx },
    { "x87-arith", judge_x87_arith },
    { "x87-convert", judge_x87_convert },
    { "x87-stack", judge_x87_stack },
    { "long-double", judge_long_double },
    { "libm-exact", judge_libm_exact },
    { "signals", judge_signals },
    { "processes", judge_processes },
    /* Not the same bits everywhere: for "compare". */
    { "near", judge_near },
};

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "compare"))
        return judge_compare(argv[2], argv[3]);
    if (argc == 3 && !strcmp(argv[1], "-v")) {
        verbose = true;
        argv++;
        argc--;
    }
    for (size_t i = 0; argc == 2 && i < sizeof sections / sizeof *sections; i++) {
        if (!strcmp(argv[1], "list")) {
            if (sections[i].run != judge_near)
                puts(sections[i].name);
        } else if (!strcmp(argv[1], sections[i].name)) {
            random_seed(i);
            sections[i].run();
            return fflush(stdout) != 0;
        }
    }
    return argc == 2 && !strcmp(argv[1], "list") ? 0 : 2;
}

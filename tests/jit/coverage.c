/*
 * Random programs on both engines until each cell of the coverage table
 * (cover_table.h) has run: a few for each form and mode, half of which are that
 * instruction, then more for what is missing.  Part of `make soak`.
 *
 *   coverage [--seed SEED] [--rounds N]   at most 2 N programs a form and mode;
 *                                         prints the table, and fails with the
 *                                         names of cells that have not run
 *   coverage --program SEED N FORM MODE   the one that was said to differ
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz_jit.c"
#include "jit/cover_table.h"

enum { SEED = 20261201, LEAST = 2, ROUNDS = 2000, BATCH = 2, INPUT_MAX = 600 };

/* The program that runs. */
static struct program {
    struct jit_form form;
    enum jit_mode mode;
    uint64_t seed;
    unsigned number, place; /* the form is cover_form(place) */
} now;

static unsigned long long programs;

static size_t put_now(struct input *in, uint8_t *code, size_t max, bool code16)
{
    return program_form(in, &now.form, code, max, code16);
}

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* The first byte that program_set_up() takes. */
static uint8_t mode_byte(enum jit_mode mode, uint8_t any)
{
    static const uint8_t protected_modes[8] = { 3, 4, 5, 6, 7, 5, 6, 7 };
    static const uint8_t fixed[JIT_MODES] = {
        [JIT_V86] = 1, [JIT_V86_PAGED] = 9, [JIT_CODE16] = 0xc0, [JIT_CODE16_PAGED] = 0xc8, [JIT_FLAT_PAGED] = 8,
        [JIT_SEGMENTS] = 0x80, [JIT_SEGMENTS_PAGED] = 0x88,
    };

    if (mode <= JIT_V86_PAGED)
        return (any & 0xb0) | fixed[mode];
    return (any & 0x30) | fixed[mode] | protected_modes[any & 7];
}

/* A program depends on its place in the table and its number only: any one can be run alone. */
static void run_program(void)
{
    uint64_t x = (now.seed + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ (now.number + 1) * UINT64_C(0xbf58476d1ce4e5b9)
               ^ (now.place * JIT_MODES + now.mode + 1) * UINT64_C(0x94d049bb133111eb);
    unsigned since = jit_row(now.form.row)->since, model;
    uint8_t bytes[INPUT_MAX];
    uint32_t seed;

    for (unsigned i = 0; i < 8; i++)
        next_random(&x);
    model = since + next_random(&x) % (CPU_MODELS - since);
    seed = (uint32_t) (next_random(&x) >> 24);
    for (unsigned i = 0; i < INPUT_MAX; i++)
        bytes[i] = (uint8_t) (next_random(&x) >> 24);
    bytes[0] = mode_byte(now.mode, bytes[0]);
    compare(model, seed, (struct input){ bytes, bytes + sizeof bytes }, put_now);
    programs++;
}

static void differs(int sig)
{
    (void) sig;
    printf("not ok 1 - coverage --program %llu %u %u %u\n", (unsigned long long) now.seed, now.number, now.place, now.mode);
    fflush(stdout);
    _Exit(1);
}

/* --- until nothing is missing --------------------------------------------- */

static struct cover_table table;

static void take_table(void)
{
    memset(&table, 0, sizeof table);
    for (unsigned i = 0; i < CPU_MODELS; i++)
        if (jits[i] != NULL)
            cover_table_add(&table, jits[i]);
}

static bool mode_is_wrong(void)
{
    bool wrong = false;

    for (unsigned o = 0; o < COVER_OUTCOMES; o++)
        wrong |= cover_wrong(&table, now.form, now.mode, o);
    return wrong;
}

/* False: nothing of it is missing, and it has had its programs. */
static bool try_form(unsigned round)
{
    bool tried = false;

    for (now.mode = 0; now.mode < JIT_MODES; now.mode++) {
        if (round >= LEAST && !mode_is_wrong())
            continue;
        for (unsigned i = 0; i < BATCH; i++) {
            now.number = round * BATCH + i;
            run_program();
        }
        tried = true;
    }
    return tried;
}

static bool try_all(unsigned round)
{
    bool tried = false, row_tried = false;

    for (now.place = 0; now.place < COVER_FORMS; now.place++) {
        now.form = cover_form(now.place);
        if (jit_has_form(now.form))
            row_tried |= try_form(round);
        if (row_tried && now.place % (JIT_OPERANDS * 2) == JIT_OPERANDS * 2 - 1) { /* it takes long */
            take_table();
            tried = true;
            row_tried = false;
        }
    }
    return tried;
}

static int cover(unsigned rounds)
{
    struct cover_sum sum;

    for (unsigned i = 0; i < rounds && try_all(i); i++)
        continue;
    cover_table_print(&table, stdout);
    cover_print_absences(stdout);
    sum = cover_check(&table, stdout);
    printf("%s 1 - coverage, seed %llu: %llu programs; %u of %u cells can be, %u are wrong\n",
           sum.wrong == 0 ? "ok" : "not ok", (unsigned long long) now.seed, programs, sum.expected, sum.cells, sum.wrong);
    return sum.wrong != 0;
}

/* SEED N FORM MODE */
static int run_one(char **arg)
{
    now.seed = strtoull(arg[0], NULL, 0);
    now.number = (unsigned) strtoul(arg[1], NULL, 0);
    now.place = (unsigned) strtoul(arg[2], NULL, 0) % COVER_FORMS;
    now.form = cover_form(now.place);
    now.mode = strtoul(arg[3], NULL, 0) % JIT_MODES;
    run_program();
    printf("ok 1 - it does not differ\n");
    return 0;
}

int main(int argc, char **argv)
{
    unsigned rounds = ROUNDS;
    int i = 1;

    if (!jit_available()) {
        printf("ok 1 - coverage # SKIP no translator\n");
        return 77;
    }
    now.seed = SEED;
    covers = true;
    signal(SIGABRT, differs);
    if (argc == 6 && strcmp(argv[1], "--program") == 0)
        return run_one(argv + 2);
    for (; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seed") == 0)
            now.seed = strtoull(argv[i + 1], NULL, 0);
        else if (strcmp(argv[i], "--rounds") == 0)
            rounds = (unsigned) strtoul(argv[i + 1], NULL, 0);
        else
            break;
    }
    if (i == argc)
        return cover(rounds);
    fprintf(stderr, "usage: coverage [--seed SEED] [--rounds N]\n"
                    "       coverage --program SEED N FORM MODE\n");
    return 2;
}

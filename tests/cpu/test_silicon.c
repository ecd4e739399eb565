/*
 * Single instructions with the results of a real processor: tests/cpu/silicon.txt,
 * run by the interpreter, on any host, and by the translator, where there is one.
 *
 *   test_silicon [FILE]
 *
 * The file was made by our own runs (`oracle --vectors`); its head says on what.
 * What the 8086-style vectors of ../shared lack: 32-bit operands and addresses,
 * descriptors with limits and rights, page faults, 486 to P6 instructions, x87
 * and MMX in all code sizes.  At its end, one line for each fault that the
 * silicon oracle has found in src/cpu.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cpu/oracle_case.h"
#include "cpu/oracle_guest.h"

struct bench {
    struct oracle_guest *guest;
    struct oracle_seg seg[ORACLE_SEGS];
    uint64_t ldt_seed;
    uint8_t before[DATA_SIZE], code[CODE_SIZE], pad[4096];
    unsigned first, len;
};

static void bench_code(struct bench *b, struct stream *st, uint32_t *end)
{
    memset(b->code, 0xcc, CODE_SIZE);
    oracle_guest_code(b->guest, b->first, b->code, b->len);
    b->len = stream_lay(st, b->seg, b->code, &b->first, end);
    oracle_guest_code(b->guest, b->first, b->code, b->len);
}

/* What this engine makes of it. */
static bool bench_run(struct bench *b, const struct oracle_case *c, char text[CASE_TEXT])
{
    struct oracle_state after;
    struct stream st;
    uint32_t end;

    if (c->ldt_seed != b->ldt_seed) {
        b->ldt_seed = c->ldt_seed;
        world_segments(b->seg, c->ldt_seed);
        oracle_guest_segments(b->guest, b->seg);
    }
    world_content(b->before, c->mem_seed);
    oracle_guest_set_data(b->guest, b->before);
    case_to_stream(c, &st);
    bench_code(b, &st, &end);
    oracle_guest_run(b->guest, &c->before, &after);
    oracle_arrived(&after, end);
    return case_result(text, c, &after, b->before, oracle_guest_data(b->guest));
}

static unsigned run_file(struct bench *b, FILE *f, unsigned *cases)
{
    static char line[2 * CASE_TEXT];
    char text[CASE_TEXT];
    unsigned bad = 0, n = 0;

    while (fgets(line, sizeof line, f) != NULL) {
        struct oracle_case c;
        const char *want;

        n++;
        line[strcspn(line, "\n")] = 0;
        if (*line == '#' || *line == 0)
            continue;
        ++*cases;
        *text = 0;
        if (case_parse(&c, line, &want) && want != NULL && bench_run(b, &c, text) && strcmp(text, want) == 0)
            continue;
        if (bad++ < 10)
            printf("# line %u: %s\n#   here: %s\n", n, line, text);
    }
    return bad;
}

/* One engine; false: it differs. */
static bool run_engine(unsigned number, bool translate, const char *path)
{
    const char *engine = translate ? "translator" : "interpreter";
    struct bench *b = xcalloc(1, sizeof *b);
    FILE *f = fopen(path, "r");
    unsigned bad = 1, cases = 0;

    b->guest = oracle_guest_new(translate);
    if (b->guest == NULL) {
        printf("ok %u - %s # SKIP not on this host\n", number, engine);
        bad = 0;
    } else if (f != NULL) {
        oracle_guest_pad(b->guest, b->pad);
        bad = run_file(b, f, &cases);
        bad |= cases == 0;
        printf("%sok %u - %s: %u instructions as on silicon\n", bad == 0 ? "" : "not ", number, engine, cases);
    } else {
        printf("# %s: cannot be read\nnot ok %u - %s\n", path, number, engine);
    }
    if (f != NULL)
        fclose(f);
    oracle_guest_free(b->guest);
    free(b);
    return bad == 0;
}

int main(int argc, char **argv)
{
    const char *srcdir = getenv("top_srcdir");
    char *path = argc > 1 ? xstrdup(argv[1]) : xasprintf("%s/tests/cpu/silicon.txt", srcdir != NULL ? srcdir : ".");
    bool good;

    printf("1..2\n");
    good = run_engine(1, false, path);
    good &= run_engine(2, true, path);
    free(path);
    return !good;
}

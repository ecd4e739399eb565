/*
 * The silicon oracle: random instruction streams three ways: on the interpreter,
 * on the translator and on the host's own processor, in the same segments,
 * registers and memory; every register, selector, flag, byte, x87 register,
 * exception, error code and CR2 must agree.
 *
 *   oracle [--insns N] [--seed N] [--bits 16|32] [--from STREAM] [--state FILE]
 *          [--judge ldt|long|none] [--engine both|interp]
 *   oracle --vectors N    prints tests/cpu/silicon.txt: N cases of each row and code size
 *   oracle --cases FILE   runs such lines on the host: does it still say so?  Adds what it says
 *                         to lines that do not tell
 *
 * N instructions of each code size (or of one), executed ones only.  A stream
 * follows from the seed, the code size, the judge and its number: --from goes
 * on in the middle, --state keeps the place in a file.  A difference is cut down
 * and printed as the line that tests/cpu/silicon.txt holds.
 *
 * The judges are two (cpu/oracle_host.h): LDT segments where the host gives
 * them, else 64-bit code; --vectors and --cases need the first.  Where it is not
 * the first, the two engines run as many instructions in LDT segments without a
 * judge (none): far transfers, limits, 16-bit addresses and what else 64-bit
 * code has not.
 *
 * What is not judged is listed at the end with its reason, and counted where it
 * can be: instructions left out (cpu/oracle_gen.c; those that 64-bit code cannot
 * stand for: cpu/oracle_code64.c) and what is known to differ between makers
 * (cpu/oracle_known.c).  Flags that the manual calls undefined are compared with
 * the host's only once they have been defined again; the translator has the
 * interpreter's.  The known differences are those of an AMD, the only maker's
 * that has been seen: what another's are beyond that is reported, and fails
 * nothing.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bits.h"
#include "base/mem.h"
#include "cpu/oracle_case.h"
#include "cpu/oracle_code64.h"
#include "cpu/oracle_gen.h"
#include "cpu/oracle_guest.h"
#include "cpu/oracle_host.h"
#include "cpu/oracle_known.h"

enum {
    BATCH = 64,      /* streams with one memory */
    EPOCH = 1 << 14, /* streams with one set of segments */
    MAX_FAILED = 10,
};

/* --- state --------------------------------------------------------------- */

struct oracle {
    uint64_t seed;
    enum { JUDGE_LDT, JUDGE_LONG, JUDGE_NONE } judge;
    struct oracle_place here;
    struct oracle_guest *translated; /* NULL: no translator */
    uint8_t kept[DATA_SIZE];
    unsigned code_first, code_len; /* the last stream's place */
    uint64_t ldt_seed, mem_seed;
    unsigned long long insns, streams, outs, known[KNOWN_KINDS];
    unsigned long rows[4][256 * 8];
    bool not_judged;     /* the last stream differed, as known */
    bool engines_differ; /* some stream, on interpreter and translator */
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    struct rng r = { a * 0x9e3779b97f4a7c15u ^ b };

    return rng_next(&r) ^ rng_next(&r) << 1;
}

/* 64-bit code: flat ones. */
static bool use_segments(struct oracle *o, uint64_t seed)
{
    o->ldt_seed = o->judge == JUDGE_LONG ? 0 : seed;
    world_segments(o->here.seg, o->ldt_seed);
    oracle_guest_segments(o->here.guest, o->here.seg);
    if (o->translated != NULL)
        oracle_guest_segments(o->translated, o->here.seg);
    return o->judge == JUDGE_NONE || oracle_host_segments(o->here.seg);
}

/* All sides' data. */
static void set_data(struct oracle *o, const uint8_t *data)
{
    memcpy(oracle_host_data(), data, DATA_SIZE);
    oracle_guest_set_data(o->here.guest, data);
    if (o->translated != NULL)
        oracle_guest_set_data(o->translated, data);
}

static void guests_code(struct oracle *o, unsigned first, const uint8_t *bytes, unsigned len)
{
    memcpy(o->here.code + first, bytes, len);
    oracle_guest_code(o->here.guest, first, bytes, len);
    if (o->translated != NULL)
        oracle_guest_code(o->translated, first, bytes, len);
}

static void lay(struct oracle *o, struct stream *st, uint32_t *end)
{
    uint8_t code[STREAM_BYTES], blank[STREAM_BYTES];
    unsigned first, len = stream_lay(st, o->here.seg, code, &first, end);

    memset(blank, 0xcc, o->code_len);
    guests_code(o, o->code_first, blank, o->code_len);
    memcpy(oracle_host_code() + o->code_first, blank, o->code_len);
    guests_code(o, first, code, len);
    stream_lay_host(st, code, len);
    memcpy(oracle_host_code() + first, code, len);
    o->code_first = first;
    o->code_len = len;
}

/* --- comparing ----------------------------------------------------------- */

static const char *state_differs(const struct oracle_state *g, const struct oracle_state *h, uint32_t undefined)
{
    static char text[200];
    uint32_t flags = (FLAG_ARITH | FLAG_DF | FLAG_AC | FLAG_NT | FLAG_ID | FLAG_TF | FLAG_IF | FLAG_IOPL) & ~undefined;

    uint32_t error = UINT32_MAX;

    if (g->vector == 14) /* fetches do not show without NX; our tables are where nothing is on the host */
        error = g->cr2 >= 0xffc00000 ? ~0x11u : ~0x10u;
    if (g->vector != h->vector || ((g->error ^ h->error) & error) || g->cr2 != h->cr2) {
        snprintf(text, sizeof text, "exception %u(%x) cr2 %x, host %u(%x) cr2 %x (eip %x, host %x)", g->vector,
                 g->error, g->cr2, h->vector, h->error, h->cr2, g->eip, h->eip);
        return text;
    }
    for (unsigned i = 0; i < 8; i++) {
        if (g->gpr[i] != h->gpr[i]) {
            snprintf(text, sizeof text, "register %u is %08x, host %08x", i, g->gpr[i], h->gpr[i]);
            return text;
        }
    }
    for (unsigned i = 0; i < 6; i++) {
        /* The kernel's return to ring 3 makes null selectors 0 (SDM vol. 2, IRET). */
        if (g->seg[i] != h->seg[i] && !(i == 1 && g->vector == VEC_OUT) && ((g->seg[i] | h->seg[i]) & ~3)) {
            snprintf(text, sizeof text, "selector %u is %04x, host %04x", i, g->seg[i], h->seg[i]);
            return text;
        }
    }
    if (g->eip != h->eip) {
        snprintf(text, sizeof text, "eip is %x, host %x", g->eip, h->eip);
        return text;
    }
    if ((g->eflags ^ h->eflags) & flags) {
        snprintf(text, sizeof text, "flags are %06x, host %06x", g->eflags & flags, h->eflags & flags);
        return text;
    }
    for (unsigned i = 0; i < 160; i++) {
        bool judged = i < 5 || (i >= 32 && i % 16 < 10);

        uint8_t mask = i == 3 && (undefined & UNDEFINED_C1) ? 0xfd : 0xff;

        if (judged && ((g->fx[i] ^ h->fx[i]) & mask)) {
            snprintf(text, sizeof text, "x87 byte %u is %02x, host %02x", i, g->fx[i], h->fx[i]);
            return text;
        }
    }
    return NULL;
}

static const char *memory_differs(const uint8_t *mine, const uint8_t *hosts)
{
    static char text[80];

    if (memcmp(mine, hosts, DATA_SIZE) == 0)
        return NULL;
    for (unsigned i = 0; i < DATA_SIZE; i++) {
        if (mine[i] != hosts[i]) {
            snprintf(text, sizeof text, "byte %06x is %02x, host %02x", DATA_BASE + i, mine[i], hosts[i]);
            return text;
        }
    }
    return NULL;
}

static void arrived(const struct stream *st, struct oracle_state *s, uint32_t end)
{
    oracle_arrived(s, end);
    s->eip = stream_behind_pad(st, s->eip);
}

/* The translator against the interpreter: nothing may differ, nor the count of instructions. */
static const char *translated_differs(struct oracle *o, const struct stream *st, const struct oracle_state *g,
                                      unsigned long done, uint32_t end)
{
    static char text[300];
    struct oracle_state t;
    unsigned long count;
    const char *why = NULL;

    if (o->translated == NULL)
        return NULL;
    count = oracle_guest_run(o->translated, &st->regs, &t);
    arrived(st, &t, end);
    if (g->vector == VEC_ENDLESS) {
        t.eip = g->eip;
        t.eflags = g->eflags;
    }
    why = state_differs(&t, g, 0);
    if (why == NULL && (memcmp(t.fx, g->fx, FX_BYTES) != 0 || t.eflags != g->eflags || t.error != g->error))
        why = "x87, EFLAGS or error code";
    if (why == NULL)
        why = memory_differs(oracle_guest_data(o->translated), oracle_guest_data(o->here.guest));
    if (why == NULL && count != done)
        why = "count of instructions";
    if (why == NULL)
        return NULL;
    snprintf(text, sizeof text, "translator (\"host\": the interpreter): %s", why);
    return text;
}

/* Flags that are not compared where the host has stopped. */
static uint32_t not_defined(const struct stream *st, const struct oracle_state *host)
{
    uint32_t undefined = 0;

    return stream_at(st, host->eip, &undefined) ? undefined : FLAG_ARITH | UNDEFINED_C1; /* it jumped away */
}

/* The host against the interpreter, whose end is *g; with no judge, nothing. */
static const char *host_differs(struct oracle *o, const struct stream *st, const struct oracle_state *g,
                                struct oracle_state *host, uint32_t end)
{
    const uint8_t *mine = oracle_guest_data(o->here.guest);
    const char *why;

    if (o->judge == JUDGE_NONE) {
        *host = *g;
        memcpy(oracle_host_data(), mine, DATA_SIZE);
        return NULL;
    }
    memcpy(oracle_host_data(), o->here.before, DATA_SIZE);
    oracle_host_run(&st->regs, host, end);
    arrived(st, host, end);
    why = state_differs(g, host, not_defined(st, host));
    return why != NULL ? why : memory_differs(mine, oracle_host_data());
}

static void count_stream(struct oracle *o, const struct stream *st, const struct oracle_state *guest,
                         unsigned long done)
{
    unsigned long none = (guest->vector == VEC_OUT) + stream_pads(st, guest->eip);

    o->streams++;
    o->insns += done > none ? done - none : 0;
    o->outs += guest->vector == VEC_OUT;
}

/* Runs the stream on all sides from here.before.  NULL: they agree, or differ as known. */
static const char *stream_differs(struct oracle *o, struct stream *st, bool count)
{
    struct oracle_state host, guest = { 0 };
    unsigned long done;
    uint32_t end;
    enum known kind;
    const char *why, *engines;

    lay(o, st, &end);
    done = oracle_guest_run(o->here.guest, &st->regs, &guest);
    arrived(st, &guest, end);
    engines = translated_differs(o, st, &guest, done, end);
    o->engines_differ |= engines != NULL;
    why = host_differs(o, st, &guest, &host, end);
    if (count)
        count_stream(o, st, &guest, done);
    if (why != NULL && (why = host_differs(o, st, &guest, &host, end)) == NULL)
        o->known[K_ONCE] += count;
    if (why == NULL && guest.vector != VEC_ENDLESS)
        return engines;
    kind = known_difference(&o->here, st, &guest, &host);
    memcpy(o->kept, oracle_host_data(), DATA_SIZE);
    set_data(o, o->kept);
    o->not_judged = true;
    if (engines != NULL)
        return engines;
    if (kind == NOT_KNOWN)
        return why != NULL ? why : "endless here";
    if (count)
        o->known[kind]++;
    return NULL;
}

/* --- shrinking ----------------------------------------------------------- */

static const char *differs_again(struct oracle *o, struct stream *st)
{
    set_data(o, o->here.before);
    return stream_differs(o, st, false);
}

static bool shrink_to(struct oracle *o, struct stream *st, const struct stream *less)
{
    struct stream try = *less;

    if (differs_again(o, &try) == NULL)
        return false;
    *st = try;
    return true;
}

/* Up to the first instruction that differs, then without those that do not matter. */
static void shrink_pieces(struct oracle *o, struct stream *st)
{
    for (unsigned n = 1; n < st->n; n++) {
        struct stream less = *st;

        less.n = n;
        if (shrink_to(o, st, &less))
            break;
    }
    for (unsigned i = 0; i < st->n && st->n > 1;) {
        struct stream less = *st;

        memmove(&less.piece[i], &less.piece[i + 1], (less.n - i - 1) * sizeof less.piece[0]);
        less.n--;
        if (!shrink_to(o, st, &less))
            i++;
    }
}

static void shrink_state(struct oracle *o, struct stream *st)
{
    static uint8_t was[DATA_SIZE];
    uint64_t mem_seed = o->mem_seed;
    struct stream less = *st;

    less.fx_seed = 0;
    world_fx(less.regs.fx, 0);
    shrink_to(o, st, &less);
    less = *st;
    less.regs.eflags = FLAG_IF | 2;
    shrink_to(o, st, &less);
    for (unsigned i = 0; i < 8; i++) {
        less = *st;
        less.regs.gpr[i] = 0;
        shrink_to(o, st, &less);
    }
    memcpy(was, o->here.before, DATA_SIZE);
    o->mem_seed = 1;
    world_content(o->here.before, 1);
    less = *st;
    if (!shrink_to(o, st, &less)) {
        memcpy(o->here.before, was, DATA_SIZE);
        o->mem_seed = mem_seed;
    }
}

/* The host's answer, where it is as short as a line of tests/cpu/silicon.txt. */
static void print_host_says(struct oracle *o, struct stream *st, struct oracle_case *c)
{
    struct oracle_state after;
    char text[CASE_TEXT];
    uint32_t end;

    memcpy(oracle_host_data(), o->here.before, DATA_SIZE);
    lay(o, st, &end);
    oracle_host_run(&st->regs, &after, end);
    arrived(st, &after, end);
    c->undefined = not_defined(st, &after);
    if (case_result(text, c, &after, o->here.before, oracle_host_data()))
        printf(" -> %s", text);
}

static void print_pieces(const struct stream *st, bool host)
{
    printf("#    ");
    for (unsigned i = 0; i < st->n; i++) {
        for (unsigned k = 0; k < st->piece[i].len; k++)
            printf(" %02x", host ? st->piece[i].host[k] : st->piece[i].byte[k]);
        printf(" ;");
    }
    printf("%s\n", host ? " (host)" : "");
}

static void stream_report(struct oracle *o, struct stream *st, unsigned long long number, const char *why)
{
    struct stream whole = *st;
    struct oracle_case c;

    printf("# stream %llu of seed %llu, %d-bit: %s\n", number, (unsigned long long) o->seed, st->code32 ? 32 : 16, why);
    if (differs_again(o, st) == NULL) {
        printf("#   did not happen again\n");
        return;
    }
    shrink_pieces(o, st);
    shrink_state(o, st);
    why = differs_again(o, st);
    case_from_stream(&c, st, o->ldt_seed, o->mem_seed);
    printf("#   %s\n#   ", why != NULL ? why : "(not when shrunk)");
    case_print(stdout, &c);
    if (o->judge != JUDGE_NONE)
        print_host_says(o, st, &c);
    printf("%s\n", o->mem_seed == 1 ? "" : " (with the memory of that stream)");
    for (unsigned i = 0; i < 6; i++) {
        const struct oracle_seg *s = &o->here.seg[st->regs.seg[i] >> 3];

        printf("%s%c:%04x:%08x+%08x%s%s%s%s%s", i == 0 ? "#     " : " ", "ecsdfg"[i], st->regs.seg[i], s->base,
               s->limit, s->code ? "c" : "", s->big ? "b" : "", s->conforming_or_down ? "d" : "",
               s->writable_or_readable ? "" : "r", s->present ? "" : "n");
    }
    printf("\n");
    print_pieces(st, false);
    if (st->code64)
        print_pieces(st, true);
    *st = whole;
}

/* --- running ------------------------------------------------------------- */

/* Which rows the streams have: every sixteenth is looked at. */
static void note_rows(struct oracle *o, const struct stream *st)
{
    const struct op_row *const base[4] = { op_rows_1, op_rows_0f, op_rows_esc_mem, op_rows_esc_reg };
    static const unsigned size[4] = { 256 * 8, 256 * 8, 64, 512 };

    for (unsigned i = 0; i < st->n; i++) {
        struct insn in;

        if (!decode(&in, st->piece[i].byte, INSN_MAX, st->code32, oracle_guest_model(o->here.guest)) || in.row == NULL)
            continue;
        for (unsigned t = 0; t < 4; t++)
            if (in.row >= base[t] && in.row < base[t] + size[t])
                o->rows[t][in.row - base[t]]++;
    }
}

static void begin_batch(struct oracle *o, unsigned long long number)
{
    o->mem_seed = mix(o->seed, number / BATCH);
    world_content(o->kept, o->mem_seed);
    set_data(o, o->kept);
}

struct place {
    const char *file, *judge;
    unsigned long long stream[2], insns[2]; /* of 16- and 32-bit code */
};

static void place_load(struct place *p)
{
    FILE *f = p->file != NULL ? fopen(p->file, "r") : NULL;
    char judge[8];

    if (f == NULL)
        return;
    /* Another judge's streams are not these. */
    if (fscanf(f, "%7s %llu %llu %llu %llu", judge, &p->stream[0], &p->insns[0], &p->stream[1], &p->insns[1]) != 5
        || strcmp(judge, p->judge) != 0)
        *p = (struct place){ .file = p->file, .judge = p->judge };
    fclose(f);
}

static void place_save(const struct place *p)
{
    FILE *f = p->file != NULL ? fopen(p->file, "w") : NULL;

    if (f == NULL)
        return;
    fprintf(f, "%s %llu %llu %llu %llu\n", p->judge, p->stream[0], p->insns[0], p->stream[1], p->insns[1]);
    fclose(f);
}

static unsigned run_streams(struct oracle *o, bool code32, unsigned long long insns, struct place *p)
{
    unsigned long long number = p->stream[code32], before = p->insns[code32];
    struct stream_kind kind = { code32, o->judge == JUDGE_LONG };
    unsigned failed = 0;

    o->insns = 0;
    number -= number % BATCH;
    if (!use_segments(o, mix(o->seed, ~(number - number % EPOCH))))
        return 1;
    for (; before + o->insns < insns && failed < MAX_FAILED; number++) {
        struct rng r = { mix(o->seed, number * 2 + code32) };
        const char *why;
        struct stream st;

        if (number % EPOCH == 0) {
            p->stream[code32] = number;
            p->insns[code32] = before + o->insns;
            place_save(p);
            if (!use_segments(o, mix(o->seed, ~number)))
                return 1;
        }
        if (number % BATCH == 0)
            begin_batch(o, number);
        stream_random(&r, &st, kind, o->here.seg, oracle_guest_model(o->here.guest));
        if (number % 16 == 0)
            note_rows(o, &st);
        memcpy(o->here.before, oracle_host_data(), DATA_SIZE);
        why = stream_differs(o, &st, true);
        if (why != NULL) {
            stream_report(o, &st, number, why);
            number |= BATCH - 1; /* its memory is used up */
            failed++;
        }
    }
    p->stream[code32] = (number + BATCH - 1) / BATCH * BATCH; /* memory is made anew there */
    p->insns[code32] = before + o->insns;
    place_save(p);
    return failed;
}

static void print_summary(const struct oracle *o, double seconds, unsigned long long insns)
{
    unsigned rows = 0, n;
    const struct exclusion *left_out = code64_exclusions(&n);

    for (unsigned t = 0; t < 4; t++)
        for (unsigned i = 0; i < 256 * 8; i++)
            rows += o->rows[t][i] != 0;
    printf("# %llu streams, %llu of them to their end; %llu instructions executed, %.0f a second; %u rows of the "
           "opcode tables\n", o->streams, o->outs, insns, (double) insns / (seconds > 0 ? seconds : 1), rows);
    if (o->translated != NULL)
        printf("# the translator has run each of them too: as the interpreter, undefined flags and counts also\n");
    for (unsigned k = 0; k < n && o->judge == JUDGE_LONG; k++)
        printf("# left out, 64-bit code: %s: %s\n", left_out[k].what, left_out[k].why);
    for (unsigned k = 1; k < KNOWN_KINDS; k++)
        if (o->known[k] != 0)
            printf("# not judged, %llu streams: %s: %s\n", o->known[k], known_table[k].what, known_table[k].why);
}

/* --- vectors ------------------------------------------------------------- */

/* The host's answer to a case; false: the sides differ.  c->undefined is as
 * given, or follows from the stream. */
static bool vector_text(struct oracle *o, struct stream *st, struct oracle_case *c, bool given, char text[CASE_TEXT])
{
    struct oracle_state after;
    uint32_t end;

    if (differs_again(o, st) != NULL)
        return false;
    memcpy(oracle_host_data(), o->here.before, DATA_SIZE);
    lay(o, st, &end);
    oracle_host_run(&st->regs, &after, end);
    arrived(st, &after, end);
    if (after.vector == VEC_ENDLESS || (!given && !stream_at(st, after.eip, &c->undefined)))
        return false;
    return case_result(text, c, &after, o->here.before, oracle_host_data());
}

/* Cases of the row: of each code size `n` that arrive and `n` that fault. */
static void print_vectors_of(struct oracle *o, struct rng *r, unsigned opcode, unsigned n)
{
    struct {
        const char *name;
        unsigned got[2][2];
    } seen[32] = { 0 };

    for (unsigned i = 0; i < 300 * n; i++) {
        bool code32 = i % 2 == 1;
        char text[CASE_TEXT];
        struct oracle_case c;
        struct stream st;
        struct insn in;
        unsigned k = 0, out;

        if (!stream_single(r, &st, code32, opcode, o->here.seg, oracle_guest_model(o->here.guest))
            || !decode(&in, st.piece[0].byte, INSN_MAX, code32, oracle_guest_model(o->here.guest)))
            continue;
        st.fx_seed &= 0xff;
        world_fx(st.regs.fx, st.fx_seed);
        while (k < ARRAY_LEN(seen) - 1 && seen[k].name != NULL && strcmp(seen[k].name, in.row->name) != 0)
            k++;
        memset(&c, 0, sizeof c);
        c.before = st.regs;
        o->not_judged = false;
        if (!vector_text(o, &st, &c, false, text) || o->not_judged)
            continue;
        out = strncmp(text, "v=100 ", 6) == 0;
        seen[k].name = in.row->name;
        if (seen[k].got[code32][out]++ >= n)
            continue;
        case_from_stream(&c, &st, o->ldt_seed, o->mem_seed); /* with the jumps as they were laid */
        case_print(stdout, &c);
        printf(" -> %s\n", text);
    }
}

static int print_vectors(struct oracle *o, unsigned n)
{
    struct rng r = { o->seed };

    if (!use_segments(o, 1))
        return 1;
    o->mem_seed = 1;
    world_content(o->here.before, 1);
    for (unsigned opcode = 0; opcode < 256; opcode++)
        print_vectors_of(o, &r, opcode, n);
    for (unsigned opcode = 0x0f00; opcode < 0x1000; opcode++)
        print_vectors_of(o, &r, opcode, n);
    return 0;
}

static int run_cases(struct oracle *o, const char *file)
{
    FILE *f = fopen(file, "r");
    char line[2 * CASE_TEXT], text[CASE_TEXT];
    unsigned bad = 0, n = 0;

    if (f == NULL)
        return 1;
    while (fgets(line, sizeof line, f) != NULL) {
        struct oracle_case c;
        struct stream st;
        const char *want;

        line[strcspn(line, "\n")] = 0;
        if (!case_parse(&c, line, &want))
            continue;
        case_to_stream(&c, &st);
        st.piece[st.n - 1].undef = (uint16_t) c.undefined;
        world_content(o->here.before, c.mem_seed);
        if (c.ldt_seed != o->ldt_seed && !use_segments(o, c.ldt_seed))
            break;
        n++;
        *text = 0;
        if (vector_text(o, &st, &c, true, text) && want != NULL && strcmp(text, want) == 0)
            continue;
        if (want == NULL) {
            printf("%s -> %s\n", line, text);
            continue;
        }
        bad++;
        printf("# %s\n#   host: %s\n", line, text);
    }
    fclose(f);
    printf("# %u cases, %u differ\n", n, bad);
    return bad != 0;
}

static unsigned run_part(struct oracle *o, int bits, unsigned long long insns, unsigned number, struct place *p)
{
    static const char *const against[] = { "against the host's processor",
                                           "against the host's processor, as 64-bit code",
                                           "in LDT segments, interpreter and translator" };
    const char *todo = oracle_host_seen() ? "" : " # TODO other differences between makers than an AMD's";
    unsigned failed = 0;
    unsigned long long total = 0;
    double start = (double) clock() / CLOCKS_PER_SEC;

    o->streams = o->outs = 0;
    memset(o->known, 0, sizeof o->known);
    place_load(p);
    for (unsigned pass = 0; pass < 2; pass++) {
        unsigned bad, size = pass == 1 ? 32 : 16;

        if (bits != 0 && bits != (int) size) {
            printf("ok %u - %u-bit code # SKIP not asked for\n", number + pass, size);
            continue;
        }
        bad = run_streams(o, pass == 1, insns, p);
        total += o->insns;
        if (o->engines_differ || o->judge == JUDGE_NONE)
            todo = "";
        printf("%sok %u - %llu instructions of %u-bit code %s%s\n", bad == 0 ? "" : "not ", number + pass,
               p->insns[pass], size, against[o->judge], bad == 0 ? "" : todo);
        failed += *todo == '\0' ? bad : 0;
    }
    print_summary(o, (double) clock() / CLOCKS_PER_SEC - start, total);
    return failed;
}

static void skip_part(unsigned number, const char *why)
{
    printf("ok %u - 16-bit code # SKIP %s\nok %u - 32-bit code # SKIP %s\n", number, why, number + 1, why);
}

/* --- the program --------------------------------------------------------- */

struct options {
    unsigned long long insns, from;
    int bits;
    unsigned vectors;
    const char *cases, *judge, *engine, *state;
};

static bool one_of(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(word, *words) != 0)
        words++;
    return *words != NULL;
}

static bool options_parse(struct options *opt, struct oracle *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "insns", required_argument, NULL, 'n' }, { "seed", required_argument, NULL, 's' },
        { "bits", required_argument, NULL, 'b' },  { "from", required_argument, NULL, 'f' },
        { "state", required_argument, NULL, 'k' }, { "vectors", required_argument, NULL, 'v' },
        { "cases", required_argument, NULL, 'c' }, { "judge", required_argument, NULL, 'j' },
        { "engine", required_argument, NULL, 'e' }, { NULL, 0, NULL, 0 },
    };
    static const char *const judges[] = { "any", "ldt", "long", "none", NULL };
    static const char *const engines[] = { "both", "interp", NULL };
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'n': opt->insns = strtoull(optarg, NULL, 0); break;
        case 's': o->seed = strtoull(optarg, NULL, 0); break;
        case 'b': opt->bits = atoi(optarg); break;
        case 'f': opt->from = strtoull(optarg, NULL, 0); break;
        case 'v': opt->vectors = (unsigned) strtoul(optarg, NULL, 0); break;
        case 'c': opt->cases = optarg; break;
        case 'k': opt->state = optarg; break;
        case 'j': opt->judge = optarg; break;
        case 'e': opt->engine = optarg; break;
        default: return false;
        }
    }
    return one_of(opt->judge, judges) && one_of(opt->engine, engines);
}

/* NULL: there is o->judge; else why there is none. */
static const char *open_judge(struct oracle *o, const char *which)
{
    const char *why = NULL;

    o->judge = JUDGE_NONE;
    if (strcmp(which, "none") == 0)
        return "not asked for";
    if (strcmp(which, "long") != 0) {
        why = oracle_ldt_open();
        if (why == NULL)
            o->judge = JUDGE_LDT;
        if (why == NULL || strcmp(which, "ldt") == 0)
            return why;
        printf("# no LDT code: %s\n", why);
    }
    why = oracle_long_open();
    if (why == NULL)
        o->judge = JUDGE_LONG;
    return why;
}

static void open_guests(struct oracle *o, bool translate)
{
    memset(o->here.code, 0xcc, CODE_SIZE);
    o->here.guest = oracle_guest_new(false);
    oracle_guest_pad(o->here.guest, oracle_host_pad());
    o->translated = translate ? oracle_guest_new(true) : NULL;
    if (o->translated != NULL)
        oracle_guest_pad(o->translated, oracle_host_pad());
}

/* The engines alone are not asked for together with one judge by name. */
static unsigned run_all(struct oracle *o, const struct options *opt, const char *no_judge)
{
    static const char *const names[] = { "ldt", "long", "none" };
    char *state = opt->state != NULL ? xasprintf("%s.none", opt->state) : NULL;
    struct place judged = { .file = opt->state, .judge = names[o->judge], .stream = { opt->from, opt->from } };
    struct place alone = { .file = state, .judge = names[JUDGE_NONE], .stream = { opt->from, opt->from } };
    unsigned failed = 0;

    if (o->judge == JUDGE_NONE)
        skip_part(1, no_judge);
    else
        failed += run_part(o, opt->bits, opt->insns, 1, &judged);
    if (o->judge == JUDGE_LDT || strcmp(opt->judge, "long") == 0) {
        skip_part(3, "there was a judge");
    } else if (o->translated == NULL) {
        skip_part(3, "no translator");
    } else {
        o->judge = JUDGE_NONE;
        failed += run_part(o, opt->bits, opt->insns, 3, &alone);
    }
    free(state);
    return failed;
}

int main(int argc, char **argv)
{
    struct oracle *o = xcalloc(1, sizeof *o);
    struct options opt = { .insns = 500000, .judge = "any", .engine = "both" };
    const char *why;
    unsigned failed;

    o->seed = 1;
    if (!options_parse(&opt, o, argc, argv))
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (opt.vectors != 0 || opt.cases != NULL)
        opt.judge = "ldt";
    else
        printf("1..4\n");
    why = open_judge(o, opt.judge);
    if (why != NULL && (opt.vectors != 0 || opt.cases != NULL)) {
        fprintf(stderr, "oracle: %s\n", why);
        return 77;
    }
    if (why != NULL)
        oracle_none_open();
    open_guests(o, strcmp(opt.engine, "both") == 0);
    if (opt.vectors != 0)
        failed = (unsigned) print_vectors(o, opt.vectors);
    else if (opt.cases != NULL)
        failed = (unsigned) run_cases(o, opt.cases);
    else
        failed = run_all(o, &opt, why);
    oracle_guest_free(o->translated);
    oracle_guest_free(o->here.guest);
    free(o);
    return failed != 0;
}

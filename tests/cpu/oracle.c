/*
 * The silicon oracle: random instruction streams on the interpreter and on the
 * host's own processor, in the same segments, registers and memory; every
 * register, selector, flag, byte, x87 register, exception, error code and CR2
 * must agree.
 *
 *   oracle [--insns N] [--seed N] [--bits 16|32] [--from STREAM] [--state FILE]
 *   oracle --vectors N    prints tests/cpu/silicon.txt: N cases of each row and code size
 *   oracle --cases FILE   runs such lines on the host: does it still say so?  Adds what it says
 *                         to lines that do not tell
 *
 * N instructions of each code size (or of one), executed ones only.  A stream
 * follows from the seed, the code size and its number: --from goes on in the
 * middle, --state keeps the place in a file.  A difference is cut down and
 * printed as the line that tests/cpu/silicon.txt holds.
 *
 * What is not judged is counted and listed at the end with its reason:
 * instructions left out (cpu/oracle_gen.c) and what is known to differ between
 * makers (below).  Flags that the manual calls undefined are compared only once
 * they have been defined again.
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
#include "cpu/oracle_gen.h"
#include "cpu/oracle_guest.h"
#include "cpu/oracle_host.h"
#include "cpu/ops.h"

enum {
    BATCH = 64,      /* streams with one memory */
    EPOCH = 1 << 14, /* streams with one set of segments */
    MAX_FAILED = 10,
};

/* --- known differences --------------------------------------------------- */

enum known {
    NOT_KNOWN, K_WILD, K_ENDLESS, K_ORDER, K_PUSHA, K_IRET_NT, K_KERNEL_SEL, K_POP_SEG, K_ALIGN_F80, K_LOCK, K_ENV, KNOWN_KINDS,
};

static const struct {
    const char *what, *why;
} known_table[KNOWN_KINDS] = {
    [K_WILD] = { "a jump left the stream", "what it met may be any of the instructions left out" },
    [K_ENDLESS] = { "endless", "both sides still run after 100,000 instructions" },
    [K_ORDER] = { "which of two faults of one instruction", "the order is the model's (SDM vol. 3, 6.9, table 6-2)" },
    [K_PUSHA] = { "PUSHA, POPA past the limit", "AMD has written what came before; ESP is as before: it restarts alike" },
    [K_IRET_NT] = { "IRET with NT", "#GP in compatibility mode (SDM vol. 2, IRET), a task switch in ours" },
    [K_POP_SEG] = { "POP sreg, 32-bit, at an edge", "two bytes are read (Linux 3.19, KVM, \"pop sreg accesses only 2 bytes\"); AMD reads four" },
    [K_ALIGN_F80] = { "alignment of ten-byte operands", "8 in the SDM (vol. 3, table 6-7); AMD checks less" },
    [K_LOCK] = { "LOCK where it is not allowed, and a bad operand", "#UD comes first (SDM vol. 3, table 6-2), not so on AMD for some" },
    [K_ENV] = { "FLDENV, FRSTOR at an edge", "AMD reads from the end, and goes round at 64 KiB or 4 GiB piece by piece" },
    [K_KERNEL_SEL] = { "a selector of the host kernel's GDT", "30h and 78h are valid there" },
};

/* --- state --------------------------------------------------------------- */

struct oracle {
    uint64_t seed;
    struct oracle_seg seg[ORACLE_SEGS];
    struct oracle_guest *guest;
    uint8_t before[DATA_SIZE], kept[DATA_SIZE];
    unsigned code_first, code_len; /* the last stream's place */
    uint64_t ldt_seed, mem_seed;
    unsigned long long insns, streams, outs, known[KNOWN_KINDS];
    unsigned long rows[4][256 * 8];
    bool not_judged; /* the last stream differed, as known */
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    struct rng r = { a * 0x9e3779b97f4a7c15u ^ b };

    return rng_next(&r) ^ rng_next(&r) << 1;
}

static bool use_segments(struct oracle *o, uint64_t seed)
{
    o->ldt_seed = seed;
    world_segments(o->seg, seed);
    oracle_guest_segments(o->guest, o->seg);
    return oracle_host_segments(o->seg);
}

static void both_code(struct oracle *o, unsigned first, const uint8_t *bytes, unsigned len)
{
    memcpy(oracle_host_code() + first, bytes, len);
    oracle_guest_code(o->guest, first, bytes, len);
}

static void lay(struct oracle *o, struct stream *st, uint32_t *end)
{
    uint8_t code[STREAM_BYTES], blank[STREAM_BYTES];
    unsigned first, len = stream_lay(st, o->seg, code, &first, end);

    memset(blank, 0xcc, o->code_len);
    both_code(o, o->code_first, blank, o->code_len);
    both_code(o, first, code, len);
    o->code_first = first;
    o->code_len = len;
}

/* --- what the guest met -------------------------------------------------- */

struct follow {
    const struct oracle *o;
    const struct stream *st;
    struct insn last;
    uint32_t last_eip, last_eflags;
    bool wild, cpu_number, env_edge;
    unsigned steps;
};

/* Jumps whose target the bytes do not tell: undefined flags follow them unseen. */
static bool jumps_anywhere(const struct insn *in)
{
    op_fn *fn = in->fn;

    return fn == op_ret || fn == op_ret_far || fn == op_iret || fn == op_jmp_abs || fn == op_call_abs
        || fn == op_jmp_far || fn == op_call_far;
}

/* An x87 image that begins below the top of 16- or 32-bit offsets and ends above. */
static bool goes_round(const struct insn *in, const uint32_t *gpr)
{
    uint32_t ea = ((in->base < 8 ? gpr[in->base] : 0) + (in->index < 8 ? gpr[in->index] << in->scale : 0) + in->disp)
                & in->ea_mask;

    return ea > in->ea_mask - 107;
}

static bool follow_step(void *opaque, uint16_t cs, uint32_t eip, const uint32_t *gpr, uint32_t eflags)
{
    struct follow *f = opaque;
    const struct oracle *o = f->o;
    uint32_t undefined, at = (cs & 4 ? o->seg[cs >> 3].base : 0) + eip - CODE_BASE;

    if (f->steps != 0 && f->last.fn != NULL && jumps_anywhere(&f->last) && eip != f->last_eip + f->last.len)
        f->wild = true;
    f->last_eip = eip;
    f->last_eflags = eflags;
    /* Not code at all (the host's data cannot be executed); neither the start
     * of a piece nor the filling; or as other code. */
    if ((cs ^ f->st->regs.seg[1]) & 4 || at - (DATA_BASE - CODE_BASE) < DATA_SIZE)
        f->wild = true;
    else if (at < CODE_SIZE
             && (!stream_at(f->st, at - (o->seg[f->st->regs.seg[1] >> 3].base - CODE_BASE), &undefined)
                 || o->seg[cs >> 3].big != f->st->code32)
             && oracle_host_code()[at] != 0xcc)
        f->wild = true;
    if (at < CODE_SIZE
        && !decode(&f->last, oracle_host_code() + at, CODE_SIZE - at < INSN_MAX ? CODE_SIZE - at : INSN_MAX,
                   f->st->code32, oracle_guest_model(o->guest)))
        f->last.fn = NULL;
    if (f->last.fn == op_lsl && (f->last.src.kind != OPND_REG || (gpr[f->last.src.reg & 7] & 0xfffc) == 0x78))
        f->cpu_number = true;
    if ((f->last.fn == op_fpu_ldenv || f->last.fn == op_fpu_rstor) && goes_round(&f->last, gpr))
        f->env_edge = true;
    return !f->wild && ++f->steps < 100000;
}

/* The last instruction, and whether it left the stream; changes the guest's memory. */
static void follow(struct oracle *o, const struct stream *st, struct follow *f)
{
    *f = (struct follow){ .o = o, .st = st };
    memcpy(oracle_guest_data(o->guest), o->before, DATA_SIZE);
    oracle_guest_watch(o->guest, &st->regs, follow_step, f);
}

/* POP of 32 bits into a segment register. */
static bool pops_selector(const struct oracle *o, const struct stream *st, uint32_t eip)
{
    uint32_t undefined, at = o->seg[st->regs.seg[1] >> 3].base + eip - CODE_BASE;
    struct insn in;

    return stream_at(st, eip, &undefined) && at < CODE_SIZE
        && decode(&in, oracle_host_code() + at, CODE_SIZE - at < INSN_MAX ? CODE_SIZE - at : INSN_MAX, st->code32, oracle_guest_model(o->guest))
        && in.fn == op_pop_seg && in.width == 4;
}

static bool kernel_selector(uint32_t sel)
{
    return (sel & ~3u) == 0x30 || (sel & ~3u) == 0x78;
}

/* AMD: two accesses, eight bytes and two. */
static bool ten_bytes(const struct insn *in)
{
    return in->row->a == A_Mf80 || in->row->a == A_Mbcd;
}

/* Instructions with two operands in memory, or one and a new EIP to check. */
static bool two_accesses(op_fn *fn)
{
    static op_fn *const fns[] = {
        op_cmps, op_movs, op_ret_far, op_iret, op_call, op_call_abs, op_call_far,
    };

    for (unsigned i = 0; i < ARRAY_LEN(fns); i++)
        if (fn == fns[i])
            return true;
    return false;
}

static enum known known_difference(struct oracle *o, const struct stream *st, const struct oracle_state *guest,
                                   const struct oracle_state *host)
{
    unsigned gv = guest->vector, hv = host->vector;
    bool access = (gv == 12 || gv == 13 || gv == 14 || gv == 17) && (hv == 12 || hv == 13 || hv == 14 || hv == 17);
    struct follow f;

    if (gv == VEC_ENDLESS && hv == VEC_ENDLESS)
        return K_ENDLESS;
    follow(o, st, &f);
    if (f.wild)
        return K_WILD;
    if (f.last.fn == NULL)
        return NOT_KNOWN;
    if (f.last.fn == op_iret && (f.last_eflags & FLAG_NT))
        return K_IRET_NT;
    if (f.cpu_number || kernel_selector(guest->error) || kernel_selector(host->error))
        return K_KERNEL_SEL;
    if (gv == 6 && (f.last.flags & INSN_LOCK) && hv >= 12 && hv <= 14)
        return K_LOCK;
    if (f.env_edge || f.last.fn == op_fpu_ldenv || f.last.fn == op_fpu_rstor)
        return K_ENV;
    if (gv == 17 && ten_bytes(&f.last))
        return K_ALIGN_F80;
    if (access && guest->eip == host->eip) {
        if (f.last.fn == op_pusha || f.last.fn == op_popa)
            return K_PUSHA;
        if ((guest->eflags & FLAG_AC) || two_accesses(f.last.fn) || ten_bytes(&f.last))
            return K_ORDER;
    }
    if ((hv == 12 || hv == 14 || hv == 17) && pops_selector(o, st, host->eip))
        return K_POP_SEG;
    return NOT_KNOWN;
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

/* Runs the stream on both sides from o->before.  NULL: they agree, or differ as known. */
static const char *stream_differs(struct oracle *o, struct stream *st, bool count)
{
    uint8_t *hosts = oracle_host_data(), *mine = oracle_guest_data(o->guest);
    struct oracle_state host, guest;
    unsigned long done;
    uint32_t end, undefined = 0;
    enum known kind;
    const char *why;

    lay(o, st, &end);
    oracle_host_run(&st->regs, &host, end);
    done = oracle_guest_run(o->guest, &st->regs, &guest);
    oracle_arrived(&guest, end);
    oracle_arrived(&host, end);
    if (!stream_at(st, host.eip, &undefined))
        undefined = FLAG_ARITH | UNDEFINED_C1; /* it jumped away: unknown */
    why = state_differs(&guest, &host, undefined);
    if (why == NULL)
        why = memory_differs(mine, hosts);
    if (count) {
        o->streams++;
        o->insns += done == 0 ? 0 : done - (guest.vector == VEC_OUT);
        o->outs += guest.vector == VEC_OUT;
    }
    if (why == NULL && guest.vector != VEC_ENDLESS)
        return NULL;
    kind = known_difference(o, st, &guest, &host);
    memcpy(mine, hosts, DATA_SIZE);
    o->not_judged = true;
    if (kind == NOT_KNOWN)
        return why != NULL ? why : "endless here";
    if (count)
        o->known[kind]++;
    return NULL;
}

/* --- shrinking ----------------------------------------------------------- */

static const char *differs_again(struct oracle *o, struct stream *st)
{
    memcpy(oracle_host_data(), o->before, DATA_SIZE);
    memcpy(oracle_guest_data(o->guest), o->before, DATA_SIZE);
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
    memcpy(o->kept, o->before, DATA_SIZE);
    o->mem_seed = 1;
    world_content(o->before, 1);
    less = *st;
    if (!shrink_to(o, st, &less)) {
        memcpy(o->before, o->kept, DATA_SIZE);
        o->mem_seed = mem_seed;
    }
}

static void stream_report(struct oracle *o, struct stream *st, unsigned long long number)
{
    struct stream whole = *st;
    const char *why = differs_again(o, st);
    struct oracle_case c;

    printf("# stream %llu of seed %llu, %d-bit: %s\n", number, (unsigned long long) o->seed, st->code32 ? 32 : 16,
           why != NULL ? why : "did not happen again");
    if (why == NULL)
        return;
    shrink_pieces(o, st);
    shrink_state(o, st);
    why = differs_again(o, st);
    case_from_stream(&c, st, o->ldt_seed, o->mem_seed);
    printf("#   %s\n#   ", why != NULL ? why : "(not when shrunk)");
    case_print(stdout, &c);
    printf("%s\n", o->mem_seed == 1 ? "" : " (with the memory of that stream)");
    for (unsigned i = 0; i < 6; i++) {
        const struct oracle_seg *s = &o->seg[st->regs.seg[i] >> 3];

        printf("%s%c:%04x:%08x+%08x%s%s%s%s%s", i == 0 ? "#     " : " ", "ecsdfg"[i], st->regs.seg[i], s->base, s->limit,
               s->code ? "c" : "", s->big ? "b" : "", s->conforming_or_down ? "d" : "",
               s->writable_or_readable ? "" : "r", s->present ? "" : "n");
    }
    printf("\n#    ");
    for (unsigned i = 0; i < st->n; i++) {
        for (unsigned k = 0; k < st->piece[i].len; k++)
            printf(" %02x", st->piece[i].byte[k]);
        printf(" ;");
    }
    printf("\n");
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

        if (!decode(&in, st->piece[i].byte, INSN_MAX, st->code32, oracle_guest_model(o->guest)) || in.row == NULL)
            continue;
        for (unsigned t = 0; t < 4; t++)
            if (in.row >= base[t] && in.row < base[t] + size[t])
                o->rows[t][in.row - base[t]]++;
    }
}

static void begin_batch(struct oracle *o, unsigned long long number)
{
    o->mem_seed = mix(o->seed, number / BATCH);
    world_content(oracle_host_data(), o->mem_seed);
    memcpy(oracle_guest_data(o->guest), oracle_host_data(), DATA_SIZE);
}

struct place {
    const char *file;
    unsigned long long stream[2], insns[2]; /* of 16- and 32-bit code */
};

static void place_load(struct place *p)
{
    FILE *f = p->file != NULL ? fopen(p->file, "r") : NULL;

    if (f == NULL)
        return;
    if (fscanf(f, "%llu %llu %llu %llu", &p->stream[0], &p->insns[0], &p->stream[1], &p->insns[1]) != 4)
        *p = (struct place){ .file = p->file };
    fclose(f);
}

static void place_save(const struct place *p)
{
    FILE *f = p->file != NULL ? fopen(p->file, "w") : NULL;

    if (f == NULL)
        return;
    fprintf(f, "%llu %llu %llu %llu\n", p->stream[0], p->insns[0], p->stream[1], p->insns[1]);
    fclose(f);
}

static unsigned run_streams(struct oracle *o, bool code32, unsigned long long insns, struct place *p)
{
    unsigned long long number = p->stream[code32], before = p->insns[code32];
    unsigned failed = 0;

    o->insns = 0;
    number -= number % BATCH;
    if (!use_segments(o, mix(o->seed, ~(number - number % EPOCH))))
        return 1;
    for (; before + o->insns < insns && failed < MAX_FAILED; number++) {
        struct rng r = { mix(o->seed, number * 2 + code32) };
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
        stream_random(&r, &st, code32, o->seg, oracle_guest_model(o->guest));
        if (number % 16 == 0)
            note_rows(o, &st);
        memcpy(o->before, oracle_host_data(), DATA_SIZE);
        if (stream_differs(o, &st, true) != NULL) {
            stream_report(o, &st, number);
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
    unsigned rows = 0;
    unsigned long most = 0;

    for (unsigned t = 0; t < 4; t++)
        for (unsigned i = 0; i < 256 * 8; i++) {
            rows += o->rows[t][i] != 0;
            most = o->rows[t][i] > most ? o->rows[t][i] : most;
        }
    printf("# %llu streams, %llu of them to their end; %llu instructions executed, %.0f a second; %u rows of the opcode "
           "tables\n", o->streams, o->outs, insns, (double) insns / (seconds > 0 ? seconds : 1), rows);
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
    memcpy(oracle_host_data(), o->before, DATA_SIZE);
    lay(o, st, &end);
    oracle_host_run(&st->regs, &after, end);
    oracle_arrived(&after, end);
    if (after.vector == VEC_ENDLESS || (!given && !stream_at(st, after.eip, &c->undefined)))
        return false;
    return case_result(text, c, &after, o->before, oracle_host_data());
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

        if (!stream_single(r, &st, code32, opcode, o->seg, oracle_guest_model(o->guest))
            || !decode(&in, st.piece[0].byte, INSN_MAX, code32, oracle_guest_model(o->guest)))
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
    world_content(o->before, 1);
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
        world_content(o->before, c.mem_seed);
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

static unsigned run_all(struct oracle *o, int bits, unsigned long long insns, struct place *p)
{
    unsigned failed = 0;
    unsigned long long total = 0;
    double start = (double) clock() / CLOCKS_PER_SEC;

    for (unsigned pass = 0; pass < 2; pass++) {
        unsigned bad;

        if (bits != 0 && (bits == 32) != (pass == 1)) {
            printf("ok %u - %d-bit code # SKIP not asked for\n", pass + 1, pass == 1 ? 32 : 16);
            continue;
        }
        bad = run_streams(o, pass == 1, insns, p);
        total += o->insns;
        printf("%sok %u - %llu instructions of %d-bit code against the host's processor\n", bad == 0 ? "" : "not ",
               pass + 1, p->insns[pass], pass == 1 ? 32 : 16);
        failed += bad;
    }
    print_summary(o, (double) clock() / CLOCKS_PER_SEC - start, total);
    return failed;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "insns", required_argument, NULL, 'n' }, { "seed", required_argument, NULL, 's' },
        { "bits", required_argument, NULL, 'b' },  { "from", required_argument, NULL, 'f' },
        { "state", required_argument, NULL, 'k' }, { "vectors", required_argument, NULL, 'v' },
        { "cases", required_argument, NULL, 'c' }, { NULL, 0, NULL, 0 },
    };
    struct oracle *o = xcalloc(1, sizeof *o);
    struct place place = { 0 };
    unsigned long long insns = 500000;
    int bits = 0, c;
    unsigned failed, vectors = 0;
    const char *why, *cases = NULL;

    o->seed = 1;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'n': insns = strtoull(optarg, NULL, 0); break;
        case 's': o->seed = strtoull(optarg, NULL, 0); break;
        case 'b': bits = atoi(optarg); break;
        case 'f': place.stream[0] = place.stream[1] = strtoull(optarg, NULL, 0); break;
        case 'v': vectors = (unsigned) strtoul(optarg, NULL, 0); break;
        case 'c': cases = optarg; break;
        case 'k': place.file = optarg; break;
        default: return 2;
        }
    }
    place_load(&place);
    setvbuf(stdout, NULL, _IOLBF, 0);
    why = oracle_host_open();
    if (why != NULL && (vectors != 0 || cases != NULL)) {
        fprintf(stderr, "oracle: %s\n", why);
        return 77;
    }
    if (vectors == 0 && cases == NULL)
        printf("1..2\n");
    if (why != NULL) {
        printf("ok 1 - 16-bit code # SKIP %s\nok 2 - 32-bit code # SKIP %s\n", why, why);
        free(o);
        return 0;
    }
    o->guest = oracle_guest_new();
    oracle_guest_pad(o->guest, oracle_host_pad());
    if (vectors != 0)
        failed = (unsigned) print_vectors(o, vectors);
    else if (cases != NULL)
        failed = (unsigned) run_cases(o, cases);
    else
        failed = run_all(o, bits, insns, &place);
    oracle_guest_free(o->guest);
    free(o);
    return failed != 0;
}

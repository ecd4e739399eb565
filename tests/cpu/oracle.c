/*
 * The silicon oracle: random instruction streams on the interpreter and on the
 * host's own processor, in the same segments, registers and memory; every
 * register, flag, byte and exception must agree.
 *
 *   oracle [STREAMS [SEED]]     16- and 32-bit code, STREAMS of each
 *
 * What is left out, and why: instructions that the host's kernel would see
 * (INT 80h, SYSENTER), that tell the host's identity or tables (CPUID, RDTSC,
 * SGDT, LAR ...), INT1 (hypervisors report another EIP), x87 and MMX (not in
 * this build), and indirect or far branches (a random target may be anything).  Flags that the manual calls undefined
 * are compared only where they have been defined again.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "core/ram.h"
#include "cpu/decode.h"
#include "cpu/engine.h"
#include "cpu/exec.h"
#include "cpu/oracle_host.h"
#include "cpu/segment.h"

enum {
    STREAM_INSNS = 12,
    STREAM_BYTES = STREAM_INSNS * (INSN_MAX + 2),
    GUEST_RAM = 2 << 20,
    GUEST_IDT = 0x1000, GUEST_GDT = 0x2000, GUEST_LDT = 0x3000, GUEST_TSS = 0x4000,
    GUEST_HANDLERS = 0x8000, /* vector v: a HLT at this + v */
    GUEST_STACK = 0x7f00,
    FIRST_DATA_SEG = 8, /* entries before hold the two code segments */
};

/* --- random numbers ------------------------------------------------------ */

struct rng {
    uint64_t s;
};

static uint32_t rnd(struct rng *r, uint32_t below)
{
    r->s ^= r->s << 13;
    r->s ^= r->s >> 7;
    r->s ^= r->s << 17;
    return below == 0 ? (uint32_t) (r->s >> 16) : (uint32_t) ((r->s >> 16) % below);
}

static bool chance(struct rng *r, unsigned percent)
{
    return rnd(r, 100) < percent;
}

/* --- both sides ---------------------------------------------------------- */

struct oracle {
    struct rng rng;
    struct oracle_seg seg[ORACLE_SEGS];
    struct oracle_host *host;
    struct ram ram;
    struct sched sched;
    struct bus *bus;
    struct state *state;
    struct cpu *cpu;
    uint8_t *before; /* the arena before the stream */
    unsigned long insns, streams;
};

static void make_segments(struct oracle *o)
{
    for (unsigned i = 0; i < FIRST_DATA_SEG; i++)
        o->seg[i] = (struct oracle_seg){
            .base = ARENA_BASE + CODE_OFFSET, .limit = CODE_SIZE - 1,
            .code = true, .writable_or_readable = true, .big = i % 2 == 0, .present = true,
        };
    for (unsigned i = FIRST_DATA_SEG; i < ORACLE_SEGS; i++) {
        struct oracle_seg *s = &o->seg[i];

        /* An expand-down one reaches up to FFFFh: all stay below the code. */
        s->base = ARENA_BASE + rnd(&o->rng, 0x1f000);
        s->conforming_or_down = chance(&o->rng, 12);
        s->big = !s->conforming_or_down && chance(&o->rng, 50);
        s->limit = chance(&o->rng, 30) ? 0xffff : rnd(&o->rng, 0x10000);
        s->granular = !s->conforming_or_down && chance(&o->rng, 15);
        if (s->granular)
            s->limit |= 0xfff;
        s->writable_or_readable = chance(&o->rng, 88);
        s->present = true;
    }
}

static void put_desc(uint8_t *at, const struct oracle_seg *s, unsigned dpl)
{
    uint32_t limit = s->granular ? s->limit >> 12 : s->limit;
    uint32_t type = (s->code ? 0x18u : 0x10u) | (s->conforming_or_down ? 4u : 0) | (s->writable_or_readable ? 2u : 0)
                  | 1u; /* accessed, as modify_ldt leaves it */

    store_le32(at, (limit & 0xffff) | s->base << 16);
    store_le32(at + 4, (s->base >> 16 & 0xff) | type << 8 | dpl << 13 | (uint32_t) s->present << 15
                           | (limit & 0xf0000) | (uint32_t) s->big << 22 | (uint32_t) s->granular << 23
                           | (s->base & 0xff000000));
}

/* A ring 0 whose handlers are HLTs: where it halted tells the vector. */
static void make_guest_tables(struct oracle *o)
{
    static const struct oracle_seg flat_code = { 0, UINT32_MAX, true, false, true, true, true, true };
    static const struct oracle_seg flat_data = { 0, UINT32_MAX, false, false, true, true, true, true };
    uint8_t *p = o->ram.host;

    for (unsigned v = 0; v < 256; v++) {
        bool user = v == 3 || v == 4; /* as Linux has them */

        store_le32(p + GUEST_IDT + v * 8, 0x00080000 | (GUEST_HANDLERS + v));
        store_le32(p + GUEST_IDT + v * 8 + 4, user ? 0xee00 : 0x8e00);
        p[GUEST_HANDLERS + v] = 0xf4;
    }
    put_desc(p + GUEST_GDT + 8, &flat_code, 0);
    put_desc(p + GUEST_GDT + 16, &flat_data, 0);
    for (unsigned i = 0; i < ORACLE_SEGS; i++)
        put_desc(p + GUEST_LDT + i * 8, &o->seg[i], 3);
    store_le32(p + GUEST_TSS + 4, GUEST_STACK);
    store_le32(p + GUEST_TSS + 8, 0x10);
    store_le32(p + GUEST_TSS + 100, 104u << 16);
}

static uint8_t no_ack(void *opaque)
{
    (void) opaque;
    return 0xff;
}

static void on_shutdown(void *opaque)
{
    struct oracle *o = opaque;

    sched_stop(&o->sched);
}

static void guest_init(struct oracle *o)
{
    static const struct clock clk = { .num = 100000000, .den = 1 };
    struct err err;

    if (ram_init(&o->ram, GUEST_RAM, &err) < 0)
        abort();
    sched_init(&o->sched, &clk);
    o->bus = bus_new();
    o->state = state_new(&o->sched);
    bus_map_memory(o->bus, 0, GUEST_RAM, o->ram.host, 0);
    make_guest_tables(o);
    o->cpu = cpu_new(&(struct cpu_config){
        .model = CPU_P2, .sched = &o->sched, .bus = o->bus, .state = o->state,
        .intack = no_ack, .shutdown = on_shutdown, .opaque = o });
}

static void guest_free(struct oracle *o)
{
    cpu_free(o->cpu);
    state_free(o->state);
    bus_free(o->bus);
    ram_close(&o->ram);
    free(o->before);
}

static void guest_segment(struct oracle *o, unsigned seg, uint16_t sel)
{
    struct desc d;
    struct seg s;

    if (sel_null(sel)) {
        seg_set_null(o->cpu, seg, sel);
        return;
    }
    d.lo = load_le32(o->ram.host + GUEST_LDT + (sel & ~7u));
    d.hi = load_le32(o->ram.host + GUEST_LDT + (sel & ~7u) + 4);
    seg_from_desc(&s, sel, &d);
    seg_set(o->cpu, seg, &s);
}

/* Puts the interpreter into ring 3 with these registers. */
static void guest_enter(struct oracle *o, const struct oracle_regs *r)
{
    struct cpu *cpu = o->cpu;

    cpu_do_reset(cpu);
    cpu->cr0 = CR0_PE | CR0_AM | CR0_NE | CR0_WP | CR0_ET;
    cpu->gdt_base = GUEST_GDT;
    cpu->gdt_limit = 23;
    cpu->idt_base = GUEST_IDT;
    cpu->idt_limit = 0x7ff;
    cpu->ldtr = (struct seg){ .base = GUEST_LDT, .limit = ORACLE_SEGS * 8 - 1, .sel = 0x18, .attr = SEG_P | 2 };
    cpu->tr = (struct seg){ .base = GUEST_TSS, .limit = 103, .sel = 0x20, .attr = SEG_P | 11 };
    for (unsigned i = 0; i < SEGS; i++)
        guest_segment(o, i, r->seg[i]);
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[i] = r->gpr[i];
    cpu->eip = r->eip;
    cpu_write_eflags(cpu, r->eflags, UINT32_MAX);
    cpu_set_cpl(cpu, 3);
    cpu_mode_changed(cpu);
}

/* The frame of the handler that was entered. */
static int guest_frame(struct oracle *o, struct oracle_regs *r)
{
    static const uint32_t with_code = 1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 17;
    struct cpu *cpu = o->cpu;
    unsigned vector = cpu->eip - 1 - GUEST_HANDLERS;
    const uint8_t *sp = o->ram.host + cpu->gpr[ESP];

    if (!cpu->halted || vector > 255 || cpu->cpl != 0)
        return -1;
    if (vector < 32 && (with_code >> vector & 1))
        sp += 4;
    for (unsigned i = 0; i < 8; i++)
        r->gpr[i] = cpu->gpr[i];
    for (unsigned i = 0; i < SEGS; i++)
        r->seg[i] = cpu->seg[i].sel;
    r->eip = load_le32(sp);
    r->seg[CS] = load_le16(sp + 4);
    r->eflags = load_le32(sp + 8);
    r->gpr[ESP] = load_le32(sp + 12);
    r->seg[SS] = load_le16(sp + 16);
    return (int) vector;
}

static int guest_run(struct oracle *o, struct oracle_regs *r)
{
    guest_enter(o, r);
    o->sched.stop_requested = false;
    o->sched.stop_insns = o->sched.insns + 1000000;
    o->sched.stop_at = sched_now(&o->sched) + 60 * VTIME_SECOND;
    cpu_run(o->cpu);
    return guest_frame(o, r);
}

/* --- streams ------------------------------------------------------------- */

struct stream {
    struct {
        uint8_t byte[INSN_MAX + 2]; /* and two that define the flags again */
        uint8_t len;
        uint8_t own; /* length without those two */
        bool branch; /* its last byte jumps to the next instruction but `skip` */
        uint8_t skip;
        uint16_t undef;
    } insn[STREAM_INSNS];
    unsigned n;
    bool code32;
    struct oracle_regs regs;
    uint64_t content; /* of the arena: seed */
};

/*
 * INS and OUTS are left without REP: with a count of 0 an AMD still checks the
 * I/O permission, the SDM's REP does nothing.  So are LOOPZ and LOOPNZ: on an
 * AMD F2 and F3 choose the condition in place of the opcode.
 */
static bool rep_matters(uint8_t opcode)
{
    return (opcode >= 0x6c && opcode <= 0x6f) || opcode == 0xe0 || opcode == 0xe1;
}

static bool row_excluded(const struct insn *in)
{
    static op_fn *const out[] = {
        op_ud, op_too_long, op_cpuid, op_rdtsc, op_rdpmc, op_sgdt, op_sidt, op_sldt, op_str, op_smsw, op_lar,
        op_lsl, op_verr, op_verw, op_sysenter, op_sysexit, op_esc_ud, op_wait, op_jmp_abs, op_call_abs, op_ret,
        op_jmp_far, op_call_far, op_ret_far, op_iret, op_mov_to_seg, op_pop_seg, op_lfar, op_lldt, op_ltr,
        op_mov_from_cr, op_mov_to_cr, op_mov_from_dr, op_mov_to_dr, op_invd, op_invlpg, op_lgdt, op_lidt,
        op_lmsw, op_clts, op_hlt, op_wrmsr, op_rdmsr, op_call, op_jmp, op_int1, op_fxsave,
    };

    for (unsigned i = 0; i < ARRAY_LEN(out); i++)
        if (in->fn == out[i])
            return true;
    /* x87 and MMX: their state is not carried over; tests/cpu/test_fpu.c judges them. */
    if ((in->opcode & 0xf8) == 0xd8 || in->row->cost == C_MMX || in->row->cost == C_FENV)
        return true;
    /* Undefined results: BSWAP of 16 bits, SHLD and SHRD of 16 bits by more. */
    if (in->width == 2 && (in->fn == op_bswap || in->fn == op_shld || in->fn == op_shrd))
        return true;
    /* The upper half of the stack slot: Intel leaves it, AMD clears it (SDM, PUSH). */
    if (in->fn == op_push_seg && in->width == 4)
        return true;
    if (in->rep != REP_NONE && rep_matters(in->opcode))
        return true;
    /* The gate of the kernel. */
    return in->fn == op_int && in->imm == 0x80;
}

static bool insn_branches(const struct insn *in)
{
    return in->fn == op_jcc || in->fn == op_jcxz || in->fn == op_loop || in->fn == op_loopz || in->fn == op_loopnz;
}

static bool is_string_opcode(uint8_t b)
{
    return (b >= 0xa4 && b <= 0xa7) || (b >= 0xaa && b <= 0xaf);
}

static unsigned random_prefixes(struct rng *r, uint8_t *p, bool two_byte, uint8_t opcode)
{
    static const uint8_t segs[6] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
    bool string = !two_byte && is_string_opcode(opcode);
    unsigned n = 0;

    if (chance(r, 25))
        p[n++] = 0x66;
    if (chance(r, 20))
        p[n++] = 0x67;
    if (chance(r, 25))
        p[n++] = segs[rnd(r, 6)];
    /* REP before 0F opcodes makes other instructions of later processors. */
    if (string ? chance(r, 60) : !two_byte && chance(r, 2))
        p[n++] = chance(r, 50) ? 0xf2 : 0xf3;
    if (chance(r, 3))
        p[n++] = 0xf0;
    return n;
}

/* One instruction of a random row; false when what came out is left out. */
static bool random_insn(struct oracle *o, struct stream *st)
{
    struct rng *r = &o->rng;
    uint8_t *p = st->insn[st->n].byte, tail[INSN_MAX * 2];
    bool two_byte = chance(r, 25);
    uint8_t opcode = (uint8_t) rnd(r, 256);
    unsigned n = random_prefixes(r, p, two_byte, opcode);
    struct insn in;

    for (unsigned i = 0; i < sizeof tail; i++)
        tail[i] = (uint8_t) rnd(r, 256);
    if (two_byte)
        p[n++] = 0x0f;
    p[n++] = opcode;
    memcpy(p + n, tail, INSN_MAX - n);
    if (!decode(&in, p, INSN_MAX, st->code32, o->cpu->model) || in.row == NULL || in.row->name == NULL)
        return false;
    /* A LOCK that is not allowed is a fine test; a missing opcode is not. */
    if (row_excluded(&in) && !(in.fn == op_ud && (in.flags & INSN_LOCK) && in.row->interp != op_ud
                               && in.row->since <= CPU_P2 && !(in.row->traits & (T_TO386 | T_TO486 | T_MEM))))
        return false;
    if (in.fn == op_ud
        && row_excluded(&(struct insn){ .fn = in.row->interp, .row = in.row, .opcode = in.opcode, .width = in.width }))
        return false;
    st->insn[st->n].len = st->insn[st->n].own = in.len;
    st->insn[st->n].undef = in.row->undef;
    st->insn[st->n].branch = insn_branches(&in) && in.fn != op_ud;
    st->insn[st->n].skip = (uint8_t) rnd(r, 3);
    /* A 32-bit displacement is written whole: the low byte does. */
    if (st->insn[st->n].branch && two_byte)
        memset(p + in.len - (in.width == 2 ? 2 : 4), 0, in.width == 2 ? 2 : 4);
    return true;
}

/* ADD AL, imm: all flags are known again. */
static void define_flags(struct oracle *o, struct stream *st)
{
    uint8_t *p = st->insn[st->n].byte + st->insn[st->n].len;

    p[0] = 0x04;
    p[1] = (uint8_t) rnd(&o->rng, 256);
    st->insn[st->n].len = (uint8_t) (st->insn[st->n].len + 2);
}

static uint16_t random_data_selector(struct oracle *o, bool writable)
{
    unsigned i;

    do
        i = FIRST_DATA_SEG + rnd(&o->rng, ORACLE_SEGS - FIRST_DATA_SEG);
    while (writable && !o->seg[i].writable_or_readable);
    return (uint16_t) (i * 8 + 7);
}

static uint32_t random_value(struct oracle *o, const struct oracle_regs *regs)
{
    static const uint32_t edges[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
                                      0x80000000, 0xfffffffe, 0xffffffff };
    const struct oracle_seg *s = &o->seg[regs->seg[rnd(&o->rng, 6)] >> 3];

    switch (rnd(&o->rng, 8)) {
    case 0: return edges[rnd(&o->rng, ARRAY_LEN(edges))];
    case 1: return s->limit - 4 + rnd(&o->rng, 8);
    case 2: return rnd(&o->rng, 0);
    case 3: return rnd(&o->rng, 0x10000);
    default: return rnd(&o->rng, s->limit < 0xffff ? s->limit + 1 : 0x10000);
    }
}

static void random_regs(struct oracle *o, struct stream *st)
{
    struct oracle_regs *regs = &st->regs;

    for (unsigned i = 0; i < SEGS; i++)
        regs->seg[i] = i != SS && chance(&o->rng, 3) ? 0 : random_data_selector(o, i == SS);
    regs->seg[CS] = st->code32 ? 0x07 : 0x0f;
    for (unsigned i = 0; i < 8; i++)
        regs->gpr[i] = random_value(o, regs);
    if (chance(&o->rng, 85))
        regs->gpr[ESP] &= ~3u;
    if (chance(&o->rng, 80)) /* counts that end soon */
        regs->gpr[ECX] = (regs->gpr[ECX] & 0xffff0000) | rnd(&o->rng, 64);
    if (chance(&o->rng, 80))
        regs->gpr[ECX] &= 0xffff;
    regs->eip = 0;
    regs->eflags = (rnd(&o->rng, 0) & (FLAG_ARITH | FLAG_DF)) | FLAG_IF | 2 | (chance(&o->rng, 3) ? FLAG_AC : 0)
                 | oracle_host_eflags(o->host);
}

static void random_stream(struct oracle *o, struct stream *st, bool code32)
{
    unsigned want = 1 + rnd(&o->rng, STREAM_INSNS);

    memset(st, 0, sizeof *st);
    st->code32 = code32;
    while (st->n < want) {
        if (!random_insn(o, st))
            continue;
        if (st->insn[st->n].undef != 0 && (st->n + 1 < want || chance(&o->rng, 30)))
            define_flags(o, st);
        st->n++;
    }
    random_regs(o, st);
}

/* Lays the stream out; branches go to the start of a later instruction. */
static unsigned stream_bytes(const struct stream *st, uint8_t *code)
{
    unsigned start[STREAM_INSNS + 1], at = 0;

    for (unsigned i = 0; i < st->n; i++) {
        start[i] = at;
        memcpy(code + at, st->insn[i].byte, st->insn[i].len);
        at += st->insn[i].len;
    }
    start[st->n] = at;
    for (unsigned i = 0; i < st->n; i++) {
        unsigned target = i + 1 + st->insn[i].skip, end = start[i] + st->insn[i].len;

        if (!st->insn[i].branch)
            continue;
        if (target > st->n)
            target = st->n;
        /* Byte displacements stand last; wide ones have been zeroed. */
        if (st->insn[i].byte[st->insn[i].len - 1] == 0 && st->insn[i].len > 3)
            continue;
        code[end - 1] = (uint8_t) (start[target] - end);
    }
    return at;
}

/* --- comparing ----------------------------------------------------------- */

/* Linux gives #OF and #BR the signal of #GP, and #NP that of #SS. */
static int host_name_of(int vector)
{
    return vector == 4 || vector == 5 ? 13 : vector == 11 ? 12 : vector;
}

/* The row of the instruction at `eip`, or NULL at the end of the stream. */
static op_fn *stream_fn_at(const struct oracle *o, const struct stream *st, uint32_t eip)
{
    uint8_t code[CODE_SIZE];
    struct insn in;

    memset(code, 0xf4, sizeof code);
    if (eip >= stream_bytes(st, code) || !decode(&in, code + eip, INSN_MAX, st->code32, o->cpu->model))
        return NULL;
    return in.fn;
}

/* Flags that are undefined where the stream stopped: right after an
 * instruction that leaves them so. */
static uint32_t stream_undefined(const struct stream *st, uint32_t eip)
{
    uint32_t at = 0;

    for (unsigned i = 0; i < st->n; i++) {
        if (eip == at + st->insn[i].own)
            return st->insn[i].undef;
        at += st->insn[i].len;
    }
    return 0;
}

/*
 * What differs between makers when an instruction faults, with its reason:
 * - two bad operands of one instruction (misaligned, past the limit; CMPS with
 *   two bad strings): the order of checks is the model's (SDM vol. 3, 6.9);
 * - PUSHA and POPA past the limit: an AMD has written what came before the
 *   fault, ESP as before, so both restart alike.
 */
static bool known_fault(const struct oracle *o, const struct stream *st, const struct oracle_regs *guest, int gv, int hv)
{
    op_fn *fn = stream_fn_at(o, st, guest->eip);
    bool access = (gv == 12 || gv == 13 || gv == 17) && (hv == 12 || hv == 13 || hv == 17);

    if (!access || fn == NULL)
        return false;
    return (guest->eflags & FLAG_AC) || fn == op_cmps || ((fn == op_pusha || fn == op_popa) && gv == hv);
}

/* Runs the stream on both sides from the saved arena.  NULL: they agree. */
static const char *stream_differs(struct oracle *o, const struct stream *st)
{
    static char text[256];
    uint8_t *arena = oracle_host_arena(o->host), *mine = o->ram.host + ARENA_BASE;
    uint8_t code[CODE_SIZE];
    struct oracle_regs host = st->regs, guest = st->regs;
    uint32_t flags = FLAG_ARITH | FLAG_DF | FLAG_AC | FLAG_NT;
    int hv, gv;

    memset(code, 0xf4, sizeof code);
    stream_bytes(st, code);
    memcpy(o->before + CODE_OFFSET, code, sizeof code);
    memcpy(arena, o->before, ARENA_SIZE);
    bus_write_block(o->bus, ARENA_BASE + CODE_OFFSET, code, sizeof code);
    memcpy(mine, o->before, CODE_OFFSET);
    hv = oracle_host_run(o->host, &host);
    gv = guest_run(o, &guest);
    if (hv < 0)
        return "the host's process is gone";
    flags &= ~stream_undefined(st, host.eip);
    if (guest.eip == host.eip && known_fault(o, st, &guest, gv, hv))
        return NULL;
    if (hv != host_name_of(gv)) {
        snprintf(text, sizeof text, "exception %d, host %d (eip %x, host %x)", gv, hv, guest.eip, host.eip);
        return text;
    }
    for (unsigned i = 0; i < 8; i++) {
        if (guest.gpr[i] != host.gpr[i]) {
            snprintf(text, sizeof text, "register %u is %08x, host %08x", i, guest.gpr[i], host.gpr[i]);
            return text;
        }
    }
    if (guest.eip != host.eip) {
        snprintf(text, sizeof text, "eip is %x, host %x", guest.eip, host.eip);
        return text;
    }
    if ((guest.eflags ^ host.eflags) & flags) {
        snprintf(text, sizeof text, "flags are %06x, host %06x", guest.eflags & flags, host.eflags & flags);
        return text;
    }
    for (unsigned i = 0; i < CODE_OFFSET; i++) {
        if (mine[i] != arena[i]) {
            snprintf(text, sizeof text, "byte %05x is %02x, host %02x", i, mine[i], arena[i]);
            return text;
        }
    }
    return NULL;
}

/* Drops instructions as long as the sides still differ. */
static void stream_shrink(struct oracle *o, struct stream *st)
{
    for (unsigned i = 0; i < st->n;) {
        struct stream less = *st;

        memmove(&less.insn[i], &less.insn[i + 1], (less.n - i - 1) * sizeof less.insn[0]);
        less.n--;
        if (less.n != 0 && stream_differs(o, &less) != NULL)
            *st = less;
        else
            i++;
    }
}

static void stream_report(struct oracle *o, struct stream *st)
{
    const char *why;

    stream_shrink(o, st);
    why = stream_differs(o, st);
    printf("# %d-bit:", st->code32 ? 32 : 16);
    for (unsigned i = 0; i < st->n; i++) {
        for (unsigned k = 0; k < st->insn[i].len; k++)
            printf(" %02x", st->insn[i].byte[k]);
        printf(" ;");
    }
    printf(" %s\n#   eax %08x ecx %08x edx %08x ebx %08x esp %08x ebp %08x esi %08x edi %08x flags %06x\n#  ",
           why != NULL ? why : "(not again)", st->regs.gpr[0], st->regs.gpr[1], st->regs.gpr[2], st->regs.gpr[3],
           st->regs.gpr[4], st->regs.gpr[5], st->regs.gpr[6], st->regs.gpr[7], st->regs.eflags);
    for (unsigned i = 0; i < SEGS; i++) {
        const struct oracle_seg *s = &o->seg[st->regs.seg[i] >> 3];

        printf(" %c:%05x+%05x%s%s%s", "ecsdfg"[i], s->base, s->limit, s->big ? "b" : "",
               s->conforming_or_down ? "d" : "", s->writable_or_readable ? "" : "r");
    }
    printf("\n");
}

static unsigned run_streams(struct oracle *o, bool code32, unsigned long count)
{
    unsigned failed = 0;

    for (unsigned long i = 0; i < count && failed < 10; i++) {
        struct stream st;

        random_stream(o, &st, code32);
        o->streams++;
        o->insns += st.n;
        if (stream_differs(o, &st) != NULL) {
            stream_report(o, &st);
            failed++;
        }
        memcpy(o->before, oracle_host_arena(o->host), CODE_OFFSET);
    }
    return failed;
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 3000;
    struct oracle o = { .rng = { argc > 2 ? strtoull(argv[2], NULL, 0) | 1 : 88172645463325253u } };
    const char *why;
    unsigned failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..2\n");
    make_segments(&o);
    o.host = oracle_host_new(o.seg, &why);
    if (o.host == NULL) {
        printf("ok 1 - 16-bit code # SKIP %s\nok 2 - 32-bit code # SKIP %s\n", why, why);
        return 0;
    }
    guest_init(&o);
    o.before = xmalloc(ARENA_SIZE);
    for (unsigned i = 0; i < ARENA_SIZE; i++)
        o.before[i] = (uint8_t) rnd(&o.rng, 256);
    for (unsigned pass = 0; pass < 2; pass++) {
        unsigned bad = run_streams(&o, pass == 1, count);

        printf("%sok %u - %d-bit code against the host's processor\n", bad == 0 ? "" : "not ", pass + 1,
               pass == 1 ? 32 : 16);
        failed += bad;
    }
    printf("# %lu streams, %lu instructions, %u differences\n", o.streams, o.insns, failed);
    oracle_host_free(o.host);
    guest_free(&o);
    return failed != 0;
}

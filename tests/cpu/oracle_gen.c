/* Random instructions, weighted to what is easy to get wrong. */
#include "config.h"

#include "cpu/oracle_gen.h"

#include <string.h>

#include "base/bits.h"
#include "cpu/oracle_code64.h"
#include "cpu/ops.h"

/* --- what is left out ---------------------------------------------------- */

static const struct {
    op_fn *fn;
    struct exclusion e;
} excluded_fns[] = {
    { op_cpuid, { "CPUID", "tells the host's name" } },
    { op_rdtsc, { "RDTSC", "tells the time" } },
    { op_rdpmc, { "RDPMC", "counts, where the kernel allows it" } },
    { op_sgdt, { "SGDT", "tells the kernel's tables, or is emulated by it (UMIP)" } },
    { op_sidt, { "SIDT", "tells the kernel's tables, or is emulated by it (UMIP)" } },
    { op_sldt, { "SLDT", "tells the kernel's tables, or is emulated by it (UMIP)" } },
    { op_str, { "STR", "tells the kernel's tables, or is emulated by it (UMIP)" } },
    { op_smsw, { "SMSW", "tells the kernel's CR0, or is emulated by it (UMIP)" } },
    { op_sysenter, { "SYSENTER", "a system call" } },
    { op_sysexit, { "SYSEXIT", "AMD: not in compatibility mode (APM vol. 3)" } },
    { op_int1, { "INT1", "hypervisors report another EIP" } },
    { op_fxsave, { "FXSAVE", "stores x87 pointers, which AMD keeps for unmasked exceptions only (APM vol. 2, 11.4.4)" } },
    { op_fxrstor, { "FXRSTOR", "checks MXCSR, which our models lack" } },
    { op_fpu_nstenv, { "FNSTENV", "stores x87 pointers that a host kernel need not keep" } },
    { op_fpu_nsave, { "FNSAVE", "stores x87 pointers that a host kernel need not keep" } },
};

static const struct exclusion no_row = { "no row", "not an instruction of the model" },
                              int80 = { "INT 80h", "a system call" },
                              trans = { "transcendental", "within an ulp: tests/cpu/x87_soak.c" },
                              fbld = { "FBLD", "digits above 9 are undefined: tests/cpu/x87_soak.c" },
                              bswap16 = { "BSWAP r16", "undefined (SDM vol. 2, BSWAP)" },
                              shld16 = { "SHLD, SHRD of words by more than 16", "undefined (SDM vol. 2, SHLD)" },
                              push_seg32 = { "PUSH sreg, 32-bit", "upper half: P6 leaves it (SDM vol. 2, PUSH), AMD clears it" },
                              lar32 = { "LAR r32", "bits 16 to 19 are undefined (SDM vol. 2, LAR)" },
                              cr8 = { "LOCK MOV CR", "CR8 on AMD (APM vol. 3, MOV CRn)" },
                              lock_verr = { "LOCK VERR, VERW", "#UD in the SDM (vol. 2); an AMD executes them" },
                              rep_io = { "REP INS, OUTS", "count 0: AMD checks the port still" },
                              rep_loop = { "LOOPcc with F2, F3", "AMD: the prefix chooses the condition" },
                              sse = { "66, F2, F3 before 0F", "other instructions of later processors" };

static bool is_prefix(uint8_t b)
{
    return (b & 0xe7) == 0x26 || (b >= 0x64 && b <= 0x67) || b == 0xf0 || b == 0xf2 || b == 0xf3;
}

static bool later_than_p2(const struct insn *in, const uint8_t *bytes)
{
    bool two_byte = in->row >= op_rows_0f && in->row < op_rows_0f + 256 * 8, opnd = false;

    for (; is_prefix(*bytes); bytes++)
        opnd |= *bytes == 0x66;
    return two_byte && (in->rep != REP_NONE || (opnd && (in->row->cost == C_MMX || in->opcode == 0xae || in->opcode == 0xc7)));
}

const struct exclusion *stream_excluded(const struct insn *in, const uint8_t *bytes)
{
    op_fn *fn = in->fn == op_ud && in->row != NULL ? in->row->interp : in->fn;

    if (in->row == NULL || in->row->name == NULL || fn == op_ud || fn == op_too_long || fn == op_esc_ud)
        return &no_row;
    for (unsigned i = 0; i < ARRAY_LEN(excluded_fns); i++)
        if (fn == excluded_fns[i].fn)
            return &excluded_fns[i].e;
    if (fn == op_int && in->imm == 0x80)
        return &int80;
    if (in->row->cost == C_FTRANS)
        return &trans;
    if (in->row->cost == C_FBCD && fn == op_fpu_ld_mem)
        return &fbld;
    if (fn == op_bswap && in->width == 2)
        return &bswap16;
    if ((fn == op_shld || fn == op_shrd) && in->width == 2 && ((in->opcode & 1) || (in->imm & 31) > 16))
        return &shld16;
    if (fn == op_push_seg && in->width == 4)
        return &push_seg32;
    if ((in->flags & INSN_LOCK) && (fn == op_mov_to_cr || fn == op_mov_from_cr))
        return &cr8;
    if ((in->flags & INSN_LOCK) && (fn == op_verr || fn == op_verw))
        return &lock_verr;
    if (fn == op_lar && in->width == 4)
        return &lar32;
    if (in->rep != REP_NONE && (fn == op_ins || fn == op_outs))
        return &rep_io;
    if (in->rep != REP_NONE && (fn == op_loopz || fn == op_loopnz))
        return &rep_loop;
    return later_than_p2(in, bytes) ? &sse : NULL;
}

/* --- values -------------------------------------------------------------- */

/* An offset for an access of a few bytes: mostly good, else near an edge. */
static uint32_t random_offset(struct rng *r, const struct oracle_seg *s)
{
    uint32_t lo, hi;

    seg_window(s, &lo, &hi);
    if (s->limit == UINT32_MAX && s->base == 0 && !s->conforming_or_down && chance(r, 95))
        hi = DATA_BASE + PAGE_READ_ONLY * 4096 - 1; /* mostly where nothing is missing */
    switch (rnd(r, 48)) {
    case 0: return hi - 4 + rnd(r, 8);
    case 1: return lo - 4 + rnd(r, 8);
    case 2: return s->limit - 4 + rnd(r, 8);
    case 3: return (lo & ~4095u) + 4096 * rnd(r, 4) - s->base % 4096 - 4 + rnd(r, 8); /* a page edge */
    default: return lo + rnd(r, hi - lo < 16 ? hi - lo + 1 : hi - lo - 8);
    }
}

static uint32_t random_value(struct rng *r)
{
    static const uint32_t edges[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
                                      0x80000000, 0xfffffffe, 0xffffffff };

    switch (rnd(r, 4)) {
    case 0: return edges[rnd(r, ARRAY_LEN(edges))];
    case 1: return rnd(r, 0x10000);
    default: return (uint32_t) rng_next(r);
    }
}

static uint16_t random_selector(struct rng *r)
{
    switch (rnd(r, 24)) {
    case 0: return (uint16_t) rnd(r, 4);
    case 1: return (uint16_t) rng_next(r);
    case 2: return chance(r, 50) ? 0x23 : 0x2b;
    default: return (uint16_t) (rnd(r, ORACLE_SEGS) * 8 + 4 + rnd(r, 4));
    }
}

static uint16_t loadable(struct rng *r, const struct oracle_seg *seg, bool stack)
{
    const struct oracle_seg *s;
    unsigned i;

    do {
        i = LDT_DATA + rnd(r, ORACLE_SEGS - LDT_DATA);
        s = &seg[i];
    } while (!s->present || (s->code ? stack || !s->writable_or_readable : stack && !s->writable_or_readable));
    return (uint16_t) (i * 8 + 7);
}

static void random_regs(struct rng *r, struct stream *st, const struct oracle_seg *seg)
{
    struct oracle_state *regs = &st->regs;
    bool cut = chance(r, 3);
    unsigned cs = 2 * (cut ? CODE_PLAIN / 2 + rnd(r, (CODE_SEGS - CODE_PLAIN) / 2) : chance(r, 70) ? 0 : rnd(r, CODE_PLAIN / 2))
                + !st->code32;

    memset(regs, 0, sizeof *regs);
    for (unsigned i = 0; i < 6; i++)
        regs->seg[i] = i != 2 && chance(r, 2) && !st->code64 ? 0 : loadable(r, seg, i == 2);
    regs->seg[1] = (uint16_t) (cs * 8 + 7);
    for (unsigned i = 0; i < 8; i++) {
        unsigned near = i == 4 || i == 5 ? 2 : chance(r, 70) ? 3 : rnd(r, 6);

        regs->gpr[i] = chance(r, 30) && i != 4 ? random_value(r) : random_offset(r, &seg[regs->seg[near] >> 3]);
    }
    if (chance(r, 85))
        regs->gpr[4] &= ~3u;
    if (chance(r, 60)) /* counts that end soon */
        regs->gpr[1] = (chance(r, 50) ? regs->gpr[1] & 0xffff0000 : 0) | rnd(r, 40);
    regs->eip = CODE_BASE - seg[cs].base;
    if (!cut && chance(r, 12)) { /* across the page, or off the end of the code */
        st->at_end = !chance(r, st->code64 && !st->code32 ? 100 : 80);
        regs->eip += (st->at_end ? 0x2000 : 0x1000) - 1 - rnd(r, 60);
    }
    regs->eflags = ((uint32_t) rng_next(r) & (FLAG_ARITH | FLAG_DF)) | FLAG_IF | 2 | (chance(r, 3) ? FLAG_AC : 0);
}

/* --- pieces -------------------------------------------------------------- */

static struct piece *piece_add(struct stream *st)
{
    struct piece *p = &st->piece[st->n++];

    memset(p, 0, sizeof *p);
    return p;
}

static struct piece *piece_bytes(struct stream *st, const void *bytes, unsigned len)
{
    struct piece *p = piece_add(st);

    memcpy(p->byte, bytes, len);
    p->len = (uint8_t) len;
    return p;
}

/* All six flags defined. */
static void piece_flags(struct rng *r, struct stream *st)
{
    static const uint8_t ops[] = { 0x04, 0x2c, 0x3c };
    uint8_t b[2] = { ops[rnd(r, 3)], (uint8_t) rng_next(r) };

    piece_bytes(st, b, 2)->clears = FLAG_ARITH;
}

/* MOV reg, value; 32 bits. */
static struct piece *piece_load(struct stream *st, unsigned reg, uint32_t val)
{
    uint8_t b[6] = { 0x66, (uint8_t) (0xb8 | reg) };
    unsigned n = st->code32 ? 0 : 1;

    b[n] = (uint8_t) (0xb8 | reg);
    store_le32(b + n + 1, val);
    return piece_bytes(st, b, n + 5);
}

/* The same, before the last piece. */
static void load_before_last(struct stream *st, unsigned reg, uint32_t val)
{
    struct piece last = st->piece[--st->n];

    piece_load(st, reg, val);
    st->piece[st->n++] = last;
}

/* Instructions that may leave flags as they were. */
static bool keeps_flags_sometimes(const struct insn *in)
{
    op_fn *fn = in->fn;

    return in->row->cost == C_SHIFT || in->row->cost == C_STR || in->row->cost == C_DIV || fn == op_fpu_comi
        || (fn == op_iret || fn == op_popf) || fn == op_ud;
}

static void piece_describe(struct piece *p, const struct insn *in)
{
    p->len = in->len;
    if (in->fn == op_ud)
        return;
    p->reads = in->row->reads & FLAG_ARITH;
    p->undef = in->row->undef;
    if (in->fn == op_fpu_comi)
        p->undef |= UNDEFINED_C1;
    p->clears = (uint16_t) (keeps_flags_sometimes(in) ? 0 : in->row->writes & FLAG_ARITH & ~in->row->undef);
}

/* Jumps of which the bytes say how far go to one of the next few pieces. */
static void piece_branch(struct rng *r, struct piece *p, const struct insn *in)
{
    op_fn *fn = in->fn;

    if (fn == op_jcc || fn == op_jmp || fn == op_call || fn == op_jcxz || fn == op_loop || fn == op_loopz
        || fn == op_loopnz) {
        bool wide = fn == op_call || (in->opcode == 0xe9) || (fn == op_jcc && (in->opcode & 0xf0) == 0x80);

        p->fix = !wide ? FIX_REL8 : in->width == 2 ? FIX_REL16 : FIX_REL32;
    } else if (fn == op_jmp_far || fn == op_call_far) {
        if (in->opcode == 0x9a || in->opcode == 0xea) {
            p->fix = in->width == 2 ? FIX_ABS16 : FIX_ABS32;
            p->fix_at = (uint8_t) (in->len - 2 - in->width);
        }
    }
    p->skip = (uint8_t) rnd(r, 3);
}

/* --- one random instruction ---------------------------------------------- */

static bool is_string_opcode(uint8_t b)
{
    return (b >= 0xa4 && b <= 0xa7) || (b >= 0xaa && b <= 0xaf);
}

static unsigned random_prefixes(struct rng *r, uint8_t *p, struct stream_kind kind, bool two_byte, uint8_t opcode)
{
    static const uint8_t segs[6] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
    bool string = !two_byte && is_string_opcode(opcode);
    bool mmx = two_byte && ((opcode >= 0x60 && opcode < 0x80) || opcode >= 0xd0);
    /* 64-bit code stands for stack operands of 16 bits and addresses of 32 only. */
    unsigned opnd = !kind.code64 ? 25 : 35, addr = !kind.code64 ? 20 : kind.code32 ? 5 : 60, n = 0;

    if (!mmx && chance(r, opnd))
        p[n++] = 0x66;
    if (chance(r, addr))
        p[n++] = 0x67;
    if (chance(r, 25))
        p[n++] = segs[rnd(r, 6)];
    if (string ? chance(r, 60) : !two_byte && chance(r, 2))
        p[n++] = chance(r, 50) ? 0xf2 : 0xf3;
    if (chance(r, kind.code64 ? 1 : 2))
        p[n++] = 0xf0;
    return n;
}

/* What mostly faults with random operands. */
static bool mostly_faults(bool two_byte, uint8_t op)
{
    if (two_byte)
        return op < 0x40 || op == 0xb2 || op == 0xb4 || op == 0xb5 || op == 0xa1 || op == 0xa9;
    return op == 0x07 || op == 0x17 || op == 0x1f || op == 0x62 || (op >= 0x6c && op <= 0x6f) || op == 0x8e || op == 0x9a
        || (op >= 0xc2 && op <= 0xc5) || (op >= 0xc8 && op <= 0xcf) || op == 0xd4 || (op >= 0xe4 && op <= 0xe7)
        || (op >= 0xea && op != 0xeb && op <= 0xef) || op == 0xf4 || op == 0xf6 || op == 0xf7 || op == 0xfa || op == 0xfb
        || op == 0xff || op == 0x61 || op == 0x9d;
}

/* Opcodes by weight: x87 and 0F get their share, what mostly faults gets less. */
static uint8_t random_opcode(struct rng *r, struct stream_kind kind, bool *two_byte)
{
    for (;;) {
        unsigned w = rnd(r, 100);
        uint8_t op;

        *two_byte = w < 30;
        if (w >= 90)
            return (uint8_t) (0xd8 + rnd(r, 8));
        op = (uint8_t) rng_next(r);
        if (!*two_byte && (is_prefix(op) || op == 0x0f))
            continue;
        if (mostly_faults(*two_byte, op) && chance(r, kind.code64 ? 93 : 75))
            continue;
        return op;
    }
}

static bool decode_random(struct rng *r, struct piece *p, struct insn *in, struct stream_kind kind,
                          const struct model *model, unsigned *modrm_at, int fixed)
{
    bool two_byte = fixed >= 0x0f00;
    uint8_t opcode = fixed >= 0 ? (uint8_t) fixed : random_opcode(r, kind, &two_byte);
    unsigned n = random_prefixes(r, p->byte, kind, two_byte, opcode);

    if (two_byte)
        p->byte[n++] = 0x0f;
    p->byte[n++] = opcode;
    *modrm_at = n;
    for (unsigned i = n; i < PIECE_MAX; i += 8) {
        uint64_t v = rng_next(r);

        memcpy(p->byte + i, &v, PIECE_MAX - i < 8 ? PIECE_MAX - i : 8);
    }
    /* Registers and memory with a short displacement more often than by chance. */
    return decode(in, p->byte, INSN_MAX, kind.code32, model) && stream_excluded(in, p->byte) == NULL
        && (!kind.code64 || code64_excluded(in, kind.code32) == NULL);
}

/* A base and an index. */
static void aim_both(struct rng *r, struct stream *st, const struct insn *in, uint32_t off)
{
    uint32_t index = chance(r, 80) ? rnd(r, 64) : (uint32_t) -rnd(r, 64);

    off -= chance(r, 90) ? in->disp : 0;
    if (in->base == in->index) {
        load_before_last(st, in->base, off / (1 + (1u << in->scale)));
        return;
    }
    load_before_last(st, in->index, index);
    load_before_last(st, in->base, off - (index << in->scale));
}

/* The address goes where its segment has data: through a register or the displacement. */
static void aim(struct rng *r, struct stream *st, struct piece *p, const struct insn *in, unsigned modrm_at,
                const struct oracle_seg *seg)
{
    const struct oracle_seg *s = &seg[st->regs.seg[in->seg] >> 3];
    uint32_t off = random_offset(r, s);
    bool moffs = in->row >= op_rows_1 && in->row < op_rows_1 + 256 * 8 && in->opcode >= 0xa0 && in->opcode <= 0xa3;

    if (st->code64 && in->base < 8 && in->index < 8) {
        aim_both(r, st, in, off);
        return;
    }
    if (in->base < 8) {
        load_before_last(st, in->base, off - (chance(r, 80) ? in->disp : 0));
        return;
    }
    if (in->index < 8) { /* scaled, no base */
        load_before_last(st, in->index, (off - (in->scale == 0 ? in->disp : 0)) >> in->scale);
        return;
    }
    if (!moffs)
        modrm_at += (in->flags & INSN_ADDR16) || (p->byte[modrm_at] & 7) != 4 ? 1 : 2;
    if (in->flags & INSN_ADDR16)
        store_le16(p->byte + modrm_at, (uint16_t) off);
    else
        store_le32(p->byte + modrm_at, off);
}

static bool has_memory(const struct insn *in)
{
    return in->dst.kind == OPND_MEM || in->src.kind == OPND_MEM || in->row->a == A_M
        || (in->row->cost >= C_FLD && in->row->cost <= C_FENV && in->modrm < 0xc0 && in->opcode >= 0xd8);
}

/* Appends one, and before it what lets it do more than fault. */
static bool add_random(struct rng *r, struct stream *st, const struct oracle_seg *seg, const struct model *model,
                       int fixed)
{
    struct stream_kind kind = { st->code32, st->code64 };
    struct piece *p = piece_add(st);
    unsigned modrm_at;
    struct insn in;

    if (!decode_random(r, p, &in, kind, model, &modrm_at, fixed)) {
        st->n--;
        return false;
    }
    /* A LOCK that is not allowed is a fine test, other #UD are the model's. */
    if (in.fn == op_ud && (!(in.flags & INSN_LOCK) || in.row->since > CPU_P2
                           || (in.row->traits & (T_TO386 | T_TO486 | T_MEM | T_REG)))) {
        st->n--;
        return false;
    }
    piece_describe(p, &in);
    if (in.fn == op_ud)
        return true;
    piece_branch(r, p, &in);
    if (p->fix == FIX_ABS16 || p->fix == FIX_ABS32)
        store_le16(p->byte + p->len - 2, chance(r, 80) ? st->regs.seg[1] : random_selector(r));
    if (in.rep != REP_NONE && in.row->cost == C_STR && chance(r, 40)) {
        load_before_last(st, ECX, rnd(r, 30));
    } else if (fixed < 0 && has_memory(&in) && chance(r, st->code64 ? 98 : 92)) {
        aim(r, st, p, &in, modrm_at, seg);
    } else if ((in.fn == op_mov_to_seg || in.fn == op_lar || in.fn == op_lsl || in.fn == op_verr || in.fn == op_verw)
               && in.src.kind == OPND_REG && chance(r, 80)) {
        load_before_last(st, in.src.reg & 7, random_selector(r));
    }
    if (st->code64 && in.fn == op_xlat)
        load_before_last(st, EBX, random_offset(r, &seg[st->regs.seg[3] >> 3]));
    if (st->code64 && in.row->cost == C_STR && chance(r, 90)) {
        load_before_last(st, ESI, random_offset(r, &seg[st->regs.seg[3] >> 3]));
        load_before_last(st, EDI, random_offset(r, &seg[st->regs.seg[0] >> 3]));
    }
    if (in.fn == op_fpu_comi) /* C1: 0 in the SDM, left alone by AMD; FXAM sets all four */
        piece_bytes(st, "\xd9\xe5", 2)->clears = UNDEFINED_C1;
    return true;
}

/* --- sequences ----------------------------------------------------------- */

/* PUSH imm of the operand size. */
static struct piece *push_imm(struct stream *st, bool wide, uint32_t val)
{
    uint8_t b[6];
    unsigned n = 0;

    if (wide != st->code32)
        b[n++] = 0x66;
    b[n++] = 0x68;
    store_le32(b + n, val);
    return piece_bytes(st, b, n + (wide ? 4 : 2));
}

static void operation(struct stream *st, bool wide, uint8_t opcode)
{
    uint8_t b[2] = { 0x66, opcode };

    piece_bytes(st, wide != st->code32 ? b : b + 1, wide != st->code32 ? 2 : 1);
}

static void points_at(struct piece *p, bool wide, unsigned skip)
{
    p->fix = wide ? FIX_ABS32 : FIX_ABS16;
    p->fix_at = (uint8_t) (p->len - (wide ? 4 : 2));
    p->skip = (uint8_t) skip;
}

/*
 * An indirect jump in 64-bit code: one piece, so that none goes to the middle;
 * then the register is a pointer again: the host's code does not read like the
 * guest's.
 */
static void add_jump64(struct rng *r, struct stream *st, const struct oracle_seg *seg)
{
    unsigned reg = rnd(r, 8);
    struct piece *p = piece_load(st, reg, 0);

    points_at(p, true, 0);
    p->byte[p->len++] = 0xff;
    p->byte[p->len++] = (uint8_t) (0xe0 | reg);
    piece_load(st, reg, random_offset(r, &seg[st->regs.seg[3] >> 3]));
}

/* Returns and indirect jumps that arrive; a segment register from the stack. */
static void add_sequence(struct rng *r, struct stream *st)
{
    bool wide = chance(r, 20) ? !st->code32 : st->code32;
    uint8_t reg = (uint8_t) rnd(r, 8), jump[2] = { 0xff, (uint8_t) ((chance(r, 50) ? 0xe0 : 0xd0) | reg) };
    static const uint8_t pops[] = { 0x07, 0x1f, 0x17 };
    uint16_t cs = chance(r, 85) ? st->regs.seg[1] : random_selector(r);

    switch (rnd(r, 5)) {
    case 0:
        points_at(push_imm(st, wide, 0), wide, 1);
        operation(st, wide, 0xc3);
        break;
    case 1:
        push_imm(st, wide, cs);
        points_at(push_imm(st, wide, 0), wide, 1);
        operation(st, wide, 0xcb);
        break;
    case 2:
        push_imm(st, wide, ((uint32_t) rng_next(r) & (chance(r, 90) ? 0x3cd7 : 0x3ffd7)) | 2);
        push_imm(st, wide, cs);
        points_at(push_imm(st, wide, 0), wide, 1);
        operation(st, wide, 0xcf);
        break;
    case 3:
        points_at(piece_load(st, reg, 0), true, 1);
        piece_bytes(st, jump, 2);
        break;
    default:
        push_imm(st, wide, random_selector(r));
        operation(st, wide, pops[rnd(r, 10) == 0 ? 2 : rnd(r, 2)]);
        break;
    }
}

/* --- streams ------------------------------------------------------------- */

static void stream_begin(struct rng *r, struct stream *st, struct stream_kind kind, const struct oracle_seg *seg)
{
    memset(st, 0, sizeof *st);
    st->code32 = kind.code32;
    st->code64 = kind.code64;
    random_regs(r, st, seg);
    st->fx_seed = chance(r, 75) ? rng_next(r) | 2 : 0;
    world_fx(st->regs.fx, st->fx_seed);
}

/* The pieces from `from` on read flags that an earlier one leaves undefined. */
static bool reads_undefined(struct stream *st, unsigned from)
{
    stream_flow_undefined(st);
    for (unsigned i = from; i < st->n; i++)
        if (st->piece[i].undefined & st->piece[i].reads)
            return true;
    return false;
}

static void insert_flags(struct rng *r, struct stream *st, unsigned at)
{
    struct piece saved[4];
    unsigned n = st->n - at;

    memcpy(saved, &st->piece[at], n * sizeof saved[0]);
    st->n = at;
    piece_flags(r, st);
    memcpy(&st->piece[st->n], saved, n * sizeof saved[0]);
    st->n += n;
}

static void make_code64(struct rng *r, struct stream *st, const struct model *model)
{
    for (unsigned i = 0; i < st->n && st->code64; i++)
        code64_make(r, &st->piece[i], st, model);
}

void stream_random(struct rng *r, struct stream *st, struct stream_kind kind, const struct oracle_seg *seg,
                   const struct model *model)
{
    unsigned want = 1 + rnd(r, STREAM_INSNS - 12);

    stream_begin(r, st, kind, seg);
    while (st->n < want) {
        unsigned at = st->n;

        if (chance(r, 5) && !st->code64)
            add_sequence(r, st);
        else if (st->code64 && st->code32 && chance(r, 3))
            add_jump64(r, st, seg);
        else if (add_random(r, st, seg, model, -1))
            while (reads_undefined(st, at)) /* jumps may pass the first ones */
                insert_flags(r, st, at++);
    }
    make_code64(r, st, model);
}

bool stream_single(struct rng *r, struct stream *st, bool code32, unsigned opcode, const struct oracle_seg *seg,
                   const struct model *model)
{
    stream_begin(r, st, (struct stream_kind){ .code32 = code32 }, seg);
    return add_random(r, st, seg, model, (int) opcode);
}

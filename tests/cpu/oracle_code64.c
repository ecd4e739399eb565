/*
 * 64-bit code in the place of 32- or 16-bit code.
 *
 * Source: Intel SDM vol. 1, 3.6; vol. 2, 2.2.1 (REX, RIP-relative), appendix A
 *         (superscripts i64, f64, d64); AMD APM vol. 3, appendix B.
 */
#include "config.h"

#include "cpu/oracle_code64.h"

#include <assert.h>
#include <string.h>

#include "base/bits.h"
#include "cpu/ops.h"

/* --- what is left out ---------------------------------------------------- */

enum reason {
    GONE, REX, LOADS, TELLS, TABLES, FAR, NEAR, STACK32, ADDR16, OVER_CS, OVER_FS, BRANCH_SIZE, TOO_LONG, REASONS,
};

static const struct exclusion reasons[REASONS] = {
    [GONE] = { "AAA AAS AAD AAM DAA DAS ARPL BOUND INTO PUSHA POPA SALC LDS LES 82",
               "not in 64-bit mode (SDM vol. 2, A.3: i64)" },
    [REX] = { "INC, DEC 40 to 4F", "they are REX prefixes; FE and FF are judged" },
    [LOADS] = { "MOV sreg, POP sreg, LSS, LFS, LGS", "the host has other descriptor tables; FS is the C library's" },
    [TELLS] = { "MOV from sreg, PUSH sreg", "the host has other selectors" },
    [TABLES] = { "LAR LSL VERR VERW", "the host has other descriptor tables" },
    [FAR] = { "far JMP, CALL, RET, IRET", "the host has other descriptor tables; IRET pops five" },
    [NEAR] = { "CALL, RET, JMP r/m", "eight bytes; JMP r32 to a place in the stream is judged" },
    [STACK32] = { "PUSH, POP, PUSHF, POPF, ENTER, LEAVE of 32 bits", "eight bytes (d64); those of 16 are judged" },
    [ADDR16] = { "16-bit addresses", "not in 64-bit mode" },
    [OVER_CS] = { "CS override", "ignored, where ours may not write to code" },
    [OVER_FS] = { "FS override", "FS is the C library's; GS is judged" },
    [BRANCH_SIZE] = { "near branches of the other size, Jcc rel16", "Intel ignores 66, AMD cuts RIP (f64)" },
    [TOO_LONG] = { "more than 12 bytes", "no room for what is added" },
};

const struct exclusion *code64_exclusions(unsigned *n)
{
    *n = REASONS;
    return reasons;
}

static const struct {
    op_fn *fn;
    enum reason why;
} excluded_fns[] = {
    { op_aaa, GONE }, { op_aas, GONE }, { op_aad, GONE }, { op_aam, GONE }, { op_daa, GONE }, { op_das, GONE },
    { op_arpl, GONE }, { op_bound, GONE }, { op_into, GONE }, { op_pusha, GONE }, { op_popa, GONE }, { op_salc, GONE },
    { op_lfar, LOADS }, { op_mov_to_seg, LOADS }, { op_pop_seg, LOADS },
    { op_mov_from_seg, TELLS }, { op_push_seg, TELLS },
    { op_lar, TABLES }, { op_lsl, TABLES }, { op_verr, TABLES }, { op_verw, TABLES },
    { op_jmp_far, FAR }, { op_call_far, FAR }, { op_ret_far, FAR }, { op_iret, FAR },
    { op_call, NEAR }, { op_call_abs, NEAR }, { op_jmp_abs, NEAR }, { op_ret, NEAR },
};

static bool one_byte(const struct insn *in)
{
    return in->row >= op_rows_1 && in->row < op_rows_1 + 256 * 8;
}

static bool is_stack(op_fn *fn)
{
    return fn == op_push || fn == op_pop || fn == op_pushf || fn == op_popf || fn == op_enter || fn == op_leave;
}

static bool is_loop(op_fn *fn)
{
    return fn == op_loop || fn == op_loopz || fn == op_loopnz || fn == op_jcxz;
}

static bool is_branch(op_fn *fn)
{
    return fn == op_jcc || fn == op_jmp || is_loop(fn);
}

static bool is_memory(const struct insn *in)
{
    return in->dst.kind == OPND_MEM || in->src.kind == OPND_MEM || (in->row->traits & T_REP) || in->fn == op_xlat;
}

static bool is_rel8(const struct insn *in)
{
    return one_byte(in) && (in->opcode & 0xfd) != 0xe9;
}

const struct exclusion *code64_excluded(const struct insn *in, bool code32)
{
    op_fn *fn = in->fn == op_ud ? in->row->interp : in->fn;
    bool memory = is_memory(in);

    for (unsigned i = 0; i < ARRAY_LEN(excluded_fns); i++)
        if (fn == excluded_fns[i].fn)
            return &reasons[excluded_fns[i].why];
    if (one_byte(in) && in->opcode == 0x82)
        return &reasons[GONE];
    if (one_byte(in) && (in->opcode & 0xf0) == 0x40)
        return &reasons[REX];
    if (is_stack(fn) && in->width == 4)
        return &reasons[STACK32];
    if (is_branch(fn) && (in->width == 4) != code32)
        return &reasons[BRANCH_SIZE];
    if (is_branch(fn) && !code32 && !is_rel8(in))
        return &reasons[BRANCH_SIZE];
    if ((memory || is_loop(fn)) && (in->flags & INSN_ADDR16))
        return &reasons[ADDR16];
    if (memory && in->seg == CS)
        return &reasons[OVER_CS];
    if (memory && in->seg == FS)
        return &reasons[OVER_FS];
    return in->len > 12 ? &reasons[TOO_LONG] : NULL;
}

/* --- bytes --------------------------------------------------------------- */

/* 66 says something else there, or nothing. */
static bool no_operand_size(const struct insn *in)
{
    return is_branch(in->fn) || in->row->cost == C_MMX || (!one_byte(in) && in->opcode == 0xc7);
}

static bool is_prefix(uint8_t b)
{
    return (b & 0xe7) == 0x26 || (b >= 0x64 && b <= 0x67) || b == 0xf0 || b == 0xf2 || b == 0xf3;
}

/* A ModRM byte with a displacement and nothing else: not a MOV with the address in the opcode's place. */
static bool is_rip_relative(const struct insn *in)
{
    bool moffs = one_byte(in) && in->opcode >= 0xa0 && in->opcode <= 0xa3;

    return (in->dst.kind == OPND_MEM || in->src.kind == OPND_MEM) && !moffs && (in->modrm & 0xc7) == 5;
}

/* What the prefixes 66 and 67 are, or shall be. */
struct sizes {
    bool opnd, addr;
};

static struct sizes sizes_of_guest(const uint8_t *p)
{
    struct sizes s = { false, false };

    for (; is_prefix(*p); p++) {
        s.opnd |= *p == 0x66;
        s.addr |= *p == 0x67;
    }
    return s;
}

static struct sizes sizes_of_host(const struct insn *in, struct sizes guest, bool code32)
{
    return (struct sizes){ .opnd = code32 ? guest.opnd : in->width == 2 && !no_operand_size(in),
                           .addr = guest.addr || is_memory(in) || is_loop(in->fn) };
}

static unsigned host_bytes(uint8_t *to, const uint8_t *from, const struct insn *in, struct sizes host)
{
    const uint8_t *const end = from + in->len;
    unsigned n = 0, modrm;

    if (host.opnd)
        to[n++] = 0x66;
    if (host.addr)
        to[n++] = 0x67;
    for (; is_prefix(*from); from++)
        if (*from != 0x66 && *from != 0x67)
            to[n++] = *from;
    modrm = n + (*from == 0x0f ? 2 : 1);
    while (from < end) {
        to[n++] = *from++;
        if (n == modrm + 1 && is_rip_relative(in)) {
            to[modrm] = (uint8_t) ((to[modrm] & ~7u) | 4);
            to[n++] = 0x25; /* SIB: no base, no index */
        }
    }
    return n;
}

/* Prefixes that change nothing with flat segments, before all others: a later one counts. */
static void guest_prefixes(struct rng *r, struct piece *p, unsigned n)
{
    static const uint8_t segs[5] = { 0x26, 0x36, 0x3e, 0x64, 0x65 };

    memmove(p->byte + n, p->byte, p->len);
    for (unsigned i = 0; i < n; i++)
        p->byte[i] = segs[rnd(r, ARRAY_LEN(segs))];
    p->len = (uint8_t) (p->len + n);
}

static void guest_or_host_nops(struct piece *p, unsigned host_len)
{
    bool guest = host_len > p->len;
    unsigned len = guest ? host_len : p->len;

    p->pad = (uint8_t) (guest ? len - p->len : len - host_len);
    p->pad_guest = guest;
    memset(guest ? p->byte + p->len : p->host + host_len, 0x90, p->pad);
    p->len = (uint8_t) len;
}

void code64_make(struct rng *r, struct piece *p, const struct stream *st, const struct model *model)
{
    struct sizes guest = sizes_of_guest(p->byte), host;
    unsigned len;
    struct insn in;

    decode(&in, p->byte, INSN_MAX, st->code32, model);
    assert(in.len == p->len || p->fix == FIX_ABS32); /* MOV and JMP, in 32-bit code */
    host = sizes_of_host(&in, guest, st->code32);
    if (host.opnd == guest.opnd && host.addr == guest.addr && !is_rip_relative(&in)) {
        memcpy(p->host, p->byte, sizeof p->host);
        return;
    }
    len = host_bytes(p->host, p->byte, &in, host);
    /* A distance counts from the end, a trap from the instruction behind a POPF, and where
     * the code ends NOPs would be missing. */
    if (len > p->len && (p->fix != FIX_NONE || in.fn == op_popf || st->at_end || chance(r, 50)))
        guest_prefixes(r, p, len - p->len);
    guest_or_host_nops(p, len);
}

/* Arithmetic, logic, bits: what they become, and what their flags follow from. */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

/* --- add, or, adc, sbb, and, sub, xor, cmp ------------------------------- */

struct alu {
    op_fn *fn;
    enum x64_alu op;
    enum flag_kind kind;
    bool stores, reads_carry;
};

static const struct alu alus[] = {
    { op_add, X_ADD, FK_ADD, true, false },  { op_or, X_OR, FK_LOGIC, true, false },
    { op_adc, X_ADC, FK_ADC, true, true },   { op_sbb, X_SBB, FK_SBB, true, true },
    { op_and, X_AND, FK_LOGIC, true, false }, { op_sub, X_SUB, FK_SUB, true, false },
    { op_xor, X_XOR, FK_LOGIC, true, false }, { op_cmp, X_CMP, FK_SUB, false, false },
};

static const struct alu *alu_find(const struct insn *in)
{
    const struct alu *a = alus;

    while (a->fn != in->fn) /* its row leads only here */
        a++;
    return a;
}

static unsigned alu_host_flags(const struct alu *a)
{
    return HF_ALL | (a->kind == FK_LOGIC ? HF_NO_A : HF_A);
}

/* The first operand of ADC AH, [m] has no scratch register to be kept through. */
static bool adc_can(const struct insn *in)
{
    return !(in->src.kind == OPND_MEM && emit_is_high(emit_reg(&in->dst)));
}

/* What the flags of the operation that follows will be computed from. */
static void alu_keep_operands(struct emit *e, const struct insn *in, const struct alu *a, int dst, int src)
{
    if (a->kind == FK_LOGIC)
        return;
    if (a->reads_carry)
        emit_keep_dst(e, dst);
    if (in->src.kind == OPND_IMM)
        x64_mov_mi(e->c, 4, emit_jit(offsetof(struct jit, f_src)), in->imm);
    else
        emit_keep_src(e, src);
}

static void alu_keep_carry(struct emit *e, enum flag_kind kind)
{
    if (kind == FK_LOGIC)
        x64_mov_mi(e->c, 4, emit_cpu(offsetof(struct cpu, f_carry)), 0);
    else
        emit_keep_carry(e);
}

static void alu_keep_result(struct emit *e, enum flag_kind kind, unsigned w, int r)
{
    alu_keep_carry(e, kind);
    emit_keep_result(e, kind, w, r);
}

/* A CMP has no result: it is computed beside. */
static void alu_compare(struct emit *e, const struct insn *in, int dst, int src)
{
    struct code *c = e->c;
    unsigned w = in->width;

    if (emit_is_high(dst))
        x64_movx_rr(c, false, 1, TMP, 4, dst);
    else
        x64_mov_rr(c, 4, TMP, dst);
    if (in->src.kind == OPND_IMM)
        x64_alu_ri(c, X_SUB, w, TMP, in->imm);
    else if (!emit_is_high(src))
        x64_alu_rr(c, X_SUB, w, TMP, src);
    else { /* a byte of both kinds: the second one has been kept */
        x64_alu_rm(c, X_SUB, 1, TMP, emit_jit(offsetof(struct jit, f_src)));
    }
    alu_keep_result(e, FK_SUB, w, TMP);
}

static void alu_do(struct emit *e, const struct insn *in, const struct alu *a, int dst, int src)
{
    unsigned w = in->width;
    bool carry = emit_keeps_carry_only(e), keep = !carry && emit_keeps(e, HF_ALL);

    if (keep)
        alu_keep_operands(e, in, a, dst, src);
    if (a->reads_carry)
        emit_need_carry(e);
    if (!a->stores && keep) {
        alu_compare(e, in, dst, src);
        e->host = alu_host_flags(a);
        return;
    }
    if (in->src.kind == OPND_IMM)
        x64_alu_ri(e->c, a->op, w, dst, in->imm);
    else
        x64_alu_rr(e->c, a->op, w, dst, src);
    if (keep)
        alu_keep_result(e, a->kind, w, dst);
    else if (carry)
        alu_keep_carry(e, a->kind);
    e->host = alu_host_flags(a);
}

void emit_load_operand(struct emit *e, unsigned w)
{
    if (e->at.base == TMP) {
        x64_mov_rr(e->c, 8, TMP3, TMP);
        e->at.base = TMP3;
    }
    if (w == 4)
        x64_mov_rm(e->c, 4, TMP2, e->at);
    else
        x64_movx_rm(e->c, false, w, TMP2, 4, e->at);
}

/* AH and its like cannot stand beside the scratch registers: a copy in TMP. */
static int low_copy(struct emit *e, int reg)
{
    if (!emit_is_high(reg))
        return reg;
    x64_movx_rr(e->c, false, 1, TMP, 4, reg);
    return TMP;
}

/* AH op [m]: both operands where they are. */
static void alu_high_mem(struct emit *e, const struct alu *a, int dst)
{
    struct code *c = e->c;
    bool keep = emit_keeps(e, HF_ALL);

    if (keep && a->kind != FK_LOGIC) {
        x64_movx_rm(c, false, 1, TMP2, 4, e->at);
        emit_keep_src(e, TMP2);
    }
    if (!a->stores && keep) {
        x64_movx_rr(c, false, 1, TMP, 4, dst);
        x64_alu_rr(c, X_SUB, 1, TMP, TMP2);
        alu_keep_result(e, FK_SUB, 1, TMP);
    } else {
        x64_alu_rm(c, a->op, 1, dst, e->at);
        if (keep)
            alu_keep_result(e, a->kind, 1, dst);
    }
    e->host = alu_host_flags(a);
}

static void emit_alu(struct emit *e, const struct insn *in)
{
    const struct alu *a = alu_find(in);
    unsigned w = in->width;

    if (in->dst.kind == OPND_REG && in->src.kind != OPND_MEM) {
        alu_do(e, in, a, emit_reg(&in->dst), in->src.kind == OPND_REG ? emit_reg(&in->src) : NO_HREG);
    } else if (in->dst.kind == OPND_REG) {
        int dst = emit_reg(&in->dst);

        emit_operand(e, in, w, false);
        if (emit_is_high(dst)) {
            alu_high_mem(e, a, dst);
        } else if (!emit_keeps(e, HF_ALL) && !a->reads_carry && !e->defers[e->k]) {
            x64_alu_rm(e->c, a->op, w, dst, e->at);
            e->host = alu_host_flags(a);
        } else {
            emit_load_operand(e, w);
            alu_do(e, in, a, dst, TMP2);
        }
    } else {
        int src = NO_HREG;

        emit_operand(e, in, w, a->stores);
        emit_load_operand(e, w);
        if (in->src.kind == OPND_REG)
            src = low_copy(e, emit_reg(&in->src));
        if (a->stores || !emit_keeps(e, HF_ALL)) {
            bool keep = emit_keeps(e, HF_ALL);

            if (keep)
                alu_keep_operands(e, in, a, TMP2, src);
            if (a->reads_carry)
                emit_need_carry(e);
            if (in->src.kind == OPND_IMM)
                x64_alu_ri(e->c, a->op, w, TMP2, in->imm);
            else
                x64_alu_rr(e->c, a->op, w, TMP2, src);
            if (a->stores)
                x64_mov_mr(e->c, w, e->at, TMP2);
            if (keep)
                alu_keep_result(e, a->kind, w, TMP2);
        } else {
            alu_keep_operands(e, in, a, TMP2, src);
            if (in->src.kind == OPND_IMM)
                x64_alu_ri(e->c, X_SUB, w, TMP2, in->imm);
            else
                x64_alu_rr(e->c, X_SUB, w, TMP2, src);
            alu_keep_result(e, FK_SUB, w, TMP2);
        }
        e->host = alu_host_flags(a);
    }
}

/* --- cmpxchg, xadd ------------------------------------------------------- */

static bool exchange_can(const struct insn *in)
{
    return in->dst.kind == OPND_MEM && !emit_is_high(emit_reg(&in->src));
}

/* EAX becomes the operand anyway: if they are equal, it is. */
static void emit_cmpxchg(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned w = in->width;

    emit_operand(e, in, w, true);
    emit_load_operand(e, w);
    x64_alu_rr(c, X_CMP, w, RAX, TMP2);
    x64_mov_rr(c, 4, TMP, TMP2);
    x64_cmov_rr(c, CC_Z, 4, TMP, emit_reg(&in->src));
    x64_mov_mr(c, w, e->at, TMP);
    if (emit_keeps(e, HF_ALL)) {
        emit_keep_src(e, TMP2);
        x64_mov_rr(c, 4, TMP, RAX);
        x64_alu_rr(c, X_SUB, w, TMP, TMP2);
        alu_keep_result(e, FK_SUB, w, TMP);
    }
    x64_mov_rr(c, w, RAX, TMP2);
    e->host = HF_ALL | HF_A;
}

static void emit_xadd(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned w = in->width;
    int src = emit_reg(&in->src);

    emit_operand(e, in, w, true);
    emit_load_operand(e, w);
    x64_mov_rr(c, 4, TMP, TMP2);
    x64_alu_rr(c, X_ADD, w, TMP, src);
    x64_mov_mr(c, w, e->at, TMP);
    if (emit_keeps(e, HF_ALL)) {
        emit_keep_src(e, src);
        alu_keep_result(e, FK_ADD, w, TMP);
    }
    x64_mov_rr(c, w, src, TMP2);
    e->host = HF_ALL | HF_A;
}

/* --- test ---------------------------------------------------------------- */

static void emit_test(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    unsigned w = in->width;
    bool keep = emit_keeps(e, HF_ALL);
    int a, b = NO_HREG;

    if (in->dst.kind == OPND_MEM) {
        emit_operand(e, in, w, false);
        emit_load_operand(e, w);
        a = TMP2;
        if (in->src.kind == OPND_REG)
            b = low_copy(e, emit_reg(&in->src));
    } else {
        a = emit_reg(&in->dst);
        if (in->src.kind == OPND_REG)
            b = emit_reg(&in->src);
    }
    if (keep) {
        /* The result is wanted, so it is an AND, of copies. */
        if (a != TMP2 && b != NO_HREG) {
            x64_mov_rr(c, 4, TMP2, low_copy(e, b));
            b = TMP2;
        }
        if (a != TMP2) {
            if (low_copy(e, a) != TMP)
                x64_mov_rr(c, 4, TMP, a);
            a = TMP;
        }
        if (in->src.kind == OPND_IMM)
            x64_alu_ri(c, X_AND, w, a, in->imm);
        else
            x64_alu_rr(c, X_AND, w, a, b);
        alu_keep_result(e, FK_LOGIC, w, a);
    } else if (in->src.kind == OPND_IMM) {
        x64_test_ri(c, w, a, in->imm);
    } else {
        x64_test_rr(c, w, a, b);
    }
    e->host = HF_ALL | HF_NO_A;
}

/* --- inc, dec, neg, not -------------------------------------------------- */

/* INC and DEC leave CF as it was, here and there. */
static void emit_unary_flags(struct emit *e, const struct insn *in, int r)
{
    bool neg = in->fn == op_neg;

    e->host = HF_A | (neg ? HF_ALL : (e->host & HF_C) | HF_O | HF_SZP);
    if (!emit_keeps(e, e->host))
        return;
    if (neg)
        emit_keep_carry(e);
    emit_keep_result(e, neg ? FK_SUB : in->fn == op_inc ? FK_INC : FK_DEC, in->width, r);
}

static void unary_do(struct emit *e, const struct insn *in, int r)
{
    if (in->fn == op_not)
        x64_unary(e->c, X_NOT, in->width, r);
    else if (in->fn == op_neg)
        x64_unary(e->c, X_NEG, in->width, r);
    else
        x64_inc_dec(e->c, in->fn == op_dec, in->width, r);
}

static void emit_unary(struct emit *e, const struct insn *in)
{
    unsigned w = in->width;
    int r;

    if (in->dst.kind == OPND_MEM) {
        emit_operand(e, in, w, true);
        emit_load_operand(e, w);
        r = TMP2;
    } else {
        r = emit_reg(&in->dst);
    }
    if (in->fn == op_neg && emit_keeps(e, HF_ALL))
        emit_keep_src(e, r);
    unary_do(e, in, r);
    if (in->dst.kind == OPND_MEM)
        x64_mov_mr(e->c, w, e->at, r);
    if (in->fn != op_not)
        emit_unary_flags(e, in, r);
}

/* --- multiplication and division ----------------------------------------- */

static void mul_keep(struct emit *e, unsigned w, int low)
{
    e->host = HF_C | HF_O;
    if (!emit_keeps(e, e->host))
        return;
    emit_keep_carry(e);
    x64_mov_mi(e->c, 4, emit_jit(offsetof(struct jit, f_src)), 0);
    x64_setcc_m(e->c, CC_C, emit_jit(offsetof(struct jit, f_src)));
    emit_keep_result(e, FK_MUL, w, low);
}

/* The one operand, in a register. */
static int one_operand(struct emit *e, const struct insn *in)
{
    if (in->dst.kind == OPND_REG)
        return emit_reg(&in->dst);
    emit_operand(e, in, in->width, false);
    emit_load_operand(e, in->width);
    return TMP2;
}

static void emit_mul(struct emit *e, const struct insn *in)
{
    int r = one_operand(e, in);

    x64_unary(e->c, in->fn == op_mul ? X_MUL : X_IMUL, in->width, r);
    mul_keep(e, in->width, RAX);
}

static void emit_imul2(struct emit *e, const struct insn *in)
{
    int dst = emit_reg(&in->dst), src;

    if (in->src.kind == OPND_MEM) {
        emit_operand(e, in, in->width, false);
        emit_load_operand(e, in->width);
        src = TMP2;
    } else {
        src = emit_reg(&in->src);
    }
    if (in->third == A___)
        x64_imul_rr(e->c, in->width, dst, src);
    else
        x64_imul_rri(e->c, in->width, dst, src, in->imm);
    mul_keep(e, in->width, dst);
}

/* Flags stay, though the host's do not.  What could fail steps. */
static void emit_div(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    int r = low_copy(e, one_operand(e, in));

    if (r != TMP2 && in->width == 1)
        x64_movx_rr(c, false, 1, TMP2, 4, r);
    else if (r != TMP2)
        x64_mov_rr(c, 4, TMP2, r);
    if (in->width == 1) {
        x64_movx_rr(c, false, 1, TMP, 4, HIGH_BYTE + RAX);
        x64_alu_rr(c, X_CMP, 4, TMP, TMP2);
    } else {
        x64_alu_rr(c, X_CMP, in->width, RDX, TMP2);
    }
    emit_step_if(e, CC_NC);
    x64_unary(c, X_DIV, in->width, TMP2);
    e->host = 0;
}

static bool idiv_can(const struct insn *in)
{
    return in->width == 4;
}

/* A dividend of 32 significant bits, a divisor that is not 0 or -1: cannot overflow. */
static void emit_idiv(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    int r = one_operand(e, in);

    if (r != TMP2)
        x64_mov_rr(c, 4, TMP2, r);
    x64_mov_rr(c, 4, TMP, RAX);
    x64_shift_ri(c, X_SAR, 4, TMP, 31);
    x64_alu_rr(c, X_CMP, 4, TMP, RDX);
    emit_step_if(e, CC_NZ);
    x64_lea(c, 4, TMP, x64_at(TMP2, 1));
    x64_alu_ri(c, X_CMP, 4, TMP, 1);
    emit_step_if(e, CC_BE);
    x64_unary(c, X_IDIV, 4, TMP2);
    e->host = 0;
}

/* --- bits ---------------------------------------------------------------- */

/* Where a bit is whose number stands in a register: words away from the operand, too. */
static void bit_operand(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    bool word = in->width == 2;
    int bit = emit_reg(&in->src);

    emit_ea(e, in, TMP);
    if (word)
        x64_movx_rr(c, true, 2, TMP2, 4, bit);
    else
        x64_mov_rr(c, 4, TMP2, bit);
    x64_shift_ri(c, X_SAR, 4, TMP2, word ? 4 : 5);
    x64_lea(c, 4, TMP, (struct xmem){ TMP, TMP2, word ? 1 : 2, 0, false });
    if (in->ea_mask == 0xffff)
        x64_movx_rr(c, false, 2, TMP, 4, TMP);
    emit_access(e, in->seg, in->width, in->fn != op_bt, in->ea_mask == 0xffff);
}

static void emit_bit(struct emit *e, const struct insn *in)
{
    enum x64_bit op = in->fn == op_bt ? X_BT : in->fn == op_bts ? X_BTS : in->fn == op_btr ? X_BTR : X_BTC;
    bool memory = in->dst.kind == OPND_MEM;
    int dst = memory ? TMP2 : emit_reg(&in->dst);

    if (memory && in->src.kind == OPND_IMM)
        emit_operand(e, in, in->width, op != X_BT);
    else if (memory)
        bit_operand(e, in);
    if (memory)
        emit_load_operand(e, in->width);
    if (in->src.kind == OPND_IMM)
        x64_bit_ri(e->c, op, in->width, dst, in->imm & (8u * in->width - 1));
    else
        x64_bit_rr(e->c, op, in->width, dst, emit_reg(&in->src));
    if (memory && op != X_BT)
        x64_mov_mr(e->c, in->width, e->at, TMP2);
    emit_keep_carry(e);
    e->host = HF_C;
}

/* ZF alone is written; a source of 0 leaves the destination. */
static bool scan_can(const struct insn *in)
{
    return in->width == 4;
}

static void emit_scan(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;
    int src = TMP2;
    uint8_t *skip;

    if (in->src.kind == OPND_MEM) {
        emit_operand(e, in, 4, false);
        emit_load_operand(e, 4);
    } else {
        src = emit_reg(&in->src);
    }
    emit_load_flags(e); /* now each stands for itself */
    x64_mov_mr(c, 4, emit_cpu(offsetof(struct cpu, f_zero)), src);
    x64_test_rr(c, 4, src, src);
    skip = x64_jcc(c, CC_Z);
    x64_bscan(c, in->fn == op_bsr, emit_reg(&in->dst), src);
    x64_patch(skip, c->p);
    e->host = 0;
}

/* SF, ZF, AF, PF, CF from AH; OF stays. */
static void emit_sahf(struct emit *e, const struct insn *in)
{
    struct code *c = e->c;

    (void) in;
    emit_load_flags(e);
    x64_sahf(c);
    emit_keep_carry(e);
    x64_mov_mi(c, 4, emit_cpu(offsetof(struct cpu, f_zero)), 0);
    x64_setcc_m(c, CC_NZ, emit_cpu(offsetof(struct cpu, f_zero)));
    x64_movx_rr(c, true, 1, TMP, 4, HIGH_BYTE + RAX); /* SF is its sign */
    x64_setcc_r(c, CC_NP, TMP);
    x64_mov_mr(c, 4, emit_cpu(offsetof(struct cpu, f_sign)), TMP);
    x64_movx_rr(c, false, 1, TMP, 4, HIGH_BYTE + RAX);
    x64_mov_mr(c, 4, emit_cpu(offsetof(struct cpu, f_aux)), TMP);
    e->host = HF_ALL | HF_A;
}

static void emit_lahf(struct emit *e, const struct insn *in)
{
    (void) in;
    if (!emit_has_flags(e))
        emit_load_flags(e);
    x64_lahf(e->c);
    if (e->host & HF_NO_A) {
        x64_alu_ri(e->c, X_AND, 1, HIGH_BYTE + RAX, ~(uint32_t) FLAG_AF & 0xff);
        e->host = 0;
    }
}

/* DAA, DAS: by a table, where they meet what somebody else has kept. */
static void emit_decimal(struct emit *e, const struct insn *in)
{
    int32_t table = (int32_t) offsetof(struct jit, bcd) + (in->fn == op_das ? (int32_t) sizeof e->jit->bcd[0] : 0);
    struct code *c = e->c;

    if ((~e->host & (HF_C | HF_A)) != 0)
        emit_load_flags(e);
    x64_mov_rr(c, 4, TMP2, RAX);
    x64_lahf(c);
    x64_movx_rr(c, false, 1, TMP, 4, HIGH_BYTE + RAX);
    x64_mov_rr(c, 4, RAX, TMP2);
    x64_alu_ri(c, X_AND, 4, TMP, FLAG_CF | FLAG_AF);
    x64_shift_ri(c, X_SHL, 4, TMP, 8);
    x64_movx_rr(c, false, 1, TMP2, 4, RAX);
    x64_alu_rr(c, X_OR, 4, TMP, TMP2);
    x64_movx_rm(c, false, 2, TMP, 4, (struct xmem){ JIT, TMP, 1, table, false });
    x64_mov_rr(c, 1, RAX, TMP);
    x64_movx_rr(c, true, 1, TMP2, 4, TMP);
    x64_mov_mr(c, 4, emit_cpu(offsetof(struct cpu, f_zero)), TMP2);
    x64_mov_mr(c, 4, emit_cpu(offsetof(struct cpu, f_sign)), TMP2);
    x64_shift_ri(c, X_SHR, 4, TMP, 8);
    x64_mov_mr(c, 4, emit_cpu(offsetof(struct cpu, f_aux)), TMP);
    x64_alu_ri(c, X_AND, 4, TMP, FLAG_CF);
    x64_mov_mr(c, 1, emit_cpu(offsetof(struct cpu, f_carry)), TMP);
    x64_mov_mi(c, 4, emit_cpu(offsetof(struct cpu, f_over)), 0);
    x64_mov_mi(c, 4, emit_jit(offsetof(struct jit, f_op)), FK_SETTLED);
    e->host = 0;
}

static bool bswap_can(const struct insn *in)
{
    return in->width == 4;
}

static void emit_bswap(struct emit *e, const struct insn *in)
{
    x64_bswap(e->c, emit_home[in->dst.reg]);
}

static void emit_carry(struct emit *e, const struct insn *in)
{
    struct xmem carry = emit_cpu(offsetof(struct cpu, f_carry));

    if (in->fn == op_cmc) {
        x64_alu_mi(e->c, X_XOR, 1, carry, 1);
        e->host = 0;
        return;
    }
    x64_mov_mi(e->c, 4, carry, in->fn == op_stc);
    e->host &= ~(unsigned) HF_C;
}

/* --- flags kept later ---------------------------------------------------- */

static bool keeps_again(op_fn *fn)
{
    static op_fn *const fns[] = { op_cmp, op_test, op_add, op_sub, op_and, op_or, op_xor, op_inc, op_dec };

    return op_is_one_of(fn, fns, ARRAY_LEN(fns));
}

/* An operand in memory is in TMP2, where it stays until the exits. */
static int again_reg(const struct opnd *o)
{
    return o->kind == OPND_REG ? emit_reg(o) : o->kind == OPND_MEM ? (int) TMP2 : NO_HREG;
}

bool emit_can_keep_again(const struct insn *in)
{
    bool memory = in->dst.kind == OPND_MEM || in->src.kind == OPND_MEM;

    if (!keeps_again(in->fn) || (memory && in->fn != op_cmp && in->fn != op_test))
        return false;
    if (emit_is_high(again_reg(&in->dst)) || emit_is_high(again_reg(&in->src)))
        return false;
    if (in->fn != op_add && in->fn != op_sub)
        return true;
    return in->width == 4 && (in->src.kind == OPND_IMM || in->src.off != in->dst.off);
}

/* The operand that ADD and SUB left as it was. */
static void alu_by_source(struct emit *e, const struct insn *in, enum x64_alu op, int dst)
{
    if (in->src.kind == OPND_IMM)
        x64_alu_ri(e->c, op, in->width, dst, in->imm);
    else
        x64_alu_rr(e->c, op, in->width, dst, again_reg(&in->src));
}

static void add_keep_again(struct emit *e, const struct insn *in, const struct alu *a)
{
    int dst = emit_reg(&in->dst), before = dst;

    alu_keep_operands(e, in, a, dst, in->src.kind == OPND_REG ? emit_reg(&in->src) : NO_HREG);
    if (in->fn == op_sub) { /* what it was before: CF is whether that is below the source, else the sum is */
        x64_mov_rr(e->c, 4, TMP, dst);
        alu_by_source(e, in, X_ADD, TMP);
        before = TMP;
    }
    alu_by_source(e, in, X_CMP, before);
    alu_keep_result(e, a->kind, in->width, dst);
}

void emit_keep_again(struct emit *e, const struct insn *in)
{
    int dst = again_reg(&in->dst), src = again_reg(&in->src);

    if (in->fn == op_cmp) {
        alu_keep_operands(e, in, alu_find(in), dst, src);
        alu_compare(e, in, dst, src);
    } else if (in->fn == op_test) {
        x64_mov_rr(e->c, 4, TMP, dst);
        alu_by_source(e, in, X_AND, TMP);
        alu_keep_result(e, FK_LOGIC, in->width, TMP);
    } else if (in->fn == op_inc || in->fn == op_dec) {
        emit_keep_result(e, in->fn == op_inc ? FK_INC : FK_DEC, in->width, dst);
    } else if (alu_find(in)->kind == FK_LOGIC) {
        alu_keep_result(e, FK_LOGIC, in->width, dst);
    } else {
        add_keep_again(e, in, alu_find(in));
    }
}

uint32_t emit_again_regs(const struct insn *in)
{
    if (in->dst.kind != OPND_REG || in->src.kind == OPND_MEM)
        return 0;
    return 1u << in->dst.off / 4 | (in->src.kind == OPND_REG ? 1u << in->src.off / 4 : 0);
}

const struct emit_row emit_alu_rows[] = {
    { op_add, emit_alu, NULL, EMIT_TRAPS },
    { op_or, emit_alu, NULL, EMIT_TRAPS },
    { op_adc, emit_alu, adc_can, EMIT_TRAPS },
    { op_sbb, emit_alu, adc_can, EMIT_TRAPS },
    { op_and, emit_alu, NULL, EMIT_TRAPS },
    { op_sub, emit_alu, NULL, EMIT_TRAPS },
    { op_xor, emit_alu, NULL, EMIT_TRAPS },
    { op_cmp, emit_alu, NULL, EMIT_TRAPS },
    { op_test, emit_test, NULL, EMIT_TRAPS },
    { op_cmpxchg, emit_cmpxchg, exchange_can, EMIT_TRAPS },
    { op_xadd, emit_xadd, exchange_can, EMIT_TRAPS },
    { op_inc, emit_unary, NULL, EMIT_TRAPS },
    { op_dec, emit_unary, NULL, EMIT_TRAPS },
    { op_neg, emit_unary, NULL, EMIT_TRAPS },
    { op_not, emit_unary, NULL, EMIT_TRAPS },
    { op_mul, emit_mul, NULL, EMIT_TRAPS },
    { op_imul1, emit_mul, NULL, EMIT_TRAPS },
    { op_imul2, emit_imul2, NULL, EMIT_TRAPS },
    { op_div, emit_div, NULL, EMIT_LEAVES },
    { op_idiv, emit_idiv, idiv_can, EMIT_LEAVES },
    { op_bt, emit_bit, NULL, EMIT_LEAVES },
    { op_bts, emit_bit, NULL, EMIT_LEAVES },
    { op_btr, emit_bit, NULL, EMIT_LEAVES },
    { op_btc, emit_bit, NULL, EMIT_LEAVES },
    { op_bsf, emit_scan, scan_can, EMIT_LEAVES },
    { op_bsr, emit_scan, scan_can, EMIT_LEAVES },
    { op_sahf, emit_sahf, NULL, EMIT_LEAVES },
    { op_lahf, emit_lahf, NULL, EMIT_LEAVES },
    { op_daa, emit_decimal, NULL, EMIT_LEAVES },
    { op_das, emit_decimal, NULL, EMIT_LEAVES },
    { op_bswap, emit_bswap, bswap_can, 0 },
    { op_clc, emit_carry, NULL, EMIT_LEAVES },
    { op_stc, emit_carry, NULL, EMIT_LEAVES },
    { op_cmc, emit_carry, NULL, EMIT_LEAVES },
    { NULL, NULL, NULL, 0 },
};

/*
 * x87 arithmetic, comparison and transcendental instructions.
 *
 * Source: Intel SDM vol. 1, 8.3, 8.5; vol. 2, each instruction.  Where the
 *         manual leaves something open, parts of today were measured:
 *         condition codes are set although an unmasked exception waits.
 */
#include "config.h"

#include "cpu/fpu.h"

static unsigned reg_field(const struct insn *in)
{
    return in->modrm >> 3 & 7;
}

/* --- results ------------------------------------------------------------- */

/* The value goes to ST(i) unless an unmasked exception keeps it away. */
static enum op_exit fpu_result(struct cpu *cpu, const struct insn *in, const struct f80_ctx *c, unsigned i,
                               struct f80 v, bool pop)
{
    fpu_end(cpu, in, c->flags);
    if (f80_stopped(c))
        return OP_NEXT;
    fpu_set(&cpu->fpu, i, v);
    if (pop)
        fpu_pop(&cpu->fpu);
    return OP_NEXT;
}

/* An operand is an empty register. */
static enum op_exit fpu_underflow(struct cpu *cpu, const struct insn *in, unsigned i, bool pop)
{
    struct f80_ctx c = { .cw = cpu->fpu.cw, .flags = FPU_UNDERFLOW };

    return fpu_result(cpu, in, &c, i, f80_indefinite, pop);
}

/* --- the four operations ------------------------------------------------- */

static struct f80 arith(struct f80_ctx *c, unsigned op, struct f80 st0, struct f80 b)
{
    switch (op) {
    case 0: return f80_add(c, st0, b);
    case 1: return f80_mul(c, st0, b);
    case 4: return f80_sub(c, st0, b);
    case 5: return f80_sub(c, b, st0);
    case 6: return f80_div(c, st0, b);
    default: return f80_div(c, b, st0);
    }
}

/* D8: to ST(0).  DC: to ST(i).  DE: that, and pop. */
OP_FN(op_fpu_arith)
{
    unsigned i = in->modrm & 7, dst = in->opcode & 4 ? i : 0;
    bool pop = in->opcode & 2;
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    enum op_exit r;
    struct f80 v;

    if (!fpu_begin(cpu, &r))
        return r;
    if (fpu_empty(f, 0) || fpu_empty(f, i))
        return fpu_underflow(cpu, in, dst, pop);
    v = arith(&c, reg_field(in), fpu_get(f, 0), fpu_get(f, i));
    return fpu_result(cpu, in, &c, dst, v, pop);
}

/* A real of 32 or 64 bits, or an integer of 16 or 32, as the row says. */
static bool load_operand(struct cpu *cpu, const struct insn *in, struct f80 *v, bool *denormal)
{
    uint8_t buf[8];

    *denormal = false;
    if (!fpu_read(cpu, in, buf, in->dst.width))
        return false;
    switch (in->row->a) {
    case A_Mf32: *v = f80_widen_f32(load_le32(buf), denormal); break;
    case A_Mf64: *v = f80_widen_f64(load_le64(buf), denormal); break;
    case A_Mi16: *v = f80_from_i64((int16_t) load_le16(buf)); break;
    default: *v = f80_from_i64((int32_t) load_le32(buf)); break;
    }
    return true;
}

/*
 * A denormal in memory is normal once widened: the exception is added here,
 * where no NaN, invalid operation or division by zero came before it.
 */
static void add_denormal(struct f80_ctx *c, bool denormal, struct f80 other)
{
    if (!denormal || f80_is_nan(other) || (c->flags & (F80_IE | F80_ZE)))
        return;
    c->flags |= F80_DE;
    if (!(c->cw & F80_DE)) /* nothing was computed after all */
        c->flags &= F80_DE;
}

OP_FN(op_fpu_arith_mem)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    struct f80 b, v;
    enum op_exit r;
    bool denormal;

    if (!fpu_begin(cpu, &r))
        return r;
    if (!load_operand(cpu, in, &b, &denormal))
        return OP_FAULT;
    if (fpu_empty(f, 0))
        return fpu_underflow(cpu, in, 0, false);
    v = arith(&c, reg_field(in), fpu_get(f, 0), b);
    add_denormal(&c, denormal, fpu_get(f, 0));
    return fpu_result(cpu, in, &c, 0, v, false);
}

/* --- comparison ---------------------------------------------------------- */

static uint16_t order_codes(enum f80_order o)
{
    static const uint16_t codes[] = {
        [F80_LESS] = F80_C0, [F80_EQUAL] = F80_C3, [F80_GREATER] = 0, [F80_UNORDERED] = F80_C0 | F80_C2 | F80_C3,
    };

    return codes[o];
}

static enum op_exit compare_end(struct cpu *cpu, const struct insn *in, const struct f80_ctx *c, enum f80_order o,
                                unsigned pops)
{
    struct fpu *f = &cpu->fpu;

    f->sw &= ~(uint32_t) FPU_CC;
    fpu_end(cpu, in, c->flags | order_codes(o));
    if (!f80_stopped(c))
        while (pops-- != 0)
            fpu_pop(f);
    return OP_NEXT;
}

static enum f80_order compare_regs(struct cpu *cpu, struct f80_ctx *c, unsigned i, bool quiet)
{
    const struct fpu *f = &cpu->fpu;

    if (!fpu_empty(f, 0) && !fpu_empty(f, i))
        return f80_compare(c, fpu_get(f, 0), fpu_get(f, i), quiet);
    c->flags |= FPU_UNDERFLOW;
    return F80_UNORDERED;
}

/* FCOM and FUCOM (DA, DD), popping none, one or both (DA E9, DE D9). */
OP_FN(op_fpu_com)
{
    struct f80_ctx c = fpu_ctx(cpu);
    bool quiet = in->opcode == 0xda || in->opcode == 0xdd;
    bool both = in->opcode == 0xda || in->modrm == 0xd9;
    unsigned pops = in->opcode == 0xda || (in->opcode == 0xde && both) ? 2
                  : in->opcode == 0xde || (in->modrm & 8) ? 1 : 0;
    enum f80_order o;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    o = compare_regs(cpu, &c, in->modrm & 7, quiet);
    return compare_end(cpu, in, &c, o, pops);
}

OP_FN(op_fpu_com_mem)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    enum f80_order o = F80_UNORDERED;
    enum op_exit r;
    struct f80 b;
    bool denormal;

    if (!fpu_begin(cpu, &r))
        return r;
    if (!load_operand(cpu, in, &b, &denormal))
        return OP_FAULT;
    if (fpu_empty(f, 0)) {
        c.flags |= FPU_UNDERFLOW;
    } else {
        o = f80_compare(&c, fpu_get(f, 0), b, false);
        add_denormal(&c, denormal, fpu_get(f, 0));
    }
    return compare_end(cpu, in, &c, o, reg_field(in) & 1);
}

/* FCOMI, FUCOMI: into ZF, PF, CF; DF pops. */
OP_FN(op_fpu_comi)
{
    static const uint32_t flags[] = {
        [F80_LESS] = FLAG_CF, [F80_EQUAL] = FLAG_ZF, [F80_GREATER] = 0,
        [F80_UNORDERED] = FLAG_ZF | FLAG_PF | FLAG_CF,
    };
    struct f80_ctx c = fpu_ctx(cpu);
    enum f80_order o;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    o = compare_regs(cpu, &c, in->modrm & 7, reg_field(in) == 5);
    fpu_end(cpu, in, c.flags);
    flags_set(cpu, flags[o]);
    if (in->opcode == 0xdf && !f80_stopped(&c))
        fpu_pop(&cpu->fpu);
    return OP_NEXT;
}

OP_FN(op_fpu_tst)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    enum f80_order o = F80_UNORDERED;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    if (fpu_empty(f, 0))
        c.flags |= FPU_UNDERFLOW;
    else
        o = f80_compare(&c, fpu_get(f, 0), (struct f80){ 0 }, false);
    return compare_end(cpu, in, &c, o, 0);
}

OP_FN(op_fpu_xam)
{
    struct fpu *f = &cpu->fpu;
    enum op_exit r;
    uint16_t code;

    if (!fpu_begin(cpu, &r))
        return r;
    code = f80_examine(fpu_get(f, 0));
    if (fpu_empty(f, 0)) /* the sign is that of what lies there */
        code = (uint16_t) ((code & F80_C1) | F80_C3 | F80_C0);
    f->sw &= ~(uint32_t) FPU_CC;
    fpu_end(cpu, in, code);
    return OP_NEXT;
}

/* --- one operand --------------------------------------------------------- */

static enum op_exit change_sign(struct cpu *cpu, const struct insn *in, uint16_t and, uint16_t xor)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    enum op_exit r;
    struct f80 v;

    if (!fpu_begin(cpu, &r))
        return r;
    if (fpu_empty(f, 0))
        return fpu_underflow(cpu, in, 0, false);
    v = fpu_get(f, 0);
    v.se = (v.se & and) ^ xor;
    return fpu_result(cpu, in, &c, 0, v, false);
}

OP_FN(op_fpu_chs)
{
    return change_sign(cpu, in, 0xffff, 0x8000);
}

OP_FN(op_fpu_abs)
{
    return change_sign(cpu, in, 0x7fff, 0);
}

/* F2XM1, FSQRT, FRNDINT; FSCALE, which also reads ST(1). */
OP_FN(op_fpu_unary)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    bool scale = in->modrm == 0xfd;
    struct f80 a = fpu_get(f, 0), v;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    if (fpu_empty(f, 0) || (scale && fpu_empty(f, 1)))
        return fpu_underflow(cpu, in, 0, false);
    if (scale)
        v = f80_scale(&c, a, fpu_get(f, 1));
    else if (in->modrm == 0xf0)
        v = f80_2xm1(&c, a);
    else
        v = in->modrm == 0xfa ? f80_sqrt(&c, a) : f80_round_int(&c, a);
    return fpu_result(cpu, in, &c, 0, v, false);
}

/* FPREM, FPREM1: C0 and C3 stay when there is no quotient (measured). */
OP_FN(op_fpu_rem)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    struct f80 a = fpu_get(f, 0), b = fpu_get(f, 1), v;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    f->sw &= ~(uint32_t) F80_C2;
    if (fpu_empty(f, 0) || fpu_empty(f, 1))
        return fpu_underflow(cpu, in, 0, false);
    v = f80_rem(&c, a, b, in->modrm == 0xf5);
    if (!f80_is_nan(a) && !f80_is_nan(b) && !(c.flags & F80_IE) && !f80_stopped(&c))
        f->sw &= ~(uint32_t) (F80_C0 | F80_C3);
    return fpu_result(cpu, in, &c, 0, v, false);
}

/* --- transcendental ------------------------------------------------------ */

/* FYL2X, FPATAN, FYL2XP1: of ST(0) and ST(1) to ST(1), pop. */
OP_FN(op_fpu_two)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    struct f80 x = fpu_get(f, 0), y = fpu_get(f, 1), v;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    if (fpu_empty(f, 0) || fpu_empty(f, 1))
        return fpu_underflow(cpu, in, 1, true);
    if (in->modrm == 0xf1)
        v = f80_yl2x(&c, x, y);
    else
        v = in->modrm == 0xf3 ? f80_atan(&c, y, x) : f80_yl2xp1(&c, x, y);
    return fpu_result(cpu, in, &c, 1, v, true);
}

/* Operands beyond 2^63: C2 says that nothing was done. */
static enum op_exit out_of_range(struct cpu *cpu, const struct insn *in)
{
    fpu_end(cpu, in, F80_C2);
    return OP_NEXT;
}

/* FSIN, FCOS */
OP_FN(op_fpu_trig)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    bool cosine = in->modrm == 0xff;
    struct f80 v = f80_indefinite;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    f->sw &= ~(uint32_t) F80_C2;
    if (fpu_empty(f, 0))
        return fpu_underflow(cpu, in, 0, false);
    if (!f80_sincos(&c, fpu_get(f, 0), cosine ? NULL : &v, cosine ? &v : NULL))
        return out_of_range(cpu, in);
    return fpu_result(cpu, in, &c, 0, v, false);
}

/* The two results of FPTAN, FSINCOS, FXTRACT: one in place, one pushed. */
static enum op_exit result_pair(struct cpu *cpu, const struct insn *in, const struct f80_ctx *c, struct f80 first,
                                struct f80 second)
{
    fpu_end(cpu, in, c->flags);
    if (f80_stopped(c))
        return OP_NEXT;
    fpu_set(&cpu->fpu, 0, first);
    fpu_push(&cpu->fpu, second);
    return OP_NEXT;
}

/* True: no operand, or no place for the second result; *r is then the end. */
static bool pair_fault(struct cpu *cpu, const struct insn *in, enum op_exit *r)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);

    if (!fpu_empty(f, 0) && fpu_empty(f, 7))
        return false;
    c.flags = fpu_empty(f, 0) ? FPU_UNDERFLOW : FPU_OVERFLOW;
    *r = result_pair(cpu, in, &c, f80_indefinite, f80_indefinite);
    return true;
}

OP_FN(op_fpu_tan)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    enum op_exit r;
    struct f80 v;

    if (!fpu_begin(cpu, &r))
        return r;
    f->sw &= ~(uint32_t) F80_C2;
    if (pair_fault(cpu, in, &r))
        return r;
    if (!f80_tan(&c, fpu_get(f, 0), &v))
        return out_of_range(cpu, in);
    return result_pair(cpu, in, &c, v, f80_is_nan(v) ? v : f80_one);
}

OP_FN(op_fpu_sincos)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    struct f80 sin, cos;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    f->sw &= ~(uint32_t) F80_C2;
    if (pair_fault(cpu, in, &r))
        return r;
    if (!f80_sincos(&c, fpu_get(f, 0), &sin, &cos))
        return out_of_range(cpu, in);
    return result_pair(cpu, in, &c, sin, cos);
}

OP_FN(op_fpu_xtract)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    struct f80 exp, sig;
    enum op_exit r;

    if (!fpu_begin(cpu, &r) || pair_fault(cpu, in, &r))
        return r;
    exp = f80_extract(&c, fpu_get(f, 0), &sig);
    return result_pair(cpu, in, &c, exp, sig);
}

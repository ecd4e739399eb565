/*
 * x87 loads, stores and the register stack.
 *
 * Source: Intel SDM vol. 1, 8.3.2, 8.5.1.1 (stack faults); vol. 2, FLD, FST,
 *         FILD, FIST, FBLD, FBSTP, FXCH, FCMOVcc, FFREE, FINCSTP.
 */
#include "config.h"

#include "cpu/fpu.h"

/* --- loads --------------------------------------------------------------- */

/* A denormal is loaded even where its exception is unmasked (measured). */
static enum op_exit load_end(struct cpu *cpu, const struct insn *in, struct f80_ctx *c, struct f80 v)
{
    if (!fpu_empty(&cpu->fpu, 7) && !(c->flags & FPU_SF))
        c->flags = FPU_OVERFLOW;
    fpu_end(cpu, in, c->flags);
    if (!(c->flags & ~c->cw & F80_IE))
        fpu_push(&cpu->fpu, c->flags & FPU_SF ? f80_indefinite : v);
    return OP_NEXT;
}

OP_FN(op_fpu_ld)
{
    const struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    unsigned i = in->modrm & 7;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    if (fpu_empty(f, i))
        c.flags = FPU_UNDERFLOW;
    return load_end(cpu, in, &c, fpu_get(f, i));
}

OP_FN(op_fpu_ld_mem)
{
    struct f80_ctx c = fpu_ctx(cpu);
    uint8_t buf[10];
    enum op_exit r;
    struct f80 v;

    if (!fpu_begin(cpu, &r))
        return r;
    if (!fpu_read(cpu, in, buf, in->dst.width))
        return OP_FAULT;
    switch (in->row->a) {
    case A_Mf32: v = f80_from_f32(&c, load_le32(buf)); break;
    case A_Mf64: v = f80_from_f64(&c, load_le64(buf)); break;
    case A_Mf80: v = (struct f80){ .sig = load_le64(buf), .se = load_le16(buf + 8) }; break;
    case A_Mi16: v = f80_from_i64((int16_t) load_le16(buf)); break;
    case A_Mi32: v = f80_from_i64((int32_t) load_le32(buf)); break;
    case A_Mi64: v = f80_from_i64((int64_t) load_le64(buf)); break;
    default: v = f80_from_bcd(buf); break;
    }
    return load_end(cpu, in, &c, v);
}

/* FLD1 to FLDZ */
OP_FN(op_fpu_ld_const)
{
    struct f80_ctx c = fpu_ctx(cpu);
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    return load_end(cpu, in, &c, f80_load_constant(&c, (enum f80_constant) (in->modrm & 7)));
}

/* --- stores -------------------------------------------------------------- */

OP_FN(op_fpu_st)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    struct f80 v = fpu_get(f, 0);
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    if (fpu_empty(f, 0) && in->opcode != 0xd9) {
        c.flags = FPU_UNDERFLOW;
        v = f80_indefinite;
    }
    fpu_end(cpu, in, c.flags);
    if (f80_stopped(&c))
        return OP_NEXT;
    /* The alias at D9 D8 takes an empty register for nothing to store (measured). */
    if (!fpu_empty(f, 0) || in->opcode != 0xd9)
        fpu_set(f, in->modrm & 7, v);
    if (in->opcode != 0xdd || (in->modrm & 8)) /* all but FST */
        fpu_pop(f);
    return OP_NEXT;
}

static void convert(struct f80_ctx *c, enum operand_code format, struct f80 v, uint8_t *buf)
{
    switch (format) {
    case A_Mf32: store_le32(buf, f80_to_f32(c, v)); break;
    case A_Mf64: store_le64(buf, f80_to_f64(c, v)); break;
    case A_Mi16: store_le16(buf, (uint16_t) f80_to_int(c, v, 16)); break;
    case A_Mi32: store_le32(buf, (uint32_t) f80_to_int(c, v, 32)); break;
    case A_Mi64: store_le64(buf, (uint64_t) f80_to_int(c, v, 64)); break;
    case A_Mbcd: f80_to_bcd(c, v, buf); break;
    default:
        store_le64(buf, v.sig);
        store_le16(buf + 8, v.se);
        break;
    }
}

OP_FN(op_fpu_st_mem)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    bool empty = fpu_empty(f, 0), pop = (in->modrm >> 3 & 7) != 2;
    unsigned size = in->dst.width;
    uint8_t buf[10];
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    convert(&c, (enum operand_code) in->row->a, empty ? f80_indefinite : fpu_get(f, 0), buf);
    if (empty)
        c.flags = FPU_UNDERFLOW;
    if (f80_not_stored(&c)) {
        if (!fpu_probe_write(cpu, in, size))
            return OP_FAULT;
        fpu_end(cpu, in, c.flags);
        return OP_NEXT;
    }
    if (!fpu_write(cpu, in, buf, size))
        return OP_FAULT;
    fpu_end(cpu, in, c.flags);
    if (pop)
        fpu_pop(f);
    return OP_NEXT;
}

/* --- among registers ----------------------------------------------------- */

OP_FN(op_fpu_xch)
{
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    unsigned i = in->modrm & 7;
    enum op_exit r;
    struct f80 a, b;

    if (!fpu_begin(cpu, &r))
        return r;
    a = fpu_empty(f, 0) ? f80_indefinite : fpu_get(f, 0);
    b = fpu_empty(f, i) ? f80_indefinite : fpu_get(f, i);
    if (fpu_empty(f, 0) || fpu_empty(f, i))
        c.flags = FPU_UNDERFLOW;
    fpu_end(cpu, in, c.flags);
    if (f80_stopped(&c))
        return OP_NEXT;
    fpu_set(f, i, a);
    fpu_set(f, 0, b);
    return OP_NEXT;
}

/* DA: below, equal, below or equal, unordered; DB: not. */
OP_FN(op_fpu_cmov)
{
    static const uint8_t codes[4] = { 2, 4, 6, 10 }; /* as of Jcc */
    struct fpu *f = &cpu->fpu;
    struct f80_ctx c = fpu_ctx(cpu);
    unsigned i = in->modrm & 7, cc = codes[in->modrm >> 3 & 3] | (in->opcode & 1);
    enum op_exit r;
    struct f80 v;

    if (!fpu_begin(cpu, &r))
        return r;
    v = fpu_get(f, flags_cond(cpu, cc) ? i : 0);
    c.flags = f->sw & F80_C1; /* stays */
    if (fpu_empty(f, 0) || fpu_empty(f, i)) {
        c.flags = FPU_UNDERFLOW;
        v = f80_indefinite;
    }
    fpu_end(cpu, in, c.flags);
    if (!f80_stopped(&c))
        fpu_set(f, 0, v);
    return OP_NEXT;
}

static void free_register(struct fpu *f, const struct insn *in)
{
    f->used &= (uint8_t) ~(1 << fpu_number(f, in->modrm & 7));
}

OP_FN(op_fpu_free)
{
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    fpu_end(cpu, in, 0);
    free_register(&cpu->fpu, in);
    return OP_NEXT;
}

OP_FN(op_fpu_freep)
{
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    fpu_end(cpu, in, 0);
    free_register(&cpu->fpu, in);
    fpu_pop(&cpu->fpu);
    return OP_NEXT;
}

/* Only TOP moves; the tags stay. */
static enum op_exit move_top(struct cpu *cpu, const struct insn *in, unsigned by)
{
    struct fpu *f = &cpu->fpu;
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    f->top = (uint8_t) ((f->top + by) & 7);
    fpu_end(cpu, in, 0);
    return OP_NEXT;
}

OP_FN(op_fpu_incstp)
{
    return move_top(cpu, in, 1);
}

OP_FN(op_fpu_decstp)
{
    return move_top(cpu, in, 7);
}

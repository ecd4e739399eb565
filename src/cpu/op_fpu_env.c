/*
 * x87 control instructions, environment and whole state in memory.
 *
 * Source: Intel SDM vol. 1, 8.1.10 (layouts, figures 8-9 to 8-12), 10.5.1
 *         (FXSAVE); vol. 2, FNSTENV, FNSAVE, FXSAVE, FXRSTOR.
 */
#include "config.h"

#include "cpu/fpu.h"

/* --- words --------------------------------------------------------------- */

OP_FN(op_fpu_nop)
{
    enum op_exit r;

    (void) in;
    return fpu_begin(cpu, &r) ? OP_NEXT : r;
}

/* FNENI, FNDISI, FNSETPM: meant something to an 8087 or 287. */
OP_FN(op_fpu_nnop)
{
    enum op_exit r;

    (void) in;
    fpu_begin_control(cpu, &r);
    return r;
}

OP_FN(op_fpu_ninit)
{
    enum op_exit r;

    (void) in;
    if (fpu_begin_control(cpu, &r))
        fpu_init(cpu);
    return r;
}

OP_FN(op_fpu_nclex)
{
    enum op_exit r;

    (void) in;
    if (!fpu_begin_control(cpu, &r))
        return r;
    cpu->fpu.sw &= ~(uint32_t) (F80_EXCEPTIONS | FPU_SF | FPU_ES);
    fpu_update(cpu);
    return OP_NEXT;
}

static void set_control(struct cpu *cpu, uint16_t cw)
{
    cpu->fpu.cw = (uint16_t) ((cw & FPU_CW_BITS) | 0x40);
    fpu_update(cpu);
}

OP_FN(op_fpu_ldcw)
{
    uint8_t buf[2];
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    if (!fpu_read(cpu, in, buf, 2))
        return OP_FAULT;
    set_control(cpu, load_le16(buf));
    return OP_NEXT;
}

static enum op_exit store_word(struct cpu *cpu, const struct insn *in, uint16_t v)
{
    uint8_t buf[2];

    store_le16(buf, v);
    return fpu_write(cpu, in, buf, 2) ? OP_NEXT : OP_FAULT;
}

OP_FN(op_fpu_nstcw)
{
    enum op_exit r;

    return fpu_begin_control(cpu, &r) ? store_word(cpu, in, cpu->fpu.cw) : r;
}

OP_FN(op_fpu_nstsw)
{
    enum op_exit r;

    if (!fpu_begin_control(cpu, &r))
        return r;
    if (in->dst.kind == OPND_MEM)
        return store_word(cpu, in, fpu_status(&cpu->fpu));
    reg_set(cpu, in->dst.off, 2, fpu_status(&cpu->fpu));
    return OP_NEXT;
}

/* --- the environment ----------------------------------------------------- */

enum { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY, REG_BYTES = 10 };

static unsigned tag_of(struct f80 v)
{
    unsigned exp = v.se & 0x7fff;

    if (exp == 0 && v.sig == 0)
        return TAG_ZERO;
    return exp == 0 || exp == 0x7fff || !(v.sig >> 63) ? TAG_SPECIAL : TAG_VALID;
}

static uint16_t tag_word(const struct fpu *f)
{
    unsigned tags = 0;

    for (unsigned n = 0; n < 8; n++) {
        struct f80 v = { .sig = f->sig[n], .se = f->se[n] };

        tags |= (f->used >> n & 1 ? tag_of(v) : TAG_EMPTY) << (2 * n);
    }
    return (uint16_t) tags;
}

static void set_tags(struct fpu *f, uint16_t tags)
{
    f->used = 0;
    for (unsigned n = 0; n < 8; n++)
        if ((tags >> (2 * n) & 3) != TAG_EMPTY)
            f->used |= (uint8_t) (1 << n);
}

/* What the seven fields hold; `word` bits are 16 or 32 by operand size. */
static void env_fields(const struct cpu *cpu, bool wide, uint32_t field[7])
{
    const struct fpu *f = &cpu->fpu;
    uint32_t ip = f->fip, dp = f->fdp, high = wide ? 0xffff0000 : 0;

    field[0] = f->cw | high;
    field[1] = fpu_status(f) | high;
    field[2] = tag_word(f) | high;
    if (cpu_selectors(cpu)) {
        field[3] = ip;
        field[4] = f->fcs | (uint32_t) f->fop << 16;
        field[5] = dp;
        field[6] = f->fds | high;
        return;
    }
    /* Linear addresses; their high part stands above the opcode. */
    ip += (uint32_t) f->fcs << 4;
    dp += (uint32_t) f->fds << 4;
    field[3] = (ip & 0xffff) | high;
    field[4] = (ip >> 16 << 12 & (wide ? 0x0ffff000 : 0xf000)) | f->fop;
    field[5] = (dp & 0xffff) | high;
    field[6] = dp >> 16 << 12 & (wide ? 0x0ffff000 : 0xf000);
}

static unsigned env_put(const struct cpu *cpu, const struct insn *in, uint8_t *buf)
{
    uint32_t field[7];

    env_fields(cpu, in->width == 4, field);
    for (unsigned i = 0; i < 7; i++)
        store_le(buf + i * in->width, in->width, field[i]);
    return 7u * in->width;
}

static unsigned env_take(struct cpu *cpu, const struct insn *in, const uint8_t *buf)
{
    struct fpu *f = &cpu->fpu;
    bool wide = in->width == 4;
    uint32_t field[7];

    for (unsigned i = 0; i < 7; i++)
        field[i] = load_le(buf + i * in->width, in->width);
    f->sw = field[1] & FPU_SW_BITS;
    f->top = field[1] >> 11 & 7;
    set_tags(f, (uint16_t) field[2]);
    f->fop = 0;
    if (cpu_selectors(cpu)) {
        f->fip = field[3];
        f->fcs = (uint16_t) field[4];
        if (wide)
            f->fop = field[4] >> 16 & 0x7ff;
        f->fdp = field[5];
        f->fds = (uint16_t) field[6];
    } else {
        f->fip = (field[3] & 0xffff) | (field[4] >> 12 & 0xffff) << 16;
        f->fdp = (field[5] & 0xffff) | (field[6] >> 12 & 0xffff) << 16;
        f->fop = field[4] & 0x7ff;
        f->fcs = f->fds = 0;
    }
    set_control(cpu, (uint16_t) field[0]);
    return 7u * in->width;
}

OP_FN(op_fpu_nstenv)
{
    uint8_t buf[28];
    enum op_exit r;

    if (!fpu_begin_control(cpu, &r))
        return r;
    if (!fpu_write(cpu, in, buf, env_put(cpu, in, buf)))
        return OP_FAULT;
    set_control(cpu, cpu->fpu.cw | F80_EXCEPTIONS);
    return OP_NEXT;
}

OP_FN(op_fpu_ldenv)
{
    uint8_t buf[28];
    enum op_exit r;

    if (!fpu_begin(cpu, &r))
        return r;
    if (!fpu_read(cpu, in, buf, 7u * in->width))
        return OP_FAULT;
    env_take(cpu, in, buf);
    return OP_NEXT;
}

/* --- the whole state ----------------------------------------------------- */

OP_FN(op_fpu_nsave)
{
    uint8_t buf[28 + 8 * REG_BYTES];
    enum op_exit r;
    unsigned at;

    if (!fpu_begin_control(cpu, &r))
        return r;
    at = env_put(cpu, in, buf);
    for (unsigned i = 0; i < 8; i++, at += REG_BYTES) {
        struct f80 v = fpu_get(&cpu->fpu, i);

        store_le64(buf + at, v.sig);
        store_le16(buf + at + 8, v.se);
    }
    if (!fpu_write(cpu, in, buf, at))
        return OP_FAULT;
    fpu_init(cpu);
    return OP_NEXT;
}

/* Register ST(i), which keeps its tag. */
static void put_register(struct fpu *f, unsigned i, const uint8_t *p)
{
    unsigned n = fpu_number(f, i);

    f->sig[n] = load_le64(p);
    f->se[n] = load_le16(p + 8);
}

OP_FN(op_fpu_rstor)
{
    uint8_t buf[28 + 8 * REG_BYTES];
    enum op_exit r;
    unsigned at;

    if (!fpu_begin(cpu, &r))
        return r;
    if (!fpu_read(cpu, in, buf, 7u * in->width + 8 * REG_BYTES))
        return OP_FAULT;
    at = env_take(cpu, in, buf);
    for (unsigned i = 0; i < 8; i++)
        put_register(&cpu->fpu, i, buf + at + i * REG_BYTES);
    return OP_NEXT;
}

/* --- FXSAVE -------------------------------------------------------------- */

/* What of its 512 bytes is used without SSE. */
enum { FX_BYTES = 512, FX_USED = 160, FX_REGS = 32 };

static bool fx_aligned(struct cpu *cpu, const struct insn *in)
{
    if ((cpu->seg[in->seg].base + insn_ea(cpu, in)) % 16 == 0)
        return true;
    return cpu_fault_code(cpu, EXC_GP, 0);
}

/* Neither waits for errors. */
OP_FN(op_fxsave)
{
    const struct fpu *f = &cpu->fpu;
    uint8_t buf[FX_USED] = { 0 };
    enum op_exit r;

    if (!fpu_begin_control(cpu, &r))
        return r;
    store_le16(buf, f->cw);
    store_le16(buf + 2, fpu_status(f));
    buf[4] = f->used;
    store_le16(buf + 6, f->fop);
    store_le32(buf + 8, f->fip);
    store_le16(buf + 12, f->fcs);
    store_le32(buf + 16, f->fdp);
    store_le16(buf + 20, f->fds);
    for (unsigned i = 0; i < 8; i++) {
        struct f80 v = fpu_get(f, i);

        store_le64(buf + FX_REGS + 16 * i, v.sig);
        store_le16(buf + FX_REGS + 16 * i + 8, v.se);
    }
    if (!fx_aligned(cpu, in) || !fpu_probe_write(cpu, in, FX_BYTES) || !fpu_write(cpu, in, buf, FX_USED))
        return OP_FAULT;
    return OP_NEXT;
}

OP_FN(op_fxrstor)
{
    struct fpu *f = &cpu->fpu;
    uint8_t buf[FX_BYTES];
    enum op_exit r;

    if (!fpu_begin_control(cpu, &r))
        return r;
    if (!fx_aligned(cpu, in) || !fpu_read(cpu, in, buf, FX_BYTES))
        return OP_FAULT;
    f->sw = load_le16(buf + 2) & FPU_SW_BITS;
    f->top = buf[3] >> 3 & 7;
    f->used = buf[4];
    f->fop = load_le16(buf + 6) & 0x7ff;
    f->fip = load_le32(buf + 8);
    f->fcs = load_le16(buf + 12);
    f->fdp = load_le32(buf + 16);
    f->fds = load_le16(buf + 20);
    for (unsigned i = 0; i < 8; i++)
        put_register(f, i, buf + FX_REGS + 16 * i);
    set_control(cpu, load_le16(buf));
    return OP_NEXT;
}

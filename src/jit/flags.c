/* Flags that a block kept as what they follow from (struct jit, f_op), made into those of struct cpu. */
#include "config.h"

#include "cpu/exec.h"
#include "cpu/flags.h"
#include "cpu/ops.h"
#include "jit/jit_priv.h"

static void jit_settle_rotation(struct jit *jit)
{
    unsigned msb = 8 * (jit->f_op >> 8 & 15) - 1;
    uint32_t r = jit->f_rot, over = 0;

    switch ((enum rot_kind) (jit->f_op >> 12)) {
    case ROT_NONE: return;
    case ROT_LEFT: over = r >> msb ^ r; break;
    case ROT_RIGHT: over = r >> msb ^ r >> (msb - 1); break;
    case ROT_CARRY_LEFT: over = r >> msb ^ jit->f_rot_carry; break;
    }
    jit->cpu->f_over = over << 31;
}

static uint32_t insn_source(const struct cpu *cpu, const struct insn *in)
{
    return in->src.kind == OPND_IMM ? in->imm : reg_get(cpu, in->src.off, in->width);
}

void jit_keep_again(struct jit *jit, const struct insn *in)
{
    struct cpu *cpu = jit->cpu;
    uint32_t dst = reg_get(cpu, in->dst.off, in->width), r = dst, src, mask = UINT32_MAX >> (32 - 8 * in->width);
    enum flag_kind kind = FK_LOGIC;
    bool keeps_carry = in->fn == op_inc || in->fn == op_dec, carry = false;

    src = keeps_carry ? 0 : insn_source(cpu, in);
    jit->f_src = src;
    if (in->fn == op_cmp) {
        kind = FK_SUB;
        r = dst - src;
        carry = (dst & mask) < (src & mask);
    } else if (in->fn == op_test) {
        r = dst & src;
    } else if (in->fn == op_add) {
        kind = FK_ADD;
        carry = (dst & mask) < (src & mask);
    } else if (in->fn == op_sub) {
        kind = FK_SUB;
        carry = ((dst + src) & mask) < (src & mask);
    } else if (keeps_carry) {
        kind = in->fn == op_inc ? FK_INC : FK_DEC;
    }
    if (!keeps_carry)
        cpu->f_carry = carry;
    cpu->f_zero = sign_extend(r, in->width);
    jit->f_op = (uint32_t) kind << 4 | in->width;
}

/* cpu/flags.h, from what a block kept. */
void jit_settle_flags(struct jit *jit)
{
    struct cpu *cpu = jit->cpu;
    unsigned width, up;
    uint32_t r, b, a, over = 0, aux = 0;
    enum flag_kind kind;

    if (jit->f_op == FK_SETTLED)
        return;
    if ((jit->f_op >> 4 & 15) == FK_AGAIN)
        jit_keep_again(jit, jit->link[jit->f_op >> 8].flags);
    width = jit->f_op & 15;
    kind = jit->f_op >> 4 & 15;
    r = cpu->f_zero;
    b = jit->f_src;
    if (kind == FK_SETTLED) {
        jit_settle_rotation(jit);
        jit->f_op = FK_SETTLED;
        return;
    }
    up = 32 - 8 * width;
    switch (kind) {
    case FK_INC:
        b = 1;
        __attribute__((fallthrough));
    case FK_ADD: case FK_ADC:
        a = kind == FK_ADC ? jit->f_dst : r - b;
        aux = a ^ b ^ r;
        over = ((a ^ r) & (b ^ r)) << up;
        break;
    case FK_DEC:
        b = 1;
        __attribute__((fallthrough));
    case FK_SUB: case FK_SBB:
        a = kind == FK_SBB ? jit->f_dst : r + b;
        aux = a ^ b ^ r;
        over = ((a ^ b) & (a ^ r)) << up;
        break;
    case FK_SHL: over = r ^ b << 31; break;
    case FK_SHR: over = (r ^ r << 1) << up; break;
    case FK_MUL: over = b << 31; break;
    case FK_SHD: over = (r ^ b) << up; break;
    case FK_SETTLED: case FK_LOGIC: case FK_SAR: case FK_AGAIN: break;
    }
    cpu->f_sign = r;
    cpu->f_aux = aux;
    cpu->f_over = over;
    jit_settle_rotation(jit);
    jit->f_op = FK_SETTLED;
}

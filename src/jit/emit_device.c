/*
 * MOV, MOVZX and MOVSX to and from the memory of a device that needs no time:
 * one call, and nothing of the block's state is put down for it.
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

bool emit_device_can(const struct emit *e)
{
    const struct insn *in = &e->insns[e->k];
    const struct block *b = e->block;

    if (!(b->key.profile & KEY_PLAIN) || !(b->trace->caught >> e->k & 1) || emit_is_soft(e))
        return false;
    return in->fn == op_mov || in->fn == op_movzx || in->fn == op_movsx;
}

/* The address is in TMP, which is kept. */
static void device_call(struct emit *e, const uint8_t *routine)
{
    x64_patch(x64_call(e->c), routine);
    x64_test_rr(e->c, 8, TMP2, TMP2);
}

static void device_write(struct emit *e, const struct step *s)
{
    const struct insn *in = s->in;
    struct code *c = e->c;

    if (in->src.kind == OPND_IMM) {
        x64_mov_ri(c, TMP2, in->imm);
    } else if (emit_is_high(emit_reg(&in->src))) { /* no TMP2 beside it */
        x64_mov_rr(c, 4, TMP3, TMP);
        x64_movx_rr(c, false, 1, TMP, 4, emit_reg(&in->src));
        x64_mov_rr(c, 4, TMP2, TMP);
        x64_mov_rr(c, 4, TMP, TMP3);
    } else {
        x64_mov_rr(c, 4, TMP2, emit_reg(&in->src));
    }
    device_call(e, e->jit->shared.device_write[in->dst.width]);
    emit_resume_if(e, CC_NS, s);
}

static void device_read(struct emit *e, const struct step *s)
{
    const struct insn *in = s->in;
    struct code *c = e->c;
    int dst = emit_reg(&in->dst);
    uint8_t *refused;

    device_call(e, e->jit->shared.device_read[in->src.width]);
    refused = x64_jcc(c, CC_S);
    x64_mov_rr(c, 4, TMP, TMP2);
    if (in->fn != op_mov)
        x64_movx_rr(c, in->fn == op_movsx, in->src.width, TMP, 4, TMP);
    if (emit_is_high(dst)) { /* only by way of memory, and of TMP */
        x64_mov_mr(c, 4, emit_jit(offsetof(struct jit, high_byte)), TMP);
        x64_lea(c, 8, TMP, emit_jit(offsetof(struct jit, high_byte)));
        x64_mov_rm(c, 1, dst, x64_at(TMP, 0));
    } else {
        x64_mov_rr(c, in->dst.width, dst, TMP);
    }
    x64_test_rr(c, 8, TMP2, TMP2);
    emit_resume_if(e, CC_NS, s);
    x64_patch(refused, c->p);
}

void emit_device(struct emit *e, const struct step *s)
{
    if (s->in->dst.kind == OPND_MEM)
        device_write(e, s);
    else
        device_read(e, s);
}

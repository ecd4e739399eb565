/*
 * Operands in memory: by the window, by the page-pointer tables, by a step.
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

static struct xmem emit_sum(const struct insn *in)
{
    struct xmem m = { NO_HREG, NO_HREG, in->scale, (int32_t) in->disp, false };

    if (in->base < 8)
        m.base = emit_home[in->base];
    if (in->index < 8)
        m.index = emit_home[in->index];
    return m;
}

/* The displacement is an addend like others, in TMP3. */
static void emit_soft_ea(struct emit *e, const struct insn *in, int dst)
{
    struct xmem m = emit_sum(in);

    m.disp = 0;
    emit_load_soft(e, TMP3, &e->insns[e->k].disp);
    if (m.index >= 0) {
        x64_lea(e->c, 4, TMP3, (struct xmem){ TMP3, m.index, m.scale, 0, false });
        m.index = NO_HREG;
    }
    if (m.base >= 0)
        x64_lea(e->c, 4, dst, (struct xmem){ TMP3, m.base, 0, 0, false });
    else
        x64_mov_rr(e->c, 4, dst, TMP3);
    if (in->ea_mask == 0xffff)
        x64_movx_rr(e->c, false, 2, dst, 4, dst);
}

void emit_ea(struct emit *e, const struct insn *in, int dst)
{
    struct xmem m = emit_sum(in);

    if (emit_is_soft(e)) {
        emit_soft_ea(e, in, dst);
        return;
    }
    if (m.base < 0 && m.index < 0) {
        x64_mov_ri(e->c, dst, in->disp & in->ea_mask);
        return;
    }
    if (in->ea_mask == 0xffff && m.disp == 0 && (m.base < 0) != (m.index < 0)) {
        x64_movx_rr(e->c, false, 2, dst, 4, m.base < 0 ? m.index : m.base);
        return;
    }
    x64_lea(e->c, 4, dst, m);
    if (in->ea_mask == 0xffff)
        x64_movx_rr(e->c, false, 2, dst, 4, dst);
}

static struct xmem emit_segment_end(unsigned seg, bool write)
{
    return emit_cpu((write ? offsetof(struct cpu, write_end) : offsetof(struct cpu, read_end)) + 8 * seg);
}

static void emit_add_base(struct emit *e, unsigned seg)
{
    x64_alu_rm(e->c, X_ADD, 4, TMP, emit_seg(seg, offsetof(struct seg, base)));
}

static void emit_limit(struct emit *e, unsigned seg, unsigned size, bool write, unsigned room)
{
    struct code *c = e->c;

    switch (emit_profile(e, seg)) {
    case PROFILE_FLAT:
        return;
    case PROFILE_64K:
        if (size <= room)
            break;
        x64_alu_ri(c, X_CMP, 4, TMP, 0x10000 - size);
        emit_step_if(e, CC_A);
        break;
    default:
        x64_lea(c, 8, TMP3, x64_at(TMP, (int32_t) size));
        x64_alu_rm(c, X_CMP, 8, TMP3, emit_segment_end(seg, write));
        emit_step_if(e, CC_A);
        break;
    }
    emit_add_base(e, seg);
    e->host = 0;
}

/* An operand in the window: what is not plain memory traps there, and steps. */
static void emit_found(struct emit *e, struct xmem at)
{
    e->at = at;
    e->at.guest = true;
    emit_step(e)->traps = true;
}

struct xmem emit_at(const struct emit *e, int32_t delta)
{
    struct xmem m = e->at;

    m.disp += delta;
    return m;
}

/* An unaligned operand at TMP: does it lie in one page? */
static void emit_alignment(struct emit *e, unsigned size)
{
    unsigned aligned = 1;
    struct patch *p;

    if (size == 1)
        return;
    while (aligned < size)
        aligned *= 2;
    x64_test_ri(e->c, 4, TMP, aligned - 1);
    p = emit_patch(e, PATCH_ALIGN, x64_jcc(e->c, CC_NZ));
    p->back = e->c->p;
    p->size = size;
    p->step = emit_step(e);
}

uint8_t *emit_entry(struct code *c, size_t table)
{
    x64_mov_rr(c, 4, TMP3, TMP);
    x64_shift_ri(c, X_SHR, 4, TMP3, PAGE_SHIFT);
    x64_mov_rm(c, 8, TMP3, (struct xmem){ TABLE, TMP3, 3, (int32_t) table, false });
    x64_alu_rr(c, X_SUB, 8, TMP, TMP3);
    return x64_jcc(c, CC_NC);
}

/* TMP: a linear address, in the end a host address.  Stores of a known size also go
 * between the code of a page. */
static void emit_page(struct emit *e, unsigned size, bool write)
{
    struct code *c = e->c;
    uint8_t *none = emit_entry(c, write ? WR_OFFSET : 0);

    if (write && size != 0) {
        struct patch *p = emit_patch(e, PATCH_CODE, none);

        p->back = c->p;
        p->size = size;
        p->step = emit_step(e);
        p->device = emit_device_can(e);
    } else if (size != 0 && emit_device_can(e)) {
        emit_patch(e, PATCH_DEVICE, none)->step = emit_step(e);
    } else if (size != 0) {
        emit_jump_to_fill(e, emit_step(e), none, c->p, false);
    } else {
        emit_jump_to_step(e, emit_step(e), none);
    }
    e->host = 0;
}

void emit_linear(struct emit *e, unsigned size, bool write)
{
    if (emit_in_window(e)) {
        emit_found(e, x64_at(TMP, 0));
        return;
    }
    emit_alignment(e, size);
    emit_page(e, size, write);
    e->at = x64_at(TMP, 0);
}

void emit_access(struct emit *e, unsigned seg, unsigned size, bool write, unsigned room)
{
    emit_limit(e, seg, size, write, room);
    emit_linear(e, size, write);
}

void emit_range(struct emit *e, unsigned seg, int len, bool write, bool is_16)
{
    struct code *c = e->c;
    struct xmem end = { TMP, len, 0, 0, false }, last = { TMP, len, 0, -1, false };

    if (emit_profile(e, seg) != PROFILE_FLAT) {
        x64_lea(c, 8, TMP3, end);
        if (emit_profile(e, seg) == PROFILE_64K)
            x64_alu_ri(c, X_CMP, 8, TMP3, 0x10000);
        else
            x64_alu_rm(c, X_CMP, 8, TMP3, emit_segment_end(seg, write));
        emit_step_if(e, CC_A);
        if (is_16 && emit_profile(e, seg) != PROFILE_64K) { /* it wraps before the segment ends */
            x64_alu_ri(c, X_CMP, 8, TMP3, 0x10000);
            emit_step_if(e, CC_A);
        }
        emit_add_base(e, seg);
    }
    x64_lea(c, 4, TMP3, last);
    x64_alu_rr(c, X_XOR, 4, TMP3, TMP);
    x64_shift_ri(c, X_SHR, 4, TMP3, PAGE_SHIFT);
    emit_step_if(e, CC_NZ);
    emit_page(e, 0, write);
}

unsigned emit_room(const struct emit *e, const struct insn *in)
{
    uint32_t constant = in->disp & in->ea_mask;

    if (in->base > 7 && in->index > 7 && !emit_is_soft(e))
        return constant < 0x10000 ? 0x10000 - constant : 0;
    return in->ea_mask == 0xffff;
}

/* R8 and R9 need a prefix with which AH and its like have no name. */
static bool emit_can_stand(const struct insn *in)
{
    const struct opnd *o = in->src.kind == OPND_REG ? &in->src : &in->dst;
    struct xmem m = emit_sum(in);

    return o->kind != OPND_REG || o->width != 1 || !emit_is_high(emit_reg(o)) || (m.base < R8 && m.index < R8);
}

/* Does the host's own addressing find the operand? */
static bool emit_is_direct(const struct emit *e, const struct insn *in)
{
    return emit_in_window(e) && emit_profile(e, in->seg) == PROFILE_FLAT && in->ea_mask != 0xffff
        && !emit_is_soft(e) && emit_can_stand(in);
}

void emit_operand(struct emit *e, const struct insn *in, unsigned size, bool write)
{
    if (emit_is_direct(e, in)) {
        emit_found(e, emit_sum(in));
        return;
    }
    if (emit_near(e, NEAR_OPERAND, size, write))
        return;
    emit_ea(e, in, TMP);
    emit_access(e, in->seg, size, write, emit_room(e, in));
}

void emit_far_operand(struct emit *e, const struct insn *in)
{
    unsigned size = in->width + 2;

    emit_ea(e, in, TMP);
    if (in->ea_mask == 0xffff && emit_profile(e, in->seg) != PROFILE_64K) { /* the selector's offset wraps */
        x64_alu_ri(e->c, X_CMP, 4, TMP, 0x10000 - size);
        emit_step_if(e, CC_A);
        e->host = 0;
    }
    emit_access(e, in->seg, size, false, emit_room(e, in));
}

/*
 * A word of a stack of 64 KiB in the window, where SP is even, or is looked at now: no word
 * goes round then, and the host's flags stay as they are.
 */
static void emit_even_word(struct emit *e, int32_t delta)
{
    struct code *c = e->c;

    if (e->even[e->k] == EVEN_ASKED) {
        x64_test_ri(c, 1, emit_home[ESP], 1);
        emit_step_if(e, CC_NZ);
        emit_step(e)->odd = true;
        e->host = 0;
    }
    if (delta != 0)
        x64_lea(c, 4, TMP, x64_at(emit_home[ESP], delta));
    x64_movx_rr(c, false, 2, TMP, 4, delta != 0 ? (int) TMP : emit_home[ESP]);
    x64_mov_rm(c, 4, TMP3, emit_seg(SS, offsetof(struct seg, base)));
    emit_found(e, (struct xmem){ TMP, TMP3, 0, 0, false });
}

bool emit_even_can(const struct emit *e, const struct insn *in)
{
    static op_fn *const fns[] = { op_push, op_pop, op_push_seg, op_pop_seg, op_call, op_call_abs, op_ret };

    if (in->width != 2 || emit_is_soft(e) || !emit_in_window(e) || emit_big_stack(e) || emit_profile(e, SS) != PROFILE_64K)
        return false;
    if ((in->fn == op_pop && emit_pop_steps(e, in)) || (in->fn == op_pop_seg && !emit_is_paragraph_load(e, in)))
        return false;
    return op_is_one_of(in->fn, fns, ARRAY_LEN(fns));
}

void emit_stack(struct emit *e, int32_t delta, unsigned size, bool write)
{
    if (e->even[e->k] != EVEN_NOT && size == 2) {
        emit_even_word(e, delta);
        return;
    }
    if (emit_in_window(e) && emit_big_stack(e) && emit_profile(e, SS) == PROFILE_FLAT) {
        emit_found(e, x64_at(emit_home[ESP], delta));
        return;
    }
    if (emit_near(e, NEAR_STACK, size, write))
        return;
    x64_lea(e->c, 4, TMP, x64_at(emit_home[ESP], delta));
    if (!emit_big_stack(e))
        x64_movx_rr(e->c, false, 2, TMP, 4, TMP);
    emit_access(e, SS, size, write, !emit_big_stack(e));
}

void emit_move_esp(struct emit *e, int32_t delta)
{
    int esp = emit_home[ESP];

    if (emit_big_stack(e)) {
        x64_lea(e->c, 4, esp, x64_at(esp, delta));
        return;
    }
    x64_lea(e->c, 4, TMP, x64_at(esp, delta));
    x64_mov_rr(e->c, 2, esp, TMP);
}

/* --- pieces -------------------------------------------------------------- */

void emit_align_piece(struct emit *e, const struct patch *p)
{
    struct code *c = e->c;

    x64_lea(c, 4, TMP3, x64_at(TMP, (int32_t) p->size - 1));
    x64_alu_rr(c, X_XOR, 4, TMP3, TMP);
    x64_shift_ri(c, X_SHR, 4, TMP3, PAGE_SHIFT);
    x64_patch(x64_jcc(c, CC_Z), p->back);
    emit_step_away(e, p->step);
}

/* A store to a page with code: is there code where it goes? */
void emit_code_piece(struct emit *e, const struct patch *p)
{
    struct code *c = e->c;

    if (p->size > 1 << GRANULE_SHIFT) {
        emit_step_away(e, p->step);
        return;
    }
    x64_patch(x64_call(c), e->jit->shared.find_beside[__builtin_ctz(p->size)]);
    x64_patch(x64_jcc(c, CC_C), p->back);
    if (p->device)
        emit_device(e, p->step);
    emit_jump_to_fill(e, p->step, x64_jmp(c), p->back, true);
}

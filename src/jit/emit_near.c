/*
 * Operands near each other in paged code: several that follow the same register
 * at known distances, as those of a stack frame do.
 *
 * The first is found like any other, and if all of them lie in its page, its
 * host address is kept in struct jit; the others go from there.  There is one
 * such address for loads and one for stores.  A step forgets both, as it may
 * change where pages lie; then the operand is found in full, in a piece.
 */
#include "config.h"

#include <stddef.h>

#include "cpu/ops.h"
#include "jit/jit_priv.h"

enum { NEAR_SPAN = 512, NEAR_LEAST = 3 }; /* bytes; operands for which it pays */

static struct xmem near_slot(bool write)
{
    return emit_jit(offsetof(struct jit, near) + 8 * write);
}

/* --- what comes ----------------------------------------------------------- */

static bool insn_only_reads(const struct insn *in)
{
    static op_fn *const fns[] = { op_cmp,   op_test, op_push, op_mul,      op_imul1,
                                  op_div,   op_idiv, op_bt,   op_call_abs, op_jmp_abs };

    return op_is_one_of(in->fn, fns, ARRAY_LEN(fns));
}

/* How far an instruction moves a register, ESP or EBP; false: who knows where to. */
static bool insn_moves(const struct emit *e, unsigned k, unsigned reg, int32_t *by)
{
    const struct insn *in = &e->insns[k];
    uint32_t changes = e->changes[k];
    bool is_dst = in->dst.kind == OPND_REG && in->dst.off / 4 == reg;

    *by = 0;
    if (!(changes & (1u << reg | EARLY_NOT)))
        return true;
    if (reg == ESP && (in->fn == op_push || (in->fn == op_pop && !is_dst)))
        *by = in->fn == op_push ? -(int32_t) in->width : (int32_t) in->width;
    else if (in->width == 4 && in->src.kind == OPND_IMM && (in->fn == op_add || in->fn == op_sub))
        *by = in->fn == op_add ? (int32_t) in->imm : -(int32_t) in->imm;
    else
        return false;
    return *by > -NEAR_SPAN && *by < NEAR_SPAN;
}

/* Does an operand follow the register alone, and where? */
static bool operand_follows(const struct emit *e, const struct insn *in, unsigned reg)
{
    return (in->dst.kind == OPND_MEM || in->src.kind == OPND_MEM) && in->base == reg && in->index > 7
        && in->ea_mask != 0xffff && in->fn != op_lea && emit_profile(e, in->seg) == PROFILE_FLAT;
}

static void near_extend(struct emit_near *n, int32_t at, unsigned size)
{
    int32_t low = at < n->low ? at : n->low, high = at + (int32_t) size > n->high ? at + (int32_t) size : n->high;

    if (high - low > NEAR_SPAN)
        return;
    n->low = low;
    n->high = high;
    n->count++;
}

/* Of the instructions from this one on: where are their operands, as the register is now? */
static void near_plan(const struct emit *e, struct emit_near *n, bool write)
{
    int32_t moved = 0, by;

    for (unsigned k = e->k; k < e->count; k++) {
        const struct insn *in = &e->insns[k];

        if (operand_follows(e, in, n->base) && write == (in->dst.kind == OPND_MEM && !insn_only_reads(in)))
            near_extend(n, moved + (int32_t) in->disp, in->dst.kind == OPND_MEM ? in->dst.width : in->src.width);
        if (n->base == ESP && ((in->fn == op_push && write) || (in->fn == op_pop && !write)))
            near_extend(n, moved - (write ? (int32_t) in->width : 0), in->width);
        if ((in->row->traits & T_END) || !insn_moves(e, k, n->base, &by))
            break;
        moved += by;
    }
}

/* --- the operand ----------------------------------------------------------- */

static void near_find(struct emit *e, struct emit_near *n, int32_t disp, unsigned size, bool write)
{
    struct code *c = e->c;
    struct patch *code, *far;

    x64_lea(c, 4, TMP, x64_at(emit_home[n->base], disp));
    emit_alignment(e, size);
    code = emit_page(e, size, write);
    x64_lea(c, 4, TMP3, x64_at(TMP, n->low - disp));
    x64_alu_ri(c, X_AND, 4, TMP3, PAGE_SIZE - 1);
    x64_alu_ri(c, X_CMP, 4, TMP3, PAGE_SIZE - (uint32_t) (n->high - n->low));
    far = emit_patch(e, PATCH_NOT_NEAR, x64_jcc(c, CC_A));
    far->near = write;
    x64_mov_mr(c, 8, near_slot(write), TMP);
    far->back = c->p;
    if (code != NULL) { /* there is code in this page */
        code->unnear = true;
        code->back = c->p;
    }
    e->at = x64_at(TMP, 0);
    n->head = disp;
    n->on = true;
}

static void near_go(struct emit *e, const struct emit_near *n, int32_t disp, unsigned size, bool write)
{
    struct code *c = e->c;
    struct patch *p;

    x64_mov_rm(c, 8, TMP, near_slot(write));
    x64_test_rr(c, 8, TMP, TMP);
    p = emit_patch(e, PATCH_NEAR, x64_jcc(c, CC_Z));
    p->back = c->p;
    p->step = emit_step(e);
    p->size = size;
    p->near = write;
    p->base = n->base;
    p->disp = disp;
    p->head = disp - n->head;
    e->at = x64_at(TMP, disp - n->head);
    e->host = 0;
}

bool emit_near(struct emit *e, unsigned base, int32_t disp, unsigned size, bool write)
{
    struct emit_near plan = { .base = (uint8_t) base, .low = disp, .high = disp + (int32_t) size };
    struct emit_near *n = &e->near[write];

    if (!(e->block->key.profile & KEY_PAGED) || (base != ESP && base != EBP) || emit_is_soft(e))
        return false;
    if (size > 1 << (FIND_SIZES - 1) || (size & (size - 1)) != 0)
        return false;
    if (n->on && n->base == base && n->low <= disp && disp + (int32_t) size <= n->high) {
        near_go(e, n, disp, size, write);
        return true;
    }
    near_plan(e, &plan, write);
    if (plan.count < NEAR_LEAST)
        return false;
    *n = plan;
    near_find(e, n, disp, size, write);
    return true;
}

bool emit_near_operand(struct emit *e, const struct insn *in, unsigned size, bool write)
{
    return operand_follows(e, in, in->base) && emit_near(e, in->base, (int32_t) in->disp, size, write);
}

void emit_near_after(struct emit *e, bool stepped)
{
    for (struct emit_near *n = e->near; n < e->near + 2; n++) {
        int32_t by;

        if (stepped || !insn_moves(e, e->k, n->base, &by)) {
            n->on = false;
            continue;
        }
        n->head -= by;
        n->low -= by;
        n->high -= by;
    }
}

/* --- pieces ----------------------------------------------------------------- */

void emit_not_near_piece(struct emit *e, const struct patch *p)
{
    x64_mov_mi(e->c, 8, near_slot(p->near), 0);
    x64_patch(x64_jmp(e->c), p->back);
}

/* In full. */
void emit_near_piece(struct emit *e, const struct patch *p)
{
    e->k = e->count - p->step->rest_insns;
    x64_lea(e->c, 4, TMP, x64_at(emit_home[p->base], p->disp));
    x64_patch(x64_call(e->c), e->jit->shared.find[p->near][__builtin_ctz(p->size)]);
    emit_step_if(e, CC_NC);
    x64_lea(e->c, 8, TMP, x64_at(TMP, -p->head));
    x64_patch(x64_jmp(e->c), p->back);
}

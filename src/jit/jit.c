/*
 * Going into translated code and out of it, and the interpreter's step in the
 * middle of a block.
 *
 * In a block, time and the count of instructions stand in the budget register,
 * already moved to the block's end; flags may stand in struct jit.  Every way
 * out puts both back: outside of translated code the processor's state is
 * always whole.
 */
#include "config.h"

#include "jit/jit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cpu/engine.h"
#include "cpu/flags.h"
#include "cpu/exec.h"
#include "cpu/mem.h"
#include "cpu/ops.h"
#include "cpu/segment.h"
#include "cpu/transfer.h"
#include "jit/jit_priv.h"

const struct jit_knobs jit_default_knobs = { .threshold = 24, .max_insns = JIT_INSNS };

/* --- flags --------------------------------------------------------------- */

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

/* What emit_keep_again() keeps. */
static void jit_keep_again(struct jit *jit, const struct insn *in)
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
static void jit_settle_flags(struct jit *jit)
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

/* For SAHF and an addition of 127: AH, and OF in bit 0. */
static uint32_t jit_image(const struct cpu *cpu)
{
    uint32_t f = flags_get(cpu);

    return (f & 0xff) << 8 | (f & FLAG_OF ? 1 : 0);
}

static uint32_t jit_load_flags(struct jit *jit)
{
    jit_settle_flags(jit);
    return jit_image(jit->cpu);
}

/* For PUSHF and INT. */
static uint32_t jit_read_flags(struct jit *jit, uint32_t unused)
{
    (void) unused;
    jit_settle_flags(jit);
    return cpu_read_eflags(jit->cpu) & ~(uint32_t) (FLAG_RF | FLAG_VM);
}

/* For POPF and IRET of real mode, 16 bits; 0: somebody has to look what comes of it. */
static uint32_t jit_write_flags(struct jit *jit, uint32_t val)
{
    struct cpu *cpu = jit->cpu;

    if ((val & FLAG_TF) || ((val ^ cpu->eflags) & FLAG_DF) || cpu->attention != 0 || cpu_protected(cpu))
        return 0;
    jit_settle_flags(jit);
    cpu_write_eflags(cpu, val, 0xffff);
    return 1;
}

static void jit_set_context(struct jit *jit, uint32_t profile);

/* In protected mode.  0: it is not done, somebody has to look. */
static uint32_t jit_load_segment(struct jit *jit, uint32_t what)
{
    struct cpu *cpu = jit->cpu;
    unsigned seg = what >> 16;
    struct seg before = cpu->seg[seg];
    uint32_t profile = cpu->profile;

    if (!seg_load_simple(cpu, seg, (uint16_t) what))
        return 0;
    if (cpu->profile == profile)
        return 1;
    if (seg == SS) { /* the next instruction is to be of the same block */
        seg_set(cpu, seg, &before);
        return 0;
    }
    jit->moved = true;
    return 1;
}

/* Bit 32: yes, the rest is what LAR or LSL load; ZF says it too.  UINT64_MAX: somebody has to look. */
static uint64_t jit_ask_segment(struct jit *jit, uint32_t what)
{
    struct cpu *cpu = jit->cpu;
    uint16_t sel = (uint16_t) what;
    uint32_t val = 0;
    bool yes;

    if (!desc_is_direct(cpu, sel) || !seg_ask(cpu, what >> 16, sel, &yes, &val))
        return UINT64_MAX;
    jit_settle_flags(jit);
    cpu->f_zero = !yes;
    return yes ? UINT64_C(1) << 32 | val : 0;
}

/* CS as it was, and bit 16; 0: it is not done, somebody has to look. */
static uint32_t jit_enter_code(struct jit *jit, uint32_t what)
{
    struct cpu *cpu = jit->cpu;
    uint32_t before = cpu->seg[CS].sel;

    if (!code_enter_simple(cpu, what >> 16, (uint16_t) what, jit->far_eip))
        return 0;
    jit_set_context(jit, block_profile_now(cpu));
    return 1u << 16 | before;
}

/* The block was for another profile: what follows is looked up by the one of now. */
static uint32_t jit_new_context(struct jit *jit, uint32_t unused)
{
    (void) unused;
    jit->moved = false;
    jit_set_context(jit, block_profile_now(jit->cpu));
    return 0;
}

static uint64_t jit_device_read(struct jit *jit, uint32_t unused)
{
    void *opaque;
    const struct mmio_ops *ops = bus_timeless(jit->cpu->bus, jit->access_at, jit->access_size, &opaque);

    (void) unused;
    return ops == NULL ? UINT64_MAX : ops->read(opaque, jit->access_at, jit->access_size);
}

static uint64_t jit_device_write(struct jit *jit, uint32_t val)
{
    void *opaque;
    const struct mmio_ops *ops = bus_timeless(jit->cpu->bus, jit->access_at, jit->access_size, &opaque);

    if (ops == NULL)
        return UINT64_MAX;
    ops->write(opaque, jit->access_at, jit->access_size, val & UINT32_MAX >> (32 - 8 * jit->access_size));
    return 0;
}

/* --- time ---------------------------------------------------------------- */

static int64_t jit_ticks_left(const struct jit *jit)
{
    return (int64_t) jit->budget >> 32;
}

static void jit_set_time(struct jit *jit, int64_t left, uint32_t insns)
{
    struct sched *s = jit->cpu->sched;

    s->ticks = jit->end - (uint64_t) left;
    s->insns = jit->insns0 + insns;
}

/* --- contexts ------------------------------------------------------------ */

/* The first of its set. */
static unsigned context_hash(const struct context *c)
{
    uint64_t mixed = c->code ^ c->code >> 32 ^ c->state << 24 ^ c->mapping << 40;

    return (unsigned) (mixed * UINT64_C(0x9e3779b97f4a7c15) >> (64 - JIT_CONTEXT_BITS)) * JIT_CONTEXT_WAYS;
}

static bool context_same(const struct context *a, const struct context *b)
{
    return a->id != 0 && a->code == b->code && a->state == b->state && a->mapping == b->mapping;
}

void jit_forget_lookups(struct jit *jit)
{
    memset(jit->lookup, 0, sizeof jit->lookup);
    memset(jit->lookup_before, 0, sizeof jit->lookup_before);
}

static const struct context *context_find(struct jit *jit, struct context *now)
{
    struct context *set = &jit->contexts[context_hash(now)];

    for (unsigned i = 0; i < JIT_CONTEXT_WAYS; i++)
        if (context_same(&set[i], now))
            return &set[i];
    if (++jit->context_id == JIT_CONTEXT_IDS) { /* numbers must not come twice */
        jit_forget_lookups(jit);
        memset(jit->contexts, 0, sizeof jit->contexts);
        jit->context_id = 1;
    }
    now->id = jit->context_id;
    set += now->id % JIT_CONTEXT_WAYS;
    *set = *now;
    return set;
}

static void jit_set_context(struct jit *jit, uint32_t profile)
{
    const struct cpu *cpu = jit->cpu;
    uint32_t base = cpu->seg[CS].base, limit = cpu->seg[CS].limit, paragraph = 0;
    uint32_t where = (cpu->cpl == 3 ? WHERE_CPL_3 : 0) | (cpu->seg[CS].attr & SEG_BIG ? WHERE_BIG : 0);
    struct context now = { .mapping = profile & KEY_MOVES ? 0 : cpu->mapping };
    uint32_t down = profile & KEY_DOWN ? CONTEXT_DOWN : 0;

    if (limit <= 0xffff && (base & ~UINT32_C(0xffff0)) == 0) {
        paragraph = base >> 4;
        base = 0;
        where |= WHERE_PARAGRAPH;
    }
    now.code = base | (uint64_t) limit << 32;
    now.state = (profile & ~(uint32_t) KEY_DOWN) | (uint64_t) where << 32;
    if (!context_same(jit->last, &now)) {
        const struct context *before = jit->last;

        jit->last = context_same(jit->before_last, &now) ? jit->before_last : context_find(jit, &now);
        jit->before_last = before;
    }
    jit->context = (uint64_t) (jit->last->id * CONTEXT_ID + down) << 32 | paragraph << 16;
}

/* --- the step ------------------------------------------------------------ */

/* RF, after IRET to what faulted, is for one instruction, which cannot see it: it is lent, and given
 * back if that instruction does not come to its end. */
static void jit_return_rf(struct jit *jit)
{
    if (jit->lent == jit->cpu->sched->insns)
        jit->cpu->eflags |= FLAG_RF;
    jit->lent = UINT64_MAX;
}

/* As engine_careful(), before code is entered. */
static bool jit_careful(struct jit *jit)
{
    struct cpu *cpu = jit->cpu;
    uint32_t rf = cpu->eflags & FLAG_RF;

    if (!engine_careful(cpu))
        return false;
    cpu->eflags &= ~(uint32_t) FLAG_RF;
    if (engine_careful(cpu)) {
        cpu->eflags |= rf;
        return true;
    }
    jit->lent = cpu->sched->insns;
    return false;
}

static const uint8_t *jit_step_out(struct jit *jit)
{
    jit_settle_flags(jit);
    jit_return_rf(jit);
    jit->stepped_out = true;
    return jit_rx(jit, jit->shared.leave_stepped);
}

/* What was found in that place before comes back, if it has the key. */
static void jit_swap_lookup(struct jit *jit, struct lookup *l, uint64_t key)
{
    struct lookup *before = &jit->lookup_before[l - jit->lookup], now = *l;

    if (before->key != key)
        return;
    *l = *before;
    *before = now;
}

/* The code at EIP, if it has been found before; its block may be shut. */
static const uint8_t *jit_known(struct jit *jit, uint32_t profile)
{
    struct lookup *l;
    uint64_t key;

    jit_set_context(jit, profile);
    key = jit->context | jit->cpu->eip;
    l = jit_lookup(jit, key);
    if (l->key != key)
        jit_swap_lookup(jit, l, key);
    return l->key == key && l->entry == jit_code_entry(jit->cpu) ? l->code : NULL;
}

static const uint8_t *jit_step_on(struct jit *jit, int64_t left, uint32_t profile)
{
    struct cpu *cpu = jit->cpu;
    const uint8_t *code;

    if (left <= 0 || jit->knobs.no_links || jit_careful(jit))
        return jit_step_out(jit);
    if (cpu->cr0 & (CR0_EM | CR0_TS))
        jit_fpu_save(jit);
    code = jit_known(jit, profile);
    if (code == NULL)
        return jit_step_out(jit);
    jit->budget = (uint64_t) left << 32 | (uint32_t) (cpu->sched->insns - jit->insns0);
    return code;
}

/* The operand of a step is not found in the window: the next block of this run looks for it elsewhere. */
static void jit_catch(const struct step *st)
{
    struct trace *t = st->block->trace;

    t->caught |= 1u << (st->in - t->first);
}

/* It trapped. */
static void jit_settle_trap(struct jit *jit, const struct step *st)
{
    jit->trapped = false;
    jit->stats.traps++;
    jit_catch(st);
    if (st->host_flags) {
        flags_set(jit->cpu, st->no_aux ? jit->trap_flags & ~(uint32_t) FLAG_AF : jit->trap_flags);
        jit->f_op = FK_SETTLED;
    }
}

/* One instruction of a block by the interpreter: where the code goes on, NULL: behind it. */
static const uint8_t *jit_step(struct jit *jit, struct step *st)
{
    struct cpu *cpu = jit->cpu;
    struct sched *s = cpu->sched;
    const struct insn *in = st->in;
    bool odd = st->odd && (cpu->gpr[ESP] & 1), caught = jit->trapped || odd;
    uint32_t profile;
    enum op_exit r;
    int64_t left;

    if (st->native && !jit->fpu_live && jit_fpu_load(jit))
        return st->start;
    jit->near[0] = jit->near[1] = 0;
    if (st->fpu)
        jit_fpu_save(jit);
    if (jit->trapped)
        jit_settle_trap(jit, st);
    else if (odd)
        jit_catch(st);
    if (st->again != NULL)
        jit_keep_again(jit, st->again);
    if (st->asks || (jit->f_op >> 4 & 15) == FK_AGAIN)
        jit_settle_flags(jit);
    jit_set_time(jit, jit_ticks_left(jit) + st->rest_cost, (uint32_t) jit->budget - st->rest_insns);
    paging_executing(cpu, cpu->seg[CS].base + st->eip, st->block->addr);
    cpu->eip = st->eip + in->len;
    st->count++;
    r = in->fn(cpu, in);
    if (caught && st->block->trace != NULL)
        block_drop_all(jit, st->block->trace);
    switch (r) {
    case OP_JUMP:
    case OP_NEXT: s->ticks += in->cost; s->insns++; break;
    case OP_COSTED: s->insns++; break;
    case OP_REPEAT: cpu->eip -= in->len; return jit_step_out(jit);
    case OP_FAULT:
        if (cpu->fault.committed) /* it is another task's */
            jit->lent = UINT64_MAX;
        jit_return_rf(jit);
        jit_settle_flags(jit);
        engine_fault(cpu, in);
        break;
    case OP_END_OF_RUN: return jit_step_out(jit);
    }
    if (s->horizon != jit->horizon)
        return jit_step_out(jit);
    left = (int64_t) (jit->end - s->ticks);
    /* Segments of another kind are not those that the block was made for. */
    profile = block_profile_now(cpu);
    if (r == OP_JUMP || r == OP_FAULT || st->ends || caught || profile != st->block->key.profile)
        return jit_step_on(jit, left, profile);
    if (left < st->after_cost || (st->native && !jit_fpu_load(jit)))
        return jit_step_out(jit);
    jit->budget = (uint64_t) (left - st->after_cost) << 32 | (uint32_t) (s->insns - jit->insns0 + st->after_insns);
    return NULL;
}

/* --- the loop ------------------------------------------------------------ */

static struct block *jit_block(struct jit *jit, struct trace *t)
{
    struct block_key key = block_key_now(jit->cpu);
    struct block *b = block_find(jit, t, &key);

    if (b != NULL)
        return b;
    if (t->heat < jit->knobs.threshold) {
        t->heat++;
        return NULL;
    }
    if (jit->flush_wanted || (jit->knobs.evict_every != 0 && jit->since_flush >= jit->knobs.evict_every)) {
        block_flush(jit);
        jit->flush_wanted = false;
    }
    jit->since_flush++;
    b = block_make(jit, t, &key);
    if (b == NULL)
        jit->flush_wanted = true;
    return b;
}

static struct link *jit_visit(struct jit *jit, const uint8_t *code)
{
    struct sched *s = jit->cpu->sched;
    uint64_t left = s->horizon - s->ticks;
    struct link *l;

    if (left > INT32_MAX)
        left = INT32_MAX;
    jit->horizon = s->horizon;
    jit->end = s->ticks + left;
    jit->insns0 = s->insns;
    jit->budget = left << 32;
    jit->stepped_out = false;
    jit->stats.enters++;
    if (jit->cpu->cr0 & (CR0_EM | CR0_TS))
        jit_fpu_save(jit);
    jit_set_context(jit, block_profile_now(jit->cpu));
    l = cache_enter(jit, code);
    if (jit->stepped_out)
        return NULL;
    jit_set_time(jit, jit_ticks_left(jit), (uint32_t) jit->budget);
    jit_settle_flags(jit);
    jit_return_rf(jit);
    return l;
}

static void jit_remember(struct jit *jit, struct block *b)
{
    size_t page = jit_code_page(jit->cpu) * sizeof(uintptr_t);
    struct lookup *l;
    uint64_t key;

    jit_set_context(jit, block_profile_now(jit->cpu));
    key = jit->context | b->key.eip;
    l = jit_lookup(jit, key);
    if (l->key != key)
        jit->lookup_before[l - jit->lookup] = *l;
    *l = (struct lookup){ key, b->code, page, jit_code_entry(jit->cpu) };
}

static void jit_interpret(struct jit *jit, const struct trace *t)
{
    jit_fpu_save(jit);
    engine_run(jit->cpu, t->first);
}

/* A walk to the page of the next instruction is the engine's, who walks once: tables in a
 * device would tell. */
static bool jit_is_mapped(const struct cpu *cpu)
{
    return jit_code_entry(cpu) != 0;
}

static const struct insn *jit_crossing(const struct jit *jit)
{
    return engine_careful(jit->cpu) ? NULL : engine_crossing(jit->cpu);
}

/* The block at EIP, where `l` has led, if that is known. */
static const uint8_t *jit_find(struct jit *jit, struct link *l)
{
    struct cpu *cpu = jit->cpu;
    struct trace *t = jit_careful(jit) || !jit_is_mapped(cpu) ? NULL : engine_find(cpu);
    uint64_t flushes = jit->stats.flushes;
    struct block *b = t == NULL ? NULL : jit_block(jit, t);

    if (b == NULL || !jit_is_mapped(cpu)) /* to make a run may forget all pages */
        return NULL;
    if (flushes == jit->stats.flushes && l != NULL) /* else it went with its block */
        block_link(jit, l, b);
    else
        jit_remember(jit, b);
    return b->code;
}

static void jit_run_blocks(struct jit *jit, struct trace *t)
{
    struct cpu *cpu = jit->cpu;
    struct sched *s = cpu->sched;
    struct block *b = jit_block(jit, t);
    const uint8_t *code = b != NULL ? b->code : NULL;
    bool open = true;

    if (b == NULL)
        jit_interpret(jit, t);
    while (code != NULL && s->ticks < s->horizon) { /* to look for it may have kicked the schedule */
        uint64_t ticks = s->ticks;
        struct link *l = jit_visit(jit, code);

        if (s->ticks >= s->horizon)
            return;
        if (s->ticks == ticks && open) { /* the block is longer than what is left of the time */
            t = engine_careful(cpu) ? NULL : engine_find(cpu);
            if (t != NULL)
                jit_interpret(jit, t);
            return;
        }
        for (const struct insn *in; (in = jit_crossing(jit)) != NULL; l = NULL) {
            jit_fpu_save(jit);
            engine_run(cpu, in);
            if (s->ticks >= s->horizon)
                return;
        }
        code = l != NULL || s->ticks == ticks || jit_careful(jit) ? NULL : jit_known(jit, block_profile_now(cpu));
        open = code == NULL;
        if (open)
            code = jit_find(jit, l);
    }
    jit_return_rf(jit);
}

static void jit_run(void *translation, struct trace *t)
{
    mem_window_use(translation);
    jit_run_blocks(translation, t);
    mem_window_leave();
    jit_fpu_save(translation);
}

static void jit_dropped(void *translation, struct trace *t)
{
    block_drop_all(translation, t);
}

/* --- life ---------------------------------------------------------------- */

static void jit_parked(void *translation, struct trace *t)
{
    block_park_all(translation, t);
}

static void jit_closed(void *translation, paddr page, bool reads)
{
    mem_window_close(translation, page, reads);
}

static const struct translator jit_translator = { jit_run, jit_dropped, jit_parked, jit_closed };

bool jit_available(void)
{
    return true;
}

static void jit_make_bcd(struct jit *jit)
{
    for (unsigned flags = 0; flags <= (FLAG_CF | FLAG_AF); flags++)
        for (unsigned al = 0; al < 256; al++)
            for (unsigned das = 0; das < 2; das++)
                jit->bcd[das][flags][al] = (uint16_t) bcd_adjusted((uint8_t) al, flags, das);
}

struct jit *jit_new(struct cpu *cpu, const struct ram *ram, const struct jit_knobs *knobs, struct err *err)
{
    struct jit *jit = xmap_dense(sizeof *jit);

    assert((uint8_t) (uintptr_t) jit == 0); /* emit_need_carry() */
    jit->cpu = cpu;
    jit->knobs = *knobs;
    jit->last = jit->before_last = jit->contexts;
    jit->lent = UINT64_MAX;
    jit->step = jit_step;
    jit->load_flags = jit_load_flags;
    jit->read_flags = jit_read_flags;
    jit->write_flags = jit_write_flags;
    jit->load_segment = jit_load_segment;
    jit->ask_segment = jit_ask_segment;
    jit->enter_code = jit_enter_code;
    jit->new_context = jit_new_context;
    jit->device_read = jit_device_read;
    jit->device_write = jit_device_write;
    jit_make_bcd(jit);
    jit->emit = xmalloc(sizeof *jit->emit);
    if (knobs->listing)
        jit->marks = xmap(JIT_BLOCKS * sizeof *jit->marks);
    jit->block = xmap_dense(JIT_BLOCKS * sizeof *jit->block);
    jit->link = xmap_dense(JIT_LINKS * sizeof *jit->link);
    jit->steps = xmap_dense(JIT_STEPS * sizeof *jit->steps);
    if (knobs->cover)
        cover_init(jit);
    if (cache_init(jit, err) < 0) {
        jit_free(jit);
        return NULL;
    }
    jit->stats.native_fpu = jit_host_conforms(jit);
    mem_window_init(jit, ram);
    cpu->translator = &jit_translator;
    cpu->translation = jit;
    return jit;
}

void jit_set_knobs(struct jit *jit, const struct jit_knobs *knobs)
{
    jit->knobs = *knobs;
}

void jit_free(struct jit *jit)
{
    if (jit == NULL)
        return;
    if (jit->rw != NULL) {
        block_flush(jit);
        jit->cpu->translator = NULL;
    }
    cache_free(jit);
    mem_window_free(jit);
    free(jit->emit);
    if (jit->marks != NULL)
        xunmap(jit->marks, JIT_BLOCKS * sizeof *jit->marks);
    cover_free(jit);
    xunmap(jit->block, JIT_BLOCKS * sizeof *jit->block);
    xunmap(jit->link, JIT_LINKS * sizeof *jit->link);
    xunmap(jit->steps, JIT_STEPS * sizeof *jit->steps);
    xunmap(jit, sizeof *jit);
}

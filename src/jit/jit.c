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
#include "cpu/model.h"
#include "cpu/ops.h"
#include "cpu/transfer.h"
#include "jit/jit_priv.h"

enum { APART_HEAT = 6 }; /* of the threshold: what an exit to a block without groups counts for */

const struct jit_knobs jit_default_knobs = { .threshold = 24, .max_insns = JIT_INSNS };

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

static const uint8_t *jit_step_on(struct jit *jit, int64_t left)
{
    struct cpu *cpu = jit->cpu;
    const uint8_t *code;

    if (left <= 0 || jit->knobs.no_links || jit_careful(jit))
        return jit_step_out(jit);
    if (cpu->cr0 & (CR0_EM | CR0_TS))
        jit_fpu_save(jit);
    code = jit_known(jit);
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

/* The addresses that the rest of the block goes by; false: they are not all there. */
static bool jit_find_near(struct jit *jit, const struct step *st)
{
    const struct cpu *cpu = jit->cpu;

    for (unsigned i = 0; i < NEAR_SLOTS; i++) {
        const struct near *n = &st->near[i];
        uint32_t at = cpu->gpr[n->reg] + n->off, low = at + (uint32_t) n->low;
        uintptr_t entry;

        if (!n->is)
            continue;
        entry = (n->write ? cpu->wr : cpu->rd)[at >> PAGE_SHIFT];
        if (entry == 0 || low % PAGE_SIZE + n->span > PAGE_SIZE)
            return false;
        jit->near[i] = (uint64_t) (uintptr_t) table_host(entry, at);
    }
    return true;
}

/* Of a step that is not a plain one, before its instruction.  True: its operand has been looked for in vain. */
static bool jit_prepare(struct jit *jit, const struct step *st)
{
    bool caught = jit->trapped;

    if (st->fpu)
        jit_fpu_save(jit);
    if (jit->trapped) {
        jit_settle_trap(jit, st);
    } else if (st->odd && (jit->cpu->gpr[ESP] & 1)) {
        jit_catch(st);
        caught = true;
    }
    if (st->again != NULL)
        jit_keep_again(jit, st->again);
    return caught;
}

/* Are segments and modes still those that the block was made for? */
static bool jit_is_same(const struct jit *jit, const struct step *st)
{
    return st->steady || block_profile_now(jit->cpu) == (st->block->key.profile & ~(uint32_t) KEY_APART);
}

/* --- transfers ------------------------------------------------------------- */

static bool jit_transfer_simple(struct cpu *cpu, const struct insn *in)
{
    if (in->fn == op_int)
        return transfer_int_simple(cpu, in->imm);
    if (in->fn == op_iret)
        return transfer_iret_simple(cpu);
    if (in->fn == op_call_far)
        return transfer_call_simple(cpu, in->imm2);
    return transfer_return_simple(cpu, in->imm);
}

/* The last instruction of a block, whose time is taken already: where the code goes on if it is a
 * transfer of the plain kind; else NULL, and nothing is done. */
static const uint8_t *jit_transfer(struct jit *jit, struct step *st)
{
    struct cpu *cpu = jit->cpu;
    const struct insn *in = st->in;
    unsigned cpl = cpu->cpl;
    const uint8_t *code;

    if (st->again != NULL)
        jit_keep_again(jit, st->again);
    if (in->fn == op_int || (jit->f_op >> 4 & 15) == FK_AGAIN)
        jit_settle_flags(jit);
    cpu->eip = st->eip + in->len;
    if (!jit_transfer_simple(cpu, in))
        return NULL;
    st->count++;
    if (st->why == JIT_WHY_GUARD && cpu->cpl != cpl) { /* it will be so the next time */
        struct trace *t = st->block->trace;

        t->rings |= 1u << (in - t->first);
        block_drop_all(jit, t);
    }
    if (in->fn == op_iret)
        jit->f_op = FK_SETTLED;
    code = jit_known(jit);
    if (UNLIKELY(cpu->eflags & (FLAG_RF | FLAG_VIP))) {
        jit_set_time(jit, jit_ticks_left(jit), (uint32_t) jit->budget);
        if (jit_careful(jit))
            code = NULL;
    }
    return code != NULL ? code : jit_rx(jit, jit->shared.leave);
}

/* Of the instruction behind which EIP stands, and its time. */
static void jit_fault(struct cpu *cpu, const struct insn *in)
{
    if (!cpu->fault.committed && cpu->attention == 0) {
        cpu->eip -= in->len;
        if (transfer_fault_simple(cpu)) {
            cpu->sched->ticks += cpu->model->cost[C_INT];
            return;
        }
        cpu->eip += in->len;
    }
    engine_fault(cpu, in);
}

/* --- the step, whole --------------------------------------------------------- */

/* One instruction of a block by the interpreter: where the code goes on, NULL: behind it. */
static const uint8_t *jit_step(struct jit *jit, struct step *st)
{
    struct cpu *cpu = jit->cpu;
    struct sched *s = cpu->sched;
    const struct insn *in = st->in;
    bool caught = false;
    enum op_exit r;
    int64_t left;

    if (st->transfers && !jit->trapped) {
        const uint8_t *code = jit_transfer(jit, st);

        if (code != NULL)
            return code;
    }
    if (UNLIKELY(st->rare || jit->trapped)) {
        if (st->native && !jit->fpu_live && jit_fpu_load(jit))
            return st->start;
        caught = jit_prepare(jit, st);
    }
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
        jit_fault(cpu, in);
        break;
    case OP_END_OF_RUN: return jit_step_out(jit);
    }
    if (s->horizon != jit->horizon)
        return jit_step_out(jit);
    left = (int64_t) (jit->end - s->ticks);
    if (r == OP_JUMP || r == OP_FAULT || st->ends || caught || !jit_is_same(jit, st))
        return jit_step_on(jit, left);
    if (left < st->after_cost || (st->native && !jit_fpu_load(jit)) || (st->nears && !jit_find_near(jit, st)))
        return jit_step_out(jit);
    jit->budget = (uint64_t) (left - st->after_cost) << 32 | (uint32_t) (s->insns - jit->insns0 + st->after_insns);
    return NULL;
}

/* --- the loop ------------------------------------------------------------ */

/* `key_bits`: beside those that follow from the processor's state. */
static struct block *jit_block(struct jit *jit, struct trace *t, uint32_t key_bits)
{
    struct block_key key = block_key_now(jit->cpu);
    struct block *b;

    key.profile |= key_bits;
    b = block_find(jit, t, &key);
    if (b != NULL)
        return b;
    if (t->heat < jit->knobs.threshold) { /* an exit to it is part of a block already: that is some heat */
        t->heat += key_bits & KEY_APART ? APART_HEAT : 1;
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
    jit_set_context(jit);
    l = cache_enter(jit, code);
    if (jit->stepped_out)
        return NULL;
    jit_set_time(jit, jit_ticks_left(jit), (uint32_t) jit->budget);
    jit_settle_flags(jit);
    jit_return_rf(jit);
    return l;
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

/* The code of a block if there is time for all of it. */
static const uint8_t *jit_code_in_time(const struct jit *jit, const struct block *b)
{
    const struct sched *s = jit->cpu->sched;

    return s->horizon - s->ticks >= block_cost(b) ? b->code : NULL;
}

/* The run at EIP, if there is one without care, and its block, where `l` has led, if it has one
 * and there is time for it. */
static const uint8_t *jit_find(struct jit *jit, struct link *l, struct trace **run)
{
    struct cpu *cpu = jit->cpu;
    struct trace *t = *run = jit_careful(jit) || !jit_is_mapped(cpu) ? NULL : engine_find(cpu);
    uint64_t flushes = jit->stats.flushes;
    struct block *b = t == NULL ? NULL : jit_block(jit, t, l != NULL && l->apart ? KEY_APART : 0);
    const uint8_t *code = b == NULL ? NULL : jit_code_in_time(jit, b);

    if (!jit_is_mapped(cpu) || (code == NULL && jit->lent == cpu->sched->insns))
        *run = NULL; /* to make a run may forget all pages; with RF, the engine steps */
    if (b == NULL || *run == NULL)
        return NULL;
    if (flushes == jit->stats.flushes && l != NULL) /* else it went with its block */
        block_link(jit, l, b);
    else if (code != NULL && !(b->key.profile & KEY_APART))
        jit_remember(jit, b);
    return code;
}

/* Instructions over the end of a page, if one is next.  False: the time is over. */
static bool jit_cross(struct jit *jit, struct link **l)
{
    for (const struct insn *in; (in = jit_crossing(jit)) != NULL; *l = NULL) {
        jit_fpu_save(jit);
        engine_run(jit->cpu, in);
        if (jit->cpu->sched->ticks >= jit->cpu->sched->horizon)
            return false;
    }
    return true;
}

/* From `code`, else from the run `t`; NULL: it is just known, not found. */
static void jit_run_blocks(struct jit *jit, const uint8_t *code, struct trace *t)
{
    struct cpu *cpu = jit->cpu;
    struct sched *s = cpu->sched;
    bool open = t != NULL;

    while ((code != NULL || t != NULL) && s->ticks < s->horizon) { /* to look for it may have kicked the schedule */
        uint64_t ticks = s->ticks;
        bool late = code == NULL && t->blocks != NULL; /* the next block is likely to be too long, too */
        struct link *l = NULL;

        if (code != NULL)
            l = jit_visit(jit, code);
        else
            jit_interpret(jit, t);
        if (s->ticks >= s->horizon)
            return;
        if (l == &jit->refused) {
            late = true;
            l = NULL;
        }
        if (s->ticks == ticks && open && l == NULL) { /* the same could come about again */
            t = engine_careful(cpu) ? NULL : engine_find(cpu);
            if (t != NULL)
                jit_interpret(jit, t);
            return;
        }
        if (!jit_cross(jit, &l))
            return;
        code = late || l != NULL || s->ticks == ticks || jit_careful(jit) ? NULL : jit_known(jit);
        open = code == NULL;
        if (open)
            code = jit_find(jit, l, &t);
    }
    jit_return_rf(jit);
}

static void jit_run_from(struct jit *jit, const uint8_t *code, struct trace *t)
{
    mem_window_use(jit);
    jit_run_blocks(jit, code, t);
    mem_window_leave();
    jit_fpu_save(jit);
}

static bool jit_run_known(void *translation)
{
    struct jit *jit = translation;
    const struct sched *s = jit->cpu->sched;
    const uint8_t *code = jit_known(jit);
    uint64_t ticks = s->ticks;

    if (code == NULL)
        return false;
    jit_run_from(jit, code, NULL);
    return s->ticks != ticks || s->ticks >= s->horizon; /* neither: its block is no more, nor a run there */
}

static void jit_run(void *translation, struct trace *t)
{
    struct jit *jit = translation;
    const struct block *b = jit_block(jit, t, 0);

    jit_run_from(jit, b != NULL ? jit_code_in_time(jit, b) : NULL, t);
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

static const struct translator jit_translator = { jit_run_known, jit_run, jit_dropped, jit_parked, jit_closed };

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

struct jit *jit_new(struct cpu *cpu, struct ram *ram, const struct jit_knobs *knobs, struct err *err)
{
    struct jit *jit = xmap_dense(sizeof *jit);

    assert((uint8_t) (uintptr_t) jit == 0); /* emit_need_carry() */
    jit->cpu = cpu;
    jit->knobs = *knobs;
    jit->last = jit->before_last = jit->contexts;
    jit->lent = UINT64_MAX;
    jit->step = jit_step;
    jit_calls_init(jit);
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

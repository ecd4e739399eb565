/*
 * What instruction functions are written with: registers, operands, effective
 * addresses, the stack.
 *
 * An instruction changes registers and flags only after its last access that
 * can fault: the engine then simply runs it again.
 */
#ifndef CPU_EXEC_H
#define CPU_EXEC_H

#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/mem.h"
#include "cpu/ops.h"

/* --- registers ----------------------------------------------------------- */

/* `off` is the byte offset of struct opnd: AH is 1, CX is 4. */
static inline uint32_t reg_get(const struct cpu *cpu, unsigned off, unsigned width)
{
    return load_le((const uint8_t *) cpu->gpr + off, width);
}

static inline void reg_set(struct cpu *cpu, unsigned off, unsigned width, uint32_t val)
{
    store_le((uint8_t *) cpu->gpr + off, width, val);
}

/* --- memory operands ----------------------------------------------------- */

static inline uint32_t insn_ea(const struct cpu *cpu, const struct insn *in)
{
    return (cpu->gpr[in->base] + (cpu->gpr[in->index] << in->scale) + in->disp) & in->ea_mask;
}

/* --- operands ------------------------------------------------------------ */

static inline bool opnd_load(struct cpu *cpu, const struct insn *in, const struct opnd *o, uint32_t *val)
{
    if (o->kind == OPND_REG) {
        *val = reg_get(cpu, o->off, o->width);
        return true;
    }
    if (o->kind == OPND_IMM) {
        *val = in->imm;
        return true;
    }
    return mem_read(cpu, in->seg, insn_ea(cpu, in), o->width, val);
}

static inline bool opnd_store(struct cpu *cpu, const struct insn *in, const struct opnd *o, uint32_t val)
{
    if (o->kind == OPND_REG) {
        reg_set(cpu, o->off, o->width, val);
        return true;
    }
    return mem_write(cpu, in->seg, insn_ea(cpu, in), o->width, val);
}

/* Read what opnd_store_rmw() will write: it cannot fail any more then. */
static inline bool opnd_load_rmw(struct cpu *cpu, const struct insn *in, const struct opnd *o, uint32_t *val)
{
    if (o->kind == OPND_REG) {
        *val = reg_get(cpu, o->off, o->width);
        return true;
    }
    return mem_rmw(cpu, in->seg, insn_ea(cpu, in), o->width, val);
}

static inline void opnd_store_rmw(struct cpu *cpu, const struct opnd *o, uint32_t val)
{
    if (o->kind == OPND_REG)
        reg_set(cpu, o->off, o->width, val);
    else
        mem_rmw_store(cpu, o->width, val);
}

/* --- the stack (SDM vol. 1, 6.2) ----------------------------------------- */

static inline uint32_t stack_mask(const struct cpu *cpu)
{
    return cpu->seg[SS].attr & SEG_BIG ? UINT32_MAX : UINT16_MAX;
}

/* Offset in SS of the item `delta` bytes above (or below) the top. */
static inline uint32_t stack_at(const struct cpu *cpu, uint32_t delta)
{
    return (cpu->gpr[ESP] + delta) & stack_mask(cpu);
}

/* Only SP changes where SS is a 16-bit segment. */
static inline void stack_set(struct cpu *cpu, uint32_t esp)
{
    uint32_t mask = stack_mask(cpu);

    cpu->gpr[ESP] = (cpu->gpr[ESP] & ~mask) | (esp & mask);
}

static inline void stack_move(struct cpu *cpu, uint32_t delta)
{
    stack_set(cpu, cpu->gpr[ESP] + delta);
}

static inline bool stack_push(struct cpu *cpu, unsigned width, uint32_t val)
{
    if (!mem_write(cpu, SS, stack_at(cpu, -width), width, val))
        return false;
    stack_move(cpu, -width);
    return true;
}

/* Item `n` widths above the top, nothing moved. */
static inline bool stack_peek(struct cpu *cpu, unsigned width, unsigned n, uint32_t *val)
{
    return mem_read(cpu, SS, stack_at(cpu, n * width), width, val);
}

/* `n` items from `above` bytes over the top on, as if one after the other. */
static inline bool stack_peek_all(struct cpu *cpu, unsigned width, uint32_t above, unsigned n, uint32_t *item)
{
    uint32_t off = stack_at(cpu, above);
    const uint8_t *p = NULL;

    if (LIKELY((uint64_t) off + n * width <= cpu->read_end[SS] && off + n * width - 1 <= stack_mask(cpu)))
        p = mem_direct(cpu->rd, cpu->seg[SS].base + off, n * width);
    for (unsigned i = 0; i < n; i++) {
        if (p != NULL)
            item[i] = load_le(p + i * width, width);
        else if (!mem_read(cpu, SS, stack_at(cpu, above + i * width), width, &item[i]))
            return false;
    }
    return true;
}

/* --- privilege ----------------------------------------------------------- */

/* CLI, IN, HLT ... : the checks their rows ask for.  False: #GP or #UD set. */
bool priv_check(struct cpu *cpu, const struct insn *in);

/* --- control (segment.c, transfer.c, interrupt.c, task.c) ---------------- */

/* Branch inside the code segment; #GP when the target is past its limit. */
static inline bool branch_near(struct cpu *cpu, uint32_t eip, unsigned width)
{
    if (width == 2)
        eip &= 0xffff;
    if (UNLIKELY(eip > cpu->seg[CS].limit))
        return cpu_fault_code(cpu, EXC_GP, 0);
    cpu->eip = eip;
    return true;
}

/* Load a segment register (not CS). */
bool seg_load(struct cpu *cpu, unsigned seg, uint16_t sel);

/* After MOV SS and POP SS, not LSS, nothing comes before the next instruction. */
static inline void stack_shadow(struct cpu *cpu, unsigned seg)
{
    if (seg != SS)
        return;
    cpu->attention |= ATTN_SHADOW | ATTN_SHADOW_SS;
    sched_kick(cpu->sched);
}

enum int_kind {
    INT_FAULT,    /* exception: eip is that of the instruction */
    INT_SOFT,     /* INT n, INT 3, INTO: gate privilege is checked */
    INT_HARD,     /* external, and INT1: not checked */
};

/* Enter the handler of `vector`; eip is what is pushed.  False: another fault. */
bool interrupt_enter(struct cpu *cpu, unsigned vector, enum int_kind kind, bool has_code, uint32_t code);

/* Deliver cpu->fault; a fault in that becomes #DF, a third one a shutdown. */
void interrupt_fault(struct cpu *cpu);

enum task_reason { TASK_JMP, TASK_CALL, TASK_INT, TASK_IRET };

/* `sel` names a TSS whose descriptor is (lo, hi).  The switch may fault in the
 * new task: then registers are the new task's and false is returned. */
bool task_switch(struct cpu *cpu, uint16_t sel, uint32_t lo, uint32_t hi, enum task_reason why,
                 bool has_code, uint32_t code);

#endif

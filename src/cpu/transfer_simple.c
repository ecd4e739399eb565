/*
 * Far transfers where all is plain: by descriptors that were accessed before, 32-bit
 * gates, frames and stacks; nothing that faults, no device, no page table stored to.  The
 * rest is transfer.c's and interrupt.c's.
 *
 * Source: Intel SDM vol. 3, 5.8 "Privilege level checking when transferring
 *         control", 6.12 "Exception and interrupt handling"; vol. 2, CALL, RET,
 *         IRET, INT n.
 */
#include "config.h"

#include "cpu/exec.h"
#include "cpu/flags.h"
#include "cpu/model.h"
#include "cpu/transfer.h"

enum { FRAME_MOST = 6 }; /* items: error code, EIP, CS, EFLAGS, ESP, SS */

/* The code segment that `sel` names for this use, if EIP is inside. */
static const struct seg_image *simple_code(struct cpu *cpu, enum seg_use use, uint16_t sel, uint32_t eip)
{
    const struct seg_image *code = seg_check_simple(cpu, use, cpu->cpl, sel);

    return code != NULL && eip <= code->seg.limit ? code : NULL;
}

/* A 32-bit stack for ring `cpl`. */
static const struct seg_image *simple_stack(struct cpu *cpu, uint16_t sel, unsigned cpl)
{
    const struct seg_image *stack = seg_check_simple(cpu, SEG_USE_STACK, cpl, sel);

    return stack != NULL && (stack->seg.attr & SEG_BIG) ? stack : NULL;
}

static void simple_enter(struct cpu *cpu, const struct seg_image *code, uint32_t eip)
{
    seg_put(cpu, CS, code);
    cpu->eip = eip;
    cpu_set_cpl(cpu, code->seg.sel & 3);
}

FLATTEN bool code_enter_simple(struct cpu *cpu, enum seg_use use, uint16_t sel, uint32_t eip)
{
    const struct seg_image *code;

    if (use == SEG_USE_RETURN && (sel & 3u) != cpu->cpl)
        return false;
    code = simple_code(cpu, use, sel, eip);
    if (code == NULL)
        return false;
    simple_enter(cpu, code, eip);
    return true;
}

/* --- frames ---------------------------------------------------------------- */

/* Where its items lie: in one page, or in two. */
struct frame {
    uint8_t *at[2];
    unsigned first; /* items at at[0]; the rest at at[1] */
};

static uint8_t *frame_part(const struct cpu *cpu, uint32_t laddr, uint32_t size, bool store, bool user)
{
    return store ? mem_store_linear(cpu, laddr, size, user) : mem_direct(cpu->rd, laddr, size);
}

/* `n` items of four bytes; loads are of this privilege. */
static bool frame_find(const struct cpu *cpu, struct frame *f, uint32_t laddr, unsigned n, bool store, bool user)
{
    uint32_t room = PAGE_SIZE - laddr % PAGE_SIZE;

    *f = (struct frame){ .first = n };
    if (UNLIKELY(4 * n > room)) {
        f->first = room / 4;
        f->at[1] = room % 4 != 0 ? NULL : frame_part(cpu, laddr + room, 4 * n - room, store, user);
        if (f->at[1] == NULL)
            return false;
    }
    f->at[0] = frame_part(cpu, laddr, 4 * f->first, store, user);
    return f->at[0] != NULL;
}

/* --- inwards -------------------------------------------------------------- */

/* Stores `n` items below offset `esp` of a stack that ends at `end`. */
static bool frame_push(const struct cpu *cpu, uint32_t base, uint64_t end, uint32_t esp, const uint32_t *item,
                       unsigned n, bool user)
{
    struct frame f;

    if (esp < 4 * n || esp > end || !frame_find(cpu, &f, base + esp - 4 * n, n, true, user))
        return false;
    for (unsigned i = 0; i < f.first; i++)
        store_le32(f.at[0] + 4 * i, item[i]);
    for (unsigned i = f.first; i < n; i++)
        store_le32(f.at[1] + 4 * (i - f.first), item[i]);
    return true;
}

/* To an inner ring, on its stack, the old one's place above the other items. */
static bool enter_inner(struct cpu *cpu, const struct seg_image *code, uint32_t eip, uint32_t *item, unsigned n)
{
    unsigned cpl = code->seg.sel & 3;
    const struct seg_image *stack;
    const uint8_t *tss = tss_stack_direct(cpu, cpl);
    uint32_t esp;

    if (tss == NULL || (stack = simple_stack(cpu, load_le16(tss + 4), cpl)) == NULL)
        return false;
    esp = load_le32(tss);
    item[n++] = cpu->gpr[ESP];
    item[n++] = cpu->seg[SS].sel;
    if (!frame_push(cpu, stack->seg.base, stack->bounds.write_end, esp, item, n, false))
        return false;
    simple_enter(cpu, code, eip);
    seg_put(cpu, SS, stack);
    cpu->gpr[ESP] = esp - 4 * n;
    return true;
}

static bool enter_same(struct cpu *cpu, const struct seg_image *code, uint32_t eip, const uint32_t *item, unsigned n)
{
    uint32_t esp = cpu->gpr[ESP];

    if (!(cpu->seg[SS].attr & SEG_BIG) || cpu->empty_tables
        || !frame_push(cpu, cpu->seg[SS].base, cpu->write_end[SS], esp, item, n, cpu->cpl == 3))
        return false;
    simple_enter(cpu, code, eip);
    cpu->gpr[ESP] = esp - 4 * n;
    return true;
}

/* Through a gate to 32 bits; `item`: what is pushed, from below, room for all of a frame. */
static bool enter_gate(struct cpu *cpu, const struct desc *gate, uint32_t *item, unsigned n)
{
    uint32_t eip = gate_offset(gate);
    const struct seg_image *code = simple_code(cpu, SEG_USE_GATE, (uint16_t) (gate->lo >> 16), eip);

    if (code == NULL)
        return false;
    return (code->seg.sel & 3u) < cpu->cpl ? enter_inner(cpu, code, eip, item, n) : enter_same(cpu, code, eip, item, n);
}

FLATTEN bool transfer_call_simple(struct cpu *cpu, uint16_t sel)
{
    uint32_t item[FRAME_MOST] = { cpu->eip, cpu->seg[CS].sel };
    struct desc gate;

    if (!cpu_selectors(cpu) || sel_null(sel) || !desc_in_table(cpu, sel, &gate.laddr) || !desc_fetch_direct(cpu, &gate))
        return false;
    if ((gate.hi >> 8 & (SEG_P | SEG_S | 15)) != (SEG_P | DESC_CALL32) || (gate.hi & 31) != 0) /* parameters */
        return false;
    if (desc_dpl(&gate) < cpu->cpl || desc_dpl(&gate) < (sel & 3u))
        return false;
    return enter_gate(cpu, &gate, item, 2);
}

/* `item` has room for EIP, CS, EFLAGS from `n` on. */
static bool enter_handler(struct cpu *cpu, unsigned vector, enum int_kind kind, uint32_t *item, unsigned n)
{
    struct desc gate = { .laddr = cpu->idt_base + vector * 8 };

    if (!cpu_selectors(cpu) || vector * 8 + 7 > cpu->idt_limit || !desc_fetch_direct(cpu, &gate))
        return false;
    if ((gate.hi >> 8 & (SEG_P | SEG_S | 14)) != (SEG_P | DESC_INT32)) /* or DESC_TRAP32 */
        return false;
    if (kind == INT_SOFT && desc_dpl(&gate) < cpu->cpl)
        return false;
    item[n++] = cpu->eip;
    item[n++] = cpu->seg[CS].sel;
    item[n++] = cpu_read_eflags(cpu) | (kind == INT_FAULT ? FLAG_RF : 0);
    if (!enter_gate(cpu, &gate, item, n))
        return false;
    cpu->eflags &= ~gate_clears(&gate);
    paging_release_code(cpu);
    return true;
}

FLATTEN bool transfer_int_simple(struct cpu *cpu, unsigned vector)
{
    uint32_t item[FRAME_MOST];

    return enter_handler(cpu, vector, INT_SOFT, item, 0);
}

/* Of the processor's own, but #DB, which opens the debug registers. */
static bool enter_event(struct cpu *cpu, unsigned vector, enum int_kind kind, uint32_t *item, unsigned n)
{
    struct fault f = cpu->fault;

    if (vector != EXC_DB && enter_handler(cpu, vector, kind, item, n))
        return true;
    cpu->fault = f;
    return false;
}

FLATTEN bool transfer_fault_simple(struct cpu *cpu)
{
    uint32_t item[FRAME_MOST] = { cpu->fault.code };

    return cpu->fault.vector != EXC_DF && enter_event(cpu, cpu->fault.vector, INT_FAULT, item, cpu->fault.has_code);
}

FLATTEN bool transfer_interrupt_simple(struct cpu *cpu, unsigned vector)
{
    uint32_t item[FRAME_MOST];

    return enter_event(cpu, vector, INT_HARD, item, 0);
}

/* --- outwards -------------------------------------------------------------- */

/* Loads `n` items from `above` bytes over the top of the stack on. */
static bool frame_peek(const struct cpu *cpu, uint32_t above, uint32_t *item, unsigned n)
{
    uint64_t off = (uint64_t) cpu->gpr[ESP] + above;
    struct frame f;

    if (!(cpu->seg[SS].attr & SEG_BIG) || off + 4 * n > cpu->read_end[SS]
        || !frame_find(cpu, &f, cpu->seg[SS].base + (uint32_t) off, n, false, false))
        return false;
    for (unsigned i = 0; i < f.first; i++)
        item[i] = load_le32(f.at[0] + 4 * i);
    for (unsigned i = f.first; i < n; i++)
        item[i] = load_le32(f.at[1] + 4 * (i - f.first));
    return true;
}

/* To `sel` and `eip` of a frame that ends `above` bytes over the stack's top; another ring's ESP
 * and SS lie there. */
static bool simple_return(struct cpu *cpu, uint16_t sel, uint32_t eip, uint32_t above, uint32_t release)
{
    const struct seg_image *code = simple_code(cpu, SEG_USE_RETURN, sel, eip), *stack;
    uint32_t item[2];

    if (code == NULL)
        return false;
    if ((sel & 3u) == cpu->cpl) {
        simple_enter(cpu, code, eip);
        cpu->gpr[ESP] += above;
        return true;
    }
    if (!frame_peek(cpu, above, item, 2) || (stack = simple_stack(cpu, (uint16_t) item[1], sel & 3)) == NULL)
        return false;
    simple_enter(cpu, code, eip);
    seg_put(cpu, SS, stack);
    cpu->gpr[ESP] = item[0] + release;
    return_drop_segments(cpu);
    return true;
}

FLATTEN bool transfer_return_simple(struct cpu *cpu, uint32_t release)
{
    uint32_t item[2];

    return cpu_selectors(cpu) && frame_peek(cpu, 0, item, 2)
        && simple_return(cpu, (uint16_t) item[1], item[0], 8 + release, release);
}

FLATTEN bool transfer_iret_simple(struct cpu *cpu)
{
    uint32_t item[3], flags, mask = iret_mask(cpu, cpu->cpl, 4) & cpu->model->eflags;

    if (!cpu_selectors(cpu) || (cpu->eflags & FLAG_NT) || cpu->attention != 0 || !frame_peek(cpu, 0, item, 3))
        return false;
    flags = item[2];
    if ((flags & (FLAG_TF | FLAG_NT | FLAG_VM | FLAG_VIF | FLAG_VIP)) || ((flags ^ cpu->eflags) & FLAG_AC)
        || !simple_return(cpu, (uint16_t) item[1], item[0], 12, 0))
        return false;
    cpu->eflags = (cpu->eflags & ~mask) | (flags & mask);
    flags_set(cpu, flags);
    return true;
}

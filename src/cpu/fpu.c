/*
 * The x87 as a unit: when instructions may begin, errors and how they are
 * reported, pointers, memory operands.
 *
 * Source: Intel SDM vol. 1, 8.1, 8.6, 8.7 (FERR#, IGNNE#); vol. 3, 2.5 (CR0),
 *         table 9-1 (RESET); i486 data sheet, "Numeric error reporting".
 *
 * With CR0.NE clear FERR# goes up together with the error, not only before the
 * next instruction that waits: parts differ there.  That instruction does not
 * begin until an interrupt has been taken or IGNNE# is given.
 * Absent: 8087 and 287 (projective infinity, other NaN); the pointers of the
 *         error that a 387 keeps while later instructions run.
 */
#include "config.h"

#include "cpu/fpu.h"

/* --- beginning ----------------------------------------------------------- */

bool fpu_begin_control(struct cpu *cpu, enum op_exit *r)
{
    if (cpu->cr0 & (CR0_EM | CR0_TS)) {
        cpu_fault(cpu, EXC_NM);
        *r = OP_FAULT;
        return false;
    }
    *r = OP_NEXT;
    return cpu->has_fpu;
}

/* An error waits.  True: go on in spite of it. */
static bool fpu_report(struct cpu *cpu, enum op_exit *r)
{
    if (cpu->cr0 & CR0_NE) {
        cpu_fault(cpu, EXC_MF);
        *r = OP_FAULT;
        return false;
    }
    if (cpu->fpu.ignne)
        return true;
    /* As HLT, but the instruction itself is what the interrupt comes back to. */
    cpu->halted = 1;
    sched_kick(cpu->sched);
    *r = OP_REPEAT;
    return false;
}

bool fpu_begin_slow(struct cpu *cpu, enum op_exit *r)
{
    return fpu_begin_control(cpu, r) && (!(cpu->fpu.sw & FPU_ES) || fpu_report(cpu, r));
}

OP_FN(op_wait)
{
    enum op_exit r;

    (void) in;
    if ((cpu->cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS)) {
        cpu_fault(cpu, EXC_NM);
        return OP_FAULT;
    }
    if (cpu->has_fpu && (cpu->fpu.sw & FPU_ES) && !fpu_report(cpu, &r))
        return r;
    return OP_NEXT;
}

/* Not an instruction of this model; a socket without an x87 takes it all the same. */
OP_FN(op_esc_ud)
{
    enum op_exit r;

    return fpu_begin_control(cpu, &r) ? op_ud(cpu, in) : r;
}

/* --- errors -------------------------------------------------------------- */

void fpu_drive_ferr(struct cpu *cpu)
{
    int level = (cpu->fpu.sw & FPU_ES) && !(cpu->cr0 & CR0_NE);

    if (cpu->fpu.ferr == level)
        return;
    cpu->fpu.ferr = (uint8_t) level;
    if (cpu->ferr_changed != NULL)
        cpu->ferr_changed(cpu->opaque, level);
}

void fpu_update(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;

    f->sw &= ~(uint32_t) FPU_ES;
    if (f->sw & ~f->cw & F80_EXCEPTIONS)
        f->sw |= FPU_ES;
    fpu_drive_ferr(cpu);
}

void fpu_note(struct cpu *cpu, const struct insn *in)
{
    struct fpu *f = &cpu->fpu;

    f->fip = cpu->eip - in->len;
    f->fcs = cpu->seg[CS].sel;
    f->fop = (uint16_t) ((in->opcode & 7) << 8 | in->modrm);
    if (in->modrm < 0xc0) {
        f->fdp = insn_ea(cpu, in);
        f->fds = cpu->seg[in->seg].sel;
    }
}

/* --- whole state --------------------------------------------------------- */

void fpu_init(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;

    f->cw = FPU_CW_INIT;
    f->sw = 0;
    f->top = 0;
    f->used = 0;
    f->fip = f->fdp = 0;
    f->fcs = f->fds = f->fop = 0;
    fpu_update(cpu);
}

/* All registers hold +0 then, and are not empty. */
void fpu_reset(struct cpu *cpu)
{
    fpu_init(cpu);
    memset(cpu->fpu.sig, 0, sizeof cpu->fpu.sig);
    memset(cpu->fpu.se, 0, sizeof cpu->fpu.se);
    cpu->fpu.cw = 0x0040;
    cpu->fpu.used = 0xff;
}

void fpu_loaded(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;

    f->cw = (uint16_t) ((f->cw & FPU_CW_BITS) | 0x40);
    f->sw &= FPU_SW_BITS & ~FPU_ES;
    if (f->sw & ~f->cw & F80_EXCEPTIONS)
        f->sw |= FPU_ES;
    f->top &= 7;
    f->fop &= 0x7ff;
    f->ferr &= 1;
    f->ignne &= 1;
}

/* --- memory operands ----------------------------------------------------- */

enum { ENV16_BYTES = 14, SAVE16_BYTES = 94, F64_BYTES = 8, F80_BYTES = 10 };

/* An image in 16-bit layout is made of words, all else of dwords: so #AC wants it (SDM vol. 3, table 6-7). */
static unsigned piece(unsigned size, unsigned left)
{
    return left >= 4 && size != ENV16_BYTES && size != SAVE16_BYTES ? 4 : left >= 2 ? 2 : 1;
}

static bool fpu_aligned(struct cpu *cpu, const struct insn *in, unsigned size)
{
    if (size != F64_BYTES && size != F80_BYTES)
        return true;
    return mem_check_align(cpu, in->seg, insn_ea(cpu, in), 8);
}

bool fpu_read_slow(struct cpu *cpu, const struct insn *in, uint8_t *buf, unsigned size)
{
    uint32_t ea = insn_ea(cpu, in), v;

    /* One operand: its limit comes before the pages of its first half. */
    if (size <= F80_BYTES && !mem_check_read(cpu, in->seg, ea, size))
        return false;
    for (unsigned i = 0, n; i < size; i += n) {
        n = piece(size, size - i);
        if (!mem_read(cpu, in->seg, ea + i, n, &v))
            return false;
        store_le(buf + i, n, v);
    }
    return fpu_aligned(cpu, in, size);
}

bool fpu_probe_write(struct cpu *cpu, const struct insn *in, unsigned size)
{
    uint32_t ea = insn_ea(cpu, in);

    return mem_probe_write(cpu, in->seg, ea, size) && mem_check_align(cpu, in->seg, ea, piece(size, size))
        && fpu_aligned(cpu, in, size);
}

bool fpu_write_slow(struct cpu *cpu, const struct insn *in, const uint8_t *buf, unsigned size)
{
    uint32_t ea = insn_ea(cpu, in);

    if (!fpu_probe_write(cpu, in, size))
        return false;
    for (unsigned i = 0, n; i < size; i += n) {
        n = piece(size, size - i);
        if (!mem_write(cpu, in->seg, ea + i, n, load_le(buf + i, n)))
            return false; /* the probe has asked already */
    }
    return true;
}

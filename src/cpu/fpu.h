/*
 * What x87 and MMX instructions are written with: the register stack, the
 * status word, exceptions, operands in memory.
 *
 * An instruction begins with fpu_begin(), reads its memory operand (which can
 * fault), computes with a context of its own, writes memory, and only then
 * changes registers and ends with fpu_end().
 */
#ifndef CPU_FPU_H
#define CPU_FPU_H

#include "cpu/exec.h"
#include "cpu/f80.h"

enum fpu_sw {
    FPU_SF = 1 << 6, /* stack fault, with IE */
    FPU_ES = 1 << 7, /* an unmasked exception waits */
    FPU_CC = F80_C0 | F80_C1 | F80_C2 | F80_C3,
    FPU_SW_BITS = F80_EXCEPTIONS | FPU_SF | FPU_ES | FPU_CC, /* those kept in fpu.sw */
    FPU_OVERFLOW = F80_IE | FPU_SF | F80_C1,
    FPU_UNDERFLOW = F80_IE | FPU_SF,
};

enum {
    FPU_CW_BITS = 0x1f3f, /* those that can be changed; bit 6 reads 1 */
    FPU_CW_INIT = 0x037f,
};

/*
 * May an instruction that waits begin?  False: *r is how it ends instead (#NM,
 * #MF, waiting for the interrupt that FERR# asks for, nothing without an x87).
 */
bool fpu_begin_slow(struct cpu *cpu, enum op_exit *r);
/* One that does not wait for errors. */
bool fpu_begin_control(struct cpu *cpu, enum op_exit *r);

static inline bool fpu_begin(struct cpu *cpu, enum op_exit *r)
{
    if (LIKELY(cpu->has_fpu && !(cpu->cr0 & (CR0_EM | CR0_TS)) && !(cpu->fpu.sw & FPU_ES)))
        return true;
    return fpu_begin_slow(cpu, r);
}

static inline struct f80_ctx fpu_ctx(const struct cpu *cpu)
{
    return (struct f80_ctx){ .cw = cpu->fpu.cw };
}

/* --- the stack ----------------------------------------------------------- */

static inline unsigned fpu_number(const struct fpu *f, unsigned i)
{
    return (f->top + i) & 7;
}

/* i = 7: the place of the next push. */
static inline bool fpu_empty(const struct fpu *f, unsigned i)
{
    return !(f->used >> fpu_number(f, i) & 1);
}

static inline struct f80 fpu_get(const struct fpu *f, unsigned i)
{
    unsigned n = fpu_number(f, i);

    return (struct f80){ .sig = f->sig[n], .se = f->se[n] };
}

static inline void fpu_set(struct fpu *f, unsigned i, struct f80 v)
{
    unsigned n = fpu_number(f, i);

    f->sig[n] = v.sig;
    f->se[n] = v.se;
    f->used |= (uint8_t) (1 << n);
}

static inline void fpu_push(struct fpu *f, struct f80 v)
{
    f->top = (f->top - 1) & 7;
    fpu_set(f, 0, v);
}

static inline void fpu_pop(struct fpu *f)
{
    f->used &= (uint8_t) ~(1 << f->top);
    f->top = (f->top + 1) & 7;
}

/* --- status -------------------------------------------------------------- */

/* Exceptions or masks changed: ES and what follows from it. */
void fpu_update(struct cpu *cpu);
/* The level of FERR# follows ES and CR0.NE. */
void fpu_drive_ferr(struct cpu *cpu);

/* FIP to FOP of this instruction. */
void fpu_note(struct cpu *cpu, const struct insn *in);

/*
 * The end of an instruction that computes: pointers, exceptions, C1 as `flags`
 * (enum f80_flag, fpu_sw) says; other condition bits in it are set.
 */
static inline void fpu_end(struct cpu *cpu, const struct insn *in, unsigned flags)
{
    struct fpu *f = &cpu->fpu;

    fpu_note(cpu, in);
    f->sw = (f->sw & ~(uint32_t) F80_C1) | flags;
    if (flags & ~f->cw & F80_EXCEPTIONS)
        fpu_update(cpu);
}

/* A stack fault: true when it is masked and the indefinite answers. */
static inline bool fpu_masked(const struct cpu *cpu)
{
    return cpu->fpu.cw & F80_IE;
}

/* The status word with TOP and B, as instructions store it. */
static inline uint16_t fpu_status(const struct fpu *f)
{
    return (uint16_t) (f->sw | (uint32_t) f->top << 11 | (f->sw & FPU_ES) << 8);
}

void fpu_init(struct cpu *cpu);   /* FNINIT */
void fpu_reset(struct cpu *cpu);  /* RESET */
void fpu_loaded(struct cpu *cpu); /* a state came from outside */

/* --- memory operands ----------------------------------------------------- */

/* Up to 512 bytes at the instruction's address; false: a fault, and nothing was written. */
bool fpu_read_slow(struct cpu *cpu, const struct insn *in, uint8_t *buf, unsigned size);
bool fpu_write_slow(struct cpu *cpu, const struct insn *in, const uint8_t *buf, unsigned size);
/* Would the write be allowed? */
bool fpu_probe_write(struct cpu *cpu, const struct insn *in, unsigned size);

static inline bool fpu_read(struct cpu *cpu, const struct insn *in, uint8_t *buf, unsigned size)
{
    uint32_t ea = insn_ea(cpu, in);

    if (LIKELY((uint64_t) ea + size <= cpu->read_end[in->seg])) {
        const uint8_t *p = mem_direct(cpu->rd, cpu->seg[in->seg].base + ea, size);

        if (LIKELY(p != NULL)) {
            memcpy(buf, p, size);
            return true;
        }
    }
    return fpu_read_slow(cpu, in, buf, size);
}

static inline bool fpu_write(struct cpu *cpu, const struct insn *in, const uint8_t *buf, unsigned size)
{
    uint32_t ea = insn_ea(cpu, in);

    if (LIKELY((uint64_t) ea + size <= cpu->write_end[in->seg])) {
        uint8_t *p = mem_direct(cpu->wr, cpu->seg[in->seg].base + ea, size);

        if (LIKELY(p != NULL)) {
            memcpy(p, buf, size);
            return true;
        }
    }
    return fpu_write_slow(cpu, in, buf, size);
}

#endif

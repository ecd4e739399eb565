/*
 * The guest's x87 in the host's and back.
 *
 * The processor's code (core, cpu, jit, hw, board) is built without x87 and MMX,
 * so the host's may stay the guest's while it runs; it is put back before the
 * translator returns to its caller.
 * Source: Intel SDM vol. 1, 8.1.10 and figure 8-9 (the image of FSAVE).
 */
#include "config.h"

#include "cpu/fpu.h"
#include "jit/jit_priv.h"

enum { IMAGE_CW = 0, IMAGE_SW = 4, IMAGE_TAGS = 8, IMAGE_REGS = 28, REG_BYTES = 10 };

/* Exceptions all masked, none to be told of, no trap for the instruction. */
static bool fpu_may_live(const struct cpu *cpu)
{
    return cpu->has_fpu && !(cpu->cr0 & (CR0_EM | CR0_TS)) && !(cpu->fpu.sw & FPU_ES)
        && (cpu->fpu.cw & F80_EXCEPTIONS) == F80_EXCEPTIONS;
}

void fpu_put_image(const struct fpu *f, uint8_t *image)
{
    unsigned tags = 0;

    for (unsigned n = 0; n < 8; n++)
        tags |= (f->used >> n & 1 ? 0u : 3u) << (2 * n);
    memset(image, 0, FPU_IMAGE);
    store_le16(image + IMAGE_CW, f->cw);
    store_le16(image + IMAGE_SW, fpu_status(f));
    store_le16(image + IMAGE_TAGS, (uint16_t) tags);
    for (unsigned i = 0; i < 8; i++) {
        struct f80 v = fpu_get(f, i);

        store_le64(image + IMAGE_REGS + REG_BYTES * i, v.sig);
        store_le16(image + IMAGE_REGS + REG_BYTES * i + 8, v.se);
    }
}

void fpu_take_image(struct fpu *f, const uint8_t *image)
{
    unsigned status = load_le16(image + IMAGE_SW), tags = load_le16(image + IMAGE_TAGS);

    f->cw = (uint16_t) ((load_le16(image + IMAGE_CW) & FPU_CW_BITS) | 0x40);
    f->sw = status & FPU_SW_BITS;
    f->top = status >> 11 & 7;
    f->used = 0;
    for (unsigned n = 0; n < 8; n++)
        f->used |= (uint8_t) (((tags >> (2 * n) & 3) != 3) << n);
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = fpu_number(f, i);

        f->sig[n] = load_le64(image + IMAGE_REGS + REG_BYTES * i);
        f->se[n] = load_le16(image + IMAGE_REGS + REG_BYTES * i + 8);
    }
}

bool jit_fpu_load(struct jit *jit)
{
    if (jit->fpu_live)
        return true;
    if (!fpu_may_live(jit->cpu) || jit->knobs.no_fpu || !jit->stats.native_fpu)
        return false;
    fpu_put_image(&jit->cpu->fpu, jit->fpu_image);
    jit_call(jit, jit->shared.fpu_load);
    jit->fpu_live = 1;
    jit->stats.fpu_loads++;
    return true;
}

void jit_fpu_save(struct jit *jit)
{
    if (!jit->fpu_live)
        return;
    jit_call(jit, jit->shared.fpu_save);
    jit->fpu_live = 0;
    fpu_take_image(&jit->cpu->fpu, jit->fpu_image);
}

/*
 * x87 and MMX: any state, any instruction of theirs, any control registers.
 * What it leaves must be a state that can be saved, loaded and saved again, and
 * one that has no bit which the registers lack.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "cpu/fpu.h"
#include "support/cpu_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STATE = 108, INSNS_MAX = 64, INSN_BYTES = 3 };

/* Escapes, MMX, WAIT; what the bytes say, with operands at EDI or ESI. */
static unsigned put_insn(uint8_t *code, const uint8_t *p)
{
    static const uint8_t rm[4] = { 6, 7, 0xc0, 0xc0 };
    uint8_t modrm = (uint8_t) ((p[1] & 0x3f) | 0xc0);

    if (rm[p[2] & 3] != 0xc0)
        modrm = (uint8_t) ((p[1] & 0x38) | rm[p[2] & 3]);
    switch (p[0] & 3) {
    case 0:
        code[0] = 0x0f;
        code[1] = p[0] >= 0x80 ? 0xae : 0x60 | p[2];
        code[2] = modrm;
        code[3] = p[1];
        return 4;
    case 1:
        code[0] = p[0] >= 0xf0 ? 0x9b : 0x66;
        code[1] = 0xd8 | (p[0] >> 2 & 7);
        code[2] = modrm;
        return 3;
    default:
        code[0] = 0xd8 | (p[0] >> 2 & 7);
        code[1] = modrm;
        return 2;
    }
}

static void check_state(const struct fpu *f)
{
    if (f->top > 7 || (f->sw & ~(uint32_t) FPU_SW_BITS) || (f->cw & ~(FPU_CW_BITS | 0x40)) || f->fop > 0x7ff)
        abort();
    if (((f->sw & ~(uint32_t) f->cw & F80_EXCEPTIONS) != 0) != ((f->sw & FPU_ES) != 0))
        abort();
}

static void roundtrip(struct cpu_rig *rig)
{
    struct buf a = { 0 }, b = { 0 };
    struct err err;

    state_save(rig->state, &a);
    if (state_load(rig->state, a.data, a.len, &err) != 0)
        abort();
    state_save(rig->state, &b);
    if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
        abort();
    buf_free(&a);
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cpu_rig *rig;
    uint8_t code[2 + 4 * INSNS_MAX + 1] = { 0xdd, 0x26 }; /* FRSTOR [ESI] */
    unsigned at = 2;

    if (size < STATE + 2)
        return 0;
    if (rig == NULL)
        rig = cpu_rig_new(CPU_P2, 1 << 20);
    cpu_rig_protected(rig, 0);
    memcpy(rig->ram.host + AT_FREE, data, STATE);
    memcpy(rig->ram.host + AT_FREE + 0x400, data, STATE);
    rig->cpu->cr0 |= (data[STATE] & 1 ? CR0_NE : 0) | (data[STATE] & 0xc0 ? 0 : CR0_TS)
                   | (data[STATE] & 0x30 ? 0 : CR0_EM) | (data[STATE] & 8 ? CR0_MP : 0);
    cpu_set_ignne(rig->cpu, data[STATE] >> 2 & 1);
    rig->cpu->gpr[ESI] = AT_FREE;
    rig->cpu->gpr[EDI] = AT_FREE + 0x400 + (data[STATE + 1] & 31);
    for (const uint8_t *p = data + STATE + 2; p + INSN_BYTES <= data + size && at + 5 < sizeof code; p += INSN_BYTES)
        at += put_insn(code + at, p);
    code[at++] = 0xf4;
    cpu_rig_code(rig, AT_CODE, code, at);
    for (unsigned i = 0; i < INSNS_MAX + 4 && !rig->cpu->halted; i++) {
        cpu_rig_step(rig, 1);
        check_state(&rig->cpu->fpu);
    }
    roundtrip(rig);
    return 0;
}

/*
 * Does this host's x87 and MMX do what the interpreter does?  Asked once, when
 * a translator is made: each instruction that emit_fpu.c hands through, on a
 * few operands under a few control words.  If not, all of them are left to the
 * interpreter: no host may give other results (design, "CPU and engines").
 */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cpu/decode.h"
#include "cpu/ops.h"
#include "jit/jit_priv.h"

enum { TRIALS = 24, OPERAND_AT = 16, CODE_ROOM = 64 };

struct trial {
    struct jit *jit;
    struct cpu *cpu;      /* the interpreter's: a page of memory, no more */
    struct fpu before;
    uint64_t seed;
    uint8_t operand[16];  /* what stands in memory before */
    uint8_t memory[16];   /* and what the interpreter leaves there */
    uintptr_t page;
};

static uint32_t trial_random(struct trial *t, uint32_t n)
{
    t->seed ^= t->seed << 13;
    t->seed ^= t->seed >> 7;
    t->seed ^= t->seed << 17;
    return (uint32_t) (t->seed >> 33) % n;
}

static void trial_draw(struct trial *t)
{
    static const struct f80 values[8] = {
        { UINT64_C(0x8000000000000000), 0x3fff }, { UINT64_C(0xc90fdaa22168c235), 0xc000 },
        { UINT64_C(0xaaaaaaaaaaaaaaab), 0x3ffd }, { 0, 0 }, { UINT64_C(0x0000000123456789), 0 },
        { UINT64_C(0xc000000000000001), 0x7fff }, { UINT64_C(0x8000000000000000), 0xffff },
        { UINT64_C(0xffffffffffffffff), 0x401e },
    };
    static const uint64_t memory[6] = {
        0, UINT64_C(0x400921fb54442d18), UINT64_C(0xbfd555553eaaaaab), UINT64_C(0x7ff8000000000000),
        UINT64_C(0x000000000000beef), UINT64_C(0x8000000000008000),
    };
    static const uint16_t controls[5] = { 0x37f, 0x27f, 0x47f, 0xb7f, 0xf7f };

    t->before = (struct fpu){ .cw = controls[trial_random(t, 5)], .top = (uint8_t) trial_random(t, 8) };
    t->before.sw = trial_random(t, 2) ? F80_C1 : 0;
    for (unsigned i = 0; i < 8; i++) {
        struct f80 v = values[trial_random(t, 8)];

        t->before.sig[i] = v.sig;
        t->before.se[i] = v.se;
        if (i < 4)
            t->before.used |= (uint8_t) (1 << ((t->before.top + i) & 7));
    }
    memset(t->operand, 0, sizeof t->operand);
    store_le64(t->operand, memory[trial_random(t, 6)]);
    store_le16(t->operand + 8, 0x3fff);
}

static bool fpu_same(const struct fpu *a, const struct fpu *b)
{
    return a->cw == b->cw && a->sw == b->sw && a->top == b->top && a->used == b->used
        && memcmp(a->sig, b->sig, sizeof a->sig) == 0 && memcmp(a->se, b->se, sizeof a->se) == 0;
}

static bool trial_same(struct trial *t, const struct insn *in)
{
    struct fpu host = t->before;

    t->cpu->fpu = t->before;
    memcpy(t->memory, t->operand, sizeof t->memory);
    in->fn(t->cpu, in);
    memcpy(t->jit->fpu_operand, t->operand, sizeof t->operand);
    fpu_put_image(&host, t->jit->fpu_image);
    jit_call(t->jit, jit_rx(t->jit, t->jit->code.p));
    fpu_take_image(&host, t->jit->fpu_image);
    return fpu_same(&host, &t->cpu->fpu) && memcmp(t->memory, t->jit->fpu_operand, sizeof t->memory) == 0;
}

/* Host code: the state in, the instruction, the state out. */
static void trial_make_code(struct jit *jit, const struct insn *in)
{
    bool mmx = op_row_number(in->row) < 2 * 256 * 8; /* not of D8 to DF */
    struct code c = { jit->code.p, jit->code.p + CODE_ROOM, false };
    struct xmem image = x64_at(RDI, offsetof(struct jit, fpu_image));
    struct xmem operand = x64_at(RDI, offsetof(struct jit, fpu_operand));

    x64_fpu_m(&c, 0xdd, 4, image);
    if (in->fn == op_emms)
        x64_emms(&c);
    else if (mmx)
        x64_mmx_r(&c, in->opcode, in->modrm >> 3 & 7, in->modrm & 7);
    else if (in->fn == op_fpu_comi)
        emit_host_comi(&c, in);
    else if (in->modrm >= 0xc0)
        x64_fpu_r(&c, in->opcode, in->modrm);
    else
        x64_fpu_m(&c, in->opcode, in->modrm >> 3 & 7, operand);
    if (in->src.kind == OPND_IMM)
        x64_imm8(&c, (uint8_t) in->imm);
    x64_fpu_m(&c, 0xdd, 6, image);
    x64_ret(&c);
}

static bool form_same(struct trial *t, const uint8_t *bytes, unsigned len)
{
    struct insn in;

    if (!decode(&in, bytes, len, true, t->cpu->model) || !emit_is_native(&in) || in.fn == op_fpu_cmov)
        return true; /* FCMOV follows flags, which a trial has not got */
    trial_make_code(t->jit, &in);
    for (unsigned n = 0; n < TRIALS; n++) {
        trial_draw(t);
        if (!trial_same(t, &in))
            return false;
    }
    return true;
}

/* D8 to DF with two register forms of each kind, and memory; MMX of two registers. */
static bool all_same(struct trial *t)
{
    for (unsigned op = 0xd8; op <= 0xdf; op++) {
        for (unsigned modrm = 0xc0; modrm <= 0xff; modrm++)
            if ((op == 0xd9 || (modrm & 7) < 2)
                && !form_same(t, (const uint8_t[15]){ (uint8_t) op, (uint8_t) modrm }, 15))
                return false;
        for (unsigned reg = 0; reg < 8; reg++)
            if (!form_same(t, (const uint8_t[15]){ (uint8_t) op, (uint8_t) (5 | reg << 3), OPERAND_AT }, 15))
                return false;
    }
    for (unsigned op = 0x60; op <= 0xff; op++)
        if (op != 0x6e && op != 0x7e && !form_same(t, (const uint8_t[15]){ 0x0f, (uint8_t) op, 0xd1 }, 15))
            return false;
    return true;
}

bool jit_host_conforms(struct jit *jit)
{
    struct trial t = { .jit = jit, .cpu = xcalloc(1, sizeof *t.cpu), .seed = 1 };
    bool same;

    t.page = OPERAND_AT - (uintptr_t) t.memory;
    t.cpu->model = &cpu_model_table[CPU_P2];
    t.cpu->has_fpu = true;
    t.cpu->rd = t.cpu->wr = &t.page;
    for (unsigned i = 0; i < SEGS; i++)
        t.cpu->read_end[i] = t.cpu->write_end[i] = UINT64_C(1) << 32;
    same = all_same(&t);
    free(t.cpu);
    return same;
}

/* Known differences, and what the guest met on its way. */
#include "config.h"

#include "cpu/oracle_known.h"

#include <string.h>

#include "base/bits.h"
#include "cpu/ops.h"

const struct exclusion known_table[KNOWN_KINDS] = {
    [K_WILD] = { "a jump left the stream", "what it met may be any of the instructions left out" },
    [K_ENDLESS] = { "endless", "both sides still run after 100,000 instructions" },
    [K_ORDER] = { "which of two faults of one instruction", "the order is the model's (SDM vol. 3, 6.9, table 6-2)" },
    [K_PUSHA] = { "PUSHA, POPA past the limit", "AMD has written what came before; ESP is as before: it restarts alike" },
    [K_IRET_NT] = { "IRET with NT", "#GP in compatibility mode (SDM vol. 2, IRET), a task switch in ours" },
    [K_POP_SEG] = { "POP sreg, 32-bit, at an edge", "two bytes are read (Linux 3.19, KVM, \"pop sreg accesses only 2 bytes\"); AMD reads four" },
    [K_ALIGN_F80] = { "alignment of ten-byte operands", "8 in the SDM (vol. 3, table 6-7); AMD checks less" },
    [K_LOCK] = { "LOCK where it is not allowed, and a bad operand", "#UD comes first (SDM vol. 3, table 6-2), not so on AMD for some" },
    [K_ENV] = { "FLDENV, FRSTOR at an edge", "AMD reads from the end, and goes round at 64 KiB or 4 GiB piece by piece" },
    [K_ROUND] = { "an operand across 4 GiB", "past the limit of a flat segment; 64-bit code goes on, into the missing page" },
    [K_CODE] = { "the code was read", "the host's 64-bit code is other bytes" },
    [K_GATE] = { "INT n that the host lets through", "its kernel or hypervisor has a gate for ring 3 there" },
    [K_ONCE] = { "once only", "the host's next run was as ours: an interrupt came, and some hosts lose NT then" },
    [K_KERNEL_SEL] = { "a selector of the host kernel's GDT", "30h and 78h are valid there" },
};

/* --- what the guest met -------------------------------------------------- */

struct follow {
    const struct oracle_place *o;
    const struct stream *st;
    struct insn last;
    uint32_t last_eip, last_eflags;
    bool wild, cpu_number, env_edge, code_read;
    unsigned steps;
};

/* Jumps whose target the bytes do not tell: undefined flags follow them unseen. */
static bool jumps_anywhere(const struct insn *in)
{
    op_fn *fn = in->fn;

    return fn == op_ret || fn == op_ret_far || fn == op_iret || fn == op_jmp_abs || fn == op_call_abs
        || fn == op_jmp_far || fn == op_call_far;
}

/* An x87 image that begins below the top of 16- or 32-bit offsets and ends above. */
static bool goes_round(const struct insn *in, const uint32_t *gpr)
{
    uint32_t ea = ((in->base < 8 ? gpr[in->base] : 0) + (in->index < 8 ? gpr[in->index] << in->scale : 0) + in->disp)
                & in->ea_mask;

    return ea > in->ea_mask - 107;
}

static bool near_code(uint32_t addr)
{
    return addr - (CODE_BASE - FX_BYTES) < CODE_SIZE + 2 * FX_BYTES;
}

/* With flat segments: an operand may lie in the code. */
static bool touches_code(const struct insn *in, const uint32_t *gpr)
{
    uint32_t ea = (in->base < 8 ? gpr[in->base] : 0) + (in->index < 8 ? gpr[in->index] << in->scale : 0) + in->disp;

    if (in->row->traits & T_REP)
        return near_code(gpr[ESI]) || near_code(gpr[EDI]);
    if (in->row->cost == C_STACK || in->row->cost == C_PUSHA)
        return near_code(ea) || near_code(gpr[ESP]) || near_code(gpr[EBP]);
    if (in->row->cost == C_BIT && in->src.kind == OPND_REG)
        ea += (uint32_t) ((int32_t) gpr[in->src.reg & 7] >> 3);
    return near_code(in->fn == op_xlat ? gpr[EBX] + (gpr[EAX] & 0xff) : ea);
}

static bool follow_step(void *opaque, uint16_t cs, uint32_t eip, const uint32_t *gpr, uint32_t eflags)
{
    struct follow *f = opaque;
    const struct oracle_place *o = f->o;
    uint32_t undefined, at = (cs & 4 ? o->seg[cs >> 3].base : 0) + eip - CODE_BASE;

    if (f->steps != 0 && f->last.fn != NULL && jumps_anywhere(&f->last) && eip != f->last_eip + f->last.len)
        f->wild = true;
    f->last_eip = eip;
    f->last_eflags = eflags;
    /* Not code at all (the host's data cannot be executed); neither the start
     * of a piece nor the filling; or as other code. */
    if ((cs ^ f->st->regs.seg[1]) & 4 || at - (DATA_BASE - CODE_BASE) < DATA_SIZE)
        f->wild = true;
    else if (at < CODE_SIZE
             && (!stream_at(f->st, at - (o->seg[f->st->regs.seg[1] >> 3].base - CODE_BASE), &undefined)
                 || o->seg[cs >> 3].big != f->st->code32)
             && o->code[at] != 0xcc)
        f->wild = true;
    if (at < CODE_SIZE
        && !decode(&f->last, o->code + at, CODE_SIZE - at < INSN_MAX ? CODE_SIZE - at : INSN_MAX,
                   f->st->code32, oracle_guest_model(o->guest)))
        f->last.fn = NULL;
    if (f->st->code64 && f->last.fn != NULL && f->last.row != NULL)
        f->code_read |= touches_code(&f->last, gpr);
    if (f->last.fn == op_lsl && (f->last.src.kind != OPND_REG || (gpr[f->last.src.reg & 7] & 0xfffc) == 0x78))
        f->cpu_number = true;
    if ((f->last.fn == op_fpu_ldenv || f->last.fn == op_fpu_rstor) && goes_round(&f->last, gpr))
        f->env_edge = true;
    return !f->wild && ++f->steps < 100000;
}

/* The last instruction, and whether it left the stream; changes the guest's memory. */
static void follow(const struct oracle_place *o, const struct stream *st, struct follow *f)
{
    *f = (struct follow){ .o = o, .st = st };
    oracle_guest_set_data(o->guest, o->before);
    oracle_guest_watch(o->guest, &st->regs, follow_step, f);
}

/* POP of 32 bits into a segment register. */
static bool pops_selector(const struct oracle_place *o, const struct stream *st, uint32_t eip)
{
    uint32_t undefined, at = o->seg[st->regs.seg[1] >> 3].base + eip - CODE_BASE;
    struct insn in;

    return stream_at(st, eip, &undefined) && at < CODE_SIZE
        && decode(&in, o->code + at, CODE_SIZE - at < INSN_MAX ? CODE_SIZE - at : INSN_MAX, st->code32, oracle_guest_model(o->guest))
        && in.fn == op_pop_seg && in.width == 4;
}

static bool kernel_selector(uint32_t sel)
{
    return (sel & ~3u) == 0x30 || (sel & ~3u) == 0x78;
}

/* AMD: two accesses, eight bytes and two. */
static bool ten_bytes(const struct insn *in)
{
    return in->row->a == A_Mf80 || in->row->a == A_Mbcd;
}

/* Instructions with two operands in memory, or one and a new EIP to check. */
static bool two_accesses(op_fn *fn)
{
    static op_fn *const fns[] = {
        op_cmps, op_movs, op_ret_far, op_iret, op_call, op_call_abs, op_call_far,
    };

    for (unsigned i = 0; i < ARRAY_LEN(fns); i++)
        if (fn == fns[i])
            return true;
    return false;
}

enum known known_difference(const struct oracle_place *o, const struct stream *st, const struct oracle_state *guest,
                            const struct oracle_state *host)
{
    unsigned gv = guest->vector, hv = host->vector;
    bool access = (gv == 12 || gv == 13 || gv == 14 || gv == 17) && (hv == 12 || hv == 13 || hv == 14 || hv == 17);
    struct follow f;

    if (gv == VEC_ENDLESS && hv == VEC_ENDLESS)
        return K_ENDLESS;
    if (st->code64 && (gv == 12 || gv == 13) && hv == 14 && guest->eip == host->eip && host->cr2 > UINT32_MAX - 108)
        return K_ROUND;
    follow(o, st, &f);
    if (f.wild)
        return K_WILD;
    if (f.code_read)
        return K_CODE;
    if (f.last.fn == NULL)
        return NOT_KNOWN;
    if (f.last.fn == op_int && gv == 13 && (hv != 13 || host->eip != guest->eip))
        return K_GATE;
    if (f.last.fn == op_iret && (f.last_eflags & FLAG_NT))
        return K_IRET_NT;
    if (f.cpu_number || kernel_selector(guest->error) || kernel_selector(host->error))
        return K_KERNEL_SEL;
    if (gv == 6 && (f.last.flags & INSN_LOCK) && hv >= 12 && hv <= 14)
        return K_LOCK;
    if (f.env_edge || f.last.fn == op_fpu_ldenv || f.last.fn == op_fpu_rstor)
        return K_ENV;
    if (gv == 17 && ten_bytes(&f.last))
        return K_ALIGN_F80;
    if (access && guest->eip == host->eip) {
        if (f.last.fn == op_pusha || f.last.fn == op_popa)
            return K_PUSHA;
        if ((guest->eflags & FLAG_AC) || two_accesses(f.last.fn) || ten_bytes(&f.last))
            return K_ORDER;
    }
    if ((hv == 12 || hv == 14 || hv == 17) && pops_selector(o, st, host->eip))
        return K_POP_SEG;
    return NOT_KNOWN;
}

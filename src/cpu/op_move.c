/*
 * Moves, conversions, address computation, exchange.
 *
 * Source: Intel SDM vol. 2, each instruction; UMOV and SALC from measured
 * 386 and 486 parts.
 */
#include "config.h"

#include "cpu/exec.h"

OP_FN(op_mov)
{
    uint32_t v;

    if (!opnd_load(cpu, in, &in->src, &v) || !opnd_store(cpu, in, &in->dst, v))
        return OP_FAULT;
    return OP_NEXT;
}

OP_FN(op_movzx)
{
    uint32_t v;

    if (!opnd_load(cpu, in, &in->src, &v))
        return OP_FAULT;
    reg_set(cpu, in->dst.off, in->width, v);
    return OP_NEXT;
}

OP_FN(op_movsx)
{
    uint32_t v;

    if (!opnd_load(cpu, in, &in->src, &v))
        return OP_FAULT;
    reg_set(cpu, in->dst.off, in->width, sign_extend(v, in->src.width));
    return OP_NEXT;
}

/* The source is read, and may fault, whatever the condition. */
OP_FN(op_cmov)
{
    uint32_t v;

    if (!opnd_load(cpu, in, &in->src, &v))
        return OP_FAULT;
    if (flags_cond(cpu, in->opcode & 15))
        reg_set(cpu, in->dst.off, in->width, v);
    return OP_NEXT;
}

OP_FN(op_setcc)
{
    return opnd_store(cpu, in, &in->dst, flags_cond(cpu, in->opcode & 15)) ? OP_NEXT : OP_FAULT;
}

OP_FN(op_lea)
{
    reg_set(cpu, in->dst.off, in->width, insn_ea(cpu, in));
    return OP_NEXT;
}

OP_FN(op_xchg)
{
    uint32_t a, b;

    if (!opnd_load(cpu, in, &in->src, &b) || !opnd_load_rmw(cpu, in, &in->dst, &a))
        return OP_FAULT;
    opnd_store_rmw(cpu, &in->dst, b);
    reg_set(cpu, in->src.off, in->width, a);
    return OP_NEXT;
}

OP_FN(op_xlat)
{
    uint32_t ea = (cpu->gpr[EBX] + (cpu->gpr[EAX] & 0xff)) & in->ea_mask, v;

    if (!mem_read(cpu, in->seg, ea, 1, &v))
        return OP_FAULT;
    reg_set(cpu, EAX * 4, 1, v);
    return OP_NEXT;
}

OP_FN(op_cbw)
{
    unsigned half = in->width / 2;

    reg_set(cpu, EAX * 4, in->width, sign_extend(reg_get(cpu, EAX * 4, half), half));
    return OP_NEXT;
}

OP_FN(op_cwd)
{
    uint32_t sign = sign_extend(reg_get(cpu, EAX * 4, in->width), in->width) >> 31;

    reg_set(cpu, EDX * 4, in->width, -sign);
    return OP_NEXT;
}

OP_FN(op_lahf)
{
    (void) in;
    reg_set(cpu, 1, 1, flags_get(cpu) | 2);
    return OP_NEXT;
}

OP_FN(op_sahf)
{
    uint32_t over = flag_o(cpu) ? FLAG_OF : 0;

    (void) in;
    flags_set(cpu, (cpu->gpr[EAX] >> 8 & 0xff) | over);
    return OP_NEXT;
}

OP_FN(op_salc)
{
    (void) in;
    reg_set(cpu, EAX * 4, 1, flag_c(cpu) ? 0xff : 0);
    return OP_NEXT;
}

OP_FN(op_nop)
{
    (void) cpu;
    (void) in;
    return OP_NEXT;
}

OP_FN(op_mov_from_seg)
{
    if (in->src.reg >= SEGS)
        return op_ud(cpu, in);
    return opnd_store(cpu, in, &in->dst, cpu->seg[in->src.reg].sel) ? OP_NEXT : OP_FAULT;
}

OP_FN(op_mov_to_seg)
{
    uint32_t sel;

    if (in->dst.reg >= SEGS || in->dst.reg == CS)
        return op_ud(cpu, in);
    if (!opnd_load(cpu, in, &in->src, &sel) || !seg_load(cpu, in->dst.reg, (uint16_t) sel))
        return OP_FAULT;
    stack_shadow(cpu, in->dst.reg);
    return OP_NEXT;
}

/* LES, LDS, LSS, LFS, LGS: offset, then selector. */
OP_FN(op_lfar)
{
    static const uint8_t segs[16] = { [2] = SS, [4] = FS, [5] = GS };
    unsigned seg = in->opcode == 0xc4 ? ES : in->opcode == 0xc5 ? DS : segs[in->opcode & 15];
    uint32_t ea = insn_ea(cpu, in), off, sel;

    if (!mem_read(cpu, in->seg, ea, in->width, &off)
        || !mem_read(cpu, in->seg, (ea + in->width) & in->ea_mask, 2, &sel)
        || !seg_load(cpu, seg, (uint16_t) sel))
        return OP_FAULT;
    reg_set(cpu, in->dst.off, in->width, off);
    return OP_NEXT;
}

/* A move with the rights of ring 3 in any ring; meant for in-circuit emulators. */
OP_FN(op_umov)
{
    unsigned cpl = cpu->cpl;
    enum op_exit r;

    cpu->cpl = 3;
    paging_select(cpu);
    r = op_mov(cpu, in);
    cpu->cpl = (uint8_t) cpl;
    paging_select(cpu);
    return r;
}

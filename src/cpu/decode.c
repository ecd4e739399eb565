/*
 * The decoder: prefixes, opcode row, ModRM, SIB, displacement, immediates.
 *
 * Source: Intel SDM vol. 2, chapter 2.1 and appendix A.
 */
#include "config.h"

#include "cpu/decode.h"

#include "cpu/ops.h"

/* --- the tables ---------------------------------------------------------- */

#define AF     FLAG_AF
#define CF     FLAG_CF
#define DF     FLAG_DF
#define OF     FLAG_OF
#define PF     FLAG_PF
#define SF     FLAG_SF
#define ZF     FLAG_ZF
#define SZAPC  (SF | ZF | AF | PF | CF)
#define OSZAP  (OF | SF | ZF | AF | PF)
#define OSZPC  (OF | SF | ZF | PF | CF)
#define OSZAPC (OF | SZAPC)
#define I386   CPU_386
#define I486   CPU_486
#define P5     CPU_PENTIUM
#define P5MMX  CPU_PENTIUM_MMX
#define P2     CPU_P2

/* Key columns: a number is one reg field, __ is all eight. */
#define KEY_LO___ 0
#define KEY_HI___ 7
#define KEY_LO_0  0
#define KEY_HI_0  0
#define KEY_LO_1  1
#define KEY_HI_1  1
#define KEY_LO_2  2
#define KEY_HI_2  2
#define KEY_LO_3  3
#define KEY_HI_3  3
#define KEY_LO_4  4
#define KEY_HI_4  4
#define KEY_LO_5  5
#define KEY_HI_5  5
#define KEY_LO_6  6
#define KEY_HI_6  6
#define KEY_LO_7  7
#define KEY_HI_7  7

#define ROW(nm, oa, ob, oc, rd, wr, ud, tr, since_, cost_, fn)                                    \
    { .name = nm, .a = A_##oa, .b = A_##ob, .c = A_##oc, .since = since_, .cost = cost_,          \
      .traits = tr, .reads = rd, .writes = wr, .undef = ud, .interp = fn }
#define OP(code, key, ...) \
    [(code) * 8 + KEY_LO_##key ... (code) * 8 + KEY_HI_##key] = ROW(__VA_ARGS__),
#define OP8(code, ...)  [(code) * 8 ... (code) * 8 + 63] = ROW(__VA_ARGS__),
#define OP16(code, ...) [(code) * 8 ... (code) * 8 + 127] = ROW(__VA_ARGS__),

const struct op_row op_rows_1[256 * 8] = {
#include "cpu/ops1.def"
};

const struct op_row op_rows_0f[256 * 8] = {
#include "cpu/ops0f.def"
};

/* Both tables of the escapes are in one file: each takes its own rows. */
#define FM(code, key, ...) [((code) & 7) * 8 + (key)] = ROW(__VA_ARGS__),
#define FR(code, modrm, ...)
#define FR8(code, modrm, ...)
const struct op_row op_rows_esc_mem[8 * 8] = {
#include "cpu/ops_fpu.def"
};
#undef FM
#undef FR
#undef FR8

#define FM(code, key, ...)
#define FR(code, modrm, ...) [((code) & 7) * 64 + ((modrm) & 63)] = ROW(__VA_ARGS__),
#define FR8(code, modrm, ...) \
    [((code) & 7) * 64 + ((modrm) & 63) ... ((code) & 7) * 64 + ((modrm) & 63) + 7] = ROW(__VA_ARGS__),
const struct op_row op_rows_esc_reg[8 * 64] = {
#include "cpu/ops_fpu.def"
};
#undef FM
#undef FR
#undef FR8

/* --- the bytes ----------------------------------------------------------- */

struct decoder {
    const uint8_t *p;
    unsigned pos, avail;
    bool more; /* ran out of bytes */
    bool esc;  /* D8 to DF */
    bool addr16;
    uint8_t modrm;
    const struct op_row *group; /* the eight rows of the opcode */
    const struct model *model;
};

static uint8_t next8(struct decoder *d)
{
    if (d->pos >= d->avail) {
        d->more = true;
        return 0;
    }
    return d->p[d->pos++];
}

static uint32_t next_le(struct decoder *d, unsigned size)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint32_t) next8(d) << (8 * i);
    return v;
}

static uint32_t next_signed(struct decoder *d, unsigned size)
{
    uint32_t v = next_le(d, size);

    return size == 1 ? (uint32_t) (int8_t) v : size == 2 ? (uint32_t) (int16_t) v : v;
}

/* --- memory operands (SDM vol. 2, 2.1.5) --------------------------------- */

enum { NO_REG = 8 };

static void modrm_mem16(struct decoder *d, struct insn *in, unsigned mod, unsigned rm)
{
    static const uint8_t base[8] = { EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX };
    static const uint8_t index[8] = { ESI, EDI, ESI, EDI, NO_REG, NO_REG, NO_REG, NO_REG };

    in->base = base[rm];
    in->index = index[rm];
    if (mod == 0 && rm == 6) {
        in->base = NO_REG;
        in->disp = next_le(d, 2);
    } else if (mod != 0) {
        in->disp = next_signed(d, mod);
    }
    in->ea_mask = 0xffff;
}

static void modrm_mem32(struct decoder *d, struct insn *in, unsigned mod, unsigned rm)
{
    in->base = (uint8_t) rm;
    if (rm == ESP) {
        uint8_t sib = next8(d);

        in->base = sib & 7;
        in->scale = sib >> 6;
        in->index = sib >> 3 & 7;
        if (in->index == ESP)
            in->index = NO_REG;
    }
    if (mod == 0 && in->base == EBP) {
        in->base = NO_REG;
        in->disp = next_le(d, 4);
    } else if (mod != 0) {
        in->disp = next_signed(d, mod == 1 ? 1 : 4);
    }
    in->ea_mask = UINT32_MAX;
}

/* `reg`: r/m is a register whatever mod says (MOV of CRn, DRn, TRn). */
static void decode_modrm(struct decoder *d, struct insn *in, bool reg, int override)
{
    unsigned mod, rm;

    d->modrm = in->modrm = next8(d);
    mod = d->modrm >> 6;
    rm = d->modrm & 7;
    if (mod == 3 || reg)
        return;
    if (d->addr16)
        modrm_mem16(d, in, mod, rm);
    else
        modrm_mem32(d, in, mod, rm);
    in->seg = in->base == EBP || in->base == ESP ? SS : DS;
    if (override >= 0)
        in->seg = (uint8_t) override;
}

/* --- operands ------------------------------------------------------------ */

static void opnd_gpr(struct opnd *o, unsigned reg, unsigned width)
{
    o->kind = OPND_REG;
    o->width = (uint8_t) width;
    o->reg = (uint8_t) reg;
    /* AH, CH, DH, BH are the second bytes of the first four. */
    o->off = (uint8_t) (width == 1 && reg >= 4 ? (reg - 4) * 4 + 1 : reg * 4);
}

static void opnd_rm(const struct decoder *d, struct opnd *o, unsigned width)
{
    if (d->modrm >> 6 == 3) {
        opnd_gpr(o, d->modrm & 7, width);
        return;
    }
    o->kind = OPND_MEM;
    o->width = (uint8_t) width;
}

static void opnd_special(struct opnd *o, unsigned reg, unsigned width)
{
    o->kind = OPND_REG;
    o->reg = (uint8_t) reg;
    o->width = (uint8_t) width;
}

static void opnd_mmx(const struct decoder *d, struct opnd *o, unsigned width)
{
    if (d->modrm >> 6 == 3)
        opnd_special(o, d->modrm & 7, 8);
    else
        opnd_rm(d, o, width);
}

static void opnd_imm(struct decoder *d, struct insn *in, struct opnd *o, unsigned size, bool sign)
{
    /* ENTER alone has two: the second is kept beside the first. */
    if (in->dst.kind == OPND_IMM && o != &in->dst) {
        in->imm2 = (uint16_t) next_le(d, size);
        return;
    }
    o->kind = OPND_IMM;
    o->width = in->width;
    in->imm = (sign ? next_signed(d, size) : next_le(d, size)) & (UINT32_MAX >> (32 - 8 * in->width));
}

static void opnd_branch(struct decoder *d, struct insn *in, struct opnd *o, unsigned size)
{
    o->kind = OPND_IMM;
    o->width = in->width;
    in->imm = next_signed(d, size);
}

static void opnd_offset(struct decoder *d, struct insn *in, struct opnd *o, unsigned width, int override)
{
    o->kind = OPND_MEM;
    o->width = (uint8_t) width;
    in->disp = next_le(d, d->addr16 ? 2 : 4);
    in->ea_mask = UINT32_MAX;
    in->seg = override >= 0 ? (uint8_t) override : DS;
}

static void decode_operand(struct decoder *d, struct insn *in, struct opnd *o, unsigned code, int override)
{
    unsigned v = in->width, reg = d->modrm >> 3 & 7;

    switch ((enum operand_code) code) {
    case A___: break;
    case A_Eb: opnd_rm(d, o, 1); break;
    case A_Ew: opnd_rm(d, o, 2); break;
    case A_Ed: opnd_rm(d, o, 4); break;
    case A_Ev: case A_Rv: opnd_rm(d, o, v); break;
    case A_Mwv: opnd_rm(d, o, d->modrm >> 6 == 3 ? v : 2); break;
    case A_M: case A_Ma: case A_Mp: case A_Ms: case A_Mq: case A_Mw: opnd_rm(d, o, v); break;
    case A_Mf32: case A_Mi32: opnd_rm(d, o, 4); break;
    case A_Mf64: case A_Mi64: opnd_rm(d, o, 8); break;
    case A_Mf80: case A_Mbcd: opnd_rm(d, o, 10); break;
    case A_Mi16: opnd_rm(d, o, 2); break;
    case A_Menv: case A_Msave: opnd_rm(d, o, 0); break;
    case A_Pq: opnd_special(o, reg, 8); break;
    case A_Qq: opnd_mmx(d, o, 8); break;
    case A_Qd: opnd_mmx(d, o, 4); break;
    case A_ST0: opnd_special(o, 0, 10); break;
    case A_STi: opnd_special(o, d->modrm & 7, 10); break;
    case A_Gb: opnd_gpr(o, reg, 1); break;
    case A_Gw: opnd_gpr(o, reg, 2); break;
    case A_Gd: opnd_gpr(o, reg, 4); break;
    case A_Gv: opnd_gpr(o, reg, v); break;
    case A_Rd: opnd_gpr(o, d->modrm & 7, 4); break;
    case A_Cd: case A_Dd: case A_Td: opnd_special(o, reg, 4); break;
    case A_Sw: opnd_special(o, reg, 2); break;
    case A_Ib: opnd_imm(d, in, o, 1, false); break;
    case A_Ibs: opnd_imm(d, in, o, 1, true); break;
    case A_Jb: opnd_branch(d, in, o, 1); break;
    case A_Iw: opnd_imm(d, in, o, 2, false); break;
    case A_Iz: opnd_imm(d, in, o, v, false); break;
    case A_Jz: opnd_branch(d, in, o, v); break;
    case A_Ap:
        opnd_imm(d, in, o, v, false);
        in->imm2 = (uint16_t) next_le(d, 2);
        break;
    case A_Ob: opnd_offset(d, in, o, 1, override); break;
    case A_Ov: opnd_offset(d, in, o, v, override); break;
    case A_Zb: opnd_gpr(o, in->opcode & 7, 1); break;
    case A_Zv: opnd_gpr(o, in->opcode & 7, v); break;
    case A_AL: opnd_gpr(o, EAX, 1); break;
    case A_CL: opnd_gpr(o, ECX, 1); break;
    case A_DX: opnd_gpr(o, EDX, 2); break;
    case A_AX: opnd_gpr(o, EAX, 2); break;
    case A_rAX: opnd_gpr(o, EAX, v); break;
    case A_I1:
        o->kind = OPND_IMM;
        o->width = 1;
        in->imm = 1;
        break;
    case A_ES: case A_CS: case A_SS: case A_DS: case A_FS: case A_GS:
        opnd_special(o, code - A_ES, 2);
        break;
    case A_Xb: case A_Yb: o->width = 1; break;
    case A_Xv: case A_Yv: o->width = (uint8_t) v; break;
    }
}

static bool code_has_modrm(unsigned code)
{
    return code >= A_Eb && code <= A_Sw;
}

static bool row_has_modrm(const struct op_row *row)
{
    return (row->traits & T_MODRM) || code_has_modrm(row->a) || code_has_modrm(row->b);
}

static bool code_is_byte(unsigned code)
{
    return code == A_Eb || code == A_Gb || code == A_AL || code == A_Zb || code == A_Ob || code == A_Xb
        || code == A_Yb;
}

/* --- prefixes (SDM vol. 2, 2.1.1) ---------------------------------------- */

struct prefixes {
    int seg; /* -1: none */
    bool opsize, addrsize, lock;
    uint8_t rep;
    uint8_t opcode;
};

static void decode_prefixes(struct decoder *d, struct prefixes *px)
{
    *px = (struct prefixes){ .seg = -1 };
    for (;;) {
        uint8_t b = next8(d);

        switch (b) {
        case 0x26: px->seg = ES; break;
        case 0x2e: px->seg = CS; break;
        case 0x36: px->seg = SS; break;
        case 0x3e: px->seg = DS; break;
        case 0x64: px->seg = FS; break;
        case 0x65: px->seg = GS; break;
        case 0x66: px->opsize = true; break;
        case 0x67: px->addrsize = true; break;
        case 0xf0: px->lock = true; break;
        case 0xf2: px->rep = REP_NZ; break;
        case 0xf3: px->rep = REP_Z; break;
        default: px->opcode = b; return;
        }
        if (d->more)
            return;
    }
}

/* --- one instruction ----------------------------------------------------- */

static bool row_valid(const struct decoder *d, const struct op_row *row, const struct insn *in)
{
    unsigned model = (unsigned) (d->model - cpu_model_table);
    bool reg_form = d->modrm >> 6 == 3;

    if (row->name == NULL || model < row->since)
        return false;
    if (((row->traits & T_TO386) && model > CPU_386) || ((row->traits & T_TO486) && model > CPU_486))
        return false;
    if (((row->traits & T_MEM) && reg_form) || ((row->traits & T_REG) && !reg_form))
        return false;
    /* LOCK needs a memory destination and an instruction that takes it. */
    return !(in->flags & INSN_LOCK) || ((row->traits & T_LOCK) && in->dst.kind == OPND_MEM);
}

static const struct op_row *decode_row_esc(struct decoder *d, struct insn *in, unsigned opcode)
{
    unsigned modrm = d->pos < d->avail ? d->p[d->pos] : 0, map = opcode & 7;

    in->opcode = (uint8_t) opcode;
    d->esc = true;
    return modrm >= 0xc0 ? &op_rows_esc_reg[map * 64 + (modrm & 63)]
                         : &op_rows_esc_mem[map * 8 + (modrm >> 3 & 7)];
}

static const struct op_row *decode_row(struct decoder *d, struct insn *in, unsigned opcode)
{
    const struct op_row *rows = op_rows_1;
    unsigned key;

    if ((opcode & 0xf8) == 0xd8)
        return decode_row_esc(d, in, opcode);
    if (opcode == 0x0f) {
        rows = op_rows_0f;
        opcode = next8(d);
    }
    in->opcode = (uint8_t) opcode;
    /* The byte that follows picks the member of a group. */
    key = d->pos < d->avail ? d->p[d->pos] >> 3 & 7 : 0;
    d->group = &rows[opcode * 8];
    return &d->group[key];
}

/* A hole in a group: is a ModRM byte part of the invalid instruction? */
static bool group_has_modrm(const struct op_row *group)
{
    for (unsigned key = 0; key < 8; key++)
        if (group[key].name != NULL && row_has_modrm(&group[key]))
            return true;
    return false;
}

static void decode_operands(struct decoder *d, struct insn *in, const struct op_row *row, int override)
{
    unsigned wide = row->a == A_DX || row->a == A_Ib ? row->b : row->a;

    if (d->esc || (row->name == NULL ? group_has_modrm(d->group) : row_has_modrm(row)))
        decode_modrm(d, in, row->a == A_Rd || row->b == A_Rd, override);
    if (row->name == NULL)
        return;
    if (code_is_byte(wide))
        in->width = 1;
    decode_operand(d, in, &in->dst, row->a, override);
    decode_operand(d, in, &in->src, row->b, override);
    in->third = row->c;
    if (row->c != A___ && row->c != A_CL) {
        struct opnd count = { 0 };

        decode_operand(d, in, &count, row->c, override);
    }
}

bool decode(struct insn *in, const uint8_t *bytes, unsigned avail, bool code32, const struct model *model)
{
    struct decoder d = { .p = bytes, .avail = avail < INSN_MAX ? avail : INSN_MAX, .model = model };
    const struct op_row *row;
    struct prefixes px;

    decode_prefixes(&d, &px);
    *in = (struct insn){
        .base = NO_REG,
        .index = NO_REG,
        .width = code32 != px.opsize ? 4 : 2,
        .seg = px.seg >= 0 ? (uint8_t) px.seg : DS,
        .rep = px.rep,
    };
    d.addr16 = code32 == px.addrsize;
    in->ea_mask = d.addr16 ? UINT16_MAX : UINT32_MAX;
    in->flags = (uint8_t) ((d.addr16 ? INSN_ADDR16 : 0) | (px.lock ? INSN_LOCK : 0)
                           | (in->width == 2 ? INSN_OPND16 : 0));
    row = decode_row(&d, in, px.opcode);
    decode_operands(&d, in, row, px.seg);
    if (d.more && avail < INSN_MAX)
        return false;
    in->row = row;
    in->len = (uint8_t) d.pos;
    if (d.more)
        in->fn = op_too_long;
    else if (row_valid(&d, row, in))
        in->fn = row->interp;
    else
        in->fn = d.esc && !(in->flags & INSN_LOCK) ? op_esc_ud : op_ud;
    in->cost = model->cost[row->cost];
    return true;
}

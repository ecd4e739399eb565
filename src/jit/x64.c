/* The x86-64 encoder. */
#include "config.h"

#include "base/bits.h"
#include "jit/x64.h"

/* Before the first byte of each: where there is no room, the last bytes are written again and again. */
static inline void put_begin(struct code *c)
{
    if (UNLIKELY(c->end - c->p < X64_ROOM)) {
        c->full = true;
        c->p = c->end - X64_ROOM;
    }
}

static inline void put8(struct code *c, unsigned v)
{
    *c->p++ = (uint8_t) v;
}

static inline void put32(struct code *c, uint32_t v)
{
    store_le32(c->p, v);
    c->p += 4;
}

static void put_imm(struct code *c, unsigned w, uint32_t v)
{
    if (w >= 4) {
        put32(c, v);
        return;
    }
    for (unsigned i = 0; i < w; i++)
        put8(c, v >> (8 * i) & 0xff);
}

static unsigned reg_code(int r)
{
    return (unsigned) (r >= HIGH_BYTE ? r - HIGH_BYTE + 4 : r);
}

/* Registers whose low byte needs a REX prefix to be named. */
static bool reg_byte_rex(unsigned w, int r)
{
    return w == 1 && r >= RSP && r <= RDI;
}

enum { MAP_1 = 0, MAP_0F = 0x0f };

static inline void put_opcode(struct code *c, unsigned w, unsigned rex, bool forced, unsigned map, unsigned op)
{
    uint8_t *p;

    put_begin(c);
    p = c->p;
    if (w == 2)
        *p++ = 0x66;
    if (w == 8)
        rex |= 8;
    if (rex != 0 || forced)
        *p++ = (uint8_t) (0x40 | rex);
    if (map == MAP_0F)
        *p++ = 0x0f;
    *p++ = (uint8_t) op;
    c->p = p;
}

/* reg field `reg`, register operand `rm`; wr, wm: widths that each has as bytes. */
static inline void put_rr(struct code *c, unsigned w, unsigned map, unsigned op, unsigned wr, int reg, unsigned wm,
                   int rm)
{
    unsigned r = reg_code(reg), m = reg_code(rm);
    bool forced = reg_byte_rex(wr, reg) || reg_byte_rex(wm, rm);

    put_opcode(c, w, (r >> 3) << 2 | m >> 3, forced, map, op);
    put8(c, 0xc0 | (r & 7) << 3 | (m & 7));
}

static inline void put_sib(struct code *c, unsigned reg, const struct xmem *m, unsigned mod)
{
    unsigned index = m->index < 0 ? 4u : (unsigned) m->index & 7, base = m->base < 0 ? 5u : (unsigned) m->base & 7;

    if (m->index < 0 && m->base >= 0 && base != 4) {
        put8(c, mod << 6 | reg << 3 | base);
        return;
    }
    put8(c, mod << 6 | reg << 3 | 4);
    put8(c, m->scale << 6 | index << 3 | base);
}

FLATTEN static void put_rm(struct code *c, unsigned w, unsigned map, unsigned op, unsigned wr, int reg,
                   const struct xmem *m)
{
    unsigned r = reg_code(reg), rex = (r >> 3) << 2;
    unsigned mod = m->base < 0 ? 0 : m->disp == 0 && (m->base & 7) != 5 ? 0 : m->disp == (int8_t) m->disp ? 1 : 2;

    put_begin(c);
    if (m->guest) {
        put8(c, 0x65);
        put8(c, 0x67);
    }
    if (m->index > 7)
        rex |= 2;
    if (m->base > 7)
        rex |= 1;
    put_opcode(c, w, rex, reg_byte_rex(wr, reg), map, op);
    put_sib(c, r & 7, m, mod);
    if (m->base < 0 || mod == 2)
        put32(c, (uint32_t) m->disp);
    else if (mod == 1)
        put8(c, (uint8_t) m->disp);
}

static uint8_t *put_rel32(struct code *c)
{
    uint8_t *at = c->p;

    put32(c, 0);
    return at;
}

/* --- moves --------------------------------------------------------------- */

void x64_mov_rr(struct code *c, unsigned w, int dst, int src)
{
    put_rr(c, w, MAP_1, w == 1 ? 0x88 : 0x89, w, src, w, dst);
}

void x64_mov_rm(struct code *c, unsigned w, int dst, struct xmem m)
{
    put_rm(c, w, MAP_1, w == 1 ? 0x8a : 0x8b, w, dst, &m);
}

void x64_mov_mr(struct code *c, unsigned w, struct xmem m, int src)
{
    put_rm(c, w, MAP_1, w == 1 ? 0x88 : 0x89, w, src, &m);
}

void x64_mov_ri(struct code *c, int dst, uint32_t imm)
{
    put_begin(c);
    if (dst > 7)
        put8(c, 0x41);
    put8(c, 0xb8 | (unsigned) (dst & 7));
    put32(c, imm);
}

void x64_mov_ri64(struct code *c, int dst, uint64_t imm)
{
    put_begin(c);
    put8(c, 0x48 | (unsigned) dst >> 3);
    put8(c, 0xb8 | (unsigned) (dst & 7));
    put32(c, (uint32_t) imm);
    put32(c, (uint32_t) (imm >> 32));
}

void x64_mov_r8i(struct code *c, int dst, uint8_t imm)
{
    unsigned r = reg_code(dst);

    put_begin(c);
    if (r > 7 || reg_byte_rex(1, dst))
        put8(c, 0x40 | r >> 3);
    put8(c, 0xb0 | (r & 7));
    put8(c, imm);
}

void x64_mov_r16i(struct code *c, int dst, uint16_t imm)
{
    put_begin(c);
    put8(c, 0x66);
    if (dst > 7)
        put8(c, 0x41);
    put8(c, 0xb8 | (unsigned) (dst & 7));
    put_imm(c, 2, imm);
}

void x64_mov_mi(struct code *c, unsigned w, struct xmem m, uint32_t imm)
{
    put_rm(c, w, MAP_1, w == 1 ? 0xc6 : 0xc7, 4, 0, &m);
    put_imm(c, w, imm);
}

void x64_movx_rr(struct code *c, bool sign, unsigned from, int dst, unsigned w, int src)
{
    unsigned op = (sign ? 0xbe : 0xb6) | (from == 2);

    put_rr(c, w, MAP_0F, op, 4, dst, from, src);
}

void x64_movx_rm(struct code *c, bool sign, unsigned from, int dst, unsigned w, struct xmem m)
{
    unsigned op = (sign ? 0xbe : 0xb6) | (from == 2);

    put_rm(c, w, MAP_0F, op, 4, dst, &m);
}

void x64_lea(struct code *c, unsigned w, int dst, struct xmem m)
{
    put_rm(c, w, MAP_1, 0x8d, 4, dst, &m);
}

/* --- arithmetic ---------------------------------------------------------- */

void x64_alu_rr(struct code *c, enum x64_alu op, unsigned w, int dst, int src)
{
    put_rr(c, w, MAP_1, (unsigned) op << 3 | (w != 1), w, src, w, dst);
}

void x64_alu_rm(struct code *c, enum x64_alu op, unsigned w, int dst, struct xmem m)
{
    put_rm(c, w, MAP_1, (unsigned) op << 3 | 2 | (w != 1), w, dst, &m);
}

uint8_t *x64_alu_rip(struct code *c, enum x64_alu op, int dst)
{
    put_opcode(c, 8, (unsigned) (dst >> 3) << 2, false, MAP_1, (unsigned) op << 3 | 3);
    put8(c, (unsigned) (dst & 7) << 3 | 5);
    return put_rel32(c);
}

static bool imm_is_byte(unsigned w, uint32_t imm)
{
    return w != 1 && (w == 2 ? (int16_t) imm == (int8_t) imm : (int32_t) imm == (int8_t) imm);
}

void x64_alu_ri(struct code *c, enum x64_alu op, unsigned w, int dst, uint32_t imm)
{
    bool byte = imm_is_byte(w, imm);

    put_rr(c, w, MAP_1, w == 1 ? 0x80 : byte ? 0x83 : 0x81, 4, (int) op, w, dst);
    put_imm(c, byte ? 1 : w, imm);
}

void x64_alu_mi(struct code *c, enum x64_alu op, unsigned w, struct xmem m, uint32_t imm)
{
    bool byte = imm_is_byte(w, imm);

    put_rm(c, w, MAP_1, w == 1 ? 0x80 : byte ? 0x83 : 0x81, 4, (int) op, &m);
    put_imm(c, byte ? 1 : w, imm);
}

void x64_test_mi8(struct code *c, struct xmem m, uint8_t imm)
{
    put_rm(c, 1, MAP_1, 0xf6, 4, 0, &m);
    put8(c, imm);
}

void x64_test_rr(struct code *c, unsigned w, int a, int b)
{
    put_rr(c, w, MAP_1, w == 1 ? 0x84 : 0x85, w, b, w, a);
}

void x64_test_ri(struct code *c, unsigned w, int a, uint32_t imm)
{
    put_rr(c, w, MAP_1, w == 1 ? 0xf6 : 0xf7, 4, 0, w, a);
    put_imm(c, w, imm);
}

void x64_inc_dec(struct code *c, bool dec, unsigned w, int dst)
{
    put_rr(c, w, MAP_1, w == 1 ? 0xfe : 0xff, 4, dec, w, dst);
}

void x64_unary(struct code *c, enum x64_unary op, unsigned w, int dst)
{
    put_rr(c, w, MAP_1, w == 1 ? 0xf6 : 0xf7, 4, (int) op, w, dst);
}

void x64_shift_ri(struct code *c, enum x64_shift op, unsigned w, int dst, uint8_t count)
{
    put_rr(c, w, MAP_1, (count == 1 ? 0xd0u : 0xc0u) | (w != 1), 4, (int) op, w, dst);
    if (count != 1)
        put8(c, count);
}

void x64_shift_cl(struct code *c, enum x64_shift op, unsigned w, int dst)
{
    put_rr(c, w, MAP_1, 0xd2u | (w != 1), 4, (int) op, w, dst);
}

void x64_shd_ri(struct code *c, bool right, unsigned w, int dst, int src, uint8_t count)
{
    put_rr(c, w, MAP_0F, right ? 0xac : 0xa4, w, src, w, dst);
    put8(c, count);
}

void x64_shd_cl(struct code *c, bool right, unsigned w, int dst, int src)
{
    put_rr(c, w, MAP_0F, right ? 0xad : 0xa5, w, src, w, dst);
}

void x64_bscan(struct code *c, bool reverse, int dst, int src)
{
    put_rr(c, 4, MAP_0F, reverse ? 0xbd : 0xbc, 4, dst, 4, src);
}

void x64_bit_rr(struct code *c, enum x64_bit op, unsigned w, int dst, int bit)
{
    put_rr(c, w, MAP_0F, 0x83u | (unsigned) op << 3, w, bit, w, dst);
}

void x64_bit_ri(struct code *c, enum x64_bit op, unsigned w, int dst, uint8_t bit)
{
    put_rr(c, w, MAP_0F, 0xba, 4, (int) op, w, dst);
    put8(c, bit);
}

void x64_bt_mr(struct code *c, struct xmem m, int r)
{
    put_rm(c, 8, MAP_0F, 0xa3, 8, r, &m);
}

void x64_imul_rr(struct code *c, unsigned w, int dst, int src)
{
    put_rr(c, w, MAP_0F, 0xaf, w, dst, w, src);
}

void x64_imul_rri(struct code *c, unsigned w, int dst, int src, uint32_t imm)
{
    put_rr(c, w, MAP_1, 0x69, w, dst, w, src);
    put_imm(c, w, imm);
}

void x64_bswap(struct code *c, int dst)
{
    put_begin(c);
    if (dst > 7)
        put8(c, 0x41);
    put8(c, 0x0f);
    put8(c, 0xc8 | (unsigned) (dst & 7));
}

void x64_xchg_rr(struct code *c, unsigned w, int a, int b)
{
    put_rr(c, w, MAP_1, w == 1 ? 0x86 : 0x87, w, b, w, a);
}

void x64_cbw(struct code *c, unsigned w)
{
    put_opcode(c, w, 0, false, MAP_1, 0x98);
}

void x64_cwd(struct code *c, unsigned w)
{
    put_opcode(c, w, 0, false, MAP_1, 0x99);
}

/* --- flags --------------------------------------------------------------- */

void x64_setcc_r(struct code *c, unsigned cc, int dst)
{
    put_rr(c, 1, MAP_0F, 0x90 | cc, 4, 0, 1, dst);
}

void x64_setcc_m(struct code *c, unsigned cc, struct xmem m)
{
    put_rm(c, 1, MAP_0F, 0x90 | cc, 4, 0, &m);
}

void x64_cmov_rr(struct code *c, unsigned cc, unsigned w, int dst, int src)
{
    put_rr(c, w, MAP_0F, 0x40 | cc, w, dst, w, src);
}

void x64_lahf(struct code *c)
{
    put_begin(c);
    put8(c, 0x9f);
}

void x64_pushf(struct code *c)
{
    put_begin(c);
    put8(c, 0x9c);
}

void x64_sahf(struct code *c)
{
    put_begin(c);
    put8(c, 0x9e);
}

/* --- control ------------------------------------------------------------- */

void x64_fpu_r(struct code *c, unsigned op, unsigned modrm)
{
    put_begin(c);
    put8(c, op);
    put8(c, modrm);
}

void x64_fpu_m(struct code *c, unsigned op, unsigned reg, struct xmem m)
{
    put_rm(c, 4, MAP_1, op, 4, (int) reg, &m);
}

void x64_mmx_r(struct code *c, unsigned op, unsigned reg, int rm)
{
    put_rr(c, 4, MAP_0F, op, 4, (int) reg, 4, rm);
}

void x64_mmx_m(struct code *c, unsigned op, unsigned reg, struct xmem m)
{
    put_rm(c, 4, MAP_0F, op, 4, (int) reg, &m);
}

void x64_emms(struct code *c)
{
    put_begin(c);
    put8(c, 0x0f);
    put8(c, 0x77);
}

void x64_align(struct code *c, unsigned to)
{
    put_begin(c);
    while (!c->full && (uintptr_t) c->p % to != 0)
        put8(c, 0xcc);
}

void x64_data64(struct code *c, uint64_t v)
{
    put_begin(c);
    put32(c, (uint32_t) v);
    put32(c, (uint32_t) (v >> 32));
}

void x64_imm8(struct code *c, uint8_t imm)
{
    put_begin(c);
    put8(c, imm);
}

void x64_push(struct code *c, int r)
{
    put_begin(c);
    if (r > 7)
        put8(c, 0x41);
    put8(c, 0x50 | (unsigned) (r & 7));
}

void x64_pop(struct code *c, int r)
{
    put_begin(c);
    if (r > 7)
        put8(c, 0x41);
    put8(c, 0x58 | (unsigned) (r & 7));
}

void x64_ret(struct code *c)
{
    put_begin(c);
    put8(c, 0xc3);
}

void x64_jmp_r(struct code *c, int r)
{
    put_rr(c, 4, MAP_1, 0xff, 4, 4, 4, r);
}

void x64_jmp_m(struct code *c, struct xmem m)
{
    put_rm(c, 4, MAP_1, 0xff, 4, 4, &m);
}

void x64_call_m(struct code *c, struct xmem m)
{
    put_rm(c, 4, MAP_1, 0xff, 4, 2, &m);
}

uint8_t *x64_jmp(struct code *c)
{
    put_begin(c);
    put8(c, 0xe9);
    return put_rel32(c);
}

uint8_t *x64_jcc(struct code *c, unsigned cc)
{
    put_begin(c);
    put8(c, 0x0f);
    put8(c, 0x80 | cc);
    return put_rel32(c);
}

uint8_t *x64_call(struct code *c)
{
    put_begin(c);
    put8(c, 0xe8);
    return put_rel32(c);
}

void x64_patch(uint8_t *at, const uint8_t *target)
{
    store_le32(at, (uint32_t) (target - (at + 4)));
}

void x64_patch_jmp(uint8_t *at, const uint8_t *target)
{
    static const uint8_t nop[5] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };

    if (target == at + 4) {
        memcpy(at - 1, nop, sizeof nop);
        return;
    }
    if (at[-1] == nop[0])
        at[-1] = 0xe9;
    x64_patch(at, target);
}

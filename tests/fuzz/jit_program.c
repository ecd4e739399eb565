/* Loops of instructions for the translator, from templates and from the processor's tables: see cpu_program.h. */
#include "config.h"

#include <stdlib.h>

#include "base/bits.h"
#include "cpu/insn.h"
#include "cpu/ops.h"
#include "fuzz/cpu_program.h"
#include "jit/jit.h"

/* What stands for the operands of a template: r a ModRM byte with what belongs
 * to it, R one that names registers only, i a byte, w an immediate of the
 * operand size, s a short distance. */
static const char *const templates[] = {
    "00r", "01r", "02r", "03r", "04i", "05w", "08r", "09r", "0ar", "0br", "0di", "10r", "11r", "12r", "13r", "15w",
    "18r", "19r", "1ar", "1br", "1ci", "20r", "21r", "22r", "23r", "25w", "28r", "29r", "2ar", "2br", "2ci", "30r",
    "31r", "32r", "33r", "35w", "38r", "39r", "3ar", "3br", "3ci", "3dw", "80ri", "81rw", "83ri", "84r", "85r",
    "84R", "85R", "86r", "87R", "88r", "89r", "8ar", "8br", "8dr", "a8i", "a9w", "c6ri", "c7rw", "fer", "ffR",
    "c0ri", "c1ri", "d0r", "d1r", "d2r", "d3r", "c0Ri", "c1Ri", "d0R", "d1R", "d2R", "d3R", "f6r", "f7r", "f6R", "f7R",
    "0fafr", "69rw", "6bri", "0fafR", "0fb6r", "0fb7r", "0fber", "0fbfr", "0fa3R", "0fabR", "0fb3R", "0fbbR", "0fbaRi",
    "0fa3r", "0fabr", "0fb3r", "0fbbr", "0fbari", "0fbcR", "0fbdR", "9e", "9f", "8f00", "8f0424", "8f442404", "fa", "fb", "06", "1e", "0fa0", "07", "1f", "0fa9", "8cr",
    "8eR", "c4r", "c5r", "0fb4r", "87r", "d7",
    "0fa4Ri", "0facRi", "0fbcr", "0fbdr", "0fc0r", "0fc1r", "0fb0r", "0fb1r",
    "27", "2f", "37", "3f", "98", "99", "9c9d", "9e", "9f", "d6", "d7", "f5", "f8", "f9", "fc", "fd", "c9",
    "60", "61", "a4", "a5", "a6", "a7", "aa", "ab", "ac", "ad", "ae", "af", "6ai", "68w", "90", "d4i", "d5i",
    "b90500f3a4", "b90700f3aa", "b90300f3a5", "b9090000f3ab", "f3a4", "f3ab", "f3a6", "f2ae", "f3ac",
    "e3s", "e2s", "e1s", "e0s", "ebs",
    "d8r", "d9r", "dar", "dbr", "dcr", "ddr", "der", "dfr", "d8R", "d9R", "daR", "dbR", "dcR", "ddR", "deR", "dfR",
    "d9r", "ddr", "d9R", "d9e8", "d9ee", "d9eb", "9b", "dbe3", "dfe0", "d9c9", "dec1", "d8c9", "d9fa", "d9fc",
    "0f6er", "0f6fr", "0f7er", "0f7fr", "0f6eR", "0f7eR", "0f60r", "0f63r", "0f67r", "0f68r", "0f64r", "0f75r",
    "0f71Ri", "0f72Ri", "0f73Ri", "0fd1r", "0fe2R", "0ff3r", "0fd5r", "0fe5r", "0ff5r", "0fd8r", "0fddr", "0fe8R",
    "0fedr", "0fdbr", "0fdfr", "0fefR", "0ff9r", "0ffer", "0f77",
};

static uint8_t *put(uint8_t *at, const uint8_t *end, unsigned v)
{
    if (at < end)
        *at++ = (uint8_t) v;
    return at;
}

static uint8_t *put_bytes(struct input *in, uint8_t *at, const uint8_t *end, unsigned n)
{
    while (n-- != 0)
        at = put(at, end, program_take(in));
    return at;
}

/* Displacements stay small: the registers point at memory that is there. */
static uint8_t *put_operand(struct input *in, uint8_t *at, const uint8_t *end, unsigned modrm, bool addr16)
{
    unsigned mod = modrm >> 6;

    at = put(at, end, modrm);
    if (mod == 3)
        return at;
    if (addr16) {
        if (mod == 0 && (modrm & 7) == 6)
            return put(put(at, end, program_take(in)), end, 0xa0);
        return mod == 2 ? put(put(at, end, program_take(in)), end, 0) : mod == 1 ? put(at, end, program_take(in)) : at;
    }
    if ((modrm & 7) == 4) {
        unsigned sib = program_take(in);

        at = put(at, end, sib);
        if (mod == 0 && (sib & 7) == 5)
            return put(put(put(put(at, end, program_take(in)), end, 0xa0), end, 0), end, 0);
    }
    if (mod == 0 && (modrm & 7) == 5)
        return put(put(put(put(at, end, program_take(in)), end, 0xaf), end, 0), end, 0);
    if (mod == 2)
        return put(put(put(put(at, end, program_take(in)), end, 0), end, 0), end, 0);
    return mod == 1 ? put(at, end, program_take(in)) : at;
}

static uint8_t *put_modrm(struct input *in, uint8_t *at, const uint8_t *end, bool regs, bool addr16)
{
    unsigned modrm = program_take(in);

    return put_operand(in, at, end, regs ? modrm | 0xc0 : modrm, addr16);
}

/* An instruction behind its prefixes; the size of operands and addresses is of 16 bits, or not. */
static uint8_t *put_template(struct input *in, uint8_t *at, const uint8_t *end, const char *t, bool size16, bool addr16)
{
    while (*t != '\0') {
        switch (*t) {
        case 'r': at = put_modrm(in, at, end, false, addr16); break;
        case 'R': at = put_modrm(in, at, end, true, false); break;
        case 'i': at = put_bytes(in, at, end, 1); break;
        case 'w': at = put_bytes(in, at, end, size16 ? 2 : 4); break;
        case 's': at = put(at, end, program_take(in) & 15); break;
        default: {
            char hex[3] = { t[0], t[1], '\0' };

            at = put(at, end, (unsigned) strtoul(hex, NULL, 16));
            t++;
            break;
        }
        }
        t++;
    }
    return at;
}

static uint8_t *put_insn(struct input *in, uint8_t *at, const uint8_t *end, bool code16)
{
    unsigned n = program_take(in), prefix = program_take(in);
    bool opsize = (prefix & 7) == 0, addrsize = (prefix & 0x38) == 0;
    static const uint8_t segs[4] = { 0x26, 0x2e, 0x36, 0x3e };

    if (opsize)
        at = put(at, end, 0x66);
    if (addrsize)
        at = put(at, end, 0x67);
    if (prefix >= 0xf0)
        at = put(at, end, segs[prefix & 3]);
    if (n < 32) /* conditions are what all this is for */
        return put_bytes(in, put(at, end, 0x70 | (n & 15)), end, 1);
    if (n < 48)
        return put_modrm(in, put(put(at, end, 0x0f), end, 0x90 | (n & 15)), end, false, code16 != addrsize);
    if (n < 56)
        return put_modrm(in, put(put(at, end, 0x0f), end, 0x40 | (n & 15)), end, false, code16 != addrsize);
    if (n < 64)
        return put(at, end, 0x40 | (n & 15));
    if (n < 72)
        return put(at, end, 0x50 | (n & 15));
    return put_template(in, at, end, templates[(n * 256 + program_take(in)) % ARRAY_LEN(templates)], code16 != opsize,
                        code16 != addrsize);
}

/* A jump from `at` back to the start: how long all of it is. */
static size_t put_loop(uint8_t *code, uint8_t *at, bool code16)
{
    ptrdiff_t back = code - (at + (code16 ? 3 : 5));

    *at++ = 0xe9;
    for (unsigned i = 0; i < (code16 ? 2u : 4u); i++)
        *at++ = (uint8_t) (back >> (8 * i));
    return (size_t) (at - code);
}

size_t program_loop(struct input *in, uint8_t *code, size_t max, bool code16)
{
    uint8_t *at = code;
    const uint8_t *end = code + 8 + program_take(in) % (max - 16);

    while (in->p < in->end && at < end)
        at = put_insn(in, at, end, code16);
    return put_loop(code, at, code16);
}

/* --- rounds ---------------------------------------------------------------- */

/* Flags are written and asked for by these. */
static const char *const flag_writers[] = {
    "00r", "01r", "02r", "03r", "09r", "10R", "11r", "13r", "19r", "1bR", "21r", "28r", "29r", "2br", "31r", "38r", "39r",
    "3ar", "3br", "3br", "3ci", "3dw", "80ri", "83ri", "83ri", "84r", "85r", "85R", "a8i", "fer", "f7R", "0fafr",
    "c1Ri", "d0r", "d1R", "d3R", "0fa4Ri", "0fa3R",
};
static const char *const flag_askers[] = {
    "9c5a", "9c5b", "9f", "13r", "1br", "d1R", "0f92r", "0f94r", "0f9cR", "0f9fR", "0f42r", "0f46R", "0f4fR", "f5", "f9",
    "8br", "8br", "89r", "88r", "8dr", "0fb6r", "06", "07", "e2s", "7as", "77s", "7cs",
};

static uint8_t *put_one_of(struct input *in, uint8_t *at, const uint8_t *end, const char *const *from, size_t n, bool code16)
{
    bool opsize = (program_take(in) & 7) == 0;

    if (opsize)
        at = put(at, end, 0x66);
    return put_template(in, at, end, from[program_take(in) % n], code16 != opsize, code16);
}

static uint8_t *put_writer(struct input *in, uint8_t *at, const uint8_t *end, bool code16)
{
    unsigned n = program_take(in);

    if (n < 100)
        return put(at, end, 0x40 | (n & 15)); /* INC, DEC */
    return put_one_of(in, at, end, flag_writers, ARRAY_LEN(flag_writers), code16);
}

static uint8_t *put_asker(struct input *in, uint8_t *at, const uint8_t *end, bool code16)
{
    unsigned n = program_take(in);

    if (n < 60)
        return put_insn(in, at, end, code16);
    if (n < 130)
        return put_writer(in, at, end, code16);
    return put_one_of(in, at, end, flag_askers, ARRAY_LEN(flag_askers), code16);
}

/* Mostly to the start of the round; also past what is next, of the other width, or out of the segment. */
static uint8_t *put_way_back(struct input *in, uint8_t *at, const uint8_t *end, const uint8_t *start, bool code16)
{
    unsigned n = program_take(in), cc = n & 15, how = program_take(in) & 31;

    if (how < 4)
        return put(put(at, end, 0x70 | cc), end, how);
    if (how < 7) {
        if (code16)
            at = put(at, end, 0x66);
        at = put(put(at, end, 0x0f), end, 0x80 | cc);
        return put(put(put(put(at, end, 0), end, 0), end, n & 16 ? 4 : 0), end, 0);
    }
    if (how < 9)
        at = put(at, end, 0x66);
    return put(put(at, end, 0x70 | cc), end, (unsigned) (start - (at + 2)) & 0xff);
}

size_t program_rounds(struct input *in, uint8_t *code, size_t max, bool code16)
{
    uint8_t *at = code;
    const uint8_t *end = code + 8 + program_take(in) * 2u % (max - 16);

    while (in->p < in->end && at < end) {
        const uint8_t *start = at;
        unsigned shape = program_take(in);

        for (unsigned n = shape & 3; n-- != 0;)
            at = put_asker(in, at, end, code16);
        at = put_writer(in, at, end, code16);
        for (unsigned n = 1 + ((shape & 0x0c) == 0) + ((shape & 0xe0) == 0); n-- != 0;)
            at = put_way_back(in, at, end, start, code16);
        for (unsigned n = shape >> 5 & 3; n-- != 0;)
            at = put_asker(in, at, end, code16);
    }
    return put_loop(code, at, code16);
}

/* --- rows ----------------------------------------------------------------- */

static bool code_has_modrm(unsigned code)
{
    return code >= A_Eb && code <= A_Sw;
}

/* Rows of the register forms of escapes lie behind those of their memory forms. */
enum { ROWS_0F = 256 * 8, ROWS_ESC_MEM = 2 * 256 * 8, ROWS_ESC_REG = ROWS_ESC_MEM + 8 * 8 };

/* One of the rows that jit_cover_row() counts as this one. */
static unsigned draw_row(struct input *in, unsigned number)
{
    unsigned n = (number & ~7u) | (program_take(in) & 7);

    return jit_cover_row(n) == number ? n : number;
}

/* The ModRM byte of a row, without a displacement. */
static unsigned draw_modrm(struct input *in, unsigned number, bool memory)
{
    unsigned modrm = program_take(in);

    if (number >= ROWS_ESC_REG)
        return 0xc0 | (number - ROWS_ESC_REG) % 64;
    modrm = (modrm & 0xc7) | (number & 7) << 3;
    if (!memory)
        return modrm | 0xc0;
    return modrm >= 0xc0 ? modrm & 0x7f : modrm;
}

/* A number of `bytes`, of which only the low ones are drawn. */
static uint8_t *put_small(uint8_t *at, const uint8_t *end, unsigned val, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at = put(at, end, val >> (8 * i) & 0xff);
    return at;
}

/* Of real mode, and of the segments of rings 0 and 3: cpu_program.c. */
static const uint16_t code_selectors[] = { 0, SEL_CODE0, SEL_CODE3, SEL_FREE, SEL_FREE | 3 };

/* What follows ModRM for one operand; nothing for most. */
static uint8_t *put_immediate(struct input *in, uint8_t *at, const uint8_t *end, unsigned code, unsigned width, unsigned address)
{
    switch (code) {
    case A_Ib: case A_Ibs: return put(at, end, program_take(in));
    case A_Iw: return put_small(at, end, program_take(in) & 7, 2);
    case A_Iz: return put_bytes(in, at, end, width);
    case A_Jb: return put(at, end, program_take(in) & 15);
    case A_Jz: return put_small(at, end, program_take(in) & 15, width);
    case A_Ap: /* where cpu_program.c has an IRET and a RETF */
        at = put_small(at, end, 0x8800 | (program_take(in) & 1), width);
        return put_small(at, end, code_selectors[program_take(in) % ARRAY_LEN(code_selectors)], 2);
    case A_Ob: case A_Ov: return put_small(at, end, AT_DATA | program_take(in), address);
    default: return at;
    }
}

static uint8_t *put_opcode(uint8_t *at, const uint8_t *end, unsigned number)
{
    if (number >= ROWS_ESC_REG)
        return put(at, end, 0xd8 + (number - ROWS_ESC_REG) / 64);
    if (number >= ROWS_ESC_MEM)
        return put(at, end, 0xd8 + (number - ROWS_ESC_MEM) / 8);
    if (number >= ROWS_0F)
        return put(put(at, end, 0x0f), end, (number - ROWS_0F) / 8);
    return put(at, end, number / 8);
}

static bool row_has_modrm(unsigned number)
{
    const struct op_row *row = jit_row(number);

    return number >= ROWS_ESC_MEM || (row->traits & T_MODRM) || code_has_modrm(row->a) || code_has_modrm(row->b);
}

/* With the operand size and, in memory, the address size of the form. */
static uint8_t *put_prefixes(struct input *in, uint8_t *at, const uint8_t *end, const struct jit_form *f, unsigned *width,
                             unsigned *address)
{
    static const uint8_t segs[8] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x26, 0x64 };
    unsigned prefix = program_take(in), code = *width;

    *width = f->word ? 2 : jit_has_form((struct jit_form){ f->row, f->operand, true }) || (prefix & 3) == 0 ? 4 : code;
    *address = f->operand == JIT_MEMORY_16 ? 2 : f->operand == JIT_MEMORY_32 || (prefix & 0x1c) == 0 ? 4 : code;
    if (*width != code)
        at = put(at, end, 0x66);
    if (*address != code)
        at = put(at, end, 0x67);
    if ((prefix & 0xe0) == 0xe0)
        at = put(at, end, segs[program_take(in) & 7]);
    if ((jit_row(f->row)->traits & T_REP) && (prefix & 0x80))
        at = put(at, end, 0xf2 | (prefix >> 5 & 1));
    return at;
}

static uint8_t *put_row(struct input *in, uint8_t *at, const uint8_t *end, const struct jit_form *f, bool code16)
{
    unsigned number = draw_row(in, f->row), width = code16 ? 2 : 4, address = width;
    const struct op_row *row = jit_row(number);

    at = put_prefixes(in, at, end, f, &width, &address);
    at = put_opcode(at, end, number);
    if (row_has_modrm(number))
        at = put_operand(in, at, end, draw_modrm(in, number, f->operand != JIT_REGISTER), address == 2);
    if (row->interp == op_int) /* of a vector with a handler */
        return put(at, end, 0x20 | (program_take(in) & 15));
    at = put_immediate(in, at, end, row->a, width, address);
    at = put_immediate(in, at, end, row->b, width, address);
    return put_immediate(in, at, end, row->c, width, address);
}

/* CS and an address with code, for a far return. */
static uint8_t *put_frame(struct input *in, uint8_t *at, const uint8_t *end, bool word, bool code16)
{
    unsigned width = word ? 2 : 4;

    at = put(word != code16 ? put(at, end, 0x66) : at, end, 0x0e);
    at = put(word != code16 ? put(at, end, 0x66) : at, end, 0x68);
    return put_small(at, end, AT_CODE | program_take(in), width);
}

/* Makes it likely that the instruction does not fault. */
static uint8_t *put_before(struct input *in, uint8_t *at, const uint8_t *end, const struct jit_form *f, bool code16)
{
    op_fn *fn = jit_row(f->row)->interp;

    if (fn == op_ret_far)
        return put_frame(in, at, end, f->word, code16);
    if (fn != op_div && fn != op_idiv)
        return at;
    if (fn == op_idiv) /* CDQ */
        return put(code16 ? put(at, end, 0x66) : at, end, 0x99);
    return program_take(in) & 1 ? put(put(at, end, 0x31), end, 0xd2) /* XOR EDX, EDX */
                                : put(put(at, end, 0xb4), end, 0);   /* MOV AH, 0 */
}

size_t program_form(struct input *in, const struct jit_form *form, uint8_t *code, size_t max, bool code16)
{
    uint8_t *at = code;
    const uint8_t *end = code + 8 + program_take(in) % (max - 16);

    while (in->p < in->end && at < end) {
        uint8_t how = program_take(in);

        if (!(how & 1)) {
            at = put_insn(in, at, end, code16);
            continue;
        }
        if (how & 6)
            at = put_before(in, at, end, form, code16);
        at = put_row(in, at, end, form, code16);
    }
    return put_loop(code, at, code16);
}

size_t program_rows(struct input *in, uint8_t *code, size_t max, bool code16)
{
    unsigned n = program_take32(in) % (OP_ROWS * JIT_OPERANDS * 2);
    struct jit_form f;

    do {
        n = (n + 1) % (OP_ROWS * JIT_OPERANDS * 2);
        f = (struct jit_form){ n / 2 / JIT_OPERANDS, n / 2 % JIT_OPERANDS, n % 2 };
    } while (!jit_has_form(f));
    return program_form(in, &f, code, max, code16);
}

/*
 * A decoded instruction and the row that describes its opcode.
 *
 * Operand codes are those of Intel SDM vol. 2, appendix A.2.1.
 */
#ifndef CPU_INSN_H
#define CPU_INSN_H

#include "cpu/cpu_state.h"

/* How an instruction ended. */
enum op_exit {
    OP_NEXT,   /* done; the next one follows in memory */
    OP_JUMP,   /* done; look up where to go on (eip set, or mode changed) */
    OP_FAULT,  /* nothing done: cpu->fault says why */
    OP_REPEAT, /* a string instruction stopped between two iterations */
    OP_COSTED, /* done, and its ticks are already counted (string instructions) */
    OP_END_OF_RUN, /* not an instruction: the run of decoded ones ends here */
};

struct insn;
typedef enum op_exit op_fn(struct cpu *cpu, const struct insn *in);

/* Operand codes; the width is that of the row's operand. */
enum operand_code {
    A___, /* none */
    A_Eb, A_Ew, A_Ed, A_Ev, A_Gb, A_Gw, A_Gd, A_Gv,
    A_M, A_Ma, A_Mp, A_Ms, A_Mq, A_Mw, /* memory only; the instruction knows the size */
    /* x87 memory: reals, integers, packed decimal, environment, whole state */
    A_Mf32, A_Mf64, A_Mf80, A_Mi16, A_Mi32, A_Mi64, A_Mbcd, A_Menv, A_Msave,
    A_Pq, A_Qq, A_Qd, /* MMX register; MMX register or memory of 8, of 4 bytes */
    A_Rd,             /* register of the r/m field, whatever mod says (MOV CRn) */
    A_Rv, A_Mwv,      /* as Ev, but a memory operand is a word (SMSW, SLDT, MOV Sw) */
    A_Cd, A_Dd, A_Td, A_Sw,
    A_Ib, A_Iw, A_Iz, A_Ibs, /* Ibs: byte, sign-extended to the operand size */
    A_Jb, A_Jz, A_Ap, A_Ob, A_Ov,
    A_Zb, A_Zv, /* register in opcode bits 0-2 */
    A_AL, A_CL, A_DX, A_AX, A_rAX, A_I1,
    A_ES, A_CS, A_SS, A_DS, A_FS, A_GS,
    A_Xb, A_Xv, A_Yb, A_Yv, /* strings: only the width matters */
    A_ST0, A_STi, /* x87 registers, from the top; STi by the r/m field */
};

enum op_traits {
    T_END = 1 << 0,   /* ends a run of instructions */
    T_LOCK = 1 << 1,  /* takes LOCK when the first operand is memory */
    T_MODRM = 1 << 2, /* has a ModRM byte although no operand shows it */
    T_MEM = 1 << 3,   /* register form is invalid */
    T_REG = 1 << 4,   /* memory form is invalid */
    T_TO386 = 1 << 5, /* gone after the 386; after the 486 */
    T_TO486 = 1 << 6,
    T_PRIV = 1 << 7, /* #GP unless CPL 0 */
    T_REP = 1 << 8,  /* a string instruction */
    T_PROT = 1 << 9, /* #UD in real and V86 mode */
};

enum cost_class {
    C_ALU, C_MOV, C_JMP, C_CALL, C_FAR, C_INT, C_STACK, C_STR, C_MUL, C_DIV, C_BCD, C_SHIFT, C_BIT,
    C_IO, C_SEG, C_SYS, C_PUSHA, C_ESC, C_FLD, C_FADD, C_FMUL, C_FDIV, C_FSQRT, C_FREM, C_FTRANS, C_FBCD,
    C_FENV, C_MMX,
    COST_CLASSES,
};

struct op_row {
    const char *name; /* NULL: no such opcode */
    uint8_t a, b, c;  /* enum operand_code */
    uint8_t since;    /* first enum cpu_model */
    uint8_t cost;     /* enum cost_class */
    uint16_t traits;
    uint16_t reads, writes, undef; /* enum eflags, arithmetic and DF */
    op_fn *interp;
};

/* Indexed by opcode * 8 + reg field of the byte that follows. */
extern const struct op_row op_rows_1[256 * 8]; /* one-byte map */
extern const struct op_row op_rows_0f[256 * 8]; /* 0F map */
/* D8 to DF by the low bits of the opcode: times 8 + reg field with a memory
 * operand, times 64 + low bits of the ModRM byte without. */
extern const struct op_row op_rows_esc_mem[8 * 8];
extern const struct op_row op_rows_esc_reg[8 * 64];

enum { OP_ROWS = 2 * 256 * 8 + 8 * 8 + 8 * 64 };

/* Rows numbered through, for tables beside them. */
static inline unsigned op_row_number(const struct op_row *row)
{
    if (row >= op_rows_1 && row < op_rows_1 + 256 * 8)
        return (unsigned) (row - op_rows_1);
    if (row >= op_rows_0f && row < op_rows_0f + 256 * 8)
        return 256 * 8 + (unsigned) (row - op_rows_0f);
    if (row >= op_rows_esc_mem && row < op_rows_esc_mem + 8 * 8)
        return 2 * 256 * 8 + (unsigned) (row - op_rows_esc_mem);
    return 2 * 256 * 8 + 8 * 8 + (unsigned) (row - op_rows_esc_reg);
}

enum opnd_kind { OPND_NONE, OPND_REG, OPND_MEM, OPND_IMM };

struct opnd {
    uint8_t kind;
    uint8_t width; /* bytes: 1, 2, 4; 0: the instruction knows */
    uint8_t off;   /* register: byte offset in cpu->gpr */
    uint8_t reg;   /* its number, also of segment, control, debug registers */
};

enum rep { REP_NONE, REP_NZ, REP_Z }; /* F2, F3 */

enum insn_flags {
    INSN_ADDR16 = 1 << 0,
    INSN_LOCK = 1 << 1,
    INSN_OPND16 = 1 << 2,
};

struct insn {
    op_fn *fn;
    const struct op_row *row;
    uint32_t imm;  /* immediate, sign-extended; branch displacement; far offset */
    uint32_t disp; /* of the memory operand */
    uint32_t ea_mask; /* FFFFh with 16-bit addresses */
    uint16_t imm2;    /* selector of a far pointer; second byte of ENTER */
    uint16_t cost;    /* ticks */
    struct opnd dst, src;
    uint8_t len;
    uint8_t width; /* operand size in bytes */
    uint8_t seg;   /* of the memory operand */
    uint8_t base, index, scale; /* register numbers; 8: none.  ea = base + (index << scale) + disp */
    uint8_t rep;
    uint8_t flags;
    uint8_t opcode; /* last opcode byte: condition codes */
    uint8_t modrm;
    uint8_t third;  /* A_CL or an immediate follows: shift counts of SHLD, IMUL */
};

static_assert(sizeof(struct insn) <= 56, "decoded instructions should stay small");

#endif

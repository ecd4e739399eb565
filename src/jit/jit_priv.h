/*
 * The translator from inside: who holds what.
 *
 *   cache.c   code memory and the few routines that all blocks share
 *   block.c   blocks: made, found, linked, dropped
 *   context.c what is known by an address
 *   mem_window.c  the guest's memory at the guest's addresses, and the traps there
 *   emit*.c   what host code an instruction becomes
 *   jit.c     going in and out; the interpreter's step
 *   calls.c   what code calls where it needs no step
 *   flags.c   the guest's flags from what blocks kept
 *   stats.c   listings, and what is slow
 *   cover.c   what has been executed, for tests
 *
 * Registers of the guest live in fixed host registers in translated code:
 * EAX, ECX, EDX, EBX, ESI, EDI in their namesakes, ESP in R8, EBP in R9.
 * Status flags: see struct jit, f_op.
 */
#ifndef JIT_JIT_PRIV_H
#define JIT_JIT_PRIV_H

#include "core/ram.h"
#include "cpu/fpu.h"
#include "cpu/insn.h"
#include "cpu/trace.h"
#include "jit/jit.h"
#include "jit/x64.h"

enum {
    TMP = RBP,     /* scratch; the address of a memory operand */
    TMP2 = R10,
    TMP3 = R11,
    JIT = R12,     /* struct jit; its lowest byte is a zero */
    BUDGET = R13,  /* ticks left before the horizon << 32 | instructions done */
    CPU = R14,     /* struct cpu */
    TABLE = R15,   /* cpu->rd; cpu->wr lies behind it */
};

enum { WR_OFFSET = PAGE_COUNT * sizeof(uintptr_t) }; /* from the page-pointer table of loads to that of stores */

enum { NEAR_SLOTS = 3 }; /* groups of operands at one time: that of ESP, that of EBP, another */

enum { FPU_IMAGE = 108 }; /* bytes, of FSAVE in 32-bit form */

enum {
    JIT_CACHE = 64 << 20,      /* bytes of code, ... */
    JIT_HOT = 24 << 20,        /* ... of them for main lines, the rest for what is seldom executed */
    JIT_BLOCK_ROOM = 24 << 10, /* either part of a block is never larger */
    JIT_BLOCKS = 1 << 17,
    JIT_LINKS = 1 << 18,
    JIT_STEPS = 1 << 19,
    JIT_INSNS = 32,
    LOOKUP_BITS = 15,
    LOOKUPS = 1 << LOOKUP_BITS,
    LOOKUP_SHIFT = 5, /* bytes of one */
    JIT_CONTEXT_BITS = 6, /* sets of ... */
    JIT_CONTEXT_WAYS = 4,
    JIT_CONTEXTS = JIT_CONTEXT_WAYS << JIT_CONTEXT_BITS,
    JIT_CONTEXT_IDS = 1u << 30,
};

/*
 * Flags that a block stored as what they follow from: f_op is kind << 4 |
 * width, and below.  f_zero and f_carry of struct cpu hold the result, sign-extended, and
 * CF; f_src the second operand, f_dst the first one where it does not follow.
 * FK_SHL and FK_MUL have CF as it was then in f_src: OF depends on it.  FK_SHD
 * has the first operand there.
 */
enum flag_kind {
    FK_SETTLED, /* all is in struct cpu: cpu/flags.h */
    FK_ADD, FK_SUB, FK_ADC, FK_SBB, FK_LOGIC, FK_INC, FK_DEC, FK_SHL, FK_SHR, FK_SAR, FK_MUL, FK_SHD,
    /* They follow from the registers as they are now, by the instruction of the link whose
     * number is f_op >> 8: only a step may ask, which puts the registers down. */
    FK_AGAIN,
};

/*
 * OF of a rotation, which leaves the rest as it was: in the second byte of f_op,
 * kind << 4 | width, with the result in f_rot and, of RCL, CF in f_rot_carry.
 */
enum rot_kind { ROT_NONE, ROT_LEFT, ROT_RIGHT, ROT_CARRY_LEFT };

struct block;
struct cover;
struct emit;
struct emit_row;

/*
 * A jump from a block whose target is known.  Where the flags are nowhere but
 * in the host's, there are more ways to it: `slow` keeps them, and `fast` goes to
 * a block that does not ask for them, if its time is there; `again` to one in which only
 * steps do, and that changes none of `regs` before.  `enter` leads to one of them.
 * A checked jump, to another page that may move, has it lead to its stub, or, once there
 * is a target, to a look-up, for when the target's page is not where it was.
 */
struct link {
    uint8_t *at;         /* its displacement, writable mapping */
    const uint8_t *stub; /* where it leads while there is no target, as `at` */
    uint32_t eip;
    struct block *from, *to;
    struct link *next; /* other jumps to the same target */
    uint8_t *budget;   /* what is added to the budget before the jump, writable mapping; NULL: nothing */
    uint64_t back;     /* while there is no target; else what the target takes, too */
    uint8_t *enter;    /* displacement, writable mapping, as all of these; NULL: one way only.  x64_patch_jmp() */
    const uint8_t *slow, *fast, *again;
    const struct insn *flags; /* again: whose they are ... */
    uint32_t regs;            /* ... and the guest's registers they follow from, a bit each */
    uint8_t *fast_at, *fast_budget;
    bool checked;
    bool apart;     /* to a block with KEY_APART */
    uint8_t *entry; /* ... what is compared, writable mapping */
};

enum { EARLY_NOT = 1 << 8 }; /* beside the bits of all registers: struct block, early; emit_changes() */

enum { LINK_NO_ENTRY = 1 }; /* equal to none in a page-pointer table */

/* What a block is valid for, beside the bytes of its run. */
struct block_key {
    uint32_t eip;
    uint32_t cs_limit;
    uint32_t profile; /* of struct cpu, and enum key_bit */
};

enum key_bit {
    KEY_PAGED = 1 << 13,
    KEY_A20_OFF = 1 << 14,
    KEY_MOVES = KEY_PAGED | KEY_A20_OFF, /* linear pages may move: no unchecked jumps across them */
    KEY_PARAGRAPHS = 1 << 15, /* real or V86 mode: what a selector means */
    KEY_PLAIN = 1 << 16, /* linear is physical, and no access is checked for alignment */
    KEY_CODE_AT_0 = 1 << 17, /* with KEY_MOVES: the base of CS */
    KEY_DOWN = 1 << 18, /* DF */
    KEY_REAL = 1 << 19, /* with KEY_PARAGRAPHS: CS is as a far jump of real mode leaves it */
    KEY_APART = 1 << 20, /* the block's operands are found one by one: emit_near.c */
};

/* Bytes, of the instruction that takes the block's time, and up to behind the next one,
 * which leaves if that is not there. */
enum { BLOCK_ENTRY = 7, BLOCK_CHECKED = BLOCK_ENTRY + 6 };

/* Where a block's main line begins: else some short loops take a fifth longer, by chance. */
enum { BLOCK_ALIGN = 16 };

struct block {
    struct trace *trace; /* NULL: dropped */
    struct block *next;  /* of the same run */
    struct block_key key;
    const uint8_t *code; /* executable mapping */
    const uint8_t *refusal; /* of who enters while it is shut; writable mapping, as ... */
    uint8_t entry[BLOCK_ENTRY]; /* ... its first bytes are while it is open */
    bool shut;
    bool flag_free;      /* nobody asks for the flags that it finds, or ... */
    uint32_t early;      /* ... only steps do, and these are registers changed before; else EARLY_NOT */
    uint64_t takes;      /* added to the budget by that instruction */
    struct link *in;     /* linked jumps to it */
    paddr addr;
    uint64_t count;      /* for a listing, and its pieces */
    const uint8_t *cold; /* executable mapping */
    uint32_t cold_bytes;
    uint8_t insns;
    uint32_t first_step; /* its steps lie behind each other, in the order of its instructions */
};

/* Ticks. */
static inline uint32_t block_cost(const struct block *b)
{
    return (uint32_t) ((b->insns - b->takes) >> 32);
}

/* A host address that a block goes by: of what lies at a register of the guest + off. */
struct near {
    bool is, write;
    uint8_t reg;
    uint16_t span; /* bytes, in one page, ... */
    int16_t low;   /* ... from there on */
    uint32_t off;
};

/* One instruction that the interpreter may have to do. */
struct step {
    const struct insn *in;
    struct block *block;
    const uint8_t *start;  /* native: code of this one, where the x87 is the guest's */
    const uint8_t *resume; /* the end of its code in the main line */
    const uint8_t *piece;  /* code that has this one done by the interpreter */
    const struct insn *again; /* the flags before follow from registers as they are, by this one; or NULL */
    uint32_t eip;          /* of the instruction */
    uint32_t rest_cost;    /* ticks and instructions of the block, this one and after ... */
    uint32_t after_cost;   /* ... and after this one */
    uint16_t rest_insns, after_insns;
    uint32_t count;  /* how often, ... */
    uint16_t number; /* ... of which row: op_row_number() */
    bool ends; /* leave the block after it */
    bool flags; /* load the host's, after it */
    bool traps; /* an operand is looked for in the window ... */
    bool host_flags; /* ... when the host's flags are the guest's, and nothing else is, ... */
    bool no_aux;     /* ... but AF is 0 */
    bool native; /* an x87 or MMX instruction that the block does itself ... */
    bool fpu;    /* ... or does not */
    bool odd;    /* it was found that SP is odd, if it is */
    bool asks;   /* it may look at the flags, or change them */
    bool steady; /* it changes neither segments nor modes */
    bool transfers; /* between rings, maybe: jit_transfer() */
    bool rare;   /* native, fpu, odd, or `again` */
    bool nears;  /* some of `near` are */
    uint8_t why; /* enum jit_why */
    struct near near[NEAR_SLOTS]; /* after it */
};

/*
 * Where addresses can come to mean something else (key_bit, KEY_MOVES), it holds
 * only while the page-pointer table's entry of the page is what it was.
 */
struct lookup {
    uint64_t key; /* struct jit, context | EIP */
    const uint8_t *code;
    size_t page; /* its place in a page-pointer table, bytes */
    uintptr_t entry;
};

/*
 * What an address means: found by a number, which the inline look-up compares.
 * Paragraphs of code have the number in common: theirs stands beside it.
 */
struct context {
    uint64_t code;    /* base and, from bit 32 on, limit of CS */
    uint64_t state;   /* profile but for KEY_DOWN, from bit 32 on enum context_where */
    uint64_t mapping; /* 0: KEY_MOVES */
    uint32_t id;
};

enum context_where { WHERE_CPL_3 = 1, WHERE_BIG = 2, WHERE_PARAGRAPH = 4 };

/* DF stands beside the number, for STD and CLD. */
enum { CONTEXT_DOWN = 1, CONTEXT_ID = 2 };

/* Guest memory at the guest's addresses, for translated code: mem_window.c. */
struct mem_window {
    uint8_t *base; /* NULL: none */
    struct ram *ram;
    uint32_t pages;   /* of RAM */
    uint8_t *rights;  /* of each page, enum window_right, and ... */
    uint8_t *closures; /* ... how often it lost some */
    uint64_t number;  /* no other window has or had it */
    bool closed;      /* for good: nothing is accessible */
};

struct jit {
    struct cpu *cpu;
    /* What translated code reads and writes. */
    uint64_t budget;
    uint64_t end;      /* tick at which the budget is 0 */
    uint64_t context; /* (id * CONTEXT_ID + DF) << 32; of a paragraph | its number << 16 */
    uint32_t f_op, f_src, f_dst, f_rot, f_rot_carry;
    uint32_t fpu_live; /* the host's x87 holds the guest's state, not struct cpu */
    uint32_t fpu_word;
    uint64_t near[NEAR_SLOTS]; /* host addresses: emit_near.c */
    uint64_t rep_time, kept; /* for code that has no register left */
    uint32_t far_target;     /* selector << 16 | offset; in protected mode the selector, ... */
    uint32_t far_eip;        /* ... and the offset */
    uint32_t trap_flags;     /* the host's, when an operand was not in the window */
    bool trapped;
    uint8_t fpu_image[FPU_IMAGE], fpu_operand[16];
    const uint8_t *(*step)(struct jit *jit, struct step *s);
    uint32_t (*load_flags)(struct jit *jit);
    uint32_t (*read_flags)(struct jit *jit, uint32_t unused);
    uint32_t (*write_flags)(struct jit *jit, uint32_t val);
    struct link refused; /* none: the way out of a block that is shut, or that the time is too short for */
    uint32_t moved; /* a segment was loaded that the block is not for */
    uint32_t (*new_context)(struct jit *jit, uint32_t unused);
    uint32_t high_byte; /* on its way to a register */
    /* Of these two, UINT64_MAX: it is not done. */
    uint64_t (*device_read)(struct jit *jit, uint32_t unused, uint32_t at, uint32_t size);
    uint64_t (*device_write)(struct jit *jit, uint32_t val, uint32_t at, uint32_t size);
    uint32_t (*load_segment)(struct jit *jit, uint32_t what); /* number << 16 | selector */
    uint64_t (*ask_segment)(struct jit *jit, uint32_t what); /* enum seg_question << 16 | selector */
    uint64_t (*fill)(struct jit *jit, uint32_t laddr, uint32_t what); /* enum fill */
    uint32_t (*enter_code)(struct jit *jit, uint32_t what); /* enum seg_use << 16 | selector; far_eip */
    uint16_t bcd[2][(FLAG_CF | FLAG_AF) + 1][256]; /* bcd_adjusted() by whether DAS, flags, AL */
    struct lookup lookup[LOOKUPS];
    /* The rest is for C. */
    struct lookup lookup_before[LOOKUPS]; /* of each place, what was there before */
    struct jit_knobs knobs;
    struct jit_stats stats;
    const struct emit_row *first_row[OP_ROWS]; /* by op_row_number(); NULL: not looked for */
    uint64_t steps_of[OP_ROWS][JIT_WHYS]; /* by op_row_number(), of blocks that were flushed */
    uint64_t horizon;  /* of the schedule, when code was entered */
    uint64_t insns0;   /* retired when code was entered */
    uint64_t lent;     /* retired when RF was lent: jit_careful(); UINT64_MAX: it was not */
    bool stepped_out;  /* the interpreter's step ended the visit: all is in struct cpu */
    bool flush_wanted;
    struct context contexts[JIT_CONTEXTS];
    const struct context *last, *before_last; /* never NULL; id 0: none */
    uint32_t context_id;
    /* Code memory, mapped twice: written at rw, executed at rx. */
    uint8_t *rw;
    const uint8_t *rx;
    struct code code, cold;
    uint8_t *touched[2]; /* their memory is there up to here */
    uint8_t *code_start; /* behind the shared routines */
    struct {
        const uint8_t *enter, *leave, *leave_stepped, *step, *step_flags, *load_flags, *read_flags, *write_flags,
            *load_segment, *ask_segment, *enter_code, *new_context, *fpu_load, *fpu_save;
        const uint8_t *device_read[5], *device_write[5]; /* of 1, 2, 4 bytes; what is at TMP */
        const uint8_t *fill[4]; /* by enum fill */
        const uint8_t *find_beside[GRANULE_SHIFT + 1]; /* of 1, 2, 4 bytes: cache.c */
    } shared; /* writable mapping, but enter, fpu_load, fpu_save */
    struct mem_window window;
    unsigned since_flush;
    struct emit *emit; /* for the block being made */
    uint16_t (*marks)[JIT_INSNS + 1]; /* ... where each instruction's begins; NULL without a listing */
    struct cover *cover; /* cover.c; NULL without that knob */
    struct block *block;
    struct link *link;
    struct step *steps;
    size_t blocks, links, steps_used;
};

/* The address at which a byte written at `p` is executed. */
static inline const uint8_t *jit_rx(const struct jit *jit, const uint8_t *p)
{
    return jit->rx + (p - jit->rw);
}

/* --- cache.c ------------------------------------------------------------- */

int cache_init(struct jit *jit, struct err *err);
void cache_free(struct jit *jit);
/* Enters code; what it returns is the link through which it was left, or NULL. */
struct link *cache_enter(struct jit *jit, const uint8_t *code);

/* Memory for another block is there, a good deal at once: each page for itself costs more. */
void cache_touch(struct jit *jit);

/* Calls a routine that keeps to the ABI, with `jit`. */
void jit_call(struct jit *jit, const uint8_t *routine);

/* --- mem_window.c ------------------------------------------------------------ */

/* Without RAM, or where the host refuses: no window, which is no error. */
void mem_window_init(struct jit *jit, struct ram *ram);
void mem_window_free(struct jit *jit);
/* This thread is about to execute `jit`'s code, or is done with it. */
void mem_window_use(struct jit *jit);
void mem_window_leave(void);
/* The page is not plain memory any more: stores are not to go there, nor, with `reads`, loads. */
void mem_window_close(struct jit *jit, paddr page, bool reads);

/* --- conform.c ----------------------------------------------------------- */

bool jit_host_conforms(struct jit *jit);

/* --- fpu.c --------------------------------------------------------------- */

/* The guest's x87 state goes to the host's, if it may; true: it is there. */
bool jit_fpu_load(struct jit *jit);
void jit_fpu_save(struct jit *jit); /* back to struct cpu, if it was there */
/* To and from what FRSTOR and FSAVE know. */
void fpu_put_image(const struct fpu *f, uint8_t *image);
void fpu_take_image(struct fpu *f, const uint8_t *image);

/* --- block.c ------------------------------------------------------------- */

struct block_key block_key_now(const struct cpu *cpu);
struct block *block_find(struct jit *jit, struct trace *t, const struct block_key *key);
/* NULL: no room; flush, then try again. */
struct block *block_make(struct jit *jit, struct trace *t, const struct block_key *key);
void block_link(struct jit *jit, struct link *l, struct block *to);
/* Nobody enters the run's blocks, until block_find() finds one again; or they are no more. */
void block_park_all(struct jit *jit, struct trace *t);
void block_drop_all(struct jit *jit, struct trace *t);
void block_flush(struct jit *jit);
/* Counts of steps go to jit->steps_of. */
void block_count(struct jit *jit);
/* The instruction whose operand trapped at this place of executed code, or NULL. */
struct step *block_trapped(struct jit *jit, const uint8_t *at);

/* --- flags.c ------------------------------------------------------------- */

/* From what a block kept to cpu/flags.h. */
void jit_settle_flags(struct jit *jit);
/* What emit_keep_again() keeps. */
void jit_keep_again(struct jit *jit, const struct insn *in);

/* --- calls.c ------------------------------------------------------------- */

void jit_calls_init(struct jit *jit);

/* --- context.c ----------------------------------------------------------- */

/* Of the key of a block that is executed now. */
uint32_t block_profile_now(const struct cpu *cpu);
/* jit->context is that of now. */
void jit_set_context(struct jit *jit);
/* The code at EIP, if it has been found before, or NULL; its block may be shut. */
const uint8_t *jit_known(struct jit *jit);
/* This is it. */
void jit_remember(struct jit *jit, struct block *b);
void jit_forget_lookups(struct jit *jit);

/* --- cover.c ------------------------------------------------------------- */

void cover_init(struct jit *jit);
void cover_free(struct jit *jit);
/* Before the instruction e->k and behind it; with a step, also where that is counted. */
void cover_begin(struct emit *e);
void cover_end(const struct emit *e);
void cover_count(struct jit *jit, const struct step *s);

/* --- emit.c -------------------------------------------------------------- */

/* A jump out of the block's main line to a piece of code elsewhere. */
struct patch {
    uint8_t *at;         /* the jump */
    const uint8_t *back; /* alignment, code, apart: where the piece returns */
    struct step *step;   /* step, alignment, code, device: of the instruction */
    unsigned size;       /* alignment, code: of the operand */
    bool device;         /* code: it may be a device's */
    uint8_t *none;       /* apart: the jump where there is no entry, ... */
    unsigned fill;       /* ... and by what it is looked for, enum fill */
    struct link *link;   /* link: where it leads without a target; back */
    uint32_t eip;        /* exit, apart, moved: where to */
    unsigned after;      /* exit, apart, moved, back: the first instruction that is not done */
    const struct insn *flags; /* exit, apart, back: whose are in the host's only, or NULL */
    uint8_t *refused;         /* back: the jump when the target's time is not there, ... */
    struct constant *takes;   /* ... which has been taken */
    uint8_t kind;
    uint16_t next;       /* step: number of another jump to it, plus 1; 0: none */
};

/* What an operand that the tables do not know yet is looked for by, before the instruction steps. */
enum fill { FILL_STORE = 1, FILL_MARKS = 2 }; /* paging_fill_early() */

struct emit_fill {
    uint8_t *at; /* the jump there, or NULL; where it comes back: */
    const uint8_t *back;
    uint8_t what; /* enum fill */
};

/* 64 bits behind the code that an instruction reads. */
struct constant {
    uint8_t *at; /* its displacement */
    uint8_t *again; /* of another instruction, or NULL */
    uint64_t value;
    uint8_t **told; /* who wants to know where it lies, in the writable mapping; or NULL */
};

enum patch_kind {
    PATCH_STEP, PATCH_ALIGN, PATCH_CODE, PATCH_DEVICE, PATCH_APART, PATCH_LINK, PATCH_MOVED, PATCH_EXIT, PATCH_BACK,
    PATCH_BUDGET,
};

/* The most that one instruction asks for is INT of real mode: its rights, base and table, flags,
 * and limit, alignment and entry of two operands of the stack, whose pieces may step; and one for
 * the budget. */
enum { EMIT_PATCHES = JIT_INSNS * 20 + 1, EMIT_CONSTANTS = 4 * JIT_INSNS + 5 };

/* emit_near.c: the operands that an instruction may have, ... */
enum near_kind { NEAR_OPERAND, NEAR_STACK, NEAR_KINDS };

/* ... how: at register + disp, flat, ... */
struct emit_access {
    uint8_t base, size; /* size 0: none that can be in a group */
    bool write;
    int32_t disp;
};

/* ... what becomes of one, ... */
struct emit_use {
    uint8_t what;  /* enum near_what */
    uint8_t group; /* its number in struct emit; 0: none */
    int16_t at;    /* bytes from the group's first operand */
};

enum near_what { NEAR_NOT, NEAR_BEGINS, NEAR_GOES };

/* ... a group, whose operands lie from `low` to `high`, as seen from the first, ... */
struct emit_group {
    int16_t low, high;
    uint8_t slot, first, last; /* of the instructions */
    bool write;                /* some are stored to */
};

/* ... and the registers that point into one: at `off` from the first operand. */
struct emit_follow {
    uint8_t group[8];
    uint32_t off[8];
};

/* May an instruction leave the block; by a trap only? */
enum leaving { STAYS, TRAPS, LEAVES };

/* Which flags may somebody outside of the block ask for? */
enum asking { ASKS_NOT, ASKS_CARRY, ASKS_ALL };

/* Whose business is it to keep an instruction's flags for those who may ask: its own, that
 * of the exits right behind it, that of these exits and of the code behind them, or that of
 * exits and steps up to the instruction that writes them anew?  Those compute them from the
 * registers that they follow from. */
enum deferral { DEFERS_NOT, DEFERS_TO_EXITS, DEFERS_BEHIND, DEFERS_TO_ALL };

/* What is known of SP at an instruction whose operand lies there: nothing that is used; that it
 * is even if it is found to be; that it is. */
enum even { EVEN_NOT, EVEN_ASKED, EVEN_KNOWN };

/* Which of the guest's flags the host's flags are. */
enum host_flags {
    HF_C = 1, HF_O = 2, HF_SZP = 4, HF_ALL = 7, /* but for AF, which conditions do not read: */
    HF_A = 8,    /* it is, too, or ... */
    HF_NO_A = 16 /* ... it is 0, whatever the host's is */
};

struct emit {
    struct jit *jit;
    struct cpu *cpu;
    struct code *c;
    struct block *block;
    const struct insn *insns;
    unsigned count;
    unsigned k;    /* number of the instruction being translated */
    uint32_t eip;  /* behind it */
    uint32_t soft; /* of the run, as it was when this began */
    unsigned host; /* enum host_flags */
    bool ended;    /* nothing falls out of the last instruction */
    bool unkept;   /* the flags are nowhere but in the host's */
    const struct insn *flags; /* whose flags an exit has to keep, ... */
    bool lasting;             /* ... and a step, ... */
    bool behind;              /* ... or the code behind these exits */
    struct xmem at; /* the operand that was found last */
    bool fpu_live; /* the host's x87 is surely the guest's here */
    uint8_t exit_asks[JIT_INSNS]; /* enum asking: an exit, for the flags after it */
    bool insn_asks[JIT_INSNS]; /* so may an instruction, before they are written anew */
    uint8_t defers[JIT_INSNS]; /* enum deferral */
    uint8_t leaves[JIT_INSNS]; /* enum leaving */
    uint8_t even[JIT_INSNS];   /* enum even */
    bool trap_asks[JIT_INSNS]; /* or a trap, which finds them in the host's if all are there */
    uint32_t cost_from[JIT_INSNS + 1]; /* ticks of the instructions from k on */
    const struct emit_row *row[JIT_INSNS]; /* emit_find() */
    uint32_t changes[JIT_INSNS];           /* emit_changes() */
    uint32_t loops; /* conditional jumps to the block's beginning, a bit each */
    struct emit_use use[JIT_INSNS][NEAR_KINDS];
    unsigned groups;
    struct emit_fill fill[JIT_INSNS];
    struct step *step[JIT_INSNS];
    uint16_t jumps[JIT_INSNS]; /* ... of whose jumps one is this patch, plus 1; 0: there are none */
    unsigned patches, constants;
    struct patch patch[EMIT_PATCHES]; /* from here on not cleared */
    struct emit_group group[NEAR_KINDS * JIT_INSNS + 1]; /* from 1 on */
    struct emit_access access[JIT_INSNS][NEAR_KINDS];    /* where groups are looked for */
    struct emit_follow follow[JIT_INSNS];  /* behind each instruction */
    struct constant constant[EMIT_CONSTANTS];
};

/* Emits all of it into jit->code and jit->cold; false: no room. */
bool emit_block(struct emit *e);

/* The first one for a function of the interpreter's; others may follow in its table.  Never NULL. */
const struct emit_row *emit_first_row(op_fn *fn);
/* Of the instruction e->k; NULL: it steps. */
const struct emit_row *emit_find(const struct emit *e, const struct insn *in);
/* A piece for the jump at `at`. */
struct patch *emit_patch(struct emit *e, enum patch_kind kind, uint8_t *at);
struct step *emit_step(struct emit *e);
/* The jump at `at` leads to the piece that does the instruction by the interpreter. */
void emit_jump_to_step(struct emit *e, const struct step *s, uint8_t *at);
/* The same, but first the operand at TMP is looked for anew: then the code goes on at `back`. */
void emit_jump_to_fill(struct emit *e, const struct step *s, uint8_t *at, const uint8_t *back, bool write);
/* In a piece: to the interpreter's step of the instruction. */
void emit_step_away(struct emit *e, const struct step *s);
/* dst op= 64 bits behind the code. */
struct constant *emit_constant(struct emit *e, enum x64_alu op, int dst, uint64_t value);
struct constant *emit_add_budget(struct emit *e, uint64_t value);
/* Gives back time and count of instructions from `after` on; NULL: there are none. */
struct constant *emit_count_back(struct emit *e, unsigned after);
bool insn_touches_memory(const struct insn *in);
/* The instruction's operands are where they are in the window, until one is found not to be. */
bool emit_in_window(const struct emit *e);
bool emit_big_stack(const struct emit *e);

/* --- emit_flags.c --------------------------------------------------------- */

enum { OSZAPC = FLAG_ARITH };

/* Where a relative jump leads, EIP being behind it. */
uint32_t insn_target(const struct insn *in, uint32_t eip);
/* Who asks for flags: e->exit_asks and its like. */
void emit_analyse(struct emit *e);
/* Registers of the guest that an instruction changes, a bit each; EARLY_NOT: it is not one of the plain ones. */
uint32_t emit_changes(const struct insn *in);

/* --- emit_exit.c ---------------------------------------------------------- */

void emit_leave(struct emit *e);
/* Where a link leads without a target; and, if it is checked, what is done when that has moved. */
void emit_link_piece(struct emit *e, struct link *l);
/* Instructions from `after` on are not done. */
void emit_jump_out(struct emit *e, uint32_t eip, unsigned after);
/* `enter`, a jump to here: the flags of `in` are in the host's only.  They are kept, but
 * for a target that does not ask for them and has its time. */
void emit_jump_out_of(struct emit *e, const struct insn *in, uint8_t *enter, uint32_t eip, unsigned after);
/* A piece of its own: to the same instruction in a block with KEY_APART. */
void emit_jump_apart(struct emit *e, const struct patch *p);
/* Of a jump back in the main line: the way that keeps the flags, and when there is no time. */
void emit_back_piece(struct emit *e, const struct patch *p);

/* --- emit_stack.c ---------------------------------------------------------- */

/* Is it left to the interpreter each time? */
bool emit_pop_steps(const struct emit *e, const struct insn *in);

/* --- emit_seg.c ------------------------------------------------------------ */

/* A load of selector and base, no more, that is from no operand in memory but the stack: flags stay. */
bool emit_is_paragraph_load(const struct emit *e, const struct insn *in);

/* --- emit_near.c ----------------------------------------------------------- */

void emit_plan_near(struct emit *e);
/* Are all operands of the instruction e->k where others have been found; is one the first of a group? */
bool emit_goes_near(const struct emit *e);
bool emit_begins_near(const struct emit *e);
/* The operand of the instruction e->k; false: it is found as others are. */
bool emit_near(struct emit *e, enum near_kind which, unsigned size, bool write);
/* Is its operand all that can fail? */
bool emit_is_one_access(const struct emit *e, unsigned k);
/* What a step of that instruction has to find anew. */
void emit_near_after(const struct emit *e, struct step *s);
void emit_apart_piece(struct emit *e, const struct patch *p);

/* --- emit_mem.c, its parts -------------------------------------------------- */

/* TMP, a linear address, becomes the host's by the page-pointer table at that distance from the one
 * of loads.  The jump where it has no entry: TMP stays, CF is clear (table_entry()).  TMP3 is lost. */
uint8_t *emit_entry(struct code *c, size_t table);

void emit_align_piece(struct emit *e, const struct patch *p);
void emit_code_piece(struct emit *e, const struct patch *p);

typedef void emit_fn(struct emit *e, const struct insn *in);

/* What the translator knows of an interpreter function. */
struct emit_row {
    op_fn *fn;
    emit_fn *emit;
    bool (*can)(const struct insn *in); /* this form of it?  NULL: every one */
    unsigned traits;                    /* enum emit_trait */
};

enum emit_trait {
    EMIT_LEAVES = 1 << 0, /* may leave the block although no operand is in memory, or
                             changes host flags that are not its own */
    EMIT_TRAPS = 1 << 1,  /* in the window it only does so by a trap, before anything is changed */
};

extern const struct emit_row emit_alu_rows[], emit_shift_rows[], emit_move_rows[], emit_stack_rows[], emit_seg_rows[],
    emit_flow_rows[], emit_far_rows[], emit_string_rows[], emit_fpu_rows[];

/* FCOMI and its like. */
void emit_host_comi(struct code *c, const struct insn *in);
/* Does the block do this x87 or MMX instruction itself? */
bool emit_is_native(const struct insn *in);

/* Host registers of the guest's eight, and EMIT_SOFT_REG. */
extern const uint8_t emit_home[9];
enum { EMIT_SOFT_REG = 8 }; /* TMP2: a soft immediate, as an operand */

static inline uint32_t jit_code_page(const struct cpu *cpu)
{
    return (cpu->seg[CS].base + cpu->eip) >> PAGE_SHIFT;
}

/* Of the page with the next instruction, in the page-pointer table. */
static inline uintptr_t jit_code_entry(const struct cpu *cpu)
{
    return cpu->table[cpu->cpl == 3][0][jit_code_page(cpu)];
}

/* Where a key is looked up. */
static inline struct lookup *jit_lookup(struct jit *jit, uint64_t key)
{
    return &jit->lookup[((uint32_t) key ^ (uint32_t) key >> 16) % LOOKUPS];
}

static inline struct xmem emit_cpu(size_t offset)
{
    return x64_at(CPU, (int32_t) offset);
}

static inline struct xmem emit_jit(size_t offset)
{
    return x64_at(JIT, (int32_t) offset);
}

/* A member of a segment register. */
static inline struct xmem emit_seg(unsigned seg, size_t member)
{
    return emit_cpu(offsetof(struct cpu, seg) + seg * sizeof(struct seg) + member);
}

/* Host register of a register operand, a byte's too. */
static inline int emit_reg(const struct opnd *o)
{
    return o->off % 4 == 1 ? HIGH_BYTE + o->off / 4 : emit_home[o->off / 4];
}

static inline bool emit_is_high(int reg)
{
    return reg >= HIGH_BYTE;
}

static inline bool op_is_one_of(op_fn *fn, op_fn *const *fns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fn == fns[i])
            return true;
    return false;
}

/* Jump to the interpreter's step of this instruction on `cc`. */
void emit_step_if(struct emit *e, unsigned cc);
/* The step of an x87 or MMX instruction that has an emitter. */
struct step *emit_native_step(struct emit *e);
/* The instruction by the interpreter. */
void emit_interp(struct emit *e);

/* Offset of the memory operand, 32 bits, in `dst`. */
void emit_ea(struct emit *e, const struct insn *in, int dst);
/* Jumps back behind an instruction whose piece has done it. */
void emit_resume_if(struct emit *e, unsigned cc, const struct step *s);
/* Enum seg_profile of a segment in this block. */
unsigned emit_profile(const struct emit *e, unsigned seg);
/* How many bytes are there surely from its offset on, below 10000h? */
unsigned emit_room(const struct emit *e, const struct insn *in);
/* Are its immediate and displacement read from struct insn each time (struct trace, soft)? */
bool emit_is_soft(const struct emit *e);
/* 32 bits of struct insn; neither flags nor other registers are lost. */
void emit_load_soft(struct emit *e, int dst, const uint32_t *from);
/* The instruction as if it were another one, for which there is a row. */
void emit_as(struct emit *e, const struct insn *in);

/*
 * Finds an operand whose offset is in TMP: e->at, which is good until TMP
 * changes.  What is not plain memory steps.  `room`: emit_room().
 * TMP3 is lost, and outside of the window the host's flags.
 */
void emit_access(struct emit *e, unsigned seg, unsigned size, bool write, unsigned room);
void emit_operand(struct emit *e, const struct insn *in, unsigned size, bool write);
/* The same for a linear address in TMP. */
void emit_linear(struct emit *e, unsigned size, bool write);
/* An offset of the instruction's width and, behind it, a selector. */
void emit_far_operand(struct emit *e, const struct insn *in);
/* It, in TMP2; where it lies is not lost with TMP. */
void emit_load_operand(struct emit *e, unsigned w);
/* A part of it. */
struct xmem emit_at(const struct emit *e, int32_t delta);
/* Host address in TMP of as many bytes as register `len` says; they lie in one page
 * and, with 16-bit addresses, below 10000h. */
void emit_range(struct emit *e, unsigned seg, int len, bool write, bool is_16);
/* SS:ESP + delta; of a word also until TMP3 changes. */
void emit_stack(struct emit *e, int32_t delta, unsigned size, bool write);
void emit_move_esp(struct emit *e, int32_t delta);
/* Is the operand a word of a stack of 64 KiB, for which it pays to know that SP is even? */
bool emit_even_can(const struct emit *e, const struct insn *in);

/* Are all in the host's, AF too, or 0? */
bool emit_has_flags(const struct emit *e);
/* All of them into the host's, and each into its place in struct cpu. */
void emit_load_flags(struct emit *e);
/* The host's flags become those that condition `cc` reads. */
void emit_need_cc(struct emit *e, unsigned cc);
void emit_need_carry(struct emit *e);
/* Will somebody ask for flags that are not in the host's then? */
bool emit_keeps(const struct emit *e, unsigned host_after);
/* ... and what is kept is asked for CF alone, if all flags are in the host's. */
bool emit_keeps_carry_only(const struct emit *e);
/* Keep what they follow from: the operands before, the result after. */
void emit_keep_src(struct emit *e, int src);
void emit_keep_dst(struct emit *e, int dst);
void emit_keep_result(struct emit *e, enum flag_kind kind, unsigned width, int r);
void emit_keep_carry(struct emit *e);
/* Can an instruction's flags be kept later, from its operands and result as they are then? */
bool emit_can_keep_again(const struct insn *in);
void emit_keep_again(struct emit *e, const struct insn *in);
/* The registers it does that from, a bit each; 0: not only from them. */
uint32_t emit_again_regs(const struct insn *in);
void emit_keep_rotation(struct emit *e, enum rot_kind kind, unsigned width, int r);

/* CLD or STD where DF is so already? */
bool emit_keeps_direction(const struct emit *e, const struct insn *in);

/* Go on at an address inside the segment, on `cc` or anyway. */
void emit_exit_if(struct emit *e, unsigned cc, uint32_t eip);
void emit_goto(struct emit *e, uint32_t eip);
void emit_goto_tmp(struct emit *e); /* in TMP */

/* --- emit_seg.c ------------------------------------------------------------ */

/* Behind the load of a segment that the block is not for. */
void emit_moved_piece(struct emit *e, const struct patch *p);

/* --- emit_device.c --------------------------------------------------------- */

/* Is the instruction one that may find a timeless device in its operand? */
bool emit_device_can(const struct emit *e);
/* It does so, whole, with the address in TMP, and goes on behind itself; or falls through. */
void emit_device(struct emit *e, const struct step *s);

/* --- emit_soft.c ---------------------------------------------------------- */

/* The row of a soft immediate, or NULL; may the ordinary row have a soft displacement? */
const struct emit_row *emit_find_soft(const struct insn *in);
bool emit_soft_disp_can(const struct insn *in);

#endif

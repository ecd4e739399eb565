/*
 * The translator: runs of decoded instructions become x86-64 code.
 *
 * An optimisation of src/cpu, never its definition: whatever a block does not
 * do itself, it has done by the interpreter, one instruction at a time, and
 * only the interpreter raises exceptions.  The guest cannot tell which of the
 * two executed an instruction (design, "CPU and engines").
 */
#ifndef JIT_JIT_H
#define JIT_JIT_H

#include "base/err.h"
#include "core/ram.h"
#include "cpu/cpu.h"

struct jit;
struct op_row;

/* What must not change any result: drawn at random by the tests. */
struct jit_knobs {
    unsigned threshold;  /* executions of a run before it is translated */
    unsigned max_insns;  /* in a block, 1 to 32 */
    unsigned evict_every; /* translations between two flushes of the cache; 0: when it is full */
    bool no_links;       /* each block returns to its caller */
    bool listing;        /* blocks count, for jit_list() */
    bool cover;          /* instructions count, for jit_cover() */
    bool no_window;      /* memory by the page-pointer tables only */
    bool no_fpu;         /* every x87 and MMX instruction, ... */
    bool step_all;       /* ... every instruction by the interpreter */
};

extern const struct jit_knobs jit_default_knobs;

struct jit_stats {
    uint64_t blocks;   /* translated */
    uint64_t insns;    /* in them */
    uint64_t flushes;  /* of the code cache */
    uint64_t enters;   /* from C into code */
    bool native_fpu;    /* the host's x87 and MMX do as the interpreter */
    uint64_t fpu_loads; /* of the guest's x87 state into the host's */
    bool window;        /* there is one: unpaged memory is reached directly */
    uint64_t traps;     /* operands that were not there */
    uint64_t steps;    /* instructions that blocks had done by the interpreter */
};

/* Why a block had an instruction done by the interpreter. */
enum jit_why {
    JIT_WHY_ROW,   /* the translator has nothing for it */
    JIT_WHY_GUARD, /* an operand was not plain memory inside its segment, a divisor 0 ... */
    JIT_WHYS,
};

/* Steps of all instructions of one name. */
struct jit_slow {
    const char *name;
    enum jit_why why;
    uint64_t count;
};

enum { JIT_SLOW = 8 };

enum { JIT_LISTED_INSNS = 32 };

/* A block, for a listing. */
struct jit_listed {
    uint32_t eip, addr; /* linear in the code segment, physical */
    bool big;           /* 32-bit code */
    uint64_t count;     /* how often it was executed */
    const uint8_t *guest, *code;
    const uint8_t *cold; /* code that is seldom executed, elsewhere */
    uint32_t guest_bytes, cold_bytes;
    unsigned insns;
    uint32_t mark[JIT_LISTED_INSNS + 1]; /* where in `code` each instruction's begins, and the last one's ends */
    uint64_t steps[JIT_LISTED_INSNS];    /* of each: done by the interpreter */
};

typedef void jit_list_fn(void *opaque, const struct jit_listed *b);

/* What blocks are made for, seen from the guest: see enum key_bit in jit_priv.h. */
enum jit_mode {
    JIT_REAL,
    JIT_V86, JIT_V86_PAGED,
    JIT_CODE16, JIT_CODE16_PAGED, /* of protected mode */
    JIT_FLAT, JIT_FLAT_PAGED, /* 32-bit code; the operand's segment, or each, is all of 4 GiB ... */
    JIT_SEGMENTS, JIT_SEGMENTS_PAGED, /* ... or has a base, a limit, rights */
    JIT_MODES,
};

/* A string is in memory. */
enum jit_operand { JIT_REGISTER, JIT_MEMORY_16, JIT_MEMORY_32, JIT_OPERANDS }; /* by 16- or 32-bit address */

/* What emitters tell apart of one row. */
struct jit_form {
    unsigned row; /* op_row_number(); of rows that only the ModRM byte's register tells apart, the first */
    enum jit_operand operand;
    bool word;    /* the operand size is 16 bits; false where there is none to choose */
};

/* What became of it in one mode. */
struct jit_cell {
    struct jit_form form;
    enum jit_mode mode;
    uint64_t inlined;          /* times that the block did it */
    uint64_t steps[JIT_WHYS];  /* times that the interpreter did */
    bool guards;   /* some block has a guard for it */
};

typedef void jit_cover_fn(void *opaque, const struct jit_cell *cell);

/* Is there a translator for this host? */
bool jit_available(void);

/* Takes over `cpu`'s runs from now on; NULL with `err` when the host refuses
 * memory for code.  `ram` lies at address 0 of the bus; NULL: no window.  Both
 * must outlive it. */
struct jit *jit_new(struct cpu *cpu, struct ram *ram, const struct jit_knobs *knobs, struct err *err);
void jit_free(struct jit *jit);

/* From the next block on; what is translated stays. */
void jit_set_knobs(struct jit *jit, const struct jit_knobs *knobs);

const struct jit_stats *jit_stats(struct jit *jit);
/* What was stepped most often, in falling order; how many entries of `out` were filled. */
unsigned jit_slowest(struct jit *jit, struct jit_slow out[JIT_SLOW]);

/* With the knob `listing`: what has been executed, the most executed first. */
void jit_list(struct jit *jit, jit_list_fn *each, void *opaque);

/* --- for tests ------------------------------------------------------------- */

/* With the knob `cover`: what has been executed since jit_new(), in the order of its members. */
void jit_cover(struct jit *jit, jit_cover_fn *each, void *opaque);
const struct op_row *jit_row(unsigned number);
/* The row that stands for this one in struct jit_form; does a block do some form of it itself? */
unsigned jit_cover_row(unsigned number);
bool jit_has_row(unsigned number);
/* Is there such a form? */
bool jit_has_form(struct jit_form f);

#endif

/*
 * What has been executed, for tests: each instruction of a block counts how
 * often it begins, each step how often the interpreter did it instead, by row,
 * form and mode.  Without the knob nothing of this is in a block.
 */
#include "config.h"

#include "jit/jit.h"

#include "base/mem.h"
#include "cpu/ops.h"
#include "jit/jit_priv.h"

enum { CELLS = OP_ROWS * JIT_OPERANDS * 2 * JIT_MODES };

struct count {
    uint64_t begun; /* a block adds to it */
    uint64_t steps[JIT_WHYS];
    bool guards;
};

struct cover {
    struct count count[CELLS];
    uint32_t of_step[JIT_STEPS]; /* its number in there: the run of a step's instruction may be gone */
};

void cover_init(struct jit *jit)
{
    jit->cover = xmap(sizeof *jit->cover);
}

void cover_free(struct jit *jit)
{
    xunmap(jit->cover, sizeof *jit->cover);
}

static bool row_same(const struct op_row *a, const struct op_row *b)
{
    return a->name == b->name && a->interp == b->interp && a->a == b->a && a->b == b->b && a->c == b->c;
}

/* Eight rows are of one opcode, or, in the register form of an escape, of one reg field. */
unsigned jit_cover_row(unsigned number)
{
    unsigned first = number & ~7u;

    while (!row_same(jit_row(first), jit_row(number)))
        first++;
    return first;
}

bool jit_has_row(unsigned number)
{
    return jit_row(number)->name != NULL && emit_first_row(jit_row(number)->interp)->fn != NULL;
}

/* --- forms ---------------------------------------------------------------- */

static bool code_is_byte(unsigned code)
{
    return code == A_Eb || code == A_Gb || code == A_AL || code == A_Zb || code == A_Ob || code == A_Xb || code == A_Yb;
}

static bool code_is_string(unsigned code)
{
    return code >= A_Xb && code <= A_Yv;
}

static bool code_is_memory(unsigned code)
{
    return (code >= A_M && code <= A_Msave) || code == A_Ob || code == A_Ov || code_is_string(code);
}

static bool code_may_be_memory(unsigned code)
{
    return (code >= A_Eb && code <= A_Ev) || code == A_Rv || code == A_Mwv || code == A_Qq || code == A_Qd;
}

/* Always, and in some form. */
static bool row_is_memory(const struct op_row *row)
{
    return row->interp == op_xlat || code_is_memory(row->a) || code_is_memory(row->b);
}

static bool row_may_be_memory(const struct op_row *row)
{
    return row_is_memory(row) || code_may_be_memory(row->a) || code_may_be_memory(row->b);
}

/* Does the operand-size prefix say anything? */
static bool row_has_sizes(unsigned number)
{
    const struct op_row *row = jit_row(number);

    return number < 2 * 256 * 8 && row->cost != C_MMX && !code_is_byte(row->a == A_Ib ? row->b : row->a);
}

bool jit_has_form(struct jit_form f)
{
    const struct op_row *row = jit_row(f.row);

    if (!jit_has_row(f.row) || jit_cover_row(f.row) != f.row || (f.word && !row_has_sizes(f.row)))
        return false;
    if (f.operand == JIT_REGISTER)
        return !row_is_memory(row) && !(row->traits & T_MEM);
    return row_may_be_memory(row) && !(row->traits & T_REG);
}

static bool insn_has_memory(const struct insn *in)
{
    return in->dst.kind == OPND_MEM || in->src.kind == OPND_MEM;
}

static struct jit_form cover_form(const struct insn *in)
{
    unsigned row = op_row_number(in->row);
    bool memory = insn_has_memory(in) || row_is_memory(in->row);

    return (struct jit_form){
        .row = jit_cover_row(row),
        .operand = !memory ? JIT_REGISTER : in->flags & INSN_ADDR16 ? JIT_MEMORY_16 : JIT_MEMORY_32,
        .word = in->width == 2 && row_has_sizes(row),
    };
}

/* --- cells ---------------------------------------------------------------- */

/* Instructions without an operand of their own go by the segments that jumps, stack and strings use. */
static bool is_flat(const struct emit *e, const struct insn *in)
{
    if (insn_has_memory(in))
        return emit_profile(e, in->seg) == PROFILE_FLAT;
    return emit_profile(e, DS) == PROFILE_FLAT && emit_profile(e, ES) == PROFILE_FLAT
        && emit_profile(e, SS) == PROFILE_FLAT && e->block->key.cs_limit == UINT32_MAX;
}

static enum jit_mode cover_mode(const struct emit *e, const struct insn *in)
{
    const struct block *b = e->block;
    bool paged = b->key.profile & KEY_PAGED;

    if ((b->key.profile & KEY_PARAGRAPHS) && !cpu_v86(e->cpu))
        return JIT_REAL;
    if (b->key.profile & KEY_PARAGRAPHS)
        return paged ? JIT_V86_PAGED : JIT_V86;
    if (!(b->trace->key & 1))
        return paged ? JIT_CODE16_PAGED : JIT_CODE16;
    if (is_flat(e, in))
        return paged ? JIT_FLAT_PAGED : JIT_FLAT;
    return paged ? JIT_SEGMENTS_PAGED : JIT_SEGMENTS;
}

static uint32_t cover_cell(const struct emit *e)
{
    const struct insn *in = &e->insns[e->k];

    struct jit_form f = cover_form(in);

    return ((f.row * JIT_OPERANDS + f.operand) * 2 + f.word) * JIT_MODES + cover_mode(e, in);
}

/* --- counting ------------------------------------------------------------- */

/* No flags change, and no register that lives from one instruction to the next. */
void cover_begin(struct emit *e)
{
    struct code *c = e->c;

    if (e->jit->cover == NULL)
        return;
    x64_mov_ri64(c, TMP, (uintptr_t) &e->jit->cover->count[cover_cell(e)].begun);
    x64_mov_rm(c, 8, TMP3, x64_at(TMP, 0));
    x64_lea(c, 8, TMP3, x64_at(TMP3, 1));
    x64_mov_mr(c, 8, x64_at(TMP, 0), TMP3);
}

void cover_end(const struct emit *e)
{
    const struct step *s = e->step[e->k];
    struct cover *cover = e->jit->cover;
    uint32_t cell;

    if (cover == NULL || s == NULL)
        return;
    cell = cover_cell(e);
    cover->of_step[s - e->jit->steps] = cell;
    cover->count[cell].guards |= s->why == JIT_WHY_GUARD;
}

void cover_count(struct jit *jit, const struct step *s)
{
    struct cover *cover = jit->cover;

    if (cover != NULL)
        cover->count[cover->of_step[s - jit->steps]].steps[s->why] += s->count;
}

void jit_cover(struct jit *jit, jit_cover_fn *each, void *opaque)
{
    block_count(jit);
    for (unsigned i = 0; i < CELLS && jit->cover != NULL; i++) {
        const struct count *n = &jit->cover->count[i];
        struct jit_cell cell = {
            .form = { i / JIT_MODES / 2 / JIT_OPERANDS, i / JIT_MODES / 2 % JIT_OPERANDS, i / JIT_MODES % 2 },
            .mode = i % JIT_MODES,
            .inlined = n->begun - n->steps[JIT_WHY_ROW] - n->steps[JIT_WHY_GUARD],
            .guards = n->guards,
        };

        memcpy(cell.steps, n->steps, sizeof cell.steps);
        if (n->begun != 0)
            each(opaque, &cell);
    }
}

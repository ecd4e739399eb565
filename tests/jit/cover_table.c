/* The coverage table: see cover_table.h. */
#include "config.h"

#include "jit/cover_table.h"

#include <string.h>

#include "base/bits.h"
#include "cpu/ops.h"

const char *const cover_mode_names[JIT_MODES] = {
    "real", "v86", "v86 paged", "code16", "code16 paged", "flat", "flat paged", "segments", "segments paged",
};

enum { CODE_TEXT = 16 };

static const char *const outcome_names[COVER_OUTCOMES] = { "inline", "guard" };

/* --- what cannot be ------------------------------------------------------- */

enum {
    REAL = 1 << JIT_REAL,
    V86 = 1 << JIT_V86 | 1 << JIT_V86_PAGED,
    ALL = (1 << JIT_MODES) - 1,
};

enum { INLINE = 1 << COVER_INLINE, GUARD = 1 << COVER_GUARD };
enum { REG = 1 << JIT_REGISTER, MEM = 1 << JIT_MEMORY_16 | 1 << JIT_MEMORY_32, ANY = REG | MEM };
enum { LONG = 1 << 0, WORD = 1 << 1, BOTH = LONG | WORD };

/* Of one opcode as the table has it, or of an interpreter function's. */
static const struct absence {
    const char *code;
    op_fn *fn;
    unsigned operands, sizes, modes, outcomes;
    const char *why;
} absences[] = {
    { NULL, op_cmpxchg, REG, BOTH, ALL, INLINE, "steps: nobody exchanges registers so" },
    { NULL, op_xadd, REG, BOTH, ALL, INLINE, "steps: nobody exchanges registers so" },
    { "f6/7", NULL, ANY, BOTH, ALL, INLINE, "steps: only 32 bits are divided with a sign" },
    { "dc d0", NULL, REG, BOTH, ALL, INLINE, "steps: second encoding, about which parts differ" },
    { "dc d8", NULL, REG, BOTH, ALL, INLINE, "steps: second encoding, about which parts differ" },
    { "de d0", NULL, REG, BOTH, ALL, INLINE, "steps: second encoding, about which parts differ" },
    { "d9 d8", NULL, REG, BOTH, ALL, INLINE, "steps: second encoding, about which parts differ" },
    { "dd c8", NULL, REG, BOTH, ALL, INLINE, "steps: second encoding, about which parts differ" },
    { "df c8", NULL, REG, BOTH, ALL, INLINE, "steps: second encoding, about which parts differ" },
    { "df d0", NULL, REG, BOTH, ALL, INLINE, "steps: second encoding, about which parts differ" },
    { "df d8", NULL, REG, BOTH, ALL, INLINE, "steps: second encoding, about which parts differ" },
    { "df/4", NULL, MEM, BOTH, ALL, INLINE, "steps: decimals are our own arithmetic's" },
    { "df/6", NULL, MEM, BOTH, ALL, INLINE, "steps: decimals are our own arithmetic's" },
    { "d9 f0", NULL, REG, BOTH, ALL, INLINE, "steps: F2XM1 is our own arithmetic's" },
    { "d9 fd", NULL, REG, BOTH, ALL, INLINE, "steps: FSCALE is our own arithmetic's" },
    { NULL, op_jmp_far, ANY, BOTH, V86, INLINE, "not of V86 mode" },
    { NULL, op_call_far, ANY, BOTH, V86, INLINE, "not of V86 mode" },
    { NULL, op_ret_far, REG, BOTH, V86, INLINE, "not of V86 mode" },
    { NULL, op_lar, ANY, BOTH, REAL | V86, INLINE, "an invalid opcode without descriptors" },
    { NULL, op_lsl, ANY, BOTH, REAL | V86, INLINE, "an invalid opcode without descriptors" },
    { NULL, op_verr, ANY, BOTH, REAL | V86, INLINE, "an invalid opcode without descriptors" },
    { NULL, op_verw, ANY, BOTH, REAL | V86, INLINE, "an invalid opcode without descriptors" },
    { NULL, op_int, REG, BOTH, ALL & ~REAL, INLINE, "only of real mode" },
    { NULL, op_iret, REG, BOTH, ALL & ~REAL, INLINE, "only of real mode" },
    { NULL, op_popf, REG, BOTH, ALL & ~REAL, INLINE, "only of real mode" },
    { NULL, op_pushf, REG, BOTH, V86, INLINE, "steps: IOPL decides" },
    { NULL, op_cli, REG, BOTH, V86, INLINE, "steps: IOPL decides" },
    { NULL, op_sti, REG, BOTH, V86, INLINE, "steps: IOPL decides" },
    { NULL, op_cli, REG, BOTH, REAL, GUARD, "CPL is 0" },
    { NULL, op_invlpg, MEM, BOTH, REAL, GUARD, "CPL is 0" },
    { NULL, op_invlpg, MEM, BOTH, V86, INLINE, "steps: CPL is 3" },
    { NULL, op_mov_from_cr, REG, BOTH, REAL, GUARD, "CPL is 0" },
    { NULL, op_mov_from_cr, REG, BOTH, V86, INLINE, "steps: CPL is 3" },
    { NULL, op_idiv, ANY, WORD, ALL, INLINE, "steps: only 32 bits are divided with a sign" },
    { NULL, op_bsf, ANY, WORD, ALL, INLINE, "steps: of 32 bits only" },
    { NULL, op_bsr, ANY, WORD, ALL, INLINE, "steps: of 32 bits only" },
    { NULL, op_shld, ANY, WORD, ALL, INLINE, "steps: of 32 bits only" },
    { NULL, op_shrd, ANY, WORD, ALL, INLINE, "steps: of 32 bits only" },
    { NULL, op_bswap, ANY, WORD, ALL, INLINE, "steps: of 32 bits only" },
    { NULL, op_jmp_far, ANY, LONG, REAL, INLINE, "steps: of 16 bits only" },
    { NULL, op_call_far, ANY, LONG, REAL, INLINE, "steps: of 16 bits only" },
    { NULL, op_ret_far, REG, LONG, REAL, INLINE, "steps: of 16 bits only" },
    { NULL, op_int, REG, LONG, REAL, INLINE, "steps: of 16 bits only" },
    { NULL, op_iret, REG, LONG, REAL, INLINE, "steps: of 16 bits only" },
    { NULL, op_popf, REG, LONG, REAL, INLINE, "steps: of 16 bits only" },
};

static void code_text(unsigned number, char *code, size_t size)
{
    unsigned map = number / (256 * 8), esc = number - 2 * 256 * 8;

    if (map < 2)
        snprintf(code, size, "%s%02x/%u", map == 1 ? "0f " : "", number / 8 % 256, number % 8);
    else if (esc < 8 * 8)
        snprintf(code, size, "%02x/%u", 0xd8 + esc / 8, esc % 8);
    else
        snprintf(code, size, "%02x %02x", 0xd8 + (esc - 64) / 64, 0xc0 + (esc - 64) % 64);
}

static bool absence_is_of(const struct absence *x, struct jit_form f)
{
    char code[CODE_TEXT];

    if (!(x->operands >> f.operand & 1) || !(x->sizes >> f.word & 1))
        return false;
    if (x->code == NULL)
        return x->fn == jit_row(f.row)->interp;
    code_text(f.row, code, sizeof code);
    return strcmp(x->code, code) == 0;
}

static bool is_absent(struct jit_form f, enum jit_mode mode, enum cover_outcome o)
{
    for (const struct absence *x = absences; x < absences + ARRAY_LEN(absences); x++)
        if ((x->modes >> mode & 1) && (x->outcomes >> o & 1) && absence_is_of(x, f))
            return true;
    return false;
}

/* --- the table ------------------------------------------------------------ */

struct jit_form cover_form(unsigned i)
{
    return (struct jit_form){ i / 2 / JIT_OPERANDS, i / 2 % JIT_OPERANDS, i % 2 };
}

static void add_cell(void *opaque, const struct jit_cell *c)
{
    struct cover_table *t = opaque;
    const struct jit_form *f = &c->form;

    t->cell[f->row][f->operand][f->word][c->mode].count[COVER_INLINE] += c->inlined;
    t->cell[f->row][f->operand][f->word][c->mode].count[COVER_GUARD] += c->steps[JIT_WHY_GUARD];
    t->cell[f->row][f->operand][f->word][c->mode].guards |= c->guards;
}

void cover_table_add(struct cover_table *t, struct jit *jit)
{
    jit_cover(jit, add_cell, t);
}

bool cover_expected(const struct cover_table *t, struct jit_form f, enum jit_mode mode, enum cover_outcome o)
{
    if (o == COVER_GUARD && !t->cell[f.row][f.operand][f.word][mode].guards)
        return false;
    return !is_absent(f, mode, o);
}

bool cover_wrong(const struct cover_table *t, struct jit_form f, enum jit_mode mode, enum cover_outcome o)
{
    bool has_run = t->cell[f.row][f.operand][f.word][mode].count[o] != 0;

    return has_run != cover_expected(t, f, mode, o);
}

/* --- printing ------------------------------------------------------------- */

/* Opcode, name, size, operand. */
static void print_form(FILE *to, struct jit_form f)
{
    static const char *const operands[JIT_OPERANDS] = { "reg", "m16", "m32" };
    char code[CODE_TEXT];

    code_text(f.row, code, sizeof code);
    fprintf(to, "%-8s %-9s %s %s", code, jit_row(f.row)->name, f.word ? "w" : " ", operands[f.operand]);
}

static void print_count(FILE *to, uint64_t n, bool expected)
{
    if (n == 0)
        fprintf(to, "%6s", expected ? "0" : "-");
    else if (n < 100000)
        fprintf(to, "%6u", (unsigned) n);
    else
        fprintf(to, "%5uk", (unsigned) (n / 1000));
}

static void print_cell(const struct cover_table *t, struct jit_form f, enum jit_mode mode, FILE *to)
{
    fprintf(to, mode == 0 ? "" : "  |");
    for (unsigned o = 0; o < COVER_OUTCOMES; o++)
        print_count(to, t->cell[f.row][f.operand][f.word][mode].count[o], cover_expected(t, f, mode, o));
}

void cover_table_print(const struct cover_table *t, FILE *to)
{
    fprintf(to, "%-24s", "");
    for (unsigned mode = 0; mode < JIT_MODES; mode++)
        fprintf(to, "  %13s", cover_mode_names[mode]);
    fprintf(to, "\n");
    for (unsigned i = 0; i < COVER_FORMS; i++) {
        struct jit_form f = cover_form(i);

        if (!jit_has_form(f))
            continue;
        print_form(to, f);
        for (unsigned mode = 0; mode < JIT_MODES; mode++)
            print_cell(t, f, mode, to);
        fprintf(to, "\n");
    }
}

static void print_absence(const struct absence *x, struct jit_form f, FILE *to)
{
    fprintf(to, "absent: ");
    print_form(to, f);
    for (unsigned mode = 0; mode < JIT_MODES && x->modes != ALL; mode++)
        if (x->modes >> mode & 1)
            fprintf(to, ", %s", cover_mode_names[mode]);
    fprintf(to, ", %s: %s\n", outcome_names[x->outcomes == GUARD], x->why);
}

void cover_print_absences(FILE *to)
{
    for (const struct absence *x = absences; x < absences + ARRAY_LEN(absences); x++)
        for (unsigned i = 0; i < COVER_FORMS; i++)
            if (jit_has_form(cover_form(i)) && absence_is_of(x, cover_form(i)))
                print_absence(x, cover_form(i), to);
}

static void check_cell(const struct cover_table *t, struct jit_form f, enum jit_mode mode, enum cover_outcome o,
                       struct cover_sum *sum, FILE *to)
{
    bool expected = cover_expected(t, f, mode, o);

    sum->cells++;
    sum->expected += expected;
    if (!cover_wrong(t, f, mode, o))
        return;
    sum->wrong++;
    fprintf(to, expected ? "missing: " : "not absent: ");
    print_form(to, f);
    fprintf(to, ", %s, %s\n", cover_mode_names[mode], outcome_names[o]);
}

struct cover_sum cover_check(const struct cover_table *t, FILE *to)
{
    struct cover_sum sum = { 0 };

    for (unsigned i = 0; i < COVER_FORMS; i++)
        for (unsigned n = 0; n < JIT_MODES * COVER_OUTCOMES && jit_has_form(cover_form(i)); n++)
            check_cell(t, cover_form(i), n / COVER_OUTCOMES, n % COVER_OUTCOMES, &sum, to);
    return sum;
}

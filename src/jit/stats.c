/* What was translated and executed, for people: listings, and what is slow. */
#include "config.h"

#include "jit/jit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "jit/jit_priv.h"

static int block_compare(const void *a, const void *b)
{
    const struct block *const *x = a, *const *y = b;

    return (*x)->count != (*y)->count ? ((*x)->count < (*y)->count ? 1 : -1) : (*x > *y) - (*x < *y);
}

static void jit_list_one(const struct jit *jit, const struct block *b, jit_list_fn *each, void *opaque)
{
    struct jit_listed l = {
        .eip = b->key.eip,
        .addr = b->addr,
        .big = b->trace->key & 1,
        .count = b->count,
        .guest = b->trace->copy,
        .guest_bytes = b->trace->bytes,
        .code = b->code,
        .cold = b->cold,
        .cold_bytes = b->cold_bytes,
        .insns = b->insns,
    };

    for (unsigned k = 0; k <= b->insns; k++)
        l.mark[k] = jit->marks[b - jit->block][k];
    for (const struct step *s = &jit->steps[b->first_step]; s < jit->steps + jit->steps_used && s->block == b; s++)
        l.steps[b->insns - s->rest_insns] = s->count;
    each(opaque, &l);
}

void jit_list(struct jit *jit, jit_list_fn *each, void *opaque)
{
    const struct block **list = xmalloc(JIT_BLOCKS * sizeof *list);
    size_t n = 0;

    static_assert((int) JIT_LISTED_INSNS == (int) JIT_INSNS, "the same blocks");
    for (size_t i = 0; i < jit->blocks && jit->marks != NULL; i++)
        if (jit->block[i].trace != NULL && jit->block[i].trace->key != 0 && jit->block[i].count != 0)
            list[n++] = &jit->block[i];
    qsort(list, n, sizeof *list, block_compare);
    for (size_t i = 0; i < n; i++)
        jit_list_one(jit, list[i], each, opaque);
    free(list);
}

const struct op_row *jit_row(unsigned number)
{
    static const struct {
        const struct op_row *rows;
        unsigned count;
    } maps[] = {
        { op_rows_1, 256 * 8 }, { op_rows_0f, 256 * 8 }, { op_rows_esc_mem, 8 * 8 }, { op_rows_esc_reg, 8 * 64 },
    };
    unsigned i = 0;

    while (number >= maps[i].count)
        number -= maps[i++].count;
    return &maps[i].rows[number];
}

/* Opcodes that are none step too, into #UD. */
static const char *jit_row_name(unsigned number)
{
    const char *name = jit_row(number)->name;

    return name != NULL ? name : "(undefined)";
}

/* Keeps the greatest, in falling order. */
static unsigned slow_insert(struct jit_slow out[JIT_SLOW], unsigned n, struct jit_slow new)
{
    unsigned i = n < JIT_SLOW ? n : JIT_SLOW - 1;

    if (n == JIT_SLOW && out[i].count >= new.count)
        return n;
    for (; i != 0 && out[i - 1].count < new.count; i--)
        out[i] = out[i - 1];
    out[i] = new;
    return n < JIT_SLOW ? n + 1 : n;
}

/* Of all rows with this one's name, if it is the first of them. */
static uint64_t slow_count(const struct jit *jit, unsigned number, enum jit_why why)
{
    const char *name = jit_row_name(number);
    uint64_t sum = 0;

    for (unsigned i = 0; i < OP_ROWS; i++) {
        if (jit->steps_of[i][why] == 0 || strcmp(jit_row_name(i), name) != 0)
            continue;
        if (i < number)
            return 0;
        sum += jit->steps_of[i][why];
    }
    return sum;
}

unsigned jit_slowest(struct jit *jit, struct jit_slow out[JIT_SLOW])
{
    unsigned n = 0;

    block_count(jit);
    for (unsigned i = 0; i < OP_ROWS; i++)
        for (unsigned why = 0; why < JIT_WHYS; why++)
            if (jit->steps_of[i][why] != 0) {
                uint64_t count = slow_count(jit, i, why);

                if (count != 0)
                    n = slow_insert(out, n, (struct jit_slow){ jit_row_name(i), why, count });
            }
    return n;
}

const struct jit_stats *jit_stats(struct jit *jit)
{
    block_count(jit);
    return &jit->stats;
}

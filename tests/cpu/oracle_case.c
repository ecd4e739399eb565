/* Cases of the silicon oracle as text. */
#include "config.h"

#include "cpu/oracle_case.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void case_from_stream(struct oracle_case *c, const struct stream *st, uint64_t ldt_seed, uint64_t mem_seed)
{
    memset(c, 0, sizeof *c);
    c->code32 = st->code32;
    c->ldt_seed = ldt_seed;
    c->mem_seed = mem_seed;
    c->fx_seed = st->fx_seed;
    c->before = st->regs;
    for (unsigned i = 0; i < st->n; i++) {
        memcpy(c->code + c->len, st->piece[i].byte, st->piece[i].len);
        c->len += st->piece[i].len;
    }
}

void case_print(FILE *f, const struct oracle_case *c)
{
    fprintf(f, "%d ldt=%llx mem=%llx fx=%llx eip=%x fl=%x g=", c->code32 ? 32 : 16, (unsigned long long) c->ldt_seed,
            (unsigned long long) c->mem_seed, (unsigned long long) c->fx_seed, c->before.eip, c->before.eflags);
    for (unsigned i = 0; i < 8; i++)
        fprintf(f, "%s%x", i == 0 ? "" : ",", c->before.gpr[i]);
    for (unsigned i = 0; i < 6; i++)
        fprintf(f, "%s%x", i == 0 ? " s=" : ",", c->before.seg[i]);
    fprintf(f, " code=");
    for (unsigned i = 0; i < c->len; i++)
        fprintf(f, "%02x", c->code[i]);
}

/* --- reading ------------------------------------------------------------- */

static const char *skip(const char *p, const char *word)
{
    size_t n = strlen(word);

    return p != NULL && strncmp(p, word, n) == 0 ? p + n : NULL;
}

/* `word`, then a number; NULL when it is not there. */
static const char *number(const char *p, const char *word, uint64_t *val)
{
    char *end;

    p = skip(p, word);
    if (p == NULL)
        return NULL;
    *val = strtoull(p, &end, 16);
    return end != p ? end : NULL;
}

static const char *numbers(const char *p, const char *word, unsigned n, uint64_t *val)
{
    for (unsigned i = 0; i < n; i++)
        p = number(p, i == 0 ? word : ",", &val[i]);
    return p;
}

static const char *bytes(const char *p, const char *word, uint8_t *to, unsigned max, unsigned *len)
{
    unsigned v;

    p = skip(p, word);
    for (*len = 0; p != NULL && *len < max && sscanf(p, "%2x", &v) == 1; p += 2)
        to[(*len)++] = (uint8_t) v;
    return p;
}

bool case_parse(struct oracle_case *c, const char *line, const char **result)
{
    uint64_t eip = 0, fl = 0, g[8] = { 0 }, s[6] = { 0 }, undefined = 0;
    const char *p = skip(line, "32 "), *u;

    memset(c, 0, sizeof *c);
    c->code32 = p != NULL;
    p = p != NULL ? p : skip(line, "16 ");
    p = number(p, "ldt=", &c->ldt_seed);
    p = number(p, " mem=", &c->mem_seed);
    p = number(p, " fx=", &c->fx_seed);
    p = number(p, " eip=", &eip);
    p = number(p, " fl=", &fl);
    p = numbers(p, " g=", 8, g);
    p = numbers(p, " s=", 6, s);
    p = bytes(p, " code=", c->code, STREAM_BYTES - OUT_BYTES, &c->len);
    if (p == NULL || c->len == 0)
        return false;
    c->before.eip = (uint32_t) eip;
    c->before.eflags = (uint32_t) fl;
    for (unsigned i = 0; i < 8; i++)
        c->before.gpr[i] = (uint32_t) g[i];
    for (unsigned i = 0; i < 6; i++)
        c->before.seg[i] = (uint16_t) s[i];
    world_fx(c->before.fx, c->fx_seed);
    *result = skip(p, " -> ");
    u = *result != NULL ? strstr(*result, " u=") : NULL;
    if (u != NULL && number(u, " u=", &undefined) != NULL)
        c->undefined = (uint32_t) undefined;
    return c->before.seg[1] >> 3 < CODE_SEGS;
}

void case_to_stream(const struct oracle_case *c, struct stream *st)
{
    memset(st, 0, sizeof *st);
    st->code32 = c->code32;
    st->regs = c->before;
    st->fx_seed = c->fx_seed;
    for (unsigned at = 0; at < c->len; at += PIECE_MAX) {
        struct piece *p = &st->piece[st->n++];

        p->len = (uint8_t) (c->len - at < PIECE_MAX ? c->len - at : PIECE_MAX);
        memcpy(p->byte, c->code + at, p->len);
    }
}

/* --- results ------------------------------------------------------------- */

struct out {
    char *text;
    size_t at;
    bool full;
};

static void __attribute__((format(printf, 2, 3))) put(struct out *o, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(o->text + o->at, CASE_TEXT - o->at, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t) n >= CASE_TEXT - o->at)
        o->full = true;
    else
        o->at += (size_t) n;
}

/* Runs of bytes that differ, with the few between them that do not. */
static void put_changes(struct out *o, char kind, uint32_t base, const uint8_t *was, const uint8_t *is, unsigned len)
{
    for (unsigned i = 0; i < len && !o->full; i++) {
        if (was[i] == is[i])
            continue;
        put(o, " %c%x=", kind, base + i);
        for (; i < len && memcmp(was + i, is + i, len - i < 2 ? len - i : 2) != 0; i++)
            put(o, "%02x", is[i]);
    }
}

/* What is compared of an FXSAVE image. */
static void judged_fx(uint8_t *to, const uint8_t *from, uint32_t undefined)
{
    memset(to, 0, 160);
    memcpy(to, from, 5);
    if (undefined & UNDEFINED_C1)
        to[3] &= 0xfd;
    for (unsigned i = 32; i < 160; i += 16)
        memcpy(to + i, from + i, 10);
}

bool case_result(char text[CASE_TEXT], const struct oracle_case *c, const struct oracle_state *after,
                 const uint8_t *data_before, const uint8_t *data_after)
{
    struct out o = { text, 0, false };
    uint32_t flags = FLAG_ARITH | FLAG_DF | FLAG_AC | FLAG_NT | FLAG_ID | FLAG_TF;
    uint32_t error = after->vector == 14 ? after->error & ~0x10u : after->error; /* fetches show with NX only */
    uint8_t was[160], is[160];

    put(&o, "v=%x", after->vector);
    if (error != 0)
        put(&o, " e=%x", error);
    if (after->cr2 != 0)
        put(&o, " cr2=%x", after->cr2);
    put(&o, " eip=%x fl=%x", after->eip, after->eflags & flags & ~c->undefined);
    if (c->undefined != 0)
        put(&o, " u=%x", c->undefined);
    for (unsigned i = 0; i < 8; i++)
        if (after->gpr[i] != c->before.gpr[i])
            put(&o, " g%u=%x", i, after->gpr[i]);
    for (unsigned i = 0; i < 6; i++)
        if (after->seg[i] != c->before.seg[i] && i != 1)
            put(&o, " s%u=%x", i, after->seg[i]);
    put_changes(&o, 'm', DATA_BASE, data_before, data_after, DATA_SIZE);
    judged_fx(was, c->before.fx, c->undefined);
    judged_fx(is, after->fx, c->undefined);
    put_changes(&o, 'x', 0, was, is, 160);
    return !o.full;
}

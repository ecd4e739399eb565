/* Sections of fields: hash, save, load, compare. */
#include "config.h"

#include "core/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

enum { STATE_SECTIONS = 64, STATE_HOOKS = 64, EVENT_BYTES = 16 };

struct state_section {
    const char *name;
    unsigned version;
    const struct state_field *fields; /* NULL: a blob */
    const struct state_blob_ops *ops;
    void *obj;
};

struct state_hook {
    void (*settle)(void *obj);
    void (*loaded)(void *obj);
    void *obj;
};

struct state {
    struct sched *sched;
    struct state_section section[STATE_SECTIONS];
    struct state_hook hook[STATE_HOOKS];
    unsigned sections, hooks;
    struct pages_pool pool; /* of points */
};

struct state *state_new(struct sched *sched)
{
    struct state *st = xcalloc(1, sizeof *st);

    st->sched = sched;
    return st;
}

void state_free(struct state *st)
{
    free(st);
}

static struct state_section *state_add(struct state *st, const char *name, unsigned version, void *obj)
{
    struct state_section *sec = &st->section[st->sections++];

    assert(st->sections <= STATE_SECTIONS);
    *sec = (struct state_section){ .name = name, .version = version, .obj = obj };
    return sec;
}

void state_register(struct state *st, const char *name, unsigned version,
                    const struct state_field *fields, void *obj)
{
    state_add(st, name, version, obj)->fields = fields;
}

void state_register_blob(struct state *st, const char *name, unsigned version,
                         const struct state_blob_ops *ops, void *obj)
{
    state_add(st, name, version, obj)->ops = ops;
}

void state_hooks(struct state *st, void (*settle)(void *obj), void (*loaded)(void *obj), void *obj)
{
    assert(st->hooks < STATE_HOOKS);
    st->hook[st->hooks++] = (struct state_hook){ settle, loaded, obj };
}

/* --- one struct ---------------------------------------------------------- */

static uint64_t load_uint(const uint8_t *p, unsigned width)
{
    return width == 8 ? load_le64(p) : load_le(p, width);
}

static void store_uint(uint8_t *p, unsigned width, uint64_t val)
{
    if (width == 8)
        store_le64(p, val);
    else
        store_le(p, width, (uint32_t) val);
}

static void fields_save(const struct state_field *f, const uint8_t *obj, struct buf *out)
{
    for (; f->kind != STATE_KIND_END; f++) {
        const uint8_t *p = obj + f->offset;

        if (f->kind == STATE_KIND_EVENT) {
            const struct event *ev = (const void *) p;

            buf_add_le(out, ev->due, 8);
            buf_add_le(out, event_armed(ev) ? ev->seq : 0, 8);
        } else if (f->kind == STATE_KIND_STRUCT) {
            for (uint32_t i = 0; i < f->count; i++)
                fields_save(f->sub, p + (size_t) i * f->width, out);
        } else if (f->width == 1) {
            buf_add(out, p, f->count);
        } else {
            for (uint32_t i = 0; i < f->count; i++)
                buf_add_le(out, load_uint(p + (size_t) i * f->width, f->width), f->width);
        }
    }
}

static size_t fields_size(const struct state_field *f)
{
    size_t size = 0;

    for (; f->kind != STATE_KIND_END; f++)
        size += f->kind == STATE_KIND_EVENT  ? EVENT_BYTES
              : f->kind == STATE_KIND_STRUCT ? f->count * fields_size(f->sub)
                                             : (size_t) f->count * f->width;
    return size;
}

static const uint8_t *fields_load(struct sched *s, const struct state_field *f, uint8_t *obj,
                                  const uint8_t *in)
{
    for (; f->kind != STATE_KIND_END; f++) {
        uint8_t *p = obj + f->offset;

        if (f->kind == STATE_KIND_EVENT) {
            sched_restore(s, (void *) p, load_le64(in), load_le64(in + 8));
            in += EVENT_BYTES;
        } else if (f->kind == STATE_KIND_STRUCT) {
            for (uint32_t i = 0; i < f->count; i++)
                in = fields_load(s, f->sub, p + (size_t) i * f->width, in);
        } else if (f->width == 1) {
            memcpy(p, in, f->count);
            in += f->count;
        } else {
            for (uint32_t i = 0; i < f->count; i++, in += f->width)
                store_uint(p + (size_t) i * f->width, f->width, load_uint(in, f->width));
        }
    }
    return in;
}

/* --- the whole machine --------------------------------------------------- */

static void state_settle(struct state *st)
{
    for (unsigned i = 0; i < st->hooks; i++)
        if (st->hook[i].settle != NULL)
            st->hook[i].settle(st->hook[i].obj);
}

static void section_save(const struct state_section *sec, struct buf *out)
{
    if (sec->fields != NULL)
        fields_save(sec->fields, sec->obj, out);
    else
        sec->ops->save(sec->obj, out);
}

/* `saved`: emptied; holds the fields' bytes then.  `also` may be NULL. */
static void section_hash(const struct state_section *sec, struct buf *saved, struct xxh64 *h,
                         struct xxh64 *also)
{
    uint8_t version[4];

    store_le32(version, sec->version);
    xxh64_update_both(h, also, sec->name, strlen(sec->name) + 1);
    xxh64_update_both(h, also, version, sizeof version);
    saved->len = 0;
    if (sec->fields == NULL) {
        sec->ops->hash(sec->obj, h, also);
        return;
    }
    fields_save(sec->fields, sec->obj, saved);
    xxh64_update_both(h, also, saved->data, saved->len);
}

uint64_t state_hash(struct state *st)
{
    struct buf saved = { 0 };
    struct xxh64 h;

    state_settle(st);
    xxh64_init(&h, 0);
    for (unsigned i = 0; i < st->sections; i++)
        section_hash(&st->section[i], &saved, &h, NULL);
    buf_free(&saved);
    return xxh64_digest(&h);
}

const char *state_section_name(const struct state *st, unsigned i)
{
    return i < st->sections ? st->section[i].name : NULL;
}

uint64_t state_section_hash(struct state *st, unsigned i)
{
    struct buf saved = { 0 };
    struct xxh64 h;

    state_settle(st);
    xxh64_init(&h, 0);
    section_hash(&st->section[i], &saved, &h, NULL);
    buf_free(&saved);
    return xxh64_digest(&h);
}

/* A section in memory: name with its NUL, version, length, bytes. */
void state_save(struct state *st, struct buf *out)
{
    state_settle(st);
    for (unsigned i = 0; i < st->sections; i++) {
        const struct state_section *sec = &st->section[i];
        size_t at;

        buf_add(out, sec->name, strlen(sec->name) + 1);
        buf_add_le(out, sec->version, 4);
        at = out->len;
        buf_add_le(out, 0, 8);
        section_save(sec, out);
        store_le64(out->data + at, out->len - at - 8);
    }
}

struct section_data {
    const uint8_t *data;
    size_t len;
};

static int section_check(const struct state_section *sec, const struct section_data *d, struct err *err)
{
    size_t want;

    if (sec->fields == NULL)
        return sec->ops->check(sec->obj, d->data, d->len, err);
    want = fields_size(sec->fields);
    if (d->len == want)
        return 0;
    err_set(err, "state section '%s' has %zu bytes, not %zu", sec->name, d->len, want);
    return -1;
}

/* Finds the sections in their order; each must be known and fit. */
static int state_parse(const struct state *st, const uint8_t *p, size_t len,
                       struct section_data *found, struct err *err)
{
    const uint8_t *end = p + len;

    for (unsigned i = 0; i < st->sections; i++) {
        const struct state_section *sec = &st->section[i];
        size_t name = strlen(sec->name) + 1;

        if ((size_t) (end - p) < name + 12 || memcmp(p, sec->name, name) != 0) {
            err_set(err, "state has no section '%s' where it is due", sec->name);
            return -1;
        }
        p += name;
        if (load_le32(p) != sec->version) {
            err_set(err, "state section '%s' is version %u, not %u", sec->name, load_le32(p), sec->version);
            return -1;
        }
        if (load_le64(p + 4) > (size_t) (end - p) - 12) {
            err_set(err, "state section '%s' is cut off", sec->name);
            return -1;
        }
        found[i] = (struct section_data){ p + 12, (size_t) load_le64(p + 4) };
        p += 12 + found[i].len;
        if (section_check(sec, &found[i], err) < 0)
            return -1;
    }
    if (p == end)
        return 0;
    err_set(err, "state has an unknown section at its end");
    return -1;
}

/* All sections hold other content now. */
static void state_loaded(struct state *st)
{
    sched_loaded(st->sched);
    for (unsigned i = 0; i < st->hooks; i++)
        if (st->hook[i].loaded != NULL)
            st->hook[i].loaded(st->hook[i].obj);
    sched_kick(st->sched);
}

int state_load(struct state *st, const uint8_t *data, size_t len, struct err *err)
{
    struct section_data found[STATE_SECTIONS];

    if (state_parse(st, data, len, found, err) < 0)
        return -1;
    state_settle(st);
    sched_clear(st->sched);
    for (unsigned i = 0; i < st->sections; i++) {
        const struct state_section *sec = &st->section[i];

        if (sec->fields != NULL)
            fields_load(st->sched, sec->fields, sec->obj, found[i].data);
        else
            sec->ops->load(sec->obj, found[i].data, found[i].len);
    }
    state_loaded(st);
    return 0;
}

/* --- points in the past ---------------------------------------------------- */

/* Of each section: pages of its fields, or what its blob gave. */
struct state_point {
    unsigned sections; /* a disk may come later */
    struct pages fields[STATE_SECTIONS];
    void *blob[STATE_SECTIONS];
};

static void section_keep(struct state *st, unsigned i, struct state_point *p,
                         const struct state_point *before)
{
    const struct state_section *sec = &st->section[i];
    const struct pages *old = before != NULL ? &before->fields[i] : NULL;
    struct buf b = { 0 };
    uint8_t *room = buf_grow(&b, fields_size(sec->fields)); /* at once */

    (void) room;
    b.len = 0;
    fields_save(sec->fields, sec->obj, &b);
    pages_init(&p->fields[i], &st->pool, (b.len + PAGES_SIZE - 1) / PAGES_SIZE);
    for (size_t at = 0; at < b.len; at += PAGES_SIZE)
        pages_put(&p->fields[i], &st->pool, old, at / PAGES_SIZE, b.data + at,
                  b.len - at < PAGES_SIZE ? b.len - at : PAGES_SIZE);
    buf_free(&b);
}

static bool state_never(void *opaque)
{
    (void) opaque;
    return false;
}

struct state_point *state_keep(struct state *st, const struct state_point *before,
                               bool (*hurry)(void *opaque), void *opaque)
{
    struct state_point *p = xcalloc(1, sizeof *p);

    st->pool.hurry = hurry != NULL ? hurry : state_never;
    st->pool.opaque = opaque;
    state_settle(st);
    for (unsigned i = 0; i < st->sections; i++) {
        const struct state_section *sec = &st->section[i];
        bool had = before != NULL && i < before->sections, done = true;

        if (sec->fields != NULL)
            section_keep(st, i, p, had ? before : NULL);
        else
            done = (p->blob[i] = sec->ops->keep(sec->obj, &st->pool, had ? before->blob[i] : NULL)) != NULL;
        if (!done || st->pool.hurry(opaque)) {
            p->sections = i + done;
            state_drop(st, p);
            return NULL;
        }
    }
    p->sections = st->sections;
    return p;
}

static void section_back(struct state *st, unsigned i, const struct state_point *p)
{
    const struct state_section *sec = &st->section[i];
    uint8_t *data = xmalloc(p->fields[i].n * PAGES_SIZE + 1);

    for (size_t k = 0; k < p->fields[i].n; k++)
        memcpy(data + k * PAGES_SIZE, pages_get(&p->fields[i], k), PAGES_SIZE);
    fields_load(st->sched, sec->fields, sec->obj, data);
    free(data);
}

void state_back(struct state *st, struct state_point *p)
{
    state_settle(st);
    sched_clear(st->sched);
    for (unsigned i = 0; i < p->sections; i++) {
        const struct state_section *sec = &st->section[i];

        if (sec->fields != NULL)
            section_back(st, i, p);
        else
            sec->ops->back(sec->obj, p->blob[i]);
    }
    state_loaded(st);
}

void state_drop(struct state *st, struct state_point *p)
{
    if (p == NULL)
        return;
    for (unsigned i = 0; i < p->sections; i++) {
        const struct state_section *sec = &st->section[i];

        if (sec->fields != NULL)
            pages_free(&p->fields[i], &st->pool);
        else
            sec->ops->drop(sec->obj, &st->pool, p->blob[i]);
    }
    free(p);
}

size_t state_kept(const struct state *st)
{
    return st->pool.bytes;
}

/* --- differences --------------------------------------------------------- */

/* Names the member at byte `at` of a struct's saved form. */
static void fields_name(const struct state_field *f, size_t at, char *text, size_t size)
{
    for (; f->kind != STATE_KIND_END; f++) {
        size_t one = f->kind == STATE_KIND_EVENT  ? EVENT_BYTES
                   : f->kind == STATE_KIND_STRUCT ? fields_size(f->sub)
                                                  : f->width;
        int n;

        if (at >= one * f->count) {
            at -= one * f->count;
            continue;
        }
        n = f->count > 1 ? snprintf(text, size, ".%s[%zu]", f->name, at / one)
                         : snprintf(text, size, ".%s", f->name);
        if (f->kind == STATE_KIND_STRUCT && n > 0 && (size_t) n < size)
            fields_name(f->sub, at % one, text + n, size - (size_t) n);
        return;
    }
}

static bool section_diff(const struct state_section *sec, const struct section_data *a,
                         const struct section_data *b, char *text, size_t size)
{
    size_t n = a->len < b->len ? a->len : b->len;
    char field[128] = "";
    size_t at = 0;

    while (at < n && a->data[at] == b->data[at])
        at++;
    if (at == n && a->len == b->len)
        return false;
    if (sec->fields != NULL)
        fields_name(sec->fields, at, field, sizeof field);
    snprintf(text, size, "%s%s: byte %zu: %02x %02x", sec->name, field, at,
             at < a->len ? a->data[at] : 0, at < b->len ? b->data[at] : 0);
    return true;
}

bool state_diff(struct state *st, const struct buf *a, const struct buf *b, char *text, size_t size)
{
    struct section_data in_a[STATE_SECTIONS], in_b[STATE_SECTIONS];
    struct err err;

    if (state_parse(st, a->data, a->len, in_a, &err) < 0
        || state_parse(st, b->data, b->len, in_b, &err) < 0) {
        snprintf(text, size, "%s", err.msg);
        return true;
    }
    for (unsigned i = 0; i < st->sections; i++)
        if (section_diff(&st->section[i], &in_a[i], &in_b[i], text, size))
            return true;
    return false;
}

/* --- what changed -------------------------------------------------------- */

struct state_mark {
    uint64_t section[STATE_SECTIONS];
    uint64_t *leaf; /* a hash of each field's bytes; 0: zeroes */
    size_t leaves;
    /* What looks changed, for taking them back; owned. */
    bool keep;
    struct mark_undo {
        bool section;
        size_t i;
        uint64_t was;
    } *undo;
    size_t undos, undo_room;
    size_t *look; /* undos before each look */
    size_t looks, look_room;
};

struct describe {
    struct state_mark *mark;
    struct buf *out;
    const uint8_t *at; /* in the section's saved bytes */
    size_t leaf;
};

struct state_mark *state_mark_new(void)
{
    return xcalloc(1, sizeof(struct state_mark));
}

void state_mark_free(struct state_mark *mark)
{
    if (mark == NULL)
        return;
    free(mark->leaf);
    free(mark->undo);
    free(mark->look);
    free(mark);
}

void state_mark_keep(struct state_mark *mark)
{
    mark->keep = true;
}

static void mark_begin_look(struct state_mark *mark)
{
    if (!mark->keep)
        return;
    if (mark->looks == mark->look_room) {
        mark->look_room = mark->look_room * 2 + 64;
        mark->look = xrealloc(mark->look, mark->look_room * sizeof *mark->look);
    }
    mark->look[mark->looks++] = mark->undos;
}

static void mark_note(struct state_mark *mark, bool section, size_t i, uint64_t was)
{
    if (!mark->keep)
        return;
    if (mark->undos == mark->undo_room) {
        mark->undo_room = mark->undo_room * 2 + 256;
        mark->undo = xrealloc(mark->undo, mark->undo_room * sizeof *mark->undo);
    }
    mark->undo[mark->undos++] = (struct mark_undo){ section, i, was };
}

void state_mark_back(struct state_mark *mark, size_t looks)
{
    size_t stop;

    assert(looks <= mark->looks);
    if (looks == 0)
        return;
    mark->looks -= looks;
    stop = mark->look[mark->looks];
    while (mark->undos != stop) {
        const struct mark_undo *u = &mark->undo[--mark->undos];

        *(u->section ? &mark->section[u->i] : &mark->leaf[u->i]) = u->was;
    }
}

static uint64_t leaf_hash(const uint8_t *p, size_t len)
{
    if (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0)
        return 0; /* all zeroes */
    return xxh64(p, len, 0) | 1;
}

/* True if the bytes are others than at the last look. */
static bool leaf_changed(struct describe *d, const uint8_t *p, size_t len)
{
    struct state_mark *mark = d->mark;
    uint64_t hash = leaf_hash(p, len);
    size_t i = d->leaf++;
    bool changed;

    if (i >= mark->leaves) {
        size_t n = (i + 1) * 2;

        mark->leaf = xrealloc(mark->leaf, n * sizeof *mark->leaf);
        memset(mark->leaf + mark->leaves, 0, (n - mark->leaves) * sizeof *mark->leaf);
        mark->leaves = n;
    }
    changed = mark->leaf[i] != hash;
    if (changed)
        mark_note(mark, false, i, mark->leaf[i]);
    mark->leaf[i] = hash;
    return changed;
}

static void leaf_print(const struct state_field *f, const uint8_t *p, size_t len, struct buf *out)
{
    if (f->kind == STATE_KIND_EVENT && load_le64(p) == VTIME_NEVER)
        buf_printf(out, "never");
    else if (f->kind == STATE_KIND_EVENT)
        buf_printf(out, "%" PRIu64 "/%" PRIu64, load_le64(p), load_le64(p + 8));
    else if (f->count == 1)
        buf_printf(out, "%" PRIx64, load_uint(p, f->width));
    else if (len > 8)
        buf_printf(out, "#%08" PRIx32, (uint32_t) xxh64(p, len, 0));
    else
        for (size_t i = 0; i < len; i++)
            buf_printf(out, "%02x", p[i]);
}

static void fields_describe(struct describe *d, const struct state_field *f, const char *path)
{
    for (; f->kind != STATE_KIND_END; f++) {
        size_t len = f->kind == STATE_KIND_EVENT ? EVENT_BYTES : (size_t) f->count * f->width;
        const uint8_t *p = d->at;

        if (f->kind == STATE_KIND_STRUCT) {
            for (uint32_t i = 0; i < f->count; i++) {
                char sub[160];

                if (f->count > 1)
                    snprintf(sub, sizeof sub, "%s%s[%u].", path, f->name, i);
                else
                    snprintf(sub, sizeof sub, "%s%s.", path, f->name);
                fields_describe(d, f->sub, sub);
            }
            continue;
        }
        d->at += len;
        if (!leaf_changed(d, p, len))
            continue;
        buf_printf(d->out, " %s%s=", path, f->name);
        leaf_print(f, p, len, d->out);
    }
}

uint64_t state_describe(struct state *st, struct state_mark *mark, struct buf *out)
{
    struct describe d = { .mark = mark, .out = out };
    struct buf saved = { 0 };
    struct xxh64 whole;

    state_settle(st);
    mark_begin_look(mark);
    xxh64_init(&whole, 0);
    for (unsigned i = 0; i < st->sections; i++) {
        const struct state_section *sec = &st->section[i];
        struct xxh64 h;
        size_t start = out->len;
        uint64_t hash;

        xxh64_init(&h, 0);
        section_hash(sec, &saved, &h, &whole);
        hash = xxh64_digest(&h);
        buf_printf(out, "+%s %016" PRIx64, sec->name, hash);
        if (sec->fields != NULL) {
            d.at = saved.data;
            fields_describe(&d, sec->fields, "");
        }
        buf_add(out, "\n", 1);
        if (hash == mark->section[i])
            out->len = start;
        else
            mark_note(mark, true, i, mark->section[i]);
        mark->section[i] = hash;
    }
    buf_free(&saved);
    return xxh64_digest(&whole);
}

/* --- the completeness test ----------------------------------------------- */

static size_t field_span(const struct state_field *f)
{
    return (size_t) f->count * f->width;
}

bool state_fields_complete(const struct state_field *fields, char *text, size_t size)
{
    const struct state_field *end = fields;
    uint8_t *owner;
    bool ok = true;

    while (end->kind != STATE_KIND_END)
        end++;
    owner = xcalloc(end->offset, 1);
    for (const struct state_field *f = fields; ok && f != end; f++) {
        if (f->kind == STATE_KIND_STRUCT && !state_fields_complete(f->sub, text, size))
            ok = false;
        for (size_t i = 0; ok && i < field_span(f); i++) {
            if (f->offset + i >= end->offset || owner[f->offset + i]++ != 0) {
                snprintf(text, size, "%s: byte %zu is saved twice or past the end", f->name, i);
                ok = false;
            }
        }
    }
    for (size_t i = 0; ok && i < end->offset; i++) {
        if (owner[i] == 0) {
            snprintf(text, size, "byte %zu of the saved part is in no field", i);
            ok = false;
        }
    }
    free(owner);
    return ok;
}

bool state_complete(const struct state *st, char *text, size_t size)
{
    for (unsigned i = 0; i < st->sections; i++) {
        const struct state_section *sec = &st->section[i];
        int n = snprintf(text, size, "%s: ", sec->name);

        if (n < 0 || (size_t) n >= size)
            n = 0;
        if (sec->fields != NULL && !state_fields_complete(sec->fields, text + n, size - (size_t) n))
            return false;
    }
    return true;
}

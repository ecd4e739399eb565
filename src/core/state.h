/*
 * The machine's saved state: named, versioned sections of named fields.
 *
 * A device lists its saved members, which come first in its struct, are
 * fixed-width and without padding between them, in a table that ends with
 * STATE_END(type, first member that is not saved).  The machine hash, a
 * snapshot and a comparison of two machines all read these tables.
 * Bytes are little-endian in the order of the table.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/xxh64.h"
#include "core/pages.h"
#include "core/sched.h"

enum state_kind {
    STATE_KIND_UINT,   /* `count` integers of `width` bytes */
    STATE_KIND_EVENT,  /* struct event: due time and order */
    STATE_KIND_STRUCT, /* `count` structs of `width` bytes, fields in `sub` */
    STATE_KIND_END,    /* offset: number of bytes that the table must cover */
};

struct state_field {
    const char *name;
    enum state_kind kind;
    uint32_t offset;
    uint32_t width;
    uint32_t count;
    const struct state_field *sub;
};

#define STATE_MEMBER(type, m) ((const type *) 0)->m
/* An integer, bool or enum of fixed width. */
#define STATE_UINT(type, m) \
    { #m, STATE_KIND_UINT, offsetof(type, m), sizeof STATE_MEMBER(type, m), 1, NULL }
/* An array of integers (of one dimension). */
#define STATE_UINTS(type, m)                                                   \
    { #m, STATE_KIND_UINT, offsetof(type, m), sizeof STATE_MEMBER(type, m)[0], \
      sizeof STATE_MEMBER(type, m) / sizeof STATE_MEMBER(type, m)[0], NULL }
/* Any block of bytes, arrays of uint8_t of any dimension. */
#define STATE_BYTES(type, m) \
    { #m, STATE_KIND_UINT, offsetof(type, m), 1, sizeof STATE_MEMBER(type, m), NULL }
#define STATE_EVENT(type, m) \
    { #m, STATE_KIND_EVENT, offsetof(type, m), sizeof(struct event), 1, NULL }
/* A struct, or an array of structs, with a table of its own; that table ends
 * with STATE_END_ALL(subtype) or STATE_END. */
#define STATE_STRUCT(type, m, fields) \
    { #m, STATE_KIND_STRUCT, offsetof(type, m), sizeof STATE_MEMBER(type, m), 1, fields }
#define STATE_STRUCTS(type, m, fields)                                           \
    { #m, STATE_KIND_STRUCT, offsetof(type, m), sizeof STATE_MEMBER(type, m)[0], \
      sizeof STATE_MEMBER(type, m) / sizeof STATE_MEMBER(type, m)[0], fields }
#define STATE_END(type, m)  { NULL, STATE_KIND_END, offsetof(type, m), 0, 0, NULL }
#define STATE_END_ALL(type) { NULL, STATE_KIND_END, sizeof(type), 0, 0, NULL }

struct state;

/* `sched` is told of each event that a load puts back. */
struct state *state_new(struct sched *sched);
void state_free(struct state *st);

/* `name`, `fields` and `obj` outlive the state. Sections keep this order. */
void state_register(struct state *st, const char *name, unsigned version,
                    const struct state_field *fields, void *obj);

/* A section that is not a struct: RAM, written sectors. */
struct state_blob_ops {
    /* Into both; `also` may be NULL. */
    void (*hash)(void *obj, struct xxh64 *h, struct xxh64 *also);
    void (*save)(void *obj, struct buf *out);
    /* Check, then take; `data` holds len bytes.  -1: refused, nothing changed. */
    int (*check)(void *obj, const uint8_t *data, size_t len, struct err *err);
    void (*load)(void *obj, const uint8_t *data, size_t len);
    /*
     * Points in the past, in memory: `keep` notes what there is now, cheaply,
     * with `before`, the newest point kept (NULL: none); `back` makes it so
     * again, once all points after it have been dropped, newest first; `drop`
     * forgets one, in any order.  NULL: the pool's hurry() said so.
     */
    void *(*keep)(void *obj, struct pages_pool *pool, const void *before);
    void (*back)(void *obj, void *point);
    void (*drop)(void *obj, struct pages_pool *pool, void *point);
};
void state_register_blob(struct state *st, const char *name, unsigned version,
                         const struct state_blob_ops *ops, void *obj);

/*
 * Derived state: `settle` runs before sections are read (bring lazily kept
 * values into their saved members), `loaded` after all have been written
 * (drop or rebuild caches).  Either may be NULL.  Neither calls other devices.
 */
void state_hooks(struct state *st, void (*settle)(void *obj), void (*loaded)(void *obj), void *obj);

/* Hash of the whole machine; of section number i (name NULL past the last). */
uint64_t state_hash(struct state *st);
const char *state_section_name(const struct state *st, unsigned i);
uint64_t state_section_hash(struct state *st, unsigned i);

/* All sections, in memory form.  Load is all or nothing: -1 and `err` when a
 * section is missing, unknown, of another version or of the wrong size. */
void state_save(struct state *st, struct buf *out);
int state_load(struct state *st, const uint8_t *data, size_t len, struct err *err);

/*
 * A point in the past, kept in memory; what did not change since `before`, the
 * newest point kept (NULL: there is none), is shared with it.  Back to one only
 * when all that are newer have been dropped.  NULL: hurry(), which is asked every
 * few microseconds (but for a disk), was true; NULL as hurry: it never is.
 */
struct state_point;
struct state_point *state_keep(struct state *st, const struct state_point *before,
                               bool (*hurry)(void *opaque), void *opaque);
void state_back(struct state *st, struct state_point *point);
void state_drop(struct state *st, struct state_point *point);
size_t state_kept(const struct state *st); /* bytes that all points take */

/* Text of the first field that differs between two saved states of one
 * machine ("mc146818.cmos[12]: 1 2"), or false when they are equal. */
bool state_diff(struct state *st, const struct buf *a, const struct buf *b, char *text, size_t size);

/*
 * What a checkpoint of a trace says beside the hash: for each section that
 * changed since the last look one line "+NAME HASH FIELD=VALUE ...", with the
 * fields that changed.  A mark remembers the last look; a new one has seen a
 * machine of zeroes.  Values: hexadecimal; DUE/ORDER of an event; long ones
 * as # and a hash.  docs/trace-format.md has the whole.  Returns state_hash(),
 * which on the way costs little.
 */
struct state_mark;
struct state_mark *state_mark_new(void);
void state_mark_free(struct state_mark *mark);
/* From now on looks can be taken back: the last `looks` of them have not been. */
void state_mark_keep(struct state_mark *mark);
void state_mark_back(struct state_mark *mark, size_t looks);
uint64_t state_describe(struct state *st, struct state_mark *mark, struct buf *out);

/*
 * For tests: every byte below the table's END in one row and only one.
 * Returns true, or false with the first offence in `text`.
 */
bool state_fields_complete(const struct state_field *fields, char *text, size_t size);

/* The same of every section that is registered. */
bool state_complete(const struct state *st, char *text, size_t size);

#endif

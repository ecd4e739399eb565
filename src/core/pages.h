/*
 * Content in pages that are shared: what has not changed since an earlier copy
 * costs a pointer.  For points in the past that are kept in memory.
 */
#ifndef CORE_PAGES_H
#define CORE_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGES_SIZE = 4096 };

struct shared_page; /* NULL: zeroes */

struct pages {
    struct shared_page **page; /* owned */
    size_t n;
};

struct pages_pool {
    size_t bytes; /* that all of them take, without what is shared */
    /* For whoever fills many: true, when something cannot wait. */
    bool (*hurry)(void *opaque);
    void *opaque;
};

void pages_init(struct pages *p, struct pages_pool *pool, size_t n);
void pages_free(struct pages *p, struct pages_pool *pool);

/* Page `i` (whole, or its first `len` bytes) becomes `data`; shares the page of
 * `before` (may be NULL) where that is the same. */
void pages_put(struct pages *p, struct pages_pool *pool, const struct pages *before, size_t i,
               const uint8_t *data, size_t len);
/* True if it was the same in `before` (may be NULL): then it is shared. */
bool pages_share(struct pages *p, const struct pages *before, size_t i, const uint8_t *data);
/* Its content, or NULL: zeroes. */
const uint8_t *pages_get(const struct pages *p, size_t i);

#endif

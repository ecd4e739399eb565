/* Growable bytes. */
#include "config.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

uint8_t *buf_grow(struct buf *b, size_t n)
{
    if (b->cap - b->len < n) {
        b->cap = (b->len + n) * 2;
        b->data = xrealloc(b->data, b->cap);
    }
    b->len += n;
    return b->data + (b->len - n);
}

void buf_add(struct buf *b, const void *data, size_t n)
{
    if (n != 0)
        memcpy(buf_grow(b, n), data, n);
}

void buf_add_le(struct buf *b, uint64_t val, unsigned size)
{
    uint8_t *p = buf_grow(b, size);

    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t) (val >> (8 * i));
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){ 0 };
}

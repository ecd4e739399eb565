/* Growable bytes. */
#include "config.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
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

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n <= 0)
        return;
    va_start(ap, fmt);
    vsnprintf((char *) buf_grow(b, (size_t) n + 1), (size_t) n + 1, fmt, ap);
    va_end(ap);
    b->len--; /* the NUL */
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){ 0 };
}

/* A growable run of bytes: what a section of state is written into. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data; /* owned; NULL while empty */
    size_t len;
    size_t cap;
};

/* Room for `n` more bytes at the end, counted as used; contents undefined. */
uint8_t *buf_grow(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *data, size_t n);
void buf_add_le(struct buf *b, uint64_t val, unsigned size);
/* printf at the end, without a NUL. */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_free(struct buf *b);

#endif

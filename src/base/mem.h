/*
 * Allocation that does not fail: running out of memory ends the process with
 * a line on stderr (exit 5).  Memory is released with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *xmalloc(size_t size) __attribute__((malloc));
void *xcalloc(size_t n, size_t size) __attribute__((malloc));
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s) __attribute__((malloc));

/* Zeroed memory for a large table of which little is touched: pages that are
 * never written take no memory.  Given back with xunmap(p, the same size). */
void *xmap(size_t size) __attribute__((malloc));
void xunmap(void *p, size_t size);

/* The same for one that fills from its start, or is used all over: in large pages, where
 * the host gives them. */
void *xmap_dense(size_t size) __attribute__((malloc));

/* printf into new memory. */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

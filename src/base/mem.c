/* Allocation that ends the process instead of failing. */
#include "config.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *mem_check(void *p)
{
    if (p == NULL) {
        fputs("reprise: out of memory\n", stderr);
        exit(5);
    }
    return p;
}

void *xmalloc(size_t size)
{
    return mem_check(malloc(size != 0 ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
    return mem_check(calloc(n != 0 ? n : 1, size != 0 ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
    return mem_check(realloc(p, size != 0 ? size : 1));
}

char *xstrdup(const char *s)
{
    return mem_check(strdup(s));
}

void *xmap(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return mem_check(p != MAP_FAILED ? p : NULL);
}

void *xmap_dense(size_t size)
{
    void *p = xmap(size);

    madvise(p, size, MADV_HUGEPAGE); /* if not, not */
    return p;
}

void xunmap(void *p, size_t size)
{
    if (p != NULL)
        munmap(p, size);
}

char *xasprintf(const char *fmt, ...)
{
    char *s = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&s, fmt, ap) < 0)
        s = NULL;
    va_end(ap);
    return mem_check(s);
}

/* Pages with a count of their users. */
#include "config.h"

#include "core/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct shared_page {
    size_t users;
    uint8_t data[PAGES_SIZE];
};

void pages_init(struct pages *p, struct pages_pool *pool, size_t n)
{
    p->page = xcalloc(n + 1, sizeof(struct shared_page *));
    p->n = n;
    pool->bytes += n * sizeof(struct shared_page *);
}

static void pages_drop(struct pages_pool *pool, struct shared_page *page)
{
    if (page == NULL || --page->users != 0)
        return;
    free(page);
    pool->bytes -= sizeof *page;
}

void pages_free(struct pages *p, struct pages_pool *pool)
{
    for (size_t i = 0; i < p->n; i++)
        pages_drop(pool, p->page[i]);
    pool->bytes -= p->n * sizeof(struct shared_page *);
    free(p->page);
    *p = (struct pages){ NULL, 0 };
}

static bool pages_share_part(struct pages *p, const struct pages *before, size_t i,
                             const uint8_t *data, size_t len)
{
    struct shared_page *old = before != NULL && i < before->n ? before->page[i] : NULL;

    if (old == NULL || memcmp(old->data, data, len) != 0)
        return false;
    old->users++;
    p->page[i] = old;
    return true;
}

bool pages_share(struct pages *p, const struct pages *before, size_t i, const uint8_t *data)
{
    return pages_share_part(p, before, i, data, PAGES_SIZE);
}

void pages_put(struct pages *p, struct pages_pool *pool, const struct pages *before, size_t i,
               const uint8_t *data, size_t len)
{
    struct shared_page *page;

    if (pages_share_part(p, before, i, data, len))
        return;
    page = xmalloc(sizeof *page);
    page->users = 1;
    memcpy(page->data, data, len);
    memset(page->data + len, 0, PAGES_SIZE - len);
    pool->bytes += sizeof *page;
    p->page[i] = page;
}

const uint8_t *pages_get(const struct pages *p, size_t i)
{
    return p->page[i] != NULL ? p->page[i]->data : NULL;
}

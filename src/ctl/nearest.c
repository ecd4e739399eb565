/* Nearest match: optimal string alignment distance (Damerau-Levenshtein). */
#include "config.h"

#include "ctl/nearest.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { NEAREST_MAX = 48 }; /* letters compared */

static unsigned nearest_min(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static bool nearest_same(char a, char b)
{
    return tolower((unsigned char) a) == tolower((unsigned char) b);
}

static unsigned nearest_distance(const char *a, size_t n, const char *b, size_t m)
{
    unsigned row[3][NEAREST_MAX + 1];
    unsigned *before = row[0], *above = row[1], *now = row[2];

    for (unsigned j = 0; j <= m; j++)
        above[j] = before[j] = j;
    for (unsigned i = 1; i <= n; i++) {
        unsigned *recycled = before;

        now[0] = i;
        for (unsigned j = 1; j <= m; j++) {
            now[j] = nearest_min(above[j - 1] + !nearest_same(a[i - 1], b[j - 1]),
                                 nearest_min(above[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && nearest_same(a[i - 1], b[j - 2]) &&
                nearest_same(a[i - 2], b[j - 1]))
                now[j] = nearest_min(now[j], before[j - 2] + 1);
        }
        before = above;
        above = now;
        now = recycled;
    }
    return above[m];
}

int nearest_find(const char *word, const char *(*list)(const void *opaque, unsigned i),
                 const void *opaque)
{
    size_t n = strnlen(word, NEAREST_MAX);
    unsigned best = UINT_MAX;
    const char *other;
    int found = -1;

    for (unsigned i = 0; (other = list(opaque, i)) != NULL; i++) {
        size_t m = strnlen(other, NEAREST_MAX);
        unsigned d = nearest_distance(word, n, other, m);

        if (n >= 2 && d > 1 && strncasecmp(word, other, n) == 0)
            d = 1;
        if (d < best) {
            best = d;
            found = (int) i;
        }
    }
    return found;
}

unsigned nearest_letters(const char *a, const char *b)
{
    return nearest_distance(a, strnlen(a, NEAREST_MAX), b, strnlen(b, NEAREST_MAX));
}

unsigned nearest_limit(const char *word)
{
    size_t n = strnlen(word, NEAREST_MAX);

    return n < 4 ? 1 : n < 8 ? 2 : 3;
}

/* The word that somebody probably meant. */
#ifndef CTL_NEAREST_H
#define CTL_NEAREST_H

/*
 * Number of the word nearest to `word` among word(opaque, 0), ... up to NULL:
 * fewest letters inserted, dropped, changed or swapped; the beginning of a
 * word counts as one change.  -1 when there are none.
 */
int nearest_find(const char *word, const char *(*list)(const void *opaque, unsigned i),
                 const void *opaque);

/* Letters to insert, drop, change or swap to come from one word to the other,
 * upper and lower case being the same. */
unsigned nearest_letters(const char *a, const char *b);
/* How many of them still look like a slip of the pen. */
unsigned nearest_limit(const char *word);

#endif



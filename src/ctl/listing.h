/* --list-blocks: translated code beside what it was made from. */
#ifndef CTL_LISTING_H
#define CTL_LISTING_H

#include "base/err.h"
#include "board/machine.h"

/* Can a listing be made and put there?  -1 and a one-line error. */
int listing_check(const char *path, struct err *err);
int listing_write(const struct machine *m, const char *path, struct err *err);

#endif

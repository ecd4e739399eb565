/* What somebody probably meant: put behind a message about a missing file. */
#ifndef CTL_HINT_H
#define CTL_HINT_H

#include "base/err.h"

/* Adds to `err` why `path` may not be there, if that can be guessed: a file
 * with almost this name, an address, an option without its value. */
void hint_missing(const char *path, struct err *err);

#endif

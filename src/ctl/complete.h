/* Completion scripts for shells, made from the table of options. */
#ifndef CTL_COMPLETE_H
#define CTL_COMPLETE_H

#include "base/buf.h"
#include "base/err.h"

/* -1: no such shell, err names those there are. */
int complete_check(const char *shell, struct err *err);

/* The script for a shell that complete_check has passed. */
void complete_script(const char *shell, struct buf *out);

#endif

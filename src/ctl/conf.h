/*
 * The syntax of configuration files: `[section]` and `key = value` lines of
 * UTF-8 text; a line that begins with # or ; is a comment.  A value may stand
 * in double quotes, which keep blanks at its ends.  What keys mean is the
 * business of options_conf.c.
 */
#ifndef CTL_CONF_H
#define CTL_CONF_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct conf_reader {
    char *text; /* what is left of the file, NUL-terminated; changed in place */
    unsigned line;
    const char *section; /* "" before the first heading; lies in the text */
};

enum conf_item {
    CONF_END,
    CONF_SECTION, /* reader->section is new */
    CONF_PAIR,
    CONF_BAD,     /* a line that is none of these: err says why; go on if you like */
};

/* Strings lie in the text. */
struct conf_pair {
    const char *key, *value;
};

/* `text` must outlive what is read from it. */
void conf_open(struct conf_reader *r, char *text);
enum conf_item conf_next(struct conf_reader *r, struct conf_pair *pair, struct err *err);

/* One line "key = value", blanks trimmed, quotes taken off. */
int conf_split(char *line, struct conf_pair *pair, struct err *err);

/* Adds such a line; false: no line can hold this value. */
bool conf_add_pair(struct buf *out, const char *key, const char *value);

#endif

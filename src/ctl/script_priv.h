/* Private to script*.c: lines while they are read. */
#ifndef CTL_SCRIPT_PRIV_H
#define CTL_SCRIPT_PRIV_H

#include "ctl/script.h"

struct script_word {
    char *text;
    bool quoted;
};

/* A line, cut into words. */
struct script_line {
    unsigned number;
    const char *text; /* as written, without blanks around and comment */
    struct script_word word[SCRIPT_WORDS];
    unsigned words;
    bool told; /* an error of it: a line before the first test is read once for each test */
};

/* The rest of a line that is being read. */
struct script_reader {
    struct script *script;
    struct script_test *test;
    const struct script_line *line;
    unsigned next;
    vtime limit; /* of steps that wait */
};

/* A word that is a keyword; NULL: the line ends, or the next one is quoted. */
const char *reader_peek(const struct script_reader *r);
/* True, and past it: the next word is this keyword. */
bool reader_skip(struct script_reader *r, const char *word);

/* What a line does, by its first word.  -1: what is wrong with it. */
int script_apply(struct script_reader *r, struct err *err);

/* Does the line begin a test? */
bool script_is_test(const struct script_line *line);

#endif

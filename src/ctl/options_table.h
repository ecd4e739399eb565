/* Private to options*.c: one row per option. */
#ifndef CTL_OPTIONS_TABLE_H
#define CTL_OPTIONS_TABLE_H

#include "ctl/options.h"

enum option_section {
    SECTION_MEDIA, SECTION_MACHINE, SECTION_PORTS, SECTION_RUN, SECTION_STEPS, SECTION_OUTPUT,
    SECTION_OTHER, SECTIONS
};

struct option {
    const char *name; /* with the dashes it is shown with; any number of them is taken */
    const char *arg;  /* NULL: a switch */
    enum option_section section;
    int (*set)(struct options *o, const struct option *row, const char *value, struct err *err);
    unsigned param;   /* for set: drive number, offset of a member */
    const char *help; /* one or two sentences; --help breaks the lines */
};

extern const struct option option_rows[];
extern const unsigned option_count;

/* Without its dashes. */
const char *option_word(const struct option *row);
/* The option called `name` (no dashes), or NULL. */
const struct option *option_find(const char *name);
/* The option that was probably meant. */
const struct option *option_nearest(const char *name);

/* Setters that options.c has. */
int option_conf(struct options *o, const struct option *row, const char *value, struct err *err);
int option_pair(struct options *o, const struct option *row, const char *value, struct err *err);

#endif

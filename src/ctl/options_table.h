/* Private to options*.c: one row per option. */
#ifndef CTL_OPTIONS_TABLE_H
#define CTL_OPTIONS_TABLE_H

#include "ctl/options.h"

enum option_section {
    SECTION_MEDIA, SECTION_MACHINE, SECTION_PORTS, SECTION_RUN, SECTION_STEPS, SECTION_OUTPUT,
    SECTION_OTHER, SECTION_REPLAY, SECTION_TEST, SECTIONS
};

/* An option given several times. */
enum option_repeat {
    REPEAT_LAST, /* the last one counts */
    REPEAT_LIST, /* a list; one of a later source takes the place of an earlier one's */
    REPEAT_ADD,  /* all count, of all sources */
};

struct option {
    const char *name; /* with the dashes it is shown with; any number of them is taken */
    const char *arg;  /* NULL: a switch */
    enum option_section section;
    int (*set)(struct options *o, const struct option *row, const char *value, struct err *err);
    unsigned param;   /* for set: drive number, offset of a member */
    const char *help; /* one or two sentences; --help breaks the lines */
    const char *def;  /* value when it is not given, for --print-config; NULL: none */
    enum option_repeat repeat;
    const char *rival; /* option that says the same in other words: the later one counts */
};

extern const struct option option_rows[];
extern const unsigned option_count;

/* Without its dashes. */
const char *option_word(const struct option *row);
/* The option called `name` (no dashes), or NULL. */
const struct option *option_find(const char *name);
/* The option that was probably meant. */
const struct option *option_nearest(const char *name);

/* Heading of a section in --help; its name in a configuration file. */
extern const char *const option_headings[SECTIONS];
extern const char *const option_sections[SECTIONS];

/* --- options.c ----------------------------------------------------------- */

int option_apply(struct options *o, const struct option *row, const char *value, struct err *err);
/* A line that the user should see; the run goes on. */
void options_note(struct options *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- options_conf.c ------------------------------------------------------ */

enum ctl_exit options_read_conf(struct options *o, const char *path, struct err *err);
/* Files that nobody named: those that exist. */
enum ctl_exit options_read_places(struct options *o, const struct options_places *places,
                                  struct err *err);

/* Setters that do not only look at their value. */
int option_conf(struct options *o, const struct option *row, const char *value, struct err *err);
int option_pair(struct options *o, const struct option *row, const char *value, struct err *err);

#endif

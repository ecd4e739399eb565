/*
 * Steps: --type, --wait and --until of the command line and the lines of a test
 * (script.h), one after another in the order given.
 *
 * A step starts when the one before is done, and looks only at what appears
 * from then on.  Everything here happens at virtual times that do not depend
 * on the host: multiples of STEPS_PERIOD, and times that a step names.
 */
#ifndef CTL_STEPS_H
#define CTL_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "board/machine.h"
#include "core/trace.h"
#include "ctl/keys.h"

enum { STEPS_PERIOD = 10000000, STEPS_KEY_PERIOD = 20000000 }; /* ns */

enum condition_kind {
    COND_POWEROFF, COND_TEXT, COND_SERIAL, COND_TIME, COND_INSNS,
    COND_MEMORY, /* the byte at `value` is, or is not, `len` */
    COND_HASH,   /* the section of state named by the first `len` of `text` has, or has not, hash `value` */
    COND_PAUSE, /* ns since the step began; tests only */
};

struct condition {
    enum condition_kind kind;
    const char *text;  /* not owned */
    uint64_t value;    /* ns, instructions, an address, a hash */
    size_t len;        /* serial: length of text ... */
    size_t matched;    /* ... how much of it the last bytes are ... */
    size_t *fallback;  /* ... and where to go on after a mismatch; owned */
    bool met;
    bool differs; /* memory, hash: it is not */
};

enum step_kind {
    STEP_TYPE, STEP_WAIT, STEP_UNTIL,
    /* Tests only: */
    STEP_INPUT, /* inputs of the journal, at the pace of keys */
    STEP_RUN,   /* a DOS command and its errorlevel: steps_run.c */
    STEP_CHECK, /* what the watcher says */
};

/* An input as a trace has it. */
struct step_input {
    char device[TRACE_WORD], event[TRACE_WORD];
    int64_t arg[JOURNAL_ARGS];
    unsigned args;
};

struct step {
    enum step_kind kind;
    const char *text; /* as given, for messages */
    vtime limit;      /* fails when not done so long after its start; VTIME_NEVER */
    struct key_list keys;
    struct condition *cond; /* any of them; owned */
    unsigned conds;
    struct step_input *input; /* owned */
    unsigned inputs;
    unsigned number; /* STEP_RUN: the errorlevel; STEP_CHECK: the watcher's */
};

/* Who looks on: a test. */
struct step_watcher {
    /* Check `number` now: 1 it holds, 0 not yet, -1 it never will; `why` for the last two. */
    int (*check)(void *opaque, unsigned number, struct err *why);
    /* Step number `i` is done. */
    void (*done)(void *opaque, unsigned i);
    void *opaque;
};

struct step_list {
    struct step *step; /* owned */
    unsigned n;
    unsigned first; /* those before were done already: the machine was loaded */
    bool ends;      /* the run ends with the last step, whatever it is */
    const struct step_watcher *watcher; /* NULL: none */
};

/* `text` outlives the list.  -1: what is wrong with it. */
int steps_add_type(struct step_list *list, const char *text, struct err *err);
int steps_add_wait(struct step_list *list, const char *text, struct err *err);
int steps_add_until(struct step_list *list, const char *text, struct err *err);
/* For tests: a wait for one condition; a pause; the rest, to be filled in. */
int steps_add_wait_for(struct step_list *list, enum condition_kind kind, const char *text,
                       struct err *err);
void steps_add_pause(struct step_list *list, const char *text, vtime pause);
struct step *steps_add(struct step_list *list, enum step_kind kind, const char *text);
void steps_add_input(struct step *step, const struct step_input *input);
void steps_list_free(struct step_list *list);

/* -1: `m` has not what they ask about. */
int steps_check_machine(const struct step_list *list, struct machine *m, struct err *err);

struct steps;

/* Both outlive the result. */
struct steps *steps_new(struct step_list *list, struct machine *m);
void steps_free(struct steps *s);

/* A byte left COM1; may be called from within machine_run. */
void steps_serial(struct steps *s, uint8_t byte);

/* The next virtual time and instruction count at which to call steps_look. */
vtime steps_next_time(const struct steps *s);
uint64_t steps_next_insns(const struct steps *s);

/* The machine stopped at one of these points, or for reason `why`: goes on
 * with the steps.  True: the last --until is met, the run ends as asked. */
bool steps_look(struct steps *s, enum machine_stop why);

/* Why the run ends: a step that has failed; NULL: none has. */
const char *steps_failure(const struct steps *s);
/* Number of the step that is not done yet. */
unsigned steps_number(const struct steps *s);

/* Nothing is on its way to the guest: a machine that is saved now goes on as
 * this one does. */
bool steps_settled(const struct steps *s);

/* COND_HASH: number of the section; -1: `m` has none of that name. */
int condition_section(const struct condition *c, struct machine *m);
/* Does `m` fulfil it now?  For those that need no memory of what was: text on the screen,
 * memory, hash, time, instructions. */
bool condition_holds(const struct condition *c, struct machine *m);

/* The step that is not done yet ("--wait 'A:\>'"), or NULL. */
const char *steps_pending(struct steps *s);

#endif

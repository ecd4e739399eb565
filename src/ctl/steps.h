/*
 * Steps: --type, --wait and --until, one after another in the order given.
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
#include "ctl/keys.h"

enum { STEPS_PERIOD = 10000000, STEPS_KEY_PERIOD = 20000000 }; /* ns */

enum condition_kind { COND_POWEROFF, COND_TEXT, COND_SERIAL, COND_TIME, COND_INSNS };

struct condition {
    enum condition_kind kind;
    const char *text;  /* not owned */
    uint64_t value;    /* ns, or instructions */
    size_t len;        /* serial: length of text ... */
    size_t matched;    /* ... how much of it the last bytes are ... */
    size_t *fallback;  /* ... and where to go on after a mismatch; owned */
    bool met;
};

enum step_kind { STEP_TYPE, STEP_WAIT, STEP_UNTIL };

struct step {
    enum step_kind kind;
    const char *text; /* as given, for messages */
    struct key_list keys;
    struct condition *cond; /* any of them; owned */
    unsigned conds;
};

struct step_list {
    struct step *step; /* owned */
    unsigned n;
};

/* `text` outlives the list.  -1: what is wrong with it. */
int steps_add_type(struct step_list *list, const char *text, struct err *err);
int steps_add_wait(struct step_list *list, const char *text, struct err *err);
int steps_add_until(struct step_list *list, const char *text, struct err *err);
void steps_list_free(struct step_list *list);

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

/* The step that is not done yet ("--wait 'A:\>'"), or NULL. */
const char *steps_pending(struct steps *s);

#endif

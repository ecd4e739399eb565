/* What a test's checks say of a machine at this moment. */
#ifndef CTL_JUDGE_H
#define CTL_JUDGE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "board/machine.h"
#include "ctl/save.h"
#include "ctl/script.h"
#include "host/text.h"

struct judge {
    const struct script *script;
    const struct script_test *test;
    struct machine *machine;
    const struct save *save; /* for snapshots; NULL: none */
    const char *output;      /* folder for pictures and snapshots */
    bool update;             /* goldens are what is seen */
    unsigned updated;
    /* What was looked at last; owned. */
    struct text_screen *screen;
    struct video_frame *frame, *golden; /* golden: of the check `loaded` */
    struct buf golden_text;
    unsigned loaded; /* number of the check + 1 */
    /* Update: the screen that is seen most, but for what is masked.  In a first
     * second it is found by votes, in a second one it is counted. */
    struct video_frame *seen;
    struct buf seen_text;
    vtime seen_since, seen_last; /* the first second began; it was seen last */
    unsigned votes, looks, hits;
};

void judge_init(struct judge *j);
void judge_free(struct judge *j);

/* As step_watcher.check. */
int judge_check(struct judge *j, unsigned number, struct err *why);

/* The golden picture or text of check `number` is loaded. */
bool judge_has_golden(const struct judge *j, unsigned number);

/* A dot of a picture that a check compares; false: masked. */
bool judge_compares(const struct script_check *c, unsigned x, unsigned y);

#endif

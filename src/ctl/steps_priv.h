/* Private to steps*.c: steps as they run. */
#ifndef CTL_STEPS_PRIV_H
#define CTL_STEPS_PRIV_H

#include "ctl/steps.h"
#include "host/text.h"

enum {
    STEPS_RING_FULL = 8,
    STEPS_TAIL = 16,
    STEPS_REACTION = 100000000, /* ns from an input to a check */
};

/* A command and the questions about its errorlevel (steps_run.c). */
struct steps_run {
    bool typed;          /* the line is typed; DOS works */
    bool asked;          /* ... and it was a question */
    int row;             /* of the cursor then */
    unsigned low, high;  /* the errorlevel is one of these */
    unsigned question;   /* is it this one or higher? */
    struct key_list keys;
    char answer[16]; /* of DOS: yes */
};

struct steps {
    struct step_list *list;
    struct machine *m;
    unsigned now;     /* the step that is not done yet */
    vtime began;      /* when it became that */
    unsigned text_to; /* steps below this number still look at the screen */
    vtime look_at;
    /* Keys. */
    size_t sent; /* of the current --type */
    bool listening;
    bool waited;   /* a --wait came before */
    bool on_grid;  /* keys move at multiples of the period only */
    vtime key_at;
    struct key_event tail[STEPS_TAIL]; /* releases of a --type that is done */
    unsigned tail_len;
    bool no_keyboard;
    bool reacting; /* a check waits for the guest to take the last input */
    /* The screen when the current step began, as it is, and which rows changed since. */
    struct text_screen *before, *screen;
    bool changed[VIDEO_TEXT_ROWS_MAX];
    struct steps_run run;
    bool failed;
    struct err why; /* what a check that does not hold yet says; why it failed */
    char pending[80];
};

/* True once the last key is down. */
bool steps_type(struct steps *s, const struct key_list *keys);

/* The screen as it is now is no news from here on. */
void steps_forget(struct steps *s);

/* 1: the command is done, with the errorlevel asked for; 0: not yet; -1: with another. */
int steps_run(struct steps *s, const struct step *step);
void steps_run_begin(struct steps *s);

#endif

/*
 * A DOS command as a step: typed, waited for, asked for its errorlevel.
 *
 * It is done when the cursor stands behind a prompt again.  DOS tells an
 * errorlevel by "if errorlevel N" only, which is true for N and all above: the
 * number asked for is tried first, then it is found by halves.
 *
 * Source: MS-DOS 5 User's Guide, "If" (chapter 14).
 * Absent: prompts that do not look like C:\DIR>.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/steps_priv.h"

enum { RUN_LEVELS = 255 };

void steps_run_begin(struct steps *s)
{
    keys_free(&s->run.keys);
    s->run = (struct steps_run){ .high = RUN_LEVELS };
}

/* Row of the cursor, -1: none; *behind: it stands behind the row's last character. */
static int run_cursor(const struct steps *s, bool *behind)
{
    struct video_text *text = xmalloc(sizeof *text);
    const struct video_source *video = machine_video(s->m);
    int row = -1;

    *behind = false;
    if (video->text(video->opaque, text) && text->cursor_row < (int) s->screen->rows) {
        row = text->cursor_row;
        if (row >= 0)
            *behind = text->cursor_column == (int) strlen(s->screen->row[row]);
    }
    free(text);
    return row;
}

/* "C:\DIR>" and the cursor behind it, since the line was typed. */
static bool run_at_prompt(const struct steps *s)
{
    bool behind;
    int y = run_cursor(s, &behind);
    const char *row = y >= 0 ? s->screen->row[y] : "", *end = strchr(row, '>');

    return behind && isalpha((unsigned char) row[0]) && row[1] == ':' && row[2] == '\\' &&
           end != NULL && end[1] == '\0' && (s->changed[y] || y != s->run.row);
}

/* The answer is a row of its own, not the end of what was typed. */
static bool run_said_yes(const struct steps *s)
{
    const struct text_screen *screen = s->screen;

    for (unsigned i = 0; i < screen->rows; i++)
        if (s->changed[i] && strcmp(screen->row[i], s->run.answer) == 0 &&
            (i == 0 || strlen(screen->row[i - 1]) < screen->mode.columns))
            return true;
    return false;
}

static void run_take_answer(struct steps *s)
{
    struct steps_run *run = &s->run;

    if (!run->asked)
        return;
    if (run_said_yes(s))
        run->low = run->question;
    else
        run->high = run->question - 1;
}

static unsigned run_next_question(const struct steps_run *run, unsigned wanted)
{
    if (wanted < run->high && wanted >= run->low)
        return wanted + 1;
    if (wanted == run->high)
        return wanted;
    return run->low + (run->high - run->low + 1) / 2;
}

static void run_ask(struct steps *s, unsigned wanted)
{
    struct steps_run *run = &s->run;
    char line[48];
    struct err err;

    run->question = run_next_question(run, wanted);
    snprintf(run->answer, sizeof run->answer, "level-%u", run->question);
    snprintf(line, sizeof line, "if errorlevel %u echo %s\\n", run->question, run->answer);
    keys_free(&run->keys);
    keys_parse(line, &run->keys, &err); /* plain letters */
    run->asked = true;
    run->typed = false;
    s->sent = 0;
}

int steps_run(struct steps *s, const struct step *step)
{
    struct steps_run *run = &s->run;
    bool behind;

    if (!run->typed) {
        if (!steps_type(s, run->asked ? &run->keys : &step->keys))
            return 0;
        run->typed = true;
        run->row = run_cursor(s, &behind);
        steps_forget(s);
        return 0;
    }
    if (!run_at_prompt(s))
        return 0;
    run_take_answer(s);
    if (run->low != run->high) {
        run_ask(s, step->number);
        return 0;
    }
    if (run->low == step->number)
        return 1;
    err_set(&s->why, "the errorlevel is %u, not %u", run->low, step->number);
    return -1;
}

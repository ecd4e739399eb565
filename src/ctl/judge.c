/*
 * What a test's checks say of a machine.
 *
 * A check may be asked many times: every 10 ms of virtual time until it holds.
 * A golden is read once.
 */
#include "config.h"

#include "ctl/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "host/file.h"
#include "host/png.h"

enum {
    JUDGE_GOLDEN_MAX = 1 << 20,
    JUDGE_VOTE = 1000000000, /* ns; see struct judge */
    JUDGE_BLINK = 250000000, /* a cursor is as it was after so long */
};

void judge_init(struct judge *j)
{
    j->screen = xcalloc(1, sizeof *j->screen);
    j->frame = xmap(sizeof *j->frame);
    j->golden = xmap(sizeof *j->golden);
    j->loaded = 0;
    j->updated = 0;
    j->seen = xmap(sizeof *j->seen);
    j->seen_since = 0;
    j->golden_text = j->seen_text = (struct buf){ 0 };
}

void judge_free(struct judge *j)
{
    free(j->screen);
    xunmap(j->frame, sizeof *j->frame);
    xunmap(j->golden, sizeof *j->golden);
    xunmap(j->seen, sizeof *j->seen);
    buf_free(&j->golden_text);
    buf_free(&j->seen_text);
}

static void judge_render(struct judge *j)
{
    const struct video_source *video = machine_video(j->machine);

    video->render(video->opaque, j->frame);
}

/* --- texts --------------------------------------------------------------- */

static bool judge_row_fits(const struct script_check *c, const char *row)
{
    if (c->kind == CHECK_REGEX)
        return regexec(&c->regex, row, 0, NULL, 0) == 0;
    return strstr(row, c->text) != NULL;
}

static int judge_text(struct judge *j, const struct script_check *c, struct err *why)
{
    text_read(j->screen, machine_video(j->machine));
    for (unsigned i = 0; i < j->screen->rows; i++) {
        if (!judge_row_fits(c, j->screen->row[i]))
            continue;
        err_set(why, "it is on the screen, in row %u", i);
        return !c->no;
    }
    err_set(why, j->screen->rows != 0 ? "it is not on the screen" : "the screen shows a picture, no text");
    return c->no;
}

/* --- cells --------------------------------------------------------------- */

static size_t utf8_len(const char *p)
{
    size_t n = 1;

    while (n < 4 && p[0] != '\0' && (p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Column by column, with blanks: text_row cuts them. */
static int judge_cell(struct judge *j, const struct script_check *c, struct err *why)
{
    const struct video_source *video = machine_video(j->machine);
    struct video_text *text = xmalloc(sizeof *text);
    const char *p = c->text;
    int holds = 1;

    if (!video->text(video->opaque, text)) {
        err_set(why, "the screen shows a picture, no text");
        holds = 0;
    }
    for (unsigned x = c->x; holds && *p != '\0'; x++, p += utf8_len(p)) {
        const struct video_cell *cell = &text->cell[c->y * text->columns + x];
        char is[TEXT_ROW_MAX];

        if (c->y >= text->rows || x >= text->columns) {
            err_set(why, "the screen has %u rows and %u columns only", text->rows, text->columns);
            holds = 0;
            break;
        }
        if (text_row(cell, 1, is) == 0)
            strcpy(is, " ");
        if (strlen(is) != utf8_len(p) || memcmp(is, p, strlen(is)) != 0) {
            err_set(why, "row %u, column %u has '%s'", c->y, x, is);
            holds = 0;
        } else if (c->attr >= 0 && cell->attr != c->attr) {
            err_set(why, "row %u, column %u has the attribute %02X", c->y, x, cell->attr);
            holds = 0;
        }
    }
    free(text);
    return holds;
}

static int judge_pixel(struct judge *j, const struct script_check *c, struct err *why)
{
    const struct video_frame *f = j->frame;
    uint32_t is;

    judge_render(j);
    if (c->x >= f->width || c->y >= f->height) {
        err_set(why, "the picture has %ux%u dots only", f->width, f->height);
        return 0;
    }
    is = f->pixel[(size_t) c->y * f->width + c->x] & 0xffffff;
    err_set(why, "dot %u,%u is %06X", c->x, c->y, (unsigned) is);
    return is == c->colour;
}

/* --- goldens ------------------------------------------------------------- */

static bool judge_is_picture(const struct script_check *c)
{
    return strcmp(c->text + strlen(c->text) - 4, ".png") == 0;
}

bool judge_compares(const struct script_check *c, unsigned x, unsigned y)
{
    for (unsigned i = 0; i < c->masks; i++) {
        const struct script_rect *m = &c->mask[i];

        if (x >= m->x && x - m->x < m->width && y >= m->y && y - m->y < m->height)
            return false;
    }
    return true;
}

bool judge_has_golden(const struct judge *j, unsigned number)
{
    return j->loaded == number + 1;
}

/* Text as --screen-text prints it. */
static int judge_load_text(struct judge *j, const char *path, struct err *err)
{
    buf_free(&j->golden_text);
    if (file_read(path, JUDGE_GOLDEN_MAX, &j->golden_text, err) < 0)
        return -1;
    if (j->golden_text.len != 0 && memchr(j->golden_text.data, '\0', j->golden_text.len) != NULL) {
        err_set(err, "'%s' is no text: it has a NUL", path);
        return -1;
    }
    buf_add(&j->golden_text, "", 1);
    return 0;
}

static int judge_load(struct judge *j, const struct script_check *c, unsigned number, struct err *err)
{
    char *path;
    int rc;

    if (judge_has_golden(j, number))
        return 0;
    j->loaded = 0;
    path = script_file(j->script, c->text);
    if (access(path, F_OK) < 0) {
        err_set(err, "there is no golden '%s': --update makes it of what is seen", path);
        rc = -1;
    } else {
        rc = judge_is_picture(c) ? png_load(path, j->golden, err) : judge_load_text(j, path, err);
    }
    free(path);
    if (rc == 0)
        j->loaded = number + 1;
    return rc;
}

static int judge_compare_picture(const struct script_check *c, const struct video_frame *is,
                                 const struct video_frame *golden, struct err *why)
{
    size_t n = 0;
    unsigned fx = 0, fy = 0;

    if (is->width != golden->width || is->height != golden->height) {
        err_set(why, "the picture has %ux%u dots, the golden %ux%u", is->width, is->height,
                golden->width, golden->height);
        return 0;
    }
    for (unsigned y = 0; y < is->height; y++) {
        for (unsigned x = 0; x < is->width; x++) {
            size_t at = (size_t) y * is->width + x;

            if (((is->pixel[at] ^ golden->pixel[at]) & 0xffffff) == 0 || !judge_compares(c, x, y))
                continue;
            if (n++ == 0) {
                fx = x;
                fy = y;
            }
        }
    }
    if (n != 0)
        err_set(why, "%zu dot%s differ%s, the first at %u,%u: %06X, in the golden %06X", n,
                n == 1 ? "" : "s", n == 1 ? "s" : "", fx, fy,
                (unsigned) is->pixel[(size_t) fy * is->width + fx] & 0xffffff,
                (unsigned) golden->pixel[(size_t) fy * is->width + fx] & 0xffffff);
    return n == 0;
}

/* The next character of a row, a blank behind its end. */
static size_t row_next(const char **p, char *out)
{
    size_t n = **p == '\0' || **p == '\n' || **p == '\r' ? 0 : utf8_len(*p);

    memcpy(out, n != 0 ? *p : " ", n != 0 ? n : 1);
    out[n != 0 ? n : 1] = '\0';
    *p += n;
    return n;
}

static bool row_same(const struct script_check *c, unsigned y, const char *is, const char *golden,
                     struct err *why)
{
    char a[8], b[8];

    for (unsigned x = 0; row_next(&is, a) + row_next(&golden, b) != 0; x++) {
        if (strcmp(a, b) == 0 || !judge_compares(c, x, y))
            continue;
        err_set(why, "row %u, column %u differs: '%s', in the golden '%s'", y, x, a, b);
        return false;
    }
    return true;
}

static int judge_compare_text(const struct judge *j, const struct script_check *c,
                              const struct buf *golden, struct err *why)
{
    struct buf is = { 0 };
    const char *a, *b = (const char *) golden->data;
    bool same = true;

    text_print(j->screen, &is);
    buf_add(&is, "", 1);
    a = (const char *) is.data;
    for (unsigned y = 0; same && (*a != '\0' || *b != '\0'); y++) {
        same = row_same(c, y, a, b, why);
        if (same && (*a == '\0') != (*b == '\0')) {
            err_set(why, "the screen has %s rows than the golden", *a == '\0' ? "fewer" : "more");
            same = false;
        }
        a += strcspn(a, "\n");
        a += *a == '\n';
        b += strcspn(b, "\n");
        b += *b == '\n';
    }
    buf_free(&is);
    return same;
}

static void judge_look(struct judge *j, const struct script_check *c)
{
    if (judge_is_picture(c))
        judge_render(j);
    else
        text_read(j->screen, machine_video(j->machine));
}

/* Is the screen the one that is seen most, so far? */
static bool judge_is_seen(struct judge *j, const struct script_check *c)
{
    struct err why;

    return judge_is_picture(c) ? judge_compare_picture(c, j->frame, j->seen, &why)
                               : judge_compare_text(j, c, &j->seen_text, &why);
}

static void judge_keep(struct judge *j, const struct script_check *c)
{
    j->votes = 1;
    if (judge_is_picture(c)) {
        j->seen->width = j->frame->width;
        j->seen->height = j->frame->height;
        memcpy(j->seen->pixel, j->frame->pixel,
               (size_t) j->frame->width * j->frame->height * sizeof j->frame->pixel[0]);
    } else {
        j->seen_text.len = 0;
        text_print(j->screen, &j->seen_text);
        buf_add(&j->seen_text, "", 1);
    }
}

static int judge_write_golden(struct judge *j, const struct script_check *c, struct err *why)
{
    char *path = script_file(j->script, c->text);
    struct buf text = { 0 };
    int rc;

    if (judge_is_picture(c)) {
        rc = png_save(path, j->frame, why);
    } else {
        text_print(j->screen, &text);
        rc = file_replace(path, text.data, text.len, why);
        buf_free(&text);
    }
    free(path);
    j->updated++;
    j->seen_since = 0;
    return rc < 0 ? -1 : 1;
}

static void judge_restart(struct judge *j, const struct script_check *c)
{
    j->seen_since = j->seen_last = machine_now(j->machine);
    j->looks = j->hits = 0;
    judge_keep(j, c);
}

/*
 * A new golden is what the screen shows most of the time, and still shows: not
 * what is being drawn, nor what goes by.  A cursor that blinks is half of the
 * time there.  (The vote is that of Boyer and Moore.)
 */
static int judge_update(struct judge *j, const struct script_check *c, struct err *why)
{
    vtime now = machine_now(j->machine);
    bool is;

    err_set(why, "the screen never stands still for a golden of it (mask what moves)");
    if (j->seen_since == 0) {
        judge_restart(j, c);
        return 0;
    }
    is = judge_is_seen(j, c);
    j->seen_last = is ? now : j->seen_last;
    if (now - j->seen_since < JUDGE_VOTE) {
        if (is)
            j->votes++;
        else if (j->votes-- == 0)
            judge_keep(j, c);
        return 0;
    }
    j->looks++;
    j->hits += is;
    if (now - j->seen_since < 2 * JUDGE_VOTE)
        return 0;
    if (j->hits >= j->looks / 3 && is)
        return judge_write_golden(j, c, why);
    if (j->hits < j->looks / 3 || now - j->seen_last > JUDGE_BLINK)
        judge_restart(j, c);
    return 0;
}

static int judge_screen(struct judge *j, const struct script_check *c, unsigned number, struct err *why)
{
    int holds;

    judge_look(j, c);
    if (judge_load(j, c, number, why) < 0)
        return j->update ? judge_update(j, c, why) : -1;
    holds = judge_is_picture(c) ? judge_compare_picture(c, j->frame, j->golden, why)
                                : judge_compare_text(j, c, &j->golden_text, why);
    if (holds)
        j->seen_since = 0;
    return holds || !j->update ? holds : judge_update(j, c, why);
}

/* --- files --------------------------------------------------------------- */

static int judge_output(struct judge *j, const struct script_check *c, struct err *why)
{
    char *path = xasprintf("%s/%s", j->output, c->text);
    int rc = -1;

    if (c->kind == CHECK_SCREENSHOT) {
        judge_render(j);
        rc = png_save(path, j->frame, why);
    } else if (j->save == NULL) {
        err_set(why, "this machine cannot be saved");
    } else {
        rc = save_write(j->save, path, j->machine, why);
    }
    free(path);
    return rc < 0 ? -1 : 1;
}

int judge_check(struct judge *j, unsigned number, struct err *why)
{
    const struct script_check *c = &j->test->check[number];

    switch (c->kind) {
    case CHECK_TEXT:
    case CHECK_REGEX: return judge_text(j, c, why);
    case CHECK_CELL: return judge_cell(j, c, why);
    case CHECK_PIXEL: return judge_pixel(j, c, why);
    case CHECK_SCREEN: return judge_screen(j, c, number, why);
    case CHECK_SCREENSHOT:
    case CHECK_SNAPSHOT: return judge_output(j, c, why);
    }
    return -1;
}

/*
 * reprise test: the result as one page for a browser.
 *
 * The page needs nothing else: style and pictures are in it, scripts are none,
 * and a policy in its head forbids all that a guest's text could try.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/test_priv.h"
#include "host/png.h"

static const char html_style[] =
    ":root{color-scheme:light dark;--line:#8886;--bad:#c62828;--good:#2e7d32;--dim:#777}\n"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:1400px;padding:0 1em}\n"
    "h1{font-size:1.5em}h2{font-size:1.1em;margin:.2em 0}\n"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25em .7em;"
    "border-bottom:1px solid var(--line);vertical-align:top}\n"
    "td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "code,pre{font:13px/1.25 ui-monospace,\"DejaVu Sans Mono\",monospace}\n"
    "pre{background:#0b0b14;color:#ddd;padding:.8em;overflow:auto;margin:.3em 0}\n"
    "pre mark{background:#a22;color:#fff}\n"
    "section{border:1px solid var(--line);border-radius:6px;margin:1.2em 0;padding:.6em 1em}\n"
    "section.failed{border-color:var(--bad);border-left-width:6px}\n"
    ".failed b,.why{color:var(--bad)}.passed b{color:var(--good)}.skipped b{color:var(--dim)}\n"
    ".why{font-weight:600}.dim{color:var(--dim)}tr.bad td{background:#c6282822}tr.later td{color:var(--dim)}\n"
    ".pictures{display:flex;flex-wrap:wrap;gap:1em}figure{margin:.4em 0;flex:1 1 380px;min-width:0}\n"
    "figcaption{font-weight:600;margin-bottom:.2em}figure{max-width:720px}td.n,th{width:1%}th:last-child{width:auto}\n"
    "img{width:100%;box-sizing:border-box;image-rendering:pixelated;border:1px solid var(--line);aspect-ratio:4/3;background:#000}\n"
    "summary{cursor:pointer}\n";

/* --- pictures ------------------------------------------------------------ */

static void html_base64(struct buf *out, const struct buf *data)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < data->len; i += 3) {
        size_t n = data->len - i < 3 ? data->len - i : 3;
        uint32_t v = (uint32_t) data->data[i] << 16;
        char four[4];

        v |= n > 1 ? (uint32_t) data->data[i + 1] << 8 : 0;
        v |= n > 2 ? data->data[i + 2] : 0;
        for (unsigned k = 0; k < 4; k++)
            four[k] = k <= n ? digit[v >> (18 - 6 * k) & 63] : '=';
        buf_add(out, four, sizeof four);
    }
}

static void html_png(struct buf *out, const char *caption, const struct buf *png)
{
    buf_printf(out, "<figure><figcaption>");
    markup_add(out, caption);
    buf_printf(out, "</figcaption><img alt=\"");
    markup_add(out, caption);
    buf_printf(out, "\" src=\"data:image/png;base64,");
    html_base64(out, png);
    buf_printf(out, "\"></figure>\n");
}

static void html_frame(struct buf *out, const char *caption, const struct video_frame *frame)
{
    struct buf png = { 0 };
    struct err err;

    if (png_make(&png, frame, &err) == 0)
        html_png(out, caption, &png);
    buf_free(&png);
}

/* What differs in red on what is the same in grey; what is masked in blue. */
static void html_difference(struct buf *out, const struct script_check *c, const struct video_frame *is,
                            const struct video_frame *golden)
{
    struct video_frame *diff = xmap(sizeof *diff);

    diff->width = is->width;
    diff->height = is->height;
    for (unsigned y = 0; y < is->height; y++) {
        for (unsigned x = 0; x < is->width; x++) {
            size_t at = (size_t) y * is->width + x;
            uint32_t p = is->pixel[at];
            uint32_t grey = ((p >> 16 & 255) * 3 + (p >> 8 & 255) * 6 + (p & 255)) / 40;
            bool differs = x >= golden->width || y >= golden->height ||
                           ((p ^ golden->pixel[(size_t) y * golden->width + x]) & 0xffffff) != 0;

            diff->pixel[at] = !judge_compares(c, x, y) ? grey << 16 | grey << 8 | (grey + 120)
                            : differs ? 0xff2020 : grey * 0x010101 + 0x101010;
        }
    }
    html_frame(out, "difference", diff);
    xunmap(diff, sizeof *diff);
}

/* --- texts --------------------------------------------------------------- */

static size_t line_len(const char *p)
{
    size_t n = strcspn(p, "\n");

    return n + (p[n] == '\n');
}

/* Lines that the other text has otherwise are marked. */
static void html_lines(struct buf *out, const char *caption, const char *text, const char *other)
{
    buf_printf(out, "<figure><figcaption>%s</figcaption><pre>", caption);
    while (*text != '\0') {
        size_t n = line_len(text), m = line_len(other);
        bool differs = n != m || memcmp(text, other, n) != 0;
        char *line = xasprintf("%.*s", (int) n, text);

        buf_printf(out, differs ? "<mark>" : "");
        markup_add(out, line);
        buf_printf(out, differs ? "</mark>" : "");
        free(line);
        text += n;
        other += m;
    }
    buf_printf(out, "</pre></figure>\n");
}

static void html_screen(const struct test_story *s, struct buf *out)
{
    struct buf text = { 0 };

    text_read(s->judge->screen, machine_video(s->judge->machine));
    if (s->judge->screen->rows != 0) {
        text_print(s->judge->screen, &text);
        buf_add(&text, "", 1);
        buf_printf(out, "<details><summary>the screen as text</summary><pre>");
        markup_add(out, (const char *) text.data);
        buf_printf(out, "</pre></details>\n");
    }
    buf_free(&text);
}

/* --- one test ------------------------------------------------------------ */

static void html_step(const struct test_story *s, unsigned i, struct buf *out)
{
    const struct script_test *t = s->test->test;
    vtime at = s->done_at[i];

    buf_printf(out, "<tr class=\"%s\"><td class=\"n\">%u</td><td class=\"n\">",
               i == s->failed ? "bad" : i > s->failed ? "later" : "", t->step_line[i]);
    if (at != VTIME_NEVER)
        buf_printf(out, "%" PRIu64 ".%02" PRIu64 " s", at / VTIME_SECOND, at / 10000000 % 100);
    else
        buf_printf(out, i < s->failed ? "shared" : "&ndash;");
    buf_printf(out, "</td><td><code>");
    markup_add(out, t->steps.step[i].text);
    buf_printf(out, "</code></td></tr>\n");
}

static void html_steps(const struct test_story *s, struct buf *out)
{
    buf_printf(out, "<details%s><summary>%u steps</summary><table><tr><th>line</th><th>done at</th>"
                    "<th>step</th></tr>\n",
               s->result->outcome == TEST_FAILED ? " open" : "", s->test->test->steps.n);
    for (unsigned i = 0; i < s->test->test->steps.n; i++)
        html_step(s, i, out);
    buf_printf(out, "</table></details>\n");
}

/* Golden, actual and difference, when it is a screen that differs. */
static void html_goldens(const struct test_story *s, const struct script_check *c, struct buf *out)
{
    struct judge *j = s->judge;
    const struct video_source *video = machine_video(j->machine);

    if (strcmp(c->text + strlen(c->text) - 4, ".png") == 0) {
        video->render(video->opaque, j->frame);
        html_frame(out, "golden", j->golden);
        html_frame(out, "actual", j->frame);
        html_difference(out, c, j->frame, j->golden);
    } else {
        struct buf text = { 0 };

        text_read(j->screen, video);
        text_print(j->screen, &text);
        buf_add(&text, "", 1);
        html_lines(out, "golden", (const char *) j->golden_text.data, (const char *) text.data);
        html_lines(out, "actual", (const char *) text.data, (const char *) j->golden_text.data);
        buf_free(&text);
    }
}

static void html_pictures(const struct test_story *s, struct buf *out)
{
    const struct script_test *t = s->test->test;
    const struct step *step = s->failed < t->steps.n ? &t->steps.step[s->failed] : NULL;
    const struct video_source *video = machine_video(s->judge->machine);

    buf_printf(out, "<div class=\"pictures\">\n");
    for (size_t at = 0; at < s->shot.len; at += sizeof(struct test_shot)) {
        struct test_shot shot;

        memcpy(&shot, s->shot.data + at, sizeof shot);
        html_png(out, t->steps.step[shot.step].text, &shot.png);
    }
    if (step != NULL && step->kind == STEP_CHECK && t->check[step->number].kind == CHECK_SCREEN &&
        judge_has_golden(s->judge, step->number)) {
        html_goldens(s, &t->check[step->number], out);
    } else {
        video->render(video->opaque, s->judge->frame);
        html_frame(out, "at the end", s->judge->frame);
    }
    buf_printf(out, "</div>\n");
}

static void html_inputs(const struct test_story *s, struct buf *out)
{
    unsigned n = s->inputs < STORY_INPUTS ? s->inputs : STORY_INPUTS;

    if (n == 0)
        return;
    buf_printf(out, "<details><summary>the last %u of %u inputs, as in a trace</summary><pre>", n, s->inputs);
    for (unsigned i = s->inputs - n; i < s->inputs; i++) {
        markup_add(out, s->input[i % STORY_INPUTS]);
        buf_printf(out, "\n");
    }
    buf_printf(out, "</pre></details>\n");
}

void html_case(const struct test_story *s, struct buf *out)
{
    html_pictures(s, out);
    if (s->test->test->steps.n != 0)
        html_steps(s, out);
    html_screen(s, out);
    html_inputs(s, out);
}

/* --- the page ------------------------------------------------------------ */

static const char *const outcome_word[] = {
    [TEST_PASSED] = "passed", [TEST_FAILED] = "failed", [TEST_SKIPPED] = "skipped"
};

static void html_times(const struct test_result *r, struct buf *out)
{
    buf_printf(out, "%" PRIu64 ".%02" PRIu64 " s", r->vtime / VTIME_SECOND, r->vtime / 10000000 % 100);
}

static void html_row(const struct test_case *t, unsigned i, struct buf *out)
{
    const struct test_result *r = &t->result;

    buf_printf(out, "<tr class=\"%s\"><td><b>%s</b></td><td><a href=\"#t%u\">", outcome_word[r->outcome],
               outcome_word[r->outcome], i + 1);
    markup_add(out, t->name);
    buf_printf(out, "</a></td><td class=\"n\">");
    html_times(r, out);
    buf_printf(out, "</td><td>");
    markup_add(out, (const char *) r->message.data);
    buf_printf(out, "</td></tr>\n");
}

static void html_section(const struct test_case *t, unsigned i, struct buf *out)
{
    const struct test_result *r = &t->result;
    bool failed = r->outcome == TEST_FAILED;

    buf_printf(out, "<section class=\"%s\" id=\"t%u\"><details%s><summary><b>%s</b> ", outcome_word[r->outcome],
               i + 1, failed ? " open" : "", outcome_word[r->outcome]);
    markup_add(out, t->name);
    buf_printf(out, " <span class=\"dim\">&ndash; %" PRIu64 ".%02" PRIu64 " s of the machine's time, %" PRIu64
                    ".%02" PRIu64 " s of ours%s</span></summary>\n",
               r->vtime / VTIME_SECOND, r->vtime / 10000000 % 100, r->wall / VTIME_SECOND,
               r->wall / 10000000 % 100, r->shared ? "; its beginning is shared with other tests" : "");
    if (r->message.len > 1) {
        buf_printf(out, "<p class=\"why\">");
        markup_add(out, (const char *) r->message.data);
        buf_printf(out, "</p>\n");
    }
    buf_add(out, r->html.data, r->html.len);
    if (r->html.len == 0 && r->detail.len > 1) {
        buf_printf(out, "<pre>");
        markup_add(out, (const char *) r->detail.data);
        buf_printf(out, "</pre>\n");
    }
    buf_printf(out, "</details></section>\n");
}

void html_make(const struct test_run *run, struct buf *out)
{
    unsigned n[3] = { 0 };

    for (unsigned i = 0; i < run->tests; i++)
        n[run->test[i].result.outcome]++;
    buf_printf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "img-src data:; style-src 'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width\">\n"
                    "<title>%u failed, %u passed - reprise test</title>\n<style>\n%s</style></head><body>\n"
                    "<h1>reprise test: %u failed, %u passed, %u skipped</h1>\n"
                    "<table><tr><th></th><th>test</th><th>machine's time</th><th>why</th></tr>\n",
               n[TEST_FAILED], n[TEST_PASSED], html_style, n[TEST_FAILED], n[TEST_PASSED], n[TEST_SKIPPED]);
    for (unsigned i = 0; i < run->tests; i++)
        html_row(&run->test[i], i, out);
    buf_printf(out, "</table>\n");
    for (unsigned i = 0; i < run->tests; i++)
        html_section(&run->test[i], i, out);
    buf_printf(out, "<p class=\"dim\">%s</p></body></html>\n", PACKAGE_STRING);
}

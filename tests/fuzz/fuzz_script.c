/*
 * Tests made of pieces that belong there: any order of them is read without
 * harm; a script without an error has tests with steps, each with its line.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "ctl/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const pieces[] = {
    "\n", "\n", "\n", " ", " ", "\"", "'", "#", "\t", "\r\n", "\xef\xbb\xbf",
    "test \"a\"\n", "test", "machine -cpu 486 -m 8\n", "machine ", "-fda a.img ", "-chs 1,2,3 ", "--type x",
    "wait text \"A:\\>\"\n", "wait ", "text ", "serial ", "poweroff\n", "screen ", "x.png ", "x.txt ",
    "expect ", "no ", "regex ", "\"^a+[b-c]{2,3}(d|e)$\"", "cell row 1 column 2 \"x\" attribute 1F\n",
    "cell ", "row 3 ", "column 70 ", "attribute 07 ", "pixel 1,2 00FF00\n", "pixel ", "mask 0,0,10,10 ",
    "within 5\n", "within ", "limit 5\n", "limit ", "pause 1\n", "pause ", "type \"dir\\n{F1}\"\n", "type ",
    "press Ctrl+C F1\n", "press ", "mouse move 1 -2\n", "mouse click right\n", "mouse ", "input kbd key 4 1\n",
    "input ", "run \"ver\" errorlevel 1\n", "run ", "errorlevel ", "255", "screenshot a.png\n", "snapshot ",
    "replay t.trace verify\n", "replay ", "verify", "\"text\" ", "'t' ", "0.5", "-1", "99999999999999999999",
    "\"(((((((((\"", "\"\\\\1\"", "\x01", "\xff",
};

/* Bytes up to 127 choose a piece, others stand for themselves. */
static void fuzz_text(struct buf *text, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const char *piece = pieces[data[i] % ARRAY_LEN(pieces)];

        if (data[i] < 128)
            buf_add(text, piece, strlen(piece));
        else
            buf_add(text, &data[i], 1);
    }
}

static void fuzz_check_test(const struct script_test *t)
{
    if (t->title == NULL || (t->steps.n == 0) == (t->replay == NULL))
        abort();
    for (unsigned i = 0; i < t->steps.n; i++) {
        const struct step *step = &t->steps.step[i];

        if (t->step_line[i] == 0 || (step->kind == STEP_CHECK && step->number >= t->checks) ||
            (step->kind == STEP_INPUT && step->inputs == 0))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = { 0 };
    struct script s;

    fuzz_text(&text, data, size);
    script_parse(&s, "dir/fuzz.test", text.data != NULL ? (const char *) text.data : "", text.len);
    if (s.errors.len != 0 && s.errors.data[s.errors.len - 1] != '\n')
        abort();
    for (unsigned i = 0; i < s.tests && s.errors.len == 0; i++)
        fuzz_check_test(&s.test[i]);
    script_free(&s);
    buf_free(&text);
    return 0;
}

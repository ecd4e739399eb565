/*
 * Recordings of any inputs: what --from-trace makes of them is a test without
 * mistakes.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "ctl/anchor_priv.h"
#include "ctl/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text to wait for, of bytes of the input. */
static char *fuzz_wait(const uint8_t *data, size_t n)
{
    struct buf line = { 0 };
    char text[8] = "x";
    size_t len = 1;

    for (size_t i = 0; i < n; i++)
        if (data[i] >= ' ')
            text[len++] = (char) data[i];
    buf_printf(&line, "wait text ");
    anchor_put_quoted(&line, text);
    buf_printf(&line, "\n");
    buf_add(&line, "", 1);
    return (char *) line.data;
}

/* Four bytes make an event: what, argument, argument, time since the last. */
static void fuzz_event(struct anchor_event *e, const uint8_t *p, vtime *at)
{
    static const char *const names[][2] = {
        { "kbd", "key" }, { "kbd", "key" }, { "mouse", "move" }, { "mouse", "button" }, { "fd0", "insert" },
    };
    unsigned kind = p[0] % ARRAY_LEN(names);

    *at += (vtime) p[3] * 8000000;
    *e = (struct anchor_event){ .at = *at, .args = kind == 2 ? 3 : kind == 4 ? 1 : 2 };
    strcpy(e->device, names[kind][0]);
    strcpy(e->event, names[kind][1]);
    e->arg[0] = kind == 2 ? (int8_t) p[1] : p[1];
    e->arg[1] = kind == 2 ? (int8_t) p[2] : p[2] & 1;
    e->data = p[0] == 255 ? p[2] : 0;
    if (p[0] >= 200 && p[0] < 220)
        e->wait = fuzz_wait(p, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct anchor_events list = { NULL, 0 };
    struct buf text = { 0 };
    struct script s;
    vtime at = 0;

    list.event = xcalloc(size / 4 + 1, sizeof *list.event);
    for (size_t i = 0; i + 4 <= size && list.n < 2000; i += 4)
        fuzz_event(&list.event[list.n++], data + i, &at);
    buf_printf(&text, "pause 1\n");
    anchor_write(&list, &text);
    script_parse(&s, "fuzz.test", text.data, text.len);
    if (s.errors.len != 0) {
        fwrite(s.errors.data, 1, s.errors.len, stderr);
        fwrite(text.data, 1, text.len, stderr);
        abort();
    }
    script_free(&s);
    buf_free(&text);
    anchor_events_free(&list);
    return 0;
}

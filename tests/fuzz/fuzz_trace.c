/*
 * Traces: any text.  Random bytes never get past the first line and never carry
 * a seal, so a good header is put before them; or they say what a right trace is made of.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "core/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_read(struct trace_reader *r, const struct buf *text)
{
    struct trace_line line;
    struct err err = { "" };
    unsigned number = 0;
    vtime last = 0;
    int rc;

    trace_read(r, text->data, text->len);
    while ((rc = trace_next(r, &line, &err)) > 0) {
        if (line.number != ++number || (line.kind != TRACE_HEADER && line.kind != TRACE_DETAIL && line.at < last))
            abort();
        if (line.in.len > JOURNAL_DATA_MAX || line.args > JOURNAL_ARGS)
            abort();
        if (line.kind == TRACE_INPUT || line.kind == TRACE_CHECK)
            last = line.at;
    }
    /* A failure says why, in one line. */
    if ((rc < 0) != (err.msg[0] != '\0') || strchr(err.msg, '\n') != NULL)
        abort();
}

/* Input lines and checkpoints out of the bytes, all of them right. */
static void fuzz_make(struct buf *text, const uint8_t *data, size_t size)
{
    vtime at = 0;

    for (size_t i = 0; i + 4 <= size && text->len < 1 << 16; i += 4) {
        struct journal_input in = { .arg = { data[i + 1], -data[i + 2] } };
        struct sha256 sum;

        at += data[i];
        if (data[i + 3] & 1) {
            sha256_init(&sum);
            sha256_update(&sum, text->data, text->len);
            trace_put_check(text, &sum, at, NULL, data[i + 1], data[i + 2]);
            continue;
        }
        if (data[i + 3] & 2) {
            in.data = data;
            in.len = i < JOURNAL_DATA_MAX ? i : JOURNAL_DATA_MAX;
        }
        trace_put_input(text, at, "device", "event", data[i + 3] >> 2 & 3, &in);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "reprise-trace 1\nbegin power-on\n";
    struct trace_reader *r = malloc(sizeof *r);
    struct buf text = { 0 };

    buf_add(&text, data, size);
    fuzz_read(r, &text);
    text.len = 0;
    buf_add(&text, head, sizeof head - 1);
    if (size != 0 && data[0] & 1)
        fuzz_make(&text, data + 1, size - 1);
    else
        buf_add(&text, data, size);
    fuzz_read(r, &text);
    if (size != 0 && data[0] & 1 && r->next != text.len)
        abort(); /* what is right is read to its end */
    buf_free(&text);
    free(r);
    return 0;
}

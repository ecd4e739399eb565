/* The text form of the journal. */
#include "config.h"

#include "core/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- making -------------------------------------------------------------- */

void trace_put_input(struct buf *out, vtime at, const char *device, const char *event,
                     unsigned args, const struct journal_input *in)
{
    buf_printf(out, "@%" PRIu64 " %s %s", at, device, event);
    for (unsigned i = 0; i < args; i++)
        buf_printf(out, " %" PRId64, in->arg[i]);
    if (in->len != 0)
        buf_add(out, " :", 2);
    for (size_t i = 0; i < in->len; i++)
        buf_printf(out, "%02x", in->data[i]);
    buf_add(out, "\n", 1);
}

void trace_put_check(struct buf *out, const struct sha256 *before, vtime at, const char *why,
                     uint64_t insns, uint64_t hash)
{
    struct sha256 sum = *before;
    size_t start = out->len;
    char seal[SHA256_TEXT];

    buf_printf(out, "@%" PRIu64 " %s%s %" PRIu64 " %016" PRIx64 " ", at,
               why != NULL ? "end " : "check", why != NULL ? why : "", insns, hash);
    sha256_update(&sum, out->data + start, out->len - start);
    sha256_text(&sum, seal);
    buf_printf(out, "%.*s\n", TRACE_SEAL, seal);
}

void trace_put_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char) *text;

        if (c < ' ' || c == 0x7f || c == '%')
            buf_printf(out, "%%%02x", c);
        else
            buf_add(out, text, 1);
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool trace_get_text(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        int hi, lo;

        if (*text != '%') {
            *to++ = *text;
            continue;
        }
        hi = hex_digit(text[1]);
        lo = hi < 0 ? -1 : hex_digit(text[2]);
        if (lo < 0 || hi + lo == 0)
            return false;
        *to++ = (char) (hi << 4 | lo);
        text += 2;
    }
    *to = '\0';
    return true;
}

/* --- reading ------------------------------------------------------------- */

/* The rest of a line, word by word; words are parted by one space. */
struct cursor {
    const char *p, *end;
};

static bool cursor_word(struct cursor *c, char *out, size_t size)
{
    size_t n = 0;

    while (c->p + n < c->end && c->p[n] != ' ')
        n++;
    if (n == 0 || n >= size)
        return false;
    memcpy(out, c->p, n);
    out[n] = '\0';
    c->p += n;
    if (c->p < c->end)
        c->p++;
    return true;
}

static bool word_uint(const char *word, uint64_t *out)
{
    uint64_t val = 0;

    if (*word == '\0' || (word[0] == '0' && word[1] != '\0'))
        return false;
    for (; *word != '\0'; word++) {
        uint64_t digit = (uint64_t) (*word - '0');

        if (*word < '0' || *word > '9' || val > (UINT64_MAX - digit) / 10)
            return false;
        val = val * 10 + digit;
    }
    *out = val;
    return true;
}

static bool word_int(const char *word, int64_t *out)
{
    bool minus = *word == '-';
    uint64_t val;

    if (!word_uint(word + minus, &val) || val > (uint64_t) INT64_MAX)
        return false;
    *out = minus ? -(int64_t) val : (int64_t) val;
    return true;
}

static bool cursor_uint(struct cursor *c, uint64_t *out)
{
    char word[TRACE_WORD];

    return cursor_word(c, word, sizeof word) && word_uint(word, out);
}

static bool cursor_hash(struct cursor *c, uint64_t *out)
{
    char word[TRACE_WORD];

    if (!cursor_word(c, word, sizeof word) || strlen(word) != 16)
        return false;
    *out = 0;
    for (const char *p = word; *p != '\0'; p++) {
        int digit = hex_digit(*p);

        if (digit < 0)
            return false;
        *out = *out << 4 | (unsigned) digit;
    }
    return true;
}

void trace_read(struct trace_reader *r, const void *text, size_t len)
{
    memset(r, 0, sizeof *r);
    r->text = text;
    r->len = len;
    sha256_init(&r->sum);
}

static int trace_damaged(const struct trace_line *line, const char *what, struct err *err)
{
    err_set(err, "line %u: %s", line->number, what);
    return -1;
}

static bool cursor_data(struct trace_reader *r, struct trace_line *line, struct cursor *c)
{
    size_t digits = (size_t) (c->end - ++c->p);

    if (digits == 0 || digits % 2 != 0 || digits / 2 > sizeof r->data)
        return false;
    for (size_t i = 0; i < digits; i += 2) {
        int hi = hex_digit(c->p[i]), lo = hex_digit(c->p[i + 1]);

        if (hi < 0 || lo < 0)
            return false;
        r->data[i / 2] = (uint8_t) (hi << 4 | lo);
    }
    c->p = c->end;
    line->in.data = r->data;
    line->in.len = digits / 2;
    return true;
}

static int trace_get_input(struct trace_reader *r, struct trace_line *line, struct cursor *c,
                           struct err *err)
{
    char word[TRACE_WORD];

    line->kind = TRACE_INPUT;
    if (!cursor_word(c, line->event, sizeof line->event))
        return trace_damaged(line, "an input has no name", err);
    while (c->p < c->end) {
        if (*c->p == ':') {
            if (!cursor_data(r, line, c))
                return trace_damaged(line, "the bytes of an input are damaged", err);
            break;
        }
        if (line->args == JOURNAL_ARGS || !cursor_word(c, word, sizeof word) ||
            !word_int(word, &line->in.arg[line->args++]))
            return trace_damaged(line, "an input has wrong numbers", err);
    }
    return c->p[-1] == ' ' ? trace_damaged(line, "a space too many", err) : 1;
}

/* All text before the seal, this line's too. */
static bool trace_seal_holds(const struct trace_reader *r, const struct trace_line *line,
                             const struct cursor *c)
{
    struct sha256 sum = r->sum;
    char seal[SHA256_TEXT];

    sha256_update(&sum, line->text, (size_t) (c->p - line->text));
    sha256_text(&sum, seal);
    return c->end - c->p == TRACE_SEAL && memcmp(seal, c->p, TRACE_SEAL) == 0;
}

static int trace_get_check(struct trace_reader *r, struct trace_line *line, struct cursor *c,
                           struct err *err)
{
    line->kind = TRACE_CHECK;
    if (strcmp(line->device, "end") == 0) {
        line->kind = TRACE_FINAL;
        r->finished = true;
        if (!cursor_word(c, line->event, sizeof line->event))
            return trace_damaged(line, "the end has no reason", err);
    }
    if (!cursor_uint(c, &line->insns) || !cursor_hash(c, &line->hash))
        return trace_damaged(line, "a checkpoint has wrong numbers", err);
    if (!trace_seal_holds(r, line, c))
        return trace_damaged(line, "the text before this checkpoint was changed", err);
    return 1;
}

static int trace_get_timed(struct trace_reader *r, struct trace_line *line, struct err *err)
{
    struct cursor c = { line->text + 1, line->text + line->len };

    if (!cursor_uint(&c, &line->at) || line->at == VTIME_NEVER ||
        !cursor_word(&c, line->device, sizeof line->device))
        return trace_damaged(line, "neither a time nor a device", err);
    if (line->at < r->last)
        return trace_damaged(line, "time goes back", err);
    r->last = line->at;
    if (strcmp(line->device, "check") == 0 || strcmp(line->device, "end") == 0)
        return trace_get_check(r, line, &c, err);
    return trace_get_input(r, line, &c, err);
}

/* "reprise-trace 1" is the first line; "begin" the last of the header. */
static int trace_get_header(struct trace_reader *r, struct trace_line *line, struct err *err)
{
    struct cursor c = { line->text, line->text + line->len };
    uint64_t format = 0;

    line->kind = TRACE_HEADER;
    if (!cursor_word(&c, line->device, sizeof line->device))
        return trace_damaged(line, "a header line has no key", err);
    line->text = c.p;
    line->len = (size_t) (c.end - c.p);
    if (line->number == 1 && (strcmp(line->device, "reprise-trace") != 0 || !cursor_uint(&c, &format))) {
        err_set(err, "not a trace of Reprise");
        return -1;
    }
    if (line->number == 1 && format != TRACE_FORMAT) {
        err_set(err, "trace format %" PRIu64 "; this Reprise reads format %d", format, TRACE_FORMAT);
        return -1;
    }
    r->started = strcmp(line->device, "begin") == 0;
    return 1;
}

static int trace_get_line(struct trace_reader *r, struct trace_line *line, struct err *err)
{
    if (memchr(line->text, '\0', line->len) != NULL)
        return trace_damaged(line, "a zero byte", err);
    if (!r->started)
        return trace_get_header(r, line, err);
    if (r->finished)
        return trace_damaged(line, "text after the end", err);
    if (line->len != 0 && line->text[0] == '@')
        return trace_get_timed(r, line, err);
    if (line->len == 0 || line->text[0] != '+')
        return trace_damaged(line, "starts with neither @ nor +", err);
    line->kind = TRACE_DETAIL;
    return 1;
}

int trace_next(struct trace_reader *r, struct trace_line *line, struct err *err)
{
    const char *start = r->len != 0 ? r->text + r->next : "", *end; /* an empty file has no bytes to point to */
    int rc;

    *line = (struct trace_line){ .number = r->number + 1, .text = start };
    end = r->next < r->len ? memchr(start, '\n', r->len - r->next) : NULL;
    if (end == NULL) {
        r->torn = r->next < r->len;
        if (r->started)
            return 0;
        err_set(err, r->number == 0 ? "not a trace of Reprise" : "the trace ends in its header");
        return -1;
    }
    line->len = (size_t) (end - start);
    r->number++;
    rc = trace_get_line(r, line, err);
    sha256_update(&r->sum, start, (size_t) (end - start) + 1);
    r->next += (size_t) (end - start) + 1;
    return rc;
}

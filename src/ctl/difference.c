/* The first word in which two descriptions of a machine differ. */
#include "config.h"

#include "ctl/difference.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Cuts off what stands before the next `sep`. */
static struct span span_next(struct span *rest, char sep)
{
    const char *end = rest->len != 0 ? memchr(rest->p, sep, rest->len) : NULL;
    struct span piece = { rest->p, end != NULL ? (size_t) (end - rest->p) : rest->len };
    size_t used = piece.len + (end != NULL);

    rest->p += used;
    rest->len -= used;
    return piece;
}

static bool span_same(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* "NAME=VALUE": the name; the whole where there is no value. */
static struct span span_name(struct span word)
{
    return span_next(&word, '=');
}

/* "+SECTION ...": the section; empty of an empty line. */
static struct span span_section(struct span line)
{
    if (line.len != 0)
        line = (struct span){ line.p + 1, line.len - 1 };
    return span_next(&line, ' ');
}

static int span_int(struct span s)
{
    return s.len < 200 ? (int) s.len : 200;
}

/* One section's lines: the first field that changed on one side only, or otherwise. */
static void difference_field(struct span was, struct span is, const char *const when[2], char *text,
                             size_t size)
{
    struct span section = span_section(was), a, b;

    span_next(&was, ' ');
    span_next(&is, ' ');
    span_next(&was, ' '); /* the section's hash */
    span_next(&is, ' ');
    do {
        a = span_next(&was, ' ');
        b = span_next(&is, ' ');
    } while (a.len + b.len != 0 && span_same(a, b));
    if (a.len + b.len == 0)
        snprintf(text, size, "%.*s", span_int(section), section.p);
    else if (span_same(span_name(a), span_name(b)))
        snprintf(text, size, "%.*s: %.*s %s, %.*s %s", span_int(section), section.p, span_int(a), a.p,
                 when[0], span_int(b), b.p, when[1]);
    else
        snprintf(text, size, "%.*s: changed to %.*s %s, to %.*s %s", span_int(section), section.p,
                 a.len != 0 ? span_int(a) : 7, a.len != 0 ? a.p : "nothing", when[0],
                 b.len != 0 ? span_int(b) : 7, b.len != 0 ? b.p : "nothing", when[1]);
}

/* A line on one side only. */
static void difference_alone(struct span section, const char *when, char *text, size_t size)
{
    snprintf(text, size, "%.*s: changed %s only", span_int(section), section.p, when);
}

void difference_name(struct span was, struct span is, const char *const when[2], char *text,
                     size_t size)
{
    struct span a, b, name_a, name_b;

    do {
        a = span_next(&was, '\n');
        b = span_next(&is, '\n');
    } while (a.len + b.len != 0 && span_same(a, b));
    name_a = span_section(a);
    name_b = span_section(b);
    if (a.len + b.len == 0)
        snprintf(text, size, "the state's hash");
    else if (span_same(name_a, name_b))
        difference_field(a, b, when, text, size);
    else if (a.len == 0 || b.len == 0)
        difference_alone(a.len != 0 ? name_a : name_b, when[a.len == 0], text, size);
    else
        snprintf(text, size, "%.*s changed %s, %.*s %s", span_int(name_a), name_a.p, when[0],
                 span_int(name_b), name_b.p, when[1]);
}

/* The line of `section` in `text`; empty: there is none. */
static struct span difference_find(struct span text, struct span section)
{
    struct span line;

    do
        line = span_next(&text, '\n');
    while (line.len != 0 && !span_same(span_section(line), section));
    return line;
}

void difference_list(struct span was, struct span is, const char *const when[2], struct buf *out)
{
    char text[700];

    for (struct span rest = was, a; (a = span_next(&rest, '\n')).len != 0;) {
        struct span b = difference_find(is, span_section(a));

        if (span_same(a, b))
            continue;
        if (b.len != 0)
            difference_field(a, b, when, text, sizeof text);
        else
            difference_alone(span_section(a), when[0], text, sizeof text);
        buf_printf(out, "%s\n", text);
    }
    for (struct span rest = is, b; (b = span_next(&rest, '\n')).len != 0;) {
        if (difference_find(was, span_section(b)).len != 0)
            continue;
        difference_alone(span_section(b), when[1], text, sizeof text);
        buf_printf(out, "%s\n", text);
    }
}

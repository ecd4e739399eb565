/*
 * reprise test: the result as JUnit XML.
 *
 * Source: the "JUnit XML" that Jenkins' and GitLab's readers take: testsuites,
 *         testsuite, testcase with failure or skipped, system-out.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "ctl/test_priv.h"

/* Length of the UTF-8 character at `p`, 0: it is none, or none that XML has. */
static size_t markup_character(const unsigned char *p)
{
    uint32_t c;
    size_t n;

    if (*p < 0x80)
        return (*p >= 0x20 && *p != 0x7f) || *p == '\n' || *p == '\t';
    n = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
    if (*p < 0xc2 || *p > 0xf4)
        return 0;
    c = *p & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < (n == 4 ? 0x10000u : n == 3 ? 0x800u : 0x80u) || c > 0x10ffff ||
        (c >= 0xd800 && c < 0xe000) || (c >= 0xfffe && c <= 0xffff) || (c >= 0x80 && c < 0xa0))
        return 0;
    return n;
}

void markup_add(struct buf *out, const char *text)
{
    static const char special[] = "&<>\"'";
    static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

    for (const char *p = text; *p != '\0';) {
        const char *s = strchr(special, *p);
        size_t n = markup_character((const unsigned char *) p);

        if (s != NULL)
            buf_printf(out, "%s", names[s - special]);
        else if (n == 0)
            buf_printf(out, "\xef\xbf\xbd"); /* U+FFFD */
        else
            buf_add(out, p, n);
        p += n != 0 ? n : 1;
    }
}

static void junit_seconds(struct buf *out, uint64_t ns)
{
    buf_printf(out, " time=\"%" PRIu64 ".%03" PRIu64 "\"", ns / 1000000000, ns / 1000000 % 1000);
}

static void junit_case(const struct test_case *t, struct buf *out)
{
    const struct test_result *r = &t->result;

    buf_printf(out, "    <testcase classname=\"");
    markup_add(out, t->script->path);
    buf_printf(out, "\" name=\"");
    markup_add(out, t->test->title);
    buf_printf(out, "\"");
    junit_seconds(out, r->wall);
    if (r->outcome == TEST_PASSED) {
        buf_printf(out, "/>\n");
        return;
    }
    buf_printf(out, ">\n      <%s message=\"", r->outcome == TEST_FAILED ? "failure" : "skipped");
    markup_add(out, (const char *) r->message.data);
    buf_printf(out, "\"");
    if (r->outcome == TEST_FAILED) {
        buf_printf(out, ">");
        markup_add(out, (const char *) r->detail.data);
        buf_printf(out, "</failure>\n    </testcase>\n");
    } else {
        buf_printf(out, "/>\n    </testcase>\n");
    }
}

/* Tests of one file stand together: a suite. */
static unsigned junit_suite(const struct test_run *run, unsigned from, struct buf *out)
{
    unsigned to = from, failed = 0, skipped = 0;
    uint64_t wall = 0;

    for (; to < run->tests && run->test[to].script == run->test[from].script; to++) {
        failed += run->test[to].result.outcome == TEST_FAILED;
        skipped += run->test[to].result.outcome == TEST_SKIPPED;
        wall += run->test[to].result.wall;
    }
    buf_printf(out, "  <testsuite name=\"");
    markup_add(out, run->test[from].script->path);
    buf_printf(out, "\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\"", to - from, failed, skipped);
    junit_seconds(out, wall);
    buf_printf(out, ">\n");
    for (unsigned i = from; i < to; i++)
        junit_case(&run->test[i], out);
    buf_printf(out, "  </testsuite>\n");
    return to;
}

void junit_make(const struct test_run *run, struct buf *out)
{
    buf_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (unsigned i = 0; i < run->tests;)
        i = junit_suite(run, i, out);
    buf_printf(out, "</testsuites>\n");
}

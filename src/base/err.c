/* One-line error messages. */
#include "config.h"

#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0)))
static void err_format(struct err *err, const char *fmt, va_list ap)
{
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    /* A file's name may hold anything; the message stays one line. */
    for (char *p = err->msg; *p != '\0'; p++)
        if ((unsigned char) *p < ' ' || *p == 0x7f)
            *p = '?';
}

void err_set(struct err *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_format(err, fmt, ap);
    va_end(ap);
}

void err_errno(struct err *err, const char *fmt, ...)
{
    int saved = errno;
    size_t used;
    va_list ap;

    va_start(ap, fmt);
    err_format(err, fmt, ap);
    va_end(ap);
    used = strlen(err->msg);
    snprintf(err->msg + used, sizeof err->msg - used, ": %s", strerror(saved));
}

void err_prefix(struct err *err, const char *fmt, ...)
{
    struct err old = *err;
    size_t used;
    va_list ap;

    va_start(ap, fmt);
    err_format(err, fmt, ap);
    va_end(ap);
    used = strlen(err->msg);
    snprintf(err->msg + used, sizeof err->msg - used, ": %s", old.msg);
}

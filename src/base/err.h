/*
 * What the host did wrong, as one line for people.  A function that can fail
 * for a host reason returns -1 and fills a `struct err`; the caller prints it
 * once, or adds its own context in front.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
    char msg[512]; /* without "reprise: " and without a newline */
};

void err_set(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* As err_set, then ": " and the text of errno. */
void err_errno(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "text: " in front of the message. */
void err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif

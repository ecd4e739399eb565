/* Lines for people, on stderr with the program's name in front. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

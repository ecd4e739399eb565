/* Numbers and dates as people write them on a command line; strict. */
#ifndef CTL_NUMBER_H
#define CTL_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Digits only, at most `max`. */
bool number_uint(const char *text, uint64_t max, uint64_t *out);

/* "12" or "12.5", times 10^digits, exactly; at most `max` after that. */
bool number_decimal(const char *text, unsigned digits, uint64_t max, uint64_t *out);

/* "1996-01-01" or "1996-01-01T12:34:56" in seconds since 1970; years 1980 to 2099. */
bool number_date(const char *text, int64_t *out);

#endif

/* Numbers and dates. */
#include "config.h"

#include "ctl/number.h"

#include <string.h>

static bool number_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool number_add_digit(uint64_t *val, char c, uint64_t max)
{
    uint64_t digit = (uint64_t) (c - '0');

    if (*val > (max - digit) / 10 || digit > max)
        return false;
    *val = *val * 10 + digit;
    return true;
}

bool number_decimal(const char *text, unsigned digits, uint64_t max, uint64_t *out)
{
    uint64_t val = 0;
    bool point = false;

    if (!number_digit(*text))
        return false;
    for (; *text != '\0'; text++) {
        if (*text == '.' && !point && digits != 0 && number_digit(text[1])) {
            point = true;
            continue;
        }
        if (!number_digit(*text) || (point && digits-- == 0) || !number_add_digit(&val, *text, max))
            return false;
    }
    while (digits-- != 0)
        if (!number_add_digit(&val, '0', max))
            return false;
    *out = val;
    return true;
}

bool number_uint(const char *text, uint64_t max, uint64_t *out)
{
    return number_decimal(text, 0, max, out);
}

/* --- dates --------------------------------------------------------------- */

/* Every letter of `form` that is a 0 stands for a digit. */
static bool number_fits(const char *text, const char *form)
{
    for (; *form != '\0'; text++, form++)
        if (*form == '0' ? !number_digit(*text) : *text != *form)
            return false;
    return *text == '\0';
}

static int number_two(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

static bool number_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int number_month_days(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && number_leap(year));
}

static int64_t number_days(int year, int month, int day)
{
    int64_t days = day - 1;

    for (int y = 1970; y < year; y++)
        days += number_leap(y) ? 366 : 365;
    for (int m = 1; m < month; m++)
        days += number_month_days(year, m);
    return days;
}

bool number_date(const char *text, int64_t *out)
{
    bool time = number_fits(text, "0000-00-00T00:00:00");
    int year, month, day, hour, minute, second;

    if (!time && !number_fits(text, "0000-00-00"))
        return false;
    year = number_two(text) * 100 + number_two(text + 2);
    month = number_two(text + 5);
    day = number_two(text + 8);
    hour = time ? number_two(text + 11) : 0;
    minute = time ? number_two(text + 14) : 0;
    second = time ? number_two(text + 17) : 0;
    if (year < 1980 || year > 2099 || month < 1 || month > 12 || day < 1 ||
        day > number_month_days(year, month) || hour > 23 || minute > 59 || second > 59)
        return false;
    *out = ((number_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    return true;
}

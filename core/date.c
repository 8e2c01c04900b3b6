/* SPDX-License-Identifier: Apache-2.0 */
#include "core/date.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

enum { YEAR_FIRST = 1970, MINUTE_SECONDS = 60, HOUR_SECONDS = 3600 };

/* What is left to read; NULL after the first mistake. */
struct cursor {
    const char *at;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly @digits digits, from @least to @most. */
static int64_t take_number(struct cursor *c, int digits, int64_t least, int64_t most)
{
    int64_t n = 0;
    for (int i = 0; c->at != NULL && i < digits; i++) {
        if (!is_digit(*c->at)) {
            c->at = NULL;
            return least;
        }
        n = n * 10 + (*c->at++ - '0');
    }
    if (n < least || n > most) {
        c->at = NULL;
    }
    return n;
}

/* One character of @set, in capitals; '\0' when there is another. */
static char take_one_of(struct cursor *c, const char *set)
{
    char found = '\0';
    if (c->at != NULL) {
        found = *c->at;
    }
    if (found == 't' || found == 'z') { /* small letters mean the same (RFC 3339, 5.6) */
        found = found == 't' ? 'T' : 'Z';
    }
    if (found == '\0' || strchr(set, found) == NULL) {
        c->at = NULL;
        return '\0';
    }
    c->at++;
    return found;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970 to the first of January. */
static int64_t days_before_year(int64_t year)
{
    int64_t y = year - 1;
    int64_t leap_days = y / 4 - y / 100 + y / 400;
    return (year - YEAR_FIRST) * 365 + leap_days - 477; /* 477: leap years before 1970 */
}

/* "2027-01-31" as days since 1970. */
static int64_t take_day(struct cursor *c)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year = take_number(c, 4, YEAR_FIRST, 9999);
    (void)take_one_of(c, "-");
    int64_t month = take_number(c, 2, 1, 12);
    (void)take_one_of(c, "-");
    if (c->at == NULL) {
        return 0;
    }
    int64_t days = days_before_year(year);
    for (int64_t m = 1; m < month; m++) {
        days += lengths[m - 1] + (m == 2 && is_leap(year) ? 1 : 0);
    }
    int64_t length = lengths[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
    return days + take_number(c, 2, 1, length) - 1;
}

/* "18:00:00.5" as seconds. */
static int64_t take_time(struct cursor *c)
{
    int64_t hours = take_number(c, 2, 0, 23);
    (void)take_one_of(c, ":");
    int64_t minutes = take_number(c, 2, 0, 59);
    (void)take_one_of(c, ":");
    int64_t seconds = take_number(c, 2, 0, 60);
    if (c->at != NULL && *c->at == '.') {
        size_t digits = strspn(c->at + 1, "0123456789");
        c->at = digits == 0 ? NULL : c->at + 1 + digits;
    }
    return hours * HOUR_SECONDS + minutes * MINUTE_SECONDS + seconds;
}

/* "Z" or "+01:00" as seconds that the clock there is ahead. */
static int64_t take_offset(struct cursor *c)
{
    char sign = take_one_of(c, "Z+-");
    if (sign == 'Z' || sign == '\0') {
        return 0;
    }
    int64_t hours = take_number(c, 2, 0, 23);
    (void)take_one_of(c, ":");
    int64_t minutes = take_number(c, 2, 0, 59);
    int64_t seconds = hours * HOUR_SECONDS + minutes * MINUTE_SECONDS;
    return sign == '-' ? -seconds : seconds;
}

bool date_parse_end(const char *text, int64_t *out)
{
    struct cursor c = {.at = text};
    int64_t seconds = take_day(&c) * DAY_SECONDS;
    if (c.at != NULL && *c.at == '\0') {
        *out = seconds + DAY_SECONDS;
        return true;
    }
    (void)take_one_of(&c, "T ");
    seconds += take_time(&c);
    seconds -= take_offset(&c);
    if (c.at == NULL || *c.at != '\0') {
        return false;
    }
    *out = seconds;
    return true;
}

void date_print(int64_t seconds, char out[static DATE_TEXT_MAX])
{
    struct tm tm;
    time_t t = (time_t)seconds;
    if (gmtime_r(&t, &tm) == NULL ||
        strftime(out, DATE_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) != DATE_TEXT_MAX - 1) {
        out[0] = '\0';
    }
}

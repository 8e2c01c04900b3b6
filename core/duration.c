/* SPDX-License-Identifier: Apache-2.0 */
#include "core/duration.h"

#include <stddef.h>
#include <string.h>

enum { HOUR_MS = 3600000 };
static const int64_t duration_max_ms = (int64_t)10 * 365 * 24 * HOUR_MS;

static const struct unit {
    const char *name;
    int64_t ms;
} units[] = {{"h", HOUR_MS}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

/* The digits at @text as a number, at most one over the maximum. */
static int64_t read_number(const char *text, size_t len)
{
    int64_t n = 0;
    for (size_t i = 0; i < len && n <= duration_max_ms; i++) {
        n = n * 10 + (text[i] - '0');
    }
    return n > duration_max_ms ? duration_max_ms + 1 : n;
}

/* The first unit from @from on that is spelled exactly so; UNIT_COUNT when there is none. */
static size_t find_unit(size_t from, const char *text, size_t len)
{
    size_t i = from;
    while (i < UNIT_COUNT &&
           (strlen(units[i].name) != len || strncmp(units[i].name, text, len) != 0)) {
        i++;
    }
    return i;
}

bool duration_parse(const char *text, int64_t *out_ms)
{
    if (strcmp(text, "0") == 0) {
        *out_ms = 0;
        return true;
    }
    int64_t total = 0;
    size_t next = 0; /* units before this one are used up */
    do {
        size_t digits = strspn(text, "0123456789");
        size_t letters = strcspn(text + digits, "0123456789");
        size_t unit = find_unit(next, text + digits, letters);
        int64_t n = read_number(text, digits);
        if (digits == 0 || unit == UNIT_COUNT || n > (duration_max_ms - total) / units[unit].ms) {
            return false;
        }
        total += n * units[unit].ms;
        next = unit + 1;
        text += digits + letters;
    } while (*text != '\0');
    *out_ms = total;
    return true;
}

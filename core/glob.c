/* SPDX-License-Identifier: Apache-2.0 */
#include "core/glob.h"

#include <stddef.h>
#include <string.h>

/* May these two characters be the same one? With @wild a "?" in the text stands for any, too. */
static bool meets(char pattern, char text, bool wild)
{
    return pattern == '?' || pattern == text || (wild && text == '?');
}

/*
 * Taking the leftmost place for what stands between two stars never loses a
 * match, so only the newest star has to be tried again: no recursion.
 */
static bool matches(const char *pattern, const char *text, bool wild)
{
    const char *after_star = NULL;
    const char *retry = NULL; /* the text position the newest star ends at, so far */
    while (*text != '\0') {
        if (*pattern == '*') {
            after_star = ++pattern;
            retry = text;
        } else if (*pattern != '\0' && meets(*pattern, *text, wild)) {
            pattern++;
            text++;
        } else if (after_star != NULL) {
            pattern = after_star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

bool glob_matches(const char *pattern, const char *text)
{
    return matches(pattern, text, false);
}

/* Can one text start like both patterns, up to the first star of either? */
static bool starts_meet(const char *x, const char *y)
{
    for (; *x != '\0' && *y != '\0' && *x != '*' && *y != '*'; x++, y++) {
        if (!meets(*x, *y, true)) {
            return false;
        }
    }
    return true;
}

/* The same from the end, back to the last star of either. */
static bool ends_meet(const char *x, const char *y)
{
    const char *last_x = x + strlen(x);
    const char *last_y = y + strlen(y);
    while (last_x > x && last_y > y && last_x[-1] != '*' && last_y[-1] != '*') {
        last_x--;
        last_y--;
        if (!meets(*last_x, *last_y, true)) {
            return false;
        }
    }
    return true;
}

bool glob_intersects(const char *x, const char *y)
{
    bool open_x = strchr(x, '*') != NULL;
    bool open_y = strchr(y, '*') != NULL;
    if (open_x && open_y) {
        /* The stars of one absorb whatever stands between the other's. */
        return starts_meet(x, y) && ends_meet(x, y);
    }
    return open_x ? matches(x, y, true) : matches(y, x, true);
}

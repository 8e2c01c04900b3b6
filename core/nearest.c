/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { NAME_MAX_CHARS = 47 };

static bool same(char x, char y)
{
    return tolower((unsigned char)x) == tolower((unsigned char)y);
}

static size_t least(size_t x, size_t y)
{
    return x < y ? x : y;
}

/* Optimal string alignment; upper and lower case are the same. Both fit NAME_MAX_CHARS. */
static size_t distance(const char *x, const char *y)
{
    size_t rows[3][NAME_MAX_CHARS + 1];
    size_t y_len = strlen(y);
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];
    for (size_t k = 0; k <= y_len; k++) {
        row[k] = k;
        above[k] = 0;
    }
    for (size_t i = 1; x[i - 1] != '\0'; i++) {
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
        row[0] = i;
        for (size_t k = 1; k <= y_len; k++) {
            size_t replaced = above[k - 1] + (same(x[i - 1], y[k - 1]) ? 0 : 1);
            row[k] = least(replaced, least(above[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && same(x[i - 1], y[k - 2]) && same(x[i - 2], y[k - 1])) {
                row[k] = least(row[k], before[k - 2] + 1);
            }
        }
    }
    return row[y_len];
}

void nearest_try(struct nearest *n, const char *name)
{
    size_t len = strlen(n->typed);
    if (len > NAME_MAX_CHARS || strlen(name) > NAME_MAX_CHARS) {
        return;
    }
    size_t edits = distance(n->typed, name);
    /* One edit in three letters is a slip; more is another word. */
    if (edits > (len + 1) / 3 || edits >= len) {
        return;
    }
    if (n->name == NULL || edits < n->distance) {
        n->name = name;
        n->distance = edits;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "server/timeout.h"

#include <stdbool.h>
#include <string.h>

#include "core/duration.h"

enum { DURATION_TEXT_MAX = 31 };

static bool parse(const char *value, size_t len, int64_t *out_ms)
{
    char text[DURATION_TEXT_MAX + 1];
    if (len > DURATION_TEXT_MAX || memchr(value, '\0', len) != NULL) {
        return false;
    }
    memcpy(text, value, len);
    text[len] = '\0';
    return duration_parse(text, out_ms);
}

int64_t timeout_of_query(const char *query, size_t len)
{
    static const char name[] = "timeout=";
    const size_t name_len = sizeof(name) - 1;
    while (query != NULL) {
        const char *next = memchr(query, '&', len);
        size_t size = next == NULL ? len : (size_t)(next - query);
        if (size >= name_len && memcmp(query, name, name_len) == 0) {
            int64_t ms;
            bool is_good = parse(query + name_len, size - name_len, &ms) && ms > 0;
            return is_good ? ms : TIMEOUT_DEFAULT_MS;
        }
        len -= next == NULL ? size : size + 1;
        query = next == NULL ? NULL : next + 1;
    }
    return TIMEOUT_DEFAULT_MS;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "server/framing.h"

#include <string.h>
#include <strings.h>

/* True when the line is the header @name, whatever its value. */
static bool is_header(const char *line, size_t len, const char *name)
{
    size_t name_len = strlen(name);
    return len > name_len && line[name_len] == ':' && strncasecmp(line, name, name_len) == 0;
}

const char *framing_error(const char *head, size_t len)
{
    const char *end = head + len;
    const char *line = head;
    size_t lengths = 0;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        if (newline == NULL || newline == line || newline[-1] != '\r') {
            return "every line of a request's head must end in CR LF";
        }
        if (*line == ' ' || *line == '\t') {
            return "a header must not be folded over two lines";
        }
        size_t line_len = (size_t)(newline - line);
        if (is_header(line, line_len, "content-length") ||
            is_header(line, line_len, "transfer-encoding")) {
            lengths++;
        }
        line = newline + 1;
    }
    return lengths > 1 ? "a request must state its length once" : NULL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

bool framing_is_json(const char *content_type, size_t len)
{
    static const char json[] = "application/json";
    size_t json_len = sizeof(json) - 1;
    if (len < json_len || strncasecmp(content_type, json, json_len) != 0) {
        return false;
    }
    size_t i = json_len;
    while (i < len && is_space(content_type[i])) {
        i++;
    }
    return i == len || content_type[i] == ';';
}

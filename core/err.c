/* SPDX-License-Identifier: Apache-2.0 */
#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *err_text(enum err_code code)
{
    switch (code) {
#define X(name, text)                                                                              \
    case name:                                                                                     \
        return text;
        ERR_CODES(X)
#undef X
    }
    return "unknown error";
}

enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    if (e == NULL) {
        return code;
    }
    e->code = code;
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(e->text, sizeof(e->text), fmt, args);
    va_end(args);
    return code;
}

enum err_code err_wrap(struct err *e, const char *fmt, ...)
{
    if (e == NULL) {
        return ERR_INTERNAL;
    }
    char inner[ERR_TEXT_MAX];
    (void)snprintf(inner, sizeof(inner), "%s", e->text);

    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(e->text, sizeof(e->text), fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n + sizeof(": ") >= sizeof(e->text)) {
        return e->code;
    }
    char *to = e->text + n;
    size_t room = sizeof(e->text) - (size_t)n - sizeof(": ");
    size_t len = strnlen(inner, room);
    memcpy(to, ": ", 2);
    memcpy(to + 2, inner, len);
    to[2 + len] = '\0';
    return e->code;
}

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

/* A cut may have left the beginning of a UTF-8 character; what prints the text wants whole ones. */
static void drop_cut_character(char *text)
{
    size_t len = strlen(text);
    size_t follow = 0; /* continuation bytes at the end */
    while (follow < len && ((unsigned char)text[len - 1 - follow] & 0xc0) == 0x80) {
        follow++;
    }
    if (follow == len) {
        return;
    }
    char *last = &text[len - 1 - follow];
    unsigned char lead = (unsigned char)*last;
    size_t want = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    if (follow < want) {
        *last = '\0';
    }
}

enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    if (e == NULL) {
        return code;
    }
    e->code = code;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(e->text, sizeof(e->text), fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n >= sizeof(e->text)) {
        drop_cut_character(e->text);
    }
    return code;
}

enum err_code err_no_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, "more memory is needed than a request may have");
}

enum err_code err_wrap(struct err *e, const char *fmt, ...)
{
    if (e == NULL) {
        return ERR_INTERNAL;
    }
    char context[ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(context, sizeof(context), fmt, args);
    va_end(args);
    if (n < 0) {
        return e->code;
    }
    struct err inner = *e;
    return err_set(e, inner.code, "%s: %s", context, inner.text);
}

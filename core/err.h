/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h - errors as values: a code for the program, a sentence for the person.
 *
 * A function with more than one cause of failure returns enum err_code and
 * fills a struct err on failure; callers add context with err_wrap() on the
 * way out, and the outermost caller reports it once.
 * Thread-safety: a struct err belongs to one caller.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

/* code, text shown when nothing better is known */
#define ERR_CODES(X)                                                                               \
    X(ERR_OK, "no error")                                                                          \
    X(ERR_MEMORY, "out of memory")                                                                 \
    X(ERR_INVALID, "invalid input")                                                                \
    X(ERR_LIMIT, "input over a limit")                                                             \
    X(ERR_IO, "input or output failed")                                                            \
    X(ERR_NOT_FOUND, "not found")                                                                  \
    X(ERR_INTERNAL, "internal error")

enum err_code {
#define X(code, text) code,
    ERR_CODES(X)
#undef X
};

enum { ERR_TEXT_MAX = 512 };

struct err {
    enum err_code code;
    char text[ERR_TEXT_MAX]; /* one sentence without a full stop; too long is cut */
};

/* The short text of a code. Static. */
const char *err_text(enum err_code code);

/* Fills @e (may be NULL) and returns @code, so that callers can `return err_set(...)`. */
enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for memory that is not there: over an arena's cap, or at all. Returns ERR_MEMORY. */
enum err_code err_no_memory(struct err *e);

/*
 * Puts "<context>: " before the text of @e and returns its code. Of a NULL @e nobody
 * knows the code any more: ERR_INTERNAL.
 */
enum err_code err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - one JSON object a line on standard error.
 *
 * Fields: time (RFC 3339, UTC, milliseconds), level, msg, then the caller's.
 * A line is written with one write(2), so that lines of threads never mix;
 * longer than LOG_LINE_MAX it is cut inside its last string and stays valid JSON.
 * What is not UTF-8 is printed as U+FFFD. A line that nobody makes room for is dropped and
 * counted: logging never waits.
 * Thread-safety: all functions, from any thread.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum { LOG_LINE_MAX = 4096 }; /* with the newline; PIPE_BUF, beyond which a pipe may mix writes */

struct log_field {
    const char *key;
    const char *text; /* a string, or NULL: then number is the value */
    int64_t number;
};
#define LOG_TEXT(k, v) ((struct log_field){.key = (k), .text = (v)})
#define LOG_NUMBER(k, v) ((struct log_field){.key = (k), .number = (int64_t)(v)})

/* "debug", "info", "warn", "error"; false when @text is none of them. */
bool log_level_parse(const char *text, enum log_level *out);

/* Lines below @level are left out from now on; LOG_INFO at the start. */
void log_set_level(enum log_level level);

/* log_line(LOG_INFO, "policies loaded", LOG_NUMBER("policies", n), LOG_TEXT("path", path)) */
#define log_line(level, msg, ...)                                                                  \
    log_write((level), (msg), (const struct log_field[]){__VA_ARGS__, {.key = NULL}})

/* @fields: NULL, or ended by one whose key is NULL; keys are short and need no escapes. */
void log_write(enum log_level level, const char *msg, const struct log_field *fields);

#endif

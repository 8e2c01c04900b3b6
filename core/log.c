/* SPDX-License-Identifier: Apache-2.0 */
#include "core/log.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/metrics.h"

_Static_assert(LOG_LINE_MAX <= PIPE_BUF, "a longer line may be mixed with others in a pipe");

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARN] = "warn",
    [LOG_ERROR] = "error",
};

/* Relaxed: a line more or less around a change of level harms nobody. */
static _Atomic(enum log_level) lowest = LOG_INFO;

static const char line_end[] = "}\n";
enum { LINE_END_LEN = sizeof(line_end) - 1, QUOTE_LEN = 1 };

struct line {
    size_t len;
    bool full; /* something was cut: nothing more may follow */
    char text[LOG_LINE_MAX];
};

bool log_level_parse(const char *text, enum log_level *out)
{
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&lowest, level, memory_order_relaxed);
}

/* All of @bytes or nothing; room for a closing quote and the end of the line always stays. */
static bool put(struct line *l, const char *bytes, size_t len)
{
    if (l->len + len + QUOTE_LEN + LINE_END_LEN > sizeof(l->text)) {
        l->full = true;
        return false;
    }
    memcpy(l->text + l->len, bytes, len);
    l->len += len;
    return true;
}

static bool putf(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool putf(struct line *l, const char *fmt, ...)
{
    char piece[256];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(piece, sizeof(piece), fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof(piece)) {
        l->full = true;
        return false;
    }
    return put(l, piece, (size_t)n);
}

/* Bytes of the UTF-8 character at @s, 0 when there is none (RFC 3629, table of section 4). */
static size_t utf8_len(const unsigned char *s)
{
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t len = 0;
    if (s[0] < 0x80) {
        return 1;
    }
    if (s[0] >= 0xc2 && s[0] <= 0xdf) {
        len = 2;
    } else if (s[0] >= 0xe0 && s[0] <= 0xef) {
        len = 3;
        low = s[0] == 0xe0 ? 0xa0 : low;
        high = s[0] == 0xed ? 0x9f : high;
    } else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        len = 4;
        low = s[0] == 0xf0 ? 0x90 : low;
        high = s[0] == 0xf4 ? 0x8f : high;
    } else {
        return 0;
    }
    if (s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

/* One character, escaped where JSON asks for it; how many bytes of @s it took, 0 when full. */
static size_t put_character(struct line *l, const char *s)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* a character, then its escape */
    for (size_t i = 0; i + 1 < sizeof(named); i += 2) {
        if (*s == named[i]) {
            return put(l, (const char[]){'\\', named[i + 1]}, 2) ? 1 : 0;
        }
    }
    if ((unsigned char)*s < 0x20) {
        return putf(l, "\\u%04x", (unsigned)*s) ? 1 : 0;
    }
    size_t len = utf8_len((const unsigned char *)s);
    if (len == 0) {
        return put(l, "\xef\xbf\xbd", 3) ? 1 : 0;
    }
    return put(l, s, len) ? len : 0;
}

/* The quotes and as much of @text between them as fits. */
static void put_string(struct line *l, const char *text)
{
    if (!put(l, "\"", 1)) {
        return;
    }
    size_t taken = 1;
    while (*text != '\0' && taken > 0) {
        taken = put_character(l, text);
        text += taken;
    }
    l->text[l->len++] = '"';
}

/* A field is there with its whole key or not at all. */
static void put_field(struct line *l, const struct log_field *f)
{
    size_t before = l->len;
    if (f->text == NULL) {
        (void)putf(l, ",\"%s\":%" PRId64, f->key, f->number);
        return;
    }
    if (!putf(l, ",\"%s\":", f->key)) {
        return;
    }
    size_t after_key = l->len;
    put_string(l, f->text);
    if (l->len == after_key) {
        l->len = before;
    }
}

static void put_time(struct line *l)
{
    struct timespec now;
    struct tm utc;
    char seconds[32] = "";
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc) != NULL) {
        (void)strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
    }
    (void)putf(l, "{\"time\":\"%s.%03ldZ\"", seconds, now.tv_nsec / 1000000);
}

/*
 * A line that would have to wait for whoever reads standard error is dropped and counted: nothing
 * that is served may hang on a log. Where poll() says a pipe is writable there is room for a
 * whole line (LOG_LINE_MAX is PIPE_BUF), as long as only one thread writes.
 */
static void write_line(const struct line *l)
{
    static pthread_mutex_t one_writer = PTHREAD_MUTEX_INITIALIZER;
    static int64_t dropped;
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
    (void)pthread_mutex_lock(&one_writer);
    if (poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0) {
        /* There is nobody to tell that standard error is gone. */
        (void)!write(STDERR_FILENO, l->text, l->len);
    } else {
        metrics_set(METRIC_LOG_DROPPED, ++dropped);
    }
    (void)pthread_mutex_unlock(&one_writer);
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields)
{
    if (level < atomic_load_explicit(&lowest, memory_order_relaxed)) {
        return;
    }
    struct line l;
    l.len = 0;
    l.full = false;
    put_time(&l);
    put_field(&l, &LOG_TEXT("level", level_names[level]));
    put_field(&l, &LOG_TEXT("msg", msg));
    for (; fields != NULL && fields->key != NULL && !l.full; fields++) {
        put_field(&l, fields);
    }
    memcpy(l.text + l.len, line_end, LINE_END_LEN);
    l.len += LINE_END_LEN;

    int saved_errno = errno;
    write_line(&l);
    errno = saved_errno;
}

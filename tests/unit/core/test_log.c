/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/log.h"
#include "core/metrics.h"
#include "table.h"

static int reader; /* what is written to standard error comes out here */
static int real_stderr;

static void capture(void)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    reader = ends[0];
    real_stderr = dup(STDERR_FILENO);
    cr_assert_geq(dup2(ends[1], STDERR_FILENO), 0);
    close(ends[1]);
}

/* From here on standard error is the real one again, so that a reader sees the end of the pipe. */
static void release(void)
{
    cr_assert_geq(dup2(real_stderr, STDERR_FILENO), 0);
    close(real_stderr);
}

/* All that was written, which must be less than the pipe holds. */
static size_t captured(char *out, size_t size)
{
    release();
    size_t len = 0;
    ssize_t n;
    while ((n = read(reader, out + len, size - 1 - len)) > 0) {
        len += (size_t)n;
    }
    out[len] = '\0';
    close(reader);
    return len;
}

TestSuite(log, .timeout = 20, .init = capture);

static struct arena *arena; /* of what is read back from a line */

static void begin_row(void)
{
    arena_reset(arena);
    capture();
}

/* Every row has a pipe of its own, that what it wrote has an end. */
static void run_captured(size_t count, void (*row)(size_t i))
{
    release();
    close(reader);
    json_init();
    arena = arena_create(65536, 1 << 20);
    table_run_fresh(count, row, begin_row);
    arena_destroy(arena);
}

/* NULL, after a failed check, when @line is not JSON. */
static const struct json *fields_of(const char *line)
{
    struct json *root = NULL;
    struct err e = {.text = ""};
    cr_expect_eq(json_parse(arena, line, strlen(line), NULL, &root, &e), ERR_OK, "%s in %s", e.text,
                 line);
    return root;
}

Test(log, a_line_has_time_level_message_and_fields)
{
    log_line(LOG_WARN, "policies loaded", LOG_NUMBER("policies", 3), LOG_NUMBER("low", INT64_MIN),
             LOG_TEXT("path", "/etc/sparkward"));
    char text[LOG_LINE_MAX + 1];
    (void)captured(text, sizeof(text));
    const char *after_time = strchr(text, ',');
    cr_assert_not_null(after_time);
    cr_assert_str_eq(after_time, ",\"level\":\"warn\",\"msg\":\"policies loaded\",\"policies\":3,"
                                 "\"low\":-9223372036854775808,\"path\":\"/etc/sparkward\"}\n");
    regex_t shape;
    cr_assert_eq(regcomp(&shape,
                         "^\\{\"time\":\"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:"
                         "[0-6][0-9]\\.[0-9]{3}Z\",",
                         REG_EXTENDED | REG_NOSUB),
                 0);
    cr_assert_eq(regexec(&shape, text, 0, NULL, 0), 0, "%s", text);
    regfree(&shape);
}

Test(log, no_fields)
{
    log_write(LOG_ERROR, "x", NULL);
    char text[LOG_LINE_MAX + 1];
    (void)captured(text, sizeof(text));
    cr_assert_not_null(strstr(text, "Z\",\"level\":\"error\",\"msg\":\"x\"}\n"), "%s", text);
}

Test(log, lines_below_the_level_are_left_out)
{
    log_write(LOG_DEBUG, "one", NULL);
    log_write(LOG_INFO, "two", NULL);
    log_set_level(LOG_ERROR);
    log_write(LOG_WARN, "three", NULL);
    log_write(LOG_ERROR, "four", NULL);
    log_set_level(LOG_DEBUG);
    log_write(LOG_DEBUG, "five", NULL);
    char text[LOG_LINE_MAX + 1];
    (void)captured(text, sizeof(text));
    cr_assert_null(strstr(text, "one"));
    cr_assert_not_null(strstr(text, "two"));
    cr_assert_null(strstr(text, "three"));
    cr_assert_not_null(strstr(text, "four"));
    cr_assert_not_null(strstr(text, "five"));
}

Test(log, errno_survives)
{
    errno = ENOENT;
    close(STDERR_FILENO);
    log_write(LOG_ERROR, "nobody reads this", NULL);
    cr_assert_eq(errno, ENOENT);
    release();
}

Test(log, levels)
{
    release();
    enum log_level level = LOG_ERROR;
    cr_assert(log_level_parse("debug", &level));
    cr_assert_eq(level, LOG_DEBUG);
    cr_assert(log_level_parse("info", &level));
    cr_assert_eq(level, LOG_INFO);
    cr_assert(log_level_parse("warn", &level));
    cr_assert_eq(level, LOG_WARN);
    cr_assert(log_level_parse("error", &level));
    cr_assert_eq(level, LOG_ERROR);
    cr_assert_not(log_level_parse("warning", &level));
    cr_assert_not(log_level_parse("", &level));
    cr_assert_eq(level, LOG_ERROR, "untouched on failure");
}

#define BAD "\xef\xbf\xbd"

static const struct {
    const char *in, *printed;
} escape_cases[] = {
    {"", ""},
    {"plain /text/", "plain /text/"},
    {"a\"b\\c", "a\\\"b\\\\c"},
    {"\b\f\n\r\t", "\\b\\f\\n\\r\\t"},
    {"\x01\x1f\x7f", "\\u0001\\u001f\x7f"},
    /* the shortest and longest of each length, as they are */
    {"\xc2\x80 \xdf\xbf", "\xc2\x80 \xdf\xbf"},
    {"\xe0\xa0\x80 \xef\xbf\xbf", "\xe0\xa0\x80 \xef\xbf\xbf"},
    {"\xed\x9f\xbf \xee\x80\x80", "\xed\x9f\xbf \xee\x80\x80"},
    {"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"},
    /* each byte that starts nothing becomes one U+FFFD */
    {"a\x80z", "a" BAD "z"},
    {"a\xffz", "a" BAD "z"},
    {"\xc0\xaf", BAD BAD},
    {"\xc1\xbf", BAD BAD},
    {"\xe0\x9f\xbf", BAD BAD BAD},
    {"\xed\xa0\x80", BAD BAD BAD},
    {"\xf0\x8f\xbf\xbf", BAD BAD BAD BAD},
    {"\xf4\x90\x80\x80", BAD BAD BAD BAD},
    {"\xf5\x80\x80\x80", BAD BAD BAD BAD},
    {"cut \xc3", "cut " BAD},
    {"cut \xe2\x82", "cut " BAD BAD},
    {"cut \xf0\x9f\x98", "cut " BAD BAD BAD},
    {"\xe2\x82\"", BAD BAD "\\\""},
};

static void escape_row(size_t i)
{
    log_line(LOG_INFO, "m", LOG_TEXT("v", escape_cases[i].in));
    char text[LOG_LINE_MAX + 1];
    (void)captured(text, sizeof(text));
    char want[128];
    (void)snprintf(want, sizeof(want), ",\"msg\":\"m\",\"v\":\"%s\"}\n", escape_cases[i].printed);
    const char *got = strstr(text, ",\"msg\"");
    row_require(got != NULL, "row %zu: %s", i, text);
    cr_expect_str_eq(got, want, "row %zu: %s", i, text);
    cr_expect_not_null(json_string(json_get(fields_of(text), "v")), "row %zu: %s", i, text);
}

Test(log, escape)
{
    run_captured(COUNT(escape_cases), escape_row);
}

/* What a value is made of when a line is cut: one, two, three and four bytes, and an escape. */
static const char *const units[] = {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\x01"};

/* Writes a value of @unit that takes @bytes in a line, or a few more. Returns its length. */
static size_t fill_value(const char *unit, size_t bytes, char *value)
{
    size_t unit_len = strlen(unit);
    size_t len = 0;
    while (len < bytes % unit_len) {
        value[len++] = '-'; /* shifts the units */
    }
    size_t printed = len;
    size_t unit_printed = unit[0] == '\x01' ? 6 : unit_len;
    while (printed < bytes) {
        memcpy(value + len, unit, unit_len);
        len += unit_len;
        printed += unit_printed;
    }
    value[len] = '\0';
    return len;
}

/* Every length around the maximum, since the cut may fall at each place of a field. */
enum { SHORTEST = LOG_LINE_MAX - 180, LENGTHS = 200 };

static void cut_row(size_t i)
{
    size_t unit = i / LENGTHS;
    size_t bytes = SHORTEST + i % LENGTHS;
    char value[LOG_LINE_MAX + 64];
    size_t len = fill_value(units[unit], bytes, value);
    log_line(LOG_INFO, "m", LOG_TEXT("v", value), LOG_NUMBER("number", 12345),
             LOG_TEXT("last", "abcdef"));

    char line[2 * LOG_LINE_MAX];
    size_t n = captured(line, sizeof(line));
    size_t least = bytes < LOG_LINE_MAX - 100 ? bytes : LOG_LINE_MAX - 100;
    row_require(n >= least && n <= LOG_LINE_MAX, "unit %zu, %zu bytes: %zu", unit, bytes, n);
    cr_expect_eq(strchr(line, '\n'), line + n - 1, "unit %zu, %zu bytes: %s", unit, bytes, line);
    const struct json *fields = fields_of(line);
    const char *got = json_string(json_get(fields, "v"));
    row_require(got != NULL, "unit %zu, %zu bytes: %s", unit, bytes, line);
    cr_expect_eq(strncmp(got, value, strlen(got)), 0,
                 "unit %zu, %zu bytes: a cut value is a beginning of it", unit, bytes);
    const char *last = json_string(json_get(fields, "last"));
    cr_expect(last == NULL || strncmp(last, "abcdef", strlen(last)) == 0, "unit %zu, %zu bytes: %s",
              unit, bytes, last);
    cr_expect(strlen(got) == len || last == NULL,
              "unit %zu, %zu bytes: nothing follows what was cut", unit, bytes);
}

Test(log, cut)
{
    run_captured(COUNT(units) * LENGTHS, cut_row);
}

Test(log, a_long_message_fills_the_line_exactly)
{
    char msg[2 * LOG_LINE_MAX];
    memset(msg, 'x', sizeof(msg) - 1);
    msg[sizeof(msg) - 1] = '\0';
    log_line(LOG_INFO, msg, LOG_NUMBER("n", 1));
    char text[2 * LOG_LINE_MAX];
    cr_assert_eq(captured(text, sizeof(text)), LOG_LINE_MAX);
    cr_assert_str_eq(text + LOG_LINE_MAX - 5, "xx\"}\n");
}

enum { WRITERS = 4, LINES_EACH = 200 };

static void *write_lines(void *arg)
{
    char value[3000];
    memset(value, *(const char *)arg, sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    for (int i = 0; i < LINES_EACH; i++) {
        log_line(LOG_INFO, "m", LOG_TEXT("v", value));
    }
    return NULL;
}

/* True when @line is whole: one letter, 2999 times, between quotes. */
static bool is_whole(const char *line)
{
    const char *v = strstr(line, ",\"v\":\"");
    if (v == NULL) {
        return false;
    }
    v += strlen(",\"v\":\"");
    char letter[] = {*v, '\0'};
    return strspn(v, letter) == 2999 && strcmp(v + 2999, "\"}\n") == 0;
}

/* What nobody reads is dropped rather than waited for; what is written is whole all the same. */
Test(log, lines_of_threads_neither_mix_nor_wait)
{
    static char letters[WRITERS] = {'a', 'b', 'c', 'd'};
    pthread_t threads[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, write_lines, &letters[i]), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0); /* although the pipe is full */
    }
    struct buf b;
    buf_init(&b, 64 * 1024);
    metrics_print(&b);
    const char *metric = strstr(b.text, "\nsparkward_log_lines_dropped ");
    cr_assert_not_null(metric);
    int dropped = (int)strtod(metric + strlen("\nsparkward_log_lines_dropped "), NULL);
    buf_finish(&b);
    cr_assert_gt(dropped, 0);

    release();
    FILE *lines = fdopen(reader, "r");
    cr_assert_not_null(lines);
    static char line[LOG_LINE_MAX + 1];
    int written = 0;
    for (; fgets(line, sizeof(line), lines) != NULL; written++) {
        cr_assert(is_whole(line), "line %d: %s", written, line);
    }
    cr_assert_eq(written + dropped, WRITERS * LINES_EACH);
    cr_assert_gt(written, 0);
    (void)fclose(lines);
}

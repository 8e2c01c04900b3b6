/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/buf.h"
#include "core/metrics.h"
#include "table.h"

enum { TEXT_MAX = 65536, NAME_SIZE = 128 };

TestSuite(metrics, .timeout = 20);

static struct buf print(void)
{
    struct buf b;
    buf_init(&b, TEXT_MAX);
    metrics_print(&b);
    cr_assert_not(b.failed);
    return b;
}

/* The value printed for @series (name and labels); fails the test when it is not there once. */
static double value_of(const char *text, const char *series)
{
    double value = -1;
    int found = 0;
    size_t len = strlen(series);
    for (const char *line = text; line != NULL && *line != '\0';) {
        if (strncmp(line, series, len) == 0 && line[len] == ' ') {
            value = strtod(line + len, NULL);
            found++;
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    cr_assert_eq(found, 1, "%s is printed %d times", series, found);
    return value;
}

#define NAME "[a-zA-Z_:][a-zA-Z0-9_:]*"
#define LABEL "[a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\]|\\\\[\\\\\"n])*\""
#define VALUE "(-?[0-9]+(\\.[0-9]+)?|\\+Inf|NaN)"

static const char help_line[] = "^# HELP (" NAME ") [^ ].*$";
static const char type_line[] = "^# TYPE (" NAME ") (counter|gauge|histogram)$";
static const char sample_line[] = "^(" NAME ")(\\{" LABEL "(," LABEL ")*\\})? " VALUE "$";

/* True when @line has the shape; its first group, a name, goes to @out. */
static bool has_shape(const char *line, const char *pattern, char out[NAME_SIZE])
{
    regex_t shape;
    regmatch_t groups[2];
    cr_assert_eq(regcomp(&shape, pattern, REG_EXTENDED), 0);
    bool ok = regexec(&shape, line, COUNT(groups), groups, 0) == 0;
    regfree(&shape);
    if (ok) {
        size_t len = (size_t)(groups[1].rm_eo - groups[1].rm_so);
        cr_assert_lt(len, NAME_SIZE);
        memcpy(out, line + groups[1].rm_so, len);
        out[len] = '\0';
    }
    return ok;
}

/* Is this the name of the family, or one that its histogram makes of it? */
static bool is_sample_of(const char *name, const char *family)
{
    static const char *const endings[] = {"", "_bucket", "_sum", "_count"};
    size_t len = strlen(family);
    if (strncmp(name, family, len) != 0) {
        return false;
    }
    for (size_t i = 0; i < COUNT(endings); i++) {
        if (strcmp(name + len, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* HELP, TYPE and then all samples of a name, no name twice. */
Test(metrics, every_line_follows_the_grammar)
{
    cr_assert(metrics_thread_start());
    metrics_set(METRIC_CERT_NOT_AFTER, -5);
    struct buf b = print();
    static char seen[64][NAME_SIZE];
    size_t families = 0;
    char name[NAME_SIZE] = "";
    enum { SAMPLE, HELP, TYPE } before = SAMPLE;
    cr_assert_eq(b.text[b.len - 1], '\n');
    for (char *rest = b.text, *line; *rest != '\0';) {
        line = rest;
        rest = strchr(line, '\n');
        *rest++ = '\0';
        if (has_shape(line, help_line, name)) {
            cr_assert_eq(before, SAMPLE, "%s", line);
            for (size_t i = 0; i < families; i++) {
                cr_assert_str_neq(seen[i], name, "twice");
            }
            cr_assert_lt(families, COUNT(seen));
            memcpy(seen[families++], name, sizeof(name));
            before = HELP;
        } else if (has_shape(line, type_line, name)) {
            cr_assert_eq(before, HELP, "%s", line);
            cr_assert_str_eq(name, seen[families - 1]);
            before = TYPE;
        } else {
            cr_assert(has_shape(line, sample_line, name), "%s", line);
            cr_assert_neq(before, HELP, "%s", line);
            cr_assert_gt(families, 0);
            cr_assert(is_sample_of(name, seen[families - 1]), "%s under %s", name,
                      seen[families - 1]);
            before = SAMPLE;
        }
    }
    cr_assert_eq(before, SAMPLE);
    cr_assert_gt(families, 15);
    buf_finish(&b);
}

Test(metrics, all_starts_at_zero_without_a_counting_thread)
{
    cr_assert_eq(metrics_counter(METRIC_WARNINGS), 0);
    struct buf b = print();
    cr_assert_eq(value_of(b.text, "sparkward_warnings_total"), 0);
    cr_assert_eq(value_of(b.text, "sparkward_ready"), 0);
    cr_assert_eq(value_of(b.text, "sparkward_connections_open"), 0);
    buf_finish(&b);
}

Test(metrics, counters_and_gauges_show_what_was_counted)
{
    cr_assert(metrics_thread_start());
    cr_assert(metrics_thread_start(), "a second start keeps the block");
    metrics_add(METRIC_MUTATE_PATCHED, 1);
    metrics_add(METRIC_MUTATE_PATCHED, 2);
    metrics_add(METRIC_VALIDATE_DENIED, 5);
    metrics_add(METRIC_CONNECTIONS, 7);
    metrics_add(METRIC_CONNECTIONS_CLOSED, 4);
    metrics_set(METRIC_POLICIES, 12);
    metrics_set(METRIC_POLICIES, 11);
    metrics_set(METRIC_CERT_NOT_AFTER, INT64_C(4102444800));
    cr_assert_eq(metrics_counter(METRIC_MUTATE_PATCHED), 3);
    cr_assert_eq(metrics_counter(METRIC_MUTATE_DENIED), 0);
    struct buf b = print();
    cr_assert_eq(
        value_of(b.text, "sparkward_reviews_total{endpoint=\"mutate\",verdict=\"patched\"}"), 3);
    cr_assert_eq(
        value_of(b.text, "sparkward_reviews_total{endpoint=\"mutate\",verdict=\"denied\"}"), 0);
    cr_assert_eq(
        value_of(b.text, "sparkward_reviews_total{endpoint=\"validate\",verdict=\"denied\"}"), 5);
    cr_assert_eq(value_of(b.text, "sparkward_connections_open"), 3);
    cr_assert_eq(value_of(b.text, "sparkward_policies"), 11);
    cr_assert_eq(value_of(b.text, "sparkward_certificate_not_after_seconds"), 4102444800.0);
    cr_assert_eq(value_of(b.text, "sparkward_build_info{version=\"" SPARKWARD_VERSION "\"}"), 1);
    buf_finish(&b);
}

static double bucket(const char *text, const char *le)
{
    char series[NAME_SIZE];
    (void)snprintf(series, sizeof(series),
                   "sparkward_review_duration_seconds_bucket{endpoint=\"mutate\",le=\"%s\"}", le);
    return value_of(text, series);
}

static const struct {
    const char *le;
    uint64_t ns;
} bounds[] = {
    {"0.00005", 50000},  {"0.0001", 100000},  {"0.00025", 250000}, {"0.0005", 500000},
    {"0.001", 1000000},  {"0.0025", 2500000}, {"0.005", 5000000},  {"0.01", 10000000},
    {"0.025", 25000000}, {"0.1", 100000000},  {"0.5", 500000000},  {"1", 1000000000},
};

/* A bound itself belongs to its bucket, one nanosecond more to the next. */
Test(metrics, histogram_buckets_are_cumulative)
{
    cr_assert(metrics_thread_start());
    double sum = 0;
    for (size_t i = 0; i < COUNT(bounds); i++) {
        metrics_observe_ns(METRIC_MUTATE_SECONDS, bounds[i].ns);
        metrics_observe_ns(METRIC_MUTATE_SECONDS, bounds[i].ns + 1);
        sum += 2 * (double)bounds[i].ns + 1;
    }
    metrics_observe_ns(METRIC_MUTATE_SECONDS, 0);
    struct buf b = print();
    for (size_t i = 0; i < COUNT(bounds); i++) {
        cr_assert_eq(bucket(b.text, bounds[i].le), 2.0 * (double)i + 2, "%s", bounds[i].le);
    }
    size_t count = COUNT(bounds);
    double all = 2.0 * (double)count + 1;
    cr_assert_eq(bucket(b.text, "+Inf"), all);
    cr_assert_eq(value_of(b.text, "sparkward_review_duration_seconds_count{endpoint=\"mutate\"}"),
                 all);
    cr_assert_float_eq(
        value_of(b.text, "sparkward_review_duration_seconds_sum{endpoint=\"mutate\"}"), sum / 1e9,
        1e-9);
    cr_assert_eq(value_of(b.text, "sparkward_review_duration_seconds_count{endpoint=\"validate\"}"),
                 0);
    buf_finish(&b);
}

enum { THREADS = 8, ROUNDS = 20000 };

static void *count(void *arg)
{
    uintptr_t step = (uintptr_t)arg;
    if (!metrics_thread_start()) {
        return arg;
    }
    for (int i = 0; i < ROUNDS; i++) {
        metrics_add(METRIC_HTTP_2XX, step);
        metrics_observe_ns(METRIC_VALIDATE_SECONDS, 1000 * step);
    }
    return NULL;
}

/* Scraped while they count, it only grows; afterwards nothing is lost, though the threads are. */
Test(metrics, threads_add_up)
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) {
        void *step = (void *)(i + 1); /* NOLINT: a number in a pointer's place */
        cr_assert_eq(pthread_create(&threads[i], NULL, count, step), 0);
    }
    uint64_t before = 0;
    for (int i = 0; i < 50; i++) {
        struct buf b = print();
        uint64_t now = (uint64_t)value_of(b.text, "sparkward_http_responses_total{code=\"2xx\"}");
        cr_assert_geq(now, before);
        before = now;
        buf_finish(&b);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = NULL;
        cr_assert_eq(pthread_join(threads[i], &failed), 0);
        cr_assert_null(failed);
    }
    const uint64_t steps = THREADS * (THREADS + 1) / 2;
    cr_assert_eq(metrics_counter(METRIC_HTTP_2XX), steps * ROUNDS);
    struct buf b = print();
    cr_assert_eq(value_of(b.text, "sparkward_review_duration_seconds_count{endpoint=\"validate\"}"),
                 THREADS * ROUNDS);
    cr_assert_float_eq(
        value_of(b.text, "sparkward_review_duration_seconds_sum{endpoint=\"validate\"}"),
        (double)(steps * ROUNDS) * 1e-6, 1e-9);
    buf_finish(&b);
}

/* Spends CPU time that the kernel's clock ticks (10 ms) can show. */
static void spin_ms(long ms)
{
    struct timespec now;
    do {
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    } while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < ms);
}

Test(metrics, process)
{
    spin_ms(60);
    struct buf b = print();
    double fds = value_of(b.text, "process_open_fds");
    double start = value_of(b.text, "process_start_time_seconds");
    double now = (double)time(NULL);
    cr_assert(start <= now + 1 && start > now - 60, "started %f, now %f", start, now);
    double cpu = value_of(b.text, "process_cpu_seconds_total");
    cr_assert(cpu >= 0.03 && cpu < 20, "%f", cpu);
    double resident = value_of(b.text, "process_resident_memory_bytes");
    cr_assert(resident > 1 << 20 && resident < 1e12, "%f", resident);
    buf_finish(&b);

    int more[2];
    cr_assert_eq(pipe(more), 0);
    b = print();
    cr_assert_eq(value_of(b.text, "process_open_fds"), fds + 2);
    cr_assert_eq(value_of(b.text, "process_start_time_seconds"), start);
    buf_finish(&b);
    close(more[0]);
    close(more[1]);
}

Test(metrics, too_small_a_buffer_fails_as_a_whole)
{
    struct buf b;
    buf_init(&b, 100);
    metrics_print(&b);
    cr_assert(b.failed);
    cr_assert_leq(b.len, 100);
    buf_finish(&b);
}

Test(metrics, vectors_show_what_has_a_name)
{
    static const char *const names[] = {"labels", NULL, "images"};
    cr_assert(metrics_thread_start());
    struct buf b = print();
    cr_assert_null(strstr(b.text, "sparkward_monitor_total"), "without names there is nothing");
    buf_finish(&b);
    metrics_vector_name(METRIC_MUTATE_WOULD_DENY, names, COUNT(names));
    metrics_vector_add(METRIC_MUTATE_WOULD_DENY, 2, 1);
    metrics_vector_add(METRIC_MUTATE_WOULD_DENY, 2, 4);
    metrics_vector_add(METRIC_VALIDATE_WOULD_DENY, 2, 9);
    b = print();
    cr_assert_eq(value_of(b.text, "sparkward_monitor_total{endpoint=\"mutate\",outcome="
                                  "\"would_deny\",rule=\"images\"}"),
                 5);
    cr_assert_eq(value_of(b.text, "sparkward_monitor_total{endpoint=\"mutate\",outcome="
                                  "\"would_deny\",rule=\"labels\"}"),
                 0);
    const char *first = strstr(b.text, "\nsparkward_monitor_total{");
    cr_assert_not_null(first);
    cr_assert_null(strstr(first, "validate\",outcome"), "%s", first);
    buf_finish(&b);
}

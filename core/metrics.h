/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h - Prometheus text metrics, counted per thread without locks.
 *
 * Every thread that counts owns a block of counters which only it writes, with
 * relaxed atomic stores; a scrape adds the blocks up. All series are known at
 * compile time, but for the names of kinds of rules, so a block is an array and counting is one
 * add. Thread-safety: metrics_thread_start() once per counting thread; counting only on such
 * threads; gauges and metrics_print() from any thread.
 */
#ifndef CORE_METRICS_H
#define CORE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* name, label set as printed ("" for none), help; series of one name stand together. */
#define METRICS_COUNTERS(X)                                                                        \
    X(METRIC_MUTATE_ALLOWED, "sparkward_reviews_total", "endpoint=\"mutate\",verdict=\"allowed\"", \
      "AdmissionReviews answered, by endpoint and verdict")                                        \
    X(METRIC_MUTATE_PATCHED, "sparkward_reviews_total", "endpoint=\"mutate\",verdict=\"patched\"", \
      "")                                                                                          \
    X(METRIC_MUTATE_DENIED, "sparkward_reviews_total", "endpoint=\"mutate\",verdict=\"denied\"",   \
      "")                                                                                          \
    X(METRIC_VALIDATE_ALLOWED, "sparkward_reviews_total",                                          \
      "endpoint=\"validate\",verdict=\"allowed\"", "")                                             \
    X(METRIC_VALIDATE_DENIED, "sparkward_reviews_total",                                           \
      "endpoint=\"validate\",verdict=\"denied\"", "")                                              \
    X(METRIC_WARNINGS, "sparkward_warnings_total", "", "Warnings sent with reviews")               \
    X(METRIC_AUDITED, "sparkward_audited_violations_total", "",                                    \
      "Violations that were only noted in the audit log")                                          \
    X(METRIC_HTTP_2XX, "sparkward_http_responses_total", "code=\"2xx\"",                           \
      "HTTP responses on the webhook port, by class of status code")                               \
    X(METRIC_HTTP_400, "sparkward_http_responses_total", "code=\"400\"", "")                       \
    X(METRIC_HTTP_404, "sparkward_http_responses_total", "code=\"404\"", "")                       \
    X(METRIC_HTTP_405, "sparkward_http_responses_total", "code=\"405\"", "")                       \
    X(METRIC_HTTP_413, "sparkward_http_responses_total", "code=\"413\"", "")                       \
    X(METRIC_HTTP_415, "sparkward_http_responses_total", "code=\"415\"", "")                       \
    X(METRIC_HTTP_5XX, "sparkward_http_responses_total", "code=\"5xx\"", "")                       \
    X(METRIC_HTTP_SHED, "sparkward_http_shed_total", "",                                           \
      "Requests answered 503 with Retry-After because the server was over capacity")               \
    X(METRIC_CONNECTIONS, "sparkward_connections_total", "", "TLS connections accepted")           \
    X(METRIC_CONNECTIONS_CLOSED, "sparkward_connections_closed_total", "",                         \
      "TLS connections closed")                                                                    \
    X(METRIC_CONNECTIONS_STALLED, "sparkward_connections_stalled_total", "",                       \
      "Connections cut because a request or its answer made no progress")                          \
    X(METRIC_CONNECTIONS_OVER_BUDGET, "sparkward_connections_over_budget_total", "",               \
      "Connections cut because requests being received took too much memory")                      \
    X(METRIC_TLS_FAILED, "sparkward_tls_handshake_failures_total", "",                             \
      "TLS handshakes that failed")                                                                \
    X(METRIC_POLICY_RELOADS, "sparkward_policy_reloads_total", "result=\"ok\"",                    \
      "Attempts to load changed policies")                                                         \
    X(METRIC_POLICY_RELOADS_FAILED, "sparkward_policy_reloads_total", "result=\"error\"", "")      \
    X(METRIC_CERT_RELOADS, "sparkward_certificate_reloads_total", "result=\"ok\"",                 \
      "Attempts to load a changed certificate")                                                    \
    X(METRIC_CERT_RELOADS_FAILED, "sparkward_certificate_reloads_total", "result=\"error\"", "")

/* name, help; set from any thread. */
#define METRICS_GAUGES(X)                                                                          \
    X(METRIC_POLICIES, "sparkward_policies", "Policies in force")                                  \
    X(METRIC_POLICIES_MONITORED, "sparkward_policies_monitored",                                   \
      "Policies that are monitored, of those in force")                                            \
    X(METRIC_EXCEPTIONS, "sparkward_exceptions", "Exceptions from policies, also expired ones")    \
    X(METRIC_EXCEPTIONS_EXPIRED, "sparkward_exceptions_expired",                                   \
      "Exceptions from policies that have expired")                                                \
    X(METRIC_POLICIES_STALE, "sparkward_policies_stale",                                           \
      "1 while the policy files on disk are refused and the last good ones are in force")          \
    X(METRIC_CERT_STALE, "sparkward_certificate_stale",                                            \
      "1 while the certificate files on disk are refused and the last good ones are served")       \
    X(METRIC_CERT_NOT_AFTER, "sparkward_certificate_not_after_seconds",                            \
      "When the certificate being served expires, in seconds since 1970")                          \
    X(METRIC_LOG_DROPPED, "sparkward_log_lines_dropped",                                           \
      "Log lines dropped because nobody read standard error")                                      \
    X(METRIC_READY, "sparkward_ready", "1 while /readyz says ok")

/*
 * name, label set, help; one counter for each kind of rule, whose names metrics_vector_name()
 * gives: they belong to a folder above.
 */
#define METRICS_VECTORS(X)                                                                         \
    X(METRIC_MUTATE_WOULD_CHANGE, "sparkward_monitor_total",                                       \
      "endpoint=\"mutate\",outcome=\"would_change\"",                                              \
      "Reviews that monitored policies would have answered otherwise, by kind of rule")            \
    X(METRIC_MUTATE_WOULD_DENY, "sparkward_monitor_total",                                         \
      "endpoint=\"mutate\",outcome=\"would_deny\"", "")                                            \
    X(METRIC_MUTATE_WOULD_WARN, "sparkward_monitor_total",                                         \
      "endpoint=\"mutate\",outcome=\"would_warn\"", "")                                            \
    X(METRIC_VALIDATE_WOULD_DENY, "sparkward_monitor_total",                                       \
      "endpoint=\"validate\",outcome=\"would_deny\"", "")                                          \
    X(METRIC_VALIDATE_WOULD_WARN, "sparkward_monitor_total",                                       \
      "endpoint=\"validate\",outcome=\"would_warn\"", "")

enum { METRIC_VECTOR_MAX = 64 };

/* name, label set, help; buckets from 50 microseconds, since a review takes tens of them. */
#define METRICS_HISTOGRAMS(X)                                                                      \
    X(METRIC_MUTATE_SECONDS, "sparkward_review_duration_seconds", "endpoint=\"mutate\"",           \
      "Time from the complete request body to the complete answer")                                \
    X(METRIC_VALIDATE_SECONDS, "sparkward_review_duration_seconds", "endpoint=\"validate\"", "")

enum metric_counter {
#define X(id, name, labels, help) id,
    METRICS_COUNTERS(X)
#undef X
        METRIC_COUNTER_COUNT
};
enum metric_gauge {
#define X(id, name, help) id,
    METRICS_GAUGES(X)
#undef X
        METRIC_GAUGE_COUNT
};
enum metric_histogram {
#define X(id, name, labels, help) id,
    METRICS_HISTOGRAMS(X)
#undef X
        METRIC_HISTOGRAM_COUNT
};
enum metric_vector {
#define X(id, name, labels, help) id,
    METRICS_VECTORS(X)
#undef X
        METRIC_VECTOR_COUNT
};

/*
 * The label rule="…" of each counter, copied pointers to static text; those without one are not
 * printed. @count: at most METRIC_VECTOR_MAX. Once, before threads count.
 */
void metrics_vector_name(enum metric_vector id, const char *const *names, size_t count);

/* Gives this thread its block; false when out of memory. The block outlives the thread. */
bool metrics_thread_start(void);

void metrics_add(enum metric_counter id, uint64_t n);
void metrics_vector_add(enum metric_vector id, size_t i, uint64_t n);
void metrics_observe_ns(enum metric_histogram id, uint64_t nanoseconds);
void metrics_set(enum metric_gauge id, int64_t value);

/* The sum over all threads. */
uint64_t metrics_counter(enum metric_counter id);

/* Everything in the Prometheus text format 0.0.4, with sparkward_build_info and process_* basics.
 */
void metrics_print(struct buf *b);

#endif

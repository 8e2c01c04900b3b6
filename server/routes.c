/* SPDX-License-Identifier: Apache-2.0 */
#include "server/routes.h"

#include <string.h>
#include <time.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/log.h"
#include "policies/policy.h"
#include "server/clock.h"
#include "server/rate.h"
#include "server/snapshot.h"
#include "server/status.h"
#include "webhook/monitor.h"

enum {
    ADMIN_ANSWER_MAX = 1024 * 1024,
    MONITOR_LINES_MAX = 20, /* a second and a thread */
};

static const char plain[] = "text/plain; charset=utf-8";

static void count_review(const struct review_endpoint *e, const struct admit_answer *answer)
{
    switch (answer->verdict) {
    case ADMIT_ALLOWED:
        metrics_add(e->allowed, 1);
        break;
    case ADMIT_PATCHED:
        metrics_add(e->patched, 1);
        break;
    case ADMIT_DENIED:
        metrics_add(e->denied, 1);
        break;
    case ADMIT_FAILED: /* counted as an HTTP response only */
        break;
    }
    if (answer->warnings > 0) {
        metrics_add(METRIC_WARNINGS, answer->warnings);
    }
    if (answer->audited > 0) {
        metrics_add(METRIC_AUDITED, answer->audited);
    }
}

static void count_kinds(enum metric_vector id, uint64_t kinds)
{
    for (size_t kind = 0; kinds != 0; kind++, kinds >>= 1) {
        if ((kinds & 1) != 0) {
            metrics_vector_add(id, kind, 1);
        }
    }
}

/*
 * A count for each review that monitored policies would have answered otherwise, and a line
 * while there are not too many: a log is read by people and written with a lock.
 */
static void tell_monitored(const struct review_endpoint *e, const struct admit_answer *answer,
                           int64_t now)
{
    static _Thread_local struct rate lines;
    const struct monitor_report *m = answer->monitor;
    bool is_mutation = e->endpoint == ADMIT_MUTATE;
    count_kinds(METRIC_MUTATE_WOULD_CHANGE, m->would_change);
    count_kinds(is_mutation ? METRIC_MUTATE_WOULD_DENY : METRIC_VALIDATE_WOULD_DENY, m->would_deny);
    count_kinds(is_mutation ? METRIC_MUTATE_WOULD_WARN : METRIC_VALIDATE_WOULD_WARN, m->would_warn);
    uint64_t skipped;
    if (!rate_take(&lines, MONITOR_LINES_MAX, now, &skipped)) {
        return;
    }
    log_line(LOG_INFO, "monitored", LOG_TEXT("endpoint", is_mutation ? "mutate" : "validate"),
             LOG_TEXT("namespace", answer->namespace), LOG_TEXT("name", answer->name),
             LOG_TEXT("rules", m->rules == NULL ? "" : m->rules),
             LOG_TEXT("outranked", m->outranked == NULL ? "" : m->outranked),
             LOG_TEXT("verdict", m->verdict != NULL ? m->verdict : "would change"),
             LOG_NUMBER("skipped", skipped));
}

static void review(const struct http_request *request, struct arena *arena,
                   struct http_response *out)
{
    const struct review_endpoint *e = request->context;
    uint64_t start = now_ns();
    struct admit_answer answer;
    const struct admit_request asked = {.endpoint = e->endpoint,
                                        .is_monitored = e->is_monitored,
                                        .now = (int64_t)time(NULL),
                                        .body = request->body,
                                        .body_len = request->body_len};
    admit(snapshot_get(e->policies), &asked, arena, &answer);
    *out = (struct http_response){
        .status = answer.status,
        .content_type = answer.content_type,
        .body = answer.body,
        .body_len = answer.body_len,
    };
    count_review(e, &answer);
    if (answer.monitor != NULL) {
        tell_monitored(e, &answer, asked.now);
    }
    metrics_observe_ns(e->seconds, now_ns() - start);
}

static void answer_text(struct http_response *out, int status, const char *body, size_t len)
{
    *out = (struct http_response){
        .status = status, .content_type = plain, .body = body, .body_len = len};
}

/* Copies @b into the arena and ends it. */
static void answer_buf(struct http_response *out, int status, struct buf *b, struct arena *arena)
{
    const char *body = b->failed ? NULL : arena_strndup(arena, b->text, b->len);
    if (body != NULL) {
        answer_text(out, status, body, b->len);
    }
    buf_finish(b);
}

static void livez(const struct http_request *request, struct arena *arena,
                  struct http_response *out)
{
    (void)request;
    (void)arena;
    answer_text(out, 200, "ok\n", 3);
}

/* True for "?verbose", alone or with others, with or without a value. */
static bool is_verbose(const struct http_request *request)
{
    static const char name[] = "verbose";
    const char *at = request->query;
    const char *end = at == NULL ? NULL : at + request->query_len;
    while (at < end) {
        const char *next = memchr(at, '&', (size_t)(end - at));
        size_t len = (size_t)((next == NULL ? end : next) - at);
        if (len >= sizeof(name) - 1 && memcmp(at, name, sizeof(name) - 1) == 0 &&
            (len == sizeof(name) - 1 || at[sizeof(name) - 1] == '=')) {
            return true;
        }
        at = next == NULL ? end : next + 1;
    }
    return false;
}

static void readyz(const struct http_request *request, struct arena *arena,
                   struct http_response *out)
{
    struct status *status = request->context;
    bool is_ready = status_is_ready(status);
    struct buf b;
    buf_init(&b, ADMIN_ANSWER_MAX);
    if (is_verbose(request)) {
        status_print(status, &b);
    }
    buf_adds(&b, is_ready ? "ok\n" : "draining\n");
    answer_buf(out, is_ready ? 200 : 503, &b, arena);
}

static void metrics(const struct http_request *request, struct arena *arena,
                    struct http_response *out)
{
    (void)request;
    struct buf b;
    buf_init(&b, ADMIN_ANSWER_MAX);
    metrics_print(&b);
    answer_buf(out, 200, &b, arena);
    if (out->status == 200) {
        out->content_type = "text/plain; version=0.0.4; charset=utf-8";
    }
}

/* Requirements are violated, all other rules change something. */
static void name_vectors(void)
{
    const char *changes[RULE_KIND_COUNT] = {NULL};
    const char *requirements[RULE_KIND_COUNT] = {NULL};
    for (int kind = 0; kind < RULE_KIND_COUNT; kind++) {
        const char **names =
            rule_kind_is_requirement((enum rule_kind)kind) ? requirements : changes;
        names[kind] = rule_kind_name((enum rule_kind)kind);
    }
    for (int id = 0; id < METRIC_VECTOR_COUNT; id++) {
        metrics_vector_name((enum metric_vector)id,
                            id == METRIC_MUTATE_WOULD_CHANGE ? changes : requirements,
                            RULE_KIND_COUNT);
    }
}

void routes_init(struct routes *r, struct snapshot *policies, struct status *status)
{
    *r = (struct routes){
        .mutate = {ADMIT_MUTATE, false, policies, METRIC_MUTATE_SECONDS, METRIC_MUTATE_ALLOWED,
                   METRIC_MUTATE_PATCHED, METRIC_MUTATE_DENIED},
        /* A validation cannot patch. */
        .validate = {ADMIT_VALIDATE, false, policies, METRIC_VALIDATE_SECONDS,
                     METRIC_VALIDATE_ALLOWED, METRIC_VALIDATE_ALLOWED, METRIC_VALIDATE_DENIED},
        .webhook = {{"/mutate", HTTP_POST, review, &r->mutate},
                    {"/validate", HTTP_POST, review, &r->validate},
                    {"/monitor/mutate", HTTP_POST, review, &r->monitor_mutate},
                    {"/monitor/validate", HTTP_POST, review, &r->monitor_validate}},
        .admin = {{"/livez", HTTP_GET, livez, NULL},
                  {"/readyz", HTTP_GET, readyz, status},
                  {"/metrics", HTTP_GET, metrics, NULL}},
    };
    r->monitor_mutate = r->mutate;
    r->monitor_mutate.is_monitored = true;
    r->monitor_validate = r->validate;
    r->monitor_validate.is_monitored = true;
    name_vectors();
}

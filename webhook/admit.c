/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/admit.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "webhook/audit.h"
#include "webhook/evaluate.h"
#include "webhook/monitor.h"
#include "webhook/review.h"

enum { ANSWER_MAX = 16 * 1024 * 1024 };

/* As Kubernetes' own Status: the API server passes its message on, and of a 400 no other text. */
static void answer_error(struct arena *a, const struct err *e, struct admit_answer *out)
{
    bool callers_fault = e->code == ERR_INVALID || e->code == ERR_LIMIT;
    int status = callers_fault ? 400 : 500;
    struct buf body;
    buf_init_arena(&body, a, ANSWER_MAX);
    buf_adds(&body,
             "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":");
    json_print_string(&body, e->text);
    buf_addf(&body, ",\"reason\":\"%s\",\"code\":%d}\n",
             callers_fault ? "BadRequest" : "InternalError", status);
    *out = (struct admit_answer){.status = status,
                                 .content_type = "application/json",
                                 .body = body.failed ? "{}\n" : body.text,
                                 .body_len = body.failed ? 3 : body.len,
                                 .verdict = ADMIT_FAILED};
}

/* One review on its way to an answer. */
struct admission {
    const struct admit_request *request;
    struct evaluator by;
    struct arena *arena;
    struct review review;
    struct audits audits;
    struct response response;
    struct admit_answer answer;
};

/*
 * Violations.
 */

/* One violation as it is; several counted and numbered, so that none is overlooked. */
static const char *denial_text(struct arena *a, const struct violations *violations)
{
    size_t denials = violations->count[REQUIRE_DENY];
    struct buf text;
    buf_init_arena(&text, a, ANSWER_MAX);
    if (denials > 1) {
        buf_addf(&text, "%zu violations", denials);
    }
    size_t n = 0;
    for (const struct violation *v = violations->first; v != NULL; v = v->next) {
        if (v->rule->require.action != REQUIRE_DENY) {
            continue;
        }
        if (denials > 1) {
            buf_addf(&text, "%s (%zu) ", n == 0 ? ":" : ";", n + 1);
        }
        buf_adds(&text, v->message);
        n++;
    }
    if (n < denials) {
        buf_addf(&text, "%s", n == 0 ? "" : "; and more");
    }
    return text.failed ? NULL : text.text;
}

/* What is not as it should be, and what could not be made so. */
static bool collect_warnings(struct arena *a, const struct evaluation *ev, struct response *r)
{
    const struct violations *violations = &ev->violations;
    const char **list =
        arena_alloc(a, (violations->kept + ev->edits.notice_count + 1) * sizeof(*list));
    if (list == NULL) {
        return false;
    }
    size_t n = 0;
    for (const struct violation *v = violations->first; v != NULL; v = v->next) {
        if (v->rule->require.action == REQUIRE_WARN) {
            list[n++] = v->message;
        }
    }
    for (const struct notice *x = ev->edits.notices; x != NULL; x = x->next) {
        list[n++] = x->text;
    }
    r->warnings = list;
    r->warning_count = n;
    return true;
}

/*
 * Answers.
 */

static void answer(const struct admission *ad, struct admit_answer *out)
{
    const struct response *r = &ad->response;
    struct buf body;
    buf_init_arena(&body, ad->arena, ANSWER_MAX);
    response_print(r, &body);
    if (body.failed) {
        struct err e;
        (void)err_no_memory(&e);
        answer_error(ad->arena, &e, out);
        return;
    }
    *out = ad->answer;
    out->status = 200;
    out->content_type = "application/json";
    out->body = body.text;
    out->body_len = body.len;
    out->verdict = !r->allowed ? ADMIT_DENIED : r->patch != NULL ? ADMIT_PATCHED : ADMIT_ALLOWED;
    out->warnings = r->warning_count;
}

/* Fills the response from what was found; false when out of memory. */
static bool conclude(struct admission *ad, const struct evaluation *ev)
{
    struct response *r = &ad->response;
    audit_violations(&ad->audits, &ev->violations);
    audit_waivers(&ad->audits, &ev->plan, ad->by.steps);
    ad->answer.audited = ev->violations.count[REQUIRE_AUDIT];
    if (!collect_warnings(ad->arena, ev, r)) {
        return false;
    }
    if (ev->violations.count[REQUIRE_DENY] > 0) {
        r->allowed = false;
        r->denial = denial_text(ad->arena, &ev->violations);
        return r->denial != NULL;
    }
    if (ev->edits.operations > 0) {
        struct buf patch;
        buf_init_arena(&patch, ad->arena, ANSWER_MAX);
        edits_print(&ev->edits, &patch);
        audit_edits(&ad->audits, &ev->edits);
        r->patch = patch.text;
        r->patch_len = patch.len;
        return !patch.failed;
    }
    return true;
}

/* A name that is still to be made is known by how it begins. */
static const char *name_in(const struct json *object)
{
    const struct json *metadata = json_get(object, "metadata");
    const char *name = json_string(json_get(metadata, "name"));
    name = name == NULL ? json_string(json_get(metadata, "generateName")) : name;
    return name == NULL ? "" : name;
}

/* What the object was before; NULL when it is new. */
static struct json *old_of(const struct review *review)
{
    return review->operation == OPERATION_UPDATE ? review->old_object : NULL;
}

/* Whatever comes of it: the verdict stays. False when out of memory. */
static bool watch(struct admission *ad, const struct evaluation *ev)
{
    struct monitor_report *report = arena_alloc(ad->arena, sizeof(*report));
    if (report == NULL) {
        return false;
    }
    monitor(&ad->by, ad->review.namespace, old_of(&ad->review), ev, report);
    if (report->differs) {
        audit_monitor(&ad->audits, report);
        ad->answer.monitor = report;
        ad->answer.namespace = ad->review.namespace;
        ad->answer.name = name_in(ev->object);
    }
    return true;
}

/*
 * Whether policies have anything to say at all. Objects are mutated when they are made only, and
 * judged when they change, where their kind is.
 */
static bool concerns_us(const struct review *review, enum admit_endpoint endpoint)
{
    switch (review->operation) {
    case OPERATION_CREATE:
        return kind_is_judged(review->kind, true);
    case OPERATION_UPDATE:
        return endpoint == ADMIT_VALIDATE && kind_is_judged(review->kind, false);
    case OPERATION_DELETE:
    case OPERATION_CONNECT:
        return false;
    }
    return false;
}

static enum err_code judge(struct admission *ad, struct err *e)
{
    const struct review *review = &ad->review;
    ad->by.kind = review->kind;
    if (!concerns_us(review, ad->request->endpoint)) {
        return ERR_OK;
    }
    struct evaluation ev;
    enum err_code code =
        evaluate_update(&ad->by, review->namespace, review->object, old_of(review), &ev, e);
    if (code != ERR_OK || !ev.is_spark) {
        return code;
    }
    if (!conclude(ad, &ev) || (ev.before != NULL && !watch(ad, &ev)) || ad->audits.failed) {
        return err_no_memory(e);
    }
    return ERR_OK;
}

void admit(const struct policy_set *set, const struct admit_request *request, struct arena *a,
           struct admit_answer *out)
{
    struct err e;
    bool is_mutation = request->endpoint == ADMIT_MUTATE;
    struct admission ad = {
        .request = request,
        .by = {.set = set,
               .arena = a,
               .steps = EVALUATE_CHECK | (is_mutation ? EVALUATE_MUTATE : 0U),
               .scope = request->is_monitored ? SCOPE_NONE : SCOPE_ENFORCED,
               .now = request->now},
        .arena = a,
        .audits = {.arena = a},
        .response = {.allowed = true},
    };
    enum err_code code = review_parse(a, request->body, request->body_len, &ad.review, &e);
    if (code == ERR_OK) {
        code = judge(&ad, &e);
    }
    if (code != ERR_OK) {
        answer_error(a, &e, out);
        return;
    }
    ad.response.uid = ad.review.uid;
    ad.response.audits = ad.audits.list;
    ad.response.audit_count = ad.audits.count;
    answer(&ad, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/admit.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "webhook/evaluate.h"
#include "webhook/review.h"

enum {
    ANSWER_MAX = 16 * 1024 * 1024,
    AUDITS_MAX = RULE_KIND_COUNT + 1, /* one a kind of rule, one for violations */
};

static void answer_error(struct arena *a, const struct err *e, struct admit_answer *out)
{
    const char *text = arena_printf(a, "%s\n", e->text);
    bool callers_fault = e->code == ERR_INVALID || e->code == ERR_LIMIT;
    *out = (struct admit_answer){.status = callers_fault ? 400 : 500,
                                 .content_type = "text/plain; charset=utf-8",
                                 .body = text == NULL ? "" : text,
                                 .verdict = ADMIT_FAILED};
    out->body_len = strlen(out->body);
}

/*
 * Audit annotations: why each field was changed, by kind of rule.
 */

struct audits {
    struct arena *arena;
    struct audit list[AUDITS_MAX];
    size_t count;
    bool failed;
};

/* One review on its way to an answer. */
struct admission {
    const struct policy_set *set;
    struct arena *arena;
    enum admit_endpoint endpoint;
    struct review review;
    struct audits audits;
    struct response response;
};

static void add_audit(struct audits *audits, const char *key, const struct buf *value)
{
    if (value->failed) {
        audits->failed = true;
        return;
    }
    audits->list[audits->count++] = (struct audit){.key = key, .value = value->text};
}

/* "policy: rule, rule; other policy: rule", in the order of the edits. */
static void audit_edits(struct audits *audits, const struct edits *edits)
{
    struct buf texts[RULE_KIND_COUNT];
    const struct rule *last[RULE_KIND_COUNT] = {NULL};
    for (const struct edit *edit = edits->first; edit != NULL; edit = edit->next) {
        const struct rule *rule = edit->rule;
        struct buf *text = &texts[rule->kind];
        const struct rule *before = last[rule->kind];
        if (before == rule) {
            continue;
        }
        if (before == NULL) {
            buf_init_arena(text, audits->arena, ANSWER_MAX);
        }
        if (before == NULL || before->policy != rule->policy) {
            buf_adds(text, before == NULL ? "" : "; ");
            buf_adds(text, rule->policy->name);
            buf_adds(text, ": ");
        } else {
            buf_adds(text, ", ");
        }
        buf_adds(text, rule->name);
        last[rule->kind] = rule;
    }
    for (int kind = 0; kind < RULE_KIND_COUNT; kind++) {
        if (last[kind] != NULL) {
            add_audit(audits, rule_kind_name((enum rule_kind)kind), &texts[kind]);
        }
    }
}

static void audit_violations(struct audits *audits, const struct violations *violations)
{
    struct buf text;
    buf_init_arena(&text, audits->arena, ANSWER_MAX);
    for (const struct violation *v = violations->first; v != NULL; v = v->next) {
        buf_adds(&text, v == violations->first ? "" : "; ");
        buf_adds(&text, v->message);
    }
    if (violations->first != NULL) {
        add_audit(audits, "violations", &text);
    }
}

/*
 * Violations.
 */

/*
 * An update is judged by what it adds: pods from before a policy must stay usable. Where there
 * are too many violations to name them all, their numbers decide.
 */
static void forget_old(struct violations *violations, const struct violations *old)
{
    bool all_named = violations->denials + violations->warnings == violations->kept &&
                     old->denials + old->warnings == old->kept;
    if (!all_named) {
        if (violations->denials <= old->denials && violations->warnings <= old->warnings) {
            violations_init(violations, violations->arena);
        }
        return;
    }
    struct violation **at = &violations->first;
    while (*at != NULL) {
        const struct violation *o = old->first;
        while (o != NULL && strcmp(o->message, (*at)->message) != 0) {
            o = o->next;
        }
        if (o == NULL) {
            at = &(*at)->next;
            continue;
        }
        bool denies = (*at)->rule->require.action == REQUIRE_DENY;
        *(denies ? &violations->denials : &violations->warnings) -= 1;
        *at = (*at)->next;
    }
    violations->end = at;
}

/* One violation as it is; several counted and numbered, so that none is overlooked. */
static const char *denial_text(struct arena *a, const struct violations *violations)
{
    struct buf text;
    buf_init_arena(&text, a, ANSWER_MAX);
    if (violations->denials > 1) {
        buf_addf(&text, "%zu violations", violations->denials);
    }
    size_t n = 0;
    for (const struct violation *v = violations->first; v != NULL; v = v->next) {
        if (v->rule->require.action != REQUIRE_DENY) {
            continue;
        }
        if (violations->denials > 1) {
            buf_addf(&text, "%s (%zu) ", n == 0 ? ":" : ";", n + 1);
        }
        buf_adds(&text, v->message);
        n++;
    }
    if (n < violations->denials) {
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

static void answer(struct arena *a, const struct response *r, struct admit_answer *out)
{
    struct buf body;
    buf_init_arena(&body, a, ANSWER_MAX);
    response_print(r, &body);
    if (body.failed) {
        struct err e;
        (void)err_no_memory(&e);
        answer_error(a, &e, out);
        return;
    }
    *out = (struct admit_answer){
        .status = 200,
        .content_type = "application/json",
        .body = body.text,
        .body_len = body.len,
        .verdict = !r->allowed        ? ADMIT_DENIED
                   : r->patch != NULL ? ADMIT_PATCHED
                                      : ADMIT_ALLOWED,
        .warnings = r->warning_count,
    };
}

/* Fills the response from what was found; false when out of memory. */
static bool conclude(struct admission *ad, const struct evaluation *ev)
{
    struct response *r = &ad->response;
    audit_violations(&ad->audits, &ev->violations);
    if (!collect_warnings(ad->arena, ev, r)) {
        return false;
    }
    if (ev->violations.denials > 0) {
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

/* Judges an update: only violations that the old object did not have count. */
static enum err_code compare_with_old(const struct admission *ad, struct evaluation *ev,
                                      struct err *e)
{
    struct evaluation old;
    const struct evaluator by = {
        .set = ad->set, .arena = ad->arena, .steps = EVALUATE_CHECK, .kind = ad->review.kind};
    enum err_code code = evaluate(&by, ad->review.namespace, ad->review.old_object, &old, e);
    if (code == ERR_OK && old.is_spark) {
        forget_old(&ev->violations, &old.violations);
    }
    return code;
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
    if (!concerns_us(review, ad->endpoint)) {
        return ERR_OK;
    }
    const struct evaluator by = {.set = ad->set,
                                 .arena = ad->arena,
                                 .steps = EVALUATE_CHECK |
                                          (ad->endpoint == ADMIT_MUTATE ? EVALUATE_MUTATE : 0U),
                                 .kind = review->kind};
    struct evaluation ev;
    enum err_code code = evaluate(&by, review->namespace, review->object, &ev, e);
    if (code == ERR_OK && ev.is_spark && review->operation == OPERATION_UPDATE) {
        code = compare_with_old(ad, &ev, e);
    }
    if (code != ERR_OK || !ev.is_spark) {
        return code;
    }
    if (!conclude(ad, &ev) || ad->audits.failed) {
        return err_no_memory(e);
    }
    return ERR_OK;
}

void admit(const struct policy_set *set, enum admit_endpoint endpoint, const char *body,
           size_t body_len, struct arena *a, struct admit_answer *out)
{
    struct err e;
    struct admission ad = {.set = set,
                           .arena = a,
                           .endpoint = endpoint,
                           .audits = {.arena = a},
                           .response = {.allowed = true}};
    enum err_code code = review_parse(a, body, body_len, &ad.review, &e);
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
    answer(a, &ad.response, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/monitor.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "webhook/audit.h"
#include "webhook/evaluate.h"

enum { TEXT_MAX = 16 * 1024 * 1024 };

/* Two evaluations of one object side by side. */
struct comparison {
    const struct evaluator *by;
    const struct evaluation *is;
    const struct evaluation *would;
    struct monitor_report *report;
    struct rule_names rules;
    bool failed; /* out of memory */
};

static uint64_t bit(const struct rule *rule)
{
    return UINT64_C(1) << rule->kind;
}

static bool has_say(const struct comparison *c, const struct rule *rule)
{
    return scope_has(c->by->scope, rule->policy);
}

static const char *text_of(struct comparison *c, const struct buf *b)
{
    c->failed = c->failed || b->failed;
    return b->len == 0 ? NULL : b->text;
}

/* Whether what is enforced does the same in the same place. */
static bool is_done(const struct comparison *c, const struct edit *edit)
{
    for (const struct edit *x = c->is->edits.first; x != NULL; x = x->next) {
        if (x->op == edit->op && strcmp(x->pointer, edit->pointer) == 0 &&
            (edit->value == NULL || json_equal(x->value, edit->value))) {
            return true;
        }
    }
    return false;
}

static bool is_denied(const struct evaluation *ev)
{
    return ev->violations.count[REQUIRE_DENY] > 0;
}

/* A denied object is not changed, whatever was tried on it. */
static bool is_changed(const struct comparison *c)
{
    if (is_denied(c->would)) {
        return false;
    }
    return is_denied(c->is) ? c->would->edits.operations > 0
                            : !json_equal(c->is->object, c->would->object);
}

static void tell_edits(struct comparison *c)
{
    for (const struct edit *edit = c->would->edits.first; edit != NULL; edit = edit->next) {
        if (!has_say(c, edit->rule) && !is_done(c, edit)) {
            rule_names_add(&c->rules, edit->rule);
            c->report->would_change |= bit(edit->rule);
        }
    }
}

static void tell_patch(struct comparison *c)
{
    struct buf patch;
    buf_init_arena(&patch, c->by->arena, MONITOR_PATCH_MAX);
    edits_print(&c->would->edits, &patch);
    if (patch.failed) {
        c->report->patch_omitted = "it is longer than 10240 bytes";
    } else {
        c->report->patch = patch.text;
    }
}

static bool decides(const struct evaluation *ev, const struct rule *rule)
{
    size_t i = 0;
    while (i < ev->plan.count && ev->plan.rules[i] != rule) {
        i++;
    }
    return i < ev->plan.count;
}

static bool has_edited(const struct evaluation *ev, const struct rule *rule)
{
    const struct edit *edit = ev->edits.first;
    while (edit != NULL && edit->rule != rule) {
        edit = edit->next;
    }
    return edit != NULL;
}

/* Rules that decide now and would not any more. */
static void tell_outranked(struct comparison *c, bool changed)
{
    struct buf text;
    buf_init_arena(&text, c->by->arena, TEXT_MAX);
    for (size_t i = 0; i < c->would->plan.loser_count; i++) {
        const struct loser *l = &c->would->plan.losers[i];
        if (!decides(c->is, l->rule)) {
            continue;
        }
        buf_addf(&text, "%s%s/%s by policy %s", text.len == 0 ? "" : "; ", l->rule->policy->name,
                 l->rule->name, l->winner->policy->name);
        if (changed && has_edited(c->is, l->rule)) {
            c->report->would_change |= bit(l->rule);
        }
    }
    c->report->outranked = text_of(c, &text);
}

/* The violations of one action, as many as there is room for. */
static void tell_violations(struct comparison *c, struct buf *text, enum require_action action)
{
    static const char *const heads[] = {[REQUIRE_DENY] = "would deny",
                                        [REQUIRE_WARN] = "would warn",
                                        [REQUIRE_AUDIT] = "would audit"};
    const char *separator = ": ";
    size_t told = 0;
    if (c->would->violations.count[action] == 0) {
        return;
    }
    buf_addf(text, "%s%s", text->len == 0 ? "" : "; ", heads[action]);
    for (const struct violation *v = c->would->violations.first; v != NULL; v = v->next) {
        if (v->rule->require.action != action) {
            continue;
        }
        if (text->len + strlen(v->message) > MONITOR_TEXT_MAX) {
            break;
        }
        buf_addf(text, "%s%s", separator, v->message);
        separator = "; ";
        told++;
    }
    if (told < c->would->violations.count[action]) {
        buf_adds(text, "; and more");
    }
}

static void tell_verdict(struct comparison *c, bool is_freed)
{
    struct buf text;
    buf_init_arena(&text, c->by->arena, TEXT_MAX);
    if (is_freed) {
        buf_adds(&text, "would allow");
    }
    for (int action = 0; action < REQUIRE_ACTION_COUNT; action++) {
        tell_violations(c, &text, (enum require_action)action);
    }
    c->report->verdict = text_of(c, &text);
    for (const struct violation *v = c->would->violations.first; v != NULL; v = v->next) {
        rule_names_add(&c->rules, v->rule);
        c->report->would_deny |= v->rule->require.action == REQUIRE_DENY ? bit(v->rule) : 0U;
        c->report->would_warn |= v->rule->require.action == REQUIRE_WARN ? bit(v->rule) : 0U;
    }
}

bool monitor_compare(const struct evaluator *by, const struct evaluation *is,
                     struct evaluation *would, struct monitor_report *out)
{
    *out = (struct monitor_report){.differs = false};
    struct comparison c = {.by = by, .is = is, .would = would, .report = out};
    rule_names_init(&c.rules, by->arena);
    bool changed = is_changed(&c);
    bool is_freed = is_denied(is) && !is_denied(would);
    violations_forget(&would->violations, &is->violations);
    if (changed) {
        tell_edits(&c);
        tell_patch(&c);
    }
    tell_verdict(&c, is_freed);
    out->differs = changed || out->verdict != NULL;
    if (out->differs) {
        tell_outranked(&c, changed);
    }
    out->rules = text_of(&c, &c.rules.text);
    return !c.failed;
}

enum err_code monitor_evaluate(const struct evaluator *by, const char *namespace, struct json *old,
                               const struct evaluation *is, struct evaluation *out, struct err *e)
{
    struct evaluator all = *by;
    all.scope = SCOPE_ALL;
    return evaluate_update(&all, namespace, is->before, old, out, e);
}

static void tell_failure(struct arena *a, const struct err *e, struct monitor_report *out)
{
    const char *text = arena_printf(a, "would fail: %s", e->text);
    *out = (struct monitor_report){.differs = true,
                                   .verdict = text == NULL ? "would fail: out of memory" : text};
}

void monitor(const struct evaluator *by, const char *namespace, struct json *old,
             const struct evaluation *is, struct monitor_report *out)
{
    struct evaluation would;
    struct err e = {.code = ERR_OK};
    enum err_code code = monitor_evaluate(by, namespace, old, is, &would, &e);
    if (code == ERR_OK && !monitor_compare(by, is, &would, out)) {
        code = err_no_memory(&e);
    }
    if (code != ERR_OK) {
        tell_failure(by->arena, &e, out);
    }
}

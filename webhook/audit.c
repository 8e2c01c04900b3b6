/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/audit.h"

#include "policies/match.h"
#include "webhook/check.h"
#include "webhook/edit.h"
#include "webhook/evaluate.h"
#include "webhook/monitor.h"

enum { TEXT_MAX = 16 * 1024 * 1024 };

static void add(struct audits *audits, const char *key, const char *value)
{
    if (value == NULL) {
        audits->failed = true;
        return;
    }
    audits->list[audits->count++] = (struct audit){.key = key, .value = value};
}

static const char *text_of(const struct buf *b)
{
    return b->failed ? NULL : b->text;
}

void rule_names_init(struct rule_names *names, struct arena *a)
{
    buf_init_arena(&names->text, a, TEXT_MAX);
    names->last = NULL;
}

void rule_names_add(struct rule_names *names, const struct rule *rule)
{
    const struct rule *before = names->last;
    if (before == rule) {
        return;
    }
    if (before == NULL || before->policy != rule->policy) {
        buf_adds(&names->text, before == NULL ? "" : "; ");
        buf_adds(&names->text, rule->policy->name);
        buf_adds(&names->text, ": ");
    } else {
        buf_adds(&names->text, ", ");
    }
    buf_adds(&names->text, rule->name);
    names->last = rule;
}

/* In the order of the edits. */
void audit_edits(struct audits *audits, const struct edits *edits)
{
    struct rule_names names[RULE_KIND_COUNT];
    for (int kind = 0; kind < RULE_KIND_COUNT; kind++) {
        names[kind].last = NULL;
    }
    for (const struct edit *edit = edits->first; edit != NULL; edit = edit->next) {
        struct rule_names *of_kind = &names[edit->rule->kind];
        if (of_kind->last == NULL) {
            rule_names_init(of_kind, audits->arena);
        }
        rule_names_add(of_kind, edit->rule);
    }
    for (int kind = 0; kind < RULE_KIND_COUNT; kind++) {
        if (names[kind].last != NULL) {
            add(audits, rule_kind_name((enum rule_kind)kind), text_of(&names[kind].text));
        }
    }
}

void audit_violations(struct audits *audits, const struct violations *violations)
{
    struct buf text;
    buf_init_arena(&text, audits->arena, TEXT_MAX);
    for (const struct violation *v = violations->first; v != NULL; v = v->next) {
        buf_adds(&text, v == violations->first ? "" : "; ");
        buf_adds(&text, v->message);
    }
    if (violations->first != NULL) {
        add(audits, "violations", text_of(&text));
    }
}

void audit_waivers(struct audits *audits, const struct plan *plan, unsigned steps)
{
    struct buf text;
    bool is_first = true;
    buf_init_arena(&text, audits->arena, TEXT_MAX);
    for (const struct waiver *w = plan->waivers; w != NULL; w = w->next) {
        unsigned step = rule_kind_is_requirement(w->rule->kind) ? EVALUATE_CHECK : EVALUATE_MUTATE;
        if ((steps & step) != 0) {
            buf_addf(&text, "%s%s/%s by exception %s: %s", is_first ? "" : "; ",
                     w->rule->policy->name, w->rule->name, w->exception->name,
                     w->exception->reason);
            is_first = false;
        }
    }
    if (!is_first) {
        add(audits, "exceptions", text_of(&text));
    }
}

void audit_monitor(struct audits *audits, const struct monitor_report *report)
{
    const struct audit parts[] = {
        {"monitor-rules", report->rules},
        {"monitor-outranked", report->outranked},
        {"monitor-verdict", report->verdict},
        {"monitor-patch", report->patch},
        {"monitor-patch-omitted", report->patch_omitted},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].value != NULL) {
            add(audits, parts[i].key, parts[i].value);
        }
    }
}

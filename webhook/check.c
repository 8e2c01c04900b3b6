/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/check.h"

#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/printable.h"
#include "policies/match.h"
#include "webhook/pod.h"

static const struct {
    enum rule_kind kind;
    void (*run)(const struct spark_pod *pod, const struct rule *rule, struct violations *out);
} checks[] = {
    {RULE_MEMORY_LIMIT, check_memory_limit},
    {RULE_IMAGES, check_images},
    {RULE_NO_PRIVILEGED, check_privileged},
    {RULE_MEMORY_COVERS_CONF, check_spark_memory},
    {RULE_DECOMMISSION, check_decommission},
    {RULE_NO_HOST_NAMESPACES, check_host_namespaces},
    {RULE_NO_HOST_PATHS, check_host_paths},
    {RULE_CAPABILITIES, check_capabilities},
    {RULE_NO_PRIVILEGE_ESCALATION, check_privilege_escalation},
    {RULE_DRIVER_NOT_ON_SPOT, check_driver_not_on_spot},
    {RULE_REQUIRED_LABELS, check_labels},
    {RULE_SERVICE_ACCOUNTS, check_service_accounts},
    {RULE_RESOURCE_BOUNDS, check_resource_bounds},
};

void violations_init(struct violations *v, struct arena *a)
{
    v->arena = a;
    v->first = NULL;
    v->end = &v->first;
    v->kept = v->rule_kept = 0;
    memset(v->count, 0, sizeof(v->count));
    v->rule = NULL;
    v->failed = false;
}

/* "text" in quotes, cut at a character, without what a terminal or a header would obey. */
static const char *quote(struct arena *a, const char *text)
{
    size_t len = strnlen(text, FOUND_TEXT_MAX + 1);
    bool cut = len > FOUND_TEXT_MAX;
    if (cut) {
        len = FOUND_TEXT_MAX;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    return printable(arena_printf(a, "\"%.*s%s\"", (int)len, text, cut ? "…" : ""));
}

void violation_add(struct violations *v, const struct rule *rule, const char *field,
                   const char *found, const char *allowed)
{
    v->count[rule->require.action]++;
    v->rule_kept = v->rule == rule ? v->rule_kept : 0;
    v->rule = rule;
    if (v->rule_kept == VIOLATIONS_MAX) {
        return;
    }
    v->rule_kept++;
    v->kept++;
    const char *quoted = found == NULL ? "nothing" : quote(v->arena, found);
    struct violation *kept = arena_alloc(v->arena, sizeof(*kept));
    char *message =
        field == NULL || quoted == NULL
            ? NULL
            : arena_printf(v->arena, "%s: found %s, allowed: %s (policy %s, rule %s)", field,
                           quoted, allowed, rule->policy->name, rule_kind_name(rule->kind));
    if (kept == NULL || message == NULL) {
        v->failed = true;
        return;
    }
    *kept = (struct violation){.rule = rule, .message = message};
    *v->end = kept;
    v->end = &kept->next;
}

const char *container_field(struct arena *a, const struct container *c, const char *field)
{
    return arena_printf(a, "spec.%s[%zu].%s", c->list, c->index, field);
}

void check_containers(const struct spark_pod *pod, const struct rule *rule,
                      container_visitor *visit, struct violations *out)
{
    static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
    for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
        struct container c = {.list = lists[l]};
        for (c.value = json_first(json_get(pod->spec.node, c.list)); c.value != NULL;
             c.value = json_next(c.value)) {
            visit(&c, rule, out);
            c.index++;
        }
    }
}

void check(const struct spark_pod *pod, const struct plan *plan, struct violations *out)
{
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        size_t count;
        const struct rule *const *rules = plan_rules(plan, checks[i].kind, &count);
        for (size_t r = 0; r < count; r++) {
            checks[i].run(pod, rules[r], out);
        }
    }
}

static bool all_named(const struct violations *v)
{
    size_t all = 0;
    for (size_t i = 0; i < REQUIRE_ACTION_COUNT; i++) {
        all += v->count[i];
    }
    return all == v->kept;
}

static bool has_more(const struct violations *v, const struct violations *old)
{
    for (size_t i = 0; i < REQUIRE_ACTION_COUNT; i++) {
        if (v->count[i] > old->count[i]) {
            return true;
        }
    }
    return false;
}

static bool is_among(const struct violations *v, const char *message)
{
    const struct violation *x = v->first;
    while (x != NULL && strcmp(x->message, message) != 0) {
        x = x->next;
    }
    return x != NULL;
}

void violations_forget(struct violations *v, const struct violations *old)
{
    if (!all_named(v) || !all_named(old)) {
        if (!has_more(v, old)) {
            violations_init(v, v->arena);
        }
        return;
    }
    struct violation **at = &v->first;
    while (*at != NULL) {
        if (is_among(old, (*at)->message)) {
            v->count[(*at)->rule->require.action]--;
            v->kept--;
            *at = (*at)->next;
        } else {
            at = &(*at)->next;
        }
    }
    v->end = at;
}

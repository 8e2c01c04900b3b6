/* SPDX-License-Identifier: Apache-2.0 */
/* What rules require of applications: that they are run again, and how large they may grow. */
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/quantity.h"
#include "policies/match.h"
#include "webhook/application.h"
#include "webhook/check.h"

/* A value as people see it; NULL for nothing. */
static const char *text_of(const struct json *v)
{
    const char *number = json_is_number(v) ? json_number(v) : json_string(v);
    return number != NULL || v == NULL ? number : json_kind(v);
}

static bool is_text(const struct json *v, const char *text)
{
    const char *s = json_string(v);
    return s != NULL && strcmp(s, text) == 0;
}

static void check_restart(const struct spark_application *app, const struct rule *rule,
                          struct violations *out)
{
    const char *where = app->is_apache ? "applicationTolerations.restartConfig" : "restartPolicy";
    const char *type_key = app->is_apache ? "restartPolicy" : "type";
    const struct json *policy =
        app->is_apache
            ? json_get(json_get(app->spec.node, "applicationTolerations"), "restartConfig")
            : json_get(app->spec.node, "restartPolicy");
    const struct json *type = json_get(policy, type_key);
    bool on_failure = is_text(type, "OnFailure");
    if (!on_failure && !is_text(type, "Always")) {
        violation_add(out, rule, arena_printf(out->arena, "%s.%s.%s", app->path, where, type_key),
                      text_of(type), "OnFailure or Always");
        return;
    }
    /* The Kubeflow operator takes a missing number for none, the Apache operator for 3. */
    const char *retries_key = app->is_apache ? "maxRestartAttempts" : "onFailureRetries";
    const struct json *retries = json_get(policy, retries_key);
    int64_t n = app->is_apache && retries == NULL ? 3 : 0;
    bool is_number = retries == NULL || json_is_null(retries) || json_int(retries, &n);
    if (on_failure && (!is_number || n < 1)) {
        violation_add(out, rule,
                      arena_printf(out->arena, "%s.%s.%s", app->path, where, retries_key),
                      text_of(retries), "at least 1, or nothing is run again");
    }
}

/* Executors that shuffled cannot go while nothing knows of their data, or moves it. */
static bool is_shuffle_safe(const struct spark_application *app, const struct json *tracking)
{
    bool is_false = !json_is_true(tracking) && strcmp(json_kind(tracking), "a boolean") == 0;
    bool is_off = is_false || is_text(tracking, "false");
    return !is_off ||
           is_text(json_get(app->conf.node, "spark.storage.decommission.enabled"), "true") ||
           json_get(app->conf.node, "spark.shuffle.sort.io.plugin.class") != NULL;
}

static const char *field_of(const struct spark_application *app, const struct allocation *a,
                            enum allocation_member member, struct arena *arena)
{
    return arena_printf(arena, a->is_conf ? "%s.sparkConf[%s]" : "%s.dynamicAllocation.%s",
                        app->path, allocation_key(a, member));
}

/* @least, @most: NULL for no limit. */
static bool is_between(const char *text, const struct quantity *least, const struct quantity *most)
{
    struct quantity q;
    return text != NULL && quantity_parse(text, &q) &&
           (least == NULL || quantity_compare(q, *least) >= 0) &&
           (most == NULL || quantity_compare(q, *most) <= 0);
}

static void check_allocation(const struct spark_application *app, const struct rule *rule,
                             struct violations *out)
{
    static const enum allocation_member members[] = {ALLOCATION_MIN, ALLOCATION_MAX};
    struct allocation a = application_allocation(app);
    if (a.map == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        bool is_min = members[i] == ALLOCATION_MIN;
        const struct bound *b = rule->require.bound;
        const struct quantity *least = is_min && b->min != NULL ? &b->least : NULL;
        const struct quantity *most = !is_min && b->max != NULL ? &b->most : NULL;
        const char *text = text_of(json_get(a.map, allocation_key(&a, members[i])));
        if ((least != NULL || most != NULL) && !is_between(text, least, most)) {
            violation_add(out, rule, field_of(app, &a, members[i], out->arena), text,
                          rule->require.allowed);
        }
    }
    const struct json *tracking = json_get(a.map, allocation_key(&a, ALLOCATION_TRACKING));
    if (!is_shuffle_safe(app, tracking)) {
        violation_add(out, rule, field_of(app, &a, ALLOCATION_TRACKING, out->arena), "false",
                      "true, or storage that is decommissioned");
    }
}

void spark_application_check(const struct spark_application *app, const struct plan *plan,
                             struct violations *out)
{
    static const struct {
        enum rule_kind kind;
        void (*run)(const struct spark_application *app, const struct rule *rule,
                    struct violations *out);
    } checks[] = {{RULE_RESTARTS, check_restart}, {RULE_EXECUTORS, check_allocation}};
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        size_t count;
        const struct rule *const *rules = plan_rules(plan, checks[i].kind, &count);
        for (size_t r = 0; r < count; r++) {
            checks[i].run(app, rules[r], out);
        }
    }
}

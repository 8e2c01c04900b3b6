/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/application.h"

#include <stdint.h>
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "policies/match.h"

/* Adds the labels of @from; in sparkConf they have a prefix. */
static bool add_labels(struct arena *a, struct json *to, const struct json *from,
                       const char *prefix)
{
    for (const struct json *m = json_first(from); m != NULL; m = json_next(m)) {
        const char *key = json_key(m);
        const char *value = json_string(m);
        if (value == NULL || key == NULL || strncmp(key, prefix, strlen(prefix)) != 0) {
            continue;
        }
        if (!json_replace(to, key + strlen(prefix), json_new_string_ref(a, value))) {
            return false;
        }
    }
    return true;
}

/* What the operators and spark-submit put on the driver's pod. */
static bool read_labels(struct spark_application *app)
{
    struct arena *a = app->edits->arena;
    app->labels = json_new_object(a);
    return app->labels != NULL &&
           add_labels(a, app->labels, json_get(json_get(app->object.node, "metadata"), "labels"),
                      "") &&
           add_labels(a, app->labels, app->conf.node, "spark.kubernetes.driver.label.") &&
           add_labels(a, app->labels, json_get(json_get(app->spec.node, "driver"), "labels"), "");
}

enum err_code spark_application_read(struct edits *edits, enum kind kind, struct json *object,
                                     struct spark_application *out, bool *out_is_spark,
                                     struct err *e)
{
    bool is_schedule = kind == KIND_SCHEDULED_SPARK_APPLICATION;
    out->edits = edits;
    out->is_apache = kind == KIND_APACHE_SPARK_APPLICATION;
    out->object = place_root(edits, object);
    out->outer = place_member(&out->object, "spec");
    out->spec =
        is_schedule ? place_member(&out->outer, "template") : place_member(&out->object, "spec");
    out->path = is_schedule ? "spec.template" : "spec";
    out->conf = place_member(&out->spec, "sparkConf");
    *out_is_spark = json_is_object(out->spec.node);
    return !*out_is_spark || read_labels(out) ? ERR_OK : err_no_memory(e);
}

/* Nothing, or an object that can be added to. */
static bool is_open(const struct place *map)
{
    return map->node == NULL || json_is_object(map->node);
}

static void set_property(struct spark_application *app, const struct rule *rule)
{
    struct place at = place_member(&app->conf, rule->entry.key);
    if (at.node == NULL || rule->when == WHEN_ALWAYS) {
        edit_set(&at, json_new_string_ref(app->edits->arena, rule->entry.value), rule);
    }
}

/*
 * Restart policies.
 */

/* The members of a restart policy by operator. */
static const struct restart_words {
    const char *type, *retries, *interval, *submission_retries, *submission_interval;
    int64_t units_a_second;
} restart_words[] = {
    {"type", "onFailureRetries", "onFailureRetryInterval", "onSubmissionFailureRetries",
     "onSubmissionFailureRetryInterval", 1},
    {"restartPolicy", "maxRestartAttempts", "restartBackoffMillis", NULL, NULL, 1000},
};

/*
 * The Kubeflow operator writes Never where nobody says anything, so that alone says nothing; with
 * retries beside it, it does.
 */
static bool may_set_type(const struct place *policy, const char *key, const struct rule *rule)
{
    const char *type = json_string(json_get(policy->node, key));
    bool is_unsaid = json_get(policy->node, key) == NULL ||
                     (type != NULL && strcmp(type, "Never") == 0 && json_count(policy->node) == 1);
    return rule->when == WHEN_ALWAYS || is_unsaid ||
           (type != NULL && strcmp(type, rule->restart.type) == 0);
}

static void set_number(struct place *policy, const char *key, int64_t n, const struct rule *rule)
{
    if (key == NULL || n < 0) {
        return;
    }
    struct place at = place_member(policy, key);
    if (at.node == NULL || rule->when == WHEN_ALWAYS) {
        edit_set(&at, json_new_int(at.edits->arena, n), rule);
    }
}

static void set_restart(struct spark_application *app, const struct rule *rule)
{
    const struct restart_words *words = &restart_words[app->is_apache ? 1 : 0];
    struct place tolerations = place_member(&app->spec, "applicationTolerations");
    struct place policy = app->is_apache ? place_member(&tolerations, "restartConfig")
                                         : place_member(&app->spec, "restartPolicy");
    if (!is_open(&tolerations) || !is_open(&policy) || !may_set_type(&policy, words->type, rule)) {
        return;
    }
    struct place type = place_member(&policy, words->type);
    edit_set(&type, json_new_string_ref(app->edits->arena, rule->restart.type), rule);
    set_number(&policy, words->retries, rule->restart.retries, rule);
    set_number(&policy, words->interval, rule->restart.interval * words->units_a_second, rule);
    set_number(&policy, words->submission_retries, rule->restart.submission_retries, rule);
    set_number(&policy, words->submission_interval, rule->restart.submission_interval, rule);
}

/*
 * Dynamic allocation.
 */

struct allocation application_allocation(const struct spark_application *app)
{
    const struct json *field = json_get(app->spec.node, "dynamicAllocation");
    const char *conf = json_string(json_get(app->conf.node, "spark.dynamicAllocation.enabled"));
    if (!app->is_apache && json_is_true(json_get(field, "enabled"))) {
        return (struct allocation){.map = field};
    }
    bool is_on = conf != NULL && strcmp(conf, "true") == 0;
    return (struct allocation){.map = is_on ? app->conf.node : NULL, .is_conf = true};
}

const char *allocation_key(const struct allocation *a, enum allocation_member member)
{
    static const char *const keys[][2] = {
        [ALLOCATION_MIN] = {"minExecutors", "spark.dynamicAllocation.minExecutors"},
        [ALLOCATION_MAX] = {"maxExecutors", "spark.dynamicAllocation.maxExecutors"},
        [ALLOCATION_TRACKING] = {"shuffleTrackingEnabled",
                                 "spark.dynamicAllocation.shuffleTracking.enabled"},
    };
    return keys[member][a->is_conf ? 1 : 0];
}

/* A number, or its digits; -1 for nothing and for anything else. */
static int64_t number_in(const struct json *map, const char *key)
{
    const struct json *v = json_get(map, key);
    const char *digits = json_string(v);
    int64_t n = 0;
    if (digits == NULL) {
        return json_int(v, &n) && n >= 0 ? n : -1;
    }
    for (const char *c = digits; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || n > INT32_MAX) {
            return -1;
        }
        n = n * 10 + (*c - '0');
    }
    return *digits == '\0' ? -1 : n;
}

static void set_bound(struct place *map, const struct allocation *a, enum allocation_member member,
                      int64_t n, const struct rule *rule)
{
    struct arena *arena = map->edits->arena;
    const char *key = allocation_key(a, member);
    if (n < 0 || number_in(map->node, key) == n) {
        return;
    }
    struct place at = place_member(map, key);
    const char *text = a->is_conf ? arena_printf(arena, "%lld", (long long)n) : NULL;
    edit_set(&at,
             a->is_conf ? (text == NULL ? NULL : json_new_string_ref(arena, text))
                        : json_new_int(arena, n),
             rule);
}

/* Bounds as they stand, and as they shall be; -1: not said, or not to be changed. */
struct range {
    int64_t least, most;
};

/* Spark refuses min over max: the one that the rule, or else the user, says nothing about gives
 * way. */
static struct range settle(struct range user, struct range wanted, bool is_always)
{
    int64_t least = wanted.least >= 0 ? wanted.least : user.least;
    int64_t most = wanted.most >= 0 ? wanted.most : user.most;
    if (most < 0 || least <= most) {
        return wanted;
    }
    bool least_stays = is_always ? wanted.most < 0 : user.least >= 0;
    if (!least_stays) {
        wanted.least = most;
    } else {
        wanted.most = is_always ? least : -1;
    }
    return wanted;
}

static void set_bounds(struct spark_application *app, const struct rule *rule)
{
    struct allocation a = application_allocation(app);
    if (a.map == NULL) {
        return;
    }
    bool is_always = rule->when == WHEN_ALWAYS;
    const char *min = allocation_key(&a, ALLOCATION_MIN);
    const char *max = allocation_key(&a, ALLOCATION_MAX);
    struct range user = {.least = number_in(a.map, min), .most = number_in(a.map, max)};
    struct range wanted = {
        .least = is_always || json_get(a.map, min) == NULL ? rule->executors.least : -1,
        .most = is_always || json_get(a.map, max) == NULL ? rule->executors.most : -1};
    wanted = settle(user, wanted, is_always);
    struct place map = place_member(&app->spec, a.is_conf ? "sparkConf" : "dynamicAllocation");
    set_bound(&map, &a, ALLOCATION_MIN, wanted.least, rule);
    set_bound(&map, &a, ALLOCATION_MAX, wanted.most, rule);
}

void spark_application_mutate(struct spark_application *app, const struct plan *plan)
{
    static const struct {
        enum rule_kind kind;
        void (*apply)(struct spark_application *app, const struct rule *rule);
    } mutations[] = {
        {RULE_CONF, set_property},
        {RULE_RESTART, set_restart},
        {RULE_DYNAMIC_ALLOCATION, set_bounds},
    };
    if (!is_open(&app->conf)) {
        return;
    }
    for (size_t i = 0; i < sizeof(mutations) / sizeof(mutations[0]); i++) {
        size_t count;
        const struct rule *const *rules = plan_rules(plan, mutations[i].kind, &count);
        for (size_t r = 0; r < count; r++) {
            mutations[i].apply(app, rules[r]);
        }
    }
}

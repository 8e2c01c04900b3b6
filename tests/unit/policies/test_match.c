/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/match.h"

#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "policies/load.h"
#include "table.h"

#define POLICY(name, spec)                                                                         \
    "---\napiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: " name                 \
    "}\nspec: " spec "\n"

static struct arena *arena;

static void setup(void)
{
    json_init();
    arena = arena_create(1 << 14, 1 << 22);
}

static void teardown(void)
{
    arena_destroy(arena);
}

TestSuite(match, .init = setup, .fini = teardown, .timeout = 60);

/* Nothing of a row is left to the next. */
static void forget(void)
{
    arena_reset(arena);
}

static struct policy_set *load(const char *text)
{
    struct policy_set *set = NULL;
    struct findings f;
    enum err_code code = policies_load_text("t.yaml", text, strlen(text), &set, &f);
    cr_assert_eq(code, ERR_OK, "%s\n%s", text, f.count > 0 ? f.list[0].text : "");
    findings_finish(&f);
    return set;
}

static const char policies[] = POLICY(
    "base",
    "{priority: -5, admission: {labels: {team: none, env: prod}, capacity: {driver: on-demand, "
    "executor: spot}, spread: [{over: host}]}, require: [{rule: memory-limit, action: warn}]}")
    POLICY("etl", "{match: {namespaces: ['etl-*'], exclude: {namespaces: [etl-old]}}, admission: "
                  "{labels: {team: etl}, annotations: [{role: driver, set: {a: d}}, {role: "
                  "executor, localDirs: emptyDir, set: {a: e}}, {role: executor, localDirs: "
                  "persistent, set: {a: p}}]}, require: [{rule: memory-limit}]}")
        POLICY("gold", "{priority: 7, match: {roles: [executor], selector: {matchLabels: {tier: "
                       "gold}}}, admission: {capacity: {executor: on-demand}}}")
            POLICY("asleep", "{mode: off, priority: 99, admission: {labels: {team: asleep}}}");

/* Pods, the rules that decide and those that lose: "policy/rule", "loser<winner". */
static const struct {
    const char *namespace;
    unsigned role;
    unsigned local_dirs;
    const char *labels;
    const char *plan;
} cases[] = {
    {"other", ROLE_DRIVER, LOCAL_DIRS_EMPTY_DIR, "{}",
     "base/labels.team base/labels.env base/capacity.driver base/require.memory-limit;"},
    {"other", ROLE_EXECUTOR, LOCAL_DIRS_EMPTY_DIR, NULL,
     "base/labels.team base/labels.env base/capacity.executor base/spread.host "
     "base/require.memory-limit;"},
    {"etl-a", ROLE_DRIVER, LOCAL_DIRS_PERSISTENT, "{}",
     "etl/labels.team base/labels.env etl/annotations.a base/capacity.driver "
     "etl/require.memory-limit; base/labels.team<etl base/require.memory-limit<etl"},
    {"etl-old", ROLE_DRIVER, LOCAL_DIRS_PERSISTENT, "{}",
     "base/labels.team base/labels.env base/capacity.driver base/require.memory-limit;"},
    {"xetl-a", ROLE_DRIVER, LOCAL_DIRS_PERSISTENT, "{}",
     "base/labels.team base/labels.env base/capacity.driver base/require.memory-limit;"},
    {"etl-a", ROLE_EXECUTOR, LOCAL_DIRS_PERSISTENT, "{\"tier\":\"gold\"}",
     "etl/labels.team base/labels.env etl/annotations.a gold/capacity.executor base/spread.host "
     "etl/require.memory-limit; base/labels.team<etl base/capacity.executor<gold "
     "base/require.memory-limit<etl"},
    {"x", ROLE_DRIVER, LOCAL_DIRS_PERSISTENT, "{\"tier\":\"gold\"}",
     "base/labels.team base/labels.env base/capacity.driver base/require.memory-limit;"},
    {"x", ROLE_EXECUTOR, LOCAL_DIRS_PERSISTENT, "{\"tier\":\"silver\"}",
     "base/labels.team base/labels.env base/capacity.executor base/spread.host "
     "base/require.memory-limit;"},
};

static const char *print_plan(const struct plan *plan)
{
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < plan->count; i++) {
        buf_addf(&b, "%s%s/%s", i > 0 ? " " : "", plan->rules[i]->policy->name,
                 plan->rules[i]->name);
    }
    buf_addc(&b, ';');
    for (size_t i = 0; i < plan->loser_count; i++) {
        const struct loser *l = &plan->losers[i];
        cr_expect_eq(l->rule->slot, l->winner->slot, "%s", l->rule->name);
        buf_addf(&b, " %s/%s<%s", l->rule->policy->name, l->rule->name, l->winner->policy->name);
    }
    const char *text = arena_strdup(arena, b.text);
    buf_finish(&b);
    return text;
}

static struct subject subject_of(size_t i)
{
    struct subject s = {
        .namespace = cases[i].namespace, .role = cases[i].role, .local_dirs = cases[i].local_dirs};
    if (cases[i].labels != NULL) {
        struct json *labels = NULL;
        cr_expect_eq(
            json_parse(arena, cases[i].labels, strlen(cases[i].labels), NULL, &labels, NULL),
            ERR_OK, "%s", cases[i].labels);
        s.labels = labels;
    }
    return s;
}

static void plans_row(size_t i)
{
    struct policy_set *set = load(policies);
    struct subject s = subject_of(i);
    struct plan plan = {.count = 0};
    cr_expect(plan_build(arena, set, SCOPE_ENFORCED, &s, &plan), "row %zu", i);
    const char *printed = print_plan(&plan);
    cr_expect_str_eq(printed, cases[i].plan, "row %zu: %s", i, printed);
    policy_set_destroy(set);
}

Test(match, plans)
{
    table_run_fresh(COUNT(cases), plans_row, forget);
}

/* The same documents in any order give the same plan. */
Test(match, order_of_documents_does_not_matter)
{
    static const char *const documents[] = {
        POLICY("a", "{priority: 3, admission: {labels: {x: a, y: a}}}"),
        POLICY("b", "{priority: 2, admission: {labels: {y: b, z: b}}}"),
        POLICY("c", "{priority: 1, admission: {labels: {z: c, w: c}, annotations: {k: c}}}"),
        POLICY("d", "{priority: 1, admission: {labels: {v: d}}}"),
    };
    static const char want[] =
        "a/labels.x a/labels.y b/labels.z c/labels.w d/labels.v c/annotations.k; "
        "b/labels.y<a c/labels.z<b";
    for (size_t order = 0; order < 256; order++) {
        size_t places[] = {order & 3, (order >> 2) & 3, (order >> 4) & 3, (order >> 6) & 3};
        unsigned seen =
            (1U << places[0]) | (1U << places[1]) | (1U << places[2]) | (1U << places[3]);
        if (seen != 15) {
            continue;
        }
        struct buf b;
        buf_init(&b, 4096);
        for (size_t k = 0; k < 4; k++) {
            buf_adds(&b, documents[places[k]]);
        }
        struct policy_set *set = load(b.text);
        struct subject s = {
            .namespace = "n", .role = ROLE_DRIVER, .local_dirs = LOCAL_DIRS_EMPTY_DIR};
        struct plan plan;
        cr_assert(plan_build(arena, set, SCOPE_ENFORCED, &s, &plan));
        cr_assert_str_eq(print_plan(&plan), want);
        policy_set_destroy(set);
        buf_finish(&b);
    }
}

Test(match, rules_of_a_kind_stand_together)
{
    struct policy_set *set = load(policies);
    struct subject s = subject_of(5);
    struct plan plan;
    cr_assert(plan_build(arena, set, SCOPE_ENFORCED, &s, &plan));
    size_t sum = 0;
    for (int kind = 0; kind < RULE_KIND_COUNT; kind++) {
        size_t count = 0;
        const struct rule *const *rules = plan_rules(&plan, (enum rule_kind)kind, &count);
        for (size_t i = 0; i < count; i++) {
            cr_assert_eq((int)rules[i]->kind, kind);
        }
        sum += count;
    }
    cr_assert_eq(sum, plan.count);
    size_t count = 9;
    (void)plan_rules(&plan, RULE_VOLUME, &count);
    cr_assert_eq(count, 0);
    (void)plan_rules(&plan, RULE_LABEL, &count);
    cr_assert_eq(count, 2);
    policy_set_destroy(set);
}

Test(match, an_empty_set_plans_nothing)
{
    struct policy_set set = {.count = 0};
    struct subject s = {.namespace = "n", .role = ROLE_DRIVER, .local_dirs = LOCAL_DIRS_EMPTY_DIR};
    struct plan plan;
    cr_assert(plan_build(arena, &set, SCOPE_ENFORCED, &s, &plan));
    cr_assert(plan.count == 0 && plan.loser_count == 0);
    size_t count = 9;
    (void)plan_rules(&plan, RULE_IMAGES, &count);
    cr_assert_eq(count, 0);
}

Test(match, memory_is_capped)
{
    struct policy_set *set = load(policies);
    struct subject s = subject_of(5);
    bool built = false;
    for (size_t cap = 16; cap < 4096; cap += 16) {
        struct arena *small = arena_create(16, cap);
        struct plan plan = {.count = 99};
        bool ok = plan_build(small, set, SCOPE_ENFORCED, &s, &plan);
        cr_assert(ok || plan.count == 99, "output touched");
        cr_assert(ok || !built, "more memory, yet no plan");
        built = ok;
        arena_destroy(small);
    }
    cr_assert(built);
    policy_set_destroy(set);
}

#define EXCEPTION(name, spec)                                                                      \
    "---\napiVersion: sparkward.dev/v1\nkind: PolicyException\nmetadata: {name: " name             \
    "}\nspec: " spec "\n"

/* Two policies that are enforced and one in between that is not. */
static const char modes[] =
    POLICY("low", "{priority: 1, admission: {labels: {x: a, y: a}}, require: [{rule: images, from: "
                  "['r/*']}]}")
        POLICY("try", "{priority: 2, mode: monitor, match: {namespaces: ['n*']}, admission: "
                      "{labels: {x: b, z: b}}}")
            POLICY("high", "{priority: 3, match: {namespaces: ['*1']}, admission: {labels: {z: "
                           "c}}}");

static const struct {
    enum scope scope;
    const char *namespace;
    const char *plan;
    bool is_monitored;
} scopes[] = {
    {SCOPE_ENFORCED, "n1", "high/labels.z low/labels.x low/labels.y low/require.images;", true},
    {SCOPE_ENFORCED, "m1", "high/labels.z low/labels.x low/labels.y low/require.images;", false},
    {SCOPE_ALL, "n1",
     "high/labels.z try/labels.x low/labels.y low/require.images; try/labels.z<high "
     "low/labels.x<try",
     false},
    {SCOPE_ALL, "m1", "high/labels.z low/labels.x low/labels.y low/require.images;", false},
    {SCOPE_NONE, "n1", ";", true},
    {SCOPE_NONE, "m", ";", true},
};

static void scopes_row(size_t i)
{
    struct policy_set *set = load(modes);
    cr_expect(set->count == 3 && set->monitored_count == 1);
    struct subject s = {
        .namespace = scopes[i].namespace, .role = ROLE_DRIVER, .local_dirs = LOCAL_DIRS_EMPTY_DIR};
    struct plan plan;
    cr_expect(plan_build(arena, set, scopes[i].scope, &s, &plan));
    const char *text = print_plan(&plan);
    cr_expect_str_eq(text, scopes[i].plan, "row %zu: %s", i, text);
    cr_expect_eq(plan.is_monitored, scopes[i].is_monitored, "row %zu", i);
    policy_set_destroy(set);
}

Test(match, monitored_policies_have_a_say_only_where_they_are_asked)
{
    table_run_fresh(COUNT(scopes), scopes_row, forget);
}

/* A day in the middle of things, and the rules that exceptions take away: "rule-exception". */
enum { DAY = 86400, NOW = 100 * DAY };

static const struct {
    const char *namespace;
    unsigned role;
    const char *labels;
    int64_t now;
    const char *plan;
    const char *waived;
} excepted[] = {
    {"n", ROLE_DRIVER, NULL, NOW, "high/labels.x low/labels.y high/capacity.driver;", ""},
    {"n1", ROLE_DRIVER, NULL, NOW, "low/labels.x low/labels.y low/capacity.driver;",
     "high/labels.x-all high/capacity.driver-all"},
    {"n1", ROLE_DRIVER, NULL, 111 * DAY - 1, "low/labels.x low/labels.y low/capacity.driver;",
     "high/labels.x-all high/capacity.driver-all"},
    {"n1", ROLE_DRIVER, NULL, 111 * DAY, "high/labels.x low/labels.y high/capacity.driver;", ""},
    {"n", ROLE_DRIVER, "{\"app\":\"reload\"}", NOW,
     "low/labels.x low/labels.y high/capacity.driver;", "high/labels.x-some"},
    {"n", ROLE_EXECUTOR, "{\"app\":\"reload\"}", NOW, "high/labels.x low/labels.y;", ""},
    {"n1", ROLE_DRIVER, "{\"app\":\"reload\"}", NOW,
     "low/labels.x low/labels.y low/capacity.driver;",
     "high/labels.x-all high/capacity.driver-all"},
    {"n2", ROLE_DRIVER, NULL, NOW, "high/labels.x high/capacity.driver;", "low/labels.y-both"},
};

static void excepted_row(size_t i)
{
    static const char text[] =
        POLICY("high", "{priority: 2, admission: {labels: {x: h}, capacity: {driver: spot}}}")
            POLICY("low", "{priority: 1, admission: {labels: {x: l, y: l}, capacity: {driver: "
                          "on-demand}}}")
                EXCEPTION("all", "{policy: high, rules: [labels, capacity], match: {namespaces: "
                                 "[n1]}, reason: r, expires: 1970-04-21}")
                    EXCEPTION("some", "{policy: high, rules: [labels.x], match: {roles: [driver], "
                                      "selector: {matchLabels: {app: reload}}}, reason: r, "
                                      "expires: 2099-01-01}")
                        EXCEPTION("both", "{policy: low, rules: [labels], match: {namespaces: "
                                          "[n2]}, reason: r, expires: 2099-01-01}");
    struct policy_set *set = load(text);
    struct subject s = {.namespace = excepted[i].namespace,
                        .role = excepted[i].role,
                        .local_dirs = LOCAL_DIRS_EMPTY_DIR,
                        .now = excepted[i].now};
    if (excepted[i].labels != NULL) {
        struct json *labels = NULL;
        cr_expect_eq(
            json_parse(arena, excepted[i].labels, strlen(excepted[i].labels), NULL, &labels, NULL),
            ERR_OK);
        s.labels = labels;
    }
    struct plan plan;
    cr_expect(plan_build(arena, set, SCOPE_ENFORCED, &s, &plan));
    struct buf b;
    buf_init_arena(&b, arena, 4096);
    buf_adds(&b, "");
    for (const struct waiver *w = plan.waivers; w != NULL; w = w->next) {
        buf_addf(&b, "%s%s/%s-%s", b.len > 0 ? " " : "", w->rule->policy->name, w->rule->name,
                 w->exception->name);
    }
    cr_expect_str_eq(b.text, excepted[i].waived, "row %zu: %s", i, b.text);
    const char *decided = print_plan(&plan);
    cr_expect_eq(strncmp(decided, excepted[i].plan, strlen(excepted[i].plan)), 0, "row %zu: %s", i,
                 decided);
    policy_set_destroy(set);
}

Test(match, exceptions_take_rules_away_until_they_end)
{
    table_run_fresh(COUNT(excepted), excepted_row, forget);
}

/* Rules of one policy about different objects, and whether the labels of the pod are known. */
Test(match, plans_only_what_the_object_is_about)
{
    struct policy_set *set = load(POLICY(
        "p", "{admission: {labels: {a: b}, probes: {driver: {startup: {preset: spark-ui}}}}, "
             "sparkConf: {spark.a: b}, claims: {labels: {a: b}}, application: {restartPolicy: "
             "{type: Always}}, require: [{rule: memory-limit}, {rule: claim-size, max: 1Gi}]}")
                                      POLICY("s", "{priority: 1, match: {selector: "
                                                  "{matchExpressions: [{key: x, operator: "
                                                  "DoesNotExist}]}}, sparkConf: {spark.b: c}}"));
    static const struct {
        unsigned target;
        bool hides_labels;
        const char *plan;
    } targets[] = {
        {0, false, "p/labels.a p/probes.driver.startup p/require.memory-limit;"},
        {TARGET_POD, false, "p/labels.a p/probes.driver.startup p/require.memory-limit;"},
        {TARGET_SERVICE, false, "p/probes.driver.startup;"},
        {TARGET_CONF, true, "p/sparkConf.spark.a;"},
        {TARGET_CONF, false, "s/sparkConf.spark.b p/sparkConf.spark.a;"},
        {TARGET_CLAIM, true, "p/claims.labels.a p/require.claim-size;"},
        {TARGET_APPLICATION, false,
         "s/sparkConf.spark.b p/sparkConf.spark.a p/application.restartPolicy;"},
    };
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct subject s = {.namespace = "n",
                            .role = ROLE_DRIVER,
                            .local_dirs = LOCAL_DIRS_ALL,
                            .target = targets[i].target,
                            .hides_labels = targets[i].hides_labels};
        struct plan plan;
        cr_assert(plan_build(arena, set, SCOPE_ENFORCED, &s, &plan));
        cr_expect_str_eq(print_plan(&plan), targets[i].plan, "%zu: %s", i, print_plan(&plan));
    }
    policy_set_destroy(set);
}

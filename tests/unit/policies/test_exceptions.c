/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/exceptions.h"

#include <string.h>

#include <criterion/criterion.h>

#include "core/buf.h"
#include "core/json.h"
#include "policies/load.h"
#include "policies/policy.h"
#include "table.h"

static void setup(void)
{
    json_init();
}

TestSuite(exceptions, .init = setup, .timeout = 60);

/* Lines 1 to 4 are the policy's; its spec is line 4, the spec of the exception line 9. */
#define POLICY(spec)                                                                               \
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: etl}\nspec: " spec "\n"
#define NAMED(name, spec)                                                                          \
    "---\napiVersion: sparkward.dev/v1\nkind: PolicyException\nmetadata: {name: " name             \
    "}\nspec: " spec "\n"
#define EXCEPTION(spec) NAMED("x", spec)
#define ETL                                                                                        \
    POLICY("{admission: {labels: {team: a, cost-centre: b}, capacity: {driver: on-demand, "        \
           "executor: spot}}, require: [{rule: images, from: ['r/*']}, {rule: memory-limit}]}")
#define REST "reason: because, expires: 2027-01-31"

static const struct {
    const char *text;
    size_t line, column;
    const char *words[2];
} bad[] = {
    {ETL EXCEPTION("{}"), 9, 7, {"\"policy\" is missing"}},
    {ETL EXCEPTION("{rules: [images], " REST "}"), 9, 7, {"\"policy\" is missing"}},
    {ETL EXCEPTION("{policy: etl, " REST "}"), 9, 7, {"\"rules\" is missing"}},
    {ETL EXCEPTION("{policy: etl, rules: [images], expires: 2027-01-31}"),
     9,
     7,
     {"\"reason\" is missing", "why"}},
    {ETL EXCEPTION("{policy: etl, rules: [images], reason: r}"),
     9,
     7,
     {"\"expires\" is missing", "UTC"}},
    {ETL EXCEPTION("{policy: etl, rules: [images], " REST ", mode: off}"),
     9,
     76,
     {"unknown field \"mode\" in \"spec\"", "there can be policy, rules, match, reason or"}},
    {ETL EXCEPTION("{policy: elt, rules: [images], " REST "}"),
     9,
     16,
     {"there is no policy \"elt\"", "did you mean \"etl\""}},
    {ETL EXCEPTION("{policy: something, rules: [images], " REST "}"),
     9,
     16,
     {"there is no policy \"something\""}},
    {ETL EXCEPTION("{policy: Etl, rules: [images], " REST "}"), 9, 16, {"lower-case"}},
    {ETL EXCEPTION("{policy: etl, rules: [image], " REST "}"),
     9,
     29,
     {"there is no rule in policy \"etl\" that is called \"image\"", "did you mean \"images\""}},
    {ETL EXCEPTION("{policy: etl, rules: [images, labels.cost-center], " REST "}"),
     9,
     37,
     {"\"labels.cost-center\"; did you mean \"labels.cost-centre\""}},
    {ETL EXCEPTION("{policy: etl, rules: [no-privileged], " REST "}"),
     9,
     29,
     {"\"no-privileged\""}},
    {ETL EXCEPTION("{policy: etl, rules: [], " REST "}"), 9, 28, {"\"rules\" is empty"}},
    {ETL EXCEPTION("{policy: etl, rules: images, " REST "}"), 9, 28, {"must be a list"}},
    {ETL EXCEPTION("{policy: etl, rules: [{a: b}], " REST "}"), 9, 29, {"a map"}},
    {ETL EXCEPTION("{policy: etl, rules: [1], " REST "}"), 9, 29, {"the number 1"}},
    {ETL EXCEPTION("{policy: etl, rules: [capacity.driver], match: {roles: [executor]}, " REST "}"),
     9,
     29,
     {"is not for pods of the role"}},
    {ETL EXCEPTION("{policy: etl, rules: [images], reason: '', expires: 2027-01-31}"),
     9,
     46,
     {"must not be empty"}},
    {ETL EXCEPTION("{policy: etl, rules: [images], reason: \"a\\nb\", expires: 2027-01-31}"),
     9,
     46,
     {"one line"}},
    {ETL EXCEPTION("{policy: etl, rules: [images], reason: r, expires: 2027-02-30}"),
     9,
     58,
     {"a day such as 2027-01-31", "\"2027-02-30\""}},
    {ETL EXCEPTION("{policy: etl, rules: [images], reason: r, expires: 30d}"), 9, 58, {"\"30d\""}},
    {ETL EXCEPTION("{policy: etl, rules: [images], reason: r, expires: 2027}"),
     9,
     58,
     {"the number 2027"}},
    {ETL EXCEPTION("{policy: etl, rules: [images], reason: r, expires: []}"), 9, 58, {"a list"}},
    {ETL EXCEPTION("{policy: etl, rules: [images], match: {roles: [worker]}, " REST "}"),
     9,
     54,
     {"driver or executor"}},
    {ETL NAMED("X", "{policy: etl, rules: [images], " REST "}"), 8, 18, {"lower-case"}},
    {ETL EXCEPTION("{policy: etl, rules: [images], " REST "}")
         EXCEPTION("{policy: etl, rules: [memory-limit], " REST "}"),
     13,
     18,
     {"an exception \"x\" already", "t.yaml:6"}},
    {POLICY("{match: {namespaces: [a-*]}, require: [{rule: memory-limit}]}")
         EXCEPTION("{policy: etl, rules: [memory-limit], match: {namespaces: [b-*]}, " REST "}"),
     9,
     16,
     {"no pod can match both", "t.yaml:1"}},
    {POLICY("{match: {exclude: {namespaces: [b]}}, require: [{rule: memory-limit}]}")
         EXCEPTION("{policy: etl, rules: [memory-limit], match: {namespaces: [b]}, " REST "}"),
     9,
     16,
     {"no pod can match both"}},
    {ETL EXCEPTION(
         "{policy: etl, rules: [images], match: {selector: {matchLabels: {team: a}}}, " REST "}"),
     4,
     29,
     {"labels.team changes what the selector of exception \"x\" (t.yaml:9) looks at"}},
};

static void refuses_row(size_t i)
{
    struct policy_set *set = NULL;
    struct findings f;
    enum err_code code = policies_load_text("t.yaml", bad[i].text, strlen(bad[i].text), &set, &f);
    cr_expect_eq(code, ERR_INVALID, "%s", bad[i].text);
    bool is_found = false;
    for (size_t k = 0; k < f.count; k++) {
        const struct finding *x = &f.list[k];
        is_found = is_found || (x->line == bad[i].line && x->column == bad[i].column &&
                                strstr(x->text, bad[i].words[0]) != NULL &&
                                (bad[i].words[1] == NULL || strstr(x->text, bad[i].words[1])));
    }
    cr_expect(is_found, "%s\n%zu:%zu: %s", bad[i].text, f.count > 0 ? f.list[0].line : 0,
              f.count > 0 ? f.list[0].column : 0, f.count > 0 ? f.list[0].text : "");
    policy_set_destroy(set);
    findings_finish(&f);
}

Test(exceptions, refuses)
{
    table_run(COUNT(bad), refuses_row);
}

static struct policy_set *load_good(const char *text)
{
    struct policy_set *set = NULL;
    struct findings f;
    enum err_code code = policies_load_text("t.yaml", text, strlen(text), &set, &f);
    cr_assert_eq(code, ERR_OK, "%s\n%s", text, f.count > 0 ? f.list[0].text : "");
    findings_finish(&f);
    return set;
}

/* What is taken away by what an exception names. */
static const struct {
    const char *rules;
    const char *waived;
} names[] = {
    {"images", "require.images"},
    {"require.images", "require.images"},
    {"labels", "labels.team labels.cost-centre"},
    {"labels.team", "labels.team"},
    {"capacity", "capacity.driver capacity.executor"},
    {"capacity.executor, memory-limit", "capacity.executor require.memory-limit"},
    {"labels, labels.team", "labels.team labels.cost-centre"},
};

static void waives_row(size_t i)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_addf(&b, ETL EXCEPTION("{policy: etl, rules: [%s], " REST "}"), names[i].rules);
    struct policy_set *set = load_good(b.text);
    const struct policy *p = &set->policies[0];
    row_require(p->exception_count == 1, "%s", names[i].rules);
    buf_reset(&b);
    for (size_t k = 0; k < p->rule_count; k++) {
        if (p->exceptions[0]->waives[k]) {
            buf_addf(&b, "%s%s", b.len > 0 ? " " : "", p->rules[k].name);
        }
    }
    cr_expect_str_eq(b.text, names[i].waived, "%s: %s", names[i].rules, b.text);
    buf_finish(&b);
    policy_set_destroy(set);
}

Test(exceptions, waives_what_is_named)
{
    table_run(COUNT(names), waives_row);
}

/* Before or after its policy; the fields; in the order of names. */
Test(exceptions, belong_to_their_policy)
{
    struct policy_set *set = load_good(
        NAMED("b", "{policy: etl, rules: [images], reason: \"vendor: image\", expires: "
                   "2027-01-31, match: {namespaces: [n-*], exclude: {namespaces: [n-1]}, roles: "
                   "[driver], selector: {matchLabels: {app: reload}}}}") "---\n" ETL
            NAMED("a",
                  "{policy: etl, rules: [labels], reason: r, expires: "
                  "\"2027-01-31T18:00:00Z\"}") "---\napiVersion: sparkward.dev/v1\nkind: "
                                               "SparkPolicy\nmetadata: {name: asleep}\n"
                                               "spec: {mode: off, require: [{rule: "
                                               "memory-limit}]}\n" NAMED(
                                                   "c",
                                                   "{policy: asleep, rules: [memory-limit], " REST
                                                   "}"));
    cr_assert(set->count == 1 && set->off_count == 1 && set->exception_count == 3);
    const struct policy *p = &set->policies[0];
    cr_assert_eq(p->exception_count, 2);
    cr_assert_str_eq(p->exceptions[0]->name, "a");
    cr_assert_eq(p->exceptions[0]->expires, 1801418400);
    cr_assert_eq(p->exceptions[0]->match.roles, ROLES_ALL);
    const struct exception *x = p->exceptions[1];
    cr_assert_str_eq(x->name, "b");
    cr_assert_str_eq(x->policy, "etl");
    cr_assert_str_eq(x->reason, "vendor: image");
    cr_assert_str_eq(x->until, "2027-01-31");
    cr_assert_eq(x->expires, 1801440000, "the day is over");
    cr_assert(strcmp(x->file, "t.yaml") == 0 && x->line == 2 && x->column == 1);
    cr_assert_str_eq(x->match.namespaces[0], "n-*");
    cr_assert_str_eq(x->match.exclude_namespaces[0], "n-1");
    cr_assert_eq(x->match.roles, ROLE_DRIVER);
    cr_assert_eq(x->match.selector->requirement_count, 1);
    cr_assert_str_eq(set->exceptions[2].policy, "asleep");
    policy_set_destroy(set);
}

/* A label that no pod of the exception gets may be looked at. */
Test(exceptions, labels_of_other_pods_do_not_matter)
{
    static const char *const others[] = {
        POLICY("{match: {namespaces: [a]}, require: [{rule: memory-limit}]}") "---\n",
        POLICY("{match: {roles: [driver]}, require: [{rule: memory-limit}]}") "---\n",
    };
    static const char setter[] =
        "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: setter}\n"
        "spec: {match: {namespaces: [b], roles: [executor]}, admission: {labels: {team: t}}}\n";
    for (size_t i = 0; i < COUNT(others); i++) {
        struct buf b;
        buf_init(&b, 4096);
        buf_addf(&b, "%s%s%s", others[i], setter,
                 EXCEPTION("{policy: etl, rules: [memory-limit], match: {roles: [driver], "
                           "selector: {matchLabels: {team: t}}}, " REST "}"));
        policy_set_destroy(load_good(b.text));
        buf_finish(&b);
    }
}

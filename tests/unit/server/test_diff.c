/* SPDX-License-Identifier: Apache-2.0 */
#include "../webhook/pods.h"

#include "server/diff.h"

TestSuite(diff, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const char *diff_of(const char *spec, const char *pod, bool colour)
{
    struct policy_set *set = pods_policy(spec);
    struct evaluation ev;
    struct err e;
    struct json *object = pods_parse(pod);
    const struct evaluator by = {.set = set,
                                 .arena = arena,
                                 .steps = EVALUATE_MUTATE | EVALUATE_CHECK,
                                 .kind = kind_of_object(object)};
    cr_assert_eq(evaluate(&by, "n", object, &ev, &e), ERR_OK);
    struct buf b;
    buf_init_arena(&b, arena, 64 * 1024);
    diff_print(&b, &ev, colour);
    policy_set_destroy(set);
    return b.text;
}

Test(diff, says_where_why_and_what)
{
    const char *text = diff_of("admission: {annotations: {a.b/c: x}, labels: {team: data}, "
                               "terminationGracePeriod: {executor: 60s}}",
                               EXECUTOR("\"terminationGracePeriodSeconds\":30"), false);
    cr_assert_str_eq(text,
                     "@@ metadata.labels.team @@  policy p: labels.team\n"
                     "+ data\n"
                     "@@ metadata.annotations @@  policy p: annotations.a.b/c\n"
                     "+ a.b/c: x\n"
                     "@@ spec.terminationGracePeriodSeconds @@  policy p: "
                     "terminationGracePeriod.executor\n"
                     "- 30\n"
                     "+ 60\n",
                     "%s", text);
}

Test(diff, names_keys_indexes_and_new_elements)
{
    const char *text =
        diff_of("admission: {annotations: {a.b/c: x}, volumes: [{name: v, emptyDir: {}, "
                "mountPath: /v}]}",
                "{\"metadata\":{\"labels\":{\"spark-role\":\"executor\",\"spark-app-selector\":"
                "\"s\"},\"annotations\":{}},\"spec\":{\"volumes\":[],\"containers\":[{}]}}",
                false);
    cr_assert_str_eq(text,
                     "@@ metadata.annotations[\"a.b/c\"] @@  policy p: annotations.a.b/c\n"
                     "+ x\n"
                     "@@ spec.volumes[+] @@  policy p: volumes.v\n"
                     "+ name: v\n"
                     "+ emptyDir: {}\n"
                     "@@ spec.containers[0].volumeMounts @@  policy p: volumes.v\n"
                     "+ - name: v\n"
                     "+   mountPath: /v\n",
                     "%s", text);
}

/* One operation may have come of several rules; each is told once. */
Test(diff, names_every_rule_behind_a_merged_edit)
{
    const char *text = diff_of("admission: {capacity: {executor: on-demand}, "
                               "spread: [{over: host}]}",
                               EXECUTOR(""), false);
    cr_assert_not_null(
        strstr(text, "@@ spec.affinity @@  policy p: capacity.executor, spread.host\n"), "%s",
        text);
    cr_assert_null(strstr(strstr(text, "@@ spec") + 1, "@@ spec"), "%s", text);
}

Test(diff, tells_violations_and_nothing_to_change)
{
    const char *text =
        diff_of("require: [{rule: no-privileged}, {rule: memory-limit, action: warn}]",
                EXECUTOR("\"containers\":[{\"securityContext\":{\"privileged\":true}}]"), false);
    cr_assert_str_eq(text,
                     "  nothing to change\n"
                     "warning: spec.containers[0].resources.limits.memory: found nothing, allowed: "
                     "a quantity over 0 (policy p, rule memory-limit)\n"
                     "denied: spec.containers[0].securityContext.privileged: found \"true\", "
                     "allowed: false (policy p, rule no-privileged)\n",
                     "%s", text);
}

#define CONF(text)                                                                                 \
    "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"spark-drv-0-conf-map\"},\"data\":{"          \
    "\"spark.properties\":\"" text "\"}}"

Test(diff, shows_of_a_long_text_only_what_is_new)
{
    static const char spec[] = "sparkConf: [{set: {spark.a: '1', spark.b: '2'}}, {when: always, "
                               "set: {spark.c: \"\\x01\"}}]";
    const char *text = diff_of(spec, CONF("spark.b=3\\nspark.d=4\\n"), false);
    cr_assert_str_eq(text,
                     "@@ data[\"spark.properties\"] @@  policy p: sparkConf.spark.a, "
                     "sparkConf.spark.c\n"
                     "+ spark.a=1\n"
                     "  ...\n"
                     "+ spark.c=?\n",
                     "%s", text);
}

Test(diff, tells_what_was_left_out)
{
    const char *text = diff_of("sparkConf: {spark.a: '1'}", CONF("b=\\\\u12"), false);
    cr_assert_str_eq(text,
                     "  nothing to change\n"
                     "warning: sparkConf.spark.a left out: spark.properties is nothing that Java "
                     "can load (policy p)\n",
                     "%s", text);
}

Test(diff, colours_when_asked)
{
    const char *text = diff_of("admission: {labels: {team: data}}", EXECUTOR(""), true);
    cr_assert_str_eq(text,
                     "\033[1;36m@@ metadata.labels.team @@\033[0m  policy p: labels.team\n"
                     "\033[32m+ data\033[0m\n",
                     "%s", text);
}

Test(diff, tells_that_nothing_matches)
{
    const char *text = diff_of("match: {namespaces: [other]}, admission: {labels: {team: data}}",
                               EXECUTOR(""), false);
    cr_assert_str_eq(text, "  no rule of any policy matches\n");
}

Test(diff, names_rules_that_were_outranked)
{
    static const char text[] =
        "{apiVersion: sparkward.dev/v1, kind: SparkPolicy, metadata: {name: low}, "
        "spec: {priority: 1, admission: {labels: {team: low}}}}\n---\n"
        "{apiVersion: sparkward.dev/v1, kind: SparkPolicy, metadata: {name: high}, "
        "spec: {priority: 2, admission: {labels: {team: high}}}}\n";
    struct policy_set *set = NULL;
    struct findings findings;
    cr_assert_eq(policies_load_text("p.yaml", text, sizeof(text) - 1, &set, &findings), ERR_OK);
    findings_finish(&findings);
    struct evaluation ev;
    struct err e;
    const struct evaluator by = {set, arena, EVALUATE_MUTATE};
    cr_assert_eq(evaluate(&by, "n", pods_parse(EXECUTOR("")), &ev, &e), ERR_OK);
    struct buf b;
    buf_init_arena(&b, arena, 64 * 1024);
    diff_print(&b, &ev, false);
    cr_assert_str_eq(b.text,
                     "@@ metadata.labels.team @@  policy high: labels.team\n"
                     "+ high\n"
                     "outranked: policy low: labels.team, by policy high\n",
                     "%s", b.text);
    policy_set_destroy(set);
}

Test(diff, names_exceptions_and_what_is_only_audited)
{
    static const char text[] =
        "{apiVersion: sparkward.dev/v1, kind: SparkPolicy, metadata: {name: p}, spec: {admission: "
        "{labels: {team: t}}, require: [{rule: memory-limit, action: audit}, {rule: "
        "no-privileged}]}}\n---\n"
        "{apiVersion: sparkward.dev/v1, kind: PolicyException, metadata: {name: x}, "
        "spec: {policy: p, rules: [labels], reason: why not, expires: 1970-01-01}}\n";
    struct policy_set *set = NULL;
    struct findings findings;
    cr_assert_eq(policies_load_text("p.yaml", text, sizeof(text) - 1, &set, &findings), ERR_OK);
    findings_finish(&findings);
    struct evaluation ev;
    struct err e;
    const struct evaluator by = {
        .set = set, .arena = arena, .steps = EVALUATE_MUTATE | EVALUATE_CHECK};
    const char *pod = EXECUTOR("\"containers\":[{\"name\":\"c\"}]");
    cr_assert_eq(evaluate(&by, "n", pods_parse(pod), &ev, &e), ERR_OK);
    struct buf b;
    buf_init_arena(&b, arena, 64 * 1024);
    diff_print(&b, &ev, false);
    cr_assert_str_eq(b.text,
                     "  nothing to change\n"
                     "excepted: policy p: labels.team, by exception x until 1970-01-01: why not\n"
                     "audited: spec.containers[0].resources.limits.memory: found nothing, allowed: "
                     "a quantity over 0 (policy p, rule memory-limit)\n",
                     "%s", b.text);
    policy_set_destroy(set);
}

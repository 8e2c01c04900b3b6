/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(claim, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define CLAIM(name, labels, spec)                                                                  \
    "{\"kind\":\"PersistentVolumeClaim\",\"metadata\":{\"name\":\"" name                           \
    "\",\"labels\":{\"spark-app-selector\":\"spark-1\"" labels "}},\"spec\":{" spec "}}"
#define OF(spec) CLAIM("a-exec-1-pvc-0", "", spec)
#define SIZED(size) OF("\"resources\":{\"requests\":{\"storage\":" size "}}")

static const struct pod_case patches[] = {
    {"a label", "claims: {labels: {team: etl}}", OF(""),
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/team\",\"value\":\"etl\"}]"},
    {"the user's stays", "claims: {labels: {team: etl}}",
     CLAIM("a-exec-1-pvc-0", ",\"team\":\"ml\"", ""), "[]"},
    {"unless always", "claims: {when: always, labels: {team: etl}}",
     CLAIM("a-exec-1-pvc-0", ",\"team\":\"ml\"", ""),
     "[{\"op\":\"replace\",\"path\":\"/metadata/labels/team\",\"value\":\"etl\"}]"},
    {"labels of pods are not for claims", "admission: {labels: {team: etl}}", OF(""), "[]"},
    {"for executors", "match: {roles: [executor]}, claims: {labels: {team: etl}}", OF(""),
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/team\",\"value\":\"etl\"}]"},
    {"not for drivers", "match: {roles: [executor]}, claims: {labels: {team: etl}}",
     CLAIM("a-driver-pvc-0", "", ""), "[]"},
    {"for drivers", "match: {roles: [driver]}, claims: {labels: {team: etl}}",
     CLAIM("a-driver-pvc-12", "", ""),
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/team\",\"value\":\"etl\"}]"},
    {"a selector is about pods",
     "match: {selector: {matchLabels: {spark-app-selector: spark-1}}}, claims: {labels: {a: b}}",
     OF(""), "[]"},
};

static void patches_row(size_t i)
{
    pods_expect_patch(&patches[i]);
}

Test(claim, patches)
{
    table_run_fresh(COUNT(patches), patches_row, pods_reset);
}

#define SIZE "require: [{rule: claim-size, min: 1Gi, max: 100Gi}]"
#define TOO(found)                                                                                 \
    "spec.resources.requests.storage: found " found                                                \
    ", allowed: at least 1Gi, at most 100Gi (policy p, rule claim-size)"

static const struct pod_case violations[] = {
    {"in between", SIZE, SIZED("\"50Gi\""), ""},
    {"the least", SIZE, SIZED("\"1024Mi\""), ""},
    {"the most", SIZE, SIZED("\"100Gi\""), ""},
    {"too small", SIZE, SIZED("\"1023Mi\""), TOO("\"1023Mi\"")},
    {"too large", SIZE, SIZED("\"100.1Gi\""), TOO("\"100.1Gi\"")},
    {"a number", SIZE, SIZED("5"), TOO("\"5\"")},
    {"nothing", SIZE, OF(""), TOO("nothing")},
    {"no quantity", SIZE, SIZED("\"big\""), TOO("\"big\"")},
    {"only a maximum", "require: [{rule: claim-size, max: 10Gi}]", SIZED("\"1\""), ""},
    {"only a minimum", "require: [{rule: claim-size, min: 10Gi}]", SIZED("\"1\""),
     "spec.resources.requests.storage: found \"1\", allowed: at least 10Gi (policy p, rule "
     "claim-size)"},
    {"a class", "require: [{rule: claim-class, from: [gp3, 'fast-*']}]",
     OF("\"storageClassName\":\"fast-ssd\""), ""},
    {"another class", "require: [{rule: claim-class, from: [gp3, 'fast-*']}]",
     OF("\"storageClassName\":\"gp2\""),
     "spec.storageClassName: found \"gp2\", allowed: gp3, fast-* (policy p, rule claim-class)"},
    {"no class", "require: [{rule: claim-class, from: [gp3]}]", OF(""),
     "spec.storageClassName: found nothing, allowed: gp3 (policy p, rule claim-class)"},
    {"what pods must fulfil", "require: [{rule: memory-limit}, {rule: images, from: [a]}]", OF(""),
     ""},
};

static void violations_row(size_t i)
{
    pods_expect_violations(&violations[i]);
}

Test(claim, violations)
{
    table_run_fresh(COUNT(violations), violations_row, pods_reset);
}

Test(claim, pods_are_not_judged_as_claims)
{
    pods_expect_violations(&(struct pod_case){
        "a pod", SIZE ", sparkConf: {spark.a: b}, claims: {labels: {a: b}}", EXECUTOR(""), ""});
}

static const struct {
    const char *name;
    bool expected;
} names[] = {
    {"a-exec-1-pvc-0", true},
    {"a-pvc-10", true},
    {"-pvc-1", true},
    {"pvc-1", false},
    {"a-pvc-", false},
    {"a-pvc-x", false},
    {"a-pvc-1x", false},
    {"a-pv-1", false},
    {"a", false},
    {"", false},
    {NULL, false},
};

static void names_row(size_t i)
{
    cr_expect_eq(claim_is_named_by_spark(names[i].name), names[i].expected, "%s",
                 names[i].name == NULL ? "NULL" : names[i].name);
}

Test(claim, names)
{
    table_run(COUNT(names), names_row);
}

Test(claim, others_are_not_ours)
{
    static const char *const foreign[] = {
        "{}",
        "{\"metadata\":{\"name\":\"a-exec-1-pvc-0\"}}",
        "{\"metadata\":{\"name\":\"a-exec-1-pvc-0\",\"labels\":{\"spark-app-selector\":5}}}",
        "{\"metadata\":{\"name\":\"data\",\"labels\":{\"spark-app-selector\":\"spark-1\"}}}",
    };
    for (size_t i = 0; i < COUNT(foreign); i++) {
        struct edits edits;
        struct spark_claim claim;
        edits_init(&edits, arena);
        cr_expect_not(spark_claim_read(&edits, pods_parse(foreign[i]), &claim), "%s", foreign[i]);
    }
}

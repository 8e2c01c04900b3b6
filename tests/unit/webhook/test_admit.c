/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

#include "webhook/admit.h"

TestSuite(admit, .init = pods_setup, .fini = pods_teardown, .timeout = 20);

static const char strict[] =
    "admission: {labels: {team: data}, terminationGracePeriod: {executor: 60s}}, "
    "require: [{rule: images, from: ['reg/*']}, {rule: no-privileged}, "
    "{rule: memory-limit, action: warn}]";

#define GOOD                                                                                       \
    "\"containers\":[{\"name\":\"c\",\"image\":\"reg/a\",\"resources\":{\"limits\":{\"memory\":"   \
    "\"1Gi\"}}}]"
#define BAD                                                                                        \
    "\"containers\":[{\"name\":\"c\",\"image\":\"other/a\",\"securityContext\":{\"privileged\":"   \
    "true}}]"

static const char *review(const char *operation, const char *object, const char *more)
{
    return arena_printf(
        arena,
        "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{\"uid\":"
        "\"u\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":{"
        "\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},\"namespace\":\"n\","
        "\"operation\":\"%s\",\"object\":%s%s}}",
        operation, object, more);
}

static void ask(const struct policy_set *set, enum admit_endpoint endpoint, const char *body,
                struct arena *a, struct admit_answer *out)
{
    const struct admit_request request = {
        .endpoint = endpoint, .body = body, .body_len = strlen(body)};
    admit(set, &request, a, out);
}

/* What is in the answer and what is not, by operation and endpoint. */
static const struct {
    const char *name;
    enum admit_endpoint endpoint;
    const char *operation;
    const char *object;
    const char *more;
    enum admit_verdict verdict;
    const char *says; /* NULL: nothing to look for */
    const char *silent_about;
} cases[] = {
    {"patched, with the reason", ADMIT_MUTATE, "CREATE", EXECUTOR(GOOD), "", ADMIT_PATCHED,
     "\"auditAnnotations\":{\"labels\":\"p: labels.team\",\"terminationGracePeriod\":"
     "\"p: terminationGracePeriod.executor\"}",
     "warnings"},
    {"the validating endpoint never patches", ADMIT_VALIDATE, "CREATE", EXECUTOR(GOOD), "",
     ADMIT_ALLOWED, "\"allowed\":true}}", "patch"},
    {"denied with all violations", ADMIT_VALIDATE, "CREATE", EXECUTOR(BAD), "", ADMIT_DENIED,
     "\"message\":\"2 violations: (1) spec.containers[0].image: found \\\"other/a\\\", allowed: "
     "reg/* (policy p, rule images); (2) spec.containers[0].securityContext.privileged: found "
     "\\\"true\\\", allowed: false (policy p, rule no-privileged)\"",
     "patch"},
    {"warned even when denied", ADMIT_MUTATE, "CREATE", EXECUTOR(BAD), "", ADMIT_DENIED,
     "\"warnings\":[\"spec.containers[0].resources.limits.memory: found nothing", "patch"},
    {"warned and allowed", ADMIT_VALIDATE, "CREATE",
     EXECUTOR("\"containers\":[{\"image\":\"reg/a\"}]"), "", ADMIT_ALLOWED, "\"warnings\":[",
     "Failure"},
    {"an update adds no violation", ADMIT_VALIDATE, "UPDATE", EXECUTOR(BAD),
     ",\"oldObject\":" EXECUTOR(BAD), ADMIT_ALLOWED, "\"allowed\":true}}", "warnings"},
    {"an update adds a violation", ADMIT_VALIDATE, "UPDATE", EXECUTOR(BAD),
     ",\"oldObject\":" EXECUTOR("\"containers\":[{\"image\":\"other/a\"}]"), ADMIT_DENIED,
     "\"message\":\"spec.containers[0].securityContext.privileged: found", "other/a"},
    {"a container for debugging is judged", ADMIT_VALIDATE, "UPDATE",
     EXECUTOR(GOOD ",\"ephemeralContainers\":[{\"image\":\"other/sh\"}]"),
     ",\"subResource\":\"ephemeralcontainers\",\"oldObject\":" EXECUTOR(GOOD), ADMIT_DENIED,
     "spec.ephemeralContainers[0].image: found \\\"other/sh\\\"",
     "containers[0].image: found \\\"reg"},
    {"other subresources are not ours", ADMIT_VALIDATE, "UPDATE", EXECUTOR(BAD),
     ",\"subResource\":\"status\",\"oldObject\":" EXECUTOR(GOOD), ADMIT_ALLOWED,
     "\"allowed\":true}}", NULL},
    {"an update is not mutated", ADMIT_MUTATE, "UPDATE", EXECUTOR(BAD),
     ",\"oldObject\":" EXECUTOR(BAD), ADMIT_ALLOWED, "\"allowed\":true}}", NULL},
    {"deleting has no object", ADMIT_MUTATE, "DELETE", "null", "", ADMIT_ALLOWED,
     "\"allowed\":true}}", NULL},
    {"connecting is to something else", ADMIT_VALIDATE, "CONNECT", "{\"kind\":\"PodExecOptions\"}",
     ",\"subResource\":\"exec\"", ADMIT_ALLOWED, "\"allowed\":true}}", NULL},
    {"not Spark's", ADMIT_MUTATE, "CREATE", "{\"metadata\":{},\"spec\":{" BAD "}}", "",
     ADMIT_ALLOWED, "\"allowed\":true}}", NULL},
    {"a dry run is the same", ADMIT_MUTATE, "CREATE", EXECUTOR(GOOD), ",\"dryRun\":true",
     ADMIT_PATCHED, "\"patchType\":\"JSONPatch\"", NULL},
};

static void answers_row(size_t i)
{
    struct policy_set *set = pods_policy(strict);
    const char *body = review(cases[i].operation, cases[i].object, cases[i].more);
    struct admit_answer answer;
    ask(set, cases[i].endpoint, body, arena, &answer);
    cr_expect_eq(answer.status, 200, "%s: %s", cases[i].name, answer.body);
    cr_expect_eq(answer.verdict, cases[i].verdict, "%s: %s", cases[i].name, answer.body);
    cr_expect_str_eq(answer.content_type, "application/json", "%s: %s", cases[i].name,
                     answer.content_type);
    cr_expect_eq(answer.body_len, strlen(answer.body), "%s: %zu", cases[i].name, answer.body_len);
    cr_expect_not_null(strstr(answer.body, cases[i].says), "%s: %s", cases[i].name, answer.body);
    if (cases[i].silent_about != NULL) {
        cr_expect_null(strstr(answer.body, cases[i].silent_about), "%s: %s", cases[i].name,
                       answer.body);
    }
    policy_set_destroy(set);
}

Test(admit, answers)
{
    table_run_fresh(COUNT(cases), answers_row, pods_reset);
}

Test(admit, refuses_what_it_cannot_judge)
{
    struct policy_set *set = pods_policy(strict);
    struct admit_answer answer;
    const char *bodies[] = {
        "{", review("CREATE", "[]", ""),
        review("CREATE", "{\"metadata\":{\"labels\":{\"a\":1}},\"spec\":{}}", ""),
        review("CREATE", EXECUTOR("\"affinity\":1"), "")};
    for (size_t i = 0; i < COUNT(bodies) - 1; i++) {
        ask(set, ADMIT_MUTATE, bodies[i], arena, &answer);
        cr_assert_eq(answer.status, 400, "%s", answer.body);
        cr_assert_eq(answer.verdict, ADMIT_FAILED);
        cr_assert_eq(answer.body[answer.body_len - 1], '\n');
        cr_assert_null(strstr(answer.body, "allowed"));
    }
    policy_set_destroy(set);
    set = pods_policy("admission: {capacity: {executor: on-demand}}");
    ask(set, ADMIT_MUTATE, bodies[3], arena, &answer);
    cr_assert_eq(answer.status, 400);
    cr_assert_str_eq(answer.content_type, "application/json");
    cr_assert_str_eq(answer.body,
                     "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                     "\"message\":\"/spec/affinity: expected an object, found a number\","
                     "\"reason\":\"BadRequest\",\"code\":400}\n");
    cr_assert_eq(answer.body_len, strlen(answer.body));
    policy_set_destroy(set);
}

/* Whatever an allocation fails on, the answer is the right one or a 500, never a wrong one. */
Test(admit, fails_cleanly_at_every_cap)
{
    struct policy_set *set = pods_policy(strict);
    const char *body = review("CREATE", EXECUTOR(GOOD), "");
    struct admit_answer right;
    ask(set, ADMIT_MUTATE, body, arena, &right);
    bool done = false;
    for (size_t cap = 16; !done; cap += 64) {
        struct arena *small = arena_create(16, cap);
        struct admit_answer answer;
        ask(set, ADMIT_MUTATE, body, small, &answer);
        done = answer.status == 200;
        cr_assert(done || answer.status == 500, "%d", answer.status);
        cr_assert(!done || strcmp(answer.body, right.body) == 0);
        arena_destroy(small);
        cr_assert_lt(cap, 1024 * 1024);
    }
    policy_set_destroy(set);
}

/* @count containers whose images are refused, as the "containers" member. */
static const char *refused_containers(int count, const char *image)
{
    struct buf b;
    buf_init_arena(&b, arena, 1024 * 1024);
    buf_adds(&b, "{\"metadata\":{\"labels\":{\"spark-role\":\"executor\","
                 "\"spark-app-selector\":\"s\"}},\"spec\":{\"containers\":[");
    for (int i = 0; i < count; i++) {
        buf_addf(&b, "%s{\"image\":\"%s-%d\"}", i == 0 ? "" : ",", image, i);
    }
    buf_adds(&b, "]}}");
    return b.text;
}

/* More violations than anybody reads: named are some, and nothing slips through. */
Test(admit, bounds_what_it_says_of_many_violations)
{
    static const struct {
        const char *name;
        int old, now;
        bool allowed;
    } updates[] = {
        {"few, the same", 3, 3, true},      {"few, one more", 3, 4, false},
        {"many, the same", 300, 300, true}, {"many, one more", 300, 301, false},
        {"many, fewer", 300, 200, true},    {"few, many more", 3, 300, false},
    };
    struct policy_set *set = pods_policy("require: [{rule: images, from: ['reg/*']}]");
    for (size_t i = 0; i < COUNT(updates); i++) {
        const char *more =
            arena_printf(arena, ",\"oldObject\":%s", refused_containers(updates[i].old, "other/a"));
        const char *body = review("UPDATE", refused_containers(updates[i].now, "other/a"), more);
        struct admit_answer answer;
        ask(set, ADMIT_VALIDATE, body, arena, &answer);
        cr_expect_eq(answer.verdict, updates[i].allowed ? ADMIT_ALLOWED : ADMIT_DENIED, "%s: %s",
                     updates[i].name, answer.body);
        cr_expect_lt(answer.body_len, 40000, "%s", updates[i].name);
    }
    const char *body = review("CREATE", refused_containers(5000, "other/a"), "");
    struct admit_answer answer;
    ask(set, ADMIT_MUTATE, body, arena, &answer);
    cr_assert_eq(answer.verdict, ADMIT_DENIED);
    cr_assert_not_null(strstr(answer.body, "\"5000 violations: (1) spec.containers[0].image"));
    cr_assert_not_null(strstr(answer.body, "; and more\""));
    policy_set_destroy(set);
}

static const char all_modes[] =
    "---\n{apiVersion: sparkward.dev/v1, kind: SparkPolicy, metadata: {name: strict}, spec: "
    "{priority: 1, admission: {labels: {team: data}}, require: [{rule: images, from: ['reg/*']}, "
    "{rule: memory-limit, action: audit}]}}\n"
    "---\n{apiVersion: sparkward.dev/v1, kind: SparkPolicy, metadata: {name: new}, spec: "
    "{priority: 2, mode: monitor, match: {roles: [executor]}, admission: {labels: {tier: gold}}, "
    "require: [{rule: no-privileged}]}}\n"
    "---\n{apiVersion: sparkward.dev/v1, kind: PolicyException, metadata: {name: nightly}, spec: "
    "{policy: strict, rules: [images, labels], match: {namespaces: ['n'], roles: [driver]}, "
    "reason: "
    "'until the move', expires: 1970-01-01}}\n";

/* Verdicts by mode: what the answer says, and nothing of what is only monitored happens. */
static const struct {
    const char *name;
    enum admit_endpoint endpoint;
    bool is_monitored;
    int64_t now;
    const char *object;
    enum admit_verdict verdict;
    bool is_told; /* a report for log and metrics */
    const char *says;
    const char *silent_about;
} modes[] = {
    {"what is monitored is told beside what is enforced", ADMIT_MUTATE, false, 0, EXECUTOR(GOOD),
     ADMIT_PATCHED, true,
     "\"auditAnnotations\":{\"labels\":\"strict: labels.team\",\"monitor-rules\":\"new: "
     "labels.tier\",\"monitor-patch\":\"[{\\\"op\\\":\\\"add\\\",",
     "exceptions"},
    {"a monitored denial denies nobody", ADMIT_VALIDATE, false, 0,
     EXECUTOR("\"containers\":[{\"image\":\"reg/a\",\"securityContext\":{\"privileged\":true},"
              "\"resources\":{\"limits\":{\"memory\":\"1Gi\"}}}]"),
     ADMIT_ALLOWED, true,
     "\"allowed\":true,\"auditAnnotations\":{\"monitor-rules\":\"new: require.no-privileged\","
     "\"monitor-verdict\":\"would deny: spec.containers[0].securityContext.privileged",
     "warnings"},
    {"audited only", ADMIT_VALIDATE, false, 0, EXECUTOR("\"containers\":[{\"image\":\"reg/a\"}]"),
     ADMIT_ALLOWED, false,
     "\"allowed\":true,\"auditAnnotations\":{\"violations\":\"spec.containers[0].resources.limits."
     "memory: found nothing",
     "monitor"},
    {"a namespace that is left alone", ADMIT_MUTATE, true, 0, EXECUTOR(BAD), ADMIT_ALLOWED, true,
     "\"allowed\":true,\"auditAnnotations\":{\"monitor-rules\":", "\"patch\""},
    {"a namespace that is left alone, with nothing to say", ADMIT_VALIDATE, true, 0, DRIVER(GOOD),
     ADMIT_ALLOWED, false, "\"allowed\":true}}", "monitor"},
    {"an exception", ADMIT_MUTATE, false, 86399, DRIVER(BAD), ADMIT_ALLOWED, false,
     "\"exceptions\":\"strict/labels.team by exception nightly: until the move; "
     "strict/require.images by exception nightly: until the move\"",
     "\"patch\""},
    {"an exception from what is not done here is not told", ADMIT_VALIDATE, false, 86399,
     DRIVER(BAD), ADMIT_ALLOWED, false,
     "\"exceptions\":\"strict/require.images by exception nightly: until the move\"",
     "labels.team"},
    {"an exception that has expired", ADMIT_VALIDATE, false, 86400, DRIVER(BAD), ADMIT_DENIED,
     false, "\"allowed\":false", "exceptions"},
    {"an exception for others", ADMIT_VALIDATE, false, 0, EXECUTOR(BAD), ADMIT_DENIED, true,
     "\"allowed\":false", "exceptions"},
};

static void modes_row(size_t i)
{
    struct policy_set *set = NULL;
    struct findings findings;
    cr_expect_eq(policies_load_text("p.yaml", all_modes, strlen(all_modes), &set, &findings),
                 ERR_OK, "%s", findings.count > 0 ? findings.list[0].text : "");
    findings_finish(&findings);
    row_require(set != NULL, "%s", modes[i].name);
    const char *body = review("CREATE", modes[i].object, "");
    const struct admit_request request = {.endpoint = modes[i].endpoint,
                                          .is_monitored = modes[i].is_monitored,
                                          .now = modes[i].now,
                                          .body = body,
                                          .body_len = strlen(body)};
    struct admit_answer answer;
    admit(set, &request, arena, &answer);
    cr_expect_eq(answer.status, 200, "%s: %s", modes[i].name, answer.body);
    cr_expect_eq(answer.verdict, modes[i].verdict, "%s: %s", modes[i].name, answer.body);
    cr_expect_eq(answer.monitor != NULL, modes[i].is_told, "%s: %s", modes[i].name, answer.body);
    if (answer.monitor != NULL) {
        cr_expect_str_eq(answer.namespace, "n", "%s", modes[i].name);
        cr_expect_str_eq(answer.name, "p", "%s", modes[i].name);
    }
    cr_expect_not_null(strstr(answer.body, modes[i].says), "%s: %s", modes[i].name, answer.body);
    cr_expect_null(strstr(answer.body, modes[i].silent_about), "%s: %s", modes[i].name,
                   answer.body);
    policy_set_destroy(set);
}

Test(admit, modes_and_exceptions)
{
    table_run_fresh(COUNT(modes), modes_row, pods_reset);
}

/* As above, with the second evaluation: it may be left out, but not the verdict. */
Test(admit, monitoring_fails_cleanly_at_every_cap)
{
    struct policy_set *set =
        pods_policy("mode: monitor, admission: {labels: {team: data}, terminationGracePeriod: "
                    "{executor: 60s}}, require: [{rule: images, from: ['r/*'], action: warn}]");
    const char *body = review("CREATE", EXECUTOR(GOOD), "");
    struct admit_answer right;
    ask(set, ADMIT_MUTATE, body, arena, &right);
    cr_assert_not_null(right.monitor);
    bool done = false;
    for (size_t cap = 16; !done; cap += 64) {
        struct arena *small = arena_create(16, cap);
        struct admit_answer answer;
        ask(set, ADMIT_MUTATE, body, small, &answer);
        cr_assert(answer.status == 200 || answer.status == 500, "%d", answer.status);
        cr_assert(answer.status != 200 || answer.verdict == ADMIT_ALLOWED);
        done = answer.status == 200 && strcmp(answer.body, right.body) == 0;
        arena_destroy(small);
        cr_assert_lt(cap, 1024 * 1024);
    }
    policy_set_destroy(set);
}

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
    admit(set, cases[i].endpoint, body, strlen(body), arena, &answer);
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
        admit(set, ADMIT_MUTATE, bodies[i], strlen(bodies[i]), arena, &answer);
        cr_assert_eq(answer.status, 400, "%s", answer.body);
        cr_assert_eq(answer.verdict, ADMIT_FAILED);
        cr_assert_eq(answer.body[answer.body_len - 1], '\n');
        cr_assert_null(strstr(answer.body, "allowed"));
    }
    policy_set_destroy(set);
    set = pods_policy("admission: {capacity: {executor: on-demand}}");
    admit(set, ADMIT_MUTATE, bodies[3], strlen(bodies[3]), arena, &answer);
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
    admit(set, ADMIT_MUTATE, body, strlen(body), arena, &right);
    bool done = false;
    for (size_t cap = 16; !done; cap += 64) {
        struct arena *small = arena_create(16, cap);
        struct admit_answer answer;
        admit(set, ADMIT_MUTATE, body, strlen(body), small, &answer);
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
        admit(set, ADMIT_VALIDATE, body, strlen(body), arena, &answer);
        cr_expect_eq(answer.verdict, updates[i].allowed ? ADMIT_ALLOWED : ADMIT_DENIED, "%s: %s",
                     updates[i].name, answer.body);
        cr_expect_lt(answer.body_len, 40000, "%s", updates[i].name);
    }
    const char *body = review("CREATE", refused_containers(5000, "other/a"), "");
    struct admit_answer answer;
    admit(set, ADMIT_MUTATE, body, strlen(body), arena, &answer);
    cr_assert_eq(answer.verdict, ADMIT_DENIED);
    cr_assert_not_null(strstr(answer.body, "\"5000 violations: (1) spec.containers[0].image"));
    cr_assert_not_null(strstr(answer.body, "; and more\""));
    policy_set_destroy(set);
}

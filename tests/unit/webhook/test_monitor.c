/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

#include "webhook/monitor.h"

TestSuite(monitor, .init = pods_setup, .fini = pods_teardown, .timeout = 60);

#define POLICY(name, spec)                                                                         \
    "---\napiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: " name                 \
    "}\nspec: " spec "\n"
#define BASE(spec) POLICY("base", "{priority: 1, " spec "}")
#define TRY(spec) POLICY("try", "{priority: 2, mode: monitor, " spec "}")
#define BELOW(spec) POLICY("below", "{priority: 0, mode: monitor, " spec "}")

#define IMAGE(image) "\"containers\":[{\"name\":\"c\",\"image\":\"" image "\"}]"

#define CONF(text)                                                                                 \
    "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"spark-drv-0a1b2c-conf-map\"},\"data\":{"     \
    "\"spark.properties\":\"" text "\"}}"
#define CONF_PATCH(text)                                                                           \
    "[{\"op\":\"replace\",\"path\":\"/data/spark.properties\",\"value\":\"" text "\"}]"
#define CLAIM(size)                                                                                \
    "{\"kind\":\"PersistentVolumeClaim\",\"metadata\":{\"name\":\"a-exec-1-pvc-0\",\"labels\":{"   \
    "\"spark-app-selector\":\"spark-1\"}},\"spec\":{\"resources\":{\"requests\":{\"storage\":"     \
    "\"" size "\"}}}}"

/* What is enforced (a patch, or how many denials), and the report on what is not. */
static const struct {
    const char *name;
    const char *policies;
    const char *pod;
    enum scope scope;
    const char *patch;
    size_t denials;
    struct monitor_report report;
} cases[] = {
    {"a label that nobody else sets",
     TRY("admission: {labels: {x: t}}"),
     EXECUTOR(""),
     SCOPE_ENFORCED,
     "[]",
     0,
     {.differs = true,
      .rules = "try: labels.x",
      .patch = "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"t\"}]",
      .would_change = UINT64_C(1) << RULE_LABEL}},
    {"an enforced rule that would lose",
     BASE("admission: {labels: {x: b, y: b}}") TRY("admission: {labels: {x: t}}"),
     EXECUTOR(""),
     SCOPE_ENFORCED,
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"b\"},"
     "{\"op\":\"add\",\"path\":\"/metadata/labels/y\",\"value\":\"b\"}]",
     0,
     {.differs = true,
      .rules = "try: labels.x",
      .outranked = "base/labels.x by policy try",
      .patch = "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"t\"},"
               "{\"op\":\"add\",\"path\":\"/metadata/labels/y\",\"value\":\"b\"}]",
      .would_change = UINT64_C(1) << RULE_LABEL}},
    {"a monitored rule that would lose",
     BASE("admission: {labels: {x: b}}") BELOW("admission: {labels: {x: t}}"),
     EXECUTOR(""),
     SCOPE_ENFORCED,
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"b\"}]",
     0,
     {.differs = false}},
    {"a property of a driver's conf",
     BASE("sparkConf: {spark.a: b}") TRY("sparkConf: {spark.c: d}"),
     CONF("spark.x=y\\n"),
     SCOPE_ENFORCED,
     CONF_PATCH("spark.a=b\\nspark.x=y\\n"),
     0,
     {.differs = true,
      .rules = "try: sparkConf.spark.c",
      .patch = CONF_PATCH("spark.c=d\\nspark.a=b\\nspark.x=y\\n"),
      .would_change = UINT64_C(1) << RULE_CONF}},
    {"a claim that is too large",
     TRY("require: [{rule: claim-size, max: 1Gi}]"),
     CLAIM("2Gi"),
     SCOPE_ENFORCED,
     "[]",
     0,
     {.differs = true,
      .rules = "try: require.claim-size",
      .verdict = "would deny: spec.resources.requests.storage: found \"2Gi\", allowed: at most 1Gi "
                 "(policy try, rule claim-size)",
      .would_deny = UINT64_C(1) << RULE_CLAIM_SIZE}},
    {"rules about other objects",
     TRY("sparkConf: {spark.c: d}, claims: {labels: {a: b}}, admission: {labels: {a: b}}"),
     CLAIM("2Gi"),
     SCOPE_ENFORCED,
     "[]",
     0,
     {.differs = true,
      .rules = "try: claims.labels.a",
      .patch = "[{\"op\":\"add\",\"path\":\"/metadata/labels/a\",\"value\":\"b\"}]",
      .would_change = UINT64_C(1) << RULE_CLAIM_LABEL}},
    {"the same as what is enforced",
     BASE("admission: {labels: {x: b}}") TRY("admission: {labels: {x: b}}"),
     EXECUTOR(""),
     SCOPE_ENFORCED,
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"b\"}]",
     0,
     {.differs = false}},
    {"of a policy that is partly the same, only the rest is named",
     BASE("admission: {labels: {x: b}}")
         TRY("admission: {labels: {x: b, z: t}, terminationGracePeriod: {executor: 60s}}"),
     EXECUTOR(""),
     SCOPE_ENFORCED,
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"b\"}]",
     0,
     {.differs = true,
      .rules = "try: labels.z, terminationGracePeriod.executor",
      .outranked = "base/labels.x by policy try",
      .patch = "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"b\"},"
               "{\"op\":\"add\",\"path\":\"/metadata/labels/z\",\"value\":\"t\"},"
               "{\"op\":\"add\",\"path\":\"/spec/terminationGracePeriodSeconds\",\"value\":60}]",
      .would_change = UINT64_C(1) << RULE_LABEL | UINT64_C(1) << RULE_GRACE}},
    {"the user's own value wins here, too",
     TRY("admission: {labels: {spark-exec-id-2: t}}"),
     "{\"metadata\":{\"labels\":{\"spark-role\":\"driver\",\"spark-app-selector\":\"s\","
     "\"spark-exec-id-2\":\"mine\"}},\"spec\":{}}",
     SCOPE_ENFORCED,
     "[]",
     0,
     {.differs = false}},
    {"a violation",
     TRY("require: [{rule: images, from: ['r/*']}]"),
     EXECUTOR(IMAGE("o/a")),
     SCOPE_ENFORCED,
     "[]",
     0,
     {.differs = true,
      .rules = "try: require.images",
      .verdict = "would deny: spec.containers[0].image: found \"o/a\", allowed: r/* (policy try, "
                 "rule images)",
      .would_deny = UINT64_C(1) << RULE_IMAGES}},
    {"a pod that would be denied would not be changed",
     TRY("admission: {labels: {x: t}}, require: [{rule: images, from: ['r/*']}]"),
     EXECUTOR(IMAGE("o/a")),
     SCOPE_ENFORCED,
     "[]",
     0,
     {.differs = true,
      .rules = "try: require.images",
      .verdict = "would deny: spec.containers[0].image: found \"o/a\", allowed: r/* (policy try, "
                 "rule images)",
      .would_deny = UINT64_C(1) << RULE_IMAGES}},
    {"all actions, in their order",
     TRY("admission: {labels: {x: t}}, require: [{rule: memory-limit, action: audit}, {rule: "
         "images, from: ['r/*'], action: warn}]"),
     EXECUTOR(IMAGE("o/a")),
     SCOPE_ENFORCED,
     "[]",
     0,
     {.differs = true,
      .rules = "try: labels.x, require.memory-limit, require.images",
      .verdict = "would warn: spec.containers[0].image: found \"o/a\", allowed: r/* (policy try, "
                 "rule images); would audit: spec.containers[0].resources.limits.memory: found "
                 "nothing, allowed: a quantity over 0 (policy try, rule memory-limit)",
      .patch = "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"t\"}]",
      .would_change = UINT64_C(1) << RULE_LABEL,
      .would_warn = UINT64_C(1) << RULE_IMAGES}},
    {"a denial that would be none any more",
     BASE("admission: {labels: {x: b}}, require: [{rule: images, from: ['r/*']}]")
         TRY("require: [{rule: images, from: ['*']}]"),
     EXECUTOR(IMAGE("o/a")),
     SCOPE_ENFORCED,
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"b\"}]",
     1,
     {.differs = true,
      .outranked = "base/require.images by policy try",
      .verdict = "would allow",
      .patch = "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"b\"}]"}},
    {"denied one way or the other",
     BASE("require: [{rule: memory-limit}]") TRY("admission: {labels: {x: t}}"),
     EXECUTOR(IMAGE("o/a")),
     SCOPE_ENFORCED,
     "[]",
     1,
     {.differs = false}},
    {"what is enforced is violated by what is not: nothing is",
     BASE("require: [{rule: memory-limit, action: warn}]") TRY("require: [{rule: no-privileged}]"),
     EXECUTOR(IMAGE("o/a")),
     SCOPE_ENFORCED,
     "[]",
     0,
     {.differs = false}},
    {"all policies as if they were monitored",
     BASE("admission: {labels: {x: b}}") TRY("admission: {labels: {z: t}}"),
     EXECUTOR(""),
     SCOPE_NONE,
     "[]",
     0,
     {.differs = true,
      .rules = "try: labels.z; base: labels.x",
      .patch = "[{\"op\":\"add\",\"path\":\"/metadata/labels/z\",\"value\":\"t\"},"
               "{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"b\"}]",
      .would_change = UINT64_C(1) << RULE_LABEL}},
    {"a denial as if it were monitored",
     BASE("require: [{rule: images, from: ['r/*']}]"),
     EXECUTOR(IMAGE("o/a")),
     SCOPE_NONE,
     "[]",
     0,
     {.differs = true,
      .rules = "base: require.images",
      .verdict = "would deny: spec.containers[0].image: found \"o/a\", allowed: r/* (policy base, "
                 "rule images)",
      .would_deny = UINT64_C(1) << RULE_IMAGES}},
    {"a failure is told and is none of the pod's",
     BASE("admission: {labels: {x: b}}") TRY("admission: {capacity: {executor: on-demand}}"),
     EXECUTOR("\"affinity\":1"),
     SCOPE_ENFORCED,
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"b\"}]",
     0,
     {.differs = true,
      .verdict = "would fail: /spec/affinity: expected an object, found a number"}},
};

static struct policy_set *load(const char *text)
{
    struct policy_set *set = NULL;
    struct findings f;
    enum err_code code = policies_load_text("p.yaml", text, strlen(text), &set, &f);
    cr_expect_eq(code, ERR_OK, "%s\n%s", text, f.count > 0 ? f.list[0].text : "");
    findings_finish(&f);
    return set;
}

static void expect_text(const char *name, const char *what, const char *got, const char *want)
{
    cr_expect((got == NULL) == (want == NULL) && (got == NULL || strcmp(got, want) == 0),
              "%s: %s\n  %s\nexpected\n  %s", name, what, got, want);
}

static void reports_row(size_t i)
{
    struct policy_set *set = load(cases[i].policies);
    struct json *object = pods_parse(cases[i].pod);
    row_require(set != NULL && object != NULL, "%s", cases[i].name);
    const struct evaluator by = {.set = set,
                                 .arena = arena,
                                 .steps = EVALUATE_MUTATE | EVALUATE_CHECK,
                                 .kind = kind_of_object(object),
                                 .scope = cases[i].scope};
    struct evaluation is;
    struct err e = {.code = ERR_OK};
    cr_expect_eq(evaluate(&by, "n", object, &is, &e), ERR_OK, "%s: %s", cases[i].name, e.text);
    row_require(is.before != NULL, "%s", cases[i].name);
    struct monitor_report report;
    monitor(&by, "n", NULL, &is, &report);

    struct buf patch;
    buf_init_arena(&patch, arena, 64 * 1024);
    edits_print(&is.edits, &patch);
    expect_text(cases[i].name, "enforced", patch.text, cases[i].patch);
    cr_expect_eq(is.violations.count[REQUIRE_DENY], cases[i].denials, "%s", cases[i].name);
    const struct monitor_report *want = &cases[i].report;
    cr_expect_eq(report.differs, want->differs, "%s", cases[i].name);
    expect_text(cases[i].name, "rules", report.rules, want->rules);
    expect_text(cases[i].name, "outranked", report.outranked, want->outranked);
    expect_text(cases[i].name, "verdict", report.verdict, want->verdict);
    expect_text(cases[i].name, "patch", report.patch, want->patch);
    expect_text(cases[i].name, "patch_omitted", report.patch_omitted, NULL);
    cr_expect(report.would_change == want->would_change && report.would_deny == want->would_deny &&
                  report.would_warn == want->would_warn,
              "%s: %#llx %#llx %#llx", cases[i].name, (unsigned long long)report.would_change,
              (unsigned long long)report.would_deny, (unsigned long long)report.would_warn);
    policy_set_destroy(set);
}

Test(monitor, reports)
{
    table_run_fresh(COUNT(cases), reports_row, pods_reset);
}

/* A pod that no monitored policy matches costs nothing. */
Test(monitor, has_nothing_to_do_where_none_matches)
{
    struct policy_set *set = load(BASE("admission: {labels: {x: b}}") POLICY(
        "try", "{mode: monitor, match: {namespaces: [m]}, admission: {labels: {y: "
               "t}}}") POLICY("drivers", "{mode: monitor, match: {roles: "
                                         "[driver]}, admission: {labels: {z: t}}}"));
    const struct evaluator by = {
        .set = set, .arena = arena, .steps = EVALUATE_MUTATE | EVALUATE_CHECK};
    struct evaluation is;
    struct err e;
    cr_assert_eq(evaluate(&by, "n", pods_parse(EXECUTOR("")), &is, &e), ERR_OK);
    cr_assert_null(is.before);
    cr_assert_eq(is.edits.operations, 1);
    policy_set_destroy(set);
}

static struct json *many_containers(int count, int digits)
{
    struct buf pod;
    buf_init_arena(&pod, arena, 256 * 1024);
    buf_adds(&pod, "{\"metadata\":{\"labels\":{\"spark-role\":\"executor\",\"spark-app-selector\":"
                   "\"s\"}},\"spec\":{\"containers\":[");
    for (int i = 0; i < count; i++) {
        buf_addf(&pod, "%s{\"image\":\"other/%0*d\"}", i == 0 ? "" : ",", digits, i);
    }
    buf_adds(&pod, "]}}");
    return pods_parse(pod.text);
}

/* What is too long is left out whole, or up to the last violation there is room for. */
Test(monitor, what_it_says_is_bounded)
{
    struct buf b;
    buf_init_arena(&b, arena, 256 * 1024);
    for (int i = 0; i < 300; i++) {
        buf_addf(&b, "a%d: \"0123456789012345678901234567890123456789\", ", i);
    }
    struct policy_set *set =
        load(arena_printf(arena,
                          TRY("require: [{rule: images, from: ['r/*'], action: warn}], admission: "
                              "{annotations: {%s}}"),
                          b.text));
    cr_assert_not_null(set);
    static const int digits[] = {1, 60, 90}; /* of the names: fifty of a rule are kept */
    for (size_t k = 0; k < COUNT(digits); k++) {
        struct json *pod = many_containers(200, digits[k]);
        const struct evaluator by = {
            .set = set, .arena = arena, .steps = EVALUATE_MUTATE | EVALUATE_CHECK};
        struct evaluation is;
        struct err e;
        cr_assert_eq(evaluate(&by, "n", pod, &is, &e), ERR_OK);
        struct monitor_report report;
        monitor(&by, "n", NULL, &is, &report);
        cr_assert(report.differs && report.patch == NULL);
        cr_assert_str_eq(report.patch_omitted, "it is longer than 10240 bytes");
        size_t len = strlen(report.verdict);
        cr_assert(len > MONITOR_TEXT_MAX / 3 && len < MONITOR_TEXT_MAX + 64, "%zu", len);
        cr_assert_str_eq(report.verdict + len - strlen("; and more"), "; and more");
    }
    policy_set_destroy(set);
}

/* An update is judged by what it adds, monitored or not. */
Test(monitor, an_update_is_judged_by_what_it_adds)
{
    struct policy_set *set = load(TRY("require: [{rule: images, from: ['r/*']}]"));
    const struct evaluator by = {.set = set, .arena = arena, .steps = EVALUATE_CHECK};
    static const char *const old[] = {EXECUTOR(IMAGE("o/a")), EXECUTOR(IMAGE("r/a"))};
    for (size_t i = 0; i < COUNT(old); i++) {
        struct evaluation is;
        struct err e;
        struct monitor_report report;
        cr_assert_eq(evaluate_update(&by, "n", pods_parse(EXECUTOR(IMAGE("o/a"))),
                                     pods_parse(old[i]), &is, &e),
                     ERR_OK);
        monitor(&by, "n", pods_parse(old[i]), &is, &report);
        cr_assert_eq(report.differs, i == 1, "%s", report.verdict);
    }
    policy_set_destroy(set);
}

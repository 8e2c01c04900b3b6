/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/node_affinity.h"

#include "pods.h"
#include "webhook/pod.h"

TestSuite(node_affinity, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define TERM(expressions) "{\"matchExpressions\":[" expressions "]}"
#define IN(key, value) "{\"key\":\"" key "\",\"operator\":\"In\",\"values\":[\"" value "\"]}"
#define REQUIRED(terms)                                                                            \
    "\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"         \
    "\"nodeSelectorTerms\":[" terms "]}}}"
#define PREFERRED(term)                                                                            \
    "\"affinity\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":[{"       \
    "\"weight\":5,\"preference\":" term "}]}}"

static const char *const keys[] = {"a", "b", NULL};

enum step { NAMES, REQUIRE_ALL, REQUIRE_ANY, PREFER, STRIP, STRIP_SELECTOR };

/* What a step with the requirements a=1 and b=2 makes of a spec; of NAMES, whether they are named.
 */
static const struct {
    enum step step;
    const char *spec;
    const char *expected; /* NULL: as it was */
} cases[] = {
    {NAMES, "", NULL},
    {NAMES, "\"nodeSelector\":{\"c\":\"1\"}", NULL},
    {NAMES, "\"nodeSelector\":{\"b\":\"1\"}", "yes"},
    {NAMES, REQUIRED(TERM(IN("c", "1")) "," TERM(IN("c", "1") "," IN("a", "7"))), "yes"},
    {NAMES, PREFERRED(TERM(IN("b", "7"))), "yes"},
    {NAMES, PREFERRED(TERM(IN("c", "a"))), NULL},
    {REQUIRE_ALL, "", REQUIRED(TERM(IN("a", "1") "," IN("b", "2")))},
    {REQUIRE_ALL, REQUIRED(TERM(IN("b", "2") "," IN("c", "3")) ",{}"),
     REQUIRED(TERM(IN("b", "2") "," IN("c", "3") "," IN("a", "1")) ",{}")},
    {REQUIRE_ALL, REQUIRED(TERM(IN("b", "2") "," IN("a", "1"))), NULL},
    {REQUIRE_ANY, "", REQUIRED(TERM(IN("a", "1")) "," TERM(IN("b", "2")))},
    {REQUIRE_ANY, REQUIRED(TERM(IN("c", "3"))),
     REQUIRED(TERM(IN("c", "3") "," IN("a", "1")) "," TERM(IN("c", "3") "," IN("b", "2")))},
    {REQUIRE_ANY, REQUIRED(TERM(IN("c", "3") "," IN("b", "2"))), NULL},
    {PREFER, "", PREFERRED(TERM(IN("a", "1") "," IN("b", "2")))},
    {PREFER, PREFERRED(TERM(IN("a", "1") "," IN("b", "2"))), NULL},
    {STRIP, REQUIRED(TERM(IN("a", "7") "," IN("c", "3"))), REQUIRED(TERM(IN("c", "3")))},
    {STRIP, REQUIRED(TERM(IN("a", "7")) "," TERM(IN("c", "3"))),
     "\"affinity\":{\"nodeAffinity\":{}}"},
    {STRIP, REQUIRED(TERM(IN("a", "1") "," IN("c", "3"))), NULL},
    {STRIP, PREFERRED(TERM(IN("a", "1"))), "\"affinity\":{\"nodeAffinity\":{}}"},
    {STRIP, "\"nodeSelector\":{\"a\":\"1\"}", NULL},
    {STRIP_SELECTOR, "\"nodeSelector\":{\"a\":\"1\",\"c\":\"3\"}",
     "\"nodeSelector\":{\"c\":\"3\"}"},
    {STRIP_SELECTOR, REQUIRED(TERM(IN("a", "7"))), NULL},
};

static void do_step(enum step step, struct node_affinity *at, const struct rule *rule)
{
    const struct json *ours = pods_parse("[" IN("a", "1") "," IN("b", "2") "]");
    switch (step) {
    case NAMES:
        break;
    case REQUIRE_ALL:
        node_affinity_require_all(at, ours, rule);
        break;
    case REQUIRE_ANY:
        node_affinity_require_any(at, ours, rule);
        break;
    case PREFER:
        node_affinity_prefer(at, ours, 5, rule);
        break;
    case STRIP:
        node_affinity_strip(at, keys, ours, NULL, rule);
        break;
    case STRIP_SELECTOR:
        node_affinity_strip_selector(at, keys, rule);
        break;
    }
}

static const char *pod_with(const char *spec)
{
    return arena_printf(arena,
                        "{\"metadata\":{\"labels\":{\"spark-role\":\"driver\","
                        "\"spark-app-selector\":\"s\"}},\"spec\":{%s}}",
                        spec);
}

static void cases_row(size_t i)
{
    const char *text = pod_with(cases[i].spec);
    struct json *object = pods_parse(text);
    struct edits edits;
    edits_init(&edits, arena);
    struct spark_pod pod;
    bool is_spark = false;
    enum err_code code = spark_pod_read(&edits, object, &pod, &is_spark, NULL);
    row_require(code == ERR_OK && is_spark, "%s", text);
    static const struct rule rule = {.name = "test"};
    struct node_affinity at;
    node_affinity_find(&pod, &at);
    if (cases[i].step == NAMES) {
        cr_expect_eq(node_affinity_names(&at, keys), cases[i].expected != NULL, "%s", text);
        return;
    }
    do_step(cases[i].step, &at, &rule);
    const char *expected = cases[i].expected == NULL ? text : pod_with(cases[i].expected);
    cr_expect_str_eq(pods_print(object), expected, "%zu: %s\n%s", i, text, pods_print(object));
    cr_expect_eq(edits.operations == 0, cases[i].expected == NULL, "%s", text);
    cr_expect_eq(edits_problem(&edits), ERR_OK, "%s", text);
}

Test(node_affinity, cases)
{
    table_run_fresh(COUNT(cases), cases_row, pods_reset);
}

Test(node_affinity, out_of_memory_is_a_failure)
{
    struct json *object = pods_parse(pod_with(REQUIRED(TERM(IN("c", "3")))));
    struct edits edits;
    edits_init(&edits, arena);
    struct spark_pod pod;
    bool is_spark = false;
    cr_assert_eq(spark_pod_read(&edits, object, &pod, &is_spark, NULL), ERR_OK);
    struct node_affinity at;
    node_affinity_find(&pod, &at);
    node_affinity_require_all(&at, NULL, NULL);
    cr_assert_eq(edits_problem(&edits), ERR_MEMORY);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_node_selector, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define POOL(more) "admission: {nodeSelector: [{set: {example.com/pool: a}" more "}]}"
#define SET(op)                                                                                    \
    "{\"op\":\"" op "\",\"path\":\"/spec/nodeSelector/example.com~1pool\",\"value\":\"a\"}"
#define ARM "{\"key\":\"kubernetes.io/arch\",\"operator\":\"In\",\"values\":[\"arm64\"]}"
#define POOL_B "{\"key\":\"example.com/pool\",\"operator\":\"In\",\"values\":[\"b\"]}"
#define AFFINITY(expressions)                                                                      \
    "\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"         \
    "\"nodeSelectorTerms\":[{\"matchExpressions\":[" expressions "]}]}}}"

static const struct pod_case cases[] = {
    {"where there is none", POOL(""), EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/nodeSelector\",\"value\":{\"example.com/pool\":\"a\"}}]"},
    {"beside others", POOL(""), EXECUTOR("\"nodeSelector\":{\"x\":\"y\"}"), "[" SET("add") "]"},
    {"the user's own", POOL(""), EXECUTOR("\"nodeSelector\":{\"example.com/pool\":\"b\"}"), "[]"},
    {"the user's own, in affinity", POOL(""), EXECUTOR(AFFINITY(POOL_B)), "[]"},
    {"affinity about another label", POOL(""), EXECUTOR(AFFINITY(ARM)),
     "[{\"op\":\"add\",\"path\":\"/spec/nodeSelector\",\"value\":{\"example.com/pool\":\"a\"}}]"},
    {"always", POOL(", when: always"),
     EXECUTOR("\"nodeSelector\":{\"x\":\"y\",\"example.com/pool\":\"b\"}"), "[" SET("replace") "]"},
    {"always, and affinity about that label goes", POOL(", when: always"),
     EXECUTOR("\"nodeSelector\":{}," AFFINITY(ARM "," POOL_B)),
     "[{\"op\":\"replace\",\"path\":\"/spec/affinity/nodeAffinity/"
     "requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms\",\"value\":[{"
     "\"matchExpressions\":[" ARM "]}]}," SET("add") "]"},
    {"another role", POOL(", role: driver"), EXECUTOR(""), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_node_selector, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_priority_class, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define CLASS(more) "admission: {priorityClassName: {driver: high, executor: low" more "}}"
#define SET(op, name)                                                                              \
    "{\"op\":\"" op "\",\"path\":\"/spec/priorityClassName\",\"value\":\"" name "\"}"
#define GONE                                                                                       \
    ",{\"op\":\"remove\",\"path\":\"/spec/priority\"},"                                            \
    "{\"op\":\"remove\",\"path\":\"/spec/preemptionPolicy\"}"
#define FILLED_IN "\"priority\":0,\"preemptionPolicy\":\"PreemptLowerPriority\""

static const struct pod_case cases[] = {
    {"of a driver", CLASS(""), DRIVER(""), "[" SET("add", "high") "]"},
    {"of an executor", CLASS(""), EXECUTOR(""), "[" SET("add", "low") "]"},
    {"with what the API server has filled in", CLASS(""), EXECUTOR(FILLED_IN),
     "[" SET("add", "low") GONE "]"},
    {"an empty one", CLASS(""), EXECUTOR("\"priorityClassName\":\"\"," FILLED_IN),
     "[" SET("replace", "low") GONE "]"},
    {"the user's class, or the cluster's default", CLASS(""),
     EXECUTOR("\"priorityClassName\":\"mine\",\"priority\":7"), "[]"},
    {"always", CLASS(", when: always"), EXECUTOR("\"priorityClassName\":\"mine\",\"priority\":7"),
     "[" SET("replace", "low") ",{\"op\":\"remove\",\"path\":\"/spec/priority\"}]"},
    {"always, but it is the same: its numbers stay", CLASS(", when: always"),
     EXECUTOR("\"priorityClassName\":\"low\",\"priority\":-5,\"preemptionPolicy\":\"Never\""),
     "[]"},
    {"another role", "admission: {priorityClassName: {driver: high}}", EXECUTOR(FILLED_IN), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_priority_class, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}
